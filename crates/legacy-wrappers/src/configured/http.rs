//! Requests to another system over HTTP/1.1, each on a connection of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use caruso_component::Secret;
use http::{HeaderName, HeaderValue, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use tokio_util::task::AbortOnDropHandle;

/// Largest answer, in bytes.
pub(super) const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Where another system is reached over HTTP, and what it knows us by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    url: Uri,
    header: Option<(HeaderName, Secret<String>)>,
    authority: Option<PathBuf>,
}

impl Remote {
    /// An address as `https://erp.example:8443/api`, without query.
    ///
    /// # Errors
    /// In words, where it is none.
    pub fn new(url: &str) -> Result<Self, String> {
        let parsed: Uri = url.parse().map_err(|_| format!("`{url}` is no address"))?;
        let is_fine = matches!(parsed.scheme_str(), Some("http" | "https"))
            && parsed.host().is_some()
            && parsed.query().is_none()
            && !parsed.authority().is_some_and(|it| it.as_str().contains('@'));
        if !is_fine {
            return Err(format!("`{url}` is no address as https://erp.example/api"));
        }
        Ok(Self { url: parsed, header: None, authority: None })
    }

    /// The same, and each request carries a token (RFC 6750), or it as the value of a header.
    ///
    /// # Errors
    /// In words, where the header has no name that one can have.
    pub fn with_token(mut self, header: Option<&str>, token: &str) -> Result<Self, String> {
        let (name, value) = match header {
            Some(name) => (name, token.to_owned()),
            None => ("authorization", format!("Bearer {token}")),
        };
        let name = name.parse().map_err(|_| format!("`{name}` is no name of a header"))?;
        self.header = Some((name, Secret::new(value)));
        Ok(self)
    }

    /// The same, and each request carries a user with password (RFC 7617).
    #[must_use]
    pub fn with_password(mut self, user: &str, password: &str) -> Self {
        let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.header = Some((http::header::AUTHORIZATION, Secret::new(format!("Basic {both}"))));
        self
    }

    /// The same, whose certificate is signed by an authority of this file, instead of those that
    /// the machine trusts.
    #[must_use]
    pub fn with_authority(mut self, file: PathBuf) -> Self {
        self.authority = Some(file);
        self
    }
}

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// Why there is no answer, in words.
pub(super) enum Failure {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent, and nobody knows what came of it.
    NoAnswer(String),
}

/// A request: method, target behind the address, headers, body with its type.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) body: Option<(&'a str, String)>,
}

/// What sends requests.
pub(super) struct Client {
    remote: Remote,
    limit: Duration,
}

impl Client {
    pub(super) fn new(remote: Remote, limit: Duration) -> Self {
        Self { remote, limit }
    }

    /// Sends a request, and waits for the whole answer.
    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        let built = self.built(request).map_err(Failure::NotSent)?;
        let late = || format!("the other system did not answer within {:?}", self.limit);
        let started = tokio::time::Instant::now();
        let connecting = timeout(self.limit, self.connect());
        let stream = connecting.await.unwrap_or_else(|_| Err(late())).map_err(Failure::NotSent)?;
        let rest = self.limit.saturating_sub(started.elapsed());
        let exchanged = timeout(rest, exchange(stream, built)).await;
        exchanged.unwrap_or_else(|_| Err(late())).map_err(Failure::NoAnswer)
    }

    fn built(&self, request: &Request<'_>) -> Result<http::Request<Full<Bytes>>, String> {
        let url = &self.remote.url;
        let target = match request.target {
            "" => url.path().to_owned(),
            target => format!("{}{target}", url.path().trim_end_matches('/')),
        };
        let host = url.authority().map_or("", |it| it.as_str());
        let mut builder = http::Request::builder().method(request.method).uri(target);
        builder = builder.header(http::header::HOST, host);
        if let Some((name, secret)) = &self.remote.header {
            let value = HeaderValue::from_str(secret.expose());
            let mut value = value.map_err(|_| "the site's secret cannot be sent".to_owned())?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, *value);
        }
        let body = match &request.body {
            Some((kind, body)) => {
                builder = builder.header(http::header::CONTENT_TYPE, *kind);
                Bytes::from(body.clone())
            }
            None => Bytes::new(),
        };
        builder.body(Full::new(body)).map_err(|error| error.to_string())
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, String> {
        let url = &self.remote.url;
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        let is_tls = url.scheme_str() == Some("https");
        let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let unreachable = |error: &std::io::Error| format!("{host}:{port}: {error}");
        let stream = TcpStream::connect((host, port)).await.map_err(|it| unreachable(&it))?;
        if !is_tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(Arc::new(self.tls()?));
        let stream = connector.connect(name, stream).await.map_err(|it| unreachable(&it))?;
        Ok(Box::new(stream))
    }

    fn tls(&self) -> Result<ClientConfig, String> {
        let found = match &self.remote.authority {
            Some(file) => rustls_native_certs::load_certs_from_paths(Some(file), None),
            None => rustls_native_certs::load_native_certs(),
        };
        if let (true, Some(error)) = (found.certs.is_empty(), found.errors.first()) {
            return Err(error.to_string());
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|error| error.to_string())?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn exchange(
    stream: Box<dyn Stream>,
    request: http::Request<Full<Bytes>>,
) -> Result<Answer, String> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await;
    let body = body.map_err(|error| format!("the answer cannot be read: {error}"))?.to_bytes();
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_http_without_secrets() {
        assert!(Remote::new("https://erp.example:8443/api/").is_ok());
        for url in ["erp.example", "ftp://erp.example", "https://u:p@erp.example", "http://a/?b=c"]
        {
            assert!(Remote::new(url).is_err(), "{url}");
        }
        let remote = Remote::new("http://a").expect("one");
        assert!(remote.clone().with_token(Some("a b"), "x").is_err());
        let remote = remote.with_token(None, "verysecret").expect("a token");
        assert!(!format!("{remote:?}").contains("verysecret"));
    }
}
