//! The stored answers of a session, by step.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::datum::Datum;

/// The id of a step as a number of 128 bits (FNV-1a), which takes little room and is compared at
/// once: a walk looks up an answer for every step. That two ids of a script are by chance the same
/// number is not to be feared; whoever writes such ids on purpose only confuses the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepName(u128);

impl StepName {
    pub(crate) fn new(id: &str) -> Self {
        Self(id.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        }))
    }
}

impl Hash for StepName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0 as u64);
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
