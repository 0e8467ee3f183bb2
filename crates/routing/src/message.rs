//! What goes in and what comes out.

use std::collections::BTreeMap;

use caruso_contact::{
    AgentId, Answer, Channel, Consulted, ContactId, DestinationId, DispositionId, Event, EventId,
    ImposedState, ListeningMode, OfferId, Personal, PurposeId, QueueId, ReasonId, ScriptId, Skills,
    Time,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::KnownOfNumber;

pub use action::Action;
pub use phone::AtPhone;
pub use refusal::Refusal;

mod action;
mod phone;
mod refusal;

/// Something that happened outside, or that somebody wants.
///
/// Inputs about an offer or a contact that is already over change nothing; where a phone leg
/// may have been left over, an effect closes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A customer reached us.
    Arrived {
        /// Its new id.
        contact: ContactId,
        /// The customer's number; nothing if withheld.
        calling: Option<Personal<String>>,
        /// The number as it was signalled, where that is another writing.
        signalled: Option<Personal<String>>,
        /// The called number as the trunk spells it.
        called: String,
        /// How.
        channel: Channel,
    },
    /// The script handed the contact over to a queue.
    HandedOff {
        /// The contact.
        contact: ContactId,
        /// The queue; an unknown one counts as a failed script.
        queue: QueueId,
        /// For the desk.
        attributes: Personal<BTreeMap<String, String>>,
    },
    /// Whoever leads a conversation on the web or by messages says where it stands. The first
    /// report opens the contact; one that comes again changes nothing.
    Reported {
        /// The contact.
        contact: ContactId,
        /// The conversation.
        conversation: Conversation,
        /// Where it stands.
        stand: Stand,
    },
    /// The script is at its end.
    IvrFinished {
        /// The contact.
        contact: ContactId,
    },
    /// The script cannot go on.
    IvrFailed {
        /// The contact.
        contact: ContactId,
    },
    /// The customer pressed a key that no script waits for.
    KeyPressed {
        /// The contact.
        contact: ContactId,
        /// The key: 0 to 9, `*`, `#`, A to D.
        key: char,
    },
    /// It became known who the customer is.
    Identified {
        /// The contact.
        contact: ContactId,
        /// Key of the business object.
        customer: Personal<String>,
    },
    /// It became known with whom the customer talked last.
    Acquainted {
        /// The contact.
        contact: ContactId,
        /// With whom.
        agent: AgentId,
        /// When they were connected.
        at: Time,
    },
    /// The customer hung up.
    CallerGone {
        /// The contact.
        contact: ContactId,
    },
    /// What the customer leaves as a message is over, whoever ended it.
    Recorded {
        /// The contact.
        contact: ContactId,
        /// How long it is, in milliseconds; nothing where nothing was said, or nothing could be
        /// recorded.
        length: Option<u64>,
    },
    /// The agent's phone answered.
    Answered {
        /// The offer that made it ring.
        offer: OfferId,
    },
    /// An agent takes a conversation at the desk.
    Accept {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
    },
    /// The agent's phone did not take the call.
    NotTaken {
        /// The offer that made it ring.
        offer: OfferId,
        /// Why.
        because: NotTaken,
    },
    /// The agent hung up.
    AgentGone {
        /// The offer that made the leg.
        offer: OfferId,
    },
    /// The agent's phone no longer answers, though nobody hung up.
    AgentLost {
        /// The offer that made the leg.
        offer: OfferId,
    },
    /// The agent's phone holds the call.
    PhoneHeld {
        /// The offer that made the leg.
        offer: OfferId,
    },
    /// The agent's phone takes the call back that it held.
    PhoneRetrieved {
        /// The offer that made the leg.
        offer: OfferId,
    },
    /// An agent begins to work.
    SignIn {
        /// Who.
        agent: AgentId,
        /// Names of the teams that the agent is in.
        teams: Vec<String>,
    },
    /// The teams of an agent serve other queues than before, perhaps.
    TeamsKnown {
        /// Who.
        agent: AgentId,
        /// Names of the teams that the agent is in.
        teams: Vec<String>,
    },
    /// It became known what an agent can do, whether they work now or not.
    SkillsKnown {
        /// Who.
        agent: AgentId,
        /// All of their skills.
        skills: Skills,
    },
    /// An agent stops working.
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants to be ready, during a contact: after it.
    SetReady {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants to be not ready, during a contact: after it.
    SetNotReady {
        /// Who.
        agent: AgentId,
        /// A reason of `routing.xml`.
        reason: ReasonId,
    },
    /// An agent declines at the desk.
    Decline {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
    },
    /// An agent goes on with a contact that they laid aside, instead of the one that they have.
    TakeUp {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
    },
    /// An agent ends the conversation at the desk.
    HangUp {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
    },
    /// An agent parts from the customer for a while, at the desk.
    Hold {
        /// Who.
        agent: AgentId,
        /// From whom.
        contact: ContactId,
    },
    /// An agent talks again with the customer on hold, by the desk.
    Retrieve {
        /// Who.
        agent: AgentId,
        /// With whom.
        contact: ContactId,
    },
    /// An agent passes the contact on.
    Transfer {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
        /// Where it goes.
        to: Destination,
        /// For whoever takes it; may be empty.
        note: Personal<String>,
    },
    /// An agent asks a colleague, or somebody outside, about the customer, who is put on hold.
    Consult {
        /// Who.
        agent: AgentId,
        /// About whom.
        contact: ContactId,
        /// Who is asked; a colleague must be ready.
        asked: Consulted,
        /// What it is about; may be empty.
        note: Personal<String>,
        /// The session of the dialogue script at the agent's desk.
        script_session: Option<String>,
    },
    /// An agent gives the customer to the colleague, and wraps up.
    Complete {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
    },
    /// An agent lets the customer and the colleague hear each other, too.
    Confer {
        /// Who.
        agent: AgentId,
        /// With whom.
        contact: ContactId,
    },
    /// An agent lets the colleague go and talks with the customer again.
    EndConsultation {
        /// Who.
        agent: AgentId,
        /// About whom it was.
        contact: ContactId,
    },
    /// An agent wants to call a customer. Where a rule forbids it, that is all that happens.
    Dial {
        /// Who.
        agent: AgentId,
        /// Its new id.
        contact: ContactId,
        /// Whom, as the agent has it.
        number: String,
        /// What about: a purpose of `routing.xml`.
        purpose: PurposeId,
        /// What is known of the number.
        known: KnownOfNumber,
        /// The message that the agent has and by which the customer asked for it; it is done with.
        message: Option<ContactId>,
    },
    /// An agent uses their phone by itself.
    AtPhone(AtPhone),
    /// The customer whom an agent calls answered.
    CustomerAnswered {
        /// The contact.
        contact: ContactId,
    },
    /// The customer whom an agent calls was not reached.
    CustomerNotReached {
        /// The contact.
        contact: ContactId,
        /// Why.
        because: NotReached,
    },
    /// Whoever was called outside for a customer was not reached.
    OutsideNotReached {
        /// Names the leg.
        offer: OfferId,
        /// Why.
        because: NotReached,
    },
    /// The phone of an agent answered who is offered a customer to call back. Where no rule forbids
    /// it, the customer is called.
    CallBack {
        /// The offer that made it ring.
        offer: OfferId,
        /// The customer's number.
        number: String,
        /// What is known of the number.
        known: KnownOfNumber,
    },
    /// A customer who is to be called back has talked with us meanwhile, or asked again.
    CallbackSettled {
        /// The contact that waits to be called back.
        contact: ContactId,
    },
    /// A supervisor wants an agent to be in a state.
    Impose {
        /// Who wants it.
        supervisor: AgentId,
        /// Of whom.
        agent: AgentId,
        /// What.
        state: ImposedState,
        /// Why, for the agent to read; may be empty.
        words: String,
    },
    /// A supervisor sends a contact that waits to another queue.
    Move {
        /// Who.
        supervisor: AgentId,
        /// What.
        contact: ContactId,
        /// Where it goes.
        queue: QueueId,
    },
    /// A supervisor brings a contact that waits to the head of its line.
    BringForward {
        /// Who.
        supervisor: AgentId,
        /// What.
        contact: ContactId,
    },
    /// A supervisor gives a contact that waits a priority of its own.
    SetPriority {
        /// Who.
        supervisor: AgentId,
        /// What.
        contact: ContactId,
        /// Of 0 to 9; larger goes first.
        priority: u8,
    },
    /// A supervisor ends a contact, wherever it is.
    End {
        /// Who.
        supervisor: AgentId,
        /// What.
        contact: ContactId,
    },
    /// A supervisor wants to hear an agent and a customer, or to be heard by others than before.
    Listen {
        /// Who.
        supervisor: AgentId,
        /// Whose conversation.
        contact: ContactId,
        /// Who is to hear the supervisor.
        mode: ListeningMode,
    },
    /// A supervisor who listens wants to go on with the customer in the agent's place.
    TakeOver {
        /// Who.
        supervisor: AgentId,
        /// Whose conversation.
        contact: ContactId,
    },
    /// A supervisor listens no longer.
    StopListening {
        /// Who.
        supervisor: AgentId,
        /// Whose conversation.
        contact: ContactId,
    },
    /// An agent closes wrap-up.
    Dispose {
        /// Who.
        agent: AgentId,
        /// What.
        contact: ContactId,
        /// How it came out.
        disposition: DispositionId,
        /// The agent's words.
        note: Personal<String>,
    },
    /// An agent's phone registered.
    PhoneRegistered {
        /// Whose.
        agent: AgentId,
    },
    /// An agent's phone is no longer registered.
    PhoneUnregistered {
        /// Whose.
        agent: AgentId,
    },
    /// Nothing but the passing of time.
    Tick,
}

/// Where an agent passes a contact on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// It waits in this queue, at the end of the line.
    Queue(QueueId),
    /// It is offered to this agent, who must be ready.
    Agent(AgentId),
    /// This outside number is called, which the application names.
    Outside(DestinationId),
}

