//! The owner's side: append, wait for the disk, forget, close.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caruso_contact::ContactId;
use sqlx::sqlite::SqlitePool;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::schema::{self, Installation};
use crate::seal::Key;
use crate::writer::{Command, Writer};
use crate::{Batch, Condition, Error, Receipt};

/// Most batches that wait for the disk.
pub const QUEUE: usize = 4096;
/// Streams whose last position is kept in mind.
const MOST_HEADS: usize = 16 * 1024;

/// A log in one file. Clones share it.
#[derive(Debug, Clone)]
pub struct Journal {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) installation: Installation,
    pub(crate) readers: SqlitePool,
    pub(crate) progress: watch::Receiver<Progress>,
    /// Rung when errands became durable.
    pub(crate) errands: Notify,
    pub(crate) figures: Counters,
    /// Errands that somebody in this process is carrying out.
    pub(crate) claimed: Mutex<std::collections::BTreeSet<String>>,
    ahead: Mutex<Ahead>,
    /// Conditions are looked up and met by one caller at a time.
    submitting: tokio::sync::Mutex<()>,
}

/// How far the disk is.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// Commands done, in the order they were queued.
    pub(crate) ticket: u64,
    /// Position of the last durable event.
    pub(crate) position: u64,
    /// Set when a commit failed.
    pub(crate) broken: Option<Arc<str>>,
}

/// What was appended; ahead of the disk by what waits in the queue.
#[derive(Debug)]
struct Ahead {
    position: u64,
    ticket: u64,
    queue: Option<mpsc::Sender<Command>>,
    /// Last positions of streams written to lately, all that the disk does not show yet among them.
    heads: HashMap<String, u64>,
    /// Requests that the disk does not show yet.
    requests: HashMap<String, (Receipt, u64)>,
}

/// What the disk took so far, since the journal was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Events made durable.
    pub events: u64,
    /// Transactions they took.
    pub commits: u64,
    /// Time of their `COMMIT` alone, which is the disk's flush above all.
    pub commit_time: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) events: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) commit_micros: AtomicU64,
}

/// A batch that has its place in the log and is on its way to the disk.
#[derive(Debug)]
#[must_use = "effects that must be durable wait for it"]
pub struct Appended {
    receipt: Receipt,
    ticket: u64,
    progress: watch::Receiver<Progress>,
}

impl Appended {
    /// Where the batch stands.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Waits until the batch survives a power cut.
    ///
    /// # Errors
    /// [`Error::Broken`] when it never will; the owner must stop.
    pub async fn durable(mut self) -> Result<Receipt, Error> {
        wait_for(&mut self.progress, self.ticket).await?;
        Ok(self.receipt)
    }
}

/// What became of a batch with conditions.
#[derive(Debug)]
pub enum Submitted {
    /// It was appended.
    First(Appended),
    /// The request had been appended before; this is the first receipt.
    Repeat(Appended),
}

impl Journal {
    /// Opens a log, made where there is none, and starts its writer. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::InUse`] when another process has it, [`Error::Foreign`] when it belongs to another
    /// installation or a newer program.
    pub async fn open(path: &Path, installation: &Installation) -> Result<Self, Error> {
        let opened = schema::open(path, installation).await?;
        let position = opened.position;
        let (queue, commands) = mpsc::channel(QUEUE);
        let (progress, watched) = watch::channel(Progress { ticket: 0, position, broken: None });
        let (heads, requests) = (HashMap::new(), HashMap::new());
        let shared = Arc::new(Shared {
            installation: installation.clone(),
            readers: opened.readers,
            progress: watched,
            errands: Notify::new(),
            figures: Counters::default(),
            claimed: Mutex::default(),
            ahead: Mutex::new(Ahead { position, ticket: 0, queue: Some(queue), heads, requests }),
            submitting: tokio::sync::Mutex::default(),
        });
        let writer = Writer::new(opened.writer, opened.lock, Arc::downgrade(&shared));
        tokio::spawn(writer.run(commands, progress));
        Ok(Self { shared })
    }

    /// Position of the last event appended, durable or not.
    pub fn position(&self) -> u64 {
        self.shared.ahead().position
    }

    /// Appends without conditions: positions are given at once, in the order of the calls.
    ///
    /// A stream is written either so or by [`Journal::submit`], never by both.
    ///
    /// # Errors
    /// [`Error::Broken`], [`Error::Closed`], [`Error::Full`], [`Error::TooLarge`]; nothing was
    /// appended then.
    pub fn append(&self, batch: Batch) -> Result<Appended, Error> {
        batch.check()?;
        self.shared.ahead().append(&self.shared.progress, batch, None)
    }

    /// Appends once for each request, and only to a stream as the caller knows it.
    ///
    /// # Errors
    /// Those of [`Journal::append`], and [`Error::Conflict`], [`Error::Database`].
    pub async fn submit(&self, batch: Batch, condition: Condition) -> Result<Submitted, Error> {
        batch.check()?;
        let _one_at_a_time = self.shared.submitting.lock().await;
        if let Some(request) = &condition.request
            && let Some(first) = self.find_request(request).await?
        {
            return Ok(Submitted::Repeat(first));
        }
        if let Some(expected) = condition.expected {
            let actual = self.head(&batch.stream).await?;
            if actual != expected {
                return Err(Error::Conflict { stream: batch.stream, expected, actual });
            }
        }
        let mut ahead = self.shared.ahead();
        ahead.append(&self.shared.progress, batch, condition.request).map(Submitted::First)
    }

