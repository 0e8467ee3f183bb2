//! What ends by itself.

use caruso_contact::{
    AgentId, AgentState, ContactId, EndCause, OfferEnd, Party, StateCause, WrapUpEnd, reason,
};

use super::Step;
use crate::domain::{Finishing, Stage};
use crate::{Action, WrapUp};

impl Step<'_> {
    /// Ends every state whose deadline is reached, earliest first: contacts, then wrap-ups.
    pub(super) fn end_what_is_due(&mut self) {
        while let Some((at, contact)) = self.domain.deadlines.first().copied()
            && at <= self.now
        {
            self.time_is_over(contact);
        }
        while let Some((at, agent)) = self.domain.wrap_up_deadlines.first().cloned()
            && at <= self.now
        {
            self.wrap_up_is_over(&agent);
        }
    }

    fn time_is_over(&mut self, contact: ContactId) {
        match self.stage(contact) {
            Some(Stage::Waiting) if self.is_to_be_relaxed(contact) => self.relax(contact),
            Some(Stage::Waiting) => {
                self.end(contact, Party::System, EndCause::WaitedTooLong);
                self.act(Action::DropCaller { contact, cause: EndCause::WaitedTooLong });
            }
            Some(Stage::Offered { offer, agent, .. }) => {
                self.fail_offer(contact, offer, &agent, OfferEnd::NoAnswer);
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Talking { .. }) if self.has_rung_in_vain(contact) => {}
            Some(Stage::Talking { offer, agent, .. }) => {
                self.end_talk(contact, &agent, Party::System, EndCause::TalkedTooLong);
                self.act(Action::DropCaller { contact, cause: EndCause::TalkedTooLong });
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Ivr) => self.lose(contact),
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
            self.change_agent(agent, to, StateCause::WrapUpTimeOver);
        } else {
            self.free(agent, StateCause::WrapUpTimeOver);
        }
    }
}
