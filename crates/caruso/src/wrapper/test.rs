//! `caruso wrapper test`: whether a wrapper's program behaves.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use caruso_application::Finding;
use caruso_legacy_wrappers::conformance::{Case, Examples, Outcome, Report, Trial};
use caruso_legacy_wrappers::{Declared, Limits};
use clap::Args;
use serde_json::{Value, json};

use super::subject::{Opened, Subject};
use crate::{Format, check};

/// What `caruso wrapper test` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
    /// What the program may be asked to do; else the file beside it, as wrapper.test.toml
    #[arg(long, value_name = "FILE")]
    examples: Option<PathBuf>,
    /// Folder that the program keeps its data in; else one that goes afterwards
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Advice counts as a failure
    #[arg(long)]
    strict: bool,
}

/// Tries the program; 1 when a case failed.
pub(super) async fn test(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let subject = &options.subject;
    let opened = match subject.open()? {
        Ok(opened) => opened,
        Err(findings) => return Ok(unsound(&subject.app, &findings, format)),
    };
    let declared = Declared::from_application(&opened.wrapper);
    let examples = match options.examples(&opened, &declared)? {
        Ok(examples) => examples,
        Err(findings) => return Ok(unsound(Path::new(""), &findings, format)),
    };
    let temporary = tempfile::tempdir().context("no temporary folder")?;
    let folder = options.data.as_deref().unwrap_or(temporary.path());
    let program = subject.program(&opened, folder)?;
    let keys = opened.keys;
    let trial = Trial { program, examples, limits: Limits::default(), keys, run: run() };
    let report = trial.report().await;
    match format {
        Format::Text => print!("{}", text(&subject.name, &report)),
        Format::Json => println!("{}", document(&subject.name, &report, options.strict)),
    }
    let has_passed = report.has_passed(options.strict);
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unsound(folder: &Path, findings: &[Finding], format: Format) -> ExitCode {
    check::print(folder, findings, format);
    ExitCode::FAILURE
}

/// What begins the idempotency keys of this trial: no other one has the same.
fn run() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("test-{}-{}", now.as_nanos(), std::process::id())
}

impl Options {
    /// The examples that are named, or stand beside the program; none where there is no such file.
    fn examples(
        &self,
        opened: &Opened,
        declared: &Declared,
    ) -> anyhow::Result<Result<Examples, Vec<Finding>>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (file, text) = match &self.examples {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read the file {}", file.display()))?;
                (file.clone(), text)
            }
            None => {
                let beside = Path::new(&opened.wrapper.program).with_extension("test.toml");
                let bytes = opened.release.file(&beside.to_string_lossy());
                let Some(bytes) = bytes else { return Ok(Ok(Examples::default())) };
                (self.subject.app.join(beside), text(bytes))
            }
        };
        Ok(Examples::read(&file.to_string_lossy(), &text, declared))
    }
}

/// A line for each case; for what is not as expected, what was, what came, and what was written.
pub(super) fn text(name: &str, report: &Report) -> String {
    let mut text = String::new();
    let mut counts = [0_usize; 4];
    for case in &report.cases {
        let (word, came) = word(&case.outcome);
        let about = if case.about.is_empty() { name } else { &case.about };
        let _ = writeln!(text, "{word:<8}{about}: {} [{}]", case.title, case.name);
        counts[place(&case.outcome)] += 1;
        let Some(came) = came else { continue };
        if matches!(case.outcome, Outcome::Skipped(_)) {
            let _ = writeln!(text, "        {came}");
            continue;
        }
        let _ = writeln!(text, "        expected: {}", case.expected);
        let _ = writeln!(text, "        came:     {came}");
        for line in &case.wrote {
            let _ = writeln!(text, "        wrote:    {line}");
        }
    }
    let [passed, advised, failed, skipped] = counts;
    let _ = write!(text, "{name}: {passed} passed, {failed} failed");
    for (count, word) in [(advised, "with advice"), (skipped, "skipped")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    text.push('\n');
    if let [Case { outcome: Outcome::Failed(_), .. }] = report.cases.as_slice() {
        text.push_str("a program that does not describe itself is asked nothing else\n");
    }
    text
}

fn word(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Advised(came) => ("advice", Some(came)),
        Outcome::Failed(came) => ("failed", Some(came)),
        Outcome::Skipped(how) => ("skipped", Some(how)),
    }
}

fn place(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Passed => 0,
        Outcome::Advised(_) => 1,
        Outcome::Failed(_) => 2,
        Outcome::Skipped(_) => 3,
    }
}

fn document(name: &str, report: &Report, strict: bool) -> Value {
    let cases = report.cases.iter().map(|case| {
        let (outcome, came) = word(&case.outcome);
        json!({
            "case": case.name,
            "about": (!case.about.is_empty()).then_some(&case.about),
            "title": case.title,
            "expected": case.expected,
            "outcome": outcome,
            "came": came,
            "wrote": case.wrote,
        })
    });
    let cases: Vec<Value> = cases.collect();
    json!({ "wrapper": name, "passed": report.has_passed(strict), "cases": cases })
}
