//! What agents, supervisors and others see, as of now.

use std::collections::{BTreeMap, BTreeSet};

use caruso_api::contact::v1 as wire;
use caruso_contact::{AgentId, ContactId, Event, EventId, Waiting};
use caruso_routing::Stage;
use tokio::sync::watch;

use super::Owner;
use crate::convert;

/// Most of those who hung up that are told at once.
const MOST_ABANDONED: usize = 200;

impl Owner {
    pub(super) fn watch(&mut self, agent: AgentId) -> watch::Receiver<wire::AgentStatus> {
        let status = convert::agent_status(&self.sources(), &agent);
        let sender = self.watched.entry(agent).or_insert_with(|| watch::channel(status).0);
        sender.subscribe()
    }

    /// Tells whoever watches this agent what is new beside the events.
    pub(super) fn publish_to(&self, agent: &AgentId) {
        if let Some(sender) = self.watched.get(agent) {
            sender.send_replace(convert::agent_status(&self.sources(), agent));
        }
    }

    /// Tells whoever watches an agent of whom, or of whose contact, something was told, where it
    /// changed the status; forgets who is watched by nobody.
    pub(super) fn publish(&mut self, events: &[(EventId, Event)]) {
        let agents: BTreeSet<&AgentId> = events.iter().filter_map(|(_, it)| it.agent()).collect();
        self.refused.retain(|agent, _| !agents.contains(agent));
        let contacts: BTreeSet<ContactId> =
            events.iter().filter_map(|(_, it)| it.contact()).collect();
        let concerns = |this: &Self, agent: &AgentId| {
            let known = this.router.domain().agent(agent);
            let own = known.into_iter().flat_map(|it| {
                it.state.contact().into_iter().chain(it.interrupted.iter().copied())
            });
            agents.contains(agent) || own.into_iter().any(|it| contacts.contains(&it))
        };
        if contacts.iter().any(|it| self.is_gone_from_aside(*it)) {
            return self.publish_all();
        }
        self.publish_where(concerns);
    }

    /// Whether somebody had laid the contact aside that is over.
    fn is_gone_from_aside(&self, id: ContactId) -> bool {
        let contact = self.history.contact(id);
        contact.is_some_and(|contact| contact.is_interrupted && contact.ended.is_some())
    }

    /// Tells everybody who watches an agent whose status is another one than before.
    pub(super) fn publish_all(&mut self) {
        self.publish_where(|_, _| true);
    }

    fn publish_where(&mut self, concerns: impl Fn(&Self, &AgentId) -> bool) {
        let mut watched = std::mem::take(&mut self.watched);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        for (agent, sender) in watched.iter().filter(|(agent, _)| concerns(self, agent)) {
            let status = convert::agent_status(&self.sources(), agent);
            sender.send_if_modified(|current| {
                let is_new = *current != status;
                *current = status;
                is_new
            });
        }
        self.watched = watched;
    }

    /// The latest contacts, newest first, those that wait with why.
    pub(super) fn latest(&mut self, limit: usize) -> Vec<wire::Contact> {
        let now = self.clock.now();
        let ids: Vec<ContactId> = self.history.latest(limit).map(|it| it.id).collect();
        let waiting = ids.into_iter().filter_map(|id| Some((id, self.router.waiting(id, now)?)));
        let waiting: BTreeMap<ContactId, Waiting> = waiting.collect();
        let sources = self.sources();
        let latest = self.history.latest(limit);
        latest.map(|it| convert::contact(&sources, it, waiting.get(&it.id))).collect()
    }

    /// Who hung up waiting, of the queues that an agent serves, or all; the latest first.
    pub(super) fn list_abandoned(&self, agent: Option<&AgentId>) -> Vec<wire::Abandoned> {
        let served = agent.map(|agent| self.router.domain().agent(agent).map(|it| &it.queues));
        let is_served = |queue| match served {
            None => true,
            Some(queues) => queues.is_some_and(|queues| queues.contains(queue)),
        };
        let now = self.clock.now();
        let entries = self.abandoned.entries(now).filter(|it| is_served(&it.queue));
        let sources = self.sources();
        entries.take(MOST_ABANDONED).map(|it| convert::abandoned(&sources, it)).collect()
    }

    pub(super) fn floor(&mut self) -> wire::WatchFloorResponse {
        let now = self.clock.now();
        let contacts = self.router.domain().contacts();
        let waiting = contacts.filter(|(_, it)| it.stage == Stage::Waiting);
        let waiting: Vec<ContactId> =
            waiting.map(|(id, _)| id).take(convert::MAX_ON_FLOOR).collect();
        let told = waiting.into_iter().filter_map(|id| Some((id, self.router.waiting(id, now)?)));
        let told: BTreeMap<ContactId, Waiting> = told.collect();
        convert::floor(&self.sources(), now, &told)
    }
}
