//! TCP connections: framing by Content-Length (RFC 3261 §18.3) with the gate in front.
//!
//! The stack knows a connection as a pair of channels. Connections are accepted up to a limit; a
//! message must be complete 10 s after its first byte, and a peer must take what we write within
//! 5 s, else its connection is closed.

use super::check::{Carrier, MAX_BODY_BYTES};
use super::gate::{Gate, Verdict};
use super::message::{MAX_HEAD_BYTES, Message, head_end};
use super::web::is_web;
use rsipstack::sip::{SipMessage, Transport};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Time for the rest of a message once its first byte is there.
const MESSAGE_TIME: Duration = Duration::from_secs(10);
/// Time for the peer to take what we write, and to accept a connection.
pub(super) const WRITE_TIME: Duration = Duration::from_secs(5);
/// Messages waiting to be written on one connection.
const WRITE_QUEUE: usize = 64;

/// Called when a connection has gone, with the peer's address.
pub(crate) type OnClosed = Box<dyn Fn(SocketAddr) + Send + Sync>;

/// A connection that is open.
struct Open {
    token: CancellationToken,
    /// Of a browser: whose phone it is.
    extension: Option<String>,
}

/// A connection as the stack and we have it.
pub(super) struct Wire {
    pub(super) connection: SipConnection,
    pub(super) address: SipAddr,
    pub(super) to_stack: mpsc::UnboundedSender<TransportEvent>,
    pub(super) to_network: mpsc::Receiver<TransportEvent>,
}

/// The connections of an endpoint, browsers' among them.
pub(crate) struct Connections {
    pub(super) gate: Arc<Gate>,
    stack: EndpointInnerRef,
    limit: usize,
    open: Mutex<BTreeMap<SocketAddr, Open>>,
    next_number: AtomicU64,
    on_closed: OnClosed,
    stop: CancellationToken,
    /// Cancelled when another endpoint accepts in place of this one.
    yielded: CancellationToken,
}

impl Connections {
    pub(crate) fn new(
        gate: Arc<Gate>,
        stack: EndpointInnerRef,
        limit: usize,
        on_closed: OnClosed,
        stop: CancellationToken,
        yielded: CancellationToken,
    ) -> Self {
        let (open, next_number) = (Mutex::default(), AtomicU64::new(1));
        Self { gate, stack, limit, open, next_number, on_closed, stop, yielded }
    }

