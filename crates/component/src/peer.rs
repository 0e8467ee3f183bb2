//! One HTTP/2 connection to one address, made when it is needed and made again when it broke.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use http::Uri;
use http::uri::Authority;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tonic::body::Body;

use crate::outcomes::Outcomes;

/// Time for a connection to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// A silent connection is asked for a sign of life this often, and given up after [`SILENT`].
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const SILENT: Duration = Duration::from_secs(5);
/// How long an address that could not be reached is chosen last.
const SHUNNED: Duration = Duration::from_secs(1);
/// Headers of an answer, in bytes.
const MOST_HEADERS: u32 = 16 * 1024;

/// Why there is no connection; the request was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{address} cannot be reached: {reason}")]
pub(crate) struct Unreachable {
    address: String,
    reason: String,
}

/// An address and the connection to it, shared by all who call it.
#[derive(Debug)]
pub(crate) struct Peer {
    authority: Authority,
    connection: ArcSwapOption<SendRequest<Body>>,
    connecting: tokio::sync::Mutex<()>,
    in_flight: AtomicUsize,
    failed_at: Mutex<Option<Instant>>,
    outcomes: Outcomes,
}

impl Peer {
    /// For an address such as `http://127.0.0.1:7070`; nothing is connected yet.
    pub(crate) fn new(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let authority = uri.authority().filter(|authority| authority.port().is_some())?.clone();
        (uri.scheme_str() == Some("http")).then(|| Self {
            authority,
            connection: ArcSwapOption::empty(),
            connecting: tokio::sync::Mutex::new(()),
            in_flight: AtomicUsize::new(0),
            failed_at: Mutex::new(None),
            outcomes: Outcomes::default(),
        })
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Calls begun here and not yet ended.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// What has come of calls to this address.
    pub(crate) fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// Whether it could not be reached a moment ago.
    pub(crate) fn is_shunned(&self) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| at.elapsed() < SHUNNED)
    }

    fn set_failed(&self, at: Option<Instant>) {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// The connection, made now where there is none.
    pub(crate) async fn connection(&self) -> Result<SendRequest<Body>, Unreachable> {
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let _one_at_a_time = self.connecting.lock().await;
        if let Some(open) = self.open() {
            return Ok(open);
        }
        match self.connect().await {
            Ok(made) => {
                self.set_failed(None);
                self.connection.store(Some(made.clone().into()));
                Ok(made)
            }
            Err(reason) => {
                self.set_failed(Some(Instant::now()));
                Err(Unreachable { address: self.authority.to_string(), reason })
            }
        }
    }

    /// The connection takes no new calls; those it carries end on it, the next is made anew.
    pub(crate) fn discard(&self) {
        self.connection.store(None);
    }

    fn open(&self) -> Option<SendRequest<Body>> {
        let connection = self.connection.load();
        connection.as_ref().filter(|open| !open.is_closed()).map(|open| SendRequest::clone(open))
    }

    async fn connect(&self) -> Result<SendRequest<Body>, String> {
        let attempt = async {
            let stream = TcpStream::connect(self.authority.as_str()).await?;
            stream.set_nodelay(true)?;
            Ok::<_, std::io::Error>(stream)
        };
        let stream = match tokio::time::timeout(CONNECT, attempt).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err(format!("no answer within {CONNECT:?}")),
        };
        let handshake = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(SILENT)
            .keep_alive_while_idle(true)
            .max_header_list_size(MOST_HEADERS)
            .handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(|error| error.to_string())?;
        let address = self.authority.to_string();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(peer = address, %error, "connection ended");
            }
        });
        Ok(sender)
    }
}
