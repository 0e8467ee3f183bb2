//! Slows down whoever guesses passwords, per log-in name, known or not.

use std::collections::BTreeMap;
use std::time::Duration;

/// Failures that are free.
const FREE: u32 = 5;
/// Wait after the first failure beyond; doubles with each further one up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Failures are forgotten after this long without another.
const FORGET: Duration = Duration::from_secs(30 * 60);
/// Names that are remembered; beyond, the oldest is forgotten.
const MOST_NAMES: usize = 10_000;

/// Failures by name. Time is the monotonic time since the start.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: BTreeMap<String, Failures>,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    last_at: Duration,
}

impl Failures {
    fn pause(&self) -> Duration {
        match self.count.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(more) => FIRST.saturating_mul(1 << more.min(8)).min(LONGEST),
        }
    }
}

impl Throttle {
    /// How long this name must still wait; zero when it may try now.
    pub(crate) fn wait(&self, name: &str, now: Duration) -> Duration {
        self.failures.get(name).map_or(Duration::ZERO, |failures| {
            (failures.last_at + failures.pause()).saturating_sub(now)
        })
    }

    /// A wrong password. Counted before it is checked, so that parallel guesses count as well.
    pub(crate) fn failed(&mut self, name: &str, now: Duration) {
        let is_fresh = |failures: &Failures| now.saturating_sub(failures.last_at) < FORGET;
        if self.failures.len() >= MOST_NAMES && !self.failures.contains_key(name) {
            self.failures.retain(|_, failures| is_fresh(failures));
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last_at);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone())
                && self.failures.len() >= MOST_NAMES
            {
                self.failures.remove(&oldest);
            }
        }
        let failures =
            self.failures.entry(name.to_owned()).or_insert(Failures { count: 0, last_at: now });
        if !is_fresh(failures) {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last_at = now;
    }

    /// The right password.
    pub(crate) fn succeeded(&mut self, name: &str) {
        self.failures.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn guessing_gets_slower_and_slower_until_the_password_is_right() {
        let mut throttle = Throttle::default();
        for expected in [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900] {
            throttle.failed("anna", seconds(100));
            assert_eq!(throttle.wait("anna", seconds(100)), seconds(expected));
        }
        assert_eq!(throttle.wait("anna", seconds(999)), seconds(1));
        assert_eq!(throttle.wait("anna", seconds(1000)), seconds(0));
        assert_eq!(throttle.wait("bram", seconds(100)), seconds(0));
        throttle.succeeded("anna");
        assert_eq!(throttle.wait("anna", seconds(100)), seconds(0));
    }

    #[test]
    fn failures_are_forgotten_and_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..MOST_NAMES + 5 {
            throttle.failed(&number.to_string(), seconds(number as u64 / 100));
        }
        assert_eq!(throttle.failures.len(), MOST_NAMES);
        for _ in 0..FREE {
            throttle.failed("10004", seconds(10_000));
        }
        assert_eq!(throttle.wait("10004", seconds(10_000)), FIRST, "the old failure is forgotten");
        throttle.failed("late", seconds(10_000));
        assert_eq!(throttle.failures.len(), 2);
    }
}
