//! The envelope that every fact of every log carries.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ContactId, EventId, Time};

/// A fact of a log with all that is known about its being recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<P> {
    /// The installation.
    pub realm: String,
    /// The site of the installation whose process wrote it.
    pub site: String,
    /// The stream within the log; each has one writer.
    pub stream: String,
    /// Place in the log: 1, 2, 3 … without gaps, over all streams.
    pub position: u64,
    /// Id of this fact, a UUIDv7.
    pub event_id: EventId,
    /// The contact that it is about.
    pub contact_id: Option<ContactId>,
    /// Id of the request or event that led to it.
    pub causation_id: Option<Uuid>,
    /// Who wanted it: a user name, or the component's name.
    pub actor: String,
    /// Stable name of the kind of fact.
    pub type_name: String,
    /// Version of the payload's form.
    pub schema_version: u16,
    /// Digest of the release under which it was decided.
    pub release_digest: String,
    /// Clock of the batch it was decided in.
    pub recorded_at: Time,
    /// The key that personal fields are encrypted with; nothing if there are none.
    pub key_id: Option<Uuid>,
    /// The fact.
    pub payload: P,
}

impl<P> Envelope<P> {
    /// The same envelope about another form of the payload.
    ///
    /// # Errors
    /// What `convert` fails with.
    pub fn try_map<Q, E>(self, convert: impl FnOnce(P) -> Result<Q, E>) -> Result<Envelope<Q>, E> {
        Ok(Envelope {
            payload: convert(self.payload)?,
            realm: self.realm,
            site: self.site,
            stream: self.stream,
            position: self.position,
            event_id: self.event_id,
            contact_id: self.contact_id,
            causation_id: self.causation_id,
            actor: self.actor,
            type_name: self.type_name,
            schema_version: self.schema_version,
            release_digest: self.release_digest,
            recorded_at: self.recorded_at,
            key_id: self.key_id,
        })
    }
}
