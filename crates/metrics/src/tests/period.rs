//! The period of a report, cut into intervals of one length.

use std::time::Duration;

use caruso_contact::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    from: Time,
    to: Time,
    interval_millis: u64,
}

impl Period {
    /// A period that is not empty; without `interval` it is one interval.
    pub(crate) fn new(from: Time, to: Time, interval: Option<Duration>) -> Self {
        let length = to.as_millis() - from.as_millis();
        let interval = interval.map(|it| u64::try_from(it.as_millis()).expect("a short one"));
        Self { from, to, interval_millis: interval.unwrap_or(length) }
    }

    pub(crate) fn from(&self) -> Time {
        self.from
    }

    pub(crate) fn to(&self) -> Time {
        self.to
    }

    pub(crate) fn interval_of(&self, at: Time) -> Option<Time> {
        let is_within = at >= self.from && at < self.to;
        let passed = at.since(self.from).as_millis() as u64;
        let whole = passed / self.interval_millis * self.interval_millis;
        is_within.then(|| Time::from_millis(self.from.as_millis() + whole))
    }
}
