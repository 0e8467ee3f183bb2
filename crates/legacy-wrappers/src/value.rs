//! Values as they travel between a script and a wrapper program.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Names and values.
pub type Values = BTreeMap<String, Value>;

/// One value. In JSON, booleans and whole numbers are themselves; everything else is a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact number: decimal digits with an optional sign and point.
    Decimal(String),
    /// An amount of money: a decimal, or one with a blank and the code of its currency.
    Money(String),
    /// Words; also the name of an enumeration's value, and the key of an object.
    Text(String),
    /// A calendar date, `YYYY-MM-DD`.
    Date(Date),
    /// A moment, RFC 3339 in UTC.
    Instant(Timestamp),
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Int`].
    Int,
    /// [`Value::Decimal`], or a whole number.
    Decimal,
    /// [`Value::Money`].
    Money,
    /// [`Value::Text`].
    Text,
    /// [`Value::Date`].
    Date,
    /// [`Value::Instant`].
    Instant,
}

impl Type {
    /// Stable name, the same as in JSON: `bool`, `int`, `decimal`, `money`, `text`, `date`,
    /// `instant`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Text => "text",
            Self::Date => "date",
            Self::Instant => "instant",
        }
    }

    /// The type of this stable name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Bool,
            Self::Int,
            Self::Decimal,
            Self::Money,
            Self::Text,
            Self::Date,
            Self::Instant,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a parameter of this type takes the value.
    pub fn takes(self, value: &Value) -> bool {
        value.kind() == self || (self == Self::Decimal && value.kind() == Self::Int)
    }
}

impl Value {
    /// Its type.
    pub fn kind(&self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Decimal(_) => Type::Decimal,
            Self::Money(_) => Type::Money,
            Self::Text(_) => Type::Text,
            Self::Date(_) => Type::Date,
            Self::Instant(_) => Type::Instant,
        }
    }

    /// A decimal, if the text is one.
    pub fn decimal(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        (is_number(whole) && is_number(fraction)).then(|| Self::Decimal(text.to_owned()))
    }

    /// An amount of money, if the text has the form of one; whether there is such a currency is not
    /// asked.
    pub fn money(text: &str) -> Option<Self> {
        let (amount, code) = text.split_once(' ').unwrap_or((text, "EUR"));
        let is_code = code.len() == 3 && code.bytes().all(|it| it.is_ascii_uppercase());
        Self::decimal(amount).filter(|_| is_code).map(|_| Self::Money(text.to_owned()))
    }

    /// As a program reads it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Decimal(value) | Self::Money(value) | Self::Text(value) => value.as_str().into(),
            Self::Date(value) => value.to_string().into(),
            Self::Instant(value) => value.to_string().into(),
        }
    }

    /// As a program wrote it; nothing for lists, objects and `null`.
    pub(crate) fn from_json(value: serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Bool(value) => Some(Self::Bool(value)),
            serde_json::Value::String(value) => Some(Self::Text(value)),
            serde_json::Value::Number(value) => match value.as_i64() {
                Some(value) => Some(Self::Int(value)),
                None => Self::decimal(&value.to_string()),
            },
            _ => None,
        }
    }
}
