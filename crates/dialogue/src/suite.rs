//! Tests that stand in a script itself: conversations as examples, and what must come of them.
//!
//! A test runs by the same walk and [`handle`](crate::handle) as a session, with a clock that
//! stands still and with the objects that it gives, so it needs no engine and reaches no system.

mod run;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::fmt;

use caruso_markup::{Finding, Location};
use jiff::{SignedDuration, Timestamp};

use crate::datum::{Datum, Snapshot};
use crate::script::{Channel, Role, Script, Source};
use crate::special::Special;

/// The tests of a script.
#[derive(Debug, Default)]
pub(crate) struct Suite {
    pub(crate) tests: Vec<Test>,
    /// Where the transitions of each step stand, in their order.
    pub(crate) places: BTreeMap<String, Vec<Location>>,
}

#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) at: Location,
    pub(crate) channel: Channel,
    /// Empty for the script's own.
    pub(crate) language: String,
    pub(crate) now: Timestamp,
    pub(crate) given: BTreeMap<String, Given>,
    pub(crate) moves: Vec<Move>,
}

/// What an input or data is, before a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// An input that is a value, as text.
    Text(String),
    /// An input that is an object, which is one; or what is found or related.
    Objects(Vec<Snapshot>),
}

/// Something that happens in a test, or is expected.
#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) at: Location,
    pub(crate) kind: MoveKind,
}

#[derive(Debug)]
pub(crate) enum MoveKind {
    Answer(Answer),
    HungUp,
    Passes(SignedDuration),
    Interrupted {
        by: String,
        /// It is expected that it cannot be begun.
        is_refused: bool,
    },
    Done {
        action: Acted,
        key: String,
        results: BTreeMap<String, Datum>,
    },
    Failed {
        action: Acted,
        reason: String,
    },
    Late {
        action: Acted,
    },
    At {
        step: String,
        /// Empty for any.
        row: String,
        texts: Vec<(Role, Expected)>,
        offered: Vec<(Expected, String)>,
    },
    Path(Vec<String>),
    Passed(Vec<String>),
    /// Exactly these goals.
    Reached(Vec<String>),
    Sent {
        action: Acted,
        values: Vec<Expected>,
    },
    Unsent {
        action: Acted,
    },
    Compensated {
        action: Acted,
        values: Vec<Expected>,
    },
    Ended {
        outcome: String,
    },
    HandedOff {
        queue: String,
        attributes: Vec<Expected>,
    },
}

/// An action by its name, and by its row if one is named.
#[derive(Debug)]
pub(crate) struct Acted {
    pub(crate) name: String,
    pub(crate) row: Option<String>,
}

impl fmt::Display for Acted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.row {
            Some(row) => write!(f, "`{}` of row `{row}`", self.name),
            None => write!(f, "`{}`", self.name),
        }
    }
}

/// An answer that is given.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) step: String,
    pub(crate) row: String,
    pub(crate) value: String,
    pub(crate) special: Option<Special>,
    pub(crate) reason: String,
    /// It is expected that it is not taken.
    pub(crate) is_refused: bool,
}

/// A value that is expected, as text.
#[derive(Debug)]
pub(crate) struct Expected {
    /// Of an attribute or parameter; empty for what has no name.
    pub(crate) name: String,
    /// Nothing where it must be missing.
    pub(crate) value: Option<String>,
    pub(crate) at: Location,
}

/// What came of all tests of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteRun {
    /// In the order of the file.
    pub tests: Vec<TestRun>,
    /// Every `next` of the script, in the order of the file.
    pub transitions: Vec<TransitionRun>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRun {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: Location,
    /// What was not as expected, at the place of the expectation; empty if it passed.
    pub failures: Vec<Finding>,
}

/// A `next`, and whether a test took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRun {
    /// The step before it.
    pub from: String,
    /// The step after it.
    pub to: String,
    /// Where it stands.
    pub at: Location,
    /// Whether the path of some test led along it.
    pub is_taken: bool,
}

impl SuiteRun {
    /// Whether every test passed.
    pub fn has_passed(&self) -> bool {
        self.tests.iter().all(|test| test.failures.is_empty())
    }
}

impl Script {
    /// Runs its embedded tests.
    pub fn run_tests(&self) -> SuiteRun {
        run::run(self)
    }

    /// Its embedded tests by name, with the inputs and data that they give.
    pub fn tests(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Given>)> {
        self.suite.tests.iter().map(|test| (test.name.as_str(), &test.given))
    }

    /// Its inputs and data by name, with the class of their objects; none for a value.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.sources.iter().filter_map(|(name, source)| match source {
            Source::Value { .. } => Some((name.as_str(), None)),
            Source::Object { class, .. }
            | Source::Found { class, .. }
            | Source::Related { class, .. } => Some((name.as_str(), Some(class.as_str()))),
            Source::Reading { .. } => None,
        })
    }
}
