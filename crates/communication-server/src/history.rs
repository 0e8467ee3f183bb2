//! Contacts as their events tell them: the ones that go on, and the latest that are over.

use std::collections::BTreeMap;

use caruso_contact::{Contact, ContactId, Event, Time};

/// Most contacts kept in memory; the oldest that are over go first. The log keeps all.
const MAX_CONTACTS: usize = 20_000;

/// Contacts by id, which is the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct History {
    contacts: BTreeMap<ContactId, Contact>,
}

impl History {
    /// Folds one event.
    pub(crate) fn apply(&mut self, at: Time, event: &Event) {
        let Event::Contact { contact: id, event } = event else { return };
        if let Some(contact) = Contact::begin(*id, at, event) {
            self.contacts.insert(*id, contact);
            self.forget_oldest();
        }
        if let Some(contact) = self.contacts.get_mut(id) {
            contact.apply(at, event);
            if contact.is_over_with(event) {
                // they are for the agent who has it; the log keeps them
                contact.answers = None;
            }
        }
    }

    /// One contact.
    pub(crate) fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.contacts.get(&id)
    }

    /// The latest contacts, newest first.
    pub(crate) fn latest(&self, limit: usize) -> impl Iterator<Item = &Contact> {
        self.contacts.values().rev().take(limit)
    }

    fn forget_oldest(&mut self) {
        if self.contacts.len() <= MAX_CONTACTS {
            return;
        }
        let oldest = self.contacts.values().find(|contact| contact.is_over()).map(|it| it.id);
        if let Some(id) = oldest {
            self.contacts.remove(&id);
        }
    }
}
