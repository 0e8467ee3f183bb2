//! Why a component cannot start or go on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why a component cannot start or go on. What passes by itself (the service manager is away, a
/// connection broke) is retried inside and never surfaces here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address of the service manager cannot be understood.
    #[error(
        "`{0}` is no address of a service manager; expected for example \
         https://127.0.0.1:7700"
    )]
    Address(String),
    /// A join token would go to whoever listens on the way.
    #[error("a join token is for https:// alone, and not for `{0}`")]
    TokenInTheClear(String),
    /// There is neither a join token nor a certificate of an earlier run.
    #[error("a join token is needed to join the service manager at {0}")]
    NoJoinToken(String),
    /// What was given as a join token is none.
    #[error(transparent)]
    JoinToken(#[from] crate::join_token::Malformed),
    /// Certificates cannot be used here.
    #[error(transparent)]
    Certificates(caruso_certificates::Error),
    /// Nobody else can reach a component that listens there.
    #[error("{0} stands for every address of this machine; name the one by which others reach it")]
    NoAddress(SocketAddr),
    /// The service manager does not let this component in, and will not by waiting.
    #[error("the service manager refused the session: {0}")]
    Refused(String),
    /// The service manager does not take these offers.
    #[error("the service manager refused the offers: {}", .0.join("; "))]
    OffersRefused(Vec<String>),
    /// The program stops.
    #[error("stopped")]
    Stopped,
    /// The address to serve at is not to be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the component's own data folder, or one named on the command line.
    #[error("cannot use {}: {source}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server ended.
    #[error("the server failed")]
    Serve(#[source] tonic::transport::Error),
}

impl Error {
    /// Makes the error about a file from what the system said.
    pub fn data(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Data { path: path.to_owned(), source }
    }
}
