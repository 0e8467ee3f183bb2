//! What agents did with their time, by quarters of an hour.
//!
//! Whole states would be some three hundred a day of each agent; sums by quarters are at most
//! ninety-six with a handful of activities each, and every interval of a report that is one quarter
//! or more can be put together of them. Every zone of today begins its days on a quarter of UTC.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, AgentState, ReasonId, Time};

use crate::AgentNow;
use crate::tally::millis;

/// Length of what times are summed by.
pub const QUARTER: Duration = Duration::from_secs(15 * 60);
const QUARTER_MILLIS: u64 = 15 * 60 * 1000;
/// What lasted longer before it changed counts for its last part alone: of an agent who never
/// signs out nothing is kept that is older than a report may ask for.
const LONGEST: Duration = Duration::from_secs(32 * 24 * 3600);

/// How long an agent did something in one quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentTime<'a> {
    /// Beginning of the quarter.
    pub quarter: Time,
    /// Who.
    pub agent: &'a AgentId,
    /// Their teams then, joined by ` + `.
    pub team: &'a Option<Arc<str>>,
    /// The state that they were in; never `signed-out`.
    pub activity: Activity<'a>,
    /// How long: at most a quarter of an hour.
    pub length: Duration,
}

/// What an agent does who is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity<'a> {
    /// Waits for a contact.
    Ready,
    /// Takes no contacts, for a reason.
    NotReady(&'a ReasonId),
    /// The phone rings.
    Offered,
    /// Calls a customer.
    Dialling,
    /// Has a customer.
    Talking,
    /// Finishes a contact.
    WrapUp,
}

impl<'a> Activity<'a> {
    fn of(state: &'a AgentState) -> Option<Self> {
        match state {
            AgentState::SignedOut => None,
            AgentState::Ready => Some(Self::Ready),
            AgentState::NotReady { reason } => Some(Self::NotReady(reason)),
            AgentState::Offered { .. } => Some(Self::Offered),
            AgentState::Dialling { .. } => Some(Self::Dialling),
            AgentState::Talking { .. } => Some(Self::Talking),
            AgentState::WrapUp { .. } => Some(Self::WrapUp),
        }
    }
}

/// An activity as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    Ready,
    NotReady(ReasonId),
    Offered,
    Dialling,
    Talking,
    WrapUp,
}

impl Kept {
    fn activity(&self) -> Activity<'_> {
        match self {
            Self::Ready => Activity::Ready,
            Self::NotReady(reason) => Activity::NotReady(reason),
            Self::Offered => Activity::Offered,
            Self::Dialling => Activity::Dialling,
            Self::Talking => Activity::Talking,
            Self::WrapUp => Activity::WrapUp,
        }
    }

    fn of(activity: Activity<'_>) -> Self {
        match activity {
            Activity::Ready => Self::Ready,
            Activity::NotReady(reason) => Self::NotReady(reason.clone()),
            Activity::Offered => Self::Offered,
            Activity::Dialling => Self::Dialling,
            Activity::Talking => Self::Talking,
            Activity::WrapUp => Self::WrapUp,
        }
    }
}

/// Quarter, agent, teams.
type Key = (Time, AgentId, Option<Arc<str>>);

/// The fold over states: milliseconds of each activity.
#[derive(Clone, Debug, Default)]
pub(crate) struct AgentTimes {
    quarters: BTreeMap<Key, Vec<(Kept, u64)>>,
}

impl AgentTimes {
    /// What the agent has done since the last change, up to `until`, is kept, and begins again
    /// there.
    pub(crate) fn spend(&mut self, id: &AgentId, now: &mut AgentNow, until: Time) {
        for it in now.running(id, until) {
            let key = (it.quarter, id.clone(), it.team.clone());
            let times = self.quarters.entry(key).or_default();
            match times.iter_mut().find(|(kept, _)| kept.activity() == it.activity) {
                Some((_, sum)) => *sum += millis(it.length),
                None => times.push((Kept::of(it.activity), millis(it.length))),
            }
        }
        now.counted_until = Some(until);
    }

    pub(crate) fn between(&self, from: Time, to: Time) -> impl Iterator<Item = AgentTime<'_>> {
        let quarters = self.quarters.iter().skip_while(move |(key, _)| key.0 < from);
        let quarters = quarters.take_while(move |(key, _)| key.0 < to);
        quarters.flat_map(|((quarter, agent, team), times)| {
            times.iter().map(|(kept, sum)| AgentTime {
                quarter: *quarter,
                agent,
                team,
                activity: kept.activity(),
                length: Duration::from_millis(*sum),
            })
        })
    }

    pub(crate) fn forget_before(&mut self, at: Time) {
        self.quarters.retain(|key, _| key.0 >= at);
    }
}

impl AgentNow {
    /// What the agent has done up to `until` and is not kept yet, by quarters.
    pub(crate) fn running<'a>(&'a self, id: &'a AgentId, until: Time) -> Vec<AgentTime<'a>> {
        let Some(activity) = Activity::of(&self.state) else { return Vec::new() };
        let mut from = self.counted_until.unwrap_or(self.since).max(until.before(LONGEST));
        let mut times = Vec::new();
        while from < until {
            let quarter = Time::from_millis(from.as_millis() / QUARTER_MILLIS * QUARTER_MILLIS);
            let end = quarter.after(QUARTER).min(until);
            let (agent, team, length) = (id, &self.team, end.since(from));
            times.push(AgentTime { quarter, agent, team, activity, length });
            from = end;
        }
        times
    }
}
