//! Customers who are called back: the owner knows their numbers, which routing does not.

use caruso_contact::{Channel, ContactEvent, ContactId, Event, OfferId, Personal};
use caruso_routing::{Input, called_number};

use super::{Owner, SYSTEM};
use crate::Error;
use crate::ivr::Heard;

impl Owner {
    /// An agent's phone answered; where a customer is to be called back, with what is known of the
    /// number. A number that was erased is none, and nobody is called.
    pub(super) fn agent_answered(&self, offer: OfferId) -> Input {
        let Some(contact) = self.router.domain().called_back_by(offer) else {
            return Input::Answered { offer };
        };
        let number = self.number(contact).unwrap_or_default();
        let known = self.known_of(&number);
        Input::CallBack { offer, number, known }
    }

    /// A key is for the script that talks with the customer. Where none does, it may be the one by
    /// which whoever waits asks to be called back.
    pub(super) async fn key_pressed(&mut self, contact: ContactId, key: char) -> Result<(), Error> {
        if self.ivr.is_running(contact) {
            self.ivr.heard(contact, Heard::Key(key));
            return Ok(());
        }
        self.decide(Input::KeyPressed { contact, key }, SYSTEM, None).await
    }

    /// Whoever talks with an agent need not be called back any more, and whoever asks twice is
    /// called once, in the place of the first time.
    pub(super) fn note_settled(&mut self, event: &Event) {
        let Event::Contact { contact, event } = event else { return };
        let asks_again = match event {
            // who hears a message does not talk with the customer
            ContactEvent::Connected { .. } if self.is_message(*contact) => return,
            ContactEvent::Connected { .. } => false,
            ContactEvent::CallbackAsked { .. } => true,
            _ => return,
        };
        let Some(number) = self.number(*contact) else { return };
        let waiting = self.router.domain().contacts();
        let others = waiting.filter(|(id, it)| id != contact && it.callback.is_some());
        let same: Vec<ContactId> = others
            .map(|(id, _)| id)
            .filter(|id| self.number(*id).as_ref() == Some(&number))
            .collect();
        if asks_again && !same.is_empty() {
            self.settled.push(*contact);
        } else {
            self.settled.extend(same);
        }
    }

    fn is_message(&self, contact: ContactId) -> bool {
        self.history.contact(contact).is_some_and(|it| it.channel == Channel::Voicemail)
    }

    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        while let Some(contact) = self.settled.pop() {
            self.decide(Input::CallbackSettled { contact }, SYSTEM, None).await?;
        }
        Ok(())
    }

    /// The customer's number as E.164, where it is one.
    fn number(&self, contact: ContactId) -> Option<String> {
        let number = self.history.contact(contact)?.customer_number().and_then(Personal::known)?;
        let rules = self.router.configuration().outbound.as_ref()?;
        called_number(rules, number)
    }
}
