//! What an endpoint is told when it starts.

use crate::leg::Terms;
use crate::registrar::{Algorithm, Credentials};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Options of [`Endpoint::bind`](crate::Endpoint::bind).
#[derive(Clone)]
pub struct Options {
    /// UDP and TCP on the same address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Value of User-Agent.
    pub user_agent: String,
    /// Generation of this server, part of every tag and branch it makes.
    pub generation: u32,
    /// Addresses whose calls are trunk calls and need no digest. A UDP source address can be
    /// forged, so a trunk belongs on a network that keeps strangers out.
    pub trunks: Vec<Network>,
    /// Realm of the digest challenges.
    pub realm: String,
    /// Digest algorithms of the challenges, the preferred first. MD5 alone unless told: phones that
    /// know nothing else (baresip 1.0 is one) fail at a challenge that names another, whatever
    /// its place.
    pub algorithms: Vec<Algorithm>,
    /// Secrets of the extensions.
    pub credentials: Arc<dyn Credentials>,
    /// Numbers that bound what this endpoint holds.
    pub limits: Limits,
    /// T1 of RFC 3261 §17.1.1.1. All other timers are multiples of it.
    pub t1: Duration,
}

impl Options {
    /// Options with the usual limits, no trunks and no extensions.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            user_agent: concat!("caruso/", env!("CARGO_PKG_VERSION")).to_owned(),
            generation: 1,
            trunks: Vec::new(),
            realm: "caruso".to_owned(),
            algorithms: vec![Algorithm::Md5],
            credentials: Arc::new(NoExtensions),
            limits: Limits::default(),
            t1: Duration::from_millis(500),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Options")
            .field("listen", &self.listen)
            .field("generation", &self.generation)
            .field("trunks", &self.trunks)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

struct NoExtensions;

impl Credentials for NoExtensions {
    fn lookup(&self, _extension: &str) -> Option<crate::Secret> {
        None
    }
}

/// Numbers that bound an endpoint, each with what happens at the limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Call legs at one time; beyond it an INVITE is answered 503 with Retry-After, and an
    /// outgoing call is refused.
    pub legs: usize,
    /// Messages a second from one address that is no trunk; more are dropped unread.
    pub messages_per_second: u32,
    /// Messages a second from all addresses that are no trunks.
    pub messages_per_second_all: u32,
    /// TCP connections at one time; more are closed at once.
    pub connections: usize,
    /// Bindings of one extension; beyond it a REGISTER is answered 403.
    pub bindings: usize,
    /// Longest time a binding is granted.
    pub expires: Duration,
    /// Subscriptions of one extension to its messages; beyond it a SUBSCRIBE is answered 403.
    pub subscriptions_of_one: usize,
    /// Subscriptions of all extensions; beyond it a SUBSCRIBE is answered 503 with Retry-After.
    pub subscriptions: usize,
    /// Longest time a subscription is granted, and what it is granted where it names none, in whole
    /// seconds.
    pub subscription: Duration,
    /// The shortest such time that a phone may ask for, in whole seconds; less is answered 423.
    pub least_subscription: Duration,
    /// How long a call may ring unanswered before it is given 480.
    pub unanswered: Duration,
    /// How long a session may go on without a word of the peer (Session-Expires of RFC 4028), in
    /// whole seconds: at half of it the peer is asked whether it is still there.
    pub session: Duration,
    /// The shortest such time that a peer may ask for (Min-SE), in whole seconds; less is
    /// answered 422.
    pub least_session: Duration,
}

/// How long a peer of whom nothing is heard may take to say that it is still there, in T1: a
/// request over UDP has gone out five times by then (RFC 3261 §17.1.2.1).
const PROBE: u32 = 16;

impl Limits {
    pub(crate) fn terms(&self, t1: Duration) -> Terms {
        Terms { interval: self.session, least: self.least_session, probe: t1 * PROBE }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            legs: 1_000,
            messages_per_second: 200,
            messages_per_second_all: 5_000,
            connections: 512,
            bindings: 5,
            expires: Duration::from_secs(600),
            subscriptions_of_one: 5,
            subscriptions: 1_000,
            subscription: Duration::from_secs(3600),
            least_subscription: Duration::from_secs(60),
            unanswered: Duration::from_secs(180),
            session: Duration::from_secs(1800),
            least_session: Duration::from_secs(90),
        }
    }
}

/// An address or a network, `192.0.2.1` or `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether the address belongs to it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for Network {
    fn from(ip: IpAddr) -> Self {
        Self { ip, prefix: if ip.is_ipv4() { 32 } else { 128 } }
    }
}

/// A text that is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 192.0.2.0/24")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix.parse().map_err(|_| NotANetwork)?)),
            None => (text, None),
        };
        let whole = Self::from(ip.parse::<IpAddr>().map_err(|_| NotANetwork)?);
        match prefix {
            Some(prefix) if prefix > whole.prefix => Err(NotANetwork),
            Some(prefix) => Ok(Self { prefix, ..whole }),
            None => Ok(whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses_only() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ] {
            let network: Network = network.parse().expect("a network");
            assert!(network.contains(inside.parse().expect("address")));
            assert!(!network.contains(outside.parse().expect("address")));
        }
        let all: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(all.contains(IpAddr::from([203, 0, 113, 9])));
        for text in ["", "192.0.2.0/33", "host", "192.0.2.0/x"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
    }
}
