//! A recorded day under another configuration, beside what really came of it.

use std::sync::Arc;
use std::time::Duration;

use caruso_contact::Time;
use caruso_routing::{Configuration, Domain};

use crate::recording::Recording;
use crate::tally::{Meter, Tally};
use crate::trace::{self, Assumed};
use crate::world::play;

/// What came of a day, and what would have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// The figures of the log.
    pub old: Tally,
    /// The figures under the other configuration.
    pub new: Tally,
    /// What had to be assumed.
    pub assumed: Assumed,
    /// Customers who would not have reached us.
    pub turned_away: u32,
}

/// Plays a recorded day under a configuration. `threshold` is that of the service level; `seed`
/// chooses among what the log does not tell.
pub fn what_if(
    configuration: Arc<Configuration>,
    recording: &Recording,
    threshold: Duration,
    seed: u64,
) -> WhatIf {
    let from = recording.events.first().map(|it| it.at).unwrap_or_default();
    let until = recording.events.last().map(|it| it.at).unwrap_or_default();
    let mut old = Meter::new(&recording.state, from);
    for it in &recording.events {
        old.tell(it.at, &it.event);
    }
    let (scenario, assumed) = trace::scenario(recording, &configuration, seed);
    let mut new = Meter::new(&Domain::default(), Time::default());
    let played = play(configuration, &scenario, &mut |at, event| new.tell(at, event));
    let (old, new) = (old.finish(threshold, until), new.finish(threshold, until));
    WhatIf { old, new, assumed, turned_away: played.turned_away }
}

#[cfg(test)]
mod tests;
