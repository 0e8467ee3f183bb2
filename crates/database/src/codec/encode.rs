//! Values into cells, and where a value stands among the cells of a column.

use std::cmp::Ordering;
use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{AttributeType, Digits, EpochUnit};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use rust_decimal::Decimal;
use sea_orm::sea_query::Value as Cell;

use super::{Codec, Digital, Way, clock, days};
use crate::raw::{Raw, Wire, shortest, shortest_single};

/// Where a value stands among the cells of a column, for comparisons.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// At this cell, or, when it is false, right above it: no cell is between them.
    At(Cell, bool),
    /// Below all cells.
    Below,
    /// Above all cells.
    Above,
    /// A comparison of cells does not say.
    Unknown,
}

impl Codec {
    /// The missing value, typed as the column is.
    pub fn null(&self) -> Cell {
        self.wire.null()
    }

    /// A value as the column is to hold it; `None` when it cannot. Points in time lose what is
    /// finer than the column, and where clocks are set back they are written as the clocks show
    /// them.
    pub fn encode(&self, value: &Value) -> Option<Cell> {
        if value.is_null() {
            return Some(self.null());
        }
        let raw = self.raw(value)?;
        let is_missing = self.missing.contains(&raw);
        (!is_missing).then(|| self.wire.cell(raw)).flatten()
    }

    /// The text of a key or a part of it as a cell.
    pub fn encode_key(&self, text: &str) -> Option<Cell> {
        let value = match &self.ty {
            AttributeType::Int => Value::Int(text.parse().ok()?),
            AttributeType::Date => Value::Date(text.parse().ok()?),
            _ => Value::from(text),
        };
        self.encode(&value)
    }

    pub(super) fn raw(&self, value: &Value) -> Option<Raw> {
        if let Some(currency) = self.currency() {
            let Value::Money(money) = value else { return None };
            let is_it = money.currency == currency;
            let amount = Value::Decimal(money.amount);
            return is_it.then(|| self.clone().amounts().raw(&amount)).flatten();
        }
        match (&self.way, value) {
            (Way::Bool, Value::Bool(value)) => Some(Raw::Bool(*value)),
            (Way::BoolNumber, Value::Bool(value)) => Some(Raw::Int(i64::from(*value))),
            (Way::Flags(yes, no), Value::Bool(value)) => {
                Some(if *value { yes.clone() } else { no.clone() })
            }
            (Way::Int | Way::Scaled(_) | Way::Padded(_), value) => match self.floor(value)? {
                Floor::At(number, true) => self.number(number),
                _ => None,
            },
            (Way::IntDecimal, value) => {
                let number = decimal(value)?;
                (number.normalize().scale() == 0).then_some(Raw::Decimal(number))
            }
            (Way::Decimal(decimals), value) => {
                super::with_decimals(decimal(value)?, *decimals).map(Raw::Decimal)
            }
            (Way::Money(form, decimals), Value::Money(money)) => {
                form.write(*money, *decimals).map(|text| Raw::Text(text.into()))
            }
            (Way::Text, Value::Text(text)) => {
                let is_kept = !self.is_padded || !text.ends_with(' ');
                is_kept.then(|| Raw::Text(Arc::clone(text)))
            }
            (Way::Uuid, Value::Text(text)) => {
                let uuid = text.parse::<uuid::Uuid>().ok()?;
                (uuid.to_string() == **text).then_some(Raw::Uuid(uuid))
            }
            (Way::Codes(codes), Value::Text(name)) => {
                let (_, code) = codes.iter().find(|(known, _)| **known == **name)?;
                Some(code.clone())
            }
            (way, Value::Int(micros)) if way.is_time() => self.raw_time(*micros),
            (_, Value::Date(date)) => self.raw_day(*date),
            (_, Value::Instant(at)) => self.raw_instant(*at),
            _ => None,
        }
    }

    /// A time of day in microseconds since midnight; what is finer than the column is cut off.
    fn raw_time(&self, micros: i64) -> Option<Raw> {
        match self.way {
            Way::Time => clock::time_of(micros).map(Raw::Time),
            Way::TimeText => clock::text_of(micros).map(|text| Raw::Text(text.into())),
            Way::TimeMinute => clock::minute_of(micros).map(|text| Raw::Text(text.into())),
            Way::TimeDigits(form, digital) => {
                digital.raw(self.wire, clock::digits_of(form, micros)?, clock::width(form))
            }
            _ => None,
        }
    }

    fn number(&self, number: i64) -> Option<Raw> {
        let Way::Padded(width) = self.way else {
            return self.holds(number).then_some(Raw::Int(number));
        };
        let text = format!("{number:0width$}");
        (number >= 0 && text.len() == width).then(|| Raw::Text(text.into()))
    }

