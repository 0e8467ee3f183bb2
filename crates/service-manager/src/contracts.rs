//! The contracts that components speak by: kept by digest, and held against those in use.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use caruso_component::permissions::names::SERVICE_MANAGER;
use caruso_component::{read_file, replace_file};
use caruso_contract::{Contract, Digest, Kind, Relation, compare, relation};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Folder in the manager's data folder.
const FOLDER: &str = "contracts";
/// Its table of contents.
const CONTENTS: &str = "contents.json";
/// Package of the manager's own interfaces.
const OWN: &str = "caruso.registry.v1.";
/// Contracts of one interface; beyond it the oldest that nobody uses goes.
const MOST_OF_INTERFACE: usize = 64;
/// Interfaces with contracts.
const MOST_INTERFACES: usize = 1_000;

/// Where a contract came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) component: String,
    pub(crate) version: String,
}

/// What is known of a contract beside what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    interface: String,
    /// Its place among the contracts of the interface that were offered: one more than the highest
    /// of those that it extends. `None` while nobody has offered it.
    pub(crate) level: Option<u32>,
    /// Who handed it over first.
    pub(crate) origin: Origin,
    /// In the order in which they came.
    number: u64,
}

/// A contract that a live component speaks by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) digest: String,
    /// As in "storage-manager 0.1.0 offers it".
    pub(crate) who: Origin,
    pub(crate) is_offered: bool,
}

/// Why a contract is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Full {
    Interfaces,
    OfInterface,
}

/// All contracts. Those on disk are read at the start.
#[derive(Debug, Default)]
pub(crate) struct Contracts {
    folder: PathBuf,
    entries: BTreeMap<String, Entry>,
    contracts: HashMap<String, Contract>,
    /// Grows with every change.
    version: u64,
    /// Whether the second has all of the first, by digests.
    covered: Mutex<HashMap<(String, String), bool>>,
}

