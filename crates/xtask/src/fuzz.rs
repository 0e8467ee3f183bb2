//! `cargo xtask fuzz`: lets libFuzzer look for bytes that a target cannot stand.
//!
//! The targets are the programs `fuzz-NAME` of the package in tests/fuzz, built with counters at
//! their branches; a C++ compiler is needed for libFuzzer itself. What leads somewhere new goes
//! into the target's corpus, which the tests replay; what fails is a file beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::run::{announce, check, output};

const PACKAGE: &str = "caruso-fuzz";
const CORPUS: &str = "tests/fuzz/corpus";
/// Counters at all branches, and the values that are compared, as libFuzzer wants them.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions=yes -Coverflow-checks=yes";
/// What one input may take before it counts as a failure.
const SECONDS_EACH: u32 = 10;
const MEGABYTES: u32 = 2048;

/// Fuzzes a target, or each in turn, for so many seconds; then leaves in the corpus what is needed
/// to come everywhere that it came.
pub(crate) fn fuzz(target: Option<&str>, seconds: u32) -> anyhow::Result<()> {
    let mut targets = targets()?;
    if let Some(wanted) = target {
        targets.retain(|it| it == wanted);
    }
    if targets.is_empty() {
        bail!("no target of this name; there are {}", self::targets()?.join(", "));
    }
    for target in targets {
        one(&target, seconds)?;
    }
    Ok(())
}

/// The targets by the folders of their corpora.
fn targets() -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(CORPUS).with_context(|| format!("{CORPUS} cannot be read"))?;
    let names = entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<anyhow::Result<_>>()?;
    names.sort();
    Ok(names)
}

fn one(target: &str, seconds: u32) -> anyhow::Result<()> {
    let program = build(target)?;
    let corpus = Path::new(CORPUS).join(target);
    let grown = program.with_file_name(format!("corpus-{target}"));
    std::fs::create_dir_all(&grown)?;
    let limits = [
        format!("-timeout={SECONDS_EACH}"),
        format!("-rss_limit_mb={MEGABYTES}"),
        format!("-artifact_prefix=tests/fuzz/failed-{target}-"),
    ];
    let mut search = Command::new(&program);
    search.args(&limits).arg(format!("-max_total_time={seconds}")).arg("-max_len=16384");
    run(target, search.arg("-print_final_stats=1").args([&grown, &corpus]))?;
    let mut merge = Command::new(&program);
    run(target, merge.args(&limits).args(["-merge=1", "-use_counters=0"]).args([&corpus, &grown]))
}

/// Builds the program of a target, with counters in all that it is made of. Programs that only
/// help to build have none: they are for the host, not for a target that is named.
fn build(target: &str) -> anyhow::Result<PathBuf> {
    let host = output("rustc", &["-vV"])?;
    let host = host.lines().find_map(|it| it.strip_prefix("host: ")).context("rustc has a host")?;
    let name = format!("fuzz-{target}");
    let folder = PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()));
    let folder = folder.join("fuzz");
    let arguments = ["build", "--release", "--package", PACKAGE, "--features", "libfuzzer"];
    let line = format!("cargo {} --bin {name} --target {host}", arguments.join(" "));
    announce(&line);
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).args(["--bin", &name, "--target", host]);
    let status = cargo.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &folder).status();
    check(&line, status.context("cannot start cargo")?)?;
    Ok(folder.join(host).join("release").join(name))
}

fn run(target: &str, command: &mut Command) -> anyhow::Result<()> {
    let line = format!("fuzz-{target}");
    announce(&line);
    let status = command.status().with_context(|| format!("cannot start {line}"))?;
    let hint = "what it failed at is a file in tests/fuzz: mend it, then move it into the corpus";
    check(&line, status).context(hint)
}
