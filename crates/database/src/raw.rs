//! Cells as they stand in rows, in types that all engines share.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use jiff::Timestamp;
use jiff::civil::{self, Date};
use rust_decimal::Decimal;
use sea_orm::QueryResult;
use sea_orm::sea_query::Value as Cell;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};
use uuid::Uuid;

use crate::codec::clock;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(Arc<str>),
    Date(Date),
    Time(civil::Time),
    /// Of an unsaid zone.
    DateTime(civil::DateTime),
    Instant(Timestamp),
    Uuid(Uuid),
}

/// How cells of a column travel between us and the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Bool,
    /// PostgreSQL tells the sizes apart.
    Int {
        bits: u8,
        is_unsigned: bool,
    },
    Decimal,
    /// A binary number; read as the shortest decimal that means it.
    Float,
    /// One of 32 bits.
    Single,
    Text,
    /// PostgreSQL's own enumerations, as text.
    Enum,
    Date,
    Time,
    DateTime,
    Instant,
    Uuid,
}

/// A cell that its codec does not understand: a finding about the quality of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

type Read<T> = Result<Option<T>, Unreadable>;

impl Wire {
    /// The cell of a row.
    pub(crate) fn read(self, row: &QueryResult, index: usize) -> Result<Raw, Unreadable> {
        if let Some(row) = row.try_as_pg_row() {
            return self.read_postgres(row, index);
        }
        if let Some(row) = row.try_as_mysql_row() {
            return self.read_mariadb(row, index);
        }
        row.try_as_sqlite_row().ok_or(Unreadable).and_then(|row| self.read_sqlite(row, index))
    }

    fn read_postgres(self, row: &sqlx::postgres::PgRow, index: usize) -> Result<Raw, Unreadable> {
        let integer = |bits: u8| -> Read<i64> {
            Ok(match bits {
                8 | 16 => row.try_get::<Option<i16>, _>(index).map_err(unreadable)?.map(i64::from),
                24 | 32 => row.try_get::<Option<i32>, _>(index).map_err(unreadable)?.map(i64::from),
                _ => row.try_get(index).map_err(unreadable)?,
            })
        };
        match self {
            Self::Bool => row.try_get(index).map_err(unreadable).map(or_null(Raw::Bool)),
            Self::Int { bits, .. } => integer(bits).map(or_null(Raw::Int)),
            Self::Decimal => row.try_get(index).map_err(unreadable).map(or_null(Raw::Decimal)),
            Self::Float => float(row.try_get(index).map_err(unreadable)?),
            Self::Single => single(row.try_get(index).map_err(unreadable)?),
            Self::Text => row.try_get(index).map_err(unreadable).map(text),
            Self::Enum => row.try_get_unchecked(index).map_err(unreadable).map(text),
            Self::Date => date(row.try_get(index).map_err(unreadable)?),
            Self::Time => {
                let cell = row.try_get_raw(index).map_err(unreadable)?;
                if cell.is_null() {
                    return Ok(Raw::Null);
                }
                // 24:00 is a time there, which types without it take for 0:00
                let bytes = cell.as_bytes().map_err(|_| Unreadable)?;
                time(bytes.try_into().map(i64::from_be_bytes).map_err(|_| Unreadable)?)
            }
            Self::DateTime => date_time(row.try_get(index).map_err(unreadable)?),
            Self::Instant => instant(row.try_get(index).map_err(unreadable)?),
            Self::Uuid => row.try_get(index).map_err(unreadable).map(or_null(Raw::Uuid)),
        }
    }

