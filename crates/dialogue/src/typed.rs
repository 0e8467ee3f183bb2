//! Questions with a typed answer: what is taken, what it means, how it is written.

use std::str::FromStr;

use caruso_expression::{Currency, Money};
use caruso_object_model::phone::{Country, normalize};
use iban::{Iban, IbanLike as _};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::datum::Datum;

/// What a typed answer must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Typed {
    /// Text.
    Text {
        /// Most characters.
        max: usize,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// One of a row of whole numbers.
    Scale {
        /// The first.
        min: i64,
        /// The last; at most [`MAX_SCALE`](crate::MAX_SCALE) numbers in all.
        max: i64,
        /// What the first means.
        low: String,
        /// What the last means.
        high: String,
    },
    /// An exact decimal number.
    Decimal {
        /// Smallest.
        #[serde(serialize_with = "optional")]
        min: Option<Decimal>,
        /// Largest.
        #[serde(serialize_with = "optional")]
        max: Option<Decimal>,
        /// Most digits behind the point.
        decimals: u32,
    },
    /// An amount of money; the answer is the number alone.
    Money {
        /// Of what.
        #[serde(serialize_with = "crate::datum::as_text::serialize")]
        currency: Currency,
        /// Smallest.
        #[serde(serialize_with = "optional")]
        min: Option<Decimal>,
        /// Largest.
        #[serde(serialize_with = "optional")]
        max: Option<Decimal>,
        /// Most digits behind the point.
        decimals: u32,
    },
    /// A calendar date, as `2026-12-01`.
    Date,
    /// A time of day, as `14:30`.
    Time,
    /// A day and a time of day, as `2026-12-01T14:30`.
    Instant {
        /// Where.
        #[serde(skip)]
        zone: TimeZone,
    },
    /// A telephone number in any writing; the answer is E.164.
    Phone {
        /// Where a number without its country belongs.
        #[serde(skip)]
        country: Country,
    },
    /// An e-mail address.
    Email,
    /// An international bank account number (ISO 13616).
    Iban,
    /// Digits, as those on a meter.
    Digits {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
}

/// How an answer is bounded, as texts; empty where it is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The smallest number, or the fewest digits.
    pub min: String,
    /// The largest number, the most digits, or the most characters.
    pub max: String,
    /// Most digits behind the point; nothing where any are.
    pub decimals: Option<u32>,
}

impl Typed {
    /// How the answer is bounded.
    pub fn bounds(&self) -> Bounds {
        let number = |bound: &Option<Decimal>| bound.map(|it| it.to_string()).unwrap_or_default();
        let (min, max, decimals) = match self {
            Self::Text { max } => (String::new(), max.to_string(), None),
            Self::Integer { min, max } | Self::Scale { min, max, .. } => {
                (min.to_string(), max.to_string(), None)
            }
            Self::Digits { min, max } => (min.to_string(), max.to_string(), None),
            Self::Decimal { min, max, decimals } | Self::Money { min, max, decimals, .. } => {
                (number(min), number(max), Some(*decimals))
            }
            _ => return Bounds::default(),
        };
        Bounds { min, max, decimals }
    }

