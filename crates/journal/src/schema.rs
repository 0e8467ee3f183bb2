//! The database file: its tables, how it is opened, and the proof that nobody else has it open.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Row as _};

use crate::Error;

/// Version of the tables below.
const SCHEMA_VERSION: i64 = 1;
/// Connections that read beside the writer.
const READERS: u32 = 4;
/// How long a commit waits for somebody who copies the file, a backup for example.
const BUSY: Duration = Duration::from_secs(2);

const TABLES: [&str; 8] = [
    "CREATE TABLE journal (schema_version INTEGER NOT NULL, realm TEXT NOT NULL,
       site TEXT NOT NULL) STRICT",
    "CREATE TABLE keys (key_id BLOB PRIMARY KEY, owner TEXT NOT NULL UNIQUE, secret BLOB)
       STRICT, WITHOUT ROWID",
    "CREATE TABLE events (position INTEGER PRIMARY KEY, event_id BLOB NOT NULL,
       stream TEXT NOT NULL, contact_id BLOB, causation_id BLOB, actor TEXT NOT NULL,
       type_name TEXT NOT NULL, schema_version INTEGER NOT NULL, release_digest TEXT NOT NULL,
       recorded_at INTEGER NOT NULL, key_id BLOB, payload TEXT NOT NULL, sealed BLOB) STRICT",
    "CREATE INDEX events_of_stream ON events (stream, position)",
    "CREATE TABLE open_streams (stream TEXT PRIMARY KEY, release_digest TEXT NOT NULL,
       opened_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE requests (request TEXT PRIMARY KEY, stream TEXT NOT NULL,
       first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE outbox (number INTEGER PRIMARY KEY, errand TEXT NOT NULL UNIQUE,
       stream TEXT NOT NULL, key_id BLOB, sealed BLOB, attempts INTEGER NOT NULL,
       due_at INTEGER NOT NULL, is_dead INTEGER NOT NULL, reason TEXT) STRICT",
    "CREATE INDEX outbox_by_due ON outbox (is_dead, due_at, number)",
];

/// Made where it is missing: logs of before have none.
const SNAPSHOTS: &str = "CREATE TABLE IF NOT EXISTS snapshots (stream TEXT NOT NULL,
    position INTEGER NOT NULL, form TEXT NOT NULL, recorded_at INTEGER NOT NULL,
    state BLOB NOT NULL, PRIMARY KEY (stream, position)) STRICT, WITHOUT ROWID";

/// Whose log it is; stands in every envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The installation.
    pub realm: String,
    /// The site of the installation whose process writes.
    pub site: String,
}

/// The file, opened by this process alone.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) writer: SqliteConnection,
    pub(crate) readers: SqlitePool,
    pub(crate) lock: File,
    /// Position of the last event.
    pub(crate) position: u64,
}

pub(crate) async fn open(path: &Path, installation: &Installation) -> Result<Opened, Error> {
    let lock = lock(path)?;
    let io = |source| Error::File { path: path.to_owned(), source };
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(io)?;
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "on");
    options = options.disable_statement_logging();
    let mut writer = options.connect().await?;
    assert_durable(&mut writer, path).await?;
    prepare(&mut writer, path, installation).await?;
    sqlx::query(SNAPSHOTS).execute(&mut writer).await?;
    let row = sqlx::query("SELECT coalesce(max(position), 0) FROM events");
    let position: i64 = row.fetch_one(&mut writer).await?.try_get(0)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        // the pool's task that would close idle ones may run for ever (see `caruso_database`)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.read_only(true));
    Ok(Opened { writer, readers, lock, position: position.cast_unsigned() })
}

/// A file beside the database; the system frees it however the process ends.
fn lock(path: &Path) -> Result<File, Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&beside);
    let file = opened.map_err(|source| Error::File { path: beside, source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(Error::File { path: path.to_owned(), source }),
    }
}

/// What is promised depends on these two, so they are asked for, not assumed.
async fn assert_durable(writer: &mut SqliteConnection, path: &Path) -> Result<(), Error> {
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writer).await?;
    let full: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writer).await?;
    if mode != "wal" || full != 2 {
        let reason = format!("cannot be written durably: mode {mode}, synchronous {full}");
        return Err(Error::Foreign { path: path.to_owned(), reason });
    }
    Ok(())
}

async fn prepare(
    writer: &mut SqliteConnection,
    path: &Path,
    installation: &Installation,
) -> Result<(), Error> {
    let named = "SELECT count(*) FROM sqlite_schema WHERE name = 'journal'";
    let is_there: i64 = sqlx::query_scalar(named).fetch_one(&mut *writer).await?;
    if is_there == 0 {
        return create(writer, installation).await;
    }
    let row = sqlx::query("SELECT schema_version, realm, site FROM journal");
    let row = row.fetch_one(&mut *writer).await?;
    let version: i64 = row.try_get(0)?;
    let found = Installation { realm: row.try_get(1)?, site: row.try_get(2)? };
    let reason = if version != SCHEMA_VERSION {
        format!("has form {version}, and this program knows form {SCHEMA_VERSION}")
    } else if found != *installation {
        format!("belongs to realm `{}`, site `{}`", found.realm, found.site)
    } else {
        return Ok(());
    };
    Err(Error::Foreign { path: path.to_owned(), reason })
}

async fn create(writer: &mut SqliteConnection, installation: &Installation) -> Result<(), Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *writer).await?;
    for table in TABLES {
        sqlx::query(table).execute(&mut *writer).await?;
    }
    sqlx::query("INSERT INTO journal VALUES (?, ?, ?)")
        .bind(SCHEMA_VERSION)
        .bind(&installation.realm)
        .bind(&installation.site)
        .execute(&mut *writer)
        .await?;
    sqlx::query("COMMIT").execute(&mut *writer).await?;
    Ok(())
}
