//! What a component has called of others, as it says itself.

use std::collections::BTreeMap;

/// Methods and instances of one session that are counted; what is more is not.
const MOST_USES: usize = 1_024;

/// Calls of one method of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `/package.Service/Method`.
    pub method: String,
    /// Who was called.
    pub instance: String,
    /// How often.
    pub calls: u64,
    /// Of them those that the instance did not serve.
    pub failures: u64,
    /// Until the answer began, all calls together.
    pub microseconds: u64,
}

/// Everything that one session has called since it began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    counted: BTreeMap<(String, String), (String, Outcome)>,
}

impl Uses {
    /// Adds what has come of more calls, each with the name of the component that was called. Where
    /// there is no room, instances that are gone make it.
    pub(super) fn add(&mut self, outcomes: Vec<(String, Outcome)>, is_here: impl Fn(&str) -> bool) {
        if self.counted.len() + outcomes.len() > MOST_USES {
            self.counted.retain(|(_, instance), _| is_here(instance));
        }
        for (component, more) in outcomes {
            let has_room = self.counted.len() < MOST_USES;
            let key = (more.method.clone(), more.instance.clone());
            match self.counted.get_mut(&key) {
                Some((_, known)) => {
                    known.calls = known.calls.saturating_add(more.calls);
                    known.failures = known.failures.saturating_add(more.failures);
                    known.microseconds = known.microseconds.saturating_add(more.microseconds);
                }
                None if has_room => {
                    self.counted.insert(key, (component, more));
                }
                None => {}
            }
        }
    }

    /// Sorted by method and instance, each with the name of the component that was called.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.counted.values().map(|(component, outcome)| (component.as_str(), outcome))
    }
}
