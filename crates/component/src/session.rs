//! The component's session with the service manager: opened, beaten, resumed, for as long as the
//! component lives.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use caruso_api::registry::v1 as proto;
use proto::registry_client::RegistryClient;
use proto::session_request::Message as Up;
use proto::session_response::Message as Down;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use crate::backoff::Backoff;
use crate::channel::Credentials;
use crate::enrolment::Enrolment;
use crate::keys::ComponentKey;
use crate::releases::Releases;
use crate::token::PublicKey;
use crate::welcome::Remembered;
use crate::{
    Directory, Error, InterfaceChannel, Options, Standby, code_of, contracts, permissions,
};

/// Messages that may wait to be sent.
const QUEUE: usize = 16;
/// What is assumed until the first welcome says otherwise.
const LEASE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_secs(3);

/// What the component asks of its session.
#[derive(Debug)]
pub(crate) enum Command {
    Offer {
        offers: Vec<proto::OfferedInterface>,
        answer: oneshot::Sender<Result<u64, Error>>,
    },
    Health(proto::Health),
    /// It has all that it needs of those whose place it takes.
    TakingOver,
    Answer(proto::ReleaseAnswer),
    /// About a proposed release; whoever asked has gone once the connection has.
    Examined(proto::ReleaseAnswer),
    Leave {
        is_drained: bool,
        done: oneshot::Sender<()>,
    },
}

/// What the session learns, for the rest of the component.
#[derive(Debug)]
pub(crate) struct Learned {
    pub(crate) credentials: Credentials,
    pub(crate) component_key: ComponentKey,
    pub(crate) revoked: watch::Sender<BTreeSet<String>>,
    pub(crate) instance: Mutex<String>,
    pub(crate) store_id: watch::Sender<String>,
    pub(crate) releases: Releases,
    /// Cancelled when the manager asks to drain, or the program stops.
    pub(crate) leaving: CancellationToken,
    pub(crate) drain_deadline: Mutex<Option<Duration>>,
    /// Cancelled when the manager wants it to take over.
    pub(crate) activated: CancellationToken,
}

/// The session's task.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) options: Options,
    pub(crate) client: RegistryClient<InterfaceChannel>,
    pub(crate) enrolment: Arc<Enrolment>,
    pub(crate) learned: Arc<Learned>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) commands: mpsc::Receiver<Command>,
    /// Answered once: the component is in, or never will be.
    pub(crate) first: Option<oneshot::Sender<Result<(), Error>>>,
    pub(crate) wishes: Wishes,
}

/// What the manager shall know of us, told again after every reconnection.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    offers: Vec<proto::OfferedInterface>,
    unanswered: Vec<oneshot::Sender<Result<u64, Error>>>,
    is_degraded: bool,
    standby: Option<proto::Standby>,
    release_answer: Option<proto::ReleaseAnswer>,
    resume: Option<proto::Resume>,
}

/// Why a connection of the session is over.
enum End {
    Left,
    Lost(Status),
}

/// An open session stream.
struct Open {
    up: mpsc::Sender<proto::SessionRequest>,
    down: Streaming<proto::SessionResponse>,
    lease: Duration,
    beat: tokio::time::Interval,
    heard_at: Instant,
}

impl Session {
    /// Keeps the session until the component leaves. Reconnects for ever.
    pub(crate) async fn keep(mut self) {
        let mut backoff = Backoff::default();
        loop {
            let end = match self.open().await {
                Ok(open) => {
                    backoff.succeeded();
                    self.hold(open).await
                }
                Err(status) => End::Lost(status),
            };
            let End::Lost(status) = end else { return };
            if self.is_final(&status) {
                return;
            }
            let pause = backoff.failed();
            tracing::info!(
                component = self.name,
                reason = status.message(),
                retry_in_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "no session with the service manager",
            );
            if self.pause(pause).await {
                return;
            }
        }
    }

    /// A refusal at the first attempt ends the component; later ones may be repaired by an
    /// operator.
    fn is_final(&mut self, status: &Status) -> bool {
        let is_refusal = matches!(
            status.code(),
            Code::Unauthenticated | Code::PermissionDenied | Code::InvalidArgument
        );
        if !is_refusal || self.first.is_none() {
            return false;
        }
        if let Some(first) = self.first.take() {
            // Nobody waits any more when the program is stopping.
            let code = code_of(status).map(|code| format!(" [{code}]")).unwrap_or_default();
            let _ = first.send(Err(Error::Refused(format!("{}{code}", status.message()))));
        }
        true
    }

