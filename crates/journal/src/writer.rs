//! The one writer: takes all that waits, writes it in one transaction, tells how far the disk is.

use std::collections::HashMap;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use caruso_contact::{ContactId, Time};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::Error;
use crate::batch::{Batch, Errand, Fact, Life, Receipt, Settled};
use crate::journal::{Progress, Shared};
use crate::seal::{Key, random};
use crate::snapshot::{self, Snapshot};

/// Most facts of one transaction, give or take a batch.
const GROUP: usize = 512;
/// Longest time for gathering one.
const GATHER: Duration = Duration::from_millis(2);
/// Rows of one statement.
const ROWS: usize = 128;
/// Keys kept in memory.
const KEYS: usize = 4096;

/// What the writer does, in the order it was asked.
#[derive(Debug)]
pub(crate) enum Command {
    Append { batch: Batch, receipt: Receipt, request: Option<String> },
    Postpone { key: String, attempts: u32, due_at: Time, reason: String },
    Forget { contact: ContactId },
    Key { contact: ContactId, given: oneshot::Sender<Option<Key>> },
    Keep { stream: String, snapshot: Snapshot, since: Time },
}

#[derive(Debug)]
pub(crate) struct Writer {
    connection: SqliteConnection,
    shared: Weak<Shared>,
    /// By owner; `None` where the key was destroyed.
    keys: HashMap<String, Option<(Uuid, Key)>>,
    /// Held until the file is closed.
    _lock: File,
}

/// A fact as it stands in the table.
struct EventRow {
    position: u64,
    fact: Fact,
    batch: Arc<Batch>,
    key_id: Option<Uuid>,
    sealed: Option<Vec<u8>>,
}

/// What one transaction did beside its rows.
#[derive(Default)]
struct Group {
    commands: u64,
    rows: Vec<EventRow>,
    batches: Vec<(Receipt, Option<String>)>,
    has_errands: bool,
    has_forgotten: bool,
}

impl Writer {
    pub(crate) fn new(connection: SqliteConnection, lock: File, shared: Weak<Shared>) -> Self {
        Self { connection, shared, keys: HashMap::new(), _lock: lock }
    }

