//! How far a file is, in the transaction of each batch.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_object_model::row::Start;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::batch::Fate;
use super::{Chunk, Error, LoadOptions, Loaded, MOST_NAMED, Outcome, Refused, failed_at};
use crate::database::Database;
use crate::engine::Engine;
use crate::error::unavailable;
use crate::plan::Plan;

/// Bytes of a file that are read at once.
const AT_ONCE: usize = 1 << 16;

/// How far a file is.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// Name of the state: of this file, class and model, loaded in this way.
    name: String,
    pub(super) start: Option<Start>,
    pub(super) loaded: Loaded,
    /// The length of the file of refused rows.
    pub(super) refused_bytes: u64,
    pub(super) is_done: bool,
}

/// What is kept of it.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    byte: u64,
    line: u64,
    record: u64,
    loaded: Loaded,
    refused_bytes: u64,
    is_done: bool,
}

impl Progress {
    /// What an earlier run left; the beginning, for a trial or where none is to be seen.
    pub(super) async fn of(
        engine: &Engine,
        database: &Database,
        plan: &Plan,
        file: &Path,
        options: &LoadOptions,
    ) -> Result<Self, Error> {
        let mut hash = Sha256::new();
        let parts = [engine.digest(), &plan.class.name, options.existing.word()];
        parts.iter().for_each(|part| hash.update(format!("{part}\0")));
        digest(file, &mut hash).map_err(failed_at(file))?;
        let name = format!("load {}", URL_SAFE_NO_PAD.encode(hash.finalize()));
        let (start, loaded) = (None, Loaded::default());
        let mut progress = Self { name, start, loaded, refused_bytes: 0, is_done: false };
        if options.is_trial || options.starts_anew {
            return Ok(progress);
        }
        let kept = caruso_database::kept(&database.own, &progress.name).await;
        let kept = kept.map_err(unavailable(&database.name))?;
        let kept: Option<Kept> = kept.and_then(|text| serde_json::from_str(&text).ok());
        if let Some(kept) = kept {
            let start = Start { byte: kept.byte, line: kept.line, record: kept.record };
            progress.start = Some(start);
            progress.loaded = Loaded { done_before: kept.loaded.rows, ..kept.loaded };
            progress.refused_bytes = kept.refused_bytes;
            progress.is_done = kept.is_done;
        }
        Ok(progress)
    }

    /// What stands for a batch in the audit rows.
    pub(super) fn id(&self, chunk: &Chunk) -> String {
        let first = chunk.records.first().map_or(0, |record| record.line);
        format!("{}:{first}", self.name)
    }

    /// Counts a batch in.
    pub(super) fn add(&mut self, chunk: &Chunk, outcome: &Outcome) {
        self.start = Some(chunk.end);
        let loaded = &mut self.loaded;
        for (record, fate) in chunk.records.iter().zip(&outcome.fates) {
            loaded.rows += 1;
            match fate {
                Fate::New => loaded.created += 1,
                Fate::Change(_) => loaded.updated += 1,
                Fate::Unchanged => loaded.unchanged += 1,
                Fate::Skipped => loaded.skipped += 1,
                Fate::Refused(refusals) => {
                    loaded.refused += 1;
                    let room = MOST_NAMED.saturating_sub(loaded.reasons.len());
                    loaded.reasons.extend(refusals.iter().take(room).map(|refusal| Refused {
                        line: record.line,
                        name: refusal.name.clone(),
                        reason: refusal.reason.clone(),
                    }));
                }
            }
        }
    }

    /// Keeps how far it is.
    pub(super) async fn keep(&self, own: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Start { byte, line, record } = self.start.unwrap_or_default();
        let (loaded, refused_bytes) = (self.loaded.clone(), self.refused_bytes);
        let kept = Kept { byte, line, record, loaded, refused_bytes, is_done: self.is_done };
        let kept = serde_json::to_string(&kept).map_err(|error| DbErr::Json(error.to_string()))?;
        caruso_database::keep(own, &self.name, Some(&kept)).await
    }

    /// Remembers that the whole file is done with.
    pub(super) async fn end(&mut self, database: &Database) -> Result<(), Error> {
        self.is_done = true;
        Ok(self.keep(&database.writer).await.map_err(unavailable(&database.name))?)
    }
}

fn digest(file: &Path, hash: &mut Sha256) -> std::io::Result<()> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0; AT_ONCE];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => hash.update(&buffer[..read]),
        }
    }
}
