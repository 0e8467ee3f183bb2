//! What a peer sees on the wire: a socket of the test talks with an endpoint in plain text.

mod bench;

use bench::peer::{Peer, TO, field, session};
use bench::{Bench, PATIENCE, call, ended, local};
use caruso_sip::sdp::Direction;
use caruso_sip::{Ended, LegEvent, Side, Transport};

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
        c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4444 RTP/AVP 3\r\n";
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
async fn a_referral_is_answered_by_the_application_and_told_of_once() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (mut called, to) = answered(&mut bench, &peer).await;
    for (cseq, fields, status) in [
        (2, "X: y", "400"),
        (3, "Refer-To: nobody", "400"),
        (4, "Refer-To: <sip:103@a>\r\nRefer-To: <sip:104@a>", "400"),
        (5, "Refer-To: <sip:103@a?Replaces=1%40a%3Bto-tag%3D2>", "400"),
        (6, "Refer-To: <sip:103@a?Replaces=1%3Bto-tag%3D2%3Bto-tag%3D2%3Bfrom-tag%3D3>", "400"),
    ] {
        peer.send(&peer.request("REFER", &to, cseq, fields)).await;
        let refused = peer.receive(&format!("SIP/2.0 {status}")).await;
        assert_eq!(field(&refused, "CSeq"), format!("{cseq} REFER"));
    }
    peer.send(&peer.request("REFER", &to, 7, "Refer-To: \"Carla\" <sip:%31%303@a;x=y>")).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Refers("103".to_owned())));
    peer.send(&peer.request("REFER", &to, 8, "Refer-To: sip:104@a")).await;
    peer.receive("SIP/2.0 491").await;
    called.leg.answer_referral(480).expect("the leg stands");
    peer.receive("SIP/2.0 480").await;
    called.leg.answer_referral(200).expect("the leg stands, and no referral waits");
    peer.send(&peer.request("REFER", &to, 9, "Refer-To: sip:104@a")).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Refers("104".to_owned())));
    called.leg.answer_referral(200).expect("the leg stands");
    assert_eq!(field(&peer.receive("SIP/2.0 202").await, "CSeq"), "9 REFER");
    let told = peer.receive("NOTIFY").await;
    assert_eq!(field(&told, "Event"), "refer");
    assert!(field(&told, "Subscription-State").starts_with("terminated"), "{told}");
    assert!(told.ends_with("\r\n\r\nSIP/2.0 200 OK"), "{told}");
    peer.send(&peer.response(&told, "200 OK", "")).await;
    called.leg.hang_up().expect("the leg stands");
    peer.receive("BYE").await;
}

#[tokio::test]
async fn a_phone_joins_the_far_ends_of_two_calls_and_names_no_other() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (mut first, to) = answered(&mut bench, &peer).await;
    // a second call of the same peer, under another Call-ID
    let invite =
        peer.invite(TO, 1, "sendrecv").replace("raw@", "two@").replace("tag=mine", "tag=b");
    peer.send(&invite.replace("z9hG4bKINVITE1", "z9hG4bKINVITEb")).await;
    let second = bench.incoming().await;
    second.leg.answer(&local(9002)).expect("acceptable");
    let ok = peer.receive("SIP/2.0 200").await;
    let (id, tag) = (field(&ok, "Call-ID").to_owned(), field(&ok, "To").to_owned());
    let ours = tag.split_once(";tag=").expect("a tag").1;
    let refer = |cseq: u32, ours: &str| {
        let named = format!("{}%3Bto-tag%3D{ours}%3Bfrom-tag%3Db", id.replace('@', "%40"));
        peer.request("REFER", &to, cseq, &format!("Refer-To: <sip:103@a?Replaces={named}>"))
    };
    for (cseq, tag, is_it) in [(2, ours, true), (3, "g1-00000000-other", false)] {
        peer.send(&refer(cseq, tag)).await;
        let joins = loop {
            match first.events.next().await {
                Some(LegEvent::Joins(named)) => break named,
                Some(_) => {}
                None => unreachable!("the call stands"),
            }
        };
        assert_eq!(second.leg.is_named(&joins), is_it);
        assert!(!first.leg.is_named(&joins), "it is the other one");
        first.leg.answer_referral(481).expect("the leg stands");
        peer.receive("SIP/2.0 481").await;
    }
}

