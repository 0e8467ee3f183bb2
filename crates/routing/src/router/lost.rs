//! A phone that goes from a conversation without a word, for want of power or network.

use caruso_contact::{AgentEvent, AgentId, ContactEvent, ContactId, ListeningEnd, OfferId, reason};

use super::Step;
use crate::ongoing::Stage;

impl Step<'_> {
    /// Without a consultation the customer waits again. With one it is as if the phone had hung up:
    /// the two who are left have each other. Of a call that was made aside, nobody is to take over.
    pub(super) fn agent_lost(&mut self, offer: OfferId) {
        let contact = self.domain.offers.get(&offer).copied();
        let is_laid_aside = contact.is_some_and(|contact| self.is_interrupted(contact));
        if is_laid_aside || self.supervisor_gone(offer) || self.line_gone(offer) {
            // what is laid aside is no call, and has no leg that could be lost
            return;
        }
        match contact.and_then(|contact| Some((contact, self.stage(contact)?))) {
            Some((contact, Stage::Talking { agent, .. }))
                if self.consultation(contact).is_none() && !self.is_aside(contact) =>
            {
                self.wait_again(contact, &agent);
            }
            _ => self.agent_gone(offer),
        }
    }

    /// The customer has the place that they had. The agent wraps up and is not ready then: the
    /// next call would ring at the same phone.
    fn wait_again(&mut self, contact: ContactId, agent: &AgentId) {
        self.tell_contact(contact, ContactEvent::AgentLost { agent: agent.clone() });
        self.dismiss_supervisor(contact, ListeningEnd::Passed);
        self.begin_wrap_up(contact, agent);
        let reason = Some(reason::id(reason::PHONE_LOST));
        self.tell_agent(agent, AgentEvent::NextStateChosen { reason });
        self.return_to_queue(contact);
        self.play_music(contact);
    }
}
