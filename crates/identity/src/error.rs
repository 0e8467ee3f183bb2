//! Why identity cannot start or go on.

use std::path::PathBuf;

/// Why identity cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Joining, serving, or a file of the data folder.
    #[error(transparent)]
    Component(#[from] caruso_component::Error),
    /// Identity keeps people, keys and sessions, so it needs a place for them.
    #[error("identity needs a data folder")]
    NoData,
    /// A file of the data folder is damaged.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said, with line and column.
        reason: String,
    },
    /// The list of demo users cannot be read, or contradicts itself.
    #[error("demo users: {0}")]
    Demo(String),
    /// The system gives no random numbers, or not the memory for a hash.
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
}
