//! Calls between endpoints in one process, over loopback.

mod bench;

use bench::{Bench, HOUR, PATIENCE, agreed, bound, call, ended, local};
use caruso_sip::sdp::Codec;
use caruso_sip::{
    Account, Algorithm, Call, Caller, Ended, Error, Failure, LegEvent, Limits, Options, Origin,
    Secret, Side, Target, Transport,
};

#[tokio::test]
async fn a_call_rings_is_answered_and_hung_up_by_the_caller() {
    let mut bench = Bench::start().await;
    let (leg, mut events) = bench.call("0305550100");
    let mut called = bench.incoming().await;
    assert_eq!(called.invitation.called_number, "0305550100");
    assert_eq!(called.invitation.calling_number.as_deref(), Some("0612345678"));
    assert_eq!(called.invitation.origin, Origin::Trunk);
    assert_eq!(called.invitation.max_forwards, 70);

    called.leg.ring().expect("the leg stands");
    assert_eq!(events.next().await, Some(LegEvent::Ringing));
    let ours = called.leg.answer(&local(9000)).expect("acceptable").expect("there was an offer");
    assert_eq!(ours.remote.port(), 4000);
    assert_eq!(ours.codec, Codec::Pcma);
    assert_eq!(agreed(&mut events).await.remote.port(), 9000);
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));

    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Us });
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn the_called_side_hangs_up() {
    let mut bench = Bench::start().await;
    let (_leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    called.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut events).await;
    called.leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Us });
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn hanging_up_right_after_the_answer_waits_for_the_ack() {
    let mut bench = Bench::start().await;
    let (_leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    called.leg.answer(&local(9000)).expect("acceptable");
    called.leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Us });
    agreed(&mut events).await;
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_busy_phone_rejects() {
    let mut bench = Bench::start().await;
    let (_leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    called.leg.reject(486, Some("on the \"other\" line")).expect("the leg stands");
    assert_eq!(ended(&mut called.events).await, Ended::Rejected { code: 486 });
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 486 });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_caller_hears_sound_before_the_answer_and_then_the_same_side_answers() {
    let mut bench = Bench::start().await;
    let (_leg, mut events) = bench.call("100");
    let called = bench.incoming().await;
    let agreed = called.leg.progress(&local(9000)).expect("acceptable").expect("an offer");
    assert_eq!(agreed.remote.port(), 4000);
    let Some(LegEvent::Early(early)) = events.next().await else { panic!("no sound") };
    called.leg.answer(&local(9000)).expect("acceptable");
    assert_eq!(bench::agreed(&mut events).await, early, "the answer stands");
    called.leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_call_that_was_heard_before_the_answer_may_be_refused_all_the_same() {
    let mut bench = Bench::start().await;
    let (_leg, mut events) = bench.call("100");
    let called = bench.incoming().await;
    called.leg.progress(&local(9000)).expect("acceptable");
    called.leg.reject(486, None).expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 486 });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_caller_gives_up_while_it_rings() {
    let mut bench = Bench::start().await;
    let (leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    called.leg.ring().expect("the leg stands");
    assert_eq!(events.next().await, Some(LegEvent::Ringing));
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::Cancelled);
    assert_eq!(ended(&mut called.events).await, Ended::Cancelled);
    assert!(called.leg.answer(&local(9000)).is_err());
    bench.is_empty().await;
}

#[tokio::test]
async fn a_caller_gives_up_before_anything_came_back() {
    let mut bench = Bench::start().await;
    let (leg, mut events) = bench.call("100");
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut events).await, Ended::Cancelled);
    bench.is_empty().await;
    if let Ok(mut called) = bench.calls.try_recv() {
        assert_eq!(ended(&mut called.events).await, Ended::Cancelled);
    }
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_leaves_no_call() {
    let mut bench = Bench::start().await;
    for _ in 0..20 {
        let (leg, mut events) = bench.call("100");
        let mut called = bench.incoming().await;
        let answered = called.leg.answer(&local(9000)).is_ok();
        leg.hang_up().expect("the leg stands");
        let outcome = ended(&mut events).await;
        assert!(
            matches!(outcome, Ended::Cancelled | Ended::HungUp { by: Side::Us }),
            "{outcome:?}"
        );
        let outcome = ended(&mut called.events).await;
        let fits = matches!(outcome, Ended::Cancelled | Ended::HungUp { by: Side::Peer });
        assert!(fits, "{outcome:?} {answered}");
    }
    bench.is_empty().await;
}

