//! The RTP header (RFC 3550 §5.1): read from untrusted bytes, written before a payload.

use std::ops::Range;

/// Bytes of the header that we write: no contributing sources, no extension.
pub const HEADER_LEN: usize = 12;

/// The fields of a header that telephony uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// First packet after a pause.
    pub marker: bool,
    /// What the payload is, 0 to 127.
    pub payload_type: u8,
    /// Grows by one a packet, wraps.
    pub sequence: u16,
    /// Grows by one a sample, wraps.
    pub timestamp: u32,
    /// Synchronization source: who speaks.
    pub ssrc: u32,
}

/// A packet as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The header.
    pub header: Header,
    /// Where the payload lies in the datagram, padding and extension excluded.
    pub payload: Range<usize>,
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Shorter than its header says.
    #[error("rtp packet of {0} bytes is too short")]
    Short(usize),
    /// Not version 2.
    #[error("rtp version {0} instead of 2")]
    Version(u8),
    /// Padding longer than the rest of the packet, or of no length.
    #[error("rtp padding of {0} bytes does not fit")]
    Padding(u8),
}

impl Packet {
    /// Reads a datagram.
    ///
    /// # Errors
    /// When it is no RTP packet of version 2, or its lengths contradict each other.
    pub fn parse(datagram: &[u8]) -> Result<Self, Error> {
        let short = Error::Short(datagram.len());
        let fixed: &[u8; HEADER_LEN] = datagram.first_chunk().ok_or(short)?;
        if fixed[0] >> 6 != 2 {
            return Err(Error::Version(fixed[0] >> 6));
        }
        let mut start = HEADER_LEN + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & 0x10 != 0 {
            let length = datagram.get(start + 2..start + 4).ok_or(short)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
        let mut end = datagram.len();
        if start > end {
            return Err(short);
        }
        if fixed[0] & 0x20 != 0 {
            let padding = datagram[end - 1];
            if padding == 0 || usize::from(padding) > end - start {
                return Err(Error::Padding(padding));
            }
            end -= usize::from(padding);
        }
        let header = Header {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        Ok(Self { header, payload: start..end })
    }
}

impl Header {
    /// The header as bytes, to stand directly before the payload.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[0] = 2 << 6;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7f;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: Header = Header {
        marker: true,
        payload_type: 101,
        sequence: 0xfffe,
        timestamp: 0x0102_0304,
        ssrc: 0xdead_beef,
    };

    fn datagram(first: u8, after_header: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = first;
        bytes.extend_from_slice(after_header);
        bytes
    }

    #[test]
    fn what_is_written_is_read_back() {
        let packet = Packet::parse(&datagram(0x80, b"abc")).expect("well formed");
        assert_eq!(packet, Packet { header: HEADER, payload: 12..15 });
    }

    #[test]
    fn sources_extension_and_padding_are_no_payload() {
        let rest = [9, 9, 9, 9, 0xbe, 0xde, 0, 1, 7, 7, 7, 7, b'a', b'b', 0, 2];
        let packet = Packet::parse(&datagram(0xb1, &rest)).expect("well formed");
        assert_eq!(packet.payload, 24..26);
    }

    #[test]
    fn contradictory_lengths_and_other_versions_are_refused() {
        assert_eq!(Packet::parse(&[0x80; 11]), Err(Error::Short(11)));
        assert_eq!(Packet::parse(&datagram(0x40, b"a")), Err(Error::Version(1)));
        assert_eq!(Packet::parse(&datagram(0x8f, b"four")), Err(Error::Short(16)));
        assert_eq!(Packet::parse(&datagram(0x90, &[0, 0, 0xff, 0xff])), Err(Error::Short(16)));
        assert_eq!(Packet::parse(&datagram(0x90, &[0])), Err(Error::Short(13)));
        assert_eq!(Packet::parse(&datagram(0xa0, &[1, 3])), Err(Error::Padding(3)));
        assert_eq!(Packet::parse(&datagram(0xa0, &[1, 0])), Err(Error::Padding(0)));
        assert_eq!(Packet::parse(&datagram(0xa0, &[])), Err(Error::Padding(0xef)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_within_bounds_or_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            first in 0x80u8..=0xbf,
        ) {
            let mut bytes = bytes;
            for forced in [false, true] {
                if let (true, Some(byte)) = (forced, bytes.first_mut()) {
                    *byte = first;
                }
                if let Ok(packet) = Packet::parse(&bytes) {
                    prop_assert!(packet.payload.start >= HEADER_LEN);
                    prop_assert!(packet.payload.end <= bytes.len());
                    prop_assert!(packet.payload.start <= packet.payload.end);
                }
            }
        }
    }
}
