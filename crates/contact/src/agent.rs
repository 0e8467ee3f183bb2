//! The states of an agent.

use serde::{Deserialize, Serialize};

use crate::{ContactId, OfferId, ReasonId};

/// What an agent is doing. Exactly one at any moment; it belongs to the agent, not to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum AgentState {
    /// Not at work.
    SignedOut,
    /// Waits for a contact.
    Ready,
    /// At work, but takes no contacts.
    NotReady {
        /// Why.
        reason: ReasonId,
    },
    /// The phone rings.
    Offered {
        /// The contact.
        contact: ContactId,
        /// The offer.
        offer: OfferId,
    },
    /// Calls a customer: the agent's own phone rings, then the customer's.
    Dialling {
        /// The contact.
        contact: ContactId,
        /// Names the agent's leg.
        offer: OfferId,
    },
    /// Talks with a customer.
    Talking {
        /// The contact.
        contact: ContactId,
    },
    /// Finishes a contact.
    WrapUp {
        /// The contact.
        contact: ContactId,
    },
}

impl AgentState {
    /// Stable name: `signed-out`, `ready`, `not-ready`, `offered`, `dialling`, `talking`,
    /// `wrap-up`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Ready => "ready",
            Self::NotReady { .. } => "not-ready",
            Self::Offered { .. } => "offered",
            Self::Dialling { .. } => "dialling",
            Self::Talking { .. } => "talking",
            Self::WrapUp { .. } => "wrap-up",
        }
    }

    /// The contact that the agent has to do with.
    pub fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Offered { contact, .. }
            | Self::Dialling { contact, .. }
            | Self::Talking { contact }
            | Self::WrapUp { contact } => Some(*contact),
            Self::SignedOut | Self::Ready | Self::NotReady { .. } => None,
        }
    }
}

/// Why an agent's state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateCause {
    /// The agent signed in.
    SignedIn,
    /// The agent signed out.
    SignedOut,
    /// The agent chose the state.
    Chosen,
    /// A contact was offered.
    Offered,
    /// The agent wants to call a customer.
    Dialled,
    /// The agent, or the customer whom the agent called, answered.
    Answered,
    /// The agent, a supervisor, took a customer over to whom they listened.
    TookOver,
    /// The conversation ended.
    CallEnded,
    /// The agent closed wrap-up.
    WrapUpFinished,
    /// The time for wrap-up was over.
    WrapUpTimeOver,
    /// The phone rang in vain.
    NoAnswer,
    /// The agent declined.
    Rejected,
    /// The phone was busy.
    PhoneBusy,
    /// The phone could not be reached.
    PhoneUnreachable,
    /// The phone is no longer registered.
    PhoneLost,
    /// The customer left, or the system took the offer back, before the agent answered.
    OfferWithdrawn,
    /// The time after an offer that was not taken was over.
    PauseOver,
    /// The agent's phone began a call that is no contact of theirs, or ended it.
    OwnCall,
}

/// Reasons for not ready that the system gives; `routing.xml` may not declare them.
pub mod reason {
    use crate::ReasonId;

    /// Just signed in.
    pub const SIGNED_IN: &str = "signed-in";
    /// Did not answer an offer.
    pub const NO_ANSWER: &str = "no-answer";
    /// Declined an offer.
    pub const REJECTED: &str = "rejected";
    /// The phone was busy.
    pub const PHONE_BUSY: &str = "phone-busy";
    /// The phone could not be reached.
    pub const PHONE_UNREACHABLE: &str = "phone-unreachable";
    /// The phone is not registered, or went from a conversation without a word.
    pub const PHONE_LOST: &str = "phone-lost";
    /// The phone is in a call that is no contact of the agent: with a colleague, or to a number of
    /// ours.
    pub const OWN_CALL: &str = "own-call";
    /// Gave no disposition within the time for wrap-up, though the queue requires one.
    pub const WRAP_UP_OVERDUE: &str = "wrap-up-overdue";

    /// All of them.
    pub const ALL: [&str; 8] = [
        SIGNED_IN,
        NO_ANSWER,
        REJECTED,
        PHONE_BUSY,
        PHONE_UNREACHABLE,
        PHONE_LOST,
        OWN_CALL,
        WRAP_UP_OVERDUE,
    ];

    /// One of [`ALL`] as an id.
    pub fn id(name: &'static str) -> ReasonId {
        ReasonId::new(name).expect("the reasons above are names")
    }
}
