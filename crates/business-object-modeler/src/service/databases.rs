//! The databases of an installation, as design tools name them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use caruso_database::{Access, Address, DatabaseConnection, DbErr, connect};
use caruso_markup::suggest;

use super::error::Error;

/// The most connections of one call: one that reads, and one that asks in between.
const CONNECTIONS: u32 = 2;

/// A database of business objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Where it is.
    pub address: Address,
    /// Whether its tables may be changed; otherwise it is only read.
    pub is_owned: bool,
}

/// What the modeler needs to know of the installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Databases by name.
    pub databases: BTreeMap<String, Database>,
    /// Where the databases of our own are that the model names and the installation does not: a
    /// file `NAME.sqlite` each, made by the storage manager.
    pub own: PathBuf,
}

impl Installation {
    /// All that can be named: those of the installation, and those of the model in force.
    pub(super) fn all(&self, of_model: &[String]) -> BTreeMap<String, Database> {
        let own = of_model.iter().map(|name| {
            let address = Address::of_file(&self.own.join(format!("{name}.sqlite")));
            (name.clone(), Database { address, is_owned: true })
        });
        let mut all: BTreeMap<_, _> = own.collect();
        all.extend(self.databases.clone());
        all
    }
}

impl Database {
    /// The database of this name.
    pub(super) fn of(mut all: BTreeMap<String, Self>, name: &str) -> Result<Self, Error> {
        if let Some(found) = all.remove(name) {
            return Ok(found);
        }
        let near = suggest(name, all.keys().map(String::as_str));
        Err(Error::Unknown(name.to_owned(), near))
    }

    pub(super) async fn open(&self, access: Access) -> Result<DatabaseConnection, DbErr> {
        connect(&self.address, access, CONNECTIONS).await
    }
}
