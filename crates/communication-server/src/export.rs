//! The log for replay: a period of it, without anything personal and with pseudonyms for agents.
//!
//! The state of routing at the beginning of the period is folded from the log, as at a start. Only
//! a page of events is in memory at a time; the next is read when the last was taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::export_response::Part;
use caruso_contact::{AgentId, Envelope, Event, Pseudonyms, Time};
use caruso_journal::{Journal, MOST_READ};
use caruso_routing::Domain;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tonic::Status;

use crate::convert;

/// Most bytes of state in a message, and of events after which a message gets no further one.
const PIECE: usize = 1024 * 1024;
/// Messages that wait for whoever asked.
const AHEAD: usize = 2;

/// What is exported: a period, or the rest of an export that broke off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// The bounds of the export that goes on, and the last position that came of it.
    pub(crate) rest_of: Option<(Bounds, u64)>,
}

/// The events after a position, up to and including another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) after: u64,
    pub(crate) through: u64,
}

/// Exports one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Exporter {
    journal: Journal,
    turn: Arc<Semaphore>,
}

type Told = Result<wire::ExportResponse, Status>;

impl Exporter {
    /// Of this journal.
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, turn: Arc::new(Semaphore::new(1)) }
    }

    /// What a period holds, as fast as it is taken; ends when nobody takes it any more.
    pub(crate) fn export(&self, period: Period) -> mpsc::Receiver<Told> {
        let (told, taken) = mpsc::channel(AHEAD);
        let (journal, turn) = (self.journal.clone(), Arc::clone(&self.turn));
        tokio::spawn(async move {
            // never closed
            let Ok(turn) = turn.acquire_owned().await else { return };
            let export = Export { journal, told, _turn: turn };
            if let Err(status) = export.run(period).await {
                let _ = export.told.send(Err(status)).await;
            }
        });
        taken
    }
}

struct Export {
    journal: Journal,
    told: mpsc::Sender<Told>,
    _turn: OwnedSemaphorePermit,
}

/// What is known before the first event is told.
struct Beginning {
    bounds: Bounds,
    state: Domain,
    names: Pseudonyms,
}

impl Export {
    async fn run(&self, period: Period) -> Result<(), Status> {
        let Beginning { bounds, state, names } = self.begin(period).await?;
        let mut after = bounds.after;
        match period.rest_of {
            Some((_, came)) => after = came.max(after),
            None => self.tell_beginning(bounds, &state, &names).await?,
        }
        drop(state);
        while after < bounds.through {
            let mut page = self.read(after).await?;
            page.retain(|(envelope, _)| envelope.position <= bounds.through);
            let Some((last, _)) = page.last() else { break };
            after = last.position;
            self.tell_events(page, &names).await?;
        }
        Ok(())
    }

    /// Reads the log up to the end of the period.
    async fn begin(&self, period: Period) -> Result<Beginning, Status> {
        let mut state = Domain::default();
        let mut agents = BTreeSet::<AgentId>::new();
        let mut bounds = Bounds { after: 0, through: 0 };
        let mut last = 0;
        'log: loop {
            let page = self.read(last).await?;
            if page.is_empty() || self.told.is_closed() {
                break;
            }
            for (Envelope { position, recorded_at, .. }, event) in page {
                let (is_before, is_behind) = match period.rest_of {
                    Some((given, _)) => (position <= given.after, position > given.through),
                    None => (recorded_at < period.from, recorded_at >= period.to),
                };
                if is_behind {
                    break 'log;
                }
                if is_before {
                    state.apply(recorded_at, &event);
                    bounds.after = position;
                }
                agents.extend(event.agents());
                (bounds.through, last) = (position, position);
            }
        }
        Ok(Beginning { bounds, state, names: Pseudonyms::of(agents) })
    }

    async fn read(&self, after: u64) -> Result<Vec<(Envelope<()>, Event)>, Status> {
        let page = self.journal.read_after(after, MOST_READ).await;
        let page = page.map_err(|error| Status::unavailable(error.to_string()))?;
        let read = |envelope: Envelope<Value>| {
            let position = envelope.position;
            let mut event = None;
            let envelope = envelope.try_map(|payload| {
                event = Some(serde_json::from_value(payload)?);
                Ok::<(), serde_json::Error>(())
            });
            let unreadable = || Status::data_loss(format!("event {position} is not readable"));
            Ok((envelope.map_err(|_| unreadable())?, event.ok_or_else(unreadable)?))
        };
        page.into_iter().map(read).collect()
    }

    async fn tell_beginning(
        &self,
        Bounds { after, through }: Bounds,
        state: &Domain,
        names: &Pseudonyms,
    ) -> Result<(), Status> {
        self.tell(Part::Bounds(wire::ExportBounds { after, through })).await?;
        let state = state.renamed(&|agent| names.name(agent));
        let state = serde_json::to_vec(&state).map_err(|_| Status::internal("the state"))?;
        for piece in state.chunks(PIECE) {
            self.tell(Part::State(piece.to_vec())).await?;
        }
        self.tell(Part::State(Vec::new())).await
    }

    async fn tell_events(
        &self,
        page: Vec<(Envelope<()>, Event)>,
        names: &Pseudonyms,
    ) -> Result<(), Status> {
        let (mut events, mut bytes) = (Vec::new(), 0);
        for (envelope, event) in page {
            let event = wire_event(&envelope, &event, names);
            bytes += event.payload.len();
            events.push(event);
            if bytes >= PIECE {
                self.tell(Part::Events(wire::ExportedEvents { events })).await?;
                (events, bytes) = (Vec::new(), 0);
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        self.tell(Part::Events(wire::ExportedEvents { events })).await
    }

    async fn tell(&self, part: Part) -> Result<(), Status> {
        let told = self.told.send(Ok(wire::ExportResponse { part: Some(part) })).await;
        told.map_err(|_| Status::cancelled("nobody takes it any more"))
    }
}

fn wire_event(envelope: &Envelope<()>, event: &Event, names: &Pseudonyms) -> wire::ExportedEvent {
    let mut payload = event.stripped();
    names.rename(&mut payload);
    wire::ExportedEvent {
        position: envelope.position,
        event_id: envelope.event_id.to_string(),
        recorded_at: Some(convert::timestamp(envelope.recorded_at)),
        release_digest: envelope.release_digest.clone(),
        payload: payload.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests;
