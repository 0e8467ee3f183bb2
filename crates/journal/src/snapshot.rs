//! States of an owner at places in the log, from which a start reads on.

use caruso_contact::Time;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::writer::Command;
use crate::{Error, Journal};

/// Most bytes of one state.
pub const MOST_STATE_BYTES: usize = 16 * 1024 * 1024;

/// What the owner of a stream knew after an event. It follows from the log and may be thrown away
/// at any time; the journal does not encrypt it, so that nothing that belongs to a person may stand
/// in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Position of the last event that counts in it.
    pub position: u64,
    /// When that was recorded.
    pub recorded_at: Time,
    /// The form of the state, in the owner's words; another form is never read.
    pub form: String,
    /// The state.
    pub state: Vec<u8>,
}

impl Journal {
    /// Keeps a snapshot once what was appended before is durable, and throws away what nobody will
    /// ask for any more who asks for one of `since` at the earliest: of the older ones all but the
    /// latest.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub async fn keep(&self, stream: &str, snapshot: Snapshot, since: Time) -> Result<(), Error> {
        let bytes = snapshot.state.len();
        if bytes > MOST_STATE_BYTES {
            return Err(Error::TooLarge { facts: 0, bytes });
        }
        self.command(Command::Keep { stream: stream.to_owned(), snapshot, since }).await
    }

    /// The latest snapshot of this form that is not younger than `at`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn snapshot(
        &self,
        stream: &str,
        form: &str,
        at: Time,
    ) -> Result<Option<Snapshot>, Error> {
        let select = "SELECT position, recorded_at, form, state FROM snapshots
            WHERE stream = ? AND form = ? AND recorded_at <= ? ORDER BY position DESC LIMIT 1";
        let select = sqlx::query(select).bind(stream).bind(form);
        let select = select.bind(at.as_millis().cast_signed());
        let Some(row) = select.fetch_optional(&self.shared.readers).await? else { return Ok(None) };
        let (position, recorded_at): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Some(Snapshot {
            position: position.cast_unsigned(),
            recorded_at: Time::from_millis(recorded_at.cast_unsigned()),
            form: row.try_get(2)?,
            state: row.try_get(3)?,
        }))
    }
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    stream: &str,
    snapshot: &Snapshot,
    since: Time,
) -> Result<(), Error> {
    sqlx::query("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)")
        .bind(stream)
        .bind(snapshot.position.cast_signed())
        .bind(&snapshot.form)
        .bind(snapshot.recorded_at.as_millis().cast_signed())
        .bind(&snapshot.state)
        .execute(&mut *connection)
        .await?;
    let delete = "DELETE FROM snapshots WHERE stream = ?1 AND (form <> ?2 OR position <
        (SELECT max(position) FROM snapshots WHERE stream = ?1 AND recorded_at <= ?3))";
    sqlx::query(delete)
        .bind(stream)
        .bind(&snapshot.form)
        .bind(since.as_millis().cast_signed())
        .execute(connection)
        .await?;
    Ok(())
}
