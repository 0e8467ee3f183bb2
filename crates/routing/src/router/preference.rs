//! A contact waits for one agent alone at first: whom the script names, or who knows the customer.

use std::collections::BTreeMap;

use caruso_contact::{
    AgentId, AgentState, ContactEvent, ContactId, Personal, Preference, PreferenceEnd, QueueId,
};

use super::Step;
use crate::Queue;

/// Whom the script names, where the queue wants to know.
pub(super) fn named(queue: &Queue, given: &Personal<BTreeMap<String, String>>) -> Option<AgentId> {
    let by = queue.preferred_agent.as_ref()?.by.as_ref()?;
    AgentId::new(given.known()?.get(by)?).ok()
}

impl Step<'_> {
    /// Tells for whom alone a contact waits that has just entered its queue, if for anybody.
    pub(super) fn prefer_first(
        &mut self,
        contact: ContactId,
        id: &QueueId,
        named: Option<AgentId>,
    ) {
        let queue = self.configuration.queues.get(id);
        let Some(preferred) = queue.and_then(|queue| queue.preferred_agent.as_ref()) else {
            return;
        };
        let acquainted = self.contact(contact).and_then(|it| it.acquainted.clone());
        let acquainted = acquainted
            .filter(|(_, at)| preferred.within.is_some_and(|it| self.now.since(*at) <= it))
            .map(|(agent, _)| (agent, Preference::Acquainted));
        let named = named.map(|agent| (agent, Preference::Named));
        let mut wanted = named.into_iter().chain(acquainted);
        let Some((agent, cause)) = wanted.find(|(agent, _)| self.is_there(agent, id)) else {
            return;
        };
        let until = self.now.after(preferred.time);
        self.tell_contact(contact, ContactEvent::AgentPreferred { agent, until, cause });
    }

    pub(super) fn end_preference(&mut self, contact: ContactId, cause: PreferenceEnd) {
        self.tell_contact(contact, ContactEvent::PreferenceEnded { cause });
    }

    /// Whether it has waited for one agent alone as long as it may.
    pub(super) fn is_preference_over(&self, contact: ContactId) -> bool {
        let preferred = self.contact(contact).and_then(|contact| contact.preferred_agent.as_ref());
        preferred.is_some_and(|preferred| preferred.until <= self.now)
    }

    /// A contact that waits for somebody who is away.
    pub(super) fn preferred_in_vain(&self) -> Option<ContactId> {
        self.floor.preferring().find_map(|(agent, contact)| {
            let (queue, _) = self.contact(contact)?.place.as_ref()?;
            (!self.is_there(agent, queue)).then_some(contact)
        })
    }

    /// Whether the agent serves the queue and is ready, or will be after a contact.
    fn is_there(&self, agent: &AgentId, queue: &QueueId) -> bool {
        self.agent(agent).is_some_and(|agent| {
            let is_here = match agent.state {
                AgentState::SignedOut | AgentState::NotReady { .. } => false,
                AgentState::Ready
                | AgentState::Offered { .. }
                | AgentState::Dialling { .. }
                | AgentState::Talking { .. }
                | AgentState::WrapUp { .. } => agent.next.is_none(),
            };
            is_here && agent.queues.contains(queue)
        })
    }
}
