//! `cargo xtask test` and `ci`.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Context as _;

use crate::{build, node, peers, python, run, tidy};

/// Package of the stories: real processes, real peers.
const STORIES: &str = "caruso-tests";

/// Runs the tests; `quick` leaves out the stories, the browser and every program that is missing.
pub(crate) fn test(quick: bool) -> anyhow::Result<()> {
    if quick {
        eprintln!("Unit and in-process tests; about 3 minutes after the first build.");
        run_tests(&["--workspace", "--exclude", STORIES], None)?;
        return test_pages_quickly();
    }
    eprintln!("All tests, the stories with real peers included; about 8 minutes after the build.");
    peers::require()?;
    build::build()?;
    build::build_driver()?;
    node::npm(build::WEB, &["test"])?;
    let python = python::with_grpc();
    let python = python.as_ref().map(|it| (python::VARIABLE, it.as_os_str()));
    run_tests(&["--workspace"], python)?;
    // Last, so that the stories' many processes and this browser do not share two cores.
    node::npm(build::WEB, &["run", "smoke"])
}

/// What takes too long for every change: the tests that kill, at all of their moments, and a
/// hundred replacements of components under load.
pub(crate) fn soak() -> anyhow::Result<()> {
    peers::require()?;
    let kills = ["--package", "caruso-script-engine", "--test", "sessions", "kills::"];
    test_with(("CARUSO_KILLS", "all"), &kills)?;
    run::run("cargo", &["build", "--package", "caruso"])?;
    let replaced = ["--package", "caruso-tests", "--test", "stories", "replaced::every_component"];
    test_with(("CARUSO_ROUNDS", "10"), &replaced)
}

/// Runs tests that do more where a variable says so.
fn test_with((name, value): (&str, &str), tests: &[&str]) -> anyhow::Result<()> {
    let line = format!("{name}={value} cargo test {}", tests.join(" "));
    run::announce(&line);
    let mut cargo = Command::new("cargo");
    cargo.arg("test").args(tests).args(["--", "--nocapture"]).env(name, value);
    run::check(&line, cargo.status().context("cannot start cargo")?)
}

/// The unit tests of the pages, where Node.js is here.
fn test_pages_quickly() -> anyhow::Result<()> {
    if !node::is_here() {
        eprintln!("The unit tests of the desk's pages are left out: no recent Node.js here.");
        return Ok(());
    }
    build::install(build::WEB)?;
    node::npm(build::WEB, &["test"])
}

/// What a change must pass, quick checks first.
pub(crate) fn ci() -> anyhow::Result<()> {
    run::run("cargo", &["fmt", "--all", "--check"])?;
    tidy::tidy()?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    run::run("cargo", &clippy)?;
    test(false)
}

/// Uses nextest where it is installed; documentation examples run either way.
fn run_tests(selection: &[&str], variable: Option<(&str, &OsStr)>) -> anyhow::Result<()> {
    let has_nextest = run::output("cargo", &["nextest", "--version"]).is_ok();
    let runner: &[&str] =
        if has_nextest { &["nextest", "run"] } else { &["test", "--all-targets"] };
    run::run_with("cargo", &[runner, selection].concat(), variable)?;
    run::run("cargo", &[&["test", "--doc", "--quiet"], selection].concat())
}
