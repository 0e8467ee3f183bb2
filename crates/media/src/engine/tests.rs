//! The engine without sockets: packets are lists, time is a number.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::g711::Law;
use crate::rtp::{Header, Packet};
use crate::{Codec, Remote, wav};

mod g722;

const A: LegId = LegId(1);
const B: LegId = LegId(2);
const C: LegId = LegId(3);

type Sent = Vec<(SocketAddr, Vec<u8>)>;

/// What one leg sent.
#[derive(Clone, Debug, Default)]
struct Recorder {
    rtp: Rc<RefCell<Sent>>,
    rtcp: Rc<RefCell<Vec<Vec<u8>>>>,
}

impl Wire for Recorder {
    fn send_rtp(&self, to: SocketAddr, packet: &[u8]) -> bool {
        self.rtp.borrow_mut().push((to, packet.to_vec()));
        true
    }

    fn send_rtcp(&self, _: SocketAddr, packet: &[u8]) {
        self.rtcp.borrow_mut().push(packet.to_vec());
    }
}

struct Bench {
    engine: Engine<Recorder>,
    wires: HashMap<LegId, Recorder>,
    now: Duration,
}

fn far(leg: LegId) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, leg.0 as u8], 4_000))
}

fn remote(leg: LegId, codec: Codec, telephone_event: Option<u8>) -> Remote {
    let address = far(leg);
    Remote { address, codec, telephone_event, is_sending: true, is_receiving: true }
}

impl Bench {
    /// Two legs without a far side.
    fn new() -> Self {
        let files = [("ten", vec![924; 1_600]), ("music", vec![-924; 160])];
        let files = files.map(|(id, samples)| (id, wav::write(&samples).expect("small")));
        let prompts = Prompts::read(files).expect("telephone audio");
        let limits = Limits { legs: 3, prompts_per_play: 2, silence: Duration::from_secs(10) };
        let mut engine = Engine::new(limits, prompts);
        let mut wires = HashMap::new();
        for leg in [A, B, C] {
            let wire = Recorder::default();
            let seed = Seed { random: [leg.0 << 32 | 65_500, 4_000], ntp: 0x1111_2222_3333_4444 };
            engine.open(leg, wire.clone(), seed, Duration::ZERO);
            wires.insert(leg, wire);
        }
        Self { engine, wires, now: Duration::ZERO }
    }

    /// Two legs, each with a far side.
    fn agreed(a: (Codec, Option<u8>), b: (Codec, Option<u8>)) -> Self {
        let mut bench = Self::new();
        for (leg, (codec, telephone_event)) in [(A, a), (B, b)] {
            bench.command(Command::Remote { leg, remote: remote(leg, codec, telephone_event) });
        }
        bench
    }

    fn plain() -> Self {
        Self::agreed((Codec::Pcmu, Some(101)), (Codec::Pcmu, Some(101)))
    }

    fn command(&mut self, command: Command) {
        self.engine.command(command, self.now);
    }

    fn play(&mut self, leg: LegId, prompt: &str, repeats: bool) {
        let sounds = vec![Sound::Prompt(prompt.into())];
        self.command(Command::Play { leg, play: PlayId(7), sounds, repeats });
    }

    fn tick(&mut self, times: usize) {
        for _ in 0..times {
            self.engine.tick(self.now);
            self.now += Duration::from_millis(20);
        }
    }

    /// A packet of a leg's far side.
    fn arrive(&mut self, leg: LegId, header: (u8, u16, u32), payload: &[u8]) {
        self.arrive_from(far(leg), leg, header, payload);
    }

    fn arrive_from(
        &mut self,
        from: SocketAddr,
        leg: LegId,
        (payload_type, sequence, timestamp): (u8, u16, u32),
        payload: &[u8],
    ) {
        let header = Header { marker: false, payload_type, sequence, timestamp, ssrc: 99 };
        let mut datagram = header.to_bytes().to_vec();
        datagram.extend_from_slice(payload);
        self.engine.receive(leg, from, &mut datagram, self.now);
    }

    /// What a leg sent since the last look.
    fn sent(&mut self, leg: LegId) -> Vec<(Header, Vec<u8>)> {
        let taken = self.wires[&leg].rtp.take();
        let parse = |(_, bytes): (SocketAddr, Vec<u8>)| {
            let packet = Packet::parse(&bytes).expect("we send proper packets");
            (packet.header, bytes[packet.payload].to_vec())
        };
        taken.into_iter().map(parse).collect()
    }

    fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.engine.events)
    }

    fn refusal(&mut self, command: Command) -> Refusal {
        self.events();
        self.command(command);
        match self.events().pop() {
            Some(Event::Refused { why, .. }) => why,
            other => panic!("not refused: {other:?}"),
        }
    }
}

#[test]
fn equal_codecs_are_relayed_untouched_both_ways() {
    let mut bench = Bench::plain();
    bench.command(Command::Connect { a: A, b: B });
    for (from, to) in [(A, B), (B, A)] {
        bench.arrive(from, (0, 500, 9_000), &[1, 2, 3]);
        bench.arrive(from, (0, 501, 9_003), &[4, 5, 6]);
        let sent = bench.sent(to);
        assert_eq!(sent.iter().map(|(_, p)| &p[..]).collect::<Vec<_>>(), [[1, 2, 3], [4, 5, 6]]);
        assert!(sent.iter().all(|(header, _)| header.ssrc == to.0 as u32));
        assert_eq!(sent[1].0.sequence, sent[0].0.sequence.wrapping_add(1));
        assert_eq!(sent[1].0.timestamp, sent[0].0.timestamp + 3);
    }
    assert!(bench.wires[&B].rtp.borrow().is_empty());
}

#[test]
fn different_codecs_are_crossed_both_ways() {
    let mut bench = Bench::agreed((Codec::Pcmu, None), (Codec::Pcma, None));
    bench.command(Command::Connect { a: A, b: B });
    let samples = [0i16, 924, -924, 20_000];
    for (from, to, (own, law), (other, theirs)) in
        [(A, B, (0, Law::Mu), (8, Law::A)), (B, A, (8, Law::A), (0, Law::Mu))]
    {
        let said = samples.map(|sample| law.encode(sample));
        bench.arrive(from, (own, 1, 1), &said);
        let (header, heard) = bench.sent(to).pop().expect("relayed");
        let expected = said.map(|code| theirs.encode(law.decode(code)));
        assert_eq!((header.payload_type, &heard[..]), (other, &expected[..]));
    }
}

#[test]
fn keys_are_told_once_and_relayed_under_the_number_of_the_other_side() {
    let mut bench = Bench::agreed((Codec::Pcmu, Some(101)), (Codec::Pcmu, Some(96)));
    bench.command(Command::Connect { a: A, b: B });
    bench.arrive(A, (0, 1, 160), &[0xff; 160]);
    for (sequence, duration) in [(2, 160u16), (3, 320), (3, 320), (4, 480)] {
        let [high, low] = duration.to_be_bytes();
        bench.arrive(A, (101, sequence, 320), &[11, 10, high, low]);
    }
    let sent = bench.sent(B);
    let types: Vec<u8> = sent.iter().map(|(header, _)| header.payload_type).collect();
    assert_eq!(types, [0, 96, 96, 96]);
    assert!(sent[1..].iter().all(|(header, _)| header.timestamp == sent[0].0.timestamp + 160));
    let keys: Vec<_> =
        bench.events().into_iter().filter(|e| matches!(e, Event::Key { .. })).collect();
    assert_eq!(keys, [Event::Key { leg: A, key: '#' }]);
}

#[test]
fn a_far_side_without_keys_sees_no_gap() {
    let mut bench = Bench::agreed((Codec::Pcmu, Some(101)), (Codec::Pcmu, None));
    bench.command(Command::Connect { a: A, b: B });
    bench.arrive(A, (0, 1, 160), &[0xff; 160]);
    bench.arrive(A, (101, 2, 320), &[11, 10, 0, 160]);
    bench.arrive(A, (13, 3, 320), &[40]);
    bench.arrive(A, (0, 4, 480), &[0xff; 160]);
    let sequences: Vec<u16> = bench.sent(B).iter().map(|(header, _)| header.sequence).collect();
    assert_eq!(sequences, [65_500, 65_501]);
}

