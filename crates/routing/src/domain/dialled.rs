//! Calls that agents make, in the state of the domain.

use caruso_contact::{Channel, ContactEvent, ContactId, Time};

use super::{Domain, Ongoing, Place, Stage};
use crate::ongoing::Ringing;

impl Domain {
    pub(super) fn apply_call_of_ours(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::Dialled { .. } => self.dialled(at, id, event),
            ContactEvent::CustomerCalled { deadline, .. } => self.called(id, *deadline),
            _ => self.apply_callback(id, event),
        }
    }

    /// The contact of a call that is permitted begins. It has a place from which the queue's rules
    /// follow, and does not wait there.
    fn dialled(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        let ContactEvent::Dialled { agent, offer, queue, deadline, evidence, is_aside, .. } = event
        else {
            return;
        };
        if evidence.denied.is_some() {
            return;
        }
        let mut contact = Ongoing::begun(at, "", Channel::Voice);
        contact.is_aside = *is_aside;
        contact.place = Some((queue.clone(), Place::new(id, at, 0, None)));
        self.contacts.insert(id, contact);
        let (offer, agent, deadline) = (*offer, agent.clone(), *deadline);
        self.enter(id, Stage::Dialling { offer, agent, deadline, is_called: false });
    }

    /// The agent's phone answered, and the customer's is called.
    fn called(&mut self, id: ContactId, until: Time) {
        let stage = self.contacts.get(&id).map(|contact| contact.stage.clone());
        let (offer, agent) = match stage {
            Some(Stage::Dialling { offer, agent, .. }) => (offer, agent),
            // of whom is to be called back one phone rings
            Some(Stage::Offered { mut rings, .. }) if rings.len() == 1 => {
                let Ringing { offer, agent, .. } = rings.remove(0);
                (offer, agent)
            }
            _ => return,
        };
        self.enter(id, Stage::Dialling { offer, agent, deadline: until, is_called: true });
    }
}
