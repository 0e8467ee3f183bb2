//! Customers who leave a message, in the state of the domain.

use caruso_contact::{Channel, ContactEvent, ContactId};

use super::{Domain, Stage};

impl Domain {
    pub(super) fn apply_voicemail(&mut self, id: ContactId, event: &ContactEvent) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        match event {
            ContactEvent::VoicemailStarted { deadline, keep_until } => {
                contact.voicemail = Some(*keep_until);
                (contact.required, contact.preferred_agent) = (None, None);
                (contact.announced, contact.hears_script) = (None, false);
                self.enter(id, Stage::Recording { deadline: *deadline });
            }
            _ => {
                contact.channel = Channel::Voicemail;
                let stage = contact.stage.clone();
                self.enter(id, stage);
            }
        }
    }
}
