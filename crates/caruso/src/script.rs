//! `caruso script`: tools for those who write dialogue scripts. They need no running system.

mod check;
mod draw;
mod run;
mod test;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use caruso_application::Application;
use caruso_application::dialogue::Script;
use caruso_markup::suggest;
use clap::{Args, Subcommand};

use crate::{Format, folder};

/// What `caruso script` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Runs the tests that stand in the scripts, and says which transitions they leave out
    Test(test::Options),
    /// Mistakes of the scripts, and what is most likely not meant
    Check(check::Options),
    /// A conversation in the terminal; actions are shown and never sent
    Run(run::Options),
    /// The graph of a script, as text or as a picture
    Draw(draw::Options),
}

/// Carries out one of the commands; none of them sends or writes anything elsewhere.
pub(crate) fn script(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    match &options.action {
        Action::Test(options) => test::test(options, format),
        Action::Check(options) => check::check(options, format),
        Action::Run(options) => run::run(options, format),
        Action::Draw(options) => draw::draw(options, format),
    }
}

/// Scripts of an application.
#[derive(Args, Debug)]
struct Subject {
    /// The application's folder
    #[arg(default_value = ".")]
    app_dir: PathBuf,
    /// Only this script
    #[arg(long, value_name = "ID")]
    script: Option<String>,
}

type Scripts = BTreeMap<String, Arc<Script>>;

/// Where scripts stand in an application.
const FOLDER: &str = "scripts/";
/// Where overlays stand.
const OVERLAYS: &str = "overlays/";

fn file_of(id: &str) -> String {
    format!("{FOLDER}{id}.xml")
}

/// The id of the script in a file of the application, if there is one.
fn id_of(file: &str) -> Option<&str> {
    file.strip_prefix(FOLDER)?.strip_suffix(".xml")
}

impl Subject {
    /// The scripts by id; the exit code where the application is not sound and that was said.
    fn scripts(&self, format: Format) -> anyhow::Result<Result<Scripts, ExitCode>> {
        let mut scripts = match folder::read(&self.app_dir)?.application {
            Ok(application) => application.scripts,
            Err(findings) => {
                crate::check::print(&self.app_dir, &findings, format);
                return Ok(Err(ExitCode::FAILURE));
            }
        };
        self.check_known(scripts.keys().map(String::as_str))?;
        scripts.retain(|known, _| self.script.as_ref().is_none_or(|id| id == known));
        Ok(Ok(scripts))
    }

    /// An error if a script is named that is none of these.
    fn check_known<'k>(&self, known: impl Iterator<Item = &'k str>) -> anyhow::Result<()> {
        let Some(id) = &self.script else { return Ok(()) };
        let known: Vec<&str> = known.collect();
        if !known.contains(&id.as_str()) {
            bail!("{}", unknown(&self.app_dir, id, &known));
        }
        Ok(())
    }
}

/// One script.
#[derive(Args, Debug)]
struct Named {
    /// Its id, or its file
    script: String,
    /// The application's folder, where the script is named by its id
    #[arg(long, value_name = "DIR", default_value = ".")]
    app_dir: PathBuf,
}

/// A script with all of its application.
struct Opened {
    application: Application,
    script: Arc<Script>,
}

impl Named {
    /// The application's folder, and the id of the script.
    fn place(&self) -> anyhow::Result<(PathBuf, String)> {
        let Some(stem) = self.script.strip_suffix(".xml") else {
            return Ok((self.app_dir.clone(), self.script.clone()));
        };
        let stem = Path::new(stem);
        let id = stem.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match stem.parent() {
            Some(scripts) if scripts.file_name().is_some_and(|it| it == "scripts") => {
                Ok((scripts.with_file_name(""), id))
            }
            _ => {
                bail!("{}: a script stands in the folder `scripts` of its application", self.script)
            }
        }
    }

    /// The script; the exit code where the application is not sound and that was said.
    fn open(&self, format: Format) -> anyhow::Result<Result<Opened, ExitCode>> {
        let (folder, id) = self.place()?;
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let read = folder::read(&folder)?;
        let application = match read.application {
            Ok(application) => application,
            Err(findings) => {
                crate::check::print(&folder, &findings, format);
                return Ok(Err(ExitCode::FAILURE));
            }
        };
        let Some(script) = application.scripts.get(&id).cloned() else {
            let known: Vec<&str> = application.scripts.keys().map(String::as_str).collect();
            bail!("{}", unknown(&folder, &id, &known));
        };
        Ok(Ok(Opened { application, script }))
    }
}

fn unknown(folder: &Path, id: &str, known: &[&str]) -> String {
    let hint = suggest(id, known.iter().copied());
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{} has no script `{id}`{hint}", folder.display())
}
