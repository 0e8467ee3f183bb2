//! What ends by itself.

use caruso_contact::{
    AgentId, AgentState, ContactEvent, ContactId, EndCause, OfferEnd, Overflow, Party,
    PreferenceEnd, StateCause, Time, WrapUpEnd, reason,
};

use super::Step;
use crate::domain::Finishing;
use crate::ongoing::{Ringing, Stage};
use crate::{Action, WrapUp};

impl Step<'_> {
    /// Ends every state whose deadline is reached, earliest first: contacts, then wrap-ups, then
    /// pauses. Then nobody waits any more for an agent who is away, and calls go on from queues
    /// that nobody serves.
    pub(super) fn end_what_is_due(&mut self) {
        while self.end_first() {}
        while let Some(contact) = self.floor.unserved(self.configuration) {
            self.overflow(contact, Overflow::Unserved);
        }
        while let Some((at, contact)) = self.floor.next_announcement()
            && at <= self.now
        {
            self.announce(contact);
        }
        while let Some((at, agent)) = self.domain.wrap_up_deadlines.first().cloned()
            && at <= self.now
        {
            self.wrap_up_is_over(&agent);
        }
        while let Some((at, agent)) = self.domain.resumptions.first().cloned()
            && at <= self.now
        {
            self.free(&agent, StateCause::PauseOver);
        }
        while let Some(contact) = self.preferred_in_vain() {
            self.end_preference(contact, PreferenceEnd::Away);
        }
    }

    /// Ends the state of a contact that is due first; whether there was one.
    fn end_first(&mut self) -> bool {
        let is_due = |(at, _): &(Time, ContactId)| *at <= self.now;
        let ends = self.domain.deadlines.first().copied().filter(is_due);
        let overflows = self.floor.next_overflow().filter(is_due);
        match (overflows, ends) {
            (Some((at, contact)), ends) if ends.is_none_or(|(end, _)| at <= end) => {
                self.overflow(contact, Overflow::Waited);
            }
            (_, Some((_, contact))) => self.time_is_over(contact),
            _ => return false,
        }
        true
    }

    fn time_is_over(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Postponed { until }) if until <= self.now => {
                self.tell_contact(contact, ContactEvent::CallbackDue);
            }
            Some(Stage::Postponed { .. }) => {
                self.end(contact, Party::System, EndCause::WaitedTooLong);
            }
            Some(Stage::Waiting) if self.is_preference_over(contact) => {
                self.end_preference(contact, PreferenceEnd::TimeOver);
            }
            Some(Stage::Waiting) if self.is_to_be_relaxed(contact) => self.relax(contact),
            Some(Stage::Waiting) => self.dismiss(contact, EndCause::WaitedTooLong, None),
            Some(Stage::Offered { rings, .. }) => {
                let now = self.now;
                let due = rings.into_iter().filter(|it| it.deadline <= now);
                for Ringing { offer, agent, .. } in due {
                    self.fail_offer(contact, offer, &agent, OfferEnd::NoAnswer);
                    self.act(Action::DropAgent { offer });
                }
            }
            Some(Stage::Talking { .. })
                if self.has_rung_in_vain(contact) || self.supervisor_rung_in_vain(contact) => {}
            Some(Stage::Talking { offer, agent, .. }) => {
                self.end_talk(contact, &agent, Party::System, EndCause::TalkedTooLong);
                self.drop_caller(contact, EndCause::TalkedTooLong);
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Dialling { is_called, .. }) => self.dialling_is_over(contact, is_called),
            Some(Stage::Outside { .. }) => self.outside_is_over(contact),
            Some(Stage::Ivr) => self.lose(contact),
            Some(Stage::Recording { .. }) => self.recording_is_lost(contact),
            Some(Stage::Ended) | None => {}
        }
    }

    fn wrap_up_is_over(&mut self, agent: &AgentId) {
        let Some(Finishing { contact, queue, .. }) = self.domain.wrap_ups.get(agent).cloned()
        else {
            return;
        };
        let queue = queue.and_then(|queue| self.configuration.queues.get(&queue));
        let is_required = queue.is_some_and(|queue| queue.wrap_up == WrapUp::Required);
        self.end_wrap_up(contact, agent, WrapUpEnd::TimeOver);
        let has_chosen = self.agent(agent).is_some_and(|agent| agent.next.is_some());
        if is_required && !has_chosen {
            let to = AgentState::NotReady { reason: reason::id(reason::WRAP_UP_OVERDUE) };
            self.go_on(agent, to, StateCause::WrapUpTimeOver);
        } else {
            self.free(agent, StateCause::WrapUpTimeOver);
        }
    }
}
