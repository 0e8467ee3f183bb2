//! Which codec fits an attribute and a column.

use caruso_object_model::{AttributeType, Clock, Digits, Enumeration, Form, Stored};
use jiff::tz::TimeZone;
use sea_orm::DbBackend;

use super::{Codec, Digital, Way};
use crate::physical::{Collation, Physical};
use crate::raw::{Raw, Wire};

/// Why an attribute does not fit a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

fn unfit<T>(message: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit(message.into()))
}

impl Codec {
    /// The codec of an attribute in a column of a live database. `declared` is the column's type in
    /// the words of the database, for messages.
    ///
    /// # Errors
    ///
    /// [`Unfit`] when the type of the column cannot hold such values, or nothing says how.
    pub fn resolve(
        backend: DbBackend,
        ty: &AttributeType,
        stored: &Stored,
        physical: &Physical,
        declared: &str,
    ) -> Result<Self, Unfit> {
        let wire = wire(backend, physical, declared)?;
        let is_padded = matches!(physical, Physical::Text { is_padded: true, .. });
        let mut way = way(ty, stored, physical, wire).map_err(|hint| {
            let what = match stored.form {
                Form::Time(_) => "time of day",
                _ => ty.word(),
            };
            let a = if what == "money" { "" } else { "a " };
            Unfit(format!("{a}{what} is not read from `{declared}`{hint}"))
        })?;
        let missing = stored.missing.iter().map(|text| raw(wire, text).ok_or(text));
        let missing = match missing.collect::<Result<Vec<_>, _>>() {
            Ok(missing) => missing,
            Err(text) => {
                return unfit(format!("`{declared}` cannot hold the missing value `{text}`"));
            }
        };
        let collation = match physical {
            Physical::Text { collation, .. } => *collation,
            // MariaDB compares its enumerations as their column's collation does
            Physical::Enum { name: None, .. } => Collation::Loose,
            _ => Collation::Exact,
        };
        let cast = match (backend, physical) {
            (DbBackend::Postgres, Physical::Text { is_padded: true, .. }) => Some("bpchar".into()),
            (DbBackend::Postgres, Physical::Enum { name, .. }) => name.clone(),
            _ => None,
        };
        if is_padded {
            way.trim();
        }
        Ok(Self { ty: ty.clone(), way, wire, missing, is_padded, cast, collation })
    }

    /// The codec of a value that the database computes, in the form that is its own.
    pub fn computed(backend: DbBackend, ty: &AttributeType) -> Self {
        // constants and what is made of them have the collation of the connection
        let collation = match backend {
            DbBackend::Sqlite => Collation::Exact,
            DbBackend::Postgres => Collation::Sorted,
            _ => Collation::Loose,
        };
        let physical = match (backend, ty) {
            (_, AttributeType::Int) => Physical::Int { bits: 64, is_unsigned: false },
            (DbBackend::Postgres, AttributeType::Bool) => Physical::Bool,
            (_, AttributeType::Bool) => Physical::Int { bits: 64, is_unsigned: false },
            (DbBackend::Sqlite, AttributeType::Decimal(_) | AttributeType::Money { .. }) => {
                Physical::Float
            }
            (_, AttributeType::Decimal(_) | AttributeType::Money { .. }) => {
                Physical::Decimal { precision: None, scale: None }
            }
            (DbBackend::Postgres | DbBackend::MySql, AttributeType::Date) => Physical::Date,
            (DbBackend::Postgres, AttributeType::Instant) => Physical::Instant,
            (DbBackend::MySql, AttributeType::Instant) => Physical::DateTime,
            _ => Physical::Text { length: None, is_padded: false, collation },
        };
        let stored = Stored::default();
        Self::resolve(backend, ty, &stored, &physical, "").unwrap_or_else(|_| {
            // a choice whose codes are texts always fits a text
            Self {
                ty: ty.clone(),
                way: Way::Text,
                wire: Wire::Text,
                missing: Vec::new(),
                is_padded: false,
                cast: None,
                collation,
            }
        })
    }
}

impl Way {
    /// Takes the blanks off the ends of codes.
    fn trim(&mut self) {
        let trimmed = |raw: &Raw| match raw {
            Raw::Text(text) => Raw::Text(text.trim_end_matches(' ').into()),
            other => other.clone(),
        };
        match self {
            Self::Flags(yes, no) => (*yes, *no) = (trimmed(yes), trimmed(no)),
            Self::Codes(codes) => {
                *codes = codes.iter().map(|(name, raw)| (name.clone(), trimmed(raw))).collect();
            }
            _ => {}
        }
    }
}

