//! What was answered to which key.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::protocol::Done;

/// Keys that are remembered; the oldest goes first.
pub const MAX_KEYS: usize = 1_000;

/// A final answer: done, or refused in words.
pub(crate) type Final = Result<Arc<Done>, String>;

/// The latest final answers by key. It spares the program repeated questions; that the same key
/// gives the same result beyond it, and beyond a restart, is the program's duty.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    answers: HashMap<String, Final>,
    order: VecDeque<String>,
}

impl Answered {
    pub(crate) fn find(&self, key: &str) -> Option<Final> {
        self.answers.get(key).cloned()
    }

    pub(crate) fn keep(&mut self, key: String, answer: Final) {
        if self.answers.insert(key.clone(), answer).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_KEYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_key_goes_when_there_are_too_many() {
        let mut answered = Answered::default();
        for number in 0..=MAX_KEYS {
            answered.keep(number.to_string(), Err(format!("no {number}")));
            answered.keep(number.to_string(), Err(format!("no {number}")));
        }
        assert_eq!(answered.find("0"), None);
        assert_eq!(answered.find("1"), Some(Err("no 1".into())));
        assert_eq!((answered.answers.len(), answered.order.len()), (MAX_KEYS, MAX_KEYS));
    }
}
