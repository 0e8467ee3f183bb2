use super::*;

use std::time::Duration;

use crate::rtp::Header;

/// A browser: the same library with its whole ICE and the other role.
struct Far {
    rtc: Rtc,
    mid: Option<Mid>,
    at: SocketAddr,
    out: Vec<Vec<u8>>,
    heard: Vec<Vec<u8>>,
}

impl Far {
    fn new(offer: &str, at: SocketAddr, now: Instant) -> (Self, String) {
        let mut config = Rtc::builder().clear_codecs().set_rtp_mode(true);
        offer_codecs(config.codec_config(), &[Codec::Pcmu, Codec::Pcma]);
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(at, "udp").expect("an address"));
        let offer = str0m::change::SdpOffer::from_sdp_string(offer).expect("a description");
        let answer = rtc.sdp_api().accept_offer(offer).expect("an offer like a browser's");
        let mut far = Self { rtc, mid: None, at, out: Vec::new(), heard: Vec::new() };
        far.drain();
        (far, answer.to_sdp_string())
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().expect("no end") {
                Output::Timeout(_) => return,
                Output::Transmit(it) => self.out.push(it.contents.to_vec()),
                Output::Event(Event::RtpPacket(it)) => self.heard.push(plain(&it)),
                Output::Event(Event::MediaAdded(it)) => self.mid = Some(it.mid),
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) {
        let received = Receive::new(Protocol::Udp, from, self.at, datagram).expect("known");
        self.rtc.handle_input(Input::Receive(now, received)).expect("no end");
        self.drain();
    }

    fn tick(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).expect("no end");
        self.drain();
    }

    fn send(&mut self, number: u64, now: Instant) {
        let mid = self.mid.expect("the offer has sound");
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).expect("it sends");
        stream.write_rtp(RtpWrite::new(8.into(), number.into(), 160, now, [7_u8; 160]));
        self.drain();
    }
}

/// Two ends that hear each other.
fn connected() -> (Secured, Far, Instant) {
    let mut now = Instant::now();
    let (own, at) = (SocketAddr::from(([127, 0, 0, 1], 4_000)), "127.0.0.1:5000");
    let at: SocketAddr = at.parse().expect("an address");
    let (mut near, offer) = Secured::new(own, &[Codec::Pcma, Codec::Pcmu], now).expect("offered");
    assert!(offer.contains("a=ice-lite") && offer.contains("a=fingerprint:sha-256"), "{offer}");
    assert!(offer.contains("m=audio 9 UDP/TLS/RTP/SAVPF 8 0 101"), "{offer}");
    let (mut far, answer) = Far::new(&offer, at, now);
    near.answer(&answer, now).expect("an answer to it");
    for _ in 0..500 {
        if near.rtc.is_connected() && far.rtc.is_connected() {
            return (near, far, now);
        }
        exchange(&mut near, &mut far, now);
        now += Duration::from_millis(20);
        near.tick(now);
        far.tick(now);
    }
    unreachable!("they find each other within ten seconds of their clock")
}

/// Lets what was written leave.
fn pass(near: &mut Secured, far: &mut Far, now: &mut Instant) {
    *now += Duration::from_millis(20);
    near.tick(*now);
    far.tick(*now);
}

/// Carries datagrams both ways until there is none.
fn exchange(near: &mut Secured, far: &mut Far, now: Instant) {
    loop {
        let to_far: Vec<_> = std::iter::from_fn(|| near.outgoing()).collect();
        let to_near = std::mem::take(&mut far.out);
        if to_far.is_empty() && to_near.is_empty() {
            return;
        }
        for (to, datagram) in to_far {
            assert_eq!(to, far.at, "to nobody else");
            far.take(&datagram, near.own, now);
        }
        for datagram in to_near {
            near.receive(far.at, &datagram, now);
        }
    }
}

