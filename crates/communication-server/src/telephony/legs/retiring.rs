//! Another process takes over: calls that are here end here, and nothing new begins by itself.

use std::collections::HashSet;

use caruso_sip::Estate;

use super::{Legs, Name};

impl Legs {
    /// Lets another endpoint have the sockets. Lines that stay open are closed, those in use after
    /// that. What there is of legs.
    pub(in crate::telephony) async fn retire(&mut self) -> (Estate, HashSet<Name>) {
        let estate = self.endpoint.hand_over();
        let lines = self.lines.values().map(|line| line.extension.clone());
        for extension in lines.collect::<Vec<_>>() {
            self.close_line(&extension).await;
        }
        let undecided = self.undecided.keys().copied().map(Name::Agent);
        (estate, self.sides.keys().copied().chain(undecided).collect())
    }

    /// Whether nobody is here any more.
    pub(in crate::telephony) fn is_empty(&self) -> bool {
        self.sides.is_empty() && self.undecided.is_empty() && self.recorded == 0
    }
}
