//! Supervisors who listen.

use caruso_contact::{ContactEvent, ContactId};

use super::Domain;
use crate::ongoing::Listening;

impl Domain {
    pub(super) fn apply_listening(&mut self, id: ContactId, event: &ContactEvent) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        match (event, &mut contact.listening) {
            (ContactEvent::ListeningAsked { supervisor, offer, mode, deadline }, listening) => {
                let (supervisor, rings_until) = (supervisor.clone(), Some(*deadline));
                *listening =
                    Some(Listening { offer: *offer, supervisor, mode: *mode, rings_until });
            }
            (ContactEvent::ListeningStarted { .. }, Some(listening)) => {
                listening.rings_until = None;
            }
            (ContactEvent::ListeningChanged { mode, .. }, Some(listening)) => {
                listening.mode = *mode;
            }
            (ContactEvent::ListeningEnded { .. }, listening) => *listening = None,
            _ => {}
        }
        let stage = contact.stage.clone();
        self.enter(id, stage);
    }
}
