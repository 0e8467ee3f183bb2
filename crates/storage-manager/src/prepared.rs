//! Statements that are made once: a request of the same shape finds its statement ready, and only
//! puts its own values in.
//!
//! While a statement is made, a value that comes with each request stands in it as a marker; where
//! that value decides what the statement looks like (a bound between two cells, an argument that
//! is folded away), the statement is made for this request alone.

use std::cell::RefCell;
use std::collections::BTreeMap;

use caruso_database::{Codec, Moment, Place as Among};
use caruso_expression::Value;
use caruso_object_model::{AttributeType, key};
use sea_orm::sea_query::{SelectStatement, Value as Cell, Values};
use sea_orm::{DbBackend, Statement};

use crate::page::{Order, Ordering, Place};
use crate::rights::Sight;

/// What a marker begins with; no text of a database has a NUL.
const MARKER: &str = "\0caruso:";
/// The limit that stands for that of a request.
const LIMIT: u64 = u64::MAX >> 1;

/// What requests have in common that the same statement answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) class: String,
    /// `None` for one object by its key.
    pub(crate) query: Option<QueryShape>,
}

/// What queries have in common that the same statement answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct QueryShape {
    pub(crate) filter: String,
    /// Names of the arguments, with their kinds.
    pub(crate) arguments: Vec<(String, &'static str)>,
    pub(crate) order: Vec<Order>,
    pub(crate) path: Option<String>,
    /// Of the place that the page before ended at: which cells are missing.
    pub(crate) place: Option<Vec<bool>>,
    pub(crate) allows_scan: bool,
}

/// A value that comes with each request.
#[derive(Debug, Clone)]
pub(crate) enum Slot {
    /// An argument, as a column holds it; as it is, without one.
    Argument(String, Option<Codec>),
    /// The day of an argument, as one of two columns holds it.
    Day(String, Moment, Codec),
    /// A part of the key that is asked for or led to.
    Key(usize, Codec),
    /// A cell of the place that the page before ended at.
    Place(usize, Codec),
}

/// The slots of a statement while it is made.
#[derive(Debug, Default)]
pub(crate) struct Slots(RefCell<Vec<Slot>>);

impl Slots {
    /// Enters a slot; answers with what stands for it in the statement.
    pub(crate) fn marker(&self, slot: Slot) -> Cell {
        let mut slots = self.0.borrow_mut();
        slots.push(slot);
        Cell::String(Some(format!("{MARKER}{}", slots.len() - 1)))
    }

    /// How often an argument stands in the statement.
    pub(crate) fn arguments(&self) -> usize {
        self.0.borrow().iter().filter(|slot| matches!(slot, Slot::Argument(..))).count()
    }
}

/// What comes with a request.
#[derive(Debug, Default)]
pub(crate) struct Given<'a> {
    pub(crate) key: Option<&'a str>,
    pub(crate) arguments: Option<&'a BTreeMap<String, Value>>,
    pub(crate) place: Option<&'a Place>,
    pub(crate) limit: u64,
}

/// A statement, and how its rows are read.
#[derive(Debug)]
pub(crate) struct Prepared {
    backend: DbBackend,
    text: String,
    values: Vec<Bound>,
    /// How many parts a key has that is asked for or led to.
    parts: usize,
    pub(crate) sight: Sight,
    pub(crate) ordering: Option<Ordering>,
}

#[derive(Debug)]
enum Bound {
    Cell(Cell),
    Slot(Slot),
    Limit,
}

impl Prepared {
    /// Takes a statement down whose values are markers where they come with each request. With a
    /// limit, it is left to the request.
    pub(crate) fn new(
        backend: DbBackend,
        mut select: SelectStatement,
        slots: Slots,
        sight: Sight,
        ordering: Option<Ordering>,
    ) -> Self {
        let slots = slots.0.into_inner();
        if ordering.is_some() {
            select.limit(LIMIT);
        }
        let statement = backend.build(&select);
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let bound = |cell: Cell| match &cell {
            Cell::BigUnsigned(Some(LIMIT)) => Bound::Limit,
            Cell::String(Some(text)) => {
                let slot = text.strip_prefix(MARKER).and_then(|number| number.parse().ok());
                let slot = slot.and_then(|number: usize| slots.get(number));
                slot.map_or(Bound::Cell(cell), |slot| Bound::Slot(slot.clone()))
            }
            _ => Bound::Cell(cell),
        };
        let of_key = |slot: &&Slot| matches!(slot, Slot::Key(..));
        let parts = slots.iter().filter(of_key).count();
        let values = values.into_iter().map(bound).collect();
        Self { backend, text: statement.sql, values, parts, sight, ordering }
    }

    /// The statement with the values of a request; `None` where they do not fit in as they are.
    pub(crate) fn statement(&self, given: &Given<'_>) -> Option<Statement> {
        let key = match given.key {
            Some(text) => key::split(text, self.parts)?,
            None => Vec::new(),
        };
        let values = self.values.iter().map(|bound| match bound {
            Bound::Cell(cell) => Some(cell.clone()),
            Bound::Limit => Some(Cell::BigUnsigned(Some(given.limit))),
            Bound::Slot(Slot::Key(part, codec)) => codec.encode_key(key.get(*part)?),
            Bound::Slot(Slot::Place(term, codec)) => codec.cell(given.place?.cell(*term)?.clone()),
            Bound::Slot(Slot::Argument(name, codec)) => {
                let value = given.arguments?.get(name)?;
                match codec {
                    None => Some(Cell::from(value.as_text()?.to_owned())),
                    Some(codec) => argument(codec, value),
                }
            }
            Bound::Slot(Slot::Day(name, moment, codec)) => {
                let at = read(&AttributeType::Instant, given.arguments?.get(name)?)?;
                codec.encode(&moment.day(&at)?)
            }
        });
        let values = values.collect::<Option<Vec<Cell>>>()?;
        let db_backend = self.backend;
        Some(Statement { sql: self.text.clone(), values: Some(Values(values)), db_backend })
    }
}

/// An argument as the cell that is exactly it.
fn argument(codec: &Codec, value: &Value) -> Option<Cell> {
    let value = read(codec.ty(), value)?;
    if codec.codes().is_some() {
        return codec.encode(&value);
    }
    match codec.place(&value) {
        Among::At(cell, true) => Some(cell),
        _ => None,
    }
}

/// An argument as a value of a type: days and instants may be given as texts.
fn read(ty: &AttributeType, value: &Value) -> Option<Value> {
    match (ty, value) {
        (AttributeType::Date, Value::Text(text)) => text.parse().ok().map(Value::Date),
        (AttributeType::Instant, Value::Text(text)) => text.parse().ok().map(Value::Instant),
        _ => Some(value.clone()),
    }
}
