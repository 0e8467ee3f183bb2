//! `caruso check`: every file of an application against DTD and meaning.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use caruso_application::{Application, Finding, Unheard};
use clap::Args;
use serde_json::{Value, json};

use crate::Format;
use crate::folder;
use crate::site::Site;

mod people;

/// What `caruso check` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The application's folder
    app_dir: PathBuf,
    #[command(flatten)]
    site: OfSite,
}

/// The installation for which something is checked.
#[derive(Args, Debug, Default)]
pub(crate) struct OfSite {
    /// Settings of the installation, which say by what program texts are said on the telephone
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
}

impl OfSite {
    /// What callers would not hear: nothing where the installation's program is there.
    pub(crate) fn unheard(&self, application: &Application) -> anyhow::Result<Vec<Unheard>> {
        let program = Site::read(self.site.as_deref())?.speech.program;
        let has_voice = caruso_speech::is_installed(&program);
        Ok(if has_voice { Vec::new() } else { application.unheard.clone() })
    }
}

/// Prints every finding at once; 1 when there is one. What callers would not hear is told beside
/// that, and is a finding where it is a question; so is, as a warning, what is no mistake of
/// `routing.xml` and yet most likely not meant.
pub(crate) fn check(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let path = &options.app_dir;
    let (findings, advice) = match folder::read(path)?.application {
        Ok(application) => {
            let misfits = people::misfits(path, &application)?;
            let unheard = options.site.unheard(&application)?;
            let (questions, others): (Vec<_>, Vec<_>) =
                unheard.into_iter().partition(|it| it.is_question);
            let finding = |it: Unheard| it.finding;
            let findings = questions.into_iter().map(finding).collect();
            let advice = application.routing_advice.into_iter().chain(misfits);
            (findings, advice.chain(others.into_iter().map(finding)).collect())
        }
        Err(findings) => (findings, Vec::new()),
    };
    print_all(path, &findings, &advice, format);
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints findings with paths as seen from where the command runs.
pub(crate) fn print(folder: &Path, findings: &[Finding], format: Format) {
    print_all(folder, findings, &[], format);
}

/// The same, with what is no mistake.
fn print_all(folder: &Path, findings: &[Finding], advice: &[Finding], format: Format) {
    match format {
        Format::Text => {
            for finding in advice {
                println!("{}", line(folder, finding, "warning"));
            }
            for finding in findings {
                println!("{}", line(folder, finding, ""));
            }
            match findings.len() {
                0 => println!("{}: no findings", folder.display()),
                1 => println!("1 finding"),
                several => println!("{several} findings"),
            }
            if !findings.is_empty() || !advice.is_empty() {
                println!("`caruso explain CODE` tells more");
            }
        }
        Format::Json => {
            let listed = |all: &[Finding]| -> Vec<Value> {
                all.iter().map(|it| document(folder, it)).collect()
            };
            println!("{}", json!({ "findings": listed(findings), "warnings": listed(advice) }));
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
