//! Scripts that talk with customers who wait, and what they are told of their wait.

use caruso_contact::{ContactEvent, ContactId, Time};

use super::Domain;
use crate::ongoing::{Announced, Stage};

impl Domain {
    pub(super) fn apply_aside(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        match event {
            ContactEvent::AsideStarted { .. } => contact.hears_script = true,
            ContactEvent::AsideEnded => {
                contact.hears_script = false;
                if let Some(announced) = &mut contact.announced {
                    announced.at = at;
                }
            }
            ContactEvent::WaitAnnounced { estimate, .. } => {
                let before = contact.announced.take();
                let first = before.and_then(|before| before.first);
                let first = first.or_else(|| Some((at, (*estimate)?)));
                contact.announced = Some(Announced { at, first, latest: *estimate });
                contact.hears_script = true;
            }
            _ => {}
        }
    }

    /// An agent talks with a contact that was its turn: the queue has moved.
    pub(super) fn note_turn(&mut self, at: Time, id: ContactId) {
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        let is_turn =
            matches!(contact.stage, Stage::Offered { by: None, .. }) || contact.callback.is_some();
        let told = contact.announced.take().and_then(|told| told.first);
        contact.hears_script = false;
        if let Some((queue, _)) = contact.place.as_ref().filter(|_| is_turn) {
            let pace = self.paces.entry(queue.clone()).or_default();
            pace.reached(at, contact.queued_at, told.as_ref());
        }
    }
}
