//! When it is likely to be somebody's turn.

use serde::{Deserialize, Serialize};

use crate::Time;

/// When an agent is likely to talk with somebody who waits. Of ten who are told so, eight are
/// reached between `from` and `until`, as far as the queue goes on as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Hardly before that.
    pub from: Time,
    /// As likely before as after that.
    pub expected: Time,
    /// Hardly after that: what whoever waits takes for a promise.
    pub until: Time,
}
