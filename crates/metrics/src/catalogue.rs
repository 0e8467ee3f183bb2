//! Every figure that a report may show: its formula, in words and as it is computed.
//!
//! A formula that is here never changes its meaning: another meaning is another id. So a figure of
//! last month is the same next month.

use std::time::Duration;

use caruso_contact::{ReasonId, Time};

use crate::tally::{Tally, Unit, Value};
use crate::{Conversation, Fact, Offer, OutgoingCall, Source, Transfer, Visit};

mod agent_times;
mod conversations;
mod offers;
mod outgoing;
mod service_level;
mod transfers;
mod visits;

pub use service_level::{DEFAULT_SERVICE_LEVEL, service_levels};

/// What a figure may be asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// `T`: a wait as long as this is within the threshold.
    pub within: Duration,
    /// `s`: who abandons after a wait as long as this, or a shorter one, abandons soon.
    pub short: Duration,
    /// Of times not ready, those for this reason alone.
    pub reason: Option<ReasonId>,
    /// Until when those who still wait have waited.
    pub as_of: Time,
}

impl Default for Parameters {
    /// 20 s and 5 s.
    fn default() -> Self {
        let (within, short) = (Duration::from_secs(20), Duration::from_secs(5));
        Self { within, short, reason: None, as_of: Time::default() }
    }
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its formula's stable id.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The formula in words and signs.
    pub definition: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Which of the parameters it takes.
    pub takes: Takes,
    measure: Measure,
}

/// The parameter that a figure takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None.
    Nothing,
    /// `within`.
    Within,
    /// `short`.
    Short,
    /// `within` and `short`.
    WithinAndShort,
    /// `reason`.
    Reason,
}

impl Takes {
    /// Whether it takes `within`.
    pub fn within(self) -> bool {
        matches!(self, Self::Within | Self::WithinAndShort)
    }

    /// Whether it takes `short`.
    pub fn short(self) -> bool {
        matches!(self, Self::Short | Self::WithinAndShort)
    }
}

#[derive(Clone, Copy, Debug)]
enum Measure {
    Visit(fn(&Visit, &Parameters) -> Tally),
    Offer(fn(&Offer) -> Tally),
    Conversation(fn(&Conversation) -> Tally),
    Transfer(fn(&Transfer) -> Tally),
    OutgoingCall(fn(&OutgoingCall) -> Tally),
    AgentTime(fn(&crate::AgentTime<'_>, &Parameters) -> Tally),
}

impl Figure {
    /// What it is computed of.
    pub fn source(&self) -> Source {
        match self.measure {
            Measure::Visit(_) => Source::Visits,
            Measure::Offer(_) => Source::Offers,
            Measure::Conversation(_) => Source::Conversations,
            Measure::Transfer(_) => Source::Transfers,
            Measure::OutgoingCall(_) => Source::OutgoingCalls,
            Measure::AgentTime(_) => Source::AgentTimes,
        }
    }

    /// What a fact adds to it; nothing for one of another source.
    pub fn measure(&self, fact: &Fact<'_>, parameters: &Parameters) -> Tally {
        match (self.measure, fact) {
            (Measure::Visit(measure), Fact::Visit(it)) => measure(it, parameters),
            (Measure::Offer(measure), Fact::Offer(it)) => measure(it),
            (Measure::Conversation(measure), Fact::Conversation(it)) => measure(it),
            (Measure::Transfer(measure), Fact::Transfer(it)) => measure(it),
            (Measure::OutgoingCall(measure), Fact::OutgoingCall(it)) => measure(it),
            (Measure::AgentTime(measure), Fact::AgentTime(it)) => measure(it, parameters),
            _ => Tally::default(),
        }
    }

    /// The figure over facts.
    pub fn of<'a>(
        &self,
        facts: impl IntoIterator<Item = Fact<'a>>,
        parameters: &Parameters,
    ) -> Value {
        let mut tally = Tally::default();
        for fact in facts {
            tally.add(self.measure(&fact, parameters), self.unit);
        }
        tally.value(self.unit)
    }
}

/// Every figure, in the order of the reference.
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    let of_calls = visits::ALL.iter().chain(service_level::ALL);
    let of_agents = offers::ALL.iter().chain(conversations::ALL).chain(transfers::ALL);
    of_calls.chain(of_agents).chain(outgoing::ALL).chain(agent_times::ALL)
}

/// The figure of this id.
pub fn figure(id: &str) -> Option<&'static Figure> {
    figures().find(|it| it.id == id)
}

/// A row of the tables below.
const fn row(
    id: &'static str,
    title: &'static str,
    unit: Unit,
    takes: Takes,
    definition: &'static str,
    measure: Measure,
) -> Figure {
    Figure { id, title, definition, unit, takes, measure }
}
