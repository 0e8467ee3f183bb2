//! What was answered to which key, on disk: the same key is the same wish, also after a restart.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Keys that are remembered; the oldest goes first.
const MAX_KEYS: usize = 10_000;
/// Lines of the file, of which it is written anew.
const MAX_LINES: usize = 3 * MAX_KEYS;
const FILE: &str = "keys.jsonl";

/// What is known of a wish.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Known {
    /// It was begun, and what came of it was never written down.
    Begun,
    /// A final answer, without an id.
    Answered(Json),
}

/// A line of the file; the last one of a key counts.
#[derive(Deserialize, Serialize)]
struct Line {
    key: String,
    /// Nothing was done, and nothing is known.
    known: Option<Known>,
}

/// The keys of one wrapper, in its own folder. The file is read when it is first asked for.
pub(super) struct Keys {
    file: PathBuf,
    loaded: Option<Loaded>,
}

#[derive(Default)]
struct Loaded {
    known: HashMap<String, Known>,
    order: VecDeque<String>,
    lines: usize,
}

impl Keys {
    pub(super) fn of(folder: &Path) -> Self {
        Self { file: folder.join(FILE), loaded: None }
    }

    /// What is known of a key.
    ///
    /// # Errors
    /// In words, where the file cannot be read.
    pub(super) fn find(&mut self, key: &str) -> Result<Option<Known>, String> {
        let found = self.loaded().map(|it| it.known.get(key).cloned());
        found.map_err(|error| self.said(&error))
    }

    /// Writes down what is known of a key from now on; it is on disk when this returns.
    ///
    /// # Errors
    /// In words, where the file cannot be written.
    pub(super) fn keep(&mut self, key: &str, known: Option<Known>) -> Result<(), String> {
        self.write(key, known).map_err(|error| self.said(&error))
    }

    fn said(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.file.display())
    }

    fn write(&mut self, key: &str, known: Option<Known>) -> io::Result<()> {
        let line = Line { key: key.to_owned(), known };
        let text = serde_json::to_string(&line).map_err(io::Error::other)?;
        let is_full = {
            let loaded = self.loaded()?;
            loaded.take(line);
            loaded.lines > MAX_LINES
        };
        if is_full {
            return self.rewrite();
        }
        let mut file = File::options().create(true).append(true).open(&self.file)?;
        file.write_all(format!("{text}\n").as_bytes())?;
        file.sync_data()
    }

    /// All that is known, in a file that takes the place of the one before.
    fn rewrite(&mut self) -> io::Result<()> {
        let loaded = self.loaded()?;
        let mut text = String::new();
        for key in &loaded.order {
            let line = Line { key: key.clone(), known: loaded.known.get(key).cloned() };
            text.push_str(&serde_json::to_string(&line).map_err(io::Error::other)?);
            text.push('\n');
        }
        loaded.lines = loaded.order.len();
        let apart = self.file.with_extension("new");
        let mut file = File::create(&apart)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&apart, &self.file)
    }

    fn loaded(&mut self) -> io::Result<&mut Loaded> {
        if self.loaded.is_none() {
            let text = match fs::read(&self.file) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(error),
            };
            let mut loaded = Loaded::default();
            // a line that is not whole was never answered for
            let lines = text.split(|byte| *byte == b'\n');
            lines.filter_map(|it| serde_json::from_slice(it).ok()).for_each(|it| loaded.take(it));
            if text.last().is_some_and(|byte| *byte != b'\n') {
                File::options().append(true).open(&self.file)?.write_all(b"\n")?;
            }
            self.loaded = Some(loaded);
        }
        Ok(self.loaded.as_mut().expect("loaded above"))
    }
}

impl Loaded {
    fn take(&mut self, Line { key, known }: Line) {
        self.lines += 1;
        let Some(known) = known else {
            self.known.remove(&key);
            self.order.retain(|it| *it != key);
            return;
        };
        if self.known.insert(key.clone(), known).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_KEYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_is_known_after_a_restart_and_half_a_line_spoils_no_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut keys = Keys::of(folder.path());
        assert_eq!(keys.find("a"), Ok(None));
        let answer = Known::Answered(json!({"results": {}}));
        keys.keep("a", Some(answer.clone())).expect("written");
        keys.keep("b", Some(Known::Begun)).expect("written");
        keys.keep("c", Some(Known::Begun)).expect("written");
        keys.keep("c", None).expect("written");
        let mut file = File::options().append(true).open(&keys.file).expect("there");
        file.write_all(b"{\"key\":\"d").expect("written");
        let mut keys = Keys::of(folder.path());
        assert_eq!(keys.find("a"), Ok(Some(answer)));
        assert_eq!((keys.find("b"), keys.find("c")), (Ok(Some(Known::Begun)), Ok(None)));
        keys.keep("e", Some(Known::Begun)).expect("written");
        assert_eq!(Keys::of(folder.path()).find("e"), Ok(Some(Known::Begun)));
    }

    #[test]
    fn the_oldest_goes_and_the_file_does_not_grow() {
        let mut loaded = Loaded::default();
        for number in 0..=MAX_KEYS {
            loaded.take(Line { key: number.to_string(), known: Some(Known::Begun) });
        }
        assert!(!loaded.known.contains_key("0") && loaded.known.contains_key("1"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut keys = Keys::of(folder.path());
        keys.loaded = Some(Loaded { lines: MAX_LINES, ..loaded });
        keys.keep("x", Some(Known::Begun)).expect("written");
        let text = fs::read_to_string(&keys.file).expect("written anew");
        assert_eq!(text.lines().count(), MAX_KEYS);
        assert_eq!(Keys::of(folder.path()).find("x"), Ok(Some(Known::Begun)));
    }
}
