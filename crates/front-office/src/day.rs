//! Days of the application's zone as periods.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use prost_types::Timestamp as ProtoTimestamp;
use tonic::Status;

/// A calendar day and the instants between which it lies; 23 or 25 hours where the clock changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// The day of a request: `YYYY-MM-DD`, or the day that `now` is in where the text is empty.
///
/// # Errors
/// `INVALID_ARGUMENT` for a text that is no day, `INTERNAL` for a zone that is none.
pub(crate) fn day(text: &str, zone: &str, now: Timestamp) -> Result<Day, Status> {
    let zone = TimeZone::get(zone).map_err(|_| Status::internal("the time zone is unknown"))?;
    let date = if text.is_empty() {
        now.to_zoned(zone.clone()).date()
    } else {
        text.parse().map_err(|_| no_day(text))?
    };
    let start = |date: Date| date.to_zoned(zone.clone()).map(|start| start.timestamp());
    let from = start(date).map_err(|_| no_day(text))?;
    let to = date.tomorrow().and_then(start).map_err(|_| no_day(text))?;
    Ok(Day { date, from, to })
}

fn no_day(text: &str) -> Status {
    Status::invalid_argument(format!("`{text}` is no day; expected for example 2026-03-01"))
}

/// The instant as it travels.
pub(crate) fn to_proto(instant: Timestamp) -> ProtoTimestamp {
    let since = instant.duration_since(Timestamp::UNIX_EPOCH);
    let whole = SignedDuration::from_secs(since.as_secs());
    ProtoTimestamp { seconds: since.as_secs(), nanos: (since - whole).subsec_nanos() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_day_begins_and_ends_by_the_clock_of_its_zone() {
        let now = at("2026-03-28T23:30:00Z");
        let today = day("", "Europe/Amsterdam", now).expect("a zone");
        assert_eq!(today.date.to_string(), "2026-03-29");
        assert_eq!(today.from, at("2026-03-28T23:00:00Z"));
        assert_eq!(today.to, at("2026-03-29T22:00:00Z"), "the clock goes forward: 23 hours");
        let named = day("2026-10-25", "Europe/Amsterdam", now).expect("a day");
        assert_eq!(named.to.duration_since(named.from).as_hours(), 25);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for wrong in ["2026-02-30", "yesterday", "2026-3-1", "9999-12-31"] {
            let refused = day(wrong, "Europe/Amsterdam", at("2026-03-01T12:00:00Z"));
            assert!(refused.is_err(), "{wrong}");
        }
    }
}
