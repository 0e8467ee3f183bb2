//! The model that a command is given, and which of its databases is meant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use caruso_business_object_modeler::check::Places;
use caruso_component::Release;
use caruso_database::Address;
use caruso_markup::suggest;
use caruso_object_model::{Finding, Model};
use clap::Args;

use super::Password;

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
    pub(super) password: Password,
    /// Which database of the model it is, where the model has several
    #[arg(long)]
    name: Option<String>,
}

/// A model that was read.
pub(super) struct Read {
    pub(super) model: Model,
    pub(super) places: Places,
    pub(super) findings: Vec<Finding>,
    /// Names the model, wherever its files are.
    pub(super) digest: String,
}

impl Subject {
    /// Reads the files.
    pub(super) fn read(&self) -> anyhow::Result<Read> {
        read(&self.model)
    }

    /// The name that the model gives the database.
    pub(super) fn name<'a>(&'a self, model: &'a Model) -> anyhow::Result<&'a str> {
        database_name(model, self.name.as_deref())
    }
}

/// The database of a model that is meant: the one of this name, or the only one.
pub(super) fn database_name<'a>(model: &'a Model, name: Option<&str>) -> anyhow::Result<&'a str> {
    let names: BTreeSet<&str> = model.classes().map(|it| it.database.as_str()).collect();
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
    Ok(Read { model, places, findings, digest })
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
