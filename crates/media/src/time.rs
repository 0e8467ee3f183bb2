//! Time as telephony counts it. Every function takes the time since the node's start.

use std::time::Duration;

/// Length of an own packet.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// Samples at 8 kHz in a time; wraps as timestamps do.
pub(crate) fn samples(time: Duration) -> u32 {
    (time.as_micros() / 125) as u32
}

/// The time that samples at 8 kHz take.
pub(crate) fn length(samples: u32) -> Duration {
    Duration::from_micros(u64::from(samples) * 125)
}

/// A time as 32.32 fixed point seconds (RFC 3550 §4).
pub(crate) fn ntp(time: Duration) -> u64 {
    (time.as_secs() << 32) | ((u64::from(time.subsec_nanos()) << 32) / 1_000_000_000)
}
