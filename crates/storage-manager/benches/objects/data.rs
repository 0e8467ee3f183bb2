//! Which objects are asked for: the same in every run.

/// Customers, from number 1 on; every fiftieth is one that agents do not see.
const CUSTOMERS: u32 = 100_000;
const SEEN: u32 = 50;
const TARIFFS: u32 = 40;
/// Customers that one caller changes, and nobody else.
const CHANGED: u32 = 1_000;

/// A generator of numbers (SplitMix64).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: usize) -> Self {
        Self(seed as u64)
    }

    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed >> 33) % u64::from(end)) as u32
    }

    /// The number of a customer whom agents see.
    pub(crate) fn customer(&mut self) -> u32 {
        let block = self.below(CUSTOMERS / SEEN) * SEEN;
        block + 1 + self.below(SEEN - 1)
    }

    pub(crate) fn tariff(&mut self) -> String {
        format!("T{:03}", 1 + self.below(TARIFFS))
    }

    /// A telephone number of a customer whom agents see, as the network shows it.
    pub(crate) fn telephone(&mut self) -> String {
        let contact = 2 * self.customer() - self.below(2);
        format!("+49151{}", 10_000_000 + contact)
    }
}

/// The customers that a caller changes in turn, each with the version it has.
#[derive(Debug)]
pub(crate) struct Updates {
    first: u32,
    versions: Vec<u32>,
    next: usize,
}

impl Updates {
    /// Those of a caller; the numbers of callers are unique in a run.
    pub(crate) fn of(caller: usize) -> Self {
        let first = 1 + caller as u32 * CHANGED;
        Self { first, versions: vec![1; CHANGED as usize], next: 0 }
    }

    /// Number and version of the next customer, which is then changed.
    pub(crate) fn next(&mut self) -> (u32, u32) {
        let at = self.next;
        self.next = (at + 1) % self.versions.len();
        let version = self.versions[at];
        self.versions[at] += 1;
        (self.first + at as u32, version)
    }
}
