//! Consultation: the agent asks a colleague, or somebody at an outside number, about the customer,
//! who is on hold with music.
//!
//! While it goes on, holding and taking back the customer is switching between the two: the
//! colleague hears the agent while the customer is on hold, and music while the agent talks with
//! the customer, unless all three confer. Whoever leaves, the customer stays with somebody: an
//! agent who hangs up gives them to the colleague, as one who completes does, and a colleague who
//! hangs up leaves them with the agent. An agent may also ask by another line of their phone, which
//! then has the colleague, and the first one the customer. Who is asked outside has no state: where
//! they do not answer, the agent has the customer back, and who hangs up then is gone.

use std::time::Duration;

use caruso_contact::{
    AgentId, AgentState, ConsultationEnd, Consulted, ContactEvent, ContactId, Event, EventId,
    HoldPlace, ListeningEnd, OfferEnd, OfferId, Personal, StateCause,
};

use super::{Step, agents, hold, outside};
use crate::domain::Domain;
use crate::ongoing::{Consultation, Stage};
use crate::{
    Action, AtPhone, Configuration, DEFAULT_OFFER_TIMEOUT, Input, NotReached, Permit, Refusal,
};

/// Whether what an agent wants can be.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    input: &Input,
) -> Result<(), Refusal> {
    if let Input::AtPhone(AtPhone::Consults { agent, contact, colleague, .. }) = input {
        return admit_line(domain, agent, *contact, colleague);
    }
    let (Input::Consult { agent, contact, .. }
    | Input::Complete { agent, contact }
    | Input::Confer { agent, contact }
    | Input::EndConsultation { agent, contact }) = input
    else {
        return Ok(());
    };
    let known = agents::led(domain, agent, *contact).ok_or(Refusal::NotTalking)?;
    let Input::Consult { asked: whom, .. } = input else {
        let asked = known.consultation.as_ref().ok_or(Refusal::NotConsulting)?;
        let confers = matches!(input, Input::Confer { .. });
        return match hold::place(known) {
            _ if confers && asked.rings_until.is_some() => Err(Refusal::NotConsulting),
            _ if confers && asked.line.is_some() => Err(Refusal::HeldByPhone),
            Some(HoldPlace::Telephone) if confers => Err(Refusal::HeldByPhone),
            _ => Ok(()),
        };
    };
    match whom {
        _ if !known.is_call() => Err(Refusal::NoCall),
        _ if known.consultation.is_some() => Err(Refusal::Consulting),
        _ if hold::place(known) == Some(HoldPlace::Telephone) => Err(Refusal::HeldByPhone),
        Consulted::Outside { destination } => outside::admit(configuration, known, destination),
        Consulted::Colleague { colleague } => match agents::state(domain, colleague) {
            AgentState::Ready => Ok(()),
            _ => Err(Refusal::NotReady),
        },
    }
}

/// The phone holds the customer by itself, or will: that is its own affair.
fn admit_line(
    domain: &Domain,
    agent: &AgentId,
    contact: ContactId,
    colleague: &AgentId,
) -> Result<(), Refusal> {
    let known = agents::led(domain, agent, contact).ok_or(Refusal::NotTalking)?;
    match agents::state(domain, colleague) {
        _ if !known.is_call() => Err(Refusal::NoCall),
        _ if known.consultation.is_some() => Err(Refusal::Consulting),
        AgentState::Ready => Ok(()),
        _ => Err(Refusal::NotReady),
    }
}

