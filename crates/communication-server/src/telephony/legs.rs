//! The table of legs: customers' and agents', each with its sound.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media, MediaNode, PlayId, Sound};
use caruso_routing::{NotReached, Permit};
use caruso_sip::sdp::{Codec, Local, Negotiated};
use caruso_sip::{
    Binding, Ended, Endpoint, Failure, Incoming, Leg, LegEvent, LegEvents, Origin, Trunk,
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::warn;
use uuid::Uuid;

use self::codecs::CODECS;
use super::CallsOut;
use super::message::{Command, Event};
use super::outbound;
use super::trunks::Trunks;
use crate::options::RemotePhone;
use crate::recordings::Recordings;

mod calling_out;
mod codecs;
mod joining;
mod leaving;
mod lines;
mod listening;
mod messages;
mod phones;
mod ports;
mod remote;
mod retiring;
mod ringing;

use lines::Rings;

/// What happened on legs and waits to be taken; a leg that tells more waits.
const HAPPENED: usize = 1024;
/// Hops left to a call that we make for another.
const HOPS: u8 = 69;

/// Whose leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Name {
    Caller(ContactId),
    /// Of an agent, or of whoever is called outside for a customer.
    Agent(OfferId),
}

/// What legs tell, and what is recorded of them.
#[derive(Debug)]
pub(super) enum Happening {
    Leg(Name, LegEvent),
    /// A message is over, and how long it is.
    Recorded(ContactId, Option<Duration>),
}

/// A leg with its sound.
#[derive(Debug)]
struct Side {
    /// None while the sound of a call to be made is being prepared.
    leg: Option<Leg>,
    media: media::LegId,
    phase: Phase,
    play: PlayId,
    /// What the far side speaks, once that is agreed.
    codec: Option<Codec>,
    /// Whether the far side holds the call: it takes no sound from us.
    is_held: bool,
    /// Whether it ends once what plays is played.
    is_leaving: bool,
    /// Which page it talks with, where that is a browser.
    page: Option<phones::Page>,
}

#[derive(Debug)]
enum Phase {
    /// A customer whose call rings.
    Arrived,
    /// A customer whose call is answered as soon as there are ports.
    Answering,
    /// An agent who is called as soon as there are ports.
    Calling {
        extension: String,
        calling: String,
        /// Whom they are to talk with, where somebody is there already.
        beside: Option<Name>,
        /// The phones that are left to be called; nothing before the first.
        left: Option<VecDeque<Binding>>,
    },
    /// An agent whose phone rings; and those that are called if it fails.
    Ringing {
        calling: String,
        local: Local,
        left: VecDeque<Binding>,
        beside: Option<Name>,
    },
    /// The same behind a trunk: whether a person has to confirm the answer, and, until it rings,
    /// what is left to be tried; and what follows the answer.
    RingingFar {
        is_confirmed: bool,
        way: Option<Way>,
    },
    Confirming,
    /// An agent on a line that stays open, who hears that there is somebody for them.
    Announced,
    /// An agent whose phone calls us: with the ports for its sound once they are there, and what it
    /// is told if nobody answers. It is answered when somebody does.
    Dialling {
        address: Option<SocketAddr>,
        refusal: u16,
    },
    /// A customer who may be called once the agent of this contact is at the phone.
    Permitted(Permit),
    /// Somebody who is called by a trunk as soon as there are ports.
    CallingOut {
        permit: Permit,
        ears: Option<Name>,
    },
    /// Somebody who is called by a trunk, to the ears of the agent or customer who waits for them;
    /// until the phone rings, with what is left to be tried.
    RingingOut {
        ears: Option<Name>,
        way: Option<Way>,
    },
    /// Answered.
    Up,
}

/// How somebody is called by a trunk, as long as the network has not been reached.
#[derive(Debug)]
struct Way {
    callee: Callee,
    /// Where their sound goes, and in what.
    local: Local,
    /// Trunks that were not tried yet.
    left: VecDeque<Trunk>,
}

