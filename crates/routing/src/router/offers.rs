//! What becomes of an offer, and the conversation it may lead to.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, EndCause, ListeningEnd, OfferEnd,
    OfferId, Party, StateCause, reason,
};

use super::Step;
use crate::ongoing::{Ringing, Stage};
use crate::{Action, DEFAULT_WRAP_UP_TIME, NotTaken, Queue};

impl Step<'_> {
    pub(super) fn answered(&mut self, offer: OfferId) {
        if self.colleague_answered(offer)
            || self.dialler_answered(offer)
            || self.supervisor_answered(offer)
            || self.outside_answered(offer)
        {
            return;
        }
        let contact = self.domain.offers.get(&offer).copied();
        match contact.and_then(|contact| Some((contact, self.stage(contact)?))) {
            Some((contact, Stage::Offered { .. })) if self.is_called_back(contact) => {}
            Some((contact, Stage::Offered { rings, .. })) => self.connect(contact, offer, rings),
            Some(_) => {}
            // The customer left, or the time was over, while the answer was on its way.
            None => self.act(Action::DropAgent { offer }),
        }
    }

    /// The first who answers has the customer; the other phones ring no longer.
    fn connect(&mut self, contact: ContactId, offer: OfferId, rings: Vec<Ringing>) {
        let is_first = |it: &Ringing| it.offer == offer;
        let Some(agent) = rings.iter().find(|it| is_first(it)).map(|it| it.agent.clone()) else {
            return;
        };
        let others: Vec<Ringing> = rings.into_iter().filter(|it| !is_first(it)).collect();
        self.withdraw(contact, &others, OfferEnd::AnsweredElsewhere);
        let connected = ContactEvent::Connected { offer, agent: agent.clone() };
        self.tell_contact(contact, connected);
        self.change_agent(&agent, AgentState::Talking { contact }, StateCause::Answered);
        self.act(Action::Bridge { contact, offer });
        self.drop_agents(&others);
    }

    pub(super) fn not_taken(&mut self, offer: OfferId, because: NotTaken) {
        let end = match because {
            NotTaken::Rejected => OfferEnd::Rejected,
            NotTaken::Busy => OfferEnd::Busy,
            NotTaken::Unreachable => OfferEnd::Unreachable,
        };
        if self.line_gone(offer)
            || self.colleague_not_taken(offer, end)
            || self.dialler_gone(offer)
            || self.supervisor_not_taken(offer, end)
        {
            return;
        }
        let Some(contact) = self.domain.offers.get(&offer).copied() else { return };
        if let Some(Ringing { agent, .. }) = self.ringing(contact, offer) {
            self.fail_offer(contact, offer, &agent, end);
        }
    }

    /// The agent's leg is gone: before the answer that is a refusal, after it a hang-up.
    pub(super) fn agent_gone(&mut self, offer: OfferId) {
        if self.line_gone(offer)
            || self.colleague_gone(offer)
            || self.dialler_gone(offer)
            || self.supervisor_gone(offer)
            || self.outside_gone(offer)
        {
            return;
        }
        let Some(contact) = self.domain.offers.get(&offer).copied() else { return };
        match self.stage(contact) {
            Some(Stage::Talking { .. }) if self.gone_while_consulting(contact) => {}
            Some(Stage::Talking { agent, .. }) => {
                self.end_talk(contact, &agent, Party::Agent, EndCause::HungUp);
                self.drop_caller(contact, EndCause::HungUp);
            }
            Some(Stage::Offered { .. }) => self.not_taken(offer, NotTaken::Rejected),
            _ => {}
        }
    }

    /// The phone that this offer makes ring.
    pub(super) fn ringing(&self, contact: ContactId, offer: OfferId) -> Option<Ringing> {
        let Some(Stage::Offered { rings, .. }) = self.stage(contact) else { return None };
        rings.into_iter().find(|it| it.offer == offer)
    }

    /// That phone of an agent which rings for the contact.
    pub(super) fn ringing_of(&self, contact: ContactId, agent: &AgentId) -> Option<OfferId> {
        let Some(Stage::Offered { rings, .. }) = self.stage(contact) else { return None };
        rings.into_iter().find(|it| it.agent == *agent).map(|it| it.offer)
    }

    /// The agent did not take the contact: it waits on in its place, the agent is not ready.
    pub(super) fn fail_offer(
        &mut self,
        contact: ContactId,
        offer: OfferId,
        agent: &AgentId,
        end: OfferEnd,
    ) {
        self.end_offer(contact, offer, agent, end);
        self.pause(agent, end);
    }

    /// The agent, who took no offer, is not ready, for a time where that is said.
    pub(super) fn pause(&mut self, agent: &AgentId, end: OfferEnd) {
        let (reason, cause) = blame(end);
        let reason = reason::id(reason);
        let pause = self.configuration.pauses.get(&reason).copied();
        self.go_on(agent, AgentState::NotReady { reason }, cause);
        let is_free = self.agent(agent).is_some_and(|agent| agent.state.contact().is_none());
        if let Some(pause) = pause.filter(|_| is_free) {
            self.tell_agent(agent, AgentEvent::ResumesAt { at: self.now.after(pause) });
        }
    }

    /// The offer is over and the customer waits on.
    pub(super) fn end_offer(
        &mut self,
        contact: ContactId,
        offer: OfferId,
        agent: &AgentId,
        reason: OfferEnd,
    ) {
        let was_by_name = self.is_offered_by_name(contact);
        let ended = ContactEvent::OfferEnded { offer, agent: agent.clone(), reason };
        self.tell_contact(contact, ended);
        if was_by_name {
            self.return_to_queue(contact);
        }
    }

    /// The offers end without any fault of the agents, who are free again.
    pub(super) fn withdraw(&mut self, contact: ContactId, rings: &[Ringing], reason: OfferEnd) {
        for Ringing { offer, agent, .. } in rings {
            let (offer, agent) = (*offer, agent.clone());
            self.tell_contact(contact, ContactEvent::OfferEnded { offer, agent, reason });
        }
        for Ringing { agent, .. } in rings {
            self.free(agent, StateCause::OfferWithdrawn);
        }
    }

    /// Phones that ring do so no longer.
    pub(super) fn drop_agents(&mut self, rings: &[Ringing]) {
        rings.iter().for_each(|it| self.act(Action::DropAgent { offer: it.offer }));
    }

    /// Ends a conversation, and a consultation about it; wrap-up begins.
    pub(super) fn end_talk(
        &mut self,
        contact: ContactId,
        agent: &AgentId,
        by: Party,
        cause: EndCause,
    ) {
        self.dismiss_colleague(contact);
        self.dismiss_supervisor(contact, ListeningEnd::CallOver);
        let is_beside = self.is_aside(contact) || self.is_interrupted(contact);
        self.tell_contact(contact, ContactEvent::Ended { by, cause });
        if is_beside {
            self.file_if_over(contact);
        } else {
            self.begin_wrap_up(contact, agent);
        }
    }

    /// The agent finishes the contact, as the queue that they had it from says.
    pub(super) fn begin_wrap_up(&mut self, contact: ContactId, agent: &AgentId) {
        let place = self.contact(contact).and_then(|contact| contact.place.as_ref());
        let queue = place.and_then(|(queue, _)| self.configuration.queues.get(queue));
        let time = queue.map_or(DEFAULT_WRAP_UP_TIME, Queue::longest_wrap_up);
        let deadline = self.now.after(time);
        let started = ContactEvent::WrapUpStarted { agent: agent.clone(), deadline };
        self.tell_contact(contact, started);
        self.change_agent(agent, AgentState::WrapUp { contact }, StateCause::CallEnded);
    }

    /// The agent has nothing to do with a contact any more: not ready if so chosen before or if
    /// the phone is lost, else ready.
    pub(super) fn free(&mut self, agent: &AgentId, cause: StateCause) {
        let Some(known) = self.agent(agent) else { return };
        let (to, cause) = match &known.next {
            Some(reason) => (AgentState::NotReady { reason: reason.clone() }, cause),
            None if !known.has_phone => {
                let reason = reason::id(reason::PHONE_LOST);
                (AgentState::NotReady { reason }, StateCause::PhoneLost)
            }
            None => (AgentState::Ready, cause),
        };
        self.go_on(agent, to, cause);
    }

    pub(super) fn phone_unregistered(&mut self, agent: &AgentId) {
        self.tell_agent(agent, AgentEvent::PhoneUnregistered);
        let to = AgentState::NotReady { reason: reason::id(reason::PHONE_LOST) };
        match self.agent(agent).map(|agent| agent.state.clone()) {
            Some(AgentState::Ready) => self.change_agent(agent, to, StateCause::PhoneLost),
            Some(AgentState::Offered { contact, offer }) => {
                if !self.colleague_lost(offer) {
                    self.end_offer(contact, offer, agent, OfferEnd::Unreachable);
                }
                self.go_on(agent, to, StateCause::PhoneLost);
                self.act(Action::DropAgent { offer });
            }
            Some(AgentState::Dialling { contact, .. }) => self.dialler_lost(agent, contact),
            _ => {}
        }
    }
}

/// Why an agent who did not take an offer is not ready.
fn blame(end: OfferEnd) -> (&'static str, StateCause) {
    match end {
        OfferEnd::Rejected => (reason::REJECTED, StateCause::Rejected),
        OfferEnd::Busy => (reason::PHONE_BUSY, StateCause::PhoneBusy),
        OfferEnd::Unreachable => (reason::PHONE_UNREACHABLE, StateCause::PhoneUnreachable),
        OfferEnd::NoAnswer
        | OfferEnd::CallerGone
        | OfferEnd::Cancelled
        | OfferEnd::AnsweredElsewhere => (reason::NO_ANSWER, StateCause::NoAnswer),
    }
}
