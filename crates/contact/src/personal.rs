//! What belongs to a person: never printed, and gone when the person's key is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Data about a person. The journal keeps it encrypted under a key of the contact; once that
/// key is destroyed, reading gives [`Personal::Erased`] and everything else goes on.
///
/// In JSON it is the value itself, or `{"erased":true}`. It never shows in `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Personal<T> {
    /// The value.
    Known(T),
    /// The value was erased for ever.
    Erased {
        /// Always true; it makes the JSON tell what it is.
        erased: bool,
    },
}

impl<T> Personal<T> {
    /// The value, unless it was erased.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Erased { .. } => None,
        }
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "[personal]",
            Self::Erased { .. } => "[erased]",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_never_printed() {
        let number = Personal::from("0612345678".to_owned());
        assert_eq!(format!("{number:?}"), "[personal]");
    }

    #[test]
    fn an_erased_value_is_read_as_erased() {
        let read: Personal<String> = serde_json::from_str(r#"{"erased":true}"#).expect("valid");
        assert_eq!(read.known(), None);
        let read: Personal<String> = serde_json::from_str(r#""Jansen""#).expect("valid");
        assert_eq!(read.known().map(String::as_str), Some("Jansen"));
    }
}
