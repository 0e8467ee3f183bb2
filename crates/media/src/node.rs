//! The shell: a thread with its own runtime, the sockets, the clock, the channels.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::UdpSocket;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::browser::Browser;
use crate::engine::{Engine, Limits};
use crate::leg::{Seed, Wire};
use crate::ports::{Pair, Ports};
use crate::secured::{self, Secured};
use crate::time::{FRAME, ntp};
use crate::{Codec, Command, Event, LegId, Options, Prompts, Refusal, Tap};

/// Datagrams taken from one socket before others get their turn.
const BATCH: usize = 8;
/// Larger datagrams are cut: no telephone sends such packets.
const DATAGRAM: usize = 2_048;
/// A tick this late is left out; timestamps jump over the gap instead of a burst of packets.
const TOO_LATE: Duration = Duration::from_millis(100);
/// With this many legs the thread lets packets gather before it looks for them again: one
/// wake-up for many packets instead of one each.
const GATHERING_LEGS: usize = 64;
/// For how long: what it adds to the way of a packet at most.
const GATHERING: Duration = Duration::from_millis(1);
/// What the media thread asks for; more than any other thread of ours.
#[cfg(target_os = "linux")]
const NICENESS: i32 = -10;
/// Where all packets of a browser come from, as far as its leg knows: who may send them is known by
/// their keys.
const ALREADY_KNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
/// From 1900, where NTP counts from, to 1970 (RFC 5905 §6).
const NTP_TO_UNIX: Duration = Duration::from_secs(2_208_988_800);

