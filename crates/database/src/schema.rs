//! Tables that a model wants, for databases that an application owns.
//!
//! Texts compare and sort by code points on every engine, so that the same requests give the same
//! rows.

use caruso_object_model::{
    AttributeType, Class, Clock, Form, KeySource, Member, Model, Revision, Stored, ToOne,
};
use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Alias, ColumnDef, ForeignKey, ForeignKeyCreateStatement, Index, IndexCreateStatement,
    IntoTableRef, Table, TableCreateStatement, TableRef,
};
use sha2::{Digest as _, Sha256};

/// The longest text that a key or an indexed column holds where the model says no length.
const KEY_LENGTH: usize = 255;
/// Texts longer than this stand outside of the row where the engine limits rows.
const IN_ROW: usize = 1_000;
/// The longest name of an index that every engine takes.
const MAX_NAME: usize = 60;

/// A column to be made.
#[derive(Debug)]
pub struct Wanted<'a> {
    name: &'a str,
    ty: &'a AttributeType,
    stored: &'a Stored,
    is_required: bool,
    /// Part of a key, here or elsewhere; must fit into an index.
    is_key: bool,
}

impl Wanted<'_> {
    /// The column.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Whether every object has a value.
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// What it holds, and how.
    pub fn kind(&self) -> (&AttributeType, &Stored) {
        (self.ty, self.stored)
    }

    /// The definition of the column, which may be empty: rows that are there have no value yet.
    pub fn definition(&self, backend: DbBackend) -> ColumnDef {
        let mut definition = ColumnDef::new(Alias::new(self.name));
        define(&mut definition, backend, self);
        definition
    }

    /// The most characters of a text that stands within its row.
    pub fn length(&self) -> Option<usize> {
        match (&self.stored.form, self.ty) {
            (Form::Native, AttributeType::Text(length)) => length.filter(|it| *it <= IN_ROW),
            _ => None,
        }
    }
}

/// The table of a class.
pub fn table(model: &Model, class: &Class, backend: DbBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(table_ref(class));
    let is_assigned = class.key_source == KeySource::Assigned;
    for wanted in columns(model, class) {
        let mut definition = ColumnDef::new(Alias::new(wanted.name));
        define(&mut definition, backend, &wanted);
        if wanted.is_required {
            definition.not_null();
        }
        let is_own_key = class.keys().any(|key| key.column == wanted.name);
        if is_own_key && is_assigned {
            definition.primary_key().auto_increment();
        }
        table.col(definition);
    }
    if let Revision::Column(name) = &class.revision {
        let mut definition = ColumnDef::new(Alias::new(name));
        whole_number(&mut definition, backend);
        table.col(definition.not_null());
    }
    if !is_assigned {
        let mut key = Index::create();
        class.keys().for_each(|attribute| {
            key.col(Alias::new(&attribute.column));
        });
        table.primary_key(&mut key);
    }
    if backend == DbBackend::Sqlite {
        // a file takes them here or never
        for (_, mut key) in foreign_keys(model, class) {
            table.foreign_key(&mut key);
        }
        table.extra("STRICT");
    }
    table
}

/// What leads from a class to others of the same database.
pub fn foreign_keys<'a>(
    model: &Model,
    class: &'a Class,
) -> Vec<(&'a ToOne, ForeignKeyCreateStatement)> {
    let mut keys = Vec::new();
    for relation in class.to_one() {
        let Some(target) = model.neighbour(class, relation) else { continue };
        if relation.kind.is_some() {
            // now to one table and now to another
            continue;
        }
        let mut key = ForeignKey::create();
        key.name(name("fk", class, &relation.columns));
        key.from_tbl(table_ref(class)).to_tbl(table_ref(target));
        for (column, attribute) in relation.columns.iter().zip(target.keys()) {
            key.from_col(Alias::new(column)).to_col(Alias::new(&attribute.column));
        }
        keys.push((relation, key));
    }
    keys
}

