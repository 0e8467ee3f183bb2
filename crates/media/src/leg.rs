//! One leg: what arrives is judged and handed on, what is due is sent. No sockets and no clock;
//! time is an input, packets leave through [`Wire`].

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use crate::g722;
use crate::latch::Latch;
use crate::mix::Part;
use crate::outgoing::Outgoing;
use crate::play::Playing;
use crate::reception::Reception;
use crate::rtcp::{Incoming, Report, Sent};
use crate::rtp::{HEADER_LEN, Header, Packet};
use crate::tap::{FRAME_SAMPLES, TapEnd};
use crate::telephone_event::{self, Decoder, Presses};
use crate::time::ntp;
use crate::{Codec, Event, LegId, Refusal, Remote, Statistics};

/// Time between two RTCP packets of a leg (RFC 3550 §6.2). The first comes after a random part.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);
/// Comfort noise (RFC 3389): understood as a sign of life, not handed on.
const COMFORT_NOISE: u8 = 13;

/// How packets leave. Sending never waits: what the socket does not take is lost.
pub(crate) trait Wire {
    /// Sends an RTP packet; whether the socket took it.
    fn send_rtp(&self, to: SocketAddr, packet: &[u8]) -> bool;
    /// Sends an RTCP packet.
    fn send_rtcp(&self, to: SocketAddr, packet: &[u8]);
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Audio(Codec),
    Key,
    Noise,
}

/// A received packet on its way to the connected leg.
#[derive(Debug)]
pub(crate) struct Passing {
    pub(crate) to: LegId,
    header: Header,
    payload: Range<usize>,
    content: Content,
    /// What G.722 says, for a leg that has another codec; of others the payload tells.
    samples: Vec<i16>,
}

/// Random beginnings of a leg and the wall clock at the node's start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    pub(crate) random: [u64; 2],
    /// NTP time at time zero.
    pub(crate) ntp: u64,
}

/// What plays, what was agreed and what was counted for one leg.
#[derive(Debug)]
pub(crate) struct Leg<W> {
    id: LegId,
    pub(crate) wire: W,
    pub(crate) peer: Option<LegId>,
    /// Never beside a peer.
    pub(crate) part: Option<Part>,
    pub(crate) play: Option<Playing>,
    pub(crate) tap: Option<TapEnd>,
    far: Option<Far>,
    presses: Presses,
    decoder: Decoder,
    /// Of G.722, both ways.
    ear: g722::Decoder,
    pen: g722::Encoder,
    outgoing: Outgoing,
    reception: Reception,
    control: Control,
    invalid: u64,
    foreign: u64,
    unsent: u64,
}

/// The far side, once it is known.
#[derive(Debug)]
struct Far {
    agreed: Remote,
    latch: Latch,
    hearing: Hearing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    /// Waiting for the first packet since then.
    Since(Duration),
    /// The last packet came then.
    Last(Duration),
    /// The silence was told.
    Silent,
}

/// What the reports of a leg need.
#[derive(Debug)]
struct Control {
    ntp: u64,
    cname: String,
    due: Duration,
    sent_then: u64,
    sender_report: Option<(u32, Duration)>,
    remote_lost: Option<u32>,
    round_trip_us: Option<u32>,
}

impl<W: Wire> Leg<W> {
    pub(crate) fn new(id: LegId, wire: W, seed: Seed, now: Duration) -> Self {
        let [stream, name] = seed.random;
        let phase = Duration::from_millis(name % 5_000);
        Self {
            id,
            wire,
            peer: None,
            part: None,
            play: None,
            tap: None,
            far: None,
            presses: Presses::default(),
            decoder: Decoder::default(),
            ear: g722::Decoder::default(),
            pen: g722::Encoder::default(),
            outgoing: Outgoing::new((stream >> 32) as u32, stream as u16, name as u32),
            reception: Reception::default(),
            control: Control {
                ntp: seed.ntp,
                cname: format!("{name:016x}"),
                due: now + phase,
                sent_then: 0,
                sender_report: None,
                remote_lost: None,
                round_trip_us: None,
            },
            invalid: 0,
            foreign: 0,
            unsent: 0,
        }
    }

    /// Takes what was agreed. A new address or a new wish to hear starts listening anew.
    pub(crate) fn agree(&mut self, agreed: Remote, now: Duration) {
        match &mut self.far {
            Some(far) if far.latch.negotiated() == agreed.address => {
                if agreed.is_receiving && !far.agreed.is_receiving {
                    far.hearing = Hearing::Since(now);
                }
                far.agreed = agreed;
            }
            _ => {
                let latch = Latch::new(agreed.address);
                self.far = Some(Far { agreed, latch, hearing: Hearing::Since(now) });
            }
        }
    }

    /// Queues a key towards the far side.
    pub(crate) fn press(&mut self, key: char) -> Result<(), Refusal> {
        let code = telephone_event::code_of(key).ok_or(Refusal::NotAKey)?;
        let agreed = self.far.as_ref().and_then(|far| far.agreed.telephone_event);
        agreed.ok_or(Refusal::NoTelephoneEvent)?;
        let limit = telephone_event::MAX_WAITING;
        if self.presses.push(code) { Ok(()) } else { Err(Refusal::KeyLimit { limit }) }
    }

