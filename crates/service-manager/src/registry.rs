//! Sessions, leases, offers and revisions as a pure state machine: no clock, no sockets, no
//! threads.
//!
//! Time is handed in as the monotonic time since the manager started. Every event that changes what
//! consumers can see raises the revision by one; a watcher is told the difference between two
//! revisions, computed from the state itself, so that a slow watcher costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use expiry::Kept;
pub use expiry::{MASS, MASS_PERCENT};
use index::Index;
use probing::Check;
pub use probing::{PROBE_EVERY, Probe};
pub use proposal::Answer;
use proposal::Proposal;
pub use reading::{News, Part, Piece, Unsaved};
pub use standby::Standby;
pub use uses::{Outcome, Uses};

mod expiry;
mod index;
mod offers;
mod probing;
mod proposal;
mod reading;
mod standby;
mod uses;

/// Monotonic time since the manager started.
pub type Time = Duration;

/// A session is gone this long after its last sign of life.
pub const LEASE: Duration = Duration::from_secs(10);
/// Components beat this often.
pub const BEAT: Duration = Duration::from_secs(3);
/// Two beats missed: suspect.
const SILENT: Duration = Duration::from_secs(6);
/// The clock is looked at several times a second; a longer gap means that we were asleep ourselves.
const ASLEEP: Duration = Duration::from_secs(3);
/// Sessions at the same time.
pub const MOST_SESSIONS: usize = 10_000;
/// Offers of one session.
pub const MOST_OFFERS: usize = 64;

/// What a component says it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offering {
    /// Package and service.
    pub interface: String,
    /// For example `http://127.0.0.1:41234`.
    pub address: String,
    /// Facts for consumers.
    pub properties: BTreeMap<String, String>,
    /// Digest of its contract, where it told one.
    #[serde(default)]
    pub contract: Option<String>,
}

/// How a consumer treats an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferState {
    /// Takes new work.
    Routable,
    /// Degraded or silent: chosen last.
    Suspect,
    /// Takes no new work.
    Leaving,
    /// Nobody answers there: takes no new work.
    Unreachable,
}

/// An offer as consumers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Instance and interface; the same offer keeps it while it changes.
    pub id: String,
    /// What is offered where.
    pub offering: Offering,
    /// Kind and name of the component.
    pub component: String,
    /// The session's id.
    pub instance: String,
    /// Version of the program.
    pub version: String,
    /// How to treat it.
    pub state: OfferState,
    /// Revision at which the instance bound this address.
    pub generation: u64,
    /// Why nobody is led to it; none where it is not unreachable.
    pub finding: Option<String>,
}

/// One session as it is kept and listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Kind and name of the component.
    pub component: String,
    /// Version of the program.
    pub version: String,
    /// Digest of what the component must show to resume.
    pub secret_digest: Vec<u8>,
    /// The release it works with; empty while none.
    pub release: String,
    /// Why it does not work with the newest.
    pub refusals: Vec<String>,
    offers: BTreeMap<String, Bound>,
    is_degraded: bool,
    is_leaving: bool,
    #[serde(default)]
    standby: Option<Standby>,
    #[serde(skip)]
    is_silent: bool,
    /// Number of the stream that carries the session; `None` while broken.
    #[serde(skip)]
    stream: Option<u64>,
    #[serde(skip)]
    heard_at: Time,
    /// It was heard since the manager started.
    #[serde(skip)]
    was_here: bool,
    #[serde(skip)]
    uses: Uses,
    /// By address.
    #[serde(skip)]
    checks: BTreeMap<String, Check>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Bound {
    offering: Offering,
    generation: u64,
    changed_at: u64,
}

/// How a component is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentState {
    /// Takes new work.
    Serving,
    /// Alive, cannot take new work now.
    Degraded,
    /// Its stream is broken, or it is silent.
    Suspect,
    /// Finishes old work.
    Draining,
    /// Waits to take over.
    Standby,
}

impl Session {
    /// How the component is.
    pub fn state(&self) -> ComponentState {
        if self.is_leaving {
            ComponentState::Draining
        } else if self.stream.is_none() || self.is_silent {
            ComponentState::Suspect
        } else if self.standby.is_some() {
            ComponentState::Standby
        } else if self.is_degraded {
            ComponentState::Degraded
        } else {
            ComponentState::Serving
        }
    }