/// Who is called by a trunk.
#[derive(Debug)]
enum Callee {
    /// Whom this permit is about.
    Permitted(Permit),
    /// An agent's phone, with the number of the customer whom it is about.
    Phone { phone: RemotePhone, calling: String },
}

/// All legs.
#[derive(Debug)]
pub(super) struct Legs {
    endpoint: Endpoint,
    pub(super) node: MediaNode,
    /// By which customers are called.
    /// Looked after; the preferred first.
    pub(super) trunks: Trunks,
    /// The number that they see; nothing where nobody is called.
    caller_id: Option<String>,
    sides: HashMap<Name, Side>,
    by_media: HashMap<media::LegId, Name>,
    next_id: u64,
    happening: mpsc::Sender<Happening>,
    happened: mpsc::Receiver<Happening>,
    news: VecDeque<Event>,
    registered: BTreeSet<String>,
    /// Extensions whose only phone was in a browser, and until when it is awaited that it comes
    /// back, the first first.
    awaited: VecDeque<(Instant, String)>,
    /// Extensions with a phone in a browser.
    browsers: BTreeSet<String>,
    /// Calls of phones of which it is not decided yet what they are to whom.
    undecided: HashMap<OfferId, Incoming>,
    remote_phones: BTreeMap<String, RemotePhone>,
    /// Lines to some of them that stay open, by the name that the leg of a line has while nobody
    /// uses it, and under which its events come.
    lines: HashMap<OfferId, lines::Line>,
    /// Customers who hear their last prompt, with when it is over at the latest; the first first.
    leaving: VecDeque<(Instant, ContactId)>,
    /// Customers who leave a message.
    speakers: HashMap<ContactId, messages::Speaker>,
    /// How many are being recorded.
    recorded: usize,
    recordings: Recordings,
}

impl Legs {
    pub(super) fn new(
        endpoint: Endpoint,
        node: MediaNode,
        calls: CallsOut,
        recordings: Recordings,
    ) -> Self {
        let (happening, happened) = mpsc::channel(HAPPENED);
        let trunks = Trunks::new(&endpoint, calls.trunks);
        Self {
            endpoint,
            node,
            trunks,
            caller_id: calls.caller_id,
            sides: HashMap::new(),
            by_media: HashMap::new(),
            next_id: 1,
            happening,
            happened,
            news: VecDeque::new(),
            registered: BTreeSet::new(),
            awaited: VecDeque::new(),
            browsers: BTreeSet::new(),
            undecided: HashMap::new(),
            remote_phones: calls.remote_phones,
            lines: HashMap::new(),
            leaving: VecDeque::new(),
            speakers: HashMap::new(),
            recorded: 0,
            recordings,
        }
    }

    /// The next thing that happens on a leg.
    pub(super) async fn next(&mut self) -> Happening {
        match self.happened.recv().await {
            Some(happened) => happened,
            // the sender is held beside it
            None => std::future::pending().await,
        }
    }

    pub(super) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// What is to be told next.
    pub(super) fn news(&mut self) -> Option<Event> {
        self.news.pop_front()
    }

    /// A call reached us: a customer's by a trunk, or one that an agent dials at their phone.
    pub(super) fn arrived(&mut self, call: Incoming) {
        if let Origin::Extension(extension) = &call.invitation.origin {
            let extension = extension.clone();
            return self.phone_calls(extension, call);
        }
        let Incoming { invitation, leg, events } = call;
        let contact = ContactId(Uuid::now_v7());
        if leg.ring().is_err() {
            return;
        }
        self.insert(Name::Caller(contact), Some(leg), Phase::Arrived);
        self.listen(Name::Caller(contact), events);
        let (calling, called) = (invitation.calling_number, invitation.called_number);
        self.news.push_back(Event::Arrived { contact, calling, called });
    }