fn packet(sequence: u16) -> Vec<u8> {
    let header = Header { marker: false, payload_type: 8, sequence, timestamp: 320, ssrc: 1 };
    [header.to_bytes().as_slice(), &[0x55; 160]].concat()
}

#[test]
fn both_ends_hear_what_the_other_says() {
    let (mut near, mut far, mut now) = connected();
    far.send(1, now);
    near.send(&packet(65_535), now);
    near.send(&packet(0), now);
    pass(&mut near, &mut far, &mut now);
    exchange(&mut near, &mut far, now);
    let heard = near.heard().expect("a packet came");
    let Packet { header, payload } = Packet::parse(&heard).expect("a packet");
    assert_eq!((header.payload_type, header.sequence, header.timestamp), (8, 1, 160));
    assert!(heard[payload] == [7; 160]);
    assert_eq!(far.heard.len(), 2, "also when the numbers begin anew");
    assert_eq!(far.heard[1][HEADER_LEN..], [0x55; 160]);
}

#[test]
fn who_does_not_know_the_keys_is_not_heard_and_ends_nothing() {
    let (mut near, mut far, mut now) = connected();
    let stranger: SocketAddr = "192.0.2.9:9".parse().expect("an address");
    far.send(1, now);
    pass(&mut near, &mut far, &mut now);
    let mut sealed = far.out.pop().expect("it was sent");
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    for from in [far.at, stranger] {
        near.receive(from, &sealed, now);
        near.receive(from, &packet(1), now);
        near.receive(from, &[], now);
        // a request of STUN without a password, the beginning of a handshake, noise
        near.receive(
            from,
            &[[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42].as_slice(), &[3; 12]].concat(),
            now,
        );
        near.receive(from, &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], now);
        near.receive(from, &[0x80; 1_500], now);
    }
    assert_eq!(near.heard(), None);
    let told: Vec<_> = std::iter::from_fn(|| near.outgoing()).collect();
    assert!(told.iter().all(|(to, _)| *to != stranger), "a stranger is told nothing");
    far.send(2, now);
    pass(&mut near, &mut far, &mut now);
    exchange(&mut near, &mut far, now);
    assert!(near.heard().is_some(), "the browser is still heard");
}

#[test]
fn an_answer_that_is_none_is_refused_and_a_second_one_too() {
    let now = Instant::now();
    let own = SocketAddr::from(([127, 0, 0, 1], 4_000));
    let at: SocketAddr = "127.0.0.1:5000".parse().expect("an address");
    for wrong in ["", "v=0\r\n", "no description", "m=audio 9 UDP/TLS/RTP/SAVPF 8\r\n"] {
        let (mut near, _) = Secured::new(own, &[Codec::Pcma], now).expect("offered");
        assert!(near.answer(wrong, now).is_err(), "{wrong}");
    }
    let (mut near, offer) = Secured::new(own, &[Codec::Pcma], now).expect("offered");
    let (_, answer) = Far::new(&offer, at, now);
    let unsigned: Vec<&str> =
        answer.lines().filter(|line| !line.starts_with("a=fingerprint")).collect();
    assert!(near.answer(&unsigned.join("\r\n"), now).is_err(), "nobody could be known by it");
    let (mut near, offer) = Secured::new(own, &[Codec::Pcma], now).expect("offered");
    let (_, answer) = Far::new(&offer, at, now);
    near.answer(&answer, now).expect("an answer to it");
    assert!(matches!(near.answer(&answer, now), Err(Error::NoOffer)));
}

#[test]
fn numbers_are_counted_on_over_their_end_both_ways() {
    assert_eq!(extended(None, 9), 9);
    assert_eq!(extended(Some(65_535), 0), 65_536);
    assert_eq!(extended(Some(65_537), 65_535), 65_535);
    assert_eq!(extended(Some(131_071), 3), 131_075);
    assert_eq!(extended(Some(70_000), 4_465), 70_001);
    assert_eq!(extended(Some(3), 65_000), 65_000, "before the first there is nothing");
}
