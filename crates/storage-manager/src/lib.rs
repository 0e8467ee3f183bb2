//! Business objects at run time, whatever database holds them.
//!
//! The storage manager is a compiler, not an object mapper: it takes the model
//! ([`caruso_object_model::Model`]) and the live schema of each database, proves that they fit
//! ([`Engine::open`]), and then turns every request into one statement with what to bind and how
//! to decode. A filter is an expression; it is compiled into the statement with the meaning that
//! the evaluator in memory has (a comparison with a missing value is false), which a differential
//! test proves.
//!
//! [`Engine`] is the library: describe, get, query, find by telephone number, apply, load a file;
//! [`Transfer`] copies a whole database. [`run`] is the component around it: it learns the release,
//! opens the databases that the installation names, and serves `caruso.storage.v1.StorageManager`.
//!
//! Invariants: a unit of work happens once and as a whole, with its idempotency key, its audit
//! rows and its entries in the index of telephone numbers in the same transaction. A database
//! that the installation does not own sees no statement that changes it, but for classes that the
//! model declares writable there; our own tables for it stand in our own file. No value of an
//! object stands in a log line or in an error.
//!
//! Classes that a wrapper holds are read by the same statements: what the wrapper gives to a
//! request stands in a table in memory meanwhile ([`Source`]).
//!
//! What it is not: it knows no class of any application; what engines do differently is known to
//! [`caruso_database`].

// a unit of work is one future of many
#![recursion_limit = "256"]

mod aggregate;
mod apply;
mod audit;
mod canonical;
pub mod codes;
mod compile;
mod convert;
mod cost;
mod database;
mod elsewhere;
mod encoded;
mod engine;
mod error;
mod federation;
mod fetch;
mod filter;
mod fit;
mod halves;
mod history;
mod json;
mod layout;
mod load;
mod lookup;
mod many;
mod numbers;
mod options;
mod own;
mod page;
mod plan;
mod prepared;
mod query;
mod reach;
mod rights;
mod run;
mod service;
mod streams;
mod transfer;
mod upkeep;
mod walk;
mod watch;
mod work;
mod wrapped;

use caruso_database::schema;

pub use caruso_database::Address;
pub use caruso_object_model::User;

pub use aggregate::{Aggregate, Function, Group, Measure};
pub use apply::{Applied, Author};
pub use engine::Engine;
pub use error::Error;
pub use fetch::{Branch, Limb, Tree};
pub use history::{Change, Changes};
pub use load::{Error as LoadError, Existing, LoadOptions, Loaded, Refused};
pub use numbers::Found;
pub use options::{DatabaseOptions, Installation, Options};
pub use page::{Link, Order, Page, Query};
pub use plan::StoredObject;
pub use run::run;
pub use transfer::{
    Copied, Difference, Differs, Error as TransferError, Span, Transfer, Uncopied, Verified,
};
pub use watch::{Changed, Publisher};
pub use wrapped::source::{
    AT_ONCE, Answer, Given, Having, NoAnswer, NotDone, Question, Source, Wish,
};

#[cfg(test)]
mod tests;
