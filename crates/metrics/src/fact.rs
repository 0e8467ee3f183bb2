//! Facts: what reports count, each with what it can be told apart by.

use std::collections::BTreeMap;

use caruso_contact::{AgentId, Channel, Contact, ContactEvent, ContactId, QueueId, Time};

use crate::{AgentNow, AgentTime, Conversation, Figures, Offer, OutgoingCall, Transfer, Visit};

/// Facts in the order in which they began; the number tells those of one moment apart.
pub(crate) type FactKey = (Time, u64);

/// What facts are about. Each fact belongs to the interval in which it **began**, whenever it ends,
/// so that the figures of an interval may change until all that began in it is over, and never
/// afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Stays in queues, by when they were entered.
    Visits,
    /// Offers to agents, by when they were made.
    Offers,
    /// Conversations of one agent with one customer, by when they began.
    Conversations,
    /// Contacts that agents passed on, by when they did.
    Transfers,
    /// Calls that agents wanted to make, by when they did.
    OutgoingCalls,
    /// Time of agents, by quarters of an hour.
    AgentTimes,
}

/// What facts are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// The queue of the contact.
    Queue,
    /// The agent: of a visit, who answered; of a transfer, who passed on.
    Agent,
    /// The teams that the agent was in then.
    Team,
    /// The way that the contact took.
    Channel,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queue, Self::Agent, Self::Team, Self::Channel];

    /// Stable name: `queue`, `agent`, `team`, `channel`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Team => "team",
            Self::Channel => "channel",
        }
    }
}

impl Source {
    /// Stable name, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Visits => "stays in queues",
            Self::Offers => "offers",
            Self::Conversations => "conversations",
            Self::Transfers => "transfers",
            Self::OutgoingCalls => "outgoing calls",
            Self::AgentTimes => "time of agents",
        }
    }

    /// Whether its facts can be told apart so: time of agents belongs to no queue.
    pub fn knows(self, dimension: Dimension) -> bool {
        self != Self::AgentTimes || matches!(dimension, Dimension::Agent | Dimension::Team)
    }
}

/// One fact.
#[derive(Clone, Debug)]
pub enum Fact<'a> {
    /// A stay in a queue.
    Visit(&'a Visit),
    /// An offer to an agent.
    Offer(&'a Offer),
    /// A conversation of an agent.
    Conversation(&'a Conversation),
    /// A contact that was passed on.
    Transfer(&'a Transfer),
    /// A call that an agent wanted to make.
    OutgoingCall(&'a OutgoingCall),
    /// What an agent did in a quarter of an hour.
    AgentTime(AgentTime<'a>),
}

impl<'a> Fact<'a> {
    /// When it began; of time of an agent, the beginning of the quarter of an hour.
    pub fn at(&self) -> Time {
        match self {
            Self::Visit(it) => it.entered_at,
            Self::Offer(it) => it.offered_at,
            Self::Conversation(it) => it.started_at,
            Self::Transfer(it) => it.at,
            Self::OutgoingCall(it) => it.wanted_at,
            Self::AgentTime(it) => it.quarter,
        }
    }

    /// The contact; nothing for time.
    pub fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Visit(it) => Some(it.contact),
            Self::Offer(it) => Some(it.contact),
            Self::Conversation(it) => Some(it.contact),
            Self::Transfer(it) => Some(it.contact),
            Self::OutgoingCall(it) => Some(it.contact),
            Self::AgentTime(_) => None,
        }
    }

    /// The queue.
    pub fn queue(&self) -> Option<&'a QueueId> {
        match self {
            Self::Visit(it) => Some(&it.queue),
            Self::Offer(it) => Some(&it.queue),
            Self::Conversation(it) => it.queue.as_ref(),
            Self::Transfer(it) => it.queue.as_ref(),
            Self::OutgoingCall(it) => Some(&it.queue),
            Self::AgentTime(_) => None,
        }
    }

    /// The agent.
    pub fn agent(&self) -> Option<&'a AgentId> {
        match self {
            Self::Visit(it) => it.agent.as_ref(),
            Self::Offer(it) => Some(&it.agent),
            Self::Conversation(it) => Some(&it.agent),
            Self::Transfer(it) => Some(&it.agent),
            Self::OutgoingCall(it) => Some(&it.agent),
            Self::AgentTime(it) => Some(it.agent),
        }
    }

    /// The channel.
    pub fn channel(&self) -> Option<Channel> {
        match self {
            Self::Visit(it) => Some(it.channel),
            Self::Offer(it) => Some(it.channel),
            Self::Conversation(it) => Some(it.channel),
            Self::Transfer(it) => Some(it.channel),
            Self::OutgoingCall(_) => Some(Channel::Voice),
            Self::AgentTime(_) => None,
        }
    }

    /// Where it belongs; nothing where it has none: nobody answered, no team is known.
    pub fn in_dimension(&self, dimension: Dimension) -> Option<&'a str> {
        let team = match self {
            Self::Visit(it) => &it.team,
            Self::Offer(it) => &it.team,
            Self::Conversation(it) => &it.team,
            Self::Transfer(it) => &it.team,
            Self::OutgoingCall(it) => &it.team,
            Self::AgentTime(it) => it.team,
        };
        match dimension {
            Dimension::Queue => self.queue().map(QueueId::as_str),
            Dimension::Agent => self.agent().map(AgentId::as_str),
            Dimension::Team => team.as_deref(),
            Dimension::Channel => self.channel().map(Channel::name),
        }
    }
}

impl Figures {
    /// The facts that began from a moment up to, not including, another, in this order. What goes
    /// on of agents' time has gone on until `as_of`.
    pub fn facts(
        &self,
        source: Source,
        from: Time,
        to: Time,
        as_of: Time,
    ) -> Box<dyn Iterator<Item = Fact<'_>> + '_> {
        let range = (from, 0)..(to.max(from), 0);
        match source {
            Source::Visits => Box::new(self.visits.range(range).map(|(_, it)| Fact::Visit(it))),
            Source::Offers => Box::new(self.offers.all.range(range).map(|(_, it)| Fact::Offer(it))),
            Source::Conversations => {
                Box::new(self.conversations.range(range).map(|(_, it)| Fact::Conversation(it)))
            }
            Source::Transfers => {
                Box::new(self.transfers.all.range(range).map(|(_, it)| Fact::Transfer(it)))
            }
            Source::OutgoingCalls => {
                Box::new(self.calls.all.range(range).map(|(_, it)| Fact::OutgoingCall(it)))
            }
            Source::AgentTimes => {
                let now = self.agents.iter();
                let running = now.flat_map(move |(id, now)| now.running(id, as_of));
                let is_within = move |it: &AgentTime<'_>| from <= it.quarter && it.quarter < to;
                let times = self.times.between(from, to).chain(running.filter(is_within));
                Box::new(times.map(Fact::AgentTime))
            }
        }
    }
}

/// An event of a contact, with what was known before it.
pub(crate) struct Told<'a> {
    pub(crate) at: Time,
    pub(crate) id: ContactId,
    pub(crate) event: &'a ContactEvent,
    /// As it was before the event.
    pub(crate) contact: Option<&'a Contact>,
    pub(crate) agents: &'a BTreeMap<AgentId, AgentNow>,
}

impl Told<'_> {
    /// The teams that an agent is in now.
    pub(crate) fn team(&self, agent: &AgentId) -> Option<std::sync::Arc<str>> {
        self.agents.get(agent).and_then(|it| it.team.clone())
    }

    pub(crate) fn channel(&self) -> Channel {
        self.contact.map_or(Channel::Voice, |it| it.channel)
    }
}
