//! Connections: TLS 1.3 and HTTP/2 in it, nothing else.
//!
//! Sessions are not resumed: a handshake happens once for a connection, and a resumed session would
//! go on with the certificate of an earlier one.

use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::identity::host;
use crate::verifier::Pinned;
use crate::{Credential, Error, Fingerprint, Presented};

/// HTTP/2, as RFC 7301 names it.
const HTTP2: &[u8] = b"h2";

/// A connection that was made.
pub type ClientStream = tokio_rustls::client::TlsStream<TcpStream>;
/// A connection that was accepted.
pub type ServerStream = tokio_rustls::server::TlsStream<TcpStream>;

/// Connects to components of one installation.
#[derive(Clone)]
pub struct Client {
    connector: TlsConnector,
    realm: String,
}

/// Accepts connections from components of one installation.
#[derive(Clone)]
pub struct Server {
    acceptor: TlsAcceptor,
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn tls(error: impl std::fmt::Display) -> Error {
    Error::Tls(error.to_string())
}

impl Client {
    /// Without a certificate: to become certified.
    ///
    /// # Errors
    /// [`Error::Tls`] never, unless the library cannot work here.
    pub fn unknown(authority: Fingerprint) -> Result<Self, Error> {
        Self::new(authority, None)
    }

    /// With the certificate of a component.
    ///
    /// # Errors
    /// [`Error::Tls`] where key and certificate cannot be used.
    pub fn of(credential: &Credential) -> Result<Self, Error> {
        Self::new(credential.authority(), Some(credential))
    }

    fn new(authority: Fingerprint, credential: Option<&Credential>) -> Result<Self, Error> {
        let provider = provider();
        let algorithms = provider.signature_verification_algorithms;
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { authority, algorithms }));
        let mut config = match credential {
            None => config.with_no_client_auth(),
            Some(credential) => config
                .with_client_auth_cert(credential.chain_for_tls(), credential.key.for_tls())
                .map_err(tls)?,
        };
        config.alpn_protocols = vec![HTTP2.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Self { connector: Arc::new(config).into(), realm: authority.realm() })
    }

    /// Makes of a TCP connection one to the component of this name, whichever instance it is.
    ///
    /// # Errors
    /// Where the other side is not this component of this installation, or the connection breaks.
    pub async fn connect(&self, component: &str, stream: TcpStream) -> io::Result<ClientStream> {
        let name = ServerName::try_from(host(component, &self.realm)).map_err(io::Error::other)?;
        self.connector.connect(name, stream).await
    }

    /// Whether an error of [`connect`](Self::connect) says that somebody else answers than who was
    /// called; else the connection broke.
    pub fn is_untrusted(error: &io::Error) -> bool {
        let error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        matches!(error, Some(rustls::Error::InvalidCertificate(_)))
    }
}

impl Server {
    /// For a component: whoever connects has a certificate of the same authority.
    ///
    /// # Errors
    /// [`Error::Tls`] where key and certificate cannot be used.
    pub fn of(credential: &Credential) -> Result<Self, Error> {
        Self::new(credential, false)
    }

    /// For the service manager: whoever has none yet may connect as well.
    ///
    /// # Errors
    /// As [`Server::of`].
    pub fn open_to_unknown(credential: &Credential) -> Result<Self, Error> {
        Self::new(credential, true)
    }

    fn new(credential: &Credential, is_open: bool) -> Result<Self, Error> {
        let provider = provider();
        let mut roots = RootCertStore::empty();
        roots.add(credential.authority_for_tls()).map_err(tls)?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
        let verifier = if is_open { verifier.allow_unauthenticated() } else { verifier };
        let verifier = verifier.build().map_err(tls)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(tls)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(credential.chain_for_tls(), credential.key.for_tls())
            .map_err(tls)?;
        config.alpn_protocols = vec![HTTP2.to_vec()];
        config.send_tls13_tickets = 0;
        Ok(Self { acceptor: Arc::new(config).into() })
    }

    /// Makes of a TCP connection one with a component: who it is, or nobody where that is allowed.
    ///
    /// # Errors
    /// Where the other side shows a certificate of somebody else, none where one is needed, or the
    /// connection breaks.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<(ServerStream, Option<Presented>)> {
        let stream = self.acceptor.accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let presented = shown.map(|shown| Presented::read(shown)).transpose();
        let presented = presented.map_err(io::Error::other)?;
        Ok((stream, presented))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}