impl Contracts {
    pub(crate) fn load(data: &Path) -> Result<Self, Error> {
        let folder = data.join(FOLDER);
        let contents = folder.join(CONTENTS);
        let damaged = |path: &Path| Error::Damaged(path.to_owned());
        let entries: BTreeMap<String, Entry> = match read_file(&contents)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| damaged(&contents))?,
            None => BTreeMap::new(),
        };
        let mut contracts = HashMap::new();
        for (digest, entry) in &entries {
            let path = folder.join(format!("{digest}.pb"));
            let bytes = read_file(&path)?.ok_or_else(|| damaged(&path))?;
            let contract = Contract::from_bytes(&bytes, &entry.interface);
            let contract = contract.ok().filter(|it| it.digest().as_str() == digest);
            contracts.insert(digest.clone(), contract.ok_or_else(|| damaged(&path))?);
        }
        Ok(Self { folder, entries, contracts, version: 0, covered: Mutex::default() })
    }

    /// Grows with every change: what was made of the contracts of the same version is the same.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Those of the manager's own interfaces, which nobody else offers.
    pub(crate) fn add_own(&mut self, version: &str) {
        let is_own = |it: &&caruso_api::Contract| it.interface.starts_with(OWN);
        for own in caruso_api::CONTRACTS.iter().filter(is_own) {
            let origin =
                Origin { component: SERVICE_MANAGER.to_owned(), version: version.to_owned() };
            let contract = Contract::from_bytes(own.descriptor_set, own.interface);
            // what the build script made can be read, and there is room for it at the start
            if let Ok(contract) = contract
                && self.put(contract, origin, &BTreeSet::new()).is_ok()
            {
                self.offered(own.digest);
            }
        }
    }

    pub(crate) fn get(&self, digest: &str) -> Option<&Contract> {
        self.contracts.get(digest)
    }

    pub(crate) fn entry(&self, digest: &str) -> Option<&Entry> {
        self.entries.get(digest)
    }

    /// Every contract of the interface, those of the highest level first, the last one before the
    /// others of its level.
    pub(crate) fn of(&self, interface: &str) -> Vec<(&Contract, &Entry)> {
        let ours = self.entries.iter().filter(|(_, entry)| entry.interface == interface);
        let mut ours: Vec<_> =
            ours.filter_map(|(digest, entry)| Some((self.contracts.get(digest)?, entry))).collect();
        ours.sort_by_key(|(_, entry)| std::cmp::Reverse((entry.level, entry.number)));
        ours
    }

    /// Every interface that has a contract.
    pub(crate) fn interfaces(&self) -> BTreeSet<&str> {
        self.entries.values().map(|entry| entry.interface.as_str()).collect()
    }

    /// Keeps a contract; what is known already stays as it is. `in_use` are the digests that must
    /// not go to make room.
    pub(crate) fn put(
        &mut self,
        contract: Contract,
        origin: Origin,
        in_use: &BTreeSet<String>,
    ) -> Result<(), Full> {
        let digest = contract.digest().as_str().to_owned();
        if self.entries.contains_key(&digest) {
            return Ok(());
        }
        let interfaces = self.interfaces();
        let is_new = !interfaces.contains(contract.interface());
        if is_new && interfaces.len() >= MOST_INTERFACES {
            return Err(Full::Interfaces);
        }
        if self.of(contract.interface()).len() >= MOST_OF_INTERFACE {
            let all = self.of(contract.interface());
            let free = all.iter().filter(|(it, _)| !in_use.contains(it.digest().as_str()));
            let oldest = free.min_by_key(|(_, entry)| entry.number);
            let oldest = oldest.map(|(it, _)| it.digest().as_str().to_owned());
            let oldest = oldest.ok_or(Full::OfInterface)?;
            self.entries.remove(&oldest);
            self.contracts.remove(&oldest);
        }
        let number = self.entries.values().map(|entry| entry.number).max().unwrap_or(0) + 1;
        let interface = contract.interface().to_owned();
        self.entries.insert(digest.clone(), Entry { interface, level: None, origin, number });
        self.contracts.insert(digest, contract);
        self.version += 1;
        Ok(())
    }

    /// What speaks against offering this contract beside those in use; empty where nothing does. A
    /// contract that was offered before may come back: it is an earlier build.
    pub(crate) fn objections(&self, digest: &str, in_use: &[InUse]) -> Vec<String> {
        let Some(new) = self.get(digest) else { return Vec::new() };
        let is_known = self.entry(digest).is_some_and(|entry| entry.level.is_some());
        let mut objections = BTreeSet::new();
        for other in in_use {
            let Some(old) = self.get(&other.digest) else { continue };
            let was_offered = self.entry(&other.digest).is_some_and(|it| it.level.is_some());
            let counts = |kind| match kind {
                Kind::Changed => true,
                Kind::Missing => was_offered && !is_known,
                Kind::Added | Kind::Retired => false,
            };
            let how = if other.is_offered { "offers" } else { "uses" };
            let Origin { component, version } = &other.who;
            let differences = compare(old, new).into_iter().filter(|it| counts(it.kind));
            objections.extend(
                differences.map(|it| format!("{it}, but {component} {version} {how} it as it was")),
            );
        }
        objections.into_iter().collect()
    }

    /// A contract is offered: it has a level from now on.
    pub(crate) fn offered(&mut self, digest: &str) -> bool {
        let Some(new) = self.get(digest) else { return false };
        if self.entry(digest).is_some_and(|entry| entry.level.is_some()) {
            return false;
        }
        let below = self
            .of(new.interface())
            .into_iter()
            .filter(|(other, _)| relation(other, new) == Relation::Extends)
            .filter_map(|(_, entry)| entry.level);
        let level = below.max().unwrap_or(0) + 1;
        if let Some(entry) = self.entries.get_mut(digest) {
            entry.level = Some(level);
        }
        self.version += 1;
        true
    }

    /// Whether an offer has all that a consumer's contract has. Where one of them is not known,
    /// nothing speaks against it.
    pub(crate) fn covers(&self, offered: &str, consumer: &str) -> bool {
        let (Some(has), Some(wants)) = (self.get(offered), self.get(consumer)) else { return true };
        if offered == consumer {
            return true;
        }
        let mut covered = self.covered.lock().unwrap_or_else(PoisonError::into_inner);
        if covered.len() > MOST_OF_INTERFACE * MOST_INTERFACES {
            covered.clear();
        }
        let key = (offered.to_owned(), consumer.to_owned());
        *covered
            .entry(key)
            .or_insert_with(|| matches!(relation(wants, has), Relation::Same | Relation::Extends))
    }

    /// The files that hold all of it, to be written by [`save`].
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let contents =
            serde_json::to_vec(&self.entries).expect("entries are plain structs with text keys");
        let files = self.contracts.iter().map(|(digest, contract)| {
            (self.folder.join(format!("{digest}.pb")), contract.to_bytes())
        });
        files.chain([(self.folder.join(CONTENTS), contents)]).collect()
    }
}

/// Writes what is not there yet, the table of contents last, and removes what is no longer in it.
pub(crate) fn save(files: &[(PathBuf, Vec<u8>)]) -> Result<(), caruso_component::Error> {
    let Some((contents, _)) = files.last() else { return Ok(()) };
    let folder = contents.parent().unwrap_or(contents);
    std::fs::create_dir_all(folder).map_err(caruso_component::Error::data(folder))?;
    for (path, bytes) in files {
        if path == contents || !path.exists() {
            replace_file(path, bytes)?;
        }
    }
    let kept: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    let all = std::fs::read_dir(folder).map_err(caruso_component::Error::data(folder))?;
    for path in all.flatten().map(|entry| entry.path()) {
        let is_contract = path.extension().is_some_and(|extension| extension == "pb");
        if is_contract && !kept.contains(&path) {
            // one that stays behind is passed over
            let _ = std::fs::remove_file(&path);
        }
    }
    Ok(())
}

impl Entry {
    pub(crate) fn interface(&self) -> &str {
        &self.interface
    }
}

/// Reads a digest of a message; empty is none.
pub(crate) fn digest(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let digest = Digest::parse(text).ok_or_else(|| format!("`{text}` is no digest"))?;
    Ok(Some(digest.as_str().to_owned()))
}

#[cfg(test)]
mod tests;
