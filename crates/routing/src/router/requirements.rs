//! Whom a waiting contact needs, and from when on somebody else will do.

use std::collections::BTreeMap;

use caruso_contact::{AttributeValue, ContactEvent, ContactId, Time};

use super::Step;
use crate::Needs;

type Known = BTreeMap<String, AttributeValue>;

impl Step<'_> {
    /// The contact attributes that the contact's queue asks for, of what is known.
    fn asked_for(&self, contact: ContactId) -> Known {
        let (Some(known), Some((needs, _))) = (self.contact(contact), self.needs(contact)) else {
            return Known::new();
        };
        let value = |name: &String| {
            let attribute = self.configuration.attributes.get(name)?;
            Some((name.clone(), attribute.value(known.declared.get(name))))
        };
        needs.attributes.iter().filter_map(value).collect()
    }

    /// Tells whom a contact needs that has just entered its queue.
    pub(super) fn require_first(&mut self, contact: ContactId) {
        let attributes = self.asked_for(contact);
        self.require(contact, 0, attributes);
    }

    /// Tells whom a waiting contact needs from now on; nothing where its queue asks for nobody.
    pub(super) fn require(&mut self, contact: ContactId, step: u8, attributes: Known) {
        let Some((needs, place)) = self.needs(contact) else { return };
        let until = needs.next_after(step).map(|after| place.after(after));
        let event = ContactEvent::RequirementSet { step, attributes, until };
        self.tell_contact(contact, event);
    }

    /// Who waited when a release without requirements was replaced begins with the first one.
    pub(super) fn require_anew(&mut self, contact: ContactId) {
        if self.contact(contact).is_some_and(|contact| contact.required.is_none()) {
            self.require_first(contact);
        }
    }

    /// Whether it is the next requirement that is due.
    pub(super) fn is_to_be_relaxed(&self, contact: ContactId) -> bool {
        let required = self.contact(contact).and_then(|contact| contact.required.as_ref());
        required.and_then(|required| required.until).is_some_and(|until| until <= self.now)
    }

    /// The next requirement takes effect; the contact keeps its place.
    pub(super) fn relax(&mut self, contact: ContactId) {
        let required = self.contact(contact).and_then(|contact| contact.required.clone());
        let Some(required) = required else { return };
        let step = required.step.saturating_add(1);
        if self.needs(contact).is_some() {
            self.require(contact, step, required.attributes);
        } else {
            let (attributes, until) = (required.attributes, None);
            let event = ContactEvent::RequirementSet { step, attributes, until };
            self.tell_contact(contact, event);
        }
    }

    /// What the contact's queue needs, and since when the contact waits there.
    fn needs(&self, contact: ContactId) -> Option<(&Needs, Time)> {
        let (queue, place) = self.contact(contact)?.place.as_ref()?;
        let needs = self.configuration.queues.get(queue)?.needs.as_ref()?;
        Some((needs, place.entered))
    }
}
