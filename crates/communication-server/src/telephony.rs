//! The telephone side: call legs and their sound, known to the contact side by ids only.
//!
//! One task owns all legs. It takes [`Command`]s, hears what happens on each leg and at the media
//! node, and tells [`Event`]s. It never waits for the contact side to take one, so that neither
//! side can block the other; what waits to be told is bounded by what the legs can do.

mod credentials;
mod legs;
mod message;
mod outbound;
mod recording;
mod switch;
mod trunks;

use std::collections::{BTreeMap, HashSet};

use caruso_media::{self as media, MediaNode, Prompts};
use caruso_sip::{self as sip, Endpoint};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

pub(crate) use caruso_sip::Messages;
pub(crate) use credentials::DeviceSecrets;
use legs::Legs;
pub(crate) use legs::Name;
pub(crate) use message::{Command, Event};
pub(crate) use recording::Terms;
pub(crate) use switch::{Before, Switch};
pub(crate) use trunks::{Noted, Trunks};

use crate::Error;
use crate::options::RemotePhone;
use crate::recordings::Recordings;

/// Commands that wait for the telephone side.
const COMMANDS: usize = 1024;
/// Events that wait for the contact side.
const EVENTS: usize = 1024;

/// The telephone side's two ends, as the contact side holds them.
pub(crate) struct Ends {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) events: mpsc::Receiver<Event>,
    /// Whereby others tell events as well.
    pub(crate) news: mpsc::Sender<Event>,
    pub(crate) retirement: Retirement,
    /// All prompts of another release. What plays goes on with the old ones.
    pub(crate) prompts: mpsc::Sender<Prompts>,
    pub(crate) view: View,
}

/// The telephone side's way to leave its place to that of another process.
#[derive(Debug)]
pub(crate) struct Retirement {
    ask: mpsc::Sender<oneshot::Sender<Retired>>,
    /// The way to the endpoint for who has its sockets then.
    pub(crate) successor: sip::Successor,
}

/// What another process must know.
pub(crate) type Retired = (sip::Estate, HashSet<Name>);

impl Retirement {
    /// From now on nothing new comes in, and the telephone side ends with its last leg. Nothing
    /// where it has ended already.
    pub(crate) async fn begin(&self) -> Option<Retired> {
        let (answer, answered) = oneshot::channel();
        self.ask.send(answer).await.ok()?;
        answered.await.ok()
    }
}

/// How it stands with trunks and phones, for whoever looks.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Where SIP is spoken.
    pub(crate) address: std::net::SocketAddr,
    pub(crate) trunks: Trunks,
    pub(crate) registrations: tokio::sync::watch::Receiver<sip::Registrations>,
    pub(crate) counter: sip::Counter,
    /// For phones in browsers.
    pub(crate) tunnels: sip::Tunnels,
}

/// How calls of ours leave.
#[derive(Debug, Default)]
pub(crate) struct CallsOut {
    /// Looked after; the preferred first.
    pub(crate) trunks: Vec<sip::Trunk>,
    /// The number that customers see; nothing where nobody is called.
    pub(crate) caller_id: Option<String>,
    /// Phones of agents that are called by a trunk where none is registered, by extension.
    pub(crate) remote_phones: BTreeMap<String, RemotePhone>,
}

/// A telephone side that is ready to run.
pub(crate) struct Telephony {
    legs: Legs,
    calls: mpsc::Receiver<sip::Incoming>,
    commands: mpsc::Receiver<Command>,
    prompts: mpsc::Receiver<Prompts>,
    media: media::Events,
    events: mpsc::Sender<Event>,
    registrations: tokio::sync::watch::Receiver<sip::Registrations>,
    retiring: mpsc::Receiver<oneshot::Sender<Retired>>,
}

/// Begins on these sockets, in place of another process perhaps. Nothing is answered before
/// [`Telephony::run`].
pub(crate) async fn open(
    (sockets, predecessor): (sip::Sockets, Option<sip::Predecessor>),
    sip_options: sip::Options,
    media_options: media::Options,
    prompts: Prompts,
    calls_out: CallsOut,
    recordings: Recordings,
) -> Result<(Telephony, Ends), Error> {
    let bound = Endpoint::on(sockets, sip_options, predecessor).await;
    let (endpoint, calls) = bound.map_err(Error::Sip)?;
    let address = endpoint.local_addr();
    let registrations = endpoint.registrations();
    let (node, media) = MediaNode::start(media_options, prompts).map_err(Error::Media)?;
    let (sender, commands) = mpsc::channel(COMMANDS);
    let (news, events) = mpsc::channel(EVENTS);
    let (registered, counter) = (registrations.clone(), endpoint.counter());
    let tunnels = endpoint.tunnels();
    let (ask, retiring) = mpsc::channel(1);
    let retirement = Retirement { ask, successor: endpoint.successor() };
    let mut legs = Legs::new(endpoint, node, calls_out, recordings);
    legs.registered(&registrations.borrow());
    let trunks = legs.trunks.clone();
    let view = View { address, trunks, registrations: registered, counter, tunnels };
    let (replacing, prompts) = mpsc::channel(1);
    let ends =
        Ends { commands: sender, events, news: news.clone(), retirement, prompts: replacing, view };
    let telephony =
        Telephony { legs, calls, commands, prompts, media, events: news, registrations, retiring };
    Ok((telephony, ends))
}

impl Telephony {
    /// Works until the contact side is gone, or, once it retires, until the last leg is.
    pub(crate) async fn run(mut self) {
        let mut is_retiring = false;
        while !is_retiring || !self.legs.is_empty() || self.legs.has_news() {
            let overstays = self.legs.overstays_at();
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.legs.carry_out(command).await,
                    None => return,
                },
                Some(answer) = self.retiring.recv() => {
                    is_retiring = true;
                    // who asks waits for it
                    let _ = answer.send(self.legs.retire().await);
                }
                Some(prompts) = self.prompts.recv() => {
                    // a node that has ended tells so by its events
                    let _ = self.legs.node.replace_prompts(prompts).await;
                }
                call = self.calls.recv() => match call {
                    Some(call) => self.legs.arrived(call),
                    None => return,
                },
                event = self.media.next() => match event {
                    Some(event) => self.legs.sounded(event).await,
                    None => return,
                },
                () = moment(overstays) => self.legs.end_overstayed().await,
                happened = self.legs.next() => self.legs.happened(happened).await,
                told = self.events.reserve(), if self.legs.has_news() => match told {
                    Ok(place) => {
                        if let Some(news) = self.legs.news() {
                            place.send(news);
                        }
                    }
                    Err(_) => return,
                },
                Ok(()) = self.registrations.changed() => {
                    let now = self.registrations.borrow_and_update().clone();
                    self.legs.registered(&now);
                }
            }
        }
    }
}

/// Ends at this moment; never where there is none.
async fn moment(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
