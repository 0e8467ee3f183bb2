//! Calls that agents make: the agent's phone rings first, then the customer's.
//!
//! A customer who answers hears the agent at once, and nobody is called for an agent who is not at
//! the phone. From the wish to the end the agent has to do with this contact, and is offered no
//! other; who was not ready before is so again afterwards, with the same reason.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, EndCause, Event, EventId, OfferId,
    Party, Personal, PurposeId, StateCause, reason,
};

use super::{Step, agents, phone, voicemail};
use crate::domain::Domain;
use crate::ongoing::Stage;
use crate::permit::{self, KnownOfNumber, emergency};
use crate::{
    Action, Configuration, DEFAULT_OFFER_TIMEOUT, Input, MAX_CONTACTS, NotReached, Permit, Refusal,
};

/// Whether an agent can call at all; whether this number, the gate decides.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    input: &Input,
) -> Result<(), Refusal> {
    let Input::Dial { agent, contact, number, purpose, message, .. } = input else {
        return Ok(());
    };
    let rules = configuration.outbound.as_ref().ok_or(Refusal::NoOutbound)?;
    if rules.purpose(purpose).is_none() && emergency(rules, number).is_none() {
        return Err(Refusal::UnknownPurpose);
    }
    if domain.contact(*contact).is_some() {
        return Err(Refusal::ContactExists);
    }
    if domain.contacts().count() >= MAX_CONTACTS {
        return Err(Refusal::Full);
    }
    match agents::state(domain, agent) {
        AgentState::SignedOut => Err(Refusal::NotSignedIn),
        AgentState::Talking { contact: with }
            if *message == Some(with) && voicemail::has_message(domain, agent, with) =>
        {
            has_phone(domain, agent)
        }
        _ if message.is_some() => Err(Refusal::NoMessage),
        state if phone::is_free(&state) => has_phone(domain, agent),
        _ => Err(Refusal::InContact),
    }
}

fn has_phone(domain: &Domain, agent: &AgentId) -> Result<(), Refusal> {
    let has_phone = domain.agent(agent).is_some_and(|it| it.has_phone);
    if has_phone { Ok(()) } else { Err(Refusal::NoPhone) }
}

