//! Pairs of UDP ports for legs: RTP on an even port, RTCP on the next (RFC 3550 §11).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Tries to find an even port with a free neighbour when the system chooses.
const ATTEMPTS: usize = 64;

/// Expedited forwarding (RFC 3246) as the value of the traffic class byte.
const EXPEDITED: u32 = 46 << 2;

/// Where legs get their ports from.
#[derive(Debug)]
pub(crate) struct Ports {
    bind: IpAddr,
    /// First even port and number of pairs.
    range: Option<(u16, u16)>,
    /// Pair to try next: a port just freed rests for as long as possible, so that late packets
    /// of the call before find nobody.
    next: u16,
}

/// The bound sockets of a leg.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
}

impl Ports {
    pub(crate) fn new(bind: IpAddr, range: Option<(u16, u16)>) -> Self {
        let range = range.map(|(first, last)| {
            let even = first.saturating_add(first % 2);
            (even, (last.saturating_sub(even).saturating_add(1)) / 2)
        });
        Self { bind, range, next: 0 }
    }

    /// Whether the range has room for one leg at all.
    pub(crate) fn is_usable(&self) -> bool {
        self.range.is_none_or(|(first, pairs)| first > 0 && pairs > 0)
    }

    /// A free pair; `None` when all are taken.
    pub(crate) fn open(&mut self) -> Option<Pair> {
        let Some((first, pairs)) = self.range else {
            return (0..ATTEMPTS).find_map(|_| self.any().ok());
        };
        (0..pairs).find_map(|_| {
            let port = first + 2 * self.next;
            self.next = (self.next + 1) % pairs;
            self.pair(self.bind(port).ok()?, port).ok()
        })
    }

    fn any(&self) -> io::Result<Pair> {
        let socket = self.bind(0)?;
        let port = socket.local_addr()?.port();
        if port % 2 == 0 {
            return self.pair(socket, port);
        }
        // an odd port is as good for RTCP, when the one below is free
        let rtp = self.bind(port - 1)?;
        Ok(Pair { rtp, rtcp: socket })
    }

    fn pair(&self, rtp: UdpSocket, port: u16) -> io::Result<Pair> {
        Ok(Pair { rtp, rtcp: self.bind(port + 1)? })
    }

    fn bind(&self, port: u16) -> io::Result<UdpSocket> {
        let socket = UdpSocket::bind(SocketAddr::new(self.bind, port))?;
        socket.set_nonblocking(true)?;
        if self.bind.is_ipv4()
            && let Err(error) = socket2::SockRef::from(&socket).set_tos_v4(EXPEDITED)
        {
            tracing::debug!(%error, "audio is sent without priority mark");
        }
        Ok(socket)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn ports(range: Option<(u16, u16)>) -> Ports {
        Ports::new(IpAddr::V4(Ipv4Addr::LOCALHOST), range)
    }

    #[test]
    fn the_system_gives_an_even_port_and_its_neighbour() {
        let pair = ports(None).open().expect("some port is free");
        let rtp = pair.rtp.local_addr().expect("bound").port();
        assert_eq!((rtp % 2, pair.rtcp.local_addr().expect("bound").port()), (0, rtp + 1));
    }

    #[test]
    fn a_range_counts_only_whole_pairs() {
        assert_eq!(ports(Some((4_001, 4_006))).range, Some((4_002, 2)));
        assert_eq!(ports(Some((4_000, 4_001))).range, Some((4_000, 1)));
        for none in [(4_000, 4_000), (4_001, 4_002), (5_000, 4_000), (65_535, 65_535), (0, 9)] {
            assert!(!ports(Some(none)).is_usable(), "{none:?}");
        }
    }
}
