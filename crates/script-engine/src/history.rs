//! What happened in a session, for those who look it up afterwards.

use caruso_api::script::v1 as proto;
use caruso_contact::Envelope;
use caruso_dialogue::Event;
use serde_json::Value;
use uuid::Uuid;

use crate::{Engine, Error};

impl Engine {
    /// The facts of a session behind a position, in order.
    ///
    /// # Errors
    /// [`Error::UnknownSession`] where there was never one, and those of the journal.
    pub(crate) async fn history(
        &self,
        session: Uuid,
        after: u64,
        most: u32,
    ) -> Result<Vec<Envelope<Value>>, Error> {
        let stream = session.to_string();
        let journal = &self.shared.journal;
        let events = journal.read_stream(&stream, after, most).await?;
        if events.is_empty() && journal.head(&stream).await? == 0 {
            return Err(Error::UnknownSession);
        }
        Ok(events)
    }
}

/// A fact as it is told.
pub(crate) fn happening(envelope: Envelope<Value>) -> proto::Happening {
    let at = i64::try_from(envelope.recorded_at.as_millis()).unwrap_or(i64::MAX);
    let nanos = i32::try_from(at % 1_000).unwrap_or_default() * 1_000_000;
    let mut happening = proto::Happening {
        position: envelope.position,
        at: Some(prost_types::Timestamp { seconds: at / 1_000, nanos }),
        by: envelope.actor,
        kind: envelope.type_name,
        ..proto::Happening::default()
    };
    match serde_json::from_value::<Event>(envelope.payload) {
        Ok(event) => {
            happening.row = row(&event);
            (happening.step, happening.value, happening.text) = told(event);
        }
        Err(_) => happening.is_erased = true,
    }
    happening
}

/// The row of a roster, or the number of an interrupt.
fn row(event: &Event) -> String {
    match event {
        Event::Answered { row, .. }
        | Event::Passed { row, .. }
        | Event::WaitBegan { row, .. }
        | Event::WaitOver { row, .. } => row.clone(),
        Event::ActionQueued(order) | Event::CompensationQueued { order, .. } => order.row.clone(),
        Event::Interrupted { number, .. } => number.to_string(),
        _ => String::new(),
    }
}

/// The step, the value, and words.
fn told(event: Event) -> (String, String, String) {
    let none = String::new;
    match event {
        Event::Started(started) => {
            (none(), started.script.id, format!("version {}", started.script.version))
        }
        Event::DataRead { name, objects, .. } => (none(), name, format!("{} found", objects.len())),
        Event::DataFailed { name, reason, .. } => (none(), name, reason),
        Event::DataExpired { name } => (none(), name, none()),
        Event::Answered { step, value, overridden, .. } => {
            let value = value.map(|it| it.to_string()).unwrap_or_default();
            (step, value, overridden.map(|it| it.reason).unwrap_or_default())
        }
        Event::Passed { step, texts, .. } => (step, none(), texts.join(" ")),
        Event::WaitBegan { step, until, .. } => (step, until.to_string(), none()),
        Event::WaitOver { step, .. } => (step, none(), none()),
        Event::Interrupted { interrupt, .. } => (interrupt, none(), none()),
        Event::Unclear { step, said, .. } => (step, none(), said),
        Event::Told { messages, .. } => (none(), none(), messages.join(" ")),
        Event::ActionQueued(order) | Event::CompensationQueued { order, .. } => {
            (order.step, order.title, order.key)
        }
        Event::ActionConfirmed { key, summary, .. } => (none(), key, summary),
        Event::ActionFailed { key, reason } => (none(), key, reason),
        Event::ActionOverdue { key } | Event::ActionRevoked { key } => (none(), key, none()),
        Event::HandedOff { step, queue, goals, .. } => (step, queue, goals.join(" ")),
        Event::Ended { step, outcome, goals } => (step, outcome, goals.join(" ")),
        Event::Continued { language, actor, .. } => (none(), actor.unwrap_or_default(), language),
        Event::Cancelled { reason } => (none(), none(), reason),
    }
}
