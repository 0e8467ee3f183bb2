//! Values that must never be printed.

use std::fmt;
use std::path::Path;

use crate::{Error, disk};

/// A value that no log line, error message or debug print can show. Whoever needs it says
/// [`expose`](Secret::expose) where it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that uses it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// Reads a secret from a file; white space at the ends does not count.
    ///
    /// # Errors
    /// When the file cannot be read, or others than its owner may read it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        disk::require_private(path)?;
        let text = std::fs::read_to_string(path).map_err(Error::data(path))?;
        Ok(Self(text.trim().to_owned()))
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let secret = Secret::new("demo-password".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)).matches("demo").count(), 0);
        assert_eq!(secret.expose(), "demo-password");
    }
}
