//! What facts add to a figure, and the figure that comes of it.

use std::time::Duration;

/// What a figure is measured in, and how it comes of a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// Time, summed up.
    Time,
    /// Time, on average.
    Average,
    /// The longest time of all.
    Longest,
    /// A part of a whole.
    Share,
}

/// What facts add up to; whole numbers, so that the order in which they are added is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many, or milliseconds.
    pub part: u64,
    /// How many they are, or are a part of.
    pub whole: u64,
}

impl Tally {
    /// One if it holds.
    pub(crate) fn one(holds: bool) -> Self {
        Self { part: u64::from(holds), whole: u64::from(holds) }
    }

    /// Milliseconds of one fact; nothing if there are none.
    pub(crate) fn time(time: Option<Duration>) -> Self {
        time.map_or_else(Self::default, |time| Self { part: millis(time), whole: 1 })
    }

    /// Whether a fact is among the whole, and whether among the part.
    pub(crate) fn of(part: bool, whole: bool) -> Self {
        Self { part: u64::from(part), whole: u64::from(whole) }
    }

    /// Whether a fact that adds this is behind the figure: counted, timed, or a part of the share.
    pub fn is_behind(self, unit: Unit) -> bool {
        match unit {
            Unit::Count | Unit::Share => self.part > 0,
            Unit::Time | Unit::Average | Unit::Longest => self.whole > 0,
        }
    }

    /// Adds what another fact, or another row, adds.
    pub fn add(&mut self, other: Self, unit: Unit) {
        self.part = match unit {
            Unit::Longest => self.part.max(other.part),
            _ => self.part.saturating_add(other.part),
        };
        self.whole = self.whole.saturating_add(other.whole);
    }

    /// The figure. Quotients are rounded half up, once.
    pub fn value(self, unit: Unit) -> Value {
        let Self { part, whole } = self;
        let or_nothing = |value: Option<Value>| value.unwrap_or(Value::Nothing);
        match unit {
            Unit::Count => Value::Count(part),
            Unit::Time => Value::Millis(part),
            Unit::Average => or_nothing(half_up(part, whole).map(Value::Millis)),
            Unit::Longest if whole == 0 => Value::Nothing,
            Unit::Longest => Value::Millis(part),
            Unit::Share => {
                or_nothing(half_up(part.saturating_mul(1000), whole).map(Value::PerMille))
            }
        }
    }
}

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// There was nothing of which it could be a share, an average or the longest.
    Nothing,
    /// How many.
    Count(u64),
    /// Time in milliseconds.
    Millis(u64),
    /// A share in tenths of a per cent.
    PerMille(u64),
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The quotient rounded half up; nothing when dividing by nothing.
pub(crate) fn half_up(sum: u64, count: u64) -> Option<u64> {
    let quotient = sum.checked_div(count)?;
    let rest = sum % count;
    Some(quotient + u64::from(rest >= count - rest))
}
