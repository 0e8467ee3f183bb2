//! Whether a wrapper's program behaves: it is asked by itself, without a running system, what the
//! host would ask it, and some of what the host would never let through.
//!
//! What is asked is really done: a program under trial must speak for a system on which that does
//! no harm. Only what somebody gave an example of ([`Examples`]) is carried out as it is meant.
//!
//! A case never ends the trial: a program that died or fell silent is started anew for the next
//! one.

mod bench;
mod changes;
mod classes;
mod creating;
mod examples;
mod operations;
mod process;
mod report;
mod subject;

use std::collections::BTreeMap;

pub use examples::{CODES, Examples, UNFIT_EXAMPLE, UNREADABLE_EXAMPLES};
pub use report::{Case, Outcome, Report};

use crate::{Limits, Program};
use bench::Bench;

/// A program that is to be tried, and with what.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The program, with what the application declares of it.
    pub program: Program,
    /// What it may be asked to do.
    pub examples: Examples,
    /// How long it may take.
    pub limits: Limits,
    /// The attributes that are the key of each class, in their order.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Begins each idempotency key; must be another one for each trial of the same system.
    pub run: String,
}

impl Trial {
    /// Every case, in an order that stays the same. Of a program that does not describe itself as
    /// declared nothing else is tried, as nothing else would be asked of it.
    pub async fn report(&self) -> Report {
        let mut bench = Bench::new(self);
        if process::describes(&mut bench).await {
            process::requests(&mut bench).await;
            operations::all(&mut bench).await;
            classes::all(&mut bench).await;
            changes::all(&mut bench).await;
            creating::all(&mut bench).await;
            process::ends(&mut bench).await;
            process::output(&mut bench).await;
        }
        bench.report()
    }
}