    /// Runs until the queue is closed and empty, or a commit fails.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        progress: watch::Sender<Progress>,
    ) {
        while let Some(first) = commands.recv().await {
            let waiting = gather(first, &mut commands);
            match self.commit(waiting).await {
                Ok(group) => self.publish(&group, &progress),
                Err(error) => {
                    let reason: Arc<str> = chain(&error).into();
                    tracing::error!(journal.error = &*reason, "a commit failed");
                    progress.send_modify(|progress| progress.broken = Some(reason));
                    return;
                }
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the journal was not closed cleanly");
        }
    }

    async fn commit(&mut self, commands: Vec<Command>) -> Result<Group, Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let mut group = Group { commands: commands.len() as u64, ..Group::default() };
        for command in commands {
            match command {
                Command::Append { batch, receipt, request } => {
                    self.write_batch(&mut group, batch, receipt, request).await?;
                }
                Command::Postpone { key, attempts, due_at, reason } => {
                    self.postpone(&key, attempts, due_at, &reason).await?;
                }
                Command::Forget { contact } => {
                    self.forget(&contact.to_string()).await?;
                    group.has_forgotten = true;
                }
                Command::Key { contact, given } => {
                    let key = self.key(&contact.to_string()).await?;
                    // who asked waits for the commit, or has gone
                    let _ = given.send(key.map(|(_, key)| key));
                }
                Command::Keep { stream, snapshot, since } => {
                    snapshot::keep(&mut self.connection, &stream, &snapshot, since).await?;
                }
            }
        }
        for rows in group.rows.chunks(ROWS) {
            insert_events(&mut self.connection, rows).await?;
        }
        let started = Instant::now();
        self.execute("COMMIT").await?;
        let commit = started.elapsed();
        if group.has_forgotten {
            // The old pages, key included, still stand in the write-ahead log.
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        if let Some(shared) = self.shared.upgrade() {
            let micros = u64::try_from(commit.as_micros()).unwrap_or(u64::MAX);
            shared.figures.commit_micros.fetch_add(micros, Ordering::Relaxed);
        }
        Ok(group)
    }

    fn publish(&self, group: &Group, progress: &watch::Sender<Progress>) {
        let shared = self.shared.upgrade();
        if let Some(shared) = &shared {
            shared.caught_up(&group.batches);
            shared.figures.events.fetch_add(group.rows.len() as u64, Ordering::Relaxed);
            shared.figures.commits.fetch_add(1, Ordering::Relaxed);
        }
        progress.send_modify(|progress| {
            progress.ticket += group.commands;
            progress.position += group.rows.len() as u64;
        });
        if let Some(shared) = shared.filter(|_| group.has_errands) {
            shared.errands.notify_one();
        }
    }

    async fn write_batch(
        &mut self,
        group: &mut Group,
        mut batch: Batch,
        receipt: Receipt,
        request: Option<String>,
    ) -> Result<(), Error> {
        let facts = std::mem::take(&mut batch.facts);
        let errands = std::mem::take(&mut batch.errands);
        let batch = Arc::new(batch);
        for (position, mut fact) in (receipt.first..).zip(facts) {
            let (key_id, sealed) = self.seal_fact(&batch.stream, &mut fact).await?;
            let batch = Arc::clone(&batch);
            group.rows.push(EventRow { position, fact, batch, key_id, sealed });
        }
        group.has_errands |= !errands.is_empty();
        for errand in errands {
            self.write_errand(&batch.stream, errand).await?;
        }
        for settled in &batch.settled {
            self.settle(settled).await?;
        }
        match batch.life {
            Some(Life::Begins) => self.open_stream(&batch).await?,
            Some(Life::Ends) => self.close_stream(&batch.stream).await?,
            None => {}
        }
        if let Some(request) = &request {
            sqlx::query("INSERT INTO requests VALUES (?, ?, ?, ?)")
                .bind(request)
                .bind(&receipt.stream)
                .bind(receipt.first.cast_signed())
                .bind(receipt.last.cast_signed())
                .execute(&mut self.connection)
                .await?;
        }
        group.batches.push((receipt, request));
        Ok(())
    }

    async fn open_stream(&mut self, batch: &Batch) -> Result<(), Error> {
        sqlx::query("INSERT INTO open_streams VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(&batch.stream)
            .bind(&batch.release_digest)
            .bind(batch.recorded_at.as_millis().cast_signed())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn close_stream(&mut self, stream: &str) -> Result<(), Error> {
        let delete = sqlx::query("DELETE FROM open_streams WHERE stream = ?").bind(stream);
        delete.execute(&mut self.connection).await?;
        Ok(())
    }

    async fn seal_fact(
        &mut self,
        stream: &str,
        fact: &mut Fact,
    ) -> Result<(Option<Uuid>, Option<Vec<u8>>), Error> {
        let personal = fact.take_personal();
        if personal.is_empty() {
            return Ok((None, None));
        }
        let owner = fact.contact_id.map_or_else(|| stream.to_owned(), |id| id.to_string());
        let Some((key_id, key)) = self.key(&owner).await? else { return Ok((None, None)) };
        let text = serde_json::Value::Object(personal).to_string();
        let sealed = key.seal(text.as_bytes(), fact.event_id.0.as_bytes())?;
        Ok((Some(key_id), Some(sealed)))
    }

    async fn write_errand(&mut self, stream: &str, errand: Errand) -> Result<(), Error> {
        let owner = errand.contact_id.map_or_else(|| stream.to_owned(), |id| id.to_string());
        let (key_id, sealed) = match self.key(&owner).await? {
            Some((id, key)) => {
                let body = errand.body.to_string();
                let sealed = key.seal(body.as_bytes(), errand.key.as_bytes())?;
                (Some(id.as_bytes().to_vec()), Some(sealed))
            }
            None => (None, None),
        };
        let insert =
            "INSERT INTO outbox (errand, stream, key_id, sealed, attempts, due_at, is_dead)
            VALUES (?, ?, ?, ?, 0, ?, 0) ON CONFLICT (errand) DO NOTHING";
        sqlx::query(insert)
            .bind(errand.key)
            .bind(stream)
            .bind(key_id)
            .bind(sealed)
            .bind(errand.due_at.as_millis().cast_signed())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn settle(&mut self, settled: &Settled) -> Result<(), Error> {
        let query = match settled {
            Settled::Done { key } => sqlx::query("DELETE FROM outbox WHERE errand = ?").bind(key),
            Settled::Dead { key, reason } => {
                sqlx::query("UPDATE outbox SET is_dead = 1, reason = ? WHERE errand = ?")
                    .bind(reason)
                    .bind(key)
            }
        };
        query.execute(&mut self.connection).await?;
        Ok(())
    }

    async fn postpone(
        &mut self,
        key: &str,
        attempts: u32,
        due_at: Time,
        reason: &str,
    ) -> Result<(), Error> {
        sqlx::query("UPDATE outbox SET attempts = ?, due_at = ?, reason = ? WHERE errand = ?")
            .bind(attempts)
            .bind(due_at.as_millis().cast_signed())
            .bind(reason)
            .bind(key)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// The key of an owner, made where there never was one; `None` where it was destroyed.
    async fn key(&mut self, owner: &str) -> Result<Option<(Uuid, Key)>, Error> {
        if let Some(known) = self.keys.get(owner) {
            return Ok(known.clone());
        }
        let found = sqlx::query("SELECT key_id, secret FROM keys WHERE owner = ?").bind(owner);
        let key = match found.fetch_optional(&mut self.connection).await? {
            Some(row) => {
                let id = Uuid::from_slice(row.try_get(0)?).ok();
                let secret: Option<&[u8]> = row.try_get(1)?;
                id.zip(secret.and_then(Key::new))
            }
            None => Some(self.make_key(owner).await?),
        };
        if self.keys.len() >= KEYS {
            self.keys.clear();
        }
        self.keys.insert(owner.to_owned(), key.clone());
        Ok(key)
    }

    async fn make_key(&mut self, owner: &str) -> Result<(Uuid, Key), Error> {
        let secret = random::<32>()?;
        let id = Uuid::now_v7();
        sqlx::query("INSERT INTO keys VALUES (?, ?, ?)")
            .bind(id.as_bytes().as_slice())
            .bind(owner)
            .bind(secret.as_slice())
            .execute(&mut self.connection)
            .await?;
        Ok((id, Key::new(&secret).expect("32 bytes are a key")))
    }

    /// An owner without a key is remembered too, so that none is made later.
    async fn forget(&mut self, owner: &str) -> Result<(), Error> {
        let statement = "INSERT INTO keys VALUES (?, ?, NULL)
            ON CONFLICT (owner) DO UPDATE SET secret = NULL";
        sqlx::query(statement)
            .bind(Uuid::now_v7().as_bytes().as_slice())
            .bind(owner)
            .execute(&mut self.connection)
            .await?;
        self.keys.insert(owner.to_owned(), None);
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), Error> {
        sqlx::query(statement).execute(&mut self.connection).await?;
        Ok(())
    }
}

/// All that waits, up to the limits.
fn gather(first: Command, commands: &mut mpsc::Receiver<Command>) -> Vec<Command> {
    let started = Instant::now();
    let facts = |command: &Command| match command {
        Command::Append { batch, .. } => batch.facts.len().max(1),
        Command::Postpone { .. }
        | Command::Forget { .. }
        | Command::Key { .. }
        | Command::Keep { .. } => 1,
    };
    let mut count = facts(&first);
    let mut waiting = vec![first];
    while count < GROUP && started.elapsed() < GATHER {
        let Ok(command) = commands.try_recv() else { break };
        count += facts(&command);
        waiting.push(command);
    }
    waiting
}

async fn insert_events(connection: &mut SqliteConnection, rows: &[EventRow]) -> Result<(), Error> {
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO events ");
    insert.push_values(rows, |mut values, row| {
        let (fact, batch) = (&row.fact, &row.batch);
        values
            .push_bind(row.position.cast_signed())
            .push_bind(fact.event_id.0.as_bytes().to_vec())
            .push_bind(batch.stream.clone())
            .push_bind(fact.contact_id.map(|id| id.0.as_bytes().to_vec()))
            .push_bind(batch.causation_id.map(|id| id.as_bytes().to_vec()))
            .push_bind(batch.actor.clone())
            .push_bind(fact.type_name.clone())
            .push_bind(fact.schema_version)
            .push_bind(batch.release_digest.clone())
            .push_bind(batch.recorded_at.as_millis().cast_signed())
            .push_bind(row.key_id.map(|id| id.as_bytes().to_vec()))
            .push_bind(fact.payload.to_string())
            .push_bind(row.sealed.clone());
    });
    // Statements of many lengths would push each other out of the cache.
    let is_lone = rows.len() == 1;
    insert.build().persistent(is_lone).execute(connection).await?;
    Ok(())
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
