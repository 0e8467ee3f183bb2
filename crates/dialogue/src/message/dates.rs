//! Dates and times as people of a language write them.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};

use super::folded;
use super::phrases::Phrases;
use crate::words::months_of;

/// What a date may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Date(Date),
    /// Nobody knows which number is the month.
    Ambiguous,
    None,
}

/// `2026-12-01`, `1-12-2026`, `1.12.`, `1 December 2026`, `December 1`, `tomorrow`. Without a year,
/// the next such day. In digits the day comes first, in the English of the United States the month;
/// English of no country does not say.
pub(super) fn date(text: &str, language: &str, phrases: &Phrases, today: Date) -> Read {
    let text = folded(text);
    if text == phrases.today {
        return Read::Date(today);
    }
    if text == phrases.tomorrow {
        return today.tomorrow().map_or(Read::None, Read::Date);
    }
    let words = text.split(' ').filter(|it| !matches!(*it, "de" | "of" | "the" | "del"));
    let words: Vec<&str> = words.collect();
    let numbers: Option<Vec<i16>> = words.iter().map(|it| number(it)).collect();
    match (numbers.as_deref(), words.as_slice()) {
        (Some([year, month, day]), [written, ..]) if written.len() == 4 => {
            made(Some(*year), *month, *day, today)
        }
        (Some([first, second]), _) => in_order(*first, *second, None, language, today),
        (Some([first, second, year]), _) => {
            in_order(*first, *second, Some(century(*year)), language, today)
        }
        (None, [first, second, rest @ ..]) if rest.len() <= 1 => {
            let year = match rest {
                [year] => match number(year) {
                    Some(year) => Some(century(year)),
                    None => return Read::None,
                },
                _ => None,
            };
            let (day, month) = match (ordinal(first), ordinal(second)) {
                (Some(day), None) => (day, month(second, language)),
                (None, Some(day)) => (day, month(first, language)),
                _ => return Read::None,
            };
            month.map_or(Read::None, |month| made(year, month, day, today))
        }
        _ => Read::None,
    }
}

