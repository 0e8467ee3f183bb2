//! What is known of a received stream: loss and jitter (RFC 3550 §6.4.1, appendix A).

use std::time::Duration;

use crate::rtcp::Block;
use crate::rtp::Header;
use crate::time::samples;

/// A jump forward by more starts a new count (§A.1).
const MAX_DROPOUT: u16 = 3_000;
/// A packet that is late by no more is counted where it belongs (§A.1).
const MAX_MISORDER: u16 = 100;

/// Statistics of what one leg receives, over all sources it had.
#[derive(Debug, Default)]
pub(crate) struct Reception {
    source: Option<Source>,
    received: u64,
    lost_before: u64,
}

#[derive(Debug)]
struct Source {
    ssrc: u32,
    /// Sequence numbers with their cycles in the upper half.
    first: u32,
    highest: u32,
    received: u32,
    /// Arrival time minus timestamp of the last audio packet, in samples.
    transit: Option<u32>,
    /// Sixteen times the jitter, in samples (§A.8).
    jitter: u32,
    expected_then: u32,
    received_then: u32,
}

impl Source {
    fn new(header: &Header) -> Self {
        let first = u32::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            first,
            highest: first,
            received: 0,
            transit: None,
            jitter: 0,
            expected_then: 0,
            received_then: 0,
        }
    }

    fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.first).wrapping_add(1)
    }

    fn lost(&self) -> u32 {
        self.expected().saturating_sub(self.received)
    }

    /// Whether a packet belongs to this stream, and what it moves.
    fn takes(&mut self, header: &Header) -> bool {
        if header.ssrc != self.ssrc {
            return false;
        }
        let ahead = header.sequence.wrapping_sub(self.highest as u16);
        if ahead < MAX_DROPOUT {
            self.highest = self.highest.wrapping_add(u32::from(ahead));
            return true;
        }
        ahead >= 0u16.wrapping_sub(MAX_MISORDER)
    }

    fn measure(&mut self, timestamp: u32, now: Duration) {
        let transit = samples(now).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            // an absurd timestamp must not overflow the mean
            let difference = transit.wrapping_sub(before).cast_signed().unsigned_abs().min(1 << 20);
            self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
        }
    }
}

impl Reception {
    /// Counts a packet. `is_audio`: its timestamp is that of its first sample, so it measures
    /// jitter; packets of a key repeat theirs.
    pub(crate) fn record(&mut self, header: &Header, is_audio: bool, now: Duration) {
        self.received += 1;
        let is_known = self.source.as_mut().is_some_and(|source| source.takes(header));
        if !is_known && let Some(gone) = self.source.replace(Source::new(header)) {
            self.lost_before += u64::from(gone.lost());
        }
        if let Some(source) = &mut self.source {
            source.received = source.received.wrapping_add(1);
            if is_audio {
                source.measure(header.timestamp, now);
            }
        }
    }

    /// Valid packets so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Packets that never came so far.
    pub(crate) fn lost(&self) -> u64 {
        self.lost_before + self.source.as_ref().map_or(0, |source| u64::from(source.lost()))
    }

    /// The jitter now, in microseconds.
    pub(crate) fn jitter_us(&self) -> u32 {
        self.source.as_ref().map_or(0, |source| (source.jitter >> 4).saturating_mul(125))
    }

    /// A report block over the time since the last one; `None` before the first packet.
    pub(crate) fn block(&mut self) -> Option<Block> {
        let source = self.source.as_mut()?;
        let expected = source.expected().wrapping_sub(source.expected_then);
        let received = source.received.wrapping_sub(source.received_then);
        (source.expected_then, source.received_then) = (source.expected(), source.received);
        let lost = expected.saturating_sub(received);
        let fraction = (u64::from(lost) << 8).checked_div(u64::from(expected)).unwrap_or(0);
        Some(Block {
            ssrc: source.ssrc,
            fraction_lost: fraction.min(255) as u8,
            lost: source.lost().min(0x7f_ffff),
            highest: source.highest,
            jitter: source.jitter >> 4,
            last_report: 0,
            delay: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(reception: &mut Reception, ssrc: u32, sequence: u16, late_ms: u64) {
        let timestamp = u32::from(sequence).wrapping_mul(160);
        let header = Header { marker: false, payload_type: 0, sequence, timestamp, ssrc };
        let now = Duration::from_millis(u64::from(sequence) * 20 + late_ms);
        reception.record(&header, true, now);
    }

    #[test]
    fn gaps_are_losses_and_late_packets_are_none() {
        let mut reception = Reception::default();
        for sequence in [100, 101, 104, 103, 105] {
            record(&mut reception, 1, sequence, 0);
        }
        assert_eq!((reception.received(), reception.lost()), (5, 1));
        let block = reception.block().expect("packets came");
        assert_eq!((block.highest, block.lost, block.fraction_lost), (105, 1, 42));
        record(&mut reception, 1, 106, 0);
        assert_eq!(reception.block().map(|block| block.fraction_lost), Some(0));
    }

    #[test]
    fn wrapping_counts_on_and_a_new_source_keeps_the_old_losses() {
        let mut reception = Reception::default();
        for sequence in [65_534, 65_535, 1] {
            record(&mut reception, 1, sequence, 0);
        }
        assert_eq!(reception.block().map(|block| block.highest), Some(65_537));
        record(&mut reception, 2, 40_000, 0);
        record(&mut reception, 2, 50_000, 0);
        assert_eq!((reception.received(), reception.lost()), (5, 1));
    }

    #[test]
    fn jitter_follows_the_arrival_times() {
        let mut reception = Reception::default();
        (0..200).for_each(|sequence| record(&mut reception, 1, sequence, 0));
        assert_eq!(reception.jitter_us(), 0);
        (200..600).for_each(|n| record(&mut reception, 1, n, if n % 2 == 0 { 0 } else { 8 }));
        let jitter = reception.jitter_us();
        assert!((7_000..=8_000).contains(&jitter), "{jitter}");
    }
}
