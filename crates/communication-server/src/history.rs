//! Contacts as their events tell them: the ones that go on, and the latest that are over.

use std::collections::{BTreeMap, HashMap};

use caruso_contact::{AgentId, Channel, Contact, ContactEvent, ContactId, Event, Personal, Time};

/// Most contacts kept in memory; the oldest that are over go first. The log keeps all.
const MAX_CONTACTS: usize = 20_000;

/// Contacts by id, which is the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct History {
    contacts: BTreeMap<ContactId, Contact>,
    /// With whom each number talked last, and when; of the contacts above.
    talks: HashMap<String, (AgentId, Time)>,
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
            // who hears a message does not talk with the customer
            if let ContactEvent::Connected { agent, .. } = event
                && contact.channel != Channel::Voicemail
                && let Some(Personal::Known(number)) = &contact.calling
            {
                self.talks.insert(number.clone(), (agent.clone(), at));
            }
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

    /// With whom this number talked last, and when.
    pub(crate) fn last_talk(&self, number: &str) -> Option<(AgentId, Time)> {
        self.talks.get(number).cloned()
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
        let Some(forgotten) = oldest.and_then(|id| self.contacts.remove(&id)) else { return };
        if let Some(Personal::Known(number)) = &forgotten.calling {
            let is_of_it = |(_, at): &(AgentId, Time)| {
                forgotten.ended.is_none_or(|(ended_at, ..)| *at <= ended_at)
            };
            if self.talks.get(number).is_some_and(is_of_it) {
                self.talks.remove(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use caruso_contact::{EndCause, OfferId, Party};
    use uuid::Uuid;

    use super::*;

    fn day(history: &mut History, number: u128, calling: &str, agent: &str) {
        let contact = ContactId(Uuid::from_u128(number));
        let at = Time::from_millis(u64::try_from(number).expect("small"));
        let agent = AgentId::new(agent).expect("a name");
        let offer = OfferId(Uuid::from_u128(number));
        let calling = Some(Personal::Known(calling.to_owned()));
        let (called, channel) = ("100".to_owned(), Channel::Voice);
        for event in [
            ContactEvent::Arrived { calling, signalled: None, called, channel },
            ContactEvent::Connected { offer, agent },
            ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp },
        ] {
            history.apply(at, &Event::Contact { contact, event });
        }
    }

    #[test]
    fn who_heard_a_message_has_not_talked_with_the_customer() {
        let mut history = History::default();
        let contact = ContactId(Uuid::from_u128(1));
        let calling = Some(Personal::Known("06".to_owned()));
        let (called, channel) = ("100".to_owned(), Channel::Voice);
        let agent = AgentId::new("anna").expect("a name");
        for event in [
            ContactEvent::Arrived { calling, signalled: None, called, channel },
            ContactEvent::VoicemailLeft { length: 9_000 },
            ContactEvent::Connected { offer: OfferId(Uuid::nil()), agent },
        ] {
            history.apply(Time::default(), &Event::Contact { contact, event });
        }
        assert_eq!(history.last_talk("06"), None);
    }

    #[test]
    fn with_whom_a_number_talked_last_is_known_for_as_long_as_the_contact() {
        let mut history = History::default();
        let last = |history: &History, number: &str| {
            history.last_talk(number).map(|(agent, at)| (agent.to_string(), at.as_millis()))
        };
        day(&mut history, 1, "06", "anna");
        day(&mut history, 2, "07", "anna");
        day(&mut history, 3, "06", "bram");
        assert_eq!(last(&history, "06"), Some(("bram".to_owned(), 3)));
        let many = u128::try_from(MAX_CONTACTS).expect("small");
        (4..=many + 1).for_each(|number| day(&mut history, number, "08", "cees"));
        assert_eq!(
            last(&history, "06"),
            Some(("bram".to_owned(), 3)),
            "the older one is forgotten"
        );
        day(&mut history, many + 2, "08", "cees");
        assert_eq!(last(&history, "07"), None);
        day(&mut history, many + 3, "08", "cees");
        assert_eq!(last(&history, "06"), None);
        assert_eq!(history.talks.len(), 1);
    }
}
