//! A contact that is going on, as the events of a domain tell it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use caruso_contact::{
    AgentId, AttributeValue, Channel, Consulted, ContactId, Estimate, HoldPlace, ListeningMode,
    OfferId, Preference, QueueId, Time,
};
use serde::{Deserialize, Serialize};

use crate::{LONGEST_CONVERSATION, LONGEST_WAIT, LONGEST_WRITTEN_WAIT};

/// A contact that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ongoing {
    /// The called number; empty where nobody called.
    pub called: String,
    /// How the customer reached us.
    pub channel: Channel,
    /// When.
    pub arrived_at: Time,
    /// When it entered its queue last, from which the longest wait counts; before, its arrival.
    pub queued_at: Time,
    /// Its place in its queue, once it has entered one; it keeps the place until it ends or enters
    /// another.
    pub place: Option<(QueueId, Place)>,
    /// The queue from which it came over to this one, if it did.
    #[serde(default)]
    pub overflowed_from: Option<QueueId>,
    /// The priority that a supervisor gave it, and who; it holds in whatever queue.
    #[serde(default)]
    pub prioritized: Option<(AgentId, u8)>,
    /// With whom the customer talked before, and when.
    #[serde(default)]
    pub acquainted: Option<(AgentId, Time)>,
    /// For whom alone it waits in its queue.
    #[serde(default)]
    pub preferred_agent: Option<Preferred>,
    /// What is known of it, in whatever queue, by the names of attributes.
    #[serde(default)]
    pub declared: BTreeMap<String, AttributeValue>,
    /// What the customer was told of the wait in this queue, if they were.
    #[serde(default)]
    pub announced: Option<Announced>,
    /// Whether a script talks with the customer while they wait.
    #[serde(default)]
    pub hears_script: bool,
    /// Whom it needs, once it has entered a queue that asks for somebody.
    pub required: Option<Required>,
    /// Where it is.
    pub stage: Stage,
    /// The colleague whom its agent consults; only while they talk with the customer.
    #[serde(default)]
    pub consultation: Option<Consultation>,
    /// The supervisor who listens; only while agent and customer have each other alone.
    #[serde(default)]
    pub listening: Option<Listening>,
    /// That the customer has hung up and is to be called back; nothing since they talk.
    #[serde(default)]
    pub callback: Option<CalledBack>,
    /// Until when the message is kept that the customer leaves or has left.
    #[serde(default)]
    pub voicemail: Option<Time>,
    /// Whether its agent has laid it aside for another one.
    #[serde(default)]
    pub is_interrupted: bool,
    /// Whether its agent called the customer beside what they do: their state does not know of it.
    #[serde(default)]
    pub is_aside: bool,
}

/// A customer who is to be called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledBack {
    /// Until when it waits at the longest.
    pub expires_at: Time,
    /// How often the customer was called and not reached.
    pub attempts: u32,
}

/// A colleague, or somebody outside, is asked about the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// Names the leg of who is asked.
    pub offer: OfferId,
    /// Who is asked.
    #[serde(flatten)]
    pub asked: Consulted,
    /// Until when the phone rings; nothing since it was answered.
    pub rings_until: Option<Time>,
    /// Whether the customer hears the two.
    #[serde(default)]
    pub is_conference: bool,
    /// The leg by which the agent asks, where that is another line of their phone.
    #[serde(default)]
    pub line: Option<OfferId>,
}

impl Consultation {
    /// The legs that are there for it alone.
    pub(crate) fn legs(&self) -> impl Iterator<Item = OfferId> {
        std::iter::once(self.offer).chain(self.line)
    }
}

/// A supervisor listens to a conversation, or their phone rings for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// Names the supervisor's leg.
    pub offer: OfferId,
    /// Who.
    pub supervisor: AgentId,
    /// Who hears them.
    pub mode: ListeningMode,
    /// Until when the phone rings; nothing since it was answered.
    pub rings_until: Option<Time>,
}

/// Whom a contact needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Required {
    /// Which of its queue's requirements is in force, counted from 0.
    pub step: u8,
    /// The contact attributes that they ask for.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// When the next requirement takes effect; nothing where this is the last.
    pub until: Option<Time>,
}

/// A contact waits for one agent alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferred {
    /// For whom.
    pub agent: AgentId,
    /// Until when at the longest.
    pub until: Time,
    /// Why for them.
    pub cause: Preference,
}

/// What a customer was told of the wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// When, the last time; once a script has talked with them, its end.
    pub at: Time,
    /// When they were first told how long it is likely to take, and what.
    pub first: Option<(Time, Estimate)>,
    /// What they were told of that the last time.
    pub latest: Option<Estimate>,
}

/// A place in a line; the least is the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The priority where a larger one goes first however long others wait; else 0.
    pub ahead: Reverse<u8>,
    /// Since when the wait counts: the entry into the queue, or, where waiting makes up for
    /// priority, as much earlier as the priority is worth.
    pub counts_from: Time,
    /// Who waits; the last ranking term.
    pub contact: ContactId,
    /// The priority.
    pub priority: u8,
    /// When the contact entered the queue.
    pub entered: Time,
}

/// A phone rings for a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ringing {
    /// The offer.
    pub offer: OfferId,
    /// Whose phone.
    pub agent: AgentId,
    /// Until when it rings.
    pub deadline: Time,
}

