//! Business objects at run time, whatever database holds them.
//!
//! The storage manager is a compiler, not an object mapper: it takes the model
//! ([`caruso_object_model::Model`]) and the live schema of each database, proves that they fit
//! ([`Engine::open`]), and then turns every request into one statement with what to bind and how
//! to decode. A filter is an expression; it is compiled into the statement with the meaning that
//! the evaluator in memory has (a comparison with a missing value is false), which a differential
//! test proves.
//!
//! [`Engine`] is the library: describe, get, query, find by telephone number, apply. [`run`] is the
//! component around it: it learns the release, opens the databases that the installation names, and
//! serves `caruso.storage.v1.StorageManager`.
//!
//! Invariants: a unit of work happens once and as a whole, with its idempotency key, its audit
//! rows and its entries in the index of telephone numbers in the same transaction. A database
//! that the installation does not own is opened for reading only and never sees a statement of
//! ours that changes it; our own tables for it stand in our own file. No value of an object stands
//! in a log line or in an error.
//!
//! What it is not: it knows no class of any application, and no database but SQLite today.

mod apply;
mod audit;
mod codec;
pub mod codes;
mod compile;
mod convert;
mod database;
mod engine;
mod error;
mod filter;
mod json;
mod numbers;
mod options;
mod page;
mod plan;
mod query;
mod run;
mod schema;
mod service;

pub use apply::{Applied, Author};
pub use engine::Engine;
pub use error::Error;
pub use numbers::Found;
pub use options::{DatabaseOptions, Installation, Options};
pub use page::{Order, Page, Query};
pub use plan::StoredObject;
pub use run::run;

#[cfg(test)]
mod tests;
