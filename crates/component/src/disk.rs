//! Small files that survive a crash: written beside, synced, then renamed into place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::{Error, Secret};

/// Replaces a file as one step: a reader, and a restart after a crash, sees the old content or the
/// new one, never a part. Only the owner may read it (mode 0600). Missing folders are made.
///
/// # Errors
/// When the folder cannot be made or the file not written; the old content then still stands.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    write(path, content).map_err(Error::data(path))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let mut beside = name.to_owned();
    beside.push(".new");
    let beside = folder.join(beside);
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}

/// Reads a file; `None` where there is none yet.
///
/// # Errors
/// When it exists and cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::data(path)(error)),
    }
}

/// Refuses a file of secrets that others than its owner may read.
///
/// # Errors
/// When the mode is wider than 0600, or the file is not there.
pub fn require_private(path: &Path) -> Result<(), Error> {
    let mode = fs::metadata(path).map_err(Error::data(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        let reason = "others may read this file of secrets; set its mode to 0600";
        return Err(Error::data(path)(io::Error::other(reason)));
    }
    Ok(())
}

/// The key of this name in a component's data folder, made at the first start; without a folder,
/// one that ends with the process.
///
/// # Errors
/// When others may read the file, or it holds no key, or cannot be written.
pub fn key(folder: Option<&Path>, name: &str) -> Result<Secret<[u8; 32]>, Error> {
    let path = folder.unwrap_or(Path::new("")).join(name);
    if folder.is_some()
        && let Some(content) = read(&path)?
    {
        require_private(&path)?;
        let short = |_| io::Error::other("expected a key of 32 bytes");
        let key: [u8; 32] = content.try_into().map_err(short).map_err(Error::data(&path))?;
        return Ok(Secret::new(key));
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other).map_err(Error::data(&path))?;
    if folder.is_some() {
        replace(&path, &key)?;
    }
    Ok(Secret::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_private_and_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deep/state.json");
        replace(&path, b"one").expect("first write");
        replace(&path, b"two").expect("second write");
        assert_eq!(read(&path).expect("readable").expect("there"), b"two");
        require_private(&path).expect("private");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("own file");
        assert!(require_private(&path).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = || key(Some(folder.path()), "a-key");
        let made = key().expect("made");
        assert!(key().expect("read") == made, "the same again");
        let path = folder.path().join("a-key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("own file");
        assert!(key().is_err(), "others may read it");
        replace(&path, b"short").expect("written");
        assert!(key().is_err(), "it is no key");
        assert!(super::key(None, "a-key").expect("made") != made);
    }
}
