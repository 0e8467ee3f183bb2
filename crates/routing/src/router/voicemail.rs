//! Voicemail: a call that a queue cannot keep waiting leaves a message there.
//!
//! The contact stays the same. While the customer speaks it waits nowhere; with what they said it
//! enters the queue again, as a message and no call: no phone rings, and an agent takes it at the
//! desk. Whoever has the sound says when it is over, also after a restart.

use caruso_contact::{
    AgentId, Channel, ContactEvent, ContactId, EndCause, Overflow, Party, Personal, WrapUpEnd,
};

use super::Step;
use super::callers::Entry;
use super::overflow::end_of;
use crate::domain::Domain;
use crate::ongoing::{Ongoing, Stage};
use crate::{Action, LONGEST_GREETING, Voicemail};

/// Whether an agent has this message in hand, and may call the customer.
pub(super) fn has_message(domain: &Domain, agent: &AgentId, contact: ContactId) -> bool {
    super::agents::led(domain, agent, contact).is_some_and(|it| it.channel == Channel::Voicemail)
}

impl<'a> Step<'a> {
    /// The customer may speak, where there is room for one more message.
    pub(super) fn take_message(&mut self, contact: ContactId, cause: Overflow) {
        let Some((rules, queue)) = self.message_rules(contact) else {
            return self.dismiss(contact, end_of(cause), None);
        };
        self.tell_contact(contact, ContactEvent::Overflowed { cause });
        let deadline = self.now.after(LONGEST_GREETING + rules.longest);
        let keep_until = self.now.after(rules.keep);
        let started = ContactEvent::VoicemailStarted { deadline, keep_until };
        self.tell_contact(contact, started);
        self.act(Action::Record { contact, queue, keep_until });
    }

    /// How a message is taken in the queue of a call, with its id; nothing where none is, or as
    /// many wait there as may.
    fn message_rules(
        &self,
        contact: ContactId,
    ) -> Option<(&'a Voicemail, caruso_contact::QueueId)> {
        let known = self.contact(contact).filter(|it| it.is_on_line())?;
        let (id, _) = known.place.as_ref()?;
        let queue = self.configuration.queues.get(id)?;
        let has_room = self.floor.length(id, false) < queue.maximum_length;
        Some((queue.voicemail.as_ref().filter(|_| has_room)?, id.clone()))
    }

    /// Nothing more is recorded: what was said waits in the queue from now on. A customer who said
    /// nothing has hung up.
    pub(super) fn recorded(&mut self, contact: ContactId, length: Option<u64>) {
        let Some(Stage::Recording { .. }) = self.stage(contact) else { return };
        let place = self.contact(contact).and_then(|it| it.place.as_ref());
        let Some(queue) = place.map(|(queue, _)| queue.clone()) else { return };
        let Some(length) = length else {
            return self.end(contact, Party::Customer, EndCause::NoMessage);
        };
        self.tell_contact(contact, ContactEvent::VoicemailLeft { length });
        let attributes = Personal::Known(Default::default());
        let entry = Entry { queue, attributes, answers: None, since: None, is_chosen: true };
        self.enter(contact, entry);
    }

    /// Nobody said what became of the recording.
    pub(super) fn recording_is_lost(&mut self, contact: ContactId) {
        self.end(contact, Party::System, EndCause::Lost);
        self.drop_caller(contact, EndCause::Lost);
    }

    /// The agent calls who left the message: nothing is left to do with it but the call.
    pub(super) fn close_message(&mut self, agent: &AgentId, contact: ContactId) {
        let (by, cause) = (Party::Agent, EndCause::CalledBack);
        self.tell_contact(contact, ContactEvent::Ended { by, cause });
        let started = ContactEvent::WrapUpStarted { agent: agent.clone(), deadline: self.now };
        self.tell_contact(contact, started);
        self.end_wrap_up(contact, agent, WrapUpEnd::Finished);
    }

    pub(super) fn is_message(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(Ongoing::is_message)
    }
}
