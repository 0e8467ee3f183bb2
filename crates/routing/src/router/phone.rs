//! What agents do with their phones by themselves: calls to customers, through the same gate as
//! those from the desk, and calls that are no contact of theirs.
//!
//! A phone that calls is there already, so the customer is called at once. Who has not signed in,
//! or calls an emergency number while busy with a contact, makes the call beside what they do: it
//! is recorded like all others, and their state does not know of it.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, EndCause, Event, EventId, OfferId,
    Party, Personal, StateCause, reason,
};

use super::{Step, agents};
use crate::domain::{Agent, Domain};
use crate::message::AtPhone;
use crate::permit::{self, KnownOfNumber, emergency};
use crate::{Action, Configuration, Input, MAX_CONTACTS, Refusal};

/// Whether a phone can call at all; whether this number, the gate decides. An emergency number is
/// held up by nothing.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    input: &Input,
) -> Result<(), Refusal> {
    let (agent, contact, number) = match input {
        Input::AtPhone(AtPhone::Dials { agent, contact, number, .. }) => (agent, contact, number),
        Input::AtPhone(AtPhone::Begins { agent }) => return admit_own(domain, agent),
        _ => return Ok(()),
    };
    let rules = configuration.outbound.as_ref().ok_or(Refusal::NoOutbound)?;
    if domain.contact(*contact).is_some() {
        return Err(Refusal::ContactExists);
    }
    if emergency(rules, number).is_some() {
        return Ok(());
    }
    let phones = rules.phones.as_ref().ok_or(Refusal::NoPhoneCalls)?;
    if domain.contacts().count() >= MAX_CONTACTS {
        return Err(Refusal::Full);
    }
    match agents::state(domain, agent) {
        AgentState::SignedOut if phones.is_for_all => Ok(()),
        AgentState::SignedOut => Err(Refusal::NotSignedIn),
        state if is_free(&state) => Ok(()),
        _ => Err(Refusal::InContact),
    }
}

/// Who has not signed in has no state that would know of it.
fn admit_own(domain: &Domain, agent: &AgentId) -> Result<(), Refusal> {
    let state = agents::state(domain, agent);
    let can_be = state == AgentState::SignedOut || is_free(&state);
    if can_be { Ok(()) } else { Err(Refusal::InContact) }
}

/// Whether the agent has nothing to do with a contact, and the phone is in no other call.
pub(super) fn is_free(state: &AgentState) -> bool {
    let is_signed_in = matches!(state, AgentState::Ready | AgentState::NotReady { .. });
    is_signed_in && !is_in_own_call(state)
}

/// Whether the phone is in a call that is no contact.
pub(super) fn is_in_own_call(state: &AgentState) -> bool {
    matches!(state, AgentState::NotReady { reason } if reason.as_str() == reason::OWN_CALL)
}

impl Step<'_> {
    pub(super) fn take_from_phone(&mut self, what: AtPhone) {
        match what {
            AtPhone::Dials { agent, contact, offer, number, known } => {
                self.phone_dials(&agent, contact, offer, number, &known);
            }
            AtPhone::Consults { contact, colleague, line, .. } => {
                self.consult_by_line(contact, colleague, line);
            }
            AtPhone::Begins { agent } => self.own_call_begins(&agent),
            AtPhone::Ends { agent } => self.own_call_ends(&agent),
        }
    }

    fn phone_dials(
        &mut self,
        agent: &AgentId,
        contact: ContactId,
        offer: OfferId,
        number: String,
        known: &KnownOfNumber,
    ) {
        let Some(rules) = self.configuration.outbound.as_ref() else { return };
        let Some(purpose) = rules.phone_purpose() else { return };
        let Some(queue) = rules.purpose(purpose).map(|it| it.queue.clone()) else { return };
        let verdict = permit::permit(rules, &number, purpose, known, self.now);
        let Some((called, evidence)) = permit::told(&verdict) else { return };
        let is_aside = !is_free(&agents::state(self.domain, agent));
        let event = ContactEvent::Dialled {
            agent: agent.clone(),
            offer,
            number: Personal::Known(number),
            called: called.map(Personal::Known),
            queue,
            deadline: self.now,
            evidence,
            at_phone: true,
            is_aside,
        };
        self.tell_as(EventId(offer.0), Event::Contact { contact, event });
        let Ok(permit) = verdict else {
            let (by, cause) = (Party::System, EndCause::Denied);
            return self.tell_contact(contact, ContactEvent::Ended { by, cause });
        };
        if !is_aside {
            self.begin_dialling(agent, contact, offer);
        }
        let deadline = self.now.after(rules.ring_time);
        let (agent, evidence) = (agent.clone(), None);
        self.tell_contact(contact, ContactEvent::CustomerCalled { agent, deadline, evidence });
        self.act(Action::CallForPhone { contact, offer, permit });
    }

    /// Whether an agent makes this call beside what they do.
    pub(super) fn is_aside(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.is_aside)
    }

    /// Changes the state of the agent who has the contact, where it knows of it.
    pub(super) fn change_agent_of(
        &mut self,
        contact: ContactId,
        agent: &AgentId,
        to: AgentState,
        cause: StateCause,
    ) {
        if !self.is_aside(contact) {
            self.change_agent(agent, to, cause);
        }
    }

    fn own_call_begins(&mut self, agent: &AgentId) {
        let before = agents::state(self.domain, agent);
        if !is_free(&before) {
            return;
        }
        let to = AgentState::NotReady { reason: reason::id(reason::OWN_CALL) };
        self.change_agent(agent, to, StateCause::OwnCall);
        if let AgentState::NotReady { reason } = before {
            self.tell_agent(agent, AgentEvent::NextStateChosen { reason: Some(reason) });
        }
    }

    /// Who has become something else meanwhile stays it.
    fn own_call_ends(&mut self, agent: &AgentId) {
        if is_in_own_call(&agents::state(self.domain, agent)) {
            self.free(agent, StateCause::OwnCall);
        }
    }

    /// After a restart no phone is in a call any more.
    pub(super) fn end_own_calls(&mut self) {
        let agents = self.domain.agents.iter();
        let in_call = |(_, it): &(&AgentId, &Agent)| is_in_own_call(&it.state);
        let agents: Vec<AgentId> = agents.filter(in_call).map(|(id, _)| id.clone()).collect();
        agents.iter().for_each(|agent| self.own_call_ends(agent));
    }
}
