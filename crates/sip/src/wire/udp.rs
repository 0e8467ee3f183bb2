//! The UDP socket with the gate in front of it.

use super::check::Carrier;
use super::gate::{Gate, Verdict};
use rsipstack::platform::net::UdpSocket;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Longest datagram there is.
const MAX_DATAGRAM_BYTES: usize = 65_535;

/// A socket that hands to the stack only what the gate lets pass.
pub(crate) struct GuardedUdp {
    socket: tokio::net::UdpSocket,
    gate: Arc<Gate>,
    buffer: Mutex<Vec<u8>>,
}

impl GuardedUdp {
    pub(crate) fn new(socket: tokio::net::UdpSocket, gate: Arc<Gate>) -> Self {
        Self { socket, gate, buffer: Mutex::new(vec![0; MAX_DATAGRAM_BYTES]) }
    }
}

#[async_trait::async_trait]
impl UdpSocket for GuardedUdp {
    async fn recv_from(&self, buf: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let mut buffer = self.buffer.lock().await;
        loop {
            let (length, source) = self.socket.recv_from(&mut buffer).await?;
            let bytes = buffer.get(..length).unwrap_or_default();
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