    pub(crate) fn count(&self) -> usize {
        self.open().len()
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_yielded(&self) -> bool {
        self.yielded.is_cancelled()
    }

    /// Grows with each, so that of two browsers' addresses the lower is the older one.
    pub(super) fn next_number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Whose phone has proved to be at the other end of a browser's connection.
    pub(crate) fn extension_at(&self, peer: SocketAddr) -> Option<String> {
        self.open().get(&peer)?.extension.clone()
    }

    /// The browsers' connections.
    pub(crate) fn browsers(&self) -> Vec<SocketAddr> {
        let open = self.open();
        let browsers = open.iter().filter(|(_, it)| it.extension.is_some());
        browsers.map(|(peer, _)| *peer).collect()
    }

    /// Closes a connection.
    pub(crate) fn close(&self, peer: SocketAddr) {
        if let Some(open) = self.open().get(&peer) {
            open.token.cancel();
        }
    }

    /// Closes the oldest of an extension where it has as many as that.
    pub(super) fn make_room(&self, extension: &str, limit: usize) {
        let open = self.open();
        let all = || open.values().filter(|it| it.extension.as_deref() == Some(extension));
        if all().filter(|it| !it.token.is_cancelled()).count() >= limit
            && let Some(oldest) = all().find(|it| !it.token.is_cancelled())
        {
            oldest.token.cancel();
        }
    }

    /// Notes a connection, unless there are too many.
    pub(super) fn admit(
        &self,
        peer: SocketAddr,
        extension: Option<&str>,
    ) -> Option<CancellationToken> {
        let mut open = self.open();
        if open.len() >= self.limit {
            tracing::warn!(limit = self.limit, "sip.connection_refused");
            return None;
        }
        let token = self.stop.child_token();
        let extension = extension.map(str::to_owned);
        open.insert(peer, Open { token: token.clone(), extension });
        Some(token)
    }

    /// A connection has ended.
    pub(super) fn closed(&self, peer: SocketAddr) {
        self.open().remove(&peer);
        (self.on_closed)(peer);
    }

    /// Tells the stack of a connection.
    pub(super) async fn wire(&self, peer: SocketAddr, token: &CancellationToken) -> Option<Wire> {
        let address = SipAddr::new(Transport::Tcp, peer.into());
        let (to_stack, from_network) = mpsc::unbounded_channel();
        let (from_stack, to_network) = mpsc::channel(WRITE_QUEUE);
        let made = ChannelConnection::create_connection_bounded(
            from_network,
            from_stack,
            address.clone(),
            Some(token.clone()),
        );
        let connection = SipConnection::Channel(made.await.ok()?);
        self.stack.transport_layer.add_connection(connection.clone());
        Some(Wire { connection, address, to_stack, to_network })
    }

    /// Accepts connections until the endpoint stops, or another one does so.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.yielded.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.clone().start(stream, peer).await,
                Err(error) => {
                    // Out of descriptors or the like: let others finish first.
                    tracing::warn!(%error, "sip.accept_failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// Makes sure that there is a connection to that peer.
    pub(crate) async fn ensure(self: &Arc<Self>, peer: SocketAddr) -> std::io::Result<()> {
        if self.open().contains_key(&peer) {
            return Ok(());
        }
        if is_web(peer) {
            // such a one is made by the browser alone
            return Err(std::io::ErrorKind::NotConnected.into());
        }
        let connect = tokio::time::timeout(WRITE_TIME, TcpStream::connect(peer));
        let stream = connect.await.map_err(|_| std::io::ErrorKind::TimedOut)??;
        self.clone().start(stream, peer).await;
        Ok(())
    }

    async fn start(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        if is_web(peer) {
            return;
        }
        let Some(token) = self.admit(peer, None) else { return };
        let wire = self.wire(peer, &token).await;
        let Some(Wire { connection, address, to_stack, to_network }) = wire else {
            return self.closed(peer);
        };
        let (read, write) = stream.into_split();
        let (answers, to_answer) = mpsc::channel(WRITE_QUEUE);
        let (gate, carrier) = (self.gate.clone(), Carrier::Stream);
        let reader =
            Reader { gate: gate.clone(), carrier, peer, address, connection, to_stack, answers };
        tokio::spawn(async move {
            let writer = async {
                write_all(gate, write, to_network, to_answer).await;
                token.cancel();
            };
            // The reader's end closes the queue of answers, and what is in it is still written.
            tokio::select! {
                () = token.cancelled() => {}
                ((), ()) = async { tokio::join!(reader.run(read), writer) } => {}
            }
            token.cancel();
            self.closed(peer);
        });
    }
}

/// What hands on the messages of one connection.
pub(super) struct Reader {
    pub(super) gate: Arc<Gate>,
    pub(super) carrier: Carrier,
    pub(super) peer: SocketAddr,
    pub(super) address: SipAddr,
    pub(super) connection: SipConnection,
    pub(super) to_stack: mpsc::UnboundedSender<TransportEvent>,
    pub(super) answers: mpsc::Sender<Vec<u8>>,
}

impl Reader {
    /// Reads until the peer closes or breaks the framing.
    async fn run(self, mut read: OwnedReadHalf) {
        let mut buffer: Vec<u8> = Vec::new();
        while let Some(whole) = self.next_message(&mut buffer, &mut read).await {
            if !self.deliver(&whole).await {
                return;
            }
        }
    }

    /// The next framed message; `None` closes the connection.
    async fn next_message(
        &self,
        buffer: &mut Vec<u8>,
        read: &mut OwnedReadHalf,
    ) -> Option<Vec<u8>> {
        loop {
            if buffer.starts_with(b"\r\n\r\n") {
                // A keep-alive (RFC 5626 §3.5.1) wants half of itself back.
                self.answers.send(b"\r\n".to_vec()).await.ok()?;
            }
            let blank = buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            buffer.drain(..blank);
            match frame(buffer) {
                Frame::Complete(length) => {
                    let rest = buffer.split_off(length);
                    return Some(std::mem::replace(buffer, rest));
                }
                Frame::Broken => {
                    // Where the next message begins is lost: answer, and close.
                    self.deliver(buffer).await;
                    return None;
                }
                Frame::Incomplete => {}
            }
            let got = if buffer.is_empty() {
                read.read_buf(buffer).await
            } else {
                tokio::time::timeout(MESSAGE_TIME, read.read_buf(buffer)).await.ok()?
            };
            if !matches!(got, Ok(1..)) {
                return None;
            }
        }
    }

    /// Whether the connection goes on.
    pub(super) async fn deliver(&self, bytes: &[u8]) -> bool {
        match self.gate.inspect(bytes, self.peer, self.carrier, Instant::now()) {
            Verdict::Pass(plain) => {
                let Ok(message) = SipMessage::try_from(plain.as_slice()) else { return true };
                // where a browser is says nothing to it, nor to us
                let seen = if self.carrier == Carrier::Frame {
                    Ok(message)
                } else {
                    SipConnection::update_msg_received(message, self.peer, Transport::Tcp)
                };
                let Ok(message) = seen else { return true };
                let (connection, from) = (self.connection.clone(), self.address.clone());
                let event = TransportEvent::Incoming(message, connection, from);
                self.to_stack.send(event).is_ok()
            }
            Verdict::Answer(answer, _) => self.answers.send(answer).await.is_ok(),
            Verdict::Drop(reason) => {
                tracing::trace!(reason, "sip.message_dropped");
                true
            }
        }
    }
}

/// What the bytes at hand are.
enum Frame {
    /// A message of so many bytes stands at the beginning.
    Complete(usize),
    /// More has to come.
    Incomplete,
    /// No message, or one without a usable length.
    Broken,
}

fn frame(bytes: &[u8]) -> Frame {
    let Some(head) = head_end(bytes) else {
        return if bytes.len() > MAX_HEAD_BYTES { Frame::Broken } else { Frame::Incomplete };
    };
    let Ok(message) = Message::cut(bytes) else { return Frame::Broken };
    let mut lengths = message.values("Content-Length");
    let (Some(length), None) = (lengths.next(), lengths.next()) else { return Frame::Broken };
    match length.parse::<usize>() {
        Ok(body) if body <= MAX_BODY_BYTES => {
            let whole = head + 4 + body;
            if bytes.len() < whole { Frame::Incomplete } else { Frame::Complete(whole) }
        }
        _ => Frame::Broken,
    }
}

async fn write_all(
    gate: Arc<Gate>,
    mut write: OwnedWriteHalf,
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
        let written = tokio::time::timeout(WRITE_TIME, write.write_all(&bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
}
