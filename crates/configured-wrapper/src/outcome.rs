//! What came of an operation.

use caruso_expression::Type;
use serde_json::{Map, Value as Json};

use crate::Operation;

/// Names and values, as programs write them.
pub type Object = Map<String, Json>;

/// What came of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was carried out.
    Done {
        /// The declared results, each of its type.
        results: Object,
        /// In words an agent can read; empty where there are none.
        summary: String,
    },
    /// Not done, and never will be; in words an agent can read.
    Refused(String),
    /// Nothing was done, for this reason; the same may be asked again.
    Later(String),
    /// Nobody knows whether it was done, for this reason.
    Unknown(String),
}

impl Outcome {
    /// It was carried out with these results; what nobody declared is dropped.
    pub(crate) fn done(operation: &Operation, mut given: Object, summary: &str) -> Self {
        let mut results = Object::new();
        for (name, kind) in &operation.results {
            match given.remove(name) {
                Some(value) if is_of(kind, &value) => _ = results.insert(name.clone(), value),
                Some(_) => {
                    return Self::Unknown(format!("it gave `{name}`, which is not {kind}"));
                }
                None => return Self::Unknown(format!("it gave no `{name}`")),
            }
        }
        Self::Done { results, summary: summary.to_owned() }
    }
}

/// Whether a value is one of a type, as programs write it.
pub(crate) fn is_of(kind: &Type, value: &Json) -> bool {
    match (kind, value) {
        (Type::Bool, value) => value.is_boolean(),
        (Type::Int, value) => value.is_i64(),
        (Type::Decimal, Json::String(text)) => is_decimal(text),
        (Type::Decimal, value) => value.is_number(),
        (Type::Date, Json::String(text)) => text.parse::<jiff::civil::Date>().is_ok(),
        (Type::Instant, Json::String(text)) => text.parse::<jiff::Timestamp>().is_ok(),
        (Type::Text, value) => value.is_string(),
        _ => false,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    is_number(whole) && is_number(fraction)
}

/// A value of a type, written as a text; nothing where it is none.
pub(crate) fn of_text(kind: &Type, text: &str) -> Option<Json> {
    let value = match kind {
        Type::Bool => text.parse::<bool>().ok()?.into(),
        Type::Int => text.parse::<i64>().ok()?.into(),
        _ => Json::from(text),
    };
    is_of(kind, &value).then_some(value)
}

/// A value as a text.
pub(crate) fn to_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
