//! What customers are told of their wait, found by going through all of the log.

use super::*;

impl Day {
    /// Who is told waits, and the place is right; nobody is told a longer wait than before, and
    /// nobody waits to be told.
    pub(super) fn check_announcements(&self, before: usize) {
        let log = &self.desk.log;
        for (index, (at, event)) in log.iter().enumerate().skip(before) {
            let Event::Contact {
                contact,
                event: ContactEvent::WaitAnnounced { position, estimate, .. },
            } = event
            else {
                continue;
            };
            let told = Told(&log[..index], *at, self.is_aged);
            let (.., queue) = told.place(*contact).expect("it waits");
            let key = told.key(*contact);
            let waiting = told.waiting().into_iter().filter(|(.., it)| *it == queue);
            let ahead = waiting.filter(|(_, _, id, _)| told.key(*id) < key).count();
            assert_eq!((queue.as_str(), *position), ("calm", ahead as u64 + 1));
            assert!(told.announcement_is_due(*contact));
            let turns = told.turns(&queue);
            match told.promised(*contact) {
                Some(promised) => {
                    assert!(estimate.is_none_or(|it| promised.is_some_and(|p| it.until <= p)));
                }
                None => assert_eq!(estimate.is_some(), turns.len() >= 4, "{turns:?}"),
            }
            let last = &turns[turns.len().saturating_sub(32)..];
            let turn = last.iter().sum::<u64>().checked_div(last.len() as u64).unwrap_or(0);
            if let Some(estimate) = estimate {
                assert!(*at < estimate.until && estimate.from <= estimate.until);
                let expected = at.as_millis() + turn.max(1) * position;
                assert!(
                    estimate.expected.as_millis() == expected
                        || estimate.expected == estimate.until
                );
            }
        }
        let told = Told(log, self.desk.now, self.is_aged);
        let calls = told.calls().into_iter();
        let due = calls.filter(|(_, queue, id)| {
            self.is_aged && queue.as_str() == "calm" && told.announcement_is_due(*id)
        });
        assert_eq!(due.count(), 0, "somebody waits to be told");
    }
}

impl Told<'_> {
    /// Whether a customer in `calm` has not been told for long enough, and no script talks.
    fn announcement_is_due(&self, id: ContactId) -> bool {
        let (mut since, mut longest, mut is_aside) = (Time::default(), 15, false);
        for (at, event) in self.contact_events(id) {
            match event {
                ContactEvent::QueueEntered { .. } => (since, longest, is_aside) = (at, 15, false),
                ContactEvent::WaitAnnounced { .. } => (since, longest, is_aside) = (at, 25, true),
                ContactEvent::AsideStarted { .. } => is_aside = true,
                ContactEvent::AsideEnded => {
                    (since, is_aside) = (if longest == 25 { at } else { since }, false);
                }
                _ => {}
            }
        }
        !is_aside && self.1.since(since).as_secs() >= longest
    }

    /// Until when a customer was told to wait at most, if they were in this queue; nothing where
    /// that was no longer told.
    fn promised(&self, id: ContactId) -> Option<Option<Time>> {
        self.contact_events(id).fold(None, |promised, (_, event)| match event {
            ContactEvent::QueueEntered { .. } => None,
            ContactEvent::WaitAnnounced { estimate: Some(it), .. } => Some(Some(it.until)),
            ContactEvent::WaitAnnounced { estimate: None, .. } => promised.map(|_| None),
            _ => promised,
        })
    }

    /// How long each who was reached out of a queue had been its first, in milliseconds.
    fn turns(&self, queue: &QueueId) -> Vec<u64> {
        let (mut turns, mut last) = (Vec::new(), Time::default());
        for (index, (at, event)) in self.0.iter().enumerate() {
            let Event::Contact { contact, event: ContactEvent::Connected { .. } } = event else {
                continue;
            };
            let before = Told(&self.0[..index], *at, self.2);
            let entered = before.contact_events(*contact).filter_map(|(at, event)| match event {
                ContactEvent::QueueEntered { queue, .. } => Some((at, queue)),
                _ => None,
            });
            let Some((entered, of)) = entered.last() else { continue };
            if of == queue && before.is_turn(*contact) {
                turns.push(at.since(entered.max(last)).as_millis() as u64);
                last = *at;
            }
        }
        turns
    }

    /// Whether what is to come is the contact's turn in line: it is offered, and not by name, or
    /// called back.
    fn is_turn(&self, id: ContactId) -> bool {
        let is_offered = self.contact_events(id).fold(false, |is, (_, event)| match event {
            ContactEvent::Offered { why, .. } => why.transferred_by.is_none(),
            ContactEvent::Connected { .. } => false,
            _ => is,
        });
        is_offered || self.is_called_back(id)
    }
}
