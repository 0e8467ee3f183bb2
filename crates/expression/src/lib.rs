//! The one expression language of Caruso: guards, filters, computed values.
//!
//! It has the syntax and the meaning of [CEL](https://github.com/google/cel-spec), with exact
//! decimals in place of floats, a static checker, and words for the operators that XML would
//! make unreadable (`and or not eq ne lt le gt ge`). An expression goes through three steps:
//!
//! 1. [`parse`] turns text into an [`Expression`] and refuses what is too long, too large or too
//!    deep *before* anything recurses over it;
//! 2. [`check`] gives every part a [`Type`] against a [`Schema`]: unknown names, mixed types,
//!    impossible comparisons and values that may be missing are errors with their place;
//! 3. [`Checked::evaluate`] computes a [`Value`] within a [`Budget`] of steps and bytes.
//!
//! Invariant: no input makes any step panic, recurse without bound, or run longer than its
//! budget; and the same checked expression over the same values gives the same value, always.
//! There is no clock, no randomness and no float here. Days are of the calendar, points in time are
//! not: one becomes the other in a zone that is named.
//!
//! Missing values are two-valued: a comparison with a missing value is false, so `not (a eq 1)`
//! is true where `a` is missing. Only `a == null` and `has(a)` ask for missing itself.
//!
//! Money is an amount with its currency: `money('12.50 EUR')`, or such a text at the place of
//! money. Amounts of different currencies are not equal, neither less nor greater, and adding
//! them up is an error. A division has its exact result or none.
//!
//! What it is not: it knows no XML (offsets are bytes of the expression's own text), no SQL (the
//! storage manager walks [`Typed`] for that) and no rates of exchange.
//!
//! ```
//! use std::collections::BTreeMap;
//! use caruso_expression::{Budget, Choice, Type, Value, check, parse};
//!
//! let segment = Type::choice("segment", ["household", "business"]);
//! let schema = BTreeMap::from([
//!     ("segment".to_owned(), segment),
//!     ("usage".to_owned(), Type::Decimal.optional()),
//! ]);
//! let expression = parse("segment eq 'business' and usage.or(0) gt 99.5")?;
//! let checked = check(&expression, &schema, Some(&Type::Bool)).map_err(|all| all[0].clone())?;
//!
//! let values = BTreeMap::from([("segment".to_owned(), Value::from("business"))]);
//! assert_eq!(checked.evaluate(&values, Budget::default()), Ok(Value::Bool(false)));
//! # Ok::<(), caruso_expression::Error>(())
//! ```

mod arithmetic;
mod calendar;
mod check;
pub mod codes;
mod definition;
mod error;
mod evaluate;
mod lex;
mod money;
mod parse;
mod print;
mod tree;
mod typed;
mod types;
mod value;

pub use calendar::Period;
pub use check::{MAX_DEFINED_DEPTH, MAX_DEFINED_NODES, check};
pub use definition::{Definition, Hit, Rule};
pub use error::Error;
pub use evaluate::{Budget, EvalError, Values};
pub use money::{Currency, Money, NotMoney};
pub use parse::{MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES, parse};
pub use tree::{Expression, Kind, Literal, Node, Operator};
pub use typed::{
    Arithmetic, Checked, Comparison, Conversion, Each, Function, MoneyPart, Part, TextTest, Typed,
    TypedKind,
};
pub use types::{Choice, Missing, Schema, Type};
pub use value::{Object, Value};

#[cfg(test)]
mod tests;
