//! Objects as the bytes of their message (`caruso.storage.v1.Object`), written straight from what
//! was read: an answer of many objects is most of all their names and texts, which would be copied
//! into maps first only to be written out of them.

use caruso_expression::Value;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use crate::plan::{Named, Seen, Sort, text};

/// Fields of `Object`.
mod object {
    pub(super) const CLASS: u32 = 1;
    pub(super) const KEY: u32 = 2;
    pub(super) const REVISION: u32 = 3;
    pub(super) const ATTRIBUTES: u32 = 4;
    pub(super) const UNREADABLE: u32 = 5;
    pub(super) const WITHHELD: u32 = 6;
}

/// Fields of an entry of a map.
mod entry {
    pub(super) const KEY: u32 = 1;
    pub(super) const VALUE: u32 = 2;
}

/// Fields of `Value`, and of `google.protobuf.Timestamp`.
mod value {
    pub(super) const BOOLEAN: u32 = 1;
    pub(super) const INTEGER: u32 = 2;
    pub(super) const DECIMAL: u32 = 3;
    pub(super) const TEXT: u32 = 4;
    pub(super) const DATE: u32 = 5;
    pub(super) const INSTANT: u32 = 6;
    pub(super) const CHOICE: u32 = 7;
    pub(super) const REFERENCE: u32 = 8;
    pub(super) const MONEY: u32 = 9;
    pub(super) const SECONDS: u32 = 1;
    pub(super) const NANOS: u32 = 2;
}

/// Room for most objects.
const USUAL: usize = 512;

/// The message of an object.
pub(crate) fn object(seen: &Seen<'_>) -> Vec<u8> {
    let mut to = Vec::with_capacity(USUAL);
    string(object::CLASS, seen.class, &mut to);
    string(object::KEY, &seen.key, &mut to);
    string(object::REVISION, &seen.revision, &mut to);
    let mut scratch = Vec::new();
    for Named { name, sort, value } in &seen.values {
        scratch.clear();
        write(*sort, value, &mut scratch);
        let field = |length: usize| 1 + encoded_len_varint(length as u64) + length;
        encode_key(object::ATTRIBUTES, WireType::LengthDelimited, &mut to);
        encode_varint((field(name.len()) + field(scratch.len())) as u64, &mut to);
        bytes(entry::KEY, name.as_bytes(), &mut to);
        bytes(entry::VALUE, &scratch, &mut to);
    }
    seen.unreadable.iter().for_each(|name| bytes(object::UNREADABLE, name.as_bytes(), &mut to));
    seen.withheld.iter().for_each(|name| bytes(object::WITHHELD, name.as_bytes(), &mut to));
    to
}

/// The message of a value; nothing for what no attribute holds.
fn write(sort: Sort, value: &Value, to: &mut Vec<u8>) {
    match (sort, value) {
        (_, Value::Null) => {}
        (Sort::Reference, key) => bytes(value::REFERENCE, text(key).as_bytes(), to),
        (_, Value::Bool(is_so)) => number(value::BOOLEAN, u64::from(*is_so), to),
        (_, Value::Int(it)) => number(value::INTEGER, it.cast_unsigned(), to),
        (_, Value::Decimal(it)) => bytes(value::DECIMAL, it.to_string().as_bytes(), to),
        (_, Value::Money(it)) => bytes(value::MONEY, it.to_string().as_bytes(), to),
        (Sort::Choice, Value::Text(name)) => bytes(value::CHOICE, name.as_bytes(), to),
        (_, Value::Text(text)) => bytes(value::TEXT, text.as_bytes(), to),
        (_, Value::Date(date)) => bytes(value::DATE, date.to_string().as_bytes(), to),
        (_, Value::Instant(at)) => {
            let mut instant = Vec::with_capacity(USUAL / 16);
            number(value::SECONDS, at.as_second().cast_unsigned(), &mut instant);
            let nanos = i64::from(at.subsec_nanosecond());
            number(value::NANOS, nanos.cast_unsigned(), &mut instant);
            bytes(value::INSTANT, &instant, to);
        }
        _ => {}
    }
}

/// A text that is left out where it is empty.
fn string(field: u32, text: &str, to: &mut Vec<u8>) {
    if !text.is_empty() {
        bytes(field, text.as_bytes(), to);
    }
}

fn bytes(field: u32, bytes: &[u8], to: &mut Vec<u8>) {
    encode_key(field, WireType::LengthDelimited, to);
    encode_varint(bytes.len() as u64, to);
    to.extend_from_slice(bytes);
}

fn number(field: u32, number: u64, to: &mut Vec<u8>) {
    encode_key(field, WireType::Varint, to);
    encode_varint(number, to);
}

#[cfg(test)]
mod tests {
    use caruso_api::storage::v1 as proto;
    use caruso_expression::Value;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::object;
    use crate::convert::kind_of;
    use crate::plan::{Named, Seen, Sort};

    fn value() -> impl Strategy<Value = Value> {
        let instant = (-62_135_596_800_i64..253_402_300_799, 0..1_000_000_i64);
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            ".*".prop_map(Value::from),
            (any::<i64>(), 0..10_u32).prop_map(|(number, scale)| Value::Decimal(
                rust_decimal::Decimal::new(number, scale)
            )),
            instant.prop_map(|(seconds, micros)| {
                let at = jiff::Timestamp::from_microsecond(seconds * 1_000_000 + micros);
                Value::Instant(at.expect("within the range"))
            }),
            (1_i16..9999, 1_i8..13, 1_i8..29)
                .prop_map(|(y, m, d)| Value::Date(jiff::civil::Date::constant(y, m, d))),
        ]
    }

    proptest! {
        /// The bytes are those of the message that is made the usual way.
        #[test]
        fn an_object_is_the_message_that_it_reads_as(
            values in proptest::collection::vec((value(), 0..3_usize), 0..8),
            key in ".*",
            revision in ".*",
        ) {
            let names: Vec<String> = (0..values.len()).map(|at| format!("name_{at}")).collect();
            let values = names.iter().zip(values).map(|(name, (value, sort))| {
                let sort = [Sort::Plain, Sort::Choice, Sort::Reference][sort];
                Named { name, sort, value }
            });
            let seen = Seen {
                class: "Customer",
                key,
                revision,
                values: values.collect(),
                unreadable: vec!["fax", "since"],
                withheld: vec!["credit_limit"],
            };
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let attributes = seen.values.iter().map(|it| {
                let value = proto::Value { kind: kind_of(it.sort, &it.value) };
                (it.name.to_owned(), value)
            });
            let expected = proto::Object {
                class: "Customer".to_owned(),
                key: seen.key.clone(),
                revision: seen.revision.clone(),
                attributes: attributes.collect(),
                unreadable: owned(&seen.unreadable),
                withheld: owned(&seen.withheld),
            };
            prop_assert_eq!(proto::Object::decode(&*object(&seen)), Ok(expected));
        }
    }
}
