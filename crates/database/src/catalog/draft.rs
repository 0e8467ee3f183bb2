//! A catalog in the making: rows of the engine's own catalog, put together to tables.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, QueryResult, Statement, Value};

use super::{Catalog, Column, ForeignKey, Table, TableKind, TableName};

/// Tables by what the engine calls them. What belongs to no table among them is ignored.
pub(super) struct Drafts<K>(HashMap<K, Table>);

/// A column of an index; `None` stands for an expression.
pub(super) struct IndexColumn<K> {
    pub(super) table: K,
    pub(super) index: String,
    pub(super) is_primary: bool,
    pub(super) is_unique: bool,
    pub(super) column: Option<String>,
}

/// A column of a foreign key, and the one it leads to.
pub(super) struct KeyColumn<K> {
    pub(super) table: K,
    pub(super) constraint: String,
    pub(super) column: String,
    pub(super) target_table: TableName,
    pub(super) target_column: String,
}

impl<K: Eq + Hash> Drafts<K> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(super) fn add(
        &mut self,
        key: K,
        name: TableName,
        kind: TableKind,
        rows: Option<u64>,
        comment: Option<String>,
    ) {
        let table = Table {
            name,
            kind,
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rows,
            comment: comment.filter(|comment| !comment.is_empty()),
        };
        self.0.insert(key, table);
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }

    pub(super) fn table(&mut self, key: &K) -> Option<&mut Table> {
        self.0.get_mut(key)
    }

    /// Columns come in their order.
    pub(super) fn column(&mut self, key: &K, mut column: Column) {
        column.comment = column.comment.filter(|comment| !comment.is_empty());
        if let Some(table) = self.table(key) {
            table.columns.push(column);
        }
    }

    /// The columns of one index come together, in their order.
    pub(super) fn indexes(&mut self, columns: &[IndexColumn<K>]) {
        let is_same =
            |a: &IndexColumn<K>, b: &IndexColumn<K>| a.table == b.table && a.index == b.index;
        for index in columns.chunk_by(is_same) {
            let (Some(first), plain) = (index.first(), plain(index)) else { continue };
            let Some(table) = self.0.get_mut(&first.table) else { continue };
            if first.is_primary {
                table.primary_key.clone_from(&plain);
            } else if first.is_unique && plain.len() == index.len() {
                table.unique.push(plain.clone());
            }
            table.indexes.push(plain);
        }
    }

    /// The columns of one foreign key come together, in their order.
    pub(super) fn foreign_keys(&mut self, columns: &[KeyColumn<K>]) {
        let is_same =
            |a: &KeyColumn<K>, b: &KeyColumn<K>| a.table == b.table && a.constraint == b.constraint;
        for key in columns.chunk_by(is_same) {
            let Some(first) = key.first() else { continue };
            let Some(table) = self.0.get_mut(&first.table) else { continue };
            table.foreign_keys.push(ForeignKey {
                columns: key.iter().map(|part| part.column.clone()).collect(),
                table: first.target_table.clone(),
                target: key.iter().map(|part| part.target_column.clone()).collect(),
            });
        }
    }

    /// The catalog, in an order that does not depend on the engine's.
    pub(super) fn finish(self) -> Catalog {
        let has_columns = |table: &Table| !table.columns.is_empty();
        let mut tables: Vec<Table> = self.0.into_values().filter(has_columns).collect();
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        for table in &mut tables {
            arrange(table);
        }
        Catalog { tables }
    }
}

/// The columns before the first expression.
fn plain<K>(index: &[IndexColumn<K>]) -> Vec<String> {
    index.iter().map_while(|part| part.column.clone()).collect()
}

fn arrange(table: &mut Table) {
    table.unique.sort();
    table.unique.dedup();
    table.indexes.push(table.primary_key.clone());
    table.indexes.retain(|columns| !columns.is_empty());
    let primary = &table.primary_key;
    table.indexes.sort_by(|a, b| (a != primary, a).cmp(&(b != primary, b)));
    table.indexes.dedup();
    let order = |key: &ForeignKey| (key.columns.clone(), key.table.clone(), key.target.clone());
    table.foreign_keys.sort_by_cached_key(order);
}

/// The rows of a statement.
pub(super) async fn rows(
    connection: &DatabaseConnection,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await
}
