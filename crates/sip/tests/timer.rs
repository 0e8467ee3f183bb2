//! Session timers on the wire: a peer without a stack refreshes, is refreshed, or is gone.

mod bench;

use std::time::Duration;

use bench::peer::{Peer, TO, field, session};
use bench::{Bench, ended, local};
use caruso_sip::{Ended, Failure, Incoming, LegEvent, Limits, Side};

/// Sessions of two seconds: a refresh comes after one.
fn hasty() -> Limits {
    let session = Duration::from_secs(2);
    Limits { session, least_session: session, ..Limits::default() }
}

/// The call that this INVITE makes, with its 200 and the To of our later requests.
async fn answered(bench: &mut Bench, peer: &Peer, invite: &str) -> (Incoming, String, String) {
    peer.send(invite).await;
    let mut called = bench.incoming().await;
    called.leg.answer(&local(9000)).expect("acceptable");
    let ok = peer.receive("SIP/2.0 200").await;
    let to = field(&ok, "To").to_owned();
    peer.send(&peer.request("ACK", &to, 1, "")).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));
    (called, ok, to)
}

#[tokio::test]
async fn a_peer_without_timers_is_asked_with_the_session_as_it_is() {
    let mut bench = Bench::with(hasty()).await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let invite = peer.invite(TO, 1, "sendrecv");
    let (mut called, ok, _) = answered(&mut bench, &peer, &invite).await;
    for _ in 0..2 {
        let asked = peer.receive("INVITE").await;
        let (_, ours) = ok.split_once("\r\n\r\n").expect("a body");
        assert!(asked.ends_with(ours), "{asked}\n{ours}");
        peer.send(&peer.response(&asked, "200 OK", &session(1, "sendrecv"))).await;
        peer.receive("ACK").await;
    }
    let asked = peer.receive("INVITE").await;
    peer.send(&peer.response(&asked, "481 Call/Transaction Does Not Exist", "")).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Ended(Ended::Failed(Failure::Gone))));
    peer.receive("BYE").await;
}

/// An INVITE whose sender knows timers and says so much of this one.
fn timed(peer: &Peer, to: &str, cseq: u32, terms: &str) -> String {
    let fields = format!("Supported: timer\r\nAllow: INVITE, UPDATE\r\n{terms}\r\nContent-Type");
    peer.invite(to, cseq, "sendrecv").replace("Content-Type", &fields)
}

#[tokio::test]
async fn a_peer_that_takes_updates_is_asked_with_one() {
    let mut bench = Bench::with(hasty()).await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let invite = timed(&peer, TO, 1, "Session-Expires: 4");
    let (mut called, ok, to) = answered(&mut bench, &peer, &invite).await;
    assert_eq!(field(&ok, "Session-Expires"), "2;refresher=uas");
    assert!(field(&ok, "Supported").contains("timer"), "{ok}");
    for _ in 0..2 {
        let asked = peer.receive("UPDATE").await;
        assert_eq!(field(&asked, "Session-Expires"), "2;refresher=uac");
        peer.send(&peer.response(&asked, "200 OK", "Session-Expires: 2;refresher=uac")).await;
    }
    peer.send(&peer.request("BYE", &to, 2, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_peer_that_has_taken_it_on_and_falls_silent_has_gone() {
    let mut bench = Bench::with(hasty()).await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let invite = timed(&peer, TO, 1, "Session-Expires: 2;refresher=uac");
    let (mut called, ok, to) = answered(&mut bench, &peer, &invite).await;
    assert_eq!(field(&ok, "Session-Expires"), "2;refresher=uac");
    assert_eq!(field(&ok, "Require"), "timer");
    let refresh = "Supported: timer\r\nSession-Expires: 2;refresher=uac";
    peer.send(&peer.request("UPDATE", &to, 2, refresh)).await;
    let ok = peer.receive("SIP/2.0 200").await;
    assert_eq!(field(&ok, "CSeq"), "2 UPDATE");
    assert_eq!(field(&ok, "Session-Expires"), "2;refresher=uac");
    assert_eq!(called.events.next().await, Some(LegEvent::Ended(Ended::Failed(Failure::Gone))));
    peer.receive("BYE").await;
}

#[tokio::test]
async fn a_session_of_less_than_we_take_is_422() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let short = "Session-Expires: 60;refresher=uac";
    peer.send(&timed(&peer, TO, 1, short).replace("raw@", "short@")).await;
    assert_eq!(field(&peer.receive("SIP/2.0 422").await, "Min-SE"), "90");
    let invite = timed(&peer, TO, 1, "Session-Expires: 90;refresher=uac");
    let (mut called, _, to) = answered(&mut bench, &peer, &invite).await;
    peer.send(&timed(&peer, &to, 2, short)).await;
    assert_eq!(field(&peer.receive("SIP/2.0 422").await, "Min-SE"), "90");
    peer.send(&peer.request("ACK", &to, 2, "")).await;
    peer.send(&peer.request("BYE", &to, 3, "")).await;
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_peer_is_asked_at_once_when_nothing_is_heard_of_it() {
    let mut bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let invite = timed(&peer, TO, 1, "Session-Expires: 1800");
    let (mut called, ..) = answered(&mut bench, &peer, &invite).await;
    called.leg.probe().expect("the leg stands");
    let asked = peer.receive("UPDATE").await;
    peer.send(&peer.response(&asked, "200 OK", "Session-Expires: 1800;refresher=uac")).await;
    // The first is answered before the second can be asked.
    bench::wait_for(|| bench.server.counts().transactions == 0).await;
    called.leg.probe().expect("the leg stands");
    peer.receive("UPDATE").await;
    assert_eq!(called.events.next().await, Some(LegEvent::Ended(Ended::Failed(Failure::Gone))));
    peer.receive("BYE").await;
}

#[tokio::test]
async fn two_servers_keep_a_session_alive_between_them() {
    let mut bench = Bench::with(hasty()).await;
    let (leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    called.leg.answer(&local(9000)).expect("acceptable");
    bench::agreed(&mut events).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));
    // Longer than the session would last if nobody refreshed it.
    for _ in 0..2 {
        let silent = Peer::new(bench.server.local_addr()).await;
        let invite = timed(&silent, TO, 1, "Session-Expires: 2;refresher=uac");
        let (mut left, ..) = answered(&mut bench, &silent, &invite).await;
        assert_eq!(ended(&mut left.events).await, Ended::Failed(Failure::Gone));
    }
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Us });
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}
