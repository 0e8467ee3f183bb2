//! One stay of a contact in a queue.

use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, Channel, Contact, ContactId, Party, QueueId, Time};

/// One stay of a contact in a queue, from entering it to its outcome. Offers that nobody takes
/// neither end it nor begin another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Of which contact.
    pub contact: ContactId,
    /// The queue.
    pub queue: QueueId,
    /// The way that the contact had taken.
    pub channel: Channel,
    /// Who answered first; nothing before.
    pub agent: Option<AgentId>,
    /// The agent's teams then, joined by ` + `.
    pub team: Option<Arc<str>>,
    /// When the contact entered it.
    pub entered_at: Time,
    /// What came of it.
    pub outcome: Outcome,
    /// Talk and wrap-up, once both are over. Formula `handle-time`: conversation from answer to
    /// its end, plus wrap-up from its start to its end. Where the contact was passed on to a
    /// colleague by name, the sum of all agents who had it during this stay.
    pub handle_time: Option<Duration>,
    /// How much of the handle time the customer was on hold. Formula `hold-time`.
    pub hold_time: Duration,
    /// How long agents had a colleague on the line whom they asked about the customer, from the
    /// colleague's answer to the end. Formula `consult-time`: a part of the handle time, mostly on
    /// hold; the colleague's own time is as long and counts nowhere else.
    pub consult_time: Duration,
    /// Until when the customer was first told to wait at most, if they were. Formula
    /// `promised-wait`: the later bound of the first estimate of this stay.
    pub promised_until: Option<Time>,
    /// What the customer chose instead of waiting on, where that is how the visit flowed out.
    pub instead: Option<Instead>,
    /// Whether the customer has hung up and is to be called back in their turn.
    pub is_callback: bool,
    /// How long the message is that waits here; nothing where none does.
    pub message_length: Option<Duration>,
}

/// What a customer chose instead of waiting on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// To be called back.
    Callback,
    /// To leave a message.
    Message,
}

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Waiting,
    /// An agent answered.
    Answered {
        /// When.
        at: Time,
    },
    /// The customer hung up.
    Abandoned {
        /// When.
        at: Time,
    },
    /// It went elsewhere, or we ended the wait.
    FlowedOut {
        /// When.
        at: Time,
    },
}

impl Outcome {
    /// What it is when the contact ends while it waits. Formula `abandoned`: only the customer
    /// abandons; what we end has flowed out.
    pub(crate) fn of_end(at: Time, by: Party) -> Self {
        match by {
            Party::Customer => Self::Abandoned { at },
            Party::Agent | Party::System | Party::Outside => Self::FlowedOut { at },
        }
    }

    /// When it came; nothing while waiting.
    pub fn at(self) -> Option<Time> {
        match self {
            Self::Waiting => None,
            Self::Answered { at } | Self::Abandoned { at } | Self::FlowedOut { at } => Some(at),
        }
    }
}

impl Visit {
    pub(crate) fn new(queue: QueueId, entered_at: Time, contact: &Contact) -> Self {
        let message = contact.voicemail.and_then(|it| it.left).map(|(length, _)| length);
        Self {
            contact: contact.id,
            queue,
            channel: contact.channel,
            agent: None,
            team: None,
            instead: None,
            is_callback: false,
            message_length: message.filter(|_| contact.channel == Channel::Voicemail),
            entered_at,
            outcome: Outcome::Waiting,
            handle_time: None,
            hold_time: Duration::ZERO,
            consult_time: Duration::ZERO,
            promised_until: None,
        }
    }

    /// Formula `wait`: from entering the queue to the outcome, time at ringing phones included; of
    /// a contact that still waits, to `as_of`.
    pub fn wait(&self, as_of: Time) -> Duration {
        self.outcome.at().unwrap_or(as_of).since(self.entered_at)
    }

    /// Whether an agent answered no later than the customer was told; nothing of customers who were
    /// not told, or whom no agent answered.
    pub(crate) fn kept_promise(&self) -> Option<bool> {
        match self.outcome {
            Outcome::Answered { at } => Some(at <= self.promised_until?),
            _ => None,
        }
    }

    /// Whether nothing about it will change.
    pub(crate) fn is_settled(&self) -> bool {
        match self.outcome {
            Outcome::Waiting => false,
            Outcome::Answered { .. } => self.handle_time.is_some(),
            Outcome::Abandoned { .. } | Outcome::FlowedOut { .. } => true,
        }
    }
}
