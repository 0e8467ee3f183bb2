//! Values as texts in words of the model: fields of data files, parts of keys.

use std::str::FromStr;

use caruso_expression::{Money, Value};
use rust_decimal::Decimal;

use crate::model::AttributeType;

/// The value of a type that a text means ([`Value::Null`] if it is empty), else why it means none.
/// Whether a choice has the name is not asked.
pub(crate) fn value(ty: &AttributeType, text: &str) -> Result<Value, &'static str> {
    fn parsed<T: FromStr>(text: &str, reason: &'static str) -> Result<T, &'static str> {
        text.parse().map_err(|_| reason)
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    match ty {
        AttributeType::Bool => parsed(text, "this is not `true` or `false`").map(Value::Bool),
        AttributeType::Int => parsed(text, "this is not a whole number").map(Value::Int),
        AttributeType::Decimal(_) => {
            Decimal::from_str_exact(text).map(Value::Decimal).map_err(|_| "this is not a number")
        }
        AttributeType::Money { currency, .. } => match (Decimal::from_str_exact(text), currency) {
            (Ok(amount), Some(currency)) => Ok(Value::Money(Money { amount, currency: *currency })),
            _ => parsed(text, "this is not an amount such as 12.50 EUR").map(Value::Money),
        },
        AttributeType::Date => {
            parsed(text, "this is not a date such as 2026-01-31").map(Value::Date)
        }
        AttributeType::Instant => {
            parsed(text, "this is not an instant such as 2026-01-31T13:45:00Z").map(Value::Instant)
        }
        AttributeType::Text(_) | AttributeType::Choice(_) => Ok(Value::from(text)),
    }
}
