//! Reading: from a position on, one stream, or following the end.

use std::collections::VecDeque;

use caruso_contact::{ContactId, Envelope, EventId, Time};
use serde_json::{Map, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};
use tokio::sync::watch;
use uuid::Uuid;

use crate::journal::{Journal, Progress};
use crate::schema::Installation;
use crate::seal::Key;
use crate::{Error, Receipt};

/// Most events of one read.
pub const MOST_READ: u32 = 1000;

const EVENTS: &str = "SELECT e.position, e.event_id, e.stream, e.contact_id, e.causation_id,
    e.actor, e.type_name, e.schema_version, e.release_digest, e.recorded_at, e.key_id, e.payload,
    e.sealed, k.secret FROM events e LEFT JOIN keys k ON k.key_id = e.key_id WHERE e.position > ";

impl Journal {
    /// The durable events behind `position`, in order; at most `limit`, at most [`MOST_READ`].
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn read_after(
        &self,
        position: u64,
        limit: u32,
    ) -> Result<Vec<Envelope<Value>>, Error> {
        self.read(None, position, limit).await
    }

    /// The first event of every stream that is open, with the release that it is on; personal
    /// fields are left out.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn open_beginnings(&self) -> Result<Vec<(String, Value)>, Error> {
        let select = "SELECT o.release_digest, e.payload FROM open_streams o
            JOIN events e ON e.position =
                (SELECT min(position) FROM events f WHERE f.stream = o.stream)
            ORDER BY o.stream";
        let rows = sqlx::query(select).fetch_all(&self.shared.readers).await?;
        let beginning = |row: &SqliteRow| {
            let payload: String = row.try_get(1)?;
            let payload = serde_json::from_str(&payload).unwrap_or_default();
            Ok((row.try_get(0)?, payload))
        };
        rows.iter().map(beginning).collect()
    }

    /// The durable events of one stream behind `position`, in order; limits as
    /// [`Journal::read_after`].
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn read_stream(
        &self,
        stream: &str,
        position: u64,
        limit: u32,
    ) -> Result<Vec<Envelope<Value>>, Error> {
        self.read(Some(stream), position, limit).await
    }

    async fn read(
        &self,
        stream: Option<&str>,
        position: u64,
        limit: u32,
    ) -> Result<Vec<Envelope<Value>>, Error> {
        let mut select = QueryBuilder::<Sqlite>::new(EVENTS);
        select.push_bind(position.cast_signed());
        if let Some(stream) = stream {
            select.push(" AND e.stream = ").push_bind(stream.to_owned());
        }
        select.push(" ORDER BY e.position LIMIT ").push_bind(limit.min(MOST_READ));
        let rows = select.build().fetch_all(&self.shared.readers).await?;
        rows.iter().map(|row| envelope(&self.shared.installation, row)).collect()
    }

    /// Follows the log from behind `after`: what is there, then what comes.
    pub fn tail(&self, after: u64) -> Tail {
        let progress = self.shared.progress.clone();
        Tail { journal: self.clone(), after, progress, buffer: VecDeque::new() }
    }

    /// Digests of the releases that open streams began under.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn open_releases(&self) -> Result<Vec<String>, Error> {
        let select = sqlx::query_scalar("SELECT DISTINCT release_digest FROM open_streams");
        Ok(select.fetch_all(&self.shared.readers).await?)
    }

    /// Streams that began before `time` and are still open, oldest first; at most [`MOST_READ`].
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn open_since_before(&self, time: Time) -> Result<Vec<String>, Error> {
        let select = "SELECT stream FROM open_streams WHERE opened_at < ?
            ORDER BY opened_at, stream LIMIT ?";
        let select = sqlx::query_scalar(select).bind(time.as_millis().cast_signed());
        Ok(select.bind(MOST_READ).fetch_all(&self.shared.readers).await?)
    }

    pub(crate) async fn read_key(&self, contact: ContactId) -> Result<Option<Key>, Error> {
        let select = sqlx::query_scalar("SELECT secret FROM keys WHERE owner = ?");
        let select = select.bind(contact.to_string());
        let found: Option<Option<Vec<u8>>> = select.fetch_optional(&self.shared.readers).await?;
        Ok(found.flatten().as_deref().and_then(Key::new))
    }

    pub(crate) async fn read_head(&self, stream: &str) -> Result<u64, Error> {
        let select = "SELECT coalesce(max(position), 0) FROM events WHERE stream = ?";
        let head: i64 =
            sqlx::query_scalar(select).bind(stream).fetch_one(&self.shared.readers).await?;
        Ok(head.cast_unsigned())
    }

    pub(crate) async fn read_request(&self, request: &str) -> Result<Option<Receipt>, Error> {
        let select = "SELECT stream, first, last FROM requests WHERE request = ?";
        let row = sqlx::query(select).bind(request).fetch_optional(&self.shared.readers).await?;
        row.map(|row| {
            Ok(Receipt {
                stream: row.try_get(0)?,
                first: row.try_get::<i64, _>(1)?.cast_unsigned(),
                last: row.try_get::<i64, _>(2)?.cast_unsigned(),
            })
        })
        .transpose()
    }
}

