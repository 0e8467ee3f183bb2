//! What a database has: tables, columns, keys, foreign keys, and about how many rows.

mod draft;
mod mariadb;
mod postgres;
mod sqlite;

use std::fmt;

use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use crate::physical::Physical;

/// What a database has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Tables and views, by schema and name.
    pub tables: Vec<Table>,
}

/// The name of a table. Comparing is exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema; `None` where the connection's default is meant (MariaDB: the database of the
    /// address; SQLite: `main`; PostgreSQL: `public`).
    pub schema: Option<String>,
    /// The name, as the database has it.
    pub name: String,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Table or view.
    pub kind: TableKind,
    /// In their order.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in its order; empty without one.
    pub primary_key: Vec<String>,
    /// Other sets of columns that no two rows share: unique constraints and unique indexes, without
    /// those that have a condition or an expression.
    pub unique: Vec<Vec<String>>,
    /// The columns of every index that finds rows by their values, in its order: the primary key's
    /// first, the unique ones included. Of an index with an expression, the columns before it; none
    /// of one that has a condition, or that searches texts or places.
    pub indexes: Vec<Vec<String>>,
    /// What leads to other tables.
    pub foreign_keys: Vec<ForeignKey>,
    /// About how many rows it has, as the engine's statistics say; `None` where they are silent
    /// (views; tables never analysed).
    pub rows: Option<u64>,
    /// What its author wrote about it.
    pub comment: Option<String>,
}

/// What [`Table`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TableKind {
    Table,
    View,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the database has it.
    pub name: String,
    /// Its type, as the database writes it, for people.
    pub declared: String,
    /// What it holds.
    pub physical: Physical,
    /// Whether it may hold nothing.
    pub is_nullable: bool,
    /// Whether the database gives new rows their value: identity, `serial`, `auto_increment`,
    /// SQLite's `INTEGER PRIMARY KEY`.
    pub is_assigned: bool,
    /// Whether it is computed from others, and so cannot be written.
    pub is_computed: bool,
    /// Whether a row that says nothing gets a value, be it assigned, computed, or a default.
    pub has_default: bool,
    /// What its author wrote about it.
    pub comment: Option<String>,
}

/// Columns that hold the key of a row of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The columns here.
    pub columns: Vec<String>,
    /// The table that is led to.
    pub table: TableName,
    /// The columns there, in the same order.
    pub target: Vec<String>,
}

impl Catalog {
    /// Reads all tables and views, or only those of the wanted that are there, with a fixed number
    /// of statements (SQLite: and one for each view).
    ///
    /// All are those of every schema that is not the engine's own (PostgreSQL 12 and later), of the
    /// address's database (MariaDB; tables of others can be wanted) or of the file (SQLite). Of a
    /// partitioned table, its partitions are left out unless wanted. A view that refers to what is
    /// gone is left out.
    ///
    /// # Errors
    ///
    /// What the driver says.
    pub async fn read(
        connection: &DatabaseConnection,
        wanted: Option<&[TableName]>,
    ) -> Result<Self, DbErr> {
        match connection.get_database_backend() {
            DbBackend::Sqlite => sqlite::read(connection, wanted).await,
            DbBackend::Postgres => postgres::read(connection, wanted).await,
            DbBackend::MySql => mariadb::read(connection, wanted).await,
            other => Err(DbErr::BackendNotSupported { db: other.as_str(), ctx: "catalog" }),
        }
    }

    /// The table of this name.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == *name)
    }
}

impl Table {
    /// The column of this name; capitals decide only where two columns differ by them alone.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let exact = self.columns.iter().find(|column| column.name == name);
        exact.or_else(|| self.columns.iter().find(|it| it.name.eq_ignore_ascii_case(name)))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}
