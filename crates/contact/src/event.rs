//! The facts of contacts and agents: append-only, written by the one owner of the contact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AgentEvent, AgentId, AttributeValue, Channel, ConsultationEnd, Consulted, ContactId,
    DestinationId, DialEvidence, DispositionId, EndCause, Estimate, HoldPlace, Intervention,
    IvrEnd, ListeningEnd, ListeningMode, OfferEnd, OfferId, Overflow, Party, Personal, Preference,
    PreferenceEnd, QueueId, ScriptId, Time, Why, WrapUpEnd,
};

/// A fact about a contact or about an agent.
///
/// JSON: `{"contact":ID,"event":{"kind":"arrived",…}}` or `{"agent":NAME,"event":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// About a contact.
    Contact {
        /// Which.
        contact: ContactId,
        /// What happened.
        event: ContactEvent,
    },
    /// About an agent.
    Agent {
        /// Who.
        agent: AgentId,
        /// What happened.
        event: AgentEvent,
    },
}

/// What happens to a contact, from arrival to the end of wrap-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ContactEvent {
    /// A customer reached us.
    Arrived {
        /// The customer's number as E.164 where it is one, else as it was signalled; nothing if
        /// withheld or unknown.
        calling: Option<Personal<String>>,
        /// The number as it was signalled, where that is another writing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signalled: Option<Personal<String>>,
        /// The number that the customer called; empty where nobody called.
        called: String,
        /// How.
        channel: Channel,
    },
    /// An agent wants to call a customer: a contact of our making begins. Where no rule forbids the
    /// call, the agent's own phone rings first; else `ended` follows, and nothing was dialled.
    Dialled {
        /// The agent.
        agent: AgentId,
        /// Names the agent's leg, as the offer of a contact does.
        offer: OfferId,
        /// The number as the agent has it.
        number: Personal<String>,
        /// The same as E.164, or an emergency number; nothing where it is no number.
        called: Option<Personal<String>>,
        /// The queue on whose behalf: its script, wrap-up and music hold. The contact does not
        /// wait in it.
        queue: QueueId,
        /// When the ringing of the agent's phone ends by itself.
        deadline: Time,
        /// Whether the call is permitted, and what that was decided by.
        evidence: DialEvidence,
        /// The agent dialled at their own phone, which does not have to ring.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_phone: bool,
        /// The call is made beside what the agent does, who has not signed in or is busy with
        /// another contact: their state does not know of it, and no wrap-up follows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_aside: bool,
    },
    /// The agent's phone answered, and the customer is called.
    CustomerCalled {
        /// The agent.
        agent: AgentId,
        /// When the ringing at the customer ends by itself.
        deadline: Time,
        /// By what a callback was permitted; of a call that an agent wanted, `dialled` tells it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<DialEvidence>,
    },
    /// The customer wants to be called back: the call ends, and the contact keeps its place in the
    /// queue that it has just entered.
    CallbackAsked {
        /// Where to, as E.164.
        number: Personal<String>,
        /// Before that the customer is not called: they have only just hung up.
        not_before: Time,
        /// Until when the contact waits at the longest.
        expires_at: Time,
    },
    /// The customer was called back, or was to be, and nobody talked: the contact waits on in its
    /// place, and is offered to nobody for a while.
    CallbackPostponed {
        /// The agent who had it.
        agent: AgentId,
        /// Why nobody talked.
        cause: EndCause,
        /// Whether it counts among the attempts that the queue allows.
        is_attempt: bool,
        /// Until then.
        not_before: Time,
        /// The rule that forbade the call, and what it was decided by; nothing where the customer
        /// was called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<DialEvidence>,
    },
    /// The customer may be called back from now on: the contact stands in line, in its place.
    CallbackDue,
    /// A customer who waits is told of the wait: a script talks with them meanwhile, until
    /// `aside-ended`, or somebody talks with them.
    WaitAnnounced {
        /// The script.
        script: ScriptId,
        /// The place in line, counted from 1.
        position: u64,
        /// When it is likely to be their turn; nothing where that is not known, or was promised for
        /// a time that is over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// A customer who waits pressed the key by which they ask to be called back: a script talks
    /// with them meanwhile.
    AsideStarted {
        /// The script.
        script: ScriptId,
    },
    /// The script that talked with a waiting customer is at its end, and they wait on.
    AsideEnded,
    /// A dialogue script started to talk with the customer.
    IvrStarted {
        /// The script.
        script: ScriptId,
    },
    /// The dialogue script stopped talking with the customer.
    IvrEnded {
        /// How.
        outcome: IvrEnd,
    },
    /// It became known who the customer is.
    CustomerIdentified {
        /// Key of the business object.
        customer: Personal<String>,
    },
    /// The contact began to wait in a queue. What is handed over is added to what was before.
    QueueEntered {
        /// The queue.
        queue: QueueId,
        /// 0 to 9; a larger number is served first.
        priority: u8,
        /// Since when its wait counts beside others: so much before it began as the priority is
        /// worth. Nothing where a larger priority goes first however long others wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts_from: Option<Time>,
        /// What the script handed over for the desk, by name.
        attributes: Personal<BTreeMap<String, String>>,
        /// What the customer answered before, in order; nothing of calls.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<Personal<Vec<Answer>>>,
        /// Since when the place in line counts, where that is not now: a customer whom a colleague
        /// did not take comes back to the old place, and who comes over from another queue has
        /// waited there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// What routing knows of the contact from now on, in whatever queue: of what the script
        /// handed over, the values of attributes that `routing.xml` declared, and nothing personal.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        declared: BTreeMap<String, AttributeValue>,
    },
    /// The contact waits here no longer and goes on to another queue, whose entry is told next.
    Overflowed {
        /// Why.
        cause: Overflow,
    },
    /// The contact waits here no longer: the customer hears a greeting and a tone, and what they
    /// say then is recorded. Told after `overflowed`.
    VoicemailStarted {
        /// When it is over at the latest.
        deadline: Time,
        /// Until when the recording is kept, and the message waits at the longest.
        keep_until: Time,
    },
    /// The customer has left a message. From now on the contact is no call: it waits in the queue
    /// whose entry is told next.
    VoicemailLeft {
        /// How long the recording is, in milliseconds.
        length: u64,
    },
    /// A supervisor did something with the contact.
    Intervened {
        /// Who.
        supervisor: AgentId,
        /// What.
        what: Intervention,
    },
    /// The customer has talked with this agent before.
    Acquainted {
        /// The agent.
        agent: AgentId,
        /// When they were connected last.
        at: Time,
    },
    /// The contact waits for one agent alone, in its place in line.
    AgentPreferred {
        /// The agent.
        agent: AgentId,
        /// Until when at the longest.
        until: Time,
        /// Why for this agent.
        cause: Preference,
    },
    /// The contact waits for every agent of its queue from now on, in the same place.
    PreferenceEnded {
        /// Why.
        cause: PreferenceEnd,
    },
    /// Whom the contact needs from now on: told after it entered a queue with requirements, and
    /// again whenever the next of them takes effect.
    RequirementSet {
        /// Which of the queue's requirements, counted from 0.
        step: u8,
        /// The contact attributes that they ask for.
        attributes: BTreeMap<String, AttributeValue>,
        /// When the next requirement takes effect; nothing where this is the last.
        until: Option<Time>,
    },
    /// The contact was offered to an agent. The event's id is the offer's id.
    Offered {
        /// The offer.
        offer: OfferId,
        /// The queue it waits in.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// When the offer ends by itself.
        deadline: Time,
        /// Why this contact and this agent.
        why: Why,
    },
    /// An offer ended without a conversation; unless the customer left, the contact waits on in
    /// its queue with its original place.
    OfferEnded {
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// Why.
        reason: OfferEnd,
    },
    /// Customer and agent talk.
    Connected {
        /// The offer that was accepted.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
    },
    /// The agent parted from the customer for a while, who hears music. Told again where the
    /// other place holds the call from now on.
    Held {
        /// The agent.
        agent: AgentId,
        /// Where the call is held, and can be taken back.
        place: HoldPlace,
    },
    /// Customer and agent talk again.
    Retrieved {
        /// The agent.
        agent: AgentId,
    },
    /// The agent asks a colleague, or somebody outside, about the customer, who is on hold; the
    /// phone of who is asked rings.
    ConsultationAsked {
        /// The agent.
        agent: AgentId,
        /// Names the leg of who is asked, as the offer of a contact does.
        offer: OfferId,
        /// Who is asked.
        #[serde(flatten)]
        asked: Consulted,
        /// The outside number, as E.164; nothing for a colleague.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called: Option<Personal<String>>,
        /// When the ringing ends by itself.
        deadline: Time,
        /// What it is about, for the colleague; may be empty.
        note: Personal<String>,
        /// The session of the dialogue script at the agent's desk, for the colleague to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        script_session: Option<String>,
        /// The agent asks by another line of their own phone, and talks with the colleague by it;
        /// nothing where they ask from the desk, by the leg on which they have the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<OfferId>,
    },
    /// Who is asked answered: the two talk while the customer is on hold, and who is asked waits
    /// while the agent talks with the customer.
    ConsultationAnswered {
        /// Names the leg of who is asked.
        offer: OfferId,
        /// Who is asked.
        #[serde(flatten)]
        asked: Consulted,
    },
    /// Customer, agent and colleague hear each other, until the customer is put on hold or the
    /// consultation ends.
    ConferenceStarted {
        /// The agent.
        agent: AgentId,
    },
    /// The consultation is over.
    ConsultationEnded {
        /// Names the leg of who was asked.
        offer: OfferId,
        /// Who was asked.
        #[serde(flatten)]
        asked: Consulted,
        /// Why.
        reason: ConsultationEnd,
    },
    /// A supervisor wants to hear the agent and the customer; the supervisor's phone rings.
    ListeningAsked {
        /// Who.
        supervisor: AgentId,
        /// Names the supervisor's phone leg, as the offer of a contact does.
        offer: OfferId,
        /// Who is to hear the supervisor.
        mode: ListeningMode,
        /// When the ringing ends by itself.
        deadline: Time,
    },
    /// The supervisor's phone answered: from now on they hear both.
    ListeningStarted {
        /// The supervisor's offer.
        offer: OfferId,
        /// Who.
        supervisor: AgentId,
    },
    /// Others hear the supervisor from now on.
    ListeningChanged {
        /// Who.
        supervisor: AgentId,
        /// Who hears them.
        mode: ListeningMode,
    },
    /// The supervisor hears nobody any more.
    ListeningEnded {
        /// The supervisor's offer.
        offer: OfferId,
        /// Who.
        supervisor: AgentId,
        /// Why.
        reason: ListeningEnd,
    },
    /// The agent passed the contact on, which goes on without them; wrap-up follows for the agent,
    /// and for the contact a queue or an offer.
    Transferred {
        /// The agent.
        agent: AgentId,
        /// For whoever takes it; may be empty.
        note: Personal<String>,
    },
    /// The agent passed the contact on to an outside number, which is called from now on: told
    /// after `transferred`, and the proof that the application named the number.
    OutsideCalled {
        /// The agent.
        agent: AgentId,
        /// Names the leg of whoever is called, as the offer of a contact does.
        offer: OfferId,
        /// Which of the destinations of the release that the envelope names.
        destination: DestinationId,
        /// Its number as E.164.
        called: Personal<String>,
        /// When the ringing ends by itself.
        deadline: Time,
    },
    /// Whoever was called outside answered: the customer talks with them, until one of them hangs
    /// up.
    OutsideConnected {
        /// The leg.
        offer: OfferId,
    },
    /// Nobody talked outside: the contact enters its queue again, which is told next.
    OutsideNotReached {
        /// The leg.
        offer: OfferId,
        /// Why nobody talked.
        cause: EndCause,
    },
    /// The agent who has it, and it is no call, is offered another one or takes up another one: it
    /// stays theirs, laid aside.
    Interrupted {
        /// Whose it is.
        agent: AgentId,
    },
    /// The agent goes on with what was laid aside.
    Resumed {
        /// Whose it is.
        agent: AgentId,
    },
    /// The agent's phone went from the conversation without a word, as one without power or network
    /// does: the customer waits again, and the agent wraps up.
    AgentLost {
        /// The agent.
        agent: AgentId,
    },
    /// The customer is no longer with us. Nothing but wrap-up follows.
    Ended {
        /// Who ended it.
        by: Party,
        /// Why.
        cause: EndCause,
    },
    /// The agent began to finish the contact.
    WrapUpStarted {
        /// The agent.
        agent: AgentId,
        /// When wrap-up ends by itself.
        deadline: Time,
    },
    /// The agent said how the contact came out.
    Disposed {
        /// The agent.
        agent: AgentId,
        /// How it came out.
        disposition: DispositionId,
        /// The agent's words; may be empty.
        note: Personal<String>,
    },
    /// The agent is done with the contact.
    WrapUpEnded {
        /// The agent.
        agent: AgentId,
        /// Why.
        cause: WrapUpEnd,
    },
}

