//! What is known when a step is reached: names as bits, since every step of a long script has its
//! own.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Names with their numbers.
pub(super) type Numbers = Arc<BTreeMap<String, usize>>;

/// The names of answers and results that exist when a step is reached.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    numbers: Numbers,
    /// On at least one path.
    maybe: Bits,
    /// On every path.
    surely: Bits,
    /// Names that every path has found not to be missing.
    present: Bits,
}

impl Seen {
    /// Nothing yet, of names that have numbers.
    pub(super) fn nothing(numbers: &Numbers) -> Self {
        let none = Bits(vec![0; numbers.len().div_ceil(64)]);
        let numbers = Arc::clone(numbers);
        Self { numbers, maybe: none.clone(), surely: none.clone(), present: none }
    }

    /// A step gives it.
    pub(super) fn add(&mut self, name: &str) {
        if let Some(number) = self.numbers.get(name) {
            self.maybe.insert(*number);
            self.surely.insert(*number);
        }
    }

    /// It was found not to be missing.
    pub(super) fn find(&mut self, name: &str) {
        if let Some(number) = self.numbers.get(name) {
            self.present.insert(*number);
        }
    }

    /// Another path leads here as well.
    pub(super) fn join(&mut self, other: &Self) {
        self.maybe.each(&other.maybe, |one, other| one | other);
        self.surely.each(&other.surely, |one, other| one & other);
        self.present.each(&other.present, |one, other| one & other);
    }

    /// Whether it exists on some path.
    pub(crate) fn is_possible(&self, name: &str) -> bool {
        self.is_in(&self.maybe, name)
    }

    /// Whether it exists on every path.
    pub(crate) fn is_sure(&self, name: &str) -> bool {
        self.is_in(&self.surely, name)
    }

    /// Whether every path has found it not to be missing.
    pub(crate) fn is_present(&self, name: &str) -> bool {
        self.is_in(&self.present, name)
    }

    fn is_in(&self, bits: &Bits, name: &str) -> bool {
        self.numbers.get(name).is_some_and(|it| bits.contains(*it))
    }
}

/// A set of numbers.
#[derive(Debug, Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    fn each(&mut self, other: &Self, together: impl Fn(u64, u64) -> u64) {
        self.0.iter_mut().zip(&other.0).for_each(|(one, other)| *one = together(*one, *other));
    }
}
