//! What agents want: be ready or not, decline, hang up, close wrap-up.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, DispositionId, EndCause, OfferEnd,
    Party, Personal, ReasonId, Skills, StateCause, WrapUpEnd, reason,
};

use super::{Step, phone};
use crate::domain::Domain;
use crate::ongoing::{Ongoing, Stage};
use crate::{Action, After, Configuration, Input, MAX_AGENTS, Refusal, WrapUp};

/// Whether what an agent wants can be.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    input: &Input,
) -> Result<(), Refusal> {
    match input {
        Input::SignIn { agent, teams } => {
            let queues = configuration.queues_of(teams.iter().map(String::as_str));
            if queues.is_empty() { Err(Refusal::NoAgent) } else { has_room(domain, agent) }
        }
        Input::PhoneRegistered { agent } | Input::SkillsKnown { agent, .. } => {
            has_room(domain, agent)
        }
        Input::SignOut { agent } => match state(domain, agent).contact() {
            Some(_) => Err(Refusal::InContact),
            None => Ok(()),
        },
        Input::SetReady { agent } => match state(domain, agent) {
            AgentState::SignedOut => Err(Refusal::NotSignedIn),
            _ if domain.agents.get(agent).is_some_and(|agent| agent.has_phone) => Ok(()),
            _ => Err(Refusal::NoPhone),
        },
        Input::SetNotReady { agent, reason } => match state(domain, agent) {
            AgentState::SignedOut => Err(Refusal::NotSignedIn),
            _ if configuration.has_reason(reason) => Ok(()),
            _ => Err(Refusal::UnknownReason),
        },
        Input::Accept { agent, contact } => match state(domain, agent) {
            AgentState::Offered { contact: offered, .. } if offered == *contact => {
                let is_call = domain.contact(*contact).is_some_and(Ongoing::is_call);
                if is_call { Err(Refusal::IsCall) } else { Ok(()) }
            }
            // the same request again
            AgentState::Talking { contact: with } if with == *contact => Ok(()),
            _ => Err(Refusal::NotOffered),
        },
        Input::Decline { agent, contact } => match state(domain, agent) {
            AgentState::Offered { contact: offered, .. } if offered == *contact => Ok(()),
            _ => Err(Refusal::NotOffered),
        },
        Input::HangUp { agent, contact } => match state(domain, agent) {
            AgentState::Talking { contact: with } | AgentState::Dialling { contact: with, .. }
                if with == *contact =>
            {
                Ok(())
            }
            _ => Err(Refusal::NotTalking),
        },
        Input::Dispose { agent, contact, disposition, .. } => match state(domain, agent) {
            AgentState::WrapUp { contact: of } if of == *contact => {
                has_disposition(configuration, domain, agent, disposition)
            }
            _ => Err(Refusal::NotInWrapUp),
        },
        _ => Ok(()),
    }
}

pub(super) fn state(domain: &Domain, agent: &AgentId) -> AgentState {
    domain.agents.get(agent).map_or(AgentState::SignedOut, |agent| agent.state.clone())
}

/// The contact whose customer talks with this agent; who is asked about it by another has it not,
/// and a call that they made aside is not known at the desk.
pub(super) fn led<'a>(
    domain: &'a Domain,
    agent: &AgentId,
    contact: ContactId,
) -> Option<&'a Ongoing> {
    let is_led =
        |it: &&Ongoing| matches!(&it.stage, Stage::Talking { agent: with, .. } if with == agent);
    domain.contact(contact).filter(is_led).filter(|it| !it.is_aside && !it.is_interrupted)
}

fn has_room(domain: &Domain, agent: &AgentId) -> Result<(), Refusal> {
    let has_room = domain.agents.contains_key(agent) || domain.agents.len() < MAX_AGENTS;
    if has_room { Ok(()) } else { Err(Refusal::Full) }
}

