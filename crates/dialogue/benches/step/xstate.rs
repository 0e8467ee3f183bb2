//! xstate, of npm, on the same dialogue in the same run. Node.js and npm must be there, and npm's
//! registry the first time.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::LENGTH;

const PACKAGE: &str = "xstate@5.33.3";
const PROGRAM: &str = include_str!("xstate.mjs");

/// What xstate takes.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// Microseconds of a step, from the first of the dialogue to its last.
    pub(crate) step: f64,
    /// Microseconds until it stands at its end again with another first answer.
    pub(crate) change: f64,
    /// Bytes of the heap for an actor before its last answer.
    pub(crate) actor: f64,
}

/// Measures it.
pub(crate) fn measure() -> Result<Taken, Box<dyn Error>> {
    let folder = install()?;
    let program = folder.join("xstate.mjs");
    std::fs::write(&program, PROGRAM)?;
    let mut command = Command::new("node");
    command.arg("--expose-gc").arg(program).arg(LENGTH.to_string());
    let output = command.env("NODE_ENV", "production").stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut figures = said.split_whitespace().map(str::parse);
    let mut figure = || figures.next().ok_or("xstate says nothing");
    Ok(Taken { step: figure()??, change: figure()??, actor: figure()?? })
}

/// The folder with its package, below that of all build results.
fn install() -> Result<PathBuf, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    // TARGET/release/deps/PROGRAM
    let target = program.ancestors().nth(3).unwrap_or(Path::new("target"));
    let folder = target.join("xstate");
    if folder.join("node_modules/xstate").is_dir() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder)?;
    let npm = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", PACKAGE])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status()?;
    if npm.success() { Ok(folder) } else { Err(format!("npm could not install {PACKAGE}").into()) }
}
