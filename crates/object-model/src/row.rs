//! Rows of a CSV file as objects to be, in words of the model.
//!
//! The first row names attributes and relations to one; an empty field is a missing value, the
//! field of a relation holds the key of the other object as text ([`key`]).

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use caruso_expression::Value;
use caruso_markup::suggest;

use crate::constraint::broken;
use crate::model::{Attribute, Class, KeySource, Member, Model, ToOne};
use crate::unit_of_work::{attribute_reason, columns, required};
use crate::{key, literal};

/// A new object: attributes, and keys of relations as texts, by name; what is missing is absent.
pub type Row = BTreeMap<String, Value>;

/// Why a row is not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The attribute, relation or constraint; empty when the whole row is meant.
    pub name: String,
    /// What is wrong; never contains the value.
    pub reason: String,
}

impl Refusal {
    /// A refusal because of a member or constraint.
    pub fn new(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), reason: reason.into() }
    }
}

/// Why the rows of a file are not read at all.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    File(#[from] csv::Error),
    /// The first row does not name members of the class.
    #[error("{}", .0.join("; "))]
    Columns(Vec<String>),
}

/// Where a row starts, so that reading can go on there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    /// Bytes before it.
    pub byte: u64,
    /// Its line, from 1.
    pub line: u64,
    /// Rows before it, the first row with the names included.
    pub record: u64,
}

/// A row as it was read.
#[derive(Debug, Clone)]
pub struct Record {
    fields: csv::ByteRecord,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// The values that its fields mean.
    pub row: Row,
    /// What is wrong with single fields; the row has no values for them.
    pub refusals: Vec<Refusal>,
}

impl Record {
    /// The fields as they stand in the file.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        self.fields.iter()
    }
}

/// The last column of a file of refused rows. It is passed over where such a file is read again,
/// unless the class has a member of this name.
pub const REASON: &str = "reason";

/// The rows of a file, one after the other; the whole is never held.
#[derive(Debug)]
pub struct Rows<'m, R> {
    model: &'m Model,
    class: &'m Class,
    columns: Vec<String>,
    has_reasons: bool,
    reader: csv::Reader<R>,
}

impl<'m, R: Read + Seek> Rows<'m, R> {
    /// Reads the names in the first row. Whether all that a new object needs is among them is
    /// asked of each row ([`refusals`]).
    ///
    /// # Errors
    ///
    /// [`RowsError`] when the file is no CSV, or names what is no member to be given.
    pub fn new(model: &'m Model, class: &'m Class, file: R) -> Result<Self, RowsError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let mut columns = reader.headers()?.iter().map(str::to_owned).collect::<Vec<_>>();
        let has_reasons =
            columns.pop_if(|last| last == REASON && is_strange(class, last)).is_some();
        let strange: Vec<String> = strange_columns(class, &columns)
            .into_iter()
            .map(|(message, suggestion)| match suggestion {
                Some(suggestion) => format!("{message}, {suggestion}"),
                None => message,
            })
            .collect();
        if !strange.is_empty() {
            return Err(RowsError::Columns(strange));
        }
        Ok(Self { model, class, columns, has_reasons, reader })
    }

    /// The names in the first row.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Where the next row starts.
    pub fn start(&self) -> Start {
        let place = self.reader.position();
        Start { byte: place.byte(), line: place.line(), record: place.record() }
    }

    /// Goes on at a row that was found with [`Rows::start`] in the same file.
    ///
    /// # Errors
    ///
    /// [`RowsError::File`] when the file is shorter.
    pub fn go_on(&mut self, start: Start) -> Result<(), RowsError> {
        let mut place = csv::Position::new();
        place.set_byte(start.byte).set_line(start.line).set_record(start.record);
        Ok(self.reader.seek(place)?)
    }

    /// The next row; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// [`RowsError::File`].
    pub fn read(&mut self) -> Result<Option<Record>, RowsError> {
        let mut fields = csv::ByteRecord::new();
        if !self.reader.read_byte_record(&mut fields)? {
            return Ok(None);
        }
        let line = fields.position().map_or(1, csv::Position::line);
        if self.has_reasons && fields.len() == self.columns.len() + 1 {
            fields.truncate(self.columns.len());
        }
        let (mut row, mut refusals) = (Row::new(), Vec::new());
        if fields.len() != self.columns.len() {
            let reason = format!("it has {} fields, not {}", fields.len(), self.columns.len());
            refusals.push(Refusal::new("", reason));
            return Ok(Some(Record { fields, line, row, refusals }));
        }
        for (name, field) in self.columns.iter().zip(&fields) {
            let value = match std::str::from_utf8(field) {
                Ok(text) => member_value(self.model, self.class, name, text),
                Err(_) => Err("this is not UTF-8".to_owned()),
            };
            match value {
                Ok(Value::Null) => {}
                Ok(value) => {
                    row.insert(name.clone(), value);
                }
                Err(reason) => refusals.push(Refusal::new(name, reason)),
            }
        }
        Ok(Some(Record { fields, line, row, refusals }))
    }
}

