//! One matching step over all queues and all agents.

use std::collections::BTreeSet;

use caruso_contact::{
    AgentId, AgentState, Candidate, Clause, ContactEvent, ContactId, Event, EventId, Excluded,
    MAX_NAMED, OfferId, QueueId, StateCause, Why,
};

use super::Step;
use crate::domain::{Domain, Place};
use crate::{Action, DEFAULT_OFFER_TIMEOUT};

impl Step<'_> {
    /// Offers, as long as there is a waiting contact and a ready agent of its queue. The first
    /// contact of all lines goes first; it gets the agent of its queue who is ready longest.
    /// Whether an agent may take a contact depends on nothing but its queue, so that a queue
    /// whose first contact finds nobody is done.
    pub(super) fn match_waiting(&mut self) {
        let mut without_agent = BTreeSet::new();
        while !self.domain.ready.is_empty()
            && let Some((queue, place)) = self.first_in_line(&without_agent)
        {
            match longest_ready(self.domain, &queue) {
                Some(agent) => self.offer(&queue, &place, agent),
                None => _ = without_agent.insert(queue),
            }
        }
    }

    fn first_in_line(&self, without_agent: &BTreeSet<QueueId>) -> Option<(QueueId, Place)> {
        let lines = self.domain.lines.iter().filter(|(queue, _)| !without_agent.contains(*queue));
        let firsts = lines.filter_map(|(queue, line)| Some((queue, line.first()?)));
        let first = firsts.min_by(|(_, a), (_, b)| a.cmp(b));
        first.map(|(queue, place)| (queue.clone(), place.clone()))
    }

    fn offer(&mut self, queue: &QueueId, place: &Place, agent: AgentId) {
        let contact: ContactId = place.2;
        let id = EventId(self.ids.next_id());
        let offer = OfferId(id.0);
        let timeout = self.configuration.queues.get(queue).map(|queue| queue.offer_timeout);
        let deadline = self.now.after(timeout.unwrap_or(DEFAULT_OFFER_TIMEOUT));
        let why = self.why(queue, place);
        let (queue, to) = (queue.clone(), agent.clone());
        let event = ContactEvent::Offered { offer, queue, agent: to, deadline, why };
        self.tell_as(id, Event::Contact { contact, event });
        self.change_agent(&agent, AgentState::Offered { contact, offer }, StateCause::Offered);
        self.act(Action::Ring { offer, contact, agent });
    }

    fn why(&self, queue: &QueueId, place: &Place) -> Why {
        let domain = &*self.domain;
        let behind = domain.lines.get(queue).map_or(0, BTreeSet::len).saturating_sub(1);
        let mut why = Why {
            decided_at: self.now,
            priority: place.0.0,
            waiting_since: place.1,
            waiting_behind: u32::try_from(behind).unwrap_or(u32::MAX),
            candidates: Vec::new(),
            more_candidates: 0,
            excluded: Vec::new(),
            more_excluded: 0,
            transferred_by: None,
        };
        let first = candidates(domain, queue).take(MAX_NAMED);
        why.candidates.extend(first.map(|(ready_since, agent)| Candidate {
            agent: agent.clone(),
            ready_since: *ready_since,
        }));
        let mut ready = 0;
        for (agent, clause) in agents_of(domain, queue) {
            match clause {
                None => ready += 1,
                Some(clause) if why.excluded.len() < MAX_NAMED => {
                    why.excluded.push(Excluded { agent: agent.clone(), clause });
                }
                Some(_) => why.more_excluded += 1,
            }
        }
        let more = usize::saturating_sub(ready, why.candidates.len());
        why.more_candidates = u32::try_from(more).unwrap_or(u32::MAX);
        why
    }
}

fn longest_ready(domain: &Domain, queue: &QueueId) -> Option<AgentId> {
    candidates(domain, queue).next().map(|(_, agent)| agent.clone())
}

/// Ready agents of the queue, longest ready first, then by name.
fn candidates<'a>(
    domain: &'a Domain,
    queue: &'a QueueId,
) -> impl Iterator<Item = &'a (caruso_contact::Time, AgentId)> {
    let serves = |agent| domain.agents.get(agent).is_some_and(|it| it.queues.contains(queue));
    domain.ready.iter().filter(move |(_, agent)| serves(agent))
}

/// Signed-in agents of the queue by name, with what excludes them; nothing for those who are ready.
fn agents_of<'a>(
    domain: &'a Domain,
    queue: &'a QueueId,
) -> impl Iterator<Item = (&'a AgentId, Option<Clause>)> {
    let agents = domain.agents.iter().filter_map(|(name, agent)| {
        let clause = match agent.state {
            AgentState::SignedOut => return None,
            AgentState::Ready => None,
            AgentState::NotReady { .. } => Some(Clause::NotReady),
            AgentState::Offered { .. } => Some(Clause::Offered),
            AgentState::Talking { .. } => Some(Clause::Talking),
            AgentState::WrapUp { .. } => Some(Clause::WrapUp),
        };
        Some((name, agent, clause))
    });
    let of_queue = agents.filter(|(_, agent, _)| agent.queues.contains(queue));
    of_queue.map(|(name, _, clause)| (name, clause))
}
