//! What the customer's side does: arrive, talk with a script, wait, hang up.

use std::collections::BTreeMap;

use caruso_contact::{
    Answer, Channel, ContactEvent, ContactId, EndCause, IvrEnd, OfferEnd, Overflow, Party,
    Personal, QueueId, Time,
};

use super::Step;
use super::preference::named;
use crate::domain::Domain;
use crate::ongoing::{Ongoing, Stage};
use crate::{
    Action, Configuration, Conversation, Input, MAX_CONTACTS, MAX_CONVERSATIONS, Queue, Refusal,
    Stand,
};

pub(super) type Attributes = Personal<BTreeMap<String, String>>;
type Answers = Option<Personal<Vec<Answer>>>;

/// A contact that is to wait in a queue.
pub(super) struct Entry {
    pub(super) queue: QueueId,
    /// What is handed over for the desk.
    pub(super) attributes: Attributes,
    pub(super) answers: Answers,
    /// Since when the place in line counts, where that is not now.
    pub(super) since: Option<Time>,
    /// Whether somebody chose the queue, who knows who is still there.
    pub(super) is_chosen: bool,
}

/// Whether an arrival can be.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    input: &Input,
) -> Result<(), Refusal> {
    let (contact, called) = match input {
        Input::Arrived { contact, called, .. } => (contact, called),
        Input::Reported { contact, stand, .. } => return admit_report(domain, *contact, stand),
        _ => return Ok(()),
    };
    if !configuration.numbers.contains_key(called) {
        Err(Refusal::UnknownNumber)
    } else if domain.contacts.contains_key(contact) {
        Err(Refusal::ContactExists)
    } else if domain.contacts.len() >= MAX_CONTACTS {
        Err(Refusal::Full)
    } else {
        Ok(())
    }
}

/// What is over is always taken: nobody who filled in a page to its end is lost.
fn admit_report(domain: &Domain, contact: ContactId, stand: &Stand) -> Result<(), Refusal> {
    let goes_on = *stand == Stand::GoesOn;
    match domain.contact(contact) {
        Some(known) if known.is_call() => Err(Refusal::IsCall),
        None if goes_on && domain.led() >= MAX_CONVERSATIONS => Err(Refusal::Full),
        None if domain.contacts.len() >= MAX_CONTACTS => Err(Refusal::Full),
        _ => Ok(()),
    }
}

