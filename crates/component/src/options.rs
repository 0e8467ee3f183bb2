//! What a component must be told to start.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::Secret;

/// What a component must be told to start; everything else it learns from the service manager.
#[derive(Debug, Clone)]
pub struct Options {
    /// The one address an application knows, for example `https://127.0.0.1:7700`; `http://…` where
    /// the manager runs in development mode, without TLS.
    pub service_manager: String,
    /// Folder of this component alone: last good release, last directory, audit log. `None` keeps
    /// nothing, as a command of the command line does.
    pub data: Option<PathBuf>,
    /// Where [`Component::serve`](crate::Component::serve) listens.
    pub listen: SocketAddr,
    /// Proof that the component may join, as a [`JoinToken`](crate::JoinToken) is written; none
    /// where the manager runs in development mode.
    pub join_token: Option<Secret<String>>,
    /// Whether the instance waits to take the place of others, and how.
    pub standby: Option<Standby>,
}

/// How an instance that stands by takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// It serves while the others still do, and they leave then.
    Beside,
    /// It goes on with what the others kept, once they have left.
    After,
}

impl Options {
    /// Options with nothing kept on disk, listening on a free port of the loopback interface.
    pub fn new(service_manager: impl Into<String>) -> Self {
        Self {
            service_manager: service_manager.into(),
            data: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            join_token: None,
            standby: None,
        }
    }

    /// The same with a data folder.
    #[must_use]
    pub fn with_data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }
}
