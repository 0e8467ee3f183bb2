//! What supervisors do, in the words of the log: who did it stands beside it.

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentState, ReasonId, Time};

/// What a supervisor did with a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intervention", rename_all = "kebab-case")]
pub enum Intervention {
    /// Sent it to another queue, whose entry is told next.
    Moved,
    /// Brought it to the head of the line that it waits in.
    BroughtForward {
        /// The priority by which it is first where a larger one goes first however long others
        /// wait; else 0.
        ahead: u8,
        /// Since when its wait counts from now on.
        counts_from: Time,
    },
    /// Gave it a priority of its own, which it keeps in whatever queue.
    Prioritized {
        /// The priority.
        priority: u8,
        /// Since when its wait counts from now on; nothing where a larger priority goes first
        /// however long others wait.
        counts_from: Option<Time>,
    },
    /// Ended it, which is told next.
    Ended,
    /// Took the customer over from the agent to whom they listened; what follows from it is told
    /// next.
    TookOver,
}

impl Intervention {
    /// Stable name: `moved`, `brought-forward`, `prioritized`, `ended`, `took-over`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::BroughtForward { .. } => "brought-forward",
            Self::Prioritized { .. } => "prioritized",
            Self::Ended => "ended",
            Self::TookOver => "took-over",
        }
    }
}

/// Who hears a supervisor who is connected to a conversation; the supervisor hears both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListeningMode {
    /// Nobody.
    Listen,
    /// The agent alone.
    Whisper,
    /// Agent and customer.
    Barge,
}

impl ListeningMode {
    /// Stable name: `listen`, `whisper`, `barge`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Whisper => "whisper",
            Self::Barge => "barge",
        }
    }
}

/// Why a supervisor listens no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListeningEnd {
    /// The supervisor ended it.
    Finished,
    /// The agent no longer has the customer, or asks a colleague.
    Passed,
    /// The call is over.
    CallOver,
    /// The supervisor has the customer now.
    TookOver,
    /// The supervisor's telephone rang until the deadline.
    NoAnswer,
    /// The supervisor declined.
    Rejected,
    /// The supervisor's telephone was busy.
    Busy,
    /// The supervisor's telephone could not be reached.
    Unreachable,
    /// A restart took it back while the telephone rang.
    Cancelled,
}

impl ListeningEnd {
    /// Stable name, the same as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Passed => "passed",
            Self::CallOver => "call-over",
            Self::TookOver => "took-over",
            Self::NoAnswer => "no-answer",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The state that a supervisor wants an agent to be in, during a contact: after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ImposedState {
    /// Ready.
    Ready,
    /// Not ready.
    NotReady {
        /// A reason of `routing.xml`.
        reason: ReasonId,
    },
    /// Signed out.
    SignedOut,
}

/// A supervisor's word on the state of an agent, as long as it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imposed {
    /// Who.
    pub supervisor: AgentId,
    /// When.
    pub at: Time,
    /// What they wanted.
    pub state: ImposedState,
    /// Why, for the agent to read; may be empty.
    pub words: String,
}

impl ImposedState {
    /// Whether it still holds once the agent's state has become another: until the agent, or what
    /// happens to them, leads out of it.
    pub fn outlives(&self, to: &AgentState) -> bool {
        match self {
            Self::Ready => *to == AgentState::Ready,
            Self::SignedOut => *to == AgentState::SignedOut,
            Self::NotReady { reason } => {
                let is_it = matches!(to, AgentState::NotReady { reason: now } if now == reason);
                is_it || to.contact().is_some()
            }
        }
    }

    /// Whether it is what the agent has chosen to come after a contact; nothing for ready.
    pub fn is_next(&self, next: Option<&ReasonId>) -> bool {
        match self {
            Self::Ready => next.is_none(),
            Self::NotReady { reason } => next == Some(reason),
            Self::SignedOut => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ContactId;

    #[test]
    fn what_was_imposed_holds_until_the_agent_is_led_out_of_it() {
        let contact = ContactId(Uuid::from_u128(1));
        let reason = |name: &str| ReasonId::new(name).expect("a name");
        let at_break = AgentState::NotReady { reason: reason("break") };
        let imposed = ImposedState::NotReady { reason: reason("break") };
        assert!(imposed.outlives(&at_break) && imposed.outlives(&AgentState::WrapUp { contact }));
        assert!(!imposed.outlives(&AgentState::Ready));
        assert!(!imposed.outlives(&AgentState::NotReady { reason: reason("lunch") }));
        assert!(imposed.is_next(Some(&reason("break"))) && !imposed.is_next(None));
        assert!(ImposedState::Ready.outlives(&AgentState::Ready));
        assert!(!ImposedState::Ready.outlives(&AgentState::Talking { contact }));
        assert!(!ImposedState::SignedOut.outlives(&at_break));
    }
}
