//! Messages that wait, as the telephones of agents show them by a lamp.

use std::collections::BTreeMap;

use caruso_contact::{Channel, Contact, ContactId, Event, EventId, QueueId, SegmentKind};
use caruso_routing::Stage;

use super::Owner;
use crate::telephony::{Command, Messages};

impl Owner {
    /// The same after events: whether any of them is about a message.
    pub(super) async fn light_lamps_after(&mut self, events: &[(EventId, Event)]) {
        let is_message = |contact: ContactId| {
            self.history.contact(contact).is_some_and(|it| it.channel == Channel::Voicemail)
        };
        if events.iter().filter_map(|(_, event)| event.contact()).any(is_message) {
            self.light_lamps().await;
        }
    }

    /// Tells each agent's telephone how many messages wait in the queues that their team serves,
    /// whether they have signed in or not, where it is another number than before.
    pub(super) async fn light_lamps(&mut self) {
        let waiting = self.messages_by_queue();
        let mut now = BTreeMap::new();
        for (extension, team) in self.roster.extensions() {
            let queues = self.router.configuration().queues_of([team]);
            let of_queues = queues.iter().filter_map(|queue| waiting.get(queue));
            let messages = of_queues.fold(Messages::default(), |sum, it| Messages {
                new: sum.new.saturating_add(it.new),
                old: sum.old.saturating_add(it.old),
            });
            if messages != Messages::default() {
                now.insert(extension.to_owned(), messages);
            }
        }
        let before = std::mem::replace(&mut self.lamps, now.clone());
        let gone = before.keys().filter(|extension| !now.contains_key(*extension));
        let gone = gone.map(|extension| (extension.clone(), Messages::default()));
        let changed = now.iter().filter(|(extension, it)| before.get(*extension) != Some(it));
        let changed = changed.map(|(extension, it)| (extension.clone(), *it));
        for (extension, messages) in gone.chain(changed).collect::<Vec<_>>() {
            self.command(Command::TellMessages { extension, messages }).await;
        }
    }

    fn messages_by_queue(&self) -> BTreeMap<QueueId, Messages> {
        let mut waiting: BTreeMap<QueueId, Messages> = BTreeMap::new();
        for (id, contact) in self.router.domain().contacts() {
            let waits = matches!(contact.stage, Stage::Waiting | Stage::Offered { .. });
            let Some(queue) = contact.queue().filter(|_| waits && contact.is_message()) else {
                continue;
            };
            let messages = waiting.entry(queue.clone()).or_default();
            let count = match self.history.contact(id).is_some_and(is_heard) {
                true => &mut messages.old,
                false => &mut messages.new,
            };
            *count = count.saturating_add(1);
        }
        waiting
    }
}

/// Whether an agent has had the message.
fn is_heard(contact: &Contact) -> bool {
    let since = contact.segments.iter().rev().take_while(|it| it.kind != SegmentKind::Voicemail);
    since.into_iter().any(|it| it.kind == SegmentKind::WithAgent)
}