    fn read_mariadb(self, row: &sqlx::mysql::MySqlRow, index: usize) -> Result<Raw, Unreadable> {
        match self {
            Self::Bool | Self::Int { is_unsigned: false, .. } => {
                row.try_get(index).map_err(unreadable).map(or_null(Raw::Int))
            }
            Self::Int { is_unsigned: true, .. } => {
                let number: Option<u64> = row.try_get(index).map_err(unreadable)?;
                let number = number.map(i64::try_from).transpose().map_err(|_| Unreadable)?;
                Ok(or_null(Raw::Int)(number))
            }
            Self::Decimal => row.try_get(index).map_err(unreadable).map(or_null(Raw::Decimal)),
            Self::Float => float(row.try_get(index).map_err(unreadable)?),
            Self::Single => single(row.try_get(index).map_err(unreadable)?),
            Self::Text | Self::Enum | Self::Uuid => {
                row.try_get(index).map_err(unreadable).map(text)
            }
            Self::Date => date(row.try_get(index).map_err(unreadable)?),
            Self::Time => {
                // a span of time there, which may be negative or of several days
                let span: Option<TimeDelta> = row.try_get(index).map_err(unreadable)?;
                let Some(span) = span else { return Ok(Raw::Null) };
                time(span.num_microseconds().ok_or(Unreadable)?)
            }
            Self::DateTime => date_time(row.try_get(index).map_err(unreadable)?),
            Self::Instant => instant(row.try_get(index).map_err(unreadable)?),
        }
    }

    /// Cells of a file may hold anything, whatever their column says.
    fn read_sqlite(self, row: &sqlx::sqlite::SqliteRow, index: usize) -> Result<Raw, Unreadable> {
        match self {
            Self::Int { .. } | Self::Bool => {
                row.try_get(index).map_err(unreadable).map(or_null(Raw::Int))
            }
            Self::Float | Self::Single | Self::Decimal => {
                let cell = row.try_get_raw(index).map_err(unreadable)?;
                match cell.type_info().name() {
                    "NULL" => Ok(Raw::Null),
                    "INTEGER" => row
                        .try_get::<i64, _>(index)
                        .map_err(unreadable)
                        .map(|number| Raw::Decimal(Decimal::from(number))),
                    "REAL" => float(row.try_get(index).map_err(unreadable)?),
                    _ => Err(Unreadable),
                }
            }
            _ => row.try_get(index).map_err(unreadable).map(text),
        }
    }

    /// The cell as a parameter of a statement; `None` when it cannot travel this way.
    pub(crate) fn cell(self, raw: Raw) -> Option<Cell> {
        Some(match (self, raw) {
            (wire, Raw::Null) => wire.null(),
            (Self::Bool, Raw::Bool(value)) => Cell::Bool(Some(value)),
            (Self::Int { .. } | Self::Bool, Raw::Int(number)) => Cell::BigInt(Some(number)),
            (Self::Decimal, Raw::Decimal(number)) => Cell::Decimal(Some(number)),
            (Self::Float, Raw::Decimal(number)) => {
                let float: f64 = number.to_string().parse().ok()?;
                (shortest(float) == Some(number.normalize()))
                    .then_some(Cell::Double(Some(float)))?
            }
            (Self::Single, Raw::Decimal(number)) => {
                let single: f32 = number.to_string().parse().ok()?;
                (shortest_single(single) == Some(number.normalize()))
                    .then_some(Cell::Double(Some(single.into())))?
            }
            (Self::Text | Self::Enum | Self::Uuid, Raw::Text(text)) => {
                Cell::String(Some(text.as_ref().to_owned()))
            }
            (Self::Date, Raw::Date(date)) => Cell::ChronoDate(Some(chrono_date(date)?)),
            (Self::Time, Raw::Time(time)) => Cell::ChronoTime(Some(chrono_time(time)?)),
            (Self::DateTime, Raw::DateTime(at)) => Cell::ChronoDateTime(Some(chrono_at(at)?)),
            (Self::Instant, Raw::Instant(at)) => {
                let nanos = u32::try_from(at.subsec_nanosecond()).ok();
                let (seconds, nanos) = match nanos {
                    Some(nanos) => (at.as_second(), nanos),
                    None => (
                        at.as_second() - 1,
                        u32::try_from(1_000_000_000 + i64::from(at.subsec_nanosecond())).ok()?,
                    ),
                };
                Cell::ChronoDateTimeUtc(DateTime::<Utc>::from_timestamp(seconds, nanos))
            }
            (Self::Uuid, Raw::Uuid(uuid)) => Cell::Uuid(Some(uuid)),
            _ => return None,
        })
    }

