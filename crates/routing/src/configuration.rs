//! What `routing.xml` says, compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{
    AttributeValue, DispositionId, Overflow, PurposeId, QueueId, ReasonId, ScriptId, SkillId,
    Strategy, Time,
};

use caruso_expression::Type;

use crate::{Capacity, Hours, Needs, Ongoing, OutboundRules};

/// The largest priority.
pub(crate) const MAX_PRIORITY: i64 = 9;

/// A text in several languages, by language tag.
pub type Titles = BTreeMap<String, String>;

/// The routing of an application: everything that the decisions depend on beside the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// So much waiting is worth one priority more; nothing where larger priority goes first
    /// however long others wait.
    pub age: Option<Duration>,
    /// How long after an offer that was not taken an agent is ready again by themselves, by the
    /// reason for which they are not ready; without it, not before they say so.
    pub pauses: BTreeMap<ReasonId, Duration>,
    /// How much of an agent a contact takes.
    pub capacity: Capacity,
    /// The skills that agents may have.
    pub skills: BTreeSet<SkillId>,
    /// What routing gets to know of a contact, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// The called numbers, as a trunk may spell them.
    pub numbers: BTreeMap<String, Number>,
    /// Queues that each team serves, by the team's name.
    pub teams: BTreeMap<String, BTreeSet<QueueId>>,
    /// Reasons that an agent may choose for not ready, in the order of the file.
    pub reasons: Vec<(ReasonId, Titles)>,
    /// What agents may call customers about; nothing where they may not.
    pub outbound: Option<Arc<OutboundRules>>,
}

/// A contact attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Which values it may have.
    pub ty: AttributeType,
    /// Its value where the script gives none that fits.
    pub default: AttributeValue,
}

/// The type of a contact attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// One of these, in the order of the file.
    Choice(Vec<String>),
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// What people call it.
    pub titles: Titles,
    /// 0 to 9; a larger number is served first, whoever waits elsewhere, or counts as so much more
    /// waiting.
    pub priority: u8,
    /// Contact attribute, a whole number, that is the priority instead.
    pub priority_by: Option<String>,
    /// Whom its contacts need; nothing where every agent of its teams will do.
    pub needs: Option<Needs>,
    /// The skill of which more goes first.
    pub preferred: Option<SkillId>,
    /// For whom alone its contacts wait at first.
    pub preferred_agent: Option<PreferredAgent>,
    /// Which agent goes first.
    pub strategy: Strategy,
    /// How long an agent's phone rings.
    pub offer_timeout: Duration,
    /// Most contacts that wait in it; the next one is turned away.
    pub maximum_length: usize,
    /// How its customers are called back who want that; nothing where nobody is.
    pub callback: Option<Callback>,
    /// How those who wait are told of their wait; nothing where they are not.
    pub announcement: Option<Announcement>,
    /// How messages are taken; nothing where none are.
    pub voicemail: Option<Voicemail>,
    /// What becomes of whom it cannot keep waiting.
    pub overflows: Overflows,
    /// When it is open to calls; nothing where it always is.
    pub hours: Option<Arc<Hours>>,
    /// Prompt that those who wait hear again and again.
    pub music: String,
    /// Dialogue script at the desk.
    pub script: ScriptId,
    /// What happens when wrap-up is over without a disposition.
    pub wrap_up: WrapUp,
    /// Longest wrap-up.
    pub wrap_up_time: Duration,
    /// How a contact may come out, in the order of the file.
    pub dispositions: Vec<(DispositionId, Titles)>,
}

/// For which agent alone a contact waits at first; the script's word comes before acquaintance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferredAgent {
    /// How long at the longest.
    pub time: Duration,
    /// By what name the script hands over who it is.
    pub by: Option<String>,
    /// How long ago the customer may have talked with them.
    pub within: Option<Duration>,
}

/// How customers are called back who hang up and keep their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// By what name the script hands over the number to call.
    pub by: String,
    /// What such a call is about: whose rules hold.
    pub purpose: PurposeId,
    /// Prompt that the customer hears before the call ends.
    pub say: String,
    /// How often a customer is called who is not reached.
    pub attempts: u32,
    /// How long after a call that reached nobody the next one may be.
    pub again: Duration,
    /// How long a customer waits to be called at the longest.
    pub expires: Duration,
    /// How it is offered to who waits; nothing where it is not.
    pub offer: Option<CallbackOffer>,
}

/// How customers who wait are asked whether they want to be called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackOffer {
    /// Prompt that they hear after each round of the music.
    pub prompt: String,
    /// The key that they may press at any time.
    pub key: char,
    /// The script that talks with them then.
    pub script: ScriptId,
}

/// How customers who wait are told of their wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The script that tells them.
    pub script: ScriptId,
    /// How long after they entered the queue.
    pub after: Duration,
    /// How long after the last time.
    pub every: Duration,
}

impl Announcement {
    /// When the contact is told next.
    pub(crate) fn due_at(&self, contact: &Ongoing) -> Time {
        match &contact.announced {
            Some(announced) => announced.at.after(self.every),
            None => contact.queued_at.after(self.after),
        }
    }
}

/// How customers leave messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voicemail {
    /// Prompt that they hear before the tone.
    pub say: String,
    /// How long a message may be.
    pub longest: Duration,
    /// After so long a silence it is over.
    pub silence: Duration,
    /// The key with which the customer ends it.
    pub key: char,
    /// How long it is kept from its beginning on; so long it waits for an agent at the longest.
    pub keep: Duration,
}

/// What becomes of whom a queue cannot keep waiting; nothing where that is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overflows {
    /// Of a call that has waited there so long.
    pub wait: Option<(Duration, Onward)>,
    /// Of whom comes when as many wait as may.
    pub full: Option<Onward>,
    /// Of a call while nobody has signed in who serves the queue.
    pub unserved: Option<Onward>,
    /// Of a call that comes outside of the queue's hours.
    pub closed: Option<Onward>,
}

