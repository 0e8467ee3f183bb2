//! The local picture of who offers what. A resolve is a pointer load and a pick: no lock, no
//! allocation, no other process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use caruso_api::registry::v1 as proto;
use dashmap::DashMap;
use tokio::sync::watch;

use crate::outcomes;
use crate::peer::Peer;
use crate::transport::Transport;

/// One request of so many goes to whoever's turn it is; a prime, so that everybody's turn comes.
const PROBE: u32 = 61;
/// Interfaces that one component may watch.
pub const MOST_INTERFACES: usize = 64;

/// What one instance offers at one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Unique in the directory.
    pub id: String,
    /// Package and service, for example `caruso.storage.v1.StorageManager`.
    pub interface: String,
    /// For example `http://127.0.0.1:41234`.
    pub address: String,
    /// Facts for consumers, for example `sip` = `127.0.0.1:5060`.
    pub properties: BTreeMap<String, String>,
    /// Kind and name of the component.
    pub component: String,
    /// The running instance.
    pub instance: String,
    /// Grows with every replacement.
    pub generation: u64,
    /// Degraded or silent: chosen last.
    pub is_suspect: bool,
    /// It lacks something that this build's contract of the interface has: chosen after those that
    /// have all of it.
    pub lacks_something: bool,
}

impl Offer {
    /// `None` for an offer that takes no new work, or that this version does not understand.
    fn from_proto(offer: proto::Offer) -> Option<Self> {
        let is_suspect = match offer.state() {
            proto::OfferState::Routable => false,
            proto::OfferState::Suspect => true,
            proto::OfferState::Leaving
            | proto::OfferState::Unreachable
            | proto::OfferState::Unspecified => return None,
        };
        Some(Self {
            id: offer.id,
            interface: offer.interface,
            address: offer.address,
            properties: offer.properties.into_iter().collect(),
            component: offer.component,
            instance: offer.instance,
            generation: offer.generation,
            is_suspect,
            lacks_something: offer.lacks_something,
        })
    }
}

/// An offer with the connection to it.
#[derive(Debug)]
pub struct Target {
    offer: Offer,
    pub(crate) peer: Arc<Peer>,
}

impl Target {
    /// What is offered.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    fn rank(&self) -> (bool, bool) {
        (self.offer.is_suspect, self.offer.lacks_something)
    }
}

/// All offers of one interface at one revision: those that have all of our contract first, suspects
/// last.
#[derive(Debug, Default)]
pub struct Snapshot {
    targets: Box<[Arc<Target>]>,
    /// So many are as good as the first.
    best: usize,
}

impl Snapshot {
    fn new(mut targets: Vec<Arc<Target>>) -> Self {
        targets.sort_by(|a, b| {
            let rank = |target: &Target| (target.rank(), target.offer.id.clone());
            rank(a).cmp(&rank(b))
        });
        let first = targets.first().map(|target| target.rank());
        let best = targets.iter().filter(|target| Some(target.rank()) == first).count();
        Self { targets: targets.into(), best }
    }

    /// Every offer, the best first.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.targets.iter().map(|target| &target.offer)
    }

    pub(crate) fn targets(&self) -> &[Arc<Target>] {
        &self.targets
    }

    /// In turn, the freer of two neighbours among the best. Now and then it is whoever's turn it
    /// is, so that one that was slow can show that it no longer is.
    fn pick(&self, turn: u32) -> Option<&Arc<Target>> {
        let choice = &self.targets[..self.best];
        // one division, and of 32 bits: a larger one takes a tenth of the time of a resolve
        let count = u32::try_from(choice.len()).ok().filter(|count| *count > 0)?;
        let at = (turn % count) as usize;
        let first = choice.get(at)?;
        let second = choice.get(at + 1).unwrap_or(&choice[0]);
        let is_second_freer = second.peer.is_freer_than(&first.peer);
        Some(if is_second_freer && !turn.is_multiple_of(PROBE) { second } else { first })
    }
}

#[derive(Debug)]
struct Slot {
    interface: String,
    snapshot: ArcSwap<Snapshot>,
    turn: AtomicU32,
    changes: watch::Sender<()>,
}

/// A pointer to the offers of one interface, for whoever resolves it often.
#[derive(Debug, Clone)]
pub struct Handle {
    slot: Arc<Slot>,
}

impl Handle {
    /// The interface.
    pub fn interface(&self) -> &str {
        &self.slot.interface
    }

