//! The sound of a browser (RFC 8834): found by ICE, encrypted by DTLS-SRTP, with which both sides
//! prove that they are who the session description says. The only file that names str0m.
//!
//! We are the lite end of ICE (RFC 8445 §2.5): the browser looks for a way to the one address that
//! we name, and whatever proves to know the password of the description is answered there. Behind
//! this, packets are plain RTP, as every leg knows them; RTCP is made and read here.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::{Codec as Known, CodecConfig, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::Codec;
use crate::rtp::{HEADER_LEN, Packet};

/// Payload type that offers give to keys (RFC 4733).
const TELEPHONE_EVENT: u8 = 101;
/// What one input may lead to; more waits for the next.
const STEPS: usize = 64;
/// Packets and datagrams that wait to be taken.
const WAITING: usize = 256;

/// Why a secured leg cannot be made or go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The library refuses, with its reason.
    #[error(transparent)]
    Rtc(#[from] str0m::RtcError),
    /// The address cannot be a candidate.
    #[error(transparent)]
    Address(#[from] str0m::error::IceError),
    /// The text is no session description.
    #[error(transparent)]
    Description(#[from] str0m::error::SdpError),
    /// There is nothing to be answered.
    #[error("no offer waits for an answer")]
    NoOffer,
}

/// One browser's sound. No sockets and no clock: datagrams and time come in, datagrams and packets
/// are taken out.
pub(crate) struct Secured {
    rtc: Rtc,
    mid: Mid,
    /// The address that the offer names.
    own: SocketAddr,
    pending: Option<SdpPendingOffer>,
    /// Sequence number of the last packet out, with the rounds that it has made (RFC 3711 §3.3.1).
    last: Option<u64>,
    out: VecDeque<(SocketAddr, Vec<u8>)>,
    heard: VecDeque<Vec<u8>>,
}

impl std::fmt::Debug for Secured {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Secured").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Secured {
    /// A leg that is reached at this address, with its offer: one stream both ways in one of these
    /// codecs, the preferred first.
    pub(crate) fn new(
        own: SocketAddr,
        codecs: &[Codec],
        now: Instant,
    ) -> Result<(Self, String), Error> {
        let mut config = Rtc::builder().clear_codecs().set_rtp_mode(true).set_ice_lite(true);
        offer_codecs(config.codec_config(), codecs);
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(own, "udp")?);
        let mut changes = rtc.sdp_api();
        let mid = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = changes.apply().ok_or(Error::NoOffer)?;
        let (out, heard) = Default::default();
        let pending = Some(pending);
        let offer = offer.to_sdp_string();
        Ok((Self { rtc, mid, own, pending, last: None, out, heard }, offer))
    }

    /// Takes the answer to the offer.
    pub(crate) fn answer(&mut self, text: &str, now: Instant) -> Result<(), Error> {
        let pending = self.pending.take().ok_or(Error::NoOffer)?;
        // who is reached by looking for us needs no address, and what is not read does no harm
        let lines = text.lines().filter(|line| !line.starts_with("a=candidate:"));
        let text: String = lines.flat_map(|line| [line, "\r\n"]).collect();
        self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&text)?)?;
        self.drain();
        self.advance(Input::Timeout(now));
        Ok(())
    }

    /// Judges a datagram. What is not the other end's is dropped.
    pub(crate) fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Instant) {
        let Ok(received) = Receive::new(Protocol::Udp, from, self.own, datagram) else { return };
        let input = Input::Receive(now, received);
        if self.rtc.accepts(&input) {
            self.advance(input);
        }
    }

    /// Sends an RTP packet, once there is a way; before that it is lost, as sound may be.
    pub(crate) fn send(&mut self, packet: &[u8], now: Instant) {
        let Ok(Packet { header, payload }) = Packet::parse(packet) else { return };
        let number = extended(self.last, header.sequence);
        self.last = Some(number);
        if !self.rtc.is_connected() {
            return;
        }
        let Some(payload) = packet.get(payload) else { return };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(self.mid, None) else { return };
        let kind = header.payload_type.into();
        let write = RtpWrite::new(kind, number.into(), header.timestamp, now, payload);
        stream.write_rtp(write.marker(header.marker));
        self.drain();
        // it leaves when it is due, which is now
        self.advance(Input::Timeout(now));
    }

    /// Does what is due: called every 20 ms.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.advance(Input::Timeout(now));
    }

    /// A datagram that is to leave, and for where.
    pub(crate) fn outgoing(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.out.pop_front()
    }

    /// A plain RTP packet that came.
    pub(crate) fn heard(&mut self) -> Option<Vec<u8>> {
        self.heard.pop_front()
    }

    /// Nothing that comes in may end more than this leg.
    fn advance(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a browser's sound is given up");
            return self.rtc.disconnect();
        }
        self.drain();
    }

    /// The library wants this after each thing that is done with it.
    fn drain(&mut self) {
        for _ in 0..STEPS {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(_)) => return,
                Ok(Output::Transmit(it)) if self.out.len() < WAITING => {
                    self.out.push_back((it.destination, it.contents.to_vec()));
                }
                Ok(Output::Event(Event::RtpPacket(it))) if self.heard.len() < WAITING => {
                    self.heard.push_back(plain(&it));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "a browser's sound is given up");
                    return self.rtc.disconnect();
                }
            }
        }
    }
}

fn offer_codecs(config: &mut CodecConfig, codecs: &[Codec]) {
    for codec in codecs {
        match codec {
            Codec::Pcmu => config.enable_pcmu(true, false),
            Codec::Pcma => config.enable_pcma(true, false),
            Codec::G722 => config.enable_g722(true, false),
        }
    }
    let keys = FormatParams::parse_line("0-15");
    let rate = Frequency::EIGHT_KHZ;
    config.add_config(TELEPHONE_EVENT.into(), None, Known::Tele, rate, None, keys);
}

/// The packet as it would have come without encryption.
fn plain(packet: &RtpPacket) -> Vec<u8> {
    let it = &packet.header;
    let header = crate::rtp::Header {
        marker: it.marker,
        payload_type: *it.payload_type,
        sequence: it.sequence_number,
        timestamp: it.timestamp,
        ssrc: *it.ssrc,
    };
    let mut bytes = Vec::with_capacity(HEADER_LEN + packet.payload.len());
    bytes.extend_from_slice(&header.to_bytes());
    bytes.extend_from_slice(&packet.payload);
    bytes
}

/// The number of a packet with the rounds that its stream has made, nearest to the last one's.
fn extended(last: Option<u64>, number: u16) -> u64 {
    const ROUND: u64 = 1 << 16;
    let number = u64::from(number);
    let Some(last) = last else { return number };
    let same = last - last % ROUND + number;
    let behind = last.saturating_sub(same);
    match same.checked_sub(ROUND) {
        _ if behind > ROUND / 2 => same + ROUND,
        Some(before) if same.saturating_sub(last) > ROUND / 2 => before,
        _ => same,
    }
}

#[cfg(test)]
mod tests;
