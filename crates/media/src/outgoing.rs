//! One continuous RTP stream towards the far side, whatever feeds it.
//!
//! A leg keeps its synchronization source, its sequence numbers and its timestamps from the first
//! packet to the last. Prompts, keys and silence are numbered one after the other; packets of a
//! peer keep the distances that they came with, so that the far side sees the peer's losses and
//! pauses as they were. At every change of source, and after a pause, the timestamp goes on as
//! far as time did, and the packet is marked as the beginning of a talk spurt (RFC 3551 §4.1).

use std::time::Duration;

use crate::rtp::Header;
use crate::time::{FRAME, length, samples};

const FRAME_SAMPLES: u32 = 160;
/// An own packet this late is not jitter of our clock but a pause.
const PAUSE: Duration = Duration::from_millis(100);
/// A peer's timestamps that depart from time by more (1 s) are of another stream.
const MAX_DEPARTURE: i32 = 8_000;
/// A jump in a peer's sequence numbers by more is another stream (RFC 3550 §A.1).
const MAX_DROPOUT: u16 = 3_000;

/// The state of an outgoing stream.
#[derive(Debug)]
pub(crate) struct Outgoing {
    ssrc: u32,
    /// Of the next packet.
    sequence: u16,
    /// Of the next sample.
    timestamp: u32,
    /// When the next sample is due; `None` before the first packet.
    due: Option<Duration>,
    key_timestamp: u32,
    relayed: Option<Relayed>,
    packets: u64,
    octets: u32,
}

/// How a peer's stream maps into ours.
#[derive(Debug)]
struct Relayed {
    ssrc: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
    /// Newest sequence number of the peer.
    newest: u16,
    /// Packets since the mapping was made: older ones have no place in our stream.
    age: u16,
    /// Newest timestamp of the peer, and when it came.
    timestamp: u32,
    moved_at: Duration,
}

impl Relayed {
    /// Where a packet stands relative to the newest: `None` when it belongs to another stream.
    fn step(&self, header: &Header, now: Duration) -> Option<Step> {
        if header.ssrc != self.ssrc {
            return None;
        }
        let ahead = header.sequence.wrapping_sub(self.newest);
        let moved = header.timestamp.wrapping_sub(self.timestamp).cast_signed();
        if ahead == 0 && moved == 0 {
            return Some(Step::Useless);
        }
        let behind = ahead.wrapping_neg();
        if behind <= 100 && moved <= 0 {
            return Some(if behind < self.age { Step::Late } else { Step::Useless });
        }
        let elapsed = samples(now.saturating_sub(self.moved_at)).min(1 << 24).cast_signed();
        // packets of a key repeat its timestamp for as long as it is held
        let is_plausible =
            moved == 0 || moved > 0 && moved.saturating_sub(elapsed).abs() <= MAX_DEPARTURE;
        ((1..=MAX_DROPOUT).contains(&ahead) && is_plausible).then_some(Step::Forward)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Forward,
    /// Out of order, but its place in our stream is free.
    Late,
    /// A duplicate, or older than the mapping.
    Useless,
}

impl Outgoing {
    /// A stream with random beginnings (RFC 3550 §5.1).
    pub(crate) fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            sequence,
            timestamp,
            due: None,
            key_timestamp: timestamp,
            relayed: None,
            packets: 0,
            octets: 0,
        }
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// Payload bytes sent; wraps as its field in a report does.
    pub(crate) fn octets(&self) -> u32 {
        self.octets
    }

    /// The timestamp of this moment, for a sender report.
    pub(crate) fn timestamp_at(&self, now: Duration) -> u32 {
        let due = self.due.unwrap_or(now);
        let (ahead, behind) = (due.saturating_sub(now), now.saturating_sub(due));
        self.timestamp.wrapping_sub(samples(ahead)).wrapping_add(samples(behind))
    }

    /// The header of 20 ms of our own audio.
    pub(crate) fn frame(&mut self, payload_type: u8, now: Duration) -> Header {
        let is_change = self.relayed.take().is_some();
        let marker = self.settle(is_change, now);
        let timestamp = self.timestamp;
        self.advance_frame();
        self.header(marker, payload_type, timestamp, FRAME_SAMPLES)
    }

