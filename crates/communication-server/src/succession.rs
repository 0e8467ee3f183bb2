//! One process takes the place of another while people talk.
//!
//! Whoever stands by calls at the [`Door`] of the process that serves, over a Unix socket to the
//! same user only, and becomes its heir. When the one that serves is asked to leave, it ends with a
//! whole decision, leaves the log, and says what does not stand in it. It keeps its call legs with
//! their sound until they end, and does with them what its heir decides; the heir has the SIP port,
//! and passes on what is about calls of the other ([`caruso_sip::Predecessor`]).
//!
//! They speak lines of JSON. The form of the lines has a number, which is said first: who speaks
//! another one does not take over.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caruso_component::neighbour;
use caruso_sip::{Datagram, Estate, Registered, Registrations, Successor};
use futures::{SinkExt as _, StreamExt as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::codec::{Framed, LinesCodec};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::domain::Affairs;
use crate::telephony::{Before, Command, Event, Name};

/// The form of the lines. It changes whenever what they say does.
const FORM: u32 = 1;
/// What other processes ask about.
const MATTER: &str = "calls";
/// Longest line, in bytes: minutes of sound that a script had said.
const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// The other process says its part of the change within this time.
const PATIENCE: Duration = Duration::from_secs(40);
/// A process that takes no line for so long is as good as gone.
const STUCK: Duration = Duration::from_secs(5);
/// Messages to the process before that wait to be written.
const QUEUE: usize = 1024;

type Link = Framed<UnixStream, LinesCodec>;

/// What is said first.
#[derive(Debug, Serialize, Deserialize)]
struct Hello {
    form: u32,
    /// Whether it decides about calls of a process before it, which it cannot hand on.
    has_others: bool,
}

/// What whoever takes over must know beside the log.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) estate: Estate,
    pub(crate) legs: HashSet<Name>,
    pub(crate) affairs: Affairs,
}

/// To the process that has the legs.
#[derive(Debug, Serialize, Deserialize)]
enum Down {
    Command(Command),
    Datagram(Datagram),
    Registered(Vec<Registered>),
}

/// From it.
#[derive(Debug, Serialize, Deserialize)]
enum Up {
    Event(Event),
    /// No legs are left.
    Done,
}

fn link(stream: std::os::unix::net::UnixStream) -> io::Result<Link> {
    stream.set_nonblocking(true)?;
    let stream = UnixStream::from_std(stream)?;
    Ok(Framed::new(stream, LinesCodec::new_with_max_length(LONGEST_LINE)))
}

async fn say(link: &mut Link, what: &impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(what)?;
    let said = tokio::time::timeout(STUCK, link.send(line)).await;
    said.map_err(|_| io::ErrorKind::TimedOut)?.map_err(io::Error::other)
}

/// The next thing that is said; nothing where nobody says anything any more.
async fn hear<T: DeserializeOwned>(link: &mut Link) -> io::Result<Option<T>> {
    match link.next().await {
        Some(line) => Ok(Some(serde_json::from_str(&line.map_err(io::Error::other)?)?)),
        None => Ok(None),
    }
}

/// Where a process that serves is found by the one that is to take its place.
#[derive(Debug)]
pub(crate) struct Door {
    /// Who called last.
    caller: Arc<Mutex<Option<Link>>>,
    task: JoinHandle<()>,
}

impl Door {
    /// Opens it; nobody takes over before the process is `alone` with its calls.
    pub(crate) fn open(alone: CancellationToken) -> io::Result<Self> {
        let listener = neighbour::listen(MATTER)?;
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        let caller = Arc::<Mutex<Option<Link>>>::default();
        let known = Arc::clone(&caller);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Err(error) = neighbour::require_same_user(&stream) {
                    warn!(%error, "nobody else takes over");
                    continue;
                }
                let mut link = Framed::new(stream, LinesCodec::new_with_max_length(LONGEST_LINE));
                let has_others = !alone.is_cancelled();
                let said = say(&mut link, &Hello { form: FORM, has_others }).await;
                if said.is_ok() && !has_others {
                    *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
                }
            }
        });
        Ok(Self { caller, task })
    }

    /// Closes it; who takes over, if somebody does.
    pub(crate) fn close(self) -> Option<Heir> {
        self.task.abort();
        self.caller.lock().unwrap_or_else(PoisonError::into_inner).take().map(Heir)
    }
}

/// Who takes over from this process.
#[derive(Debug)]
pub(crate) struct Heir(Link);

/// The legs that are left in a process that another has taken the place of.
#[derive(Debug)]
pub struct Rest {
    heir: Heir,
    left: Left,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    sip: Successor,
    /// The telephone side, which ends with its last leg.
    telephone: JoinHandle<()>,
}

impl Rest {
    pub(crate) fn new(
        (heir, left): (Heir, Left),
        commands: mpsc::Sender<Command>,
        events: mpsc::Receiver<Event>,
        sip: Successor,
        telephone: JoinHandle<()>,
    ) -> Self {
        Self { heir, left, commands, events, sip, telephone }
    }