#[test]
fn one_stream_whatever_feeds_the_leg() {
    let mut bench = Bench::plain();
    bench.tick(3);
    bench.play(A, "music", true);
    bench.tick(20);
    bench.command(Command::SendKey { leg: A, key: '5' });
    bench.tick(10);
    bench.command(Command::Connect { a: A, b: B });
    for n in 0..20u16 {
        bench.now += Duration::from_millis(20);
        bench.arrive(B, (0, 60_000u16.wrapping_add(n), 77 + 160 * u32::from(n)), &[9; 160]);
    }
    bench.play(A, "ten", false);
    bench.tick(12);
    bench.command(Command::Disconnect { a: B });
    bench.tick(40);
    let sent = bench.sent(A);
    assert_eq!(sent.len(), 3 + 20 + 10 + 20 + 10 + 40);
    let mut clock = 0;
    for pair in sent.windows(2) {
        let [(before, _), (after, _)] = pair else { continue };
        assert_eq!(after.ssrc, before.ssrc);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        let step = after.timestamp.wrapping_sub(before.timestamp);
        let is_key = after.payload_type == 101 || before.payload_type == 101;
        assert!((160..=640).contains(&step) || is_key && step <= 1_280, "{before:?} {after:?}");
        clock += step;
    }
    // timestamps went as far as time, give or take two packets
    let elapsed = (bench.now.as_millis() * 8) as u32;
    assert!(clock.abs_diff(elapsed) <= 320, "{clock} {elapsed}");
    let marks = sent.iter().filter(|(header, _)| header.marker).count();
    assert_eq!(marks, 4, "start, key, peer, prompt");
}

#[test]
fn a_prompt_is_told_when_its_last_sample_is_sent() {
    let mut bench = Bench::plain();
    bench.play(A, "ten", false);
    bench.tick(9);
    assert_eq!(bench.events(), []);
    bench.tick(1);
    assert_eq!(bench.events(), [Event::Played { leg: A, play: PlayId(7) }]);
    let prompt = Law::Mu.encode(924);
    assert!(bench.sent(A).iter().all(|(_, payload)| payload[..] == [prompt; 160]));
    bench.tick(1);
    assert_eq!(bench.sent(A)[0].1, [0xff; 160]);
}

#[test]
fn stopped_and_replaced_plays_end_in_silence_about_themselves() {
    let mut bench = Bench::plain();
    bench.play(A, "ten", false);
    bench.tick(2);
    bench.play(A, "music", true);
    bench.tick(20);
    bench.command(Command::Stop { leg: A });
    bench.tick(1);
    assert_eq!(bench.events(), []);
    assert_eq!(bench.sent(A).pop().map(|(_, payload)| payload), Some(vec![0xff; 160]));
    bench.command(Command::Play { leg: A, play: PlayId(8), sounds: vec![], repeats: false });
    assert_eq!(bench.events(), [Event::Played { leg: A, play: PlayId(8) }]);
}

#[test]
fn samples_that_no_store_holds_are_played_among_prompts() {
    let mut bench = Bench::plain();
    let sounds = vec![Sound::Samples(vec![-924; 160]), Sound::Prompt("ten".into())];
    bench.command(Command::Play { leg: A, play: PlayId(9), sounds, repeats: false });
    bench.tick(1);
    let first: Vec<u8> = bench.sent(A).pop().expect("a packet").1;
    assert_eq!(first, vec![Law::Mu.encode(-924); 160]);
    bench.tick(1);
    let second: Vec<u8> = bench.sent(A).pop().expect("a packet").1;
    assert_eq!(second, vec![Law::Mu.encode(924); 160]);
    bench.tick(10);
    assert_eq!(bench.events(), [Event::Played { leg: A, play: PlayId(9) }]);
    // no samples are over at once, and never go round
    let sounds = vec![Sound::Samples(Vec::new())];
    bench.command(Command::Play { leg: A, play: PlayId(10), sounds, repeats: true });
    assert_eq!(bench.events(), [Event::Played { leg: A, play: PlayId(10) }]);
}

#[test]
fn connecting_ends_the_music_and_a_new_partner_ends_the_old_connection() {
    let mut bench = Bench::plain();
    bench.play(A, "music", true);
    bench.command(Command::Connect { a: A, b: B });
    bench.tick(5);
    assert!(bench.sent(A).is_empty(), "no music over the peer");
    let (wire, _) = bench.engine.close(B, bench.now).expect("open");
    bench.engine.open(LegId(3), wire, Seed { random: [3 << 32, 0], ntp: 0 }, bench.now);
    bench.arrive(A, (0, 1, 1), &[1]);
    assert!(bench.sent(B).is_empty(), "the released leg is no peer");
    bench.command(Command::Connect { a: A, b: LegId(3) });
    let third = Remote { address: far(LegId(3)), ..remote(B, Codec::Pcmu, None) };
    bench.command(Command::Remote { leg: LegId(3), remote: third });
    bench.arrive(A, (0, 2, 2), &[1]);
    assert_eq!(bench.wires[&B].rtp.take()[0].0, far(LegId(3)));
}

