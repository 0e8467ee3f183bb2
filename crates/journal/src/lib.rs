//! A durable event log with an outbox, for the components that own a state: the contact event log
//! of the communication server, the sessions of the script engine.
//!
//! The owner decides, appends what was decided, folds it, and lets effects out once the append is
//! durable. [`Journal::append`] gives positions at once and in order, without waiting;
//! [`Appended::durable`] waits for the disk. One writer commits all that waits in one transaction
//! (group commit, SQLite in WAL mode with `synchronous=FULL`), so an acknowledged event survives a
//! power cut. Errands for the outside stand in the same transaction as the events that led to them
//! and leave at least once, under their key.
//!
//! Events are JSON with a type and a version; the journal knows nothing of what they mean. Fields
//! that belong to a person are named by JSON pointers and kept encrypted under a key of the
//! contact ([`Journal::key`] gives it to whoever keeps more about the contact elsewhere);
//! [`Journal::forget`] destroys the key, and from then on they read as `{"erased":true}`.
//! The keys stand in the same file: whoever holds file and backup holds both. What is gone is what
//! was forgotten, in every copy of the events made without the keys.
//!
//! An owner that need not read all of a long log when it starts keeps a [`Snapshot`] of its state
//! now and then, and reads on from there.
//!
//! What it is not: no message broker (one process owns a journal, a lock proves it), no archive
//! (nothing is ever cut off the log).
//!
//! Invariant: positions are 1, 2, 3 without gaps, an acknowledged event is there exactly once, and
//! after a failed commit the journal refuses everything ([`Error::Broken`]); its owner must stop,
//! because its state may be ahead of the disk.
//!
//! ```
//! # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
//! use caruso_journal::{Batch, Fact, Installation, Journal};
//! use serde_json::json;
//!
//! let folder = tempfile::tempdir().expect("a folder");
//! let installation = Installation { realm: "demo".into(), site: "main".into() };
//! let journal = Journal::open(&folder.path().join("log.db"), &installation).await?;
//!
//! let mut batch = Batch::new("meters", "anna");
//! batch.facts.push(Fact::new("meter.read", 1, json!({"value": 1234})));
//! let appended = journal.append(batch)?;
//! assert_eq!(appended.receipt().last, 1);
//! appended.durable().await?;
//!
//! let read = journal.read_after(0, 10).await?;
//! assert_eq!(read[0].payload["value"], 1234);
//! # journal.close().await;
//! # Ok::<(), caruso_journal::Error>(()) }).expect("works");
//! ```

mod batch;
mod error;
mod journal;
mod outbox;
mod reader;
mod schema;
mod seal;
mod snapshot;
mod writer;

pub use batch::{Batch, Condition, Errand, Fact, Life, MOST_BYTES, MOST_FACTS, Receipt, Settled};
pub use error::Error;
pub use journal::{Appended, Figures, Journal, QUEUE, Submitted};
pub use outbox::{DeadLetter, Due, Failed, Retry, Waiting};
pub use reader::{MOST_READ, Tail};
pub use schema::Installation;
pub use seal::Key;
pub use snapshot::{MOST_STATE_BYTES, Snapshot};
