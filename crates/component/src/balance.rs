//! How an address fares with our own calls: how long its answers take, and whether it is to be left
//! alone for a while.
//!
//! The latency is a peak-sensitive moving average, as Finagle and linkerd balance by: a slower
//! answer counts at once, faster ones by and by. An address is ejected after [`FAILURES`]
//! failures in a row, for a time that doubles with each ejection up to [`LONGEST`]; after it one
//! more failure suffices to eject it again, and one success to trust it. How many of an
//! interface's offers may be left out is the caller's to bound.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Faster answers have replaced a slower one by two thirds after this time.
const DECAY: Duration = Duration::from_secs(10);
/// Failures in a row, calls or connections, that eject an address.
pub(crate) const FAILURES: u32 = 5;
/// How long it is left alone at first, and at most.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// A moving average in which slow answers count at once.
#[derive(Debug, Default)]
struct Latency {
    average: Duration,
    at: Option<Instant>,
}

impl Latency {
    fn took(&mut self, now: Instant, took: Duration) {
        let age = self.at.map(|at| now.saturating_duration_since(at));
        self.at = Some(now);
        self.average = match age {
            Some(age) if took < self.average => {
                let kept = (-age.as_secs_f64() / DECAY.as_secs_f64()).exp();
                took + (self.average - took).mul_f64(kept)
            }
            _ => took,
        };
    }
}

/// Failures in a row, and what comes of them.
#[derive(Debug, Default)]
struct Ejection {
    failures: u32,
    times: u32,
    until: Option<Instant>,
}

impl Ejection {
    fn failed(&mut self, now: Instant) {
        self.failures = (self.failures + 1).min(FAILURES);
        if self.failures < FAILURES || self.until.is_some_and(|until| now < until) {
            return;
        }
        // whoever was trusted for as long as the longest time begins anew
        if self.until.is_none_or(|until| now > until + LONGEST) {
            self.times = 0;
        }
        let time = FIRST.saturating_mul(1 << self.times.min(8)).min(LONGEST);
        self.until = Some(now + time);
        self.times += 1;
    }

    /// Calls that began before an ejection do not end it.
    fn succeeded(&mut self, now: Instant) {
        if self.until.is_none_or(|until| now >= until) {
            self.failures = 0;
        }
    }
}

/// How an address fares.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    /// Microseconds; 0 while nothing is known.
    latency: AtomicU32,
    /// Nothing was ever ejected: nobody has to look.
    was_ejected: AtomicBool,
    state: Mutex<(Latency, Ejection)>,
}

impl Balance {
    fn state(&self) -> MutexGuard<'_, (Latency, Ejection)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long an answer takes, in microseconds; 0 while nothing is known.
    pub(crate) fn latency(&self) -> u32 {
        self.latency.load(Ordering::Relaxed)
    }

    /// The answer to a call that is served began after so long.
    pub(crate) fn served(&self, now: Instant, took: Duration) {
        let mut state = self.state();
        state.0.took(now, took);
        state.1.succeeded(now);
        let micros = u32::try_from(state.0.average.as_micros()).unwrap_or(u32::MAX);
        self.latency.store(micros.max(1), Ordering::Relaxed);
    }

    /// A call was not served, or there was no connection.
    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.state();
        state.1.failed(now);
        if state.1.until.is_some() {
            self.was_ejected.store(true, Ordering::Relaxed);
        }
    }

    /// Until when it is to be left alone, if it is.
    pub(crate) fn ejected_until(&self, now: Instant) -> Option<Instant> {
        if !self.was_ejected.load(Ordering::Relaxed) {
            return None;
        }
        self.state().1.until.filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_slow_answer_counts_at_once_and_faster_ones_by_and_by() {
        let (balance, start) = (Balance::default(), Instant::now());
        assert_eq!(balance.latency(), 0);
        balance.served(start, 2 * MS);
        balance.served(start, 100 * MS);
        assert_eq!(balance.latency(), 100_000);
        balance.served(start + DECAY, 2 * MS);
        assert!((35_000..40_000).contains(&balance.latency()), "{}", balance.latency());
        balance.served(start + 20 * DECAY, 2 * MS);
        assert_eq!(balance.latency(), 2_000);
    }

    #[test]
    fn an_address_that_goes_on_failing_is_left_alone_for_longer_and_longer_up_to_a_limit() {
        let (balance, mut now) = (Balance::default(), Instant::now());
        for _ in 1..FAILURES {
            balance.failed(now);
            assert_eq!(balance.ejected_until(now), None);
        }
        for seconds in [5, 10, 20, 40, 60, 60] {
            balance.failed(now);
            let until = now + Duration::from_secs(seconds);
            assert_eq!(balance.ejected_until(now), Some(until));
            balance.failed(now + MS);
            balance.served(now + MS, MS);
            assert_eq!(balance.ejected_until(until - MS), Some(until), "late news change nothing");
            assert_eq!(balance.ejected_until(until), None);
            now = until;
        }
    }

    #[test]
    fn one_success_is_trusted_and_a_long_good_time_forgives() {
        let (balance, now) = (Balance::default(), Instant::now());
        let fail = |now| (0..FAILURES).for_each(|_| balance.failed(now));
        fail(now);
        let back = now + FIRST;
        balance.served(back, MS);
        for _ in 1..FAILURES {
            balance.failed(back);
        }
        assert_eq!(balance.ejected_until(back), None);
        balance.failed(back);
        assert_eq!(balance.ejected_until(back), Some(back + 2 * FIRST));
        let later = back + 2 * FIRST + LONGEST + MS;
        balance.served(later, MS);
        fail(later);
        assert_eq!(balance.ejected_until(later), Some(later + FIRST));
    }
}
