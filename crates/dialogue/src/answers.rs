//! The stored answers of a session, by step.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::datum::Datum;

/// The id of a step with its hash worked out: a walk looks up an answer for every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepName {
    hash: u64,
    id: Box<str>,
}

impl StepName {
    pub(crate) fn new(id: &str) -> Self {
        // FNV-1a; the ids are those of a checked script, so nobody can choose them to collide
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { hash, id: id.into() }
    }
}

impl Hash for StepName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Hands on a hash that was worked out before.
#[derive(Clone, Debug, Default)]
struct WorkedOut(u64);

impl Hasher for WorkedOut {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash << 8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Answers by step; nothing as the value where a question was passed. They are looked up, never
/// gone through, so that their order does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answers {
    outside: ByStep,
    /// Those in rosters, by the row.
    rows: BTreeMap<String, ByStep>,
}

type ByStep = HashMap<StepName, Option<Datum>, BuildHasherDefault<WorkedOut>>;

impl Answers {
    /// The row is empty outside of rosters.
    pub(crate) fn of(&self, step: &StepName, row: &str) -> Option<Option<&Datum>> {
        let answers = if row.is_empty() { &self.outside } else { self.rows.get(row)? };
        answers.get(step).map(Option::as_ref)
    }

    pub(crate) fn get(&self, step: &str, row: &str) -> Option<Option<&Datum>> {
        self.of(&StepName::new(step), row)
    }

    pub(crate) fn insert(&mut self, step: &str, row: &str, value: Option<Datum>) {
        let answers = match row.is_empty() {
            true => &mut self.outside,
            false => self.rows.entry(row.to_owned()).or_default(),
        };
        answers.insert(StepName::new(step), value);
    }
}
