//! A component: its session, its picture of the others, its own service.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use proto::registry_client::RegistryClient;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::audit::Audit;
use crate::channel::Route;
use crate::enrolment::{ENROLMENT, Enrolment};
use crate::feed::{self, Feed};
use crate::keys::UserKeys;
use crate::peer::Peer;
use crate::permissions::names::SERVICE_MANAGER;
use crate::session::{Command, Learned, Session, Wishes, lock};
use crate::token::{Claims as _, ComponentClaims, PublicKey, now_seconds};
use crate::transport::Transport;
use crate::welcome::Remembered;
use crate::{
    Directory, Error, Guard, InterfaceChannel, JoinToken, Options, Proof, contracts, server,
};

mod taking;

/// Interface of the service manager itself; the only one with a fixed address.
pub const REGISTRY: &str = "caruso.registry.v1.Registry";
/// What the interfaces of the service manager begin with.
const MANAGERS: &str = "caruso.registry.v1.";
const IDENTITY: &str = "caruso.identity.v1.Identity";
/// A start waits this long for the manager before it goes on with what it remembers.
const WAIT_FOR_MANAGER: Duration = Duration::from_secs(2);
/// Commands to the session that may wait.
const QUEUE: usize = 64;
/// At shutdown, calls that have begun may end within this time.
const GRACE: Duration = Duration::from_secs(2);

/// One interface that a component offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    interface: String,
    address: Option<String>,
    properties: BTreeMap<String, String>,
}

impl Offered {
    /// Offers an interface, for example `caruso.storage.v1.StorageManager`.
    pub fn interface(name: &str) -> Self {
        Self { interface: name.to_owned(), address: None, properties: BTreeMap::new() }
    }

