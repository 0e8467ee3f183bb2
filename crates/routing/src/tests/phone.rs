//! What agents do with their phones by themselves.

use caruso_contact::{DialEvidence, EndCause};

use super::*;
use crate::{AtPhone, KnownOfNumber, Listed, NotReached};

pub(crate) fn dials(name: &str, number: u128, called: &str) -> Input {
    Input::AtPhone(AtPhone::Dials {
        agent: agent(name),
        contact: contact(number),
        offer: leg(number),
        number: called.to_owned(),
        known: KnownOfNumber { listed: Listed::No, attempts: Vec::new() },
    })
}

fn leg(number: u128) -> OfferId {
    OfferId(Uuid::from_u128(2_000_000 + number))
}

fn begins(name: &str) -> Input {
    Input::AtPhone(AtPhone::Begins { agent: agent(name) })
}

fn ends(name: &str) -> Input {
    Input::AtPhone(AtPhone::Ends { agent: agent(name) })
}

fn take_break(name: &str) -> Input {
    Input::SetNotReady { agent: agent(name), reason: ReasonId::new("break").expect("a name") }
}

fn evidence(desk: &Desk, number: u128) -> DialEvidence {
    let found = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { contact: id, event: ContactEvent::Dialled { evidence, .. } } => {
            (*id == contact(number)).then(|| evidence.clone())
        }
        _ => None,
    });
    found.expect("it was dialled")
}

fn kinds(desk: &Desk, number: u128) -> Vec<&str> {
    let of_it = desk.log.iter().filter(|(_, it)| it.contact() == Some(contact(number)));
    of_it.map(|(_, event)| event.type_name()).collect()
}

#[test]
fn a_call_dialled_at_the_phone_is_made_at_once_and_wrapped_up_like_any_other() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    assert_eq!(desk.take(dials("anna", 1, "06 1234 5678")), ["call 1 for the phone"]);
    assert_eq!(desk.state("anna"), "dialling 1");
    assert_eq!(desk.call(2, "calm"), ["play music 2"], "she is offered nobody");
    assert_eq!(desk.take(Input::CustomerAnswered { contact: contact(1) }), ["bridge 1"]);
    assert_eq!(desk.state("anna"), "talking 1");
    desk.take(Input::AgentGone { offer: leg(1) });
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.dispose("anna", 1).expect("a disposition of the queue of the purpose");
    assert_eq!(desk.state("anna"), "offered 2");
    assert_eq!(evidence(&desk, 1).purpose.as_str(), "service");
}

#[test]
fn a_call_from_the_phone_that_nobody_takes_ends_as_one_from_the_desk() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(take_break("anna"));
    desk.take(dials("anna", 1, "0612345678"));
    let because = NotReached::Busy;
    let effects = desk.take(Input::CustomerNotReached { contact: contact(1), because });
    assert_eq!(effects, ["drop caller 1 busy", "drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "not-ready break", "as before");
    desk.take(dials("anna", 2, "0612345678"));
    assert!(desk.pass(44).is_empty());
    assert_eq!(desk.pass(1), ["drop caller 2 no-answer", "drop agent"]);
}

#[test]
fn what_the_gate_forbids_at_the_desk_it_forbids_at_the_phone() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    assert!(desk.take(dials("anna", 1, "0900 1234567")).is_empty());
    assert_eq!(evidence(&desk, 1).denied, Some(caruso_contact::DialRule::Destination));
    assert!(desk.take(dials("anna", 2, "sip:you")).is_empty());
    assert_eq!(evidence(&desk, 2).denied, Some(caruso_contact::DialRule::NotANumber));
    assert_eq!(desk.state("anna"), "ready");
    assert_eq!(desk.router.domain().contacts().count(), 0);
}

#[test]
fn who_has_not_signed_in_calls_where_the_file_lets_everybody_and_wraps_nothing_up() {
    let mut desk = Desk::new();
    assert_eq!(desk.take(dials("anna", 1, "0612345678")), ["call 1 for the phone"]);
    desk.take(Input::CustomerAnswered { contact: contact(1) });
    let held = desk.take(Input::PhoneHeld { offer: leg(1) });
    assert_eq!(held, ["part 1", "play music 1"], "the phone's keys work");
    let effects = desk.take(Input::AgentGone { offer: leg(1) });
    assert_eq!(effects, ["file 1", "drop caller 1 hung-up"]);
    assert!(!kinds(&desk, 1).contains(&"contact.wrap-up-started"));
    assert_eq!(desk.router.domain().contacts().count(), 0);
    // the same where nobody answers
    desk.take(dials("anna", 2, "0612345678"));
    assert_eq!(desk.pass(45), ["file 2", "drop caller 2 no-answer", "drop agent"]);
    // signing in meanwhile changes nothing about it
    desk.take(dials("anna", 3, "0612345678"));
    desk.take(Input::CustomerAnswered { contact: contact(3) });
    desk.ready("anna", "all");
    assert_eq!(desk.take(Input::CallerGone { contact: contact(3) }), ["file 3", "drop agent"]);
    assert_eq!(desk.state("anna"), "ready");
}

