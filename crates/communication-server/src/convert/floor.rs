//! Agents and contacts as supervisors watch over them.

use std::collections::BTreeMap;

use caruso_api::contact::v1 as wire;
use caruso_contact::{AgentId, AgentState, ContactId, Imposed, ListeningMode, Time, Waiting};
use caruso_routing::{Agent, Listening, Ongoing, Stage};

use super::{Sources, channel, destinations, known, name, state, timestamp, title};

/// Most contacts that are told.
pub(crate) const MAX_ON_FLOOR: usize = 300;

/// All of it; of who waits, why is in `waiting`.
pub(crate) fn floor(
    sources: &Sources<'_>,
    now: Time,
    waiting: &BTreeMap<ContactId, Waiting>,
) -> wire::WatchFloorResponse {
    let at_work = sources.domain.agents().filter(|(_, it)| it.state != AgentState::SignedOut);
    let mut agents: Vec<_> = at_work.map(|(id, it)| floor_agent(sources, id, it)).collect();
    agents.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    let mut contacts: Vec<(ContactId, &Ongoing)> = sources.domain.contacts().collect();
    contacts.sort_by_cached_key(|(id, it)| order(*id, it));
    let more = contacts.len().saturating_sub(MAX_ON_FLOOR);
    contacts.truncate(MAX_ON_FLOOR);
    let contact = |(id, it)| floor_contact(sources, id, it, waiting.get(&id));
    wire::WatchFloorResponse {
        at: Some(timestamp(now)),
        agents,
        contacts: contacts.into_iter().map(contact).collect(),
        more_contacts: u32::try_from(more).unwrap_or(u32::MAX),
        queues: destinations(sources, None).queues,
    }
}

/// Who waits or rings first, by queue and place; then the others by arrival.
fn order(id: ContactId, contact: &Ongoing) -> impl Ord + use<> {
    let waits = matches!(contact.stage, Stage::Waiting | Stage::Offered { .. });
    let place = contact.place.clone().filter(|_| waits);
    (!waits, place, contact.arrived_at, id)
}

fn floor_agent(sources: &Sources<'_>, id: &AgentId, agent: &Agent) -> wire::FloorAgent {
    let in_hand = agent.state.contact();
    let contact = in_hand.and_then(|contact| sources.history.contact(contact));
    let reason = match &agent.state {
        AgentState::NotReady { reason } => reason.to_string(),
        _ => String::new(),
    };
    let next = agent.next.as_ref();
    let next_state = next.map_or(wire::AgentState::Unspecified, |_| wire::AgentState::NotReady);
    let skills = agent.skills.iter();
    wire::FloorAgent {
        agent: id.to_string(),
        display_name: sources.roster.display_name(id),
        state: state(&agent.state).into(),
        reason,
        since: Some(timestamp(agent.since)),
        next_state: next_state.into(),
        next_reason: next.map(ToString::to_string).unwrap_or_default(),
        is_phone_registered: agent.has_phone,
        contact_id: in_hand.map(|id| id.to_string()).unwrap_or_default(),
        calling_number: contact.map(|it| known(it.customer_number())).unwrap_or_default(),
        queue_title: contact
            .and_then(|it| it.queue.as_ref())
            .map(|queue| title(sources, queue))
            .unwrap_or_default(),
        queue_titles: agent.queues.iter().map(|queue| title(sources, queue)).collect(),
        skills: skills.map(|(name, it)| (name.to_string(), u32::from(it.level()))).collect(),
        imposed: agent.imposed.as_ref().map(|it| imposed(sources, it)),
        listening: in_hand
            .and_then(|contact| sources.domain.contact(contact)?.listening.as_ref())
            .map(listening),
    }
}

fn listening(listening: &Listening) -> wire::Listening {
    let mode = match listening.mode {
        ListeningMode::Listen => wire::ListeningMode::Listen,
        ListeningMode::Whisper => wire::ListeningMode::Whisper,
        ListeningMode::Barge => wire::ListeningMode::Barge,
    };
    wire::Listening {
        supervisor: listening.supervisor.to_string(),
        mode: mode.into(),
        is_ringing: listening.rings_until.is_some(),
    }
}

pub(super) fn imposed(sources: &Sources<'_>, imposed: &Imposed) -> wire::Imposed {
    wire::Imposed {
        supervisor: sources.roster.display_name(&imposed.supervisor),
        at: Some(timestamp(imposed.at)),
        words: imposed.words.clone(),
    }
}

fn floor_contact(
    sources: &Sources<'_>,
    id: ContactId,
    contact: &Ongoing,
    waiting: Option<&Waiting>,
) -> wire::FloorContact {
    let told = sources.history.contact(id);
    let segment = told.and_then(|it| it.current_segment());
    let queue = contact.place.as_ref().map(|(queue, _)| queue);
    let agent = match &contact.stage {
        Stage::Offered { rings, .. } => {
            let names: Vec<String> =
                rings.iter().map(|it| sources.roster.display_name(&it.agent)).collect();
            names.join(", ")
        }
        Stage::Talking { agent, .. } | Stage::Dialling { agent, .. } => {
            sources.roster.display_name(agent)
        }
        Stage::Ivr
        | Stage::Waiting
        | Stage::Postponed { .. }
        | Stage::Recording { .. }
        | Stage::Outside { .. }
        | Stage::Ended => String::new(),
    };
    let since = match waiting {
        Some(waiting) => Some(waiting.since),
        None => segment.map(|it| it.started_at),
    };
    let name_of = |agent: &AgentId| sources.roster.display_name(agent);
    wire::FloorContact {
        contact_id: id.to_string(),
        calling_number: told.map(|it| known(it.customer_number())).unwrap_or_default(),
        channel: channel(contact.channel).into(),
        segment: segment.map(|it| it.kind.name().to_owned()).unwrap_or_default(),
        queue: name(queue),
        queue_title: queue.map(|queue| title(sources, queue)).unwrap_or_default(),
        since: since.map(timestamp),
        place: waiting.map_or(0, |it| u32::try_from(it.ahead + 1).unwrap_or(u32::MAX)),
        waiting: waiting
            .map(|it| it.sentences(&|queue| title(sources, queue), &name_of))
            .unwrap_or_default(),
        agent,
        priority: contact.place.as_ref().map_or(0, |(_, place)| place.priority.into()),
    }
}
