//! When a queue is open: times of the week by the clock of a place, and days on which it is not.

use std::collections::BTreeSet;

use caruso_contact::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Minutes of a day.
pub(crate) const DAY: u16 = 24 * 60;

/// When somebody is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// By whose clock.
    pub zone: TimeZone,
    /// Times of the week.
    pub open: Vec<Opening>,
    /// Days without any of them.
    pub closed: BTreeSet<Closed>,
}

/// A time on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whether it is on a day, from Monday to Sunday.
    pub days: [bool; 7],
    /// Minute of the day at which it begins.
    pub from: u16,
    /// Minute of the day, at most 1,440, at which it is over; later than `from`.
    pub to: u16,
}

/// A day on which nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// A day of one year.
    On(Date),
    /// Month and day of every year.
    EachYear(i8, i8),
}

impl Hours {
    /// Whether it is open at a time. What a change of the clock leaves out is not waited for, and
    /// what it repeats is open twice.
    pub fn is_open(&self, at: Time) -> bool {
        self.is_open_by(&self.zone, at)
    }

    /// Whether it is open at a time by the clock of another place.
    pub fn is_open_by(&self, zone: &TimeZone, at: Time) -> bool {
        let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
        let Ok(at) = Timestamp::from_millisecond(millis) else { return false };
        let local = at.to_zoned(zone.clone());
        let (date, hour, minute) = (local.date(), local.hour(), local.minute());
        let each_year = Closed::EachYear(date.month(), date.day());
        if self.closed.contains(&Closed::On(date)) || self.closed.contains(&each_year) {
            return false;
        }
        let minute = u16::try_from(i16::from(hour) * 60 + i16::from(minute)).unwrap_or(DAY);
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.open.iter().any(|it| it.days[day] && (it.from..it.to).contains(&minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(open: &[([bool; 7], u16, u16)], closed: &[Closed]) -> Hours {
        let opening = |(days, from, to): &([bool; 7], u16, u16)| Opening {
            days: *days,
            from: *from,
            to: *to,
        };
        Hours {
            zone: TimeZone::get("Europe/Amsterdam").expect("a zone"),
            open: open.iter().map(opening).collect(),
            closed: closed.iter().copied().collect(),
        }
    }

    fn at(text: &str) -> Time {
        let at: Timestamp = text.parse().expect("an instant");
        Time::from_millis(at.as_millisecond().cast_unsigned())
    }

    const WEEK: [bool; 7] = [true, true, true, true, true, false, false];

    #[test]
    fn it_is_open_by_the_clock_of_its_zone_in_summer_and_winter() {
        let office = hours(&[(WEEK, 8 * 60, 17 * 60 + 30)], &[]);
        for (instant, is_open) in [
            // a Friday in winter, an hour behind UTC
            ("2026-11-27T06:59:59Z", false),
            ("2026-11-27T07:00:00Z", true),
            ("2026-11-27T16:29:59Z", true),
            ("2026-11-27T16:30:00Z", false),
            ("2026-11-28T10:00:00Z", false),
            // a Friday in summer, two hours
            ("2026-07-03T05:59:59Z", false),
            ("2026-07-03T06:00:00Z", true),
            ("2026-07-03T15:30:00Z", false),
        ] {
            assert_eq!(office.is_open(at(instant)), is_open, "{instant}");
        }
    }

    #[test]
    fn changes_of_the_clock_leave_out_an_hour_and_repeat_one() {
        let night = hours(&[([true; 7], 2 * 60, 3 * 60)], &[]);
        // on 29 March 2026 the clock goes from two to three
        assert!(!night.is_open(at("2026-03-29T00:59:59Z")), "before two");
        assert!(!night.is_open(at("2026-03-29T01:00:00Z")), "three already");
        // on 25 October it goes back from three to two
        assert!(night.is_open(at("2026-10-25T00:30:00Z")), "half past two");
        assert!(night.is_open(at("2026-10-25T01:30:00Z")), "and again");
        assert!(!night.is_open(at("2026-10-25T02:00:00Z")), "three");
    }

    #[test]
    fn holidays_of_a_year_and_of_every_year_are_closed_from_midnight_to_midnight() {
        let once = Closed::On(jiff::civil::date(2026, 4, 27));
        let always = hours(&[([true; 7], 0, DAY)], &[once, Closed::EachYear(12, 25)]);
        assert!(always.is_open(at("2026-04-26T21:59:59Z")));
        assert!(!always.is_open(at("2026-04-26T22:00:00Z")));
        assert!(!always.is_open(at("2026-04-27T21:59:59Z")));
        assert!(always.is_open(at("2027-04-27T10:00:00Z")));
        assert!(!always.is_open(at("2030-12-25T10:00:00Z")));
    }
}