    /// A fact that consumers need before they call.
    #[must_use]
    pub fn property(mut self, name: &str, value: impl Into<String>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    /// Served elsewhere than where [`Component::serve`] serves, for example
    /// `http://127.0.0.1:8080`.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }
}

/// A component that has joined: the same for all clones. It leaves when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Component {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    options: Options,
    manager: Arc<Peer>,
    transport: Arc<Transport>,
    learned: Arc<Learned>,
    directory: Arc<Directory>,
    commands: mpsc::Sender<Command>,
    guard: Guard,
    /// The directory's feed and the renewal of certificates.
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Component {
    /// Opens the component's session and keeps it for as long as the component lives. Waits for the
    /// manager as long as it takes; where an earlier session, the directory and a release are on
    /// disk, 2 s only. `shutdown` stops the waiting, and later the serving.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::JoinToken`], [`Error::NoJoinToken`] for `https://` without one,
    /// [`Error::TokenInTheClear`] for `http://` with one, [`Error::Refused`] by the manager,
    /// [`Error::Stopped`].
    pub async fn join(
        options: Options,
        name: &str,
        shutdown: CancellationToken,
    ) -> Result<Self, Error> {
        let token = options.join_token.as_ref().map(|token| token.expose().parse::<JoinToken>());
        let token = token.transpose()?;
        let transport = Arc::new(Transport::new(&options, token.as_ref())?);
        let manager = Peer::new(&options.service_manager, SERVICE_MANAGER, &transport);
        let manager = manager.map(Arc::new);
        let manager = manager.ok_or_else(|| Error::Address(options.service_manager.clone()))?;
        let data = options.data.clone();
        let learned = Arc::new(Learned::nothing(data.as_deref(), &shutdown));
        let (commands, receiver) = mpsc::channel(QUEUE);
        let (first, joined) = oneshot::channel();
        let directory = Arc::new(Directory::new(Arc::clone(&transport)));
        let channel = |interface| {
            let route = Route::Fixed(Arc::clone(&manager));
            InterfaceChannel::new(interface, name, Arc::clone(&learned.credentials), route)
        };
        let client = RegistryClient::new(channel(REGISTRY));
        let enrolment = Enrolment::new(name, token, channel(ENROLMENT), Arc::clone(&transport));
        let enrolment = Arc::new(enrolment);
        let session = Session {
            name: name.to_owned(),
            options: options.clone(),
            client: client.clone(),
            enrolment: Arc::clone(&enrolment),
            learned: Arc::clone(&learned),
            directory: Arc::clone(&directory),
            commands: receiver,
            first: Some(first),
            wishes: Wishes::of(name, options.standby),
        };
        tokio::spawn(session.keep());
        let feed = Feed {
            directory: Arc::clone(&directory),
            client,
            store_id: learned.store_id.subscribe(),
            file: data.as_ref().map(|folder| folder.join(feed::FILE)),
            covered: None,
            copying: None,
        };
        feed.restore();
        let remembered = remembered(&transport, data.as_deref());
        wait_to_join(joined, &learned, remembered, &shutdown).await?;
        let guard = guard(name, &options, &learned, &directory, &transport);
        let _tasks = [
            AbortOnDropHandle::new(tokio::spawn(feed.keep())),
            AbortOnDropHandle::new(tokio::spawn(enrolment.keep_renewed())),
        ];
        let name = name.to_owned();
        let inner = Inner {
            name,
            options,
            manager,
            transport,
            learned,
            directory,
            commands,
            guard,
            _tasks,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether connections are in the clear and nobody has a certificate.
    pub fn is_in_development(&self) -> bool {
        matches!(*self.inner.transport, Transport::Plain)
    }

    /// Kind and name, for example `storage-manager`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The running instance, as the directory names it; empty before the first session.
    pub fn instance(&self) -> String {
        lock(&self.inner.learned.instance).clone()
    }

    /// The local picture of who offers what.
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// A channel for a generated client of this interface.
    pub fn caller(&self, interface: &str) -> InterfaceChannel {
        let route = if interface.starts_with(MANAGERS) {
            Route::Fixed(Arc::clone(&self.inner.manager))
        } else {
            Route::Directory(self.inner.directory.handle(interface))
        };
        let credentials = Arc::clone(&self.inner.learned.credentials);
        InterfaceChannel::new(interface, &self.inner.name, credentials, route)
    }

    /// A channel to what one component offers, by the component's name: where several offer the
    /// same interface and are not alike, as wrappers do.
    pub fn caller_of(&self, component: &str, interface: &str) -> InterfaceChannel {
        let handle = self.inner.directory.handle(interface);
        let route = Route::Component(handle, component.to_owned());
        let credentials = Arc::clone(&self.inner.learned.credentials);
        InterfaceChannel::new(interface, &self.inner.name, credentials, route)
    }

    /// Whether the component can take new work; consumers choose a degraded one last.
    pub fn set_degraded(&self, is_degraded: bool) {
        let health = if is_degraded { proto::Health::Degraded } else { proto::Health::Serving };
        self.tell(Command::Health(health));
    }

    /// What the session does not take within its queue is said by the next beat or reconnection.
    fn tell(&self, command: Command) {
        if self.inner.commands.try_send(command).is_err() {
            tracing::warn!(component = self.inner.name, "the session's queue is full");
        }
    }

    /// The layer that every rpc must pass; [`serve`](Self::serve) puts it on by itself.
    pub fn guard(&self) -> Guard {
        self.inner.guard.clone()
    }

    /// Cancelled when the component shall leave: the program stops, or the manager asks to drain.
    pub fn leaving(&self) -> CancellationToken {
        self.inner.learned.leaving.clone()
    }

    /// Whether the manager asked to leave.
    pub fn is_drained(&self) -> bool {
        lock(&self.inner.learned.drain_deadline).is_some()
    }

    /// Returns when the manager wants this instance, which stands by, to take over.
    pub async fn activated(&self) {
        self.inner.learned.activated.cancelled().await;
    }

    /// Says that it has all that it needs of those whose place it takes: they leave now.
    pub fn taking_over(&self) {
        self.tell(Command::TakingOver);
    }

    /// Tells the directory what this component offers, in place of what it offered before; answers
    /// with the revision that contains it. Waits for the manager, but not beyond leaving.
    ///
    /// # Errors
    /// [`Error::OffersRefused`], [`Error::Stopped`].
    pub async fn offer(&self, offers: impl IntoIterator<Item = Offered>) -> Result<u64, Error> {
        let stopped = self.leaving();
        stopped
            .run_until_cancelled(self.send_offers(offers, ""))
            .await
            .unwrap_or(Err(Error::Stopped))
    }

    async fn send_offers(
        &self,
        offers: impl IntoIterator<Item = Offered>,
        own: &str,
    ) -> Result<u64, Error> {
        let offers = offers.into_iter().map(|offered| proto::OfferedInterface {
            contract: contracts::digest_of(&offered.interface),
            interface: offered.interface,
            address: offered.address.unwrap_or_else(|| own.to_owned()),
            properties: offered.properties.into_iter().collect(),
        });
        let (answer, answered) = oneshot::channel();
        let command = Command::Offer { offers: offers.collect(), answer };
        self.inner.commands.send(command).await.map_err(|_| Error::Stopped)?;
        answered.await.unwrap_or(Err(Error::Stopped))
    }

    /// Serves the routes, offers the interfaces, and returns when the component has left: the
    /// program stops, or the manager asked to drain and the work is finished.
    ///
    /// # Errors
    /// [`Error::NoAddress`], [`Error::Listen`], [`Error::OffersRefused`], [`Error::Serve`].
    pub async fn serve(
        &self,
        routes: Routes,
        offers: impl IntoIterator<Item = Offered>,
    ) -> Result<(), Error> {
        let address = self.inner.options.listen;
        if address.ip().is_unspecified() {
            return Err(Error::NoAddress(address));
        }
        let listener = server::listen(address).await?;
        let local = listener.local_addr();
        let local = local.map_err(|source| Error::Listen { address, source })?;
        if local.ip().is_loopback() && !self.inner.manager.is_here() {
            tracing::warn!(component = self.name(), %local, "only this machine reaches it");
        }
        let stop = CancellationToken::new();
        let transport = &self.inner.transport;
        let acceptor = transport.acceptor();
        let serving = server::serve(listener, acceptor, routes, self.guard(), stop.clone(), GRACE);
        tokio::pin!(serving);
        let own = format!("{}://{local}", transport.scheme());
        let leaving = self.leaving();
        let offering = async {
            let sent = leaving.run_until_cancelled(self.send_offers(offers, &own)).await;
            match sent {
                Some(Err(error)) => return Err(error),
                Some(Ok(_)) => tracing::info!(component = self.name(), address = own, "serving"),
                None => {}
            }
            leaving.cancelled().await;
            Ok(())
        };
        tokio::select! {
            ended = &mut serving => return ended,
            offered = offering => offered?,
        }
        self.withdraw().await;
        stop.cancel();
        let served = match *lock(&self.inner.learned.drain_deadline) {
            Some(deadline) => deadline,
            None => GRACE,
        };
        let ended = tokio::time::timeout(served, serving).await;
        self.leave().await;
        ended.unwrap_or(Ok(()))
    }

    /// Takes the offers back before the server stops, so that consumers go elsewhere first.
    async fn withdraw(&self) {
        let told = self.send_offers([], "");
        if tokio::time::timeout(Duration::from_millis(300), told).await.is_err() {
            tracing::debug!(component = self.name(), "the offers could not be withdrawn in time");
        }
    }

    /// Says goodbye to the manager; the component is gone at once, without waiting for its lease.
    /// [`serve`](Self::serve) does so at its end.
    pub async fn leave(&self) {
        let is_drained = self.is_drained();
        let (done, is_done) = oneshot::channel();
        let command = Command::Leave { is_drained, done };
        if self.inner.commands.send(command).await.is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(1), is_done).await;
        }
    }
}

/// With what of an earlier run a component could go on without the manager.
enum Known {
    Token(String, Box<PublicKey>),
    /// It is in use already.
    Certificate,
}

fn remembered(transport: &Transport, data: Option<&Path>) -> Option<Known> {
    if let Transport::Certified(certified) = transport {
        return certified.credential().map(|_| Known::Certificate);
    }
    let remembered = data.and_then(Remembered::load)?;
    let key = PublicKey::from_bytes(&remembered.token_key)?;
    let token = remembered.component_token;
    let claims = key.verify::<ComponentClaims>(&token, now_seconds()).ok()?;
    (claims.expires_at() > now_seconds()).then_some(Known::Token(token, Box::new(key)))
}

/// Waits for the first session, or goes on with what is remembered of an earlier one.
async fn wait_to_join(
    mut joined: oneshot::Receiver<Result<(), Error>>,
    learned: &Learned,
    remembered: Option<Known>,
    shutdown: &CancellationToken,
) -> Result<(), Error> {
    let patience = async {
        match &remembered {
            Some(_) => tokio::time::sleep(WAIT_FOR_MANAGER).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        joined = &mut joined => return joined.unwrap_or(Err(Error::Stopped)),
        () = shutdown.cancelled() => return Err(Error::Stopped),
        () = patience => {}
    }
    tracing::warn!("the service manager is away; starting with what is remembered");
    if let Some(Known::Token(token, key)) = remembered {
        learned.take_token(&token);
        learned.component_key.store(Some(Arc::from(key)));
    }
    Ok(())
}

fn guard(
    name: &str,
    options: &Options,
    learned: &Learned,
    directory: &Directory,
    transport: &Transport,
) -> Guard {
    // Identity has no users to verify, and asking for its own keys would be asking itself.
    let user_keys = if name == crate::permissions::names::IDENTITY {
        UserKeys::fixed([])
    } else {
        let route = Route::Directory(directory.handle(IDENTITY));
        let credentials = Arc::clone(&learned.credentials);
        UserKeys::from_identity(InterfaceChannel::new(IDENTITY, name, credentials, route))
    };
    let audit = options.data.as_deref().map(Audit::in_folder).unwrap_or_default();
    let proof = match transport {
        Transport::Plain => Proof::Token(Arc::clone(&learned.component_key)),
        Transport::Certified(_) => Proof::Certificate(learned.revoked.subscribe()),
    };
    Guard::new(proof, user_keys, audit, learned.leaving.clone())
}
