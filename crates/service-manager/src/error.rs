//! Why the service manager cannot start or go on.

use std::path::PathBuf;

/// Why the service manager cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Listening, serving, or a file of the data folder.
    #[error(transparent)]
    Component(#[from] caruso_component::Error),
    /// A file of the data folder is damaged.
    #[error("{} is damaged; move it away to start without it", .0.display())]
    Damaged(PathBuf),
    /// The authority's key or certificate cannot be used.
    #[error("{}: {reason}", file.display())]
    Authority {
        /// The file, or the folder of both.
        file: PathBuf,
        /// What is wrong with it.
        reason: caruso_certificates::Error,
    },
    /// This machine gives no random numbers.
    #[error("no randomness: {0}")]
    NoRandomness(String),
    /// Neither given nor kept from an earlier start.
    #[error("there is no release: start the service manager with an application folder")]
    NoRelease,
    /// Development mode lets everybody in who reaches the port, so it stays on this machine.
    #[error("development mode serves on a loopback address only, not on {0}")]
    DevelopmentOutside(std::net::SocketAddr),
}
