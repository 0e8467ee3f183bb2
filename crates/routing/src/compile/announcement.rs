//! What customers are told of their wait.

use std::time::Duration;

use caruso_markup::Element;

use super::Compiler;
use crate::configuration::Announcement;

/// When customers are told first, where the file does not say it.
const DEFAULT_AFTER: Duration = Duration::from_secs(30);
/// How long after that they are told again.
const DEFAULT_EVERY: Duration = Duration::from_secs(120);

impl Compiler<'_> {
    pub(super) fn announcement(&mut self, queue: &Element) -> Option<Announcement> {
        let element = queue.child("announcement")?;
        let script = self.script(element);
        let after = self.duration(element, "after", 1..=3600).unwrap_or(DEFAULT_AFTER);
        let every = self.duration(element, "every", 15..=3600).unwrap_or(DEFAULT_EVERY);
        Some(Announcement { script: script?, after, every })
    }
}
