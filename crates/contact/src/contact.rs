//! One contact as its events tell it: segments, offers, and what came of it.

use std::collections::BTreeMap;

use crate::{
    AgentId, Answer, Channel, ContactEvent, ContactId, DispositionId, EndCause, HoldPlace,
    Intervention, ListeningMode, OfferEnd, OfferId, Party, Personal, QueueId, Time, Why, WrapUpEnd,
};

pub use callback::Callback;
pub use consultation::Consultation;
pub use listening::Listening;
pub use outbound::Outbound;
pub use outside::Outside;
pub use voicemail::Voicemail;

mod callback;
mod consultation;
mod listening;
mod outbound;
mod outside;
mod voicemail;

/// A contact, folded from its events in order. Everything in it is derived; nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// When the customer reached us, or an agent wanted to call them.
    pub arrived_at: Time,
    /// How.
    pub channel: Channel,
    /// From where; nothing if withheld, or where we call.
    pub calling: Option<Personal<String>>,
    /// The same as it was signalled, where that is another writing.
    pub signalled: Option<Personal<String>>,
    /// On which number; empty where nobody called.
    pub called: String,
    /// The call that we made; nothing where the customer came to us and was not called back.
    pub outbound: Option<Outbound>,
    /// That the customer wants to be called back, whatever came of it.
    pub callback: Option<Callback>,
    /// The message that the customer left.
    pub voicemail: Option<Voicemail>,
    /// Key of the customer's business object, once known.
    pub customer: Option<Personal<String>>,
    /// The queue it waited in last.
    pub queue: Option<QueueId>,
    /// When it entered that queue.
    pub queued_at: Option<Time>,
    /// What the script handed over for the desk, by name.
    pub attributes: Option<Personal<BTreeMap<String, String>>>,
    /// What the customer answered before the queue, in order; nothing of calls.
    pub answers: Option<Personal<Vec<Answer>>>,
    /// By whom it was passed on, in order.
    pub transfers: Vec<Transfer>,
    /// The outside numbers that it was passed on to, in order; at most the last one goes on.
    pub outside: Vec<Outside>,
    /// Colleagues who were asked about the customer, in order; at most the last one goes on.
    pub consultations: Vec<Consultation>,
    /// The agent who talked with the customer last.
    pub agent: Option<AgentId>,
    /// When they began to talk; nothing after a transfer until somebody talks again.
    pub connected_at: Option<Time>,
    /// Whether its agent has laid it aside for another one.
    pub is_interrupted: bool,
    /// Since when the customer is on hold, and where; nothing while they talk.
    pub held: Option<(Time, HoldPlace)>,
    /// When, by whom and why the customer's side ended.
    pub ended: Option<(Time, Party, EndCause)>,
    /// How it came out.
    pub disposition: Option<DispositionId>,
    /// The agent's words.
    pub note: Option<Personal<String>>,
    /// What it went through, in order of beginning. Without gaps between arrival and the end of
    /// wrap-up; the wrap-up of an agent who passed it on stands beside what follows, and a
    /// consultation beside what the customer does meanwhile.
    pub segments: Vec<Segment>,
    /// The supervisor who listens to the conversation, or whose telephone rings for it.
    pub listening: Option<Listening>,
    /// What supervisors did with it, in order.
    pub interventions: Vec<Intervened>,
    /// To whom it was offered, in order.
    pub offers: Vec<OfferTold>,
}

/// An agent passed the contact on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who.
    pub agent: AgentId,
    /// When.
    pub at: Time,
    /// For whoever takes it; may be empty.
    pub note: Personal<String>,
}

/// A supervisor did something with the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervened {
    /// Who.
    pub supervisor: AgentId,
    /// When.
    pub at: Time,
    /// What.
    pub what: Intervention,
}

/// A stretch of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// The queue; in the IVR none.
    pub queue: Option<QueueId>,
    /// The agent, if it has to do with one.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Time,
    /// When it ended, and the name of the cause; nothing while it lasts.
    pub ended: Option<(Time, &'static str)>,
}

