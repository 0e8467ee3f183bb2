//! What SIP messages travel over.

/// UDP or TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams, with the retransmissions of RFC 3261 §17.
    #[default]
    Udp,
    /// A connection.
    Tcp,
}
