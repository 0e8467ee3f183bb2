//! One cell of a file: from its text to the value that it means.

use std::collections::BTreeMap;

use caruso_expression::Type;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use crate::moment::Pattern;

/// How the values of one attribute stand in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) kind: Type,
    pub(crate) form: Form,
    /// What texts of the file mean; where there are some, others mean nothing.
    pub(crate) codes: BTreeMap<String, String>,
    /// Texts that mean that there is no value, beside the empty one.
    pub(crate) missing: Vec<String>,
    pub(crate) is_comma: bool,
    /// Whose clocks moments without offset are of.
    pub(crate) zone: TimeZone,
}

/// The form of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is written everywhere.
    Plain,
    /// Digits with leading zeros, so many in all.
    Padded(usize),
    /// A number without its point, which has so many decimals.
    Decimals(usize),
    /// A bool as one of two texts.
    Flags(String, String),
    /// A day or a moment.
    Pattern(Pattern),
}

/// Most digits of a padded number, and most decimals.
const MAX_DIGITS: usize = 18;

impl Form {
    /// By the word of `stored`: `padded:8`, `decimals:2`, `J/N`, `dd-mm-yyyy`; nothing where
    /// values of this type are not written so.
    pub(crate) fn parse(word: &str, kind: &Type) -> Option<Self> {
        let count = |text: &str| text.parse().ok().filter(|it| (1..=MAX_DIGITS).contains(it));
        match kind {
            Type::Bool => {
                let (yes, no) = word.split_once('/')?;
                (yes != no).then(|| Self::Flags(yes.to_owned(), no.to_owned()))
            }
            Type::Int | Type::Text => count(word.strip_prefix("padded:")?).map(Self::Padded),
            Type::Decimal | Type::Money(_) => {
                count(word.strip_prefix("decimals:")?).map(Self::Decimals)
            }
            Type::Date => Pattern::parse(word).filter(|it| !it.has_time()).map(Self::Pattern),
            Type::Instant => Pattern::parse(word).filter(Pattern::has_time).map(Self::Pattern),
            _ => None,
        }
    }
}

