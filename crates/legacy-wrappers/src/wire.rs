//! Values as they travel over gRPC.

use caruso_api::storage::v1 as storage;
use jiff::Timestamp;
use storage::value::Kind;

use crate::Value;

/// A value; nothing where it is not as its kind says.
pub(crate) fn value_from_proto(kind: Kind) -> Option<Value> {
    match kind {
        Kind::Boolean(value) => Some(Value::Bool(value)),
        Kind::Integer(value) => Some(Value::Int(value)),
        Kind::Decimal(value) => Value::decimal(&value),
        Kind::Money(value) => Value::money(&value),
        Kind::Text(value) | Kind::Choice(value) | Kind::Reference(value) => {
            Some(Value::Text(value))
        }
        Kind::Date(value) => value.parse().ok().map(Value::Date),
        Kind::Instant(value) => Timestamp::new(value.seconds, value.nanos).ok().map(Value::Instant),
    }
}

/// The same as it travels over gRPC.
pub(crate) fn value_to_proto(value: &Value) -> storage::Value {
    let kind = match value.clone() {
        Value::Bool(value) => Kind::Boolean(value),
        Value::Int(value) => Kind::Integer(value),
        Value::Decimal(value) => Kind::Decimal(value),
        // without a currency it is an amount, and the model knows of what
        Value::Money(value) if value.contains(' ') => Kind::Money(value),
        Value::Money(value) => Kind::Decimal(value),
        Value::Text(value) => Kind::Text(value),
        Value::Date(value) => Kind::Date(value.to_string()),
        Value::Instant(value) => Kind::Instant(prost_types::Timestamp {
            seconds: value.as_second(),
            nanos: value.subsec_nanosecond(),
        }),
    };
    storage::Value { kind: Some(kind) }
}
