//! The trunks by which customers are called: each looked after, the preferred first.

use caruso_sip::{Ended, Endpoint, Failure, Health, Trunk};
use tokio::sync::watch;
use tracing::{info, warn};

/// The trunks with how each is.
#[derive(Debug, Default)]
pub(super) struct Trunks(Vec<(Trunk, watch::Receiver<Health>)>);

impl Trunks {
    /// Begins to look after them, in their order of preference.
    pub(super) fn new(endpoint: &Endpoint, trunks: Vec<Trunk>) -> Self {
        let watched = trunks.into_iter().map(|trunk| {
            let health = endpoint.look_after(trunk.clone());
            tokio::spawn(tell(trunk.server.clone(), health.clone()));
            (trunk, health)
        });
        Self(watched.collect())
    }

    /// Those by which a call is tried, one after the other: first who is there, as far as is known.
    pub(super) fn in_turn(&self) -> Vec<Trunk> {
        let is_away = |health: &watch::Receiver<Health>| {
            !matches!(*health.borrow(), Health::Up | Health::Unknown)
        };
        let mut order: Vec<_> = self.0.iter().map(|(trunk, it)| (is_away(it), trunk)).collect();
        order.sort_by_key(|(is_away, _)| *is_away);
        order.into_iter().map(|(_, trunk)| trunk.clone()).collect()
    }
}

/// Whether a call that has not rung yet may be tried by another trunk: this one is away, or has no
/// room (RFC 3263 §4.3, RFC 3261 §21.5.4).
pub(super) fn is_away(how: Ended) -> bool {
    matches!(
        how,
        Ended::Failed(Failure::Unreachable) | Ended::Rejected { code: 408 | 500 | 502 | 503 | 504 }
    )
}

/// Tells people how a trunk is, whenever that changes.
async fn tell(server: String, mut health: watch::Receiver<Health>) {
    while health.changed().await.is_ok() {
        match *health.borrow_and_update() {
            Health::Up => info!(server, "a trunk is up"),
            Health::Unreachable => warn!(server, "a trunk does not answer"),
            Health::Refused(code) => warn!(server, code, "a trunk refuses us"),
            Health::Unknown => {}
        }
    }
}
