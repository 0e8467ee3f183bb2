//! Dates, clocks and lengths of time: what the functions on them compute.
//!
//! A day of the calendar and a point in time are different things. A point in time becomes a day
//! only in a zone that is named, and a day has no fixed length: what is counted in days or months
//! ([`Period`]) is added to a day, what is counted in seconds ([`SignedDuration`]) to a point in
//! time. So nothing is an hour off when the clocks change.

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

use crate::Value;
use crate::arithmetic::Failure;
use crate::typed::{Arithmetic, Function, Part};

/// The longest duration, either way: that of CEL, about 10,000 years.
const MOST_SECONDS: i64 = 315_576_000_000;

/// Days and months of the calendar. How long it is depends on the day that it is counted from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// Months, counted first; the day is the last of the month where that is shorter.
    pub months: i32,
    /// Days, counted then.
    pub days: i32,
}

/// ISO 8601, as `P1M10D`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.months, self.days) {
            (0, days) => write!(f, "P{days}D"),
            (months, 0) => write!(f, "P{months}M"),
            (months, days) => write!(f, "P{months}M{days}D"),
        }
    }
}

impl Period {
    fn checked(months: i64, days: i64) -> Option<Self> {
        Some(Self { months: months.try_into().ok()?, days: days.try_into().ok()? })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let months = self.months.checked_add(other.months)?;
        Some(Self { months, days: self.days.checked_add(other.days)? })
    }

    pub(crate) fn negated(self) -> Option<Self> {
        Some(Self { months: self.months.checked_neg()?, days: self.days.checked_neg()? })
    }

    fn after(self, date: Date) -> Option<Date> {
        let moved = date.checked_add(Span::new().try_months(self.months).ok()?).ok()?;
        moved.checked_add(Span::new().try_days(self.days).ok()?).ok()
    }
}

/// A duration as CEL writes it: seconds, with as many decimals as it needs.
pub(crate) struct Seconds(pub(crate) SignedDuration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { "-" } else { "" };
        let (seconds, nanos) = (self.0.as_secs().unsigned_abs(), self.0.subsec_nanos().abs());
        match nanos {
            0 => write!(f, "{sign}{seconds}s"),
            nanos => {
                let fraction = format!("{nanos:09}");
                write!(f, "{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
            }
        }
    }
}

/// `+` and `-` where one side is of the calendar or the clock; `None` where neither is.
pub(crate) fn compute(
    how: Arithmetic,
    left: &Value,
    right: &Value,
) -> Option<Result<Value, Failure>> {
    let is_minus = match how {
        Arithmetic::Add => false,
        Arithmetic::Subtract => true,
        _ => return None,
    };
    let signed = |period: Period| if is_minus { period.negated() } else { Some(period) };
    let moved = |at: Timestamp, by: SignedDuration| {
        let by = if is_minus { by.checked_neg()? } else { by };
        at.checked_add(by).ok().filter(|at| is_usual(*at)).map(Value::Instant)
    };
    let computed = match (left, right) {
        (Value::Date(date), Value::Period(by)) => {
            signed(*by).and_then(|by| by.after(*date)).map(Value::Date)
        }
        (Value::Period(by), Value::Date(date)) if !is_minus => by.after(*date).map(Value::Date),
        (Value::Date(until), Value::Date(since)) if is_minus => {
            let days = since.duration_until(*until).as_hours() / 24;
            Some(Value::Int(days))
        }
        (Value::Period(one), Value::Period(other)) => {
            signed(*other).and_then(|other| one.plus(other)).map(Value::Period)
        }
        (Value::Instant(at), Value::Duration(by)) => moved(*at, *by),
        (Value::Duration(by), Value::Instant(at)) if !is_minus => moved(*at, *by),
        (Value::Instant(until), Value::Instant(since)) if is_minus => {
            duration(until.duration_since(*since))
        }
        (Value::Duration(one), Value::Duration(other)) => {
            let sum = if is_minus { one.checked_sub(*other) } else { one.checked_add(*other) };
            sum.and_then(duration)
        }
        _ => return None,
    };
    Some(computed.ok_or(Failure::Overflow))
}

/// What a function gives for values that are all there.
pub(crate) fn call(function: Function, values: &[Value]) -> Result<Value, Failure> {
    let computed = match (function, values) {
        (Function::Period { months, days }, [Value::Int(count)]) => {
            let (months, days) = (count.checked_mul(months), count.checked_mul(days));
            months
                .zip(days)
                .and_then(|(months, days)| Period::checked(months, days))
                .map(Value::Period)
        }
        (Function::Duration { seconds }, [Value::Int(count)]) => count
            .checked_mul(seconds)
            .and_then(|seconds| duration(SignedDuration::from_secs(seconds))),
        (Function::ToDate, [Value::Text(text)]) => return date_of(text).ok_or(Failure::Text),
        (Function::ToTime, [Value::Text(text)]) => return time_of(text).ok_or(Failure::Text),
        (Function::ToInstant, [Value::Text(text)]) => {
            let at = instant_of(text).ok_or(Failure::Text)?;
            is_usual(at).then_some(Value::Instant(at))
        }
        (Function::ToInstant, [Value::Int(seconds)]) => {
            let at = Timestamp::from_second(*seconds).ok();
            at.filter(|at| is_usual(*at)).map(Value::Instant)
        }
        (Function::ToInstant, [at @ Value::Instant(_)])
        | (Function::ToDuration, [at @ Value::Duration(_)]) => Some(at.clone()),
        (Function::ToDuration, [Value::Text(text)]) => {
            return duration_of(text).ok_or(Failure::Text);
        }
        (Function::DateIn, [Value::Instant(at), Value::Text(zone)]) => {
            Some(Value::Date(in_zone(*at, zone)?.date()))
        }
        (Function::TimeIn, [Value::Instant(at), Value::Text(zone)]) => {
            Some(Value::Time(in_zone(*at, zone)?.time()))
        }
        (Function::At, [Value::Date(date), Value::Time(time), Value::Text(zone)]) => {
            let zone = zone_of(zone).ok_or(Failure::Zone)?;
            let at = zone.to_ambiguous_timestamp(date.to_datetime(*time)).compatible().ok();
            at.filter(|at| is_usual(*at)).map(Value::Instant)
        }
        (Function::Part(part), values) => return part_of(part, values).map(Value::Int),
        _ => return Err(Failure::WrongKind),
    };
    computed.ok_or(Failure::Overflow)
}

