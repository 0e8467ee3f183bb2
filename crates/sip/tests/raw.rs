//! What a peer sees on the wire: a socket of the test talks with an endpoint in plain text.

mod bench;

use bench::{Bench, PATIENCE, call, ended, local};
use caruso_sip::sdp::Direction;
use caruso_sip::{Ended, LegEvent, Side, Transport};
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// A peer without a stack.
struct Peer {
    socket: UdpSocket,
    server: SocketAddr,
}

impl Peer {
    async fn new(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("loopback can be listened on");
        Self { socket, server }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.expect("loopback takes it");
    }

    /// The next message that begins so; others, sent again or provisional, are skipped.
    async fn receive(&self, beginning: &str) -> String {
        let mut buffer = vec![0; 65_535];
        let wanted = async {
            loop {
                let (length, _) = self.socket.recv_from(&mut buffer).await.expect("open");
                let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
                if text.starts_with(beginning) {
                    return text.into_owned();
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wanted).await;
        waited.unwrap_or_else(|_| unreachable!("no {beginning} came"))
    }

    /// A request of one dialog; `to` with or without a tag.
    fn request(&self, method: &str, to: &str, cseq: u32, more: &str) -> String {
        let own = self.address();
        let (fields, body) = more.split_once("\r\n\r\n").unwrap_or((more, ""));
        let gap = if fields.is_empty() { "" } else { "\r\n" };
        format!(
            "{method} sip:100@{} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{cseq};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:0612345678@{own}>;tag=mine\r\nTo: {to}\r\nCall-ID: raw@{own}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:0612345678@{own}>\r\n\
             {fields}{gap}Content-Length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        )
    }

    /// An INVITE with an offer under a direction.
    fn invite(&self, to: &str, cseq: u32, direction: &str) -> String {
        let offer = format!(
            "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 {cseq} IN IP4 127.0.0.1\r\ns=-\r\n\
             c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na={direction}\r\n"
        );
        self.request("INVITE", to, cseq, &offer)
    }
}

fn field<'a>(message: &'a str, name: &str) -> &'a str {
    let line = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| unreachable!("no {name} in {message}"))
}

const TO: &str = "<sip:100@server>";

/// An answered call of a raw peer.
async fn answered(bench: &mut Bench, peer: &Peer) -> (caruso_sip::Incoming, String) {
    peer.send(&peer.invite(TO, 1, "sendrecv")).await;
    let called = bench.incoming().await;
    called.leg.answer(&local(9000)).expect("acceptable");
    let ok = peer.receive("SIP/2.0 200").await;
    let to = field(&ok, "To").to_owned();
    peer.send(&peer.request("ACK", &to, 1, "")).await;
    let mut called = called;
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));
    (called, to)
}

#[tokio::test]
async fn tags_and_branches_carry_the_generation() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (called, to) = answered(&mut bench, &peer).await;
    assert!(to.contains(";tag=g1-"), "{to}");
    called.leg.hang_up().expect("the leg stands");
    let bye = peer.receive("BYE").await;
    assert!(field(&bye, "Via").contains("branch=z9hG4bKg1-"), "{bye}");
    assert!(field(&bye, "From").contains(";tag=g1-"), "{bye}");
    assert_eq!(field(&bye, "To"), format!("<sip:0612345678@{}>;tag=mine", peer.address()));
}

#[tokio::test]
async fn a_request_for_a_dialog_of_another_generation_is_481() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    for tag in ["g0-00000000-x", "x"] {
        peer.send(&peer.request("BYE", &format!("{TO};tag={tag}"), 2, "")).await;
        peer.receive("SIP/2.0 481").await;
    }
    peer.send(&peer.request("BYE", TO, 3, "")).await;
    peer.receive("SIP/2.0 481").await;
}

