//! Patterns of dates and moments, such as `dd-mm-yyyy` or `yyyymmddhhmmss`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// How a file writes a day, or a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    /// Years of two digits from here on are of the 20th century, those before of the 21st.
    pivot: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Digits of a unit: at least and at most so many.
    Unit(Unit, usize, usize),
    Letter(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Where a pattern says no pivot.
const PIVOT: i64 = 70;

impl Pattern {
    /// `yyyy` or `yy`, `mm` or `m`, `dd` or `d`; behind the hour `hh`, `mm` is the minute, and
    /// `ss` the second. `yy` may have a pivot at the end, as `yymmdd:50`. Everything that is no
    /// letter stands for itself, and `T` too.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (text, pivot) = match text.rsplit_once(':') {
            Some((text, pivot)) if text.contains("yy") && !text.ends_with('h') => {
                match pivot.parse() {
                    Ok(pivot @ 0..=99) => (text, pivot),
                    _ => return Self::of(&format!("{text}:{pivot}"), PIVOT),
                }
            }
            _ => (text, PIVOT),
        };
        Self::of(text, pivot)
    }

    fn of(text: &str, pivot: i64) -> Option<Self> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(letter) = rest.chars().next() {
            let run = rest.chars().take_while(|it| *it == letter).count();
            let has_hour = parts.iter().any(|it| matches!(it, Part::Unit(Unit::Hour, ..)));
            let (unit, least) = match (letter, run) {
                ('y', 4) => (Unit::Year, 4),
                ('y', 2) => (Unit::ShortYear, 2),
                ('m', 1 | 2) if has_hour => (Unit::Minute, run),
                ('m', 1 | 2) => (Unit::Month, run),
                ('d', 1 | 2) => (Unit::Day, run),
                ('h', 1 | 2) => (Unit::Hour, run),
                ('s', 2) => (Unit::Second, 2),
                (letter, _) if letter.is_alphanumeric() && letter != 'T' => return None,
                (letter, _) => {
                    parts.push(Part::Letter(letter));
                    rest = &rest[letter.len_utf8()..];
                    continue;
                }
            };
            let most = if least == 1 { 2 } else { least };
            parts.push(Part::Unit(unit, least, most));
            rest = &rest[run..];
        }
        let has = |wanted: &[Unit]| {
            let is = |it: &&Part| matches!(it, Part::Unit(unit, ..) if wanted.contains(unit));
            parts.iter().filter(is).count() == 1
        };
        let is_whole = has(&[Unit::Year, Unit::ShortYear]) && has(&[Unit::Month, Unit::Day][..1]);
        (is_whole && has(&[Unit::Day])).then_some(Self { parts, pivot })
    }

    pub(crate) fn has_time(&self) -> bool {
        self.parts.iter().any(|it| matches!(it, Part::Unit(Unit::Hour, ..)))
    }

    /// The day that a text means.
    pub(crate) fn date(&self, text: &str) -> Option<Date> {
        self.read(text).map(DateTime::date)
    }

    /// The moment that a text means on the clocks of a zone; nothing for one that they never show.
    pub(crate) fn instant(&self, text: &str, zone: &TimeZone) -> Option<Timestamp> {
        let ambiguous = zone.to_ambiguous_timestamp(self.read(text)?);
        ambiguous.compatible().ok()
    }

    fn read(&self, text: &str) -> Option<DateTime> {
        let (mut rest, mut found) = (text, [0_i64, 0, 0, 0, 0, 0]);
        for part in &self.parts {
            let (unit, least, most) = match part {
                Part::Letter(letter) => {
                    rest = rest.strip_prefix(*letter)?;
                    continue;
                }
                Part::Unit(unit, least, most) => (unit, *least, *most),
            };
            let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
            let number = rest.get(..digits).filter(|_| digits >= least)?.parse::<i64>().ok()?;
            rest = &rest[digits..];
            let (place, number) = match unit {
                Unit::Year => (0, number),
                Unit::ShortYear => (0, number + if number >= self.pivot { 1_900 } else { 2_000 }),
                Unit::Month => (1, number),
                Unit::Day => (2, number),
                Unit::Hour => (3, number),
                Unit::Minute => (4, number),
                Unit::Second => (5, number),
            };
            found[place] = number;
        }
        let [year, month, day, hour, minute, second] = found;
        let small = |number: i64| i8::try_from(number).ok();
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
        rest.is_empty().then(|| date.to_datetime(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(pattern: &str, text: &str) -> Option<String> {
        let pattern = Pattern::parse(pattern).expect("a pattern");
        pattern.date(text).map(|date| date.to_string())
    }

    #[test]
    fn days_are_read_by_their_pattern() {
        let day = Some("2026-01-31".to_owned());
        for (pattern, text) in [
            ("yyyymmdd", "20260131"),
            ("dd-mm-yyyy", "31-01-2026"),
            ("d.m.yyyy", "31.1.2026"),
            ("ddmmyy", "310126"),
            ("yymmdd:50", "260131"),
        ] {
            assert_eq!(date(pattern, text), day, "{pattern}");
        }
        assert_eq!(date("yymmdd:20", "260131").as_deref(), Some("1926-01-31"));
    }

    #[test]
    fn what_is_no_day_of_the_calendar_means_nothing() {
        for text in ["20260231", "2026013", "202601310", "2026-01-31", ""] {
            assert_eq!(date("yyyymmdd", text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_those_of_the_clocks_of_a_zone() {
        let pattern = Pattern::parse("dd-mm-yyyy hh:mm").expect("a pattern");
        let zone = TimeZone::get("Europe/Amsterdam").expect("a zone");
        let at = pattern.instant("31-01-2026 13:45", &zone).expect("a moment");
        assert_eq!(at.to_string(), "2026-01-31T12:45:00Z");
        assert!(pattern.has_time() && !Pattern::parse("yyyymmdd").expect("one").has_time());
    }

    #[test]
    fn a_pattern_has_a_year_a_month_and_a_day() {
        for text in ["", "yyyymm", "yyyy-ww-dd", "yyyymmddd", "yyyymmddyyyy", "hh:mm"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