/// Where whoever cannot wait goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    /// To another queue. No chain of them comes back to where it began.
    Queue(QueueId),
    /// The call ends after this prompt.
    Prompt(String),
    /// The customer leaves a message here.
    Message,
}

/// What happens when wrap-up is over without a disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrapUp {
    /// There is no wrap-up: the agent is ready as soon as the conversation is over.
    None,
    /// The agent is ready again.
    Timed,
    /// The same, and the agent may go on at once without closing the contact.
    Optional,
    /// The agent is not ready until they say so: the disposition was required.
    Required,
}

/// A called number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Dialogue script that answers.
    pub script: ScriptId,
    /// The language in which the script begins, as BCP 47 has it; nothing for the script's own.
    pub language: Option<String>,
    /// Queue that takes over when the script cannot go on.
    pub fallback: QueueId,
}

impl Configuration {
    /// The queues that agents of these teams serve; unknown teams serve none.
    pub fn queues_of<'a>(&self, teams: impl IntoIterator<Item = &'a str>) -> BTreeSet<QueueId> {
        teams.into_iter().filter_map(|team| self.teams.get(team)).flatten().cloned().collect()
    }

    /// The values of attributes among what a script handed over; what does not fit is left out.
    pub fn declared(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, AttributeValue> {
        let value = |(name, text): (&String, &String)| {
            Some((name.clone(), self.attributes.get(name)?.ty.parse(text)?))
        };
        given.iter().filter_map(value).collect()
    }

    /// The priority of a contact of which this is known.
    pub fn priority(&self, queue: &Queue, known: &BTreeMap<String, AttributeValue>) -> u8 {
        let Some(name) = &queue.priority_by else { return queue.priority };
        match self.attributes.get(name).map(|attribute| attribute.value(known.get(name))) {
            Some(AttributeValue::Int(value)) => {
                u8::try_from(value.clamp(0, MAX_PRIORITY)).unwrap_or(queue.priority)
            }
            _ => queue.priority,
        }
    }

    /// Whether it matters with whom a customer has talked before.
    pub fn asks_for_acquaintance(&self) -> bool {
        let preferred = self.queues.values().filter_map(|queue| queue.preferred_agent.as_ref());
        preferred.into_iter().any(|preferred| preferred.within.is_some())
    }

    /// What a call is about to somebody who was in this queue: that of its callbacks, else the
    /// first purpose of calls on its behalf; nothing where there is none.
    pub fn purpose_of(&self, queue: &QueueId) -> Option<&PurposeId> {
        let rules = self.outbound.as_ref()?;
        let of_callbacks = self.queues.get(queue)?.callback.as_ref().map(|it| &it.purpose);
        let first = || rules.purposes.iter().find(|(_, it)| it.queue == *queue).map(|(id, _)| id);
        of_callbacks.or_else(first)
    }

    /// Whether an agent may choose this reason.
    pub fn has_reason(&self, reason: &ReasonId) -> bool {
        self.reasons.iter().any(|(known, _)| known == reason)
    }
}

impl Overflows {
    /// Where whoever cannot wait for this reason goes.
    pub fn onward(&self, cause: Overflow) -> Option<&Onward> {
        match cause {
            Overflow::Waited => self.wait.as_ref().map(|(_, onward)| onward),
            Overflow::Full => self.full.as_ref(),
            Overflow::Unserved => self.unserved.as_ref(),
            Overflow::Closed => self.closed.as_ref(),
        }
    }
}

impl Attribute {
    /// The value that is known, or the default. A value that an earlier release had and this one
    /// has not is none.
    pub fn value(&self, known: Option<&AttributeValue>) -> AttributeValue {
        known.filter(|value| self.ty.has(value)).unwrap_or(&self.default).clone()
    }
}

impl AttributeType {
    /// What it is to expressions, for the attribute of this name.
    pub fn to_expression(&self, name: &str) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Choice(values) => Type::choice(name, values.iter().cloned()),
        }
    }

    /// Whether it is a value of this type.
    fn has(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (Self::Bool, AttributeValue::Bool(_)) | (Self::Int, AttributeValue::Int(_)) => true,
            (Self::Choice(values), AttributeValue::Choice(value)) => values.contains(value),
            _ => false,
        }
    }

    /// The value that the text means; nothing if it is none of this type.
    pub fn parse(&self, text: &str) -> Option<AttributeValue> {
        match self {
            Self::Bool => text.parse().ok().map(AttributeValue::Bool),
            Self::Int => text.parse().ok().map(AttributeValue::Int),
            Self::Choice(values) => {
                let is_one = values.iter().any(|value| value == text);
                is_one.then(|| AttributeValue::Choice(text.to_owned()))
            }
        }
    }
}

impl Queue {
    /// How long wrap-up may take.
    pub fn longest_wrap_up(&self) -> Duration {
        if self.wrap_up == WrapUp::None { Duration::ZERO } else { self.wrap_up_time }
    }

    /// Whether a contact of this queue may come out so.
    pub fn has_disposition(&self, disposition: &DispositionId) -> bool {
        self.dispositions.iter().any(|(known, _)| known == disposition)
    }

    /// What people call it in this language, else in English, else in any.
    pub fn title(&self, language: &str) -> &str {
        title(&self.titles, language)
    }
}

/// The text in this language, else in English, else in any; empty if there is none.
pub fn title<'a>(titles: &'a Titles, language: &str) -> &'a str {
    let any = || titles.values().next();
    titles.get(language).or_else(|| titles.get("en")).or_else(any).map_or("", String::as_str)
}
