//! A peer that is a socket: it says and hears plain text.

use super::PATIENCE;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// A peer without a stack.
pub(crate) struct Peer {
    socket: UdpSocket,
    server: SocketAddr,
}

impl Peer {
    pub(crate) async fn new(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("loopback can be listened on");
        Self { socket, server }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    pub(crate) async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.expect("loopback takes it");
    }

    /// The next message that begins so; others, sent again or provisional, are skipped.
    pub(crate) async fn receive(&self, beginning: &str) -> String {
        let mut buffer = vec![0; 65_535];
        let wanted = async {
            loop {
                let (length, _) = self.socket.recv_from(&mut buffer).await.expect("open");
                let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
                if text.starts_with(beginning) {
                    return text.into_owned();
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wanted).await;
        waited.unwrap_or_else(|_| unreachable!("no {beginning} came"))
    }

    /// A request of one dialog; `to` with or without a tag.
    pub(crate) fn request(&self, method: &str, to: &str, cseq: u32, more: &str) -> String {
        let own = self.address();
        let (fields, body) = more.split_once("\r\n\r\n").unwrap_or((more, ""));
        let gap = if fields.is_empty() { "" } else { "\r\n" };
        format!(
            "{method} sip:100@{} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{cseq};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:0612345678@{own}>;tag=mine\r\nTo: {to}\r\nCall-ID: raw@{own}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:0612345678@{own}>\r\n\
             {fields}{gap}Content-Length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        )
    }

    /// An INVITE with an offer under a direction.
    pub(crate) fn invite(&self, to: &str, cseq: u32, direction: &str) -> String {
        self.request("INVITE", to, cseq, &session(cseq, direction))
    }

    /// The answer to a request of the server within the dialog that [`Peer::invite`] began.
    pub(crate) fn response(&self, request: &str, status: &str, more: &str) -> String {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"]
            .map(|name| format!("{name}: {}\r\n", field(request, name)))
            .concat();
        let (fields, body) = more.split_once("\r\n\r\n").unwrap_or((more, ""));
        let gap = if fields.is_empty() { "" } else { "\r\n" };
        format!(
            "SIP/2.0 {status}\r\n{copied}Contact: <sip:x@{}>\r\n{fields}{gap}\
             Content-Length: {}\r\n\r\n{body}",
            self.address(),
            body.len()
        )
    }
}

/// The value of the first field of this name.
pub(crate) fn field<'a>(message: &'a str, name: &str) -> &'a str {
    let line = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| unreachable!("no {name} in {message}"))
}

/// To of a request that begins a dialog.
pub(crate) const TO: &str = "<sip:100@server>";

/// A session description of the peer with its Content-Type.
pub(crate) fn session(version: u32, direction: &str) -> String {
    format!(
        "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\n\
         c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na={direction}\r\n"
    )
}
