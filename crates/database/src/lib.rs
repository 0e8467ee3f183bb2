//! SQL databases as the model sees them.
//!
//! [`Address`] names a database on one of three engines (SQLite, PostgreSQL, MariaDB), [`connect`]
//! opens it so that all three behave alike (UTC, strict, read-only where asked), [`Catalog`] says
//! what tables it has and what its columns hold ([`Physical`]).
//!
//! Invariants: no address prints its password; a connection for reading cannot change anything; no
//! error names a value.
//!
//! What it is not: it knows no class, sends no statement of its own but those that read the catalog,
//! and holds no object.

mod address;
mod catalog;
mod connect;
mod physical;

pub use address::{Address, NotAnAddress};
pub use catalog::{Catalog, Column, ForeignKey, Table, TableKind, TableName};
pub use connect::{Access, connect};
pub use physical::{Collation, Physical};
pub use sea_orm::{DatabaseConnection, DbBackend, DbErr};
