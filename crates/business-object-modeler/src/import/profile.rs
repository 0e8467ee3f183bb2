//! What the values of a column are like.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use caruso_database::Raw;
use caruso_expression::Currency;
use caruso_object_model::WrittenMoney;
use caruso_object_model::phone::{Country, normalize};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// The most different values that are kept.
pub(super) const MOST_DISTINCT: usize = 12;
/// Numbers that stand for no day in columns of days.
const NO_DAY: [i64; 2] = [0, 99_991_231];
/// Years in which days are plausible.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;
/// Seconds since 1970 from 1990 to 2050, in which counts of time are plausible.
const SECONDS: std::ops::Range<i64> = 631_152_000..2_524_608_000;

/// What the values of a column are like. Its debug form shows none of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Cells that hold something.
    pub values: u64,
    /// Cells that hold nothing.
    pub nulls: u64,
    /// Those of the values that are not of their column's type, which only a file may have, or of a
    /// type that is not read.
    pub unread: u64,
    /// True when every row has a value and no two rows have the same.
    pub is_distinct: bool,
    /// How often each value comes; nothing where there are more than 12 different ones.
    pub distinct: Option<BTreeMap<String, u64>>,
    /// Days written as yyyymmdd.
    pub days: u64,
    /// How often 0 and 99991231 come, as they are written.
    pub no_days: BTreeMap<String, u64>,
    /// Moments written as yyyymmddhhmmss.
    pub moments: u64,
    /// Days in texts as ISO 8601 writes them, `2026-01-31`.
    pub iso_days: u64,
    /// Points in time in texts as RFC 3339 writes them, `2026-01-31T13:45:00Z`.
    pub iso_instants: u64,
    /// Plausible counts of seconds since 1970, and of milliseconds.
    pub seconds: u64,
    /// See [`Profile::seconds`].
    pub milliseconds: u64,
    /// Telephone numbers, and how many of them begin as one does, with `0`, `+` or `(`.
    pub phones: u64,
    /// See [`Profile::phones`].
    pub dialled: u64,
    /// Texts without a digit, which no telephone number is.
    pub without_digit: u64,
    /// The most decimals of a number.
    pub decimals: u32,
    /// Amounts of money with their currency: how they are written, with how many decimals, and how
    /// many of the values are written so. Small amounts are written so in several forms.
    pub money: Vec<(WrittenMoney, u32, u64)>,
}

impl Profile {
    /// What these cells are like; a cell that is not of its column's type is `None`. Telephone
    /// numbers without country code are those of the country.
    pub fn of(cells: impl IntoIterator<Item = Option<Raw>>, country: Country) -> Self {
        let mut observer = Observer::new(country);
        cells.into_iter().for_each(|cell| observer.see(cell.as_ref()));
        observer.end()
    }
}

/// A profile while cells are looked at.
#[derive(Debug)]
struct Observer {
    profile: Profile,
    country: Country,
    seen: HashSet<u64>,
    repeats: bool,
}

impl Observer {
    fn new(country: Country) -> Self {
        let profile = Profile { distinct: Some(BTreeMap::new()), ..Profile::default() };
        Self { profile, country, seen: HashSet::new(), repeats: false }
    }

    /// Looks at a cell; `None` at one that is not of its column's type.
    fn see(&mut self, cell: Option<&Raw>) {
        match cell {
            Some(Raw::Null) => self.profile.nulls += 1,
            Some(Raw::Int(number)) => {
                self.number(*number);
                self.value(&number.to_string());
            }
            Some(Raw::Decimal(number)) => {
                let number = number.normalize();
                self.profile.decimals = self.profile.decimals.max(number.scale());
                if let Ok(number) = i64::try_from(number)
                    && self.profile.decimals == 0
                {
                    self.number(number);
                }
                self.value(&number.to_string());
            }
            Some(Raw::Text(text)) => {
                self.text(text);
                self.value(text);
            }
            Some(_) => self.profile.values += 1,
            None => {
                // whatever it is, it is no code of a list
                self.profile.values += 1;
                self.profile.unread += 1;
                self.profile.distinct = None;
            }
        }
    }

