//! Overflow: who cannot wait in a queue goes on to another, or the call ends.
//!
//! Whoever goes on has waited: the place in the next line is that of somebody who came there when
//! the customer came here. Every entry is told, also that of a full queue, so that each is counted
//! with what came of it. No chain of queues is a circle, so each move is one nearer to the end.

use caruso_contact::{ContactEvent, ContactId, EndCause, Overflow, Party, Personal};

use super::Step;
use super::callers::Entry;
use crate::{Action, Onward};

impl Step<'_> {
    /// The contact does not wait on in its queue.
    pub(super) fn overflow(&mut self, contact: ContactId, cause: Overflow) {
        let Some((id, place)) = self.contact(contact).and_then(|it| it.place.clone()) else {
            return;
        };
        let queue = self.configuration.queues.get(&id);
        match queue.and_then(|queue| queue.overflows.onward(cause)).cloned() {
            Some(Onward::Queue(queue)) => {
                self.tell_contact(contact, ContactEvent::Overflowed { cause });
                let attributes = Personal::Known(Default::default());
                let since = Some(place.entered);
                let entry = Entry { queue, attributes, answers: None, since, is_chosen: false };
                self.enter(contact, entry);
            }
            Some(Onward::Message) => self.take_message(contact, cause),
            Some(Onward::Prompt(prompt)) => self.dismiss(contact, end_of(cause), Some(prompt)),
            None => self.dismiss(contact, end_of(cause), None),
        }
    }

    /// We end a contact that waits, a call after a prompt perhaps.
    pub(super) fn dismiss(&mut self, contact: ContactId, cause: EndCause, prompt: Option<String>) {
        self.end(contact, Party::System, cause);
        self.act(Action::DropCaller { contact, cause, prompt });
    }

    pub(super) fn drop_caller(&mut self, contact: ContactId, cause: EndCause) {
        self.act(Action::DropCaller { contact, cause, prompt: None });
    }
}

pub(super) fn end_of(cause: Overflow) -> EndCause {
    match cause {
        Overflow::Waited => EndCause::WaitedTooLong,
        Overflow::Full => EndCause::QueueFull,
        Overflow::Unserved => EndCause::Unserved,
        Overflow::Closed => EndCause::OutOfHours,
    }
}
