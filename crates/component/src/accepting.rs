//! Connections for as long as the component does not leave.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// After leaving, connections that were just accepted are left alone for this long: what they came
/// for has been read then, and is answered. One that is closed before it has said anything would
/// be a refusal.
const SETTLE: Duration = Duration::from_millis(500);
/// Where no connection can be accepted (no descriptors left), it is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// A listener that accepts until the component leaves. Whoever comes later waits in the queue of
/// the socket, for the process that has [inherited](crate::sockets) it.
#[derive(Debug)]
pub struct Accepting {
    listener: TcpListener,
    leaving: CancellationToken,
}

impl Accepting {
    /// Accepts here until `leaving` is cancelled.
    pub fn new(listener: TcpListener, leaving: CancellationToken) -> Self {
        Self { listener, leaving }
    }

    /// The next connection; never, once the component leaves.
    pub async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.leaving.run_until_cancelled(self.listener.accept()).await {
                Some(Ok(accepted)) => return accepted,
                Some(Err(error)) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(AGAIN).await;
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// As the system says.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Returns when open connections may be told that no more is served: a little after leaving.
pub async fn settled(leaving: CancellationToken) {
    leaving.cancelled().await;
    tokio::time::sleep(SETTLE).await;
}