/// Where a contact is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// A script leads the customer, on whichever channel.
    Ivr,
    /// Waits.
    Waiting,
    /// Waits to be called back, and is offered to nobody yet; it keeps its place.
    Postponed {
        /// Until then.
        until: Time,
    },
    /// The customer leaves a message, or hears that they may; it waits nowhere.
    Recording {
        /// Until when at the longest.
        deadline: Time,
    },
    /// Waits while phones ring.
    Offered {
        /// The phones, in the order in which they began; at least one.
        rings: Vec<Ringing>,
        /// Who chose the agent by name; nothing for an offer out of the line.
        by: Option<AgentId>,
    },
    /// An agent calls the customer.
    Dialling {
        /// Names the agent's leg.
        offer: OfferId,
        /// Who.
        agent: AgentId,
        /// Until when the phone rings, that of the agent or of the customer.
        deadline: Time,
        /// Whether the agent's phone has answered, and the customer's is called.
        is_called: bool,
    },
    /// Talks.
    Talking {
        /// The offer that was accepted.
        offer: OfferId,
        /// With whom.
        agent: AgentId,
        /// Until when at the longest, time on hold included.
        deadline: Time,
        /// Where the call is held; nothing while they hear each other.
        held: Option<HoldPlace>,
    },
    /// An agent passed the customer on to an outside number.
    Outside {
        /// Names the leg of whoever is called there.
        offer: OfferId,
        /// Who passed the customer on.
        by: AgentId,
        /// Until when it rings, or they talk at the longest.
        deadline: Time,
        /// Whether somebody has answered there.
        is_connected: bool,
    },
    /// The customer is gone; the agent's wrap-up follows in the same decision.
    Ended,
}

impl Stage {
    /// The legs of agents, or of who is called outside, that are there for it.
    pub(crate) fn legs(&self) -> impl Iterator<Item = OfferId> {
        let (rings, one) = match self {
            Self::Offered { rings, .. } => (rings.as_slice(), None),
            Self::Dialling { offer, .. }
            | Self::Outside { offer, .. }
            | Self::Talking { offer, .. } => (&[][..], Some(*offer)),
            Self::Ivr
            | Self::Waiting
            | Self::Postponed { .. }
            | Self::Recording { .. }
            | Self::Ended => (&[][..], None),
        };
        rings.iter().map(|it| it.offer).chain(one)
    }
}

impl Place {
    pub(crate) fn new(
        contact: ContactId,
        entered: Time,
        priority: u8,
        counts_from: Option<Time>,
    ) -> Self {
        let ahead = Reverse(if counts_from.is_some() { 0 } else { priority });
        Self { ahead, counts_from: counts_from.unwrap_or(entered), contact, priority, entered }
    }
}

impl Ongoing {
    pub(crate) fn begun(at: Time, called: &str, channel: Channel) -> Self {
        Self {
            called: called.to_owned(),
            channel,
            arrived_at: at,
            queued_at: at,
            place: None,
            overflowed_from: None,
            prioritized: None,
            acquainted: None,
            preferred_agent: None,
            declared: BTreeMap::new(),
            announced: None,
            hears_script: false,
            required: None,
            stage: Stage::Ivr,
            consultation: None,
            callback: None,
            voicemail: None,
            listening: None,
            is_interrupted: false,
            is_aside: false,
        }
    }

    /// Its queue, once it has entered one.
    pub fn queue(&self) -> Option<&QueueId> {
        self.place.as_ref().map(|(queue, _)| queue)
    }

    /// Whether it is a call: with legs, a telephone that rings, somebody who hangs up.
    pub fn is_call(&self) -> bool {
        self.channel.is_call()
    }

    /// Whether the customer is on the line: a call, and nobody who is to be called back.
    pub fn is_on_line(&self) -> bool {
        self.is_call() && self.callback.is_none()
    }

    /// Whether the customer has left a message and is gone.
    pub fn is_message(&self) -> bool {
        self.channel == Channel::Voicemail
    }

    /// When its stage, or the ringing of a consultation, ends by itself.
    pub fn deadline(&self) -> Option<Time> {
        match &self.stage {
            Stage::Ivr if self.is_call() => None,
            Stage::Ivr => Some(self.arrived_at.after(LONGEST_CONVERSATION)),
            Stage::Waiting => {
                let longest = if self.is_call() { LONGEST_WAIT } else { LONGEST_WRITTEN_WAIT };
                let expires = self.callback.as_ref().map(|callback| callback.expires_at);
                let kept = self.voicemail.filter(|_| self.is_message());
                let longest = expires.or(kept).unwrap_or_else(|| self.queued_at.after(longest));
                let end = self.place.as_ref().map(|_| longest);
                let relaxed = self.required.as_ref().and_then(|required| required.until);
                let preferred = self.preferred_agent.as_ref().map(|preferred| preferred.until);
                end.and_then(|end| relaxed.into_iter().chain(preferred).chain([end]).min())
            }
            Stage::Postponed { until } => {
                let expires = self.callback.as_ref().map(|callback| callback.expires_at);
                Some(expires.map_or(*until, |at| at.min(*until)))
            }
            Stage::Offered { rings, .. } => rings.iter().map(|it| it.deadline).min(),
            Stage::Dialling { deadline, .. }
            | Stage::Outside { deadline, .. }
            | Stage::Recording { deadline } => Some(*deadline),
            Stage::Talking { deadline, .. } => {
                let rings_until = self.consultation.as_ref().and_then(|it| it.rings_until);
                let listening = self.listening.as_ref().and_then(|it| it.rings_until);
                rings_until.into_iter().chain(listening).chain([*deadline]).min()
            }
            Stage::Ended => None,
        }
    }
}
