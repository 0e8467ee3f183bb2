//! What happens to a contact centre from outside: who calls, who works, how long things take.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_contact::{AgentId, Channel, ContactId, QueueId, ReasonId, ScriptId, Skills, Time};

/// Everything from outside; what becomes of it, routing decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Customers, in any order.
    pub customers: Vec<Customer>,
    /// What agents do by themselves, in any order; what stands first goes first at one moment.
    pub moves: Vec<Move>,
    /// When it is over; whoever waits then still waits. Without it, all comes to its end.
    pub until: Option<Time>,
}

/// A customer who is to talk with somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Who.
    pub contact: ContactId,
    /// When they reach us.
    pub arrives: Time,
    /// How.
    pub channel: Channel,
    /// The called number; where the configuration does not have it, the first that it has.
    pub called: String,
    /// The script that leads a conversation on the web or by messages.
    pub script: ScriptId,
    /// How long the script takes.
    pub script_time: Duration,
    /// The stays, at least one: the first queue, and each to which an agent passes them on.
    pub stays: Vec<Stay>,
}

/// A stay in the queue to which a customer is handed over or passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The queue; one that there is not counts as a failed script.
    pub queue: QueueId,
    /// What is handed over of the attributes that routing knows.
    pub attributes: BTreeMap<String, String>,
    /// How long the customer waits, in whatever queues, before they hang up; nothing for ever.
    pub patience: Option<Duration>,
    /// How long an agent's phone rings before it is answered.
    pub ring_time: Duration,
    /// How long they talk.
    pub talk_time: Duration,
    /// How long the agent wraps up, at most as long as the queue allows.
    pub wrap_up_time: Duration,
}

/// An agent does something by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// Who.
    pub agent: AgentId,
    /// What.
    pub change: Change,
}

/// What an agent does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Their phone can be called from now on.
    PhoneCame,
    /// Their phone can no longer be called.
    PhoneWent,
    /// It becomes known what they can do.
    Skills(Skills),
    /// They begin to work, in these teams.
    SignIn(Vec<String>),
    /// They stop working, during a contact: after it.
    SignOut,
    /// They want contacts.
    Ready,
    /// They want none; a reason that the configuration does not have counts as its first.
    NotReady(ReasonId),
}
