//! The contact event log: the journal, in our words.

use caruso_api::contact::v1 as wire;
use caruso_contact::{Envelope, Event, EventId, Time};
use caruso_journal::{Appended, Batch, Errand, Fact, Journal, MOST_FACTS, MOST_READ, Snapshot};
use futures::Stream;
use serde_json::Value;
use tonic::Status;

use crate::Error;
use crate::{convert, start};

/// Stream of the one routing domain within the log.
const STREAM: &str = "contacts";
/// Events of one message to a follower.
const MOST_IN_MESSAGE: usize = 200;
/// Bytes of events after which a message gets no further one. One event has less than 256 KiB, a
/// message may have 4 MiB.
const ENOUGH_BYTES: usize = 1024 * 1024;

/// The log as its one writer has it.
#[derive(Debug)]
pub(crate) struct Log {
    journal: Journal,
    release_digest: String,
}

impl Log {
    /// The log that this journal holds.
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, release_digest: String::new() }
    }

    /// The events behind a position, in order: at most a page of them.
    pub(crate) async fn read_after(&self, after: u64) -> Result<Vec<(u64, Time, Event)>, Error> {
        let envelopes = self.journal.read_after(after, MOST_READ).await?;
        let read = |envelope: Envelope<Value>| {
            let Envelope { position, payload, recorded_at, .. } = envelope;
            let event = serde_json::from_value(payload);
            let event = event.map_err(|source| Error::Unreadable { position, source })?;
            Ok((position, recorded_at, event))
        };
        envelopes.into_iter().map(read).collect()
    }

    /// When the last event was recorded.
    pub(crate) async fn last_recorded(&self) -> Result<Time, Error> {
        let before = self.journal.position().saturating_sub(1);
        let last = self.journal.read_after(before, 1).await?;
        Ok(last.first().map_or_else(Time::default, |it| it.recorded_at))
    }

    /// The latest state of this form that was kept at `at` or before.
    pub(crate) async fn snapshot(&self, form: &str, at: Time) -> Result<Option<Snapshot>, Error> {
        Ok(self.journal.snapshot(STREAM, form, at).await?)
    }

    /// Keeps a state, and those that a start may still ask for.
    pub(crate) async fn keep(&self, snapshot: Snapshot) -> Result<(), Error> {
        let since = start::since(snapshot.recorded_at);
        Ok(self.journal.keep(STREAM, snapshot, since).await?)
    }

    /// The same without waiting for the disk. Without it the next start reads more.
    pub(crate) fn keep_later(&self, snapshot: Snapshot) {
        let since = start::since(snapshot.recorded_at);
        let journal = self.journal.clone();
        tokio::spawn(async move {
            if let Err(error) = journal.keep(STREAM, snapshot, since).await {
                tracing::warn!(%error, "a state was not kept");
            }
        });
    }

    /// The release under which it is decided from now on.
    pub(crate) fn adopt_release(&mut self, digest: &str) {
        digest.clone_into(&mut self.release_digest);
    }

    /// Appends the events of one decision and the errands that follow from them; they have their
    /// places when this returns.
    pub(crate) fn append(
        &self,
        events: &[(EventId, Event)],
        errands: Vec<Errand>,
        now: Time,
        actor: &str,
    ) -> Result<Durable, Error> {
        let mut facts = events.iter().map(|(id, event)| fact(*id, event)).collect::<Vec<_>>();
        let mut errands = Some(errands);
        loop {
            // errands stand with the last facts; more than one batch comes only of a restart
            let rest = facts.split_off(facts.len().min(MOST_FACTS));
            let is_last = rest.is_empty();
            let mut batch = Batch::new(STREAM, actor);
            batch.release_digest.clone_from(&self.release_digest);
            batch.recorded_at = now;
            batch.facts = facts;
            if is_last {
                batch.errands = errands.take().unwrap_or_default();
            }
            let appended = self.journal.append(batch)?;
            if is_last {
                return Ok(Durable(appended));
            }
            facts = rest;
        }
    }
}

fn fact(id: EventId, event: &Event) -> Fact {
    Fact {
        event_id: id,
        contact_id: event.contact(),
        type_name: event.type_name().to_owned(),
        schema_version: Event::SCHEMA_VERSION,
        payload: serde_json::to_value(event).unwrap_or(Value::Null),
        personal: event.personal_pointers().iter().map(ToString::to_string).collect(),
    }
}

