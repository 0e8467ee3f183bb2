//! Listening in: a supervisor's telephone is connected to a conversation, heard by nobody, by the
//! agent alone, or by both.
//!
//! It is about one conversation of one agent with one customer: it ends when the agent passes the
//! customer on, asks a colleague, or the call is over. While the customer is on hold the supervisor
//! stays on the line, and hears both again when the customer is back.

use caruso_contact::{
    AgentId, AgentState, ContactEvent, ContactId, Event, EventId, ListeningEnd, ListeningMode,
    OfferEnd, OfferId,
};

use super::{Step, agents};
use crate::domain::Domain;
use crate::ongoing::{Listening, Stage};
use crate::{Action, DEFAULT_OFFER_TIMEOUT, Input, Refusal};

/// Whether what a supervisor wants can be.
pub(super) fn admit(domain: &Domain, input: &Input) -> Result<(), Refusal> {
    match input {
        Input::Listen { supervisor, contact, .. } => admit_listening(domain, supervisor, *contact),
        Input::StopListening { supervisor, contact } => {
            let known = domain.contact(*contact).ok_or(Refusal::NoContact)?;
            let is_it = known.listening.as_ref().is_some_and(|it| it.supervisor == *supervisor);
            if is_it { Ok(()) } else { Err(Refusal::NotListening) }
        }
        Input::SetReady { agent } if listens(domain, agent) => Err(Refusal::Listening),
        _ => Ok(()),
    }
}

fn admit_listening(
    domain: &Domain,
    supervisor: &AgentId,
    contact: ContactId,
) -> Result<(), Refusal> {
    let known = domain.contact(contact).ok_or(Refusal::NoContact)?;
    let Stage::Talking { .. } = &known.stage else { return Err(Refusal::NobodyTalks) };
    // nobody would see it
    if known.is_aside {
        return Err(Refusal::NobodyTalks);
    }
    match &known.listening {
        _ if !known.is_call() => return Err(Refusal::NoCall),
        _ if known.consultation.is_some() => return Err(Refusal::Consulting),
        Some(listening) if listening.supervisor == *supervisor => return Ok(()),
        Some(_) => return Err(Refusal::ListenedTo),
        None => {}
    }
    let is_free = matches!(
        agents::state(domain, supervisor),
        AgentState::SignedOut | AgentState::NotReady { .. }
    );
    match domain.agent(supervisor) {
        Some(agent) if agent.has_phone && is_free => {
            if listens(domain, supervisor) {
                Err(Refusal::Listening)
            } else {
                Ok(())
            }
        }
        Some(agent) if agent.has_phone => Err(Refusal::InContact),
        _ => Err(Refusal::NoOwnPhone),
    }
}

/// Whether the supervisor listens to somebody, or their telephone rings for it.
fn listens(domain: &Domain, supervisor: &AgentId) -> bool {
    let mut listening = domain.contacts().filter_map(|(_, it)| it.listening.as_ref());
    listening.any(|it| it.supervisor == *supervisor)
}

