//! `caruso objects check`: whether a model fits a database.

use std::process::ExitCode;

use anyhow::Context;
use caruso_business_object_modeler::check::{self, Finding, Severity};
use caruso_database::Access;
use clap::Args;
use serde_json::json;

use super::files::{Opened, Subject};
use crate::Format;

/// What `caruso objects check` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
}

/// Prints every finding at once; 1 when one is an error.
pub(super) async fn check(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let opened = match options.subject.open(Access::Read, format).await? {
        Ok(opened) => opened,
        Err(unsound) => return Ok(unsound),
    };
    let Opened { model, places, name, connection } = &opened;
    let findings = check::check(connection, model, name, places)
        .await
        .context("cannot read what the database has")?;
    Ok(print(&findings, format))
}

/// Prints findings; 1 when one is an error.
pub(super) fn print(findings: &[Finding], format: Format) -> ExitCode {
    match format {
        Format::Text => text(findings),
        Format::Json => {
            let findings: Vec<_> = findings.iter().map(document).collect();
            println!("{}", json!({ "findings": findings }));
        }
    }
    let has_error = findings.iter().any(|it| it.severity == Severity::Error);
    if has_error { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn text(findings: &[Finding]) {
    for Finding { severity, finding } in findings {
        let hint = finding.hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
        println!(
            "{}:{}:{}: {}: {} [{}]{hint}",
            finding.file,
            finding.line,
            finding.column,
            severity.word(),
            finding.message,
            finding.code
        );
    }
    let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match findings.len() {
        0 => println!("no findings: model and database fit"),
        all => {
            let counted = |count: usize, word: &str| match count {
                1 => format!("1 {word}"),
                more => format!("{more} {word}s"),
            };
            println!(
                "{}, {}, {} of advice",
                counted(errors, "error"),
                counted(warnings, "warning"),
                counted(all - errors - warnings, "piece")
            );
            println!("`caruso explain CODE` tells more");
        }
    }
}

fn document(it: &Finding) -> serde_json::Value {
    let Finding { severity, finding } = it;
    json!({
        "severity": severity.word(),
        "file": &*finding.file,
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
    })
}
