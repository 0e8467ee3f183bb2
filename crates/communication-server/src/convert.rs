//! From our words to those of `contact.v1`.

use caruso_api::contact::v1 as wire;
use caruso_contact::{
    AgentId, AgentState, Answer, Channel, Consultation, Consulted, Contact, EndCause, HoldPlace,
    Intervened, OfferId, OfferTold, Party, Personal, QueueId, ReasonId, Segment, Time, Transfer,
    Waiting,
};
use caruso_routing::{Configuration, Domain, Finishing, HOLD_REMINDER, Stage, WrapUp};
use prost_types::Timestamp;
use std::collections::HashMap;

use crate::domain::RefusedCall;
use crate::history::History;
use crate::roster::Roster;

mod abandoned;
mod callback;
mod floor;
mod outbound;
mod outside;
mod voicemail;

pub(crate) use abandoned::abandoned;
pub(crate) use floor::{MAX_ON_FLOOR, floor};

/// Language of titles and of the sentences of why.
const LANGUAGE: &str = "en";

/// All that a status is derived from.
pub(crate) struct Sources<'a> {
    pub(crate) domain: &'a Domain,
    pub(crate) configuration: &'a Configuration,
    pub(crate) history: &'a History,
    pub(crate) roster: &'a Roster,
    /// What phones could not call last.
    pub(crate) refused: &'a HashMap<AgentId, RefusedCall>,
    /// What is announced on lines that stay open.
    pub(crate) announced: &'a HashMap<AgentId, OfferId>,
}

/// A moment on the wire.
pub(crate) fn timestamp(time: Time) -> Timestamp {
    let milliseconds = time.as_millis();
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX);
    let nanos = i32::try_from(milliseconds % 1000).unwrap_or(0) * 1_000_000;
    Timestamp { seconds, nanos }
}

/// The status of an agent as their desk shows it.
pub(crate) fn agent_status(sources: &Sources<'_>, agent: &AgentId) -> wire::AgentStatus {
    let mut status = wire::AgentStatus { agent: agent.to_string(), ..Default::default() };
    status.refused_call = sources.refused.get(agent).map(outbound::refused);
    let Some(known) = sources.domain.agent(agent) else {
        status.state = wire::AgentState::SignedOut.into();
        return status;
    };
    status.state = state(&known.state).into();
    if let AgentState::NotReady { reason } = &known.state {
        status.reason = reason.to_string();
    }
    status.since = Some(timestamp(known.since));
    status.deadline = known.resumes_at.map(timestamp);
    status.is_phone_registered = known.has_phone;
    if let Some(reason) = &known.next {
        status.next_state = wire::AgentState::NotReady.into();
        status.next_reason = reason.to_string();
    }
    let laid_aside = known.interrupted.iter().filter_map(|id| sources.history.contact(*id));
    status.laid_aside = laid_aside.map(|contact| self::laid_aside(sources, contact)).collect();
    status.imposed = known.imposed.as_ref().map(|it| floor::imposed(sources, it));
    let Some(id) = known.state.contact() else { return status };
    let finishing = sources.domain.wrap_up(agent);
    let stage = sources.domain.contact(id);
    let ends_by_itself = stage
        .filter(|stage| !matches!(stage.stage, Stage::Talking { .. }))
        .and_then(|stage| stage.deadline());
    let asked = stage.and_then(|stage| stage.consultation.as_ref());
    let rings_until = asked.filter(|it| it.asked.is(agent)).and_then(|it| it.rings_until);
    let deadline = finishing.map(|it| it.deadline).or(rings_until).or(ends_by_itself);
    status.deadline = deadline.map(timestamp);
    let contact = sources.history.contact(id);
    status.contact = contact.map(|contact| current(sources, agent, contact, finishing));
    let announced = sources.announced.get(agent);
    if let (Some(current), AgentState::Offered { offer, .. }) = (&mut status.contact, &known.state)
    {
        current.is_announced = announced == Some(offer);
    }
    status
}