/// Why a node cannot be started or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// [`Options::advertised`] is `0.0.0.0` or `::`.
    #[error("the advertised media address must be one that others can reach")]
    Advertised,
    /// [`Options::ports`] has no even port with its neighbour.
    #[error("media ports {first} to {last} have no room for a pair of ports")]
    Ports {
        /// The first.
        first: u16,
        /// The last.
        last: u16,
    },
    /// The thread or its runtime could not be made.
    #[error("the media thread does not start")]
    Thread(#[source] io::Error),
    /// The node has ended.
    #[error("the media node has ended")]
    Ended,
    /// The leg cannot be tapped.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// What crosses to the media thread. Commands could come from another process; the rest cannot.
#[derive(Debug)]
enum Message {
    Command(Command),
    Tap(LegId, oneshot::Sender<Result<Tap, Refusal>>),
    Prompts(Prompts),
}

/// The way to a running node. Cheap to clone; the node ends, and releases all legs, when the
/// last clone is dropped.
#[derive(Clone, Debug)]
pub struct MediaNode {
    messages: mpsc::Sender<Message>,
}

/// What the node tells.
#[derive(Debug)]
pub struct Events {
    events: mpsc::Receiver<Event>,
}

impl Events {
    /// The next event; `None` when the node has ended.
    ///
    /// Cancel safe. Whoever does not take events loses some, see [`Event::Lost`]; audio never
    /// waits for events.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

impl MediaNode {
    /// Starts the thread `media`. It asks the system for a raised priority (nice -10) and goes
    /// on without where that is not permitted.
    ///
    /// # Errors
    /// When the options contradict each other or the thread cannot be made.
    pub fn start(options: Options, prompts: Prompts) -> Result<(Self, Events), Error> {
        if options.advertised.is_unspecified() {
            return Err(Error::Advertised);
        }
        let ports = Ports::new(options.bind, options.ports);
        if let (false, Some((first, last))) = (ports.is_usable(), options.ports) {
            return Err(Error::Ports { first, last });
        }
        let (messages, inbox) = mpsc::channel(options.commands.max(1));
        let (outbox, events) = mpsc::channel(options.events.max(1));
        let legs = Arc::new(AtomicUsize::new(0));
        let open = legs.clone();
        let runtime = move || {
            let mut builder = Builder::new_current_thread();
            builder.enable_all().on_thread_park(move || gather(&open));
            builder.build_local(LocalOptions::default())
        };
        let (started, start) = std::sync::mpsc::sync_channel(1);
        let main = move || match runtime() {
            Ok(runtime) => {
                // the starter waits, so it is there
                let _ = started.send(Ok(()));
                raise_priority();
                run(&runtime, Node::new(&options, prompts, (ports, legs), outbox), inbox);
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        };
        std::thread::Builder::new().name("media".into()).spawn(main).map_err(Error::Thread)?;
        start.recv().map_err(|_| Error::Ended)?.map_err(Error::Thread)?;
        Ok((Self { messages }, Events { events }))
    }

    /// Gives a command; waits while the channel is full. What comes of it is told as an event.
    ///
    /// # Errors
    /// When the node has ended.
    pub async fn send(&self, command: Command) -> Result<(), Error> {
        self.messages.send(Message::Command(command)).await.map_err(|_| Error::Ended)
    }

    /// Raw audio in and out of a leg, in order with commands: directly after `Allocate` is soon
    /// enough.
    ///
    /// # Errors
    /// When there is no such leg, or the node has ended.
    pub async fn tap(&self, leg: LegId) -> Result<Tap, Error> {
        let (answer, tap) = oneshot::channel();
        self.messages.send(Message::Tap(leg, answer)).await.map_err(|_| Error::Ended)?;
        Ok(tap.await.map_err(|_| Error::Ended)??)
    }

    /// Exchanges the prompts, in order with commands. What plays now goes on with the old ones.
    ///
    /// # Errors
    /// When the node has ended.
    pub async fn replace_prompts(&self, prompts: Prompts) -> Result<(), Error> {
        self.messages.send(Message::Prompts(prompts)).await.map_err(|_| Error::Ended)
    }
}

/// Waits a moment before the thread waits for packets, when many are under way.
fn gather(legs: &AtomicUsize) {
    if legs.load(Ordering::Relaxed) >= GATHERING_LEGS {
        std::thread::sleep(GATHERING);
    }
}

#[cfg(target_os = "linux")]
fn raise_priority() {
    // on Linux this moves the calling thread alone
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::info!(%error, "media runs at ordinary priority; permit it in the service unit");
    }
}

#[cfg(not(target_os = "linux"))]
fn raise_priority() {
    tracing::info!("media runs at ordinary priority; raise it in the service definition");
}

/// The sockets of a leg and the tasks that read them.
#[derive(Debug)]
struct Sockets {
    rtp: Rc<UdpSocket>,
    rtcp: Rc<UdpSocket>,
    readers: [JoinHandle<()>; 2],
    browser: Option<Browser>,
}

impl Sockets {
    /// Ends the readers, so that the ports are free when this returns.
    async fn close(self) {
        for reader in self.readers {
            reader.abort();
            // cancelled: that is what was asked for
            let _ = reader.await;
        }
    }
}

impl Wire for Sockets {
    fn send_rtp(&self, to: SocketAddr, packet: &[u8]) -> bool {
        if let Some(browser) = &self.browser {
            browser.send(packet);
            return true;
        }
        // past tokio: nobody waits for a socket to become writable, a late packet is of no use
        socket2::SockRef::from(&*self.rtp).send_to(packet, &to.into()).is_ok()
    }

    fn send_rtcp(&self, to: SocketAddr, packet: &[u8]) {
        if self.browser.is_some() {
            // its reports are made where its packets are encrypted
            return;
        }
        if let Err(error) = socket2::SockRef::from(&*self.rtcp).send_to(packet, &to.into()) {
            tracing::debug!(%error, "a report was not sent");
        }
    }
}

/// What the main loop and the readers share; all on one thread.
struct Shared {
    engine: Engine<Sockets>,
    outbox: mpsc::Sender<Event>,
    lost: u64,
    started: Instant,
    buffer: Box<[u8; DATAGRAM]>,
}

impl Shared {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Hands on what happened. Never waits; what finds no room is counted.
    fn tell(&mut self) {
        if self.lost > 0 && self.outbox.try_send(Event::Lost { count: self.lost }).is_ok() {
            self.lost = 0;
        }
        for event in self.engine.events.drain(..) {
            // after a loss nothing is told before the loss is
            if self.lost > 0 || self.outbox.try_send(event).is_err() {
                self.lost += 1;
            }
        }
    }

    /// Takes what waits on the socket of a browser; whether the socket still works.
    fn take_browser(&mut self, leg: LegId, browser: &Browser) -> bool {
        let now = self.now();
        for _ in 0..BATCH {
            match browser.socket.try_recv_from(&mut self.buffer[..]) {
                Ok((len, from)) => {
                    for mut packet in browser.receive(from, &self.buffer[..len]) {
                        self.engine.receive(leg, ALREADY_KNOWN, &mut packet, now);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(%error, leg = leg.0, "a media socket fails");
                    return false;
                }
            }
        }
        self.tell();
        true
    }

    /// Takes what waits on a socket; whether the socket still works.
    fn take(&mut self, leg: LegId, socket: &UdpSocket, is_control: bool) -> bool {
        let now = self.now();
        for _ in 0..BATCH {
            match socket.try_recv_from(&mut self.buffer[..]) {
                Ok((len, from)) if is_control => {
                    self.engine.receive_control(leg, from, &self.buffer[..len], now);
                }
                Ok((len, from)) => self.engine.receive(leg, from, &mut self.buffer[..len], now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(%error, leg = leg.0, "a media socket fails");
                    return false;
                }
            }
        }
        self.tell();
        true
    }
}

/// A text that describes no sound that can be had.
fn description(error: &secured::Error) -> Refusal {
    Refusal::Description { reason: error.to_string() }
}

struct Node {
    shared: Rc<RefCell<Shared>>,
    ports: Ports,
    /// How many legs are open, for [`gather`].
    legs: Arc<AtomicUsize>,
    advertised: IpAddr,
    browsers: HashMap<LegId, Browser>,
    /// Wall clock at the start, as NTP counts.
    ntp: u64,
}

impl Node {
    fn new(
        options: &Options,
        prompts: Prompts,
        (ports, legs): (Ports, Arc<AtomicUsize>),
        outbox: mpsc::Sender<Event>,
    ) -> Self {
        let limits = Limits {
            legs: options.legs,
            prompts_per_play: options.prompts_per_play,
            silence: options.silence,
        };
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let shared = Shared {
            engine: Engine::new(limits, prompts),
            outbox,
            lost: 0,
            started: Instant::now(),
            buffer: Box::new([0; DATAGRAM]),
        };
        Self {
            shared: Rc::new(RefCell::new(shared)),
            ports,
            legs,
            advertised: options.advertised,
            browsers: HashMap::new(),
            ntp: ntp(wall + NTP_TO_UNIX),
        }
    }

    async fn take(&mut self, message: Message) {
        match message {
            Message::Command(Command::Allocate { leg }) => {
                let allocated = self.allocate(leg, None);
                self.note(leg, allocated.map(|address| Event::Allocated { leg, address }));
            }
            Message::Command(Command::AllocateSecured { leg, codecs }) => {
                let offered = self.allocate_secured(leg, &codecs);
                self.note(leg, offered.map(|offer| Event::Offered { leg, offer }));
            }
            Message::Command(Command::Secure { leg, answer }) => self.secure(leg, &answer),
            Message::Command(Command::Remote { leg, mut remote }) => {
                if self.browsers.contains_key(&leg) {
                    remote.address = ALREADY_KNOWN;
                }
                let mut shared = self.shared.borrow_mut();
                let now = shared.now();
                shared.engine.command(Command::Remote { leg, remote }, now);
            }
            Message::Command(Command::Release { leg }) => self.release(leg).await,
            Message::Command(command) => {
                let mut shared = self.shared.borrow_mut();
                let now = shared.now();
                shared.engine.command(command, now);
            }
            Message::Tap(leg, answer) => {
                // who asked may have gone; the tap then ends by itself
                let _ = answer.send(self.shared.borrow_mut().engine.tap(leg));
            }
            Message::Prompts(prompts) => self.shared.borrow_mut().engine.replace_prompts(prompts),
        }
        let mut shared = self.shared.borrow_mut();
        self.legs.store(shared.engine.len(), Ordering::Relaxed);
        shared.tell();
    }

    fn note(&self, leg: LegId, done: Result<Event, Refusal>) {
        let event = done.unwrap_or_else(|why| Event::Refused { leg, why });
        self.shared.borrow_mut().engine.events.push(event);
    }

    fn allocate_secured(&mut self, leg: LegId, codecs: &[Codec]) -> Result<String, Refusal> {
        let mut offer = String::new();
        self.allocate(leg, Some((codecs, &mut offer)))?;
        Ok(offer)
    }

    /// Opens a leg; one for a browser where codecs are to be offered.
    fn allocate(
        &mut self,
        leg: LegId,
        offers: Option<(&[Codec], &mut String)>,
    ) -> Result<SocketAddr, Refusal> {
        self.shared.borrow().engine.admit(leg)?;
        let pair = self.ports.open().ok_or(Refusal::NoPort)?;
        let mut random = [0; 2];
        for number in &mut random {
            *number = getrandom::u64().map_err(|error| {
                tracing::warn!(%error, "the system gives no random numbers");
                Refusal::NoPort
            })?;
        }
        let useless = |error: io::Error| {
            tracing::warn!(%error, "a media socket cannot be used");
            Refusal::NoPort
        };
        let port = pair.rtp.local_addr().map_err(useless)?.port();
        let address = SocketAddr::new(self.advertised, port);
        let secured = match offers {
            Some((codecs, offer)) => {
                let made = Secured::new(address, codecs, std::time::Instant::now());
                let (secured, text) = made.map_err(|error| description(&error))?;
                *offer = text;
                Some(secured)
            }
            None => None,
        };
        let sockets = self.attach(leg, pair, secured).map_err(useless)?;
        if let Some(browser) = &sockets.browser {
            self.browsers.insert(leg, browser.clone());
        }
        let mut shared = self.shared.borrow_mut();
        let now = shared.now();
        shared.engine.open(leg, sockets, Seed { random, ntp: self.ntp }, now);
        Ok(address)
    }

    fn attach(&self, leg: LegId, pair: Pair, secured: Option<Secured>) -> io::Result<Sockets> {
        let rtp = Rc::new(UdpSocket::from_std(pair.rtp)?);
        let rtcp = Rc::new(UdpSocket::from_std(pair.rtcp)?);
        let browser = secured.map(|secured| Browser::new(secured, rtp.clone()));
        let read = |socket: &Rc<UdpSocket>, is_control: bool| {
            let (shared, socket) = (self.shared.clone(), socket.clone());
            let browser = browser.clone().filter(|_| !is_control);
            tokio::task::spawn_local(async move {
                while socket.readable().await.is_ok() {
                    let mut shared = shared.borrow_mut();
                    let goes_on = match &browser {
                        Some(browser) => shared.take_browser(leg, browser),
                        None => shared.take(leg, &socket, is_control),
                    };
                    if !goes_on {
                        break;
                    }
                }
            })
        };
        let readers = [read(&rtp, false), read(&rtcp, true)];
        Ok(Sockets { rtp, rtcp, readers, browser })
    }

    fn secure(&self, leg: LegId, answer: &str) {
        let done = match self.browsers.get(&leg) {
            Some(browser) => browser.answer(answer).map_err(|error| description(&error)),
            None => Err(Refusal::UnknownLeg),
        };
        if let Err(why) = done {
            self.note(leg, Err(why));
        }
    }

    async fn release(&mut self, leg: LegId) {
        self.browsers.remove(&leg);
        let closed = {
            let mut shared = self.shared.borrow_mut();
            let now = shared.now();
            shared.engine.close(leg, now)
        };
        let event = match closed {
            Some((sockets, statistics)) => {
                sockets.close().await;
                Event::Released { leg, statistics }
            }
            None => Event::Refused { leg, why: Refusal::UnknownLeg },
        };
        self.shared.borrow_mut().engine.events.push(event);
    }

    fn tick(&self, lateness: Duration) {
        let mut shared = self.shared.borrow_mut();
        if lateness < TOO_LATE {
            let now = shared.now();
            shared.engine.tick(now);
        }
        for browser in self.browsers.values() {
            browser.tick();
        }
        shared.tell();
    }

    fn is_idle(&self) -> bool {
        self.shared.borrow().engine.len() == 0
    }
}

fn run(runtime: &LocalRuntime, mut node: Node, mut inbox: mpsc::Receiver<Message>) {
    runtime.block_on(async {
        let mut ticker = interval(FRAME);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while let Some(message) = next(&node, &mut inbox, &mut ticker).await {
            let was_idle = node.is_idle();
            node.take(message).await;
            if was_idle {
                ticker.reset();
            }
        }
        let legs = node.shared.borrow().engine.ids();
        for leg in legs {
            node.release(leg).await;
        }
        node.shared.borrow_mut().tell();
    });
}

/// The next message; ticks meanwhile. `None` when nobody can send one any more.
async fn next(
    node: &Node,
    inbox: &mut mpsc::Receiver<Message>,
    ticker: &mut Interval,
) -> Option<Message> {
    loop {
        tokio::select! {
            biased;
            due = ticker.tick(), if !node.is_idle() => node.tick(due.elapsed()),
            message = inbox.recv() => return message,
        }
    }
}
