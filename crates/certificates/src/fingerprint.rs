//! What an authority is recognized by.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::Error;

/// SHA-256 of an authority's public key (its SubjectPublicKeyInfo, as RFC 7469 pins keys): 64
/// hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a certificate in DER.
    ///
    /// # Errors
    /// [`Error::Certificate`] where it is none.
    pub fn of(certificate: &[u8]) -> Result<Self, Error> {
        let (_, parsed) = X509Certificate::from_der(certificate)
            .map_err(|error| Error::Certificate(error.to_string()))?;
        Ok(Self(Sha256::digest(parsed.public_key().raw).into()))
    }

    /// The name of the installation whose authority it is: `caruso-` and 16 digits.
    pub fn realm(&self) -> String {
        let digits: String = self.0[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("caruso-{digits}")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Error::Fingerprint);
        }
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            let digits = u8::from_str_radix(&text[at..at + 2], 16);
            *byte = digits.map_err(|_| Error::Fingerprint)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_and_read() {
        let text = "0123456789abcdef".repeat(4);
        let read: Fingerprint = text.parse().expect("64 digits");
        assert_eq!(read.to_string(), text);
        assert_eq!(read.realm(), "caruso-0123456789abcdef");
        for wrong in ["", "0123", &"g".repeat(64), &"é".repeat(32)] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }
}
