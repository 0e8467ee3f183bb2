//! One SIP endpoint: its sockets, the stack, and what is done through it.

use crate::call::{self, Account, Call, Incoming, Target};
use crate::leg::{Departure, Leg, LegEvents, LegId};
use crate::options::{Limits, Options};
use crate::registrar::{Registrar, Registrations};
use crate::sockets::Sockets;
use crate::subscription::{Messages, Subscriptions};
use crate::succession::{self, Datagram, Estate, Predecessor, Registered};
use crate::transport::Transport;
use crate::trunk::{self, Health, Trunk};
use crate::tunnel::{self, Tunnels};
use crate::wire::gate::Gate;
use crate::wire::mark::Mark;
use crate::wire::plain::simple_name;
use crate::wire::tcp::Connections;
use crate::{dispatch, stack};
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::{Header, Param, StatusCode, Uri};
use rsipstack::transport::SipAddr;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Incoming calls waiting for the application; beyond it callers get 503.
const WAITING_CALLS: usize = 64;

/// Messages that another endpoint has passed on and that were not read yet; more are lost.
const PASSED_ON: usize = 1024;

/// Time for legs to say goodbye when the endpoint is dropped.
const CLOSING: Duration = Duration::from_secs(2);

/// Why an endpoint cannot start, call or register.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No call legs are left.
    #[error("all call legs are in use")]
    TooManyLegs,
    /// A target, number or header that cannot be written into a message.
    #[error("not a valid {0}")]
    Invalid(&'static str),
    /// No phone is registered for the extension.
    #[error("the extension is not registered")]
    NotRegistered,
    /// The registrar refused with this status.
    #[error("registration refused with {0}")]
    Refused(u16),
    /// The registrar does not answer.
    #[error("the registrar does not answer")]
    Unreachable,
}

/// How much the endpoint holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Call legs, those still ending included.
    pub legs: usize,
    /// Dialogs of the stack.
    pub dialogs: usize,
    /// Transactions that run.
    pub transactions: usize,
    /// Transactions kept to absorb what is sent again.
    pub finished_transactions: usize,
    /// INVITE transactions waiting for their ACK.
    pub waiting_ack: usize,
    /// TCP connections.
    pub connections: usize,
    /// Subscriptions of phones to their messages.
    pub subscriptions: usize,
}

/// Counts what an endpoint holds, for whoever does not own it.
#[derive(Clone, Debug)]
pub struct Counter(Weak<Shared>);

impl Counter {
    /// How much it holds; nothing once it is closed.
    pub fn counts(&self) -> Option<Counts> {
        self.0.upgrade().map(|shared| shared.counts())
    }
}