#[test]
fn nothing_is_sent_before_the_far_side_is_known_or_while_on_hold() {
    let mut bench = Bench::new();
    bench.play(A, "ten", false);
    bench.tick(50);
    bench.arrive(A, (0, 1, 1), &[1]);
    let mut held = remote(A, Codec::Pcmu, None);
    held.is_sending = false;
    held.is_receiving = false;
    bench.command(Command::Remote { leg: A, remote: held });
    bench.tick(600);
    bench.arrive(A, (0, 2, 2), &[1]);
    assert!(bench.sent(A).is_empty());
    assert_eq!(bench.events(), [], "silence was agreed on");
    bench.command(Command::Remote { leg: A, remote: remote(A, Codec::Pcmu, None) });
    bench.tick(10);
    assert_eq!(bench.sent(A).len(), 10, "the prompt waited");
    assert_eq!(bench.events(), [Event::Played { leg: A, play: PlayId(7) }]);
    let (_, statistics) = bench.engine.close(A, bench.now).expect("open");
    assert_eq!((statistics.packets_invalid, statistics.packets_received), (1, 0));
}

#[test]
fn audio_follows_the_source_until_a_new_address_is_agreed() {
    let mut bench = Bench::plain();
    let nat = SocketAddr::from(([198, 51, 100, 1], 61_000));
    let last_to = |bench: &mut Bench| {
        bench.tick(1);
        bench.wires[&A].rtp.take().pop().expect("silence is sent").0
    };
    assert_eq!(last_to(&mut bench), far(A));
    bench.arrive_from(nat, A, (0, 1, 1), &[1]);
    assert_eq!(last_to(&mut bench), nat);
    bench.arrive_from(far(B), A, (0, 2, 2), &[1]);
    bench.command(Command::Remote { leg: A, remote: remote(A, Codec::Pcmu, None) });
    assert_eq!(last_to(&mut bench), nat, "the same agreement again changes nothing");
    let moved = Remote { address: far(B), ..remote(A, Codec::Pcmu, None) };
    bench.command(Command::Remote { leg: A, remote: moved });
    assert_eq!(last_to(&mut bench), far(B));
    let (_, statistics) = bench.engine.close(A, bench.now).expect("open");
    assert_eq!((statistics.packets_received, statistics.packets_foreign), (1, 1));
}

#[test]
fn silence_is_told_once_and_so_is_its_end() {
    let mut bench = Bench::plain();
    bench.arrive(A, (0, 1, 1), &[1]);
    bench.arrive(A, (0, 2, 2), &[1]);
    assert_eq!(bench.events(), [Event::FirstPacket { leg: A }]);
    bench.tick(1_000);
    let mut silent = bench.events();
    silent.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(silent, [Event::Silent { leg: A }, Event::Silent { leg: B }]);
    bench.arrive(A, (0, 3, 3), &[1]);
    assert_eq!(bench.events(), [Event::FirstPacket { leg: A }]);
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let mut bench = Bench::new();
    let none = LegId(9);
    let play = |count: usize, id: &str| Command::Play {
        leg: A,
        play: PlayId(1),
        sounds: vec![Sound::Prompt(id.into()); count],
        repeats: false,
    };
    assert_eq!(bench.refusal(Command::Stop { leg: none }), Refusal::UnknownLeg);
    assert_eq!(bench.refusal(Command::Connect { a: A, b: none }), Refusal::UnknownLeg);
    assert_eq!(bench.refusal(Command::Connect { a: A, b: A }), Refusal::SameLeg);
    assert_eq!(bench.refusal(Command::Disconnect { a: none }), Refusal::UnknownLeg);
    let unknown = Refusal::UnknownPrompt { prompt: "tne".into() };
    assert_eq!(bench.refusal(play(1, "tne")), unknown);
    assert_eq!(bench.refusal(play(3, "ten")), Refusal::PromptLimit { limit: 2 });
    let key = |key| Command::SendKey { leg: A, key };
    assert_eq!(bench.refusal(key('1')), Refusal::NoTelephoneEvent);
    bench.command(Command::Remote { leg: A, remote: remote(A, Codec::Pcmu, Some(101)) });
    assert_eq!(bench.refusal(key('E')), Refusal::NotAKey);
    (0..32).for_each(|_| bench.command(key('1')));
    assert_eq!(bench.refusal(key('1')), Refusal::KeyLimit { limit: 32 });
    assert_eq!(bench.engine.admit(A), Err(Refusal::LegExists));
    assert_eq!(bench.engine.admit(none), Err(Refusal::LegLimit { limit: 3 }));
}

