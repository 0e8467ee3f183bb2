//! Sound as a capture file (the pcap format of libpcap), from which SIPp plays.

/// Bytes of G.711 in a packet: 20 ms.
const FRAME: usize = 160;
/// Addresses and ports are SIPp's to fill in; it keeps what follows the UDP header.
const HEADERS: usize = 14 + 20 + 8;
/// RTP payload type of A-law (RFC 3551 §6), and its header's length.
const A_LAW: u8 = 8;
const RTP: usize = 12;

/// One RTP packet each 20 ms, over UDP, IP version 4 and Ethernet.
pub(crate) fn of_a_law(codes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // magic number, version 2.4, zone, accuracy, longest packet, Ethernet
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0xffff, 1_u32] {
        out.extend(word.to_le_bytes());
    }
    for (number, frame) in (0_u32..).zip(codes.chunks_exact(FRAME)) {
        let length = u32::try_from(HEADERS + RTP + FRAME).unwrap_or_default();
        for word in [number / 50, number % 50 * 20_000, length, length] {
            out.extend(word.to_le_bytes());
        }
        out.extend(headers());
        let marker = if number == 0 { 0x80 } else { 0 };
        out.extend([0x80, marker | A_LAW]);
        out.extend(number.to_be_bytes()[2..].iter());
        out.extend((number * 160).to_be_bytes());
        out.extend(0x7e57_u32.to_be_bytes());
        out.extend(frame);
    }
    out
}

fn headers() -> Vec<u8> {
    let udp = u16::try_from(8 + RTP + FRAME).unwrap_or_default();
    let ip = udp + 20;
    let mut out = vec![0; 12];
    out.extend([0x08, 0x00, 0x45, 0x00]);
    out.extend(ip.to_be_bytes());
    out.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    for word in [4000, 4000, udp, 0] {
        out.extend(u16::to_be_bytes(word));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_holds_twenty_milliseconds_behind_headers_of_their_length() {
        let file = of_a_law(&[0xd5; 2 * FRAME + 1]);
        let packet = 16 + HEADERS + RTP + FRAME;
        assert_eq!(file.len(), 24 + 2 * packet, "what is no whole frame is left out");
        let second = &file[24 + packet..];
        assert_eq!(second[4..8], 20_000_u32.to_le_bytes(), "20 ms later");
        let rtp = &second[16 + HEADERS..];
        assert_eq!(rtp[..8], [0x80, A_LAW, 0, 1, 0, 0, 0, 160]);
    }
}