    pub(super) async fn carry_out(&mut self, command: Command) {
        match command {
            Command::AnswerCaller { contact } => self.answer_caller(contact).await,
            Command::RefuseCaller { contact, retry_after } => {
                self.refuse_caller(contact, retry_after).await;
            }
            Command::Play { contact, sounds, repeats } => {
                self.play(Name::Caller(contact), sounds, repeats).await;
            }
            Command::PlayToAgent { offer, sounds } => {
                let name = Name::Agent(offer);
                self.part(name).await;
                self.play(name, sounds, true).await;
            }
            Command::Ring { offer, contact, extension, calling } => {
                self.ring(offer, extension, calling, Rings::ForContact(contact)).await;
            }
            Command::Dial { contact, offer, extension, permit } => {
                let calling = permit.called().to_owned();
                self.insert(Name::Caller(contact), None, Phase::Permitted(permit));
                self.ring(offer, extension, calling, Rings::AsWanted).await;
            }
            Command::OpenLine { extension } => self.open_line(extension).await,
            Command::CloseLine { extension } => self.close_line(&extension).await,
            Command::AnswerLine { offer } => self.confirmed(offer).await,
            Command::CallForPhone { contact, offer, permit } => {
                self.call_for_phone(contact, offer, permit).await;
            }
            Command::CallColleague { offer, colleague, extension, calling } => {
                self.call_colleague(offer, colleague, extension, calling).await;
            }
            Command::TakeAsCaller { offer, contact } => self.take_as_caller(offer, contact),
            Command::RefusePhone { offer, code, words } => {
                self.refuse_phone(offer, code, words).await;
            }
            Command::CallCustomer { .. }
            | Command::CallBack { .. }
            | Command::CallOutside { .. }
            | Command::AskOutside { .. } => self.call_out(command).await,
            Command::Bridge { contact, offer } => {
                self.bridge(Name::Caller(contact), Name::Agent(offer)).await;
            }
            Command::Confer { contact, a, b } => self.confer(contact, a, b).await,
            Command::Listen { contact, offer, supervisor, mode } => {
                self.let_listen(contact, offer, supervisor, mode).await;
            }
            Command::BridgeAgents { a, b } => self.bridge(Name::Agent(a), Name::Agent(b)).await,
            Command::AnswerReferral { offer, code } => {
                self.answer_referral(Name::Agent(offer), code);
            }
            Command::Part { contact } => self.part(Name::Caller(contact)).await,
            Command::DropAgent { offer } => self.drop_agent(offer).await,
            Command::DropCaller { contact, cause } => self.drop_caller(contact, cause).await,
            Command::Record { contact, say, terms } => {
                self.take_message(contact, say, terms).await;
            }
            Command::TellMessages { extension, messages } => {
                self.endpoint.tell_messages(&extension, messages);
            }
            Command::SeeOff { contact, cause, sounds } => {
                self.see_off(contact, cause, sounds).await;
            }
        }
    }

    async fn answer_caller(&mut self, contact: ContactId) {
        let Some(side) = self.sides.get_mut(&Name::Caller(contact)) else { return };
        side.phase = Phase::Answering;
        let leg = side.media;
        self.sound(media::Command::Allocate { leg }).await;
    }

    async fn play(&mut self, name: Name, sounds: Vec<Sound>, repeats: bool) {
        let play = PlayId(self.number());
        let Some(side) = self.sides.get_mut(&name) else { return };
        side.play = play;
        let play = media::Command::Play { leg: side.media, play, sounds, repeats };
        self.sound(play).await;
    }

    async fn hang_up(&mut self, name: Name) {
        self.forget_undecided(name);
        match self.remove(name).await {
            Some(Side { leg: Some(leg), phase: Phase::Dialling { refusal, .. }, .. }) => {
                let _ = leg.reject(refusal, None);
            }
            Some(Side { leg: Some(leg), .. }) => _ = leg.hang_up(),
            _ => {}
        }
    }

