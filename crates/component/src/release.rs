//! An application's release: immutable, named by the digest of its content.

use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::token::hex;

/// Most files of a release.
pub const MOST_FILES: usize = 10_000;
/// Most bytes of a release, all files together.
pub const MOST_BYTES: usize = 256 * 1024 * 1024;

/// All files of an application as one immutable whole. Two releases with the same digest have the
/// same paths and the same bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Release {
    digest: String,
    files: BTreeMap<String, Bytes>,
}

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
        Self { digest: format!("sha256:{}", hex(&listing.finalize())), files }
    }

    /// Names the content.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every file by its path.
    pub fn files(&self) -> &BTreeMap<String, Bytes> {
        &self.files
    }

    /// The content of one file.
    pub fn file(&self, path: &str) -> Option<&Bytes> {
        self.files.get(path)
    }

    /// The whole release as one run of bytes, for the disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut output = Vec::new();
        for (path, content) in &self.files {
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

/// The digest only: contents may be long.
impl std::fmt::Debug for Release {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Release").field(&self.digest).finish()
    }
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