#[test]
fn an_emergency_number_is_called_whatever_the_agent_does_and_whatever_the_file_says() {
    let mut desk = Desk::with(compiled(
        &ROUTING.replace("phone-purpose=\"service\"", "").replace("phone-agents=\"all\"", ""),
    ));
    assert_eq!(desk.try_take(dials("anna", 1, "0612345678")), Err(Refusal::NoPhoneCalls));
    assert_eq!(desk.take(dials("anna", 2, "112")), ["call 2 for the phone"], "not signed in");
    desk.ready("bram", "all");
    desk.call(3, "calm");
    desk.answer("bram");
    assert_eq!(desk.take(dials("bram", 4, "1 1 2")), ["call 4 for the phone"], "while talking");
    assert!(evidence(&desk, 4).is_emergency);
    desk.take(Input::CustomerAnswered { contact: contact(4) });
    assert_eq!(desk.state("bram"), "talking 3", "the customer has nothing to do with it");
    desk.take(Input::AgentLost { offer: leg(4) });
    assert_eq!(desk.state("bram"), "talking 3");
    desk.take(Input::CallerGone { contact: contact(3) });
    assert_eq!(desk.state("bram"), "wrap-up 3");
    assert_eq!(desk.take(dials("bram", 5, "112")), ["call 5 for the phone"], "in wrap-up");
}

#[test]
fn a_call_made_aside_is_nobodys_to_pass_on_or_to_listen_to() {
    let mut desk = Desk::new();
    desk.ready("bram", "all");
    desk.take(Input::PhoneRegistered { agent: agent("sofie") });
    desk.take(dials("anna", 1, "0612345678"));
    desk.take(Input::CustomerAnswered { contact: contact(1) });
    let to = crate::Destination::Agent(agent("bram"));
    let note = String::new().into();
    let passed_on = Input::Transfer { agent: agent("anna"), contact: contact(1), to, note };
    assert_eq!(desk.try_take(passed_on), Err(Refusal::NotTalking));
    let mode = caruso_contact::ListeningMode::Listen;
    let listens = Input::Listen { supervisor: agent("sofie"), contact: contact(1), mode };
    assert_eq!(desk.try_take(listens), Err(Refusal::NobodyTalks));
    desk.recover(&[]);
    let ended = desk.log.iter().any(|(_, event)| {
        matches!(
            event,
            Event::Contact { event: ContactEvent::Ended { cause: EndCause::Restarted, .. }, .. }
        )
    });
    assert!(ended && desk.router.domain().contacts().count() == 0);
}

#[test]
fn who_cannot_call_by_the_phone_is_told_so() {
    let signed_in = ROUTING.replace("phone-agents=\"all\"", "");
    let mut desk = Desk::with(compiled(&signed_in));
    assert_eq!(desk.try_take(dials("anna", 1, "0612345678")), Err(Refusal::NotSignedIn));
    desk.ready("anna", "all");
    desk.call(2, "calm");
    assert_eq!(desk.try_take(dials("anna", 1, "0612345678")), Err(Refusal::InContact));
    assert_eq!(desk.try_take(begins("anna")), Err(Refusal::InContact));
}

#[test]
fn who_is_in_a_call_of_their_own_is_offered_nobody_and_is_then_what_they_were() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(begins("anna"));
    assert_eq!(desk.state("anna"), "not-ready own-call");
    assert_eq!(desk.call(1, "calm"), ["play music 1"]);
    assert_eq!(desk.try_take(dials("anna", 2, "0612345678")), Err(Refusal::InContact));
    assert_eq!(desk.try_take(begins("anna")), Err(Refusal::InContact), "one at a time");
    assert_eq!(desk.take(ends("anna")), ["ring anna for 1"]);
    desk.take(Input::CallerGone { contact: contact(1) });
    desk.take(take_break("anna"));
    desk.take(begins("anna"));
    desk.take(ends("anna"));
    assert_eq!(desk.state("anna"), "not-ready break");
    // what is chosen meanwhile comes after it
    desk.take(begins("anna"));
    desk.take(Input::SetReady { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "not-ready own-call");
    desk.take(ends("anna"));
    assert_eq!(desk.state("anna"), "ready");
    desk.take(begins("anna"));
    desk.take(take_break("anna"));
    assert_eq!(desk.state("anna"), "not-ready own-call");
    desk.recover(&[]);
    assert_eq!(desk.state("anna"), "not-ready break", "no phone is in a call after a restart");
}

