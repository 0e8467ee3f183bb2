//! Values of business objects on the wire, and as the core knows them.

use std::collections::BTreeMap;

use caruso_api::storage::v1::{Object, Value, value::Kind};
use caruso_dialogue::{Datum, Snapshot};
use jiff::Timestamp;

use crate::Edition;

/// A value from the wire; nothing for null, and for what cannot be read. A reference leads to an
/// object of `class`.
pub(crate) fn datum(value: Value, class: &str) -> Option<Datum> {
    Some(match value.kind? {
        Kind::Boolean(value) => Datum::Bool(value),
        Kind::Integer(value) => Datum::Integer(value),
        Kind::Decimal(text) => Datum::Decimal(text.parse().ok()?),
        Kind::Money(text) => Datum::Money(text.parse().ok()?),
        Kind::Text(text) => Datum::Text(text),
        Kind::Date(text) => Datum::Date(text.parse().ok()?),
        Kind::Instant(at) => Datum::Instant(Timestamp::new(at.seconds, at.nanos).ok()?),
        Kind::Choice(name) => Datum::Choice(name),
        Kind::Reference(key) => Datum::Reference { class: class.to_owned(), key },
    })
}

/// A value for the wire.
pub(crate) fn value(datum: &Datum) -> Value {
    let kind = match datum {
        // no action is given one: the checker lets neither pass
        Datum::Special(_) | Datum::List(_) => return Value { kind: None },
        Datum::Bool(value) => Kind::Boolean(*value),
        Datum::Integer(value) => Kind::Integer(*value),
        Datum::Decimal(value) => Kind::Decimal(value.to_string()),
        Datum::Money(value) => Kind::Money(value.to_string()),
        Datum::Text(text) => Kind::Text(text.clone()),
        Datum::Date(date) => Kind::Date(date.to_string()),
        // wrappers and databases know no type for it: it is written as ISO 8601
        Datum::Time(time) => Kind::Text(time.to_string()),
        Datum::Instant(at) => Kind::Instant(timestamp(*at)),
        Datum::Choice(name) => Kind::Choice(name.clone()),
        Datum::Reference { key, .. } => Kind::Reference(key.clone()),
    };
    Value { kind: Some(kind) }
}

/// A point in time, for the wire.
pub(crate) fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// Values by name, for the wire.
pub(crate) fn values(data: &BTreeMap<String, Datum>) -> BTreeMap<String, Value> {
    data.iter().map(|(name, datum)| (name.clone(), value(datum))).collect()
}

/// Values by name, from the wire; references among them are read as texts.
pub(crate) fn data(values: BTreeMap<String, Value>) -> BTreeMap<String, Datum> {
    let read = |(name, value): (String, Value)| Some((name, datum(value, "")?));
    values.into_iter().filter_map(read).collect()
}

/// An object as it was read.
pub(crate) fn snapshot(edition: &Edition, object: Object) -> Snapshot {
    let class = &object.class;
    let attribute = |(name, value): (String, Value)| {
        let target = edition.target(class, &name).map_or("", |target| target.name.as_str());
        let datum = datum(value, target)?;
        Some((name, datum))
    };
    let attributes = object.attributes.into_iter().filter_map(attribute).collect();
    Snapshot { key: object.key, attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back_as_it_went() {
        let all = [
            Datum::Bool(true),
            Datum::Integer(-7),
            Datum::Decimal("12.50".parse().expect("a decimal")),
            Datum::Money("12.50 EUR".parse().expect("money")),
            Datum::Text("Jansen".into()),
            Datum::Date("2026-12-01".parse().expect("a date")),
            Datum::Instant("2026-12-01T10:00:00.25Z".parse().expect("an instant")),
            Datum::Choice("smell_of_gas".into()),
            Datum::Reference { class: "Customer".into(), key: "K-1".into() },
        ];
        for one in all {
            assert_eq!(datum(value(&one), "Customer"), Some(one));
        }
    }

    #[test]
    fn null_and_what_cannot_be_read_are_missing() {
        assert_eq!(datum(Value { kind: None }, ""), None);
        assert_eq!(datum(Value { kind: Some(Kind::Date("tomorrow".into())) }, ""), None);
    }
}
