//! What happens in a session: appended facts, stored by the journal as JSON.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::datum::{Datum, Snapshot, as_text};
use crate::script::{Channel, ScriptRef};

/// A fact of a session. A session is nothing but its events in order; see
/// [`State::apply`](crate::State::apply).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The session began.
    Started(Started),
    /// Data was read, and stays as it was read.
    DataRead {
        /// Name of the data in the script.
        name: String,
        /// What was found; at most one, but for `related`.
        objects: Vec<Snapshot>,
        /// When; nothing in sessions of an earlier version, whose data is never too old.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// By what key or number, where answers may change that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Data could not be read in time and counts as missing.
    DataFailed {
        /// Name of the data in the script.
        name: String,
        /// Why, for the log.
        reason: String,
        /// When; nothing in sessions of an earlier version.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// As above.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// What was read is older than the script allows, and is read anew where the path needs it.
    DataExpired {
        /// Name of the data in the script.
        name: String,
    },
    /// A step was answered or passed.
    Answered {
        /// The step.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        row: String,
        /// The answer; nothing for an information step or a question that was passed.
        #[serde(default)]
        value: Option<Datum>,
        /// Id of the request.
        request: String,
        /// What spoke against the answer, if something did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overridden: Option<Overridden>,
        /// To what the customer consented, or did not, where that was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wording: Option<Wording>,
    },
    /// A step that waits for nobody was shown in messages, and passed by itself.
    Passed {
        /// The step.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        row: String,
        /// What was said there, to be sent with the messages that follow.
        texts: Vec<String>,
    },
    /// Something came that may come at any time, and is seen to before the conversation goes on.
    Interrupted {
        /// Id of the request.
        request: String,
        /// The interrupt.
        interrupt: String,
        /// How often it has come: 1 for the first. It is the row of its steps.
        number: u32,
        /// It came because the customer hung up.
        #[serde(default, skip_serializing_if = "is_false")]
        hung_up: bool,
    },
    /// The conversation came to a wait, whose time is fixed now.
    WaitBegan {
        /// The step.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        row: String,
        /// When it goes on.
        #[serde(with = "as_text")]
        until: Timestamp,
    },
    /// The time of a wait has come.
    WaitOver {
        /// The step.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        row: String,
    },
    /// A reply was not taken as an answer, and the step is asked again.
    Unclear {
        /// The step.
        step: String,
        /// Id of the reply.
        request: String,
        /// What the customer is told about it; empty where it is just asked again.
        said: String,
        /// The answer that is kept if the customer says yes to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubted: Option<String>,
    },
    /// Messages were fixed in which the customer is told where the session stands.
    Told {
        /// Id of the reply, or of the start.
        request: String,
        /// In order; none after the end was told.
        messages: Vec<String>,
    },
    /// An action is to be carried out.
    ActionQueued(Order),
    /// An action was carried out.
    ActionConfirmed {
        /// Its idempotency key.
        key: String,
        /// Attributes of the new object, or results of the operation.
        #[serde(default)]
        results: BTreeMap<String, Datum>,
        /// Key of the new object, if it is one.
        #[serde(default)]
        object: Option<String>,
        /// Revision of the new object, so that only as it was made it can be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
        /// What was done, in words an agent can read.
        summary: String,
    },
    /// An action was refused for good.
    ActionFailed {
        /// Its idempotency key.
        key: String,
        /// Why, in words an agent can read.
        reason: String,
    },
    /// An action took longer than the script waits; it goes on, but its result is missing.
    ActionOverdue {
        /// Its idempotency key.
        key: String,
    },
    /// An answer was changed that the action depends on: it is to be taken back, and counts for
    /// nothing.
    ActionRevoked {
        /// Its idempotency key.
        key: String,
    },
    /// What takes a revoked action back is to be carried out. What becomes of it is told by its own
    /// key.
    CompensationQueued {
        /// Idempotency key of the revoked action.
        of: String,
        /// What takes it back.
        order: Order,
    },
    /// The contact goes to a queue; the session is over.
    HandedOff {
        /// The step.
        step: String,
        /// The queue.
        queue: String,
        /// What routing and the agent get to know.
        attributes: BTreeMap<String, String>,
        /// The goals that were reached on the path, in its order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        goals: Vec<String>,
    },
    /// The end was reached; the session is over.
    Ended {
        /// The step.
        step: String,
        /// What came of it.
        outcome: String,
        /// The goals that were reached on the path, in its order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        goals: Vec<String>,
    },
    /// The session goes on elsewhere, with all that was answered.
    Continued {
        /// Id of the request.
        request: String,
        /// Where it runs now.
        channel: Channel,
        /// The language that is spoken now, one of the script's.
        language: String,
        /// Who works with it now: the agent's log-in name; nothing where nobody does.
        #[serde(default)]
        actor: Option<String>,
    },
    /// The session was broken off, for example by a hang-up.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// An answer that soft checks doubted and that was kept. It may be about a person, so `Debug` shows
/// nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// What the checks said.
    pub doubts: Vec<String>,
    /// Why the answer is right all the same, in the agent's words; empty on the telephone, where
    /// nobody is asked.
    pub reason: String,
}

impl fmt::Debug for Overridden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} doubts", self.doubts.len())
    }
}

