//! Telephone numbers in any writing into E.164, the form in which they are compared.
//!
//! Total: a text is a number or has a reason why it is not; nothing is guessed. Sources: ITU-T
//! E.164 (up to 15 digits behind the plus), and of each country's numbering plan how long its
//! national numbers are.

use std::fmt;

/// A telephone number as E.164: a plus and 7 to 15 digits. Personal data, so that its debug
/// form does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

impl Number {
    /// The number with its plus, for example `+31612345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(…)")
    }
}

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no digit in it.
    #[error("there is no digit in it")]
    Empty,
    /// There is a character in it that telephone numbers do not have.
    #[error("`{0}` is not part of a telephone number")]
    Character(char),
    /// It has more or fewer digits than a number has, or does not say where it belongs.
    #[error("it is not as long as a telephone number, or lacks its area")]
    Length,
}

/// A country and the shape of its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static Plan);

/// The numbering plan of a country.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    iso: &'static str,
    calling_code: &'static str,
    /// Lengths of national numbers (without the leading 0) by their first digits; the longest
    /// beginning that fits decides.
    lengths: &'static [(&'static str, &'static [usize])],
}

/// Countries whose national numbers start with a 0 that falls away behind the calling code, and
/// whose international prefix is 00.
const PLANS: [Plan; 3] = [
    Plan {
        iso: "NL",
        calling_code: "31",
        lengths: &[
            ("", &[9]),
            ("800", &[7, 10]),
            ("900", &[7, 10]),
            ("906", &[7, 10]),
            ("909", &[7, 10]),
            ("97", &[11]),
        ],
    },
    Plan { iso: "BE", calling_code: "32", lengths: &[("", &[8]), ("4", &[9])] },
    Plan {
        iso: "DE",
        calling_code: "49",
        lengths: &[
            ("", &[6, 7, 8, 9, 10, 11]),
            ("15", &[11]),
            ("16", &[10, 11]),
            ("17", &[10, 11]),
        ],
    },
];

impl Country {
    /// The country of this ISO 3166-1 code, such as `NL`.
    pub fn by_code(code: &str) -> Option<Self> {
        PLANS.iter().find(|plan| plan.iso == code).map(Self)
    }

    /// The codes of all countries that are known.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        PLANS.iter().map(|plan| plan.iso)
    }

    /// The ISO 3166-1 code.
    pub fn code(self) -> &'static str {
        self.0.iso
    }
}

impl Plan {
    /// True when the digits are a whole national number.
    fn fits(&self, national: &str) -> bool {
        let fitting = self.lengths.iter().filter(|(start, _)| national.starts_with(start));
        let lengths = fitting.max_by_key(|(start, _)| start.len()).map(|(_, lengths)| *lengths);
        lengths.is_some_and(|lengths| lengths.contains(&national.len()))
    }
}

/// The number that a text means when it is written in this country.
///
/// Spaces, hyphens, dots, slashes and brackets are left out; so are the `(0)` that some put behind
/// a calling code, and a word for telephone before the number (`tel. 06-12345678`, `GSM:`).
///
/// ```
/// use caruso_object_model::phone::{Country, normalize};
///
/// let nl = Country::by_code("NL").expect("it is known");
/// let number = normalize("06-12 34 56 78", nl).expect("a mobile number");
/// assert_eq!(number.as_str(), "+31612345678");
/// ```
///
/// # Errors
///
/// [`Error`] says why the text is no telephone number.
pub fn normalize(text: &str, country: Country) -> Result<Number, Error> {
    let text = unlabelled(text.trim());
    let (is_international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = digits(&rest.replacen("(0)", "", usize::from(is_international)))?;
    if is_international {
        return international(&digits);
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return international(rest);
    }
    let plan = country.0;
    let national = match digits.strip_prefix('0') {
        Some(national) => national,
        // exchanges often leave the plus away; no national number starts without a 0
        None => digits.strip_prefix(plan.calling_code).ok_or(Error::Length)?,
    };
    if !plan.fits(national) {
        return Err(Error::Length);
    }
    Ok(Number(format!("+{}{national}", plan.calling_code)))
}

/// What people put before a number, in small letters.
const LABELS: [&str; 10] =
    ["t", "m", "tel", "telefoon", "telefon", "phone", "mob", "mobiel", "mobil", "gsm"];

/// A number without what people put before it.
fn unlabelled(text: &str) -> &str {
    let is_letter = |character: char| character.is_ascii_alphabetic();
    let number = text.trim_start_matches(is_letter);
    let label = text[..text.len() - number.len()].to_ascii_lowercase();
    if !LABELS.contains(&label.as_str()) {
        return text;
    }
    number.trim_start_matches(['.', ':']).trim_start()
}

fn digits(text: &str) -> Result<String, Error> {
    let mut digits = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' => digits.push(character),
            '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2013}' => {}
            space if space.is_whitespace() => {}
            other => return Err(Error::Character(other)),
        }
    }
    if digits.is_empty() { Err(Error::Empty) } else { Ok(digits) }
}

/// A number that starts with its calling code.
fn international(digits: &str) -> Result<Number, Error> {
    let plan = PLANS.iter().find(|plan| digits.starts_with(plan.calling_code));
    let digits = match plan {
        None => digits.to_owned(),
        Some(plan) => {
            let national = &digits[plan.calling_code.len()..];
            // the 0 of the national writing does not belong behind the calling code
            let national = national.strip_prefix('0').unwrap_or(national);
            if !plan.fits(national) {
                return Err(Error::Length);
            }
            format!("{}{national}", plan.calling_code)
        }
    };
    let is_whole = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    if is_whole { Ok(Number(format!("+{digits}"))) } else { Err(Error::Length) }
}