/// A SIP endpoint. When dropped it takes no more calls, gives the legs that are hung up two
/// seconds to end, and then closes its sockets; what is left of its legs is hung up unheard.
#[derive(Debug)]
pub struct Endpoint {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) layer: Arc<DialogLayer>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) connections: Arc<Connections>,
    registrar: Mutex<Registrar>,
    pub(crate) subscriptions: Subscriptions,
    registered: watch::Sender<Registrations>,
    pub(crate) calls: mpsc::Sender<Incoming>,
    pub(crate) legs: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) local: SocketAddr,
    next_leg: AtomicU64,
    pub(crate) t1: Duration,
    pub(crate) stop: CancellationToken,
    /// Cancelled when another endpoint has the sockets.
    pub(crate) yielded: CancellationToken,
    pass_on: mpsc::Sender<Datagram>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shared").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Opens the sockets and starts. Gives the endpoint and the queue of incoming calls.
    ///
    /// # Errors
    /// [`Error::Listen`] when the address is in use or not ours.
    pub async fn bind(options: Options) -> Result<(Self, mpsc::Receiver<Incoming>), Error> {
        let sockets = Sockets::bind(options.listen);
        let listen = |source| Error::Listen { address: options.listen, source };
        Self::on(sockets.map_err(listen)?, options, None).await
    }

    /// Starts on these sockets, in place of another endpoint that had them, if there is one.
    ///
    /// # Errors
    /// [`Error::Listen`] when they cannot be used.
    pub async fn on(
        sockets: Sockets,
        options: Options,
        predecessor: Option<Predecessor>,
    ) -> Result<(Self, mpsc::Receiver<Incoming>), Error> {
        let listen = |source| Error::Listen { address: options.listen, source };
        let (udp, tcp, local) = sockets.open().map_err(listen)?;
        let stop = CancellationToken::new();
        let yielded = CancellationToken::new();
        let mut key = [0; 32];
        let mut instance = [0; 4];
        let random = getrandom::fill(&mut key).and_then(|()| getrandom::fill(&mut instance));
        random.map_err(|error| listen(io::Error::other(error)))?;
        let mark = Mark::new(options.generation, u32::from_be_bytes(instance));
        let known = predecessor.as_ref().map(|it| it.estate.registered.clone());
        let known = succession::registrations(known.unwrap_or_default());
        let Options { user_agent, trunks, limits, .. } = &options;
        let gate = Gate::new(mark, local, user_agent, trunks, limits, predecessor);
        let gate = Arc::new(gate);
        let place: Arc<OnceLock<Weak<Connections>>> = Arc::default();
        let (pass_on, passed_on) = mpsc::channel(PASSED_ON);
        let datagrams = stack::Datagrams { socket: udp, yielded: yielded.clone(), passed_on };
        let stack = stack::build(&options, datagrams, &gate, &place, &stop).await;
        let stack = stack.map_err(|error| listen(io::Error::other(error.to_string())))?;
        let incoming = stack.incoming_transactions();
        let inner = stack.inner.clone();
        let (calls, waiting) = mpsc::channel(WAITING_CALLS);
        let mut registrar = Registrar::new(&options, key, Instant::now());
        *registrar.registrations_mut() = known.clone();
        let shared = Arc::new_cyclic(|me: &Weak<Shared>| {
            let me = me.clone();
            let on_closed = Box::new(move |peer| {
                if let Some(shared) = me.upgrade() {
                    shared.update_registrar(|registrar| {
                        registrar.registrations_mut().close(peer);
                    });
                }
            });
            let limit = limits.connections;
            let connections = Connections::new(
                gate.clone(),
                inner.clone(),
                limit,
                on_closed,
                stop.clone(),
                yielded.clone(),
            );
            Shared {
                layer: Arc::new(DialogLayer::new(inner)),
                gate: gate.clone(),
                connections: Arc::new(connections),
                registrar: Mutex::new(registrar),
                subscriptions: Subscriptions::new(limits),
                registered: watch::Sender::new(known),
                calls,
                legs: Arc::new(Semaphore::new(limits.legs)),
                limits: *limits,
                local,
                next_leg: AtomicU64::new(1),
                t1: options.t1,
                stop: stop.clone(),
                yielded: yielded.clone(),
                pass_on,
            }
        });
        place.set(Arc::downgrade(&shared.connections)).ok();
        tokio::spawn(shared.connections.clone().accept(tcp));
        tokio::spawn(async move { stack.serve().await });
        if let Ok(incoming) = incoming {
            tokio::spawn(dispatch::run(shared.clone(), incoming));
        }
        tokio::spawn(expire(shared.clone()));
        Ok((Self { shared }, waiting))
    }

    /// The address listened on, UDP and TCP.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Which phones are registered; the receiver sees every change, and the state at any time. As
    /// with every watch channel, what is borrowed from it must be given back soon: until then no
    /// registration is served.
    pub fn registrations(&self) -> watch::Receiver<Registrations> {
        self.shared.registered.subscribe()
    }

    /// How much the endpoint holds.
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Counts as well, and keeps nothing alive.
    pub fn counter(&self) -> Counter {
        Counter(Arc::downgrade(&self.shared))
    }

    /// Our address as the peer there sees it.
    pub fn local_ip_towards(&self, peer: SocketAddr) -> IpAddr {
        self.shared.local_ip_towards(peer)
    }

    /// Where a call to this extension would go, for [`Endpoint::local_ip_towards`].
    pub fn destination_of(&self, extension: &str) -> Option<SocketAddr> {
        let registrar = self.shared.registrar();
        registrar.registrations().newest(extension).map(|binding| binding.destination)
    }

    /// So many messages wait for an extension from now on; its phones that want to know are told.
    pub fn tell_messages(&self, extension: &str, messages: Messages) {
        self.shared.subscriptions.tell(extension, messages);
    }

    /// Makes a call. What becomes of it, the events tell.
    ///
    /// # Errors
    /// [`Error::TooManyLegs`], [`Error::NotRegistered`], [`Error::Invalid`]; nothing is sent then.
    pub fn call(&self, call: Call) -> Result<(Leg, LegEvents), Error> {
        let shared = &self.shared;
        let place = shared.legs.clone().try_acquire_owned().map_err(|_| Error::TooManyLegs)?;
        let (uri, known) = match &call.target {
            Target::Extension(extension) => {
                let registrar = shared.registrar();
                let binding = registrar.registrations().newest(extension);
                let binding = binding.ok_or(Error::NotRegistered)?;
                (binding.contact.clone(), Some((binding.destination, binding.transport)))
            }
            Target::Phone(binding) => {
                (binding.contact.clone(), Some((binding.destination, binding.transport)))
            }
            Target::Uri(uri) => (uri.clone(), None),
        };
        let uri = Uri::try_from(uri.as_str()).map_err(|_| Error::Invalid("target"))?;
        let headers = call::extra_headers(&call)?;
        let departure = Departure {
            id: shared.next_leg(),
            layer: shared.layer.clone(),
            local: call.local.clone(),
            place,
            patience: shared.t1 * 64,
            terms: shared.limits.terms(shared.t1),
            stop: shared.stop.clone(),
        };
        let shared = shared.clone();
        Ok(departure.start(async move { shared.invite_option(&call, uri, known, headers).await }))
    }

    /// Registers once at another server and gives the time until it must be done again; with
    /// `expires` zero, takes the registration back.
    ///
    /// # Errors
    /// [`Error::Refused`] with the status, or [`Error::Unreachable`].
    pub async fn register(&self, account: &Account, expires: Duration) -> Result<Duration, Error> {
        let mut server: Uri = SipAddr::from(account.registrar).addr.into();
        server.scheme = Some(rsipstack::sip::Scheme::Sip);
        if account.transport == Transport::Tcp {
            server.params.push(Param::Transport(rsipstack::sip::Transport::Tcp));
        }
        let at = (account.registrar, account.transport);
        self.shared.register(server, at, account.credential(), expires).await
    }

    /// The way for phones in browsers, for whoever holds their WebSockets.
    pub fn tunnels(&self) -> Tunnels {
        Tunnels(Arc::downgrade(&self.shared))
    }

    /// Lets another endpoint have the sockets: no more of this one reads them, or looks after
    /// trunks. Calls go on; what comes about them is taken by [`Endpoint::successor`].
    pub fn hand_over(&self) -> Estate {
        let shared = &self.shared;
        shared.gate.yield_sockets();
        shared.yielded.cancel();
        tunnel::close_idle(shared);
        let registrar = shared.registrar();
        let registered = succession::registered(registrar.registrations());
        let mut estate = Estate::of(shared.gate.mark(), registered);
        for id in shared.layer.all_dialog_ids() {
            if let Some(dialog) = shared.layer.get_dialog_with(&id) {
                let is_at = |contact: &str| succession::is_at(&dialog, contact);
                let mut all = registrar.registrations().all();
                let phone = all.find(|(_, it)| is_at(&it.contact)).map(|(_, it)| it.destination);
                estate.add(dialog.id().call_id, phone);
            }
        }
        estate
    }

    /// The way to this endpoint for the one that has its sockets.
    pub fn successor(&self) -> Successor {
        Successor { shared: Arc::downgrade(&self.shared), pass_on: self.shared.pass_on.clone() }
    }

    /// Looks after a trunk for as long as the endpoint is open: asks it every 60 T1 whether it is
    /// there (OPTIONS), or keeps it registered where it has an account, and tells how it is. After
    /// a failure it tries again within 10 T1, each time twice as late, up to 600 T1.
    pub fn look_after(&self, trunk: Trunk) -> watch::Receiver<Health> {
        trunk::look_after(self.shared.clone(), trunk)
    }
}