/// A time of day: `14:30`, `14.30`, `14h30`, `2:30 pm`, `14 Uhr`.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = folded(text);
    let spaced = spaced(&text);
    let mut words: Vec<&str> = spaced
        .split(' ')
        .filter(|it| !matches!(*it, "uhr" | "uur" | "h" | "hs" | "oclock"))
        .collect();
    let half = match words.as_slice() {
        [.., "p", "m"] => Some((2, 12)),
        [.., "a", "m"] => Some((2, 0)),
        [.., "pm"] => Some((1, 12)),
        [.., "am"] => Some((1, 0)),
        _ => None,
    };
    words.truncate(words.len() - half.map_or(0, |(count, _)| count));
    let (hour, minute) = match words.as_slice() {
        [hour] => (hour.parse::<i8>().ok()?, 0),
        [hour, minute] if minute.len() == 2 => (hour.parse().ok()?, minute.parse().ok()?),
        _ => return None,
    };
    let hour = match half {
        Some((_, from)) if (1..=12).contains(&hour) => hour % 12 + from,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// A blank between digits and letters.
fn spaced(text: &str) -> String {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if before.is_ascii_digit() && c.is_alphabetic()
            || before.is_alphabetic() && c.is_ascii_digit()
        {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    spaced
}

fn number(word: &str) -> Option<i16> {
    let is_number = (1..=4).contains(&word.len()) && word.bytes().all(|it| it.is_ascii_digit());
    word.parse().ok().filter(|_| is_number)
}

/// `1`, or `1st` and the like.
fn ordinal(word: &str) -> Option<i16> {
    let endings = ["st", "nd", "rd", "th", "e"];
    number(endings.iter().find_map(|it| word.strip_suffix(it)).unwrap_or(word))
}

fn century(year: i16) -> i16 {
    if year < 100 { 2000 + year } else { year }
}

/// A month by its name, or the first letters of it, at least three.
fn month(word: &str, language: &str) -> Option<i16> {
    let months = months_of(language).iter().map(|it| folded(it));
    let mut fitting = (1..)
        .zip(months)
        .filter(|(_, name)| name == word || word.chars().count() >= 3 && name.starts_with(word));
    let (found, _) = fitting.next()?;
    fitting.next().is_none().then_some(found)
}

fn in_order(first: i16, second: i16, year: Option<i16>, language: &str, today: Date) -> Read {
    let lower = language.to_ascii_lowercase();
    match (made(year, second, first, today), made(year, first, second, today)) {
        // English, of no country
        (Read::Date(one), Read::Date(other)) if lower == "en" && one != other => Read::Ambiguous,
        (_, month_first @ Read::Date(_)) if lower == "en-us" => month_first,
        (Read::None, month_first) if lower == "en" => month_first,
        (day_first, _) => day_first,
    }
}

fn made(year: Option<i16>, month: i16, day: i16, today: Date) -> Read {
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Read::None };
    let of = |year| Date::new(year, month, day).ok();
    let found = match year {
        Some(year) => of(year),
        // a leap day may be eight years ahead
        None => (0..=8)
            .filter_map(|ahead: i16| {
                of(today.checked_add(ahead.years()).ok()?.year()).filter(|it| *it >= today)
            })
            .next(),
    };
    found.map_or(Read::None, Read::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_the_language_has_them() {
        let today: Date = "2026-11-22".parse().expect("a date");
        for (language, text, expected) in [
            ("en", "2026-12-01", "2026-12-01"),
            ("en", "1 December 2026", "2026-12-01"),
            ("en", "December 1st, 2026", "2026-12-01"),
            ("en", "the 1st of dec", "2026-12-01"),
            ("en", "13/12/2026", "2026-12-13"),
            ("en", "12/13/26", "2026-12-13"),
            ("en", "2/2", "2027-02-02"),
            ("en", "1/12/2026", "?"),
            ("en-GB", "1/12/2026", "2026-12-01"),
            ("en-US", "12/1/2026", "2026-12-01"),
            ("de", "1.12.2026", "2026-12-01"),
            ("de", "1. Dezember", "2026-12-01"),
            ("de", "3. März", "2027-03-03"),
            ("nl", "1-12-26", "2026-12-01"),
            ("nl", "1 mrt", ""),
            ("nl", "1 maa", "2027-03-01"),
            ("es", "1 de diciembre de 2026", "2026-12-01"),
            ("es", "mañana", "2026-11-23"),
            ("de", "heute", "2026-11-22"),
            ("de", "29.2.", "2028-02-29"),
            ("de", "31.2.2027", ""),
            ("en", "ju 1", ""),
            ("en", "soon", ""),
            ("en", "1", ""),
            ("en", "", ""),
        ] {
            let read = match date(text, language, Phrases::of(language), today) {
                Read::Date(date) => date.to_string(),
                Read::Ambiguous => "?".to_owned(),
                Read::None => String::new(),
            };
            assert_eq!(read, expected, "{text} in {language}");
        }
    }

    #[test]
    fn times_are_read_in_any_writing() {
        for (text, expected) in [
            ("14:30", "14:30:00"),
            ("14.30", "14:30:00"),
            ("14h30", "14:30:00"),
            ("2:30 p.m.", "14:30:00"),
            ("2pm", "14:00:00"),
            ("12 am", "00:00:00"),
            ("14 Uhr", "14:00:00"),
            ("9 uur", "09:00:00"),
            ("25:00", ""),
            ("13 pm", ""),
            ("14:3", ""),
            ("noonish", ""),
            ("pm", ""),
        ] {
            let read = time(text).map(|it| it.to_string()).unwrap_or_default();
            assert_eq!(read, expected, "{text}");
        }
    }
}
