use std::net::Ipv4Addr;

use super::*;

async fn phone() -> Softphone {
    Softphone::open(Ipv4Addr::LOCALHOST.into()).await.expect("a free port")
}

/// Drives both telephones until one of them does what is waited for.
async fn until(
    one: &mut Softphone,
    other: &mut Softphone,
    mut is_it: impl FnMut(&Event) -> bool,
) -> Event {
    let waiting = async {
        loop {
            let event =
                tokio::select! { event = one.next() => event, event = other.next() => event };
            if is_it(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it happens")
}

async fn connected() -> (Softphone, Softphone) {
    let (mut customer, mut agent) = (phone().await, phone().await);
    customer.call(agent.address(), "101", "0612345678").await.expect("a call");
    let is_incoming = |event: &Event| matches!(event, Event::Incoming { .. });
    until(&mut customer, &mut agent, is_incoming).await;
    agent.answer().await.expect("answered");
    let mut answered = 0;
    until(&mut customer, &mut agent, |event| {
        answered += u32::from(*event == Event::Answered);
        answered == 2
    })
    .await;
    (customer, agent)
}

#[tokio::test]
async fn keys_and_sound_reach_the_other_side() {
    let (mut customer, mut agent) = connected().await;
    customer.press('7').await.expect("pressed");
    until(&mut customer, &mut agent, |event| *event == Event::Key('7')).await;

    let loud = [8_000; FRAME_SAMPLES];
    let voice = agent.voice().expect("a call");
    for _ in 0..10 {
        voice.send(loud).await.expect("spoken");
    }
    let volume = 7_000..9_000;
    let is_loud = |event: &Event| match event {
        Event::Heard(frame) => frame.iter().all(|it| volume.contains(it)),
        _ => false,
    };
    until(&mut customer, &mut agent, is_loud).await;
    agent.hang_up();
    let how = until(&mut customer, &mut agent, |event| matches!(event, Event::Ended(_))).await;
    assert!(matches!(how, Event::Ended(Ended::HungUp { .. })), "{how:?}");
}

#[tokio::test]
async fn a_second_caller_finds_it_busy_and_a_declined_call_is_told() {
    let (mut customer, mut agent) = connected().await;
    let mut second = phone().await;
    second.call(agent.address(), "101", "0699999999").await.expect("a call");
    let refused = loop {
        let event = tokio::select! {
            event = second.next() => event,
            _ = agent.next() => continue,
            _ = customer.next() => continue,
        };
        if let Event::Ended(how) = event {
            break how;
        }
    };
    assert_eq!(refused, Ended::Rejected { code: 486 });

    let (mut customer, mut agent) = (phone().await, phone().await);
    customer.call(agent.address(), "101", "0612345678").await.expect("a call");
    let is_incoming = |event: &Event| matches!(event, Event::Incoming { .. });
    until(&mut customer, &mut agent, is_incoming).await;
    agent.hang_up();
    let mut ends = Vec::new();
    until(&mut customer, &mut agent, |event| {
        if let Event::Ended(how) = event {
            ends.push(*how);
        }
        ends.len() == 2
    })
    .await;
    assert_eq!(ends, [Ended::Rejected { code: 603 }; 2]);
}