/// The kinds of segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SegmentKind {
    /// A dialogue script leads the customer, on whichever channel.
    Ivr,
    /// Waits in a queue.
    Waiting,
    /// Waits while an agent's phone rings.
    Offered,
    /// The customer may leave a message.
    Voicemail,
    /// We call the customer: the agent's phone rings, then the customer's.
    Dialling,
    /// Customer and agent talk.
    WithAgent,
    /// The agent has parted from the customer for a while, who hears music.
    OnHold,
    /// An outside number, to which an agent named here passed the customer on, is called.
    CallingOutside,
    /// The customer talks with whoever answered there, and no agent does.
    Outside,
    /// The agent has a colleague on the line, named here, whom they ask about the customer.
    Consultation,
    /// The same while all three hear each other.
    Conference,
    /// A supervisor, named here, hears agent and customer, heard by nobody.
    Listening,
    /// The same, heard by the agent.
    Whispering,
    /// The same, heard by both.
    Barging,
    /// The agent finishes the contact.
    WrapUp,
}

impl SegmentKind {
    /// Stable name: `ivr`, `waiting`, `offered`, `voicemail`, `dialling`, `with-agent`, `on-hold`,
    /// `calling-outside`, `outside`, `consultation`, `conference`, `listening`, `whispering`,
    /// `barging`, `wrap-up`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ivr => "ivr",
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Voicemail => "voicemail",
            Self::Dialling => "dialling",
            Self::WithAgent => "with-agent",
            Self::OnHold => "on-hold",
            Self::CallingOutside => "calling-outside",
            Self::Outside => "outside",
            Self::Consultation => "consultation",
            Self::Conference => "conference",
            Self::Listening => "listening",
            Self::Whispering => "whispering",
            Self::Barging => "barging",
            Self::WrapUp => "wrap-up",
        }
    }

    fn is_with_colleague(self) -> bool {
        matches!(self, Self::Consultation | Self::Conference)
    }

    fn is_of_supervisor(self) -> bool {
        matches!(self, Self::Listening | Self::Whispering | Self::Barging)
    }

    fn of_mode(mode: ListeningMode) -> Self {
        match mode {
            ListeningMode::Listen => Self::Listening,
            ListeningMode::Whisper => Self::Whispering,
            ListeningMode::Barge => Self::Barging,
        }
    }

    /// Whether it is what the customer goes through; others are what agents do beside it.
    fn is_of_customer(self) -> bool {
        let is_of_agents = matches!(self, Self::Consultation | Self::Conference | Self::WrapUp);
        !is_of_agents && !self.is_of_supervisor()
    }
}

/// One offer of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferTold {
    /// Its id.
    pub offer: OfferId,
    /// Out of which queue.
    pub queue: QueueId,
    /// To whom.
    pub agent: AgentId,
    /// When.
    pub offered_at: Time,
    /// `accepted`, or the name of the reason that ended it; nothing while it lasts.
    pub outcome: Option<&'static str>,
    /// Why.
    pub why: Why,
}

impl Contact {
    /// The contact of an arrival, or of a call that an agent wants to make; nothing if `event` is
    /// neither.
    pub fn begin(id: ContactId, at: Time, event: &ContactEvent) -> Option<Self> {
        match event {
            ContactEvent::Arrived { calling, signalled, called, channel } => {
                let (calling, called) = (calling.clone(), called.clone());
                let signalled = signalled.clone();
                Some(Self { calling, signalled, called, ..Self::empty(id, at, *channel) })
            }
            ContactEvent::Dialled { queue, .. } => Some(Self {
                queue: Some(queue.clone()),
                outbound: Outbound::dialled(event),
                ..Self::empty(id, at, Channel::Voice)
            }),
            _ => None,
        }
    }