    /// Judges a datagram of the RTP port; gives what the connected leg shall have of it.
    pub(crate) fn receive(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        now: Duration,
        events: &mut Vec<Event>,
    ) -> Option<Passing> {
        let Some((packet, content)) = self.judge(datagram) else {
            self.invalid += 1;
            return None;
        };
        let far = self.far.as_mut().filter(|far| far.agreed.is_receiving)?;
        if !far.latch.accepts(from, now) {
            self.foreign += 1;
            return None;
        }
        if !matches!(far.hearing, Hearing::Last(_)) {
            events.push(Event::FirstPacket { leg: self.id });
        }
        far.hearing = Hearing::Last(now);
        let Packet { header, payload } = packet;
        let bytes = &datagram[payload.clone()];
        self.reception.record(&header, matches!(content, Content::Audio(_)), now);
        let mut samples = Vec::new();
        match content {
            Content::Key => {
                if let Some(key) = self.decoder.receive(&header, bytes) {
                    events.push(Event::Key { leg: self.id, key });
                }
            }
            Content::Audio(codec) => match codec.law() {
                Some(law) => self.hear(bytes.iter().map(|&code| law.decode(code))),
                None => {
                    samples = self.ear.decode(bytes);
                    self.hear(samples.iter().copied());
                }
            },
            Content::Noise => {}
        }
        self.peer.map(|to| Passing { to, header, payload, content, samples })
    }

    /// What the far side says is heard in the mix and by the tap.
    fn hear(&mut self, samples: impl Iterator<Item = i16> + Clone) {
        if let Some(part) = &mut self.part {
            part.say(samples.clone());
        }
        if let Some(tap) = &mut self.tap {
            tap.give(samples);
        }
    }

    fn judge(&self, datagram: &[u8]) -> Option<(Packet, Content)> {
        let far = self.far.as_ref()?;
        let packet = Packet::parse(datagram).ok()?;
        let payload_type = packet.header.payload_type;
        let content = if far.agreed.telephone_event == Some(payload_type) {
            Content::Key
        } else if payload_type == COMFORT_NOISE {
            Content::Noise
        } else {
            Content::Audio(Codec::from_payload_type(payload_type)?)
        };
        Some((packet, content))
    }

    /// Sends a packet of the connected leg, rewritten in place. Prompts and keys go before it.
    pub(crate) fn forward(&mut self, passing: Passing, datagram: &mut [u8], now: Duration) {
        let Some((agreed, to)) = self.sending() else { return };
        if self.play.is_some() || self.presses.is_busy() {
            return;
        }
        let Passing { header, payload, content, samples, .. } = passing;
        let octets = payload.len() as u32;
        let (payload_type, span) = match (content, agreed.telephone_event) {
            (Content::Audio(codec), _) => {
                self.cross((codec, agreed.codec), &samples, &mut datagram[payload.clone()]);
                (agreed.codec.payload_type(), octets)
            }
            (Content::Key, Some(payload_type)) => {
                (payload_type, telephone_event::duration(&datagram[payload.clone()]))
            }
            (Content::Key, None) | (Content::Noise, _) => {
                self.outgoing.skip(&header, now);
                return;
            }
        };
        let Some(header) = self.outgoing.relay(&header, payload_type, (span, octets), now) else {
            return;
        };
        // the payload is preceded by at least the header that was read
        let start = payload.start - HEADER_LEN;
        datagram[start..payload.start].copy_from_slice(&header.to_bytes());
        self.send(to, &datagram[start..payload.end]);
    }

    /// What is due every 20 ms: a packet of whatever feeds the leg, silence, reports.
    pub(crate) fn tick(&mut self, now: Duration, silence: Duration, events: &mut Vec<Event>) {
        self.watch(now, silence, events);
        self.report(now, false);
        let Some((agreed, to)) = self.sending() else { return };
        if let Some(payload_type) = agreed.telephone_event
            && let Some(press) = self.presses.next()
        {
            let mut packet = [0; HEADER_LEN + 4];
            let header = self.outgoing.key(press.is_first, payload_type, now);
            packet[..HEADER_LEN].copy_from_slice(&header.to_bytes());
            packet[HEADER_LEN..].copy_from_slice(&press.payload);
            self.send(to, &packet);
            return;
        }
        if self.play.is_none() && self.peer.is_some() {
            return;
        }
        let mut packet = [0; HEADER_LEN + FRAME_SAMPLES];
        let is_over = self.fill(agreed.codec, &mut packet[HEADER_LEN..]);
        let header = self.outgoing.frame(agreed.codec.payload_type(), now);
        packet[..HEADER_LEN].copy_from_slice(&header.to_bytes());
        self.send(to, &packet);
        if is_over && let Some(play) = self.play.take() {
            events.push(Event::Played { leg: self.id, play: play.id });
        }
    }

