//! The classes of one database of a model, where a command writes objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use caruso_database::Address;
use caruso_object_model::{Data, Model};
use caruso_storage_manager::{DatabaseOptions, Engine, Installation};

use super::files::{Read, database_name};

/// The classes of one database.
pub(super) struct Part {
    pub(super) model: Arc<Model>,
    /// Names the model.
    pub(super) digest: String,
    /// The database, as the model names it.
    pub(super) name: String,
}

impl Part {
    /// The part of a model in the database of this name, or in the only one.
    pub(super) fn of(read: Read, name: Option<&str>) -> anyhow::Result<Self> {
        let name = database_name(&read.model, name)?.to_owned();
        let model = Arc::new(read.model.of_database(&name));
        Ok(Self { model, digest: read.digest, name })
    }

    /// Opens an owned database; tables that it lacks are made, and stay empty.
    pub(super) async fn open(&self, address: &Address) -> anyhow::Result<Engine> {
        // our own tables stand in the database itself
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let options = DatabaseOptions { address: address.clone(), is_owned: true };
        let installation = Installation {
            databases: BTreeMap::from([(self.name.clone(), options)]),
            data: folder.path().to_owned(),
            has_demo_data: false,
        };
        let model = Arc::clone(&self.model);
        Engine::open(&self.digest, model, &Data::default(), &installation)
            .await
            .with_context(|| format!("cannot open the database {address}"))
    }
}
