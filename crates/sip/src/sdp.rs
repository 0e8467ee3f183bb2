//! Session descriptions of one audio stream: the text of RFC 8866 and the offer and answer of
//! RFC 3264, as far as a telephone needs them.
//!
//! Understood: PCMU, PCMA and G722 under their static payload types, `telephone-event/8000`
//! (RFC 4733), `ptime`, the four directions, and hold in both spellings (a direction, or the
//! address 0.0.0.0). Every other stream of an offer is refused with port 0, as RFC 3264 §6 asks.
//!
//! What a browser needs besides (RFC 8829: keys, candidates, how it is multiplexed) is the business
//! of whoever carries such sound, who writes the offer and reads the answer: [`Local::secured`].
//! Here such an offer is sent as it is, and read only for codecs and directions.
//!
//! No input panics; an input is read in time linear to its length, of which [`MAX_BYTES`] is the
//! limit.
//!
//! ```
//! use caruso_sip::sdp::{Codec, Local, Session};
//!
//! let phone = Local::new("192.0.2.10:4000".parse()?, &[Codec::Pcma, Codec::Pcmu]);
//! let offer = Session::offer(&phone, 1);
//! let server = Local::new("192.0.2.1:9000".parse()?, &[Codec::Pcmu]);
//! let (answer, server_sends) = Session::parse(offer.to_string().as_bytes())?.answer(&server, 2)?;
//! let phone_sends = offer.accept(&answer)?;
//! assert_eq!(server_sends.codec, Codec::Pcmu);
//! assert_eq!(phone_sends.remote, "192.0.2.1:9000".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

mod text;

#[cfg(test)]
mod tests;

/// Longest description read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// Most streams (`m=` lines) of one description.
pub const MAX_STREAMS: usize = 16;
/// Payload type that our own offers give to `telephone-event`.
pub const TELEPHONE_EVENT: u8 = 101;
/// Packet length that we offer and send, in milliseconds.
pub const PTIME_MS: u8 = 20;

/// A speech codec; all have a byte for each tick of an RTP clock of 8,000 a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// G.711 µ-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
    /// G.722, payload type 9. Its sound has 16,000 samples a second; its clock says 8,000, by an
    /// old mistake that stays (RFC 3551 §4.5.2).
    G722,
}

impl Codec {
    /// The static payload type (RFC 3551 §6).
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
        }
    }

    /// The codec with this static payload type.
    pub fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            9 => Some(Self::G722),
            _ => None,
        }
    }

    /// The encoding name of `a=rtpmap`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
        }
    }
}

/// Which way audio flows, seen from the side that says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways; what a description without a direction means.
    #[default]
    SendRecv,
    /// The speaker of the description only sends: it holds the other side.
    SendOnly,
    /// The speaker of the description only listens.
    RecvOnly,
    /// No audio at all.
    Inactive,
}

impl Direction {
    fn from_parts(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether the speaker of the description sends.
    pub fn is_sending(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the speaker of the description listens.
    pub fn is_receiving(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same flow, seen from the other side.
    pub fn mirrored(self) -> Self {
        Self::from_parts(self.is_receiving(), self.is_sending())
    }
}

/// What we have to offer: our RTP address and the codecs, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where we listen for RTP.
    pub address: SocketAddr,
    /// The codecs we speak, in order of preference.
    pub codecs: Vec<Codec>,
    /// What is offered in place of that.
    written: Option<Arc<Session>>,
}

impl Local {
    /// `codecs` in order of preference.
    pub fn new(address: SocketAddr, codecs: &[Codec]) -> Self {
        Self { address, codecs: codecs.to_vec(), written: None }
    }

    /// Encrypted sound for a browser (`UDP/TLS/RTP/SAVPF`), offered in these words. Offers cannot
    /// be answered with it.
    ///
    /// # Errors
    /// [`Error`] when the text is no description, or has no such stream.
    pub fn secured(text: String) -> Result<Self, Error> {
        let mut session = Session::parse_secured(text.as_bytes())?;
        let audio = session.audio().ok_or(Error::NotAcceptable("no encrypted audio stream"))?;
        let (address, codecs) = (audio.address, audio.codecs.clone());
        session.written = Some(text.into());
        Ok(Self { address, codecs, written: Some(Arc::new(session)) })
    }

    /// Whether it is one for a browser.
    pub fn is_secured(&self) -> bool {
        self.written.is_some()
    }
}

/// The audio stream of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// Where its speaker listens.
    pub address: SocketAddr,
    /// The codecs we know among those named, in the order named.
    pub codecs: Vec<Codec>,
    /// Payload type of `telephone-event/8000`, if named.
    pub telephone_event: Option<u8>,
    /// Packet length asked for, in milliseconds.
    pub ptime_ms: Option<u8>,
    /// As the description says, with 0.0.0.0 read as "do not send to me".
    pub direction: Direction,
}

/// A stream that is not ours to use, kept so that an answer can refuse it in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    /// `video 0 RTP/AVP 96`: the `m=` line with port 0.
    line: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stream {
    Audio(Audio),
    Refused(Refused),
}

/// A whole description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: u64,
    version: u64,
    streams: Vec<Stream>,
    /// The words of somebody else.
    written: Option<Arc<str>>,
}