/// What a customer answered to a question, in the words that they read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

impl Event {
    /// Version of the JSON form of every event below.
    pub const SCHEMA_VERSION: u16 = 1;

    /// The contact, if it is about one.
    pub fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Contact { contact, .. } => Some(*contact),
            Self::Agent { .. } => None,
        }
    }

    /// The agent that it is about, if it is about one.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { agent, .. } => Some(agent),
            Self::Contact { .. } => None,
        }
    }

    /// Stable name of the kind of event, such as `contact.arrived`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Contact { event, .. } => event.type_name(),
            Self::Agent { event, .. } => event.type_name(),
        }
    }

    /// JSON pointers of what is [`Personal`] in this event.
    pub fn personal_pointers(&self) -> &'static [&'static str] {
        match self {
            Self::Contact { event, .. } => match event {
                ContactEvent::Arrived { signalled: Some(_), .. } => {
                    &["/event/calling", "/event/signalled"]
                }
                ContactEvent::Arrived { calling: Some(_), .. } => &["/event/calling"],
                ContactEvent::Dialled { called: Some(_), .. } => {
                    &["/event/number", "/event/called"]
                }
                ContactEvent::Dialled { .. } => &["/event/number"],
                ContactEvent::CallbackAsked { .. } => &["/event/number"],
                ContactEvent::OutsideCalled { .. } => &["/event/called"],
                ContactEvent::CustomerIdentified { .. } => &["/event/customer"],
                ContactEvent::QueueEntered { answers: Some(_), .. } => {
                    &["/event/attributes", "/event/answers"]
                }
                ContactEvent::QueueEntered { .. } => &["/event/attributes"],
                ContactEvent::ConsultationAsked { called: Some(_), .. } => {
                    &["/event/note", "/event/called"]
                }
                ContactEvent::Disposed { .. }
                | ContactEvent::Transferred { .. }
                | ContactEvent::ConsultationAsked { .. } => &["/event/note"],
                _ => &[],
            },
            Self::Agent { .. } => &[],
        }
    }
}