#[tokio::test]
async fn dropping_a_leg_hangs_up() {
    let mut bench = Bench::start().await;
    let (leg, _) = bench.call("100");
    let mut called = bench.incoming().await;
    drop(leg);
    assert_eq!(ended(&mut called.events).await, Ended::Cancelled);
    let (_leg, mut events) = bench.call("100");
    drop(bench.incoming().await);
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 480 });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_call_that_nobody_answers_ends_by_itself() {
    let limits = Limits { unanswered: PATIENCE / 100, ..Limits::default() };
    let mut bench = Bench::with(limits).await;
    let (_leg, mut events) = bench.call("100");
    let mut called = bench.incoming().await;
    assert_eq!(ended(&mut called.events).await, Ended::Failed(Failure::Unanswered));
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 480 });
    bench.is_empty().await;
}

#[tokio::test]
async fn more_calls_than_legs_are_told_to_try_later() {
    let mut bench = Bench::with(Limits { legs: 2, ..Limits::default() }).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(bench.call("100"));
        let called = bench.incoming().await;
        held.push((called.leg, called.events));
    }
    let (_leg, mut events) = bench.call("100");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 503 });
    let full = bench.server.call(call(bench.caller.local_addr(), "100", Transport::Udp));
    assert!(matches!(full, Err(Error::TooManyLegs)));
    drop(held);
    bench.is_empty().await;
}

#[tokio::test]
async fn a_stranger_may_not_call() {
    let (server, _calls) = bound(Options::new(local(0).address)).await;
    let (caller, _) = bound(Options::new(local(0).address)).await;
    let (_leg, mut events) =
        caller.call(call(server.local_addr(), "100", Transport::Udp)).expect("legs are left");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 403 });
}

#[tokio::test]
async fn nobody_at_the_target_ends_the_call() {
    let bench = Bench::start().await;
    let free = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let nobody = free.local_addr().expect("bound");
    let (_leg, mut events) =
        bench.caller.call(call(nobody, "100", Transport::Udp)).expect("legs are left");
    assert_eq!(ended(&mut events).await, Ended::Rejected { code: 408 });
    drop(free);
    let (_leg, mut events) =
        bench.caller.call(call(nobody, "100", Transport::Tcp)).expect("legs are left");
    assert_eq!(ended(&mut events).await, Ended::Failed(Failure::Unreachable));
    let own = bench.caller.local_addr();
    let (_leg, mut events) =
        bench.caller.call(call(own, "100", Transport::Udp)).expect("legs are left");
    assert_eq!(ended(&mut events).await, Ended::Failed(Failure::Unreachable));
}

#[tokio::test]
async fn calls_go_over_tcp_too() {
    let mut bench = Bench::start().await;
    let request = call(bench.server.local_addr(), "100", Transport::Tcp);
    let (leg, mut events) = bench.caller.call(request).expect("legs are left");
    let mut called = bench.incoming().await;
    called.leg.ring().expect("the leg stands");
    assert_eq!(events.next().await, Some(LegEvent::Ringing));
    called.leg.answer(&local(9000)).expect("acceptable");
    agreed(&mut events).await;
    assert_eq!(called.events.next().await, Some(LegEvent::Confirmed(None)));
    assert_eq!(bench.server.counts().connections, 1);
    leg.hang_up().expect("the leg stands");
    assert_eq!(ended(&mut called.events).await, Ended::HungUp { by: Side::Peer });
    bench.is_empty().await;
}

#[tokio::test]
async fn a_phone_registers_is_called_and_calls_with_its_digest() {
    let both: &[Algorithm] = &[Algorithm::Sha256, Algorithm::Md5];
    for (transport, algorithms) in [(Transport::Udp, both), (Transport::Tcp, &[Algorithm::Md5])] {
        let mut bench = Bench::challenging(Limits::default(), algorithms).await;
        let mut account = bench.account("101", transport);
        let granted = bench.phone.register(&account, HOUR).await.expect("registered");
        assert_eq!(granted, Limits::default().expires);
        let seen = bench.server.registrations();
        assert!(seen.borrow().is_registered("101"));

        let mut to_phone = call(bench.server.local_addr(), "x", Transport::Udp);
        to_phone.target = Target::Extension("101".to_owned());
        let (leg, mut events) = bench.server.call(to_phone).expect("registered");
        let mut rung = bench.rung().await;
        rung.leg.answer(&local(9000)).expect("acceptable");
        agreed(&mut events).await;
        leg.hang_up().expect("the leg stands");
        assert_eq!(ended(&mut rung.events).await, Ended::HungUp { by: Side::Peer });

        let mut from_phone = call(bench.server.local_addr(), "100", transport);
        from_phone.login = Some((account.extension.clone(), account.secret.clone()));
        let (_leg, mut events) = bench.phone.call(from_phone).expect("legs are left");
        let called = bench.incoming().await;
        assert_eq!(called.invitation.origin, Origin::Extension("101".to_owned()));
        called.leg.reject(486, None).expect("the leg stands");
        assert_eq!(ended(&mut events).await, Ended::Rejected { code: 486 });

        account.secret = Secret::new("wrong");
        let refused = bench.phone.register(&account, HOUR).await;
        assert!(matches!(refused, Err(Error::Refused(401))), "{refused:?}");
        account.secret = Secret::new("geheim");
        bench.phone.register(&account, std::time::Duration::ZERO).await.expect("taken back");
        assert!(!bench.server.registrations().borrow().is_registered("101"));
        bench.is_empty().await;
    }
}

