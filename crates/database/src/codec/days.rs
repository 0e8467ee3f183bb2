//! Days and times of day as numbers.

use caruso_object_model::Digits;
use jiff::civil::{Date, DateTime, Time};

/// Day number of 2000-01-01, counted from noon of the first day of the Julian period.
const JULIAN_2000: i64 = 2_451_545;

/// How many digits a form has where it stands in a text.
pub(super) fn width(form: Digits) -> usize {
    match form {
        Digits::Yyyymmdd | Digits::Ddmmyyyy => 8,
        Digits::Yymmdd { .. } => 6,
        Digits::Yyyymmddhhmmss => 14,
    }
}

/// True when later days have larger numbers.
pub(super) fn is_ordered(form: Digits) -> bool {
    matches!(form, Digits::Yyyymmdd | Digits::Yyyymmddhhmmss)
}

/// The day that a number means.
pub(super) fn day_of(form: Digits, number: i64) -> Option<Date> {
    let (year, month, day) = match form {
        Digits::Yyyymmdd => (number / 10_000, number / 100 % 100, number % 100),
        Digits::Ddmmyyyy => (number % 10_000, number / 10_000 % 100, number / 1_000_000),
        Digits::Yymmdd { pivot } => {
            let year = number / 10_000;
            let century = if year >= i64::from(pivot) { 1_900 } else { 2_000 };
            let year = (0..100).contains(&year).then_some(year + century)?;
            (year, number / 100 % 100, number % 100)
        }
        Digits::Yyyymmddhhmmss => return None,
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(i16::try_from(year).ok()?, month, day).ok().filter(|date| is_usual(*date))
}

/// The number of a day; `None` where the form has none for it.
pub(super) fn digits_of(form: Digits, date: Date) -> Option<i64> {
    let (year, month, day) =
        (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let number = match form {
        Digits::Yyyymmdd => year * 10_000 + month * 100 + day,
        Digits::Ddmmyyyy => day * 1_000_000 + month * 10_000 + year,
        Digits::Yymmdd { .. } => year % 100 * 10_000 + month * 100 + day,
        Digits::Yyyymmddhhmmss => return None,
    };
    (day_of(form, number) == Some(date)).then_some(number)
}

/// The moment that fourteen digits mean.
pub(super) fn moment_of(number: i64) -> Option<DateTime> {
    let part = |divisor: i64| i8::try_from(number / divisor % 100).ok();
    let time = Time::new(part(10_000)?, part(100)?, part(1)?, 0).ok()?;
    Some(day_of(Digits::Yyyymmdd, number / 1_000_000)?.to_datetime(time))
}

/// Fourteen digits of a moment; parts of a second are cut off.
pub(super) fn digits_of_moment(at: DateTime) -> Option<i64> {
    let time =
        i64::from(at.hour()) * 10_000 + i64::from(at.minute()) * 100 + i64::from(at.second());
    Some(digits_of(Digits::Yyyymmdd, at.date())? * 1_000_000 + time)
}

/// The day of a Julian day number.
pub(super) fn day_of_julian(number: i64) -> Option<Date> {
    let days = number.checked_sub(JULIAN_2000)?;
    let days = jiff::Span::new().try_days(days).ok()?;
    Date::constant(2000, 1, 1).checked_add(days).ok().filter(|date| is_usual(*date))
}

/// The Julian day number of a day.
pub(super) fn julian_of(date: Date) -> Option<i64> {
    let span = Date::constant(2000, 1, 1).until(date).ok()?;
    Some(JULIAN_2000 + i64::from(span.get_days()))
}

/// Years of one to four digits, so that stored days sort as they follow each other.
pub(super) fn is_usual(date: Date) -> bool {
    date.year() >= 0
}
