//! One endpoint takes the sockets of another, which keeps the calls that it has.
//!
//! Both send by the same UDP socket. The later one reads it, and passes on what is about the calls
//! of the earlier: what carries its mark (RFC 3261 §12 tells dialogs by their tags, and every tag
//! of ours begins with the mark), what has no tag yet and is about a call that it knew, and calls
//! of phones that are in a call there, so that a phone can join two of its calls. Connections that
//! were accepted stay with who accepted them.
//!
//! Phones register with the later one, which tells the earlier where they can be called.

use crate::registrar::{Binding, Registrations};
use crate::transport::Transport;
use crate::wire::message::{Message, Start, parameter};
use rsipstack::dialog::dialog::Dialog;
use rsipstack::sip::Uri;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What the later endpoint must know of the earlier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Estate {
    /// With what its tags and branches begin.
    pub(crate) mark: String,
    /// The Call-IDs of its calls.
    pub(crate) calls: HashSet<String>,
    /// Where the phones are that are in one of its calls.
    pub(crate) peers: HashSet<SocketAddr>,
    /// Where phones can be called.
    pub(crate) registered: Vec<Registered>,
}

impl Estate {
    pub(crate) fn of(mark: &str, registered: Vec<Registered>) -> Self {
        let (calls, peers) = (HashSet::new(), HashSet::new());
        Self { mark: mark.to_owned(), calls, peers, registered }
    }

    /// Adds a call, with where its phone is, if it is with one.
    pub(crate) fn add(&mut self, call: String, phone: Option<SocketAddr>) {
        self.calls.insert(call);
        self.peers.extend(phone);
    }
}

/// Whether the far end of a dialog is the phone of this Contact. Some phones write another user
/// into it than they register with.
pub(crate) fn is_at(dialog: &Dialog, contact: &str) -> bool {
    let phone = Uri::try_from(contact).ok().map(|uri| uri.host_with_port);
    phone.is_some() && dialog.remote_contact().map(|uri| uri.host_with_port) == phone
}

/// One place where an extension can be called.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registered {
    extension: String,
    contact: String,
    destination: SocketAddr,
    transport: Transport,
    lasts: Duration,
    call_id: String,
    cseq: u32,
}

/// A message that came by UDP and is another's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Datagram {
    /// Where it came from.
    pub source: SocketAddr,
    /// What it says, as it came.
    pub bytes: Vec<u8>,
}

/// The earlier endpoint, as the later one has it.
#[derive(Debug)]
pub struct Predecessor {
    /// What it left.
    pub estate: Estate,
    /// Where messages about its calls go; when nobody takes them any more, it has no calls. Those
    /// that do not fit are lost, as datagrams may be.
    pub pass_on: mpsc::Sender<Datagram>,
}

impl Predecessor {
    /// Whether a message is about a call of the earlier endpoint.
    pub(crate) fn owns(&self, message: &Message<'_>, source: SocketAddr) -> bool {
        if self.pass_on.is_closed() {
            return false;
        }
        let Estate { mark, calls, peers, .. } = &self.estate;
        let (field, method) = match message.start {
            Start::Request { method, .. } => ("To", Some(method)),
            Start::Response { .. } => ("From", None),
        };
        let address = message.value(field).unwrap_or_default();
        if let Some(tag) = parameter(address, "tag").and_then(|it| address.get(it)) {
            return tag.starts_with(mark.as_str());
        }
        let is_about_a_call = matches!(method, Some("INVITE" | "CANCEL" | "ACK"));
        let is_known = message.value("Call-ID").is_some_and(|id| calls.contains(id));
        is_about_a_call && (is_known || peers.contains(&source))
    }

    pub(crate) fn pass_on(&self, source: SocketAddr, bytes: &[u8]) {
        let datagram = Datagram { source, bytes: bytes.to_vec() };
        if self.pass_on.try_send(datagram).is_err() {
            tracing::warn!("sip.datagram_of_another_lost");
        }
    }
}

/// What can be carried to another process of where phones are.
pub fn registered(all: &Registrations) -> Vec<Registered> {
    let now = Instant::now();
    let of = |(extension, it): (&str, &Binding)| Registered {
        extension: extension.to_owned(),
        contact: it.contact.clone(),
        destination: it.destination,
        transport: it.transport,
        lasts: it.expires.saturating_duration_since(now),
        call_id: it.call_id.clone(),
        cseq: it.cseq,
    };
    all.all().map(of).collect()
}

/// Where phones are, as another process knows it. A phone that registered over a connection is not
/// among them: it has none to this one.
pub(crate) fn registrations(known: Vec<Registered>) -> Registrations {
    let now = Instant::now();
    let mut all = Registrations::default();
    for it in known.into_iter().filter(|it| it.transport == Transport::Udp) {
        let Registered { extension, contact, destination, transport, lasts, call_id, cseq } = it;
        let expires = now + lasts;
        let binding = Binding { contact, destination, transport, expires, call_id, cseq };
        // they were within the limit where they come from
        let _ = all.bind(&extension, binding, usize::MAX);
    }
    all
}
