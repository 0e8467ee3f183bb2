//! The list of those who do not want to be called: a file with a number a line, kept by whoever the
//! site trusts with it, and read again as soon as it changes.
//!
//! A line that cannot be read is somebody who might be called against their will: the whole list
//! counts as unreadable then, and so it does when the file is missing or too large.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use caruso_application::Application;
use caruso_routing::{Listed, OutboundRules, called_number};
use tokio::sync::watch;
use tracing::{info, warn};

/// A change of the file is seen within this time.
const PAUSE: Duration = Duration::from_secs(5);
/// Largest file that is read: some four million numbers.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is known of the list.
#[derive(Clone, Debug)]
pub(crate) enum List {
    /// The site has none.
    None,
    /// The numbers, as E.164.
    Known(Arc<HashSet<String>>),
    /// It cannot be read.
    Unreadable,
}

impl List {
    /// Whether a number, as E.164, stands on it.
    pub(crate) fn has(&self, called: &str) -> Listed {
        match self {
            Self::None => Listed::No,
            Self::Known(numbers) if numbers.contains(called) => Listed::Yes,
            Self::Known(_) => Listed::No,
            Self::Unreadable => Listed::Unknown,
        }
    }
}

/// Reads the list again and again; the receiver has the latest.
pub(crate) struct Reader {
    path: Option<PathBuf>,
    applications: watch::Receiver<Arc<Application>>,
    list: watch::Sender<List>,
}

impl Reader {
    /// A reader of the site's file, if it has one, by the rules of the application in force; the
    /// list is unreadable until it was read.
    pub(crate) fn new(
        path: Option<PathBuf>,
        applications: watch::Receiver<Arc<Application>>,
    ) -> Self {
        let first = if path.is_some() { List::Unreadable } else { List::None };
        Self { path, applications, list: watch::Sender::new(first) }
    }

    /// The list, now and from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<List> {
        self.list.subscribe()
    }

    /// Works for ever.
    pub(crate) async fn run(mut self) {
        let Some(path) = self.path else { return std::future::pending().await };
        let mut last = None;
        loop {
            let rules = self.applications.borrow_and_update().routing.outbound.clone();
            let version = rules.as_ref().map(|rules| (version(&path), Arc::clone(rules)));
            if let Some(rules) = rules.filter(|_| last != version) {
                let file = path.clone();
                let read = tokio::task::spawn_blocking(move || read(&file, &rules)).await;
                self.list.send_replace(match read {
                    Ok(Ok(numbers)) => {
                        info!(numbers = numbers.len(), "the do-not-call list was read");
                        List::Known(Arc::new(numbers))
                    }
                    Ok(Err(reason)) => {
                        warn!(file = %path.display(), reason, "the do-not-call list is unreadable");
                        List::Unreadable
                    }
                    Err(_) => List::Unreadable,
                });
                last = version;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                Ok(()) = self.applications.changed() => {}
            }
        }
    }
}

/// What changes with the file; nothing where there is none.
fn version(path: &Path) -> Option<(SystemTime, u64)> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// The numbers of a file. Empty lines and what stands behind a `#` are left out.
fn read(path: &Path, rules: &OutboundRules) -> Result<HashSet<String>, String> {
    let bytes = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if bytes > MAX_BYTES {
        return Err(format!("it has {bytes} bytes; at most {MAX_BYTES} are read"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut numbers = HashSet::new();
    for (index, line) in text.lines().enumerate() {
        let number = line.split('#').next().unwrap_or_default().trim();
        if number.is_empty() {
            continue;
        }
        let unreadable = || format!("line {} is no telephone number", index + 1);
        numbers.insert(called_number(rules, number).ok_or_else(unreadable)?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> OutboundRules {
        let dutch = caruso_application::object_model::phone::Country::by_code("NL");
        OutboundRules {
            country: dutch.expect("it is known"),
            allowed: Default::default(),
            denied: Default::default(),
            ring_time: Duration::from_secs(45),
            purposes: Vec::new(),
            phones: None,
            destinations: Vec::new(),
        }
    }

    #[test]
    fn numbers_are_found_in_whatever_writing_they_stand_there() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "# who said so\n06-1234 5678   # by letter\n\n+32 470 12 34 56\n";
        std::fs::write(file.path(), text).expect("ours");
        let list = List::Known(Arc::new(read(file.path(), &rules()).expect("readable")));
        assert_eq!(list.has("+31612345678"), Listed::Yes);
        assert_eq!(list.has("+32470123456"), Listed::Yes);
        assert_eq!(list.has("+31612345679"), Listed::No);
    }

    #[test]
    fn a_list_with_one_line_that_is_no_number_is_no_list() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "0612345678\nMrs Jansen\n").expect("ours");
        let reason = read(file.path(), &rules()).expect_err("somebody would be left out");
        assert_eq!(reason, "line 2 is no telephone number");
        assert!(read(Path::new("/nowhere/at/all"), &rules()).is_err());
        assert_eq!(List::Unreadable.has("+31612345678"), Listed::Unknown);
    }
}
