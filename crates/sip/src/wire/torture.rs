//! Torture of the gate: messages written after RFC 4475, that document's own where they are at
//! hand, and thousands of broken ones made from ours.

use super::check::Carrier;
use super::gate::{Gate, Verdict};
use super::mark::Mark;
use super::message::Message;
use crate::options::Limits;
use std::net::SocketAddr;
use std::time::Instant;

/// What became of a message: `pass`, `drop`, or the status of the answer.
fn outcome(gate: &Gate, bytes: &[u8], carrier: Carrier) -> String {
    let source = SocketAddr::from(([192, 0, 2, 15], 5060));
    match gate.inspect(bytes, source, carrier, Instant::now()) {
        Verdict::Pass(plain) => {
            Message::cut(&plain).expect("what passes is well shaped");
            "pass".to_owned()
        }
        Verdict::Answer(answer, _) => {
            Message::cut(&answer).expect("answers are well shaped");
            String::from_utf8_lossy(answer.get(8..11).unwrap_or_default()).into_owned()
        }
        Verdict::Drop(_) => "drop".to_owned(),
    }
}

fn gate() -> Gate {
    let limits = Limits {
        messages_per_second: 1_000_000,
        messages_per_second_all: 1_000_000,
        ..Limits::default()
    };
    let own = SocketAddr::from(([192, 0, 2, 200], 5060));
    Gate::new(Mark::new(1, 1), own, "test", &[], &limits, None)
}

/// Messages of ours, each with what must become of it.
fn messages() -> Vec<(&'static str, String)> {
    let with = |method: &str, uri: &str, fields: &str, body: &str| {
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKa1\r\n\
             From: \"Caller\" <sip:caller@example.net>;tag=1\r\nTo: <sip:100@example.com>\r\n\
             Call-ID: torture@example.net\r\nCSeq: 1 {method}\r\n{fields}\r\n{body}"
        )
    };
    let invite = |fields: &str| {
        let fields = format!("Contact: <sip:caller@192.0.2.15>\r\n{fields}");
        with("INVITE", "sip:100@example.com", &fields, "")
    };
    let odd = "INVITE sip:a%00b;x=y@example.com:5060;unknown SIP/2.0\r\nTO :\r\n \
        sip:100@example.com ;\r\n\tp = q\r\nfrom   : \"J \\\\\\\"\"       <sip:j@h>\r\n  ;\r\n  \
        tag = 98asjd8\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: c\r\nContent-Length   : 4\r\ncseq: \
        0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390\r\ns :\r\n\
        NewField:   new\r\n continued\r\nOdd: ;;,,;;,;\r\nContent-Type: application/sdp\r\n\
        v:  SIP  / 2.0  / TCP     h   ;\r\n  branch  =   z9hG4bK9  ,\r\n SIP  /    2.0   / UDP \
        h   ; branch=\r\n z9hG4bK3\r\nm:\"Q \\\"\\\"\" <sip:j@h> ; new =\r\n      value ;\r\n  \
        second ; q = 0.33\r\n\r\nv=0\n";
    vec![
        ("pass", invite("")),
        ("pass", odd.to_owned()),
        ("pass", invite("Max-Forwards: 254\r\nDate: Fri, 01 Jan 2010 16:00:00 EST\r\n")),
        ("pass", invite(&format!("X-Long: {}\r\n", "long".repeat(1000)))),
        ("pass", invite("").replace("\"Caller\"", "caller-1 Name")),
        ("pass", with("REGISTER", "sip:example.com", "Contact: *\r\nExpires: 0\r\n", "")),
        ("pass", invite("Content-Length: 0\r\n") + "INVITE sip:joe@example.com SIP/2.0\r\n"),
        ("200", with("OPTIONS", "sip:100@example.com", "Max-Forwards: 0\r\n", "")),
        ("200", with("OPTIONS", "tel:+31305550100", "", "")),
        ("400", invite("").replacen("INVITE sip", "INVITE  sip", 1)),
        ("400", invite("").replacen("SIP/2.0\r\n", "SIP/2.0 \r\n", 1)),
        ("400", invite("").replacen("example.com", "exam ple.com", 1)),
        ("400", invite("").replace("tag=1", "tag=")),
        ("400", invite("").replace("\"Caller\" <", "\"Caller <")),
        ("400", invite("").replace("192.0.2.15;branch", "192.0.2.15;;,;,,branch")),
        ("400", invite("Content-Length: -999\r\n")),
        ("400", invite("Content-Length: 9999\r\n")),
        ("400", invite("CSeq: 2 INVITE\r\n")),
        ("400", invite("").replace("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE")),
        ("400", invite("").replace("From: \"Caller\" <sip:caller@example.net>;tag=1\r\n", "")),
        ("400", with("INVITE", "sip:100@example.com?X=y", "Contact: <sip:a@h>\r\n", "")),
        ("400", with("REGISTER", "sip:example.com", "Contact: sip:a@h?Route=x\r\n", "")),
        ("400", invite("").trim_end().to_owned()),
        ("405", with("MESSAGE", "sip:100@example.com", "", "")),
        ("413", invite(&format!("Content-Length: 20000\r\n\r\n{}", "x".repeat(20_000)))),
        ("415", invite("Content-Type: text/plain\r\nContent-Length: 2\r\n") + "hi"),
        ("416", with("OPTIONS", "soap.beep://192.0.2.103:3002", "", "")),
        ("420", invite("Require: nothingSupportsThis\r\n")),
        ("481", invite("").replace("100@example.com>\r\n", "100@example.com>;tag=x\r\n")),
        ("482", invite("").replace("z9hG4bKa1", "z9hG4bKg1-00000001-a1")),
        ("482", invite("").replace("sip:caller@192.0.2.15", "sip:192.0.2.200:5060")),
        ("483", invite("Max-Forwards: 0\r\n")),
        ("501", with("!odd-Method0123_*+`.%'~", "sip:100@example.com", "", "")),
        ("400", invite("").replacen("INVITE", "iNVITE", 1)),
        ("505", invite("").replacen("SIP/2.0\r\n", "SIP/7.0\r\n", 1)),
        ("513", invite(&format!("X-Long: {}\r\n", "long".repeat(3000)))),
        ("drop", invite("").replace("INVITE", "ACK").replace("tag=1", "tag=")),
        ("drop", "SIP/2.0 4294967301 better\r\nVia: x\r\n\r\n".to_owned()),
        ("drop", "\0\u{1}\u{2}".to_owned()),
    ]
}

