//! How many visits came out how.

use crate::Outcome;

/// How many visits came out how. Formula `counts-by-entry`: each stay in a queue counts once, where
/// it was entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `A`: an agent answered.
    pub answered: u32,
    /// `B`: the customer hung up while waiting, also while an agent's phone rang.
    pub abandoned: u32,
    /// `F`: left the queue for another place, or we ended the wait (longest wait reached, restart).
    pub flowed_out: u32,
    /// Have not come out yet.
    pub still_waiting: u32,
}

impl Counts {
    /// `O`: all that entered the queue. Formula `offered`: O = A + B + F + still waiting.
    pub fn offered(&self) -> u32 {
        self.answered + self.abandoned + self.flowed_out + self.still_waiting
    }

    /// Counts one more.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Waiting => &mut self.still_waiting,
            Outcome::Answered { .. } => &mut self.answered,
            Outcome::Abandoned { .. } => &mut self.abandoned,
            Outcome::FlowedOut { .. } => &mut self.flowed_out,
        };
        *count += 1;
    }
}
