//! Contracts: what an interface is made of, and whether two makes of it go together.
//!
//! A [`Contract`] is one protobuf service with every message and enumeration that its methods
//! reach, and nothing else; it is named by its [`Digest`], which is the same whoever compiled it,
//! in whatever order of files and with whatever comments. [`compare`] says in what one make of an
//! interface differs from another, field by field, and [`relation`] what that means to those who
//! speak by them.
//!
//! It knows no components, no network and no disk. Its invariant: **two contracts that are
//! [`Relation::Conflict`] never read each other's messages wrongly in silence, because nobody who
//! asks here lets them meet**; everything else between two makes is additive.
//!
//! ```
//! use caruso_contract::{Contract, Relation, relation};
//! # fn compiled(_: &str) -> prost_types::FileDescriptorSet { Default::default() }
//! # let (old, new) = (compiled("v1 of last year"), compiled("v1 of today"));
//! let old = Contract::from_set(&old, "acme.billing.v1.Invoices");
//! let new = Contract::from_set(&new, "acme.billing.v1.Invoices");
//! if let (Ok(old), Ok(new)) = (old, new) {
//!     assert_ne!(relation(&old, &new), Relation::Conflict);
//! }
//! ```

mod compare;
mod contract;
mod merge;
mod names;
mod reach;

pub use compare::{Difference, Kind, Relation, compare, relation};
pub use contract::{Contract, Digest, Error, MOST_BYTES};
pub use merge::merged;
