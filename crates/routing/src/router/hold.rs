//! Hold: the agent parts from the customer for a while, who hears the queue's music.
//!
//! A call is held at the desk or at the agent's telephone. The desk cannot make a telephone take
//! back what it holds, so that such a call is taken back there.

use caruso_contact::{ContactEvent, ContactId, HoldPlace, OfferId};

use super::{Step, agents};
use crate::domain::Domain;
use crate::ongoing::{Ongoing, Stage};
use crate::{Action, Input, Refusal};

/// Whether what an agent wants can be.
pub(super) fn admit(domain: &Domain, input: &Input) -> Result<(), Refusal> {
    let (Input::Hold { agent, contact } | Input::Retrieve { agent, contact }) = input else {
        return Ok(());
    };
    let known = agents::led(domain, agent, *contact).ok_or(Refusal::NotTalking)?;
    let is_retrieved = matches!(input, Input::Retrieve { .. });
    match place(known) {
        _ if !known.is_call() => Err(Refusal::NoCall),
        Some(HoldPlace::Telephone) if is_retrieved => Err(Refusal::HeldByPhone),
        _ => Ok(()),
    }
}

/// Where a call is held.
pub(super) fn place(contact: &Ongoing) -> Option<HoldPlace> {
    match contact.stage {
        Stage::Talking { held, .. } => held,
        _ => None,
    }
}

impl Step<'_> {
    pub(super) fn take_hold(&mut self, input: Input) {
        match input {
            Input::Hold { contact, .. } => self.hold(contact, HoldPlace::Desk),
            Input::Retrieve { contact, .. } => self.retrieve(contact, HoldPlace::Desk),
            Input::PhoneHeld { offer } => {
                if let Some(contact) = self.talks_by(offer) {
                    self.hold(contact, HoldPlace::Telephone);
                }
            }
            Input::PhoneRetrieved { offer } => {
                if let Some(contact) = self.talks_by(offer) {
                    self.retrieve(contact, HoldPlace::Telephone);
                }
            }
            _ => {}
        }
    }

    /// The contact whose customer talks by this leg: who is consulted holds nobody.
    fn talks_by(&self, offer: OfferId) -> Option<ContactId> {
        let contact = self.domain.offers.get(&offer).copied()?;
        let talks = |it: &Stage| matches!(it, Stage::Talking { offer: by, .. } if *by == offer);
        self.stage(contact).filter(talks).map(|_| contact)
    }

    /// What is held already stays so; a telephone that holds as well has the say from then on,
    /// unless it parts the agent from a colleague whom they consult.
    pub(super) fn hold(&mut self, contact: ContactId, place: HoldPlace) {
        let Some(Stage::Talking { agent, held, .. }) = self.stage(contact) else { return };
        if place == HoldPlace::Telephone && self.confers(contact) {
            // the two others talk on
            return;
        }
        if held.is_none() {
            self.tell_contact(contact, ContactEvent::Held { agent, place });
            self.act(Action::Part { contact });
            self.play_music(contact);
            self.let_colleague_hear(contact);
        } else if place == HoldPlace::Telephone && held != Some(place) && !self.consults(contact) {
            self.tell_contact(contact, ContactEvent::Held { agent, place });
        }
    }

    /// Only the place that holds the call takes it back.
    pub(super) fn retrieve(&mut self, contact: ContactId, place: HoldPlace) {
        let Some(Stage::Talking { offer, agent, held, .. }) = self.stage(contact) else { return };
        if held == Some(place) {
            self.tell_contact(contact, ContactEvent::Retrieved { agent });
            self.act(Action::Bridge { contact, offer });
            self.let_colleague_hear(contact);
            self.let_supervisor_hear(contact);
        }
    }

    fn consults(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.consultation.is_some())
    }
}
