//! Who changed what: one line for every change, refused ones too.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use tonic::Status;

use crate::code_of;

/// Size at which the file is put aside.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Refusals of callers who did not prove who they are that are written within a minute; what is
/// more goes to tracing alone, so that strangers cannot fill the files and drive out the rest.
const MOST_STRANGERS: u32 = 60;
/// Files put aside; older ones are deleted.
const KEPT: u32 = 4;

/// One change that somebody made or tried.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Names the request in every log.
    pub request_id: String,
    /// `/package.Service/Method`.
    pub rpc: &'static str,
    /// Component that called.
    pub component: Option<String>,
    /// Log-in name of the user beside it.
    pub user: Option<String>,
    /// gRPC status code as a number; 0 is success.
    pub outcome: i32,
    /// Why it was refused, as `caruso explain` knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whom or what it was about, where neither rpc nor caller say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(skip)]
    pub(crate) note: Note,
}

/// What a call is about: said by whoever answers it, for the audit log.
pub(crate) type Note = Arc<OnceLock<String>>;

impl Record {
    fn is_of_a_stranger(&self) -> bool {
        self.component.is_none() && self.user.is_none() && self.outcome != 0
    }

    /// The call ended so.
    pub(crate) fn ended(&mut self, outcome: &Status) {
        self.outcome = outcome.code().into();
        self.code = code_of(outcome);
        self.about = self.note.get().cloned();
    }
}

/// The audit log of one component: tracing target `audit`, and `audit.jsonl` in its data folder, 16
/// MiB and four older files of that size; of refusals of callers who have not proved who they are,
/// 60 a minute. The user's name stands in the file only.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    file: Option<Arc<Mutex<Rotating>>>,
}

impl Audit {
    /// Writes to `audit.jsonl` in this folder as well.
    pub fn in_folder(folder: &Path) -> Self {
        let path = folder.join("audit.jsonl");
        let rotating = Rotating { path, open: None, strangers: (0, 0) };
        Self { file: Some(Arc::new(Mutex::new(rotating))) }
    }

    /// Writes one record. A failing disk is reported and does not fail the call: the change has
    /// happened, and the tracing target still has it.
    pub fn write(&self, record: &Record) {
        tracing::info!(
            target: "audit",
            rpc = record.rpc,
            component = record.component,
            request.id = record.request_id,
            outcome = record.outcome,
            code = record.code,
            about = record.about,
            "change",
        );
        let Some(file) = &self.file else { return };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.append(record) {
            file.open = None;
            tracing::error!(%error, "the audit file cannot be written");
        }
    }
}

#[derive(Debug)]
struct Rotating {
    path: PathBuf,
    open: Option<(File, u64)>,
    /// The minute of the last stranger's record, and how many were written in it.
    strangers: (u64, u32),
}

impl Rotating {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        if record.is_of_a_stranger() && !self.has_room_for_strangers(record.at_ms / 60_000) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        if self.open.as_ref().is_some_and(|(_, size)| *size >= LARGEST) {
            self.rotate()?;
        }
        let (file, size) = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(open(&self.path)?),
        };
        file.write_all(&line)?;
        *size += line.len() as u64;
        Ok(())
    }

    fn has_room_for_strangers(&mut self, minute: u64) -> bool {
        let (last, written) = self.strangers;
        let written = if minute == last { written.saturating_add(1) } else { 1 };
        self.strangers = (minute, written);
        written <= MOST_STRANGERS
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        let older = |number: u32| self.path.with_extension(format!("{number}.jsonl"));
        for number in (1..KEPT).rev() {
            if older(number).exists() {
                fs::rename(older(number), older(number + 1))?;
            }
        }
        fs::rename(&self.path, older(1))
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let passed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_do_not_fill_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let audit = Audit::in_folder(folder.path());
        let refused = |at_ms, component: Option<&str>| Record {
            at_ms,
            request_id: "r1".into(),
            rpc: "/caruso.registry.v1.Enrolment/Enrol",
            component: component.map(str::to_owned),
            user: None,
            outcome: 16,
            code: Some("CR0101".into()),
            about: None,
            note: Note::default(),
        };
        for _ in 0..1_000 {
            audit.write(&refused(60_000, None));
        }
        audit.write(&refused(60_000, Some("erp")));
        audit.write(&refused(120_000, None));
        let text = fs::read_to_string(folder.path().join("audit.jsonl")).expect("written");
        assert_eq!(text.lines().count(), 60 + 2);
    }

    #[test]
    fn records_are_lines_of_json_and_old_files_are_bounded() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let audit = Audit::in_folder(folder.path());
        let record = Record {
            at_ms: 1,
            request_id: "r1".into(),
            rpc: "/caruso.contact.v1.Agents/Decline",
            component: Some("front-office".into()),
            user: Some("anna".into()),
            outcome: 0,
            code: None,
            about: None,
            note: Note::default(),
        };
        for _ in 0..7 {
            audit.write(&record);
            let mut file = audit.file.as_ref().expect("a file").lock().expect("not poisoned");
            file.open.as_mut().expect("open").1 = LARGEST;
        }
        let text = fs::read_to_string(folder.path().join("audit.jsonl")).expect("written");
        assert_eq!(
            text,
            concat!(
                r#"{"at_ms":1,"request_id":"r1","rpc":"/caruso.contact.v1.Agents/Decline","#,
                r#""component":"front-office","user":"anna","outcome":0}"#,
                "\n"
            )
        );
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 5);
    }
}
