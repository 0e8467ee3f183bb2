use super::{check, filter, value};
use crate::{EvalError, Missing, Type};

#[test]
fn days_and_points_in_time_are_computed_by_calendar_and_clock() {
    // today is 2026-03-01, now is 2026-03-01T12:00:00Z
    let table = [
        ("today + days(30)", "2026-03-31"),
        ("today - days(1)", "2026-02-28"),
        ("days(1) + today", "2026-03-02"),
        ("today + weeks(2)", "2026-03-15"),
        ("date('2026-01-31') + months(1)", "2026-02-28"),
        ("date('2024-01-31') + months(1)", "2024-02-29"),
        ("date('2026-03-31') - months(1)", "2026-02-28"),
        ("date('2024-02-29') + years(1)", "2025-02-28"),
        ("date('2026-01-31') + (months(1) + days(1))", "2026-03-01"),
        ("date('2026-01-31') + months(1) + months(1)", "2026-03-28"),
        ("date('2026-01-31') + months(2)", "2026-03-31"),
        ("today - date('2025-03-01')", "365"),
        ("date('2025-03-01') - today", "-365"),
        ("today - today", "0"),
        ("today + days(size(tags))", "2026-03-03"),
        ("-months(2) + days(3)", "P-2M3D"),
        ("months(14)", "P14M"),
        ("now + hours(36)", "2026-03-03T00:00:00Z"),
        ("now - minutes(30)", "2026-03-01T11:30:00Z"),
        ("now - timestamp('2026-02-28T11:59:30Z')", "86430s"),
        ("hours(1) + minutes(30) == duration('1h30m')", "true"),
        ("hours(1) - minutes(90)", "-1800s"),
        ("-duration('1.5s')", "-1.5s"),
        ("duration('1ms') lt duration('1s')", "true"),
        ("now - now lt '1s'", "true"),
        ("time('08:30') lt '17:00'", "true"),
        ("time('08:30:15')", "08:30:15"),
        ("time('08:30').hour() * 60 + time('08:30').minute()", "510"),
        ("today.year()", "2026"),
        ("today.month()", "3"),
        ("today.day()", "1"),
        ("today.weekday()", "7"),
        ("now.date('Europe/Amsterdam')", "2026-03-01"),
        ("timestamp('2026-03-01T23:30:00Z').date('Europe/Amsterdam')", "2026-03-02"),
        ("timestamp('2026-03-01T23:30:00Z').time('Europe/Amsterdam')", "00:30"),
        ("now.time('+05:30')", "17:30"),
        ("today.at('09:00', 'Europe/Amsterdam')", "2026-03-01T08:00:00Z"),
        // the clocks go from 02:00 to 03:00, and back from 03:00 to 02:00
        ("date('2026-03-29').at('02:30', 'Europe/Amsterdam')", "2026-03-29T01:30:00Z"),
        ("date('2026-10-25').at('02:30', 'Europe/Amsterdam')", "2026-10-25T00:30:00Z"),
        (
            "date('2026-03-29').at('12:00', 'Europe/Amsterdam') \
          - date('2026-03-28').at('12:00', 'Europe/Amsterdam')",
            "82800s",
        ),
        ("(now.date('UTC') + days(1)).at(now.time('UTC'), 'UTC') - now", "86400s"),
        ("int(now)", "1772366400"),
        ("string(now.date('UTC') + days(1)) + '!'", "2026-03-02!"),
    ];
    for (source, expected) in table {
        let value = value(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(value.to_string(), expected, "{source}");
    }
}

#[test]
fn what_is_missing_makes_the_rest_missing() {
    let table = [
        ("moving + days(1)", ""),
        ("moving - today", ""),
        ("days(level)", ""),
        ("moving.year()", ""),
        ("moving.at('09:00', 'UTC')", ""),
        ("moving + days(1) gt today", "false"),
        ("not (moving + days(1) gt today)", "true"),
    ];
    for (source, expected) in table {
        let value = filter(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(value.to_string(), expected, "{source}");
    }
    let errors = check("moving + days(1) gt today", Missing::MustBeGuarded, None);
    assert_eq!(errors.expect_err("moving may be missing").len(), 1);
    check("has(moving) and moving + days(1) gt today", Missing::MustBeGuarded, None)
        .expect("it is there then");
}

#[test]
fn what_makes_no_sense_is_said_with_its_place() {
    let table = [
        ("today + 1", "today + 1: date and int do not compute this way (write `days(…)`)"),
        (
            "now + days(1)",
            "now + days(1): instant and period do not compute this way \
             (a day has no fixed length: take `instant.date(zone)` first)",
        ),
        (
            "today + hours(1)",
            "today + hours(1): date and duration do not compute this way \
             (a date has no clock: take `date.at(time, zone)` first)",
        ),
        ("today + today", "today + today: date and date do not compute this way"),
        ("days(1) - today", "days(1) - today: period and date do not compute this way"),
        ("now - today", "now - today: instant and date do not compute this way"),
        ("today * 2", "today * 2: date and int do not compute this way"),
        ("days(1) lt days(2)", "days(1) lt days(2): two of period do not compare this way"),
        ("now gt today", "now gt today: instant does not compare with date"),
        ("days(1.5)", "days: `days` does not take (decimal) (it takes: days(int))"),
        ("days()", "days: `days` does not take () (it takes: days(int))"),
        ("day(1)", "day: there is no function `day` (write `value.day(…)`)"),
        ("today.days()", "days: there is no function `days` (write `days(value)`)"),
        ("now.getHour()", "getHour: there is no function `getHour` (did you mean `getHours`?)"),
        (
            "today.getMonth()",
            "getMonth: `today` is date and has no `getMonth` (it is asked of: instant)",
        ),
        (
            "count.getHours()",
            "getHours: `count` is int and has no `getHours` (it is asked of: instant, duration)",
        ),
        (
            "now.date('Amsterdam')",
            "'Amsterdam': there is no time zone `Amsterdam` \
             (write it as 'Europe/Amsterdam' or '+02:00')",
        ),
        (
            "duration('1mo')",
            "'1mo': `1mo` is not a duration (write it as 1h30m, with h, m, s and ms)",
        ),
        ("date('2026-02-30')", "'2026-02-30': `2026-02-30` is not a date (write it as 2026-01-31)"),
        ("date('2026-2-3')", "'2026-2-3': `2026-2-3` is not a date (write it as 2026-01-31)"),
        ("time('24:00')", "'24:00': `24:00` is not a time (write it as 13:45)"),
        ("time('8:30') lt '9'", "'8:30': `8:30` is not a time (write it as 13:45)"),
        (
            "timestamp('2026-03-01') lt now",
            "'2026-03-01': `2026-03-01` is not an instant (write it as 2026-01-31T13:45:00Z)",
        ),
    ];
    for (source, expected) in table {
        let errors = check(source, Missing::MustBeGuarded, None).expect_err(source);
        let error = &errors[0];
        let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        let found = format!("{}: {}{hint}", &source[error.at.clone()], error.message);
        assert_eq!(found, expected);
    }
}

#[test]
fn what_cannot_be_computed_is_an_error_of_its_own() {
    let not_a = |source: &str, ty: Type| {
        let Err(EvalError::NotA(_, found)) = value(source) else { panic!("{source}") };
        assert_eq!(found, ty, "{source}");
    };
    not_a("date(text)", Type::Date);
    not_a("time(text)", Type::Time);
    not_a("timestamp(text)", Type::Instant);
    not_a("duration(text)", Type::Duration);
    not_a("duration('1' + 'mo')", Type::Duration);
    not_a("duration('' + '-')", Type::Duration);
    not_a("duration('1.2.3' + 's')", Type::Duration);
    assert!(matches!(value("now.date(text)"), Err(EvalError::NoZone(_))));
    let too_far = [
        "today + years(8000)",
        "today - years(13000)",
        "today + months(9223372036854775807)",
        "years(9223372036854775807)",
        "days(2147483647) + days(1)",
        "-days(-2147483647 - 1)",
        "hours(9223372036854775807)",
        "now + duration('80000000h')",
        "duration('87660000h') + duration('87660000h')",
        "timestamp(253402300800)",
        "timestamp('0000-12-31T23:59:59Z') + hours(1)",
    ];
    for source in too_far {
        assert!(
            matches!(value(source), Err(EvalError::Overflow(_))),
            "{source}: {:?}",
            value(source)
        );
    }
}
