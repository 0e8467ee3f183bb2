//! One session in memory: its script, its state, its place in the journal.

use std::sync::Arc;

use caruso_contact::{ContactId, Envelope, EventId};
use caruso_dialogue::{Channel, Effect, Event, Outcome, Script, State, View, outstanding};
use caruso_journal::{Batch, Errand, Fact, Journal, Life, MOST_READ};
use serde_json::Value;
use uuid::Uuid;

use crate::actions::{GoOn, Job};
use crate::{By, Edition, Editions, Error, clock, conversation};

/// A session as its events tell it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) edition: Arc<Edition>,
    pub(crate) script: Arc<Script>,
    pub(crate) state: State,
    /// Position of its last event.
    pub(crate) head: u64,
    pub(crate) view: Arc<View>,
}

impl Session {
    /// One that began in this moment, or was just read.
    pub(crate) fn new(
        edition: Arc<Edition>,
        script: Arc<Script>,
        state: State,
        head: u64,
    ) -> Result<Self, Error> {
        let view = view(&script, &state)?;
        Ok(Self { edition, script, state, head, view })
    }

    /// Reads a session back from its events, on the script that it began with.
    pub(crate) async fn read(
        journal: &Journal,
        editions: &Editions,
        id: Uuid,
    ) -> Result<Self, Error> {
        let stream = id.to_string();
        let (mut state, mut head, mut digest) = (State::default(), 0, None);
        loop {
            let events = journal.read_stream(&stream, head, MOST_READ).await?;
            let is_last = events.len() < MOST_READ as usize;
            for envelope in events {
                head = envelope.position;
                digest.get_or_insert_with(|| envelope.release_digest.clone());
                state.apply(&event(envelope)?);
            }
            if is_last {
                break;
            }
        }
        let edition = editions.of(&digest.ok_or(Error::UnknownSession)?)?;
        let script = state.started().and_then(|it| edition.script(&it.script.id)).cloned();
        let script = script.ok_or_else(|| Error::Unreadable("its script is gone".to_owned()))?;
        Self::new(edition, script, state, head)
    }

    /// Whether they work with the session: users with their own, the public pages with those of the
    /// web.
    pub(crate) fn is_for(&self, by: &By) -> bool {
        let started = self.state.started();
        let actor = started.and_then(|it| it.actor.as_deref());
        let is_of_web = started.is_some_and(|it| it.channel == Channel::Web);
        match by.as_user() {
            Some(user) => Some(user) == actor,
            None => is_of_web || !by.is_public(),
        }
    }

    /// Takes up what was decided; it stands in the journal already.
    pub(crate) fn apply(&mut self, events: &[Event], head: u64) -> Result<(), Error> {
        events.iter().for_each(|event| self.state.apply(event));
        self.head = head;
        self.view = view(&self.script, &self.state)?;
        Ok(())
    }
}

fn view(script: &Script, state: &State) -> Result<Arc<View>, Error> {
    let view = View::of(script, state).map(Arc::new);
    view.ok_or_else(|| Error::Unreadable("its script has no such step".to_owned()))
}

fn event(envelope: Envelope<Value>) -> Result<Event, Error> {
    let is_erased = envelope.key_id.is_some() || envelope.type_name == "script.started";
    serde_json::from_value(envelope.payload).map_err(|error| {
        let position = envelope.position;
        tracing::warn!(journal.position = position, is_erased, %error, "an event cannot be read");
        Error::Unreadable("what was said in it was erased, or written by another program".into())
    })
}

/// What an input leads to, as one batch of the journal.
pub(crate) fn batch(
    edition: &Edition,
    script: &Script,
    before: &State,
    outcome: &Outcome,
    actor: &str,
) -> Batch {
    let mut after = before.clone();
    outcome.events.iter().for_each(|event| after.apply(event));
    let started = after.started();
    let contact = started.and_then(|it| it.contact.as_deref()).and_then(|it| it.parse().ok());
    let session = started.map_or("", |it| it.session.as_str());
    let mut batch = Batch::new(session, actor);
    let now = clock::time(clock::now());
    batch.recorded_at = now;
    batch.release_digest = edition.digest().to_owned();
    batch.facts = outcome.events.iter().map(|event| fact(event, contact)).collect();
    for effect in &outcome.effects {
        if let Effect::GoOnAt { step, row, at } = effect {
            let key = format!("wait-{session}-{step}-{row}");
            let body = GoOn { waits_at: step.clone(), row: row.clone() };
            let body = serde_json::to_value(body).expect("a place is JSON");
            let due_at = clock::time(*at);
            batch.errands.push(Errand { key, contact_id: contact, body, due_at });
        }
        if let Effect::Perform(order) = effect {
            let (actor, contact_id) = (started.and_then(|it| it.actor.clone()), contact);
            let job =
                Job { order: order.clone(), actor, contact: contact.map(|it| it.to_string()) };
            let body = serde_json::to_value(job).expect("an order is JSON");
            batch.errands.push(Errand { key: order.key.clone(), contact_id, body, due_at: now });
        }
    }
    batch.errands.extend(conversation::errand(script, before, &after));
    let is_over = after.closing().is_some() && outstanding(script, &after).is_empty();
    batch.life = match (before.started(), is_over) {
        (None, false) => Some(Life::Begins),
        (Some(_), true) => Some(Life::Ends),
        (None, true) | (Some(_), false) => None,
    };
    batch
}

fn fact(event: &Event, contact: Option<ContactId>) -> Fact {
    Fact {
        event_id: EventId(Uuid::now_v7()),
        contact_id: contact,
        type_name: event.type_name().to_owned(),
        schema_version: Event::SCHEMA_VERSION,
        payload: serde_json::to_value(event).expect("an event is JSON"),
        personal: event.personal_pointers().iter().map(|&pointer| pointer.to_owned()).collect(),
    }
}
