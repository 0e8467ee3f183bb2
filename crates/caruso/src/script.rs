//! `caruso script`: tools for those who write dialogue scripts. They need no running system.

mod test;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use caruso_application::dialogue::Script;
use caruso_markup::suggest;
use clap::{Args, Subcommand};

use crate::{Format, check, folder};

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
}

/// Carries out one of the commands; none of them sends or writes anything elsewhere.
pub(crate) fn script(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    match &options.action {
        Action::Test(options) => test::test(options, format),
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

impl Subject {
    /// The scripts by id; the exit code where the application is not sound and that was said.
    fn scripts(&self, format: Format) -> anyhow::Result<Result<Scripts, ExitCode>> {
        let mut scripts = match folder::read(&self.app_dir)?.application {
            Ok(application) => application.scripts,
            Err(findings) => {
                check::print(&self.app_dir, &findings, format);
                return Ok(Err(ExitCode::FAILURE));
            }
        };
        if let Some(id) = &self.script {
            if !scripts.contains_key(id) {
                bail!("{}", unknown(&self.app_dir, id, &scripts));
            }
            scripts.retain(|known, _| known == id);
        }
        Ok(Ok(scripts))
    }
}

fn unknown(folder: &Path, id: &str, scripts: &Scripts) -> String {
    let hint = suggest(id, scripts.keys().map(String::as_str));
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{} has no script `{id}`{hint}", folder.display())
}
