//! Reading and writing the lines of a description.

use super::{Audio, Codec, Direction, Error, MAX_BYTES, MAX_STREAMS, Refused, Session, Stream};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// What the lines before the first `m=` say for all streams.
#[derive(Default)]
struct Defaults {
    ip: Option<IpAddr>,
    direction: Direction,
}

/// One `m=` line with the lines below it, before it is judged.
struct Draft<'a> {
    line: &'a str,
    ip: Option<IpAddr>,
    direction: Direction,
    ptime_ms: Option<u8>,
    /// Payload types that an `a=rtpmap` names, with the name.
    maps: Vec<(u8, &'a str)>,
}

/// Which streams of sound are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Those of telephones.
    Plain,
    /// Those of browsers (RFC 8827 §6.5).
    Secured,
}

impl Kind {
    fn protocol(self) -> &'static str {
        match self {
            Self::Plain => "RTP/AVP",
            Self::Secured => "UDP/TLS/RTP/SAVPF",
        }
    }
}

pub(super) fn parse(bytes: &[u8], kind: Kind) -> Result<Session, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::Malformed("longer than allowed"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Malformed("not UTF-8"))?;
    let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    if lines.next() != Some("v=0") {
        return Err(Error::Malformed("does not begin with v=0"));
    }
    let mut origin = None;
    let mut defaults = Defaults::default();
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    for line in lines {
        let (kind, value) = line.split_once('=').ok_or(Error::Malformed("line without ="))?;
        let is_full = drafts.len() == MAX_STREAMS;
        match (kind, drafts.last_mut()) {
            ("m", _) if is_full => return Err(Error::Malformed("too many streams")),
            ("m", _) => drafts.push(Draft {
                line: value,
                ip: defaults.ip,
                direction: defaults.direction,
                ptime_ms: None,
                maps: Vec::new(),
            }),
            ("o", None) => origin = Some(parse_origin(value)?),
            ("c", None) => defaults.ip = Some(parse_connection(value)?),
            ("c", Some(draft)) => draft.ip = Some(parse_connection(value)?),
            ("a", None) => {
                if let Some(direction) = direction(value) {
                    defaults.direction = direction;
                }
            }
            ("a", Some(draft)) => draft.read_attribute(value)?,
            _ => {}
        }
    }
    let (id, version) = origin.ok_or(Error::Malformed("no o= line"))?;
    let streams = drafts.iter().map(|draft| draft.judge(kind)).collect::<Result<_, _>>()?;
    Ok(Session { id, version, streams, written: None })
}

/// `- 2890844526 2890842807 IN IP4 192.0.2.1`. Numbers that do not fit are read as 0: they are
/// the peer's and never sent back.
fn parse_origin(value: &str) -> Result<(u64, u64), Error> {
    let mut words = value.split_ascii_whitespace().skip(1);
    let id = words.next().ok_or(Error::Malformed("o= line is short"))?;
    let version = words.next().ok_or(Error::Malformed("o= line is short"))?;
    Ok((id.parse().unwrap_or(0), version.parse().unwrap_or(0)))
}

/// `IN IP4 192.0.2.1`, possibly with `/ttl`.
fn parse_connection(value: &str) -> Result<IpAddr, Error> {
    let mut words = value.split_ascii_whitespace();
    if words.next() != Some("IN") || !matches!(words.next(), Some("IP4" | "IP6")) {
        return Err(Error::Malformed("c= line is not IN IP4 or IN IP6"));
    }
    let address = words.next().ok_or(Error::Malformed("c= line is short"))?;
    let address = address.split('/').next().unwrap_or(address);
    address.parse().map_err(|_| Error::Malformed("c= line without an IP address"))
}

fn direction(attribute: &str) -> Option<Direction> {
    Some(match attribute {
        "sendrecv" => Direction::SendRecv,
        "sendonly" => Direction::SendOnly,
        "recvonly" => Direction::RecvOnly,
        "inactive" => Direction::Inactive,
        _ => return None,
    })
}

