//! One endpoint takes the sockets of another, whose calls go on.

mod bench;

use bench::{Bench, HOUR, PATIENCE, T1, agreed, bound, call, ended, local, wait_for};
use caruso_sip::{
    Datagram, Ended, Endpoint, Estate, Incoming, LegEvent, Options, Origin, Predecessor, Secret,
    Side, Sockets, Target, Transport,
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The server's options, and its sockets for whoever comes after it.
fn server() -> (Options, Sockets, Sockets) {
    let mut options = Options::new(local(0).address);
    options.t1 = T1;
    options.trunks.push("127.0.0.1".parse().expect("an address"));
    options.credentials = Arc::new(bench::Phones);
    let first = Sockets::bind(options.listen).expect("loopback");
    let udp = first.udp.try_clone().expect("a socket");
    let tcp = first.tcp.try_clone().expect("a socket");
    (options, first, Sockets { udp, tcp })
}

/// The later endpoint, by whom what is not its own reaches the earlier, as between processes: as
/// text.
async fn take_over(
    first: &Endpoint,
    options: Options,
    sockets: Sockets,
) -> (Endpoint, mpsc::Receiver<Incoming>) {
    let estate = serde_json::to_string(&first.hand_over()).expect("it can be carried");
    let estate: Estate = serde_json::from_str(&estate).expect("it is whole");
    let (pass_on, mut passed) = mpsc::channel::<Datagram>(64);
    let successor = first.successor();
    tokio::spawn(async move {
        while let Some(datagram) = passed.recv().await {
            let text = serde_json::to_string(&datagram).expect("it can be carried");
            successor.pass_on(serde_json::from_str(&text).expect("it is whole"));
        }
    });
    let predecessor = Predecessor { estate, pass_on };
    Endpoint::on(sockets, options, Some(predecessor)).await.expect("the sockets are good")
}

async fn next(calls: &mut mpsc::Receiver<Incoming>) -> Incoming {
    let call = tokio::time::timeout(PATIENCE, calls.recv()).await;
    call.expect("a call comes in").expect("the server is open")
}

#[tokio::test]
async fn calls_go_on_where_they_are_and_new_ones_come_to_the_later_endpoint() {
    let (options, sockets, again) = server();
    let (first, mut calls) = Endpoint::on(sockets, options.clone(), None).await.expect("free");
    let at = first.local_addr();
    let (caller, _) = bound(Options::new(local(0).address)).await;
    let begin = |number: &str| caller.call(call(at, number, Transport::Udp)).expect("legs");

    // one that talks, and one that rings
    let (talking, mut talks) = begin("100");
    let mut answered = next(&mut calls).await;
    answered.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut talks).await;
    assert_eq!(answered.events.next().await, Some(LegEvent::Confirmed(None)));
    let (cancelled, mut cancels) = begin("101");
    let mut ringing = next(&mut calls).await;
    ringing.leg.ring().expect("the leg stands");
    assert_eq!(cancels.next().await, Some(LegEvent::Ringing));
    let (_rings, mut rung) = begin("102");
    let mut taken = next(&mut calls).await;
    taken.leg.ring().expect("the leg stands");
    assert_eq!(rung.next().await, Some(LegEvent::Ringing));

    let (second, mut later) = take_over(&first, options, again).await;
    assert_eq!(second.local_addr(), at);

    // a new call is the later one's, ringing ones are answered or given up where they are
    let (_new, mut news) = begin("103");
    let new = next(&mut later).await;
    assert_eq!(new.invitation.called_number, "103");
    new.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut news).await;
    cancelled.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut ringing.events).await, Ended::Cancelled);
    taken.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut rung).await;

    // either side of a call ends it
    talking.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut answered.events).await, Ended::HungUp { by: Side::Peer });
    taken.leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut rung).await, Ended::HungUp { by: Side::Peer });
    assert_eq!(ended(&mut taken.events).await, Ended::HungUp { by: Side::Us });
    wait_for(|| first.counts().legs == 0).await;
    assert!(calls.try_recv().is_err(), "nothing new came to the earlier one");

    // the earlier one goes, the later one serves on
    drop((first, calls));
    let (_last, mut last) = begin("104");
    let leg = next(&mut later).await.leg;
    leg.reject(486, None).expect("the leg stands");
    assert_eq!(ended(&mut last).await, Ended::Rejected { code: 486 });
}

#[tokio::test]
async fn phones_are_known_to_both_and_one_that_is_in_a_call_calls_the_one_that_has_it() {
    let (options, sockets, again) = server();
    let (first, mut calls) = Endpoint::on(sockets, options.clone(), None).await.expect("free");
    let mut bench = Bench::start().await;
    let mut account = bench.account("101", Transport::Udp);
    account.registrar = first.local_addr();
    bench.phone.register(&account, HOUR).await.expect("registered");
    let at = first.local_addr();
    let to_phone = || {
        let mut call = call(at, "x", Transport::Udp);
        call.target = Target::Extension("101".to_owned());
        call
    };
    let (_leg, mut events) = first.call(to_phone()).expect("registered");
    let busy = bench.rung().await;
    busy.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut events).await;

    let (second, mut later) = take_over(&first, options, again).await;
    let (_other, mut events) = second.call(to_phone()).expect("the later one knows the phone");
    bench.rung().await.leg.reject(486, None).expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 486 });

    // the phone's other line: whoever has the call has to join the two
    let mut from_phone = call(at, "102", Transport::Udp);
    from_phone.login = Some(("101".to_owned(), Secret::new("geheim")));
    let (_line, _) = bench.phone.call(from_phone).expect("legs are left");
    let line = next(&mut calls).await;
    assert_eq!(line.invitation.origin, Origin::Extension("101".to_owned()));
    assert!(later.try_recv().is_err());

    // the later one says where the phone is
    bench.phone.register(&account, std::time::Duration::ZERO).await.expect("taken back");
    first
        .successor()
        .replace_registrations(caruso_sip::registered(&second.registrations().borrow()));
    assert!(!first.registrations().borrow().is_registered("101"));
}

#[tokio::test]
async fn over_a_connection_of_the_earlier_endpoint_nothing_new_begins() {
    let (options, sockets, again) = server();
    let (first, mut calls) = Endpoint::on(sockets, options.clone(), None).await.expect("free");
    let at = first.local_addr();
    let (caller, _) = bound(Options::new(local(0).address)).await;
    let begin = |number: &str| caller.call(call(at, number, Transport::Tcp)).expect("legs");
    let (leg, mut talks) = begin("100");
    let mut answered = next(&mut calls).await;
    answered.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut talks).await;
    let (_second, mut later) = take_over(&first, options, again).await;
    let (_refused, mut events) = begin("101");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 503 });
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut answered.events).await, Ended::HungUp { by: Side::Peer });
    let (other, _) = bound(Options::new(local(0).address)).await;
    let (_leg, _) = other.call(call(at, "102", Transport::Tcp)).expect("legs");
    assert_eq!(next(&mut later).await.invitation.called_number, "102");
}
