//! Who hung up while they waited and has not been talked to since, as the events tell it.
//!
//! One entry a number, however often it called. It goes when somebody with that number talks with
//! an agent, whoever called whom, or when it is old.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use caruso_contact::{
    AgentId, ContactEvent, ContactId, EndCause, Event, Party, Personal, QueueId, Time,
};
use caruso_routing::{OutboundRules, called_number};

/// Most entries; the oldest go first.
const MOST: usize = 2_000;
/// How long an entry stays.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Somebody who hung up while they waited. It is not printed who.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The contact that they left last; names the entry.
    pub(crate) contact: ContactId,
    /// From where they called, as E.164 where it is a number.
    pub(crate) number: String,
    pub(crate) queue: QueueId,
    /// When they hung up last.
    pub(crate) at: Time,
    /// How long they had waited then, in all queues.
    pub(crate) waited: Duration,
    /// How often they hung up.
    pub(crate) times: u32,
    /// How often they were called since they hung up first, and when last.
    pub(crate) attempts: u32,
    pub(crate) tried_at: Option<Time>,
    /// Who calls them now, and in which contact.
    pub(crate) calling: Option<(AgentId, ContactId)>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("contact", &self.contact).finish_non_exhaustive()
    }
}

/// A contact that goes on.
#[derive(Debug)]
struct Ongoing {
    number: String,
    /// Where the customer waits, and since when; nothing while they do something else.
    waits: Option<(QueueId, Time)>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Abandoned {
    entries: HashMap<String, Entry>,
    by_contact: HashMap<ContactId, String>,
    by_age: BTreeSet<(Time, ContactId)>,
    ongoing: HashMap<ContactId, Ongoing>,
}

impl Abandoned {
    /// Folds one event. Numbers are read by these rules; a number that was erased is forgotten.
    pub(crate) fn apply(&mut self, at: Time, event: &Event, rules: Option<&OutboundRules>) {
        let Event::Contact { contact, event } = event else { return };
        match event {
            ContactEvent::Arrived { calling: Some(Personal::Known(number)), channel, .. }
                if channel.is_call() =>
            {
                let number = rules
                    .and_then(|it| called_number(it, number))
                    .unwrap_or_else(|| number.clone());
                self.ongoing.insert(*contact, Ongoing { number, waits: None });
            }
            ContactEvent::Dialled {
                agent,
                called: Some(Personal::Known(number)),
                evidence,
                ..
            } if evidence.denied.is_none() => {
                self.ongoing.insert(*contact, Ongoing { number: number.clone(), waits: None });
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.calling = Some((agent.clone(), *contact));
                }
            }
            ContactEvent::CustomerCalled { agent, .. } => self.called(at, *contact, agent),
            ContactEvent::CallbackPostponed { .. } => self.is_over(*contact),
            ContactEvent::QueueEntered { queue, .. } => self.waits(at, *contact, queue),
            ContactEvent::Connected { .. } => self.talks(*contact),
            // they have not given up, and are called at this number
            ContactEvent::CallbackAsked { number: Personal::Known(number), .. } => {
                self.ongoing.insert(*contact, Ongoing { number: number.clone(), waits: None });
            }
            ContactEvent::VoicemailStarted { .. } => {
                self.ongoing.remove(contact);
            }
            ContactEvent::Ended { by, cause } => {
                let has_left = (*by, *cause) == (Party::Customer, EndCause::HungUp);
                self.ended(at, *contact, has_left);
            }
            _ => {}
        }
    }

    /// Who is there at this moment, the latest first.
    pub(crate) fn entries(&self, now: Time) -> impl Iterator<Item = &Entry> {
        let young = self.by_age.iter().rev().take_while(move |(at, _)| now.since(*at) < LONGEST);
        young.filter_map(|(_, contact)| self.entry(*contact))
    }

    /// Who hung up in this contact, and is still to be called.
    pub(crate) fn entry(&self, contact: ContactId) -> Option<&Entry> {
        self.entries.get(self.by_contact.get(&contact)?)
    }

    fn waits(&mut self, at: Time, contact: ContactId, queue: &QueueId) {
        if let Some(ongoing) = self.ongoing.get_mut(&contact) {
            let since = ongoing.waits.take().map_or(at, |(_, since)| since);
            ongoing.waits = Some((queue.clone(), since));
        }
    }

    fn called(&mut self, at: Time, contact: ContactId, agent: &AgentId) {
        let number = self.ongoing.get(&contact).map(|it| &it.number);
        if let Some(entry) = number.and_then(|it| self.entries.get_mut(it)) {
            entry.attempts = entry.attempts.saturating_add(1);
            entry.tried_at = Some(at);
            entry.calling = Some((agent.clone(), contact));
        }
    }

    /// The call to a customer is over, and nobody talked.
    fn is_over(&mut self, contact: ContactId) {
        let number = self.ongoing.get(&contact).map(|it| &it.number);
        if let Some(entry) = number.and_then(|it| self.entries.get_mut(it))
            && entry.calling.as_ref().is_some_and(|(_, by)| *by == contact)
        {
            entry.calling = None;
        }
    }

    fn talks(&mut self, contact: ContactId) {
        let Some(ongoing) = self.ongoing.get_mut(&contact) else { return };
        ongoing.waits = None;
        let number = ongoing.number.clone();
        self.forget(&number);
    }

    fn ended(&mut self, at: Time, contact: ContactId, has_left: bool) {
        self.is_over(contact);
        let Some(Ongoing { number, waits }) = self.ongoing.remove(&contact) else { return };
        let Some((queue, since)) = waits.filter(|_| has_left) else { return };
        let before = self.forget(&number);
        let waited = at.since(since);
        let entry = match before {
            Some(before) => {
                let times = before.times.saturating_add(1);
                Entry { contact, queue, at, waited, times, ..before }
            }
            None => Entry {
                contact,
                number: number.clone(),
                queue,
                at,
                waited,
                times: 1,
                attempts: 0,
                tried_at: None,
                calling: None,
            },
        };
        self.by_contact.insert(contact, number.clone());
        self.by_age.insert((at, contact));
        self.entries.insert(number, entry);
        self.forget_oldest(at);
    }

    fn forget(&mut self, number: &str) -> Option<Entry> {
        let entry = self.entries.remove(number)?;
        self.by_contact.remove(&entry.contact);
        self.by_age.remove(&(entry.at, entry.contact));
        Some(entry)
    }

    fn forget_oldest(&mut self, now: Time) {
        while let Some((at, contact)) = self.by_age.first().copied()
            && (self.by_age.len() > MOST || now.since(at) >= LONGEST)
        {
            let number = self.by_contact.get(&contact).cloned().unwrap_or_default();
            if self.forget(&number).is_none() {
                self.by_age.remove(&(at, contact));
            }
        }
    }
}

#[cfg(test)]
mod tests;
