//! The laboratory of routing: what was decided is decided again.
//!
//! A pure core, as the router is. A log that was exported ([`Reader`] reads it) goes through the
//! router again, under the configuration that it was made under ([`decide_again`]): every decision
//! must come out the same, byte for byte, or the first difference is told with its place.
//!
//! What it is not: it reads no files, has no clock and asks no running system; that is `caruso`.
//!
//! Invariant: the same input gives the same bytes.
//!
//! ```
//! use std::sync::Arc;
//! use caruso_routing::{Configuration, Domain};
//! use caruso_simulation::{Reader, decide_again, end_line, header_line};
//!
//! let mut reader = Reader::default();
//! reader.line(&header_line(0, 0, Domain::default())?)?;
//! reader.line(&end_line(0, 0))?;
//! let same = decide_again(Arc::new(Configuration::default()), &reader.finish()?)?;
//! assert_eq!(same.decisions, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod again;
mod cause;
pub mod codes;
mod recording;

pub use again::{Decided, Difference, Same, decide_again};
pub use recording::{
    FORMAT, Fault, MOST_BYTES_OF_LINE, MOST_EVENTS, Reader, Recorded, Recording, VERSION, end_line,
    event_line, header_line,
};

#[cfg(test)]
mod day;
