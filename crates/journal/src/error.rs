//! Why the journal cannot do what it was asked.

use std::path::PathBuf;
use std::sync::Arc;

/// Why the journal cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A commit failed earlier, so the owner's state may be ahead of the disk: it must stop.
    #[error("the journal is broken: {0}")]
    Broken(Arc<str>),
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
    /// [`QUEUE`](crate::QUEUE) batches wait for the disk; later it may go.
    #[error("the journal's queue is full")]
    Full,
    /// More than [`MOST_FACTS`](crate::MOST_FACTS) facts, or errands, or
    /// [`MOST_BYTES`](crate::MOST_BYTES) bytes in one batch; nothing was appended.
    #[error("a batch of {facts} facts and {bytes} bytes is too large")]
    TooLarge {
        /// Facts and errands of the batch.
        facts: usize,
        /// Their bytes as JSON.
        bytes: usize,
    },
    /// The stream has gone on since it was looked at; nothing was appended.
    #[error("stream `{stream}` is at {actual}, not at {expected}")]
    Conflict {
        /// The stream.
        stream: String,
        /// What the caller saw.
        expected: u64,
        /// Position of its last event.
        actual: u64,
    },
    /// Another process has this journal open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The file belongs to another installation, or to a newer program.
    #[error("{} {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// What was read is not what was written.
    #[error("the event at position {position} is damaged: {reason}")]
    Damaged {
        /// Where in the log; for an errand, its number.
        position: u64,
        /// What is wrong.
        reason: String,
    },
    /// The file cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The operating system gives no randomness for keys.
    #[error("no randomness: {0}")]
    Randomness(getrandom::Error),
    /// The database said no.
    #[error("the journal's database failed")]
    Database(#[from] sqlx::Error),
}
