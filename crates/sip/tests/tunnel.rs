//! Phones in browsers: messages that somebody hands on who knows whose phone it is.

mod bench;

use bench::{Bench, PATIENCE, ended, local, wait_for};
use caruso_sip::sdp::{Codec, Local};
use caruso_sip::{Call, Caller, Ended, LegEvent, Limits, Side, Target, Transport, Tunnel};
use caruso_sip::{TunnelError, Tunnels};

/// What a media node might offer to a browser.
const OFFER: &str = "v=0\r\no=x 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 8 0 101\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=setup:actpass\r\n\
    a=fingerprint:sha-256 AA:BB\r\na=sendrecv\r\na=mid:0\r\n";
const ANSWER: &str = "v=0\r\no=- 9 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 8 101\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=setup:active\r\na=fingerprint:sha-256 CC:DD\r\n\
    a=sendrecv\r\na=mid:0\r\n";

/// A browser, as far as SIP goes.
struct Browser(Tunnel);

impl Browser {
    async fn at(tunnels: &Tunnels, extension: &str) -> Self {
        Self(tunnels.open(extension).await.expect("the endpoint is open"))
    }

    async fn say(&self, text: &str) {
        self.0.into.send(text.as_bytes().to_vec()).await.expect("it listens");
    }

    /// The next message that begins so.
    async fn hear(&mut self, beginning: &str) -> String {
        let wanted = async {
            loop {
                let message = self.0.out.recv().await.expect("it is open");
                let text = String::from_utf8(message).expect("text");
                if text.starts_with(beginning) {
                    return text;
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wanted).await;
        waited.unwrap_or_else(|_| unreachable!("no {beginning} came"))
    }

    async fn is_closed(&mut self) {
        let end = async { while self.0.out.recv().await.is_some() {} };
        tokio::time::timeout(PATIENCE, end).await.expect("it is closed");
    }

    async fn register(&mut self, extension: &str) -> String {
        self.say(&register(extension)).await;
        self.hear("SIP/2.0").await
    }
}

/// As JsSIP writes it: a name that means nothing, no digest.
fn register(extension: &str) -> String {
    format!(
        "REGISTER sip:caruso.invalid SIP/2.0\r\n\
         Via: SIP/2.0/WSS q7v0.invalid;branch=z9hG4bK{extension}\r\nMax-Forwards: 69\r\n\
         To: <sip:{extension}@caruso.invalid>\r\n\
         From: <sip:{extension}@caruso.invalid>;tag=mine\r\nCall-ID: c{extension}\r\n\
         CSeq: 1 REGISTER\r\nContact: <sip:ab12@q7v0.invalid;transport=ws>;+sip.ice;expires=120\r\n\
         Supported: path,gruu,outbound\r\nContent-Length: 0\r\n\r\n"
    )
}

/// The answer to a request of the server.
fn response(request: &str, status: &str, body: &str) -> String {
    let copied = ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| {
        let tag = if name == "To" && !request.contains("tag=theirs") { ";tag=theirs" } else { "" };
        format!("{name}: {}{tag}\r\n", bench::peer::field(request, name))
    });
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "SIP/2.0 {status}\r\n{}Contact: <sip:ab12@q7v0.invalid;transport=ws>\r\n{kind}\
         Content-Length: {}\r\n\r\n{body}",
        copied.concat(),
        body.len()
    )
}

fn call(extension: &str) -> Call {
    Call {
        target: Target::Extension(extension.to_owned()),
        from: Caller { number: "0612345678".to_owned(), name: None },
        local: Local::secured(OFFER.to_owned()).expect("an offer"),
        headers: Vec::new(),
        max_forwards: 70,
        login: None,
    }
}

#[tokio::test]
async fn a_browser_registers_without_a_password_for_its_own_extension_alone() {
    let bench = Bench::start().await;
    let tunnels = bench.server.tunnels();
    let mut browser = Browser::at(&tunnels, "101").await;
    let refused = browser.register("102").await;
    assert!(refused.starts_with("SIP/2.0 403"), "{refused}");
    let accepted = browser.register("101").await;
    assert!(accepted.starts_with("SIP/2.0 200"), "{accepted}");
    let registered = bench.server.registrations();
    let bound = registered.borrow().bindings("101").to_vec();
    assert_eq!(bound.iter().map(|it| it.transport).collect::<Vec<_>>(), [Transport::Web]);
    assert!(!registered.borrow().is_registered("102"));
    drop(browser);
    wait_for(|| !registered.borrow().is_registered("101")).await;
    wait_for(|| bench.server.counts().connections == 0).await;
    bench.is_empty().await;
}

