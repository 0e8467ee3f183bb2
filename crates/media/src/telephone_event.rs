//! Keys as named telephone events (RFC 4733): told apart when received, spread over packets when
//! sent.

use std::collections::VecDeque;

use crate::rtp::Header;

/// How many keys may wait to be sent.
pub(crate) const MAX_WAITING: usize = 32;

const KEYS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// The longest duration that fits; a longer press goes on in a new segment (§2.5.1.3).
const SEGMENT: i32 = 0xffff;
/// Timestamps this far back belong to a late packet; further back, to a stream that began anew.
const LATE: i32 = 16_000;

const END: u8 = 0x80;
/// Power of the tone in -dBm0.
const VOLUME: u8 = 10;
/// Packets that carry a press, 20 ms each.
const PRESS_PACKETS: u8 = 5;
/// Times that the end is sent (§2.5.1.4).
const END_PACKETS: u8 = 3;
const SAMPLES_PER_PACKET: u16 = 160;

/// The event code of a key, if it is one.
pub(crate) fn code_of(key: char) -> Option<u8> {
    KEYS.iter().position(|&k| k == key.to_ascii_uppercase()).and_then(|at| u8::try_from(at).ok())
}

/// Samples that an event payload covers so far.
pub(crate) fn duration(payload: &[u8]) -> u32 {
    match payload {
        [_, _, high, low, ..] => u32::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    }
}

/// Finds the presses in a stream of event packets.
///
/// A key counts when the first packet of its timestamp arrives, whichever of its packets that is:
/// so it comes without delay, lost ends do no harm, repeated packets give nothing, and a key that
/// begins before the last one ended is a key of its own.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    ssrc: u32,
    timestamp: u32,
    code: u8,
    is_ended: bool,
}

impl Decoder {
    /// Takes one packet; gives a key that begins with it.
    pub(crate) fn receive(&mut self, header: &Header, payload: &[u8]) -> Option<char> {
        let [code, flags, _, _, ..] = *payload else { return None };
        let is_ended = flags & END != 0;
        if let Some(last) = self.last.as_mut().filter(|last| last.ssrc == header.ssrc) {
            let ahead = header.timestamp.wrapping_sub(last.timestamp).cast_signed();
            if ahead == 0 {
                last.is_ended |= is_ended;
            }
            if (-LATE..=0).contains(&ahead) {
                return None;
            }
            if ahead == SEGMENT && code == last.code && !last.is_ended {
                (last.timestamp, last.is_ended) = (header.timestamp, is_ended);
                return None;
            }
        }
        let (ssrc, timestamp) = (header.ssrc, header.timestamp);
        self.last = Some(Last { ssrc, timestamp, code, is_ended });
        KEYS.get(usize::from(code)).copied()
    }
}

/// Keys on their way out, one packet every 20 ms: five of a press of 100 ms, then its end three
/// times, which is also the pause before the next.
#[derive(Debug, Default)]
pub(crate) struct Presses {
    waiting: VecDeque<u8>,
    sent: u8,
}

/// One packet of a press.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Press {
    /// The first packet of its key, to be marked and given a new timestamp.
    pub(crate) is_first: bool,
    pub(crate) payload: [u8; 4],
}

impl Presses {
    pub(crate) fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Queues a key; false when the queue is full.
    pub(crate) fn push(&mut self, code: u8) -> bool {
        let has_room = self.waiting.len() < MAX_WAITING;
        if has_room {
            self.waiting.push_back(code);
        }
        has_room
    }

