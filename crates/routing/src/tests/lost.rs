//! A phone that goes from a conversation without a word.

use super::*;

fn lost(desk: &Desk, name: &str) -> Input {
    Input::AgentLost { offer: desk.offer(name) }
}

#[test]
fn a_customer_whose_agents_phone_is_lost_is_the_first_to_be_offered_again() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.call(2, "calm");
    let input = lost(&desk, "anna");
    assert_eq!(desk.take(input.clone()), ["play music 1"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1", "before those who came later");
    desk.answer("bram");
    assert_eq!(desk.state("bram"), "talking 1");
    assert!(desk.take(input).is_empty(), "that is over");
    desk.dispose("anna", 1).expect("disposed");
    assert_eq!(desk.state("anna"), "not-ready phone-lost", "the next call would ring there");
}

#[test]
fn a_customer_on_hold_waits_again_as_well() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.take(Input::Hold { agent: agent("anna"), contact: contact(1) });
    let input = lost(&desk, "anna");
    assert_eq!(desk.take(input), ["play music 1"]);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1");
}

#[test]
fn who_hangs_up_after_the_phone_was_lost_has_abandoned() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    let input = lost(&desk, "anna");
    desk.take(input);
    desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "ready");
}