/// The indexes of a class: those that the model wants, and one for each relation, so that the
/// objects of another object are found.
pub fn indexes(model: &Model, class: &Class) -> Vec<IndexCreateStatement> {
    let wanted = wanted_indexes(model, class).into_iter();
    wanted.map(|(is_unique, columns)| index(class, is_unique, &columns)).collect()
}

/// The columns of the indexes of a class, and whether no two rows may share them.
pub fn wanted_indexes(model: &Model, class: &Class) -> Vec<(bool, Vec<String>)> {
    let mut wanted: Vec<(bool, Vec<String>)> = Vec::new();
    for members in class.unique() {
        wanted.push((true, columns_of(class, members)));
    }
    let relations = class.to_one().iter().filter(|it| model.target(it).is_some());
    let relations = relations.map(|relation| relation.columns.clone());
    for columns in class.indexes().iter().map(|it| columns_of(class, it)).chain(relations) {
        if wanted.iter().all(|(_, known)| *known != columns) {
            wanted.push((false, columns));
        }
    }
    wanted
}

/// An index of a class.
pub fn index(class: &Class, is_unique: bool, columns: &[String]) -> IndexCreateStatement {
    let kind = if is_unique { "unique" } else { "by" };
    let mut index = Index::create();
    index.name(name(kind, class, columns)).table(table_ref(class));
    columns.iter().for_each(|column| {
        index.col(Alias::new(column));
    });
    if is_unique { index.unique().take() } else { index }
}

/// The columns of members, in their order.
pub fn columns_of(class: &Class, members: &[String]) -> Vec<String> {
    let columns = members.iter().flat_map(|name| match class.member(name) {
        Some(Member::Attribute(attribute)) => {
            attribute.columns().map(|held| held.column.to_owned()).collect()
        }
        Some(Member::ToOne(relation)) => relation.columns.clone(),
        _ => Vec::new(),
    });
    columns.collect()
}

/// The attributes that must be unique and are not, as the database says it: the name of the
/// index, or (SQLite) the columns. `None` when that is the key.
pub fn not_unique<'a>(class: &'a Class, said: &str) -> Option<&'a [String]> {
    class.unique().iter().map(Vec::as_slice).find(|members| {
        let columns = columns_of(class, members);
        let in_file = columns.iter().map(|column| format!("{}.{column}", class.table));
        said == name("unique", class, &columns) || said == in_file.collect::<Vec<_>>().join(", ")
    })
}

/// The table as statements name it.
pub fn table_ref(class: &Class) -> TableRef {
    let table = Alias::new(&class.table);
    match &class.schema {
        Some(schema) => (Alias::new(schema), table).into_table_ref(),
        None => table.into_table_ref(),
    }
}

/// A name that no other index or constraint has, and that every engine takes.
fn name(kind: &str, class: &Class, columns: &[String]) -> String {
    let name = format!("caruso_{kind}_{}_{}", class.table, columns.join("_"));
    if name.len() <= MAX_NAME {
        return name;
    }
    let hash = Sha256::digest(name.as_bytes());
    let hash: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let start: String = name.chars().filter(char::is_ascii).take(MAX_NAME - 13).collect();
    format!("{start}_{hash}")
}

/// The columns of attributes and relations; a shared one once.
pub fn columns<'a>(model: &'a Model, class: &'a Class) -> Vec<Wanted<'a>> {
    let mut columns: Vec<Wanted<'a>> = Vec::new();
    for attribute in class.attributes() {
        let is_key = class.is_key(&attribute.name)
            || [class.unique(), class.indexes()].concat().concat().contains(&attribute.name);
        columns.extend(attribute.columns().map(|held| Wanted {
            name: held.column,
            ty: held.ty,
            stored: held.stored,
            is_required: attribute.is_required,
            is_key,
        }));
    }
    for relation in class.to_one() {
        let Some(target) = model.target(relation) else { continue };
        for (name, key) in relation.columns.iter().zip(target.keys()) {
            if columns.iter().any(|column| column.name == name) {
                continue;
            }
            let (ty, stored) = (&key.ty, &key.stored);
            let is_required = relation.is_required;
            columns.push(Wanted { name, ty, stored, is_required, is_key: true });
        }
        if let Some(kind) = &relation.kind
            && columns.iter().all(|column| *column.name != kind.column)
        {
            let (name, ty, stored) = (&kind.column, &kind.ty, &NATIVE);
            columns.push(Wanted { name, ty, stored, is_required: false, is_key: true });
        }
    }
    columns
}

