//! Legs of which one or all have G.722.

use std::f64::consts::TAU;

use super::*;
use crate::g722::{Decoder, Encoder};

const LAW: Law = Law::A;

/// The packet of this number of a tone.
fn tone(packet: u16, hertz: f64) -> Vec<i16> {
    let first = u32::from(packet) * 160;
    let sample = |at: u32| ((f64::from(at) * TAU * hertz / 8_000.0).sin() * 8_000.0) as i16;
    (first..first + 160).map(sample).collect()
}

/// The share of loudness that a tone has.
fn share(samples: &[i16], hertz: f64) -> f64 {
    let turn = |at: usize| at as f64 * TAU * hertz / 8_000.0;
    let parts = samples.iter().enumerate().map(|(at, &sample)| {
        let sample = f64::from(sample);
        (sample * turn(at).cos(), sample * turn(at).sin(), sample * sample)
    });
    let (re, im, all) =
        parts.fold((0.0, 0.0, 1.0), |sum, it| (sum.0 + it.0, sum.1 + it.1, sum.2 + it.2));
    2.0 * (re * re + im * im) / (samples.len() as f64 * all)
}

fn heard_by_law(packets: &[(Header, Vec<u8>)]) -> Vec<i16> {
    packets.iter().flat_map(|(_, codes)| codes.iter().map(|&code| LAW.decode(code))).collect()
}

fn heard_by_g722(packets: &[(Header, Vec<u8>)]) -> Vec<i16> {
    let mut decoder = Decoder::default();
    packets.iter().flat_map(|(_, codes)| decoder.decode(codes)).collect()
}

/// A leg with G.722 and one with A-law.
fn bench() -> Bench {
    Bench::agreed((Codec::G722, None), (Codec::Pcma, None))
}

#[test]
fn two_legs_that_have_it_are_relayed_untouched() {
    let mut bench = Bench::agreed((Codec::G722, None), (Codec::G722, None));
    bench.command(Command::Connect { a: A, b: B });
    bench.arrive(A, (9, 1, 1), &[1, 2, 3]);
    let (header, heard) = bench.sent(B).pop().expect("relayed");
    assert_eq!((header.payload_type, heard), (9, vec![1, 2, 3]));
}

#[test]
fn it_is_crossed_with_g711_both_ways() {
    let mut bench = bench();
    bench.command(Command::Connect { a: A, b: B });
    let mut encoder = Encoder::default();
    for packet in 0..25 {
        let mut codes = [0; 160];
        encoder.encode(&tone(packet, 1_000.0), &mut codes);
        bench.arrive(A, (9, packet, u32::from(packet) * 160), &codes);
        let codes: Vec<u8> = tone(packet, 440.0).into_iter().map(|it| LAW.encode(it)).collect();
        bench.arrive(B, (8, packet, u32::from(packet) * 160), &codes);
    }
    let (to_a, to_b) = (bench.sent(A), bench.sent(B));
    assert!(to_a.iter().all(|(header, codes)| (header.payload_type, codes.len()) == (9, 160)));
    assert!(to_b.iter().all(|(header, codes)| (header.payload_type, codes.len()) == (8, 160)));
    let steps = to_a.windows(2).map(|pair| pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp));
    assert!(steps.into_iter().all(|step| step == 160), "its clock runs at 8,000");
    assert!(share(&heard_by_law(&to_b)[800..], 1_000.0) > 0.98);
    assert!(share(&heard_by_g722(&to_a)[800..], 440.0) > 0.98);
}

#[test]
fn prompts_a_mix_and_taps_are_heard_by_it_and_hear_it() {
    let mut bench = bench();
    let mut tap = bench.engine.tap(A).expect("open");
    bench.play(A, "ten", false);
    bench.tick(11);
    let played = heard_by_g722(&bench.sent(A));
    assert!(played[160..1_500].iter().all(|it| (700..1_150).contains(it)), "{played:?}");
    assert!(played[1_700..].iter().all(|it| it.abs() < 200), "then silence");

    bench.command(Command::Remote { leg: C, remote: remote(C, Codec::Pcma, None) });
    bench.command(Command::Mix { legs: [A, B, C], third: Audience::Both });
    bench.sent(B);
    let mut encoder = Encoder::default();
    for packet in 0..25 {
        let mut codes = [0; 160];
        encoder.encode(&tone(packet, 1_000.0), &mut codes);
        bench.arrive(A, (9, packet, u32::from(packet) * 160), &codes);
        let codes: Vec<u8> = tone(packet, 440.0).into_iter().map(|it| LAW.encode(it)).collect();
        bench.arrive(B, (8, packet, u32::from(packet) * 160), &codes);
        bench.tick(1);
    }
    assert!(share(&heard_by_law(&bench.sent(B))[1_600..], 1_000.0) > 0.98);
    assert!(share(&heard_by_g722(&bench.sent(A))[1_600..], 440.0) > 0.9);
    let mut recorded = Vec::new();
    while let Ok(frame) = tap.hear.try_recv() {
        recorded.extend(frame);
    }
    assert!(share(&recorded[800..], 1_000.0) > 0.98, "it is recorded");
}
