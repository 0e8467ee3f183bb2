//! Waiting between attempts: longer each time, never in step with others.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits of 100 ms, 200 ms and so on up to 5 s, each shortened by up to a half at random, so that
/// components that lost the same peer do not come back at the same moment.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure.
    pub fn failed(&mut self) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = full / 2;
        half + half.mul_f64(unit())
    }

    /// Starts again from the shortest wait.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

/// A number from 0 to 1; without randomness on this machine, one half.
fn unit() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_their_limit_and_start_again_after_success() {
        let mut backoff = Backoff::default();
        for expected in [100, 200, 400, 800, 1600, 3200, 5000, 5000] {
            let wait = backoff.failed();
            let full = Duration::from_millis(expected);
            assert!(wait >= full / 2 && wait <= full, "{wait:?} of {full:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed() <= FIRST);
    }
}
