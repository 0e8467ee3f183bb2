//! What is appended in one step, and under which conditions.

use caruso_contact::{ContactId, EventId, Time};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Error;

/// Most facts, and most errands, of one batch.
pub const MOST_FACTS: usize = 256;
/// Most bytes of one batch, as JSON.
pub const MOST_BYTES: usize = 256 * 1024;

/// What is appended together: all of it or nothing, at consecutive positions.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The stream within the log; each has one writer.
    pub stream: String,
    /// Who wanted it: a user name, or the component's name.
    pub actor: String,
    /// Id of the request or event that led to it.
    pub causation_id: Option<Uuid>,
    /// Digest of the release under which it was decided.
    pub release_digest: String,
    /// Clock of the input that led to it.
    pub recorded_at: Time,
    /// What happened, in order; may be empty where an errand is settled without news.
    pub facts: Vec<Fact>,
    /// What is to be done outside, once this is durable.
    pub errands: Vec<Errand>,
    /// Errands that are over.
    pub settled: Vec<Settled>,
    /// Whether the stream begins or ends with this batch; nothing for streams without an end.
    pub life: Option<Life>,
}

/// The two ends of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It begins, under the batch's release; the journal lists it as open.
    Begins,
    /// Nothing is owed to it any more.
    Ends,
}

impl Batch {
    /// An empty batch, of no release, at time zero.
    pub fn new(stream: impl Into<String>, actor: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            actor: actor.into(),
            causation_id: None,
            release_digest: String::new(),
            recorded_at: Time::default(),
            facts: Vec::new(),
            errands: Vec::new(),
            settled: Vec::new(),
            life: None,
        }
    }

    /// # Errors
    /// [`Error::TooLarge`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        let facts = self.facts.len().max(self.errands.len()).max(self.settled.len());
        let payloads = self.facts.iter().map(|fact| &fact.payload);
        let bodies = self.errands.iter().map(|errand| &errand.body);
        let bytes = payloads.chain(bodies).map(|value| value.to_string().len()).sum();
        if facts > MOST_FACTS || bytes > MOST_BYTES {
            return Err(Error::TooLarge { facts, bytes });
        }
        Ok(())
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Fact {
    /// A UUIDv7, given by the owner because it may stand in the payload too.
    pub event_id: EventId,
    /// The contact that it is about; its personal fields are kept under this contact's key, else
    /// under a key of the stream.
    pub contact_id: Option<ContactId>,
    /// Stable name of the kind of fact.
    pub type_name: String,
    /// Version of the payload's form.
    pub schema_version: u16,
    /// The fact.
    pub payload: Value,
    /// JSON pointers of what belongs to a person; those that lead nowhere are passed over.
    pub personal: Vec<String>,
}

impl Fact {
    /// A fact about no contact, without personal fields, with a new id.
    pub fn new(type_name: impl Into<String>, schema_version: u16, payload: Value) -> Self {
        Self {
            event_id: EventId(Uuid::now_v7()),
            contact_id: None,
            type_name: type_name.into(),
            schema_version,
            payload,
            personal: Vec::new(),
        }
    }

    /// Takes the personal fields out of the payload; `{"erased":true}` stands in their place.
    pub(crate) fn take_personal(&mut self) -> Map<String, Value> {
        let mut taken = Map::new();
        for pointer in &self.personal {
            if let Some(field) = self.payload.pointer_mut(pointer) {
                taken.insert(pointer.clone(), field.take());
                *field = erased();
            }
        }
        taken
    }
}

/// What stands where a personal field was.
pub(crate) fn erased() -> Value {
    serde_json::json!({ "erased": true })
}

/// Something to be done outside, at least once.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Idempotency key for whoever carries it out, unique in the journal; the same key again while
    /// the errand stands is the same errand.
    pub key: String,
    /// The contact whose key the body is kept under; else a key of the stream.
    pub contact_id: Option<ContactId>,
    /// What is to be done; kept encrypted as a whole.
    pub body: Value,
    /// When it may leave first.
    pub due_at: Time,
}

/// How an errand ended. In the same transaction as the facts that tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is done, or no longer wanted: nothing of it is kept.
    Done {
        /// Its key.
        key: String,
    },
    /// Nobody will try again; it is kept as a dead letter.
    Dead {
        /// Its key.
        key: String,
        /// Why, for the operator; no personal data.
        reason: String,
    },
}

/// Under which conditions a batch is appended.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// A request by this id appends once; a repeat gets the first receipt.
    pub request: Option<String>,
    /// Position of the stream's last event as the caller knows it; 0 for a new stream.
    pub expected: Option<u64>,
}

/// Where a batch stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The stream.
    pub stream: String,
    /// Position of the first event.
    pub first: u64,
    /// Position of the last event; `first - 1` for a batch without facts.
    pub last: u64,
}
