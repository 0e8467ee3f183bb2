//! Calls as the application sees them: who calls whom, and what to call.

use crate::endpoint::Error;
use crate::leg::{Leg, LegEvents};
use crate::registrar::{Binding, Secret};
use crate::sdp::Local;
use crate::transport::Transport;
use crate::wire::check::{ALLOW, SUPPORTED};
use rsipstack::dialog::authenticate::Credential;
use rsipstack::sip::Header;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// An incoming call.
#[derive(Debug)]
pub struct Incoming {
    /// Who calls whom.
    pub invitation: Invitation,
    /// Commands to its leg.
    pub leg: Leg,
    /// What happens on it.
    pub events: LegEvents,
}

/// What an INVITE says about its call. Its numbers are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// On whose behalf it came.
    pub origin: Origin,
    /// The user part of P-Asserted-Identity (from a trunk) or From; `None` when withheld.
    pub calling_number: Option<String>,
    /// The user part of the Request-URI.
    pub called_number: String,
    /// Where it came from.
    pub source: SocketAddr,
    /// Our address as that peer sees it, for the session description.
    pub local_ip: IpAddr,
    /// Hops left, to be passed on in a call made for this one.
    pub max_forwards: u8,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Invitation").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Who an incoming call belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An address that is configured as trunk.
    Trunk,
    /// A phone that proved to be this extension.
    Extension(String),
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whom to call.
    pub target: Target,
    /// The user part of From, and the display name.
    pub from: Caller,
    /// Our audio, offered in the INVITE.
    pub local: Local,
    /// More header fields, such as `X-Caruso-Call`.
    pub headers: Vec<(String, String)>,
    /// Hops left: [`Invitation::max_forwards`] less one for a call on behalf of another, else 70.
    pub max_forwards: u8,
    /// User name and secret, if the peer asks for proof of who we are.
    pub login: Option<(String, Secret)>,
}

/// Who calls. It is not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Number or extension; empty for a withheld number.
    pub number: String,
    /// Shown by phones.
    pub name: Option<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Caller(…)")
    }
}

/// Whom to call.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// The phone last registered for this extension.
    Extension(String),
    /// The phone that is, or was, registered so.
    Phone(Box<Binding>),
    /// A URI, `sip:0305550100@192.0.2.1:5060;transport=tcp`.
    Uri(String),
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(extension) => write!(out, "Extension({extension})"),
            Self::Phone(binding) => binding.fmt(out),
            Self::Uri(_) => out.write_str("Uri(…)"),
        }
    }
}

/// An extension at a registrar, from the phone's side.
#[derive(Clone, Debug)]
pub struct Account {
    /// The registrar.
    pub registrar: SocketAddr,
    /// How it is reached.
    pub transport: Transport,
    /// The extension, which is also the user name of the digest.
    pub extension: String,
    /// The device secret.
    pub secret: Secret,
}

impl Account {
    pub(crate) fn credential(&self) -> Credential {
        credential(&self.extension, &self.secret)
    }
}

/// A login in the stack's words.
pub(crate) fn credential(user: &str, secret: &Secret) -> Credential {
    Credential {
        username: user.to_owned(),
        password: secret.expose().to_owned(),
        realm: None,
        auth_username: None,
    }
}

pub(crate) fn extra_headers(call: &Call) -> Result<Vec<Header>, Error> {
    let number = &call.from.number;
    if number.chars().any(|c| !(c.is_ascii_alphanumeric() || "+-_.*#".contains(c))) {
        return Err(Error::Invalid("calling number"));
    }
    let mut headers = vec![
        Header::MaxForwards(u32::from(call.max_forwards).into()),
        Header::Allow(ALLOW.into()),
        Header::Supported(SUPPORTED.into()),
    ];
    for (name, value) in &call.headers {
        let is_token = !name.is_empty() && name.bytes().all(crate::wire::message::is_token);
        if !is_token || value.chars().any(char::is_control) {
            return Err(Error::Invalid("header field"));
        }
        headers.push(Header::Other(name.clone(), value.clone()));
    }
    Ok(headers)
}
