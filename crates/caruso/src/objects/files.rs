//! The model that a command is given, and which of its databases is meant.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_business_object_modeler::check::{self, Finding, Places, unsound};
use caruso_component::Release;
use caruso_database::{Access, Address, DatabaseConnection};
use caruso_markup::suggest;
use caruso_object_model::Model;
use clap::Args;

use super::check::print;
use super::{Password, open};
use crate::Format;

/// A model, and the database that it is held against.
#[derive(Args, Debug)]
pub(super) struct Subject {
    /// Files of a model, or the folder of an application
    #[arg(required = true)]
    model: Vec<PathBuf>,
    /// `sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`
    #[arg(long, value_name = "URL")]
    pub(super) database: Address,
    #[command(flatten)]
    password: Password,
    /// Which database of the model it is, where the model has several
    #[arg(long)]
    name: Option<String>,
}

/// A model that was read.
pub(super) struct Read {
    pub(super) model: Model,
    pub(super) places: Places,
    /// All of them errors; no database is asked before they are gone.
    pub(super) findings: Vec<Finding>,
    /// Names the model, wherever its files are.
    pub(super) digest: String,
}

/// Refuses a class that no database has, since a wrapper holds its objects.
pub(super) fn in_a_database(model: &Model, class: &str) -> anyhow::Result<()> {
    match model.class(class).and_then(|class| class.wrapper.as_ref()) {
        Some(wrapper) => bail!("`{class}` is held by wrapper `{wrapper}`; no database has it"),
        None => Ok(()),
    }
}

/// A model that is sound by itself, and the database that it is held against.
pub(super) struct Opened {
    pub(super) model: Model,
    pub(super) places: Places,
    /// The name that the model gives the database.
    pub(super) name: String,
    pub(super) connection: DatabaseConnection,
}

impl Subject {
    /// Reads the model and opens the database; prints the findings where the model is unsound.
    pub(super) async fn open(
        &self,
        access: Access,
        format: Format,
    ) -> anyhow::Result<Result<Opened, ExitCode>> {
        let Read { model, places, findings, .. } = read(&self.model)?;
        if !findings.is_empty() {
            return Ok(Err(print(&findings, format)));
        }
        let name = database_name(&model, self.name.as_deref())?.to_owned();
        let connection = open(&self.database, &self.password, access).await?;
        Ok(Ok(Opened { model, places, name, connection }))
    }
}

/// The database of a model that is meant: the one of this name, or the only one.
pub(super) fn database_name<'a>(model: &'a Model, name: Option<&str>) -> anyhow::Result<&'a str> {
    let names = check::databases(model);
    if let Some(name) = name {
        let near = || suggest(name, names.iter().copied()).map(|near| format!("; {near}"));
        return names.get(name).copied().with_context(|| {
            format!("the model has no class in a database `{name}`{}", near().unwrap_or_default())
        });
    }
    let listed = || names.iter().copied().collect::<Vec<_>>().join(", ");
    match names.len() {
        1 => Ok(names.first().copied().unwrap_or_default()),
        0 => bail!("the model has no class"),
        _ => bail!("the model has several databases; say which with `--name`: {}", listed()),
    }
}

/// Reads a model from files and folders.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Read> {
    let mut files = Vec::new();
    for path in paths {
        for path in files_of(path)? {
            let content = std::fs::read(&path)
                .with_context(|| format!("cannot read the file {}", path.display()))?;
            files.push((path.display().to_string(), content));
        }
    }
    let named = || files.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    let (model, findings) = Model::read(named());
    let places = Places::of(named());
    let numbered = files.into_iter().enumerate();
    let numbered = numbered.map(|(number, (_, content))| (number.to_string(), content.into()));
    let digest = Release::new(numbered.collect()).digest().to_string();
    Ok(Read { model, places, findings: unsound(findings), digest })
}

/// The files of a model below a folder, in `objects` where there is such a folder; or the file.
fn files_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let objects = path.join("objects");
    let folder = if objects.is_dir() { objects } else { path.to_owned() };
    let entries = std::fs::read_dir(&folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("there is no XML file in the folder {}", folder.display());
    }
    Ok(files)
}
