//! Why something is no certificate of ours.

/// Why a key, a request or a certificate cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that cannot stand in a certificate.
    #[error("`{0}` cannot be the name of a component: 1 to 63 of a-z, 0-9 and -, no - at the ends")]
    Name(String),
    /// Bytes that are no private key of ours.
    #[error("this is no private key")]
    Key,
    /// Bytes that are no signing request (PKCS #10), or one that its own key has not signed.
    #[error("this is no signing request: {0}")]
    Request(String),
    /// Bytes that are no certificate of a component.
    #[error("this is no certificate of a component: {0}")]
    Certificate(String),
    /// Text that is no fingerprint: 64 hexadecimal digits.
    #[error("a fingerprint has 64 hexadecimal digits")]
    Fingerprint,
    /// Making a key or a signature failed.
    #[error("a certificate cannot be made: {0}")]
    Making(#[from] rcgen::Error),
    /// TLS cannot be set up with this.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