    /// The offers as they are now.
    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.slot.snapshot.load()
    }

    /// Chooses the offer for the next request and hands it to `with`; 20 ns or less.
    pub fn resolve<T>(&self, with: impl FnOnce(&Arc<Target>) -> T) -> Option<T> {
        let snapshot = self.slot.snapshot.load();
        // not one operation: two threads may get the same turn, which costs less than being exact
        let turn = self.slot.turn.load(Ordering::Relaxed);
        self.slot.turn.store(turn.wrapping_add(1), Ordering::Relaxed);
        snapshot.pick(turn).map(with)
    }

    /// Tells of every later change of the offers.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.slot.changes.subscribe()
    }

    /// Waits until somebody offers the interface, and answers with the first who does. Endless
    /// where nobody ever does: give it a limit.
    pub async fn offered(&self) -> Offer {
        let mut changes = self.changes();
        loop {
            if let Some(offer) = self.resolve(|target| target.offer.clone()) {
                return offer;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// The local picture of the directory: an immutable snapshot per interface, fed by one watch, kept
/// on disk, and good for as long as the service manager is away.
#[derive(Debug)]
pub struct Directory {
    slots: DashMap<String, Arc<Slot>>,
    /// By component and address: whoever answers must be the component that offers.
    peers: DashMap<(String, String), Arc<Peer>>,
    transport: Arc<Transport>,
    state: Mutex<State>,
    /// The set of interfaces somebody has asked for.
    wanted: watch::Sender<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct State {
    revision: u64,
    offers: BTreeMap<String, Arc<Target>>,
    /// As received, for the copy on disk.
    received: BTreeMap<String, proto::Offer>,
}

impl Directory {
    /// An empty one, whose offers are reached so.
    pub(crate) fn new(transport: Arc<Transport>) -> Self {
        Self {
            slots: DashMap::new(),
            peers: DashMap::new(),
            transport,
            state: Mutex::default(),
            wanted: watch::Sender::new(BTreeSet::new()),
        }
    }

    /// The handle for an interface; asking for it makes the component watch it.
    pub fn handle(&self, interface: &str) -> Handle {
        let slot = Arc::clone(&self.slots.entry(interface.to_owned()).or_insert_with(|| {
            Arc::new(Slot {
                interface: interface.to_owned(),
                snapshot: ArcSwap::default(),
                turn: AtomicU32::new(0),
                changes: watch::Sender::new(()),
            })
        }));
        let is_new = self.wanted.send_if_modified(|wanted| wanted.insert(interface.to_owned()));
        if is_new {
            // Offers known from disk, or from an earlier watch, are there at once.
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            publish(&slot, &state);
        }
        Handle { slot }
    }

    pub(crate) fn wanted(&self) -> watch::Receiver<BTreeSet<String>> {
        self.wanted.subscribe()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).revision
    }

    /// Takes in a message of the watch as one step.
    pub(crate) fn apply(&self, message: proto::WatchResponse) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut touched: BTreeSet<String> = BTreeSet::new();
        if message.is_snapshot {
            touched.extend(state.offers.values().map(|target| target.offer.interface.clone()));
            state.offers.clear();
            state.received.clear();
        }
        for id in &message.gone {
            state.received.remove(id);
            touched.extend(state.offers.remove(id).map(|target| target.offer.interface.clone()));
        }
        for offer in message.offers {
            touched.insert(offer.interface.clone());
            let id = offer.id.clone();
            let target = Offer::from_proto(offer.clone()).and_then(|offer| self.target(offer));
            state.received.insert(id.clone(), offer);
            match target {
                Some(target) => state.offers.insert(id, target),
                None => state.offers.remove(&id),
            };
        }
        state.revision = message.revision;
        for interface in touched {
            if let Some(slot) = self.slots.get(&interface) {
                publish(&slot, &state);
            }
        }
        self.peers.retain(|_, peer| Arc::strong_count(peer) > 1);
    }

    /// The whole picture as one message, for the copy on disk.
    pub(crate) fn copy(&self) -> proto::WatchResponse {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        proto::WatchResponse {
            revision: state.revision,
            is_snapshot: true,
            offers: state.received.values().cloned().collect(),
            gone: Vec::new(),
            contracts_wanted: Vec::new(),
        }
    }

    /// What has come of calls since this was last asked, at most [`MOST`](outcomes::MOST) rows.
    pub(crate) fn outcomes(&self) -> Vec<proto::Outcome> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outcomes = Vec::new();
        let mut asked = BTreeSet::new();
        for target in state.offers.values() {
            // interfaces of one instance share their address
            if asked.insert(&target.offer.address) {
                let most = outcomes::MOST - outcomes.len();
                outcomes.extend(target.peer.outcomes().take(most, &target.offer.instance));
            }
        }
        outcomes
    }

    fn target(&self, offer: Offer) -> Option<Arc<Target>> {
        let who = (offer.component.clone(), offer.address.clone());
        let known = self.peers.get(&who).map(|peer| Arc::clone(&peer));
        let peer = match known {
            Some(peer) => peer,
            None => {
                let made = Peer::new(&offer.address, &offer.component, &self.transport);
                let Some(peer) = made.map(Arc::new) else {
                    tracing::warn!(
                        offer.address,
                        offer.interface,
                        "an offer has no usable address"
                    );
                    return None;
                };
                self.peers.insert(who, Arc::clone(&peer));
                peer
            }
        };
        Some(Arc::new(Target { offer, peer }))
    }
}

fn publish(slot: &Slot, state: &State) {
    let ours = state.offers.values().filter(|target| target.offer.interface == slot.interface);
    slot.snapshot.store(Arc::new(Snapshot::new(ours.cloned().collect())));
    slot.changes.send_replace(());
}

#[cfg(test)]
mod tests;
