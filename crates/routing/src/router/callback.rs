//! Callbacks: a customer hangs up and keeps the place in line.
//!
//! The contact stays where it is in its queue, without a leg. In its turn it is offered like any
//! other; the agent whose phone answers hears the customer's ring, whom the gate has permitted to
//! call. Whoever is not reached waits on in the same place, and stands in line again after a while.

use caruso_contact::{
    AgentId, AgentState, ContactEvent, ContactId, DialRule, EndCause, OfferEnd, OfferId, Party,
    Personal, QueueId, StateCause,
};

use super::Step;
use super::callers::Attributes;
use crate::ongoing::{Ongoing, Ringing, Stage};
use crate::permit::{KnownOfNumber, called_number, permit};
use crate::{Action, CALLBACK_REST, Callback, DEFAULT_AGAIN, Denied, Input, OutboundRules, Permit};

impl<'a> Step<'a> {
    pub(super) fn take_callback(&mut self, input: Input) {
        match input {
            Input::CallBack { offer, number, known } => self.call_back(offer, &number, &known),
            Input::CallbackSettled { contact } if self.is_called_back(contact) => {
                self.settle_callback(contact);
            }
            _ => {}
        }
    }

    /// Whether the customer has hung up and is to be called back, or is being called.
    pub(super) fn is_called_back(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.callback.is_some())
    }

    /// The number at which a customer wants to be called back whom the script hands over, as E.164.
    /// Nothing where the queue calls nobody back, the number may not be called, or as many are to
    /// be called back as may wait: they wait as everybody does.
    pub(super) fn wanted_callback(
        &self,
        contact: ContactId,
        id: &QueueId,
        attributes: &Attributes,
    ) -> Option<(&'a Callback, String)> {
        let queue = self.configuration.queues.get(id)?;
        let rules = queue.callback.as_ref()?;
        let is_call = self.contact(contact).is_some_and(Ongoing::is_on_line);
        let text = attributes.known()?.get(&rules.by)?;
        let outbound = self.outbound()?;
        let number = called_number(outbound, text).filter(|it| outbound.may_reach(it))?;
        let has_room = self.domain.called_back(id) < queue.maximum_length;
        (is_call && has_room).then_some((rules, number))
    }

    /// Whether the customer hears music in a queue, or a script that talks with them meanwhile.
    pub(super) fn waits_on_line(&self, contact: ContactId) -> bool {
        let waits = |it: &Ongoing| it.stage == Stage::Waiting && it.is_on_line();
        self.contact(contact).is_some_and(waits)
    }

    /// What a customer who waits hears after the music, where their queue offers to call back.
    pub(super) fn callback_offer(&self, contact: ContactId) -> Option<String> {
        let rules = self.rules(contact).filter(|_| self.waits_on_line(contact))?;
        rules.offer.as_ref().map(|offer| offer.prompt.clone())
    }

    /// The script that talked with a waiting customer is at its end: they are called back, or wait
    /// on as before. Nothing else of what it hands over counts.
    pub(super) fn hand_back(&mut self, contact: ContactId, attributes: &Attributes) {
        let place = self.contact(contact).and_then(|it| it.place.as_ref());
        let queue = place.map(|(queue, _)| queue.clone());
        match queue.and_then(|queue| self.wanted_callback(contact, &queue, attributes)) {
            Some((rules, number)) => self.ask_callback(contact, rules, number),
            None => {
                self.end_aside(contact);
                self.play_music(contact);
            }
        }
    }

    pub(super) fn ask_callback(&mut self, contact: ContactId, rules: &Callback, number: String) {
        let number = Personal::Known(number);
        let (not_before, expires_at) =
            (self.now.after(CALLBACK_REST), self.now.after(rules.expires));
        let asked = ContactEvent::CallbackAsked { number, not_before, expires_at };
        self.tell_contact(contact, asked);
        self.require_anew(contact);
        let (cause, prompt) = (EndCause::HungUp, Some(rules.say.clone()));
        self.act(Action::DropCaller { contact, cause, prompt });
    }

    fn call_back(&mut self, offer: OfferId, number: &str, known: &KnownOfNumber) {
        let contact = self.domain.called_back_by(offer);
        let ringing = contact.and_then(|it| Some((it, self.ringing(it, offer)?)));
        let Some((contact, ringing)) = ringing else {
            // it was settled, or the time was over, while the answer was on its way
            return self.act(Action::DropAgent { offer });
        };
        let Some(rules) = self.outbound() else {
            return self.give_up(contact, ringing, None);
        };
        let first = rules.purposes.first().map(|(id, _)| id);
        let Some(purpose) = self.rules(contact).map(|it| &it.purpose).or(first) else {
            return self.give_up(contact, ringing, None);
        };
        match permit(rules, number, purpose, known, self.now) {
            Ok(permit) => self.call_with(contact, offer, ringing.agent, rules, permit),
            Err(denied) => self.give_up(contact, ringing, Some(denied)),
        }
    }

    fn call_with(
        &mut self,
        contact: ContactId,
        offer: OfferId,
        agent: AgentId,
        rules: &OutboundRules,
        permit: Permit,
    ) {
        let deadline = self.now.after(rules.ring_time);
        let evidence = permit.evidence().cloned();
        let called = ContactEvent::CustomerCalled { agent: agent.clone(), deadline, evidence };
        self.tell_contact(contact, called);
        self.change_agent(&agent, AgentState::Dialling { contact, offer }, StateCause::Dialled);
        self.act(Action::CallBack { contact, offer, permit });
    }

    /// The customer may not be called. What time mends is tried again; else it is over.
    fn give_up(&mut self, contact: ContactId, ringing: Ringing, denied: Option<Denied>) {
        let rule = denied.as_ref().and_then(|it| it.evidence.denied);
        let is_for_now = matches!(
            rule,
            Some(DialRule::OutOfHours | DialRule::TooManyAttempts | DialRule::DoNotCallUnknown)
        );
        let rings = [ringing];
        self.withdraw(contact, &rings, OfferEnd::Cancelled);
        let evidence = denied.map(|it| it.evidence);
        let [Ringing { agent, .. }] = &rings;
        self.tell_postponed(contact, agent, (EndCause::Denied, false), evidence);
        if !is_for_now {
            self.end(contact, Party::System, EndCause::Denied);
        }
        self.drop_agents(&rings);
    }

    /// Nobody talked: the customer waits on, unless they were called as often as the queue allows.
    /// The agent is free at once. Whether it waits on.
    pub(super) fn postpone_callback(
        &mut self,
        contact: ContactId,
        agent: &AgentId,
        cause: EndCause,
    ) -> bool {
        let is_attempt = matches!(
            cause,
            EndCause::Busy | EndCause::NoAnswer | EndCause::Rejected | EndCause::Unreachable
        );
        let made = self.contact(contact).and_then(|it| it.callback.as_ref());
        let made = made.map_or(0, |it| it.attempts.saturating_add(u32::from(is_attempt)));
        let most = self.rules(contact).map_or(1, |rules| rules.attempts);
        if is_attempt && made >= most {
            return false;
        }
        self.tell_postponed(contact, agent, (cause, is_attempt), None);
        self.free(agent, StateCause::CallEnded);
        true
    }

    fn tell_postponed(
        &mut self,
        contact: ContactId,
        agent: &AgentId,
        (cause, is_attempt): (EndCause, bool),
        evidence: Option<caruso_contact::DialEvidence>,
    ) {
        let again = self.rules(contact).map_or(DEFAULT_AGAIN, |rules| rules.again);
        let (agent, not_before) = (agent.clone(), self.now.after(again));
        let postponed =
            ContactEvent::CallbackPostponed { agent, cause, is_attempt, not_before, evidence };
        self.tell_contact(contact, postponed);
    }

    /// A customer who is being called already is talked with.
    fn settle_callback(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Waiting | Stage::Postponed { .. }) => {
                self.end(contact, Party::System, EndCause::CalledAgain);
            }
            Some(Stage::Offered { rings, .. }) => {
                self.withdraw(contact, &rings, OfferEnd::CallerGone);
                self.end(contact, Party::System, EndCause::CalledAgain);
                self.drop_agents(&rings);
            }
            _ => {}
        }
    }

    /// How the queue of a contact calls back.
    pub(super) fn rules(&self, contact: ContactId) -> Option<&'a Callback> {
        let (queue, _) = self.contact(contact)?.place.as_ref()?;
        self.configuration.queues.get(queue)?.callback.as_ref()
    }

    fn outbound(&self) -> Option<&'a OutboundRules> {
        self.configuration.outbound.as_deref()
    }
}
