//! Sessions in memory: those in use, within a limit; the others are on disk and come back cold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use caruso_dialogue::View;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Error;
use crate::session::Session;

/// A session in use. Whoever works with it holds the slot; nobody else writes to its stream.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) id: Uuid,
    /// Nothing until it was read.
    pub(crate) slot: tokio::sync::Mutex<Option<Session>>,
    /// The last durable view.
    pub(crate) view: watch::Sender<Option<Arc<View>>>,
    used: AtomicU64,
}

/// Those in memory.
#[derive(Debug)]
pub(crate) struct Sessions {
    most: usize,
    turn: AtomicU64,
    /// The turn when [`Self::rest`] was last called.
    rested: AtomicU64,
    live: Mutex<HashMap<Uuid, Arc<Live>>>,
}

impl Sessions {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, turn: AtomicU64::new(0), rested: AtomicU64::new(0), live: Mutex::default() }
    }

    /// The session of an id, perhaps still to be read.
    ///
    /// # Errors
    /// [`Error::TooMany`] when all that are in memory are being used.
    pub(crate) fn get(&self, id: Uuid) -> Result<Arc<Live>, Error> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = live.get(&id) {
            found.used.store(turn, Ordering::Relaxed);
            return Ok(Arc::clone(found));
        }
        if live.len() >= self.most {
            evict(&mut live, self.most);
        }
        if live.len() >= self.most {
            return Err(Error::TooMany);
        }
        let (slot, view) = (tokio::sync::Mutex::new(None), watch::Sender::new(None));
        let new = Arc::new(Live { id, slot, view, used: AtomicU64::new(turn) });
        live.insert(id, Arc::clone(&new));
        Ok(new)
    }

    /// Lets go of those that nobody holds and nobody used since the last call. Gives their number.
    pub(crate) fn rest(&self) -> usize {
        let now = self.turn.load(Ordering::Relaxed);
        let before = self.rested.swap(now, Ordering::Relaxed);
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let count = live.len();
        live.retain(|_, it| Arc::strong_count(it) > 1 || it.used.load(Ordering::Relaxed) >= before);
        let rested = count - live.len();
        live.shrink_to_fit();
        rested
    }

    /// Forgets one that could not be read.
    pub(crate) fn remove(&self, id: Uuid) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// Makes room: a tenth of the limit, those unused for longest, none that somebody holds.
fn evict(live: &mut HashMap<Uuid, Arc<Live>>, most: usize) {
    let idle = live.values().filter(|it| Arc::strong_count(it) == 1);
    let mut idle: Vec<(u64, Uuid)> =
        idle.map(|it| (it.used.load(Ordering::Relaxed), it.id)).collect();
    idle.sort_unstable();
    for (_, id) in idle.into_iter().take(most.div_ceil(10)) {
        live.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_makes_room_and_those_in_use_never_do() {
        let sessions = Sessions::new(2);
        let [a, b, c, d] = [1, 2, 3, 4].map(Uuid::from_u128);
        let held = sessions.get(a).expect("room");
        sessions.get(b).expect("room");
        sessions.get(c).expect("b makes room");
        let again = sessions.get(a).expect("there");
        assert!(Arc::ptr_eq(&held, &again));
        let also_held = sessions.get(c).expect("there");
        assert!(matches!(sessions.get(d), Err(Error::TooMany)));
        drop(also_held);
        sessions.get(d).expect("c makes room");
    }

    #[test]
    fn who_is_not_used_between_two_rests_makes_room_unless_it_is_held() {
        let sessions = Sessions::new(10);
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let held = sessions.get(a).expect("room");
        drop((sessions.get(b), sessions.get(c)));
        assert_eq!(sessions.rest(), 0, "all were used");
        drop(sessions.get(c));
        assert_eq!(sessions.rest(), 1, "b was not, and nobody holds it");
        assert!(Arc::ptr_eq(&held, &sessions.get(a).expect("there")));
    }
}
