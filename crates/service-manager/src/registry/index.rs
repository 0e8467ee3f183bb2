//! Who offers an interface, and what changed of it last: so that a question about one interface
//! looks at nothing of the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Offers that are gone are remembered for resumed watches, this many.
pub(super) const MOST_GONE: usize = 10_000;

/// One interface.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Sessions that offer it, each with the digest of its contract.
    pub(super) instances: BTreeMap<Arc<str>, Option<Arc<str>>>,
    /// Revision of the last change, and of the one before.
    pub(super) changed_at: u64,
    before: u64,
    /// Revision, and the session whose offer is gone, the oldest first.
    pub(super) gone: VecDeque<(u64, Arc<str>)>,
    /// The sessions whose offer has a contract, by its digest.
    pub(super) contracts: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

impl Entry {
    /// The earliest revision from which the same has happened as from `after`: whoever has read
    /// the change before the last, or a later one, is told the same.
    pub(super) fn since(&self, after: u64) -> u64 {
        if after >= self.before { self.before } else { after }
    }

    /// The session offers it with this contract, or not at all.
    fn set(&mut self, instance: &str, offered: Option<Option<Arc<str>>>) -> Option<Arc<str>> {
        let (known, before) = match self.instances.remove_entry(instance) {
            Some((known, before)) => (Some(known), before),
            None => (None, None),
        };
        let known = known.or_else(|| offered.is_some().then(|| Arc::from(instance)))?;
        if let Some(digest) = before
            && let Some(same) = self.contracts.get_mut(&digest)
        {
            same.remove(instance);
            if same.is_empty() {
                self.contracts.remove(&digest);
            }
        }
        if let Some(contract) = offered {
            if let Some(digest) = &contract {
                let same = self.contracts.entry(Arc::clone(digest)).or_default();
                same.insert(Arc::clone(&known));
            }
            self.instances.insert(Arc::clone(&known), contract);
        }
        Some(known)
    }
}

/// All interfaces of which something is or was offered.
#[derive(Debug, Default)]
pub(super) struct Index {
    interfaces: BTreeMap<String, Entry>,
    /// The interface of each offer that is gone, in their order.
    buried: VecDeque<String>,
    /// Changed since this was last asked.
    touched: BTreeSet<String>,
}

impl Index {
    pub(super) fn get(&self, interface: &str) -> Option<&Entry> {
        self.interfaces.get(interface)
    }

    /// The interfaces that have changed since this was last asked.
    pub(super) fn take_touched(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.touched)
    }

    /// Something of the interface is otherwise from this revision on.
    pub(super) fn touch(&mut self, interface: &str, revision: u64) {
        let Some(entry) = self.interfaces.get_mut(interface) else { return };
        if entry.changed_at != revision {
            entry.before = entry.changed_at;
            entry.changed_at = revision;
        }
        if !self.touched.contains(interface) {
            self.touched.insert(interface.to_owned());
        }
    }

    /// The session offers the interface, with this contract; perhaps it did before.
    pub(super) fn put(&mut self, interface: &str, instance: &str, contract: Option<&str>) {
        if !self.interfaces.contains_key(interface) {
            self.interfaces.insert(interface.to_owned(), Entry::default());
        }
        let Some(entry) = self.interfaces.get_mut(interface) else { return };
        // the same text is kept once
        let known = contract.and_then(|digest| entry.contracts.get_key_value(digest));
        let known = known.map(|(digest, _)| Arc::clone(digest));
        entry.set(instance, Some(known.or_else(|| contract.map(Arc::from))));
    }

    /// The session offers it no more. Answers with the revision before which nothing is known any
    /// more, where something had to be forgotten.
    pub(super) fn bury(&mut self, interface: &str, instance: &str, revision: u64) -> Option<u64> {
        let entry = self.interfaces.get_mut(interface)?;
        let instance = entry.set(instance, None)?;
        entry.gone.push_back((revision, instance));
        self.buried.push_back(interface.to_owned());
        self.touch(interface, revision);
        (self.buried.len() > MOST_GONE).then(|| self.forget()).flatten()
    }

    /// Forgets the oldest of what is gone.
    fn forget(&mut self) -> Option<u64> {
        let interface = self.buried.pop_front()?;
        let entry = self.interfaces.get_mut(&interface)?;
        let (revision, _) = entry.gone.pop_front()?;
        if entry.gone.is_empty() && entry.instances.is_empty() {
            self.interfaces.remove(&interface);
        }
        Some(revision)
    }

    #[cfg(test)]
    pub(super) fn buried(&self) -> usize {
        self.buried.len()
    }
}
