//! The files of the checkout.

use std::path::{Path, PathBuf};

use crate::run;

/// The root of the checkout, wherever the command was started.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// Every file that git tracks or would track, relative to the root.
pub(crate) fn tracked() -> anyhow::Result<Vec<PathBuf>> {
    let list = run::output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    Ok(list.lines().map(PathBuf::from).filter(|path| path.is_file()).collect())
}
