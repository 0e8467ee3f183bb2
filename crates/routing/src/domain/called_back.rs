//! Customers who are to be called back, in the state of the domain.

use caruso_contact::{ContactEvent, ContactId, OfferId, QueueId};

use super::{Domain, Stage};
use crate::ongoing::CalledBack;

impl Domain {
    /// Who is to be called back once the agent answers whose phone this offer makes ring.
    pub fn called_back_by(&self, offer: OfferId) -> Option<ContactId> {
        let contact = *self.offers.get(&offer)?;
        let known = self.contacts.get(&contact)?;
        let is_offered = matches!(known.stage, Stage::Offered { .. }) && known.callback.is_some();
        is_offered.then_some(contact)
    }

    /// How many of a queue are to be called back.
    pub(crate) fn called_back(&self, queue: &QueueId) -> usize {
        let contacts = self.contacts.values().filter(|it| it.callback.is_some());
        contacts.filter(|it| it.place.as_ref().is_some_and(|(id, _)| id == queue)).count()
    }

    pub(super) fn apply_callback(&mut self, id: ContactId, event: &ContactEvent) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        let stage = match event {
            ContactEvent::CallbackAsked { not_before, expires_at, .. } => {
                contact.callback = Some(CalledBack { expires_at: *expires_at, attempts: 0 });
                (contact.announced, contact.hears_script) = (None, false);
                Stage::Postponed { until: *not_before }
            }
            ContactEvent::CallbackPostponed { is_attempt, not_before, .. } => {
                if let Some(callback) = &mut contact.callback {
                    callback.attempts = callback.attempts.saturating_add(u32::from(*is_attempt));
                }
                Stage::Postponed { until: *not_before }
            }
            _ => Stage::Waiting,
        };
        self.enter(id, stage);
    }

    /// The customer talks: from now on it is a call as any other.
    pub(super) fn reached(&mut self, id: ContactId) {
        // its deadline is not that of the callback any more
        self.leave(id);
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.callback = None;
        }
    }
}
