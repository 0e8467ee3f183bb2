//! Running other programs, visibly.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};

/// Runs a program with its output on the terminal; a failure names the command.
pub(crate) fn run<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> anyhow::Result<()> {
    run_with(program, arguments, None)
}

/// The same with a variable of the environment.
pub(crate) fn run_with<S: AsRef<OsStr>>(
    program: &str,
    arguments: &[S],
    variable: Option<(&str, &OsStr)>,
) -> anyhow::Result<()> {
    let words = arguments.iter().map(|a| a.as_ref().to_string_lossy()).collect::<Vec<_>>();
    let line = format!("{program} {}", words.join(" "));
    announce(&line);
    let status = Command::new(program).args(arguments).envs(variable).status();
    check(&line, status.with_context(|| format!("cannot start {program}"))?)
}

/// Says what runs now.
pub(crate) fn announce(line: &str) {
    eprintln!("» {line}");
}

/// An error that names the command, unless it succeeded.
pub(crate) fn check(line: &str, status: ExitStatus) -> anyhow::Result<()> {
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Whether a program answers to `--version` (or to the argument given).
pub(crate) fn is_present(program: &str, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// Standard output of a program, trimmed; an error when it fails.
pub(crate) fn output(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("`{program} {}` failed ({})", arguments.join(" "), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
