//! Connections of browsers (RFC 7118), of which somebody else holds the WebSocket and hands us the
//! messages, with the gate in front.
//!
//! The stack knows a connection by its address. One of these has none, so it gets one out of
//! 100::/64, from which nothing ever comes (RFC 6666); and since a browser cannot be called at the
//! address that its Contact names (RFC 7118 §5.2), what we read there is that one.

use super::check::{Carrier, MAX_BODY_BYTES};
use super::gate::Gate;
use super::message::{MAX_HEAD_BYTES, Message, bracket};
use super::tcp::{Connections, Reader, WRITE_TIME, Wire};
use rsipstack::transport::TransportEvent;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Messages waiting in either direction.
const QUEUE: usize = 64;
/// Connections of one extension; with one more, the oldest is closed, which is most likely one that
/// has died without a word.
const OF_ONE: usize = 4;
/// The port of each, which says nothing.
const PORT: u16 = 5060;

/// A browser's connection, from the side of whoever holds the WebSocket. Each item is one message.
/// When `into` is dropped the connection is closed; when it is closed here, `out` ends.
#[derive(Debug)]
pub struct Tunnel {
    /// What the browser says. Messages of more than 32 KiB close the connection.
    pub into: mpsc::Sender<Vec<u8>>,
    /// What the browser is told; who does not take it within 5 s loses the connection.
    pub out: mpsc::Receiver<Vec<u8>>,
}

/// Whether an address is that of a browser's connection.
pub(crate) fn is_web(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V6(ip) if ip.segments()[..4] == [0x100, 0, 0, 0])
}

fn address(number: u64) -> SocketAddr {
    let [.., a, b, c, d] = [48, 32, 16, 0].map(|shift| (number >> shift) as u16);
    SocketAddr::new(Ipv6Addr::new(0x100, 0, 0, 0, a, b, c, d).into(), PORT)
}

/// Has the Contact of a browser name its connection.
pub(crate) fn localize(message: &mut Message<'_>, peer: SocketAddr) {
    let contacts = message.fields.iter_mut();
    for field in contacts.filter(|field| field.name.eq_ignore_ascii_case("Contact")) {
        if let Some(value) = localized(&field.value, peer) {
            field.value = Cow::Owned(value);
        }
    }
}

/// Nothing where it is no address.
fn localized(value: &str, peer: SocketAddr) -> Option<String> {
    let (before, uri, after) = match bracket(value) {
        Some(open) => {
            let (before, rest) = value.split_at_checked(open)?;
            let (uri, after) = rest.strip_prefix('<')?.split_once('>')?;
            (before, uri, after)
        }
        None => {
            let end = value.find(';').unwrap_or(value.len());
            let (uri, after) = value.split_at_checked(end)?;
            ("", uri, after)
        }
    };
    let rest = uri.split_once(':')?.1;
    let user = rest.rsplit_once('@').map_or(String::new(), |(user, _)| format!("{user}@"));
    Some(format!("{before}<sip:{user}{peer};transport=tcp>{after}"))
}

impl Connections {
    /// A connection for a browser that has proved to be this extension's phone; nothing where there
    /// are too many, or another endpoint takes them now.
    pub(crate) async fn attach(self: Arc<Self>, extension: &str) -> Option<Tunnel> {
        if self.has_yielded() {
            return None;
        }
        self.make_room(extension, OF_ONE);
        let peer = address(self.next_number());
        let token = self.admit(peer, Some(extension))?;
        let wire = self.wire(peer, &token).await;
        let Some(Wire { connection, address, to_stack, to_network }) = wire else {
            self.closed(peer);
            return None;
        };
        let (into, messages) = mpsc::channel(QUEUE);
        let (out, told) = mpsc::channel(QUEUE);
        let (answers, to_answer) = mpsc::channel(QUEUE);
        let gate = self.gate.clone();
        let carrier = Carrier::Frame;
        let reader =
            Reader { gate: gate.clone(), carrier, peer, address, connection, to_stack, answers };
        tokio::spawn(async move {
            let writer = async {
                tell_all(gate, out, to_network, to_answer).await;
                token.cancel();
            };
            // The reader's end closes the queue of answers, and what is in it is still told.
            tokio::select! {
                () = token.cancelled() => {}
                ((), ()) = async { tokio::join!(read_all(reader, messages), writer) } => {}
            }
            token.cancel();
            self.closed(peer);
        });
        Some(Tunnel { into, out: told })
    }
}

/// Takes messages until the browser is gone or sends what is none.
async fn read_all(reader: Reader, mut messages: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if message.len() > MAX_HEAD_BYTES + MAX_BODY_BYTES {
            return;
        }
        // A keep-alive (RFC 5626 §3.5.1) wants half of itself back.
        let is_blank = message.iter().all(u8::is_ascii_whitespace);
        let goes_on = match message.as_slice() {
            b"\r\n\r\n" => reader.answers.send(b"\r\n".to_vec()).await.is_ok(),
            _ if is_blank => true,
            _ => reader.deliver(&message).await,
        };
        if !goes_on {
            return;
        }
    }
}

async fn tell_all(
    gate: Arc<Gate>,
    out: mpsc::Sender<Vec<u8>>,
    mut messages: mpsc::Receiver<TransportEvent>,
    mut answers: mpsc::Receiver<Vec<u8>>,
) {
    loop {
        let bytes = tokio::select! {
            Some(event) = messages.recv() => match event {
                TransportEvent::Incoming(message, _, _) => gate.send(&message.to_bytes()),
                TransportEvent::New(_) | TransportEvent::Closed(_) => continue,
            },
            answer = answers.recv() => match answer {
                Some(answer) => answer,
                None => return,
            },
        };
        if out.send_timeout(bytes, WRITE_TIME).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_names_the_connection_whatever_the_browser_wrote() {
        let peer = address(7);
        assert!(is_web(peer), "{peer}");
        for (value, expected) in [
            (
                "<sip:ab12@q7v.invalid;transport=ws>;+sip.ice;expires=600",
                "<sip:ab12@[100::7]:5060;transport=tcp>;+sip.ice;expires=600",
            ),
            ("sip:ab12@192.0.2.1:80;expires=0", "<sip:ab12@[100::7]:5060;transport=tcp>;expires=0"),
            ("\"A <B\" <sips:q7v.invalid>", "\"A <B\" <sip:[100::7]:5060;transport=tcp>"),
        ] {
            assert_eq!(localized(value, peer).as_deref(), Some(expected));
        }
        for none in ["*", "", "<", "<>", "nothing"] {
            assert_eq!(localized(none, peer), None, "{none}");
        }
    }

    #[test]
    fn addresses_of_the_network_are_none_of_a_browser() {
        for other in ["192.0.2.1:5060", "[2001:db8::1]:5060", "[100:0:0:1::1]:5060"] {
            assert!(!is_web(other.parse().expect("an address")), "{other}");
        }
        assert_ne!(address(1), address(1 << 40));
    }
}
