//! Who did not take an offer is ready again after a time, where that is said.

use super::*;

fn desk() -> Desk {
    let pauses = "</reasons><pause after=\"rejected\" for=\"30s\"/>\
                  <pause after=\"no-answer\" for=\"1m\"/>";
    Desk::with(compiled(&ROUTING.replace("</reasons>", pauses)))
}

fn offered(desk: &mut Desk) {
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn who_declines_is_offered_again_after_the_pause() {
    let mut desk = desk();
    offered(&mut desk);
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    assert_eq!(desk.state("anna"), "not-ready rejected");
    let at = Time::from_millis(desk.now.as_millis() + 30_000);
    assert_eq!(desk.router.next_deadline(), Some(at));
    desk.pass(29);
    assert_eq!(desk.state("anna"), "not-ready rejected");
    desk.pass(1);
    assert_eq!(desk.state("anna"), "offered 1");
    // and when the phone rings in vain, after that of its own
    desk.pass(20);
    assert_eq!(desk.state("anna"), "not-ready no-answer");
    desk.pass(60);
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn without_a_pause_nobody_is_ready_by_themselves() {
    let mut desk = desk();
    offered(&mut desk);
    let offer = desk.offer("anna");
    desk.take(Input::NotTaken { offer, because: NotTaken::Busy });
    desk.pass(3600);
    assert_eq!(desk.state("anna"), "not-ready phone-busy");
}

#[test]
fn who_chooses_something_else_meanwhile_is_not_made_ready() {
    let mut desk = desk();
    offered(&mut desk);
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    let reason = ReasonId::new("break").expect("a name");
    desk.take(Input::SetNotReady { agent: agent("anna"), reason });
    desk.pass(60);
    assert_eq!(desk.state("anna"), "not-ready break");
}

#[test]
fn a_phone_that_is_lost_meanwhile_is_not_rung() {
    let mut desk = desk();
    offered(&mut desk);
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    desk.pass(30);
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
}
