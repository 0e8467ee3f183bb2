//! What agents have laid aside for other contacts, in the state of the domain.

use caruso_contact::{AgentId, AgentState, ContactId};

use super::{Agent, Domain, Stage};
use crate::{CAPACITY, Capacity};

impl Domain {
    /// How many points of their capacity an agent has no more, who can be offered something beside
    /// what they have: no call, with a phone, and not about to be not ready. Nothing of others.
    pub(crate) fn load(&self, capacity: &Capacity, agent: &Agent) -> Option<u8> {
        let contact = match &agent.state {
            AgentState::Ready => return Some(0),
            AgentState::Talking { contact } => *contact,
            _ => return None,
        };
        let is_call = self.contact(contact).is_none_or(|contact| contact.is_call());
        if is_call || agent.next.is_some() || !agent.has_phone {
            return None;
        }
        let all = agent.interrupted.iter().chain([&contact]);
        let channels = all.filter_map(|contact| Some(self.contact(*contact)?.channel));
        let load = channels.map(|channel| u32::from(capacity.points(channel))).sum::<u32>();
        u8::try_from(load).ok().filter(|load| *load < CAPACITY)
    }

    pub(super) fn lay_aside(&mut self, id: ContactId, agent: &AgentId, is_interrupted: bool) {
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.is_interrupted = is_interrupted;
        }
        let Some(agent) = self.agents.get_mut(agent) else { return };
        agent.interrupted.retain(|it| *it != id);
        if is_interrupted {
            agent.interrupted.push(id);
        }
    }

    /// A contact that is over is nobody's any more.
    pub(super) fn forget_interrupted(&mut self, id: ContactId) {
        let contact = self.contacts.get(&id).filter(|contact| contact.is_interrupted);
        let Some(Stage::Talking { agent, .. }) = contact.map(|contact| &contact.stage) else {
            return;
        };
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.interrupted.retain(|it| *it != id);
        }
    }
}
