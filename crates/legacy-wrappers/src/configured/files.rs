//! Files in a folder, read again when they have changed.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use caruso_application::configured::files::{
    Files, MAX_FILE_BYTES, MAX_FILES, MAX_TOLD, Rows, Table,
};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use super::{later, refused};

/// A file that was changed less long ago may still be written.
const QUIET: Duration = Duration::from_secs(1);
/// Where nothing was read before, a file that is being written is waited for so long.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// What was asked of a class: values by name, how many, and from where on.
type Query = (BTreeMap<String, Vec<Json>>, usize, String);

/// The files of a folder, as they were read last.
pub(super) struct Reader {
    folder: PathBuf,
    files: Files,
    readings: BTreeMap<String, Reading>,
}

/// The objects of a class, and the files out of which they are.
struct Reading {
    stamps: Stamps,
    rows: Arc<Rows>,
}

/// Files by name, and what changes when one does.
type Stamps = BTreeMap<String, Stamp>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Why there is no new reading.
enum Unread {
    /// Some file is being written.
    Changing(String),
    /// It stays so until somebody does something about it.
    Unusable(String),
}

impl Reader {
    pub(super) fn new(folder: PathBuf, files: Files) -> Self {
        Self { folder, files, readings: BTreeMap::new() }
    }

    pub(super) async fn get(
        &mut self,
        class: &str,
        keys: Vec<String>,
        told: &mut Vec<String>,
    ) -> Json {
        match self.rows(class, told).await {
            Ok((_, rows)) => json!({ "objects": rows.get(keys.iter().map(String::as_str)) }),
            Err(answer) => answer,
        }
    }

    pub(super) async fn query(
        &mut self,
        class: &str,
        (wanted, limit, cursor): Query,
        told: &mut Vec<String>,
    ) -> Json {
        match self.rows(class, told).await {
            Ok((table, rows)) => {
                let page = rows.query(&table, &wanted, limit, &cursor);
                json!({ "objects": page.objects, "next": page.next })
            }
            Err(answer) => answer,
        }
    }

    /// The objects of a class as the files have them now, or had them before one began to change.
    async fn rows(
        &mut self,
        class: &str,
        told: &mut Vec<String>,
    ) -> Result<(Table, Arc<Rows>), Json> {
        let Some(table) = self.files.tables.get(class).cloned() else {
            return Err(refused(&format!("no file has objects of the class {class}")));
        };
        let until = Instant::now() + PATIENCE;
        loop {
            let known = self.readings.get(class).map(|it| it.stamps.clone());
            let (folder, its) = (self.folder.clone(), table.clone());
            let reading = tokio::task::spawn_blocking(move || read(&folder, &its, known.as_ref()));
            let reading = reading
                .await
                .unwrap_or_else(|_| Err(Unread::Unusable("reading the files failed".to_owned())));
            match reading {
                Ok(Some(reading)) => {
                    tell(class, &reading.rows, told);
                    self.readings.insert(class.to_owned(), reading);
                }
                Ok(None) => {}
                Err(Unread::Unusable(reason)) => {
                    told.push(reason.clone());
                    return Err(later(&reason));
                }
                Err(Unread::Changing(_)) if self.readings.contains_key(class) => {}
                Err(Unread::Changing(reason)) if Instant::now() >= until => {
                    return Err(later(&reason));
                }
                Err(Unread::Changing(_)) => sleep(PAUSE).await,
            }
            if let Some(reading) = self.readings.get(class) {
                return Ok((table, Arc::clone(&reading.rows)));
            }
        }
    }
}

fn tell(class: &str, rows: &Rows, told: &mut Vec<String>) {
    told.extend(rows.told.iter().cloned());
    if rows.left_out > MAX_TOLD {
        let more = rows.left_out - MAX_TOLD;
        told.push(format!("{more} more rows of {class} are left out"));
    }
}

/// A new reading; nothing where the files are still those that are known.
fn read(folder: &Path, table: &Table, known: Option<&Stamps>) -> Result<Option<Reading>, Unread> {
    let unusable = |error: io::Error| Unread::Unusable(format!("{}: {error}", folder.display()));
    let stamps = listed(folder, table).map_err(unusable)?;
    if stamps.is_empty() {
        let pattern = &table.pattern;
        return Err(Unread::Unusable(format!("there is no file {pattern} of the other system")));
    }
    if stamps.len() > MAX_FILES {
        let reason = format!("more than {MAX_FILES} files are like {}", table.pattern);
        return Err(Unread::Unusable(reason));
    }
    if known == Some(&stamps) {
        return Ok(None);
    }
    let mut rows = Rows::default();
    for (name, stamp) in &stamps {
        let content = content(&folder.join(name), name, *stamp)?;
        if !table.is_whole(&content) {
            return Err(Unread::Changing(format!("the last line of {name} is not there yet")));
        }
        rows.add(table, name, &content).map_err(Unread::Unusable)?;
    }
    Ok(Some(Reading { stamps, rows: Arc::new(rows) }))
}

fn listed(folder: &Path, table: &Table) -> io::Result<Stamps> {
    let mut stamps = Stamps::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str().filter(|name| table.takes(name)) else { continue };
        match fs::metadata(folder.join(name)) {
            Ok(metadata) if metadata.is_file() => {
                stamps.insert(name.to_owned(), Stamp::of(&metadata));
            }
            Ok(_) => {}
            // it went since it was listed
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stamps)
}

/// All of a file that nobody is writing.
fn content(path: &Path, name: &str, expected: Stamp) -> Result<Vec<u8>, Unread> {
    let unusable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unread::Changing(format!("{name} went while it was read")),
        _ => Unread::Unusable(format!("{name}: {error}")),
    };
    if expected.bytes > MAX_FILE_BYTES {
        return Err(Unread::Unusable(format!("{name} has more than {MAX_FILE_BYTES} bytes")));
    }
    let mut file = File::open(path).map_err(unusable)?;
    let before = file.metadata().map_err(unusable)?;
    let age = before.modified().ok().and_then(|it| SystemTime::now().duration_since(it).ok());
    let mut content = Vec::new();
    file.by_ref().take(MAX_FILE_BYTES).read_to_end(&mut content).map_err(unusable)?;
    let after = file.metadata().map_err(unusable)?;
    // a moment of the future is that of another clock, and tells nothing
    let is_quiet = age.is_none_or(|age| age >= QUIET);
    if !is_quiet || Stamp::of(&before) != expected || Stamp::of(&after) != expected {
        return Err(Unread::Changing(format!("{name} is being written")));
    }
    Ok(content)
}