impl Step<'_> {
    pub(super) fn take_listening(&mut self, input: Input) {
        match input {
            Input::Listen { supervisor, contact, mode } => match self.listening(contact) {
                Some(listening) if listening.mode != mode => {
                    self.tell_contact(contact, ContactEvent::ListeningChanged { supervisor, mode });
                    self.let_supervisor_hear(contact);
                }
                Some(_) => {}
                None => self.ring_supervisor(supervisor, contact, mode),
            },
            Input::StopListening { contact, .. } => {
                self.dismiss_supervisor(contact, ListeningEnd::Finished);
                self.leave_listened(contact);
            }
            _ => {}
        }
    }

    fn ring_supervisor(&mut self, supervisor: AgentId, contact: ContactId, mode: ListeningMode) {
        let deadline = self.now.after(DEFAULT_OFFER_TIMEOUT);
        let id = EventId(self.ids.next_id());
        let (offer, agent) = (OfferId(id.0), supervisor.clone());
        let event = ContactEvent::ListeningAsked { supervisor, offer, mode, deadline };
        self.tell_as(id, Event::Contact { contact, event });
        self.act(Action::Ring { offer, contact, agent });
    }

    fn listening(&self, contact: ContactId) -> Option<Listening> {
        self.contact(contact).and_then(|contact| contact.listening.clone())
    }

    /// The contact to which the supervisor of this offer listens.
    fn listened_by(&self, offer: OfferId) -> Option<(ContactId, Listening)> {
        let contact = self.domain.offers.get(&offer).copied()?;
        let listening = self.listening(contact).filter(|it| it.offer == offer)?;
        Some((contact, listening))
    }

    /// The supervisor's phone answered; whether the offer is one of listening.
    pub(super) fn supervisor_answered(&mut self, offer: OfferId) -> bool {
        let Some((contact, listening)) = self.listened_by(offer) else { return false };
        if listening.rings_until.is_some() {
            let supervisor = listening.supervisor;
            self.tell_contact(contact, ContactEvent::ListeningStarted { offer, supervisor });
            self.let_supervisor_hear(contact);
        }
        true
    }

    /// Whoever is to hear the supervisor does, once the phone has answered; while the customer is
    /// on hold that waits until they are back.
    pub(super) fn let_supervisor_hear(&mut self, contact: ContactId) {
        let Some(Stage::Talking { offer, held: None, .. }) = self.stage(contact) else { return };
        if let Some(Listening { offer: supervisor, rings_until: None, mode, .. }) =
            self.listening(contact)
        {
            self.act(Action::Listen { contact, offer, supervisor, mode });
        }
    }

    /// The supervisor's phone did not take the call; whether the offer is one of listening.
    pub(super) fn supervisor_not_taken(&mut self, offer: OfferId, end: OfferEnd) -> bool {
        let Some((contact, _)) = self.listened_by(offer) else { return false };
        self.tell_listening_ended(contact, not_taken(end));
        true
    }

    /// The supervisor's leg is gone; whether the offer is one of listening.
    pub(super) fn supervisor_gone(&mut self, offer: OfferId) -> bool {
        let Some((contact, listening)) = self.listened_by(offer) else { return false };
        let reason = match listening.rings_until {
            Some(_) => ListeningEnd::Rejected,
            None => ListeningEnd::Finished,
        };
        self.tell_listening_ended(contact, reason);
        self.leave_listened(contact);
        true
    }

    /// The two who are left need no mix.
    fn leave_listened(&mut self, contact: ContactId) {
        if let Some(Stage::Talking { offer, held: None, .. }) = self.stage(contact) {
            self.act(Action::Bridge { contact, offer });
        }
    }

    /// What the supervisor listens to is over; nothing where nobody listens.
    pub(super) fn dismiss_supervisor(&mut self, contact: ContactId, reason: ListeningEnd) {
        if let Some(listening) = self.listening(contact) {
            self.tell_listening_ended(contact, reason);
            self.act(Action::DropAgent { offer: listening.offer });
        }
    }

    /// The supervisor's phone rang until its deadline; whether it did.
    pub(super) fn supervisor_rung_in_vain(&mut self, contact: ContactId) -> bool {
        let rings_until = self.listening(contact).and_then(|it| it.rings_until);
        let is_due = rings_until.is_some_and(|until| until <= self.now);
        if is_due {
            self.dismiss_supervisor(contact, ListeningEnd::NoAnswer);
        }
        is_due
    }

    pub(super) fn tell_listening_ended(&mut self, contact: ContactId, reason: ListeningEnd) {
        let Some(Listening { offer, supervisor, .. }) = self.listening(contact) else { return };
        self.tell_contact(contact, ContactEvent::ListeningEnded { offer, supervisor, reason });
    }
}

fn not_taken(end: OfferEnd) -> ListeningEnd {
    match end {
        OfferEnd::Busy => ListeningEnd::Busy,
        OfferEnd::Rejected => ListeningEnd::Rejected,
        _ => ListeningEnd::Unreachable,
    }
}
