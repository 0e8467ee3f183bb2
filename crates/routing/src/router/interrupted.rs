//! Contacts that an agent lays aside for another one, and takes up again.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, StateCause, reason,
};

use super::{Step, agents};
use crate::domain::Domain;
use crate::{Input, Refusal};

pub(super) fn admit(domain: &Domain, input: &Input) -> Result<(), Refusal> {
    let Input::TakeUp { agent, contact } = input else { return Ok(()) };
    let known = domain.agent(agent);
    let has_it = known.is_some_and(|agent| agent.interrupted.contains(contact));
    match agents::state(domain, agent) {
        // the same request again
        AgentState::Talking { contact: with } if with == *contact => Ok(()),
        AgentState::Talking { contact: with } if has_it => match domain.contact(with) {
            Some(with) if !with.is_call() => Ok(()),
            _ => Err(Refusal::InContact),
        },
        _ if has_it => Err(Refusal::InContact),
        _ => Err(Refusal::NotLaidAside),
    }
}

impl Step<'_> {
    /// What the agent has, where it is no call, makes room for another one.
    pub(super) fn interrupt(&mut self, agent: &AgentId) {
        if let Some(AgentState::Talking { contact }) = self.agent(agent).map(|it| it.state.clone())
        {
            self.tell_contact(contact, ContactEvent::Interrupted { agent: agent.clone() });
        }
    }

    /// The agent goes on with one of those that they laid aside, instead of what they have.
    pub(super) fn take_up(&mut self, agent: &AgentId, contact: ContactId) {
        if self.agent(agent).is_some_and(|agent| agent.interrupted.contains(&contact)) {
            self.interrupt(agent);
            self.resume_work(agent, contact, StateCause::Chosen);
        }
    }

    /// The agent has nothing to do with a contact any more: they go on with what they laid aside
    /// last, and are in this state after that; or at once, where there is none.
    pub(super) fn go_on(&mut self, agent: &AgentId, to: AgentState, cause: StateCause) {
        let Some(known) = self.agent(agent) else { return };
        let Some(contact) = known.interrupted.last().copied() else {
            return self.change_agent(agent, to, cause);
        };
        let next = match to {
            // whether there is a phone is seen when it is time
            AgentState::NotReady { reason } if reason.as_str() == reason::PHONE_LOST => {
                known.next.clone()
            }
            AgentState::NotReady { reason } => Some(reason),
            _ => None,
        };
        if known.next != next {
            self.tell_agent(agent, AgentEvent::NextStateChosen { reason: next });
        }
        self.resume_work(agent, contact, cause);
    }

    fn resume_work(&mut self, agent: &AgentId, contact: ContactId, cause: StateCause) {
        self.tell_contact(contact, ContactEvent::Resumed { agent: agent.clone() });
        self.change_agent(agent, AgentState::Talking { contact }, cause);
    }

    pub(super) fn is_interrupted(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.is_interrupted)
    }
}