    fn offer_state(&self) -> OfferState {
        match self.state() {
            ComponentState::Serving | ComponentState::Standby => OfferState::Routable,
            ComponentState::Degraded | ComponentState::Suspect => OfferState::Suspect,
            ComponentState::Draining => OfferState::Leaving,
        }
    }

    /// Whether a stream carries it now.
    pub fn is_live(&self) -> bool {
        self.stream.is_some()
    }

    /// What it has called of others.
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Time since the last sign of life.
    pub fn silence(&self, now: Time) -> Duration {
        now.saturating_sub(self.heard_at)
    }

    fn present(&self, instance: &str, bound: &Bound) -> Offer {
        let finding = self.finding(&bound.offering.address);
        let state = match (self.offer_state(), finding) {
            (OfferState::Routable | OfferState::Suspect, Some(_)) => OfferState::Unreachable,
            (state, _) => state,
        };
        Offer {
            finding: finding.map(str::to_owned),
            id: offer_id(instance, &bound.offering.interface),
            offering: bound.offering.clone(),
            component: self.component.clone(),
            instance: instance.to_owned(),
            version: self.version.clone(),
            state,
            generation: bound.generation,
        }
    }
}

fn offer_id(instance: &str, interface: &str) -> String {
    format!("{instance}/{interface}")
}

/// Who watches, and by which contracts it speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumer {
    /// The session of the component that watches.
    pub instance: String,
    /// Digests by interface; none where it told none.
    pub contracts: BTreeMap<String, String>,
}

/// An offer and the contract that it has.
#[derive(Debug, Clone, Copy)]
pub struct OfferedContract<'a> {
    /// Who offers.
    pub instance: &'a str,
    /// The session of that instance.
    pub session: &'a Session,
    /// Package and service.
    pub interface: &'a str,
    /// Names the contract.
    pub digest: &'a str,
}

impl OfferedContract<'_> {
    /// As [`Offer::id`].
    pub fn id(&self) -> String {
        offer_id(self.instance, self.interface)
    }
}

#[derive(Debug)]
struct Watcher {
    interfaces: BTreeSet<String>,
    consumer: Consumer,
    acknowledged: u64,
}

/// The directory: every session, every offer, every watcher.
#[derive(Debug, Default)]
pub struct Registry {
    revision: u64,
    sessions: BTreeMap<String, Session>,
    index: Index,
    /// Sessions that are otherwise than [`take_unsaved`](Self::take_unsaved) has told.
    unsaved: BTreeSet<String>,
    /// Watches cannot be resumed from before this revision.
    history_from: u64,
    watchers: BTreeMap<u64, Watcher>,
    streams: u64,
    looked_at: Time,
    /// While many went silent together.
    kept: Option<Kept>,
    proposal: Proposal,
}

impl Registry {
    /// A directory with the sessions of an earlier run: each is suspect, and has one lease to come
    /// back.
    pub fn restore(mut sessions: BTreeMap<String, Session>, revision: u64) -> Self {
        for session in sessions.values_mut() {
            session.stream = None;
            session.is_silent = false;
            session.was_here = false;
            session.heard_at = Time::ZERO;
        }
        let mut index = Index::default();
        for (id, session) in &sessions {
            for (interface, bound) in &session.offers {
                index.put(interface, id, bound.offering.contract.as_deref());
                index.touch(interface, revision);
            }
        }
        Self { revision, sessions, index, history_from: revision, ..Self::default() }
    }

    /// Grows by one with every visible change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Every session by its id.
    pub fn sessions(&self) -> &BTreeMap<String, Session> {
        &self.sessions
    }

    /// Opens a session; answers with the number of its stream, or `None` when there are
    /// [`MOST_SESSIONS`] already.
    pub fn open(
        &mut self,
        now: Time,
        id: &str,
        component: &str,
        version: &str,
        secret_digest: Vec<u8>,
    ) -> Option<u64> {
        if self.sessions.len() >= MOST_SESSIONS {
            return None;
        }
        self.streams += 1;
        let session = Session {
            component: component.to_owned(),
            version: version.to_owned(),
            secret_digest,
            release: String::new(),
            refusals: Vec::new(),
            offers: BTreeMap::new(),
            is_degraded: false,
            is_leaving: false,
            standby: None,
            is_silent: false,
            stream: Some(self.streams),
            heard_at: now,
            was_here: true,
            uses: Uses::default(),
            checks: BTreeMap::new(),
        };
        self.sessions.insert(id.to_owned(), session);
        self.unsaved.insert(id.to_owned());
        Some(self.streams)
    }