impl Wire {
    /// True when cells of both compare as they are.
    pub(super) fn is_alike(self, other: Self) -> bool {
        self == other || matches!((self, other), (Self::Int { .. }, Self::Int { .. }))
    }
}

/// How cells of a column travel. A file has numbers and texts only.
fn wire(backend: DbBackend, physical: &Physical, declared: &str) -> Result<Wire, Unfit> {
    let is_file = backend == DbBackend::Sqlite;
    Ok(match physical {
        Physical::Bool if backend == DbBackend::Postgres => Wire::Bool,
        Physical::Bool => Wire::Int { bits: 64, is_unsigned: false },
        Physical::Int { bits, is_unsigned } => Wire::Int { bits: *bits, is_unsigned: *is_unsigned },
        Physical::Decimal { .. } if is_file => Wire::Float,
        Physical::Decimal { .. } => Wire::Decimal,
        Physical::Float => Wire::Float,
        Physical::Single => Wire::Single,
        Physical::Text { .. } => Wire::Text,
        Physical::Enum { name: Some(_), .. } => Wire::Enum,
        Physical::Enum { name: None, .. } => Wire::Text,
        Physical::Date
        | Physical::Time
        | Physical::DateTime
        | Physical::Instant
        | Physical::Uuid
            if is_file =>
        {
            Wire::Text
        }
        Physical::Time => Wire::Time,
        Physical::Date => Wire::Date,
        Physical::DateTime => Wire::DateTime,
        Physical::Instant => Wire::Instant,
        Physical::Uuid if backend == DbBackend::Postgres => Wire::Uuid,
        Physical::Uuid => Wire::Text,
        Physical::Json | Physical::Bytes | Physical::Other => {
            return unfit(format!("columns of type `{declared}` are not read"));
        }
    })
}

/// The way of an attribute in a column; the error is a hint.
fn way(
    ty: &AttributeType,
    stored: &Stored,
    physical: &Physical,
    wire: Wire,
) -> Result<Way, &'static str> {
    match ty {
        _ if matches!(stored.form, Form::Time(_)) => time_way(&stored.form, physical, wire),
        // what stands elsewhere is all that such a column holds
        _ if *physical == Physical::Time => {
            Err("; name it in `time-column`, beside the `column` of the day")
        }
        AttributeType::Bool => bool_way(&stored.form, wire),
        AttributeType::Int => int_way(&stored.form, physical, wire),
        AttributeType::Money { decimals, .. } if let Form::Money(form) = stored.form => {
            match wire {
                Wire::Text => Ok(Way::Money(form, *decimals)),
                _ => Err(" with its currency"),
            }
        }
        AttributeType::Money { currency: None, .. } if wire == Wire::Text => {
            Err("; say how it is written, as `stored=\"1234.50 EUR\"`")
        }
        AttributeType::Decimal(decimals) | AttributeType::Money { decimals, .. } => match wire {
            Wire::Int { .. } => Ok(Way::Scaled(*decimals)),
            Wire::Decimal | Wire::Float | Wire::Single => Ok(Way::Decimal(*decimals)),
            _ => Err(""),
        },
        AttributeType::Text(_) => match wire {
            Wire::Text | Wire::Enum => Ok(Way::Text),
            Wire::Uuid => Ok(Way::Uuid),
            _ => Err(""),
        },
        AttributeType::Date => date_way(&stored.form, physical, wire),
        AttributeType::Instant => instant_way(stored, physical, wire),
        AttributeType::Choice(enumeration) => choice_way(enumeration, wire),
    }
}

fn bool_way(form: &Form, wire: Wire) -> Result<Way, &'static str> {
    match (form, wire) {
        (Form::Flags { yes, no }, wire) => match (raw(wire, yes), raw(wire, no)) {
            (Some(yes), Some(no)) => Ok(Way::Flags(yes, no)),
            _ => Err(" with these two values"),
        },
        (_, Wire::Bool) => Ok(Way::Bool),
        (_, Wire::Int { .. }) => Ok(Way::BoolNumber),
        _ => Err("; say how it is stored, as `stored=\"J/N\"`"),
    }
}

fn int_way(form: &Form, physical: &Physical, wire: Wire) -> Result<Way, &'static str> {
    match (form, wire) {
        (Form::Padded(width), Wire::Text) => Ok(Way::Padded(*width)),
        (Form::Padded(_), _) => Err(" with leading zeros"),
        (_, Wire::Int { .. }) => Ok(Way::Int),
        (_, Wire::Decimal) if matches!(physical, Physical::Decimal { scale: Some(0), .. }) => {
            Ok(Way::IntDecimal)
        }
        (_, Wire::Text) => Err("; say how many digits it has, as `stored=\"padded:8\"`"),
        _ => Err(""),
    }
}

