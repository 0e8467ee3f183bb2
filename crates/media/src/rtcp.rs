//! RTCP as far as a telephone call needs it: sender and receiver reports with one block, the
//! canonical name, and goodbye (RFC 3550 §6).

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const CNAME: u8 = 1;
const BLOCK_LEN: usize = 24;

/// A report block (§6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Whose packets it is about.
    pub(crate) ssrc: u32,
    /// In 1/256, since the last report.
    pub(crate) fraction_lost: u8,
    /// Since the beginning; 24 bits. A negative count of the far side is read as 0.
    pub(crate) lost: u32,
    /// Highest sequence number, with cycles.
    pub(crate) highest: u32,
    /// In samples.
    pub(crate) jitter: u32,
    /// Middle of the time in the last sender report of that source, or 0.
    pub(crate) last_report: u32,
    /// Time since that report in 1/65536 s, or 0.
    pub(crate) delay: u32,
}

/// What a sender report tells of the sender (§6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Wall clock.
    pub(crate) ntp: u64,
    /// The same moment in timestamps.
    pub(crate) timestamp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// A compound packet of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) ssrc: u32,
    /// Present when something was sent since the last report.
    pub(crate) sent: Option<Sent>,
    pub(crate) block: Option<Block>,
    /// At most 255 bytes.
    pub(crate) cname: &'a str,
    /// The stream ends.
    pub(crate) is_goodbye: bool,
}

impl Report<'_> {
    /// The bytes of the compound packet.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(112);
        let kind = if self.sent.is_some() { SENDER_REPORT } else { RECEIVER_REPORT };
        chunk(&mut out, u8::from(self.block.is_some()), kind, |out| {
            word(out, self.ssrc);
            if let Some(sent) = self.sent {
                out.extend_from_slice(&sent.ntp.to_be_bytes());
                for field in [sent.timestamp, sent.packets, sent.octets] {
                    word(out, field);
                }
            }
            if let Some(block) = self.block {
                word(out, block.ssrc);
                word(out, u32::from(block.fraction_lost) << 24 | block.lost & 0xff_ffff);
                for field in [block.highest, block.jitter, block.last_report, block.delay] {
                    word(out, field);
                }
            }
        });
        chunk(&mut out, 1, DESCRIPTION, |out| {
            word(out, self.ssrc);
            let name = &self.cname.as_bytes()[..self.cname.len().min(255)];
            out.extend_from_slice(&[CNAME, name.len() as u8]);
            out.extend_from_slice(name);
            // the list ends with at least one zero, at a border of 32 bits
            out.resize(out.len() / 4 * 4 + 4, 0);
        });
        if self.is_goodbye {
            chunk(&mut out, 1, GOODBYE, |out| word(out, self.ssrc));
        }
        out
    }
}

/// One packet of a compound; its body is a whole number of words.
fn chunk(out: &mut Vec<u8>, count: u8, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[2 << 6 | count, kind, 0, 0]);
    body(out);
    let words = ((out.len() - start) / 4 - 1) as u16;
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

fn word(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_be_bytes());
}

/// What a compound packet of the far side tells us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Incoming {
    /// Middle 32 bits of the wall clock in a sender report.
    pub(crate) sender_report: Option<u32>,
    /// The block about our stream.
    pub(crate) about_us: Option<Block>,
}

impl Incoming {
    /// Reads what is well formed, up to the first packet that is not.
    pub(crate) fn parse(mut bytes: &[u8], our_ssrc: u32) -> Self {
        let mut incoming = Self::default();
        while let Some(&[first, kind, high, low]) = bytes.first_chunk() {
            let len = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
            let Some((packet, rest)) = bytes.split_at_checked(len) else { break };
            if first >> 6 != 2 {
                break;
            }
            let blocks_at = match kind {
                SENDER_REPORT if len >= 28 => {
                    incoming.sender_report = word_at(packet, 10);
                    Some(28)
                }
                RECEIVER_REPORT => Some(8),
                _ => None,
            };
            let blocks = blocks_at.and_then(|at| packet.get(at..)).unwrap_or_default();
            let count = usize::from(first & 0x1f);
            let mut ours = blocks.chunks_exact(BLOCK_LEN).take(count).filter_map(block);
            incoming.about_us = ours.find(|b| b.ssrc == our_ssrc).or(incoming.about_us);
            bytes = rest;
        }
        incoming
    }
}

fn block(bytes: &[u8]) -> Option<Block> {
    let losses = word_at(bytes, 4)?;
    let is_negative = losses & 0x80_0000 != 0;
    Some(Block {
        ssrc: word_at(bytes, 0)?,
        fraction_lost: (losses >> 24) as u8,
        lost: if is_negative { 0 } else { losses & 0xff_ffff },
        highest: word_at(bytes, 8)?,
        jitter: word_at(bytes, 12)?,
        last_report: word_at(bytes, 16)?,
        delay: word_at(bytes, 20)?,
    })
}

fn word_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BLOCK: Block = Block {
        ssrc: 5,
        fraction_lost: 3,
        lost: 9,
        highest: 70_000,
        jitter: 11,
        last_report: 0x1234_5678,
        delay: 77,
    };

    fn report(cname: &str) -> Report<'_> {
        let sent = Sent { ntp: 0xaaaa_1234_5678_bbbb, timestamp: 4, packets: 2, octets: 320 };
        Report { ssrc: 9, sent: Some(sent), block: Some(BLOCK), cname, is_goodbye: true }
    }

    #[test]
    fn a_report_of_ours_is_understood_by_the_other_side() {
        for cname in ["", "a", "ab", "abc", "abcdef@caruso"] {
            let bytes = report(cname).to_bytes();
            assert_eq!(bytes.len() % 4, 0);
            let incoming = Incoming::parse(&bytes, 5);
            assert_eq!(incoming.sender_report, Some(0x1234_5678));
            assert_eq!(incoming.about_us, Some(BLOCK));
            assert_eq!(Incoming::parse(&bytes, 6).about_us, None);
            // the last packet, found by walking the lengths, is the goodbye
            assert_eq!(bytes[bytes.len() - 8..], [0x81, GOODBYE, 0, 1, 0, 0, 0, 9]);
        }
    }

    #[test]
    fn who_sends_nothing_gives_a_receiver_report() {
        let report = Report { sent: None, is_goodbye: false, ..report("x") };
        let incoming = Incoming::parse(&report.to_bytes(), 5);
        assert_eq!(incoming, Incoming { sender_report: None, about_us: Some(BLOCK) });
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(
            noise in prop::collection::vec(any::<u8>(), 0..120),
            at in 0usize..112,
            byte in any::<u8>(),
        ) {
            Incoming::parse(&noise, 5);
            let mut mutated = report("abcdef@caruso").to_bytes();
            if let Some(target) = mutated.get_mut(at) {
                *target = byte;
            }
            Incoming::parse(&mutated, 5);
            Incoming::parse(&mutated[..at.min(mutated.len())], 5);
        }
    }
}
