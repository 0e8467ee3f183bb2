//! The gate between the network and the stack: every message passes here, both ways.

use super::check::{self, ALLOW, Carrier, Fault};
use super::mark::{Mark, Owner};
use super::message::{Message, Start, bracket};
use super::plain;
use super::rate::RateLimit;
use super::reply::{self, Reply};
use super::web;
use crate::options::{Limits, Network};
use crate::succession::Predecessor;
use rsipstack::sip::prelude::ToTypedHeader;
use rsipstack::sip::{HeadersExt, SipMessage};
use std::collections::hash_map::RandomState;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Longest message in plain form: what the stack reads from a datagram.
pub(crate) const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// What becomes of an incoming message.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It goes to the stack, in plain form and without our mark.
    Pass(Vec<u8>),
    /// It is answered here.
    Answer(Vec<u8>, SocketAddr),
    /// It is dropped; the reason is for tests and a trace line.
    Drop(&'static str),
}

/// The gate of one endpoint.
#[derive(Debug)]
pub(crate) struct Gate {
    mark: Mark,
    own: SocketAddr,
    user_agent: String,
    trunks: Vec<Network>,
    rate: Mutex<RateLimit>,
    tags: RandomState,
    /// Whose calls others of the messages are about.
    predecessor: Option<Predecessor>,
    /// Set when a later endpoint has the sockets: new calls and registrations are not for us.
    has_yielded: AtomicBool,
}

impl Gate {
    pub(crate) fn new(
        mark: Mark,
        own: SocketAddr,
        user_agent: &str,
        trunks: &[Network],
        limits: &Limits,
        predecessor: Option<Predecessor>,
    ) -> Self {
        let (each, all) = (limits.messages_per_second, limits.messages_per_second_all);
        Self {
            mark,
            own,
            user_agent: user_agent.to_owned(),
            trunks: trunks.to_vec(),
            rate: Mutex::new(RateLimit::new(each, all, Instant::now())),
            tags: RandomState::new(),
            predecessor,
            has_yielded: AtomicBool::new(false),
        }
    }

    pub(crate) fn mark(&self) -> &str {
        &self.mark.0
    }

