//! `caruso check`: every file of an application against DTD and meaning.

use std::path::Path;
use std::process::ExitCode;

use caruso_application::Finding;
use serde_json::{Value, json};

use crate::Format;
use crate::folder;

/// Prints every finding at once; 1 when there is one.
pub(crate) fn check(path: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let findings = folder::read(path)?.application.err().unwrap_or_default();
    print(path, &findings, format);
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints findings with paths as seen from where the command runs.
pub(crate) fn print(folder: &Path, findings: &[Finding], format: Format) {
    match format {
        Format::Text => {
            for finding in findings {
                println!("{}", line(folder, finding, ""));
            }
            match findings.len() {
                0 => println!("{}: no findings", folder.display()),
                1 => println!("1 finding"),
                several => println!("{several} findings"),
            }
            if !findings.is_empty() {
                println!("`caruso explain CODE` tells more");
            }
        }
        Format::Json => {
            let listed: Vec<_> = findings.iter().map(|it| document(folder, it)).collect();
            println!("{}", json!({ "findings": listed }));
        }
    }
}

/// A finding for people: place, how grave it is if there are several degrees, message, code; the
/// hint on a line of its own.
pub(crate) fn line(folder: &Path, finding: &Finding, severity: &str) -> String {
    let hint = finding.hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
    let severity = if severity.is_empty() { String::new() } else { format!("{severity}: ") };
    format!(
        "{}:{}:{}: {severity}{} [{}]{hint}",
        folder.join(&*finding.file).display(),
        finding.line,
        finding.column,
        finding.message,
        finding.code
    )
}

/// A finding for programs.
pub(crate) fn document(folder: &Path, finding: &Finding) -> Value {
    json!({
        "file": folder.join(&*finding.file),
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
    })
}
