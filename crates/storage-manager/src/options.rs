//! What the installation tells the storage manager.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A database of business objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// `sqlite:PATH`.
    pub url: String,
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
    /// Every database by the name that the model uses.
    pub databases: BTreeMap<String, DatabaseOptions>,
    /// Folder for our own tables of databases that are not owned.
    pub data: PathBuf,
    /// Whether newly created tables are filled with the data that the application brings along.
    pub has_demo_data: bool,
}