#[tokio::test]
async fn hold_and_resume_are_answered_with_our_session() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (mut called, to) = answered(&mut bench, &peer).await;
    for (cseq, theirs, ours, line) in [
        (2, "sendonly", Direction::RecvOnly, "a=recvonly"),
        (3, "inactive", Direction::Inactive, "a=inactive"),
        (4, "sendrecv", Direction::SendRecv, "a=sendrecv"),
    ] {
        peer.send(&peer.invite(&to, cseq, theirs)).await;
        let ok = peer.receive("SIP/2.0 200").await;
        assert_eq!(field(&ok, "CSeq"), format!("{cseq} INVITE"));
        assert!(ok.contains(line) && ok.contains("m=audio 9000 "), "{ok}");
        peer.send(&peer.request("ACK", &to, cseq, "")).await;
        let Some(LegEvent::Changed(agreed)) = called.events.next().await else {
            unreachable!("the change is told");
        };
        assert_eq!(agreed.direction, ours);
    }
    peer.send(&peer.request("INVITE", &to, 5, "")).await;
    let ok = peer.receive("SIP/2.0 200").await;
    assert!(ok.contains("m=audio 9000 RTP/AVP 8 0 101"), "our offer: {ok}");
    let answer = "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\n\
        c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4444 RTP/AVP 0\r\n";
    peer.send(&peer.request("ACK", &to, 5, answer)).await;
    let Some(LegEvent::Changed(agreed)) = called.events.next().await else {
        unreachable!("the change is told");
    };
    assert_eq!(agreed.remote.port(), 4444);
    let bad = "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\n\
        c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4444 RTP/AVP 9\r\n";
    peer.send(&peer.request("UPDATE", &to, 6, bad)).await;
    peer.receive("SIP/2.0 488").await;
    peer.send(&peer.request("BYE", &to, 7, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
}

#[tokio::test]
async fn keys_come_as_info_and_other_requests_are_answered() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (mut called, to) = answered(&mut bench, &peer).await;
    let relay = "Content-Type: application/dtmf-relay\r\n\r\nSignal= 5\r\nDuration=160\r\n";
    peer.send(&peer.request("INFO", &to, 2, relay)).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Key('5')));
    peer.receive("SIP/2.0 200").await;
    let bare = "Content-Type: application/dtmf\r\n\r\n#";
    peer.send(&peer.request("INFO", &to, 3, bare)).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Key('#')));
    peer.send(&peer.request("OPTIONS", &to, 4, "")).await;
    peer.receive("SIP/2.0 200").await;
    peer.send(&peer.request("UPDATE", &to, 5, "")).await;
    peer.receive("SIP/2.0 200").await;
    peer.send(&peer.request("BYE", &to, 6, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
}

#[tokio::test]
async fn an_invite_without_an_offer_gets_ours() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    peer.send(&peer.request("INVITE", TO, 1, "")).await;
    let mut called = bench.incoming().await;
    assert!(called.leg.offer().is_none());
    assert_eq!(called.leg.answer(&local(9000)), Ok(None));
    let ok = peer.receive("SIP/2.0 200").await;
    let to = field(&ok, "To").to_owned();
    assert!(ok.contains("m=audio 9000 RTP/AVP 8 0 101"), "{ok}");
    let answer = "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n\
        c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
    peer.send(&peer.request("ACK", &to, 1, answer)).await;
    let Some(LegEvent::Confirmed(Some(agreed))) = called.events.next().await else {
        unreachable!("the answer is told");
    };
    assert_eq!(agreed.remote.port(), 4000);
}

#[tokio::test]
async fn a_session_that_cannot_be_answered_is_488_and_a_broken_one_400() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let only_g722 = peer.invite(TO, 1, "sendrecv").replace("RTP/AVP 8", "RTP/AVP 9");
    peer.send(&only_g722).await;
    peer.receive("SIP/2.0 488").await;
    let broken = peer.invite(TO, 2, "sendrecv").replace("v=0", "v=9").replace("raw@", "raw2@");
    peer.send(&broken).await;
    peer.receive("SIP/2.0 400").await;
}

#[tokio::test]
async fn a_bye_before_the_answer_ends_the_invite_with_487() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    peer.send(&peer.invite(TO, 1, "sendrecv")).await;
    let mut called = bench.incoming().await;
    called.leg.ring().expect("the leg stands");
    let to = field(&peer.receive("SIP/2.0 180").await, "To").to_owned();
    peer.send(&peer.request("BYE", &to, 2, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::Cancelled);
    let ended_with = peer.receive("SIP/2.0 487").await;
    assert_eq!(field(&ended_with, "To"), to);
    bench.is_empty().await;
}

