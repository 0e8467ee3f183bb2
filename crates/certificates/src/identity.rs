//! Who somebody is: an instance of a component of an installation.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Longest name, in bytes: that of a label of a host name (RFC 1035).
const LONGEST: usize = 63;

/// An instance of a component in the realm of one authority. As text it is a SPIFFE ID:
/// `spiffe://REALM/component/NAME/INSTANCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Names the authority.
    pub realm: String,
    /// Kind and name, for example `script-engine`.
    pub component: String,
    /// The running instance, as the directory names it.
    pub instance: String,
}

/// Whether something can be named so: 1 to 63 of a-z, 0-9 and -, no - at the ends.
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Identity {
    /// An identity of three names.
    ///
    /// # Errors
    /// [`Error::Name`] for what [`is_name`] does not take.
    pub fn new(realm: &str, component: &str, instance: &str) -> Result<Self, Error> {
        for name in [realm, component, instance] {
            if !is_name(name) {
                return Err(Error::Name(name.to_owned()));
            }
        }
        let (realm, component, instance) =
            (realm.to_owned(), component.to_owned(), instance.to_owned());
        Ok(Self { realm, component, instance })
    }

    /// The host name under which it is called: `NAME.REALM`.
    pub fn host(&self) -> String {
        host(&self.component, &self.realm)
    }
}

/// The host name of any instance of a component.
pub(crate) fn host(component: &str, realm: &str) -> String {
    format!("{component}.{realm}")
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { realm, component, instance } = self;
        write!(formatter, "spiffe://{realm}/component/{component}/{instance}")
    }
}

impl FromStr for Identity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Certificate(format!("`{text}` names no component"));
        let (realm, path) = text
            .strip_prefix("spiffe://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(wrong)?;
        let mut parts = path.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("component"), Some(component), Some(instance), None) => {
                Self::new(realm, component, instance).map_err(|_| wrong())
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_written_as_a_spiffe_id_and_read_back() {
        let identity = Identity::new("caruso-1", "script-engine", "0198-a").expect("names");
        let text = identity.to_string();
        assert_eq!(text, "spiffe://caruso-1/component/script-engine/0198-a");
        assert_eq!(text.parse::<Identity>().expect("one"), identity);
        for wrong in [
            "",
            "https://caruso-1/component/erp/1",
            "spiffe://caruso-1/component/erp",
            "spiffe://caruso-1/component/erp/1/2",
            "spiffe://caruso-1/workload/erp/1",
            "spiffe://caruso-1/component//1",
            "spiffe://caruso-1/component/Erp/1",
        ] {
            assert!(wrong.parse::<Identity>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_fits_into_a_host_name() {
        for (name, is_fit) in [
            ("erp", true),
            ("a-1", true),
            (&*"a".repeat(63), true),
            ("", false),
            (&*"a".repeat(64), false),
            ("-erp", false),
            ("erp-", false),
            ("erp.x", false),
            ("ERP", false),
        ] {
            assert_eq!(is_name(name), is_fit, "{name}");
        }
    }
}
