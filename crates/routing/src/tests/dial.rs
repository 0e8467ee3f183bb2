//! Calls that agents make.

use caruso_contact::{DialRule, EndCause, PurposeId};

use super::*;
use crate::{KnownOfNumber, Listed, NotReached};

pub(crate) fn dial(name: &str, number: u128, called: &str) -> Input {
    Input::Dial {
        message: None,
        agent: agent(name),
        contact: contact(number),
        number: called.to_owned(),
        purpose: PurposeId::new("service").expect("a name"),
        known: KnownOfNumber { listed: Listed::No, attempts: Vec::new() },
    }
}

fn not_ready(name: &str) -> Input {
    Input::SetNotReady { agent: agent(name), reason: ReasonId::new("break").expect("a name") }
}

fn hang_up(name: &str, number: u128) -> Input {
    Input::HangUp { agent: agent(name), contact: contact(number) }
}

/// Anna's phone has answered, and the customer's rings.
fn calling() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    assert_eq!(desk.take(dial("anna", 1, "06 1234 5678")), ["ring anna to dial 1"]);
    assert_eq!(desk.state("anna"), "dialling 1");
    assert_eq!(desk.answer("anna"), ["call 1"]);
    assert_eq!(desk.state("anna"), "dialling 1");
    desk
}

fn cause(desk: &Desk, number: u128) -> Option<EndCause> {
    desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { contact: id, event: ContactEvent::Ended { cause, .. } } => {
            (*id == contact(number)).then_some(*cause)
        }
        _ => None,
    })
}

#[test]
fn the_agents_phone_rings_before_the_customers_and_both_talk_when_it_answers() {
    let mut desk = calling();
    assert_eq!(desk.take(Input::CustomerAnswered { contact: contact(1) }), ["bridge 1"]);
    assert_eq!(desk.state("anna"), "talking 1");
    let hold = Input::Hold { agent: agent("anna"), contact: contact(1) };
    assert_eq!(desk.take(hold), ["part 1", "play music 1"], "as of the queue of the purpose");
    assert_eq!(desk.take(Input::CallerGone { contact: contact(1) }), ["drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.dispose("anna", 1).expect("a disposition of the queue of the purpose");
    assert_eq!(desk.state("anna"), "ready");
    assert!(desk.log.iter().all(|(_, event)| event.type_name() != "contact.queue-entered"));
}

#[test]
fn an_agent_who_dials_is_offered_nobody() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(dial("anna", 1, "0612345678"));
    assert_eq!(desk.call(2, "calm"), ["play music 2"]);
    desk.answer("anna");
    assert!(desk.pass(10).is_empty());
    let not_reached = |because| Input::CustomerNotReached { contact: contact(1), because };
    desk.take(not_reached(NotReached::Busy));
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "offered 2");
}

#[test]
fn whoever_was_not_ready_is_so_again_for_the_same_reason() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(not_ready("anna"));
    desk.take(dial("anna", 1, "0612345678"));
    desk.answer("anna");
    desk.take(Input::CustomerAnswered { contact: contact(1) });
    desk.take(hang_up("anna", 1));
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "not-ready break");
}

#[test]
fn what_became_of_a_call_that_reached_nobody_is_its_end_and_wrap_up_follows() {
    for (because, expected) in [
        (NotReached::Busy, EndCause::Busy),
        (NotReached::NoAnswer, EndCause::NoAnswer),
        (NotReached::Rejected, EndCause::Rejected),
        (NotReached::Unreachable, EndCause::Unreachable),
        (NotReached::Congestion, EndCause::Congestion),
    ] {
        let mut desk = calling();
        let effects = desk.take(Input::CustomerNotReached { contact: contact(1), because });
        assert_eq!(effects[1], "drop agent", "{effects:?}");
        assert_eq!((cause(&desk, 1), desk.state("anna")), (Some(expected), "wrap-up 1".into()));
    }
}

#[test]
fn each_phone_rings_until_its_deadline() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(dial("anna", 1, "0612345678"));
    assert!(desk.pass(19).is_empty());
    assert_eq!(desk.pass(1), ["drop caller 1 not-dialled", "drop agent"]);
    assert_eq!(desk.state("anna"), "ready", "there is nothing to finish");
    let mut desk = calling();
    assert!(desk.pass(44).is_empty());
    assert_eq!(desk.pass(1), ["drop caller 1 no-answer", "drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    assert_eq!(
        desk.take(Input::CustomerAnswered { contact: contact(1) }),
        ["drop caller 1 hung-up"]
    );
}

#[test]
fn an_agent_who_hangs_up_while_it_rings_ends_the_call() {
    let mut desk = calling();
    assert_eq!(desk.take(hang_up("anna", 1)), ["drop caller 1 hung-up", "drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    let mut desk = calling();
    let offer = desk.offer("anna");
    assert_eq!(desk.take(Input::AgentGone { offer }), ["drop caller 1 hung-up", "drop agent"]);
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(dial("anna", 1, "0612345678"));
    desk.take(hang_up("anna", 1));
    assert_eq!(desk.state("anna"), "ready", "nobody was called");
    // the phone is lost while it rings
    desk.take(dial("anna", 2, "0612345678"));
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
}

#[test]
fn what_a_rule_forbids_is_recorded_and_nothing_rings() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    assert!(desk.take(dial("anna", 1, "0900 1234567")).is_empty());
    assert_eq!((cause(&desk, 1), desk.state("anna")), (Some(EndCause::Denied), "ready".into()));
    let denied = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Dialled { evidence, .. }, .. } => evidence.denied,
        _ => None,
    });
    assert_eq!(denied, Some(DialRule::Destination));
    assert_eq!(desk.router.domain().contacts().count(), 0);
}

#[test]
fn who_cannot_call_is_told_so() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    let refused = |desk: &mut Desk, input| desk.try_take(input).expect_err("it cannot be");
    let mut about = dial("anna", 1, "0612345678");
    if let Input::Dial { purpose, .. } = &mut about {
        *purpose = PurposeId::new("marketing").expect("a name");
    }
    assert_eq!(refused(&mut desk, about.clone()), Refusal::UnknownPurpose);
    assert_eq!(refused(&mut desk, dial("bram", 1, "0612345678")), Refusal::NotSignedIn);
    if let Input::Dial { number, .. } = &mut about {
        *number = "112".to_owned();
    }
    assert_eq!(desk.take(about), ["ring anna to dial 1"], "whatever for");
    assert_eq!(refused(&mut desk, dial("anna", 2, "0612345678")), Refusal::InContact);
    let silent = ROUTING.split("<outbound").next().expect("some").to_owned() + "</routing>";
    let calls_nobody_back = |line: &&str| !line.trim_start().starts_with("<callback");
    let silent: String = silent.lines().filter(calls_nobody_back).collect();
    let mut desk = Desk::with(compiled(&silent));
    desk.ready("anna", "all");
    assert_eq!(refused(&mut desk, dial("anna", 1, "112")), Refusal::NoOutbound);
}

#[test]
fn a_call_that_is_made_ends_with_the_process() {
    let mut desk = calling();
    desk.recover(&[]);
    assert_eq!(cause(&desk, 1), Some(EndCause::Restarted));
    assert_eq!(desk.state("anna"), "wrap-up 1");
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(dial("anna", 1, "0612345678"));
    desk.recover(&[]);
    assert_eq!(desk.state("anna"), "ready");
}
