//! `cargo xtask build` and `up`.

use std::path::Path;
use std::time::SystemTime;

use crate::node::npm;
use crate::run::run;

pub(crate) const WEB: &str = "crates/front-office/web";

/// Builds the browser application (when its sources changed) and the program.
pub(crate) fn build() -> anyhow::Result<()> {
    build_web()?;
    run("cargo", &["build", "--package", "caruso"])
}

/// Builds and runs the example company; returns when it is stopped.
pub(crate) fn up(options: &[String]) -> anyhow::Result<()> {
    build()?;
    let mut arguments = vec!["run", "--quiet", "--package", "caruso", "--"];
    arguments.extend(["up", "examples/utilities"]);
    arguments.extend(options.iter().map(String::as_str));
    run("cargo", &arguments)
}

/// Builds the browser application unless the result is newer than every source.
pub(crate) fn build_web() -> anyhow::Result<()> {
    let built = modified(&Path::new(WEB).join("dist/index.html"));
    let sources = ["src", "index.html", "package-lock.json", "vite.config.ts", "../../../proto"];
    let newest = sources.iter().filter_map(|source| newest_below(&Path::new(WEB).join(source)));
    if let (Some(built), Some(newest)) = (built, newest.max())
        && built > newest
    {
        return Ok(());
    }
    install(WEB)?;
    npm(WEB, &["run", "build"])
}

/// The browser on a string that the stories look through.
pub(crate) fn build_driver() -> anyhow::Result<()> {
    install("tests/browser")
}

/// Installs what a folder's lock file names, unless that was done since it changed.
pub(crate) fn install(folder: &str) -> anyhow::Result<()> {
    let installed = modified(&Path::new(folder).join("node_modules/.package-lock.json"));
    if installed > modified(&Path::new(folder).join("package-lock.json")) {
        return Ok(());
    }
    npm(folder, &["ci", "--no-audit", "--no-fund"])
}

fn newest_below(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries.filter_map(|entry| newest_below(&entry.ok()?.path())).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