#[test]
fn reports_give_both_sides_loss_and_round_trip() {
    let mut bench = Bench::plain();
    for _ in 0..600 {
        bench.tick(1);
        // the far sides of the two legs are each other; every tenth packet of A is lost
        for (from, to) in [(A, B), (B, A)] {
            for (_, mut packet) in bench.wires[&from].rtp.take() {
                let sequence = u16::from_be_bytes([packet[2], packet[3]]);
                if from == B || sequence % 10 != 0 {
                    bench.engine.receive(to, far(to), &mut packet, bench.now);
                }
            }
            for packet in bench.wires[&from].rtcp.take() {
                bench.now += Duration::from_millis(3);
                bench.engine.receive_control(to, far(to), &packet, bench.now);
            }
        }
    }
    let (_, statistics) = bench.engine.close(A, bench.now).expect("open");
    let lost = statistics.remote_packets_lost.expect("B reported");
    assert!((30..=60).contains(&lost), "{lost}");
    let trip = statistics.round_trip_us.expect("B answered a report of A");
    // one tick and one or two times 3 ms in each direction
    assert!((46_000 - 100..=52_000 + 100).contains(&trip), "{trip}");
    let goodbye = bench.wires[&A].rtcp.take().pop().expect("said at the end");
    assert_eq!(goodbye[goodbye.len() - 8..goodbye.len() - 4], [0x81, 203, 0, 1]);
}

#[test]
fn a_tap_speaks_when_nothing_else_does_and_hears_always() {
    let mut bench = Bench::plain();
    let mut tap = bench.engine.tap(A).expect("open");
    tap.speak.try_send([924; 160]).expect("room");
    bench.play(A, "music", false);
    bench.tick(2);
    let heard: Vec<_> = bench.sent(A).iter().map(|(_, p)| Law::Mu.decode(p[0])).collect();
    assert_eq!(heard, [-924, 924]);
    bench.arrive(A, (8, 1, 1), &[Law::A.encode(1_000); 160]);
    let law = Law::A;
    assert_eq!(tap.hear.try_recv().ok(), Some([law.decode(law.encode(1_000)); 160]));
    bench.engine.close(A, bench.now);
    assert!(tap.hear.try_recv().is_err() && tap.speak.is_closed());
}

proptest! {
    #[test]
    fn no_datagram_makes_it_panic_or_leaves_malformed(
        datagrams in prop::collection::vec(
            (
                prop::collection::vec(any::<u8>(), 0..64),
                prop_oneof![Just(0x80u8), any::<u8>()],
                prop_oneof![Just(0u8), Just(8), Just(13), Just(101), any::<u8>()],
                0u64..40_000,
            ),
            1..40,
        ),
    ) {
        let mut bench = Bench::agreed((Codec::Pcmu, Some(101)), (Codec::Pcma, Some(96)));
        bench.command(Command::Connect { a: A, b: B });
        for (mut bytes, first, second, wait) in datagrams {
            bench.engine.receive_control(A, far(A), &bytes, bench.now);
            if let [one, two, ..] = &mut bytes[..] {
                (*one, *two) = (first, second);
            }
            bench.now += Duration::from_millis(wait);
            bench.engine.receive(A, far(A), &mut bytes, bench.now);
            bench.tick(1);
        }
        // parses every packet that was sent on
        let sent = bench.sent(B);
        prop_assert!(sent.iter().all(|(header, _)| header.ssrc == 2));
        bench.engine.close(A, bench.now);
    }
}

/// Three legs in a mix, whose far sides say these samples for ten packets.
fn mixed(levels: [i16; 3]) -> Bench {
    let mut bench = Bench::agreed((Codec::Pcmu, Some(101)), (Codec::Pcma, Some(101)));
    bench.command(Command::Remote { leg: C, remote: remote(C, Codec::Pcmu, None) });
    bench.command(Command::Mix { legs: [A, B, C], third: Audience::Both });
    bench.say(levels, 0..10);
    bench
}

impl Bench {
    /// Each leg's far side says a level in each of these packets; of a leg without one nothing
    /// comes.
    fn say(&mut self, levels: [i16; 3], packets: std::ops::Range<u16>) {
        for packet in packets {
            for (leg, level) in [A, B, C].into_iter().zip(levels) {
                if level != i16::MIN {
                    let said = [Law::Mu.encode(level); 160];
                    self.arrive(leg, (0, packet, u32::from(packet) * 160), &said);
                }
            }
            self.tick(1);
        }
    }

