//! The directory on disk: sessions and offers, so that a restarted manager knows whom to expect.
//!
//! A log: each record is a session as it is now, or that it is gone. It begins with all that there
//! were when it was written anew: at the start, and when it has grown to several times of that. A
//! record has its length, a check sum of the length, and one of its content. What a crash left
//! half written at the end is dropped; damage anywhere else is refused, since nobody knows what is
//! missing.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::registry::{Registry, Session, Unsaved};
use crc::crc32c;

mod crc;

/// A restart skips this many revisions: more than may be lost between the last write and a crash.
const SKIP: u64 = 1_000_000;
/// Bytes before the content of a record: length, check sum of the length, check sum of the content.
const HEAD: usize = 12;
/// A record is not longer: a session has at most 64 offers of 16 KiB of properties, of which JSON
/// may make six times as much.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The log is written anew when it has grown to so many times of what it began with, and beyond so
/// many bytes.
const GROWN: u64 = 4;
const SMALL: u64 = 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Record {
    revision: u64,
    id: String,
    /// `None` for one that is gone.
    session: Option<Session>,
}

/// The log, open for what comes.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    began_with: u64,
}

/// The directory of the last run, an empty one at the first start, and its log.
pub(crate) fn load(data: &Path) -> Result<(Registry, Log), Error> {
    let path = data.join("directory.log");
    let content = caruso_component::read_file(&path)?.unwrap_or_default();
    let (sessions, revision) = read(&content).ok_or_else(|| Error::Damaged(path.clone()))?;
    let revision = if content.is_empty() { 0 } else { revision + SKIP };
    let registry = Registry::restore(sessions, revision);
    let mut log = Log { path, file: None, bytes: 0, began_with: 0 };
    log.begin(&all(&registry))?;
    Ok((registry, log))
}

/// Everything that is to be kept.
pub(crate) fn all(registry: &Registry) -> Unsaved {
    let sessions = registry.sessions().iter();
    let sessions = sessions.map(|(id, session)| (id.clone(), Some(session.clone()))).collect();
    Unsaved { revision: registry.revision(), sessions }
}

impl Log {
    /// Whether it is to be written anew instead of continued.
    pub(crate) fn is_over(&self) -> bool {
        let is_grown = self.bytes > SMALL && self.bytes > GROWN * self.began_with;
        self.file.is_none() || is_grown
    }

    /// Writes it anew, with all that there is.
    ///
    /// # Errors
    /// When the file cannot be written; what was there before still stands.
    pub(crate) fn begin(&mut self, all: &Unsaved) -> Result<(), caruso_component::Error> {
        // where nobody is there, the revision alone is to be kept
        let nobody = Unsaved { revision: all.revision, sessions: vec![(String::new(), None)] };
        let content = records(if all.sessions.is_empty() { &nobody } else { all });
        self.file = None;
        caruso_component::replace_file(&self.path, &content)?;
        let file = OpenOptions::new().append(true).open(&self.path);
        self.file = Some(file.map_err(caruso_component::Error::data(&self.path))?);
        self.bytes = content.len() as u64;
        self.began_with = self.bytes;
        Ok(())
    }

    /// Adds what has changed; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written; the log is over then, since its end may be half a record.
    pub(crate) fn add(&mut self, changed: &Unsaved) -> Result<(), caruso_component::Error> {
        let content = records(changed);
        let written = match &mut self.file {
            Some(file) => file.write_all(&content).and_then(|()| file.sync_data()),
            None => Err(std::io::Error::other("it is to be written anew")),
        };
        if written.is_err() {
            self.file = None;
        }
        self.bytes += content.len() as u64;
        written.map_err(caruso_component::Error::data(&self.path))
    }
}

fn records(unsaved: &Unsaved) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, session) in &unsaved.sessions {
        let (id, session) = (id.clone(), session.clone());
        let record = Record { revision: unsaved.revision, id, session };
        let content =
            serde_json::to_vec(&record).expect("sessions are plain structs with text keys");
        let length = (content.len() as u32).to_le_bytes();
        bytes.extend(length);
        bytes.extend(crc32c(&length).to_le_bytes());
        bytes.extend(crc32c(&content).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}

/// The sessions of a log and its last revision; `None` where it is damaged elsewhere than at its
/// end.
fn read(mut log: &[u8]) -> Option<(BTreeMap<String, Session>, u64)> {
    let (mut sessions, mut last) = (BTreeMap::new(), 0);
    let number = |at: usize, log: &[u8]| Some(u32::from_le_bytes(log[at..at + 4].try_into().ok()?));
    // a file system may have made room for what was never written
    while log.len() >= HEAD && log.iter().any(|byte| *byte != 0) {
        let (length, of_length, of_content) = (number(0, log)?, number(4, log)?, number(8, log)?);
        if crc32c(&length.to_le_bytes()) != of_length || length as usize > MOST_BYTES {
            return None;
        }
        let (_, rest) = log.split_at(HEAD);
        let Some((content, rest)) = rest.split_at_checked(length as usize) else { break };
        if crc32c(content) != of_content {
            // written in another order than from the front: only at the end
            return rest.iter().all(|byte| *byte == 0).then_some((sessions, last));
        }
        let Record { revision, id, session } = serde_json::from_slice(content).ok()?;
        match session {
            Some(session) => sessions.insert(id, session),
            None => sessions.remove(&id),
        };
        (log, last) = (rest, revision);
    }
    Some((sessions, last))
}

#[cfg(test)]
mod tests;
