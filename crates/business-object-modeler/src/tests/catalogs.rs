//! Catalogs, as a database would give them.

use caruso_database::{
    Collation, Column, DbBackend, ForeignKey, Physical, Table, TableKind, TableName,
};
use caruso_object_model::phone::Country;

use crate::import::Options;

pub(super) fn options(backend: DbBackend) -> Options {
    Options {
        backend,
        source: "a database of a test".to_owned(),
        database: "crm".to_owned(),
        country: Country::by_code("NL").expect("it is known"),
    }
}

pub(super) fn name(name: &str) -> TableName {
    TableName { schema: None, name: name.to_owned() }
}

pub(super) fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn table(table: &str, key: &[&str], columns: Vec<Column>) -> Table {
    Table {
        name: name(table),
        kind: TableKind::Table,
        columns,
        primary_key: strings(key),
        unique: Vec::new(),
        indexes: vec![strings(key)],
        foreign_keys: Vec::new(),
        rows: None,
        comment: None,
    }
}

pub(super) fn leads(mut table: Table, columns: &[&str], target: &str, keys: &[&str]) -> Table {
    table.foreign_keys.push(ForeignKey {
        columns: strings(columns),
        table: name(target),
        target: strings(keys),
    });
    table
}

/// A column that may be empty.
pub(super) fn column(name: &str, physical: Physical) -> Column {
    Column {
        name: name.to_owned(),
        declared: format!("{physical:?}").to_lowercase(),
        physical,
        is_nullable: true,
        is_assigned: false,
        is_computed: false,
        has_default: false,
        comment: None,
    }
}

/// A column that is never empty.
pub(super) fn filled(name: &str, physical: Physical) -> Column {
    Column { is_nullable: false, ..column(name, physical) }
}

pub(super) fn text(length: u32) -> Physical {
    Physical::Text { length: Some(length), is_padded: false, collation: Collation::Exact }
}

pub(super) fn padded(length: u32) -> Physical {
    Physical::Text { length: Some(length), is_padded: true, collation: Collation::Exact }
}

pub(super) fn int() -> Physical {
    Physical::Int { bits: 32, is_unsigned: false }
}

pub(super) fn decimal(precision: u32, scale: u32) -> Physical {
    Physical::Decimal { precision: Some(precision), scale: Some(scale) }
}
