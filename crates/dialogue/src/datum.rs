//! Values as they are stored and sent: JSON in events, arguments of actions, read objects.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use caruso_expression::{Money, Object, Type, Value};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::special::Special;

/// Under which an object in an expression carries its key; no attribute can be called so.
const KEY: &str = "@key";

/// One value. In JSON it is tagged by its kind, `{"date":"2026-12-01"}`. It may be about a
/// person, so `Debug` shows its kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Datum {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number; digits in JSON.
    Decimal(#[serde(with = "as_text")] Decimal),
    /// An amount of money with its currency; `12.50 EUR` in JSON.
    Money(#[serde(with = "as_text")] Money),
    /// Text.
    Text(String),
    /// A calendar date; ISO 8601 in JSON.
    Date(#[serde(with = "as_text")] Date),
    /// A time of day; ISO 8601 in JSON.
    Time(#[serde(with = "as_text")] Time),
    /// A point in time; RFC 3339 in JSON.
    Instant(#[serde(with = "as_text")] Timestamp),
    /// A value of an enumeration, by name.
    Choice(String),
    /// A business object, by key.
    Reference {
        /// Its class.
        class: String,
        /// Its key within the class.
        key: String,
    },
    /// Several values, in order.
    List(Vec<Datum>),
    /// An answer in place of a value; missing in expressions.
    Special(Special),
}

impl Datum {
    /// A word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Money(_) => "money",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::Instant(_) => "instant",
            Self::Choice(_) => "choice",
            Self::Reference { .. } => "reference",
            Self::List(_) => "list",
            Self::Special(_) => "special",
        }
    }

    /// What a value means at a place of this type; nothing if it is missing.
    pub(crate) fn of(value: &Value, ty: &Type) -> Option<Self> {
        Some(match (value, ty.present()) {
            (Value::Bool(value), _) => Self::Bool(*value),
            (Value::Int(value), Type::Decimal) => Self::Decimal(Decimal::from(*value)),
            (Value::Int(value), _) => Self::Integer(*value),
            (Value::Decimal(value), _) => Self::Decimal(*value),
            (Value::Money(value), _) => Self::Money(*value),
            (Value::Text(value), Type::Choice(_)) => Self::Choice(value.to_string()),
            (Value::Text(value), _) => Self::Text(value.to_string()),
            (Value::Date(value), _) => Self::Date(*value),
            (Value::Time(value), _) => Self::Time(*value),
            (Value::Instant(value), _) => Self::Instant(*value),
            (Value::Object(object), Type::Object(class)) => {
                Self::Reference { class: class.to_string(), key: key_of(object)?.to_owned() }
            }
            (Value::List(values), Type::List(element)) => {
                let all = values.iter().map(|it| Self::of(it, element));
                Self::List(all.collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The value of a simple type that a text means; nothing if it means none.
    pub(crate) fn read(text: &str, ty: &Type) -> Option<Self> {
        Some(match ty {
            Type::Bool => Self::Bool(text.parse().ok()?),
            Type::Int => Self::Integer(text.parse().ok()?),
            Type::Decimal => Self::Decimal(Decimal::from_str_exact(text).ok()?),
            Type::Money(_) => Self::Money(text.parse().ok()?),
            Type::Text => Self::Text(text.to_owned()),
            Type::Date => Self::Date(text.parse().ok()?),
            Type::Time => Self::Time(text.parse().ok()?),
            Type::Instant => Self::Instant(text.parse().ok()?),
            _ => return None,
        })
    }

    /// Whether it is a value of a simple type.
    pub(crate) fn is_of(&self, ty: &Type) -> bool {
        match self {
            Self::Bool(_) => *ty == Type::Bool,
            Self::Integer(_) => ty.is_number(),
            Self::Decimal(_) => *ty == Type::Decimal,
            Self::Money(_) => matches!(ty, Type::Money(_)),
            Self::Text(_) => *ty == Type::Text,
            Self::Date(_) => *ty == Type::Date,
            Self::Time(_) => *ty == Type::Time,
            Self::Instant(_) => *ty == Type::Instant,
            Self::Choice(_) | Self::Reference { .. } | Self::List(_) | Self::Special(_) => false,
        }
    }

    /// The value for expressions. A reference is an object of which only the key is known.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(value) => Value::Int(*value),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::Money(value) => Value::Money(*value),
            Self::Text(value) | Self::Choice(value) => Value::from(value.as_str()),
            Self::Date(value) => Value::Date(*value),
            Self::Time(value) => Value::Time(*value),
            Self::Instant(value) => Value::Instant(*value),
            Self::Reference { key, .. } => object_value(key, &BTreeMap::new()),
            Self::List(values) => {
                let values: Vec<Value> = values.iter().map(Self::to_value).collect();
                Value::from(values)
            }
            Self::Special(_) => Value::Null,
        }
    }
}

/// The text that stands for it on the wire: dates as ISO 8601, references by their key, the values
/// of a list with blanks between them.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference { key, .. } => f.write_str(key),
            Self::List(values) => {
                let words: Vec<String> = values.iter().map(Self::to_string).collect();
                f.write_str(&words.join(" "))
            }
            other => fmt::Display::fmt(&other.to_value(), f),
        }
    }
}

impl fmt::Debug for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A business object as it was read; an absent attribute is missing. It may be about a person,
/// so `Debug` shows neither key nor values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its key within its class.
    pub key: String,
    /// Its attributes by name.
    #[serde(default)]
    pub attributes: BTreeMap<String, Datum>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.attributes.keys()).finish()
    }
}

impl Snapshot {
    pub(crate) fn to_value(&self) -> Value {
        object_value(&self.key, &self.attributes)
    }
}

/// An object for expressions, from its key and attributes.
pub(crate) fn object_value(key: &str, attributes: &BTreeMap<String, Datum>) -> Value {
    let mut object: Object =
        attributes.iter().map(|(name, datum)| (name.clone(), datum.to_value())).collect();
    object.insert(KEY.to_owned(), Value::from(key));
    Value::Object(Arc::new(object))
}

/// The key of an object of expressions.
pub(crate) fn key_of(object: &Object) -> Option<&str> {
    object.get(KEY).and_then(Value::as_text)
}

/// Values that are written and read by their text.
pub(crate) mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
