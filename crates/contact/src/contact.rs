//! One contact as its events tell it: segments, offers, and what came of it.

use std::collections::BTreeMap;

use crate::{
    AgentId, Answer, Channel, ContactEvent, ContactId, DispositionId, EndCause, HoldPlace,
    OfferEnd, OfferId, Party, Personal, QueueId, Time, Why,
};

/// A contact, folded from its events in order. Everything in it is derived; nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// When the customer reached us.
    pub arrived_at: Time,
    /// How.
    pub channel: Channel,
    /// From where; nothing if withheld.
    pub calling: Option<Personal<String>>,
    /// On which number; empty where nobody called.
    pub called: String,
    /// Key of the customer's business object, once known.
    pub customer: Option<Personal<String>>,
    /// The queue it waited in last.
    pub queue: Option<QueueId>,
    /// When it entered that queue.
    pub queued_at: Option<Time>,
    /// What the script handed over for the desk, by name.
    pub attributes: Option<Personal<BTreeMap<String, String>>>,
    /// What the customer answered before the queue, in order; nothing of calls.
    pub answers: Option<Personal<Vec<Answer>>>,
    /// The agent who talked with the customer.
    pub agent: Option<AgentId>,
    /// When they began to talk.
    pub connected_at: Option<Time>,
    /// Since when the customer is on hold, and where; nothing while they talk.
    pub held: Option<(Time, HoldPlace)>,
    /// When, by whom and why the customer's side ended.
    pub ended: Option<(Time, Party, EndCause)>,
    /// How it came out.
    pub disposition: Option<DispositionId>,
    /// The agent's words.
    pub note: Option<Personal<String>>,
    /// What it went through, in order, without gaps between arrival and the end of wrap-up.
    pub segments: Vec<Segment>,
    /// To whom it was offered, in order.
    pub offers: Vec<OfferTold>,
}

/// A stretch of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// The queue; in the IVR none.
    pub queue: Option<QueueId>,
    /// The agent, if it has to do with one.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Time,
    /// When it ended, and the name of the cause; nothing while it lasts.
    pub ended: Option<(Time, &'static str)>,
}

/// The kinds of segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SegmentKind {
    /// A dialogue script leads the customer, on whichever channel.
    Ivr,
    /// Waits in a queue.
    Waiting,
    /// Waits while an agent's phone rings.
    Offered,
    /// Customer and agent talk.
    WithAgent,
    /// The agent has parted from the customer for a while, who hears music.
    OnHold,
    /// The agent finishes the contact.
    WrapUp,
}

impl SegmentKind {
    /// Stable name: `ivr`, `waiting`, `offered`, `with-agent`, `on-hold`, `wrap-up`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ivr => "ivr",
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::WithAgent => "with-agent",
            Self::OnHold => "on-hold",
            Self::WrapUp => "wrap-up",
        }
    }
}

/// One offer of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferTold {
    /// Its id.
    pub offer: OfferId,
    /// To whom.
    pub agent: AgentId,
    /// When.
    pub offered_at: Time,
    /// `accepted`, or the name of the reason that ended it; nothing while it lasts.
    pub outcome: Option<&'static str>,
    /// Why.
    pub why: Why,
}

impl Contact {
    /// The contact of an arrival; nothing if `event` is not one.
    pub fn begin(id: ContactId, at: Time, event: &ContactEvent) -> Option<Self> {
        let ContactEvent::Arrived { calling, called, channel } = event else { return None };
        Some(Self {
            id,
            arrived_at: at,
            channel: *channel,
            calling: calling.clone(),
            called: called.clone(),
            customer: None,
            queue: None,
            queued_at: None,
            attributes: None,
            answers: None,
            agent: None,
            connected_at: None,
            held: None,
            ended: None,
            disposition: None,
            note: None,
            segments: Vec::new(),
            offers: Vec::new(),
        })
    }

