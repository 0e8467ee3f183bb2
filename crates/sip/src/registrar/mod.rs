//! The registrar (RFC 3261 §10.3) and the digest check of phones (§22), pure: the time comes in.

mod bindings;
mod digest;
mod nonce;

pub use bindings::{Binding, Registrations};
pub use digest::Algorithm;

use crate::options::Options;
use crate::transport::Transport;
use bindings::Refused;
use digest::Response;
use nonce::{Nonces, Worth};
use rsipstack::sip::{Header, HeadersExt, Request};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where the secrets of extensions come from. Called on the path of a message: it must answer
/// from memory.
pub trait Credentials: Send + Sync {
    /// The device secret of an extension, `None` for an extension that does not exist.
    fn lookup(&self, extension: &str) -> Option<Secret>;
}

/// A device secret. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// Shortest time a binding is granted; a shorter wish is answered 423.
const MIN_EXPIRES: Duration = Duration::from_secs(60);

/// An answer to REGISTER, or to a request whose sender did not prove who it is.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: Vec<Header>,
}

impl Answer {
    pub(crate) fn new(code: u16) -> Self {
        Self { code, headers: Vec::new() }
    }
}

/// The registrar of one endpoint.
pub(crate) struct Registrar {
    realm: String,
    algorithms: Vec<Algorithm>,
    credentials: Arc<dyn Credentials>,
    max_bindings: usize,
    max_expires: Duration,
    nonces: Nonces,
    registrations: Registrations,
}

impl Registrar {
    pub(crate) fn new(options: &Options, key: [u8; 32], now: Instant) -> Self {
        Self {
            realm: options.realm.clone(),
            algorithms: options.algorithms.clone(),
            credentials: options.credentials.clone(),
            max_bindings: options.limits.bindings,
            max_expires: options.limits.expires.max(MIN_EXPIRES),
            nonces: Nonces::new(key, now),
            registrations: Registrations::default(),
        }
    }

    pub(crate) fn registrations(&self) -> &Registrations {
        &self.registrations
    }

    pub(crate) fn registrations_mut(&mut self) -> &mut Registrations {
        &mut self.registrations
    }

    /// Who sent this request, proved by digest; else the challenge.
    pub(crate) fn authenticate(
        &mut self,
        request: &Request,
        now: Instant,
    ) -> Result<String, Answer> {
        let ours = request.headers.iter().find_map(|header| match header {
            Header::Authorization(value) => Response::parse(value.value()),
            _ => None,
        });
        let fits = |response: &Response| {
            response.realm == self.realm && self.algorithms.contains(&response.algorithm)
        };
        let Some(response) = ours.filter(fits) else {
            return Err(self.challenge(false, now));
        };
        let count = response.count();
        match self.nonces.judge(&response.nonce, count, now) {
            Worth::Good => {}
            Worth::Stale => return Err(self.challenge(true, now)),
            Worth::Forged => return Err(self.challenge(false, now)),
        }
        let secret = self.credentials.lookup(&response.username);
        // An extension that does not exist costs the same work as one that does.
        let known = secret.is_some();
        let secret = secret.unwrap_or_else(|| Secret::new(""));
        let method = request.method.to_string();
        if !response.is_made_with(secret.expose(), &method) || !known {
            return Err(self.challenge(false, now));
        }
        self.nonces.spend(&response.nonce, count, now);
        Ok(response.username)
    }

    /// 401 with a challenge for each algorithm, in their order (RFC 8760 §2.4).
    fn challenge(&mut self, stale: bool, now: Instant) -> Answer {
        let nonce = self.nonces.issue(now);
        let stale = if stale { ", stale=true" } else { "" };
        let headers = self.algorithms.iter().map(|algorithm| {
            let text = format!(
                "Digest realm=\"{}\", nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
                self.realm,
                algorithm.name()
            );
            Header::WwwAuthenticate(text.into())
        });
        Answer { code: 401, headers: headers.collect() }
    }

