//! Customers who want to be called back. Their numbers are not exported: another one stands for
//! each, which routing does not keep.

use caruso_contact::{ContactEvent, ContactId, EndCause, Event, Personal, QueueId};
use caruso_routing::{Callback, Input};

use super::{Cause, Scene};

impl Scene<'_> {
    /// What a script hands over for a customer who wants to be called back, if it is so.
    pub(super) fn number_of_hand_over(&self, contact: ContactId) -> Option<(String, String)> {
        let [first, second, ..] = self.rest else { return None };
        let (
            Event::Contact { contact: entered, event: ContactEvent::QueueEntered { queue, .. } },
            Event::Contact { contact: asked, event: ContactEvent::CallbackAsked { .. } },
        ) = (&first.event, &second.event)
        else {
            return None;
        };
        if [entered, asked] != [&contact; 2] {
            return None;
        }
        self.number(queue)
    }

    /// A script that talked with a waiting customer hands over a number.
    pub(super) fn asks_back(&self, contact: ContactId) -> Input {
        let queue = self.queue(contact).cloned();
        let number = queue.as_ref().and_then(|queue| self.number(queue));
        let queue = queue.unwrap_or_else(super::no_queue);
        let attributes = Personal::Known(number.into_iter().collect());
        Input::HandedOff { contact, queue, attributes }
    }

    pub(super) fn presses_key(&self, contact: ContactId) -> Vec<Cause> {
        let rules = self.queue(contact).and_then(|queue| self.rules(queue));
        let offer = rules.and_then(|rules| rules.offer.as_ref());
        offer
            .map(|offer| Input::KeyPressed { contact, key: offer.key }.into())
            .into_iter()
            .collect()
    }

    /// How many events tell that an agent's phone answered and the customer may not be called;
    /// nothing where they tell something else.
    pub(super) fn forbidden_callback(&self, contact: ContactId) -> Option<usize> {
        let is_of = |at: usize, is: &dyn Fn(&ContactEvent) -> bool| match self
            .rest
            .get(at)
            .map(|it| &it.event)
        {
            Some(Event::Contact { contact: of, event }) => *of == contact && is(event),
            _ => false,
        };
        let is_denied = |event: &ContactEvent| {
            matches!(event, ContactEvent::CallbackPostponed { cause: EndCause::Denied, .. })
        };
        let postponed = (0..self.rest.len()).find(|at| is_of(*at, &is_denied))?;
        let is_over = is_of(postponed + 1, &|it| matches!(it, ContactEvent::Ended { .. }));
        // the first event is not among the rest
        Some(postponed + 2 + usize::from(is_over))
    }

    fn queue(&self, contact: ContactId) -> Option<&QueueId> {
        self.contact(contact).and_then(|it| it.queue())
    }

    fn rules(&self, queue: &QueueId) -> Option<&Callback> {
        self.configuration.queues.get(queue)?.callback.as_ref()
    }

    /// By what name a number is handed over in this queue, and one that may be called.
    fn number(&self, queue: &QueueId) -> Option<(String, String)> {
        let number = self.configuration.outbound.as_ref()?.any_number()?;
        Some((self.rules(queue)?.by.clone(), number))
    }
}
