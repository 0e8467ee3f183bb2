//! Recordings of what customers left as messages: one file each, encrypted, deleted after its time.
//!
//! A file is a header (what it is, until when it is kept) and then pieces of 200 ms, each sealed
//! under the contact's key of the journal, bound to the contact and to its place. Each is written
//! as soon as it is full, so that a kill loses 200 ms at most; one that a kill tore is left out.
//! What is forgotten in the journal cannot be heard any more.
//!
//! Invariant: all files together are no larger than was said; nothing is written beyond.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use caruso_contact::{ContactId, Time};
use caruso_journal::{Journal, Key};
use tokio::fs;

mod form;
mod heard;
mod writing;

use form::Header;
pub(crate) use heard::Heard;
pub(crate) use writing::Writing;

/// How a recording's file is named behind the contact's id.
const ENDING: &str = "voicemail";
/// How often what is over its time is looked for.
const SWEEP: Duration = Duration::from_secs(600);

/// Why something cannot be recorded or heard.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// All recordings together are as large as they may be.
    #[error("the recordings take all of the {most} bytes that they may have")]
    Full { most: u64 },
    /// There is no recording of this contact: never made, or deleted.
    #[error("there is no recording of this contact")]
    Missing,
    /// The contact was forgotten.
    #[error("the contact was erased, and what it said with it")]
    Erased,
    /// The file is none of ours.
    #[error("the file is no recording")]
    Foreign,
    /// The journal, which has the keys.
    #[error("the key of the contact")]
    Key(#[from] caruso_journal::Error),
    /// The disk.
    #[error("the file of the recording")]
    File(#[from] io::Error),
}

/// All recordings of an installation. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Recordings {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    journal: Journal,
    folder: PathBuf,
    /// Bytes that all files may have together.
    most: u64,
    used: AtomicU64,
}

impl Recordings {
    /// Those in a folder, which is made where there is none.
    pub(crate) async fn open(folder: PathBuf, journal: Journal, most: u64) -> Result<Self, Error> {
        fs::create_dir_all(&folder).await?;
        let mut used = 0;
        let mut entries = fs::read_dir(&folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            used += entry.metadata().await?.len();
        }
        let used = AtomicU64::new(used);
        Ok(Self { shared: Arc::new(Shared { journal, folder, most, used }) })
    }

    /// Begins to record what a customer says.
    pub(crate) async fn begin(
        &self,
        contact: ContactId,
        keep_until: Time,
    ) -> Result<Writing, Error> {
        let key = self.key(contact).await?;
        let header = Header { keep_until }.to_bytes();
        self.shared.take(header.len())?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(self.path(contact)).await?;
        Writing::begin(Arc::clone(&self.shared), contact, key, file, &header).await
    }

    /// What was recorded, to be heard.
    pub(crate) async fn hear(&self, contact: ContactId) -> Result<Heard, Error> {
        let key = self.key(contact).await?;
        let opened = fs::File::open(self.path(contact)).await;
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing,
            _ => Error::File(error),
        })?;
        Heard::open(contact, key, file).await
    }

    /// How long a recording is that a kill cut off; nothing where nobody is heard on it, which is
    /// deleted then.
    pub(crate) async fn left_behind(&self, contact: ContactId) -> Result<Option<Duration>, Error> {
        let heard = match self.hear(contact).await {
            Err(Error::Missing | Error::Foreign) => return Ok(None),
            heard => heard?.spoken().await?,
        };
        if heard.is_none() {
            self.delete(contact).await?;
        }
        Ok(heard)
    }

    /// Deletes a recording, if there is one.
    pub(crate) async fn delete(&self, contact: ContactId) -> Result<(), Error> {
        self.delete_file(&self.path(contact)).await
    }

    /// Deletes, for ever, what has been kept as long as it may.
    pub(crate) async fn sweep(&self, now: impl Fn() -> Time) {
        loop {
            if let Err(error) = self.delete_old(now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "old recordings were not deleted");
            }
            tokio::time::sleep(SWEEP).await;
        }
    }

    async fn delete_old(&self, now: Time) -> Result<(), Error> {
        let mut entries = fs::read_dir(&self.shared.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let path = entry.path();
            let mut file = fs::File::open(&path).await?;
            let header = Header::read(&mut file).await;
            if header.is_ok_and(|header| header.keep_until <= now) {
                self.delete_file(&path).await?;
            }
        }
        Ok(())
    }

    async fn delete_file(&self, path: &Path) -> Result<(), Error> {
        let Ok(size) = fs::metadata(path).await.map(|it| it.len()) else { return Ok(()) };
        fs::remove_file(path).await?;
        self.shared.used.fetch_sub(size, Ordering::Relaxed);
        Ok(())
    }

    async fn key(&self, contact: ContactId) -> Result<Key, Error> {
        self.shared.journal.key(contact).await?.ok_or(Error::Erased)
    }

    fn path(&self, contact: ContactId) -> PathBuf {
        self.shared.folder.join(format!("{contact}.{ENDING}"))
    }
}

impl Shared {
    /// Takes so many bytes of what there may be.
    fn take(&self, bytes: usize) -> Result<(), Error> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let more = |used: u64| used.checked_add(bytes).filter(|it| *it <= self.most);
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| Error::Full { most: self.most })
    }
}

#[cfg(test)]
mod tests;
