//! Values as a database writes them, and back. Every codec is total: a cell is a value, or it is
//! unreadable and says so; it is never guessed.

use caruso_expression::Value;
use caruso_object_model::{AttributeType, DateForm};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sea_orm::QueryResult;
use sea_orm::sea_query::Value as Cell;

/// A cell that its codec does not understand: a finding about the quality of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// True when the column holds whole numbers, false when it holds text.
pub(crate) fn is_number(ty: &AttributeType) -> bool {
    match ty {
        AttributeType::Bool(codes) => codes.is_none(),
        AttributeType::Int | AttributeType::Decimal(_) => true,
        AttributeType::Date(form) => *form == DateForm::Yyyymmdd,
        AttributeType::Text(_) | AttributeType::Instant | AttributeType::Choice(_) => false,
    }
}

/// The missing value, typed as the column is.
pub(crate) fn null(ty: &AttributeType) -> Cell {
    if is_number(ty) { Cell::BigInt(None) } else { Cell::String(None) }
}

/// A value as the column holds it; `None` when the column cannot hold exactly this value.
pub(crate) fn encode(ty: &AttributeType, value: &Value) -> Option<Cell> {
    match (ty, value) {
        (_, Value::Null) => Some(null(ty)),
        (AttributeType::Bool(None), Value::Bool(value)) => Some(Cell::from(i64::from(*value))),
        (AttributeType::Bool(Some([yes, no])), Value::Bool(value)) => {
            Some(text(if *value { yes } else { no }))
        }
        (AttributeType::Int, Value::Int(number)) => Some(Cell::from(*number)),
        // the key of another object travels as text
        (AttributeType::Int, Value::Text(key)) => key.parse::<i64>().ok().map(Cell::from),
        (AttributeType::Decimal(_) | AttributeType::Int, value) => match floor(ty, value)? {
            Floor::At(number, true) => Some(Cell::from(number)),
            _ => None,
        },
        (AttributeType::Text(_), Value::Text(value)) => Some(text(value)),
        (AttributeType::Date(DateForm::Iso), Value::Date(date)) => {
            is_usual(*date).then(|| text(&date.to_string()))
        }
        (AttributeType::Date(DateForm::Yyyymmdd), Value::Date(date)) => {
            is_usual(*date).then(|| Cell::from(yyyymmdd(*date)))
        }
        (AttributeType::Instant, Value::Instant(instant)) => {
            instant_text(*instant).map(|it| text(&it))
        }
        (AttributeType::Choice(enumeration), Value::Text(name)) => {
            let mut values = enumeration.values.iter();
            values.find(|it| *it.name == **name).map(|it| text(&it.stored))
        }
        _ => None,
    }
}

fn text(value: &str) -> Cell {
    Cell::from(value.to_owned())
}

/// The largest number that a column can hold and that is not above a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// This one; true when it is exactly the value.
    At(i64, bool),
    /// The value is below all numbers of the column.
    Below,
    /// The value is above all numbers of the column.
    Above,
}

/// Where a number stands among the numbers of a column. `None` when it is no number.
pub(crate) fn floor(ty: &AttributeType, value: &Value) -> Option<Floor> {
    let decimals = match ty {
        AttributeType::Int => 0,
        AttributeType::Decimal(decimals) => *decimals,
        _ => return None,
    };
    let number = match value {
        Value::Int(number) => Decimal::from(*number),
        Value::Decimal(number) => number.normalize(),
        _ => return None,
    };
    let shift = i64::from(decimals) - i64::from(number.scale());
    let factor = 10_i128.pow(u32::try_from(shift.unsigned_abs()).ok()?);
    let (whole, is_exact) = if shift >= 0 {
        let whole = number.mantissa().checked_mul(factor);
        let edge = if number.is_sign_negative() { i128::MIN } else { i128::MAX };
        (whole.unwrap_or(edge), true)
    } else {
        let whole = number.mantissa().div_euclid(factor);
        (whole, number.mantissa().rem_euclid(factor) == 0)
    };
    Some(match i64::try_from(whole) {
        Ok(whole) => Floor::At(whole, is_exact),
        Err(_) if whole < 0 => Floor::Below,
        Err(_) => Floor::Above,
    })
}

/// A value out of a column.
pub(crate) fn decode(
    ty: &AttributeType,
    row: &QueryResult,
    index: usize,
) -> Result<Value, Unreadable> {
    if is_number(ty) {
        match number_cell(row, index)? {
            None => Ok(Value::Null),
            Some(number) => decode_number(ty, number).ok_or(Unreadable),
        }
    } else {
        match text_cell(row, index)? {
            None => Ok(Value::Null),
            Some(text) => decode_text(ty, text).ok_or(Unreadable),
        }
    }
}

/// The whole number in a cell.
pub(crate) fn number_cell(row: &QueryResult, index: usize) -> Result<Option<i64>, Unreadable> {
    row.try_get_by_index(index).map_err(|_| Unreadable)
}

/// The text in a cell.
pub(crate) fn text_cell(row: &QueryResult, index: usize) -> Result<Option<String>, Unreadable> {
    row.try_get_by_index(index).map_err(|_| Unreadable)
}

fn decode_number(ty: &AttributeType, number: i64) -> Option<Value> {
    match ty {
        AttributeType::Bool(_) => match number {
            0 => Some(Value::Bool(false)),
            1 => Some(Value::Bool(true)),
            _ => None,
        },
        AttributeType::Int => Some(Value::Int(number)),
        AttributeType::Decimal(decimals) => Some(Value::Decimal(Decimal::new(number, *decimals))),
        AttributeType::Date(_) => {
            let part = |divisor: i64, modulus: i64| number / divisor % modulus;
            let year = i16::try_from(number / 10_000).ok()?;
            let month = i8::try_from(part(100, 100)).ok()?;
            let day = i8::try_from(part(1, 100)).ok()?;
            Date::new(year, month, day).ok().filter(|date| is_usual(*date)).map(Value::Date)
        }
        _ => None,
    }
}

fn decode_text(ty: &AttributeType, text: String) -> Option<Value> {
    match ty {
        AttributeType::Bool(Some([yes, no])) => match text {
            text if text == *yes => Some(Value::Bool(true)),
            text if text == *no => Some(Value::Bool(false)),
            _ => None,
        },
        AttributeType::Text(_) => Some(Value::from(text)),
        AttributeType::Date(_) => text.parse().ok().filter(|it| is_usual(*it)).map(Value::Date),
        AttributeType::Instant => text.parse().ok().map(Value::Instant),
        AttributeType::Choice(enumeration) => {
            let mut values = enumeration.values.iter();
            values.find(|it| it.stored == text).map(|it| Value::from(it.name.as_str()))
        }
        _ => None,
    }
}

/// Years of four digits, so that stored days sort as they follow each other.
fn is_usual(date: Date) -> bool {
    date.year() >= 0
}

fn yyyymmdd(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// An instant with exactly six decimals, so that stored instants sort as they follow each other;
/// finer parts are cut off.
pub(crate) fn instant_text(instant: Timestamp) -> Option<String> {
    let micros = instant.as_microsecond();
    let nanos = i128::from(micros) * 1_000;
    let is_before = nanos > instant.as_nanosecond();
    let floor = Timestamp::from_microsecond(micros - i64::from(is_before)).ok()?;
    let text = format!("{floor:.6}");
    (!text.starts_with('-')).then_some(text)
}

/// True when the stored form of an instant is exactly the instant.
pub(crate) fn is_whole(instant: Timestamp) -> bool {
    instant.as_nanosecond() % 1_000 == 0
}
