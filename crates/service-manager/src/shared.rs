//! The registry with everything around it that is no decision: locks, clock, channels, keys.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use caruso_api::registry::v1::SessionResponse;
use caruso_api::registry::v1::session_response::Message;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::admission::Admission;
use crate::contracts::{self, Contracts, InUse, Origin};
use crate::encoding::Encodings;
use crate::registry::{Registry, Session, Time};
use crate::releases::Held;
use crate::store::{self, Log};
use crate::waking::Waking;

/// The clock is looked at this often.
const LOOK: Duration = Duration::from_millis(250);
/// The directory on disk lags by at most this.
const SAVE: Duration = Duration::from_millis(50);
/// What could not be written is tried again after this.
const SAVE_AGAIN: Duration = Duration::from_secs(1);

/// Messages towards one component.
pub(crate) type Down = mpsc::Sender<Result<SessionResponse, Status>>;

/// What all streams share.
#[derive(Debug)]
pub(crate) struct Shared {
    registry: Mutex<Registry>,
    started: Instant,
    /// Of the directory, for whoever waits for something in it.
    pub(crate) revision: watch::Sender<u64>,
    pub(crate) waking: Waking,
    pub(crate) encodings: Encodings,
    /// There is something to be kept.
    unsaved: Notify,
    /// Changes with every acknowledgement and every watcher that ends.
    pub(crate) acknowledged: watch::Sender<()>,
    /// The streams towards components, by session.
    down: Mutex<HashMap<String, Down>>,
    pub(crate) admission: Admission,
    held: Mutex<Held>,
    /// Never asked for while the registry is locked.
    contracts: RwLock<Contracts>,
    /// One writer at a time.
    saving: tokio::sync::Mutex<()>,
    /// One publication at a time.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    /// One replacement at a time.
    pub(crate) replacing: tokio::sync::Mutex<()>,
    /// Changes with every answer to a release, with what those say who stand by, and with each who
    /// leaves.
    pub(crate) answered: watch::Sender<()>,
    /// New with every start: revisions of different runs do not compare.
    pub(crate) store_id: String,
    pub(crate) data: PathBuf,
}