/// The agent's state on the wire.
fn state(state: &AgentState) -> wire::AgentState {
    match state {
        AgentState::SignedOut => wire::AgentState::SignedOut,
        AgentState::Ready => wire::AgentState::Ready,
        AgentState::NotReady { .. } => wire::AgentState::NotReady,
        AgentState::Offered { .. } => wire::AgentState::Offered,
        AgentState::Dialling { .. } => wire::AgentState::Dialling,
        AgentState::Talking { .. } => wire::AgentState::Talking,
        AgentState::WrapUp { .. } => wire::AgentState::WrapUp,
    }
}

/// The contact as an agent has it: in wrap-up that of the queue they had it from, whatever became
/// of it since.
fn current(
    sources: &Sources<'_>,
    agent: &AgentId,
    contact: &Contact,
    finishing: Option<&Finishing>,
) -> wire::CurrentContact {
    let queue = match finishing {
        Some(finishing) => finishing.queue.as_ref(),
        None => contact.queue.as_ref(),
    };
    let configured = queue.and_then(|q| sources.configuration.queues.get(q));
    let offer = contact.offers.iter().rfind(|offer| offer.agent == *agent);
    let has_it = contact.agent.as_ref() == Some(agent) && contact.connected_at.is_some();
    // it is about a contact that goes on; who finishes one has nothing to do with it any more
    let asked = contact.consultation().filter(|_| finishing.is_none());
    let is_consulted = asked.is_some_and(|it| it.asked.is(agent));
    let why = match asked.filter(|_| is_consulted) {
        Some(asked) => vec![format!("{} asks you.", sources.roster.display_name(&asked.agent))],
        None => offer.map(|offer| why(sources, offer)).unwrap_or_default(),
    };
    wire::CurrentContact {
        contact_id: contact.id.to_string(),
        calling_number: known(contact.customer_number()),
        called_number: contact.called.clone(),
        queue: name(queue),
        queue_title: configured.map_or("", |queue| queue.title(LANGUAGE)).to_owned(),
        script: configured.map(|queue| queue.script.to_string()).unwrap_or_default(),
        attributes: contact
            .attributes
            .as_ref()
            .and_then(Personal::known)
            .map_or_else(Default::default, |attributes| attributes.clone().into_iter().collect()),
        arrived_at: Some(timestamp(contact.arrived_at)),
        queued_at: contact.queued_at.map(timestamp),
        connected_at: contact.connected_at.filter(|_| !is_consulted).map(timestamp),
        why,
        dispositions: configured.map(dispositions).unwrap_or_default(),
        has_ended: contact.ended.is_some(),
        customer_hung_up: matches!(contact.ended, Some((_, Party::Customer, EndCause::HungUp))),
        hold: contact.held.map(|(since, place)| hold(since, place)),
        transfers: contact.transfers.iter().map(|it| transfer(sources, it)).collect(),
        is_transferred: finishing.is_some() && !has_it,
        consultation: asked.map(|asked| consultation(sources, asked)),
        is_consulted,
        channel: channel(contact.channel).into(),
        answers: contact
            .answers
            .as_ref()
            .and_then(Personal::known)
            .map(|answers| answers.iter().map(answer).collect())
            .unwrap_or_default(),
        outbound: contact.outbound.as_ref().map(|it| outbound::outbound(sources, it)),
        end_cause: contact.ended.map(|(.., cause)| cause.name().to_owned()).unwrap_or_default(),
        callback: contact.callback.as_ref().map(callback::callback),
        voicemail: voicemail::voicemail(sources, contact),
        may_skip_wrap_up: finishing.is_some()
            && configured.is_some_and(|queue| queue.wrap_up == WrapUp::Optional),
        listener: contact.listening.as_ref().filter(|it| has_it && it.since.is_some()).map(|it| {
            wire::Listener {
                supervisor: sources.roster.display_name(&it.supervisor),
                mode: it.mode.name().to_owned(),
            }
        }),
        // of the offer, and not of the contact
        is_announced: false,
        taken_over_by: finishing
            .and_then(|_| contact.taken_over_from(agent))
            .map(|supervisor| sources.roster.display_name(supervisor))
            .unwrap_or_default(),
    }
}

