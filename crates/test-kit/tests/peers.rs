//! The peers against our own endpoint, signalling only.

use caruso_sip::sdp::{Codec, Local};
use caruso_sip::{
    Call, Caller, Credentials, Ended, Endpoint, LegEvent, LegEvents, Options, Secret, Side, Target,
};
use caruso_test_kit::namespace::{self, ADDRESS, Entered};
use caruso_test_kit::{baresip, sipp};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

async fn next(events: &mut LegEvents) -> LegEvent {
    let event = tokio::time::timeout(PATIENCE, events.next()).await;
    event.expect("in time").expect("the last event is Ended")
}

#[tokio::test]
async fn sipp_calls_us_sends_sound_and_waits_for_our_goodbye() {
    let mut options = Options::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    options.trunks.push("127.0.0.1".parse().expect("an address"));
    let (server, mut calls) = Endpoint::bind(options).await.expect("loopback");
    let plan = sipp::Caller {
        server: server.local_addr(),
        called: "0305550100".to_owned(),
        calling: "0612345678".to_owned(),
        keys: "1#".to_owned(),
        listens: Duration::from_millis(500),
        says: Vec::new(),
        end: sipp::End::ByOther,
    };
    let sipp = match plan.start() {
        Ok(started) => started.expect("SIPp runs"),
        Err(missing) => return println!("{missing}"),
    };
    let ear = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
    let call = tokio::time::timeout(PATIENCE, calls.recv()).await;
    let mut call = call.unwrap_or_else(|_| unreachable!("no call: {}", sipp.output()));
    let call = call.as_mut().expect("the endpoint is open");
    assert_eq!(call.invitation.calling_number.as_deref(), Some("0612345678"));
    let local = Local::new(ear.local_addr().expect("bound"), &[Codec::Pcma]);
    let agreed = call.leg.answer(&local).expect("acceptable").expect("with an offer");
    assert_eq!(agreed.telephone_event, Some(101));
    assert_eq!(next(&mut call.events).await, LegEvent::Confirmed(None));
    // Until the last packet of both keys: three with the end bit each (RFC 4733 §2.5.1.4).
    let mut packet = [0; 1500];
    let mut ends = Vec::new();
    while ends.len() < 6 {
        let received = tokio::time::timeout(PATIENCE, ear.recv(&mut packet)).await;
        let length = received.expect("sound comes").expect("open");
        if let Some([_, kind, .., event, end, _, _]) = packet.get(..length.min(16))
            && kind & 0x7f == 101
            && end & 0x80 != 0
        {
            ends.push(*event);
        }
    }
    assert_eq!(ends, [1, 1, 1, 11, 11, 11]);
    call.leg.hang_up().expect("the leg stands");
    assert_eq!(next(&mut call.events).await, LegEvent::Ended(Ended::HungUp { by: Side::Us }));
    sipp.finish(PATIENCE).await.expect("SIPp is content");
}

struct Phones;

impl Credentials for Phones {
    fn lookup(&self, extension: &str) -> Option<Secret> {
        (extension == "101").then(|| Secret::new("geheim"))
    }
}

#[tokio::test]
async fn baresip_registers_by_digest_answers_and_sends_sound() {
    match namespace::enter("baresip_registers_by_digest_answers_and_sends_sound") {
        Ok(Entered::Inside) => {}
        Ok(Entered::Ran { passed }) => return assert!(passed, "see the output above"),
        Err(missing) => return println!("{missing}"),
    }
    let mut options = Options::new(SocketAddr::new(ADDRESS, 0));
    options.credentials = Arc::new(Phones);
    let (server, _calls) = Endpoint::bind(options).await.expect("the namespace has the address");
    let folder = tempfile::tempdir().expect("a folder");
    let speech = folder.path().join("speech.wav");
    std::fs::write(&speech, tone()).expect("writable");
    let phone = baresip::Phone {
        registrar: server.local_addr(),
        extension: "101".to_owned(),
        secret: "geheim".to_owned(),
        speech,
        answers: baresip::Answers::ByItself,
        codec: "PCMA",
        has_lamp: false,
    };
    let phone = match phone.start() {
        Ok(started) => started.expect("baresip runs"),
        Err(missing) => return println!("{missing}"),
    };
    let mut seen = server.registrations();
    let registered = seen.wait_for(|now| now.is_registered("101"));
    let registered = tokio::time::timeout(PATIENCE, registered).await.is_ok();
    assert!(registered, "not registered: {}", phone.output());

    let ear = tokio::net::UdpSocket::bind(SocketAddr::new(ADDRESS, 0)).await.expect("ours");
    let (leg, mut events) = server
        .call(Call {
            target: Target::Extension("101".to_owned()),
            from: Caller { number: "0612345678".to_owned(), name: None },
            local: Local::new(ear.local_addr().expect("bound"), &[Codec::Pcma]),
            headers: Vec::new(),
            max_forwards: 70,
            login: None,
        })
        .expect("registered");
    let agreed = loop {
        match next(&mut events).await {
            LegEvent::Answered(agreed) => break agreed,
            LegEvent::Ringing | LegEvent::Early(_) => {}
            other => unreachable!("{other:?}: {}", phone.output()),
        }
    };
    assert_eq!(agreed.codec, Codec::Pcma);
    let mut packet = [0; 1500];
    for _ in 0..50 {
        let received = tokio::time::timeout(PATIENCE, ear.recv(&mut packet)).await;
        received.unwrap_or_else(|_| unreachable!("no sound: {}", phone.output())).expect("open");
    }
    leg.hang_up().expect("the leg stands");
    assert_eq!(next(&mut events).await, LegEvent::Ended(Ended::HungUp { by: Side::Us }));
}

/// Two seconds of a 440 Hz square wave as a WAV file.
fn tone() -> Vec<u8> {
    let samples: Vec<u8> = (0..16_000_u32)
        .flat_map(|n| if n / 9 % 2 == 0 { 4000_i16 } else { -4000 }.to_le_bytes())
        .collect();
    let length = u32::try_from(samples.len()).expect("small");
    let mut out = Vec::new();
    out.extend(b"RIFF");
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    out.extend([1, 0, 1, 0]);
    out.extend(8_000_u32.to_le_bytes());
    out.extend(16_000_u32.to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend(length.to_le_bytes());
    out.extend(samples);
    out
}
