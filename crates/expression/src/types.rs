//! Types, and the schema that gives names their types.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::definition::Definition;
use crate::money::Currency;

/// The type of a name or of a part of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// An exact decimal number of up to 28 digits. Whole numbers mix with decimals.
    Decimal,
    /// An amount of money, of this currency if it is known.
    Money(Option<Currency>),
    /// Unicode text.
    Text,
    /// A day of the calendar, without zone.
    Date,
    /// A time of day, without zone.
    Time,
    /// A point in time.
    Instant,
    /// A length of time in seconds.
    Duration,
    /// Days and months of the calendar.
    Period,
    /// One of a known set of values; held as text.
    Choice(Arc<Choice>),
    /// A list of one type.
    List(Arc<Type>),
    /// A business object, by the name of its class.
    Object(Arc<str>),
    /// A value that may be missing. Never nested.
    Optional(Arc<Type>),
    /// The type of the word `null` alone.
    Null,
}

/// An enumeration: its name and its values in their declared order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The name of the enumeration, for messages and for comparing two choices.
    pub name: String,
    /// The values as they are written in expressions.
    pub values: Vec<String>,
}

impl Type {
    /// A choice type from its name and values.
    pub fn choice<S: Into<String>>(
        name: impl Into<String>,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::Choice(Arc::new(Choice { name: name.into(), values }))
    }

    /// A list of this type.
    pub fn list(self) -> Self {
        Self::List(Arc::new(self))
    }

    /// The same type, possibly missing.
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Null => self,
            present => Self::Optional(Arc::new(present)),
        }
    }

    /// True when a value of this type may be missing.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_) | Self::Null)
    }

    /// The type that remains once the value is known to be there.
    pub fn present(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// The type that holds values of both; nothing where there is none.
    pub fn unified(&self, other: &Self) -> Option<Self> {
        let present = match (self.present(), other.present()) {
            (Self::Null, other) | (other, Self::Null) => return Some(other.clone().optional()),
            (Self::Int, Self::Decimal) | (Self::Decimal, Self::Int) => Self::Decimal,
            (left, right) if left == right => left.clone(),
            (Self::Money(_), Self::Money(_)) => Self::Money(None),
            _ => return None,
        };
        let is_optional = self.is_optional() || other.is_optional();
        Some(if is_optional { present.optional() } else { present })
    }

    /// True for whole and decimal numbers.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Decimal => f.write_str("decimal"),
            Self::Money(None) => f.write_str("money"),
            Self::Money(Some(currency)) => write!(f, "money in {currency}"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Instant => f.write_str("instant"),
            Self::Duration => f.write_str("duration"),
            Self::Period => f.write_str("period"),
            Self::Choice(choice) => write!(f, "choice `{}`", choice.name),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Object(class) => write!(f, "object `{class}`"),
            Self::Optional(present) => write!(f, "{present} that may be missing"),
            Self::Null => f.write_str("null"),
        }
    }
}

/// What the checker thinks of a value that may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// An error, unless `has(x)`, `x == null` or `x.or(default)` guards it. For scripts.
    MustBeGuarded,
    /// Allowed: a comparison with it is false, arithmetic with it is missing. For filters.
    ComparesFalse,
}

/// Gives names their types. Implemented by scripts (answers, data) and by the object model.
pub trait Schema {
    /// The type of a free name.
    fn variable(&self, name: &str) -> Option<Type>;

    /// The type of an attribute or relation of a class.
    fn member(&self, class: &str, name: &str) -> Option<Type>;

    /// All free names, for "did you mean".
    fn variables(&self) -> Vec<String>;

    /// All attributes and relations of a class, for "did you mean".
    fn members(&self, class: &str) -> Vec<String>;

    /// What a free name stands for, where it is a name for expressions.
    fn definition(&self, _name: &str) -> Option<&Definition> {
        None
    }

    /// The values of a record: a name that is no value by itself, each of whose values is a free
    /// name, as `advice.tariff`.
    fn values_of(&self, _record: &str) -> Option<Vec<String>> {
        None
    }

    /// How to treat values that may be missing.
    fn missing(&self) -> Missing {
        Missing::MustBeGuarded
    }
}

/// Names without business objects.
impl Schema for BTreeMap<String, Type> {
    fn variable(&self, name: &str) -> Option<Type> {
        self.get(name).cloned()
    }

    fn member(&self, _class: &str, _name: &str) -> Option<Type> {
        None
    }

    fn variables(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn members(&self, _class: &str) -> Vec<String> {
        Vec::new()
    }
}