    /// True when the column is wide enough for a number.
    fn holds(&self, number: i64) -> bool {
        let Wire::Int { bits, is_unsigned } = self.wire else { return true };
        let most = match (bits, is_unsigned) {
            (64.., _) => i64::MAX,
            (bits, false) => (1 << (bits - 1)) - 1,
            (bits, true) => (1 << bits) - 1,
        };
        let least = if is_unsigned { 0 } else { -most - 1 };
        (least..=most).contains(&number)
    }

    fn raw_day(&self, date: jiff::civil::Date) -> Option<Raw> {
        if !days::is_usual(date) {
            return None;
        }
        match self.way {
            Way::Date => Some(Raw::Date(date)),
            Way::DateText => Some(Raw::Text(date.to_string().into())),
            Way::DateDigits(form, digital) => {
                digital.raw(self.wire, days::digits_of(form, date)?, days::width(form))
            }
            Way::JulianDay => days::julian_of(date).map(Raw::Int),
            _ => None,
        }
    }

    fn raw_instant(&self, at: Timestamp) -> Option<Raw> {
        match &self.way {
            Way::Instant => cut(at, 1_000).map(Raw::Instant),
            Way::InstantText => {
                let text = format!("{:.6}", cut(at, 1_000)?);
                (!text.starts_with('-')).then(|| Raw::Text(text.into()))
            }
            Way::Epoch(EpochUnit::Seconds) => Some(Raw::Int(cut(at, 1_000_000_000)?.as_second())),
            Way::Epoch(EpochUnit::Milliseconds) => {
                Some(Raw::Int(cut(at, 1_000_000)?.as_millisecond()))
            }
            Way::Local(zone) | Way::Moment(zone) => {
                self.raw_local(zone.to_datetime(cut(at, 1_000)?))
            }
            Way::LocalText(zone) | Way::LocalDigits(zone, _) => {
                self.raw_local(zone.to_datetime(cut(at, 1_000_000_000)?))
            }
            _ => None,
        }
    }

    /// What the clocks of the column's zone show, as a cell.
    fn raw_local(&self, local: DateTime) -> Option<Raw> {
        if !days::is_usual(local.date()) {
            return None;
        }
        match self.way {
            Way::Local(_) => Some(Raw::DateTime(local)),
            Way::LocalText(_) => {
                Some(Raw::Text(local.strftime("%Y-%m-%d %H:%M:%S").to_string().into()))
            }
            Way::Moment(_) => clock::number_of(local).map(Raw::Int),
            Way::LocalDigits(_, digital) => {
                let width = days::width(Digits::Yyyymmddhhmmss);
                digital.raw(self.wire, days::digits_of_moment(local)?, width)
            }
            _ => None,
        }
    }

    /// Where a value stands among the cells.
    pub fn place(&self, value: &Value) -> Place {
        if self.currency().is_some() || self.has_currencies() {
            // an amount stands among amounts, not among values of several currencies
            return Place::Unknown;
        }
        match (&self.way, value) {
            (Way::Int | Way::Scaled(_) | Way::Padded(_), value) => match self.floor(value) {
                Some(Floor::At(number, is_exact)) => self.at(
                    self.number(number).or_else(|| self.beyond(number)),
                    is_exact,
                    number > 0,
                ),
                Some(Floor::Below) => Place::Below,
                Some(Floor::Above) => Place::Above,
                None => Place::Unknown,
            },
            (Way::Decimal(_), value) if self.wire == Wire::Float => {
                decimal(value).map_or(Place::Unknown, place_of_float)
            }
            (Way::Decimal(_), value) if self.wire == Wire::Single => {
                decimal(value).map_or(Place::Unknown, place_of_single)
            }
            (Way::IntDecimal | Way::Decimal(_), value) => {
                let cell = decimal(value).and_then(|number| self.wire.cell(Raw::Decimal(number)));
                cell.map_or(Place::Unknown, |cell| Place::At(cell, true))
            }
            (_, Value::Instant(at)) => self.place_instant(*at),
            (_, Value::Date(date)) if !days::is_usual(*date) => Place::Below,
            (Way::Text, Value::Text(text)) if self.is_padded => {
                // blanks at the end are not there: a text with some is right above that without
                let cell = self.wire.cell(Raw::Text(text.trim_end_matches(' ').into()));
                cell.map_or(Place::Unknown, |cell| Place::At(cell, !text.ends_with(' ')))
            }
            (Way::Uuid, Value::Text(_)) => {
                match self.raw(value).and_then(|it| self.wire.cell(it)) {
                    Some(cell) => Place::At(cell, true),
                    None => Place::Unknown,
                }
            }
            _ => self.at(self.raw(value), true, false),
        }
    }

    fn at(&self, raw: Option<Raw>, is_exact: bool, is_above: bool) -> Place {
        match raw.and_then(|raw| self.wire.cell(raw)) {
            Some(cell) => Place::At(cell, is_exact),
            None if is_above => Place::Above,
            None => Place::Below,
        }
    }

