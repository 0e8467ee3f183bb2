//! A wrapper of an application that is not running: its declaration, its program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use caruso_application::{Application, Finding, Wrapper};
use caruso_component::Release;
use caruso_legacy_wrappers::{OwnProgram, Program, Speaks, install};
use caruso_markup::suggest;
use clap::Args;

use crate::folder::{self, Folder};
use crate::site::Site;

/// A wrapper by its name, and the program that speaks for it.
#[derive(Args, Debug)]
pub(super) struct Subject {
    /// The wrapper, as application.xml names it
    pub(super) name: String,
    /// The application's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) app: PathBuf,
    /// What belongs to this installation; of it, what says where the other system is
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// The program serves gRPC instead of reading lines
    #[arg(long, requires = "program")]
    grpc: bool,
    /// A program in the place of the one that application.xml names, with its arguments
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// A wrapper as its application declares it.
pub(super) struct Opened {
    pub(super) release: Release,
    pub(super) wrapper: Wrapper,
    /// The attributes that are the key of each class that it holds.
    pub(super) keys: BTreeMap<String, Vec<String>>,
}

impl Subject {
    /// The wrapper; every finding where the application is not sound.
    pub(super) fn open(&self) -> anyhow::Result<Result<Opened, Vec<Finding>>> {
        let Folder { release, application } = folder::read(&self.app)?;
        let application = match application {
            Ok(application) => application,
            Err(findings) => return Ok(Err(findings)),
        };
        let Some(wrapper) = application.wrappers.iter().find(|it| it.name == self.name) else {
            bail!("{}", self.unknown(&application));
        };
        let wrapper = wrapper.clone();
        let keys = wrapper.classes.keys().filter_map(|name| {
            let class = application.model.class(name)?;
            Some((name.clone(), class.keys().map(|key| key.name.clone()).collect()))
        });
        let keys = keys.collect();
        Ok(Ok(Opened { release, wrapper, keys }))
    }

    fn unknown(&self, application: &Application) -> String {
        let known = application.wrappers.iter().map(|wrapper| wrapper.name.as_str());
        let hint = suggest(&self.name, known).map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{} declares no wrapper `{}`{hint}", self.app.display(), self.name)
    }

    /// The program, which keeps its data below `folder`: what was named on the command line, else
    /// that of the release, installed there.
    pub(super) fn program(&self, opened: &Opened, folder: &Path) -> anyhow::Result<Program> {
        let program = match own(&self.program, self.grpc)? {
            None => {
                let installation = Site::read(self.site.as_deref())?.installation(&self.name)?;
                install(&opened.release, &opened.wrapper, folder, &installation)
            }
            Some(own) => own.program(&opened.wrapper, folder),
        };
        Ok(program?)
    }
}

/// What stands behind `--`, to be started where the command is; nothing where nothing does.
pub(super) fn own(program: &[OsString], is_grpc: bool) -> anyhow::Result<Option<OwnProgram>> {
    let [file, arguments @ ..] = program else { return Ok(None) };
    let folder = std::env::current_dir().context("no folder to work in")?;
    let (file, arguments) = (PathBuf::from(file), arguments.to_vec());
    let speaks = if is_grpc { Speaks::Grpc } else { Speaks::Lines };
    Ok(Some(OwnProgram { file, arguments, speaks, folder }))
}
