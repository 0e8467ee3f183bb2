//! What the log says, read when the server starts: the last month of it, from a state of routing
//! that was kept before, and all of it where there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, ContactEvent, ContactId, Event, QueueId, Time};
use caruso_journal::Snapshot;
use caruso_routing::{Configuration, Domain, LONGEST_COUNT, Router};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::abandoned::Abandoned;
use crate::attempts::Attempts;
use crate::history::History;
use crate::log::Log;

/// How often a state is kept.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// How much of the log is read at least: what counts calls to customers looks back farthest.
const WINDOW: Duration = LONGEST_COUNT.saturating_add(EVERY);
/// The form of what is kept. Another version of the program may fold events otherwise.
const FORM: &str = concat!("routing/", env!("CARGO_PKG_VERSION"));

/// A state as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    domain: Domain,
    /// Position of the first event of the contacts that go on in it; its own where there are none.
    first: u64,
}

/// All that is folded from the log.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) router: Router,
    pub(crate) history: History,
    pub(crate) attempts: Attempts,
    pub(crate) abandoned: Abandoned,
    pub(crate) states: States,
    /// Time of the last event.
    pub(crate) last: Time,
}

impl Known {
    /// Reads the log. States that should have been kept and were not are kept on the way, so that
    /// only the first start of another version reads everything.
    pub(crate) async fn read(log: &Log, configuration: Arc<Configuration>) -> Result<Self, Error> {
        let last = log.last_recorded().await?;
        let since = since(last);
        let kept = log.snapshot(FORM, since).await?;
        let (mut counts_after, mut kept) = match kept {
            Some(Snapshot { position, state, .. }) => {
                (position, serde_json::from_slice(&state).ok())
            }
            None => (0, None),
        };
        let mut after = 0;
        match &kept {
            Some(Kept { first, .. }) => after = first - 1,
            None => counts_after = 0,
        }
        let domain = kept.take().map(|kept| kept.domain).unwrap_or_default();
        let mut known = Self {
            router: Router::new(configuration, domain),
            history: History::default(),
            attempts: Attempts::default(),
            abandoned: Abandoned::default(),
            states: States::default(),
            last,
        };
        loop {
            let page = log.read_after(after).await?;
            let Some((end, ..)) = page.last() else { return Ok(known) };
            after = *end;
            for (position, at, event) in page {
                known.apply(at, &event, position > counts_after);
                known.states.saw(position, &event);
                if position > counts_after && at >= since {
                    let due = known.states.due(position, at, known.router.domain());
                    if let Some(snapshot) = due {
                        log.keep(snapshot).await?;
                    }
                }
            }
        }
    }

    fn apply(&mut self, at: Time, event: &Event, counts: bool) {
        if counts {
            self.router.apply(at, event);
        }
        self.history.apply(at, event);
        self.attempts.apply(at, event);
        let rules = self.router.configuration().outbound.as_deref();
        self.abandoned.apply(at, event, rules);
    }
}

/// Where recent events begin, and who was known before them.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    /// The position before the first.
    pub(crate) after: u64,
    pub(crate) agents: Vec<(AgentId, BTreeSet<QueueId>)>,
}

impl Beginning {
    /// That from which a start would read.
    pub(crate) async fn of(log: &Log) -> Result<Self, Error> {
        let kept = log.snapshot(FORM, since(log.last_recorded().await?)).await?;
        let Some(Kept { domain, first }) =
            kept.and_then(|it| serde_json::from_slice(&it.state).ok())
        else {
            return Ok(Self::default());
        };
        let agents = domain.agents().map(|(id, agent)| (id.clone(), agent.queues.clone()));
        Ok(Self { after: first - 1, agents: agents.collect() })
    }
}

/// When a state is to be kept, and what must be known with it.
#[derive(Debug, Default)]
pub(crate) struct States {
    /// Where contacts began: all that go on, and others since a state was kept last.
    begun: BTreeMap<ContactId, u64>,
    kept_at: Option<Time>,
}

impl States {
    /// Notes an event that has its place in the log.
    pub(crate) fn saw(&mut self, position: u64, event: &Event) {
        if let Event::Contact {
            contact,
            event: ContactEvent::Arrived { .. } | ContactEvent::Dialled { .. },
        } = event
        {
            self.begun.insert(*contact, position);
        }
    }

    /// What is to be kept of the state after the event at `position`, where it is time.
    pub(crate) fn due(&mut self, position: u64, at: Time, domain: &Domain) -> Option<Snapshot> {
        if self.kept_at.is_some_and(|kept_at| at.since(kept_at) < EVERY) {
            return None;
        }
        self.kept_at = Some(at);
        let finishing = domain.agents().filter_map(|(agent, _)| domain.wrap_up(agent));
        let going_on: BTreeSet<ContactId> = domain
            .contacts()
            .map(|(id, _)| id)
            .chain(finishing.map(|finishing| finishing.contact))
            .collect();
        self.begun.retain(|contact, _| going_on.contains(contact));
        let first = self.begun.values().copied().min().unwrap_or(position);
        let state = serde_json::to_vec(&Kept { domain: domain.clone(), first }).ok()?;
        Some(Snapshot { position, recorded_at: at, form: FORM.to_owned(), state })
    }
}

/// From when on states may be asked for, once there are events of `at`.
pub(crate) fn since(at: Time) -> Time {
    at.before(WINDOW)
}

#[cfg(test)]
mod tests;