impl Step<'_> {
    pub(super) fn take_dial(&mut self, input: Input) {
        match input {
            Input::Dial { agent, contact, number, purpose, known, message } => {
                let is_permitted = self.dial(&agent, contact, number, &purpose, &known);
                if let Some(message) = message.filter(|_| is_permitted.is_some()) {
                    self.close_message(&agent, message);
                }
                if let Some((offer, permit)) = is_permitted {
                    self.begin_dialling(&agent, contact, offer);
                    self.act(Action::Dial { offer, contact, agent, permit });
                }
            }
            Input::CustomerAnswered { contact } => self.customer_answered(contact),
            Input::CustomerNotReached { contact, because } => {
                let (by, cause) = outcome(because);
                self.end_dialling(contact, by, cause);
            }
            _ => {}
        }
    }

    /// The agent's leg and the permit, where no rule forbids the call.
    fn dial(
        &mut self,
        agent: &AgentId,
        contact: ContactId,
        number: String,
        purpose: &PurposeId,
        known: &KnownOfNumber,
    ) -> Option<(OfferId, Permit)> {
        let rules = self.configuration.outbound.as_ref()?;
        let found = rules.purpose(purpose).or_else(|| rules.purposes.first().map(|(_, it)| it));
        let queue = found.map(|purpose| purpose.queue.clone())?;
        let verdict = permit::permit(rules, &number, purpose, known, self.now);
        let configured = self.configuration.queues.get(&queue);
        let timeout = configured.map_or(DEFAULT_OFFER_TIMEOUT, |queue| queue.offer_timeout);
        let (called, evidence) = permit::told(&verdict)?;
        let id = EventId(self.ids.next_id());
        let offer = OfferId(id.0);
        let event = ContactEvent::Dialled {
            agent: agent.clone(),
            offer,
            number: Personal::Known(number),
            called: called.map(Personal::Known),
            queue,
            deadline: self.now.after(timeout),
            evidence,
            at_phone: false,
            is_aside: false,
        };
        self.tell_as(id, Event::Contact { contact, event });
        let Ok(permit) = verdict else {
            let (by, cause) = (Party::System, EndCause::Denied);
            self.tell_contact(contact, ContactEvent::Ended { by, cause });
            return None;
        };
        Some((offer, permit))
    }

    pub(super) fn begin_dialling(&mut self, agent: &AgentId, contact: ContactId, offer: OfferId) {
        let before = agents::state(self.domain, agent);
        self.change_agent(agent, AgentState::Dialling { contact, offer }, StateCause::Dialled);
        if let AgentState::NotReady { reason } = before {
            self.tell_agent(agent, AgentEvent::NextStateChosen { reason: Some(reason) });
        }
    }

    /// The agent's phone answered; whether it rang for a call to a customer.
    pub(super) fn dialler_answered(&mut self, offer: OfferId) -> bool {
        let Some((contact, agent, is_called)) = self.dialled_by(offer) else { return false };
        if !is_called {
            let rules = self.configuration.outbound.as_ref();
            // a release without such rules ends no call that was permitted before
            let ring_time = rules.map_or(DEFAULT_OFFER_TIMEOUT, |rules| rules.ring_time);
            let deadline = self.now.after(ring_time);
            let evidence = None;
            let called = ContactEvent::CustomerCalled { agent, deadline, evidence };
            self.tell_contact(contact, called);
            self.act(Action::CallCustomer { contact, offer });
        }
        true
    }

    /// The agent's leg is gone or never came; whether it was for a call to a customer.
    pub(super) fn dialler_gone(&mut self, offer: OfferId) -> bool {
        let Some((contact, _, is_called)) = self.dialled_by(offer) else { return false };
        let cause = if is_called { EndCause::HungUp } else { EndCause::NotDialled };
        self.end_dialling(contact, Party::Agent, cause);
        true
    }

    fn dialled_by(&self, offer: OfferId) -> Option<(ContactId, AgentId, bool)> {
        let contact = self.domain.offers.get(&offer).copied()?;
        match self.stage(contact)? {
            Stage::Dialling { agent, is_called, .. } => Some((contact, agent, is_called)),
            _ => None,
        }
    }

    fn customer_answered(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Dialling { offer, agent, is_called: true, .. }) => {
                let connected = ContactEvent::Connected { offer, agent: agent.clone() };
                self.tell_contact(contact, connected);
                let talking = AgentState::Talking { contact };
                self.change_agent_of(contact, &agent, talking, StateCause::Answered);
                self.act(Action::Bridge { contact, offer });
            }
            Some(_) if !self.is_called_back(contact) => {}
            // it was over while the answer was on its way
            _ => self.drop_caller(contact, EndCause::HungUp),
        }
    }

    /// Nobody talked. Wrap-up follows where the customer's phone was called: there may be something
    /// to note; else the agent is free at once.
    pub(super) fn end_dialling(&mut self, contact: ContactId, by: Party, cause: EndCause) {
        let Some(Stage::Dialling { offer, agent, is_called, .. }) = self.stage(contact) else {
            return;
        };
        let is_called_back = self.is_called_back(contact);
        if is_called_back && self.postpone_callback(contact, &agent, cause) {
            self.drop_caller(contact, cause);
            return self.act(Action::DropAgent { offer });
        }
        // who is not reached has not given up waiting
        let by = if is_called_back { Party::System } else { by };
        let is_aside = self.is_aside(contact);
        self.tell_contact(contact, ContactEvent::Ended { by, cause });
        if is_aside {
            self.file_if_over(contact);
        } else if is_called {
            self.begin_wrap_up(contact, &agent);
        } else {
            self.free(&agent, StateCause::CallEnded);
        }
        self.drop_caller(contact, cause);
        self.act(Action::DropAgent { offer });
    }

    /// A phone rang until its deadline, that of the agent or of the customer.
    pub(super) fn dialling_is_over(&mut self, contact: ContactId, is_called: bool) {
        if is_called {
            self.end_dialling(contact, Party::System, EndCause::NoAnswer);
        } else {
            self.end_dialling(contact, Party::Agent, EndCause::NotDialled);
        }
    }

    /// The agent's phone is lost while it rings; an agent whose phone has answered still has its
    /// leg.
    pub(super) fn dialler_lost(&mut self, agent: &AgentId, contact: ContactId) {
        if let Some(Stage::Dialling { is_called: false, .. }) = self.stage(contact) {
            self.end_dialling(contact, Party::Agent, EndCause::NotDialled);
            let to = AgentState::NotReady { reason: reason::id(reason::PHONE_LOST) };
            self.change_agent(agent, to, StateCause::PhoneLost);
        }
    }
}

/// Who ended a call that reached nobody, and why.
pub(super) fn outcome(because: NotReached) -> (Party, EndCause) {
    match because {
        NotReached::Busy => (Party::Customer, EndCause::Busy),
        NotReached::Rejected => (Party::Customer, EndCause::Rejected),
        NotReached::NoAnswer => (Party::System, EndCause::NoAnswer),
        NotReached::Unreachable => (Party::System, EndCause::Unreachable),
        NotReached::Congestion => (Party::System, EndCause::Congestion),
    }
}
