//! The example company, and copies of it to change.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Folder of the example company.
pub fn utilities() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).join("examples/utilities")
}

/// A copy of the example company.
#[derive(Debug)]
pub struct Copy(TempDir);

impl Copy {
    /// Copies it.
    ///
    /// # Panics
    /// When files cannot be copied.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&utilities(), folder.path()).expect("the example can be copied");
        Self(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Replaces the only place in a file where `old` stands.
    ///
    /// # Panics
    /// When it stands nowhere or more than once.
    pub fn replace(&self, file: &str, old: &str, new: &str) {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).expect("a file of the example");
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {file}");
        fs::write(&path, text.replace(old, new)).expect("writable");
    }

    /// Adds a file.
    ///
    /// # Panics
    /// When it is there already, or cannot be written.
    pub fn add(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        assert!(!path.exists(), "{file} is there already");
        fs::write(&path, text).expect("writable");
    }
}

impl Default for Copy {
    fn default() -> Self {
        Self::new()
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
