//! SQL databases as the model sees them.
//!
//! [`Address`] names a database on one of three engines (SQLite, PostgreSQL, MariaDB), [`connect`]
//! opens it so that all three behave alike (UTC, strict, read-only where asked), [`Catalog`] says
//! what tables it has and what its columns hold ([`Physical`]). A [`Codec`] turns values of the
//! model into cells of a column and back, [`schema`] says what tables a model wants, [`dialect`]
//! holds what engines write differently, and [`Failure`] says what went wrong in words that all
//! share.
//!
//! Invariants: no address prints its password; a connection for reading cannot change anything; no
//! failure names a value; a cell is a value or says that it is none.
//!
//! What it is not: it knows no class, sends no statement of its own but those that read the
//! catalog, and holds no object.

mod address;
mod catalog;
mod codec;
mod connect;
mod connection;
pub mod dialect;
mod ending;
mod failure;
mod names;
mod physical;
mod raw;
mod readers;
pub mod schema;
mod state;
mod tls;
mod writers;

pub use address::{Address, NotAnAddress};
pub use catalog::{Catalog, Column, ForeignKey, Table, TableKind, TableName};
pub use codec::{Codec, Moment, Pair, Place, Unfit};
pub use connect::{Access, connect};
pub use ending::to_its_end;
pub use failure::Failure;
pub use names::Names;
pub use physical::{Collation, Physical};
pub use raw::{Raw, Unreadable};
pub use readers::Readers;
pub use sea_orm::{DatabaseConnection, DbBackend, DbErr};
pub use state::{keep, kept, make_state_table, own_table};
pub use writers::{Writers, Writing};
