//! The period of a report, cut into intervals.

use std::time::Duration;

use caruso_contact::Time;

/// Most intervals of a period.
pub const MAX_INTERVALS: u64 = 1_000;

/// Why a period cannot be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It ends where it begins, or before; or the interval is shorter than a millisecond.
    #[error("the period is empty: its end must lie after its beginning")]
    Empty,
    /// Too finely cut.
    #[error("the period has {0} intervals; at most {MAX_INTERVALS} are possible")]
    TooManyIntervals(u64),
}

/// From a moment up to, not including, another, cut into intervals of one length from the
/// beginning on; the last one may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Time,
    to: Time,
    interval_millis: u64,
}

impl Period {
    /// A period; without `interval` it is one interval.
    ///
    /// # Errors
    /// Empty, or more than [`MAX_INTERVALS`].
    pub fn new(from: Time, to: Time, interval: Option<Duration>) -> Result<Self, Error> {
        let length = to.as_millis().saturating_sub(from.as_millis());
        let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        let interval_millis = interval.map_or(length, millis);
        if length == 0 || interval_millis == 0 {
            return Err(Error::Empty);
        }
        match length.div_ceil(interval_millis) {
            count if count > MAX_INTERVALS => Err(Error::TooManyIntervals(count)),
            _ => Ok(Self { from, to, interval_millis }),
        }
    }

    /// Its beginning.
    pub fn from(&self) -> Time {
        self.from
    }

    /// Its end, which no longer belongs to it.
    pub fn to(&self) -> Time {
        self.to
    }

    /// The beginning of the interval that `at` falls into; nothing outside of the period.
    pub fn interval_of(&self, at: Time) -> Option<Time> {
        if at < self.from || at >= self.to {
            return None;
        }
        let passed = at.as_millis() - self.from.as_millis();
        let whole = passed / self.interval_millis * self.interval_millis;
        Some(Time::from_millis(self.from.as_millis() + whole))
    }
}
