//! A mistake in an expression, with its place.

use std::ops::Range;

use crate::codes;

/// A mistake found by [`parse`](crate::parse) or [`check`](crate::check).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Bytes of the expression's text; the caller maps them into its file.
    pub at: Range<usize>,
    /// Stable code, one of [`codes`].
    pub code: &'static str,
    /// What is wrong, lowercase, without full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
    /// The name whose definition has the mistake, where it stands in none of the text itself; `at`
    /// is then where the text needs that name.
    pub defined_by: Option<String>,
}

impl Error {
    pub(crate) fn new(code: &'static str, at: &Range<usize>, message: impl Into<String>) -> Self {
        Self { at: at.clone(), code, message: message.into(), hint: None, defined_by: None }
    }

    pub(crate) fn syntax(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self::new(codes::SYNTAX, at, message)
    }

    pub(crate) fn limit(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self::new(codes::LIMIT, at, message)
    }

    pub(crate) fn name(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self::new(codes::NAME, at, message)
    }

    pub(crate) fn type_(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self::new(codes::TYPE, at, message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds "did you mean" when one of the candidates is near the name.
    pub(crate) fn nearest<I>(self, name: &str, candidates: I) -> Self
    where
        I: IntoIterator<Item = String>,
    {
        match nearest(name, candidates) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// The candidate that a mistyped name most likely meant: at most a third of its letters differ.
fn nearest(name: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    let distance = |other: &str| strsim::osa_distance(&wanted, &other.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (distance(&candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}
