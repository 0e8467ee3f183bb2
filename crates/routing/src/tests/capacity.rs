//! Agents who have several contacts at a time, of which all but one are laid aside.

use super::*;

/// What is written takes 40 points of an agent, a call 60.
pub(crate) const CAPACITY: &str = "<capacity channel=\"voice\" points=\"60\"/>\
    <capacity channel=\"web\" points=\"40\"/><capacity channel=\"message\" points=\"40\"/>\
    <capacity channel=\"voicemail\" points=\"40\"/>";

/// The text of a file with that.
pub(crate) fn with_capacity(text: &str) -> String {
    text.replacen("<skill id=", &format!("{CAPACITY}<skill id="), 1)
}

fn roomy() -> Desk {
    Desk::with(compiled(&with_capacity(ROUTING)))
}

/// Somebody writes, and waits.
fn writes(desk: &mut Desk, number: u128) -> Vec<String> {
    desk.take(reported(number, crate::Stand::GoesOn));
    let effects = desk.take(reported(number, to_queue("calm")));
    desk.pass(1);
    effects
}

fn accept(desk: &mut Desk, name: &str, number: u128) {
    desk.take(Input::Accept { agent: agent(name), contact: contact(number) });
    assert_eq!(desk.state(name), format!("talking {number}"));
}

fn laid_aside(desk: &Desk, name: &str) -> Vec<u128> {
    let known = desk.router.domain().agent(&agent(name)).expect("known");
    known.interrupted.iter().map(|it| it.0.as_u128()).collect()
}

fn close(desk: &mut Desk, name: &str, number: u128) {
    let (agent, contact) = (agent(name), contact(number));
    desk.take(Input::HangUp { agent, contact });
    assert_eq!(desk.state(name), format!("wrap-up {number}"));
    desk.dispose(name, number).expect("in wrap-up");
}

#[test]
fn a_call_comes_before_what_is_written_which_is_taken_up_after_it() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    assert_eq!(desk.call(2, "calm"), ["play music 2", "ring anna for 2"]);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("offered 2".into(), vec![1]));
    desk.answer("anna");
    // on the telephone nobody is offered anything, whatever room there is
    writes(&mut desk, 3);
    assert_eq!(desk.state("anna"), "talking 2");
    desk.take(Input::CallerGone { contact: contact(2) });
    assert_eq!(desk.state("anna"), "wrap-up 2");
    desk.dispose("anna", 2).expect("in wrap-up");
    // she goes on with what she had, and has room for the other one
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("offered 3".into(), vec![1]));
    accept(&mut desk, "anna", 3);
    close(&mut desk, "anna", 3);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 1".into(), vec![]));
    close(&mut desk, "anna", 1);
    assert_eq!(desk.state("anna"), "ready");
}

#[test]
fn nobody_has_more_than_there_is_room_for() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    for number in 1..=3 {
        writes(&mut desk, number);
    }
    desk.take(Input::Accept { agent: agent("anna"), contact: contact(1) });
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("offered 2".into(), vec![1]));
    accept(&mut desk, "anna", 2);
    desk.call(4, "calm");
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 2".into(), vec![1]));
    // a call has no room beside two; beside one it has, and who came before it goes first
    close(&mut desk, "anna", 2);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("offered 3".into(), vec![1]));
    accept(&mut desk, "anna", 3);
    close(&mut desk, "anna", 3);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("offered 4".into(), vec![1]));
}

#[test]
fn who_has_nothing_goes_before_who_has_something() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    desk.pass(60);
    desk.ready("bram", "all");
    desk.call(2, "calm");
    assert_eq!(desk.state("bram"), "offered 2");
    desk.call(3, "calm");
    assert_eq!(desk.state("anna"), "offered 3");
    let why = desk.log.iter().rev().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why.expect("it was offered").candidates[0].load, Some(40));
}

#[test]
fn without_a_word_about_it_a_contact_takes_a_whole_agent() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    desk.call(2, "urgent");
    assert_eq!(desk.state("anna"), "talking 1");
}

#[test]
fn what_is_not_taken_leaves_the_agent_with_what_they_had_and_nothing_more() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    desk.call(2, "calm");
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(2) });
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 1".into(), vec![]));
    desk.call(3, "urgent");
    assert_eq!(desk.state("anna"), "talking 1", "she is about to be not ready");
    close(&mut desk, "anna", 1);
    assert_eq!(desk.state("anna"), "not-ready rejected");
}

#[test]
fn who_has_no_telephone_any_more_is_offered_nothing_and_keeps_what_they_had() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    desk.call(2, "calm");
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 1".into(), vec![]));
    desk.take(Input::PhoneRegistered { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "offered 2", "it is there again");
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    close(&mut desk, "anna", 1);
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
}

#[test]
fn an_agent_takes_up_what_they_laid_aside_and_not_during_a_call() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    for number in 1..=2 {
        writes(&mut desk, number);
        accept(&mut desk, "anna", number);
    }
    let take_up = |number| Input::TakeUp { agent: agent("anna"), contact: contact(number) };
    assert_eq!(desk.try_take(take_up(9)).expect_err("not hers"), Refusal::NotLaidAside);
    desk.take(take_up(1));
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 1".into(), vec![2]));
    desk.take(take_up(1));
    assert_eq!(desk.state("anna"), "talking 1");
    close(&mut desk, "anna", 1);
    assert_eq!(desk.state("anna"), "talking 2");
    desk.call(3, "calm");
    desk.answer("anna");
    assert_eq!(desk.try_take(take_up(2)).expect_err("a call"), Refusal::InContact);
    // what is laid aside is nothing that can be passed on or closed
    let hang_up = Input::HangUp { agent: agent("anna"), contact: contact(2) };
    assert_eq!(desk.try_take(hang_up).expect_err("laid aside"), Refusal::NotTalking);
}

#[test]
fn what_is_over_while_it_is_laid_aside_is_wrapped_up_by_nobody() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    for number in 1..=2 {
        writes(&mut desk, number);
        accept(&mut desk, "anna", number);
    }
    let effects = desk.take(Input::End { supervisor: agent("sofie"), contact: contact(1) });
    assert!(effects.contains(&"file 1".to_owned()), "{effects:?}");
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 2".into(), vec![]));
    desk.call(3, "calm");
    assert_eq!(desk.state("anna"), "offered 3", "there is room again");
}

#[test]
fn a_restart_keeps_what_was_laid_aside() {
    let mut desk = roomy();
    desk.ready("anna", "all");
    writes(&mut desk, 1);
    accept(&mut desk, "anna", 1);
    desk.call(2, "calm");
    desk.recover(&[]);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("talking 1".into(), vec![]));
    desk.call(3, "calm");
    desk.answer("anna");
    desk.recover(&[]);
    assert_eq!((desk.state("anna"), laid_aside(&desk, "anna")), ("wrap-up 3".into(), vec![1]));
    desk.dispose("anna", 3).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "talking 1");
}