    /// Takes up a session again on a new stream, whose number is the answer; `None` when it is
    /// gone, is another component's, or the secret is wrong.
    pub fn resume(
        &mut self,
        now: Time,
        id: &str,
        component: &str,
        secret_digest: &[u8],
    ) -> Option<u64> {
        let session = self.sessions.get(id)?;
        if session.secret_digest != secret_digest || session.component != component {
            return None;
        }
        self.streams += 1;
        let stream = self.streams;
        self.change(id, |session| {
            session.stream = Some(stream);
            session.is_silent = false;
            session.was_here = true;
            session.heard_at = now;
        });
        Some(stream)
    }

    /// Takes what the session offers now in place of what it offered before; answers with the
    /// revision that contains it. Saying the same again changes nothing.
    ///
    /// # Errors
    /// What is wrong with the offers, all of it; nothing is taken then.
    pub fn offer(&mut self, id: &str, offers: Vec<Offering>) -> Result<u64, Vec<String>> {
        let findings = offers::findings(&offers);
        if !findings.is_empty() {
            return Err(findings);
        }
        let Some(session) = self.sessions.get_mut(id) else {
            return Err(vec!["the session is gone".to_owned()]);
        };
        let next = self.revision + 1;
        let mut is_changed = false;
        let mut before = std::mem::take(&mut session.offers);
        for offering in offers {
            let known = before.remove(&offering.interface);
            let is_same = known.as_ref().is_some_and(|bound| bound.offering == offering);
            is_changed |= !is_same;
            let generation = match &known {
                Some(bound) if bound.offering.address == offering.address => bound.generation,
                _ => next,
            };
            let changed_at = known.filter(|_| is_same).map_or(next, |bound| bound.changed_at);
            let interface = offering.interface.clone();
            if !is_same {
                self.index.put(&interface, id, offering.contract.as_deref());
                self.index.touch(&interface, next);
            }
            session.offers.insert(interface, Bound { offering, generation, changed_at });
        }
        let offers = &session.offers;
        let is_used = |address: &str| offers.values().any(|it| it.offering.address == address);
        session.checks.retain(|address, _| is_used(address));
        if is_changed || !before.is_empty() {
            self.revision = next;
            self.unsaved.insert(id.to_owned());
        }
        self.bury(id, before.into_keys());
        Ok(self.revision)
    }

    /// A sign of life.
    pub fn beat(&mut self, now: Time, id: &str, is_degraded: bool) {
        self.change(id, |session| {
            session.heard_at = now;
            session.is_silent = false;
            session.is_degraded = is_degraded;
        });
    }

    /// What has come of the session's calls to others since it last said so.
    pub fn outcomes(&mut self, now: Time, id: &str, outcomes: impl IntoIterator<Item = Outcome>) {
        let components =
            |instance: &str| self.sessions.get(instance).map(|session| session.component.clone());
        let named: Vec<(String, Outcome)> = outcomes
            .into_iter()
            .map(|outcome| (components(&outcome.instance).unwrap_or_default(), outcome))
            .collect();
        let served: BTreeSet<(String, String)> =
            named.iter().filter_map(|(_, outcome)| self.served(outcome)).collect();
        let Some(session) = self.sessions.get_mut(id).filter(|_| !named.is_empty()) else { return };
        let mut uses = std::mem::take(&mut session.uses);
        uses.add(named, |instance| self.sessions.contains_key(instance));
        if let Some(session) = self.sessions.get_mut(id) {
            session.uses = uses;
        }
        for (instance, address) in served {
            self.seen_answering(now, &instance, &address);
        }
    }

    /// Where an instance has served calls, if it has.
    fn served(&self, outcome: &Outcome) -> Option<(String, String)> {
        let Outcome { method, instance, calls, failures, .. } = outcome;
        let (interface, _) = method.strip_prefix('/')?.split_once('/')?;
        let bound = self.sessions.get(instance)?.offers.get(interface)?;
        (calls > failures).then(|| (instance.clone(), bound.offering.address.clone()))
    }