    /// The header of a packet of a key, which takes the place of 20 ms of audio.
    pub(crate) fn key(&mut self, is_first: bool, payload_type: u8, now: Duration) -> Header {
        let is_change = self.relayed.take().is_some();
        self.settle(is_change, now);
        if is_first {
            self.key_timestamp = self.timestamp;
        }
        self.advance_frame();
        self.header(is_first, payload_type, self.key_timestamp, 4)
    }

    /// The header for a packet of a peer: `span` samples long, `octets` of payload. `None`: it
    /// must not be sent.
    pub(crate) fn relay(
        &mut self,
        header: &Header,
        payload_type: u8,
        (span, octets): (u32, u32),
        now: Duration,
    ) -> Option<Header> {
        let step = self.relayed.as_ref().and_then(|relayed| relayed.step(header, now));
        let mut marker = header.marker;
        match step {
            Some(Step::Useless) => return None,
            Some(Step::Forward | Step::Late) => {}
            None => {
                self.settle(true, now);
                marker = true;
                self.relayed = Some(Relayed {
                    ssrc: header.ssrc,
                    sequence_offset: self.sequence.wrapping_sub(header.sequence),
                    timestamp_offset: self.timestamp.wrapping_sub(header.timestamp),
                    newest: header.sequence,
                    age: 0,
                    timestamp: header.timestamp,
                    moved_at: now,
                });
            }
        }
        let relayed = self.relayed.as_mut()?;
        let sequence = header.sequence.wrapping_add(relayed.sequence_offset);
        let timestamp = header.timestamp.wrapping_add(relayed.timestamp_offset);
        if step != Some(Step::Late) {
            let ahead = header.sequence.wrapping_sub(relayed.newest);
            relayed.newest = header.sequence;
            relayed.age = relayed.age.saturating_add(ahead.max(1));
            if header.timestamp != relayed.timestamp {
                (relayed.timestamp, relayed.moved_at) = (header.timestamp, now);
            }
            self.sequence = sequence.wrapping_add(1);
            self.advance_to(timestamp.wrapping_add(span));
        }
        self.count(octets);
        let ssrc = self.ssrc;
        Some(Header { marker, payload_type, sequence, timestamp, ssrc })
    }

    /// A packet of a peer that the far side does not understand: leaves no gap in the numbers.
    pub(crate) fn skip(&mut self, header: &Header, now: Duration) {
        if let Some(relayed) = &mut self.relayed
            && relayed.step(header, now) == Some(Step::Forward)
        {
            relayed.sequence_offset = relayed.sequence_offset.wrapping_sub(1);
            relayed.newest = header.sequence;
            // a late packet would take a number that is used
            relayed.age = 0;
            if header.timestamp != relayed.timestamp {
                (relayed.timestamp, relayed.moved_at) = (header.timestamp, now);
            }
        }
    }

    /// Brings the clock up to time when the source changes or paused; whether it did.
    fn settle(&mut self, is_change: bool, now: Duration) -> bool {
        let due = *self.due.get_or_insert(now);
        let late = now.saturating_sub(due);
        let is_spurt = is_change || self.packets == 0 || late > PAUSE;
        if is_spurt {
            self.timestamp = self.timestamp.wrapping_add(samples(late));
            self.due = Some(due + late);
        }
        is_spurt
    }

