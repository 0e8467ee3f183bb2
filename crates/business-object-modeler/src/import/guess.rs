//! What the data tell about columns whose types say little.
//!
//! Every guess leaves a note about what it rests on. Keys are left as they are: what they hold is
//! compared with other tables.

use caruso_database::{Column, Physical};

use super::columns::MOST_DECIMALS;
use super::draft::{Attribute, Class, Draft, Kind, ToOne, is_text};
use super::keys;
use super::profile::Profile;
use super::sample::{Sample, Samples};
use super::words;

/// Pairs that mean yes and no.
const PAIRS: [(&str, &str); 14] = [
    ("J", "N"),
    ("j", "n"),
    ("Y", "N"),
    ("y", "n"),
    ("T", "F"),
    ("1", "0"),
    ("X", ""),
    ("X", " "),
    ("x", ""),
    ("x", " "),
    ("JA", "NEIN"),
    ("JA", "NEE"),
    ("YES", "NO"),
    ("true", "false"),
];
/// What numbers of 1 and 0 are called that mean yes and no.
const FLAG_WORDS: &[&str] =
    &["is", "has", "flag", "active", "aktiv", "actief", "enabled", "deleted"];
/// What counts of time are called.
const TIME_WORDS: &[&str] = &["at", "time", "timestamp", "ts", "epoch", "created", "changed"];
/// What telephone numbers are called, in part.
const PHONE_PARTS: &[&str] = &["tel", "phone", "fon", "mobil", "mobiel", "gsm", "handy", "fax"];
/// Days that must be there before numbers are taken for days.
const FEWEST_DAYS: u64 = 3;
/// Amounts with their currency that must be there before texts are taken for such.
const FEWEST_AMOUNTS: u64 = 3;
/// Values that must be there before texts are taken for codes of a list.
const FEWEST_CODES: u64 = 50;
/// The longest code of a list, in characters.
const LONGEST_CODE: usize = 8;
/// Telephone numbers that must be there.
const FEWEST_PHONES: u64 = 3;
/// Objects of a class that are no mere list of kinds.
const FEWEST_OWNERS: u64 = 20;
/// And where the name of the column says nothing of telephones.
const FEWEST_UNNAMED_PHONES: u64 = 20;

/// Makes of all attributes what their values are, as far as that is plain.
pub(super) fn learn(draft: &mut Draft<'_>, samples: &Samples) {
    let mut classes = std::mem::take(&mut draft.classes);
    for class in &mut classes {
        let sample = samples.tables.get(&class.table.name);
        if samples.unread.contains(&class.table.name) {
            class.notes.push("The rows could not be read, so nothing rests on them.".to_owned());
        }
        keys::suppose(class, sample);
        if let Some(sample) = sample {
            learn_class(draft, class, sample);
        }
    }
    draft.classes = classes;
}

fn learn_class(draft: &mut Draft<'_>, class: &mut Class<'_>, sample: &Sample) {
    let keys = class.key_columns().to_vec();
    let owner = words::member_name(&words::words(&class.name), "table");
    for attribute in &mut class.attributes {
        let Some(profile) = sample.columns.get(&attribute.column.name) else { continue };
        if keys.contains(&attribute.column.name) {
            continue;
        }
        if attribute.is_required && profile.nulls > 0 {
            attribute.is_required = false;
            attribute.notes.push(zeros(profile));
        }
        if profile.values == 0 {
            continue;
        }
        if profile.unread > 0 {
            let (unread, values) = (thousands(profile.unread), thousands(profile.values));
            attribute.notes.push(format!("{unread} of {values} values could not be read."));
            continue;
        }
        let of = if sample.is_whole { "all" } else { "the first" };
        let learner = Learner { draft, profile, owner: &owner, of };
        learner.learn(attribute);
    }
}

/// Of a column that is never empty, and holds nothing nevertheless.
fn zeros(profile: &Profile) -> String {
    let (nulls, all) = (profile.nulls, profile.nulls + profile.values);
    let (nulls, all) = (thousands(nulls), thousands(all));
    format!("{nulls} of {all} cells are the day 0000-00-00, which is none.")
}

/// A column, its values, and what they say.
struct Learner<'d, 'a, 'p> {
    draft: &'d mut Draft<'a>,
    profile: &'p Profile,
    owner: &'p str,
    of: &'static str,
}

struct Guess {
    kind: Kind,
    missing: Vec<String>,
    note: String,
}

