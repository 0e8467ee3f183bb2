//! What belongs to one installation of a media node.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Addresses, ports and limits of a [`crate::MediaNode`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where sockets are bound; may be unspecified (`0.0.0.0`).
    pub bind: IpAddr,
    /// The address that [`crate::Event::Allocated`] names; never unspecified. Differs from
    /// `bind` behind an address translator and when `bind` is unspecified.
    pub advertised: IpAddr,
    /// First and last port, both inclusive. A leg takes an even port for RTP and the next for
    /// RTCP. `None`: any even port that the system gives.
    pub ports: Option<(u16, u16)>,
    /// How many legs may be open.
    pub legs: usize,
    /// How many prompts one play may name.
    pub prompts_per_play: usize,
    /// After how much silence [`crate::Event::Silent`] is given.
    pub silence: Duration,
    /// How many commands may wait. When full, [`crate::MediaNode::send`] waits.
    pub commands: usize,
    /// How many events may wait. When full, events are dropped and
    /// [`crate::Event::Lost`] says how many.
    pub events: usize,
}

impl Options {
    /// Bound to and advertised as one address; any port; 2,000 legs, 64 prompts a play, silence
    /// after 10 s, 1,024 commands and 4,096 events waiting.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self {
            bind: address,
            advertised: address,
            ports: None,
            legs: 2_000,
            prompts_per_play: 64,
            silence: Duration::from_secs(10),
            commands: 1_024,
            events: 4_096,
        }
    }
}

impl Default for Options {
    /// For one machine alone: the loopback address.
    fn default() -> Self {
        Self::new(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}
