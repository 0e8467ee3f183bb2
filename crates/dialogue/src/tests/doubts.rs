//! Hard and soft checks of answers.

use super::*;

/// A first question, and a second one that is checked against it.
fn checking(channels: &str, kind: &str) -> Script {
    let heard = "recording='welcome'";
    let keypad = format!("<no-input {heard}>?</no-input><no-match {heard}>?</no-match>");
    compiled(&script(
        channels,
        &format!(
            "<ask id='a' type='integer' min='0' default='0'><say {heard}>?</say>{keypad}\
             <next to='b'/></ask>\
             <ask id='b' type='integer' min='0' required='no'><say {heard}>?</say>\
             <check test='b ge a' {kind}>Less than the <v of='a'/> of before.</check>{keypad}\
             <next to='c'/></ask>\
             <info id='c'><say {heard}>.</say><next to='d'/></info><end id='d' outcome='x'/>"
        ),
    ))
}

#[test]
fn a_hard_check_refuses_an_answer_and_asks_again_when_it_fails_later() {
    let script = checking("agent ivr", "");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "100")]);
    let refusal = session.reply("b", "99", None, "I am sure").expect_err("it is less");
    assert_eq!(refusal, Refusal::Mistaken("Less than the 100 of before.".into()));
    session.answers(&[("b", "100")]);
    assert_eq!(session.view().step, "c");
    session.answers(&[("a", "101")]);
    assert_eq!(session.view().step, "b", "what was good is not any more");
    session.answers(&[("a", "50")]);
    assert_eq!(session.view().step, "c");
    session.answers(&[("b", "")]);
    assert_eq!(session.view().step, "c", "what is missing is not checked");
}

#[test]
fn a_soft_check_wants_a_reason_and_keeps_it() {
    let script = checking("agent ivr", "kind='soft'");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "100")]);
    let refusal = session.reply("b", "99", None, "  ").expect_err("it is less");
    assert_eq!(refusal, Refusal::Doubtful("Less than the 100 of before.".into()));
    assert_eq!(refusal.code(), "CX0109");
    let long = "x".repeat(MAX_REASON + 1);
    let refusal = session.reply("b", "99", None, &long).expect_err("it is too long");
    assert_eq!(refusal.to_string(), "the reason is longer than 400 characters");
    session.reply("b", "99", None, "new meter").expect("there is a reason");
    assert_eq!(session.view().step, "c");
    assert_eq!(session.view().trail[1].reason, "new meter");
    let event = session.events.last().expect("it was answered");
    let stored = serde_json::to_value(event).expect("JSON");
    let doubts = ["Less than the 100 of before."];
    let expected = serde_json::json!({"doubts": doubts, "reason": "new meter"});
    assert_eq!(stored["overridden"], expected);
    for pointer in event.personal_pointers() {
        assert!(stored.pointer(pointer).is_some(), "{pointer}");
    }
    assert!(event.personal_pointers().contains(&"/overridden"));
    assert!(!format!("{event:?}").contains("meter"), "{event:?}");
    assert_eq!(State::replay(&session.events), session.state);
    session.answers(&[("b", "120")]);
    assert_eq!(session.view().trail[1].reason, "", "the reason was one for another answer");
}

#[test]
fn a_soft_check_holds_nobody_up_on_the_telephone() {
    let script = checking("agent ivr", "kind='soft'");
    let mut session = Session::start(&script, Channel::Ivr, false);
    session.answers(&[("a", "100"), ("b", "99")]);
    let Some(Event::Answered { overridden: Some(kept), .. }) = session.events.last() else {
        panic!("the doubt is kept")
    };
    assert_eq!((kept.doubts.len(), kept.reason.as_str()), (1, ""));
    assert_eq!(session.view().step, "c");
}

#[test]
fn what_a_hard_check_compared_with_is_locked_with_what_follows() {
    let body = "<ask id='a' type='integer'><say>?</say><next to='b'/></ask>\
        <ask id='b' type='integer'><say>?</say><check test='b ge a'>No.</check><next to='c'/></ask>\
        <do id='c'><invoke name='x' operation='erp.create_service_order'><title>Order</title>\
        <set name='customer' value=\"''\"/><set name='connection' value=\"''\"/>\
        <set name='kind' value=\"''\"/><set name='urgency' value=\"''\"/></invoke>\
        <next to='d'/></do><info id='d'><say>.</say><next to='e'/></info><end id='e' outcome='x'/>";
    let script = compiled(&script("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "1"), ("b", "2")]);
    assert_eq!(session.answer("a", "3").expect_err("the order is sent").code(), "CX0105");
    session.answer("b", "4").expect("nothing that was sent rests on it");
}
