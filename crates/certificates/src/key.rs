//! A component's private key.

use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::Error;

/// A private key (ECDSA over P-256), made where it is used and never sent anywhere.
pub struct Key {
    pub(crate) pair: KeyPair,
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// [`Error::Making`] where there is no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self { pair: KeyPair::generate()? })
    }

    /// From PKCS #8 in DER.
    ///
    /// # Errors
    /// [`Error::Key`] where it is none.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let pair = KeyPair::try_from(der).map_err(|_| Error::Key)?;
        Ok(Self { pair })
    }

    /// PKCS #8 in DER, for a private file.
    pub fn to_der(&self) -> Vec<u8> {
        self.pair.serialize_der()
    }

    /// A signing request (PKCS #10, DER) for the public half: proof that the private half is here.
    /// It names nobody; the authority decides whom the certificate names.
    ///
    /// # Errors
    /// [`Error::Making`] where signing fails.
    pub fn signing_request(&self) -> Result<Vec<u8>, Error> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        let request = parameters.serialize_request(&self.pair)?;
        Ok(request.der().to_vec())
    }

    pub(crate) fn for_tls(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.to_der()).into()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key([secret])")
    }
}
