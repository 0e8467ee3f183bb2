//! The time of a batch of input.

use std::time::{Duration, Instant, SystemTime};

use caruso_contact::Time;

/// Starts at the wall clock and then runs on monotonic time, so that it never goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_at: Time,
}

impl Clock {
    /// A clock that starts now, and not before `least`: after a restart with a wall clock that was
    /// set back, time goes on from the last recorded event.
    pub(crate) fn start(least: Time) -> Self {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let millis = wall.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        Self { started: Instant::now(), started_at: Time::from_millis(millis).max(least) }
    }

    /// Now.
    pub(crate) fn now(&self) -> Time {
        self.started_at.after(self.started.elapsed())
    }

    /// How long until a moment; nothing if it has passed.
    pub(crate) fn until(&self, time: Time) -> Duration {
        time.since(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_on_from_the_last_event_when_the_wall_clock_was_set_back() {
        let future = Time::from_millis(u64::from(u32::MAX) * 1000);
        let clock = Clock::start(future);
        assert!(clock.now() >= future);
        assert_eq!(clock.until(Time::from_millis(0)), Duration::ZERO);
    }
}
