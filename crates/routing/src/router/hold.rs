//! Hold: the agent parts from the customer for a while, who hears the queue's music.
//!
//! A call is held at the desk or at the agent's telephone. The desk cannot make a telephone take
//! back what it holds, so that such a call is taken back there.

use caruso_contact::{AgentState, ContactEvent, ContactId, HoldPlace, OfferId};

use super::{Step, agents};
use crate::domain::{Domain, Ongoing, Stage};
use crate::{Action, Input, Refusal};

/// Whether what an agent wants can be.
pub(super) fn admit(domain: &Domain, input: &Input) -> Result<(), Refusal> {
    let (Input::Hold { agent, contact } | Input::Retrieve { agent, contact }) = input else {
        return Ok(());
    };
    let talks = matches!(
        agents::state(domain, agent),
        AgentState::Talking { contact: with } if with == *contact
    );
    let Some(known) = domain.contact(*contact).filter(|_| talks) else {
        return Err(Refusal::NotTalking);
    };
    let is_retrieved = matches!(input, Input::Retrieve { .. });
    match place(known) {
        _ if !known.is_call() => Err(Refusal::NoCall),
        Some(HoldPlace::Telephone) if is_retrieved => Err(Refusal::HeldByPhone),
        _ => Ok(()),
    }
}

/// Where a call is held.
fn place(contact: &Ongoing) -> Option<HoldPlace> {
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
                if let Some(contact) = self.domain.offers.get(&offer).copied() {
                    self.hold(contact, HoldPlace::Telephone);
                }
            }
            Input::PhoneRetrieved { offer } => self.retrieve_by_phone(offer),
            _ => {}
        }
    }

    /// What is held already stays so; a telephone that holds as well has the say from then on.
    fn hold(&mut self, contact: ContactId, place: HoldPlace) {
        let Some(Stage::Talking { agent, held, .. }) = self.stage(contact) else { return };
        if held.is_none() {
            self.tell_contact(contact, ContactEvent::Held { agent, place });
            self.act(Action::Part { contact });
            self.play_music(contact);
        } else if place == HoldPlace::Telephone && held != Some(place) {
            self.tell_contact(contact, ContactEvent::Held { agent, place });
        }
    }

    /// Only the place that holds the call takes it back.
    fn retrieve(&mut self, contact: ContactId, place: HoldPlace) {
        let Some(Stage::Talking { offer, agent, held, .. }) = self.stage(contact) else { return };
        if held == Some(place) {
            self.tell_contact(contact, ContactEvent::Retrieved { agent });
            self.act(Action::Bridge { contact, offer });
        }
    }

    fn retrieve_by_phone(&mut self, offer: OfferId) {
        if let Some(contact) = self.domain.offers.get(&offer).copied() {
            self.retrieve(contact, HoldPlace::Telephone);
        }
    }
}
