//! The call that an agent made, as its events tell it.

use super::{Contact, SegmentKind};
use crate::{AgentId, ContactEvent, DialEvidence, Personal, Time};

/// A call that an agent made, or wanted to; or the last one by which a customer was called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// Who wanted it.
    pub agent: AgentId,
    /// The number, as E.164 where it is one, else as the agent has it.
    pub number: Personal<String>,
    /// Whether it was permitted, and what that was decided by.
    pub evidence: DialEvidence,
    /// Whether the agent dialled at their own phone.
    pub at_phone: bool,
    /// Whether it was made beside what the agent did, so that nobody wraps it up.
    pub is_aside: bool,
    /// When the customer was called; nothing while the agent's own phone rings, and where nobody
    /// was.
    pub called_at: Option<Time>,
}

impl Outbound {
    pub(super) fn dialled(event: &ContactEvent) -> Option<Self> {
        let ContactEvent::Dialled { agent, number, called, evidence, at_phone, is_aside, .. } =
            event
        else {
            return None;
        };
        let number = called.as_ref().unwrap_or(number).clone();
        let (agent, evidence) = (agent.clone(), evidence.clone());
        let (at_phone, is_aside) = (*at_phone, *is_aside);
        Some(Self { agent, number, evidence, at_phone, is_aside, called_at: None })
    }
}

impl Contact {
    pub(super) fn customer_called(
        &mut self,
        at: Time,
        agent: &AgentId,
        evidence: Option<&DialEvidence>,
    ) {
        if let (Some(evidence), Some(callback)) = (evidence, &self.callback) {
            let (number, evidence) = (callback.number.clone(), evidence.clone());
            if let Some(offer) = self.offers.last().map(|it| it.offer) {
                self.settle_offer(offer, "accepted");
            }
            self.close(at, "accepted");
            self.open(at, SegmentKind::Dialling, Some(agent));
            let agent = agent.clone();
            self.outbound = Some(Outbound {
                agent,
                number,
                evidence,
                at_phone: false,
                is_aside: false,
                called_at: None,
            });
        }
        if let Some(outbound) = &mut self.outbound {
            outbound.called_at = Some(at);
        }
    }
}