/// Anna talks with customer 1 and calls Bram by another line.
fn asking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.take(Input::PhoneHeld { offer: desk.offer("anna") });
    assert_eq!(desk.try_take(consults("bram")), Err(Refusal::NotReady));
    desk.ready("bram", "all");
    assert_eq!(desk.take(consults("bram")), ["ring bram for the line of 1"]);
    desk
}

fn consults(colleague: &str) -> Input {
    Input::AtPhone(AtPhone::Consults {
        agent: agent("anna"),
        contact: contact(1),
        colleague: agent(colleague),
        line: leg(1),
    })
}

#[test]
fn a_colleague_who_is_asked_by_another_line_gets_the_customer_when_the_phone_joins_them() {
    let mut desk = asking();
    assert_eq!(desk.answer("bram"), ["bridge agents"]);
    let own = desk.offer("anna");
    assert_eq!(desk.router.domain().asks_by(leg(1), own), Some((contact(1), agent("anna"))));
    assert_eq!(desk.router.domain().asks_by(own, leg(1)), Some((contact(1), agent("anna"))));
    assert_eq!(desk.router.domain().asks_by(own, own), None);
    let refused = |desk: &mut Desk, input| desk.try_take(input).expect_err("it cannot be");
    let confer = Input::Confer { agent: agent("anna"), contact: contact(1) };
    assert_eq!(refused(&mut desk, confer), Refusal::HeldByPhone);
    assert_eq!(refused(&mut desk, consults("bram")), Refusal::Consulting);
    let complete = Input::Complete { agent: agent("anna"), contact: contact(1) };
    assert_eq!(desk.take(complete), ["drop agent", "drop agent", "bridge 1"]);
    assert_eq!((desk.state("anna"), desk.state("bram")), ("wrap-up 1".into(), "talking 1".into()));
    assert_eq!(desk.router.domain().asks_by(leg(1), own), None);
}

#[test]
fn whatever_ends_the_other_line_leaves_the_customer_with_the_agent() {
    // the agent hangs it up, while it rings and later, or it goes without a word
    for (answers, ends) in [
        (false, Input::AgentGone { offer: leg(1) }),
        (true, Input::AgentGone { offer: leg(1) }),
        (true, Input::AgentLost { offer: leg(1) }),
    ] {
        let mut desk = asking();
        if answers {
            desk.answer("bram");
        }
        assert_eq!(desk.take(ends), ["drop agent", "drop agent"]);
        assert_eq!((desk.state("anna"), desk.state("bram")), ("talking 1".into(), "ready".into()));
        desk.take(Input::CallerGone { contact: contact(1) });
        assert_eq!(desk.state("anna"), "wrap-up 1");
    }
    // the colleague does not take it, or hangs up
    let mut desk = asking();
    let offer = desk.offer("bram");
    let because = crate::NotTaken::Busy;
    assert_eq!(desk.take(Input::NotTaken { offer, because }), ["drop agent"]);
    assert_eq!(desk.state("bram"), "not-ready phone-busy");
    let mut desk = asking();
    desk.answer("bram");
    let offer = desk.offer("bram");
    assert_eq!(desk.take(Input::AgentGone { offer }), ["drop agent"]);
    assert_eq!((desk.state("anna"), desk.state("bram")), ("talking 1".into(), "ready".into()));
    // the customer hangs up: it is over for all
    let mut desk = asking();
    desk.answer("bram");
    let effects = desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(effects, ["drop agent", "drop agent", "drop agent"]);
    assert_eq!((desk.state("anna"), desk.state("bram")), ("wrap-up 1".into(), "ready".into()));
}

#[test]
fn the_customers_line_hung_up_gives_them_to_the_colleague_as_from_the_desk() {
    let mut desk = asking();
    let own = desk.offer("anna");
    let effects = desk.take(Input::AgentGone { offer: own });
    assert_eq!(effects, ["drop agent", "drop agent", "play music 1"], "Bram's phone rings on");
    assert_eq!((desk.state("anna"), desk.state("bram")), ("wrap-up 1".into(), "offered 1".into()));
    assert_eq!(desk.answer("bram"), ["bridge 1"]);
}