    /// Folds the next event of this contact, recorded at `at`.
    pub fn apply(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::Arrived { .. } => {}
            ContactEvent::IvrStarted { .. } => self.open(at, SegmentKind::Ivr, None),
            ContactEvent::IvrEnded { outcome } => self.close(at, outcome.name()),
            ContactEvent::CustomerIdentified { customer } => self.customer = Some(customer.clone()),
            ContactEvent::QueueEntered { queue, attributes, answers, .. } => {
                self.queue = Some(queue.clone());
                self.attributes = Some(attributes.clone());
                self.answers.clone_from(answers);
                self.queued_at = Some(at);
                self.open(at, SegmentKind::Waiting, None);
            }
            ContactEvent::Offered { offer, agent, why, .. } => self.offered(at, *offer, agent, why),
            ContactEvent::OfferEnded { reason, .. } => self.offer_ended(at, *reason),
            ContactEvent::Connected { agent, .. } => self.connected(at, agent),
            ContactEvent::Held { agent, place } => self.hold(at, agent, *place),
            ContactEvent::Retrieved { agent } => {
                self.held = None;
                self.close(at, "retrieved");
                self.open(at, SegmentKind::WithAgent, Some(agent));
            }
            ContactEvent::Ended { by, cause } => {
                self.held = None;
                self.ended = Some((at, *by, *cause));
                self.close(at, cause.name());
            }
            ContactEvent::WrapUpStarted { agent, .. } => {
                self.open(at, SegmentKind::WrapUp, Some(agent));
            }
            ContactEvent::Disposed { disposition, note, .. } => {
                self.disposition = Some(disposition.clone());
                self.note = Some(note.clone());
            }
            ContactEvent::WrapUpEnded { cause, .. } => self.close(at, cause.name()),
        }
    }

    fn offered(&mut self, at: Time, offer: OfferId, agent: &AgentId, why: &Why) {
        self.close(at, "offered");
        self.open(at, SegmentKind::Offered, Some(agent));
        let (agent, why) = (agent.clone(), why.clone());
        self.offers.push(OfferTold { offer, agent, offered_at: at, outcome: None, why });
    }

    fn offer_ended(&mut self, at: Time, reason: OfferEnd) {
        self.settle_offer(reason.name());
        self.close(at, reason.name());
        if reason != OfferEnd::CallerGone {
            self.open(at, SegmentKind::Waiting, None);
        }
    }

    fn connected(&mut self, at: Time, agent: &AgentId) {
        self.settle_offer("accepted");
        self.close(at, "accepted");
        self.agent = Some(agent.clone());
        self.connected_at = Some(at);
        self.open(at, SegmentKind::WithAgent, Some(agent));
    }

    /// A hold that only moves to another place goes on.
    fn hold(&mut self, at: Time, agent: &AgentId, place: HoldPlace) {
        let since = self.held.map(|(since, _)| since);
        self.held = Some((since.unwrap_or(at), place));
        if since.is_none() {
            self.close(at, "held");
            self.open(at, SegmentKind::OnHold, Some(agent));
        }
    }

    fn settle_offer(&mut self, outcome: &'static str) {
        if let Some(offer) = self.offers.last_mut() {
            offer.outcome = Some(outcome);
        }
    }

    fn open(&mut self, at: Time, kind: SegmentKind, agent: Option<&AgentId>) {
        let queue = self.queue.clone();
        let agent = agent.cloned();
        self.segments.push(Segment { kind, queue, agent, started_at: at, ended: None });
    }

    fn close(&mut self, at: Time, cause: &'static str) {
        if let Some(segment) = self.segments.last_mut() {
            segment.ended.get_or_insert((at, cause));
        }
    }

    /// The segment that lasts; none before the first and after the last.
    pub fn current_segment(&self) -> Option<&Segment> {
        self.segments.last().filter(|segment| segment.ended.is_none())
    }

    /// Whether nothing more will happen: the customer is gone and no agent is busy with it.
    pub fn is_over(&self) -> bool {
        self.ended.is_some() && self.current_segment().is_none()
    }
}

#[cfg(test)]
mod tests;
