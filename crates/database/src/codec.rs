//! Values as a database writes them, and back.
//!
//! A codec is chosen by what the model says an attribute is, how the model says it is stored, and
//! what the column of the live database holds ([`Codec::resolve`]). It is total: a cell is a
//! value, or it is [`Unreadable`] and says so; it is never guessed. What a column cannot hold is
//! not written. A cell that reads as a value is what writing that value gives, but for letters of
//! digits that mean the same day.

pub(crate) mod clock;
mod days;
mod encode;
mod money;
mod pair;
mod resolve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use caruso_expression::{Currency, Money, Value};
use caruso_object_model::{AttributeType, Clock, Digits, EpochUnit, WrittenMoney};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use rust_decimal::Decimal;
use sea_orm::QueryResult;
use sea_orm::sea_query::Value as Cell;

use crate::raw::{Raw, Unreadable, Wire};

pub use encode::Place;
pub use pair::{Moment, Pair};
pub use resolve::Unfit;

/// How the values of one attribute stand in one column.
#[derive(Debug, Clone)]
pub struct Codec {
    pub(crate) ty: AttributeType,
    pub(crate) way: Way,
    pub(crate) wire: Wire,
    /// Cells that mean that there is no value.
    pub(crate) missing: Vec<Raw>,
    /// Whether blanks at the end of a text mean nothing.
    pub(crate) is_padded: bool,
    /// PostgreSQL: the type to cast parameters to, where it does not find it by itself.
    pub(crate) cast: Option<String>,
    /// Whether texts that differ may be equal to the database, or only sorted otherwise.
    pub(crate) collation: crate::Collation,
}

/// How values become cells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Way {
    /// A bool as such.
    Bool,
    /// A bool as 1 and 0.
    BoolNumber,
    /// A bool as one of two cells.
    Flags(Raw, Raw),
    /// A whole number as such.
    Int,
    /// A whole number in a decimal column.
    IntDecimal,
    /// Digits with leading zeros.
    Padded(usize),
    /// A decimal as such, with so many decimals.
    Decimal(u32),
    /// A decimal as a whole number of its smallest unit.
    Scaled(u32),
    /// Money with its currency as a text, with so many decimals.
    Money(WrittenMoney, u32),
    /// Text.
    Text,
    /// The text of a UUID, in a column of its own type.
    Uuid,
    /// A day as such.
    Date,
    /// A day as ISO 8601 text.
    DateText,
    /// A day as digits in a number, or in a text.
    DateDigits(Digits, Digital),
    /// A day as its number in the Julian period.
    JulianDay,
    /// A point in time as such.
    Instant,
    /// RFC 3339 in UTC with microseconds.
    InstantText,
    /// A point in time as the clocks of a zone showed it.
    Local(TimeZone),
    /// The same as `YYYY-MM-DD HH:MM:SS`.
    LocalText(TimeZone),
    /// The same as fourteen digits.
    LocalDigits(TimeZone, Digital),
    /// A count since 1970.
    Epoch(EpochUnit),
    /// A time of day as such.
    Time,
    /// A time of day as `14:25:00`, with six decimals of a second that is not whole.
    TimeText,
    /// A time of day as `14:25`.
    TimeMinute,
    /// A time of day as digits in a number, or in a text.
    TimeDigits(Clock, Digital),
    /// What the clocks of a zone showed, as one number made of a day and a time of day. No column
    /// has such; statements compute them.
    Moment(TimeZone),
    /// One of a list: names with their codes, in the order of the list.
    Codes(Arc<[(String, Raw)]>),
}

/// Digits in a number, or in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digital {
    Number,
    Text,
}

impl Codec {
    /// How cells are read that stand under each other in one statement, of this column and of
    /// another one for values of the same type; `None` where they are not written alike.
    pub fn united(&self, other: &Self) -> Option<Self> {
        let is_alike = self.way == other.way
            && self.missing == other.missing
            && self.is_padded == other.is_padded
            && self.collation == other.collation;
        let wider = match (self.wire, other.wire) {
            (
                Wire::Int { bits, is_unsigned: false },
                Wire::Int { bits: others, is_unsigned: false },
            ) => {
                if bits < others {
                    other
                } else {
                    self
                }
            }
            (one, another) if one == another => self,
            _ => return None,
        };
        is_alike.then(|| wider.clone())
    }

    /// The logical type.
    pub fn ty(&self) -> &AttributeType {
        &self.ty
    }

    /// The cell of a row.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when it is not of the column's type.
    pub fn read(&self, row: &QueryResult, index: usize) -> Result<Raw, Unreadable> {
        self.wire.read(row, index)
    }

    /// The value in a cell of a row.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when the cell means nothing.
    pub fn decode(&self, row: &QueryResult, index: usize) -> Result<Value, Unreadable> {
        self.value(self.read(row, index)?)
    }