    /// Waits, still taking commands; true when the component leaves.
    async fn pause(&mut self, pause: Duration) -> bool {
        let end = Instant::now() + pause;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(end) => return false,
                command = self.commands.recv() => match command {
                    None => return true,
                    Some(Command::Leave { done, .. }) => {
                        let _ = done.send(());
                        return true;
                    }
                    Some(command) => { self.wishes.note(command); }
                },
            }
        }
    }

    async fn open(&mut self) -> Result<Open, Status> {
        self.enrolment.ensure().await?;
        let (up, requests) = mpsc::channel(QUEUE);
        let hello = proto::Hello {
            component: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            resume: self.wishes.resume.clone(),
        };
        let lost = || Status::unavailable("the session stream broke");
        up.send(request(Up::Hello(hello))).await.map_err(|_| lost())?;
        let opened = self.client.session(ReceiverStream::new(requests));
        let opening = async {
            let mut down = opened.await?.into_inner();
            let first = down.message().await?.and_then(|response| response.message);
            let Some(Down::Welcome(welcome)) = first else { return Err(lost()) };
            Ok((down, welcome))
        };
        let opened = tokio::time::timeout(LEASE, opening).await;
        let (down, welcome) =
            opened.map_err(|_| Status::unavailable("the service manager says nothing"))??;
        let lease = duration(welcome.lease).unwrap_or(LEASE);
        let mut beat = tokio::time::interval(duration(welcome.beat_interval).unwrap_or(BEAT));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        self.welcome(welcome);
        for message in self.wishes.all() {
            up.send(request(message)).await.map_err(|_| lost())?;
        }
        Ok(Open { up, down, lease, beat, heard_at: Instant::now() })
    }

    fn welcome(&mut self, welcome: proto::Welcome) {
        tracing::info!(component = self.name, instance = welcome.session_id, "session open");
        let token = &welcome.component_token;
        if !token.is_empty() {
            self.learned.take_token(token);
        }
        let key = PublicKey::from_bytes(&welcome.token_key);
        self.learned.component_key.store(key.map(Arc::new));
        let mut instance = lock(&self.learned.instance);
        instance.clone_from(&welcome.session_id);
        drop(instance);
        self.learned.store_id.send_replace(welcome.store_id.clone());
        if let Some(folder) = self.options.data.as_ref().filter(|_| !token.is_empty()) {
            Remembered::new(token, &welcome.token_key).save(folder);
        }
        self.wishes.resume =
            Some(proto::Resume { session_id: welcome.session_id, secret: welcome.secret });
        if let Some(first) = self.first.take() {
            let _ = first.send(Ok(()));
        }
    }

    async fn hold(&mut self, mut open: Open) -> End {
        loop {
            let silent_at = open.heard_at + open.lease;
            let sent = tokio::select! {
                message = open.down.message() => match message {
                    Ok(Some(response)) => {
                        open.heard_at = Instant::now();
                        match self.hear(response).await {
                            Ok(Some(answer)) => open.up.try_send(request(answer)),
                            Ok(None) => Ok(()),
                            Err(status) => return End::Lost(status),
                        }
                    }
                    Ok(None) => return End::Lost(Status::unavailable("the session stream ended")),
                    Err(status) => return End::Lost(status),
                },
                command = self.commands.recv() => match command {
                    None => return self.leave(open, false).await,
                    Some(Command::Leave { is_drained, done }) => {
                        let end = self.leave(open, is_drained).await;
                        let _ = done.send(());
                        return end;
                    }
                    Some(command) => open.up.try_send(request(self.wishes.note(command))),
                },
                _ = open.beat.tick() => open.up.try_send(request(self.beat())),
                () = tokio::time::sleep_until(silent_at) => {
                    return End::Lost(Status::unavailable("the service manager went silent"));
                }
            };
            if sent.is_err() {
                return End::Lost(Status::unavailable("the session stream is stuck"));
            }
        }
    }

    /// A sign of life, with what has come of our calls.
    fn beat(&self) -> Up {
        Up::Beat(proto::Beat { outcomes: self.directory.outcomes(), ..self.wishes.health() })
    }

    async fn hear(&mut self, response: proto::SessionResponse) -> Result<Option<Up>, Status> {
        match response.message {
            Some(Down::BeatAcknowledged(beat)) if !beat.component_token.is_empty() => {
                self.learned.take_token(&beat.component_token);
                if let Some(folder) = &self.options.data
                    && let Some(key) = self.learned.component_key.load_full()
                {
                    Remembered::new(&beat.component_token, &key.to_bytes()).save(folder);
                }
            }
            Some(Down::OffersAccepted(accepted)) => {
                for answer in self.wishes.unanswered.drain(..) {
                    let _ = answer.send(Ok(accepted.revision));
                }
            }
            Some(Down::OffersRejected(rejected)) => {
                let reasons = rejected.reasons.join("; ");
                tracing::error!(component = self.name, reasons, "offers refused");
                for answer in self.wishes.unanswered.drain(..) {
                    let _ = answer.send(Err(Error::OffersRefused(rejected.reasons.clone())));
                }
            }
            Some(Down::ContractsWanted(wanted)) => {
                contracts::put(&mut self.client, &wanted.digests).await?;
                let standby = self.wishes.standby.clone().map(Up::Standby);
                return Ok(Some(standby.unwrap_or_else(|| self.wishes.offer())));
            }
            Some(Down::ReleaseAvailable(release)) => {
                self.learned.releases.announced(release.digest, self.client.clone());
            }
            Some(Down::ReleaseProposed(release)) => {
                self.learned.releases.proposed(release.digest, self.client.clone());
            }
            Some(Down::Activate(_)) => self.learned.activated.cancel(),
            Some(Down::Revocations(revocations)) => {
                let revoked = revocations.join_tokens.into_iter().collect();
                self.learned.revoked.send_replace(revoked);
            }
            Some(Down::DrainRequested(drain)) => {
                tracing::info!(component = self.name, "asked to drain");
                *lock(&self.learned.drain_deadline) = duration(drain.deadline);
                self.learned.leaving.cancel();
            }
            Some(Down::Welcome(_) | Down::BeatAcknowledged(_)) | None => {}
        }
        Ok(None)
    }

    /// Says goodbye and waits, shortly, until the manager has closed its side.
    async fn leave(&self, mut open: Open, is_drained: bool) -> End {
        let mut farewell = Vec::new();
        if is_drained {
            farewell.push(Up::Drained(proto::Drained {}));
        }
        farewell.push(Up::Goodbye(proto::Goodbye {}));
        for message in farewell {
            // A stream that is broken already needs no goodbye.
            let _ = open.up.try_send(request(message));
        }
        drop(open.up);
        let closed = async { while let Ok(Some(_)) = open.down.message().await {} };
        let _ = tokio::time::timeout(Duration::from_millis(300), closed).await;
        End::Left
    }
}