#[tokio::test]
async fn a_browser_is_called_with_what_others_wrote_and_its_answer_is_handed_on() {
    let bench = Bench::start().await;
    let mut browser = Browser::at(&bench.server.tunnels(), "101").await;
    browser.register("101").await;
    let (leg, mut events) = bench.server.call(call("101")).expect("it is registered");
    let invite = browser.hear("INVITE").await;
    assert!(invite.starts_with("INVITE sip:ab12@[100::"), "{invite}");
    assert!(invite.ends_with(OFFER), "{invite}");
    browser.say(&response(&invite, "180 Ringing", "")).await;
    assert_eq!(events.next().await, Some(LegEvent::Ringing));
    browser.say(&response(&invite, "200 OK", ANSWER)).await;
    assert_eq!(events.next().await, Some(LegEvent::Described(ANSWER.to_owned())));
    let Some(LegEvent::Answered(agreed)) = events.next().await else { unreachable!("answered") };
    assert_eq!((agreed.codec, agreed.telephone_event), (Codec::Pcma, Some(101)));
    assert!(agreed.direction.is_sending() && agreed.direction.is_receiving());
    let ack = browser.hear("ACK").await;
    assert!(ack.starts_with("ACK sip:ab12@[100::"), "{ack}");

    leg.hang_up().expect("the leg stands");
    let bye = browser.hear("BYE").await;
    browser.say(&response(&bye, "200 OK", "")).await;
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Us });
    drop(browser);
    wait_for(|| bench.server.counts().connections == 0).await;
    bench.is_empty().await;
}

#[tokio::test]
async fn a_browser_calls_nobody_itself_and_cannot_change_what_was_agreed() {
    let mut bench = Bench::start().await;
    let mut browser = Browser::at(&bench.server.tunnels(), "101").await;
    browser.register("101").await;
    let invite = register("101").replace("REGISTER sip:caruso", "INVITE sip:100@caruso");
    let invite = invite.replace("1 REGISTER", "2 INVITE").replace("z9hG4bK101", "z9hG4bK2");
    let body =
        format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{OFFER}", OFFER.len());
    browser.say(&invite.replace("Content-Length: 0\r\n\r\n", &body)).await;
    let refused = browser.hear("SIP/2.0").await;
    assert!(refused.starts_with("SIP/2.0 488"), "{refused}");
    assert!(bench.calls.try_recv().is_err(), "nothing has come of it");
}

#[tokio::test]
async fn frames_that_are_no_sip_end_nothing_and_too_long_ones_the_connection() {
    let limits = Limits { messages_per_second: 20, ..Limits::default() };
    let bench = Bench::with(limits).await;
    let tunnels = bench.server.tunnels();
    let mut browser = Browser::at(&tunnels, "101").await;
    for noise in ["", "\r\n", "GET / HTTP/1.1\r\n\r\n", "INVITE", "\u{0}\u{1}\u{2}"] {
        browser.say(noise).await;
    }
    browser.0.into.send(vec![0xff; 100]).await.expect("it listens");
    browser.say("\r\n\r\n").await;
    assert_eq!(browser.hear("").await, "\r\n", "a keep-alive is answered");
    browser.say(&register("101").replace("CSeq: 1 REGISTER", "CSeq: x")).await;
    let refused = browser.hear("SIP/2.0").await;
    assert!(refused.starts_with("SIP/2.0 400"), "{refused}");

    // the gate counts for each browser by itself
    for _ in 0..200 {
        browser.say("OPTIONS sip:a SIP/2.0\r\n\r\n").await;
    }
    let mut other = Browser::at(&tunnels, "102").await;
    assert!(other.register("102").await.starts_with("SIP/2.0 200"));

    browser.0.into.send(vec![b'a'; 40_000]).await.expect("it listens");
    browser.is_closed().await;
    assert!(bench.server.registrations().borrow().is_registered("102"), "others stay");
}

#[tokio::test]
async fn connections_are_limited_each_extension_and_all() {
    let bench = Bench::with(Limits { connections: 6, ..Limits::default() }).await;
    let tunnels = bench.server.tunnels();
    let mut first = Browser::at(&tunnels, "101").await;
    first.register("101").await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(Browser::at(&tunnels, "101").await);
    }
    first.is_closed().await;
    wait_for(|| bench.server.counts().connections == 4).await;
    let _more = [Browser::at(&tunnels, "102").await, Browser::at(&tunnels, "102").await];
    assert_eq!(tunnels.open("102").await.err(), Some(TunnelError::TooMany));
    drop(bench);
    wait_for(|| others.iter().all(|it| it.0.into.is_closed())).await;
    assert_eq!(tunnels.open("101").await.err(), Some(TunnelError::Closed));
}

#[tokio::test]
async fn when_another_endpoint_serves_browsers_leave_once_they_have_no_call() {
    let bench = Bench::start().await;
    let tunnels = bench.server.tunnels();
    let (mut idle, mut talking) =
        (Browser::at(&tunnels, "101").await, Browser::at(&tunnels, "102").await);
    idle.register("101").await;
    talking.register("102").await;
    let (leg, mut events) = bench.server.call(call("102")).expect("it is registered");
    let invite = talking.hear("INVITE").await;
    talking.say(&response(&invite, "200 OK", ANSWER)).await;
    talking.hear("ACK").await;

    bench.server.hand_over();
    assert_eq!(tunnels.open("101").await.err(), Some(TunnelError::Closed));
    idle.is_closed().await;
    leg.hang_up().expect("the call stands");
    let bye = talking.hear("BYE").await;
    talking.say(&response(&bye, "200 OK", "")).await;
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Us });
    talking.is_closed().await;
}

#[test]
fn only_encrypted_sound_is_offered_to_a_browser() {
    assert!(Local::secured(OFFER.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP")).is_err());
    assert!(Local::secured("nothing".to_owned()).is_err());
    let offer = Local::secured(OFFER.to_owned()).expect("an offer");
    assert_eq!(offer.codecs, [Codec::Pcma, Codec::Pcmu]);
    assert!(offer.is_secured() && !local(1).is_secured());
}