    /// The session's answer to a release, or to one that is proposed.
    pub fn answer_release(&mut self, id: &str, digest: &str, refusals: Vec<String>) {
        if self.proposal.answer(id, digest, &refusals) {
            return;
        }
        if let Some(session) = self.sessions.get_mut(id) {
            if refusals.is_empty() {
                digest.clone_into(&mut session.release);
            }
            session.refusals = refusals;
            self.unsaved.insert(id.to_owned());
        }
    }

    /// The stream of a session broke: suspect at once, gone at the end of its lease. A stream that
    /// was replaced by a resumed one does not count.
    pub fn lose(&mut self, id: &str, stream: u64) {
        if self.sessions.get(id).is_some_and(|session| session.stream == Some(stream)) {
            self.change(id, |session| session.stream = None);
        }
    }

    /// A clean goodbye: gone now.
    pub fn leave(&mut self, id: &str, stream: u64) {
        if self.sessions.get(id).is_some_and(|session| session.stream == Some(stream)) {
            self.remove(id);
        }
    }

    /// Makes an instance leave; answers with the revision that says so, and the interfaces whose
    /// watchers must know it. `None` for an unknown instance.
    pub fn drain(&mut self, id: &str) -> Option<(u64, BTreeSet<String>)> {
        self.change(id, |session| session.is_leaving = true);
        let session = self.sessions.get(id)?;
        // A repeat must not wait for a later revision than the one that said it.
        let said = session.offers.values().map(|bound| bound.changed_at).max();
        Some((said.unwrap_or(self.revision), session.offers.keys().cloned().collect()))
    }

    fn ids(&self, is_meant: impl Fn(&Session) -> bool) -> Vec<String> {
        let meant = self.sessions.iter().filter(|(_, session)| is_meant(session));
        meant.map(|(id, _)| id.clone()).collect()
    }

    /// A consumer watches these interfaces from now on.
    pub fn subscribe(&mut self, watcher: u64, interfaces: BTreeSet<String>, consumer: Consumer) {
        self.watchers.insert(watcher, Watcher { interfaces, consumer, acknowledged: 0 });
    }

    /// Who watches.
    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.watchers.values().map(|watcher| &watcher.consumer)
    }

    /// A consumer has applied everything up to this revision.
    pub fn acknowledge(&mut self, watcher: u64, revision: u64) {
        if let Some(watcher) = self.watchers.get_mut(&watcher) {
            watcher.acknowledged = watcher.acknowledged.max(revision);
        }
    }

    /// A consumer is gone.
    pub fn unsubscribe(&mut self, watcher: u64) {
        self.watchers.remove(&watcher);
    }

    /// How many watchers of any of these interfaces have not yet acknowledged the revision.
    pub fn uninformed(&self, revision: u64, interfaces: &BTreeSet<String>) -> usize {
        let concerns = |watcher: &&Watcher| !watcher.interfaces.is_disjoint(interfaces);
        let behind = |watcher: &&Watcher| watcher.acknowledged < revision;
        self.watchers.values().filter(concerns).filter(behind).count()
    }

    /// Changes a session; where that changes how consumers treat its offers, as one revision.
    fn change(&mut self, id: &str, with: impl FnOnce(&mut Session)) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        let before = (session.offer_state(), session.is_degraded, session.is_leaving);
        with(session);
        if (before.1, before.2) != (session.is_degraded, session.is_leaving) {
            self.unsaved.insert(id.to_owned());
        }
        if session.offer_state() == before.0 || session.offers.is_empty() {
            return;
        }
        self.revision += 1;
        for (interface, bound) in &mut session.offers {
            bound.changed_at = self.revision;
            self.index.touch(interface, self.revision);
        }
    }

    fn remove(&mut self, id: &str) {
        let Some(session) = self.sessions.remove(id) else { return };
        self.unsaved.insert(id.to_owned());
        if session.offers.is_empty() {
            return;
        }
        self.revision += 1;
        self.bury(id, session.offers.into_keys());
    }

    fn bury(&mut self, id: &str, interfaces: impl Iterator<Item = String>) {
        for interface in interfaces {
            let forgotten = self.index.bury(&interface, id, self.revision);
            self.history_from = forgotten.unwrap_or(self.history_from);
        }
    }
}

#[cfg(test)]
mod tests;
