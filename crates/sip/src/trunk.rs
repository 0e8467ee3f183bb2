//! Trunks: whether the server of a provider, or a company's exchange, takes our calls.
//!
//! One that wants an account is kept registered; any other is asked by OPTIONS whether it is there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::authenticate::Credential;
use rsipstack::sip::{Method, Scheme, Uri, typed};
use rsipstack::transaction::make_tag;
use rsipstack::transport::SipAddr;
use tokio::sync::watch;

use crate::call::credential;
use crate::endpoint::{Error, Shared};
use crate::registrar::Secret;
use crate::stack;
use crate::transport::Transport;

/// Between two questions, in T1: 30 s.
const PERIOD: u32 = 60;
/// Until the first try after a failure, and the longest until any other, in T1.
const FIRST_RETRY: u32 = 10;
const LAST_RETRY: u32 = 600;
/// How long we want to be registered; the provider may grant less.
const EXPIRES: Duration = Duration::from_secs(600);
/// No registration is renewed sooner than this after the last, however little was granted.
const SOONEST_RENEWAL: Duration = Duration::from_secs(5);

/// A trunk to look after.
#[derive(Clone)]
pub struct Trunk {
    /// `HOST`, `HOST:PORT` or an address; a name is asked for again each time.
    pub server: String,
    /// How it is reached.
    pub transport: Transport,
    /// Name and secret, where the provider wants us to register.
    pub account: Option<(String, Secret)>,
    /// Whether one without an account is asked if it is there; not all take the question.
    pub is_asked: bool,
}

impl fmt::Debug for Trunk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Trunk").field("server", &self.server).finish_non_exhaustive()
    }
}

/// How a trunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Not yet known, or not asked.
    Unknown,
    /// It answers, and we are registered where it wants that.
    Up,
    /// It does not answer, or cannot be found.
    Unreachable,
    /// It answers with this status: it refuses to register us, or is out of service (503).
    Refused(u16),
}

impl Trunk {
    /// The URI of a number behind it, for [`Target::Uri`](crate::Target::Uri).
    pub fn target(&self, number: &str) -> String {
        let over = if self.transport == Transport::Tcp { ";transport=tcp" } else { "" };
        format!("sip:{number}@{}{over}", self.server)
    }

    /// Whether [`Trunk::server`] is a host, with a port perhaps.
    pub fn is_addressed(&self) -> bool {
        self.uri().is_some()
    }

    /// Where its requests go; nothing where [`Trunk::server`] is none.
    pub(crate) fn uri(&self) -> Option<Uri> {
        let over = if self.transport == Transport::Tcp { ";transport=tcp" } else { "" };
        let uri = Uri::try_from(format!("sip:{}{over}", self.server).as_str()).ok()?;
        uri.auth.is_none().then_some(uri)
    }

    fn credential(&self) -> Option<Credential> {
        self.account.as_ref().map(|(name, secret)| credential(name, secret))
    }
}

/// Begins to look after a trunk; ends with the endpoint, or when nobody wants to know.
pub(crate) fn look_after(shared: Arc<Shared>, trunk: Trunk) -> watch::Receiver<Health> {
    let (tell, health) = watch::channel(Health::Unknown);
    if trunk.account.is_none() && !trunk.is_asked {
        return health;
    }
    tokio::spawn(async move {
        let (stop, yielded) = (shared.stop.clone(), shared.yielded.clone());
        tokio::select! {
            () = stop.cancelled() => {}
            // the endpoint that has the sockets asks for itself
            () = yielded.cancelled() => {}
            () = tell.closed() => {}
            () = keep(&shared, &trunk, &tell) => {}
        }
    });
    health
}

async fn keep(shared: &Shared, trunk: &Trunk, tell: &watch::Sender<Health>) {
    let mut failures = 0;
    loop {
        let (health, next) = match ask(shared, trunk).await {
            Ok(next) => {
                failures = 0;
                (Health::Up, next)
            }
            Err(error) => {
                let later = FIRST_RETRY.saturating_mul(1 << failures).min(LAST_RETRY);
                failures = (failures + 1).min(16);
                let health = match error {
                    Error::Refused(code) => Health::Refused(code),
                    _ => Health::Unreachable,
                };
                (health, shared.t1 * later)
            }
        };
        tell.send_if_modified(|known| std::mem::replace(known, health) != health);
        tokio::time::sleep(next).await;
    }
}

/// Asks once; gives the time until it is to be asked again.
async fn ask(shared: &Shared, trunk: &Trunk) -> Result<Duration, Error> {
    let uri = trunk.uri().ok_or(Error::Invalid("trunk"))?;
    let at = stack::resolve(&uri).await.ok_or(Error::Unreachable)?;
    match trunk.credential() {
        Some(credential) => {
            let granted = shared.register(uri, at, credential, EXPIRES).await?;
            Ok((granted / 2).max(SOONEST_RENEWAL))
        }
        None => {
            let to = shared.reach(at.0, at.1).await.ok_or(Error::Unreachable)?;
            match options(shared, uri, to).await.ok_or(Error::Unreachable)? {
                408 => Err(Error::Unreachable),
                503 => Err(Error::Refused(503)),
                // Whatever it says, it is there.
                _ => Ok(shared.t1 * PERIOD),
            }
        }
    }
}

/// The final status that an OPTIONS got (RFC 3261 §11).
async fn options(shared: &Shared, uri: Uri, to: SipAddr) -> Option<u16> {
    let endpoint = &shared.layer.endpoint;
    let (connection, _) = endpoint.transport_layer.lookup(&to, None).await.ok()?;
    let via = endpoint.get_via(Some(connection.get_addr().clone()), None).ok()?;
    let own = Uri {
        scheme: Some(Scheme::Sip),
        host_with_port: via.uri.host_with_port.clone(),
        ..Uri::default()
    };
    let from = typed::From { display_name: None, uri: own, params: vec![] }.with_tag(make_tag());
    let to_uri = typed::To { display_name: None, uri: uri.clone(), params: vec![] };
    let request = endpoint.make_request(Method::Options, uri, via, from, to_uri, 1, None);
    stack::final_status(endpoint, request, to).await
}
