//! The UDP socket with the gate in front of it.

use super::check::Carrier;
use super::gate::{Gate, Verdict};
use crate::succession::Datagram;
use rsipstack::platform::net::UdpSocket;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// Longest datagram there is.
const MAX_DATAGRAM_BYTES: usize = 65_535;

/// A socket that hands to the stack only what the gate lets pass.
pub(crate) struct GuardedUdp {
    socket: tokio::net::UdpSocket,
    gate: Arc<Gate>,
    inbox: Mutex<Inbox>,
}

/// Where messages come from: the socket, until another endpoint reads it and passes them on.
struct Inbox {
    buffer: Vec<u8>,
    yielded: CancellationToken,
    passed_on: mpsc::Receiver<Datagram>,
}

impl Inbox {
    async fn next(&mut self, socket: &tokio::net::UdpSocket) -> io::Result<(usize, SocketAddr)> {
        loop {
            let has_yielded = self.yielded.is_cancelled();
            tokio::select! {
                biased;
                Some(Datagram { source, bytes }) = self.passed_on.recv() => {
                    let length = bytes.len().min(MAX_DATAGRAM_BYTES);
                    let place = self.buffer.iter_mut();
                    place.zip(bytes).for_each(|(place, byte)| *place = byte);
                    return Ok((length, source));
                }
                got = socket.recv_from(&mut self.buffer), if !has_yielded => return got,
                () = self.yielded.cancelled(), if !has_yielded => {}
                // nobody passes anything on any more
                else => std::future::pending().await,
            }
        }
    }
}

impl GuardedUdp {
    /// Reads the socket until `yielded`; what is `passed_on` then, and before.
    pub(crate) fn new(
        socket: tokio::net::UdpSocket,
        gate: Arc<Gate>,
        yielded: CancellationToken,
        passed_on: mpsc::Receiver<Datagram>,
    ) -> Self {
        let inbox = Inbox { buffer: vec![0; MAX_DATAGRAM_BYTES], yielded, passed_on };
        Self { socket, gate, inbox: Mutex::new(inbox) }
    }
}

#[async_trait::async_trait]
impl UdpSocket for GuardedUdp {
    async fn recv_from(&self, buf: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let mut inbox = self.inbox.lock().await;
        loop {
            let (length, source) = inbox.next(&self.socket).await?;
            let bytes = inbox.buffer.get(..length).unwrap_or_default();
            if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
                // A keep-alive (RFC 5626 §4.4.1): four bytes want two in answer.
                if bytes == b"\r\n\r\n" {
                    self.socket.send_to(b"\r\n", source).await.ok();
                }
                continue;
            }
            match self.gate.inspect(bytes, source, Carrier::Datagram, Instant::now()) {
                Verdict::Pass(plain) => {
                    if let Some(place) = buf.get_mut(..plain.len()) {
                        place.copy_from_slice(&plain);
                        return Ok((plain.len(), source));
                    }
                }
                Verdict::Answer(answer, to) => {
                    self.socket.send_to(&answer, to).await.ok();
                }
                Verdict::Drop(reason) => tracing::trace!(reason, "sip.datagram_dropped"),
            }
        }
    }

    async fn send_to(&self, buf: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        if self.gate.is_own(to) {
            return Err(rsipstack::Error::Error("message to ourselves".to_owned()));
        }
        self.socket.send_to(&self.gate.send(buf), to).await?;
        Ok(buf.len())
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
