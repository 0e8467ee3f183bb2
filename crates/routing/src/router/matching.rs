//! One matching step over all queues and all agents.

use caruso_contact::{
    AgentId, AgentState, Asked, Candidate, Clause, ContactEvent, Event, EventId, Excluded,
    MAX_NAMED, OfferId, QueueId, StateCause, Strategy, Time, Why,
};

use super::Step;
use crate::domain::Domain;
use crate::floor::{Match, Rank, Surroundings};
use crate::ongoing::{Ongoing, Place};
use crate::{Action, Configuration, DEFAULT_OFFER_TIMEOUT};

impl Step<'_> {
    /// Offers, as long as there is a waiting contact and a ready agent whom it needs. Of all
    /// contacts for whom there is one, the first goes first; it gets the agent of those whom it
    /// needs who is first by the queue's strategy. So nobody is overtaken by somebody behind whom
    /// the same agent could serve, in whatever queues they wait.
    ///
    /// Agents who are free after that join the first of those for whom phones ring already, where
    /// the queue lets all ring.
    pub(super) fn match_waiting(&mut self) {
        while let Some(Match { queue, place, agent }) = self.floor.first_match(self.configuration) {
            self.offer(&queue, &place, agent);
        }
        while let Some(Match { queue, place, agent }) = self.floor.first_joining(self.configuration)
        {
            self.offer(&queue, &place, agent);
        }
    }

    fn offer(&mut self, queue: &QueueId, place: &Place, agent: AgentId) {
        let contact = place.contact;
        let id = EventId(self.ids.next_id());
        let offer = OfferId(id.0);
        let timeout = self.configuration.queues.get(queue).map(|queue| queue.offer_timeout);
        let deadline = self.now.after(timeout.unwrap_or(DEFAULT_OFFER_TIMEOUT));
        let why = self.why(queue, place);
        let (queue, to) = (queue.clone(), agent.clone());
        let event = ContactEvent::Offered { offer, queue, agent: to, deadline, why };
        self.tell_as(id, Event::Contact { contact, event });
        self.interrupt(&agent);
        self.change_agent(&agent, AgentState::Offered { contact, offer }, StateCause::Offered);
        self.act(Action::Ring { offer, contact, agent });
    }

    fn why(&mut self, queue: &QueueId, place: &Place) -> Why {
        let around = self.floor.around(self.configuration, place.contact, MAX_NAMED);
        let line = self.domain.lines.get(queue);
        let others = line.map_or(0, |line| line.len() - usize::from(line.contains(place)));
        let (excluded, more_excluded) = excluded(self.domain, &around);
        let more = around.all_candidates.saturating_sub(around.candidates.len());
        let configured = self.configuration.queues.get(queue);
        let strategy = configured.map(|queue| queue.strategy).unwrap_or_default();
        let preferred = configured.and_then(|queue| queue.preferred.clone());
        let ranks = around.candidates.into_iter();
        let candidates = ranks.map(|rank| candidate(rank, strategy, preferred.is_some()));
        let candidates: Vec<Candidate> = candidates.collect();
        let known = self.contact(place.contact);
        Why {
            decided_at: self.now,
            priority: place.priority,
            waiting_since: place.entered,
            counts_from: self.counts_from(place),
            waiting_behind: counted(others),
            asked: known.and_then(|known| asked(self.configuration, known, queue)),
            strategy,
            preferred,
            candidates,
            more_candidates: counted(more),
            excluded,
            more_excluded,
            overflowed_from: known.and_then(|known| known.overflowed_from.clone()),
            preferred_agent: known
                .and_then(|known| known.preferred_agent.as_ref())
                .map(|it| it.cause),
            prioritized_by: known
                .and_then(|known| known.prioritized.as_ref())
                .map(|(supervisor, _)| supervisor.clone()),
            transferred_by: None,
        }
    }
}

/// Agents of the queue who could not take the contact: those first who were ready, then the others
/// by name; and how many are not named.
pub(super) fn excluded(domain: &Domain, around: &Surroundings) -> (Vec<Excluded>, u32) {
    let unfit = around.unfit.iter().map(|(agent, unmet)| Excluded {
        agent: agent.clone(),
        clause: if unmet.is_some() { Clause::Requirement } else { Clause::Talking },
        unmet: unmet.as_ref().map(ToString::to_string),
    });
    let busy = around.busy.iter().filter_map(|agent| {
        let clause = match domain.agent(agent)?.state {
            AgentState::SignedOut | AgentState::Ready => return None,
            AgentState::NotReady { .. } => Clause::NotReady,
            AgentState::Offered { .. } => Clause::Offered,
            AgentState::Dialling { .. } => Clause::Dialling,
            AgentState::Talking { .. } => Clause::Talking,
            AgentState::WrapUp { .. } => Clause::WrapUp,
        };
        Some(Excluded { agent: agent.clone(), clause, unmet: None })
    });
    let excluded: Vec<Excluded> = unfit.chain(busy).take(MAX_NAMED).collect();
    let more = around.all_excluded.saturating_sub(excluded.len());
    (excluded, counted(more))
}

/// What the queue asks of an agent for a contact now.
pub(super) fn asked(
    configuration: &Configuration,
    contact: &Ongoing,
    queue: &QueueId,
) -> Option<Asked> {
    let needs = configuration.queues.get(queue)?.needs.as_ref()?;
    let required = contact.required.as_ref();
    let step = required.map_or(0, |required| required.step);
    let when = needs.step(step).when.to_string();
    Some(Asked { step, when, until: required.and_then(|required| required.until) })
}

/// The agent with the terms of the queue's ranking.
fn candidate(rank: Rank, strategy: Strategy, has_preferred: bool) -> Candidate {
    let Rank { load, preferred, term, agent, ready_since, .. } = rank;
    let last_offered = (strategy == Strategy::RoundRobin && term > 0).then_some(term);
    Candidate {
        agent,
        ready_since,
        load: (load > 0).then_some(load),
        level: has_preferred.then_some(preferred.0),
        taken: (strategy == Strategy::FewestContacts)
            .then(|| u32::try_from(term).unwrap_or(u32::MAX)),
        last_offered: last_offered.map(Time::from_millis),
    }
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