fn part_of(part: Part, values: &[Value]) -> Result<i64, Failure> {
    match values {
        [Value::Date(date)] => Ok(of_date(part, *date)),
        [Value::Time(time)] => Ok(of_time(part, *time)),
        [Value::Duration(length)] => Ok(match part {
            Part::Hours => length.as_hours(),
            Part::Minutes => length.as_mins(),
            Part::Seconds => length.as_secs(),
            _ => i64::from(length.subsec_millis()),
        }),
        [Value::Instant(at)] => {
            let at = TimeZone::UTC.to_datetime(*at);
            Ok(if part.is_of_clock() { of_time(part, at.time()) } else { of_date(part, at.date()) })
        }
        [Value::Instant(at), Value::Text(zone)] => {
            let at = in_zone(*at, zone)?;
            Ok(if part.is_of_clock() { of_time(part, at.time()) } else { of_date(part, at.date()) })
        }
        _ => Err(Failure::WrongKind),
    }
}

fn of_date(part: Part, date: Date) -> i64 {
    match part {
        Part::Month => date.month().into(),
        Part::Month0 => i64::from(date.month()) - 1,
        Part::Day => date.day().into(),
        Part::Day0 => i64::from(date.day()) - 1,
        Part::Weekday => date.weekday().to_monday_one_offset().into(),
        Part::Weekday0 => date.weekday().to_sunday_zero_offset().into(),
        Part::DayOfYear0 => i64::from(date.day_of_year()) - 1,
        _ => date.year().into(),
    }
}

fn of_time(part: Part, time: Time) -> i64 {
    match part {
        Part::Hours => time.hour().into(),
        Part::Minutes => time.minute().into(),
        Part::Seconds => time.second().into(),
        _ => time.millisecond().into(),
    }
}

/// A point in time that four digits can write the year of, as CEL has it.
fn is_usual(at: Timestamp) -> bool {
    (1..=9999).contains(&TimeZone::UTC.to_datetime(at).year())
}

fn duration(length: SignedDuration) -> Option<Value> {
    let is_usual = length.unsigned_abs().as_secs() <= MOST_SECONDS.unsigned_abs();
    is_usual.then_some(Value::Duration(length))
}

fn in_zone(at: Timestamp, zone: &str) -> Result<jiff::civil::DateTime, Failure> {
    zone_of(zone).map(|zone| zone.to_datetime(at)).ok_or(Failure::Zone)
}

/// A zone by its name in the IANA database, or by its distance from UTC as `+02:00`.
pub(crate) fn zone_of(text: &str) -> Option<TimeZone> {
    let fixed = || {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (hours, minutes) = digits.split_once(':')?;
        if [hours, minutes].iter().any(|part| !is_two_digits(part)) {
            return None;
        }
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
        (minutes < 60).then(|| offset.to_time_zone())
    };
    fixed().or_else(|| TimeZone::get(text).ok())
}

fn is_two_digits(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-01-31`.
pub(crate) fn date_of(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Date)
}

/// `14:30`, `14:30:05`.
pub(crate) fn time_of(text: &str) -> Option<Value> {
    let mut parts = text.split(':');
    let mut part = || {
        let part = parts.next()?;
        is_two_digits(part).then(|| part.parse::<i8>().ok())?
    };
    let (hour, minute) = (part()?, part()?);
    let second = if text.len() > 5 { part()? } else { 0 };
    let is_whole = matches!(text.len(), 5 | 8);
    Time::new(hour, minute, second, 0).ok().filter(|_| is_whole).map(Value::Time)
}

/// RFC 3339, as `2026-01-31T13:45:00Z`.
pub(crate) fn instant_of(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Numbers with units, the larger ones first or not, as `1h30m`: h, m, s, ms, us, ns.
pub(crate) fn duration_of(text: &str) -> Option<Value> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Value::Duration(SignedDuration::ZERO));
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, unit) = rest.split_at(end);
        let end = unit.find(|letter: char| letter.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, behind) = unit.split_at(end);
        nanos = nanos.checked_add(nanos_of(number, unit)?)?;
        rest = behind;
    }
    let nanos = if is_negative { -nanos } else { nanos };
    let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
    let subsecond = i32::try_from(nanos % 1_000_000_000).ok()?;
    (!text.is_empty() && text != "-" && text != "+")
        .then(|| duration(SignedDuration::new(seconds, subsecond)))?
}

/// A number of a unit, which may have a fraction, in nanoseconds.
fn nanos_of(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_empty = whole.is_empty() && fraction.is_empty();
    if is_empty || fraction.contains('.') || fraction.len() > 12 || whole.len() > 18 {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(digits(whole)?.checked_mul(unit)? + digits(fraction)? * unit / scale)
}