/// What was read out when somebody was asked to consent. It may hold values about a person, so
/// `Debug` shows its language and time only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The texts that were said, values filled in.
    pub text: String,
    /// Their language, as BCP 47 has it. Where a translation was missing these are several, with
    /// blanks between them.
    pub language: String,
    /// When it was answered.
    #[serde(with = "as_text")]
    pub at: Timestamp,
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {} at {}", self.language, self.at)
    }
}

/// How a session began, and where it is since: channel, language and actor change when it goes on
/// elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Started {
    /// Its id.
    pub session: String,
    /// Id of the request.
    pub request: String,
    /// The script, to which the session stays bound.
    pub script: ScriptRef,
    /// Where it runs.
    pub channel: Channel,
    /// Of its texts, as BCP 47 has it; empty in sessions of an earlier version, where it is the
    /// script's own.
    pub language: String,
    /// Who works with it: the agent's log-in name; nothing on the telephone.
    pub actor: Option<String>,
    /// The contact it belongs to.
    pub contact: Option<String>,
    /// When it began; nothing in sessions of programs before that was kept.
    #[serde(with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Declared inputs by name.
    pub inputs: BTreeMap<String, Datum>,
}

/// An action to be carried out at least once, under a key that makes it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The same for every attempt: session, step, in a roster a digest of the row, action, then how
    /// often it was sent anew after it was revoked, and `undo` where it takes that back. At most
    /// 128 bytes; where the step's id is long, a digest of the rest stands behind the session.
    pub key: String,
    /// The step.
    pub step: String,
    /// The row in which it stands; empty outside of rosters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// Name of the action in the step.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What to do.
    pub task: Task,
    /// Until when the session waits for it, if it does.
    #[serde(default, with = "optional_text")]
    pub wait_until: Option<Timestamp>,
    /// Until when it is tried, if the script says so; what is not done by then has failed.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub try_until: Option<Timestamp>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Write a new business object.
    Create {
        /// Its class.
        class: String,
        /// Values by attribute; missing ones are absent.
        attributes: BTreeMap<String, Datum>,
    },
    /// Call an operation of a wrapper.
    Invoke {
        /// The wrapper and its operation, as `erp.create_service_order`.
        operation: String,
        /// Values by parameter; missing ones are absent.
        arguments: BTreeMap<String, Datum>,
    },
    /// Send an e-mail as plain text.
    Email {
        /// The address, as RFC 5322 has it; what is none is refused when it is sent.
        to: String,
        /// One line.
        subject: String,
        /// Paragraphs with an empty line between them.
        text: String,
    },
    /// Take back a business object that an action wrote, unless it was changed meanwhile.
    Delete {
        /// Its class.
        class: String,
        /// Its key.
        key: String,
        /// As it was made.
        revision: String,
    },
}

/// For serde, which hands in a reference.
fn is_false(value: &bool) -> bool {
    !*value
}

