//! An application's release: immutable, named by the digest of its content.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::session::lock;
use crate::token::hex;

/// Most files of a release.
pub const MOST_FILES: usize = 10_000;
/// Most bytes of a release, all files together.
pub const MOST_BYTES: usize = 256 * 1024 * 1024;

/// All files of an application as one immutable whole. Cheap to clone.
///
/// Two releases with the same digest have the same paths and the same bytes; a process keeps them
/// once, with what was compiled from them, however many of its components work with them.
#[derive(Clone)]
pub struct Release(Arc<Content>);

struct Content {
    digest: String,
    files: BTreeMap<String, Bytes>,
    compiled: OnceLock<Result<Arc<dyn Any + Send + Sync>, Vec<String>>>,
}

/// Whatever release a part of this process holds.
static HELD: Mutex<Vec<Weak<Content>>> = Mutex::new(Vec::new());

impl Release {
    /// A release of these files; paths are relative to the application folder, with `/` between
    /// their parts.
    ///
    /// The digest is SHA-256 over the listing: for each path in order of its bytes, the length of
    /// the path (8 bytes, big endian), the path, and the SHA-256 of the content. Written
    /// `sha256:` and 64 hexadecimal digits.
    pub fn new(files: BTreeMap<String, Bytes>) -> Self {
        let mut listing = Sha256::new();
        for (path, content) in &files {
            listing.update((path.len() as u64).to_be_bytes());
            listing.update(path.as_bytes());
            listing.update(Sha256::digest(content));
        }
        let digest = format!("sha256:{}", hex(&listing.finalize()));
        let mut held = lock(&HELD);
        if let Some(known) = find(&held, &digest) {
            return known;
        }
        let content = Arc::new(Content { digest, files, compiled: OnceLock::new() });
        held.retain(|other| other.strong_count() > 0);
        held.push(Arc::downgrade(&content));
        Self(content)
    }

    /// The release of this digest, where some part of this process holds it.
    pub(crate) fn held(digest: &str) -> Option<Self> {
        find(&lock(&HELD), digest)
    }

    /// What `compile` makes of all files, each a path and bytes, in order of their paths; done once
    /// for each release in a process, on the thread of the first who asks, while others wait. All
    /// callers of a process compile to the same type.
    ///
    /// # Errors
    /// Every finding, as a line.
    pub fn compiled<'a, T: Any + Send + Sync, E: Display>(
        &'a self,
        compile: impl FnOnce(Vec<(&'a str, &'a [u8])>) -> Result<T, Vec<E>>,
    ) -> Result<Arc<T>, Vec<String>> {
        let compiled = self.0.compiled.get_or_init(|| {
            let files = self.files().iter().map(|(path, content)| (path.as_str(), &content[..]));
            let line = |finding: &E| finding.to_string();
            match compile(files.collect()) {
                Ok(made) => Ok(Arc::new(made)),
                Err(findings) => Err(findings.iter().map(line).collect()),
            }
        });
        let made = Arc::clone(compiled.as_ref().map_err(Clone::clone)?);
        Ok(made.downcast().expect("one type is compiled in a process"))
    }

    /// Names the content.
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// Every file by its path.
    pub fn files(&self) -> &BTreeMap<String, Bytes> {
        &self.0.files
    }

    /// The content of one file.
    pub fn file(&self, path: &str) -> Option<&Bytes> {
        self.0.files.get(path)
    }

    /// The whole release as one run of bytes, for the disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut output = Vec::new();
        for (path, content) in &self.0.files {
            for part in [path.as_bytes(), content] {
                output.extend((part.len() as u64).to_be_bytes());
                output.extend(part);
            }
        }
        output
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; `None` where it is damaged.
    pub fn from_bytes(content: Vec<u8>) -> Option<Self> {
        let mut rest = Bytes::from(content);
        let mut files = BTreeMap::new();
        while !rest.is_empty() {
            let path = String::from_utf8(take(&mut rest)?.to_vec()).ok()?;
            files.insert(path, take(&mut rest)?);
        }
        Some(Self::new(files))
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Release {}

/// The digest only: contents may be long.
impl std::fmt::Debug for Release {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Release").field(&self.0.digest).finish()
    }
}

fn find(held: &[Weak<Content>], digest: &str) -> Option<Release> {
    let mut held = held.iter().filter_map(Weak::upgrade);
    held.find(|content| content.digest == digest).map(Release)
}

fn take(rest: &mut Bytes) -> Option<Bytes> {
    let length = rest.get(..8)?.try_into().ok().map(u64::from_be_bytes)?;
    let length = usize::try_from(length).ok()?;
    if rest.len() - 8 < length {
        return None;
    }
    let _ = rest.split_to(8);
    Some(rest.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(files: &[(&str, &'static str)]) -> Release {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from(*text)));
        Release::new(files.collect())
    }

    #[test]
    fn the_digest_changes_with_every_path_and_every_byte() {
        let first = release(&[("a", "1"), ("b", "2")]);
        assert_eq!(first.digest(), release(&[("b", "2"), ("a", "1")]).digest());
        for other in [
            release(&[("a", "1")]),
            release(&[("a", "1"), ("c", "2")]),
            release(&[("a", "2"), ("b", "1")]),
            release(&[("a", "1"), ("b", "")]),
            release(&[]),
        ] {
            assert_ne!(first.digest(), other.digest());
        }
    }

    #[test]
    fn a_process_keeps_the_same_files_once_and_compiles_them_once() {
        let files = [("kept-once.xml", "<application/>")];
        let first = release(&files);
        let again = release(&files);
        assert!(Arc::ptr_eq(&first.0, &again.0));
        assert_eq!(Release::held(first.digest()), Some(first.clone()));

        let made = first.compiled(|files| Ok::<_, Vec<String>>(files.len())).expect("sound");
        let same = again.compiled(|_| Err::<usize, _>(vec!["asked again"])).expect("made before");
        assert_eq!((*made, *same), (1, 1));

        let digest = first.digest().to_owned();
        drop((first, again));
        assert_eq!(Release::held(&digest), None, "nobody holds it any more");
    }

    #[test]
    fn every_asker_gets_the_findings() {
        let unsound = release(&[("unsound.xml", "<")]);
        for _ in 0..2 {
            let found = unsound.compiled::<(), _>(|_| Err(vec!["unsound.xml:1:1: open"]));
            assert_eq!(found, Err(vec!["unsound.xml:1:1: open".to_owned()]));
        }
    }

    #[test]
    fn a_release_survives_the_disk_and_damage_is_noticed() {
        let first = release(&[("application.xml", "<application/>"), ("prompts/en/x.wav", "")]);
        let encoded = first.to_bytes();
        assert_eq!(Release::from_bytes(encoded.clone()), Some(first));
        for length in 1..encoded.len() {
            if let Some(shorter) = Release::from_bytes(encoded[..length].to_vec()) {
                assert!(shorter.files().len() < 2, "a cut never looks whole");
            }
        }
    }
}