impl Cell {
    /// The value that a text of the file means, as programs write it; nothing where it means that
    /// there is none.
    ///
    /// # Errors
    /// Why it means nothing; never with the text, which may tell of persons.
    pub(crate) fn value(&self, text: &str) -> Result<Option<Json>, &'static str> {
        let text = text.trim();
        if let Form::Flags(yes, no) = &self.form {
            return match text {
                text if text == yes => Ok(Some(true.into())),
                text if text == no => Ok(Some(false.into())),
                "" => Ok(None),
                _ => Err("is neither of its two texts"),
            };
        }
        if text.is_empty() || self.missing.iter().any(|it| it == text) {
            return Ok(None);
        }
        if !self.codes.is_empty() {
            let meaning = self.codes.get(text).ok_or("is none of its codes")?;
            return Ok(Some(meaning.as_str().into()));
        }
        let value: Option<Json> = match (&self.kind, &self.form) {
            (Type::Bool, _) => text.parse::<bool>().ok().map(Json::from),
            (Type::Int, Form::Padded(width)) if text.len() != *width => None,
            (Type::Int, _) => text.parse::<i64>().ok().map(Json::from),
            (Type::Text, Form::Padded(width)) => unpadded(text, *width).map(Json::from),
            (Type::Decimal | Type::Money(_), Form::Decimals(decimals)) => {
                pointed(text, *decimals).map(Json::from)
            }
            (Type::Decimal | Type::Money(_), _) => self.number(text).map(Json::from),
            (Type::Date, Form::Pattern(pattern)) => {
                pattern.date(text).map(|date| date.to_string().into())
            }
            (Type::Date, _) => {
                text.parse::<jiff::civil::Date>().ok().map(|date| date.to_string().into())
            }
            (Type::Instant, Form::Pattern(pattern)) => {
                pattern.instant(text, &self.zone).map(|at| at.to_string().into())
            }
            (Type::Instant, _) => {
                text.parse::<jiff::Timestamp>().ok().map(|at| at.to_string().into())
            }
            _ => Some(text.into()),
        };
        value.map(Some).ok_or_else(|| self.reason())
    }

    /// A number with its point, without what groups its thousands.
    fn number(&self, text: &str) -> Option<String> {
        let text = match self.is_comma {
            true => text.replace(['.', ' ', '\u{a0}'], "").replace(',', "."),
            false => text.to_owned(),
        };
        let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        (is_digits(whole) && is_digits(fraction)).then_some(text)
    }

    fn reason(&self) -> &'static str {
        match self.kind {
            Type::Bool => "is no truth",
            Type::Int => "is no whole number of its form",
            Type::Decimal | Type::Money(_) => "is no number of its form",
            Type::Date => "is no day of its form",
            Type::Instant => "is no moment of its form",
            _ => "is not of its form",
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// A number as a text without its leading zeros.
fn unpadded(text: &str, width: usize) -> Option<String> {
    let is_padded = text.len() == width && is_digits(text);
    let number = text.trim_start_matches('0');
    is_padded.then(|| if number.is_empty() { "0".to_owned() } else { number.to_owned() })
}

/// A number whose last digits are its decimals: `0001250` is 12.50.
fn pointed(text: &str, decimals: usize) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) || digits.len() > 2 * MAX_DIGITS {
        return None;
    }
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    let whole = whole.trim_start_matches('0');
    Some(format!("{sign}{}.{fraction}", if whole.is_empty() { "0" } else { whole }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cell(kind: Type, stored: &str) -> Cell {
        let form = if stored.is_empty() {
            Form::Plain
        } else {
            Form::parse(stored, &kind).expect("a form of this type")
        };
        let (codes, missing) = (BTreeMap::new(), vec!["-".to_owned()]);
        Cell { kind, form, codes, missing, is_comma: false, zone: TimeZone::UTC }
    }

    #[test]
    fn texts_become_values_by_type_and_form() {
        for (kind, stored, text, expected) in [
            (Type::Int, "", "0042", json!(42)),
            (Type::Int, "padded:6", "000042", json!(42)),
            (Type::Text, "padded:6", "000042", json!("42")),
            (Type::Text, "", " Jansen ", json!("Jansen")),
            (Type::Money(None), "decimals:2", "000018450", json!("184.50")),
            (Type::Decimal, "decimals:3", "-7", json!("-0.007")),
            (Type::Decimal, "", "-12.5", json!("-12.5")),
            (Type::Bool, "J/N", "N", json!(false)),
            (Type::Date, "ddmmyyyy", "31012026", json!("2026-01-31")),
            (Type::Date, "", "2026-01-31", json!("2026-01-31")),
            (Type::Instant, "yyyymmddhhmmss", "20260131134500", json!("2026-01-31T13:45:00Z")),
        ] {
            assert_eq!(cell(kind, stored).value(text), Ok(Some(expected)), "{text} {stored}");
        }
        for text in ["", "  ", "-"] {
            assert_eq!(cell(Type::Int, "").value(text), Ok(None));
        }
    }

    #[test]
    fn what_is_not_of_its_form_is_no_value() {
        for (kind, stored, text) in [
            (Type::Int, "", "4x"),
            (Type::Int, "padded:6", "42"),
            (Type::Text, "padded:6", "00004a"),
            (Type::Money(None), "decimals:2", "184.50"),
            (Type::Decimal, "", "12,5"),
            (Type::Bool, "J/N", "X"),
            (Type::Date, "ddmmyyyy", "20260131"),
            (Type::Instant, "", "2026-01-31"),
        ] {
            assert!(cell(kind, stored).value(text).is_err(), "{text} {stored}");
        }
    }

    #[test]
    fn a_comma_is_a_point_where_the_file_says_so() {
        let cell = Cell { is_comma: true, ..cell(Type::Decimal, "") };
        assert_eq!(cell.value("1.234,56"), Ok(Some(json!("1234.56"))));
        assert_eq!(cell.value("-7,5"), Ok(Some(json!("-7.5"))));
        assert!(cell.value("7,5,1").is_err());
    }

    #[test]
    fn codes_have_meanings_and_others_mean_nothing() {
        let codes = [("O".to_owned(), "open".to_owned())].into();
        let cell = Cell { codes, ..cell(Type::Text, "") };
        assert_eq!(cell.value("O"), Ok(Some(json!("open"))));
        assert_eq!(cell.value("X"), Err("is none of its codes"));
    }

    #[test]
    fn a_form_is_one_of_its_type() {
        assert_eq!(Form::parse("padded:8", &Type::Date), None);
        assert_eq!(Form::parse("padded:0", &Type::Int), None);
        assert_eq!(Form::parse("yyyymmdd", &Type::Instant), None);
        assert_eq!(Form::parse("J/J", &Type::Bool), None);
    }
}
