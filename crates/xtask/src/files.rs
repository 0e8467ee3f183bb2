//! The files of the checkout.

use std::path::{Path, PathBuf};

use crate::run;

/// The root of the checkout, wherever the command was started.
pub(crate) fn root() -> PathBuf {
    // where it is run, and not where it was built: one cache may serve several checkouts
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&here).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// Every file that git tracks or would track, relative to the root.
pub(crate) fn tracked() -> anyhow::Result<Vec<PathBuf>> {
    let list = run::output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    Ok(list.lines().map(PathBuf::from).filter(|path| path.is_file()).collect())
}