fn has_disposition(
    configuration: &Configuration,
    domain: &Domain,
    agent: &AgentId,
    disposition: &DispositionId,
) -> Result<(), Refusal> {
    let finishing = domain.wrap_ups.get(agent).and_then(|it| it.queue.as_ref());
    let queue = finishing.and_then(|queue| configuration.queues.get(queue));
    let is_known = queue.is_some_and(|queue| queue.has_disposition(disposition));
    if is_known { Ok(()) } else { Err(Refusal::UnknownDisposition) }
}

impl Step<'_> {
    pub(super) fn take_from_agent(&mut self, input: Input) {
        match input {
            Input::SignIn { agent, teams } => self.sign_in(&agent, &teams),
            Input::TeamsKnown { agent, teams } => self.teams_known(&agent, &teams),
            Input::SkillsKnown { agent, skills } => self.skills_known(&agent, skills),
            Input::SignOut { agent } => self.sign_out(&agent),
            Input::SetReady { agent } => self.set_ready(&agent),
            Input::SetNotReady { agent, reason } => self.set_not_ready(&agent, reason),
            Input::Accept { agent, contact } => self.accept(&agent, contact),
            Input::Decline { agent, contact } => self.decline(&agent, contact),
            Input::HangUp { agent, contact } => self.hang_up(contact, &agent),
            Input::Dispose { agent, contact, disposition, note } => {
                self.dispose(&agent, contact, disposition, note);
            }
            Input::PhoneRegistered { agent } if !self.has_phone(&agent) => {
                self.tell_agent(&agent, AgentEvent::PhoneRegistered);
            }
            Input::PhoneUnregistered { agent } if self.has_phone(&agent) => {
                self.phone_unregistered(&agent);
            }
            _ => {}
        }
    }

    fn has_phone(&self, agent: &AgentId) -> bool {
        self.agent(agent).is_some_and(|agent| agent.has_phone)
    }

    fn sign_in(&mut self, agent: &AgentId, teams: &[String]) {
        if state(self.domain, agent) != AgentState::SignedOut {
            return;
        }
        let queues = self.configuration.queues_of(teams.iter().map(String::as_str));
        let teams = teams.iter().cloned().collect();
        self.tell_agent(agent, AgentEvent::SignedIn { queues, teams });
        let to = AgentState::NotReady { reason: reason::id(reason::SIGNED_IN) };
        self.change_agent(agent, to, StateCause::SignedIn);
    }

    /// Of who works. What they were offered, or have, stays with them.
    fn teams_known(&mut self, agent: &AgentId, teams: &[String]) {
        let queues = self.configuration.queues_of(teams.iter().map(String::as_str));
        let is_at_work = state(self.domain, agent) != AgentState::SignedOut;
        if is_at_work && self.agent(agent).is_some_and(|known| known.queues != queues) {
            let teams = teams.iter().cloned().collect();
            self.tell_agent(agent, AgentEvent::QueuesSet { queues, teams });
        }
    }

    fn skills_known(&mut self, agent: &AgentId, skills: Skills) {
        let is_news = self.agent(agent).map_or(!skills.is_empty(), |it| it.skills != skills);
        if is_news {
            self.tell_agent(agent, AgentEvent::SkillsSet { skills });
        }
    }

    fn sign_out(&mut self, agent: &AgentId) {
        let is_at_work = state(self.domain, agent) != AgentState::SignedOut;
        if is_at_work {
            self.change_agent(agent, AgentState::SignedOut, StateCause::SignedOut);
            self.tell_agent(agent, AgentEvent::SignedOut);
        }
    }

    fn set_ready(&mut self, agent: &AgentId) {
        let Some(known) = self.agent(agent) else { return };
        match known.state {
            AgentState::NotReady { .. } if !phone::is_in_own_call(&known.state) => {
                self.change_agent(agent, AgentState::Ready, StateCause::Chosen);
            }
            AgentState::WrapUp { contact } if self.may_skip_wrap_up(agent) => {
                self.end_wrap_up(contact, agent, WrapUpEnd::Skipped);
                self.go_on(agent, AgentState::Ready, StateCause::Chosen);
            }
            _ if known.next.is_some() => {
                self.tell_agent(agent, AgentEvent::NextStateChosen { reason: None });
            }
            _ => {}
        }
    }

    fn set_not_ready(&mut self, agent: &AgentId, reason: ReasonId) {
        let Some(known) = self.agent(agent) else { return };
        match known.state {
            AgentState::Ready | AgentState::NotReady { .. }
                if !phone::is_in_own_call(&known.state) =>
            {
                self.change_agent(agent, AgentState::NotReady { reason }, StateCause::Chosen);
            }
            AgentState::WrapUp { contact } if self.may_skip_wrap_up(agent) => {
                self.end_wrap_up(contact, agent, WrapUpEnd::Skipped);
                self.go_on(agent, AgentState::NotReady { reason }, StateCause::Chosen);
            }
            _ if known.next.as_ref() != Some(&reason) => {
                self.tell_agent(agent, AgentEvent::NextStateChosen { reason: Some(reason) });
            }
            _ => {}
        }
    }

    fn accept(&mut self, agent: &AgentId, contact: ContactId) {
        if let Some(offer) = self.ringing_of(contact, agent) {
            self.answered(offer);
        }
    }

    fn decline(&mut self, agent: &AgentId, contact: ContactId) {
        if let Some(offer) = self.ringing_of(contact, agent) {
            self.fail_offer(contact, offer, agent, OfferEnd::Rejected);
            self.act(Action::DropAgent { offer });
        } else {
            self.colleague_declines(contact, agent);
        }
    }

    fn hang_up(&mut self, contact: ContactId, agent: &AgentId) {
        if self.hangs_up_consulting(contact, agent) {
            return;
        }
        // an agent who changes their mind while a phone rings
        self.end_dialling(contact, Party::Agent, EndCause::HungUp);
        if let Some(Stage::Talking { offer, agent, .. }) = self.stage(contact) {
            let is_call = self.contact(contact).is_some_and(Ongoing::is_call);
            let cause = if is_call { EndCause::HungUp } else { EndCause::Closed };
            self.end_talk(contact, &agent, Party::Agent, cause);
            self.drop_caller(contact, cause);
            self.act(Action::DropAgent { offer });
        }
    }

    fn dispose(
        &mut self,
        agent: &AgentId,
        contact: ContactId,
        disposition: DispositionId,
        note: Personal<String>,
    ) {
        let disposed = ContactEvent::Disposed { agent: agent.clone(), disposition, note };
        self.tell_contact(contact, disposed);
        self.end_wrap_up(contact, agent, WrapUpEnd::Finished);
        self.free(agent, StateCause::WrapUpFinished);
    }

    fn may_skip_wrap_up(&self, agent: &AgentId) -> bool {
        let finishing = self.domain.wrap_up(agent);
        let queue = finishing.and_then(|it| self.configuration.queues.get(it.queue.as_ref()?));
        queue.is_some_and(|queue| queue.wrap_up == WrapUp::Optional)
    }

    pub(super) fn end_wrap_up(&mut self, contact: ContactId, agent: &AgentId, cause: WrapUpEnd) {
        let ended = ContactEvent::WrapUpEnded { agent: agent.clone(), cause };
        self.tell_contact(contact, ended);
        self.file_if_over(contact);
    }

    /// A contact is complete when the customer is gone and nobody finishes it any more.
    pub(super) fn file_if_over(&mut self, contact: ContactId) {
        let mut finishing = self.domain.wrap_ups.values();
        let is_finished = finishing.all(|it| it.contact != contact);
        if is_finished && self.contact(contact).is_none() {
            self.act_after(After::Durable, Action::File { contact });
        }
    }
}
