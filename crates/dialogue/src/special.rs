//! Answers that are none of the question's values: nobody knows, or nobody says.

use serde::{Deserialize, Serialize};

/// An answer in place of a value. Expressions see the value as missing, and which answer it was by
/// a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Special {
    /// The customer does not know.
    DontKnow,
    /// The customer does not want to say.
    Refused,
    /// The question does not fit the customer.
    NotApplicable,
}

impl Special {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DontKnow, Self::Refused, Self::NotApplicable];

    /// The word by which scripts and expressions know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::DontKnow => "dont-know",
            Self::Refused => "refused",
            Self::NotApplicable => "not-applicable",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// What expressions see where there was no special answer.
pub(crate) const NONE: &str = "none";

const SUFFIX: &str = "_special";

/// The name under which expressions find the special answer to a question.
pub(crate) fn companion(question: &str) -> String {
    format!("{question}{SUFFIX}")
}

/// The question whose special answer a name is about, if it is formed like that.
pub(crate) fn question_of(name: &str) -> Option<&str> {
    name.strip_suffix(SUFFIX)
}