    /// What the last packet of a leg says, which is the same throughout.
    fn hears(&self, leg: LegId) -> i16 {
        let rtp = self.wires[&leg].rtp.borrow();
        let (_, datagram) = rtp.last().expect("a mixed leg sends all the time");
        let packet = Packet::parse(datagram).expect("RTP");
        let law = if packet.header.payload_type == 8 { Law::A } else { Law::Mu };
        let payload = &datagram[packet.payload];
        assert!(payload.iter().all(|code| *code == payload[0]));
        law.decode(payload[0])
    }
}

/// As near as its code words come.
fn is_about(heard: i16, wanted: i32) -> bool {
    (i32::from(heard) - wanted).abs() <= 8 + wanted.abs() / 16
}

#[test]
fn each_hears_the_sum_of_the_two_others_in_their_own_codec() {
    let bench = mixed([1_000, 300, -4_000]);
    assert!(is_about(bench.hears(A), 300 - 4_000), "{}", bench.hears(A));
    assert!(is_about(bench.hears(B), 1_000 - 4_000), "{}", bench.hears(B));
    assert!(is_about(bench.hears(C), 1_000 + 300), "{}", bench.hears(C));
}

#[test]
fn a_third_hears_both_and_is_heard_by_whom_it_is_said() {
    for (third, heard) in [
        (Audience::Both, [300 - 4_000, 1_000 - 4_000]),
        (Audience::First, [300 - 4_000, 1_000]),
        (Audience::Nobody, [300, 1_000]),
    ] {
        let mut bench = mixed([1_000, 300, -4_000]);
        bench.command(Command::Mix { legs: [A, B, C], third });
        bench.say([1_000, 300, -4_000], 10..20);
        assert!(is_about(bench.hears(A), heard[0]), "{third:?}: {}", bench.hears(A));
        assert!(is_about(bench.hears(B), heard[1]), "{third:?}: {}", bench.hears(B));
        assert!(is_about(bench.hears(C), 1_300), "{third:?}: {}", bench.hears(C));
    }
}

#[test]
fn a_sum_that_is_too_loud_is_cut_and_does_not_turn_over() {
    let bench = mixed([30_000, 30_000, 30_000]);
    for leg in [A, B, C] {
        assert!(is_about(bench.hears(leg), i32::from(i16::MAX)), "{}", bench.hears(leg));
    }
}

#[test]
fn who_says_nothing_or_stops_is_silent_and_keeps_nobody_from_hearing() {
    let mut bench = mixed([1_000, 300, i16::MIN]);
    assert!(is_about(bench.hears(C), 1_300));
    assert!(is_about(bench.hears(A), 300));
    bench.say([1_000, i16::MIN, i16::MIN], 10..20);
    assert!(is_about(bench.hears(C), 1_000), "B has stopped");
    assert!(is_about(bench.hears(A), 0), "and A hears nobody");
}

#[test]
fn whoever_leaves_a_mix_is_heard_no_more_and_the_rest_goes_on() {
    let leave: [fn(&mut Bench); 3] = [
        |bench| bench.command(Command::Disconnect { a: C }),
        |bench| drop(bench.engine.close(C, bench.now)),
        |bench| bench.command(Command::Connect { a: A, b: B }),
    ];
    for go in leave {
        let mut bench = mixed([1_000, 300, 500]);
        go(&mut bench);
        bench.say([1_000, 300, i16::MIN], 10..20);
        assert!(is_about(bench.hears(A), 300), "{}", bench.hears(A));
        assert!(is_about(bench.hears(B), 1_000), "{}", bench.hears(B));
    }
}

#[test]
fn a_mix_is_of_three_different_legs_that_are_there() {
    let mut bench = Bench::plain();
    for (legs, why) in [([A, B, A], Refusal::SameLeg), ([A, B, LegId(9)], Refusal::UnknownLeg)] {
        bench.engine.events.clear();
        bench.command(Command::Connect { a: A, b: B });
        bench.command(Command::Mix { legs, third: Audience::Both });
        let leg = if why == Refusal::SameLeg { A } else { LegId(9) };
        assert_eq!(bench.engine.events, [Event::Refused { leg, why }]);
        let said = [Law::Mu.encode(1_000); 160];
        bench.arrive(A, (0, 1, 160), &said);
        assert!(is_about(bench.hears(B), 1_000), "they are connected as before");
    }
}