/// As a column itself has it.
static NATIVE: Stored = Stored { form: Form::Native, missing: Vec::new(), zone: None };

fn define(definition: &mut ColumnDef, backend: DbBackend, wanted: &Wanted<'_>) {
    let length = match (&wanted.stored.form, wanted.ty) {
        (Form::Time(Clock::Native), _) => return time_of_day(definition, backend),
        (Form::Time(Clock::Hhmmss | Clock::Hhmm), _) => return whole_number(definition, backend),
        (Form::Time(Clock::Colon), _) => Some("14:25".len()),
        (Form::Flags { yes, no }, _) => Some(yes.chars().count().max(no.chars().count()).max(1)),
        (Form::Padded(width), _) => Some(*width),
        (Form::Money(form), _) => Some(form.longest()),
        (_, AttributeType::Text(length)) if wanted.is_key => Some(length.unwrap_or(KEY_LENGTH)),
        (_, AttributeType::Text(length)) => length.filter(|length| *length <= IN_ROW),
        (_, AttributeType::Choice(enumeration)) => {
            enumeration.values.iter().map(|value| value.stored.chars().count()).max()
        }
        (Form::Digits(_) | Form::JulianDay | Form::Epoch(_), _) => {
            return whole_number(definition, backend);
        }
        (Form::Native, _) => return native(definition, backend, wanted),
    };
    text(definition, backend, length);
}

fn native(definition: &mut ColumnDef, backend: DbBackend, wanted: &Wanted<'_>) {
    let is_file = backend == DbBackend::Sqlite;
    match wanted.ty {
        AttributeType::Bool | AttributeType::Decimal(_) | AttributeType::Money { .. }
            if is_file =>
        {
            definition.integer();
        }
        AttributeType::Date | AttributeType::Instant if is_file => {
            definition.text();
        }
        AttributeType::Bool => {
            definition.boolean();
        }
        AttributeType::Decimal(decimals) | AttributeType::Money { decimals, .. } => {
            definition.decimal_len(19, *decimals);
        }
        AttributeType::Date => {
            definition.date();
        }
        AttributeType::Instant if backend == DbBackend::MySql => {
            definition.custom("datetime(6)");
        }
        AttributeType::Instant if wanted.stored.zone.is_some() => {
            definition.timestamp();
        }
        AttributeType::Instant => {
            definition.timestamp_with_time_zone();
        }
        _ => whole_number(definition, backend),
    }
}

fn time_of_day(definition: &mut ColumnDef, backend: DbBackend) {
    match backend {
        DbBackend::Sqlite => definition.text(),
        DbBackend::MySql => definition.custom("time(6)"),
        _ => definition.time(),
    };
}

fn whole_number(definition: &mut ColumnDef, backend: DbBackend) {
    if backend == DbBackend::Sqlite {
        definition.integer();
    } else {
        definition.big_integer();
    }
}

fn text(definition: &mut ColumnDef, backend: DbBackend, length: Option<usize>) {
    let ty = match length {
        Some(length) => format!("varchar({length})"),
        None if backend == DbBackend::MySql => "longtext".to_owned(),
        None => "text".to_owned(),
    };
    match backend {
        DbBackend::Postgres => definition.custom(format!("{ty} COLLATE \"C\"")),
        DbBackend::MySql => {
            definition.custom(format!("{ty} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"))
        }
        _ => definition.text(),
    };
}