    /// What to send now in place of audio.
    pub(crate) fn next(&mut self) -> Option<Press> {
        let code = *self.waiting.front()?;
        let is_first = self.sent == 0;
        self.sent += 1;
        let flags = if self.sent > PRESS_PACKETS { END | VOLUME } else { VOLUME };
        let packets = self.sent.min(PRESS_PACKETS);
        let [high, low] = (u16::from(packets) * SAMPLES_PER_PACKET).to_be_bytes();
        if self.sent == PRESS_PACKETS + END_PACKETS {
            self.waiting.pop_front();
            self.sent = 0;
        }
        Some(Press { is_first, payload: [code, flags, high, low] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(timestamp: u32) -> Header {
        Header { marker: false, payload_type: 101, sequence: 0, timestamp, ssrc: 7 }
    }

    /// The packets of keys pressed 200 ms apart, with their timestamps.
    fn packets(keys: &str) -> Vec<(u32, [u8; 4])> {
        let mut presses = Presses::default();
        keys.chars().for_each(|key| assert!(presses.push(code_of(key).expect("a key"))));
        let mut timestamp = u32::MAX - 3_000;
        let mut sent = Vec::new();
        while let Some(press) = presses.next() {
            if press.is_first {
                timestamp = timestamp.wrapping_add(1_600);
            }
            sent.push((timestamp, press.payload));
        }
        sent
    }

    fn decode(packets: &[(u32, [u8; 4])]) -> String {
        let mut decoder = Decoder::default();
        packets.iter().filter_map(|(at, payload)| decoder.receive(&header(*at), payload)).collect()
    }

    #[test]
    fn every_key_crosses_once_across_a_wrapping_clock() {
        assert_eq!(decode(&packets("0123456789*#ABCD11")), "0123456789*#ABCD11");
    }

    #[test]
    fn a_press_grows_and_its_end_comes_three_times() {
        let durations: Vec<(bool, u32)> =
            packets("5").iter().map(|(_, p)| (p[1] & END != 0, duration(p))).collect();
        let press = [160, 320, 480, 640, 800].map(|d| (false, d));
        assert_eq!(durations, [&press[..], &[(true, 800); 3]].concat());
    }

    #[test]
    fn a_key_without_its_end_and_one_that_overlaps_are_two_keys() {
        let sent = packets("77");
        let without_ends: Vec<_> = sent.into_iter().filter(|(_, p)| p[1] & END == 0).collect();
        assert_eq!(decode(&without_ends), "77");
        let overlapping =
            [(1_000, [1, 10, 3, 32]), (1_400, [2, 10, 0, 160]), (1_000, [1, 138, 3, 32])];
        assert_eq!(decode(&overlapping), "12");
    }

    #[test]
    fn a_key_held_for_more_than_eight_seconds_is_one_key() {
        let held = [
            (500, [9, 10, 0, 160]),
            (500, [9, 10, 0xff, 0xff]),
            (500 + 0xffff, [9, 10, 0, 160]),
            (500 + 0xffff, [9, 138, 1, 0]),
        ];
        assert_eq!(decode(&held), "9");
    }

    #[test]
    fn flash_and_cut_payloads_are_no_keys() {
        assert_eq!(decode(&[(100, [16, 10, 0, 160])]), "");
        assert_eq!(Decoder::default().receive(&header(1), &[1, 2, 3]), None);
    }

    #[test]
    fn a_stream_that_begins_anew_is_listened_to() {
        assert_eq!(decode(&[(900_000, [1, 138, 1, 0]), (100, [2, 10, 1, 0])]), "12");
    }

    #[test]
    fn too_many_waiting_keys_are_refused() {
        let mut presses = Presses::default();
        assert!((0..MAX_WAITING).all(|_| presses.push(1)));
        assert!(!presses.push(1));
    }

    proptest! {
        #[test]
        fn loss_and_duplication_leave_every_key_once(
            keys in "[0-9*#A-D]{1,12}",
            fate in prop::collection::vec(0usize..3, 96),
            survivor in prop::collection::vec(0usize..8, 12),
        ) {
            // every packet is lost, comes or comes twice, but one of each key's eight comes
            let arrived: Vec<_> = packets(&keys)
                .into_iter()
                .enumerate()
                .flat_map(|(at, packet)| {
                    let is_survivor = survivor[at / 8] == at % 8;
                    std::iter::repeat_n(packet, fate[at].max(usize::from(is_survivor)))
                })
                .collect();
            prop_assert_eq!(decode(&arrived), keys);
        }
    }
}