impl ContactEvent {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Arrived { .. } => "contact.arrived",
            Self::Dialled { .. } => "contact.dialled",
            Self::CustomerCalled { .. } => "contact.customer-called",
            Self::CallbackAsked { .. } => "contact.callback-asked",
            Self::CallbackPostponed { .. } => "contact.callback-postponed",
            Self::CallbackDue => "contact.callback-due",
            Self::WaitAnnounced { .. } => "contact.wait-announced",
            Self::AsideStarted { .. } => "contact.aside-started",
            Self::AsideEnded => "contact.aside-ended",
            Self::IvrStarted { .. } => "contact.ivr-started",
            Self::IvrEnded { .. } => "contact.ivr-ended",
            Self::CustomerIdentified { .. } => "contact.customer-identified",
            Self::QueueEntered { .. } => "contact.queue-entered",
            Self::Overflowed { .. } => "contact.overflowed",
            Self::VoicemailStarted { .. } => "contact.voicemail-started",
            Self::VoicemailLeft { .. } => "contact.voicemail-left",
            Self::Intervened { .. } => "contact.intervened",
            Self::Acquainted { .. } => "contact.acquainted",
            Self::AgentPreferred { .. } => "contact.agent-preferred",
            Self::PreferenceEnded { .. } => "contact.preference-ended",
            Self::RequirementSet { .. } => "contact.requirement-set",
            Self::Offered { .. } => "contact.offered",
            Self::OfferEnded { .. } => "contact.offer-ended",
            Self::Connected { .. } => "contact.connected",
            Self::Held { .. } => "contact.held",
            Self::Retrieved { .. } => "contact.retrieved",
            Self::ConsultationAsked { .. } => "contact.consultation-asked",
            Self::ConsultationAnswered { .. } => "contact.consultation-answered",
            Self::ConferenceStarted { .. } => "contact.conference-started",
            Self::ConsultationEnded { .. } => "contact.consultation-ended",
            Self::ListeningAsked { .. } => "contact.listening-asked",
            Self::ListeningStarted { .. } => "contact.listening-started",
            Self::ListeningChanged { .. } => "contact.listening-changed",
            Self::ListeningEnded { .. } => "contact.listening-ended",
            Self::Transferred { .. } => "contact.transferred",
            Self::OutsideCalled { .. } => "contact.outside-called",
            Self::OutsideConnected { .. } => "contact.outside-connected",
            Self::OutsideNotReached { .. } => "contact.outside-not-reached",
            Self::AgentLost { .. } => "contact.agent-lost",
            Self::Interrupted { .. } => "contact.interrupted",
            Self::Resumed { .. } => "contact.resumed",
            Self::Ended { .. } => "contact.ended",
            Self::WrapUpStarted { .. } => "contact.wrap-up-started",
            Self::Disposed { .. } => "contact.disposed",
            Self::WrapUpEnded { .. } => "contact.wrap-up-ended",
        }
    }
}
