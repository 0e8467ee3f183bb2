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
    /// Neither given nor kept from an earlier start.
    #[error("there is no release: start the service manager with an application folder")]
    NoRelease,
    /// Development mode lets everybody in who reaches the port, so it stays on this machine.
    #[error("development mode serves on a loopback address only, not on {0}")]
    DevelopmentOutside(std::net::SocketAddr),
}
