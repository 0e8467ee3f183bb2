//! Symmetric RTP: where a leg sends to, and from where it listens.
//!
//! Until the first valid packet arrives, audio goes to the negotiated address. Then it goes to
//! where that packet came from, which is what reaches a phone behind an address translator, and
//! packets from anywhere else are refused. Two things let another source in: the negotiated
//! address itself always wins, so that a stranger who was faster does not keep the line; and a
//! source that was silent for two seconds can be followed by another, as happens when a
//! translator forgets its entry. A new negotiated address starts anew.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// After how much silence another source may take over.
pub(crate) const RELATCH: Duration = Duration::from_secs(2);

/// The addresses of one leg's far side.
#[derive(Debug)]
pub(crate) struct Latch {
    negotiated: SocketAddr,
    source: Option<SocketAddr>,
    heard_at: Duration,
    control: Option<SocketAddr>,
}

impl Latch {
    pub(crate) fn new(negotiated: SocketAddr) -> Self {
        Self { negotiated, source: None, heard_at: Duration::ZERO, control: None }
    }

    pub(crate) fn negotiated(&self) -> SocketAddr {
        self.negotiated
    }

    /// Whether a valid packet of this source belongs to the leg; latches to it when it may.
    pub(crate) fn accepts(&mut self, from: SocketAddr, now: Duration) -> bool {
        let is_free = self.source.is_none_or(|source| {
            from == self.negotiated
                || now.saturating_sub(self.heard_at) >= RELATCH
                || source == from
        });
        if is_free {
            if self.source != Some(from) {
                (self.source, self.control) = (Some(from), None);
            }
            self.heard_at = now;
        }
        is_free
    }

    /// The same for RTCP, which comes from the same host but often another port.
    pub(crate) fn accepts_control(&mut self, from: SocketAddr) -> bool {
        let is_ours = self.rtp().is_some_and(|to| to.ip() == from.ip());
        if is_ours {
            self.control = Some(from);
        }
        is_ours
    }

    /// Where audio goes; `None` for an address that cannot be sent to (old-style hold).
    pub(crate) fn rtp(&self) -> Option<SocketAddr> {
        sendable(self.source.unwrap_or(self.negotiated))
    }

    /// Where RTCP goes: to where it came from, else one port above audio.
    pub(crate) fn rtcp(&self) -> Option<SocketAddr> {
        self.control.or_else(|| {
            let to = self.rtp()?;
            Some(SocketAddr::new(to.ip(), to.port().checked_add(1)?))
        })
    }
}

fn sendable(to: SocketAddr) -> Option<SocketAddr> {
    let is_broadcast = to.ip() == IpAddr::V4(std::net::Ipv4Addr::BROADCAST);
    let is_real =
        to.port() != 0 && !to.ip().is_unspecified() && !to.ip().is_multicast() && !is_broadcast;
    is_real.then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn audio_follows_the_first_source_and_nobody_else() {
        let mut latch = Latch::new(at(4_000));
        assert_eq!(latch.rtp(), Some(at(4_000)));
        assert!(latch.accepts(at(5_000), Duration::ZERO));
        assert!(!latch.accepts(at(6_000), Duration::from_millis(1_999)));
        assert_eq!((latch.rtp(), latch.rtcp()), (Some(at(5_000)), Some(at(5_001))));
    }

    #[test]
    fn silence_lets_another_source_in() {
        let mut latch = Latch::new(at(4_000));
        assert!(latch.accepts(at(5_000), Duration::ZERO));
        assert!(latch.accepts(at(6_000), RELATCH));
        assert!(!latch.accepts(at(5_000), RELATCH));
        assert_eq!(latch.rtp(), Some(at(6_000)));
    }

    #[test]
    fn the_negotiated_address_wins_over_a_faster_stranger() {
        let mut latch = Latch::new(at(4_000));
        assert!(latch.accepts(at(6_666), Duration::ZERO));
        assert!(latch.accepts(at(4_000), Duration::ZERO));
        assert!(!latch.accepts(at(6_666), Duration::ZERO));
        assert_eq!(latch.rtp(), Some(at(4_000)));
    }

    #[test]
    fn control_packets_are_answered_where_they_came_from() {
        let mut latch = Latch::new(at(4_000));
        assert!(latch.accepts_control(at(9_999)));
        assert_eq!(latch.rtcp(), Some(at(9_999)));
        assert!(!latch.accepts_control(SocketAddr::from(([127, 0, 0, 2], 9_999))));
    }

    #[test]
    fn nothing_is_sent_to_addresses_of_nobody() {
        for address in ["0.0.0.0:4000", "127.0.0.1:0", "224.0.0.1:4000", "255.255.255.255:9"] {
            assert_eq!(Latch::new(address.parse().expect("an address")).rtp(), None);
        }
    }
}