/// A conversation that is no call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The web, or messages.
    pub channel: Channel,
    /// The customer's number, where it is known.
    pub calling: Option<Personal<String>>,
    /// The script that leads it.
    pub script: ScriptId,
}

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The script leads the customer.
    GoesOn,
    /// The script is at its end.
    Finished,
    /// The customer did not finish it.
    Left,
    /// The customer was not understood.
    Failed,
    /// The script handed the customer over to a queue.
    HandedOff {
        /// The queue; one that there is not counts as the first.
        queue: QueueId,
        /// For the desk.
        attributes: Personal<BTreeMap<String, String>>,
        /// What the customer answered.
        answers: Personal<Vec<Answer>>,
    },
}

/// Why a phone did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotTaken {
    /// Declined.
    Rejected,
    /// Busy.
    Busy,
    /// Not there, or it failed.
    Unreachable,
}

/// Why a customer whom an agent called was not reached, or whoever was called for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotReached {
    /// The line was busy.
    Busy,
    /// The phone rang in vain.
    NoAnswer,
    /// Declined.
    Rejected,
    /// No such number, or it is not there.
    Unreachable,
    /// The network had no room, or failed.
    Congestion,
}

/// What was decided on one input: facts to append, and what to do then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Facts, in order. They are folded into the router already; the owner appends them all or
    /// stops the process.
    pub events: Vec<(EventId, Event)>,
    /// What to do, in order.
    pub effects: Vec<Effect>,
}

/// Something for the shell to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Its id, never used twice.
    pub id: Uuid,
    /// When it may be done.
    pub after: After,
    /// What.
    pub action: Action,
}

/// When an effect may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum After {
    /// As soon as the events have their place in the log: it dies with the process anyway.
    Appended,
    /// Only when the events are on disk.
    Durable,
}
