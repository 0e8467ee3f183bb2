//! The days of a report, cut into intervals by the clock of its zone.

use caruso_contact::Time;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

use crate::definition::{Compare, Days, Interval};
use crate::plan::Error;

/// Most intervals of a report.
pub const MAX_INTERVALS: usize = 1_000;

/// Days in a row, by the clock of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day, which belongs to it.
    pub last: Date,
    /// Where intervals begin, in order, and where the last one ends.
    pub(crate) bounds: Vec<Time>,
}

impl Period {
    /// From the first day to the last, which belongs to it.
    ///
    /// # Errors
    /// The last day is before the first; more than [`MAX_INTERVALS`]; a day that no clock has.
    pub(crate) fn new(
        first: Date,
        last: Date,
        interval: Interval,
        zone: &TimeZone,
    ) -> Result<Self, Error> {
        if last < first {
            return Err(Error::Empty { first, last });
        }
        let end = last.tomorrow().map_err(|_| Error::NoDay(last))?;
        let bounds = match interval {
            Interval::Whole => vec![start(first, zone)?, start(end, zone)?],
            Interval::Day => starts(first, end, 1.day(), zone)?,
            Interval::Week => {
                let since_monday = first.weekday().to_monday_zero_offset();
                let days = i64::from(7 - since_monday);
                let monday = first.checked_add(days.days()).map_err(|_| Error::NoDay(first))?;
                let mut bounds = vec![start(first, zone)?];
                if monday < end {
                    bounds.extend(starts(monday, end, 7.days(), zone)?);
                } else {
                    bounds.push(start(end, zone)?);
                }
                bounds
            }
            Interval::Quarter => steps(start(first, zone)?, start(end, zone)?, 15),
            Interval::Half => steps(start(first, zone)?, start(end, zone)?, 30),
            Interval::Hour => steps(start(first, zone)?, start(end, zone)?, 60),
        };
        match bounds.len() - 1 {
            count if count > MAX_INTERVALS => Err(Error::TooManyIntervals(count)),
            _ => Ok(Self { first, last, bounds }),
        }
    }

    /// The days of a definition, as seen from today.
    pub(crate) fn days(days: Days, today: Date) -> Result<(Date, Date), Error> {
        let before = |count: i64| today.checked_sub(count.days()).map_err(|_| Error::NoDay(today));
        Ok(match days {
            Days::Today => (today, today),
            Days::Yesterday => (before(1)?, before(1)?),
            Days::Last7 => (before(6)?, today),
            Days::Last28 => (before(27)?, today),
        })
    }

    /// The days that these are compared with; nothing where they are with none.
    pub(crate) fn compared(
        (first, last): (Date, Date),
        compare: Compare,
    ) -> Result<Option<(Date, Date)>, Error> {
        let back = match compare {
            Compare::No => return Ok(None),
            Compare::Week => 7,
            Compare::Previous => i64::from(last.since(first).map_or(0, |it| it.get_days())) + 1,
        };
        let before = |day: Date| day.checked_sub(back.days()).map_err(|_| Error::NoDay(day));
        Ok(Some((before(first)?, before(last)?)))
    }

    /// When it begins.
    pub fn from(&self) -> Time {
        self.bounds.first().copied().unwrap_or_default()
    }

    /// When it ends, which no longer belongs to it.
    pub fn to(&self) -> Time {
        self.bounds.last().copied().unwrap_or_default()
    }

    /// The number of the interval that `at` falls into; nothing outside of the period.
    pub(crate) fn interval_of(&self, at: Time) -> Option<usize> {
        let count = self.bounds.partition_point(|bound| *bound <= at);
        (count > 0 && count < self.bounds.len()).then(|| count - 1)
    }
}

fn start(day: Date, zone: &TimeZone) -> Result<Time, Error> {
    let start = day.to_zoned(zone.clone()).map_err(|_| Error::NoDay(day))?;
    let millis = u64::try_from(start.timestamp().as_millisecond());
    millis.map(Time::from_millis).map_err(|_| Error::NoDay(day))
}

fn starts(first: Date, end: Date, step: Span, zone: &TimeZone) -> Result<Vec<Time>, Error> {
    let mut bounds = Vec::new();
    let mut day = first;
    while day < end {
        bounds.push(start(day, zone)?);
        if bounds.len() > MAX_INTERVALS {
            return Err(Error::TooManyIntervals(bounds.len()));
        }
        day = day.checked_add(step).map_err(|_| Error::NoDay(day))?;
    }
    bounds.push(start(end, zone)?);
    Ok(bounds)
}

/// Steps of so many minutes; a day has 23 or 25 hours where the clock changes. One step more than
/// may be is enough to refuse.
fn steps(from: Time, to: Time, minutes: u64) -> Vec<Time> {
    let step = std::time::Duration::from_secs(minutes * 60);
    let mut bounds = Vec::new();
    let mut at = from;
    while at < to && bounds.len() <= MAX_INTERVALS {
        bounds.push(at);
        at = at.after(step);
    }
    bounds.push(to);
    bounds
}

/// The day of a moment.
pub(crate) fn day_of(at: Time, zone: &TimeZone) -> Date {
    zoned(at, zone).date()
}

/// A moment as its interval is called: the day, the hour, or both.
pub(crate) fn label(at: Time, interval: Interval, is_one_day: bool, zone: &TimeZone) -> String {
    let zoned = zoned(at, zone);
    let form = match interval {
        Interval::Whole => return String::new(),
        Interval::Day | Interval::Week => "%Y-%m-%d",
        _ if is_one_day => "%H:%M",
        _ => "%Y-%m-%d %H:%M",
    };
    let text = zoned.strftime(form).to_string();
    // where the clock goes back an hour comes twice
    let hour_before = zoned.timestamp() - jiff::SignedDuration::from_hours(1);
    let hour_after = zoned.timestamp() + jiff::SignedDuration::from_hours(1);
    let is_same = |it: Timestamp| it.to_zoned(zone.clone()).datetime() == zoned.datetime();
    let is_twice = is_same(hour_before) || is_same(hour_after);
    if is_twice { format!("{text} {}", zoned.strftime("%:z")) } else { text }
}

/// A moment to the second.
pub(crate) fn second(at: Time, zone: &TimeZone) -> String {
    zoned(at, zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn zoned(at: Time, zone: &TimeZone) -> jiff::Zoned {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).to_zoned(zone.clone())
}
