//! `caruso script test`: the tests that stand in scripts, and what they leave out.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use caruso_application::dialogue::{SuiteRun, TransitionRun};
use clap::Args;
use serde_json::{Value, json};

use super::Subject;
use crate::Format;
use crate::check;

/// What `caruso script test` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
}

/// Runs the tests; 1 when one fails.
pub(super) fn test(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let scripts = match options.subject.scripts(format)? {
        Ok(scripts) => scripts,
        Err(unsound) => return Ok(unsound),
    };
    let runs = scripts.iter().map(|(id, script)| (id.as_str(), script.run_tests()));
    let runs: Vec<(&str, SuiteRun)> = runs.collect();
    let folder = &options.subject.app_dir;
    match format {
        Format::Text => print!("{}", text(folder, &runs)),
        Format::Json => println!("{}", document(folder, &runs)),
    }
    let has_passed = runs.iter().all(|(_, run)| run.has_passed());
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every failure, then a line for each script with what its tests leave out.
pub(super) fn text(folder: &Path, runs: &[(&str, SuiteRun)]) -> String {
    let mut text = String::new();
    for (_, run) in runs {
        for test in &run.tests {
            for finding in &test.failures {
                let _ = writeln!(text, "{}", check::line(folder, finding, ""));
                let _ = writeln!(text, "    in the test “{}”", test.name);
            }
        }
    }
    if !text.is_empty() {
        text.push_str("`caruso explain CODE` tells more\n\n");
    }
    for (id, run) in runs {
        let failed = run.tests.iter().filter(|it| !it.failures.is_empty()).count();
        let all = run.tests.len();
        let tests = if all == 1 { "test" } else { "tests" };
        let came = match (all, failed) {
            (0, _) => "no tests".to_owned(),
            (_, 0) => format!("{all} {tests} passed"),
            _ => format!("{failed} of {all} {tests} failed"),
        };
        let taken = run.transitions.iter().filter(|it| it.is_taken).count();
        let _ = writeln!(text, "{id}: {came}, {taken} of {} transitions", run.transitions.len());
        for TransitionRun { from, to, at, .. } in untaken(run) {
            let (path, line) = (folder.join(&*at.file), at.line);
            let _ = writeln!(
                text,
                "    not taken: {}:{line}:{}: {from} → {to}",
                path.display(),
                at.column
            );
        }
    }
    text
}

fn untaken(run: &SuiteRun) -> impl Iterator<Item = &TransitionRun> {
    run.transitions.iter().filter(|it| !it.is_taken)
}

fn document(folder: &Path, runs: &[(&str, SuiteRun)]) -> Value {
    let scripts = runs.iter().map(|(id, run)| {
        let tests = run.tests.iter().map(|test| {
            let failures = test.failures.iter().map(|it| check::document(folder, it));
            json!({
                "name": test.name,
                "file": folder.join(&*test.at.file),
                "line": test.at.line,
                "column": test.at.column,
                "passed": test.failures.is_empty(),
                "failures": failures.collect::<Vec<_>>(),
            })
        });
        let transitions = run.transitions.iter().map(|it| {
            json!({
                "from": it.from,
                "to": it.to,
                "file": folder.join(&*it.at.file),
                "line": it.at.line,
                "column": it.at.column,
                "taken": it.is_taken,
            })
        });
        json!({
            "script": id,
            "passed": run.has_passed(),
            "tests": tests.collect::<Vec<_>>(),
            "transitions": transitions.collect::<Vec<_>>(),
        })
    });
    json!({ "scripts": scripts.collect::<Vec<_>>() })
}
