//! Log-in sessions: opened with a password, taken up with a secret, over at log-out or by time.

use std::collections::BTreeMap;

use caruso_component::token::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A session ends this many seconds after log-in, whatever happens: one working day.
pub(crate) const LIFE: u64 = 12 * 3600;
/// A session ends this many seconds after its last refresh.
pub(crate) const IDLE: u64 = 3600;
/// Sessions of one user at the same time; beyond, the oldest ends.
const MOST_PER_USER: usize = 16;
/// `seen_at` is written to disk in steps of this many seconds.
const STEP: u64 = 60;

/// One log-in session. Times are seconds since 1970, so that sessions survive a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Named in tokens; no secret.
    pub(crate) id: String,
    pub(crate) user: String,
    opened_at: u64,
    seen_at: u64,
}

impl Session {
    fn is_over(&self, now: u64) -> bool {
        now >= self.opened_at + LIFE || now >= self.seen_at + IDLE
    }

    /// When the session ends at the latest.
    pub(crate) fn ends_at(&self) -> u64 {
        self.opened_at + LIFE
    }
}

/// Every open session, by the digest of its secret: the secret itself is kept by the user only.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    open: BTreeMap<String, Session>,
}

fn key(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

impl Sessions {
    /// Opens a session for a user whose password was right.
    pub(crate) fn open(&mut self, now: u64, user: &str, id: String, secret: &str) -> Session {
        self.open.retain(|_, session| !session.is_over(now));
        let of_user = || self.open.iter().filter(|(_, session)| session.user == user);
        if of_user().count() >= MOST_PER_USER {
            let oldest = of_user().min_by_key(|(_, session)| session.opened_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.open.remove(&oldest);
            }
        }
        let session = Session { id, user: user.to_owned(), opened_at: now, seen_at: now };
        self.open.insert(key(secret), session.clone());
        session
    }

    /// Takes a session up; also says whether that is worth writing to disk.
    pub(crate) fn see(&mut self, now: u64, secret: &str) -> Option<(Session, bool)> {
        let session = self.open.get_mut(&key(secret)).filter(|session| !session.is_over(now))?;
        let is_worth_writing = now >= session.seen_at + STEP;
        if is_worth_writing {
            session.seen_at = now;
        }
        Some((session.clone(), is_worth_writing))
    }

    /// Ends all sessions of a user; false when there was none.
    pub(crate) fn close_all(&mut self, user: &str) -> bool {
        let before = self.open.len();
        self.open.retain(|_, session| session.user != user);
        self.open.len() < before
    }

    /// Ends a session; false when there was none.
    pub(crate) fn close(&mut self, secret: &str) -> bool {
        self.open.remove(&key(secret)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_while_it_is_used_but_not_beyond_a_day_of_work() {
        let mut sessions = Sessions::default();
        sessions.open(0, "anna", "s1".into(), "secret");
        assert!(sessions.see(IDLE - 1, "secret").is_some());
        assert!(sessions.see(IDLE - 1 + IDLE, "secret").is_none(), "idle for an hour");
        let mut sessions = Sessions::default();
        sessions.open(0, "anna", "s1".into(), "secret");
        for now in (0..LIFE).step_by(1000) {
            assert!(sessions.see(now, "secret").is_some(), "{now}");
        }
        assert!(sessions.see(LIFE, "secret").is_none());
    }

    #[test]
    fn a_session_needs_its_secret_and_ends_at_log_out() {
        let mut sessions = Sessions::default();
        sessions.open(0, "anna", "s1".into(), "secret");
        assert!(sessions.see(1, "guess").is_none());
        assert!(sessions.close("secret"));
        assert!(sessions.see(1, "secret").is_none());
        assert!(!sessions.close("secret"), "a repeat does nothing");
        let kept = serde_json::to_string(&sessions).expect("a document");
        assert!(!kept.contains("secret"));
    }

    #[test]
    fn the_oldest_session_of_a_user_makes_room() {
        let mut sessions = Sessions::default();
        sessions.open(0, "bram", "b".into(), "bram");
        for number in 0..=MOST_PER_USER as u64 {
            sessions.open(number, "anna", number.to_string(), &number.to_string());
        }
        assert!(sessions.see(20, "0").is_none());
        assert!(sessions.see(20, "1").is_some() && sessions.see(20, "bram").is_some());
    }
}
