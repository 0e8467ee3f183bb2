//! Serving gRPC with the limits every component keeps.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;

use crate::accepted::accepted;
use crate::transport::Acceptor;
use crate::{Error, Guard, sockets};

/// Calls that one connection may have open; more wait at the caller.
pub const MOST_STREAMS: u32 = 1024;
/// Headers of a request, in bytes.
pub const MOST_HEADERS: u32 = 16 * 1024;
/// A silent connection is asked for a sign of life this often, and given up after [`SILENT`].
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const SILENT: Duration = Duration::from_secs(5);

/// Binds the address to serve at, or goes on with the socket that was
/// [inherited](crate::sockets).
///
/// # Errors
/// [`Error::Listen`] when it is not to be had.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let listening = async {
        let listener = match sockets::inherited_tcp(address) {
            Some(inherited) => {
                inherited.set_nonblocking(true)?;
                TcpListener::from_std(inherited)?
            }
            None => TcpListener::bind(address).await?,
        };
        sockets::listens_at(listener.as_fd());
        Ok(listener)
    };
    listening.await.map_err(|source| Error::Listen { address, source })
}

/// Serves routes behind the guard, and `grpc.health.v1`, until `stop` is cancelled; then calls that
/// have begun may end within `grace`. Connections are TLS where there is an `acceptor`, which may
/// change meanwhile, else in the clear. One message is at most 4 MiB, tonic's default.
///
/// # Errors
/// [`Error::Serve`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    routes: Routes,
    guard: Guard,
    stop: CancellationToken,
    grace: Duration,
) -> Result<(), Error> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", ServingStatus::Serving).await;
    let routes = routes.add_service(health_service);
    let begun = stop.clone();
    let router = Server::builder()
        .max_concurrent_streams(MOST_STREAMS)
        .http2_max_header_list_size(MOST_HEADERS)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(SILENT))
        .layer(guard)
        .add_routes(routes);
    let stopping = async move {
        begun.cancelled().await;
        health.set_service_status("", ServingStatus::NotServing).await;
    };
    let server = async {
        match acceptor {
            Some(acceptor) => {
                let incoming = accepted(listener, acceptor);
                router.serve_with_incoming_shutdown(incoming, stopping).await
            }
            None => {
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                router.serve_with_incoming_shutdown(incoming, stopping).await
            }
        }
    };
    let limit = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = server => served.map_err(Error::Serve),
        () = limit => {
            tracing::warn!("calls were still running at the end of the grace period");
            Ok(())
        }
    }
}
