//! One HTTP/2 connection to one address, made when it is needed and made again when it broke.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use caruso_certificates::Client;
use http::Uri;
use http::uri::{Authority, Scheme};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonic::body::Body;

use crate::balance::Balance;
use crate::outcomes::Outcomes;
use crate::transport::Transport;

/// Time for a connection to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// Time for both sides to prove who they are; it takes half a millisecond of CPU on both together.
const HANDSHAKE: Duration = Duration::from_secs(2);
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
    /// Somebody answers, who is not who was called.
    pub(crate) is_untrusted: bool,
}

/// Why an attempt to connect failed.
struct Failure {
    reason: String,
    is_untrusted: bool,
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self { reason, is_untrusted: false }
    }
}

/// An open connection, and the certificate it was made with.
#[derive(Debug)]
struct Open {
    sender: SendRequest<Body>,
    certificate: u64,
}

/// An address and the connection to it, shared by all who call it.
#[derive(Debug)]
pub(crate) struct Peer {
    authority: Authority,
    /// Who must answer.
    component: String,
    transport: Arc<Transport>,
    connection: ArcSwapOption<Open>,
    connecting: tokio::sync::Mutex<()>,
    in_flight: AtomicUsize,
    failed_at: Mutex<Option<Instant>>,
    outcomes: Outcomes,
    balance: Balance,
}

impl Peer {
    /// For an address such as `http://127.0.0.1:7070`, at which this component must answer; nothing
    /// is connected yet. `None` for no address, or one of the other kind of connections.
    pub(crate) fn new(address: &str, component: &str, transport: &Arc<Transport>) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let authority = uri.authority().filter(|authority| authority.port().is_some())?.clone();
        (uri.scheme_str() == Some(transport.scheme())).then(|| Self {
            authority,
            component: component.to_owned(),
            transport: Arc::clone(transport),
            connection: ArcSwapOption::empty(),
            connecting: tokio::sync::Mutex::new(()),
            in_flight: AtomicUsize::new(0),
            failed_at: Mutex::new(None),
            outcomes: Outcomes::default(),
            balance: Balance::default(),
        })
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether it is on this machine, as far as its address says.
    pub(crate) fn is_here(&self) -> bool {
        let host = self.authority.host().trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    pub(crate) fn scheme(&self) -> Scheme {
        match &*self.transport {
            Transport::Plain => Scheme::HTTP,
            Transport::Certified(_) => Scheme::HTTPS,
        }
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

    /// How it fares with our calls.
    pub(crate) fn balance(&self) -> &Balance {
        &self.balance
    }

    /// Whether a call is likely to be answered here sooner than there: by what answers take, and by
    /// how many are under way; by the latter alone while one of them has not answered yet. A
    /// difference of less than a quarter is none.
    pub(crate) fn is_freer_than(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.in_flight() as u64 + 1, other.in_flight() as u64 + 1);
        match (self.balance.latency(), other.balance.latency()) {
            (0, _) | (_, 0) => ours < theirs,
            (our, their) => 4 * ours * u64::from(our) < 3 * theirs * u64::from(their),
        }
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
                let sender = made.sender.clone();
                self.connection.store(Some(made.into()));
                Ok(sender)
            }
            Err(Failure { reason, is_untrusted }) => {
                let now = Instant::now();
                self.set_failed(Some(now));
                self.balance.failed(now);
                Err(Unreachable { address: self.authority.to_string(), reason, is_untrusted })
            }
        }
    }

    /// The connection takes no new calls; those it carries end on it, the next is made anew.
    pub(crate) fn discard(&self) {
        self.connection.store(None);
    }

    /// One made with an earlier certificate carries to their ends the calls that it has.
    fn open(&self) -> Option<SendRequest<Body>> {
        let connection = self.connection.load();
        let open = connection.as_ref().filter(|open| !open.sender.is_closed())?;
        (open.certificate == self.transport.number()).then(|| open.sender.clone())
    }

    async fn connect(&self) -> Result<Open, Failure> {
        let attempt = async {
            let stream = TcpStream::connect(self.authority.as_str()).await?;
            stream.set_nodelay(true)?;
            Ok::<_, std::io::Error>(stream)
        };
        let stream = match tokio::time::timeout(CONNECT, attempt).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(error.to_string().into()),
            Err(_) => return Err(format!("no answer within {CONNECT:?}").into()),
        };
        let certificate = self.transport.number();
        let sender = match &*self.transport {
            Transport::Plain => self.speak(stream).await?,
            Transport::Certified(certified) => {
                let client = certified.client();
                let securing = client.connect(&self.component, stream);
                match tokio::time::timeout(HANDSHAKE, securing).await {
                    Ok(Ok(stream)) => self.speak(stream).await?,
                    Ok(Err(error)) => {
                        let is_untrusted = Client::is_untrusted(&error);
                        return Err(Failure { reason: self.refused(&error), is_untrusted });
                    }
                    Err(_) => return Err(format!("no handshake within {HANDSHAKE:?}").into()),
                }
            }
        };
        Ok(Open { sender, certificate })
    }

    fn refused(&self, error: &std::io::Error) -> String {
        if Client::is_untrusted(error) {
            let component = &self.component;
            return format!("it is not {component} of this installation who answers ({error})");
        }
        format!("no TLS with it ({error}); perhaps it runs with --dev, or breaks off")
    }

    /// HTTP/2 over a connection.
    async fn speak<T>(&self, stream: T) -> Result<SendRequest<Body>, String>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
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
