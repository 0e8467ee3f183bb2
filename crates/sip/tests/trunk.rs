//! Looking after trunks: one that answers, one that falls silent, one that wants us to register.

mod bench;

use bench::peer::{Peer, field};
use bench::{Bench, PATIENCE};
use caruso_sip::{Health, Secret, Transport, Trunk};
use tokio::sync::watch;

async fn until(health: &mut watch::Receiver<Health>, wanted: Health) {
    let reached = tokio::time::timeout(PATIENCE, health.wait_for(|it| *it == wanted)).await;
    let Ok(reached) = reached.map(|it| it.is_ok()) else {
        unreachable!("not {wanted:?}, but {:?}", *health.borrow());
    };
    assert!(reached, "it is looked after");
}

fn trunk(server: String, account: Option<(&str, &str)>) -> Trunk {
    let account = account.map(|(name, secret)| (name.to_owned(), Secret::new(secret)));
    Trunk { server, transport: Transport::Udp, account, is_asked: true }
}

#[tokio::test]
async fn a_trunk_that_answers_is_up_until_it_falls_silent_or_is_out_of_service() {
    let bench = Bench::start().await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let mut health = bench.server.look_after(trunk(peer.address().to_string(), None));
    assert_eq!(*health.borrow(), Health::Unknown);
    for (status, expected) in [
        ("404 Not Found", Health::Up),
        ("503 Service Unavailable", Health::Refused(503)),
        ("200 OK", Health::Up),
    ] {
        let asked = peer.receive("OPTIONS").await;
        assert!(field(&asked, "From").contains(";tag=g1-"), "{asked}");
        peer.send(&peer.response(&asked, status, "")).await;
        until(&mut health, expected).await;
    }
    until(&mut health, Health::Unreachable).await;
    // what was sent again of the unanswered one may come first
    let answers = async {
        loop {
            let asked = peer.receive("OPTIONS").await;
            peer.send(&peer.response(&asked, "200 OK", "")).await;
        }
    };
    tokio::select! {
        () = answers => {}
        () = until(&mut health, Health::Up) => {}
    }
}

#[tokio::test]
async fn a_trunk_with_an_account_is_registered_and_a_wrong_secret_is_told() {
    let bench = Bench::start().await;
    let server = bench.server.local_addr().to_string();
    let mut right = bench.phone.look_after(trunk(server.clone(), Some(("101", "geheim"))));
    until(&mut right, Health::Up).await;
    let registrations = bench.server.registrations();
    assert!(registrations.borrow().is_registered("101"));
    let mut wrong = bench.caller.look_after(trunk(server, Some(("102", "falsch"))));
    until(&mut wrong, Health::Refused(401)).await;
    assert!(!registrations.borrow().is_registered("102"));
}

#[tokio::test]
async fn what_cannot_be_found_is_unreachable_and_nobody_is_asked_who_is_not_wanted() {
    let bench = Bench::start().await;
    for server in ["a name", "nobody.invalid", "me@127.0.0.1", ""] {
        let mut health = bench.server.look_after(trunk(server.to_owned(), None));
        until(&mut health, Health::Unreachable).await;
    }
    let own = bench.server.local_addr().to_string();
    let mut health = bench.server.look_after(trunk(own, None));
    until(&mut health, Health::Unreachable).await;
    drop(health);
    bench.is_empty().await;
}
