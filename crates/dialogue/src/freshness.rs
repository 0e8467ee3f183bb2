//! How data was read, and when it is read anew.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::datum::Snapshot;
use crate::event::Event;
use crate::handle::Input;
use crate::script::{Script, Source};
use crate::state::State;

/// What came of reading data, as expressions know it under a name of its own.
pub(crate) const FOUND: &str = "found";
/// There is none.
pub(crate) const NONE: &str = "none";
/// There is more than one where one is wanted, which is then missing.
pub(crate) const SEVERAL: &str = "several";
/// It could not be read in time.
pub(crate) const FAILED: &str = "failed";

/// The name under which expressions find what came of reading data.
pub(crate) fn companion(data: &str) -> String {
    format!("{data}_read")
}

/// What came of reading data.
pub(crate) fn reading(script: &Script, state: &State, data: &str) -> &'static str {
    let is_list = matches!(script.sources.get(data), Some(Source::Related { .. }));
    match state.data.get(data).map(Vec::as_slice) {
        None | Some([]) if state.unread.contains(data) => FAILED,
        None | Some([]) => NONE,
        Some([_, _, ..]) if !is_list => SEVERAL,
        Some(_) => FOUND,
    }
}

/// Data that is older than the script allows, with all that is found by it: when somebody says
/// something, it is to be read anew.
pub(crate) fn expired(script: &Script, state: &State, input: &Input, now: Timestamp) -> Vec<Event> {
    let is_answer = matches!(input, Input::Answer { .. } | Input::Page { .. });
    let is_begun = matches!(input, Input::Interrupt { .. } | Input::Continue { .. });
    let is_said = is_answer || is_begun || matches!(input, Input::Reply { .. });
    if script.max_ages.is_empty() || !is_said || state.closing.is_some() {
        return Vec::new();
    }
    let is_old = |name: &String| {
        let age = state.read_at.get(name).map(|at| now.duration_since(*at));
        let most = script.max_ages.get(name).copied().map(i64::from);
        age.zip(most).is_some_and(|(age, most)| age.as_secs() >= most)
    };
    let mut expired: BTreeSet<&String> = script.max_ages.keys().filter(|it| is_old(it)).collect();
    loop {
        let count = expired.len();
        let found_by: Vec<&String> = script
            .sources
            .iter()
            .filter(|(_, source)| !matches!(source, Source::Reading { .. }))
            .filter(|(_, source)| source.found_by().any(|it| expired.contains(it)))
            .map(|(name, _)| name)
            .collect();
        expired.extend(found_by);
        if expired.len() == count {
            break;
        }
    }
    let known = expired.into_iter().filter(|it| state.data.contains_key(*it));
    known.map(|name| Event::DataExpired { name: name.clone() }).collect()
}

impl State {
    /// Data was read.
    pub(crate) fn read(
        &mut self,
        name: &str,
        objects: &[Snapshot],
        at: Option<Timestamp>,
        by: Option<&String>,
    ) {
        self.data.insert(name.to_owned(), objects.to_vec());
        self.unread.remove(name);
        match at {
            Some(at) => drop(self.read_at.insert(name.to_owned(), at)),
            None => drop(self.read_at.remove(name)),
        }
        match by {
            Some(by) => drop(self.read_by.insert(name.to_owned(), by.clone())),
            None => drop(self.read_by.remove(name)),
        }
    }

    /// It could not be read.
    pub(crate) fn not_read(&mut self, name: &str, at: Option<Timestamp>, by: Option<&String>) {
        self.read(name, &[], at, by);
        self.unread.insert(name.to_owned());
    }

    /// It is read anew.
    pub(crate) fn forget_read(&mut self, name: &str) {
        self.data.remove(name);
        self.read_at.remove(name);
        self.read_by.remove(name);
        self.unread.remove(name);
    }
}
