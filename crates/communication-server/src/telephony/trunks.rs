//! The trunks by which customers are called: each looked after, the preferred first.

use std::time::SystemTime;

use caruso_sip::{Ended, Endpoint, Failure, Health, Trunk};
use tokio::sync::watch;
use tracing::{info, warn};

/// The trunks with how each is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trunks(Vec<(Trunk, watch::Receiver<Noted>)>);

/// How a trunk is, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    pub(crate) health: Health,
    pub(crate) since: SystemTime,
}

impl Trunks {
    /// Begins to look after them, in their order of preference.
    pub(super) fn new(endpoint: &Endpoint, trunks: Vec<Trunk>) -> Self {
        let watched = trunks.into_iter().map(|trunk| {
            let health = endpoint.look_after(trunk.clone());
            let noted = Noted { health: *health.borrow(), since: SystemTime::now() };
            let (notes, noted) = watch::channel(noted);
            tokio::spawn(note(trunk.server.clone(), health, notes));
            (trunk, noted)
        });
        Self(watched.collect())
    }

    /// Those by which a call is tried, one after the other: first who is there, as far as is known.
    pub(super) fn in_turn(&self) -> Vec<Trunk> {
        let is_away = |noted: &watch::Receiver<Noted>| {
            !matches!(noted.borrow().health, Health::Up | Health::Unknown)
        };
        let mut order: Vec<_> = self.0.iter().map(|(trunk, it)| (is_away(it), trunk)).collect();
        order.sort_by_key(|(is_away, _)| *is_away);
        order.into_iter().map(|(_, trunk)| trunk.clone()).collect()
    }

    /// All of them in their order of preference, with how each is.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Trunk, Noted)> {
        self.0.iter().map(|(trunk, noted)| (trunk, *noted.borrow()))
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

/// Notes how a trunk is, and tells people, whenever that changes.
async fn note(server: String, mut health: watch::Receiver<Health>, notes: watch::Sender<Noted>) {
    while health.changed().await.is_ok() {
        let health = *health.borrow_and_update();
        notes.send_replace(Noted { health, since: SystemTime::now() });
        match health {
            Health::Up => info!(server, "a trunk is up"),
            Health::Unreachable => warn!(server, "a trunk does not answer"),
            Health::Refused(code) => warn!(server, code, "a trunk refuses us"),
            Health::Unknown => {}
        }
    }
}
