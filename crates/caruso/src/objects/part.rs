//! The classes of a database of a model, where a command writes objects, and of those that it may
//! read beside.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use caruso_business_object_modeler::check;
use caruso_database::Address;
use caruso_object_model::{Data, Model};
use caruso_storage_manager::{DatabaseOptions, Engine, Installation};

use super::files::{Read, database_name};
use crate::site::Site;

/// The classes of one database.
pub(super) struct Part {
    pub(super) model: Arc<Model>,
    /// Names the model.
    pub(super) digest: String,
    /// The database, as the model names it.
    pub(super) name: String,
    /// Others, which are only read: what leads there is proved.
    others: BTreeMap<String, DatabaseOptions>,
}

impl Part {
    /// The part of a model in the database of this name, or in the only one.
    pub(super) fn of(read: Read, name: Option<&str>) -> anyhow::Result<Self> {
        let name = database_name(&read.model, name)?.to_owned();
        Ok(Self::beside(read, name, BTreeMap::new()))
    }

    /// The part of a model in the database of this name, and in the others of a site.
    pub(super) fn in_site(read: Read, name: &str, site: &Site) -> anyhow::Result<Self> {
        let known = check::databases(&read.model);
        let others = site.database.iter();
        let others = others.filter(|(other, _)| *other != name && known.contains(other.as_str()));
        let others = others.map(|(other, database)| {
            let address = database.address().context("in the site file")?;
            Ok((other.clone(), DatabaseOptions { address, is_owned: false }))
        });
        let others = others.collect::<anyhow::Result<_>>()?;
        Ok(Self::beside(read, name.to_owned(), others))
    }

    fn beside(read: Read, name: String, others: BTreeMap<String, DatabaseOptions>) -> Self {
        let names: Vec<&str> = others.keys().map(String::as_str).chain([name.as_str()]).collect();
        let model = Arc::new(read.model.of_databases(&names));
        Self { model, digest: read.digest, name, others }
    }

    /// Opens an owned database; tables that it lacks are made, and stay empty.
    pub(super) async fn open(&self, address: &Address) -> anyhow::Result<Engine> {
        // our own tables stand in the database itself
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let options = DatabaseOptions { address: address.clone(), is_owned: true };
        let mut databases = self.others.clone();
        databases.insert(self.name.clone(), options);
        let installation =
            Installation { databases, data: folder.path().to_owned(), has_demo_data: false };
        let model = Arc::clone(&self.model);
        Engine::open(&self.digest, model, &Data::default(), &installation)
            .await
            .with_context(|| format!("cannot open the database {address}"))
    }
}
