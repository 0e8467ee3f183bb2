//! The models that a call is about: those in force, or those that the caller brings along.

use std::collections::BTreeSet;

use caruso_api::modeler::v1 as proto;
use caruso_component::Release;
use caruso_markup::suggest;
use caruso_object_model::Model;

use super::error::Error;
use crate::check::{Finding, Places, databases, unsound};

/// The most files of a model.
const MOST_FILES: usize = 200;
/// The most bytes of a model, all files together.
pub(super) const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 200;

/// A model as it was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) model: Model,
    pub(super) places: Places,
    /// What is wrong with it.
    pub(super) findings: Vec<Finding>,
}

/// The files of a model, by name.
type Files = Vec<(String, Vec<u8>)>;

/// Reads the model that a caller brings along, else that in force.
pub(super) async fn read(
    given: Option<proto::Model>,
    in_force: Option<&Release>,
) -> Result<Read, Error> {
    let files = match (given, in_force) {
        (Some(given), _) => files_of(given)?,
        (None, Some(release)) => files_in(release),
        (None, None) => {
            let message = "no application is in force yet, so the request must bring a model along";
            return Err(Error::Request(message.to_owned()));
        }
    };
    // a large model takes a while, on a thread that may wait
    let read = tokio::task::spawn_blocking(move || of_files(&files)).await;
    read.map_err(|_| Error::Request("reading the model failed".to_owned()))
}

fn of_files(files: &Files) -> Read {
    let named = || files.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    let (model, findings) = Model::read(named());
    Read { model, places: Places::of(named()), findings: unsound(findings) }
}

/// The names that the model in force gives its databases.
pub(super) async fn databases_in(release: Option<Release>) -> Vec<String> {
    let Some(release) = release else { return Vec::new() };
    let named = tokio::task::spawn_blocking(move || {
        let read = of_files(&files_in(&release));
        databases(&read.model).into_iter().map(str::to_owned).collect()
    });
    named.await.unwrap_or_default()
}

fn files_in(release: &Release) -> Files {
    let all = release.files().iter();
    let is_model = |path: &str| path.starts_with("objects/") && path.ends_with(".xml");
    all.filter(|(path, _)| is_model(path))
        .map(|(path, content)| (path.clone(), content.to_vec()))
        .collect()
}

fn files_of(given: proto::Model) -> Result<Files, Error> {
    let refused = |message: String| Err(Error::Request(message));
    let files = given.files;
    if files.is_empty() || files.len() > MOST_FILES {
        return refused(format!("a model has 1 to {MOST_FILES} files"));
    }
    if files.iter().map(|file| file.content.len()).sum::<usize>() > MOST_BYTES {
        let most = MOST_BYTES / 1024 / 1024;
        return refused(format!("the files of a model have {most} MiB together at most"));
    }
    let mut names = BTreeSet::new();
    for proto::File { name, .. } in &files {
        if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
            return refused(format!("a file needs a name of 1 to {LONGEST_NAME} bytes"));
        }
        if !names.insert(name) {
            return refused(format!("two files are called `{name}`"));
        }
    }
    Ok(files.into_iter().map(|file| (file.name, file.content)).collect())
}

impl Read {
    /// The same, if it is sound.
    pub(super) fn sound(self) -> Result<Self, Error> {
        if self.findings.is_empty() { Ok(self) } else { Err(Error::unfit(&self.findings)) }
    }

    /// The same, if it has a class in this database.
    pub(super) fn with(self, database: &str) -> Result<Self, Error> {
        let names = databases(&self.model);
        if names.contains(database) {
            return Ok(self);
        }
        let near = suggest(database, names.iter().copied()).map(|near| format!("; {near}"));
        let near = near.unwrap_or_default();
        Err(Error::Request(format!("the model has no class in a database `{database}`{near}")))
    }
}
