//! After a crash: every state that needed the process gets an end and a cause.

use std::collections::BTreeSet;

use caruso_contact::{ContactEvent, ContactId, EndCause, IvrEnd, ListeningEnd, OfferEnd, Party};

use super::Step;
use crate::Action;
use crate::ongoing::{Ongoing, Stage};

impl Step<'_> {
    pub(super) fn recover(&mut self, alive: &BTreeSet<ContactId>) {
        let contacts: Vec<ContactId> = self.domain.contacts.keys().copied().collect();
        self.end_own_calls();
        for contact in contacts {
            let is_on_line = self.contact(contact).is_some_and(Ongoing::is_on_line);
            if !is_on_line || alive.contains(&contact) {
                self.resume(contact);
            } else {
                self.lost(contact);
            }
        }
    }

    /// The customer is still there: waits in the old place, or falls back from the script. Scripts
    /// of conversations run elsewhere and go on; so do agents with them.
    fn resume(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Ivr) if !self.contact(contact).is_some_and(Ongoing::is_call) => {}
            Some(Stage::Ivr) => self.fall_back(contact),
            Some(Stage::Waiting) => {
                self.end_aside(contact);
                self.require_anew(contact);
                self.play_music(contact);
            }
            Some(Stage::Offered { rings, .. }) => {
                let was_by_name = self.is_offered_by_name(contact);
                self.withdraw(contact, &rings, OfferEnd::Cancelled);
                self.end_aside(contact);
                if was_by_name {
                    self.return_to_queue(contact);
                }
                self.require_anew(contact);
                self.play_music(contact);
            }
            Some(Stage::Talking { .. }) => {
                self.take_consultation_back(contact);
                self.dismiss_supervisor(contact, ListeningEnd::Cancelled);
            }
            // whether a phone still rings is not known, nor whether anybody is there outside
            Some(Stage::Dialling { .. } | Stage::Outside { .. }) => self.lost(contact),
            // what was said until then is told by whoever has the sound
            Some(Stage::Postponed { .. } | Stage::Recording { .. } | Stage::Ended) | None => {}
        }
    }

    pub(super) fn play_music(&mut self, contact: ContactId) {
        let prompt = self.music(contact);
        if let Some(prompt) = prompt.filter(|_| !self.is_called_back(contact)) {
            let offer = self.callback_offer(contact);
            self.act(Action::PlayMusic { contact, prompt, offer });
        }
    }

    /// What plays in the queue of a contact.
    pub(super) fn music(&self, contact: ContactId) -> Option<String> {
        let place = self.contact(contact).and_then(|contact| contact.place.as_ref());
        let queue = place.and_then(|(queue, _)| self.configuration.queues.get(queue));
        queue.map(|queue| queue.music.clone())
    }

    /// The customer's leg died with the process.
    fn lost(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Ivr) => {
                let outcome = IvrEnd::Failed;
                self.tell_contact(contact, ContactEvent::IvrEnded { outcome });
                self.end(contact, Party::System, EndCause::Restarted);
                self.act(Action::StopIvr { contact });
            }
            Some(Stage::Waiting) => self.end(contact, Party::System, EndCause::Restarted),
            Some(Stage::Offered { rings, .. }) => {
                self.withdraw(contact, &rings, OfferEnd::Cancelled);
                self.end(contact, Party::System, EndCause::Restarted);
            }
            Some(Stage::Talking { agent, .. }) => {
                self.end_talk(contact, &agent, Party::System, EndCause::Restarted);
            }
            Some(Stage::Dialling { .. }) => {
                self.end_dialling(contact, Party::System, EndCause::Restarted);
            }
            Some(Stage::Outside { .. }) => {
                self.end_outside(contact, Party::System, EndCause::Restarted);
            }
            Some(Stage::Postponed { .. } | Stage::Recording { .. } | Stage::Ended) | None => {}
        }
    }
}