    /// Something happened at the media node.
    pub(super) async fn sounded(&mut self, event: media::Event) {
        match event {
            media::Event::Allocated { leg, address } => {
                let Some(name) = self.by_media.get(&leg).copied() else { return };
                let phase = self.sides.get(&name).map(|side| &side.phase);
                let is_called = matches!(phase, Some(Phase::CallingOut { .. }));
                let dials = matches!(phase, Some(Phase::Dialling { .. }));
                match name {
                    _ if is_called => self.call_out_with(name, address).await,
                    Name::Caller(contact) => self.answer_with(contact, address).await,
                    Name::Agent(offer) if dials => self.phone_sounds(offer, address),
                    Name::Agent(offer) => self.call_with(offer, address).await,
                }
            }
            media::Event::Offered { leg, offer } => self.call_browser(leg, offer).await,
            media::Event::Refused { leg, why } => self.refused(leg, &why).await,
            media::Event::Played { leg, play } => {
                let Some(Name::Caller(contact)) = self.by_media.get(&leg).copied() else { return };
                let side = self.sides.get(&Name::Caller(contact));
                match side.filter(|side| side.play == play) {
                    Some(side) if side.is_leaving => self.hang_up(Name::Caller(contact)).await,
                    Some(_) => self.played(contact).await,
                    None => {}
                }
            }
            media::Event::Key { leg, key } => {
                if let Some(name) = self.by_media.get(&leg).copied() {
                    self.pressed(name, key).await;
                }
            }
            media::Event::Lost { count } => warn!(count, "events of the media node were lost"),
            media::Event::Silent { leg } => self.ask_after(leg),
            media::Event::FirstPacket { .. } | media::Event::Released { .. } => {}
        }
    }

    /// Nothing is heard of the far side though it should be: it may have gone without a word.
    fn ask_after(&self, leg: media::LegId) {
        let side = self.by_media.get(&leg).and_then(|name| self.sides.get(name));
        if let Some(leg) = side.and_then(|side| side.leg.as_ref()) {
            // A leg that has ended tells so itself.
            let _ = leg.probe();
        }
    }