fn is_strange(class: &Class, column: &str) -> bool {
    !strange_columns(class, &[column.to_owned()]).is_empty()
}

/// Why an object cannot be as a whole: what is required and missing, relations that share a column
/// with another value, constraints that do not hold. `known` is what is wrong with single fields;
/// nothing more is said of those.
pub fn refusals(model: &Model, class: &Class, row: &Row, known: &[Refusal]) -> Vec<Refusal> {
    if known.iter().any(|it| it.name.is_empty()) {
        return Vec::new();
    }
    let is_known = |name: &str| known.iter().any(|it| it.name == name);
    let mut refusals: Vec<Refusal> = required(class)
        .filter(|name| !row.contains_key(*name) && !is_known(name))
        .map(|name| Refusal::new(name, "a value is required"))
        .collect();
    // only relations share columns
    if !class.to_one().is_empty() {
        let conflicts = columns::conflicts(model, class, None, row).into_iter();
        refusals.extend(conflicts.map(|(name, reason)| Refusal::new(name, reason)));
    }
    // of a row with a mistake nobody knows which values were meant
    if refusals.is_empty() && known.is_empty() {
        let broken = broken(class, row).into_iter();
        let reason = "the constraint does not hold";
        refusals.extend(broken.map(|constraint| Refusal::new(&constraint.name, reason)));
    }
    refusals
}

/// Columns that cannot be given, with suggestions.
pub(crate) fn strange_columns(class: &Class, columns: &[String]) -> Vec<(String, Option<String>)> {
    let mut strange = Vec::new();
    for (index, name) in columns.iter().enumerate() {
        let is_assigned = class.key_source == KeySource::Assigned && class.is_key(name);
        let is_single = matches!(class.member(name), Some(Member::Attribute(_) | Member::ToOne(_)));
        let message = if !is_single || is_assigned {
            format!("`{}` has no `{name}` to be given", class.name)
        } else if columns[..index].contains(name) {
            format!("column `{name}` stands twice")
        } else {
            continue;
        };
        strange.push((message, suggest(name, class.member_names().filter(|known| known != name))));
    }
    strange
}

/// The value of a field; [`Value::Null`] when it is empty.
pub(crate) fn member_value(
    model: &Model,
    class: &Class,
    name: &str,
    text: &str,
) -> Result<Value, String> {
    match class.member(name) {
        Some(Member::Attribute(attribute)) => attribute_value(class, attribute, text),
        Some(Member::ToOne(relation)) => reference(model, relation, text),
        _ => Ok(Value::Null),
    }
}

/// The value of a field that breaks no rule of its attribute; whether one is required is asked of
/// the whole row.
fn attribute_value(class: &Class, attribute: &Attribute, text: &str) -> Result<Value, String> {
    let value = literal::value(&attribute.ty, text)?;
    match attribute_reason(class, attribute, &value) {
        Some(reason) if !value.is_null() => Err(reason),
        _ => Ok(value),
    }
}

/// The key of the object that a relation leads to.
fn reference(model: &Model, relation: &ToOne, text: &str) -> Result<Value, String> {
    match model.target(relation).filter(|_| !text.is_empty()) {
        Some(target) => Ok(Value::from(key::text(&key::values(target, text)?))),
        None => Ok(Value::Null),
    }
}