fn laid_aside(sources: &Sources<'_>, contact: &Contact) -> wire::LaidAside {
    let configured = contact.queue.as_ref().and_then(|it| sources.configuration.queues.get(it));
    wire::LaidAside {
        contact_id: contact.id.to_string(),
        calling_number: known(contact.customer_number()),
        queue_title: configured.map_or("", |queue| queue.title(LANGUAGE)).to_owned(),
        channel: channel(contact.channel).into(),
        connected_at: contact.connected_at.map(timestamp),
    }
}

fn transfer(sources: &Sources<'_>, transfer: &Transfer) -> wire::Transfer {
    wire::Transfer {
        agent: sources.roster.display_name(&transfer.agent),
        at: Some(timestamp(transfer.at)),
        note: known(Some(&transfer.note)),
    }
}

fn consultation(sources: &Sources<'_>, asked: &Consultation) -> wire::Consultation {
    wire::Consultation {
        agent: sources.roster.display_name(&asked.agent),
        colleague: match &asked.asked {
            Consulted::Colleague { colleague } => sources.roster.display_name(colleague),
            Consulted::Outside { destination } => outside::named(sources, destination),
        },
        is_outside: asked.asked.colleague().is_none(),
        asked_at: Some(timestamp(asked.asked_at)),
        answered_at: asked.answered_at.map(timestamp),
        is_conference: asked.is_conference,
        note: known(Some(&asked.note)),
        script_session: asked.script_session.clone().unwrap_or_default(),
        ended_at: asked.ended.map(|(at, _)| timestamp(at)),
        end_cause: asked.ended.map(|(_, why)| why.name().to_owned()).unwrap_or_default(),
    }
}

/// Where an agent can pass a contact on to.
pub(crate) fn destinations(
    sources: &Sources<'_>,
    asks: Option<&AgentId>,
) -> wire::ListDestinationsResponse {
    let at_work = || sources.domain.agents().filter(|(_, it)| it.state != AgentState::SignedOut);
    let queue = |(id, queue): (&QueueId, &caruso_routing::Queue)| {
        let is_ready =
            |it: &&caruso_routing::Agent| it.state == AgentState::Ready && it.queues.contains(id);
        let ready = at_work().map(|(_, agent)| agent).filter(is_ready).count();
        wire::QueueDestination {
            id: id.to_string(),
            title: queue.title(LANGUAGE).to_owned(),
            agents_ready: u32::try_from(ready).unwrap_or(u32::MAX),
        }
    };
    let agent = |(name, known): (&AgentId, &caruso_routing::Agent)| wire::AgentDestination {
        name: name.to_string(),
        display_name: sources.roster.display_name(name),
        extension: sources.roster.member(name).map(|it| it.extension.clone()).unwrap_or_default(),
        state: state(&known.state).into(),
    };
    let others = at_work().filter(|(name, _)| Some(*name) != asks);
    let mut agents: Vec<_> = others.map(agent).collect();
    let mut queues: Vec<_> = sources.configuration.queues.iter().map(queue).collect();
    agents.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    queues.sort_by(|a, b| a.title.cmp(&b.title));
    let outside = outside::destinations(sources.configuration);
    wire::ListDestinationsResponse { queues, agents, outside }
}

fn hold(since: Time, place: HoldPlace) -> wire::Hold {
    wire::Hold {
        since: Some(timestamp(since)),
        reminder_at: Some(timestamp(since.after(HOLD_REMINDER))),
        is_by_telephone: place == HoldPlace::Telephone,
    }
}

fn answer(Answer { question, answer }: &Answer) -> wire::Answer {
    wire::Answer { question: question.clone(), answer: answer.clone() }
}

fn channel(channel: Channel) -> wire::Channel {
    match channel {
        Channel::Voice => wire::Channel::Telephone,
        Channel::Web => wire::Channel::Web,
        Channel::Message => wire::Channel::Message,
        Channel::Voicemail => wire::Channel::Voicemail,
    }
}

fn dispositions(queue: &caruso_routing::Queue) -> Vec<wire::Disposition> {
    let of = |(id, titles): &(caruso_contact::DispositionId, caruso_routing::Titles)| {
        let title = caruso_routing::title(titles, LANGUAGE).to_owned();
        wire::Disposition { id: id.to_string(), title }
    };
    queue.dispositions.iter().map(of).collect()
}