#[test]
fn each_message_of_ours_gets_what_it_deserves() {
    let gate = gate();
    for (expected, text) in messages() {
        assert_eq!(outcome(&gate, text.as_bytes(), Carrier::Datagram), expected, "{text}");
    }
}

/// What RFC 4475 asks for or allows: `pass` is a message to be served, `drop` a response that is
/// none of ours.
const RFC_4475: &str = "badaspec 400 badbranch 200 baddate pass baddn 400 badinv01 400 \
    badvers 505 bcast drop bext01 420 bigcode drop clerr 400 cparam01 pass cparam02 pass \
    dblreq pass esc01 pass esc02 501 escnull pass escruri 400 insuf 400 intmeth 501 inv2543 400 \
    invut 415 longreq pass ltgtruri 400 lwsdisp 200 lwsruri 400 lwsstart 400 mcl01 400 \
    mismatch01 400 mismatch02 400 mpart01 405 multi01 400 ncl 400 noreason drop novelsc 416 \
    quotbal 400 regaut01 pass regbadct 400 regescrt pass scalar02 400 scalarlg drop sdp01 pass \
    semiuri 200 transports 200 trws 400 unkscm 416 unksm2 pass unreason drop wsinv 481 zeromf 200";

#[test]
fn the_messages_of_rfc_4475_get_what_it_asks_for() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rfc4475");
    let gate = gate();
    let words: Vec<&str> = RFC_4475.split_whitespace().collect();
    for pair in words.chunks_exact(2) {
        let [name, expected] = pair else { continue };
        let Ok(bytes) = std::fs::read(format!("{folder}/{name}.dat")) else {
            println!("skipped: {name}.dat is not at hand");
            continue;
        };
        assert_eq!(outcome(&gate, &bytes, Carrier::Datagram), *expected, "{name}");
    }
}

/// xorshift64*: the same broken messages in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(0) % sides.max(1)
    }
}

fn break_it(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const PIECES: [&[u8]; 12] =
        [b"\r\n", b"\r\n\r\n", b";", b"\"", b"<", b">", b"=", b",", b":", b" ", b"\0", b"\xff"];
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len());
        match dice.roll(5) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + dice.roll(20)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let end = (at + dice.roll(60)).min(bytes.len());
                let again = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, again);
            }
            3 => {
                let piece = PIECES.get(dice.roll(PIECES.len())).copied().unwrap_or_default();
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= u8::try_from(1 << dice.roll(8)).unwrap_or(1);
                }
            }
        }
    }
}

#[test]
fn thousands_of_broken_messages_neither_panic_nor_pass_misshapen() {
    let gate = gate();
    let mut dice = Dice(0x5eed_2026);
    let originals = messages();
    for round in 0..10_000 {
        let (_, text) = originals.get(dice.roll(originals.len())).expect("not empty");
        let mut bytes = text.clone().into_bytes();
        break_it(&mut bytes, &mut dice);
        let carrier = if round % 2 == 0 { Carrier::Datagram } else { Carrier::Stream };
        outcome(&gate, &bytes, carrier);
        let _ = gate.send(&bytes);
    }
}
