//! Telephones that ring, and agents who call customers: what is known of a number is given to the
//! router, which decides.

use caruso_contact::{
    AgentId, ContactEvent, ContactId, DialRule, Event, OfferId, Personal, PurposeId,
};
use caruso_routing::{
    Decision, Input, KnownOfNumber, Listed, NotTaken, Permit, Refusal, called_number,
};
use tokio::sync::oneshot;

use super::Owner;
use crate::Error;
use crate::telephony::Command;

/// An agent wants to call a customer. It is not printed whom.
pub(crate) struct Wish {
    pub(crate) agent: AgentId,
    /// The id that the contact is to have.
    pub(crate) contact: ContactId,
    /// The number as the agent has it.
    pub(crate) number: String,
    pub(crate) purpose: PurposeId,
    /// The message that the agent has and that is done with then.
    pub(crate) message: Option<ContactId>,
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wish").field("contact", &self.contact).finish_non_exhaustive()
    }
}

impl Owner {
    pub(super) async fn dial(
        &mut self,
        wish: Wish,
        done: oneshot::Sender<Result<(), Refusal>>,
    ) -> Result<(), Error> {
        let known = self.known_of(&wish.number);
        let Wish { agent, contact, number, purpose, message } = wish;
        let actor = agent.to_string();
        let input = Input::Dial { agent, contact, number, purpose, known, message };
        self.decide(input, &actor, Some(done)).await
    }

    /// An agent calls, in a contact of this new id, who left the message that they have, or who
    /// hung up waiting and whom nobody calls at this moment.
    pub(super) async fn call_back(
        &mut self,
        (agent, about, contact): (AgentId, ContactId, ContactId),
        done: oneshot::Sender<Result<(), Refusal>>,
    ) -> Result<(), Error> {
        match self.callback_wish(agent, about, contact) {
            Ok(wish) => self.dial(wish, done).await,
            Err(refusal) => {
                // whoever asked may have gone
                let _ = done.send(Err(refusal));
                Ok(())
            }
        }
    }

    fn callback_wish(
        &self,
        agent: AgentId,
        about: ContactId,
        contact: ContactId,
    ) -> Result<Wish, Refusal> {
        let (number, queue, message) = match self.abandoned.entry(about) {
            Some(entry) if entry.calling.is_some() => return Err(Refusal::CalledByOther),
            Some(entry) => (entry.number.clone(), Some(&entry.queue), None),
            None => {
                let known = self.history.contact(about).ok_or(Refusal::NoMessage)?;
                let number = known.customer_number().and_then(Personal::known);
                let number = number.ok_or(Refusal::Denied(DialRule::NotANumber))?;
                (number.clone(), known.queue.as_ref(), Some(about))
            }
        };
        let purpose = queue.and_then(|it| self.router.configuration().purpose_of(it));
        let purpose = purpose.ok_or(Refusal::NoOutbound)?.clone();
        Ok(Wish { agent, contact, number, purpose, message })
    }

    pub(super) fn known_of(&self, number: &str) -> KnownOfNumber {
        let rules = self.router.configuration().outbound.as_ref();
        let Some(called) = rules.and_then(|rules| called_number(rules, number)) else {
            return KnownOfNumber { listed: Listed::No, attempts: Vec::new() };
        };
        let listed = self.do_not_call.borrow().has(&called);
        KnownOfNumber { listed, attempts: self.attempts.of(&called) }
    }

    /// Rings the phone of an agent who is offered a call; it shows the customer's number.
    pub(super) async fn ring(&mut self, offer: OfferId, contact: ContactId, agent: &AgentId) {
        let calling = self.shown_of(contact);
        let extension = self.roster.member(agent).map(|member| member.extension.clone());
        match extension.filter(|extension| !extension.is_empty()) {
            Some(extension) => {
                self.command(Command::Ring { offer, contact, extension, calling }).await;
            }
            None => self.has_no_phone(offer),
        }
    }

    /// Rings a colleague's phone for the line of an agent's, as any that rings for the contact.
    pub(super) async fn ring_for_line(
        &mut self,
        (colleague, line): (OfferId, OfferId),
        contact: ContactId,
        agent: &AgentId,
    ) {
        let calling = self.shown_of(contact);
        let extension = self.roster.member(agent).map(|member| member.extension.clone());
        match extension.filter(|extension| !extension.is_empty()) {
            Some(extension) => {
                let offer = line;
                self.command(Command::CallColleague { offer, colleague, extension, calling }).await;
            }
            None => self.has_no_phone(colleague),
        }
    }

    /// What a phone shows that rings for a contact: the customer's number.
    fn shown_of(&self, contact: ContactId) -> String {
        let calling = self.history.contact(contact).and_then(|it| it.customer_number());
        calling.and_then(Personal::known).cloned().unwrap_or_default()
    }

    /// Told like a phone that cannot be reached, as an input of its own.
    fn has_no_phone(&self, offer: OfferId) {
        let owner = self.handle.clone();
        let input = Input::NotTaken { offer, because: NotTaken::Unreachable };
        tokio::spawn(async move { owner.tell(input).await });
    }

    /// Rings the agent's phone, which shows whom it is about, and leaves the permit with the
    /// telephone side.
    pub(super) async fn ring_to_dial(
        &mut self,
        offer: OfferId,
        contact: ContactId,
        agent: &AgentId,
        permit: Permit,
    ) {
        let extension = self.roster.member(agent).map(|member| member.extension.clone());
        match extension.filter(|extension| !extension.is_empty()) {
            Some(extension) => {
                self.command(Command::Dial { contact, offer, extension, permit }).await;
            }
            None => self.has_no_phone(offer),
        }
    }
}

/// What whoever asked is told once the events are on disk: a call that a rule forbids is recorded
/// and refused.
pub(super) fn answer(decision: &Decision) -> Result<(), Refusal> {
    let denied = decision.events.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Dialled { evidence, .. }, .. } => evidence.denied,
        _ => None,
    });
    denied.map_or(Ok(()), |rule| Err(Refusal::Denied(rule)))
}