/// A contact of the history.
pub(crate) fn contact(
    sources: &Sources<'_>,
    contact: &Contact,
    waiting: Option<&Waiting>,
) -> wire::Contact {
    let name_of = |agent: &AgentId| sources.roster.display_name(agent);
    let waiting = waiting.map(|it| it.sentences(&|queue| title(sources, queue), &name_of));
    wire::Contact {
        contact_id: contact.id.to_string(),
        calling_number: known(contact.customer_number()),
        called_number: contact.called.clone(),
        queue: name(contact.queue.as_ref()),
        agent: contact.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        customer_key: known(contact.customer.as_ref()),
        disposition: contact.disposition.as_ref().map(ToString::to_string).unwrap_or_default(),
        note: known(contact.note.as_ref()),
        arrived_at: Some(timestamp(contact.arrived_at)),
        ended_at: contact.ended.map(|(at, ..)| timestamp(at)),
        end_cause: contact.ended.map(|(.., cause)| cause.name().to_owned()).unwrap_or_default(),
        signalled_number: known(contact.signalled.as_ref()),
        segments: contact.segments.iter().map(segment).collect(),
        offers: contact.offers.iter().map(|offer| offered(sources, offer)).collect(),
        channel: channel(contact.channel).into(),
        transfers: contact.transfers.iter().map(|it| transfer(sources, it)).collect(),
        waiting: callback::sentences(contact).chain(waiting.into_iter().flatten()).collect(),
        consultations: contact.consultations.iter().map(|it| consultation(sources, it)).collect(),
        outbound: contact.outbound.as_ref().map(|it| outbound::outbound(sources, it)),
        callback: contact.callback.as_ref().map(callback::callback),
        voicemail: voicemail::voicemail(sources, contact),
        outside: contact.outside.iter().map(|it| outside::outside(sources, it)).collect(),
        interventions: contact.interventions.iter().map(|it| intervention(sources, it)).collect(),
    }
}

fn intervention(sources: &Sources<'_>, intervened: &Intervened) -> wire::Intervention {
    wire::Intervention {
        supervisor: sources.roster.display_name(&intervened.supervisor),
        at: Some(timestamp(intervened.at)),
        what: intervened.what.name().to_owned(),
    }
}

fn segment(segment: &Segment) -> wire::Segment {
    wire::Segment {
        kind: segment.kind.name().to_owned(),
        queue: name(segment.queue.as_ref()),
        agent: segment.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        started_at: Some(timestamp(segment.started_at)),
        ended_at: segment.ended.map(|(at, _)| timestamp(at)),
        end_cause: segment.ended.map(|(_, cause)| cause.to_owned()).unwrap_or_default(),
    }
}

fn offered(sources: &Sources<'_>, offer: &OfferTold) -> wire::Offered {
    wire::Offered {
        agent: offer.agent.to_string(),
        offered_at: Some(timestamp(offer.offered_at)),
        outcome: offer.outcome.unwrap_or_default().to_owned(),
        why: why(sources, offer),
    }
}

fn why(sources: &Sources<'_>, offer: &OfferTold) -> Vec<String> {
    let name = |agent: &AgentId| sources.roster.display_name(agent);
    offer.why.sentences(&offer.queue, &|queue| title(sources, queue), &name)
}

/// What people call a queue; its id where the current release no longer has it.
fn title(sources: &Sources<'_>, queue: &QueueId) -> String {
    let known = sources.configuration.queues.get(queue);
    known.map_or_else(|| queue.to_string(), |queue| queue.title(LANGUAGE).to_owned())
}

fn known(text: Option<&Personal<String>>) -> String {
    text.and_then(Personal::known).cloned().unwrap_or_default()
}

fn name(queue: Option<&QueueId>) -> String {
    queue.map(ToString::to_string).unwrap_or_default()
}

/// A reason as the agent chose it.
pub(crate) fn reason(text: &str) -> Option<ReasonId> {
    ReasonId::new(text).ok()
}