    /// Serves a REGISTER. `is_own` says whether an address is this server's.
    pub(crate) fn register(
        &mut self,
        request: &Request,
        (source, transport): (SocketAddr, Transport),
        proven: Option<String>,
        is_own: impl Fn(SocketAddr) -> bool,
        now: Instant,
    ) -> Answer {
        // who holds a browser's connection has seen its session
        let extension = match proven.map_or_else(|| self.authenticate(request, now), Ok) {
            Ok(extension) => extension,
            Err(challenge) => return challenge,
        };
        let named = request.to_header().ok().and_then(|to| to.uri().ok());
        if named.and_then(|uri| uri.auth).is_none_or(|auth| auth.user != extension) {
            return Answer::new(403);
        }
        match self.change(request, &extension, source, transport, is_own, now) {
            Ok(()) => self.listing(&extension, now),
            Err(refusal) => refusal,
        }
    }

    fn change(
        &mut self,
        request: &Request,
        extension: &str,
        source: SocketAddr,
        transport: Transport,
        is_own: impl Fn(SocketAddr) -> bool,
        now: Instant,
    ) -> Result<(), Answer> {
        let bad = || Answer::new(400);
        let default = request.expires_header().map(|expires| expires.value().trim().parse::<u32>());
        let default = default.transpose().map_err(|_| bad())?;
        if request.contact_headers().iter().any(|contact| contact.value().trim() == "*") {
            if default != Some(0) {
                return Err(bad());
            }
            self.registrations.unbind(extension, None);
            return Ok(());
        }
        let cseq = request.cseq_header().and_then(|cseq| cseq.seq()).map_err(|_| bad())?;
        let call_id = request.call_id_header().map_err(|_| bad())?.value().to_owned();
        for contact in request.typed_contact_headers().map_err(|_| bad())? {
            let wish = contact.params.iter().find_map(|param| match param {
                rsipstack::sip::Param::Expires(value) => Some(value.value().parse::<u32>()),
                _ => None,
            });
            let wish = wish.transpose().map_err(|_| bad())?.or(default);
            let uri = contact.uri.to_string();
            if wish == Some(0) {
                self.registrations.unbind(extension, Some(&uri));
                continue;
            }
            let address = SocketAddr::try_from(contact.uri.host_with_port.clone());
            if address.is_ok_and(&is_own) {
                return Err(bad());
            }
            let binding = Binding {
                contact: uri,
                destination: source,
                transport,
                expires: now + self.granted(wish)?,
                call_id: call_id.clone(),
                cseq,
            };
            let bound = self.registrations.bind(extension, binding, self.max_bindings);
            bound.map_err(|refused| match refused {
                Refused::TooMany => Answer::new(403),
                Refused::OutOfOrder => Answer::new(500),
            })?;
        }
        Ok(())
    }

    fn granted(&self, wish: Option<u32>) -> Result<Duration, Answer> {
        let wish = wish.map_or(self.max_expires, |wish| Duration::from_secs(wish.into()));
        if wish < MIN_EXPIRES {
            let least = Header::MinExpires(MIN_EXPIRES.as_secs().to_string().into());
            return Err(Answer { code: 423, headers: vec![least] });
        }
        Ok(wish.min(self.max_expires))
    }

    /// 200 with the bindings that now stand.
    fn listing(&self, extension: &str, now: Instant) -> Answer {
        let bindings = self.registrations.bindings(extension).iter();
        let headers = bindings.map(|binding| {
            let left = binding.expires.saturating_duration_since(now);
            // Rounded up, so that a phone that asks at once sees what it was granted.
            let seconds = left.as_millis().div_ceil(1000);
            Header::Contact(format!("<{}>;expires={seconds}", binding.contact).into())
        });
        Answer { code: 200, headers: headers.collect() }
    }
}

#[cfg(test)]
mod tests;