    fn advance_frame(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES);
        self.due = self.due.map(|due| due + FRAME);
    }

    fn advance_to(&mut self, timestamp: u32) {
        let ahead = timestamp.wrapping_sub(self.timestamp);
        if ahead.cast_signed() > 0 {
            self.timestamp = timestamp;
            self.due = self.due.map(|due| due + length(ahead));
        }
    }

    fn header(&mut self, marker: bool, payload_type: u8, timestamp: u32, octets: u32) -> Header {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.count(octets);
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    fn count(&mut self, octets: u32) {
        self.packets += 1;
        self.octets = self.octets.wrapping_add(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn peer(sequence: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 77 }
    }

    fn relay(
        out: &mut Outgoing,
        sequence: u16,
        timestamp: u32,
        at: u64,
    ) -> Option<(u16, u32, bool)> {
        out.relay(&peer(sequence, timestamp), 0, (160, 160), ms(at))
            .map(|h| (h.sequence, h.timestamp, h.marker))
    }

    fn frame(out: &mut Outgoing, at: u64) -> (u16, u32, bool) {
        let header = out.frame(0, ms(at));
        (header.sequence, header.timestamp, header.marker)
    }

    #[test]
    fn own_frames_follow_each_other_and_only_the_first_is_marked() {
        let mut out = Outgoing::new(1, 65_535, 0u32.wrapping_sub(160));
        assert_eq!(frame(&mut out, 0), (65_535, u32::MAX - 159, true));
        assert_eq!(frame(&mut out, 24), (0, 0, false));
        assert_eq!(frame(&mut out, 40), (1, 160, false));
    }

    #[test]
    fn time_goes_on_across_a_pause() {
        let mut out = Outgoing::new(1, 10, 0);
        frame(&mut out, 0);
        assert_eq!(frame(&mut out, 1_020), (11, 8_160, true));
        assert_eq!(frame(&mut out, 1_040), (12, 8_320, false));
    }

    #[test]
    fn numbers_and_time_go_on_from_prompt_to_peer_and_back() {
        let mut out = Outgoing::new(1, 10, 0);
        frame(&mut out, 0);
        assert_eq!(relay(&mut out, 900, 5_000_000, 50), Some((11, 400, true)));
        assert_eq!(relay(&mut out, 901, 5_000_160, 70), Some((12, 560, false)));
        assert_eq!(frame(&mut out, 80), (13, 720, true));
        assert_eq!(frame(&mut out, 100), (14, 880, false));
        // the peer went on meanwhile; it finds its place again
        assert_eq!(relay(&mut out, 904, 5_000_640, 130), Some((15, 1_040, true)));
    }

    #[test]
    fn losses_and_pauses_of_the_peer_stay_visible() {
        let mut out = Outgoing::new(1, 0, 0);
        assert_eq!(relay(&mut out, 100, 0, 0), Some((0, 0, true)));
        assert_eq!(relay(&mut out, 103, 480, 60), Some((3, 480, false)));
        assert_eq!(relay(&mut out, 102, 320, 61), Some((2, 320, false)));
        assert_eq!(relay(&mut out, 103, 480, 62), None, "a duplicate");
        assert_eq!(relay(&mut out, 99, 0u32.wrapping_sub(160), 63), None, "before the mapping");
        assert_eq!(relay(&mut out, 104, 16_480, 2_060), Some((4, 16_480, false)));
    }

    #[test]
    fn a_peer_that_jumps_makes_no_jump_of_ours() {
        let mut out = Outgoing::new(1, 0, 0);
        relay(&mut out, 100, 0, 0);
        assert_eq!(relay(&mut out, 40_000, 160, 20), Some((1, 160, true)), "sequence");
        assert_eq!(relay(&mut out, 40_001, 90_000_000, 40), Some((2, 320, true)), "time");
        let other = Header { ssrc: 78, ..peer(7, 7) };
        let header = out.relay(&other, 0, (160, 160), ms(60)).expect("relayed");
        assert_eq!((header.sequence, header.timestamp, header.marker), (3, 480, true));
    }

    #[test]
    fn audio_after_a_long_key_of_the_peer_is_the_same_stream() {
        let mut out = Outgoing::new(1, 0, 0);
        relay(&mut out, 0, 0, 0);
        for n in 1..=250u16 {
            let at = u64::from(n) * 20;
            let header = out.relay(&peer(n, 160), 101, (u32::from(n) * 160, 4), ms(at));
            assert_eq!(header.map(|h| (h.sequence, h.timestamp)), Some((n, 160)));
        }
        assert_eq!(relay(&mut out, 251, 40_160, 5_020), Some((251, 40_160, false)));
    }

    #[test]
    fn what_is_not_relayed_leaves_no_gap_in_the_numbers() {
        let mut out = Outgoing::new(1, 0, 0);
        relay(&mut out, 100, 0, 0);
        out.skip(&peer(101, 160), ms(20));
        out.skip(&peer(102, 160), ms(40));
        assert_eq!(relay(&mut out, 103, 480, 60), Some((1, 480, false)));
    }

    #[test]
    fn a_key_keeps_its_timestamp_and_takes_the_time_of_audio() {
        let mut out = Outgoing::new(1, 0, 0);
        frame(&mut out, 0);
        let keys: Vec<_> = (0..3).map(|n| out.key(n == 0, 101, ms(20 * (n + 1)))).collect();
        assert!(keys.iter().all(|header| header.timestamp == 160));
        assert_eq!(keys.iter().map(|h| h.marker).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(frame(&mut out, 80), (4, 640, false));
        assert_eq!(out.timestamp_at(ms(90)), 640 + 80);
    }
}