    /// The value that a cell means.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when it means nothing.
    pub fn value(&self, mut raw: Raw) -> Result<Value, Unreadable> {
        if let (true, Raw::Text(text)) = (self.is_padded, &mut raw) {
            let kept = text.trim_end_matches(' ').len();
            if kept < text.len() {
                *text = text[..kept].into();
            }
        }
        if raw == Raw::Null || self.missing.contains(&raw) {
            return Ok(Value::Null);
        }
        let value = self.present(raw).ok_or(Unreadable)?;
        Ok(self.of_currency(value))
    }

    /// The currency of all that the column holds, if it holds money.
    pub fn currency(&self) -> Option<Currency> {
        match self.ty {
            AttributeType::Money { currency, .. } => currency,
            _ => None,
        }
    }

    /// A number of a column as what it means there: an amount of its currency, if it has one.
    pub fn of_currency(&self, value: Value) -> Value {
        match (value, self.currency()) {
            (Value::Decimal(amount), Some(currency)) => Value::Money(Money { amount, currency }),
            (value, _) => value,
        }
    }

    /// The numbers of a column of money, without their currency.
    #[must_use]
    pub fn amounts(mut self) -> Self {
        if let AttributeType::Money { decimals, .. } = self.ty {
            self.ty = AttributeType::Decimal(decimals);
        }
        self
    }

    fn present(&self, raw: Raw) -> Option<Value> {
        match (&self.way, raw) {
            (Way::Bool, Raw::Bool(value)) => Some(Value::Bool(value)),
            (Way::Bool | Way::BoolNumber, Raw::Int(number @ (0 | 1))) => {
                Some(Value::Bool(number == 1))
            }
            (Way::Flags(yes, no), raw) => match raw {
                raw if raw == *yes => Some(Value::Bool(true)),
                raw if raw == *no => Some(Value::Bool(false)),
                _ => None,
            },
            (Way::Int, Raw::Int(number)) => Some(Value::Int(number)),
            (Way::IntDecimal, Raw::Decimal(number)) => whole(number).map(Value::Int),
            (Way::Padded(width), Raw::Text(text)) => digits(&text, *width).map(Value::Int),
            (Way::Decimal(decimals), Raw::Decimal(number)) => {
                with_decimals(number, *decimals).map(Value::Decimal)
            }
            (Way::Scaled(decimals), Raw::Int(number)) => {
                Some(Value::Decimal(Decimal::new(number, *decimals)))
            }
            (Way::Money(form, decimals), Raw::Text(text)) => {
                form.read(&text, *decimals).map(Value::Money)
            }
            (Way::Text, Raw::Text(text)) => Some(Value::Text(text)),
            (Way::Uuid, Raw::Uuid(uuid)) => Some(Value::from(uuid.to_string())),
            (Way::Codes(codes), raw) => {
                let (name, _) = codes.iter().find(|(_, code)| *code == raw)?;
                Some(Value::from(name.as_str()))
            }
            (way, raw) if way.is_time() => self.time(raw).map(Value::Int),
            (_, raw) => self.day_or_instant(raw),
        }
    }

    /// The microseconds since midnight.
    fn time(&self, raw: Raw) -> Option<i64> {
        match (&self.way, raw) {
            (Way::Time, Raw::Time(time)) => Some(clock::micros_of_time(time)),
            (Way::TimeText, Raw::Text(text)) => clock::micros_of_text(&text),
            (Way::TimeMinute, Raw::Text(text)) => clock::micros_of_minute(&text),
            (Way::TimeDigits(form, digital), raw) => {
                clock::micros_of(*form, digital.number(raw, clock::width(*form))?)
            }
            _ => None,
        }
    }

    fn day_or_instant(&self, raw: Raw) -> Option<Value> {
        match (&self.way, raw) {
            (Way::Date, Raw::Date(date)) if days::is_usual(date) => Some(Value::Date(date)),
            (Way::DateText, Raw::Text(text)) if text.len() == 10 => {
                text.parse().ok().filter(|date| days::is_usual(*date)).map(Value::Date)
            }
            (Way::DateDigits(form, digital), raw) => {
                days::day_of(*form, digital.number(raw, days::width(*form))?).map(Value::Date)
            }
            (Way::JulianDay, Raw::Int(number)) => days::day_of_julian(number).map(Value::Date),
            (Way::Instant, Raw::Instant(at)) => Some(Value::Instant(at)),
            (Way::InstantText, Raw::Text(text)) => text.parse().ok().map(Value::Instant),
            (Way::Local(zone), Raw::DateTime(at)) => instant(zone, at),
            (Way::LocalText(zone), Raw::Text(text)) if text.len() == 19 => {
                instant(zone, DateTime::strptime("%Y-%m-%d %H:%M:%S", &*text).ok()?)
            }
            (Way::LocalDigits(zone, digital), raw) => {
                let width = days::width(Digits::Yyyymmddhhmmss);
                instant(zone, days::moment_of(digital.number(raw, width)?)?)
            }
            (Way::Moment(zone), Raw::Int(number)) => instant(zone, clock::moment_of(number)?),
            (Way::Epoch(EpochUnit::Seconds), Raw::Int(number)) => {
                Timestamp::from_second(number).ok().map(Value::Instant)
            }
            (Way::Epoch(EpochUnit::Milliseconds), Raw::Int(number)) => {
                Timestamp::from_millisecond(number).ok().map(Value::Instant)
            }
            _ => None,
        }
    }

