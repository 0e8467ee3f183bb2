//! What a check has to say about a place in a file.

use std::fmt;
use std::sync::Arc;

use crate::Location;

/// Longest message or hint of a finding, in characters.
const MAX_WORDS: usize = 600;

/// One mistake in a file of an application, or in a DTD. Every checker of the product reports
/// its mistakes in this form. The order is the order of reading: file, line, column.
///
/// ```
/// use caruso_markup::{Finding, Location};
///
/// let finding = Finding::new("CM0201", &Location::start_of("a.xml"), "element `b` is unknown")
///     .with_hint("did you mean `c`?");
/// assert_eq!(finding.to_string(),
///     "a.xml:1:1: element `b` is unknown\n    did you mean `c`?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Name of the file as the reader was given it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Stable code, by which the mistake is explained: two letters and four digits.
    pub code: &'static str,
    /// What is wrong; lowercase, without full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// A finding without hint.
    pub fn new(code: &'static str, location: &Location, message: impl Into<String>) -> Self {
        Self {
            file: location.file.clone(),
            line: location.line,
            column: location.column,
            code,
            message: shortened(message.into()),
            hint: None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(shortened(hint.into()));
        self
    }

    /// The same with a hint if there is one, as [`suggest`](crate::suggest) gives it.
    #[must_use]
    pub fn with_suggestion(mut self, hint: Option<String>) -> Self {
        self.hint = hint.map(shortened).or(self.hint);
        self
    }

    /// The place it speaks about.
    pub fn location(&self) -> Location {
        Location { file: self.file.clone(), line: self.line, column: self.column }
    }
}

/// Words without what is in their middle where they are too many: a name in a file may be as long
/// as the file.
fn shortened(words: String) -> String {
    let count = words.chars().count();
    if count <= MAX_WORDS {
        return words;
    }
    let half = MAX_WORDS / 2;
    let first: String = words.chars().take(half).collect();
    let last: String = words.chars().skip(count - half).collect();
    format!("{first} … {last}")
}

/// `file:line:column: message`, and the hint indented on the next line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n    {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Finding {}

/// A list of findings with its limit.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    has_overflowed: bool,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.list.len() < crate::MAX_FINDINGS {
            self.list.push(finding);
        } else if !self.has_overflowed {
            self.has_overflowed = true;
            let message =
                format!("more than {} findings, the others are left out", crate::MAX_FINDINGS);
            self.list.push(Finding::new(crate::codes::TOO_MANY, &finding.location(), message));
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.has_overflowed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In reading order.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort();
        self.list
    }
}