    /// The missing value, typed as the column is.
    pub(crate) fn null(self) -> Cell {
        match self {
            Self::Bool => Cell::Bool(None),
            Self::Int { .. } => Cell::BigInt(None),
            Self::Decimal => Cell::Decimal(None),
            Self::Float | Self::Single => Cell::Double(None),
            Self::Text | Self::Enum => Cell::String(None),
            Self::Date => Cell::ChronoDate(None),
            Self::Time => Cell::ChronoTime(None),
            Self::DateTime => Cell::ChronoDateTime(None),
            Self::Instant => Cell::ChronoDateTimeUtc(None),
            Self::Uuid => Cell::Uuid(None),
        }
    }
}

fn unreadable(_: sqlx::Error) -> Unreadable {
    Unreadable
}

fn or_null<T>(raw: impl Fn(T) -> Raw) -> impl Fn(Option<T>) -> Raw {
    move |value| value.map_or(Raw::Null, &raw)
}

fn text(cell: Option<&str>) -> Raw {
    cell.map_or(Raw::Null, |text| Raw::Text(text.into()))
}

/// The shortest decimal that means a binary number, without zeros at its end.
pub(crate) fn shortest(float: f64) -> Option<Decimal> {
    // written without exponent, however large or small
    Decimal::from_str_exact(&float.to_string()).ok().map(|number| number.normalize())
}

/// The same of one of 32 bits, which fewer digits tell from its neighbours.
pub(crate) fn shortest_single(single: f32) -> Option<Decimal> {
    Decimal::from_str_exact(&single.to_string()).ok().map(|number| number.normalize())
}

fn single(cell: Option<f32>) -> Result<Raw, Unreadable> {
    let Some(single) = cell else { return Ok(Raw::Null) };
    shortest_single(single).map(Raw::Decimal).ok_or(Unreadable)
}

fn float(cell: Option<f64>) -> Result<Raw, Unreadable> {
    let Some(float) = cell else { return Ok(Raw::Null) };
    shortest(float).map(Raw::Decimal).ok_or(Unreadable)
}

fn date(cell: Option<NaiveDate>) -> Result<Raw, Unreadable> {
    let Some(date) = cell else { return Ok(Raw::Null) };
    civil_date(date).map(Raw::Date).ok_or(Unreadable)
}

fn time(micros: i64) -> Result<Raw, Unreadable> {
    clock::time_of(micros).map(Raw::Time).ok_or(Unreadable)
}

fn date_time(cell: Option<NaiveDateTime>) -> Result<Raw, Unreadable> {
    use chrono::Timelike as _;
    let Some(at) = cell else { return Ok(Raw::Null) };
    let read = || {
        let part = |part: u32| i8::try_from(part).ok();
        let (hour, minute, second) = (part(at.hour())?, part(at.minute())?, part(at.second())?);
        let nanos = i32::try_from(at.nanosecond()).ok()?;
        let time = civil::Time::new(hour, minute, second, nanos).ok()?;
        Some(civil_date(at.date())?.to_datetime(time))
    };
    read().map(Raw::DateTime).ok_or(Unreadable)
}

fn instant(cell: Option<DateTime<Utc>>) -> Result<Raw, Unreadable> {
    let Some(at) = cell else { return Ok(Raw::Null) };
    Timestamp::from_microsecond(at.timestamp_micros()).map(Raw::Instant).map_err(|_| Unreadable)
}

fn civil_date(date: NaiveDate) -> Option<Date> {
    use chrono::Datelike as _;
    let (year, month) = (i16::try_from(date.year()).ok()?, i8::try_from(date.month()).ok()?);
    Date::new(year, month, i8::try_from(date.day()).ok()?).ok()
}

fn chrono_date(date: Date) -> Option<NaiveDate> {
    let (month, day) = (u32::try_from(date.month()).ok()?, u32::try_from(date.day()).ok()?);
    NaiveDate::from_ymd_opt(i32::from(date.year()), month, day)
}

fn chrono_time(time: civil::Time) -> Option<NaiveTime> {
    let part = |part: i8| u32::try_from(part).ok();
    let (hour, minute, second) = (part(time.hour())?, part(time.minute())?, part(time.second())?);
    let nanos = u32::try_from(time.subsec_nanosecond()).ok()?;
    NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)
}

fn chrono_at(at: civil::DateTime) -> Option<NaiveDateTime> {
    Some(chrono_date(at.date())?.and_time(chrono_time(at.time())?))
}