impl Shared {
    pub(crate) fn new(
        registry: Registry,
        admission: Admission,
        held: Held,
        contracts: Contracts,
        data: PathBuf,
    ) -> Self {
        Self {
            revision: watch::Sender::new(registry.revision()),
            registry: Mutex::new(registry),
            started: Instant::now(),
            waking: Waking::default(),
            encodings: Encodings::default(),
            unsaved: Notify::new(),
            acknowledged: watch::Sender::new(()),
            down: Mutex::default(),
            admission,
            held: Mutex::new(held),
            contracts: RwLock::new(contracts),
            saving: tokio::sync::Mutex::default(),
            publishing: tokio::sync::Mutex::default(),
            replacing: tokio::sync::Mutex::default(),
            answered: watch::Sender::new(()),
            store_id: uuid::Uuid::now_v7().to_string(),
            data,
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.started.elapsed()
    }

    /// Asks the registry.
    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The releases that are held.
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The contracts that are known.
    pub(crate) fn contracts(&self) -> RwLockReadGuard<'_, Contracts> {
        self.contracts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to be changed.
    pub(crate) fn contracts_mut(&self) -> RwLockWriteGuard<'_, Contracts> {
        self.contracts.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The contracts of an interface that live components speak by, but for those of one instance:
    /// each that is offered once, with one of those who offer it.
    pub(crate) fn in_use(&self, interface: &str, but: &str) -> Vec<InUse> {
        let registry = self.registry();
        let who = |session: &Session| Origin {
            component: session.component.clone(),
            version: session.version.clone(),
        };
        let offered = registry.offered_by(interface, but).map(|offer| InUse {
            digest: offer.digest.to_owned(),
            who: who(offer.session),
            is_offered: true,
        });
        let consumers = registry.consumers().filter(|consumer| consumer.instance != but);
        let used = consumers.filter_map(|consumer| {
            let session = registry.sessions().get(&consumer.instance)?;
            let digest = consumer.contracts.get(interface).filter(|_| session.is_live())?.clone();
            Some(InUse { digest, who: who(session), is_offered: false })
        });
        offered.chain(used).collect()
    }

    /// The digests that somebody offers or has subscribed with.
    pub(crate) fn digests_in_use(&self) -> BTreeSet<String> {
        let registry = self.registry();
        let offered = registry.offered_contracts().map(|offer| offer.digest.to_owned());
        let used = registry.consumers().flat_map(|consumer| consumer.contracts.values().cloned());
        offered.chain(used).collect()
    }

    /// Writes the contracts to disk.
    pub(crate) async fn save_contracts(&self) -> Result<(), caruso_component::Error> {
        let _one_at_a_time = self.saving.lock().await;
        let files = self.contracts().files();
        let saving = tokio::task::spawn_blocking(move || contracts::save(&files));
        saving.await.unwrap_or(Ok(()))
    }

    /// Lets the registry decide on an event, and wakes the watchers when that changed something.
    pub(crate) fn event<T>(&self, event: impl FnOnce(&mut Registry, Time) -> T) -> T {
        let now = self.now();
        let mut registry = self.registry();
        let before = registry.revision();
        let answer = event(&mut registry, now);
        let after = registry.revision();
        let (touched, is_unsaved) = (registry.take_touched(), registry.is_unsaved());
        drop(registry);
        if !touched.is_empty() {
            self.waking.touched(touched);
        }
        if is_unsaved {
            self.unsaved.notify_one();
        }
        if after != before {
            self.revision.send_modify(|revision| *revision = after.max(*revision));
        }
        answer
    }

    pub(crate) fn attach(&self, session: &str, down: Down) {
        let mut streams = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        streams.insert(session.to_owned(), down);
    }

    /// Forgets a stream, unless a resumed session has put another in its place.
    pub(crate) fn detach(&self, session: &str, down: &Down) {
        let mut streams = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.get(session).is_some_and(|other| other.same_channel(down)) {
            streams.remove(session);
        }
    }

    /// Sends to one component; false when it has no stream or does not read.
    pub(crate) fn tell(&self, session: &str, message: Message) -> bool {
        let streams = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        let response = SessionResponse { message: Some(message) };
        streams.get(session).is_some_and(|down| down.try_send(Ok(response)).is_ok())
    }

    /// Sends to every component that has a stream and reads it.
    pub(crate) fn tell_all(&self, message: &Message) {
        let streams = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        for down in streams.values() {
            let response = SessionResponse { message: Some(message.clone()) };
            let _ = down.try_send(Ok(response));
        }
    }

    /// Renews the manager's own certificate until it stops.
    pub(crate) async fn keep_certified(self: Arc<Self>, stop: CancellationToken) {
        if let Admission::Certified(certifying) = &self.admission {
            certifying.keep_certified(stop).await;
        }
    }

    /// Looks at the clock until the manager stops.
    pub(crate) async fn keep_time(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(LOOK);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            self.event(Registry::look);
        }
    }

    /// Wakes watchers until the manager stops.
    pub(crate) async fn keep_waking(self: Arc<Self>, stop: CancellationToken) {
        self.waking.keep(&stop).await;
    }

    /// Writes to disk what has changed, and once more at the end.
    pub(crate) async fn keep_on_disk(self: Arc<Self>, mut log: Log, stop: CancellationToken) {
        let (mut is_over, mut pause) = (false, SAVE);
        while !is_over {
            is_over = stop.run_until_cancelled(self.unsaved.notified()).await.is_none();
            if !is_over {
                is_over = stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none();
            }
            let (whole, changed) = {
                let mut registry = self.registry();
                let changed = registry.take_unsaved();
                (log.is_over().then(|| store::all(&registry)), changed)
            };
            let saving = move || {
                let saved = match &whole {
                    Some(whole) => log.begin(whole),
                    None if changed.sessions.is_empty() => Ok(()),
                    None => log.add(&changed),
                };
                (log, saved)
            };
            let Ok((back, saved)) = tokio::task::spawn_blocking(saving).await else { return };
            log = back;
            pause = SAVE;
            if let Err(error) = saved {
                tracing::error!(%error, "the directory cannot be written");
                pause = SAVE_AGAIN;
                self.unsaved.notify_one();
            }
        }
    }
}