    /// Rewrites code words of one codec as those of another, in place; all have a byte a sample.
    fn cross(&mut self, (from, to): (Codec, Codec), samples: &[i16], codes: &mut [u8]) {
        match (from.law(), to.law()) {
            (Some(from), Some(to)) => from.transcode(to, codes),
            (None, Some(to)) => {
                codes.iter_mut().zip(samples).for_each(|(code, it)| *code = to.encode(*it));
            }
            (Some(from), None) => {
                let samples: Vec<i16> = codes.iter().map(|&code| from.decode(code)).collect();
                self.pen.encode(&samples, codes);
            }
            (None, None) => {}
        }
    }

    /// Writes 20 ms of audio; whether the play ends with it.
    fn fill(&mut self, codec: Codec, payload: &mut [u8]) -> bool {
        if let (Some(play), Some(law)) = (&mut self.play, codec.law()) {
            return play.fill(law, payload);
        }
        let mut frame = [0; FRAME_SAMPLES];
        let is_over = match &mut self.play {
            Some(play) => play.read(&mut frame),
            None => {
                let mixed = self.part.as_ref().map(|part| part.heard);
                let said = mixed.or_else(|| self.tap.as_mut().and_then(TapEnd::take));
                frame = said.unwrap_or(frame);
                false
            }
        };
        match codec.law() {
            Some(law) => {
                payload.iter_mut().zip(frame).for_each(|(code, sample)| *code = law.encode(sample));
            }
            None => self.pen.encode(&frame, payload),
        }
        is_over
    }

    fn watch(&mut self, now: Duration, silence: Duration, events: &mut Vec<Event>) {
        let Some(far) = self.far.as_mut().filter(|far| far.agreed.is_receiving) else { return };
        let (Hearing::Since(then) | Hearing::Last(then)) = far.hearing else { return };
        if now.saturating_sub(then) >= silence {
            far.hearing = Hearing::Silent;
            events.push(Event::Silent { leg: self.id });
        }
    }

    fn sending(&self) -> Option<(Remote, SocketAddr)> {
        let far = self.far.as_ref().filter(|far| far.agreed.is_sending)?;
        Some((far.agreed, far.latch.rtp()?))
    }

    fn send(&mut self, to: SocketAddr, packet: &[u8]) {
        if !self.wire.send_rtp(to, packet) {
            self.unsent += 1;
        }
    }

    /// Takes a datagram of the RTCP port.
    pub(crate) fn receive_control(&mut self, from: SocketAddr, datagram: &[u8], now: Duration) {
        let Some(far) = &mut self.far else { return };
        if !far.latch.accepts_control(from) {
            self.foreign += 1;
            return;
        }
        let incoming = Incoming::parse(datagram, self.outgoing.ssrc());
        if let Some(middle) = incoming.sender_report {
            self.control.sender_report = Some((middle, now));
        }
        if let Some(block) = incoming.about_us {
            self.control.remote_lost = Some(block.lost);
            if block.last_report != 0 {
                // RFC 3550 §6.4.1: arrival minus departure minus the time at the far side
                let arrival = (self.control.ntp.wrapping_add(ntp(now)) >> 16) as u32;
                let trip = arrival.wrapping_sub(block.last_report).wrapping_sub(block.delay);
                let trip_us = (u64::from(trip) * 1_000_000) >> 16;
                // the far side's rounding can make it a little negative
                let is_plausible = trip < 1 << 31;
                self.control.round_trip_us = is_plausible.then_some(trip_us as u32);
            }
        }
    }

    fn report(&mut self, now: Duration, is_goodbye: bool) {
        if now < self.control.due && !is_goodbye {
            return;
        }
        self.control.due = now + REPORT_INTERVAL;
        let Some(to) = self.far.as_ref().and_then(|far| far.latch.rtcp()) else { return };
        let packets = self.outgoing.packets();
        let sent = (packets > self.control.sent_then).then(|| Sent {
            ntp: self.control.ntp.wrapping_add(ntp(now)),
            timestamp: self.outgoing.timestamp_at(now),
            packets: packets as u32,
            octets: self.outgoing.octets(),
        });
        self.control.sent_then = packets;
        let mut block = self.reception.block();
        if let (Some(block), Some((middle, at))) = (&mut block, self.control.sender_report) {
            block.last_report = middle;
            block.delay = (ntp(now.saturating_sub(at)) >> 16) as u32;
        }
        let (ssrc, cname) = (self.outgoing.ssrc(), &*self.control.cname);
        let report = Report { ssrc, sent, block, cname, is_goodbye };
        self.wire.send_rtcp(to, &report.to_bytes());
    }

    /// Says goodbye; gives the sockets back and what was counted.
    pub(crate) fn close(mut self, now: Duration) -> (W, Statistics) {
        if self.outgoing.packets() > 0 {
            self.report(now, true);
        }
        let statistics = Statistics {
            packets_received: self.reception.received(),
            packets_lost: self.reception.lost(),
            jitter_us: self.reception.jitter_us(),
            packets_invalid: self.invalid,
            packets_foreign: self.foreign,
            packets_sent: self.outgoing.packets() - self.unsent,
            packets_unsent: self.unsent,
            remote_packets_lost: self.control.remote_lost,
            round_trip_us: self.control.round_trip_us,
        };
        (self.wire, statistics)
    }
}
