//! Files that are made for somebody, and take the place of none.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Writes files, by their paths below `root`, with the folders that they need. One that is there
/// already is an error, and stays as it is. Programs, by their names, may be run.
pub(crate) fn write<'a>(
    root: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (path, content) in files {
        let path = root.join(path);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let is_program = path.extension().is_some_and(|it| it == "py" || it == "mjs");
        let mode = if is_program { 0o755 } else { 0o644 };
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let done = file.and_then(|mut file| file.write_all(content));
        done.with_context(|| format!("cannot write the file {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}