/// What both sides agreed on, seen from our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Where we send audio. The address 0.0.0.0 of an old-style hold is kept here; `direction`
    /// says that nothing is sent.
    pub remote: SocketAddr,
    /// The codec to send and to expect.
    pub codec: Codec,
    /// Payload type under which we send keys, if the peer takes them so.
    pub telephone_event: Option<u8>,
    /// Which way audio flows, seen from us: on hold by the peer this is `RecvOnly` or `Inactive`.
    pub direction: Direction,
}

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a description: answered with 400.
    #[error("session description is not readable: {0}")]
    Malformed(&'static str),
    /// A description, but without anything we can speak: answered with 488.
    #[error("no common audio stream: {0}")]
    NotAcceptable(&'static str),
}

impl Session {
    /// Reads a description.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place in words.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        text::parse(bytes, text::Kind::Plain)
    }

    /// The same of a description whose sound is encrypted as browsers do it; any other stream
    /// counts as refused.
    pub(crate) fn parse_secured(bytes: &[u8]) -> Result<Self, Error> {
        text::parse(bytes, text::Kind::Secured)
    }

    /// Reads the answer to this offer.
    pub(crate) fn parse_answer(&self, bytes: &[u8]) -> Result<Self, Error> {
        if self.is_written() { Self::parse_secured(bytes) } else { Self::parse(bytes) }
    }

    /// Whether it is offered in somebody else's words, to whom the answer is to be shown.
    pub(crate) fn is_written(&self) -> bool {
        self.written.is_some()
    }

    /// Our offer. `id` distinguishes our descriptions; any number will do.
    pub fn offer(local: &Local, id: u64) -> Self {
        if let Some(session) = &local.written {
            return Self::clone(session);
        }
        let audio = Audio {
            address: local.address,
            codecs: local.codecs.clone(),
            telephone_event: Some(TELEPHONE_EVENT),
            ptime_ms: Some(PTIME_MS),
            direction: Direction::SendRecv,
        };
        Self { id, version: 1, streams: vec![Stream::Audio(audio)], written: None }
    }

    /// The first audio stream that is not refused.
    pub fn audio(&self) -> Option<&Audio> {
        self.streams.iter().find_map(|stream| match stream {
            Stream::Audio(audio) => Some(audio),
            Stream::Refused(_) => None,
        })
    }

    /// Our answer to this offer. Of the codecs both know, ours is the order that counts, so that
    /// two bridged legs can be given the same one.
    ///
    /// # Errors
    /// [`Error::NotAcceptable`] when no stream or no codec is common.
    pub fn answer(&self, local: &Local, id: u64) -> Result<(Self, Negotiated), Error> {
        if local.written.is_some() {
            return Err(Error::NotAcceptable("encrypted sound is offered by us alone"));
        }
        let offered = self.audio().ok_or(Error::NotAcceptable("no audio stream"))?;
        let codec = local.codecs.iter().copied().find(|codec| offered.codecs.contains(codec));
        let codec = codec.ok_or(Error::NotAcceptable("no common codec"))?;
        let direction = offered.direction.mirrored();
        let mut taken = false;
        let streams = self.streams.iter().map(|stream| match stream {
            Stream::Audio(audio) if !taken => {
                taken = true;
                Stream::Audio(Audio {
                    address: local.address,
                    codecs: vec![codec],
                    telephone_event: audio.telephone_event,
                    ptime_ms: Some(PTIME_MS),
                    direction,
                })
            }
            Stream::Audio(audio) => Stream::Refused(audio.refused()),
            Stream::Refused(refused) => Stream::Refused(refused.clone()),
        });
        let answer = Self { id, version: 1, streams: streams.collect(), written: None };
        let agreed = Negotiated {
            remote: offered.address,
            codec,
            telephone_event: offered.telephone_event,
            direction,
        };
        Ok((answer, agreed))
    }

    /// What the answer to this offer of ours means.
    ///
    /// # Errors
    /// [`Error::NotAcceptable`] when the answer refuses the stream or names no codec of the offer.
    pub fn accept(&self, answer: &Self) -> Result<Negotiated, Error> {
        let offered = self.audio().ok_or(Error::NotAcceptable("no audio stream"))?;
        let answered = answer.audio().ok_or(Error::NotAcceptable("audio stream refused"))?;
        let codec = answered.codecs.iter().copied().find(|codec| offered.codecs.contains(codec));
        let codec = codec.ok_or(Error::NotAcceptable("no common codec"))?;
        let peer = answered.direction;
        let direction = Direction::from_parts(
            offered.direction.is_sending() && peer.is_receiving(),
            offered.direction.is_receiving() && peer.is_sending(),
        );
        let telephone_event = offered.telephone_event.and(answered.telephone_event);
        Ok(Negotiated { remote: answered.address, codec, telephone_event, direction })
    }

    /// The same description under the next version number, for another round in one dialog.
    pub(crate) fn succeeding(mut self, id: u64, version: u64) -> Self {
        self.id = id;
        self.version = version;
        self
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Whether both say the same apart from their version numbers.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.streams == other.streams
    }
}

impl Audio {
    fn refused(&self) -> Refused {
        let formats: Vec<String> =
            self.codecs.iter().map(|codec| codec.payload_type().to_string()).collect();
        let formats = if formats.is_empty() { "0".to_owned() } else { formats.join(" ") };
        Refused { line: format!("audio 0 RTP/AVP {formats}") }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.written {
            return out.write_str(text);
        }
        let ip = self.audio().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.address.ip());
        let family = if ip.is_ipv6() { "IP6" } else { "IP4" };
        write!(out, "v=0\r\no=- {} {} IN {family} {ip}\r\ns=-\r\n", self.id, self.version)?;
        write!(out, "c=IN {family} {ip}\r\nt=0 0\r\n")?;
        for stream in &self.streams {
            match stream {
                Stream::Audio(audio) => text::write_audio(out, audio)?,
                Stream::Refused(refused) => write!(out, "m={}\r\n", refused.line)?,
            }
        }
        Ok(())
    }
}
