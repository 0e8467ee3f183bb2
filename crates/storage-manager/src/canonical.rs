//! What an object is, whatever database holds it: a hash over the values that its cells mean.
//!
//! Members come in the order of the model, each as a letter for its kind and its bytes, so that no
//! two lists of values give the same bytes. A decimal is its shortest form, an instant its
//! microseconds; a relation to an object of several key parts is its parts. A cell that means
//! nothing is what stands in it.

use caruso_database::{Codec, Pair, Raw};
use caruso_expression::Value;
use rust_decimal::Decimal;
use sea_orm::QueryResult;
use sha2::{Digest as _, Sha256};

use crate::plan::{Member, Plan};

/// A hash of an object.
pub(crate) type Hash = [u8; 32];

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    pub(crate) hash: Hash,
    /// Members whose cells mean nothing.
    pub(crate) unreadable: u32,
}

/// The hash of a row of [`Plan::select`], with its count of changes where a column counts. The
/// buffer is used again for each row.
pub(crate) fn of(plan: &Plan, row: &QueryResult, buffer: &mut Vec<u8>) -> Canonical {
    buffer.clear();
    let mut unreadable = 0;
    for member in &plan.members {
        let start = buffer.len();
        let is_led = member.kind.is_none_or(|kind| {
            let kind = plan.columns[kind].codec.decode(row, kind);
            matches!(kind, Ok(Value::Text(kind)) if *kind == *member.name)
        });
        if !is_led {
            buffer.push(b'n');
            continue;
        }
        if let Some(pair) = &member.pair {
            unreadable += u32::from(!write_pair(plan, member, pair, row, buffer));
            continue;
        }
        for place in member.columns.clone() {
            match write(&plan.columns[place].codec, row, place, buffer) {
                Written::Value => {}
                Written::Nothing => {
                    // a relation that lacks a part of its key leads nowhere
                    buffer.truncate(start);
                    buffer.push(b'n');
                    break;
                }
                Written::Unreadable => unreadable += 1,
            }
        }
    }
    if let Some(counter) = &plan.counter {
        let count = match counter.decode(row, plan.columns.len()) {
            Ok(Value::Int(count)) => count,
            _ => 0,
        };
        write_value(&Value::Int(count), buffer);
    }
    Canonical { hash: Sha256::digest(&buffer).into(), unreadable }
}

/// The value that two columns make; where they make none, false, and what stands in each of them.
fn write_pair(
    plan: &Plan,
    member: &Member,
    pair: &Pair,
    row: &QueryResult,
    buffer: &mut Vec<u8>,
) -> bool {
    let [day, time] = [0, 1].map(|index| {
        let place = member.columns.start + index;
        plan.columns[place].codec.decode(row, place)
    });
    if let Ok(value) = pair.value(&day, &time) {
        write_value(&value, buffer);
        return true;
    }
    for place in member.columns.clone() {
        if matches!(write(&plan.columns[place].codec, row, place, buffer), Written::Nothing) {
            buffer.push(b'n');
        }
    }
    false
}

enum Written {
    Value,
    Nothing,
    Unreadable,
}

fn write(codec: &Codec, row: &QueryResult, place: usize, buffer: &mut Vec<u8>) -> Written {
    let raw = match codec.read(row, place) {
        Ok(Raw::Null) => return Written::Nothing,
        Ok(Raw::Text(text)) if codec.is_verbatim() => {
            write_bytes(b't', text.as_bytes(), buffer);
            return Written::Value;
        }
        Ok(raw) => raw,
        Err(_) => {
            buffer.push(b'x');
            return Written::Unreadable;
        }
    };
    // what means a value is most of all, so that the cell is only kept where it does not
    let kept = raw.clone();
    match codec.value(raw) {
        Ok(Value::Null) => Written::Nothing,
        Ok(value) => {
            write_value(&value, buffer);
            Written::Value
        }
        Err(_) => {
            write_bytes(b'u', cell_text(&kept).as_bytes(), buffer);
            Written::Unreadable
        }
    }
}

/// What stands in a cell that means nothing.
fn cell_text(raw: &Raw) -> String {
    match raw {
        Raw::Text(text) => text.as_ref().to_owned(),
        Raw::Int(number) => number.to_string(),
        Raw::Decimal(number) => number.normalize().to_string(),
        other => format!("{other:?}"),
    }
}

fn write_value(value: &Value, buffer: &mut Vec<u8>) {
    match value {
        Value::Bool(value) => buffer.extend([b'b', u8::from(*value)]),
        Value::Int(number) => {
            buffer.push(b'i');
            buffer.extend(number.to_be_bytes());
        }
        Value::Decimal(number) => write_decimal(*number, buffer),
        Value::Money(money) => {
            write_decimal(money.amount, buffer);
            write_bytes(b'o', money.currency.code().as_bytes(), buffer);
        }
        Value::Text(text) => write_bytes(b't', text.as_bytes(), buffer),
        Value::Date(date) => {
            buffer.push(b'd');
            buffer.extend(date.year().to_be_bytes());
            buffer.extend([date.month(), date.day()].map(i8::unsigned_abs));
        }
        Value::Instant(at) => {
            buffer.push(b'm');
            buffer.extend(at.as_microsecond().to_be_bytes());
        }
        // cells hold no others
        _ => buffer.push(b'n'),
    }
}

fn write_decimal(number: Decimal, buffer: &mut Vec<u8>) {
    let number = number.normalize();
    buffer.push(b'c');
    buffer.extend(number.mantissa().to_be_bytes());
    buffer.extend(number.scale().to_be_bytes());
}

fn write_bytes(kind: u8, bytes: &[u8], buffer: &mut Vec<u8>) {
    buffer.push(kind);
    buffer.extend((bytes.len() as u64).to_be_bytes());
    buffer.extend(bytes);
}
