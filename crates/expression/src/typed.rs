//! The typed tree: what the checker makes and what the evaluator and others walk.

use std::ops::Range;

use crate::{Type, Value};

/// An expression that has passed the checker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub(crate) root: Typed,
}

impl Checked {
    /// The outermost node, to be walked by a compiler.
    pub fn root(&self) -> &Typed {
        &self.root
    }

    /// The type of the whole.
    pub fn type_of(&self) -> &Type {
        &self.root.ty
    }

    /// A part of a checked expression that stands alone: what was reached through an object is now
    /// a name of its class.
    pub fn of_part(root: Typed) -> Self {
        Self { root }
    }
}

/// A node with its type and its bytes in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Bytes of the source.
    pub at: Range<usize>,
    /// Its type; never optional where the checker proved the value to be there.
    pub ty: Type,
    /// What it is.
    pub kind: TypedKind,
}

impl Typed {
    /// The nodes right below.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            TypedKind::Literal(_) | TypedKind::Variable(_) | TypedKind::Local(_) => Vec::new(),
            TypedKind::List(parts) | TypedKind::And(parts) | TypedKind::Or(parts) => {
                parts.iter().collect()
            }
            TypedKind::Call(_, parts) => parts.iter().collect(),
            TypedKind::Conditional(parts) => parts.iter().collect(),
            TypedKind::Member(of, _)
            | TypedKind::Not(of)
            | TypedKind::IsTrue(of)
            | TypedKind::IsPresent(of)
            | TypedKind::Negate(of)
            | TypedKind::Size(of)
            | TypedKind::Part(_, of)
            | TypedKind::Convert(_, of) => vec![of],
            TypedKind::Compare(_, one, other)
            | TypedKind::In(one, other)
            | TypedKind::Text(_, one, other)
            | TypedKind::Arithmetic(_, one, other)
            | TypedKind::OrElse(one, other)
            | TypedKind::Each(_, one, other) => vec![one, other],
        }
    }

    /// The nodes right below, to be changed.
    pub fn children_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            TypedKind::Literal(_) | TypedKind::Variable(_) | TypedKind::Local(_) => Vec::new(),
            TypedKind::List(parts) | TypedKind::And(parts) | TypedKind::Or(parts) => {
                parts.iter_mut().collect()
            }
            TypedKind::Call(_, parts) => parts.iter_mut().collect(),
            TypedKind::Conditional(parts) => parts.iter_mut().collect(),
            TypedKind::Member(of, _)
            | TypedKind::Not(of)
            | TypedKind::IsTrue(of)
            | TypedKind::IsPresent(of)
            | TypedKind::Negate(of)
            | TypedKind::Size(of)
            | TypedKind::Part(_, of)
            | TypedKind::Convert(_, of) => vec![of],
            TypedKind::Compare(_, one, other)
            | TypedKind::In(one, other)
            | TypedKind::Text(_, one, other)
            | TypedKind::Arithmetic(_, one, other)
            | TypedKind::OrElse(one, other)
            | TypedKind::Each(_, one, other) => vec![one, other],
        }
    }
}

/// The kinds of typed node. Operands of `Not`, `And`, `Or`, the condition of `Conditional` and
/// the body of `exists`, `all` and `filter` are plain bools, never missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedKind {
    /// A constant; text at the place of a date, instant, money or choice is already converted. A
    /// list of constants is one constant.
    Literal(Value),
    /// A list of which some element is no constant.
    List(Vec<Typed>),
    /// A name of the schema.
    Variable(String),
    /// The variable of an enclosing [`TypedKind::Each`], counted from the outermost.
    Local(usize),
    /// An attribute or relation of an object; missing when the object is.
    Member(Box<Typed>, String),
    /// The amount or the currency of money; missing when that is.
    Part(MoneyPart, Box<Typed>),
    /// Negation.
    Not(Box<Typed>),
    /// All are true. As in CEL, one false wins over an error in another.
    And(Vec<Typed>),
    /// One is true. As in CEL, one true wins over an error in another.
    Or(Vec<Typed>),
    /// A bool that may be missing, taken as false then.
    IsTrue(Box<Typed>),
    /// `has(x)`, `x != null`.
    IsPresent(Box<Typed>),
    /// A comparison of two values; false when either is missing.
    Compare(Comparison, Box<Typed>, Box<Typed>),
    /// Element of a list; false when either is missing.
    In(Box<Typed>, Box<Typed>),
    /// A test on two texts; false when either is missing.
    Text(TextTest, Box<Typed>, Box<Typed>),
    /// Change of sign; missing when the operand is.
    Negate(Box<Typed>),
    /// Numbers, `+` on texts, money with money or a number; missing when either operand is.
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    /// `condition ? then : otherwise`.
    Conditional(Box<[Typed; 3]>),
    /// `x.or(default)`.
    OrElse(Box<Typed>, Box<Typed>),
    /// Letters of a text or elements of a list; missing when the operand is.
    Size(Box<Typed>),
    /// `string(x)`, `int(x)`; missing when the operand is.
    Convert(Conversion, Box<Typed>),
    /// A function of the calendar or the clock; missing when an argument is.
    Call(Function, Vec<Typed>),
    /// A macro over a list: list, then body. A missing list counts as empty.
    Each(Each, Box<Typed>, Box<Typed>),
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Tests on texts, by code points, case and accents respected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// Arithmetic. Division and remainder are of whole numbers, towards zero; money divided by a number
/// has its exact result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// `string(x)`.
    ToText,
    /// `money(x)` of a text (an error when it is no amount with a currency).
    ToMoney,
    /// `int(x)` of a text (an error when it is not a whole number) or a decimal (towards zero).
    ToInt,
}

/// Functions of the calendar and the clock. A method has its receiver as the first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `days(n)`, `weeks(n)`, `months(n)`, `years(n)`: so much for each of an int.
    Period {
        /// Months.
        months: i64,
        /// Days.
        days: i64,
    },
    /// `hours(n)`, `minutes(n)`, `seconds(n)`: so much for each of an int.
    Duration {
        /// Seconds.
        seconds: i64,
    },
    /// `date(text)`.
    ToDate,
    /// `time(text)`.
    ToTime,
    /// `timestamp(text)`, and of seconds since 1970.
    ToInstant,
    /// `duration(text)`.
    ToDuration,
    /// `instant.date(zone)`.
    DateIn,
    /// `instant.time(zone)`.
    TimeIn,
    /// `date.at(time, zone)`. Of a time that the clocks show twice it is the first, of one that
    /// they skip as much later as they skip.
    At,
    /// An int of a date, a time, an instant in a zone (UTC, if none is named) or a duration.
    Part(Part),
}

/// What [`Function::Part`] gives. Those that count from 0 are CEL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Year,
    Month,
    Month0,
    Day,
    Day0,
    /// 1 is Monday.
    Weekday,
    /// 0 is Sunday.
    Weekday0,
    DayOfYear0,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Part {
    pub(crate) fn is_of_clock(self) -> bool {
        matches!(self, Self::Hours | Self::Minutes | Self::Seconds | Self::Milliseconds)
    }
}

/// What money is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyPart {
    /// `x.amount`, a decimal.
    Amount,
    /// `x.currency`, a text.
    Currency,
}

/// Macros over lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// One element fulfils the body.
    Exists,
    /// All elements fulfil the body.
    All,
    /// The elements that fulfil the body.
    Filter,
    /// The body of each element.
    Map,
}
