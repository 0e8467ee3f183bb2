//! Times of day as microseconds since midnight.

use caruso_object_model::Clock;

use super::{Way, days};

/// A second and a day.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// How many digits a time of day has where it stands in a text.
pub(super) fn width(clock: Clock) -> usize {
    if clock == Clock::Hhmmss { 6 } else { 4 }
}

/// The time of day that digits mean: `142500`, or `1425`.
pub(super) fn micros_of(clock: Clock, number: i64) -> Option<i64> {
    let number = (0..240_000).contains(&number).then_some(number)?;
    let number = if clock == Clock::Hhmmss { number } else { number * 100 };
    let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100);
    let is_one = hour < 24 && minute < 60 && second < 60;
    is_one.then_some((hour * 3_600 + minute * 60 + second) * SECOND)
}

/// The digits of a time of day; what is finer is cut off.
pub(super) fn digits_of(clock: Clock, micros: i64) -> Option<i64> {
    let seconds = (0..DAY).contains(&micros).then_some(micros / SECOND)?;
    let to_minute = seconds / 3_600 * 100 + seconds / 60 % 60;
    Some(if clock == Clock::Hhmmss { to_minute * 100 + seconds % 60 } else { to_minute })
}

/// `14:25:00`, or with the six decimals of a second that is not whole.
pub(super) fn text_of(micros: i64) -> Option<String> {
    let whole = digits_of(Clock::Hhmmss, micros)?;
    let (hour, minute, second) = (whole / 10_000, whole / 100 % 100, whole % 100);
    let text = format!("{hour:02}:{minute:02}:{second:02}");
    Some(match micros % SECOND {
        0 => text,
        rest => format!("{text}.{rest:06}"),
    })
}

/// The time of day that such a text means.
pub(super) fn micros_of_text(text: &str) -> Option<i64> {
    let (time, rest) = match text.split_once('.') {
        Some((time, rest)) => (time, super::digits(rest, 6).filter(|rest| *rest > 0)?),
        None => (text, 0),
    };
    let parts: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return None };
    let part = |text: &str| super::digits(text, 2);
    let number = part(hour)? * 10_000 + part(minute)? * 100 + part(second)?;
    Some(micros_of(Clock::Hhmmss, number)? + rest)
}

/// `14:25`, which is cut off at the minute.
pub(super) fn minute_of(micros: i64) -> Option<String> {
    let number = digits_of(Clock::Hhmm, micros)?;
    Some(format!("{:02}:{:02}", number / 100, number % 100))
}

/// The time of day that such a text means.
pub(super) fn micros_of_minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let number = super::digits(hour, 2)? * 100 + super::digits(minute, 2)?;
    micros_of(Clock::Hhmm, number)
}

impl Way {
    /// Whether it is one of times of day.
    pub(crate) fn is_time(&self) -> bool {
        matches!(self, Self::Time | Self::TimeText | Self::TimeMinute | Self::TimeDigits(..))
    }
}

/// A moment as one number, which has the order of moments: the digits of its day, times the
/// microseconds of a day, plus those since midnight.
pub(super) fn moment_of(number: i64) -> Option<jiff::civil::DateTime> {
    let day = days::day_of(caruso_object_model::Digits::Yyyymmdd, number.div_euclid(DAY))?;
    Some(day.to_datetime(time_of(number.rem_euclid(DAY))?))
}

/// A time of day.
pub(crate) fn time_of(micros: i64) -> Option<jiff::civil::Time> {
    let whole = digits_of(Clock::Hhmmss, micros)?;
    let part = |divisor: i64| i8::try_from(whole / divisor % 100).ok();
    let nanos = i32::try_from(micros % SECOND * 1_000).ok()?;
    jiff::civil::Time::new(part(10_000)?, part(100)?, part(1)?, nanos).ok()
}

/// The microseconds since midnight of a time of day, of which what is finer is cut off.
pub(crate) fn micros_of_time(time: jiff::civil::Time) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * SECOND + i64::from(time.subsec_nanosecond()) / 1_000
}

/// The number of a moment; see [`moment_of`].
pub(super) fn number_of(at: jiff::civil::DateTime) -> Option<i64> {
    let day = days::digits_of(caruso_object_model::Digits::Yyyymmdd, at.date())?;
    Some(day * DAY + micros_of_time(at.time()))
}
