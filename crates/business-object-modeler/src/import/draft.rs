//! The classes of a first model while it is made.

use std::collections::BTreeSet;

use caruso_database::{Catalog, Codec, Column, Physical, Table, TableKind, TableName};
use caruso_object_model::{AttributeType, Digits, Form, Stored, WrittenMoney};

use super::Options;
use super::columns;
use super::enums::Enums;
use super::keys;
use super::words;

/// Classes, one for each table that can be one.
pub(super) struct Draft<'a> {
    pub(super) options: &'a Options,
    pub(super) enums: Enums,
    pub(super) classes: Vec<Class<'a>>,
    /// What could not become a class, in sentences.
    pub(super) left_out: Vec<String>,
}

/// A class and what is to be said about it.
pub(super) struct Class<'a> {
    pub(super) table: &'a Table,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) key: Key,
    /// The column that counts changes.
    pub(super) revision: Option<String>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) to_one: Vec<ToOne>,
    pub(super) to_many: Vec<ToMany>,
    /// Sentences about the class.
    pub(super) notes: Vec<String>,
    /// Sentences about columns that are no attribute.
    pub(super) left_out: Vec<String>,
}

/// What tells the objects apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// These columns, in this order; whether the database assigns them.
    Columns(Vec<String>, bool),
    /// Nothing that is known; somebody has to say.
    Unknown,
}

pub(super) struct Attribute<'a> {
    pub(super) column: &'a Column,
    /// Empty until members are named.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) missing: Vec<String>,
    pub(super) is_required: bool,
    /// Whether it holds telephone numbers, and the place of the relation to whom they belong.
    pub(super) search: Option<Option<usize>>,
    pub(super) notes: Vec<String>,
}

/// What an attribute holds, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Flags(String, String),
    Int,
    Decimal(u32),
    Text(Option<u32>),
    Date,
    Digits,
    Instant,
    Moment,
    EpochSeconds,
    EpochMilliseconds,
    /// An amount with its currency, in a text, and how many decimals it has.
    Money(WrittenMoney, u32),
    /// The place of the enumeration in [`Draft::enums`].
    Choice(usize),
}

pub(super) struct ToOne {
    /// Empty until members are named.
    pub(super) name: String,
    /// The place of the class it leads to.
    pub(super) target: usize,
    pub(super) columns: Vec<String>,
    pub(super) is_required: bool,
    /// A sentence about it.
    pub(super) note: Option<String>,
}

pub(super) struct ToMany {
    /// Empty until members are named.
    pub(super) name: String,
    /// The places of the class it leads to, and of the relation there that leads back.
    pub(super) source: usize,
    pub(super) relation: usize,
}

impl<'a> Draft<'a> {
    /// Classes with their attributes and keys, as the catalog alone tells them.
    pub(super) fn of(catalog: &'a Catalog, options: &'a Options) -> Self {
        let mut draft =
            Self { options, enums: Enums::default(), classes: Vec::new(), left_out: Vec::new() };
        let mut tables = BTreeSet::new();
        let mut names = BTreeSet::new();
        let all = catalog.tables.iter().map(|table| table.name.name.as_str());
        let prefix = words::common_prefix(all);
        for table in &catalog.tables {
            let same = table.name.to_string().to_ascii_lowercase();
            if !is_writable(&table.name) {
                draft.left_out.push(format!(
                    "The table `{}` is left out: its name has characters that XML cannot write.",
                    table.name
                ));
            } else if table.columns.is_empty() {
                draft.left_out.push(format!("`{}` is left out: it has no columns.", table.name));
            } else if !tables.insert(same) {
                draft.left_out.push(format!(
                    "`{}` is left out: another table differs from it in capitals alone.",
                    table.name
                ));
            } else {
                let class = draft.class(table, catalog, prefix.as_deref(), &mut names);
                draft.classes.push(class);
            }
        }
        draft
    }

