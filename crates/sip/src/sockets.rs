//! The sockets of an endpoint, which it may have of another.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// UDP and TCP on one port.
#[derive(Debug)]
pub struct Sockets {
    /// For datagrams.
    pub udp: UdpSocket,
    /// Where connections are accepted.
    pub tcp: TcpListener,
}

impl Sockets {
    /// Binds both; port 0 takes one that is free for both.
    ///
    /// # Errors
    /// When the address is in use or not ours.
    pub fn bind(listen: SocketAddr) -> io::Result<Self> {
        let mut tries = 0;
        loop {
            let udp = UdpSocket::bind(listen)?;
            match TcpListener::bind(udp.local_addr()?) {
                Ok(tcp) => return Ok(Self { udp, tcp }),
                // The free UDP port may be taken on TCP: try another.
                Err(_) if listen.port() == 0 && tries < 16 => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// As the runtime reads them, with their address.
    pub(crate) fn open(
        self,
    ) -> io::Result<(tokio::net::UdpSocket, tokio::net::TcpListener, SocketAddr)> {
        let address = self.udp.local_addr()?;
        self.udp.set_nonblocking(true)?;
        self.tcp.set_nonblocking(true)?;
        let udp = tokio::net::UdpSocket::from_std(self.udp)?;
        Ok((udp, tokio::net::TcpListener::from_std(self.tcp)?, address))
    }
}
