//! The component: joins, serves pages and interface on one address, leaves.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use caruso_api::desk::v1::desk_server::DeskServer;
use caruso_component::{Accepting, Component, Offered, installation_key, settled};
use http::{Request, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower::Layer as _;

use crate::cookie::Cookies;
use crate::demo::{self, Demo};
use crate::peers::Peers;
use crate::phone::{self, Phone};
use crate::recordings::{self, Recordings};
use crate::service::Service;
use crate::sessions::Sessions;
use crate::{origin, pages, settings};

/// Name among the components.
const NAME: &str = "front-office";
const INTERFACE: &str = "caruso.desk.v1.Desk";
/// Key that seals session cookies, in the data folder.
const COOKIE_KEY: &str = "cookie-key";
/// Choices that a slow desk may lag behind.
const CHOICES: usize = 64;
/// Requests that have begun may end within this time at shutdown.
const GRACE: Duration = Duration::from_secs(2);

/// What the front office must be told to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it joins the others.
    pub component: caruso_component::Options,
    /// Where browsers reach it; port 0 for a free one.
    pub http: SocketAddr,
}

/// Why the front office cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As every component.
    #[error(transparent)]
    Component(#[from] caruso_component::Error),
    /// The server for browsers ended.
    #[error("the server for browsers failed")]
    Http(#[source] std::io::Error),
}

/// A front office that has its address.
#[derive(Debug)]
pub struct FrontOffice {
    listener: TcpListener,
    address: SocketAddr,
    options: Options,
}

impl FrontOffice {
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

    /// What to open in a browser, for example `http://127.0.0.1:8080`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Joins the others and serves until `shutdown`, or until the manager asks to drain.
    ///
    /// # Errors
    /// When it may not join, cannot use its data folder, or the listener fails.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let address = self.address();
        let key = installation_key(self.options.component.data.as_deref(), COOKIE_KEY)?;
        let cookies = Cookies::new(*key.expose());
        let component = Component::join(self.options.component, NAME, shutdown).await?;
        let settings = settings::none_yet();
        let follow = settings::follow(component.clone(), settings.clone());
        let _follow = AbortOnDropHandle::new(tokio::spawn(follow));
        let peers = Peers::of(&component);
        let sessions = Sessions::new(peers.identity.clone(), cookies);
        let service = Service {
            peers: peers.clone(),
            sessions: sessions.clone(),
            settings,
            choices: broadcast::Sender::new(CHOICES),
            tasks: TaskTracker::new(),
        };
        let recordings = Recordings { peers: peers.clone(), sessions: sessions.clone() };
        let phone = Phone { peers: peers.clone(), sessions: sessions.clone() };
        let sockets = (Demo { peers, sessions }, phone);
        let router = router(&component, service, sockets, recordings);
        let leaving = component.leaving();
        let listener = Listener(Accepting::new(self.listener, leaving.clone()));
        let served = axum::serve(listener, router).with_graceful_shutdown(settled(leaving.clone()));
        let offer = async {
            if let Err(error) = component.offer([Offered::interface(INTERFACE).at(&address)]).await
            {
                tracing::warn!(%error, "the front office is not in the directory");
            }
            tracing::info!(address, "front office serving");
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

/// Pages, gRPC-Web below `/rpc`, recordings, and the WebSockets of phones.
fn router(
    component: &Component,
    service: Service,
    (demo, phone): (Demo, Phone),
    recordings: Recordings,
) -> Router {
    let phone = Router::new().route("/phone", get(phone::phone)).with_state(phone);
    let recordings = Router::new()
        .route("/recordings/{contact}", get(recordings::recording))
        .with_state(recordings);
    let desk = Routes::new(DeskServer::new(service)).prepare();
    let desk = GrpcWebLayer::new().layer(component.guard().layer(desk));
    let desk = Router::new().fallback_service(desk).layer(middleware::from_fn(own_pages_only));
    Router::new()
        .nest("/rpc", desk)
        .route("/demo/call", get(demo::call))
        .route("/demo/phone", get(demo::phone))
        .with_state(demo)
        .merge(phone)
        .merge(recordings)
        .fallback(get(pages::page))
}

/// Refuses calls that a page of another origin makes.
async fn own_pages_only(request: Request<Body>, next: Next) -> Response {
    if !origin::is_own(request.headers()) {
        tracing::warn!("a call from another origin was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}