    /// From now on a later endpoint has the sockets.
    pub(crate) fn yield_sockets(&self) {
        self.has_yielded.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_trunk(&self, ip: IpAddr) -> bool {
        self.trunks.iter().any(|network| network.contains(ip))
    }

    /// Whether a message there would come to ourselves.
    pub(crate) fn is_own(&self, address: SocketAddr) -> bool {
        if address.port() != self.own.port() {
            return false;
        }
        if !self.own.ip().is_unspecified() {
            return address.ip() == self.own.ip();
        }
        // Listening everywhere: the address is ours if the system lets us use it.
        address.ip().is_unspecified()
            || std::net::UdpSocket::bind(SocketAddr::new(address.ip(), 0)).is_ok()
    }

    /// Judges a message that came in.
    pub(crate) fn inspect(
        &self,
        bytes: &[u8],
        source: SocketAddr,
        carrier: Carrier,
        now: Instant,
    ) -> Verdict {
        if !self.is_trunk(source.ip()) {
            let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
            if !rate.is_allowed(source.ip(), now) {
                return Verdict::Drop("too many messages from there");
            }
        }
        let mut message = match Message::cut(bytes) {
            Ok(message) => message,
            Err(reason) => return Verdict::Drop(reason),
        };
        if let Some(predecessor) = &self.predecessor
            && carrier == Carrier::Datagram
            && predecessor.owns(&message, source)
        {
            predecessor.pass_on(source, bytes);
            return Verdict::Drop("it is about a call of the endpoint before");
        }
        plain::tidy(&mut message.fields);
        let judged = check::check(&message, carrier).and_then(|length| {
            let owner = self.mark.take(&mut message);
            self.check_place(&message, owner, carrier)?;
            Ok(length)
        });
        let length = match judged {
            Ok(length) => length,
            Err(fault) => return self.refuse(&message, &fault, source),
        };
        if is_plain_options(&message) {
            return self.answer_options(&message, source);
        }
        if carrier == Carrier::Frame {
            web::localize(&mut message, source);
        }
        plain::simplify_names(&mut message.fields);
        plain::read_challenge(&mut message);
        let plain = message.write(length);
        if plain.len() > MAX_MESSAGE_BYTES {
            return self.refuse(&message, &Fault::new(513, "the message is too long"), source);
        }
        match readable(&plain) {
            Ok(()) => Verdict::Pass(plain),
            Err(reason) => self.refuse(&message, &Fault::new(400, reason), source),
        }
    }

    /// Dialogs of others, and requests that have been here before.
    fn check_place(
        &self,
        message: &Message<'_>,
        owner: Owner,
        carrier: Carrier,
    ) -> Result<(), Fault> {
        if owner == Owner::Other {
            return Err(Fault::new(481, "the dialog is not one of this server"));
        }
        let is_new = matches!(message.start, Start::Request { method: "INVITE" | "REGISTER", .. })
            && owner == Owner::Nobody;
        if is_new && carrier != Carrier::Datagram && self.has_yielded.load(Ordering::Relaxed) {
            return Err(Fault::new(503, "another process serves now; connect anew"));
        }
        let Start::Request { method: "INVITE", .. } = message.start else { return Ok(()) };
        if self.mark.is_loop(message) {
            return Err(Fault::new(482, "the request has been here before"));
        }
        let contact = message.value("Contact").and_then(host_of_address);
        if contact.is_some_and(|contact| self.is_own(contact)) {
            return Err(Fault::new(482, "the Contact is this server"));
        }
        Ok(())
    }

    /// ACK and responses get no answer, whatever they are.
    fn refuse(&self, message: &Message<'_>, fault: &Fault, source: SocketAddr) -> Verdict {
        if !matches!(message.start, Start::Request { method, .. } if method != "ACK") {
            return Verdict::Drop(fault.reason);
        }
        let mut fields = vec![("Server", self.user_agent.clone())];
        fields.extend(fault.field.clone());
        let reply = Reply { code: fault.code, reason: fault.reason, fields: &fields };
        match reply::answer(message, &reply, source, &self.tags) {
            Some((bytes, to)) => Verdict::Answer(bytes, to),
            None => Verdict::Drop(fault.reason),
        }
    }

    fn answer_options(&self, message: &Message<'_>, source: SocketAddr) -> Verdict {
        let fields = [
            ("Allow", ALLOW.to_owned()),
            ("Accept", check::SDP.to_owned()),
            ("Server", self.user_agent.clone()),
        ];
        let reply = Reply { code: 200, reason: "", fields: &fields };
        match reply::answer(message, &reply, source, &self.tags) {
            Some((bytes, to)) => Verdict::Answer(bytes, to),
            None => Verdict::Drop("OPTIONS cannot be answered"),
        }
    }

    /// Puts our mark into a message of the stack.
    pub(crate) fn send(&self, bytes: &[u8]) -> Vec<u8> {
        match Message::cut(bytes) {
            Ok(mut message) => {
                self.mark.put(&mut message);
                plain::write_credentials(&mut message);
                message.write(message.body.len())
            }
            // What the stack writes has the shape of a message; send it as it is otherwise.
            Err(_) => bytes.to_vec(),
        }
    }
}

fn is_plain_options(message: &Message<'_>) -> bool {
    let in_dialog = |to: &str| super::message::parameter(to, "tag").is_some();
    matches!(message.start, Start::Request { method: "OPTIONS", .. })
        && !message.value("To").is_some_and(in_dialog)
}

/// Host and port of the URI in an address field, if it is an IP address.
fn host_of_address(value: &str) -> Option<SocketAddr> {
    let uri = match bracket(value) {
        Some(open) => value.get(open + 1..)?.split('>').next()?,
        None => value,
    };
    let rest = uri.split_once(':')?.1;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?']).next()?.trim();
    host.parse().ok().or_else(|| Some(SocketAddr::new(host.parse().ok()?, 5060)))
}

/// Whether the stack's reader understands all that it will look at.
fn readable(plain: &[u8]) -> Result<(), &'static str> {
    let message = SipMessage::try_from(plain).map_err(|_| "the message is not readable")?;
    fn common(message: &impl HeadersExt) -> Result<(), &'static str> {
        let via = message.top_via_header().map_err(|_| "the top Via is not readable")?;
        via.typed().map_err(|_| "the top Via is not readable")?;
        let from = message.from_header().map_err(|_| "From is not readable")?;
        from.typed().map_err(|_| "From is not readable")?;
        let to = message.to_header().map_err(|_| "To is not readable")?;
        to.typed().map_err(|_| "To is not readable")?;
        let cseq = message.cseq_header().map_err(|_| "CSeq is not readable")?;
        cseq.typed().map_err(|_| "CSeq is not readable")?;
        Ok(())
    }
    match &message {
        SipMessage::Request(request) => {
            common(request)?;
            let wildcard = request.contact_headers().iter().any(|c| c.value().trim() == "*");
            if !wildcard {
                request.typed_contact_headers().map_err(|_| "Contact is not readable")?;
            }
            request.typed_record_route_headers().map_err(|_| "Record-Route is not readable")?;
            Ok(())
        }
        SipMessage::Response(response) => common(response),
    }
}
