//! Where a database is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use sea_orm::DbBackend;

use crate::tls::Tls;

/// The address of a database: `sqlite:PATH`, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`,
/// `mysql://…` (MariaDB, too). Never prints its password.
///
/// Servers are spoken to in the clear, or with `?tls=required` or `?tls-ca=FILE` behind the address
/// by TLS alone: the server must have a certificate for the host of the address, signed by an
/// authority that this machine trusts or by one of the file (PEM; `%20` stands for a blank).
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    backend: DbBackend,
    tls: Tls,
}

/// The text is no address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// It begins or goes on otherwise.
    #[error(
        "this is no address of a database; write `sqlite:PATH`, \
         `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`"
    )]
    Form,
    /// It asks for TLS in other words.
    #[error("`{0}` is not how an address asks for TLS; write `?tls=required` or `?tls-ca=FILE`")]
    Tls(String),
}

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
        let url = format!("sqlite:{}", path.display());
        Self { url, backend: DbBackend::Sqlite, tls: Tls::Off }
    }

    /// A database of SQLite that is in memory, and gone with its connection.
    pub fn in_memory() -> Self {
        Self { url: "sqlite::memory:".to_owned(), backend: DbBackend::Sqlite, tls: Tls::Off }
    }

    /// The engine; [`DbBackend::MySql`] stands for MariaDB.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The whole, with its password, as drivers take it.
    pub(crate) fn secret(&self) -> &str {
        &self.url
    }

    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
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

/// What [`escaped`] wrote; what is not written so stays.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = (*byte == b'%').then(|| after.get(..2)).flatten();
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes what is said of TLS out of what stands behind an address.
fn take_tls(query: &str) -> Result<(Tls, String), NotAnAddress> {
    let mut tls = Tls::Off;
    let mut others = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "tls-ca" if !value.is_empty() => tls = Tls::Authority(unescaped(value).into()),
            "tls" if value == "required" => {
                if tls == Tls::Off {
                    tls = Tls::Required;
                }
            }
            // what drivers call it must not be lost silently
            _ if name.starts_with("tls") || name.starts_with("ssl") => {
                return Err(NotAnAddress::Tls(part.to_owned()));
            }
            _ => others.push(part),
        }
    }
    Ok((tls, others.join("&")))
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let scheme = SCHEMES.iter().find(|(scheme, _)| text.starts_with(scheme));
        let (scheme, backend) = *scheme.ok_or(NotAnAddress::Form)?;
        let rest = &text[scheme.len()..];
        if rest.is_empty() {
            return Err(NotAnAddress::Form);
        }
        let scheme = match backend {
            DbBackend::Postgres => "postgres://",
            DbBackend::MySql => "mysql://",
            _ => return Ok(Self { url: format!("sqlite:{rest}"), backend, tls: Tls::Off }),
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (tls, query) = take_tls(query)?;
        let mark = if query.is_empty() { "" } else { "?" };
        Ok(Self { url: format!("{scheme}{place}{mark}{query}"), backend, tls })
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
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress::Form), "{text}");
        }
    }

    #[test]
    fn an_address_asks_for_tls_in_one_way() {
        let tls = |text: &str| address(text).tls().clone();
        assert_eq!(tls("postgres://h/d"), Tls::Off);
        assert_eq!(tls("mysql://h/d?tls=required"), Tls::Required);
        for text in ["tls-ca=/etc/our%20ca.pem", "tls=required&tls-ca=/etc/our%20ca.pem"] {
            let text = format!("postgres://crm@h/d?{text}&application_name=x");
            assert_eq!(tls(&text), Tls::Authority("/etc/our ca.pem".into()));
            let address = address(&text).with_password("p");
            assert_eq!(address.secret(), "postgres://crm:p@h/d?application_name=x");
            assert_ne!(*address.tls(), Tls::Off, "a password changes nothing of it");
        }
        for part in ["sslmode=verify-full", "ssl-mode=REQUIRED", "tls", "tls=no", "tls-ca="] {
            let refused = format!("mysql://h/d?{part}").parse::<Address>();
            assert_eq!(refused, Err(NotAnAddress::Tls(part.to_owned())));
        }
    }
}