/// The way to an endpoint for the one that has its sockets; keeps nothing alive.
#[derive(Clone, Debug)]
pub struct Successor {
    shared: Weak<Shared>,
    pass_on: mpsc::Sender<Datagram>,
}

impl Successor {
    /// Passes on what came about a call of the earlier endpoint. What does not fit is lost, as
    /// datagrams may be.
    pub fn pass_on(&self, datagram: Datagram) {
        if self.pass_on.try_send(datagram).is_err() {
            tracing::warn!("sip.datagram_lost");
        }
    }

    /// Phones are there from now on, and nowhere else.
    pub fn replace_registrations(&self, known: Vec<Registered>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let known = succession::registrations(known);
        shared.update_registrar(|registrar| *registrar.registrations_mut() = known);
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let shared = self.shared.clone();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return shared.stop.cancel();
        };
        runtime.spawn(async move {
            let all = u32::try_from(shared.limits.legs).unwrap_or(u32::MAX);
            let ended = shared.legs.acquire_many(all);
            // Whether they have ended or not, it is time.
            tokio::time::timeout(CLOSING, ended).await.ok();
            shared.stop.cancel();
        });
    }
}

impl Shared {
    fn counts(&self) -> Counts {
        let stack = self.layer.endpoint.get_stats();
        Counts {
            legs: self.limits.legs - self.legs.available_permits(),
            dialogs: self.layer.len(),
            transactions: stack.running_transactions,
            finished_transactions: stack.finished_transactions,
            waiting_ack: stack.waiting_ack,
            connections: self.connections.count(),
            subscriptions: self.subscriptions.count(),
        }
    }