impl Step<'_> {
    pub(super) fn take_consultation(&mut self, input: Input) {
        match input {
            Input::Consult { contact, asked, note, script_session, .. } => {
                self.consult(contact, asked, note, script_session);
            }
            Input::Complete { contact, .. } => self.complete(contact),
            Input::Confer { contact, .. } => self.confer(contact),
            Input::EndConsultation { contact, .. } => {
                self.let_colleague_go(contact);
                self.retrieve(contact, HoldPlace::Desk);
            }
            _ => {}
        }
    }

    fn consult(
        &mut self,
        contact: ContactId,
        asked: Consulted,
        note: Personal<String>,
        script_session: Option<String>,
    ) {
        let Some(Stage::Talking { agent, offer: own, .. }) = self.stage(contact) else { return };
        let permit = match &asked {
            Consulted::Colleague { .. } => None,
            Consulted::Outside { destination } => outside::permit(self.configuration, destination),
        };
        self.hold(contact, HoldPlace::Desk);
        let called = permit.as_ref().map(Permit::called);
        let offer = self.ask((contact, agent), (asked.clone(), called), note, script_session, None);
        match (asked, permit) {
            (Consulted::Colleague { colleague: agent }, _) => {
                self.act(Action::Ring { offer, contact, agent });
            }
            (_, Some(permit)) => self.act(Action::AskOutside { agent: own, offer, permit }),
            _ => {}
        }
    }

    /// The agent has called the colleague by another line of the phone.
    pub(super) fn consult_by_line(
        &mut self,
        contact: ContactId,
        colleague: AgentId,
        line: OfferId,
    ) {
        let Some(Stage::Talking { agent, .. }) = self.stage(contact) else { return };
        let note = Personal::Known(String::new());
        let asked = (colleague.clone().into(), None);
        let offer = self.ask((contact, agent), asked, note, None, Some(line));
        self.act(Action::RingForLine { offer, contact, agent: colleague, line });
    }

    /// Tells that somebody is asked, whose phone is to ring.
    fn ask(
        &mut self,
        (contact, agent): (ContactId, AgentId),
        (asked, called): (Consulted, Option<&str>),
        note: Personal<String>,
        script_session: Option<String>,
        line: Option<OfferId>,
    ) -> OfferId {
        let timeout = match asked {
            Consulted::Outside { .. } => outside::ring_time(self.configuration),
            Consulted::Colleague { .. } => self.offer_timeout(contact),
        };
        let deadline = self.now.after(timeout);
        let id = EventId(self.ids.next_id());
        let (offer, colleague) = (OfferId(id.0), asked.colleague().cloned());
        let event = ContactEvent::ConsultationAsked {
            agent,
            offer,
            asked,
            called: called.map(|number| Personal::Known(number.to_owned())),
            deadline,
            note,
            script_session,
            line,
        };
        self.tell_as(id, Event::Contact { contact, event });
        self.dismiss_supervisor(contact, ListeningEnd::Passed);
        if let Some(colleague) = colleague {
            let offered = AgentState::Offered { contact, offer };
            self.change_agent(&colleague, offered, StateCause::Offered);
        }
        offer
    }

    /// How long a phone rings for a contact.
    fn offer_timeout(&self, contact: ContactId) -> Duration {
        let place = self.contact(contact).and_then(|contact| contact.place.as_ref());
        let queue = place.and_then(|(queue, _)| self.configuration.queues.get(queue));
        queue.map_or(DEFAULT_OFFER_TIMEOUT, |queue| queue.offer_timeout)
    }

    fn confer(&mut self, contact: ContactId) {
        let Some(Stage::Talking { offer: a, agent, held, .. }) = self.stage(contact) else {
            return;
        };
        let Some(Consultation { offer: b, is_conference: false, .. }) = self.consultation(contact)
        else {
            return;
        };
        if held.is_some() {
            self.tell_contact(contact, ContactEvent::Retrieved { agent: agent.clone() });
        }
        self.tell_contact(contact, ContactEvent::ConferenceStarted { agent });
        self.act(Action::Confer { contact, a, b });
    }

    /// Whether customer, agent and colleague hear each other.
    pub(super) fn confers(&self, contact: ContactId) -> bool {
        self.consultation(contact).is_some_and(|it| it.is_conference)
    }

    pub(super) fn consultation(&self, contact: ContactId) -> Option<Consultation> {
        self.contact(contact).and_then(|contact| contact.consultation.clone())
    }

    /// The contact about which who has the leg of this offer is asked.
    fn asked_by(&self, offer: OfferId) -> Option<(ContactId, Consultation)> {
        let contact = self.domain.offers.get(&offer).copied()?;
        let consultation = self.consultation(contact).filter(|it| it.offer == offer)?;
        Some((contact, consultation))
    }

    /// The colleague's phone answered; whether the offer is one of a consultation.
    pub(super) fn colleague_answered(&mut self, offer: OfferId) -> bool {
        let Some((contact, consultation)) = self.asked_by(offer) else { return false };
        let Consultation { asked, rings_until, .. } = consultation;
        if rings_until.is_some() {
            let colleague = asked.colleague().cloned();
            self.tell_contact(contact, ContactEvent::ConsultationAnswered { offer, asked });
            if let Some(colleague) = colleague {
                let talks = AgentState::Talking { contact };
                self.change_agent(&colleague, talks, StateCause::Answered);
            }
            self.let_colleague_hear(contact);
        }
        true
    }

    /// The colleague hears the agent, or waits with music while the agent is with the customer or
    /// holds the call by the telephone. Nothing while the phone rings.
    pub(super) fn let_colleague_hear(&mut self, contact: ContactId) {
        let Some(Stage::Talking { offer: a, held, .. }) = self.stage(contact) else { return };
        let Some(Consultation { offer, rings_until: None, line, .. }) = self.consultation(contact)
        else {
            return;
        };
        if let Some(line) = line {
            // with which line the agent talks, the phone decides
            self.act(Action::BridgeAgents { a: line, b: offer });
        } else if held == Some(HoldPlace::Desk) {
            self.act(Action::BridgeAgents { a, b: offer });
        } else if let Some(prompt) = self.music(contact) {
            self.act(Action::PlayToAgent { offer, prompt });
        }
    }

    /// The colleague's phone did not take the call; whether the offer is one of a consultation.
    pub(super) fn colleague_not_taken(&mut self, offer: OfferId, end: OfferEnd) -> bool {
        let Some((contact, asked)) = self.asked_by(offer) else { return false };
        if asked.asked.colleague().is_none() && asked.rings_until.is_none() {
            // who has answered outside is gone, however that is told
            return self.colleague_gone(offer);
        }
        self.fail_consultation(contact, end);
        true
    }

    /// Who is asked outside was not reached; whether the offer is one of a consultation.
    pub(super) fn asked_not_reached(&mut self, offer: OfferId, because: NotReached) -> bool {
        let Some((contact, asked)) = self.asked_by(offer) else { return false };
        if asked.rings_until.is_some() {
            let end = match because {
                NotReached::Busy => OfferEnd::Busy,
                NotReached::NoAnswer => OfferEnd::NoAnswer,
                NotReached::Rejected => OfferEnd::Rejected,
                NotReached::Unreachable | NotReached::Congestion => OfferEnd::Unreachable,
            };
            self.fail_consultation(contact, end);
        }
        true
    }

    /// The colleague's leg is gone; whether the offer is one of a consultation. The agent is left
    /// with the customer as they are, on hold or talking.
    pub(super) fn colleague_gone(&mut self, offer: OfferId) -> bool {
        let Some((contact, consultation)) = self.asked_by(offer) else { return false };
        if consultation.rings_until.is_some() {
            self.fail_consultation(contact, OfferEnd::Rejected);
        } else {
            self.end_consultation(contact, ConsultationEnd::Finished);
            self.leave_two(contact, &consultation);
        }
        true
    }

    /// The line of the agent's phone is gone by which they asked a colleague; whether it is one.
    pub(super) fn line_gone(&mut self, offer: OfferId) -> bool {
        let Some(contact) = self.domain.offers.get(&offer).copied() else { return false };
        let is_line = self.consultation(contact).is_some_and(|it| it.line == Some(offer));
        if is_line {
            self.let_colleague_go(contact);
        }
        is_line
    }

    /// Who is left of a conference without the colleague needs no mix.
    fn leave_two(&mut self, contact: ContactId, left: &Consultation) {
        if let Some(Stage::Talking { offer, .. }) =
            self.stage(contact).filter(|_| left.is_conference)
        {
            self.act(Action::Bridge { contact, offer });
        }
    }

    /// The colleague declines at the desk; whether it is a consultation that rings there.
    pub(super) fn colleague_declines(&mut self, contact: ContactId, agent: &AgentId) -> bool {
        let Some(asked) = self.consultation(contact).filter(|it| it.asked.is(agent)) else {
            return false;
        };
        self.fail_consultation(contact, OfferEnd::Rejected);
        self.act(Action::DropAgent { offer: asked.offer });
        true
    }

    /// Somebody hangs up at the desk; whether there was a consultation, which says what follows.
    pub(super) fn hangs_up_consulting(&mut self, contact: ContactId, agent: &AgentId) -> bool {
        match self.consultation(contact) {
            None => return false,
            Some(asked) if asked.asked.is(agent) => self.let_colleague_go(contact),
            Some(_) => self.complete(contact),
        }
        true
    }

    /// The agent of this offer is gone; whether they had a colleague, who has the customer now.
    pub(super) fn gone_while_consulting(&mut self, contact: ContactId) -> bool {
        let consults = self.consultation(contact).is_some();
        if consults {
            self.complete(contact);
        }
        consults
    }

    /// Who is asked gets the customer, or, where the phone still rings, is offered them by name or
    /// is called for them.
    fn complete(&mut self, contact: ContactId) {
        let Some(Stage::Talking { offer: own, agent, .. }) = self.stage(contact) else { return };
        let Some(asked) = self.consultation(contact) else { return };
        self.tell_ended(contact, &asked, ConsultationEnd::Completed);
        // the note was told when the colleague was asked
        let note = Personal::Known(String::new());
        self.tell_contact(contact, ContactEvent::Transferred { agent: agent.clone(), note });
        self.begin_wrap_up(contact, &agent);
        self.act(Action::DropAgent { offer: own });
        let Consultation { offer, asked, rings_until, .. } = asked;
        let colleague = match asked {
            Consulted::Colleague { colleague } => colleague,
            Consulted::Outside { destination } => {
                return self.give_outside(contact, (offer, destination), rings_until, agent);
            }
        };
        if let Some(deadline) = rings_until {
            let id = EventId(self.ids.next_id());
            self.tell_offered_by_name((id, offer), contact, &colleague, deadline, agent);
            self.play_music(contact);
        } else {
            self.tell_contact(contact, ContactEvent::Connected { offer, agent: colleague });
            self.act(Action::Bridge { contact, offer });
        }
    }

    /// The colleague has nothing to do with it any more, without any fault of theirs.
    fn let_colleague_go(&mut self, contact: ContactId) {
        let Some(asked) = self.consultation(contact) else { return };
        let reason = match asked.rings_until {
            Some(_) => ConsultationEnd::Cancelled,
            None => ConsultationEnd::Finished,
        };
        self.end_consultation(contact, reason);
        self.act(Action::DropAgent { offer: asked.offer });
        self.leave_two(contact, &asked);
    }

    /// The call is over, and with it the consultation.
    pub(super) fn dismiss_colleague(&mut self, contact: ContactId) {
        if let Some(asked) = self.consultation(contact) {
            self.end_consultation(contact, ConsultationEnd::CallOver);
            self.act(Action::DropAgent { offer: asked.offer });
        }
    }

    /// After a restart nobody rings any more.
    pub(super) fn take_consultation_back(&mut self, contact: ContactId) {
        if self.consultation(contact).is_some_and(|it| it.rings_until.is_some()) {
            self.let_colleague_go(contact);
        }
    }

    /// The phone rang until its deadline; whether it did.
    pub(super) fn has_rung_in_vain(&mut self, contact: ContactId) -> bool {
        let Some(asked) = self.consultation(contact) else { return false };
        let is_due = asked.rings_until.is_some_and(|until| until <= self.now);
        if is_due {
            self.fail_consultation(contact, OfferEnd::NoAnswer);
            self.act(Action::DropAgent { offer: asked.offer });
        }
        is_due
    }

    /// The phone of a colleague who is asked is lost; whether it is that offer.
    pub(super) fn colleague_lost(&mut self, offer: OfferId) -> bool {
        let Some((contact, asked)) = self.asked_by(offer) else { return false };
        self.tell_ended(contact, &asked, ConsultationEnd::Unreachable);
        true
    }

    /// The colleague answered nobody: not ready, as after any offer. Where nobody answered outside,
    /// the agent has the customer back.
    fn fail_consultation(&mut self, contact: ContactId, end: OfferEnd) {
        let Some(asked) = self.consultation(contact) else { return };
        self.tell_ended(contact, &asked, ended(end));
        match asked.asked.colleague() {
            Some(colleague) => self.pause(colleague, end),
            None => self.retrieve(contact, HoldPlace::Desk),
        }
    }

    /// The colleague is free again.
    fn end_consultation(&mut self, contact: ContactId, reason: ConsultationEnd) {
        let Some(asked) = self.consultation(contact) else { return };
        self.tell_ended(contact, &asked, reason);
        let cause = match asked.rings_until {
            Some(_) => StateCause::OfferWithdrawn,
            None => StateCause::CallEnded,
        };
        if let Some(colleague) = asked.asked.colleague() {
            self.free(colleague, cause);
        }
    }

    fn tell_ended(&mut self, contact: ContactId, asked: &Consultation, reason: ConsultationEnd) {
        let (offer, whom) = (asked.offer, asked.asked.clone());
        let ended = ContactEvent::ConsultationEnded { offer, asked: whom, reason };
        self.tell_contact(contact, ended);
        if let Some(offer) = asked.line {
            self.act(Action::DropAgent { offer });
        }
    }
}

/// How a consultation ended that the colleague did not take.
fn ended(end: OfferEnd) -> ConsultationEnd {
    match end {
        OfferEnd::NoAnswer => ConsultationEnd::NoAnswer,
        OfferEnd::Rejected => ConsultationEnd::Rejected,
        OfferEnd::Busy => ConsultationEnd::Busy,
        OfferEnd::Unreachable => ConsultationEnd::Unreachable,
        OfferEnd::CallerGone => ConsultationEnd::CallOver,
        OfferEnd::Cancelled | OfferEnd::AnsweredElsewhere => ConsultationEnd::Cancelled,
    }
}