    fn class(
        &mut self,
        table: &'a Table,
        catalog: &Catalog,
        prefix: Option<&str>,
        names: &mut BTreeSet<String>,
    ) -> Class<'a> {
        let one = |words| words::singular(&words::of_table(words::without(prefix, words)));
        let name = words::class_name(&one(words::words(&table.name.name)));
        let name = words::new_name(&name, "", names);
        let mut notes = Vec::new();
        let words = one(words::own_words(&table.name.name));
        let label = label(&words, &name, table.comment.as_deref(), &mut notes);
        if table.kind == TableKind::View {
            notes.push("This is a view of the database.".to_owned());
        }
        let mut class = Class {
            table,
            name,
            label,
            key: Key::Unknown,
            revision: None,
            attributes: Vec::new(),
            to_one: Vec::new(),
            to_many: Vec::new(),
            notes,
            left_out: Vec::new(),
        };
        columns::read(self, &mut class);
        keys::declare(self, &mut class, catalog);
        class
    }

    /// True when a column would be read and written as this kind.
    pub(super) fn fits(&self, kind: &Kind, missing: &[String], column: &Column) -> bool {
        self.codec(kind, missing, &column.physical).is_some()
    }

    /// How a kind stands in a column; nothing where it cannot.
    pub(super) fn codec(
        &self,
        kind: &Kind,
        missing: &[String],
        physical: &Physical,
    ) -> Option<Codec> {
        let (ty, form) = self.logical(kind);
        let stored = Stored { form, missing: missing.to_vec(), zone: None };
        Codec::resolve(self.options.backend, &ty, &stored, physical, "").ok()
    }

    fn logical(&self, kind: &Kind) -> (AttributeType, Form) {
        let native = |ty| (ty, Form::Native);
        match kind {
            Kind::Bool => native(AttributeType::Bool),
            Kind::Flags(yes, no) => {
                (AttributeType::Bool, Form::Flags { yes: yes.clone(), no: no.clone() })
            }
            Kind::Int => native(AttributeType::Int),
            Kind::Decimal(decimals) => native(AttributeType::Decimal(*decimals)),
            Kind::Text(_) => native(AttributeType::Text(None)),
            Kind::Date => native(AttributeType::Date),
            Kind::Digits => (AttributeType::Date, Form::Digits(Digits::Yyyymmdd)),
            Kind::Instant => native(AttributeType::Instant),
            Kind::Moment => (AttributeType::Instant, Form::Digits(Digits::Yyyymmddhhmmss)),
            Kind::EpochSeconds => epoch(caruso_object_model::EpochUnit::Seconds),
            Kind::EpochMilliseconds => epoch(caruso_object_model::EpochUnit::Milliseconds),
            Kind::Money(form, decimals) => {
                (AttributeType::Money { decimals: *decimals, currency: None }, Form::Money(*form))
            }
            Kind::Choice(place) => native(AttributeType::Choice(self.enums.logical(*place))),
        }
    }
}

fn epoch(unit: caruso_object_model::EpochUnit) -> (AttributeType, Form) {
    (AttributeType::Instant, Form::Epoch(unit))
}

impl<'a> Class<'a> {
    /// The attribute in this column.
    pub(super) fn in_column(&self, column: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|it| it.column.name == column)
    }

    /// The columns of the key; none while it is unknown.
    pub(super) fn key_columns(&self) -> &[String] {
        match &self.key {
            Key::Columns(columns, _) => columns,
            Key::Unknown => &[],
        }
    }

    pub(super) fn has_key(&self) -> bool {
        self.key != Key::Unknown
    }
}

impl Kind {
    /// True when an attribute of this kind can be part of a key.
    pub(super) fn can_be_key(&self) -> bool {
        matches!(self, Self::Int | Self::Text(_) | Self::Date | Self::Digits | Self::Choice(_))
    }
}

/// The longest comment of a database that is taken for a label, in characters.
const LONGEST_LABEL: usize = 40;

/// What people read: what the database says, if it is short, else the words of the name. What else
/// the database says becomes a note.
pub(super) fn label(
    words: &[String],
    name: &str,
    comment: Option<&str>,
    notes: &mut Vec<String>,
) -> String {
    let from_name = if words.is_empty() { name.to_owned() } else { words::label(words) };
    let Some(comment) = comment.map(str::trim).filter(|comment| !comment.is_empty()) else {
        return from_name;
    };
    let is_short = comment.chars().count() <= LONGEST_LABEL && !comment.contains(['\n', '\r']);
    // a sentence is no name of a thing
    let is_name = !comment.ends_with('.') && !comment.contains(". ");
    if is_short && is_name && is_text(comment) {
        return comment.to_owned();
    }
    notes.push(format!("The database says: {comment}"));
    from_name
}

/// True when XML can write the names of a table.
fn is_writable(table: &TableName) -> bool {
    is_text(&table.name) && table.schema.as_deref().is_none_or(is_text)
}

/// True when XML can write the text, and reads it back as it was.
pub(super) fn is_text(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|it| !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}'))
}