    pub(crate) fn registrar(&self) -> MutexGuard<'_, Registrar> {
        self.registrar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the registrar and tells whoever watches what has changed.
    pub(crate) fn update_registrar<T>(&self, change: impl FnOnce(&mut Registrar) -> T) -> T {
        let mut registrar = self.registrar();
        let result = change(&mut registrar);
        // Looked at first: a watcher that holds on to what it borrowed must not stop the registrar
        // where nothing has changed.
        let changed = *self.registered.borrow() != *registrar.registrations();
        if changed {
            self.registered.send_replace(registrar.registrations().clone());
        }
        result
    }

    /// Registers once at a server that is reached there.
    pub(crate) async fn register(
        &self,
        server: Uri,
        (peer, transport): (SocketAddr, Transport),
        credential: Credential,
        expires: Duration,
    ) -> Result<Duration, Error> {
        self.reach(peer, transport).await.ok_or(Error::Unreachable)?;
        let contact = self.contact(peer, transport, &credential.username);
        let mut registration = Registration::new(self.layer.endpoint.clone(), Some(credential));
        registration.contact = Some(rsipstack::sip::typed::Contact {
            display_name: None,
            uri: contact,
            params: vec![],
        });
        let seconds = u32::try_from(expires.as_secs()).unwrap_or(u32::MAX);
        let answer = registration.register(server, Some(seconds)).await;
        let answer = answer.map_err(|_| Error::Unreachable)?;
        match answer.status_code {
            StatusCode::OK => Ok(Duration::from_secs(registration.expires().into())),
            StatusCode::RequestTimeout => Err(Error::Unreachable),
            other => Err(Error::Refused(other.code())),
        }
    }

    pub(crate) fn next_leg(&self) -> LegId {
        LegId(self.next_leg.fetch_add(1, Ordering::Relaxed))
    }

    /// The address of ours that a packet to `peer` would carry.
    pub(crate) fn local_ip_towards(&self, peer: SocketAddr) -> IpAddr {
        let listening = self.local.ip();
        if !listening.is_unspecified() {
            return listening;
        }
        // Connecting a datagram socket asks the routing table and sends nothing.
        let probe = std::net::UdpSocket::bind(SocketAddr::new(listening, 0)).and_then(|socket| {
            socket.connect(peer)?;
            socket.local_addr()
        });
        probe.map_or(listening, |address| address.ip())
    }

    /// What we give the peer as our address within the dialog.
    pub(crate) fn contact(&self, peer: SocketAddr, transport: Transport, user: &str) -> Uri {
        let host = SocketAddr::new(self.local_ip_towards(peer), self.local.port());
        let mut params = Vec::new();
        if transport != Transport::Udp {
            params.push(Param::Transport(rsipstack::sip::Transport::Tcp));
        }
        Uri {
            scheme: Some(rsipstack::sip::Scheme::Sip),
            auth: (!user.is_empty()).then(|| user.to_owned().into()),
            host_with_port: host.into(),
            params,
            headers: Vec::new(),
        }
    }

    /// Makes sure that a peer can be sent to, and gives it as the stack writes it.
    pub(crate) async fn reach(&self, peer: SocketAddr, transport: Transport) -> Option<SipAddr> {
        if self.gate.is_own(peer) {
            return None;
        }
        let kind = match transport {
            Transport::Udp => rsipstack::sip::Transport::Udp,
            Transport::Tcp | Transport::Web => {
                self.connections.ensure(peer).await.ok()?;
                rsipstack::sip::Transport::Tcp
            }
        };
        Some(SipAddr::new(kind, peer.into()))
    }

    async fn invite_option(
        &self,
        call: &Call,
        uri: Uri,
        known: Option<(SocketAddr, Transport)>,
        headers: Vec<Header>,
    ) -> Option<InviteOption> {
        let (peer, transport) = match known {
            Some(known) => known,
            None => stack::resolve(&uri).await?,
        };
        let destination = self.reach(peer, transport).await?;
        let own = self.contact(peer, Transport::Udp, "");
        let anonymous = call.from.number.is_empty();
        let user = if anonymous { "anonymous" } else { &call.from.number };
        let caller = Uri { auth: Some(user.to_owned().into()), ..own };
        Some(InviteOption {
            caller_display_name: call.from.name.clone().map(|name| simple_name(&name)),
            caller,
            callee: uri,
            destination: Some(destination),
            contact: self.contact(peer, transport, user),
            credential: call.login.as_ref().map(|(user, secret)| call::credential(user, secret)),
            headers: Some(headers),
            ..InviteOption::default()
        })
    }
}

/// Takes away bindings as they expire, within a second.
async fn expire(shared: Arc<Shared>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = second.tick() => {
                shared.update_registrar(|registrar| {
                    registrar.registrations_mut().expire(Instant::now());
                });
            }
        }
    }
}
