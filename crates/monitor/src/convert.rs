//! Between the contracts and the figures.

use std::time::Duration;

use caruso_api::contact::v1 as contact;
use caruso_api::monitor::v1 as proto;
use caruso_contact::{AgentId, AgentState, Contact, Event, QueueId, Segment, SegmentKind, Time};
use caruso_metrics::{AgentNow, QueueNow};

use crate::picture::Known;

/// When an event was recorded, and what it says; nothing for a kind this version does not know.
pub(crate) fn event(event: &contact::Event) -> (Time, Option<Event>) {
    let recorded_at = event.recorded_at.as_ref().and_then(time).unwrap_or_default();
    let is_known = event.schema_version <= u32::from(Event::SCHEMA_VERSION);
    let read = is_known.then(|| serde_json::from_slice(&event.payload).ok()).flatten();
    (recorded_at, read)
}

/// Whole milliseconds; nothing before 1970.
pub(crate) fn time(at: &prost_types::Timestamp) -> Option<Time> {
    let seconds = u64::try_from(at.seconds).ok()?;
    let millis = u64::try_from(at.nanos).ok()? / 1_000_000;
    Some(Time::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?))
}

pub(crate) fn timestamp(at: Time) -> prost_types::Timestamp {
    let millis = at.as_millis();
    prost_types::Timestamp {
        seconds: i64::try_from(millis / 1000).unwrap_or(i64::MAX),
        nanos: i32::try_from(millis % 1000).unwrap_or_default() * 1_000_000,
    }
}

pub(crate) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

/// The live status as of `now`: every queue of the release, every agent that identity or the log
/// knows, every contact that goes on.
pub(crate) fn status(known: &Known, now: Time) -> proto::WatchStatusResponse {
    let mut queues = known.figures.queues(known.start_of_day(now));
    for id in known.titles.keys() {
        queues.entry(id.clone()).or_default();
    }
    proto::WatchStatusResponse {
        at: Some(timestamp(now)),
        position: known.position,
        is_stale: !known.is_live,
        queues: queues.iter().map(|(id, now)| queue(known, id, now)).collect(),
        agents: agents(known),
        contacts: known
            .figures
            .contacts()
            .filter(|it| !is_led(it))
            .filter_map(contact_status)
            .collect(),
        conversations: u32::try_from(known.figures.contacts().filter(|it| is_led(it)).count())
            .unwrap_or(u32::MAX),
    }
}

fn queue(known: &Known, id: &QueueId, now: &QueueNow) -> proto::QueueStatus {
    proto::QueueStatus {
        queue: id.to_string(),
        title: known.title(id).to_owned(),
        waiting: now.waiting,
        longest_waiting_since: now.longest_waiting_since.map(timestamp),
        agents_ready: now.agents_ready,
        offered_today: now.today.offered(),
        answered_today: now.today.answered,
        abandoned_today: now.today.abandoned,
    }
}

fn agents(known: &Known) -> Vec<proto::AgentStatus> {
    let mut agents: Vec<_> =
        known.figures.agents().iter().map(|(id, now)| agent(known, id, now)).collect();
    let absent = known.names.iter().filter(|(id, _)| !known.figures.agents().contains_key(&***id));
    agents.extend(absent.map(|(id, name)| proto::AgentStatus {
        agent: id.clone(),
        display_name: name.clone(),
        state: AgentState::SignedOut.name().to_owned(),
        reason: String::new(),
        since: None,
        contact_id: String::new(),
    }));
    agents.sort_by(|a, b| a.agent.cmp(&b.agent));
    agents
}

fn agent(known: &Known, id: &AgentId, now: &AgentNow) -> proto::AgentStatus {
    let reason = match &now.state {
        AgentState::NotReady { reason } => reason.to_string(),
        _ => String::new(),
    };
    let contact = now.state.contact();
    proto::AgentStatus {
        agent: id.to_string(),
        display_name: known.names.get(id.as_str()).cloned().unwrap_or_else(|| id.to_string()),
        state: now.state.name().to_owned(),
        reason,
        since: Some(timestamp(now.since)),
        contact_id: contact.map(|contact| contact.to_string()).unwrap_or_default(),
    }
}

/// Whether a script leads a conversation that is no call: there may be thousands, most of which
/// somebody left long ago.
fn is_led(contact: &Contact) -> bool {
    let is_in_script = |segment: &Segment| segment.kind == SegmentKind::Ivr;
    !contact.channel.is_call() && contact.current_segment().is_some_and(is_in_script)
}

fn contact_status(contact: &Contact) -> Option<proto::ContactStatus> {
    let segment = contact.current_segment()?;
    let calling = contact.customer_number().and_then(|calling| calling.known());
    let name = |id: Option<String>| id.unwrap_or_default();
    Some(proto::ContactStatus {
        contact_id: contact.id.to_string(),
        calling_number: calling.cloned().unwrap_or_default(),
        segment: segment.kind.name().to_owned(),
        queue: name(segment.queue.as_ref().map(ToString::to_string)),
        agent: name(segment.agent.as_ref().map(ToString::to_string)),
        since: Some(timestamp(segment.started_at)),
        channel: contact.channel.name().to_owned(),
    })
}
