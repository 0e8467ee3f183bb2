//! The laboratory of routing: recorded days are decided again and told to other
//! configurations, and days are invented.
//!
//! A pure core, as the router is. A log that was exported ([`Reader`] reads it) goes through the
//! router again:
//! - under the configuration that it was made under ([`decide_again`]), every decision must come
//!   out the same, byte for byte, or the first difference is told with its place;
//! - under another one ([`what_if`]), customers and agents do what they did, and the figures of
//!   both stand side by side. What happens from outside is a [`Scenario`], which [`play`] tells to
//!   the router of the real system.
//!
//! A scenario may as well be invented: [`Plan::simulate`] plays days that never were, several
//! times, and [`Load`] has Erlang's formulas to stand beside.
//!
//! What it is not: it reads no files, has no clock and asks no running system; that is `caruso`.
//!
//! Invariants: the same input gives the same bytes; of all who entered a queue, each was answered,
//! hung up, flowed out or still waits.
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
mod erlang;
mod patience;
mod plan;
mod random;
mod recording;
mod scenario;
mod tally;
mod trace;
mod what_if;
mod world;

pub use again::{Decided, Difference, Same, decide_again};
pub use erlang::{Load, Steady};
pub use patience::{Patience, Wait};
pub use plan::{Estimate, Law, MOST_CALLS, MOST_REPETITIONS, Plan, Planned};
pub use recording::{
    FORMAT, Fault, MOST_BYTES_OF_LINE, MOST_EVENTS, Reader, Recorded, Recording, VERSION, end_line,
    event_line, header_line,
};
pub use scenario::{Change, Customer, Move, Scenario, Stay};
pub use tally::{Meter, Row, Tally};
pub use trace::Assumed;
pub use what_if::{WhatIf, what_if};
pub use world::{Played, play};

#[cfg(test)]
mod day;