/// Events on their way to the disk.
#[derive(Debug)]
pub(crate) struct Durable(Appended);

impl Durable {
    /// Position of the last of them, or of the one before where there are none.
    pub(crate) fn last(&self) -> u64 {
        self.0.receipt().last
    }

    /// Waits until they survive a power cut.
    pub(crate) async fn wait(self) -> Result<(), Error> {
        self.0.durable().await?;
        Ok(())
    }
}

/// The log as others follow it.
#[derive(Clone, Debug)]
pub(crate) struct Reader(Journal);

impl Reader {
    /// A reader of this journal.
    pub(crate) fn new(journal: Journal) -> Self {
        Self(journal)
    }

    /// Where recent events begin.
    pub(crate) async fn beginning(&self) -> Result<wire::Beginning, Status> {
        let log = Log::new(self.0.clone());
        let last = self.0.position();
        let beginning = start::Beginning::of(&log).await;
        let start::Beginning { after, agents } =
            beginning.map_err(|error| Status::unavailable(error.to_string()))?;
        let agents = agents.into_iter().map(|(agent, queues)| wire::KnownAgent {
            agent: agent.to_string(),
            queues: queues.iter().map(ToString::to_string).collect(),
        });
        Ok(wire::Beginning { after, agents: agents.collect(), last })
    }

    /// The durable events after a position, then new ones; several in a message where several wait.
    pub(crate) fn follow(
        &self,
        after: u64,
    ) -> impl Stream<Item = Result<wire::WatchEventsResponse, Status>> + Send + use<> {
        let tail = self.0.tail(after);
        futures::stream::unfold(tail, |mut tail| async move {
            let mut events = match tail.next().await {
                Ok(envelope) => Page::of(wire_event(envelope)),
                Err(caruso_journal::Error::Closed) => return None,
                Err(error) => return Some((Err(Status::unavailable(error.to_string())), tail)),
            };
            while events.has_room()
                && let Some(Ok(envelope)) = futures::FutureExt::now_or_never(tail.next())
            {
                events.push(wire_event(envelope));
            }
            let message = wire::WatchEventsResponse { events: events.events, beginning: None };
            Some((Ok(message), tail))
        })
    }
}

/// The events of one message, within what a message may have.
struct Page {
    events: Vec<wire::Event>,
    bytes: usize,
}

impl Page {
    fn of(event: wire::Event) -> Self {
        Self { bytes: event.payload.len(), events: vec![event] }
    }

    fn has_room(&self) -> bool {
        self.events.len() < MOST_IN_MESSAGE && self.bytes < ENOUGH_BYTES
    }

    fn push(&mut self, event: wire::Event) {
        self.bytes += event.payload.len();
        self.events.push(event);
    }
}

fn wire_event(envelope: Envelope<Value>) -> wire::Event {
    wire::Event {
        position: envelope.position,
        event_id: envelope.event_id.to_string(),
        contact_id: envelope.contact_id.map(|id| id.to_string()).unwrap_or_default(),
        causation_id: envelope.causation_id.map(|id| id.to_string()).unwrap_or_default(),
        actor: envelope.actor,
        r#type: envelope.type_name,
        schema_version: envelope.schema_version.into(),
        release_digest: envelope.release_digest,
        recorded_at: Some(convert::timestamp(envelope.recorded_at)),
        payload: envelope.payload.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_to_a_follower_is_never_too_large_for_one() {
        let event = || wire::Event { payload: vec![0; 200 * 1024], ..Default::default() };
        let mut page = Page::of(event());
        while page.has_room() {
            page.push(event());
        }
        let whole = wire::WatchEventsResponse { events: page.events, beginning: None };
        assert!(bytes_of(&whole) < 4 * 1024 * 1024 && whole.events.len() > 1);
        let mut small = Page::of(wire::Event::default());
        while small.has_room() {
            small.push(wire::Event::default());
        }
        assert_eq!(small.events.len(), MOST_IN_MESSAGE);
    }

    fn bytes_of(message: &wire::WatchEventsResponse) -> usize {
        message.events.iter().map(|event| event.payload.len() + 1024).sum()
    }
}
