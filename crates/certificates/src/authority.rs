//! The installation's own small authority.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
    SanType,
};
use rustls::pki_types::CertificateSigningRequestDer;

use crate::{Error, Fingerprint, Identity, Key};

/// The authority's own certificate is valid this long.
const LIFE: Duration = Duration::from_secs(20 * 365 * 24 * 3600);
/// Certificates begin this much earlier, for machines whose clocks are behind.
const CLOCKS: Duration = Duration::from_secs(3600);
/// Longest signing request that is looked at, in bytes; those of common keys have less than 2 KiB.
const LONGEST_REQUEST: usize = 16 * 1024;

/// Certifies components of one installation.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    fingerprint: Fingerprint,
    realm: String,
}

impl Authority {
    /// A new authority, whose certificate begins about `now`.
    ///
    /// # Errors
    /// [`Error::Making`] where there is no randomness.
    pub fn generate(now: SystemTime) -> Result<Self, Error> {
        let key = Key::generate()?;
        let mut parameters = parameters();
        parameters.not_before = (now - CLOCKS).into();
        parameters.not_after = (now + LIFE).into();
        let certificate = parameters.self_signed(&key.pair)?;
        Self::from_der(&key.to_der(), certificate.der())
    }

    /// An authority that was kept: its private key (PKCS #8) and its certificate, both in DER.
    ///
    /// # Errors
    /// [`Error::Key`], [`Error::Certificate`] where they are none or do not belong together.
    pub fn from_der(key: &[u8], certificate: &[u8]) -> Result<Self, Error> {
        let key = Key::from_der(key)?;
        let fingerprint = Fingerprint::of(certificate)?;
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
            .map_err(|error| Error::Certificate(error.to_string()))?;
        if parsed.public_key().raw != key.pair.subject_public_key_info() {
            return Err(Error::Certificate("it belongs to another key".to_owned()));
        }
        let issuer = Issuer::new(parameters(), key.pair);
        let realm = fingerprint.realm();
        Ok(Self { issuer, certificate: certificate.to_vec(), fingerprint, realm })
    }

    /// The private key, PKCS #8 in DER, for a private file.
    pub fn key_to_der(&self) -> Vec<u8> {
        self.issuer.key().serialize_der()
    }

    /// Its own certificate, in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What it is recognized by.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The realm of all identities that it certifies.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Certifies that whoever holds the key of a signing request (PKCS #10, DER, at most 16 KiB) is
    /// this component, let in by a join token of this id, until then. Nothing that the request asks
    /// for is taken over but its public key. Answers with the chain: the certificate and that of
    /// the authority.
    ///
    /// # Errors
    /// [`Error::Request`] for what is no such request; [`Error::Name`] for another realm.
    pub fn certify(
        &self,
        request: &[u8],
        identity: &Identity,
        join_token: &str,
        until: SystemTime,
    ) -> Result<Vec<Vec<u8>>, Error> {
        if request.len() > LONGEST_REQUEST {
            return Err(Error::Request(format!("it has more than {LONGEST_REQUEST} bytes")));
        }
        let request = CertificateSigningRequestDer::from(request);
        let request = CertificateSigningRequestParams::from_der(&request)
            .map_err(|error| Error::Request(error.to_string()))?;
        self.sign(&request.public_key, identity, join_token, until)
    }

    fn sign(
        &self,
        key: &impl PublicKeyData,
        identity: &Identity,
        join_token: &str,
        until: SystemTime,
    ) -> Result<Vec<Vec<u8>>, Error> {
        if identity.realm != self.realm {
            return Err(Error::Name(identity.realm.clone()));
        }
        let mut parameters = CertificateParams::default();
        parameters.not_before = (SystemTime::now() - CLOCKS).into();
        parameters.not_after = until.into();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, identity.component.as_str());
        parameters.distinguished_name.push(DnType::OrganizationalUnitName, join_token);
        parameters.subject_alt_names = vec![
            SanType::URI(identity.to_string().try_into()?),
            SanType::DnsName(identity.host().try_into()?),
        ];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        parameters.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(key, &self.issuer)?;
        Ok(vec![certificate.der().to_vec(), self.certificate.clone()])
    }
}

/// What every start says of the authority itself; its key makes the difference.
fn parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "Caruso service manager");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("realm", &self.realm).finish_non_exhaustive()
    }
}