    /// Does with the legs what the other process decides, until the last has ended. Where that
    /// process goes, or this one is to stop, all of them end.
    pub async fn finish(mut self, shutdown: CancellationToken) {
        info!(legs = self.left.legs.len(), "another process serves; calls that are here go on");
        let served = shutdown.run_until_cancelled(self.serve()).await;
        if let Some(Err(error)) = served {
            warn!(%error, "the process that serves has gone, and calls that were here end");
        }
        let Self { commands, events, telephone, .. } = self;
        drop((commands, events));
        let _ = telephone.await;
    }

    async fn serve(&mut self) -> io::Result<()> {
        let link = &mut self.heir.0;
        say(link, &self.left).await?;
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => say(link, &Up::Event(event)).await?,
                    None => return say(link, &Up::Done).await,
                },
                told = hear(link) => match told? {
                    Some(Down::Command(command)) => {
                        // a telephone side that is at its end tells so by its events
                        let _ = self.commands.send(command).await;
                    }
                    Some(Down::Datagram(datagram)) => self.sip.pass_on(datagram),
                    Some(Down::Registered(known)) => self.sip.replace_registrations(known),
                    None => return Err(io::ErrorKind::UnexpectedEof.into()),
                },
            }
        }
    }
}

/// The process whose place this one takes.
#[derive(Debug)]
pub struct Predecessor(Link);

impl Predecessor {
    /// Calls at the door of a process; nothing where it has none.
    ///
    /// # Errors
    /// When it cannot leave its calls to this one.
    pub async fn find(process: u32) -> io::Result<Option<Self>> {
        let Ok(stream) = neighbour::connect(MATTER, process) else { return Ok(None) };
        let mut link = link(stream)?;
        let said = tokio::time::timeout(STUCK, hear::<Hello>(&mut link)).await;
        match said.map_err(|_| io::ErrorKind::TimedOut)?? {
            Some(Hello { form: FORM, has_others: false }) => Ok(Some(Self(link))),
            Some(Hello { form: FORM, .. }) => Err(io::Error::other(
                "calls of the process before still go on there; start again when they have ended",
            )),
            Some(Hello { form, .. }) => Err(io::Error::other(format!(
                "the process speaks of its calls in form {form}, this one in form {FORM}: it can \
                 only be stopped, when nobody talks"
            ))),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// What it leaves, and the way to its legs from then on.
    pub(crate) async fn leave(mut self) -> io::Result<(Left, Legs)> {
        let said = tokio::time::timeout(PATIENCE, hear::<Left>(&mut self.0)).await;
        let left = said.map_err(|_| io::ErrorKind::TimedOut)??;
        let left = left.ok_or(io::ErrorKind::UnexpectedEof)?;
        let (commands, to_command) = mpsc::channel(QUEUE);
        let (pass_on, datagrams) = mpsc::channel(QUEUE);
        let before = Before::new(commands, left.legs.clone());
        let link = self.0;
        Ok((left, Legs { link, before, pass_on, to_command, datagrams }))
    }
}

/// The legs of the process before.
#[derive(Debug)]
pub(crate) struct Legs {
    link: Link,
    pub(crate) before: Before,
    pub(crate) pass_on: mpsc::Sender<Datagram>,
    to_command: mpsc::Receiver<Command>,
    datagrams: mpsc::Receiver<Datagram>,
}

impl Legs {
    /// Keeps in touch with the process that has them until it has none.
    pub(crate) async fn accompany(
        self,
        phones: watch::Receiver<Registrations>,
        news: mpsc::Sender<Event>,
    ) {
        let before = self.before.clone();
        if let Err(error) = self.keep_in_touch(phones, &news).await {
            warn!(%error, "the process before has gone with its calls");
            for event in before.lost() {
                // who hears it ends only with the process
                let _ = news.send(event).await;
            }
        } else {
            info!("the process before has no calls any more");
        }
    }

    async fn keep_in_touch(
        self,
        mut phones: watch::Receiver<Registrations>,
        news: &mpsc::Sender<Event>,
    ) -> io::Result<()> {
        let Self { mut link, before, pass_on, mut to_command, mut datagrams } = self;
        // whoever passes on learns by the other end that there is nobody any more
        drop(pass_on);
        loop {
            tokio::select! {
                told = hear(&mut link) => match told? {
                    Some(Up::Event(event)) => {
                        before.saw(&event);
                        let _ = news.send(event).await;
                    }
                    Some(Up::Done) => return Ok(()),
                    None => return Err(io::ErrorKind::UnexpectedEof.into()),
                },
                Some(command) = to_command.recv() => {
                    say(&mut link, &Down::Command(command)).await?;
                }
                Some(datagram) = datagrams.recv() => {
                    say(&mut link, &Down::Datagram(datagram)).await?;
                }
                Ok(()) = phones.changed() => {
                    let known = caruso_sip::registered(&phones.borrow_and_update());
                    say(&mut link, &Down::Registered(known)).await?;
                }
            }
        }
    }
}