    /// Something happened on a leg.
    pub(super) async fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Leg(name, event) => self.told(self.now_called(name), event).await,
            Happening::Recorded(contact, length) => self.has_spoken(contact, length).await,
        }
    }

    async fn told(&mut self, name: Name, event: LegEvent) {
        match event {
            LegEvent::Described(answer) => {
                if let Some(leg) = self.sides.get(&name).map(|side| side.media) {
                    self.sound(media::Command::Secure { leg, answer }).await;
                }
            }
            LegEvent::Answered(agreed) => {
                self.agreed(name, agreed).await;
                if self.asks_to_confirm(name).await {
                    return;
                }
                if let Some(side) = self.sides.get_mut(&name) {
                    side.phase = Phase::Up;
                }
                match name {
                    Name::Caller(contact) => {
                        self.news.push_back(Event::CustomerAnswered { contact });
                    }
                    Name::Agent(offer) => {
                        self.has_answered(offer).await;
                        self.note_hold(offer, agreed);
                    }
                }
            }
            LegEvent::Confirmed(Some(agreed)) | LegEvent::Changed(agreed) => {
                self.agreed(name, agreed).await;
                if let Name::Agent(offer) = name {
                    self.note_hold(offer, agreed);
                }
            }
            LegEvent::Key(key) => self.pressed(name, key).await,
            LegEvent::Refers(to) => match name {
                Name::Agent(offer) => self.news.push_back(Event::AgentRefers { offer, to }),
                // no customer sends another here on our account
                Name::Caller(_) => self.answer_referral(name, 403),
            },
            LegEvent::Joins(named) => self.joins(name, &named),
            LegEvent::Ended(how) => self.ended(name, how).await,
            LegEvent::Ringing => self.let_them_hear(name, None).await,
            LegEvent::Early(agreed) => self.let_them_hear(name, Some(agreed)).await,
            LegEvent::Confirmed(None) => {}
        }
    }

    /// A phone holds by taking no sound (RFC 3264 §8.4: `sendonly`, `inactive`, or 0.0.0.0).
    fn note_hold(&mut self, offer: OfferId, agreed: Negotiated) {
        let Some(side) = self.sides.get_mut(&Name::Agent(offer)) else { return };
        let is_held = !agreed.direction.is_sending();
        if std::mem::replace(&mut side.is_held, is_held) != is_held {
            self.news.push_back(if is_held {
                Event::AgentHeld { offer }
            } else {
                Event::AgentRetrieved { offer }
            });
        }
    }

    /// A leg ended by itself; what we ended is no longer in the table.
    async fn ended(&mut self, name: Name, how: Ended) {
        if self.goes_on_by_another(name, how) || self.goes_on_at_another(name, how).await {
            return;
        }
        let line = self.line_of(name);
        let Some(side) = self.remove(name).await else { return };
        let news = match name {
            Name::Agent(offer) if let Some(line) = line => {
                lines::fell(line, offer, &side.phase, how)
            }
            _ if matches!(side.phase, Phase::RingingOut { .. }) => {
                self.note_refusal(&side.phase, phones::refusal(how));
                not_reached(name, outbound::not_reached(how))
            }
            Name::Caller(contact) => Event::CallerGone { contact },
            Name::Agent(offer) if matches!(side.phase, Phase::Dialling { .. }) => {
                Event::AgentGone { offer }
            }
            Name::Agent(offer) if !matches!(side.phase, Phase::Up) => {
                Event::AgentNotTaken { offer, because: ringing::not_taken(how) }
            }
            Name::Agent(offer) if how == Ended::Failed(Failure::Gone) => Event::AgentLost { offer },
            Name::Agent(offer) => Event::AgentGone { offer },
        };
        self.news.push_back(news);
    }

    /// A leg that could not be made.
    async fn gone(&mut self, name: Name) {
        let line = self.line_of(name);
        let side = self.remove(name).await;
        if let Some(side) = &side {
            self.note_refusal(&side.phase, phones::NO_WAY);
        }
        let was_called = side.is_some_and(|side| matches!(side.phase, Phase::CallingOut { .. }));
        self.news.push_back(match name {
            // that is ours to mend, and not the line of who is called
            _ if was_called => not_reached(name, NotReached::Congestion),
            Name::Caller(contact) => Event::CallerGone { contact },
            Name::Agent(offer) => lines::not_made(line, offer),
        });
    }

    /// Commands the media node. One that has ended tells so by its events, which ends this side.
    async fn sound(&self, command: media::Command) {
        let _ = self.node.send(command).await;
    }

    fn insert(&mut self, name: Name, leg: Option<Leg>, phase: Phase) -> media::LegId {
        let media = media::LegId(self.number());
        self.by_media.insert(media, name);
        self.sides.insert(
            name,
            Side {
                leg,
                media,
                phase,
                play: PlayId(0),
                codec: None,
                is_held: false,
                is_leaving: false,
                page: None,
            },
        );
        media
    }

    /// Takes a leg out of the table and frees its ports.
    async fn remove(&mut self, name: Name) -> Option<Side> {
        let side = self.sides.remove(&name)?;
        self.by_media.remove(&side.media);
        self.lines.retain(|_, line| Name::Agent(line.leg) != name);
        if let Name::Caller(contact) = name {
            self.speaker_gone(contact);
        }
        if side.is_leaving {
            self.leaving.retain(|(_, contact)| name != Name::Caller(*contact));
        }
        let has_ports = !matches!(side.phase, Phase::Arrived | Phase::Permitted(_));
        if has_ports {
            self.sound(media::Command::Release { leg: side.media }).await;
        }
        Some(side)
    }

    fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn listen(&self, name: Name, mut events: LegEvents) {
        let happened = self.happening.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if happened.send(Happening::Leg(name, event)).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// Somebody who was called by a trunk was not reached.
fn not_reached(name: Name, because: NotReached) -> Event {
    match name {
        Name::Caller(contact) => Event::CustomerNotReached { contact, because },
        Name::Agent(offer) => Event::OutsideNotReached { offer, because },
    }
}
