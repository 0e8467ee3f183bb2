//! Days and times of day as words.

use jiff::civil::{Date, Time};

use super::numerals::{Language, Stands, cardinal};
use crate::words::months_of;

const ENGLISH_DAYS: [&str; 19] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

/// The words of a day; nothing for years before 1000 and after 2999.
pub(super) fn date(language: Language, tag: &str, date: Date) -> Option<Vec<String>> {
    let year = u64::try_from(date.year()).ok().filter(|it| (1_000..3_000).contains(it))?;
    let month = months_of(tag).get(usize::try_from(date.month() - 1).ok()?)?;
    let mut words = day(language, u64::try_from(date.day()).ok()?)?;
    let of = match language {
        Language::English => Some("of"),
        Language::Spanish => Some("de"),
        Language::Dutch | Language::German => None,
    };
    words.extend(of.map(str::to_owned));
    words.push(month.to_lowercase().replace('ä', "ae"));
    words.extend(of.filter(|_| language == Language::Spanish).map(str::to_owned));
    words.extend(self::year(language, year)?);
    Some(words)
}

fn day(language: Language, day: u64) -> Option<Vec<String>> {
    let ordinal = |place: u64| Some((*ENGLISH_DAYS.get(usize::try_from(place).ok()? - 1)?).into());
    Some(match language {
        Language::English => match day {
            20 => vec!["twentieth".to_owned()],
            30 => vec!["thirtieth".to_owned()],
            21..30 => vec!["twenty".to_owned(), ordinal(day - 20)?],
            31 => vec!["thirty".to_owned(), ordinal(1)?],
            _ => vec![ordinal(day)?],
        },
        Language::German => {
            let stem = match day {
                1 => "ers".to_owned(),
                3 => "drit".to_owned(),
                7 => "sieb".to_owned(),
                8 => "ach".to_owned(),
                20.. => cardinal(language, day, Stands::Alone)?.concat() + "s",
                _ => cardinal(language, day, Stands::Alone)?.concat(),
            };
            vec![stem + "ter"]
        }
        Language::Dutch | Language::Spanish => cardinal(language, day, Stands::Alone)?,
    })
}

fn year(language: Language, year: u64) -> Option<Vec<String>> {
    let (century, rest) = (year / 100, year % 100);
    let pair = |hundred: Option<&str>| {
        let mut words = cardinal(language, century, Stands::Alone)?;
        words.extend(hundred.map(str::to_owned));
        if rest > 0 {
            words.extend(cardinal(language, rest, Stands::Alone)?);
        }
        Some(words)
    };
    // 2005 is two thousand five, 1905 nineteen oh five
    match language {
        Language::English if century % 10 == 0 && rest < 10 => {
            cardinal(language, year, Stands::Alone)
        }
        Language::English if rest == 0 => pair(Some("hundred")),
        Language::English if rest < 10 => pair(Some("oh")),
        Language::English => pair(None),
        Language::Dutch if (11..20).contains(&century) => pair(Some("honderd")),
        Language::German if (11..20).contains(&century) => pair(Some("hundert")),
        _ => cardinal(language, year, Stands::Alone),
    }
}

/// The words of a time of day, to the minute.
pub(super) fn time(language: Language, time: Time) -> Option<Vec<String>> {
    let (hour, minute) = (u64::try_from(time.hour()).ok()?, u64::try_from(time.minute()).ok()?);
    let minutes = (minute > 0).then(|| cardinal(language, minute, Stands::Alone));
    let minutes = minutes.unwrap_or_else(|| Some(Vec::new()))?;
    let hours = |stands| cardinal(language, hour, stands);
    let (mut words, between) = match language {
        Language::English if minute == 0 => (hours(Stands::Alone)?, Some("oclock")),
        Language::English if minute < 10 => (hours(Stands::Alone)?, Some("oh")),
        Language::English => (hours(Stands::Alone)?, None),
        Language::Dutch => (hours(Stands::Alone)?, Some("uur")),
        Language::German => (hours(Stands::Before)?, Some("uhr")),
        Language::Spanish if hour == 1 => (vec!["una".to_owned()], None),
        Language::Spanish => (hours(Stands::Alone)?, None),
    };
    words.extend(between.map(str::to_owned));
    if language == Language::Spanish && minute == 0 {
        words.push("en-punto".to_owned());
    }
    words.extend(minutes);
    Some(words)
}
