//! Days that never were: customers come at random, agents are there all day, and the router of the
//! real system decides.
//!
//! A day is played several times, each with numbers of its own. A figure is the mean over these
//! repetitions, with the interval in which the true mean lies with a confidence of 95 % (Student's
//! *t*; the repetitions are independent).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, Channel, ContactId, QueueId, ScriptId, Skills, Time};
use caruso_routing::{Configuration, Domain};
use uuid::Uuid;

use crate::random::Random;
use crate::scenario::{Change, Customer, Move, Scenario, Stay};
use crate::tally::{Meter, Tally};
use crate::world::play;

/// Most calls of a repetition.
pub const MOST_CALLS: u32 = 200_000;
/// Most repetitions.
pub const MOST_REPETITIONS: u32 = 100;
/// When a day begins: a Monday, 2026-01-05 00:00 UTC.
const BEGIN: u64 = 1_767_571_200_000;

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Always as long.
    Fixed(Duration),
    /// Exponential, with this mean.
    Exponential(Duration),
    /// Lognormal, with this mean and this coefficient of variation.
    Lognormal(Duration, f64),
}

impl Law {
    /// Its mean.
    pub fn mean(&self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential(mean) | Self::Lognormal(mean, _) => *mean,
        }
    }

    fn draw(&self, random: &mut Random) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::Exponential(mean) => random.exponential(*mean),
            Self::Lognormal(mean, variation) => random.lognormal(*mean, *variation),
        }
    }
}

/// A day to be invented.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Calls in an hour, by queue. They come at random, as steadily as that.
    pub calls_per_hour: BTreeMap<QueueId, f64>,
    /// How many calls there are in a repetition; at most [`MOST_CALLS`].
    pub calls: u32,
    /// Who works.
    pub agents: Vec<Planned>,
    /// How long a conversation takes.
    pub talk: Law,
    /// How long wrap-up takes, at most as long as the queue allows.
    pub wrap_up: Law,
    /// How long a phone rings before it is answered.
    pub ring: Law,
    /// How long customers wait before they hang up; nothing for ever.
    pub patience: Option<Law>,
    /// At what time of the day the first can come, from midnight UTC of a Monday.
    pub begin: Duration,
}

/// An agent who works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Who.
    pub agent: AgentId,
    /// In which teams.
    pub teams: Vec<String>,
    /// What they can do.
    pub skills: Skills,
}

impl Plan {
    /// The tallies of so many repetitions, at least one; `threshold` is that of the service level.
    pub fn simulate(
        &self,
        configuration: &Arc<Configuration>,
        threshold: Duration,
        seed: u64,
        repetitions: u32,
    ) -> Vec<Tally> {
        let repetition = |number: u32| {
            let scenario = self.scenario(configuration, &mut Random::new(seed, number.into()));
            let mut meter = Meter::new(&Domain::default(), Time::default());
            let played = play(Arc::clone(configuration), &scenario, &mut |at, event| {
                meter.tell(at, event);
            });
            meter.finish(threshold, played.ended_at)
        };
        (0..repetitions.clamp(1, MOST_REPETITIONS)).map(repetition).collect()
    }

    /// Calls of all queues in an hour.
    pub fn all_calls_per_hour(&self) -> f64 {
        self.calls_per_hour.values().sum()
    }

    fn scenario(&self, configuration: &Configuration, random: &mut Random) -> Scenario {
        let begin = Time::from_millis(BEGIN).after(self.begin);
        let called = configuration.numbers.keys().next().cloned().unwrap_or_default();
        let mut at = begin;
        let mut customers = Vec::new();
        let pause = Duration::from_secs_f64(3600.0 / self.all_calls_per_hour().max(0.001));
        for number in 1..=self.calls.min(MOST_CALLS) {
            at = at.after(random.exponential(pause));
            let Some(queue) = self.queue(random) else { break };
            customers.push(Customer {
                contact: ContactId(Uuid::from_u128(number.into())),
                arrives: at,
                channel: Channel::Voice,
                called: called.clone(),
                script: ScriptId::new("simulated").expect("a name"),
                script_time: Duration::ZERO,
                stays: vec![self.stay(queue, random)],
            });
        }
        let moves = self.agents.iter().flat_map(|it| it.moves(begin)).collect();
        // whoever came last is helped, too; then everybody goes home
        Scenario { customers, moves, until: None }
    }

    /// The queue of the next call, by its share.
    fn queue(&self, random: &mut Random) -> Option<QueueId> {
        let mut drawn = random.uniform() * self.all_calls_per_hour();
        for (queue, rate) in &self.calls_per_hour {
            drawn -= rate;
            if drawn < 0.0 {
                return Some(queue.clone());
            }
        }
        self.calls_per_hour.keys().next_back().cloned()
    }

    fn stay(&self, queue: QueueId, random: &mut Random) -> Stay {
        Stay {
            queue,
            attributes: BTreeMap::new(),
            talk_time: self.talk.draw(random),
            wrap_up_time: self.wrap_up.draw(random),
            ring_time: self.ring.draw(random),
            patience: self.patience.map(|law| law.draw(random)),
        }
    }
}

impl Planned {
    fn moves(&self, at: Time) -> impl Iterator<Item = Move> {
        let changes = [
            Change::Skills(self.skills.clone()),
            Change::PhoneCame,
            Change::SignIn(self.teams.clone()),
            Change::Ready,
        ];
        let agent = self.agent.clone();
        changes.into_iter().map(move |change| Move { at, agent: agent.clone(), change })
    }
}

/// A figure over several repetitions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The true mean lies within so much of it, with a confidence of 95 %; nothing of a single
    /// repetition.
    pub within: Option<f64>,
}

impl Estimate {
    /// The mean of what each repetition gave; nothing where none gave anything.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let freedom = count - 1;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let within = (freedom > 0)
            .then(|| student(freedom) * (squares / freedom as f64 / count as f64).sqrt());
        Some(Self { mean, within })
    }

    /// Whether a value lies within.
    pub fn covers(&self, value: f64) -> bool {
        self.within.is_some_and(|within| (value - self.mean).abs() <= within)
    }
}

/// The 97.5 % quantile of Student's *t* with so many degrees of freedom, at least 1; beyond the
/// table by the series of Cornish and Fisher.
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 10] =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    const NORMAL: f64 = 1.959_964;
    TABLE.get(freedom - 1).copied().unwrap_or_else(|| {
        let freedom = freedom as f64;
        let cube = NORMAL.powi(3);
        let first = (cube + NORMAL) / (4.0 * freedom);
        let second = (5.0 * NORMAL.powi(5) + 16.0 * cube + 3.0 * NORMAL) / (96.0 * freedom.powi(2));
        NORMAL + first + second
    })
}

#[cfg(test)]
mod tests;
