//! What the installation tells the storage manager.

use std::collections::BTreeMap;
use std::path::PathBuf;

use caruso_database::Address;

/// A database of business objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// Where it is.
    pub address: Address,
    /// Whether its tables may be created, filled and changed; otherwise it is only read.
    pub is_owned: bool,
}

/// What the storage manager must be told to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// As for every component.
    pub component: caruso_component::Options,
    /// What belongs to one installation.
    pub installation: Installation,
}

/// What the storage manager needs to know of the installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Databases by the name that the model uses. One that is not here is our own, a file
    /// `NAME.sqlite` in the data folder.
    pub databases: BTreeMap<String, DatabaseOptions>,
    /// Folder for databases of our own, and for our own tables of databases that are not owned.
    pub data: PathBuf,
    /// Whether newly created tables are filled with the data that the application brings along.
    pub has_demo_data: bool,
}

impl Installation {
    /// The database of our own that takes the place of one that the site does not name.
    pub(crate) fn own(&self, name: &str) -> DatabaseOptions {
        let address = Address::of_file(&self.data.join(format!("{name}.sqlite")));
        DatabaseOptions { address, is_owned: true }
    }
}