#[tokio::test]
async fn nobody_takes_over_a_call_by_naming_it() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let (called, to) = answered(&mut bench, &peer).await;
    let tag = to.split_once(";tag=").expect("a tag").1;
    for (cseq, named) in
        [(1, format!("raw@{};to-tag={tag};from-tag=mine", peer.address())), (2, "x".into())]
    {
        let invite = peer.request("INVITE", TO, cseq, &format!("Replaces: {named}"));
        let invite = invite
            .replace("raw@", &format!("new{cseq}@"))
            .replace("Replaces: new1@", "Replaces: raw@");
        peer.send(&invite.replace(&format!("z9hG4bKINVITE{cseq}"), &format!("z9hG4bKnew{cseq}")))
            .await;
        let refused = peer.receive("SIP/2.0 403").await;
        assert!(field(&refused, "Call-ID").starts_with(&format!("new{cseq}@")), "{refused}");
    }
    called.leg.hang_up().expect("the call stands");
    peer.receive("BYE").await;
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
    let only_gsm = peer.invite(TO, 1, "sendrecv").replace("RTP/AVP 8", "RTP/AVP 3");
    peer.send(&only_gsm).await;
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
    let described = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
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
    peer.send(&progress(described)).await;
    let early = events.next().await;
    let Some(LegEvent::Early(agreed)) = early else { panic!("{early:?}") };
    assert_eq!(agreed.remote.port(), 40_000);
    peer.send(&progress(described)).await;
    leg.hang_up().expect("the leg stands");
    assert_eq!(events.next().await, Some(LegEvent::Ended(Ended::Cancelled)));
    peer.receive("CANCEL").await;
}

#[tokio::test]
async fn a_provisional_response_that_wants_to_be_acknowledged_is() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let request = call(peer.address(), "100", Transport::Udp);
    let (leg, mut events) = bench.server.call(request).expect("legs are left");
    let invite = peer.receive("INVITE").await;
    assert!(field(&invite, "Supported").contains("100rel"), "{invite}");
    let tagged = invite.replace("\r\nTo: ", "\r\nOld-To: ");
    let to = format!("To: {};tag=theirs\r\n", field(&invite, "To"));
    let tagged = tagged.replacen("\r\n", &format!("\r\n{to}"), 1);
    let more = "Require: 100rel\r\nRSeq: 7";
    peer.send(&peer.response(&tagged, "183 Session Progress", more)).await;
    let acknowledged = peer.receive("PRACK").await;
    assert_eq!(field(&acknowledged, "RAck"), format!("7 {}", field(&invite, "CSeq")));
    peer.send(&peer.response(&acknowledged, "200 OK", "")).await;
    peer.send(&peer.response(&tagged, "200 OK", &session(1, "sendrecv"))).await;
    peer.receive("ACK").await;
    bench::agreed(&mut events).await;
    leg.hang_up().expect("the leg stands");
    let bye = peer.receive("BYE").await;
    peer.send(&peer.response(&bye, "200 OK", "")).await;
    bench.is_empty().await;
}

#[tokio::test]
async fn a_caller_who_wants_provisional_responses_acknowledged_gets_none_but_the_answer() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let invite = peer.invite(TO, 1, "sendrecv");
    peer.send(&invite.replace("Content-Type", "Require: 100rel\r\nContent-Type")).await;
    let mut called = bench.incoming().await;
    called.leg.ring().expect("the leg stands");
    called.leg.answer(&local(9000)).expect("acceptable");
    let first = peer.receive("SIP/2.0").await;
    let answer =
        if first.starts_with("SIP/2.0 100") { peer.receive("SIP/2.0").await } else { first };
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    let to = field(&answer, "To").to_owned();
    peer.send(&peer.request("ACK", &to, 1, "")).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));
    peer.send(&peer.request("BYE", &to, 2, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
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

#[tokio::test]
async fn a_trunk_vouches_for_the_number_of_its_caller_and_may_withhold_it() {
    let mut bench = Bench::start().await;
    let offer = session(1, "sendrecv");
    for (index, (fields, expected)) in [
        ("", Some("0612345678")),
        ("P-Asserted-Identity: \"Eva\" <sip:+31687654321@trunk;user=phone>", Some("+31687654321")),
        ("P-Asserted-Identity: <tel:+31687654321;x=y>", Some("+31687654321")),
        ("P-Asserted-Identity: <sip:0031%206%2087654321@trunk>", Some("0031 6 87654321")),
        ("P-Asserted-Identity: <sip:+31687654321@trunk>\r\nPrivacy: id", None),
        ("P-Asserted-Identity: <sip:anonymous@anonymous.invalid>", None),
    ]
    .into_iter()
    .enumerate()
    {
        // each is a call of its own
        let peer = Peer::new(bench.server.local_addr()).await;
        let gap = if index == 0 { "" } else { "\r\n" };
        peer.send(&peer.request("INVITE", TO, 1, &format!("{fields}{gap}{offer}"))).await;
        let called = bench.incoming().await;
        assert_eq!(called.invitation.calling_number.as_deref(), expected, "{fields}");
        called.leg.reject(486, None).expect("the leg stands");
        let refused = peer.receive("SIP/2.0 486").await;
        peer.send(&peer.request("ACK", field(&refused, "To"), 1, "")).await;
    }
}
