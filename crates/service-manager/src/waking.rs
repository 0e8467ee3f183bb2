//! Who is woken by a change: those who watch an interface of which something has changed, and
//! nobody else. A task of its own does it, so that no writer waits for its watchers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Watchers that are woken at once; then others have their turn.
const AT_ONCE: usize = 16;

#[derive(Debug, Default)]
struct State {
    /// By interface, each by its number.
    watchers: HashMap<String, BTreeMap<u64, Arc<Notify>>>,
    /// Interfaces whose watchers are still to be woken.
    touched: BTreeSet<String>,
}

/// The watchers, by what they watch.
#[derive(Debug, Default)]
pub(crate) struct Waking {
    state: Mutex<State>,
    has_touched: Notify,
}

impl Waking {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The watcher of this number is woken when something of these interfaces changes, and no more
    /// when something of those does that it watched before.
    pub(crate) fn watch(
        &self,
        number: u64,
        before: &BTreeSet<String>,
        now: &BTreeSet<String>,
        wake: &Arc<Notify>,
    ) {
        let mut state = self.state();
        for interface in before {
            if let Some(watchers) = state.watchers.get_mut(interface) {
                watchers.remove(&number);
                if watchers.is_empty() {
                    state.watchers.remove(interface);
                }
            }
        }
        for interface in now {
            let watchers = state.watchers.entry(interface.clone()).or_default();
            watchers.insert(number, Arc::clone(wake));
        }
    }

    /// Something of these interfaces has changed.
    pub(crate) fn touched(&self, interfaces: BTreeSet<String>) {
        let mut state = self.state();
        let watched = interfaces.into_iter().filter(|it| state.watchers.contains_key(it));
        let watched: Vec<String> = watched.collect();
        if watched.is_empty() {
            return;
        }
        state.touched.extend(watched);
        drop(state);
        self.has_touched.notify_one();
    }

    fn take(&self) -> Vec<Arc<Notify>> {
        let mut state = self.state();
        let touched = std::mem::take(&mut state.touched);
        let mut all = BTreeMap::new();
        for watchers in touched.iter().filter_map(|interface| state.watchers.get(interface)) {
            all.extend(watchers.iter().map(|(number, wake)| (*number, Arc::clone(wake))));
        }
        all.into_values().collect()
    }

    /// Wakes whoever is to be woken, until the manager stops.
    pub(crate) async fn keep(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(self.has_touched.notified()).await.is_some() {
            // the writer's answer first
            tokio::task::yield_now().await;
            for some in self.take().chunks(AT_ONCE) {
                for wake in some {
                    wake.notify_one();
                }
                tokio::task::yield_now().await;
            }
        }
    }
}