#[tokio::test]
async fn a_registration_over_tcp_ends_with_its_connection() {
    let bench = Bench::start().await;
    let account = bench.account("101", Transport::Tcp);
    bench.phone.register(&account, HOUR).await.expect("registered");
    let mut seen = bench.server.registrations();
    drop(bench.phone);
    let gone = seen.wait_for(|now| !now.is_registered("101"));
    tokio::time::timeout(PATIENCE, gone).await.expect("in time").expect("the server is open");
}

#[tokio::test]
async fn a_closing_endpoint_says_goodbye_on_all_its_legs() {
    let mut bench = Bench::start().await;
    let (leg, _) = bench.call("100");
    let mut first = bench.incoming().await;
    let (_held, mut held) = bench.call("100");
    let mut second = bench.incoming().await;
    for called in [&first, &second] {
        called.leg.answer(&local(9000)).expect("acceptable");
    }
    agreed(&mut held).await;
    assert_eq!(first.events.next().await, Some(LegEvent::Confirmed(None)));
    drop(leg);
    drop(bench.caller);
    assert_eq!(ended(&mut first.events).await, Ended::HungUp { by: Side::Peer });
    assert_eq!(ended(&mut held).await, Ended::Failed(Failure::Closed));
    assert_eq!(ended(&mut second.events).await, Ended::HungUp { by: Side::Peer });
}

#[tokio::test]
async fn what_cannot_be_written_into_a_message_is_refused() {
    let bench = Bench::start().await;
    let good = call(bench.server.local_addr(), "100", Transport::Udp);
    for bad in [
        Call { target: Target::Uri("sip:".to_owned()), ..good.clone() },
        Call { headers: vec![("X".into(), "a\r\nB: c".into())], ..good.clone() },
        Call { headers: vec![("X Y".into(), "a".into())], ..good.clone() },
        Call { from: Caller { number: "1>;tag=2".into(), name: None }, ..good.clone() },
    ] {
        assert!(matches!(bench.caller.call(bad), Err(Error::Invalid(_))));
    }
    let absent = Call { target: Target::Extension("999".to_owned()), ..good };
    assert!(matches!(bench.server.call(absent), Err(Error::NotRegistered)));
}

#[tokio::test]
async fn a_withheld_number_and_a_name_arrive() {
    let mut bench = Bench::start().await;
    let mut withheld = call(bench.server.local_addr(), "100", Transport::Udp);
    withheld.from = Caller { number: String::new(), name: Some("A \"quoted\" name".into()) };
    let _leg = bench.caller.call(withheld).expect("legs are left");
    assert_eq!(bench.incoming().await.invitation.calling_number, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_calls_leave_nothing_behind() {
    let mut bench = Bench::start().await;
    for round in 0..25 {
        let mut talking = Vec::new();
        for number in 0..20 {
            let (leg, events) = bench.call("100");
            let called = bench.incoming().await;
            match number % 4 {
                0 => called.leg.reject(486, None).expect("the leg stands"),
                1 => leg.hang_up().expect("the leg stands"),
                _ => {
                    called.leg.answer(&local(9000)).expect("acceptable");
                }
            }
            talking.push((leg, events, called));
        }
        for (index, (leg, mut events, mut called)) in talking.into_iter().enumerate() {
            if index % 4 == 2 {
                leg.hang_up().ok();
            } else if index % 4 == 3 {
                called.leg.hang_up().ok();
            }
            ended(&mut events).await;
            ended(&mut called.events).await;
        }
        assert!(bench.server.counts().legs <= 40, "round {round}");
    }
    bench.is_empty().await;
}

#[test]
fn an_account_does_not_print_its_secret() {
    let account = Account {
        registrar: local(5060).address,
        transport: Transport::Udp,
        extension: "101".to_owned(),
        secret: Secret::new("geheim"),
    };
    assert!(!format!("{account:?}").contains("geheim"));
}