impl Step<'_> {
    pub(super) fn take_from_caller(&mut self, input: Input) {
        match input {
            Input::Arrived { contact, calling, signalled, called, channel } => {
                self.arrived(contact, (calling, signalled), called, channel);
            }
            Input::HandedOff { contact, queue, attributes } => {
                self.handed_off(contact, queue, attributes, None);
            }
            Input::Reported { contact, conversation, stand } => {
                self.reported(contact, conversation, stand);
            }
            Input::IvrFinished { contact } if self.is_in_ivr(contact) => {
                self.tell_ivr_ended(contact, IvrEnd::Finished);
                self.end(contact, Party::System, EndCause::Finished);
                self.drop_caller(contact, EndCause::Finished);
            }
            Input::IvrFailed { contact } if self.is_in_ivr(contact) => self.fall_back(contact),
            Input::IvrFinished { contact } | Input::IvrFailed { contact }
                if self.waits_on_line(contact) =>
            {
                self.end_aside(contact);
                self.play_music(contact);
            }
            Input::Identified { contact, customer } if self.contact(contact).is_some() => {
                self.tell_contact(contact, ContactEvent::CustomerIdentified { customer });
            }
            Input::Acquainted { contact, agent, at } if self.contact(contact).is_some() => {
                self.tell_contact(contact, ContactEvent::Acquainted { agent, at });
            }
            Input::CallerGone { contact } => self.caller_gone(contact),
            _ => {}
        }
    }

    fn arrived(
        &mut self,
        contact: ContactId,
        (calling, signalled): (Option<Personal<String>>, Option<Personal<String>>),
        called: String,
        channel: Channel,
    ) {
        let Some(number) = self.configuration.numbers.get(&called) else { return };
        let (script, language) = (number.script.clone(), number.language.clone());
        self.tell_contact(contact, ContactEvent::Arrived { calling, signalled, called, channel });
        self.tell_contact(contact, ContactEvent::IvrStarted { script: script.clone() });
        self.act(Action::StartIvr { contact, script, language });
    }

    /// The first report opens the contact; what it says of the rest holds once.
    fn reported(&mut self, contact: ContactId, conversation: Conversation, stand: Stand) {
        if self.contact(contact).is_none() {
            let Conversation { channel, calling, script } = conversation;
            let called = String::new();
            let arrived = ContactEvent::Arrived { calling, signalled: None, called, channel };
            self.tell_contact(contact, arrived);
            self.tell_contact(contact, ContactEvent::IvrStarted { script });
        }
        match stand {
            Stand::GoesOn => {}
            _ if !self.is_in_ivr(contact) => {}
            Stand::Finished => {
                self.tell_ivr_ended(contact, IvrEnd::Finished);
                self.end(contact, Party::System, EndCause::Finished);
            }
            Stand::Left => {
                self.tell_ivr_ended(contact, IvrEnd::CallerGone);
                self.end(contact, Party::Customer, EndCause::BrokenOff);
            }
            Stand::Failed => {
                self.tell_ivr_ended(contact, IvrEnd::Failed);
                self.end(contact, Party::System, EndCause::BrokenOff);
            }
            Stand::HandedOff { queue, attributes, answers } => {
                self.handed_off(contact, queue, attributes, Some(answers));
            }
        }
    }

    /// Nobody says any more what became of a conversation.
    pub(super) fn lose(&mut self, contact: ContactId) {
        self.tell_ivr_ended(contact, IvrEnd::Failed);
        self.end(contact, Party::System, EndCause::Lost);
    }

    pub(super) fn is_in_ivr(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.stage == Stage::Ivr)
    }

    fn tell_ivr_ended(&mut self, contact: ContactId, outcome: IvrEnd) {
        self.tell_contact(contact, ContactEvent::IvrEnded { outcome });
    }

    fn handed_off(
        &mut self,
        contact: ContactId,
        queue: QueueId,
        attributes: Attributes,
        answers: Answers,
    ) {
        if self.waits_on_line(contact) {
            return self.hand_back(contact, &attributes);
        }
        if !self.is_in_ivr(contact) {
            return;
        }
        if self.configuration.queues.contains_key(&queue) {
            self.tell_ivr_ended(contact, IvrEnd::HandedOff);
            self.enqueue(contact, queue, attributes, answers);
        } else {
            self.fall_back_with(contact, attributes, answers);
        }
    }

    /// The number's fallback takes over from the script. A number that a newer release dropped
    /// has none: the first queue then takes the customer, who must not be lost.
    pub(super) fn fall_back(&mut self, contact: ContactId) {
        self.fall_back_with(contact, Attributes::Known(BTreeMap::new()), None);
    }

    fn fall_back_with(&mut self, contact: ContactId, attributes: Attributes, answers: Answers) {
        let Some(called) = self.contact(contact).map(|contact| &contact.called) else { return };
        let fallback = self.configuration.numbers.get(called).map(|number| &number.fallback);
        let queue = fallback.or_else(|| self.configuration.queues.keys().next()).cloned();
        self.tell_ivr_ended(contact, IvrEnd::Failed);
        match queue {
            Some(queue) => self.enqueue(contact, queue, attributes, answers),
            None => self.dismiss(contact, EndCause::QueueFull, None),
        }
    }

    pub(super) fn enqueue(
        &mut self,
        contact: ContactId,
        queue: QueueId,
        attributes: Attributes,
        answers: Answers,
    ) {
        self.enter(contact, Entry { queue, attributes, answers, since: None, is_chosen: false });
    }

    /// The contact waits in a queue from now on, or goes on at once where it cannot.
    pub(super) fn enter(&mut self, contact: ContactId, entry: Entry) {
        let id = entry.queue.clone();
        let Some(queue) = self.configuration.queues.get(&id) else {
            return self.dismiss(contact, EndCause::QueueFull, None);
        };
        let is_call = self.contact(contact).is_some_and(Ongoing::is_call);
        // no message is lost for want of room
        let is_full =
            !self.is_message(contact) && self.floor.length(&id, is_call) >= queue.maximum_length;
        let is_unserved =
            is_call && queue.overflows.unserved.is_some() && !self.floor.is_served(&id);
        // so does an agent who transfers
        let is_transferred =
            entry.is_chosen || matches!(self.stage(contact), Some(Stage::Talking { .. }));
        let is_closed = is_call
            && !is_transferred
            && queue.hours.as_ref().is_some_and(|hours| !hours.is_open(self.now));
        let named = named(queue, &entry.attributes);
        let called_back = self.wanted_callback(contact, &id, &entry.attributes);
        let called_back = called_back.filter(|_| self.is_in_ivr(contact));
        self.tell_entered(contact, queue, entry);
        if let Some((rules, number)) = called_back {
            self.ask_callback(contact, rules, number);
        } else if is_closed {
            self.overflow(contact, Overflow::Closed);
        } else if is_unserved {
            self.overflow(contact, Overflow::Unserved);
        } else if is_full {
            self.overflow(contact, Overflow::Full);
        } else {
            self.prefer_first(contact, &id, named);
            self.require_first(contact);
            self.play_music(contact);
        }
    }

    fn tell_entered(&mut self, contact: ContactId, queue: &Queue, entry: Entry) {
        let Entry { queue: id, attributes, answers, since, .. } = entry;
        let declared = attributes.known().map(|given| self.configuration.declared(given));
        let declared = declared.unwrap_or_default();
        let mut known = self.contact(contact).map(|it| it.declared.clone()).unwrap_or_default();
        known.extend(declared.clone());
        let given = self.contact(contact).and_then(|it| it.prioritized.as_ref());
        let configured = || self.configuration.priority(queue, &known);
        let priority = given.map_or_else(configured, |(_, priority)| *priority);
        let counts_from = self.counts_from_of(since.unwrap_or(self.now), priority);
        let entered = ContactEvent::QueueEntered {
            queue: id,
            priority,
            counts_from,
            attributes,
            answers,
            since,
            declared,
        };
        self.tell_contact(contact, entered);
    }

    fn caller_gone(&mut self, contact: ContactId) {
        match self.stage(contact) {
            // has hung up to be called back
            Some(Stage::Waiting | Stage::Offered { .. }) if self.is_called_back(contact) => {}
            // what was said until then is told by whoever has the sound
            Some(Stage::Postponed { .. } | Stage::Recording { .. }) => {}
            _ if self.is_message(contact) => {}
            Some(Stage::Ivr) => {
                self.tell_ivr_ended(contact, IvrEnd::CallerGone);
                self.end(contact, Party::Customer, EndCause::HungUp);
                self.act(Action::StopIvr { contact });
            }
            Some(Stage::Waiting) => self.end(contact, Party::Customer, EndCause::HungUp),
            Some(Stage::Offered { rings, .. }) => {
                self.withdraw(contact, &rings, OfferEnd::CallerGone);
                self.end(contact, Party::Customer, EndCause::HungUp);
                self.drop_agents(&rings);
            }
            Some(Stage::Talking { offer, agent, .. }) => {
                self.end_talk(contact, &agent, Party::Customer, EndCause::HungUp);
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Dialling { .. }) => {
                self.end_dialling(contact, Party::System, EndCause::Unreachable);
            }
            Some(Stage::Outside { offer, .. }) => {
                self.end(contact, Party::Customer, EndCause::HungUp);
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Ended) | None => {}
        }
    }

    /// Ends a contact that no agent is busy with.
    pub(super) fn end(&mut self, contact: ContactId, by: Party, cause: EndCause) {
        self.tell_contact(contact, ContactEvent::Ended { by, cause });
        self.file_if_over(contact);
    }
}