impl Learner<'_, '_, '_> {
    fn learn(mut self, attribute: &mut Attribute<'_>) {
        let guess = match attribute.kind {
            Kind::Text(_) => self
                .flag(attribute.column)
                .or_else(|| self.day())
                .or_else(|| self.moment())
                .or_else(|| self.written())
                .or_else(|| self.money())
                .or_else(|| self.code(attribute.column)),
            Kind::Int => {
                self.day().or_else(|| self.moment()).or_else(|| self.numbers(attribute.column))
            }
            Kind::Decimal(_) => {
                self.decimals(attribute);
                None
            }
            _ => None,
        };
        let Some(guess) = guess else { return };
        if self.draft.fits(&guess.kind, &guess.missing, attribute.column) {
            attribute.is_required &= guess.missing.is_empty();
            attribute.kind = guess.kind;
            attribute.missing = guess.missing;
            attribute.notes.push(guess.note);
        }
    }

    /// `all 1,234 values`.
    fn values(&self) -> String {
        match self.profile.values {
            1 => "the only value".to_owned(),
            values => format!("{} {} values", self.of, thousands(values)),
        }
    }

    fn flag(&self, column: &Column) -> Option<Guess> {
        let distinct = self.profile.distinct.as_ref().filter(|distinct| distinct.len() == 2)?;
        let (yes, no) = PAIRS.iter().find_map(|(yes, no)| {
            // blanks fill up the column of a fixed length
            let exact = |wanted: &str| {
                let is_it = |it: &&String| {
                    **it == wanted || !wanted.is_empty() && it.trim_end_matches(' ') == wanted
                };
                distinct.keys().find(is_it).cloned()
            };
            Some((exact(yes)?, exact(no)?))
        })?;
        let note = format!("{}: {} or {}.", self.values(), quoted(&yes), quoted(&no));
        let kind = Kind::Flags(yes, no);
        let is_short = !matches!(column.physical, Physical::Text { length: Some(0), .. });
        is_short.then(|| Guess { kind, missing: Vec::new(), note: capitalized(&note) })
    }

    fn day(&self) -> Option<Guess> {
        let Profile { days, no_days, values, .. } = self.profile;
        let none: u64 = no_days.values().sum();
        if *days < FEWEST_DAYS || days + none != *values {
            return None;
        }
        let missing: Vec<String> = no_days.keys().cloned().collect();
        let or = match missing.as_slice() {
            [] => String::new(),
            missing => format!(", or {} for none ({})", missing.join(" or "), thousands(none)),
        };
        let note = format!("{} are days as yyyymmdd{or}.", self.values());
        Some(Guess { kind: Kind::Digits, missing, note: capitalized(&note) })
    }

    fn moment(&self) -> Option<Guess> {
        let Profile { moments, no_days, values, .. } = self.profile;
        let zeros = no_days.get("0").copied().unwrap_or(0);
        if *moments < FEWEST_DAYS || moments + zeros != *values {
            return None;
        }
        let missing = if zeros > 0 { vec!["0".to_owned()] } else { Vec::new() };
        let note = format!(
            "{} are moments as yyyymmddhhmmss; `zone` says where their clock stands, UTC if not.",
            self.values()
        );
        Some(Guess { kind: Kind::Moment, missing, note: capitalized(&note) })
    }

    /// Days and points in time as standards write them.
    fn written(&self) -> Option<Guess> {
        let Profile { iso_days, iso_instants, values, .. } = self.profile;
        let (kind, what) = if *iso_days >= FEWEST_DAYS && iso_days == values {
            (Kind::Date, "days such as 2026-01-31")
        } else if *iso_instants >= FEWEST_DAYS && iso_instants == values {
            (Kind::Instant, "points in time such as 2026-01-31T13:45:00Z")
        } else {
            return None;
        };
        let note = capitalized(&format!("{} are {what}.", self.values()));
        Some(Guess { kind, missing: Vec::new(), note })
    }

    /// Amounts with their currencies, all written the same way.
    fn money(&self) -> Option<Guess> {
        let Profile { money, values, .. } = self.profile;
        let all = money.iter().find(|(_, _, count)| *values >= FEWEST_AMOUNTS && count == values);
        let (form, decimals, _) = all?;
        let note = format!("{} are amounts with their currency, such as {form}.", self.values());
        let kind = Kind::Money(*form, *decimals);
        Some(Guess { kind, missing: Vec::new(), note: capitalized(&note) })
    }

    /// Numbers that are called like flags or like counts of time, and look like it.
    fn numbers(&self, column: &Column) -> Option<Guess> {
        let words = words::words(&column.name);
        let is_called = |names: &[&str]| {
            words.iter().any(|word| names.contains(&word.to_ascii_lowercase().as_str()))
        };
        let profile = self.profile;
        let is_flag = || {
            let distinct = profile.distinct.as_ref();
            distinct.is_some_and(|it| it.keys().all(|it| it == "0" || it == "1"))
        };
        let guess = |kind, what: &str| {
            let note = capitalized(&format!("{} {what}.", self.values()));
            Some(Guess { kind, missing: Vec::new(), note })
        };
        if is_called(FLAG_WORDS) && is_flag() {
            let note = capitalized(&format!("{}: 0 or 1.", self.values()));
            return Some(Guess { kind: Kind::Bool, missing: Vec::new(), note });
        }
        if !is_called(TIME_WORDS) || profile.values < FEWEST_DAYS {
            return None;
        }
        if profile.seconds == profile.values {
            return guess(Kind::EpochSeconds, "are plausible seconds since 1970");
        }
        if profile.milliseconds == profile.values {
            return guess(Kind::EpochMilliseconds, "are plausible milliseconds since 1970");
        }
        None
    }

    fn code(&mut self, column: &Column) -> Option<Guess> {
        let distinct = self.profile.distinct.as_ref()?;
        let is_code = |code: &String| {
            let text = code.trim_end_matches(' ');
            let is_word =
                text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_+.".contains(&it));
            is_word && text.len() <= LONGEST_CODE && (code.is_empty() || is_text(code))
        };
        let is_list = self.profile.values >= FEWEST_CODES && distinct.len() > 1;
        if !is_list || !distinct.keys().all(is_code) {
            return None;
        }
        let codes: Vec<String> = distinct.keys().cloned().collect();
        let name = words::member_name(&words::words(&column.name), "values");
        let note = format!(
            "{} are one of {} codes; another one would not be read. Name them as people do.",
            self.values(),
            codes.len()
        );
        let place = self.draft.enums.place(&name, self.owner, &codes);
        let kind = Kind::Choice(place);
        Some(Guess { kind, missing: Vec::new(), note: capitalized(&note) })
    }

    /// How many decimals numbers have whose column does not say.
    fn decimals(&self, attribute: &mut Attribute<'_>) {
        let says = match attribute.column.physical {
            Physical::Decimal { scale, .. } => scale.is_some_and(|it| it <= MOST_DECIMALS),
            _ => false,
        };
        if says {
            return;
        }
        let found = self.profile.decimals;
        let decimals = found.clamp(1, MOST_DECIMALS);
        let more = if found > MOST_DECIMALS { "; those with more are not read" } else { "" };
        attribute.kind = Kind::Decimal(decimals);
        attribute.notes.clear();
        let most = match found {
            0 => "no decimals".to_owned(),
            1 => "at most 1 decimal".to_owned(),
            found => format!("at most {found} decimals"),
        };
        attribute.notes.push(capitalized(&format!("{}: {most}{more}.", self.values())));
    }
}

