//! A customer is passed on to an outside number: we call it for them, and the two talk.
//!
//! The agent wraps up at once, as with every transfer. Whoever is not reached there gives the
//! customer back to the queue that they came from, in the place that they had.

use std::time::Duration;

use caruso_contact::{
    AgentId, ContactEvent, ContactId, DestinationId, EndCause, Event, EventId, OfferId, Party,
    Personal, Time,
};

use super::{Step, dial};
use crate::ongoing::{Ongoing, Stage};
use crate::permit::to_destination;
use crate::{Action, Configuration, DEFAULT_OFFER_TIMEOUT, NotReached, Permit, Refusal};

/// Whether a contact can be passed on to a destination.
pub(super) fn admit(
    configuration: &Configuration,
    known: &Ongoing,
    to: &DestinationId,
) -> Result<(), Refusal> {
    permit(configuration, to).ok_or(Refusal::UnknownDestination)?;
    if known.is_call() { Ok(()) } else { Err(Refusal::NoCall) }
}

pub(super) fn permit(configuration: &Configuration, to: &DestinationId) -> Option<Permit> {
    to_destination(configuration.outbound.as_deref()?, to)
}

/// How long it rings there.
pub(super) fn ring_time(configuration: &Configuration) -> Duration {
    let rules = configuration.outbound.as_ref();
    rules.map_or(DEFAULT_OFFER_TIMEOUT, |rules| rules.ring_time)
}

impl Step<'_> {
    /// The customer hears music until it rings there.
    pub(super) fn call_outside(&mut self, contact: ContactId, to: DestinationId, by: AgentId) {
        let Some(permit) = permit(self.configuration, &to) else { return };
        let id = EventId(self.ids.next_id());
        let offer = OfferId(id.0);
        let event = ContactEvent::OutsideCalled {
            agent: by,
            offer,
            destination: to,
            called: Personal::Known(permit.called().to_owned()),
            deadline: self.now.after(ring_time(self.configuration)),
        };
        self.tell_as(id, Event::Contact { contact, event });
        self.play_music_alone(contact);
        self.act(Action::CallOutside { contact, offer, permit });
    }

    /// The customer is given to whoever was asked there, or who is still to answer. A newer release
    /// may not name the number any more that is on the line.
    pub(super) fn give_outside(
        &mut self,
        contact: ContactId,
        (offer, destination): (OfferId, DestinationId),
        rings_until: Option<Time>,
        by: AgentId,
    ) {
        let named = permit(self.configuration, &destination);
        let called = named.map_or(Personal::Erased { erased: true }, |permit| {
            Personal::Known(permit.called().to_owned())
        });
        let deadline = rings_until.unwrap_or(self.now);
        let event = ContactEvent::OutsideCalled { agent: by, offer, destination, called, deadline };
        self.tell_contact(contact, event);
        if rings_until.is_some() {
            self.play_music_alone(contact);
        } else {
            self.tell_contact(contact, ContactEvent::OutsideConnected { offer });
            self.act(Action::Bridge { contact, offer });
        }
    }

    /// Without a word of what a customer may do who waits.
    fn play_music_alone(&mut self, contact: ContactId) {
        if let Some(prompt) = self.music(contact) {
            self.act(Action::PlayMusic { contact, prompt, offer: None });
        }
    }

    /// Whether it was an outside number that answered.
    pub(super) fn outside_answered(&mut self, offer: OfferId) -> bool {
        let Some((contact, is_connected)) = self.outside_by(offer) else { return false };
        if !is_connected {
            self.tell_contact(contact, ContactEvent::OutsideConnected { offer });
            self.act(Action::Bridge { contact, offer });
        }
        true
    }

    pub(super) fn outside_not_reached(&mut self, offer: OfferId, because: NotReached) {
        if self.asked_not_reached(offer, because) {
            return;
        }
        if let Some((contact, false)) = self.outside_by(offer) {
            let (_, cause) = dial::outcome(because);
            self.come_back(contact, offer, cause);
        }
    }

    /// Whether it was the leg of an outside number that is gone.
    pub(super) fn outside_gone(&mut self, offer: OfferId) -> bool {
        match self.outside_by(offer) {
            Some((contact, true)) => {
                self.end(contact, Party::Outside, EndCause::HungUp);
                self.drop_caller(contact, EndCause::HungUp);
            }
            Some((contact, false)) => self.come_back(contact, offer, EndCause::Unreachable),
            None => return false,
        }
        true
    }

    /// It rang there until the deadline, or they talked as long as anybody may.
    pub(super) fn outside_is_over(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Outside { is_connected: true, .. }) => {
                self.end_outside(contact, Party::System, EndCause::TalkedTooLong);
            }
            Some(Stage::Outside { offer, .. }) => {
                self.come_back(contact, offer, EndCause::NoAnswer);
                self.act(Action::DropAgent { offer });
            }
            _ => {}
        }
    }

    /// Ends both legs.
    pub(super) fn end_outside(&mut self, contact: ContactId, by: Party, cause: EndCause) {
        let Some(Stage::Outside { offer, .. }) = self.stage(contact) else { return };
        self.end(contact, by, cause);
        self.drop_caller(contact, cause);
        self.act(Action::DropAgent { offer });
    }

    fn come_back(&mut self, contact: ContactId, offer: OfferId, cause: EndCause) {
        self.tell_contact(contact, ContactEvent::OutsideNotReached { offer, cause });
        self.return_to_queue(contact);
        self.play_music(contact);
    }

    fn outside_by(&self, offer: OfferId) -> Option<(ContactId, bool)> {
        let contact = self.domain.offers.get(&offer).copied()?;
        match self.stage(contact)? {
            Stage::Outside { is_connected, .. } => Some((contact, is_connected)),
            _ => None,
        }
    }
}