    /// The answer that a text without white space around it means, or what is needed instead.
    pub(crate) fn read(&self, text: &str) -> Result<Datum, String> {
        match self {
            Self::Text { max } if text.chars().count() > *max => {
                Err(format!("the text is longer than {max} characters"))
            }
            Self::Text { .. } => Ok(Datum::Text(text.to_owned())),
            Self::Integer { min, max } | Self::Scale { min, max, .. } => match text.parse() {
                Ok(number) if (*min..=*max).contains(&number) => Ok(Datum::Integer(number)),
                _ => Err(format!("a whole number from {min} to {max} is needed")),
            },
            Self::Decimal { min, max, decimals } => {
                decimal(text, *min, *max, *decimals).map(Datum::Decimal)
            }
            Self::Money { currency, min, max, decimals } => {
                let amount = decimal(text, *min, *max, *decimals)?;
                Ok(Datum::Money(Money { amount, currency: *currency }))
            }
            Self::Date => {
                text.parse::<Date>().map(Datum::Date).map_err(|_| "a date is needed".to_owned())
            }
            Self::Time => time(text).map(Datum::Time),
            Self::Instant { zone } => instant(text, zone),
            Self::Phone { country } => match normalize(text, *country) {
                Ok(number) => Ok(Datum::Text(number.as_str().to_owned())),
                Err(problem) => Err(format!("a telephone number is needed: {problem}")),
            },
            Self::Email if is_email(text) => Ok(Datum::Text(text.to_owned())),
            Self::Email => Err("an e-mail address is needed, such as name@example.org".to_owned()),
            Self::Iban => iban(text),
            Self::Digits { min, max } => digits(text, *min, *max),
        }
    }

    /// An answer as the text that would be read as it.
    pub(crate) fn written(&self, answer: &Datum) -> String {
        match (self, answer) {
            (Self::Money { .. }, Datum::Money(money)) => money.amount.to_string(),
            (Self::Instant { zone }, Datum::Instant(at)) => {
                at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
            }
            (_, answer) => answer.to_string(),
        }
    }
}

fn optional<S: Serializer>(number: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(|it| it.to_string()).serialize(serializer)
}

fn decimal(
    text: &str,
    min: Option<Decimal>,
    max: Option<Decimal>,
    decimals: u32,
) -> Result<Decimal, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.starts_with(|it: char| it.is_ascii_digit())
        && digits.ends_with(|it: char| it.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = Decimal::from_str_exact(text).ok().filter(|_| is_plain);
    let number = number.ok_or_else(|| "a number is needed, such as 12.5".to_owned())?;
    if number.scale() > decimals {
        return Err(match decimals {
            0 => "a whole number is needed".to_owned(),
            most => format!("the number has more than {most} digits behind the point"),
        });
    }
    match (min, max) {
        (Some(min), _) if number < min => Err(format!("the number is less than {min}")),
        (_, Some(max)) if number > max => Err(format!("the number is more than {max}")),
        _ => Ok(number),
    }
}

fn time(text: &str) -> Result<Time, String> {
    Time::strptime("%H:%M", text).map_err(|_| "a time is needed, such as 14:30".to_owned())
}

/// A point in time in the zone. An hour that a day has twice is the first of the two.
fn instant(text: &str, zone: &TimeZone) -> Result<Datum, String> {
    let local = DateTime::strptime("%Y-%m-%dT%H:%M", text);
    let local = local.map_err(|_| "a day and a time are needed".to_owned())?;
    let found = zone.to_ambiguous_timestamp(local);
    if let AmbiguousOffset::Gap { .. } = found.offset() {
        return Err("there is no such time on that day: clocks are put forward".to_owned());
    }
    let at = found.earlier().map_err(|_| "a day and a time are needed".to_owned())?;
    Ok(Datum::Instant(at))
}

/// Longest address that mail can be sent to, in bytes (RFC 5321, 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

/// A valid e-mail address as the HTML standard has it, of a domain with a dot.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = |it: char| it.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(it);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= MAX_EMAIL
        && !local.is_empty()
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn iban(text: &str) -> Result<Datum, String> {
    let compact: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    match Iban::from_str(&compact.to_ascii_uppercase()) {
        Ok(iban) => Ok(Datum::Text(iban.electronic_str().to_owned())),
        Err(_) => Err("an IBAN is needed; a digit or letter of this one is wrong".to_owned()),
    }
}

fn digits(text: &str, min: usize, max: usize) -> Result<Datum, String> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    if (min..=max).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(Datum::Text(digits));
    }
    Err(if min == max {
        format!("{min} digits are needed")
    } else {
        format!("{min} to {max} digits are needed")
    })
}
