//! What lets a component in, as it stands in a file: a secret, and what the authority is recognized
//! by.

use std::str::FromStr;

use caruso_certificates::Fingerprint;

use crate::Secret;

/// A join token: `SECRET.FINGERPRINT` in one line. The secret proves to the service manager that
/// the component may join; the fingerprint of its authority proves to the component that it is the
/// service manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// For the service manager alone.
    pub secret: Secret<String>,
    /// Of the authority of the installation.
    pub authority: Fingerprint,
}

/// Text that is no join token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a join token is a secret, a point and a fingerprint of 64 digits, in one line")]
pub struct Malformed;

impl FromStr for JoinToken {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (secret, authority) = text.trim().split_once('.').ok_or(Malformed)?;
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Malformed);
        }
        let authority = authority.parse().map_err(|_| Malformed)?;
        Ok(Self { secret: Secret::new(secret.to_owned()), authority })
    }
}

impl JoinToken {
    /// As it stands in its file.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{}.{}", self.secret.expose(), self.authority))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_token_is_a_secret_and_a_fingerprint() {
        let text = format!("5ec2e7.{}\n", "ab".repeat(32));
        let token: JoinToken = text.parse().expect("one");
        assert_eq!(token.secret.expose(), "5ec2e7");
        assert_eq!(token.to_text().expose(), text.trim());
        assert!(!format!("{token:?}").contains("5ec2e7"));
        for wrong in ["", "5ec2e7", "5ec2e7.ab", &format!(".{}", "ab".repeat(32)), "a b.c"] {
            assert_eq!(wrong.parse::<JoinToken>(), Err(Malformed), "{wrong}");
        }
    }
}