    /// What an earlier request appended.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn find_request(&self, request: &str) -> Result<Option<Appended>, Error> {
        let pending = self.shared.ahead().requests.get(request).cloned();
        let found = match pending {
            Some(pending) => Some(pending),
            None => self.read_request(request).await?.map(|receipt| (receipt, 0)),
        };
        let progress = self.shared.progress.clone();
        Ok(found.map(|(receipt, ticket)| Appended { receipt, ticket, progress }))
    }

    /// Position of a stream's last event; 0 for a stream without events.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn head(&self, stream: &str) -> Result<u64, Error> {
        let pending = self.shared.ahead().heads.get(stream).copied();
        match pending {
            Some(head) => Ok(head),
            None => self.read_head(stream).await,
        }
    }

    /// The key of a contact, on disk when it is given; made where there never was one, nothing
    /// where it was destroyed, or where it would have to be made and the journal was
    /// [left](Journal::leave). What is kept elsewhere under it is gone with it.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub async fn key(&self, contact: ContactId) -> Result<Option<Key>, Error> {
        let (given, key) = oneshot::channel();
        match self.command(Command::Key { contact, given }).await {
            Ok(()) => key.await.map_err(|_| Error::Closed),
            Err(Error::Closed) => self.read_key(contact).await,
            Err(error) => Err(error),
        }
    }

    /// Destroys the key of a contact, for ever: its personal fields read as erased, those of later
    /// events too, and its errands can no longer leave.
    ///
    /// # Errors
    /// As [`Journal::append`]; when it returns, the key is gone from the disk.
    pub async fn forget(&self, contact: ContactId) -> Result<(), Error> {
        self.command(Command::Forget { contact }).await
    }

    /// Queues a command and waits until it is durable.
    pub(crate) async fn command(&self, command: Command) -> Result<(), Error> {
        let ticket = self.shared.ahead().send(&self.shared.progress, command)?;
        wait_for(&mut self.shared.progress.clone(), ticket).await
    }

    /// Writes what waits, then lets go of the file. Every later call fails.
    pub async fn close(&self) {
        self.leave().await;
        self.shared.readers.close().await;
    }

    /// Writes what waits, then leaves the journal to another process, which may open it; what is
    /// in it can still be read here. Every later append fails.
    pub async fn leave(&self) {
        self.shared.ahead().queue = None;
        let mut progress = self.shared.progress.clone();
        while progress.changed().await.is_ok() {}
    }

    /// What the disk took so far.
    pub fn figures(&self) -> Figures {
        let counters = &self.shared.figures;
        Figures {
            events: counters.events.load(Ordering::Relaxed),
            commits: counters.commits.load(Ordering::Relaxed),
            commit_time: Duration::from_micros(counters.commit_micros.load(Ordering::Relaxed)),
        }
    }
}

impl Shared {
    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what the disk now shows by itself. Streams that are written to are kept in mind, so
    /// that the next condition costs no read; beyond a limit those on disk go.
    pub(crate) fn caught_up(&self, batches: &[(Receipt, Option<String>)]) {
        let mut ahead = self.ahead();
        for request in batches.iter().filter_map(|(_, request)| request.as_ref()) {
            ahead.requests.remove(request);
        }
        let durable = batches.last().map_or(0, |(receipt, _)| receipt.last);
        if ahead.heads.len() > MOST_HEADS {
            ahead.heads.retain(|_, head| *head > durable);
        }
    }
}

impl Ahead {
    fn append(
        &mut self,
        progress: &watch::Receiver<Progress>,
        batch: Batch,
        request: Option<String>,
    ) -> Result<Appended, Error> {
        let first = self.position + 1;
        let last = self.position + batch.facts.len() as u64;
        let receipt = Receipt { stream: batch.stream.clone(), first, last };
        let has_facts = !batch.facts.is_empty();
        let command = Command::Append { batch, receipt: receipt.clone(), request: request.clone() };
        let ticket = self.send(progress, command)?;
        self.position = last;
        if has_facts {
            self.heads.insert(receipt.stream.clone(), last);
        }
        if let Some(request) = request {
            self.requests.insert(request, (receipt.clone(), ticket));
        }
        Ok(Appended { receipt, ticket, progress: progress.clone() })
    }

    fn send(
        &mut self,
        progress: &watch::Receiver<Progress>,
        command: Command,
    ) -> Result<u64, Error> {
        let queue = self.queue.as_ref().ok_or(Error::Closed)?;
        queue.try_send(command).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Full,
            mpsc::error::TrySendError::Closed(_) => broken(&progress.borrow()),
        })?;
        self.ticket += 1;
        Ok(self.ticket)
    }
}

fn broken(progress: &Progress) -> Error {
    progress.broken.clone().map_or(Error::Closed, Error::Broken)
}

async fn wait_for(progress: &mut watch::Receiver<Progress>, ticket: u64) -> Result<(), Error> {
    let is_over = |now: &Progress| now.ticket >= ticket || now.broken.is_some();
    // An error means that the writer ended; what it reached says the rest.
    progress.wait_for(is_over).await.ok();
    let seen = progress.borrow().clone();
    if seen.ticket >= ticket { Ok(()) } else { Err(broken(&seen)) }
}
