//! What SIP messages travel over.

use serde::{Deserialize, Serialize};

/// UDP, TCP, or a browser's connection to the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Datagrams, with the retransmissions of RFC 3261 §17.
    #[default]
    Udp,
    /// A connection.
    Tcp,
    /// A WebSocket that ends elsewhere, of which we are handed the messages (RFC 7118).
    Web,
}