/// Which texts are telephone numbers, when relations are known.
pub(super) fn searches(draft: &mut Draft<'_>, samples: &Samples) {
    let size = |class: &Class<'_>| samples.tables.get(&class.table.name).map_or(0, |it| it.rows);
    let sizes: Vec<u64> = draft.classes.iter().map(size).collect();
    for class in &mut draft.classes {
        let Some(sample) = samples.tables.get(&class.table.name) else { continue };
        let keys = class.key_columns().to_vec();
        let owner = owner(class, &sizes);
        for attribute in &mut class.attributes {
            let Some(profile) = sample.columns.get(&attribute.column.name) else { continue };
            let is_text = matches!(attribute.kind, Kind::Text(_));
            if !is_text || keys == [attribute.column.name.as_str()] {
                continue;
            }
            if are_phones(&attribute.column.name, profile) {
                attribute.search = Some(owner);
                attribute.notes.push(format!(
                    "{} of {} values are telephone numbers.",
                    thousands(profile.phones),
                    thousands(profile.values)
                ));
            }
        }
    }
}

/// The relation to whom a number reaches: what belongs to one object and nothing belongs to is a
/// way to reach that object. A short list of kinds is nobody.
fn owner(class: &Class<'_>, sizes: &[u64]) -> Option<usize> {
    if !class.to_many.is_empty() {
        return None;
    }
    let required = class.to_one.iter().enumerate().filter(|(_, it)| it.is_required);
    let required: Vec<(usize, &ToOne)> = required.collect();
    if let ([(place, _)], true) = (required.as_slice(), class.to_one.len() == 1) {
        return Some(*place);
    }
    let mut many = required.into_iter().filter(|(_, it)| sizes[it.target] >= FEWEST_OWNERS);
    match (many.next(), many.next()) {
        (Some((place, _)), None) => Some(place),
        _ => None,
    }
}

fn are_phones(column: &str, profile: &Profile) -> bool {
    let name = words::words(column).concat().to_ascii_lowercase();
    let is_named = PHONE_PARTS.iter().any(|part| name.contains(part));
    let share = |wanted: u64, share: u64| wanted * 100 >= profile.values * share;
    if is_named {
        // `none` and `unknown` stand where a number would
        let written = profile.values - profile.without_digit;
        return profile.phones >= FEWEST_PHONES && profile.phones * 100 >= written * 50;
    }
    profile.phones >= FEWEST_UNNAMED_PHONES && share(profile.dialled, 80)
}

/// A number with commas between thousands.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn quoted(value: &str) -> String {
    if value.trim().is_empty() { "blank".to_owned() } else { format!("`{}`", value.trim_end()) }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