impl Learned {
    /// What is known before the first welcome.
    pub(crate) fn nothing(data: Option<&Path>, shutdown: &CancellationToken) -> Self {
        Self {
            credentials: Arc::default(),
            component_key: Arc::new(ArcSwapOption::empty()),
            revoked: watch::Sender::default(),
            instance: Mutex::default(),
            store_id: watch::Sender::new(String::new()),
            releases: Releases::new(data),
            leaving: shutdown.child_token(),
            drain_deadline: Mutex::default(),
            activated: CancellationToken::new(),
        }
    }

    /// From now on calls carry this token.
    pub(crate) fn take_token(&self, token: &str) {
        let Ok(mut value) = http::HeaderValue::from_str(token) else { return };
        value.set_sensitive(true);
        self.credentials.store(Some(Arc::new(value)));
    }
}

impl Wishes {
    /// Of a component that stands by where the options say so: with the contracts of everything
    /// that it may offer.
    pub(crate) fn of(name: &str, standby: Option<Standby>) -> Self {
        let standby = standby.map(|how| {
            let may_offer =
                |contract: &&caruso_api::Contract| permissions::may_offer(name, contract.interface);
            let contracts = caruso_api::CONTRACTS.iter().filter(may_offer);
            let contracts = contracts.map(|it| (it.interface.to_owned(), it.digest.to_owned()));
            proto::Standby { contracts: contracts.collect(), is_beside: how == Standby::Beside }
        });
        Self { standby, ..Self::default() }
    }

    /// Keeps the wish and gives the message that says it.
    fn note(&mut self, command: Command) -> Up {
        match command {
            Command::Offer { offers, answer } => {
                self.offers = offers;
                self.unanswered.push(answer);
                self.offer()
            }
            Command::Health(health) => {
                self.is_degraded = health == proto::Health::Degraded;
                self.beat()
            }
            Command::TakingOver => Up::TakingOver(proto::TakingOver {}),
            Command::Answer(answer) => {
                self.release_answer = Some(answer.clone());
                Up::ReleaseAnswer(answer)
            }
            Command::Examined(answer) => Up::ReleaseAnswer(answer),
            Command::Leave { .. } => self.beat(),
        }
    }

    fn offer(&self) -> Up {
        Up::Offers(proto::Offers { offers: self.offers.clone() })
    }

    fn health(&self) -> proto::Beat {
        let health =
            if self.is_degraded { proto::Health::Degraded } else { proto::Health::Serving };
        proto::Beat { health: health.into(), outcomes: Vec::new() }
    }

    fn beat(&self) -> Up {
        Up::Beat(self.health())
    }

    /// Everything, for a new connection.
    fn all(&self) -> Vec<Up> {
        let mut messages: Vec<Up> = self.standby.clone().map(Up::Standby).into_iter().collect();
        if !self.offers.is_empty() || !self.unanswered.is_empty() {
            messages.push(self.offer());
        }
        messages.extend(self.release_answer.clone().map(Up::ReleaseAnswer));
        messages.push(self.beat());
        messages
    }
}

fn request(message: Up) -> proto::SessionRequest {
    proto::SessionRequest { message: Some(message) }
}

fn duration(given: Option<prost_types::Duration>) -> Option<Duration> {
    given.and_then(|given| given.try_into().ok()).filter(|given: &Duration| !given.is_zero())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
