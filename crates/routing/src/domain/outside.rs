//! Customers who were passed on to outside numbers, in the state of the domain.

use caruso_contact::{ContactEvent, ContactId, Time};

use super::{Domain, Stage};
use crate::LONGEST_TALK;

impl Domain {
    /// Whom nobody talked with outside enters a queue by the event that is told next.
    pub(super) fn apply_outside(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::OutsideCalled { agent, offer, deadline, .. } => {
                let (offer, by, deadline) = (*offer, agent.clone(), *deadline);
                self.enter(id, Stage::Outside { offer, by, deadline, is_connected: false });
            }
            ContactEvent::OutsideConnected { .. } => {
                let stage = self.contacts.get(&id).map(|contact| contact.stage.clone());
                if let Some(Stage::Outside { offer, by, .. }) = stage {
                    let deadline = at.after(LONGEST_TALK);
                    self.enter(id, Stage::Outside { offer, by, deadline, is_connected: true });
                }
            }
            _ => {}
        }
    }
}