    /// A number outside a column of numbers still compares with it.
    fn beyond(&self, number: i64) -> Option<Raw> {
        matches!(self.wire, Wire::Int { .. }).then_some(Raw::Int(number))
    }

    fn place_instant(&self, at: Timestamp) -> Place {
        let (unit, zone) = match &self.way {
            Way::Instant | Way::InstantText => (1_000, None),
            Way::Local(zone) | Way::Moment(zone) => (1_000, Some(zone)),
            Way::LocalText(zone) | Way::LocalDigits(zone, _) => (1_000_000_000, Some(zone)),
            Way::Epoch(EpochUnit::Seconds) => (1_000_000_000, None),
            Way::Epoch(EpochUnit::Milliseconds) => (1_000_000, None),
            _ => return Place::Unknown,
        };
        let Some(floor) = cut(at, unit) else { return Place::Below };
        let (raw, is_exact) = match zone {
            None => (self.raw_instant(floor), floor == at),
            Some(zone) => {
                let (local, is_first) = first_shown(zone, floor, unit);
                (self.raw_local(local), is_first && floor == at)
            }
        };
        self.at(raw, is_exact, false)
    }

    /// The largest whole number of the column that is not above a value. `None` when it is no
    /// number.
    fn floor(&self, value: &Value) -> Option<Floor> {
        let decimals = match &self.way {
            Way::Scaled(decimals) => *decimals,
            _ => 0,
        };
        let number = decimal(value)?.normalize();
        let shift = i64::from(decimals) - i64::from(number.scale());
        let factor = 10_i128.pow(u32::try_from(shift.unsigned_abs()).ok()?);
        let (whole, is_exact) = if shift >= 0 {
            let edge = if number.is_sign_negative() { i128::MIN } else { i128::MAX };
            (number.mantissa().checked_mul(factor).unwrap_or(edge), true)
        } else {
            let mantissa = number.mantissa();
            (mantissa.div_euclid(factor), mantissa.rem_euclid(factor) == 0)
        };
        Some(match i64::try_from(whole) {
            Ok(whole) => Floor::At(whole, is_exact),
            Err(_) if whole < 0 => Floor::Below,
            Err(_) => Floor::Above,
        })
    }
}

/// Where a decimal stands among binary numbers, each of which means its shortest decimal.
fn place_of_float(number: Decimal) -> Place {
    let Ok(nearest) = number.to_string().parse::<f64>() else { return Place::Unknown };
    match shortest(nearest).map(|meant| meant.cmp(&number)) {
        Some(Ordering::Equal) => Place::At(nearest.into(), true),
        Some(Ordering::Less) => Place::At(nearest.into(), false),
        Some(Ordering::Greater) => Place::At(nearest.next_down().into(), false),
        None if nearest < 0.0 => Place::Below,
        None => Place::Above,
    }
}

/// The same among those of 32 bits, which compare as the numbers of 64 bits that they are.
fn place_of_single(number: Decimal) -> Place {
    let Ok(nearest) = number.to_string().parse::<f32>() else { return Place::Unknown };
    let at = |single: f32, is_exact| Place::At(f64::from(single).into(), is_exact);
    match shortest_single(nearest).map(|meant| meant.cmp(&number)) {
        Some(Ordering::Equal) => at(nearest, true),
        Some(Ordering::Less) => at(nearest, false),
        Some(Ordering::Greater) => at(nearest.next_down(), false),
        None if nearest < 0.0 => Place::Below,
        None => Place::Above,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Floor {
    /// This one; true when it is exactly the value.
    At(i64, bool),
    Below,
    Above,
}

impl Digital {
    fn raw(self, wire: Wire, number: i64, width: usize) -> Option<Raw> {
        match (self, wire) {
            (Self::Text, _) => Some(Raw::Text(format!("{number:0width$}").into())),
            (Self::Number, Wire::Decimal) => Some(Raw::Decimal(Decimal::from(number))),
            (Self::Number, _) => Some(Raw::Int(number)),
        }
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// The last whole unit, in nanoseconds, that is not after an instant.
fn cut(at: Timestamp, unit: i128) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at.as_nanosecond().div_euclid(unit) * unit).ok()
}

/// What the clocks of a zone show, and true; where they show it for the second time, the last that
/// they showed before they were set back, and false.
fn first_shown(zone: &TimeZone, at: Timestamp, unit: i128) -> (DateTime, bool) {
    let local = zone.to_datetime(at);
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let AmbiguousOffset::Fold { before, .. } = ambiguous.offset() else { return (local, true) };
    if zone.to_offset(at) == before {
        return (local, true);
    }
    let change = zone.preceding(at + jiff::SignedDuration::from_nanos(1)).next();
    let last = change.and_then(|change| {
        let last = change.timestamp().as_nanosecond() - unit;
        Some(before.to_datetime(Timestamp::from_nanosecond(last).ok()?))
    });
    (last.unwrap_or(local), false)
}