    fn end(mut self) -> Profile {
        let profile = &mut self.profile;
        profile.is_distinct = profile.values > 0 && profile.nulls == 0 && !self.repeats;
        self.profile
    }

    fn value(&mut self, text: &str) {
        self.profile.values += 1;
        let mut hash = DefaultHasher::new();
        text.hash(&mut hash);
        self.repeats |= !self.seen.insert(hash.finish());
        if let Some(distinct) = &mut self.profile.distinct {
            *distinct.entry(text.to_owned()).or_default() += 1;
            if distinct.len() > MOST_DISTINCT {
                self.profile.distinct = None;
            }
        }
    }

    fn number(&mut self, number: i64) {
        let profile = &mut self.profile;
        if NO_DAY.contains(&number) {
            *profile.no_days.entry(number.to_string()).or_default() += 1;
        } else if is_day(number) {
            profile.days += 1;
        }
        profile.moments += u64::from(is_moment(number));
        profile.seconds += u64::from(SECONDS.contains(&number));
        profile.milliseconds += u64::from(SECONDS.contains(&(number / 1_000)));
    }

    fn text(&mut self, text: &str) {
        let trimmed = text.trim_end_matches(' ');
        let is_digits =
            |width| trimmed.len() == width && trimmed.bytes().all(|byte| byte.is_ascii_digit());
        if is_digits(8)
            && let Ok(number) = trimmed.parse()
        {
            if NO_DAY.contains(&number) {
                *self.profile.no_days.entry(trimmed.to_owned()).or_default() += 1;
            } else if is_day(number) {
                self.profile.days += 1;
            }
        }
        if is_digits(14) {
            self.profile.moments += u64::from(trimmed.parse().is_ok_and(is_moment));
        }
        if trimmed.len() == text.len() {
            self.profile.iso_days += u64::from(text.len() == 10 && text.parse::<Date>().is_ok());
            self.profile.iso_instants += u64::from(text.parse::<Timestamp>().is_ok());
        }
        self.money(trimmed);
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        self.profile.without_digit += u64::from(!has_digit);
        if normalize(text, self.country).is_ok() {
            self.profile.phones += 1;
            self.profile.dialled += u64::from(text.trim_start().starts_with(['0', '+', '(']));
        }
    }

    fn money(&mut self, text: &str) {
        let ends = [text.get(..3), text.len().checked_sub(3).and_then(|at| text.get(at..))];
        if !ends.into_iter().flatten().any(|code| Currency::of(code).is_some()) {
            return;
        }
        for form in WrittenMoney::all() {
            let Some(decimals) = form.decimals(text) else { continue };
            let mut known = self.profile.money.iter_mut();
            match known.find(|(of, digits, _)| (*of, *digits) == (form, decimals)) {
                Some((_, _, count)) => *count += 1,
                None => self.profile.money.push((form, decimals, 1)),
            }
        }
    }
}

fn is_day(number: i64) -> bool {
    day(number).is_some_and(|day| YEARS.contains(&day.year()))
}

fn day(number: i64) -> Option<Date> {
    let part = |number: i64| i8::try_from(number % 100).ok();
    let year = i16::try_from(number / 10_000).ok()?;
    Date::new(year, part(number / 100)?, part(number)?).ok()
}

fn is_moment(number: i64) -> bool {
    let part = |number: i64| i8::try_from(number % 100).ok();
    let time = || Some((part(number / 10_000)?, part(number / 100)?, part(number)?));
    let Some((hour, minute, second)) = time() else { return false };
    let Some(day) = day(number / 1_000_000) else { return false };
    let at = DateTime::new(day.year(), day.month(), day.day(), hour, minute, second, 0);
    YEARS.contains(&day.year()) && at.is_ok()
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("values", &self.values)
            .field("nulls", &self.nulls)
            .finish_non_exhaustive()
    }
}
