//! Releases travel in parts of files.

use std::collections::BTreeMap;
use std::path::{Component as Part, Path};

use bytes::Bytes;

use crate::release::{MOST_BYTES, MOST_FILES, Release};

/// Longest part of a file in one message, in bytes.
const PART: usize = 256 * 1024;

impl Release {
    /// The parts of every file, in order, with its path; an empty file is one empty part.
    pub fn parts(&self) -> impl Iterator<Item = (String, Vec<u8>)> + use<> {
        let files: Vec<_> = self.files().iter().map(|(p, c)| (p.clone(), c.clone())).collect();
        files.into_iter().flat_map(|(path, content)| {
            let starts = (0..content.len().max(1)).step_by(PART);
            starts.map(move |start| {
                let end = content.len().min(start + PART);
                (path.clone(), content[start..end].to_vec())
            })
        })
    }
}

/// Parts of the files of a release, in their order.
#[derive(Debug, Default)]
pub struct Parts {
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

/// Why a part is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// A release has no files outside of its folder.
    #[error("`{0}` is no path inside of the folder")]
    Outside(String),
    /// More than [`MOST_FILES`], or more than [`MOST_BYTES`].
    #[error("the release is too large: at most {MOST_FILES} files and {} MiB", MOST_BYTES >> 20)]
    TooLarge,
}

impl Parts {
    /// The next part of a file.
    ///
    /// # Errors
    /// A path outside of the folder, and more than a release may have.
    pub fn add(&mut self, path: String, content: &[u8]) -> Result<(), PartError> {
        if !is_inside(&path) {
            return Err(PartError::Outside(path));
        }
        self.bytes += content.len();
        self.files.entry(path).or_default().extend_from_slice(content);
        if self.bytes > MOST_BYTES || self.files.len() > MOST_FILES {
            return Err(PartError::TooLarge);
        }
        Ok(())
    }

    /// The release of all parts.
    pub fn release(self) -> Release {
        let files = self.files.into_iter().map(|(path, content)| (path, Bytes::from(content)));
        Release::new(files.collect())
    }
}

fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Part::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_leaves_in_parts_that_make_it_again() {
        let files = [("a.wav", vec![7; 2 * PART + 1]), ("empty", Vec::new())];
        let files = files.map(|(path, content)| (path.to_owned(), content.into()));
        let release = Release::new(BTreeMap::from(files));
        let mut again = Parts::default();
        let mut sent = 0;
        for (path, content) in release.parts() {
            assert!(content.len() <= PART);
            again.add(path, &content).expect("it fits");
            sent += 1;
        }
        assert_eq!(sent, 4);
        assert_eq!(again.release().files(), release.files());
    }

    #[test]
    fn only_paths_inside_the_folder_are_taken() {
        let mut parts = Parts::default();
        parts.add("prompts/en/welcome.wav".to_owned(), b"RI").expect("inside");
        parts.add("prompts/en/welcome.wav".to_owned(), b"FF").expect("inside");
        for outside in ["", "/etc/passwd", "../x", "a/../../x", "."] {
            let error = PartError::Outside(outside.to_owned());
            assert_eq!(parts.add(outside.to_owned(), b"x"), Err(error));
        }
        let release = parts.release();
        assert_eq!(release.file("prompts/en/welcome.wav").map(|it| &it[..]), Some(&b"RIFF"[..]));
        assert_eq!(release.files().len(), 1);
    }

    #[test]
    fn a_release_has_so_many_files_and_no_more() {
        let mut parts = Parts::default();
        for number in 0..MOST_FILES {
            parts.add(format!("data/{number}"), b"").expect("room");
        }
        assert_eq!(parts.add("data/last".to_owned(), b""), Err(PartError::TooLarge));
    }
}
