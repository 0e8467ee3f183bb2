//! How often customers were called, by their number, as the events tell it.

use std::collections::{HashMap, VecDeque};

use caruso_contact::{ContactEvent, ContactId, Event, Personal, Time};
use caruso_routing::LONGEST_COUNT;

/// Most calls that are remembered; the oldest go first. Agents who make a call a minute all day
/// reach it after a month when they are more than thirty.
const MOST: usize = 500_000;

/// Calls to customers within the longest time that rules count.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    by_number: HashMap<String, VecDeque<Time>>,
    /// All of them, oldest first.
    calls: VecDeque<(Time, String)>,
    /// Whom contacts that go on are about to call: once, or until a callback reaches them.
    wanted: HashMap<ContactId, String>,
}

impl Attempts {
    /// Folds one event. A number that was erased is forgotten.
    pub(crate) fn apply(&mut self, at: Time, event: &Event) {
        let Event::Contact { contact, event } = event else { return };
        match event {
            ContactEvent::Dialled { called: Some(Personal::Known(called)), .. } => {
                self.wanted.insert(*contact, called.clone());
            }
            ContactEvent::CallbackAsked { number: Personal::Known(number), .. } => {
                self.wanted.insert(*contact, number.clone());
            }
            ContactEvent::CustomerCalled { .. } => {
                if let Some(number) = self.wanted.get(contact).cloned() {
                    self.by_number.entry(number.clone()).or_default().push_back(at);
                    self.calls.push_back((at, number));
                    self.forget(at);
                }
            }
            ContactEvent::Ended { .. } => {
                self.wanted.remove(contact);
            }
            _ => {}
        }
    }

    /// When a number was called.
    pub(crate) fn of(&self, number: &str) -> Vec<Time> {
        self.by_number.get(number).into_iter().flatten().copied().collect()
    }

    fn forget(&mut self, now: Time) {
        let limit = now.before(LONGEST_COUNT);
        while let Some((at, _)) = self.calls.front()
            && (*at <= limit || self.calls.len() > MOST)
        {
            let Some((_, number)) = self.calls.pop_front() else { return };
            if let Some(times) = self.by_number.get_mut(&number) {
                times.pop_front();
                if times.is_empty() {
                    self.by_number.remove(&number);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use caruso_contact::{AgentId, DialEvidence, EndCause, OfferId, Party, PurposeId, QueueId};
    use uuid::Uuid;

    use super::*;

    fn dialled(id: u128, number: &str) -> Event {
        let evidence = DialEvidence {
            purpose: PurposeId::new("service").expect("a name"),
            decided_at: Time::default(),
            denied: None,
            is_emergency: false,
            zones: Vec::new(),
            attempts: None,
        };
        let event = ContactEvent::Dialled {
            agent: AgentId::new("anna").expect("a name"),
            offer: OfferId(Uuid::nil()),
            number: number.to_owned().into(),
            called: Some(number.to_owned().into()),
            queue: QueueId::new("faults").expect("a name"),
            deadline: Time::default(),
            evidence,
            at_phone: false,
            is_aside: false,
        };
        Event::Contact { contact: ContactId(Uuid::from_u128(id)), event }
    }

    fn then(id: u128, event: ContactEvent) -> Event {
        Event::Contact { contact: ContactId(Uuid::from_u128(id)), event }
    }

    #[test]
    fn a_call_counts_when_the_customer_is_called_and_for_a_month() {
        let agent = AgentId::new("anna").expect("a name");
        let called = || ContactEvent::CustomerCalled {
            agent: agent.clone(),
            deadline: Time::default(),
            evidence: None,
        };
        let mut attempts = Attempts::default();
        let at = Time::from_millis;
        attempts.apply(at(1), &dialled(1, "+31612345678"));
        assert!(attempts.of("+31612345678").is_empty(), "the agent's own phone rings");
        attempts.apply(at(2), &then(1, called()));
        attempts.apply(at(3), &dialled(2, "+31612345678"));
        let (by, cause) = (Party::Agent, EndCause::NotDialled);
        attempts.apply(at(4), &then(2, ContactEvent::Ended { by, cause }));
        attempts.apply(at(5), &then(2, called()));
        assert_eq!(attempts.of("+31612345678"), [at(2)]);
        let later = at(2).after(LONGEST_COUNT);
        attempts.apply(later, &dialled(3, "+32470123456"));
        attempts.apply(later, &then(3, called()));
        assert!(attempts.of("+31612345678").is_empty(), "a month is over");
        assert_eq!(attempts.of("+32470123456"), [later]);
    }

    #[test]
    fn each_time_that_somebody_is_called_back_counts() {
        let agent = AgentId::new("anna").expect("a name");
        let evidence = None;
        let called = ContactEvent::CustomerCalled { agent, deadline: Time::default(), evidence };
        let asked = ContactEvent::CallbackAsked {
            number: "+31612345678".to_owned().into(),
            not_before: Time::default(),
            expires_at: Time::default(),
        };
        let mut attempts = Attempts::default();
        let at = Time::from_millis;
        attempts.apply(at(1), &then(1, asked));
        assert!(attempts.of("+31612345678").is_empty(), "they wait");
        attempts.apply(at(2), &then(1, called.clone()));
        attempts.apply(at(3), &then(1, called));
        assert_eq!(attempts.of("+31612345678"), [at(2), at(3)]);
    }
}
