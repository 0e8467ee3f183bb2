//! `caruso script check`: mistakes of scripts, and what is most likely not meant.

use std::path::Path;
use std::process::ExitCode;

use caruso_application::{Finding, Unheard};
use clap::Args;
use serde_json::{Value, json};

use super::{FOLDER, OVERLAYS, Subject};
use crate::Format;
use crate::check::OfSite;
use crate::{check, folder};

/// What `caruso script check` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    site: OfSite,
    /// Advice counts like mistakes
    #[arg(long)]
    strict: bool,
}

/// What is said of scripts.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) errors: Vec<Finding>,
    pub(super) warnings: Vec<Finding>,
    /// Mistakes in other files. While there are some, there is no advice.
    pub(super) elsewhere: usize,
}

/// Prints every finding at once; 1 when one is a mistake.
pub(super) fn check(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let subject = &options.subject;
    let said = said(subject, &options.site)?;
    match format {
        Format::Text => print!("{}", text(&subject.app_dir, &said)),
        Format::Json => println!("{}", document(&subject.app_dir, &said)),
    }
    let is_wrong = !said.errors.is_empty()
        || said.elsewhere > 0
        || options.strict && !said.warnings.is_empty();
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub(super) fn said(subject: &Subject, site: &OfSite) -> anyhow::Result<Said> {
    let read = folder::read(&subject.app_dir)?;
    let names = read.release.files().keys().filter_map(|it| super::id_of(it));
    subject.check_known(names)?;
    let file = subject.script.as_ref().map(|id| super::file_of(id));
    let is_of_scripts = |it: &Finding| it.file.starts_with(FOLDER) || it.file.starts_with(OVERLAYS);
    // what is wrong in an overlay may be about any script
    let is_meant = |it: &Finding| match &file {
        Some(file) => *it.file == **file || it.file.starts_with(OVERLAYS),
        None => is_of_scripts(it),
    };
    Ok(match read.application {
        Ok(application) => {
            let mut said = Said::default();
            for Unheard { finding, is_question } in site.unheard(&application)? {
                if is_question { said.errors.push(finding) } else { said.warnings.push(finding) }
            }
            said.warnings.extend(application.advice);
            said.errors.retain(is_meant);
            said.warnings.retain(is_meant);
            said.warnings.sort();
            said
        }
        Err(findings) => {
            let elsewhere = findings.iter().filter(|it| !is_of_scripts(it)).count();
            let errors = findings.into_iter().filter(is_meant).collect();
            Said { errors, elsewhere, warnings: Vec::new() }
        }
    })
}

fn all(said: &Said) -> impl Iterator<Item = (&'static str, &Finding)> {
    let errors = said.errors.iter().map(|it| ("error", it));
    errors.chain(said.warnings.iter().map(|it| ("warning", it)))
}

pub(super) fn text(folder: &Path, said: &Said) -> String {
    let lines = all(said).map(|(severity, it)| check::line(folder, it, severity) + "\n");
    let mut text: String = lines.collect();
    let counted = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        more => format!("{more} {word}s"),
    };
    let (errors, warnings) = (said.errors.len(), said.warnings.len());
    text += &match errors + warnings {
        0 => format!("{}: nothing to say of the scripts\n", folder.display()),
        _ => format!(
            "{}, {}\n`caruso explain CODE` tells more\n",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    };
    if said.elsewhere > 0 {
        text += &format!(
            "{} in other files: `caruso check {}`\n",
            counted(said.elsewhere, "finding"),
            folder.display()
        );
    }
    text
}

fn document(folder: &Path, said: &Said) -> Value {
    let findings = all(said).map(|(severity, it)| {
        let mut document = check::document(folder, it);
        document["severity"] = severity.into();
        document
    });
    json!({ "findings": findings.collect::<Vec<_>>(), "elsewhere": said.elsewhere })
}
