//! Answers in place of values.

use super::*;

const AGE: &str = "<ask id='age' type='integer' special='dont-know refused'><say>?</say>\
    <next when=\"age_special eq 'refused'\" to='why'/>\
    <next when='has(age) and age ge 18' to='adult'/><next to='minor'/></ask>\
    <ask id='why' type='text' required='no'><say>?</say><next to='minor'/></ask>\
    <info id='adult'><say>You are <v of='age'/>.</say><next to='over'/></info>\
    <info id='minor'><say>You are <v of='age_special'/>.</say><next to='over'/></info>\
    <end id='over' outcome='x'/>";

fn age() -> String {
    script("agent", AGE).replace("start=\"a\"", "start=\"age\"")
}

#[test]
fn a_special_answer_is_missing_as_a_value_and_known_by_its_own_name() {
    let script = compiled(&age());
    let mut session = Session::start(&script, Channel::Agent, false);
    session.reply("age", "", Some(Special::Refused), "").expect("it is allowed");
    assert_eq!(session.view().step, "why");
    session.answers(&[("why", "")]);
    assert_eq!(session.view().prompts[0].text, "You are refused.");
    let asked = &session.view().trail[0];
    assert_eq!((asked.special, asked.value.as_str()), (Some(Special::Refused), ""));
    assert_eq!(asked.label, "does not say");
    session.answers(&[("age", "40")]);
    assert_eq!(session.view().prompts[0].text, "You are 40.");
    assert_eq!(session.view().trail[0].special, None);
    session.reply("age", "", Some(Special::DontKnow), "").expect("it is allowed");
    assert_eq!(session.view().prompts[0].text, "You are dont-know.");
}

#[test]
fn a_special_answer_is_stored_as_what_it_was() {
    let script = compiled(&age());
    let mut session = Session::start(&script, Channel::Agent, false);
    session.reply("age", "", Some(Special::Refused), "").expect("it is allowed");
    let stored = serde_json::to_string(&session.events[1]).expect("JSON");
    let expected =
        r#"{"type":"answered","step":"age","value":{"special":"refused"},"request":"r1"}"#;
    assert_eq!(stored, expected);
    let read: Event = serde_json::from_str(&stored).expect("an event");
    assert_eq!(read, session.events[1]);
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn only_the_special_answers_of_the_question_are_taken() {
    let script = compiled(&age());
    let mut session = Session::start(&script, Channel::Agent, false);
    let refused = "the question has no such special answer";
    let mut reply = |value: &str, special| {
        session.reply("age", value, special, "").expect_err("it does not fit").to_string()
    };
    assert_eq!(reply("", Some(Special::NotApplicable)), refused);
    assert_eq!(reply("7", Some(Special::Refused)), refused);
    assert_eq!(reply("", None), "an answer is needed");
}

#[test]
fn a_telephone_offers_no_special_answers() {
    let heard = "recording='welcome'";
    let body = format!(
        "<ask id='a' type='integer' min='0' default='0' special='refused'><say {heard}>?</say>\
         <no-input {heard}>?</no-input><no-match {heard}>?</no-match><next to='b'/></ask>\
         <end id='b' outcome='x'><say {heard}>.</say></end>"
    );
    let script = compiled(&script("agent ivr web", &body));
    let offered = |channel| {
        let session = Session::start(&script, channel, false);
        let Shown::Question(question) = session.view().shown else { panic!("it asks") };
        question.specials.len()
    };
    assert_eq!((offered(Channel::Agent), offered(Channel::Ivr)), (1, 0));
    assert_eq!(offered(Channel::Web), 1);
}

#[test]
fn an_action_locks_the_question_whose_special_answer_it_rests_on() {
    let body = "<ask id='a' type='integer' special='refused'><say>?</say><next to='b'/></ask>\
        <do id='b'><invoke name='x' operation='erp.create_service_order'><title>Order</title>\
        <set name='customer' value=\"''\"/><set name='connection' value=\"''\"/>\
        <set name='kind' value=\"''\"/><set name='urgency' value=\"''\"/>\
        <set name='text' value='string(a_special)'/></invoke><next to='c'/></do>\
        <info id='c'><say>.</say><next to='d'/></info><end id='d' outcome='x'/>";
    let script = compiled(&script("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.reply("a", "", Some(Special::Refused), "").expect("it is allowed");
    assert_eq!(session.answer("a", "3").expect_err("it is locked").code(), "CX0105");
    let Some(Effect::Perform(order)) = session.effects.last() else { panic!("it is sent") };
    let Task::Invoke { arguments, .. } = &order.task else { panic!("an operation is called") };
    assert_eq!(arguments["text"].to_string(), "refused");
}

#[test]
fn the_proof_that_nothing_is_left_open_knows_of_special_answers() {
    let yes_no = |required: &str, whens: &str| {
        let body = format!(
            "<ask id='a' type='yes-no' special='refused' {required}><say>?</say>{whens}</ask>\
             <end id='b' outcome='x'/><end id='c' outcome='y'/>"
        );
        check(&script("agent", &body)).map(drop).map_err(|findings| lines(&findings))
    };
    let all = "<next when='has(a)' to='b'/><next when=\"a_special eq 'refused'\" to='c'/>";
    assert_eq!(yes_no("", all), Ok(()));
    let open = yes_no("required='no'", all).expect_err("it may be passed");
    assert!(open.contains("no `next` is open for a = missing, a_special = `none`"), "{open}");
    let value = "<next when='a' to='b'/><next to='c'/>";
    let unguarded = yes_no("", value).expect_err("it may be missing");
    assert!(unguarded.starts_with("CE0303"), "{unguarded}");
}
