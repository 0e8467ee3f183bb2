//! Offers of contacts to agents, and what came of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_contact::{AgentId, Channel, ContactEvent, ContactId, OfferEnd, QueueId, Time};

use crate::fact::{FactKey, Told};

/// One offer of a contact to one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// When.
    pub offered_at: Time,
    /// Of which contact.
    pub contact: ContactId,
    /// Out of which queue.
    pub queue: QueueId,
    /// To whom.
    pub agent: AgentId,
    /// The agent's teams then, joined by ` + `.
    pub team: Option<Arc<str>>,
    /// The way that the contact took.
    pub channel: Channel,
    /// What came of it.
    pub outcome: OfferOutcome,
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferOutcome {
    /// Nothing yet.
    Ringing,
    /// The agent took it.
    Accepted,
    /// The agent did not: no answer, declined, busy, unreachable.
    NotTaken,
    /// There was nothing to take any more: the customer left, a colleague was first, or a restart
    /// took it back.
    Withdrawn,
}

/// The fold over offers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offers {
    pub(crate) all: BTreeMap<FactKey, Offer>,
    ringing: BTreeMap<(ContactId, AgentId), FactKey>,
    count: u64,
}

impl Offers {
    pub(crate) fn apply(&mut self, told: &Told<'_>) {
        match told.event {
            ContactEvent::Offered { queue, agent, .. } => {
                let offer = Offer {
                    offered_at: told.at,
                    contact: told.id,
                    queue: queue.clone(),
                    agent: agent.clone(),
                    team: told.team(agent),
                    channel: told.channel(),
                    outcome: OfferOutcome::Ringing,
                };
                self.count += 1;
                self.all.insert((told.at, self.count), offer);
                self.ringing.insert((told.id, agent.clone()), (told.at, self.count));
            }
            ContactEvent::OfferEnded { agent, reason, .. } => {
                self.end(told.id, agent, outcome_of(*reason));
            }
            // who is called back is called by an agent who has taken the offer
            ContactEvent::Connected { agent, .. } | ContactEvent::CustomerCalled { agent, .. } => {
                self.end(told.id, agent, OfferOutcome::Accepted);
            }
            _ => {}
        }
    }

    fn end(&mut self, id: ContactId, agent: &AgentId, outcome: OfferOutcome) {
        let key = self.ringing.remove(&(id, agent.clone()));
        if let Some(offer) = key.and_then(|key| self.all.get_mut(&key)) {
            offer.outcome = outcome;
        }
    }

    pub(crate) fn forget_before(&mut self, at: Time) {
        self.all.retain(|key, it| key.0 >= at || it.outcome == OfferOutcome::Ringing);
    }
}

fn outcome_of(reason: OfferEnd) -> OfferOutcome {
    match reason {
        OfferEnd::NoAnswer | OfferEnd::Rejected | OfferEnd::Busy | OfferEnd::Unreachable => {
            OfferOutcome::NotTaken
        }
        OfferEnd::CallerGone | OfferEnd::Cancelled | OfferEnd::AnsweredElsewhere => {
            OfferOutcome::Withdrawn
        }
    }
}
