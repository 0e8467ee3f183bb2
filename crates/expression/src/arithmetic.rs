//! Exact arithmetic: a result that would have to be rounded is an error.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::Value;
use crate::calendar;
use crate::money::Money;
use crate::typed::Arithmetic;

/// Why a computation has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Overflow,
    DivisionByZero,
    /// Of two amounts.
    OtherCurrency,
    WrongKind,
    /// A text that is none of what is wanted of it.
    Text,
    /// A time zone that does not exist.
    Zone,
}

/// Computes with two numbers, whole ones staying whole and a decimal making the result decimal;
/// with money, which makes it money; or with days, points in time and what lies between them.
pub(crate) fn compute(how: Arithmetic, left: &Value, right: &Value) -> Result<Value, Failure> {
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        return whole(how, *left, *right).map(Value::Int);
    }
    if let Some(computed) = calendar::compute(how, left, right) {
        return computed;
    }
    if matches!(left, Value::Money(_)) || matches!(right, Value::Money(_)) {
        return money(how, left, right).map(Value::Money);
    }
    let (Some(left), Some(right)) = (decimal(left), decimal(right)) else {
        return Err(Failure::WrongKind);
    };
    let result = match how {
        Arithmetic::Add => sum(left, right),
        Arithmetic::Subtract => sum(left, -right),
        Arithmetic::Multiply => product(left, right),
        Arithmetic::Divide | Arithmetic::Remainder => return Err(Failure::WrongKind),
    };
    result.map(Value::Decimal).ok_or(Failure::Overflow)
}

fn money(how: Arithmetic, left: &Value, right: &Value) -> Result<Money, Failure> {
    let amount = |of: &Money, amount: Option<Decimal>| {
        let amount = amount.ok_or(Failure::Overflow)?;
        Ok(Money { amount, currency: of.currency })
    };
    match (how, left, right) {
        (Arithmetic::Add | Arithmetic::Subtract, Value::Money(left), Value::Money(right)) => {
            if left.currency != right.currency {
                return Err(Failure::OtherCurrency);
            }
            let is_sum = how == Arithmetic::Add;
            amount(left, sum(left.amount, if is_sum { right.amount } else { -right.amount }))
        }
        (Arithmetic::Multiply, Value::Money(money), number)
        | (Arithmetic::Multiply, number, Value::Money(money)) => {
            amount(money, product(money.amount, decimal(number).ok_or(Failure::WrongKind)?))
        }
        (Arithmetic::Divide, Value::Money(money), number) => {
            let number = decimal(number).ok_or(Failure::WrongKind)?;
            if number.is_zero() {
                return Err(Failure::DivisionByZero);
            }
            amount(money, quotient(money.amount, number))
        }
        _ => Err(Failure::WrongKind),
    }
}

/// The quotient, if it is exact.
fn quotient(left: Decimal, right: Decimal) -> Option<Decimal> {
    let quotient = left.checked_div(right)?;
    let quotient = if quotient.scale() <= left.scale() { quotient } else { quotient.normalize() };
    (product(quotient, right)? == left).then_some(quotient)
}

/// Changes the sign.
pub(crate) fn negate(value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or(Failure::Overflow),
        Value::Decimal(number) => Ok(Value::Decimal(-number)),
        Value::Duration(length) => {
            length.checked_neg().map(Value::Duration).ok_or(Failure::Overflow)
        }
        Value::Period(period) => period.negated().map(Value::Period).ok_or(Failure::Overflow),
        Value::Money(money) => Ok(Value::Money(Money { amount: -money.amount, ..*money })),
        _ => Err(Failure::WrongKind),
    }
}

/// Orders two values of comparable kinds; `None` when the kinds do not compare.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Money(left), Value::Money(right)) => {
            (left.currency == right.currency).then(|| left.amount.cmp(&right.amount))
        }
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Instant(left), Value::Instant(right)) => Some(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        _ => Some(decimal(left)?.cmp(&decimal(right)?)),
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn whole(how: Arithmetic, left: i64, right: i64) -> Result<i64, Failure> {
    let divides = matches!(how, Arithmetic::Divide | Arithmetic::Remainder);
    if divides && right == 0 {
        return Err(Failure::DivisionByZero);
    }
    let result = match how {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    result.ok_or(Failure::Overflow)
}

/// The exact sum: both mantissas at one scale, added as integers of 128 bits.
fn sum(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = shorten(left, right);
    let scale = left.scale().max(right.scale());
    let at_scale = |number: Decimal| {
        let factor = 10_i128.checked_pow(scale - number.scale())?;
        number.mantissa().checked_mul(factor)
    };
    exact(at_scale(left)?.checked_add(at_scale(right)?)?, scale)
}

/// The exact product, by integers of 128 bits.
fn product(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = shorten(left, right);
    exact(left.mantissa().checked_mul(right.mantissa())?, left.scale() + right.scale())
}

/// Drops zeros at the end of long fractions only, so that `1.10 + 2.20` stays `3.30`.
fn shorten(left: Decimal, right: Decimal) -> (Decimal, Decimal) {
    if left.scale() + right.scale() > 14 {
        (left.normalize(), right.normalize())
    } else {
        (left, right)
    }
}

/// A decimal of exactly this value, with zeros dropped where it needs fewer digits.
fn exact(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    loop {
        if scale <= Decimal::MAX_SCALE
            && let Ok(number) = Decimal::try_from_i128_with_scale(mantissa, scale)
        {
            return Some(number);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
}
