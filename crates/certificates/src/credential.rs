//! A certificate with its key: what a component calls and serves with.

use rustls::pki_types::CertificateDer;

use crate::{Error, Fingerprint, Key, Presented};

/// A certificate with its private key and the certificate of the authority.
#[derive(Debug)]
pub struct Credential {
    pub(crate) key: Key,
    chain: Vec<Vec<u8>>,
    presented: Presented,
    authority: Fingerprint,
}

impl Credential {
    /// Of a key and the chain that certifies it: its certificate, then that of the authority.
    ///
    /// # Errors
    /// [`Error::Certificate`] where the chain has not these two, or belongs to another key.
    pub fn new(key: Key, chain: Vec<Vec<u8>>) -> Result<Self, Error> {
        let [certificate, authority] = chain.as_slice() else {
            return Err(Error::Certificate("two make a chain".to_owned()));
        };
        let presented = Presented::read(certificate)?;
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
            .map_err(|error| Error::Certificate(error.to_string()))?;
        if parsed.public_key().raw != rcgen::PublicKeyData::subject_public_key_info(&key.pair) {
            return Err(Error::Certificate("it belongs to another key".to_owned()));
        }
        let authority = Fingerprint::of(authority)?;
        Ok(Self { key, chain, presented, authority })
    }

    /// What others learn of its holder.
    pub fn presented(&self) -> &Presented {
        &self.presented
    }

    /// Of the authority that certified it.
    pub fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// The private key, PKCS #8 in DER, for a private file.
    pub fn key_to_der(&self) -> Vec<u8> {
        self.key.to_der()
    }

    /// The certificate and that of the authority, in DER.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    pub(crate) fn chain_for_tls(&self) -> Vec<CertificateDer<'static>> {
        self.chain.iter().cloned().map(CertificateDer::from).collect()
    }

    pub(crate) fn authority_for_tls(&self) -> CertificateDer<'static> {
        CertificateDer::from(self.chain[1].clone())
    }
}
