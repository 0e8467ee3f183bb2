//! What a trial came to.

/// One way to try a program, whatever it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) expected: &'static str,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Not as one would wish, but the host sees to it that nobody suffers; what came.
    Advised(String),
    /// Otherwise; what came.
    Failed(String),
    /// It was not tried; what it takes.
    Skipped(String),
}

/// One case of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its stable name: small letters and `-`.
    pub name: &'static str,
    /// The operation or class; empty where it is about the program.
    pub about: String,
    /// What it is, in words.
    pub title: &'static str,
    /// What a program that behaves does.
    pub expected: &'static str,
    /// What this one did.
    pub outcome: Outcome,
    /// The last lines that it wrote to standard error meanwhile, cut at 500 bytes; at most ten.
    pub wrote: Vec<String>,
}

/// All cases of a trial, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was tried, and what was left out.
    pub cases: Vec<Case>,
}

impl Report {
    /// Whether no case failed; with `strict`, whether there is no advice either.
    pub fn has_passed(&self, strict: bool) -> bool {
        self.cases.iter().all(|case| match case.outcome {
            Outcome::Passed | Outcome::Skipped(_) => true,
            Outcome::Advised(_) => !strict,
            Outcome::Failed(_) => false,
        })
    }
}
