//! Loading: the rows of a CSV file become objects of a class.
//!
//! The file is read once, in batches; each is checked as a whole, with a few statements whatever
//! its size, and written in one transaction with its audit rows, its telephone numbers and how far
//! the file is. A load that was cut off goes on behind the last batch that is there, and doubles
//! nothing. A row that is refused goes into the report, and into a file that can be corrected and
//! loaded again; the others are loaded. Objects that several tables hold are written one by one.

mod batch;
mod change;
mod parts;
mod progress;
mod reading;
mod refused;

use std::path::{Path, PathBuf};

use caruso_database::TableKind;
use caruso_object_model::row::RowsError;
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::apply::Author;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{self, unavailable};
use crate::layout::Layout;
use crate::plan::Plan;
pub(crate) use batch::refusal;
use batch::{Batch, Outcome};
use progress::Progress;
use reading::{Chunk, Reading};
use refused::RefusedFile;

/// Insertions of a batch: each transaction waits once for the disk.
const STATEMENTS: usize = 4;
/// How often a batch is tried where others are in its way.
const MAX_TRIES: u32 = 5;
/// How long after the first try; twice as long after each next one.
const FIRST_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);
/// Refused rows that the report names; all of them are counted, and stand in the file of those.
const MOST_NAMED: usize = 100;

/// What happens to a row whose object is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// It is refused.
    #[default]
    Refuse,
    /// It is left out.
    Skip,
    /// The object gets the attributes that the file has; an empty field takes its value away.
    Update,
}

impl Existing {
    fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Skip => "skip",
            Self::Update => "update",
        }
    }
}

/// How a file is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// What happens to a row whose object is there.
    pub existing: Existing,
    /// Whether everything is taken back in the end.
    pub is_trial: bool,
    /// Whether it is forgotten that the file was loaded before, or in part.
    pub starts_anew: bool,
    /// Where refused rows are written, as they were, with their reasons in a last column. A file
    /// that is there is replaced.
    pub refused: Option<PathBuf>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The attribute, relation or constraint; empty when the whole row is meant.
    pub name: String,
    /// What is wrong; never contains a value.
    pub reason: String,
}

/// What became of the rows of a file so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Loaded {
    /// Rows that were read; the sum of the following.
    pub rows: u64,
    /// New objects.
    pub created: u64,
    /// Objects that were changed.
    pub updated: u64,
    /// Objects that were as the file has them already.
    pub unchanged: u64,
    /// Rows that were left out because their objects are there.
    pub skipped: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Rows that an earlier run had done with.
    #[serde(default)]
    pub done_before: u64,
    /// Why rows were refused: the first hundred of this run.
    #[serde(skip)]
    pub reasons: Vec<Refused>,
}

/// Why a file is not loaded, or not to its end. What was loaded until then stays.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read, or its first row names what is no member.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A file cannot be opened or written.
    #[error("the file {path} cannot be used")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file for refused rows holds what this load did not write.
    #[error("the file {0} is there already; name another one for refused rows")]
    RefusedIsThere(String),
    /// Objects of this class are not made here.
    #[error("{class}: {reason}")]
    Class {
        /// The class.
        class: String,
        /// Why.
        reason: &'static str,
    },
    /// As for every request.
    #[error(transparent)]
    Storage(#[from] error::Error),
}

/// A failure as that of a file.
fn failed_at(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.display().to_string();
    move |source| Error::File { path: path.clone(), source }
}

impl Engine {
    /// Loads the rows of a CSV file into a class, as the operator: the rules of who may do what
    /// are not asked. `watch` hears after each batch how far it is.
    ///
    /// # Errors
    ///
    /// [`Error`]; a row that is refused is none.
    pub async fn load(
        &self,
        class: &str,
        file: &Path,
        options: &LoadOptions,
        author: &Author,
        now: Timestamp,
        watch: &mut (dyn FnMut(&Loaded) + Send),
    ) -> Result<Loaded, Error> {
        let plan = self.plan(class)?;
        let database = self.database(plan)?;
        let refuse = |reason| Err(Error::Class { class: class.to_owned(), reason });
        if self.user.is_some() {
            return refuse("only an operator loads files");
        }
        if !database.is_owned {
            return refuse("the database may only be read");
        }
        if plan.kind == TableKind::View {
            return refuse("a view may only be read");
        }
        if plan.class.is_abstract {
            return refuse("its objects are those of its kinds; load each kind");
        }
        let progress = Progress::of(self, database, plan, file, options).await?;
        if progress.is_done {
            return Ok(Loaded { done_before: progress.loaded.rows, ..progress.loaded });
        }
        let most = Layout::new(plan, |_| true).insertions(plan, false).most() * STATEMENTS;
        let mut reading = Reading::start(self, plan, file, options, progress.start, most)?;
        let refused = options.refused.as_deref();
        let refused = RefusedFile::open(refused, reading.columns(), progress.refused_bytes)?;
        let columns = reading.columns().to_vec();
        let layout = Layout::new(plan, |name| columns.iter().any(|column| column == name));
        let rows = layout.insertions(plan, true);
        let loading =
            Loading { engine: self, plan, database, layout, columns, rows, options, author, now };
        let mut run = Run { loading, progress, refused };
        let trial = match options.is_trial {
            true => Some(database.begin().await.map_err(unavailable(&database.name))?),
            false => None,
        };
        while let Some(chunk) = reading.next().await? {
            run.chunk(&chunk, trial.as_ref()).await?;
            watch(&run.progress.loaded);
        }
        if let Some(trial) = trial {
            trial.rollback().await.map_err(unavailable(&database.name))?;
        } else {
            run.progress.end(database).await?;
            self.publisher.committed();
        }
        Ok(run.progress.loaded)
    }
}

/// What all batches have in common.
struct Loading<'a> {
    engine: &'a Engine,
    plan: &'a Plan,
    database: &'a Database,
    layout: Layout,
    /// The names in the first row of the file.
    columns: Vec<String>,
    rows: crate::many::Many,
    options: &'a LoadOptions,
    author: &'a Author,
    now: Timestamp,
}

/// A load on its way.
struct Run<'a> {
    loading: Loading<'a>,
    progress: Progress,
    refused: RefusedFile,
}

impl Run<'_> {
    /// Loads a batch; again where others are in its way.
    async fn chunk(
        &mut self,
        chunk: &Chunk,
        trial: Option<&DatabaseTransaction>,
    ) -> Result<(), Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_TRIES {
            match self.try_chunk(chunk, trial).await {
                Err(Error::Storage(error::Error::Busy { .. })) if trial.is_none() => {
                    tokio::time::sleep(pause).await;
                }
                done => return done,
            }
            pause *= 2;
        }
        self.try_chunk(chunk, trial).await
    }

    async fn try_chunk(
        &mut self,
        chunk: &Chunk,
        trial: Option<&DatabaseTransaction>,
    ) -> Result<(), Error> {
        let database = self.loading.database;
        let failed = unavailable(&database.name);
        let transaction = match trial {
            Some(trial) => trial.begin().await,
            None => database.begin().await,
        };
        let transaction = transaction.map_err(&failed)?;
        let id = self.progress.id(chunk);
        let outcome = Batch::load(&mut self.loading, &transaction, &chunk.records, id).await?;
        let mut next = self.progress.clone();
        next.add(chunk, &outcome);
        // what is there in the end without a commit is cut off when the load goes on
        next.refused_bytes = self.refused.add(&chunk.records, &outcome)?;
        if trial.is_none() {
            next.keep(&transaction).await.map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)?;
        self.refused.settle(next.refused_bytes);
        self.progress = next;
        Ok(())
    }
}
