//! The component: joins, serves pages on an address of its own, leaves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::serve::ListenerExt as _;
use caruso_component::permissions::names::SELF_SERVICE;
use caruso_component::{Accepting, Component, Offered, installation_key, settled};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::engine::Engine;
use crate::handlers::{Shared, router};
use crate::limits::{Counter, Limits};
use crate::link::Links;
use crate::published::{self, Current};
use crate::render::Templates;

/// What stands in the directory. It has no rpcs: its address is for browsers.
pub const INTERFACE: &str = "caruso.web.v1.Pages";
/// Key that signs links, in the data folder.
const LINK_KEY: &str = "link-key";
/// Requests that have begun may end within this time at shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// What the pages must be told to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it joins the others.
    pub component: caruso_component::Options,
    /// Where browsers reach it; port 0 for a free one.
    pub http: SocketAddr,
    /// What customers see before the path, as `https://service.example`; nothing where browsers
    /// reach it as it listens.
    pub public_url: Option<String>,
    /// Whether everybody comes through a proxy, which says from where in `X-Forwarded-For`.
    pub is_behind_proxy: bool,
}

impl Options {
    /// Reached by browsers directly.
    pub fn new(component: caruso_component::Options, http: SocketAddr) -> Self {
        Self { component, http, public_url: None, is_behind_proxy: false }
    }
}

/// Why the pages cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As every component.
    #[error(transparent)]
    Component(#[from] caruso_component::Error),
    /// The server for browsers ended.
    #[error("the server for browsers failed")]
    Http(#[source] std::io::Error),
}

/// Pages that have their address.
#[derive(Debug)]
pub struct SelfService {
    listener: TcpListener,
    address: SocketAddr,
    options: Options,
}

impl SelfService {
    /// Binds the address for browsers.
    ///
    /// # Errors
    /// When the address is not to be had.
    pub async fn bind(options: Options) -> Result<Self, Error> {
        let address = options.http;
        let listener = caruso_component::server::listen(address).await?;
        let local = listener.local_addr();
        let address =
            local.map_err(|source| caruso_component::Error::Listen { address, source })?;
        Ok(Self { listener, address, options })
    }

    /// What to open in a browser, for example `http://127.0.0.1:8081`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Joins the others and serves until `shutdown`, or until the manager asks to drain.
    ///
    /// # Errors
    /// When it may not join, cannot use its data folder, or the listener fails.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let address = self.address();
        let Options { component, public_url, is_behind_proxy, .. } = self.options;
        let key = installation_key(component.data.as_deref(), LINK_KEY)?;
        let component = Component::join(component, SELF_SERVICE, shutdown).await?;
        let publication = Current::default();
        let follow = published::follow(component.clone(), Arc::clone(&publication));
        let _follow = AbortOnDropHandle::new(tokio::spawn(follow));
        let public_url = public_url.unwrap_or_else(|| address.clone());
        let pages = router(Shared {
            engine: Engine::of(&component),
            links: Links::new(key),
            publication,
            templates: Templates::new(),
            counter: Mutex::new(Counter::new(Limits::default(), Instant::now())),
            public_url: public_url.trim_end_matches('/').to_owned(),
            is_behind_proxy,
        });
        let leaving = component.leaving();
        let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
        // a tap hands the address of each connection on
        let listener = Listener(Accepting::new(self.listener, leaving.clone())).tap_io(|_| {});
        let served = axum::serve(listener, pages).with_graceful_shutdown(settled(leaving.clone()));
        let offer = async {
            if let Err(error) = component.offer([Offered::interface(INTERFACE).at(&address)]).await
            {
                tracing::warn!(%error, "the pages are not in the directory");
            }
            tracing::info!(address, "self-service serving");
            leaving.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let ended = tokio::select! {
            ended = served.into_future() => ended.map_err(Error::Http),
            () = offer => Ok(()),
        };
        component.leave().await;
        ended
    }
}

/// The listener of pages.
struct Listener(Accepting);

impl axum::serve::Listener for Listener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        self.0.accept().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