    fn empty(id: ContactId, at: Time, channel: Channel) -> Self {
        Self {
            id,
            arrived_at: at,
            channel,
            calling: None,
            signalled: None,
            called: String::new(),
            outbound: None,
            callback: None,
            voicemail: None,
            customer: None,
            queue: None,
            queued_at: None,
            attributes: None,
            answers: None,
            transfers: Vec::new(),
            outside: Vec::new(),
            listening: None,
            interventions: Vec::new(),
            consultations: Vec::new(),
            agent: None,
            connected_at: None,
            is_interrupted: false,
            held: None,
            ended: None,
            disposition: None,
            note: None,
            segments: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// Folds the next event of this contact, recorded at `at`.
    pub fn apply(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::Dialled { agent, evidence, .. } if evidence.denied.is_none() => {
                self.open(at, SegmentKind::Dialling, Some(agent));
            }
            ContactEvent::Arrived { .. }
            | ContactEvent::Dialled { .. }
            | ContactEvent::Acquainted { .. }
            | ContactEvent::AgentPreferred { .. }
            | ContactEvent::PreferenceEnded { .. }
            | ContactEvent::WaitAnnounced { .. }
            | ContactEvent::AsideStarted { .. }
            | ContactEvent::AsideEnded
            | ContactEvent::RequirementSet { .. } => {}
            ContactEvent::CustomerCalled { agent, evidence, .. } => {
                self.customer_called(at, agent, evidence.as_ref());
            }
            ContactEvent::CallbackAsked { .. }
            | ContactEvent::CallbackPostponed { .. }
            | ContactEvent::CallbackDue => self.call_back(at, event),
            ContactEvent::IvrStarted { .. } => self.open(at, SegmentKind::Ivr, None),
            ContactEvent::IvrEnded { outcome } => self.close(at, outcome.name()),
            ContactEvent::CustomerIdentified { customer } => self.customer = Some(customer.clone()),
            ContactEvent::QueueEntered { queue, attributes, answers, .. } => {
                self.queued(at, queue, attributes, answers.as_ref());
            }
            ContactEvent::Overflowed { cause } => self.close(at, cause.name()),
            ContactEvent::VoicemailStarted { .. } | ContactEvent::VoicemailLeft { .. } => {
                self.leave_message(at, event);
            }
            ContactEvent::Intervened { supervisor, what } => self.intervened(at, supervisor, what),
            ContactEvent::Offered { .. } => self.offered(at, event),
            ContactEvent::OfferEnded { offer, reason, .. } => {
                self.offer_ended(at, *offer, *reason);
            }
            ContactEvent::Connected { offer, agent } => self.connected(at, *offer, agent),
            ContactEvent::Held { agent, place } => self.hold(at, agent, *place),
            ContactEvent::Retrieved { agent } => self.retrieve(at, agent),
            ContactEvent::ConsultationAsked { .. }
            | ContactEvent::ConsultationAnswered { .. }
            | ContactEvent::ConferenceStarted { .. }
            | ContactEvent::ConsultationEnded { .. } => self.consult(at, event),
            ContactEvent::ListeningAsked { .. }
            | ContactEvent::ListeningStarted { .. }
            | ContactEvent::ListeningChanged { .. }
            | ContactEvent::ListeningEnded { .. } => self.listen(at, event),
            ContactEvent::Transferred { agent, note } => self.transferred(at, agent, note),
            ContactEvent::OutsideCalled { .. }
            | ContactEvent::OutsideConnected { .. }
            | ContactEvent::OutsideNotReached { .. } => self.go_outside(at, event),
            ContactEvent::AgentLost { .. } => self.leave_agent(at, "agent-lost"),
            ContactEvent::Interrupted { .. } => self.is_interrupted = true,
            ContactEvent::Resumed { .. } => self.is_interrupted = false,
            ContactEvent::Ended { by, cause } => {
                self.held = None;
                self.ended = Some((at, *by, *cause));
                self.close(at, cause.name());
            }
            ContactEvent::WrapUpStarted { agent, .. } => {
                self.open(at, SegmentKind::WrapUp, Some(agent));
            }
            ContactEvent::Disposed { disposition, note, .. } => {
                self.disposition = Some(disposition.clone());
                self.note = Some(note.clone());
            }
            ContactEvent::WrapUpEnded { agent, cause } => self.wrapped_up(at, agent, *cause),
        }
    }

    fn wrapped_up(&mut self, at: Time, agent: &AgentId, cause: WrapUpEnd) {
        let mut open = self.segments.iter_mut().filter(|it| it.is_wrap_up_of(agent));
        if let Some(segment) = open.next_back() {
            segment.ended.get_or_insert((at, cause.name()));
        }
    }

    fn retrieve(&mut self, at: Time, agent: &AgentId) {
        self.held = None;
        self.close(at, "retrieved");
        self.open(at, SegmentKind::WithAgent, Some(agent));
    }

    fn queued(
        &mut self,
        at: Time,
        queue: &QueueId,
        attributes: &Personal<BTreeMap<String, String>>,
        answers: Option<&Personal<Vec<Answer>>>,
    ) {
        self.queue = Some(queue.clone());
        self.add_attributes(attributes);
        if let Some(answers) = answers {
            self.answers = Some(answers.clone());
        }
        self.queued_at = Some(at);
        self.open(at, SegmentKind::Waiting, None);
    }

    /// What is handed over is added to what was before; what was erased stays so.
    fn add_attributes(&mut self, more: &Personal<BTreeMap<String, String>>) {
        match (&mut self.attributes, more) {
            (Some(Personal::Known(known)), Personal::Known(more)) => {
                known.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            (attributes, more) => *attributes = Some(more.clone()),
        }
    }

    fn intervened(&mut self, at: Time, supervisor: &AgentId, what: &Intervention) {
        if *what == Intervention::Moved {
            self.close(at, what.name());
        }
        let (supervisor, what) = (supervisor.clone(), what.clone());
        self.interventions.push(Intervened { supervisor, at, what });
    }

    /// Who takes over after a consultation has had the note with it.
    fn transferred(&mut self, at: Time, agent: &AgentId, note: &Personal<String>) {
        self.leave_agent(at, "transferred");
        let completed = |it: &&Consultation| it.agent == *agent && it.is_completed(at);
        let note = self.consultations.last().filter(completed).map_or(note, |it| &it.note).clone();
        self.transfers.push(Transfer { agent: agent.clone(), at, note });
    }

    fn leave_agent(&mut self, at: Time, cause: &'static str) {
        self.held = None;
        self.connected_at = None;
        self.close(at, cause);
    }

    fn offered(&mut self, at: Time, event: &ContactEvent) {
        let ContactEvent::Offered { offer, queue, agent, why, .. } = event else { return };
        if self.current_segment().is_some_and(|it| it.kind == SegmentKind::Offered) {
            // another phone rings: from now on it is the segment of no agent alone
            if let Some(segment) = self.segments.last_mut() {
                segment.agent = None;
            }
        } else {
            self.close(at, "offered");
            self.open(at, SegmentKind::Offered, Some(agent));
        }
        let (queue, agent, why) = (queue.clone(), agent.clone(), why.clone());
        let (offer, outcome) = (*offer, None);
        self.offers.push(OfferTold { offer, queue, agent, offered_at: at, outcome, why });
    }

    /// While another phone rings, the customer's segment goes on.
    fn offer_ended(&mut self, at: Time, offer: OfferId, reason: OfferEnd) {
        self.settle_offer(offer, reason.name());
        if self.offers.iter().any(|it| it.outcome.is_none()) {
            return;
        }
        self.close(at, reason.name());
        // who was offered to a colleague by name enters the queue anew
        let was_by_name = self.offers.last().is_some_and(|it| it.why.transferred_by.is_some());
        if reason != OfferEnd::CallerGone && !was_by_name {
            self.open(at, SegmentKind::Waiting, None);
        }
    }

    fn connected(&mut self, at: Time, offer: OfferId, agent: &AgentId) {
        self.settle_offer(offer, "accepted");
        self.close(at, "accepted");
        self.agent = Some(agent.clone());
        self.connected_at = Some(at);
        self.open(at, SegmentKind::WithAgent, Some(agent));
    }

    fn consult(&mut self, at: Time, event: &ContactEvent) {
        self.consultations.extend(Consultation::asked(at, event));
        let Some(last) = self.consultations.last_mut() else { return };
        match event {
            ContactEvent::ConsultationAnswered { asked, .. } => {
                last.answered_at = Some(at);
                self.open(at, SegmentKind::Consultation, asked.colleague());
            }
            ContactEvent::ConferenceStarted { .. } => {
                last.is_conference = true;
                let asked = last.asked.clone();
                self.close_where(at, "conference", SegmentKind::is_with_colleague);
                self.open(at, SegmentKind::Conference, asked.colleague());
            }
            ContactEvent::ConsultationEnded { reason, .. } => {
                last.ended = Some((at, *reason));
                self.close_where(at, reason.name(), SegmentKind::is_with_colleague);
            }
            _ => {}
        }
    }

    fn listen(&mut self, at: Time, event: &ContactEvent) {
        if let ContactEvent::ListeningEnded { reason, .. } = event {
            self.listening = None;
            self.close_where(at, reason.name(), SegmentKind::is_of_supervisor);
            return;
        }
        if let Some(asked) = Listening::asked(event) {
            self.listening = Some(asked);
        }
        let Some(listening) = &mut self.listening else { return };
        match event {
            ContactEvent::ListeningStarted { .. } => listening.since = Some(at),
            ContactEvent::ListeningChanged { mode, .. } => listening.mode = *mode,
            _ => {}
        }
        let Listening { supervisor, mode, since } = listening.clone();
        if since.is_some() {
            self.close_where(at, mode.name(), SegmentKind::is_of_supervisor);
            self.open(at, SegmentKind::of_mode(mode), Some(&supervisor));
        }
    }

    /// The customer is on hold again, and the two agents talk.
    fn end_conference(&mut self, at: Time) {
        let going_on = self.consultations.last_mut().filter(|it| it.ended.is_none());
        let Some(conference) = going_on.filter(|it| it.is_conference) else { return };
        conference.is_conference = false;
        let asked = conference.asked.clone();
        self.close_where(at, "held", SegmentKind::is_with_colleague);
        self.open(at, SegmentKind::Consultation, asked.colleague());
    }

    /// A hold that only moves to another place goes on.
    fn hold(&mut self, at: Time, agent: &AgentId, place: HoldPlace) {
        let since = self.held.map(|(since, _)| since);
        self.held = Some((since.unwrap_or(at), place));
        if since.is_none() {
            self.close(at, "held");
            self.open(at, SegmentKind::OnHold, Some(agent));
            self.end_conference(at);
        }
    }

    fn settle_offer(&mut self, offer: OfferId, outcome: &'static str) {
        if let Some(told) = self.offers.iter_mut().rfind(|it| it.offer == offer) {
            told.outcome = Some(outcome);
        }
    }

    fn open(&mut self, at: Time, kind: SegmentKind, agent: Option<&AgentId>) {
        let queue = self.queue.clone();
        let agent = agent.cloned();
        self.segments.push(Segment { kind, queue, agent, started_at: at, ended: None });
    }

    fn close(&mut self, at: Time, cause: &'static str) {
        self.close_where(at, cause, SegmentKind::is_of_customer);
    }

    fn close_where(&mut self, at: Time, cause: &'static str, is: fn(SegmentKind) -> bool) {
        if let Some(segment) = self.segments.iter_mut().rfind(|it| is(it.kind)) {
            segment.ended.get_or_insert((at, cause));
        }
    }

    /// Whether a customer's telephone was called by us.
    fn has_called(&self) -> bool {
        self.outbound.as_ref().is_some_and(|it| it.called_at.is_some())
    }

    /// Who took the customer over from this agent, where that is how they last parted from them.
    pub fn taken_over_from(&self, agent: &AgentId) -> Option<&AgentId> {
        let parted = self.transfers.iter().rfind(|it| it.agent == *agent)?.at;
        let took = |it: &&Intervened| it.at == parted && it.what == Intervention::TookOver;
        self.interventions.iter().rfind(took).map(|it| &it.supervisor)
    }

    /// The consultation that goes on.
    pub fn consultation(&self) -> Option<&Consultation> {
        self.consultations.last().filter(|it| it.ended.is_none())
    }

    /// The segment that lasts: the customer's, or the wrap-up where that is all; none before the
    /// first and after the last.
    pub fn current_segment(&self) -> Option<&Segment> {
        let open = || self.segments.iter().rev().filter(|segment| segment.ended.is_none());
        open().find(|it| it.kind.is_of_customer()).or_else(|| open().next())
    }

    /// Whether nothing more will happen: the customer is gone and no agent is busy with it.
    pub fn is_over(&self) -> bool {
        self.ended.is_some() && self.current_segment().is_none()
    }

    /// Whose number it is: whom we called, who is to be called back, or who called us; nothing
    /// where that is not known.
    pub fn customer_number(&self) -> Option<&Personal<String>> {
        let called_back = self.callback.as_ref().map(|it| &it.number);
        let called = self.outbound.as_ref().map(|it| &it.number);
        called.or(called_back).or(self.calling.as_ref())
    }

    /// Whether nothing more will happen after this event, which was the last one applied.
    pub fn is_over_with(&self, event: &ContactEvent) -> bool {
        // after a conversation wrap-up follows, unless its agent has another one in hand, and after
        // a call that we made whatever came of it
        let is_last = match event {
            ContactEvent::Ended { .. } => {
                let has_called = self.agent.is_none() && self.has_called();
                let is_aside = self.outbound.as_ref().is_some_and(|it| it.is_aside);
                is_aside || self.is_interrupted || self.connected_at.is_none() && !has_called
            }
            _ => true,
        };
        is_last && self.is_over()
    }
}

impl Segment {
    fn is_wrap_up_of(&self, agent: &AgentId) -> bool {
        self.kind == SegmentKind::WrapUp && self.agent.as_ref() == Some(agent)
    }
}

#[cfg(test)]
mod tests;