impl<'a> Draft<'a> {
    fn read_attribute(&mut self, value: &'a str) -> Result<(), Error> {
        if let Some(direction) = direction(value) {
            self.direction = direction;
        } else if let Some(map) = value.strip_prefix("rtpmap:") {
            let (payload, name) =
                map.split_once(' ').ok_or(Error::Malformed("rtpmap without a name"))?;
            let payload =
                payload.parse().map_err(|_| Error::Malformed("rtpmap without a number"))?;
            if self.maps.len() < 128 {
                self.maps.push((payload, name.trim()));
            }
        } else if let Some(ptime) = value.strip_prefix("ptime:") {
            self.ptime_ms = ptime.trim().parse().ok();
        }
        Ok(())
    }

    fn judge(&self, kind: Kind) -> Result<Stream, Error> {
        let mut words = self.line.split_ascii_whitespace();
        let media = words.next().ok_or(Error::Malformed("m= line is short"))?;
        let port = words.next().ok_or(Error::Malformed("m= line is short"))?;
        let protocol = words.next().ok_or(Error::Malformed("m= line is short"))?;
        let formats: Vec<&str> = words.collect();
        let port = port.split('/').next().unwrap_or(port);
        let port: u16 = port.parse().map_err(|_| Error::Malformed("m= line without a port"))?;
        if media != "audio" || protocol != kind.protocol() || formats.is_empty() || port == 0 {
            let formats = if formats.is_empty() { "0".to_owned() } else { formats.join(" ") };
            let line = format!("{media} 0 {protocol} {formats}");
            return Ok(Stream::Refused(Refused { line }));
        }
        let ip = self.ip.ok_or(Error::Malformed("no c= line"))?;
        let mut codecs = Vec::new();
        let mut telephone_event = None;
        for payload in formats.iter().filter_map(|format| format.parse::<u8>().ok()) {
            match self.meaning(payload) {
                Some(Meaning::Speech(codec)) if !codecs.contains(&codec) => codecs.push(codec),
                Some(Meaning::TelephoneEvent) if telephone_event.is_none() => {
                    telephone_event = Some(payload);
                }
                _ => {}
            }
        }
        // a browser names no address until it has one, and then by its candidates
        let direction = if ip.is_unspecified() && kind == Kind::Plain {
            Direction::from_parts(self.direction.is_sending(), false)
        } else {
            self.direction
        };
        let address = SocketAddr::new(ip, port);
        let ptime_ms = self.ptime_ms;
        Ok(Stream::Audio(Audio { address, codecs, telephone_event, ptime_ms, direction }))
    }

    /// A payload type without `rtpmap` has its static meaning (RFC 3551 §6).
    fn meaning(&self, payload: u8) -> Option<Meaning> {
        let fixed = Codec::from_payload_type(payload);
        let Some((_, name)) = self.maps.iter().find(|(mapped, _)| *mapped == payload) else {
            return fixed.map(Meaning::Speech);
        };
        let mut parts = name.split('/');
        let (encoding, clock) = (parts.next()?, parts.next()?);
        if clock != "8000" || payload > 127 {
            return None;
        }
        if encoding.eq_ignore_ascii_case("telephone-event") {
            return Some(Meaning::TelephoneEvent);
        }
        fixed.filter(|codec| codec.name().eq_ignore_ascii_case(encoding)).map(Meaning::Speech)
    }
}

enum Meaning {
    Speech(Codec),
    TelephoneEvent,
}

pub(super) fn write_audio(out: &mut fmt::Formatter<'_>, audio: &Audio) -> fmt::Result {
    write!(out, "m=audio {} RTP/AVP", audio.address.port())?;
    for codec in &audio.codecs {
        write!(out, " {}", codec.payload_type())?;
    }
    if let Some(payload) = audio.telephone_event {
        write!(out, " {payload}")?;
    }
    out.write_str("\r\n")?;
    for codec in &audio.codecs {
        write!(out, "a=rtpmap:{} {}/8000\r\n", codec.payload_type(), codec.name())?;
    }
    if let Some(payload) = audio.telephone_event {
        write!(out, "a=rtpmap:{payload} telephone-event/8000\r\na=fmtp:{payload} 0-15\r\n")?;
    }
    if let Some(ptime) = audio.ptime_ms {
        write!(out, "a=ptime:{ptime}\r\n")?;
    }
    let direction = match audio.direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    };
    write!(out, "a={direction}\r\n")
}
