//! Why a contact waits that nobody has been offered yet, or nobody has taken.

use caruso_contact::{Asked, ContactId, MAX_NAMED, Time, Waiting};

use super::{Router, matching};
use crate::ongoing::Stage;

impl Router {
    /// Why a contact waits; nothing if it does not, or is being offered. Changes nothing but what
    /// is remembered of evaluations.
    pub fn waiting(&mut self, contact: ContactId, now: Time) -> Option<Waiting> {
        let around = self.floor.around(&self.configuration, contact, MAX_NAMED);
        let (excluded, more_excluded) = matching::excluded(&self.domain, &around);
        let known = self.domain.contact(contact).filter(|it| it.stage == Stage::Waiting)?;
        let (queue, place) = known.place.as_ref()?;
        let ahead = self.domain.lines.get(queue).map_or(0, |line| line.range(..place).count());
        let asked = matching::asked(&self.configuration, known, queue);
        let attributes = known.required.as_ref().map(|it| it.attributes.clone());
        Some(Waiting {
            at: now,
            queue: queue.clone(),
            since: place.entered,
            ahead,
            next: asked.as_ref().and_then(|asked| self.next_step(queue, asked)),
            asked,
            attributes: attributes.unwrap_or_default(),
            excluded,
            more_excluded,
            preferred_agent: known.preferred_agent.clone().map(|it| (it.agent, it.cause, it.until)),
            prioritized: known.prioritized.clone(),
            overflows_at: self.floor.overflows_at(contact),
        })
    }

    fn next_step(&self, queue: &caruso_contact::QueueId, asked: &Asked) -> Option<String> {
        let needs = self.configuration.queues.get(queue)?.needs.as_ref()?;
        let next = needs.steps.get(usize::from(asked.step) + 1)?;
        Some(next.when.to_string())
    }
}
