//! Where a database is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use sea_orm::DbBackend;

/// The address of a database: `sqlite:PATH`, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`,
/// `mysql://…` (MariaDB, too). Never prints its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    backend: DbBackend,
}

/// The text is no address of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no address of a database; write `sqlite:PATH`, \
     `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`"
)]
pub struct NotAnAddress;

/// Schemes and their engines.
const SCHEMES: [(&str, DbBackend); 5] = [
    ("sqlite:", DbBackend::Sqlite),
    ("postgres://", DbBackend::Postgres),
    ("postgresql://", DbBackend::Postgres),
    ("mysql://", DbBackend::MySql),
    ("mariadb://", DbBackend::MySql),
];

impl Address {
    /// A file of SQLite.
    pub fn of_file(path: &Path) -> Self {
        Self { url: format!("sqlite:{}", path.display()), backend: DbBackend::Sqlite }
    }

    /// The engine; [`DbBackend::MySql`] stands for MariaDB.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The whole, with its password, as drivers take it.
    pub(crate) fn secret(&self) -> &str {
        &self.url
    }

    /// The same address with a password that was kept elsewhere. A file has none.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self };
        let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let user = user.split(':').next().unwrap_or_default();
        self.url = format!("{scheme}://{user}:{}@{place}", escaped(password));
        self
    }
}

/// Everything but letters and digits as `%XX`.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let scheme = SCHEMES.iter().find(|(scheme, _)| text.starts_with(scheme));
        let (scheme, backend) = *scheme.ok_or(NotAnAddress)?;
        let rest = &text[scheme.len()..];
        if rest.is_empty() {
            return Err(NotAnAddress);
        }
        let scheme = match backend {
            DbBackend::Postgres => "postgres://",
            DbBackend::MySql => "mysql://",
            _ => "sqlite:",
        };
        Ok(Self { url: format!("{scheme}{rest}"), backend })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.url.split_once("://") else {
            return f.write_str(&self.url);
        };
        let rest = rest.split('?').next().unwrap_or_default();
        let Some((user, place)) = rest.rsplit_once('@') else {
            return write!(f, "{scheme}://{rest}");
        };
        write!(f, "{scheme}://{}@{place}", user.split(':').next().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_never_prints_its_password() {
        for text in [
            "postgres://crm:s3cret@db.example:5432/crm?password=s3cret",
            "mariadb://crm:s3cret@db.example/crm",
        ] {
            let address = address(text);
            assert!(!format!("{address} {address:?}").contains("s3cret"), "{address}");
            assert!(address.secret().contains("s3cret"));
        }
        assert_eq!(address("mariadb://crm@h/d").to_string(), "mysql://crm@h/d");
    }

    #[test]
    fn a_password_from_elsewhere_takes_its_place() {
        let address = address("postgres://crm@h/d").with_password("a@b/ü");
        assert_eq!(address.secret(), "postgres://crm:a%40b%2F%C3%BC@h/d");
        let file = "sqlite:a.db".parse::<Address>().expect("an address").with_password("x");
        assert_eq!(file.secret(), "sqlite:a.db");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "sqlite:", "oracle://h/d", "customers.db", "postgres://"] {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress), "{text}");
        }
    }
}
