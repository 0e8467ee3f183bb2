//! Those whom the engine calls: the storage manager, wrappers by name, the communication server.

use std::fmt;
use std::sync::Arc;

use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt as _};

/// Requests and answers of one peer, however they travel.
pub type Peer = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Status>;

/// Those whom the engine calls.
#[derive(Clone)]
pub struct Peers {
    storage: Peer,
    wrapper: Arc<dyn Fn(&str) -> Peer + Send + Sync>,
    contacts: Option<Peer>,
}

impl fmt::Debug for Peers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Peers")
    }
}

impl Peers {
    /// The storage manager, and for the name of a wrapper the way to it.
    pub fn new(storage: Peer, wrapper: impl Fn(&str) -> Peer + Send + Sync + 'static) -> Self {
        Self { storage, wrapper: Arc::new(wrapper), contacts: None }
    }

    /// Also the communication server; without it, sessions on the web and by messages are no
    /// contacts.
    #[must_use]
    pub fn with_contacts(self, contacts: Peer) -> Self {
        Self { contacts: Some(contacts), ..self }
    }

    /// Nobody: for applications whose scripts read nothing and do nothing.
    pub fn none() -> Self {
        let nobody = tower::service_fn(async |_| {
            Err::<http::Response<Body>, Status>(Status::unavailable("nobody is there"))
        });
        let peer = Peer::new(nobody);
        Self::new(peer.clone(), move |_| peer.clone())
    }

    /// A channel as a peer.
    pub fn peer<S>(channel: S) -> Peer
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>>,
        S: Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        Peer::new(channel.map_err(|error| Status::from_error(error.into())))
    }

    pub(crate) fn storage(&self) -> Peer {
        self.storage.clone()
    }

    pub(crate) fn contacts(&self) -> Option<Peer> {
        self.contacts.clone()
    }

    pub(crate) fn wrapper(&self, name: &str) -> Peer {
        (self.wrapper)(name)
    }
}
