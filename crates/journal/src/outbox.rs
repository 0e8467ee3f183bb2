//! Errands for the outside: claimed, carried out, tried again later, given up.

use std::sync::PoisonError;
use std::time::Duration;

use caruso_contact::Time;
use serde_json::Value;
use sqlx::Row as _;

use crate::Error;
use crate::journal::Journal;
use crate::reader::open;
use crate::seal::Key;
use crate::writer::Command;

/// Most errands of one claim.
const MOST_CLAIMED: u32 = 256;

/// How often and after which waits a failed errand is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Wait after the first failure; doubles with each.
    pub first: Duration,
    /// Longest wait.
    pub longest: Duration,
    /// Attempts in all.
    pub attempts: u32,
}

impl Retry {
    /// The wait after this many failed attempts; nothing when it was the last.
    pub fn after(&self, failures: u32) -> Option<Duration> {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        (failures < self.attempts).then(|| doubled.min(self.longest))
    }
}

/// An errand that is due, claimed by whoever asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Idempotency key.
    pub key: String,
    /// The stream whose events led to it.
    pub stream: String,
    /// What is to be done; nothing when the person it is about was forgotten.
    pub body: Option<Value>,
    /// Attempts that failed before.
    pub failures: u32,
}

/// What waits in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// What is due, oldest first; each is claimed until settled, failed or released.
    pub due: Vec<Due>,
    /// When the next one will be, as far as it is known now.
    pub next_at: Option<Time>,
}

/// What comes after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It will be due again.
    Again {
        /// Then.
        at: Time,
    },
    /// It was the last attempt: the owner appends what that means, with
    /// [`Settled::Dead`](crate::Settled::Dead).
    Exhausted,
}

/// An errand that nobody tries any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Idempotency key.
    pub key: String,
    /// The stream whose events led to it.
    pub stream: String,
    /// Why.
    pub reason: String,
}

impl Journal {
    /// Claims up to `limit` errands that are due, for this process; after a crash they are free
    /// again. One worker asks, again whenever an errand is done.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn claim(&self, now: Time, limit: usize) -> Result<Waiting, Error> {
        let select = "SELECT o.number, o.errand, o.stream, o.attempts, o.due_at, o.sealed, k.secret
            FROM outbox o LEFT JOIN keys k ON k.key_id = o.key_id
            WHERE o.is_dead = 0 ORDER BY o.due_at, o.number LIMIT ?";
        // What is claimed now may be settled and released while the table is read.
        let before = self.claimed().clone();
        let most = MOST_CLAIMED.saturating_add(u32::try_from(before.len()).unwrap_or(u32::MAX));
        let rows = sqlx::query(select).bind(most).fetch_all(&self.shared.readers).await?;
        let mut waiting = Waiting { due: Vec::new(), next_at: None };
        let mut claimed = self.claimed();
        for row in &rows {
            let key: String = row.try_get(1)?;
            if before.contains(&key) || claimed.contains(&key) {
                continue;
            }
            let due_at = Time::from_millis(row.try_get::<i64, _>(4)?.cast_unsigned());
            if due_at > now || waiting.due.len() >= limit {
                waiting.next_at = Some(due_at);
                break;
            }
            let due = due(row, key)?;
            claimed.insert(due.key.clone());
            waiting.due.push(due);
        }
        Ok(waiting)
    }

    /// Waits until errands were added since the last wait.
    pub async fn errands_added(&self) {
        self.shared.errands.notified().await;
    }

    /// Gives a claim back after the errand was settled.
    pub fn release(&self, key: &str) {
        self.claimed().remove(key);
    }

    /// Tells that an attempt failed. The claim is given back where it will be tried again.
    ///
    /// # Errors
    /// As [`Journal::append`](crate::Journal::append).
    pub async fn failed(
        &self,
        due: &Due,
        now: Time,
        retry: &Retry,
        reason: &str,
    ) -> Result<Failed, Error> {
        let attempts = due.failures.saturating_add(1);
        let Some(wait) = retry.after(attempts) else { return Ok(Failed::Exhausted) };
        let due_at = now.after(wait);
        let (key, reason) = (due.key.clone(), reason.to_owned());
        self.command(Command::Postpone { key, attempts, due_at, reason }).await?;
        self.release(&due.key);
        Ok(Failed::Again { at: due_at })
    }

    /// Errands that nobody tries any more, oldest first; at most `limit`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, Error> {
        let select = "SELECT errand, stream, coalesce(reason, '') FROM outbox WHERE is_dead = 1
            ORDER BY number LIMIT ?";
        let rows = sqlx::query(select).bind(limit).fetch_all(&self.shared.readers).await?;
        let letter = |row: &sqlx::sqlite::SqliteRow| {
            Ok(DeadLetter {
                key: row.try_get(0)?,
                stream: row.try_get(1)?,
                reason: row.try_get(2)?,
            })
        };
        rows.iter().map(letter).collect()
    }

    fn claimed(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeSet<String>> {
        self.shared.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn due(row: &sqlx::sqlite::SqliteRow, key: String) -> Result<Due, Error> {
    let (sealed, secret): (Option<&[u8]>, Option<&[u8]>) = (row.try_get(5)?, row.try_get(6)?);
    let body = match sealed.zip(secret.and_then(Key::new)) {
        Some((sealed, secret)) => {
            let position = row.try_get::<i64, _>(0)?.cast_unsigned();
            let reason = "the errand cannot be read".to_owned();
            let body = open(&secret, sealed, key.as_bytes());
            Some(body.ok_or(Error::Damaged { position, reason })?)
        }
        None => None,
    };
    Ok(Due { key, stream: row.try_get(2)?, body, failures: row.try_get(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit_and_end() {
        let second = Duration::from_secs(1);
        let retry = Retry { first: second, longest: 5 * second, attempts: 6 };
        let waits: Vec<_> = (1..=6).map(|failures| retry.after(failures)).collect();
        let expected = [1, 2, 4, 5, 5].map(|seconds| Some(seconds * second));
        assert_eq!(waits[..5], expected);
        assert_eq!(waits[5], None);
    }
}