impl Order {
    /// Whether it is of this action, in this row.
    pub(crate) fn is_of(&self, step: &str, row: &str, name: &str) -> bool {
        self.step == step && self.row == row && self.name == name
    }

    /// The value that it sends under a name, as text.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        match &self.task {
            Task::Create { attributes: values, .. } | Task::Invoke { arguments: values, .. } => {
                values.get(name).map(ToString::to_string)
            }
            Task::Email { to, subject, text } => match name {
                "to" => Some(to.clone()),
                "subject" => Some(subject.clone()),
                "text" => Some(text.clone()),
                _ => None,
            },
            Task::Delete { .. } => None,
        }
    }
}

impl Event {
    /// Version of the form of these events; a new one can read all before it.
    pub const SCHEMA_VERSION: u16 = 1;

    /// Stable name of the kind of fact.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Started(_) => "script.started",
            Self::DataRead { .. } => "script.data-read",
            Self::DataFailed { .. } => "script.data-failed",
            Self::DataExpired { .. } => "script.data-expired",
            Self::Answered { .. } => "script.answered",
            Self::Passed { .. } => "script.passed",
            Self::Interrupted { .. } => "script.interrupted",
            Self::WaitBegan { .. } => "script.wait-began",
            Self::WaitOver { .. } => "script.wait-over",
            Self::Unclear { .. } => "script.unclear",
            Self::Told { .. } => "script.told",
            Self::ActionQueued(_) => "script.action-queued",
            Self::ActionConfirmed { .. } => "script.action-confirmed",
            Self::ActionFailed { .. } => "script.action-failed",
            Self::ActionOverdue { .. } => "script.action-overdue",
            Self::ActionRevoked { .. } => "script.action-revoked",
            Self::CompensationQueued { .. } => "script.compensation-queued",
            Self::HandedOff { .. } => "script.handed-off",
            Self::Ended { .. } => "script.ended",
            Self::Continued { .. } => "script.continued",
            Self::Cancelled { .. } => "script.cancelled",
        }
    }

    /// The parts of the JSON that are about a person, as JSON pointers (RFC 6901).
    pub fn personal_pointers(&self) -> Vec<&'static str> {
        let answered = |is_there: bool, pointer| is_there.then_some(pointer);
        match self {
            Self::Started(_) => vec!["/inputs"],
            Self::DataRead { by: None, .. } => vec!["/objects"],
            Self::DataRead { .. } => vec!["/objects", "/by"],
            Self::DataFailed { by: Some(_), .. } => vec!["/by"],
            Self::Answered { row, value, overridden, wording, .. } => {
                let parts = [
                    // it may be the key of an object
                    answered(!row.is_empty(), "/row"),
                    answered(value.is_some(), "/value"),
                    answered(overridden.is_some(), "/overridden"),
                    answered(wording.is_some(), "/wording/text"),
                ];
                parts.into_iter().flatten().collect()
            }
            Self::WaitBegan { row, .. } | Self::WaitOver { row, .. } if !row.is_empty() => {
                vec!["/row"]
            }
            Self::Passed { row, .. } if row.is_empty() => vec!["/texts"],
            Self::Passed { .. } => vec!["/row", "/texts"],
            Self::Unclear { doubted: None, .. } => vec!["/said"],
            Self::Unclear { .. } => vec!["/said", "/doubted"],
            Self::Told { .. } => vec!["/messages"],
            Self::ActionQueued(order) if order.row.is_empty() => vec!["/task"],
            Self::ActionQueued(_) => vec!["/row", "/task"],
            Self::ActionConfirmed { .. } => vec!["/results", "/summary"],
            Self::CompensationQueued { order, .. } if order.row.is_empty() => vec!["/order/task"],
            Self::CompensationQueued { .. } => vec!["/order/row", "/order/task"],
            Self::HandedOff { .. } => vec!["/attributes"],
            _ => Vec::new(),
        }
    }
}

/// An optional value that is written and read by its text.
mod optional_text {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::as_text;

    #[derive(Serialize, Deserialize)]
    struct Text(#[serde(with = "as_text")] Timestamp);

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Text).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
    }
}