#[tokio::test]
async fn an_invite_of_the_peer_while_ours_is_open_is_glare() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let request = call(peer.address(), "100", Transport::Udp);
    let (leg, mut events) = bench.server.call(request).expect("legs are left");
    let invite = peer.receive("INVITE").await;
    let copied = |names: [&str; 4]| {
        names.map(|name| format!("{name}: {}\r\n", field(&invite, name))).concat()
    };
    let (from, to) = (field(&invite, "From"), field(&invite, "To"));
    let rest = copied(["Via", "From", "Call-ID", "CSeq"]);
    let ringing = format!(
        "SIP/2.0 180 Ringing\r\n{rest}To: {to};tag=theirs\r\n\
         Contact: <sip:x@{}>\r\nContent-Length: 0\r\n\r\n",
        peer.address()
    );
    peer.send(&ringing).await;
    assert_eq!(events.next().await, Some(LegEvent::Ringing));
    let glare = format!(
        "INVITE sip:x@{} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKglare;rport\r\n\
         From: {to};tag=theirs\r\nTo: {from}\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@{}>\r\nContent-Length: 0\r\n\r\n",
        bench.server.local_addr(),
        peer.address(),
        field(&invite, "Call-ID"),
        peer.address()
    );
    peer.send(&glare).await;
    peer.receive("SIP/2.0 491").await;
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::Cancelled);
    peer.receive("CANCEL").await;
}

#[tokio::test]
async fn sound_before_the_answer_is_told_once_with_where_it_comes_from() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let request = call(peer.address(), "100", Transport::Udp);
    let (leg, mut events) = bench.server.call(request).expect("legs are left");
    let invite = peer.receive("INVITE").await;
    let copied = |names: [&str; 4]| {
        names.map(|name| format!("{name}: {}\r\n", field(&invite, name))).concat()
    };
    let session = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=audio 40000 RTP/AVP 8\r\n";
    let progress = |session: &str| {
        format!(
            "SIP/2.0 183 Session Progress\r\n{}To: {};tag=theirs\r\nContact: <sip:x@{}>\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{session}",
            copied(["Via", "From", "Call-ID", "CSeq"]),
            field(&invite, "To"),
            peer.address(),
            session.len()
        )
    };
    peer.send(&progress("v=nonsense")).await;
    assert_eq!(events.next().await, Some(LegEvent::Ringing), "no sound that is understood");
    peer.send(&progress(session)).await;
    let early = events.next().await;
    let Some(LegEvent::Early(agreed)) = early else { panic!("{early:?}") };
    assert_eq!(agreed.remote.port(), 40_000);
    peer.send(&progress(session)).await;
    leg.hang_up().expect("the leg stands");
    assert_eq!(events.next().await, Some(LegEvent::Ended(Ended::Cancelled)));
    peer.receive("CANCEL").await;
}

#[tokio::test]
async fn options_is_answered_and_broken_messages_do_not_stop_that() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    for broken in ["\0\0\0", "SIP/2.0 200\r\n\r\n", "INVITE\r\n\r\n", "\r\n\r\n"] {
        peer.send(broken).await;
    }
    let options = peer.request("OPTIONS", TO, 1, "");
    peer.send(&options.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE")).await;
    let refused = peer.receive("SIP/2.0 400").await;
    assert!(field(&refused, "Warning").contains("CSeq names another method"));
    peer.send(&options).await;
    let ok = peer.receive("SIP/2.0 200").await;
    assert!(field(&ok, "Allow").contains("INVITE"));
    peer.send(&peer.request("PUBLISH", TO, 2, "")).await;
    peer.receive("SIP/2.0 405").await;
}

#[tokio::test]
async fn messages_on_a_stream_are_framed_and_broken_framing_closes_it() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let server = bench.server.local_addr();
    let mut stream = tokio::net::TcpStream::connect(server).await.expect("the server listens");
    let options = peer.request("OPTIONS", TO, 1, "");
    let both = format!("\r\n\r\n{options}{options}");
    for piece in both.as_bytes().chunks(100) {
        stream.write_all(piece).await.expect("open");
    }
    stream.write_all(options.replace("Content-Length: 0", "X: y").as_bytes()).await.expect("open");
    let mut text = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    read.expect("the server closes").expect("text");
    assert!(text.starts_with("\r\nSIP/2.0 200"), "{text}");
    assert_eq!(text.matches("SIP/2.0 200").count(), 2, "{text}");
    assert!(text.contains("SIP/2.0 400"), "{text}");
    bench::wait_for(|| bench.server.counts().connections == 0).await;
}
