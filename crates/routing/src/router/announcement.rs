//! What customers who wait are told of their wait, by a script that talks with them meanwhile.

use std::cmp::min;

use caruso_contact::{ContactEvent, ContactId, Estimate, ScriptId};

use super::Step;
use crate::ongoing::{Ongoing, Stage};
use crate::{Action, Wait};

impl Step<'_> {
    /// A key that no script waits for: it may be the one by which who waits asks to be called back.
    pub(super) fn key_pressed(&mut self, contact: ContactId, key: char) {
        let rules = self.rules(contact).and_then(|rules| rules.offer.as_ref());
        let Some(offer) = rules.filter(|offer| offer.key == key) else { return };
        if self.waits_on_line(contact) && !self.hears_script(contact) {
            let script = offer.script.clone();
            self.tell_contact(contact, ContactEvent::AsideStarted { script: script.clone() });
            self.talk_aside(contact, script, None);
        }
    }

    /// Whether a script talks with the customer while they wait.
    fn hears_script(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|contact| contact.hears_script)
    }

    /// Tells the customer of the wait: it is time.
    pub(super) fn announce(&mut self, contact: ContactId) {
        let Some(wait) = self.wait_of(contact) else { return };
        let queue = self.contact(contact).and_then(Ongoing::queue);
        let rules = queue.and_then(|queue| self.configuration.queues.get(queue));
        let Some(rules) = rules.and_then(|queue| queue.announcement.as_ref()) else { return };
        let (script, position, estimate) = (rules.script.clone(), wait.position, wait.estimate);
        let told = ContactEvent::WaitAnnounced { script: script.clone(), position, estimate };
        self.tell_contact(contact, told);
        self.talk_aside(contact, script, Some(wait));
    }

    /// How the customer waits. Nobody is told a later moment than before; whoever is still there
    /// after it is told the place alone.
    fn wait_of(&self, contact: ContactId) -> Option<Wait> {
        let known = self.contact(contact).filter(|it| it.stage == Stage::Waiting)?;
        let (queue, place) = known.place.as_ref()?;
        let ahead = self.domain.lines.get(queue).map_or(0, |line| line.range(..place).count());
        let position = ahead as u64 + 1;
        let pace = self.domain.paces.get(queue);
        let estimate = pace.and_then(|pace| pace.estimate(self.now, position));
        let estimate = match &known.announced {
            Some(told) if told.first.is_some() => {
                told.latest.zip(estimate).and_then(|(told, now)| self.no_later(told, now))
            }
            _ => estimate,
        };
        Some(Wait { at: self.now, position, estimate })
    }

    fn no_later(&self, told: Estimate, estimate: Estimate) -> Option<Estimate> {
        let (from, until) = (estimate.from, min(estimate.until, told.until));
        let expected = min(estimate.expected, until);
        (until > self.now).then_some(Estimate { from: min(from, until), expected, until })
    }

    fn talk_aside(&mut self, contact: ContactId, script: ScriptId, wait: Option<Wait>) {
        let called = self.contact(contact).map(|contact| &contact.called);
        let number = called.and_then(|called| self.configuration.numbers.get(called));
        let language = number.and_then(|number| number.language.clone());
        self.act(Action::TalkAside { contact, script, language, wait });
    }

    /// The script that talked with a waiting customer is at its end.
    pub(super) fn end_aside(&mut self, contact: ContactId) {
        if self.hears_script(contact) {
            self.tell_contact(contact, ContactEvent::AsideEnded);
        }
    }
}
