//! Phones in browsers: their messages come to us from whoever holds their WebSockets and knows who
//! is logged in there.

use crate::endpoint::Shared;
use crate::wire::web::Tunnel;
use rsipstack::dialog::dialog::Dialog;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often it is looked whether a browser's call has ended, when another endpoint serves.
const LOOK: Duration = Duration::from_millis(200);

/// Why a browser's phone is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The endpoint is closed, or another one serves in its place.
    #[error("this endpoint takes no more phones")]
    Closed,
    /// As many connections as it takes are open.
    #[error("too many connections are open")]
    TooMany,
}

/// The way for phones in browsers; keeps the endpoint from nothing.
#[derive(Clone, Debug)]
pub struct Tunnels(pub(crate) Weak<Shared>);

impl Tunnels {
    /// A connection of somebody who has proved to be at this extension's phone, and so registers
    /// without digest, for that extension alone. The messages are judged like those of any other
    /// phone. When the connection ends, so does what was registered over it; a call goes on until
    /// the endpoint finds out that nobody is there.
    ///
    /// # Errors
    /// [`Error`]: nothing is open then.
    pub async fn open(&self, extension: &str) -> Result<Tunnel, Error> {
        let shared = self.0.upgrade().ok_or(Error::Closed)?;
        if shared.yielded.is_cancelled() || shared.stop.is_cancelled() {
            return Err(Error::Closed);
        }
        shared.connections.clone().attach(extension).await.ok_or(Error::TooMany)
    }
}

/// Another endpoint serves: browsers without a call are sent there by closing their connections,
/// the others once their call has ended.
pub(crate) fn close_idle(shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            let Some(shared) = shared.upgrade().filter(|it| !it.stop.is_cancelled()) else {
                return;
            };
            let left = shared.connections.browsers();
            if left.is_empty() {
                return;
            }
            for peer in left.into_iter().filter(|peer| !is_in_call(&shared, *peer)) {
                shared.connections.close(peer);
            }
        }
    });
}

fn is_in_call(shared: &Shared, peer: SocketAddr) -> bool {
    shared.layer.all_dialog_ids().iter().any(|id| {
        // we have called it at the address that stands for its connection
        let called = match shared.layer.get_dialog_with(id) {
            Some(Dialog::Invite(dialog)) => dialog.initial_request().uri.host_with_port,
            _ => return false,
        };
        SocketAddr::try_from(called).is_ok_and(|called| called == peer)
    })
}
