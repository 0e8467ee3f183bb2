//! How fast a queue moves, and what whoever waits there can be told by it.

use std::collections::VecDeque;
use std::time::Duration;

use caruso_contact::{Estimate, Time};
use serde::{Deserialize, Serialize};

/// Conversations whose turn the pace is taken from: the last so many.
const TURNS: usize = 32;
/// Fewer turns say nothing.
const FEWEST_TURNS: usize = 4;
/// Estimates of which it is remembered how they came out: the last so many.
const OUTCOMES: usize = 64;
/// Of fewer outcomes the usual bounds are taken.
const FEWEST_OUTCOMES: usize = 10;
/// The usual bounds: half as long, and twice as long; in thousandths of the expected wait.
const USUAL: (u64, u64) = (500, 2_000);
/// An outcome counts as ten times as long at most.
const FARTHEST: u64 = 10_000;
/// Longer waits are not told: beyond, nobody knows.
const LONGEST: u64 = 2 * 3600 * 1000;

/// How somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// When that is said.
    pub at: Time,
    /// The place in line, counted from 1.
    pub position: u64,
    /// When it is likely to be their turn, as far as that is known.
    pub estimate: Option<Estimate>,
}

/// How fast a queue moves.
///
/// A turn is the time that a contact was the first in line until an agent talked: since the one
/// before was reached, or since it came. Whoever has place n waits for n turns. How wrong that was
/// for those who were told is remembered, and gives the bounds: of ten who are told, one waits
/// shorter and one longer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pace {
    reached_at: Option<Time>,
    /// In milliseconds, the latest last.
    turns: VecDeque<u64>,
    /// Real wait in thousandths of the expected one, the latest last.
    outcomes: VecDeque<u64>,
}

impl Pace {
    /// A contact that entered the queue at `entered` was reached; what it was told first, if it
    /// was, with the moment.
    pub(crate) fn reached(
        &mut self,
        at: Time,
        entered: Time,
        first_told: Option<&(Time, Estimate)>,
    ) {
        let since = self.reached_at.map_or(entered, |before| before.max(entered));
        keep(&mut self.turns, millis(at.since(since)), TURNS);
        self.reached_at = Some(at);
        if let Some((told_at, estimate)) = first_told {
            let expected = millis(estimate.expected.since(*told_at)).max(1);
            let outcome = millis(at.since(*told_at)).saturating_mul(1_000) / expected;
            keep(&mut self.outcomes, outcome.min(FARTHEST), OUTCOMES);
        }
    }

    /// When whoever has this place in line, counted from 1, is likely to be reached; nothing where
    /// too little is known, or it is too far away.
    pub(crate) fn estimate(&self, now: Time, position: u64) -> Option<Estimate> {
        if self.turns.len() < FEWEST_TURNS {
            return None;
        }
        let all: u64 = self.turns.iter().sum();
        let wait = (all / self.turns.len() as u64).max(1).saturating_mul(position);
        let (least, most) = self.bounds();
        let in_thousandths =
            |part: u64| now.after(Duration::from_millis(wait.saturating_mul(part) / 1_000));
        let until = in_thousandths(most);
        let estimate =
            Estimate { from: in_thousandths(least), expected: in_thousandths(1_000), until };
        (until.since(now) <= Duration::from_millis(LONGEST)).then_some(estimate)
    }

    /// Of ten outcomes, one is below the first and one above the second.
    fn bounds(&self) -> (u64, u64) {
        let mut outcomes: Vec<u64> = self.outcomes.iter().copied().collect();
        outcomes.sort_unstable();
        let tenth = outcomes.len() / 10;
        match (outcomes.get(tenth), outcomes.get(outcomes.len().saturating_sub(1 + tenth))) {
            (Some(least), Some(most)) if outcomes.len() >= FEWEST_OUTCOMES => (*least, *most),
            _ => USUAL,
        }
    }
}

fn keep(values: &mut VecDeque<u64>, value: u64, most: usize) {
    if values.len() == most {
        values.pop_front();
    }
    values.push_back(value);
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1_000)
    }

    /// One who came at once is reached every `turn` seconds.
    fn after_turns(count: u64, turn: u64) -> Pace {
        let mut pace = Pace::default();
        (1..=count).for_each(|it| pace.reached(at(it * turn), at(0), None));
        pace
    }

    #[test]
    fn whoever_has_the_nth_place_waits_for_n_turns() {
        assert_eq!(after_turns(3, 60).estimate(at(1_000), 1), None, "too little is known");
        let pace = after_turns(4, 60);
        let estimate = pace.estimate(at(1_000), 3).expect("four turns");
        assert_eq!(estimate.expected, at(1_000 + 180));
        assert_eq!((estimate.from, estimate.until), (at(1_000 + 90), at(1_000 + 360)));
        assert_eq!(pace.estimate(at(1_000), 61), None, "more than two hours perhaps");
    }

    #[test]
    fn nobody_waited_while_nobody_came() {
        let mut pace = Pace::default();
        for hour in 1..=8 {
            pace.reached(at(hour * 3600 + 10), at(hour * 3600), None);
        }
        let estimate = pace.estimate(at(40_000), 1).expect("eight turns");
        assert_eq!(estimate.expected, at(40_010), "as long as the telephone rang");
    }

    #[test]
    fn the_bounds_are_what_came_of_earlier_estimates() {
        let mut pace = after_turns(40, 60);
        // twenty who were told 100 s waited 55 s, 60 s, … 150 s
        for waited in (0..20).map(|it| 55 + it * 5) {
            let now = at(10_000);
            let told = Estimate { from: now, expected: at(10_100), until: at(10_200) };
            let mut known = pace.clone();
            known.reached(at(10_000 + waited), at(9_000), Some(&(now, told)));
            pace.outcomes = known.outcomes;
        }
        assert_eq!(pace.bounds(), (650, 1_400), "two of twenty below, two above");
        let estimate = pace.estimate(at(0), 10).expect("all is known");
        assert_eq!((estimate.from, estimate.until), (at(390), at(840)));
    }

    #[test]
    fn only_the_last_ones_count() {
        let mut pace = after_turns(100, 600);
        for it in 1..=32 {
            pace.reached(at(60_000 + it * 6), at(0), None);
        }
        let estimate = pace.estimate(at(100_000), 1).expect("it is known");
        assert_eq!(estimate.expected, at(100_006));
    }
}