/// A reader that follows the log; it reads only as fast as it is asked.
#[derive(Debug)]
pub struct Tail {
    journal: Journal,
    after: u64,
    progress: watch::Receiver<Progress>,
    buffer: VecDeque<Envelope<Value>>,
}

impl Tail {
    /// The next durable event; waits for it. Nothing is lost when the wait is given up.
    ///
    /// # Errors
    /// [`Error::Closed`] at the end of a closed journal, [`Error::Broken`] of a broken one.
    pub async fn next(&mut self) -> Result<Envelope<Value>, Error> {
        loop {
            if let Some(event) = self.buffer.pop_front() {
                self.after = event.position;
                return Ok(event);
            }
            let after = self.after;
            let is_news = |now: &Progress| now.position > after || now.broken.is_some();
            // An error means that the writer ended; what it reached says the rest.
            self.progress.wait_for(is_news).await.ok();
            let seen = self.progress.borrow().clone();
            if seen.position <= after {
                return Err(seen.broken.map_or(Error::Closed, Error::Broken));
            }
            self.buffer.extend(self.journal.read_after(after, MOST_READ).await?);
        }
    }
}

fn envelope(installation: &Installation, row: &SqliteRow) -> Result<Envelope<Value>, Error> {
    let position = row.try_get::<i64, _>(0)?.cast_unsigned();
    let damaged = |reason: &str| Error::Damaged { position, reason: reason.to_owned() };
    let id = |column| -> Result<Option<Uuid>, Error> {
        let bytes: Option<&[u8]> = row.try_get(column)?;
        bytes.map(|bytes| Uuid::from_slice(bytes).map_err(|_| damaged("an id"))).transpose()
    };
    let event_id = id(1)?.ok_or_else(|| damaged("no id"))?;
    let text: &str = row.try_get(11)?;
    let mut payload = serde_json::from_str(text).map_err(|_| damaged("no JSON"))?;
    let (sealed, secret): (Option<&[u8]>, Option<&[u8]>) = (row.try_get(12)?, row.try_get(13)?);
    if let Some((sealed, key)) = sealed.zip(secret.and_then(Key::new)) {
        let fields = open::<Map<String, Value>>(&key, sealed, event_id.as_bytes());
        restore(&mut payload, fields.ok_or_else(|| damaged("its personal fields"))?);
    }
    Ok(Envelope {
        realm: installation.realm.clone(),
        site: installation.site.clone(),
        stream: row.try_get(2)?,
        position,
        event_id: EventId(event_id),
        contact_id: id(3)?.map(ContactId),
        causation_id: id(4)?,
        actor: row.try_get(5)?,
        type_name: row.try_get(6)?,
        schema_version: row.try_get(7)?,
        release_digest: row.try_get(8)?,
        recorded_at: Time::from_millis(row.try_get::<i64, _>(9)?.cast_unsigned()),
        key_id: id(10)?,
        payload,
    })
}

fn restore(payload: &mut Value, fields: Map<String, Value>) {
    for (pointer, value) in fields {
        if let Some(place) = payload.pointer_mut(&pointer) {
            *place = value;
        }
    }
}

/// Reads sealed JSON; `None` where it is damaged.
pub(crate) fn open<T: serde::de::DeserializeOwned>(
    key: &Key,
    sealed: &[u8],
    about: &[u8],
) -> Option<T> {
    serde_json::from_slice(&key.open(sealed, about)?).ok()
}
