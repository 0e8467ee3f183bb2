//! `caruso check`: every file of an application against DTD and meaning.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use caruso_application::{Application, Finding, Unheard, routing};
use caruso_component::Release;
use caruso_contact::{SkillId, Skills};
use caruso_identity::{Demo, DemoUser};
use caruso_markup::{Document, Dtd};
use clap::Args;
use serde_json::{Value, json};

use crate::Format;
use crate::folder::{self, Folder};
use crate::site::Site;

/// Who is offered which contact, in an application's folder.
const ROUTING: &str = "routing.xml";

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
    let Folder { release, application } = folder::read(path)?;
    let (findings, advice) = match application {
        Ok(application) => {
            let unmet = unmet(path, &release, &application)?;
            let unheard = options.site.unheard(&application)?;
            let (questions, others): (Vec<_>, Vec<_>) =
                unheard.into_iter().partition(|it| it.is_question);
            let finding = |it: Unheard| it.finding;
            let findings = questions.into_iter().map(finding).collect();
            let advice = application.routing_advice.into_iter().chain(unmet);
            (findings, advice.chain(others.into_iter().map(finding)).collect())
        }
        Err(findings) => (findings, Vec::new()),
    };
    print_all(path, &findings, &advice, format);
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What queues need and nobody of the demo's people has, where the folder has some.
fn unmet(
    folder: &Path,
    release: &Release,
    application: &Application,
) -> anyhow::Result<Vec<Finding>> {
    let people = folder.join(folder::DEMO_FILE);
    let Some(file) = release.file(ROUTING).filter(|_| people.is_file()) else {
        return Ok(Vec::new());
    };
    let people = Demo::parse(&std::fs::read_to_string(&people)?)
        .with_context(|| format!("cannot read {}", people.display()))?;
    let people: Vec<_> = people.users().iter().map(|it| (it.team.clone(), skills(it))).collect();
    let dtd = Dtd::parse("routing.dtd", routing::DTD);
    let document = dtd.and_then(|dtd| Document::read(ROUTING, file, &dtd));
    // it was read before, and is sound
    let Ok(document) = document else { return Ok(Vec::new()) };
    Ok(routing::unmet(&document, &application.routing, &people))
}

fn skills(user: &DemoUser) -> Skills {
    let skill =
        |(name, level): (&String, &u8)| Some((SkillId::new(name).ok()?, (*level).try_into().ok()?));
    user.skills.iter().filter_map(skill).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_of_the_demo_can_do_is_told() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
        let Folder { release, application } = folder::read(&example).expect("a folder");
        let application = application.expect("it is sound");
        let told = unmet(&example, &release, &application).expect("it can be read");
        assert_eq!(told, [], "in the end everybody will do");

        let text = release.file(ROUTING).expect("it has one");
        let text = String::from_utf8_lossy(text).replace("<relax after=\"2m\" when=\"true\"/>", "");
        let mut files = release.files().clone();
        files.insert(ROUTING.to_owned(), text.into_bytes().into());
        let strict = Release::new(files);
        let application = strict.compiled(Application::compile).expect("it is sound");
        let people = tempfile::tempdir().expect("a folder");
        let demo = "[[user]]\nname = \"anna\"\ndisplay-name = \"Anna\"\nroles = [\"agent\"]\n\
                    team = \"service\"\npassword = \"demo\"\nskills = { electricity = 1 }\n";
        std::fs::write(people.path().join(folder::DEMO_FILE), demo).expect("writable");
        let told = unmet(people.path(), &strict, &application).expect("it can be read");
        assert_eq!((told.len(), told[0].code), (1, "CQ0122"));
        let nobody = tempfile::tempdir().expect("a folder");
        assert_eq!(unmet(nobody.path(), &strict, &application).expect("no list"), []);
    }
}
