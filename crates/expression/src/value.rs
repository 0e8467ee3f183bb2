//! Values: what expressions compute with.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::arithmetic;
use crate::calendar::{Period, Seconds};
use crate::money::Money;

/// The attributes of a business object that were read, by name. An absent one is missing.
pub type Object = BTreeMap<String, Value>;

/// A value. Cloning is cheap: text, lists and objects are shared.
///
/// Equality is identity of content; the comparison of the language is looser (`1 == 1.0`) and
/// lives in the evaluator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Missing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// An amount with its currency.
    Money(Money),
    /// Text, and the value of a choice.
    Text(Arc<str>),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A point in time.
    Instant(Timestamp),
    /// A length of time.
    Duration(SignedDuration),
    /// Days and months of the calendar.
    Period(Period),
    /// A list.
    List(Arc<[Value]>),
    /// A business object.
    Object(Arc<Object>),
}

impl Value {
    /// True when the value is missing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text or choice value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The order of two values as the language sees it (`1` and `1.0` are equal); `None` when
    /// they do not compare, as when one is missing, or both are money of different currencies.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        arithmetic::compare(self, other)
    }

    /// A word for the kind of value, for messages that must not show the value itself.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Decimal(_) => "decimal",
            Self::Money(_) => "money",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::Instant(_) => "instant",
            Self::Duration(_) => "duration",
            Self::Period(_) => "period",
            Self::List(_) => "list",
            Self::Object(_) => "object",
        }
    }
}

/// The text that `string()` gives: money as `12.50 EUR`, dates, times and periods as ISO 8601,
/// instants as RFC 3339 in UTC, durations in seconds as `90s`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Money(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => write!(f, "{value}"),
            Self::Time(value) if value.second() == 0 => write!(f, "{}", value.strftime("%H:%M")),
            Self::Time(value) => write!(f, "{value}"),
            Self::Instant(value) => write!(f, "{value}"),
            Self::Duration(value) => write!(f, "{}", Seconds(*value)),
            Self::Period(value) => write!(f, "{value}"),
            Self::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                Ok(())
            }
            Self::Object(_) => f.write_str("object"),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Decimal(value)
    }
}

impl From<Money> for Value {
    fn from(value: Money) -> Self {
        Self::Money(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Date> for Value {
    fn from(value: Date) -> Self {
        Self::Date(value)
    }
}

impl From<Time> for Value {
    fn from(value: Time) -> Self {
        Self::Time(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Instant(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::List(values.into())
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }
}