    /// A cell as a parameter of a statement; `None` when the column has no such cells.
    pub fn cell(&self, raw: Raw) -> Option<Cell> {
        self.wire.cell(raw)
    }

    /// True when the database can add up the cells.
    pub fn is_summable(&self) -> bool {
        matches!(self.way, Way::Int | Way::IntDecimal | Way::Decimal(_) | Way::Scaled(_))
    }

    /// The sum of such cells, as [`crate::dialect::sum`] gives it.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when it is larger than a decimal of 28 digits.
    pub fn sum(&self, row: &QueryResult, index: usize) -> Result<Value, Unreadable> {
        let sum = match Wire::Decimal.read(row, index)? {
            Raw::Null => return Ok(Value::Null),
            Raw::Decimal(sum) => sum,
            _ => return Err(Unreadable),
        };
        let sum = match &self.way {
            Way::Scaled(decimals) => {
                let mut sum = sum.normalize();
                sum.set_scale(sum.scale() + decimals).map_err(|_| Unreadable)?;
                with_decimals(sum, *decimals).map(Value::Decimal).ok_or(Unreadable)
            }
            Way::Decimal(decimals) => {
                with_decimals(sum, *decimals).map(Value::Decimal).ok_or(Unreadable)
            }
            _ => whole(sum).map(Value::Int).ok_or(Unreadable),
        };
        Ok(self.of_currency(sum?))
    }

    /// True when the database finds the least and the greatest of the cells, and these are those of
    /// the values.
    pub fn is_comparable(&self) -> bool {
        let is_coded = matches!(self.ty, AttributeType::Bool | AttributeType::Choice(_));
        let is_uuid = matches!(self.ty, AttributeType::Text(_)) && !self.is_text();
        self.is_ordered() && !is_coded && !is_uuid
    }

    /// True when the database sorts cells as their values sort.
    pub fn is_ordered(&self) -> bool {
        match &self.way {
            Way::DateDigits(form, _) => days::is_ordered(*form),
            Way::Money(..) => false,
            _ => true,
        }
    }

    /// The cells that have a meaning, in the order of their meanings; `None` where all have one.
    pub fn codes(&self) -> Option<Vec<Cell>> {
        let raws = match &self.way {
            Way::BoolNumber => vec![Raw::Int(0), Raw::Int(1)],
            Way::Flags(yes, no) => vec![no.clone(), yes.clone()],
            Way::Codes(codes) => codes.iter().map(|(_, code)| code.clone()).collect(),
            _ => return None,
        };
        Some(self.cells(&raws))
    }

    /// The cells that mean that there is no value.
    pub fn missing(&self) -> Vec<Cell> {
        self.cells(&self.missing)
    }

    fn cells(&self, raws: &[Raw]) -> Vec<Cell> {
        raws.iter().filter_map(|raw| self.wire.cell(raw.clone())).collect()
    }

    /// The type that parameters are cast to, as PostgreSQL writes it.
    pub fn cast(&self) -> Option<&str> {
        self.cast.as_deref()
    }

    /// How texts of the column compare.
    pub fn collation(&self) -> crate::Collation {
        self.collation
    }

    /// True when the cells are texts, which compare as their collation says.
    pub fn is_text(&self) -> bool {
        self.wire == Wire::Text
    }

    /// True when every cell is a text, and is the value itself.
    pub fn is_verbatim(&self) -> bool {
        self.way == Way::Text && !self.is_padded && self.missing.is_empty()
    }

    /// True when two columns write equal values as equal cells of one type, and nothing else so.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.way == other.way
            && self.wire.is_alike(other.wire)
            && self.currency() == other.currency()
    }
}

impl Digital {
    fn number(self, raw: Raw, width: usize) -> Option<i64> {
        match (self, raw) {
            (Self::Number, Raw::Int(number)) => Some(number),
            (Self::Number, Raw::Decimal(number)) => whole(number),
            (Self::Text, Raw::Text(text)) => digits(&text, width),
            _ => None,
        }
    }
}

/// The number of a text of so many digits.
fn digits(text: &str, width: usize) -> Option<i64> {
    let is_digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

fn whole(number: Decimal) -> Option<i64> {
    let number = number.normalize();
    (number.scale() == 0).then(|| number.try_into().ok()).flatten()
}

/// The same number with so many decimals; `None` when it has more that matter.
fn with_decimals(number: Decimal, decimals: u32) -> Option<Decimal> {
    let mut number = number.normalize();
    if number.scale() > decimals {
        return None;
    }
    number.rescale(decimals);
    (number.scale() == decimals).then_some(number)
}

/// The first moment at which the clocks of a zone showed this; none where they skipped it.
fn instant(zone: &TimeZone, at: DateTime) -> Option<Value> {
    if !days::is_usual(at.date()) {
        return None;
    }
    let ambiguous = zone.to_ambiguous_timestamp(at);
    if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return None;
    }
    ambiguous.earlier().ok().map(Value::Instant)
}