fn digital(physical: &Physical, wire: Wire) -> Option<Digital> {
    match (wire, physical) {
        (Wire::Int { .. }, _) => Some(Digital::Number),
        (Wire::Decimal, Physical::Decimal { scale: Some(0), .. }) => Some(Digital::Number),
        (Wire::Text, Physical::Text { .. }) => Some(Digital::Text),
        _ => None,
    }
}

fn date_way(form: &Form, physical: &Physical, wire: Wire) -> Result<Way, &'static str> {
    match (form, wire) {
        (Form::Digits(Digits::Yyyymmddhhmmss), _) => Err(" as fourteen digits"),
        (Form::Digits(form), wire) => match digital(physical, wire) {
            Some(digital) => Ok(Way::DateDigits(*form, digital)),
            None => Err(" as digits"),
        },
        (Form::JulianDay, Wire::Int { .. }) => Ok(Way::JulianDay),
        (Form::JulianDay, _) => Err(" as a Julian day number"),
        (_, Wire::Date) => Ok(Way::Date),
        (_, Wire::Text) => Ok(Way::DateText),
        (_, Wire::Int { .. }) => Err("; say how it is stored, as `stored=\"yyyymmdd\"`"),
        _ => Err(""),
    }
}

fn instant_way(stored: &Stored, physical: &Physical, wire: Wire) -> Result<Way, &'static str> {
    let zone = || stored.zone.clone().unwrap_or(TimeZone::UTC);
    match (&stored.form, wire) {
        (Form::Digits(Digits::Yyyymmddhhmmss), wire) => match digital(physical, wire) {
            Some(digital) => Ok(Way::LocalDigits(zone(), digital)),
            None => Err(" as digits"),
        },
        (Form::Epoch(unit), Wire::Int { .. }) => Ok(Way::Epoch(*unit)),
        (Form::Epoch(_), _) => Err(" as a count since 1970"),
        (_, Wire::Instant) => Ok(Way::Instant),
        (_, Wire::DateTime) => Ok(Way::Local(zone())),
        (_, Wire::Text) if stored.zone.is_some() || *physical == Physical::DateTime => {
            Ok(Way::LocalText(zone()))
        }
        (_, Wire::Text) => Ok(Way::InstantText),
        (_, Wire::Int { .. }) => Err("; say how it is stored, as `stored=\"epoch-seconds\"`"),
        _ => Err(""),
    }
}

fn time_way(form: &Form, physical: &Physical, wire: Wire) -> Result<Way, &'static str> {
    match (form, wire) {
        (Form::Time(Clock::Native), Wire::Time) => Ok(Way::Time),
        (Form::Time(Clock::Native), Wire::Text) => Ok(Way::TimeText),
        (Form::Time(Clock::Native), Wire::Int { .. } | Wire::Decimal) => {
            Err("; say how it is stored, as `time-stored=\"hhmmss\"`")
        }
        (Form::Time(Clock::Colon), Wire::Text) => Ok(Way::TimeMinute),
        (Form::Time(clock @ (Clock::Hhmmss | Clock::Hhmm)), wire) => {
            match digital(physical, wire) {
                Some(digital) => Ok(Way::TimeDigits(*clock, digital)),
                None => Err(" as digits"),
            }
        }
        _ => Err(" in this form"),
    }
}

fn choice_way(enumeration: &Enumeration, wire: Wire) -> Result<Way, &'static str> {
    if !matches!(wire, Wire::Text | Wire::Enum | Wire::Int { .. }) {
        return Err("");
    }
    let codes = enumeration.values.iter();
    let codes = codes.map(|value| Some((value.name.clone(), raw(wire, &value.stored)?)));
    match codes.collect::<Option<_>>() {
        Some(codes) => Ok(Way::Codes(codes)),
        None => Err(": not all of its codes are whole numbers"),
    }
}

/// A text of the model as a cell of the column.
fn raw(wire: Wire, text: &str) -> Option<Raw> {
    match wire {
        Wire::Int { .. } => text.parse().ok().map(Raw::Int),
        Wire::Decimal | Wire::Float | Wire::Single => text.parse().ok().map(Raw::Decimal),
        Wire::Text | Wire::Enum => Some(Raw::Text(text.into())),
        Wire::Date => text.parse().ok().map(Raw::Date),
        Wire::DateTime => text.parse().ok().map(Raw::DateTime),
        Wire::Instant => text.parse().ok().map(Raw::Instant),
        Wire::Bool | Wire::Time | Wire::Uuid => None,
    }
}
