//! Several choices, rankings and consent.

use super::*;

fn media(attributes: &str) -> Script {
    let body = format!(
        "<ask id='a' {attributes}><say>?</say><choice value='electricity'>Electricity</choice>\
         <choice value='gas'>Gas</choice><choice value='heat'>Heat</choice>\
         <next when=\"'gas' in a and size(a) gt 1\" to='b'/><next to='c'/></ask>\
         <info id='b'><say>So <v of='a'/>.</say><next to='c'/></info><end id='c' outcome='x'/>"
    );
    compiled(&script("agent", &body))
}

#[test]
fn several_choices_are_a_list_in_the_order_of_the_script() {
    let script = media("type='multiple'");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", " heat  gas ")]);
    assert_eq!(session.view().step, "b");
    assert_eq!(session.view().prompts[0].text, "So Gas, Heat.");
    let told = &session.view().trail[0];
    assert_eq!((told.value.as_str(), told.label.as_str()), ("gas heat", "Gas, Heat"));
    let stored = serde_json::to_string(&session.events[1]).expect("JSON");
    let value = r#""value":{"list":[{"choice":"gas"},{"choice":"heat"}]}"#;
    assert!(stored.contains(value), "{stored}");
    let read: Event = serde_json::from_str(&stored).expect("an event");
    assert_eq!(read, session.events[1]);
    let events = session.events.len();
    session.answers(&[("a", "gas heat")]);
    assert_eq!(session.events.len(), events, "the same again says nothing new");
}

#[test]
fn a_ranking_keeps_its_order() {
    let script = media("type='ranking'");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "heat gas electricity")]);
    assert_eq!(session.view().prompts[0].text, "So Heat, Gas, Electricity.");
    let refusal = session.answer("a", "heat gas").expect_err("all are ranked");
    assert_eq!(refusal.to_string(), "3 of the choices are needed");
}

#[test]
fn what_is_picked_keeps_to_the_choices_and_their_number() {
    let refused = |attributes: &str, value: &str| {
        let script = media(attributes);
        let mut session = Session::start(&script, Channel::Agent, false);
        session.answer("a", value).expect_err("it does not fit").to_string()
    };
    let multiple = "type='multiple' max='2'";
    assert_eq!(refused(multiple, "gas water"), "it is not one of the choices");
    assert_eq!(refused(multiple, "gas gas"), "a choice stands twice");
    assert_eq!(refused(multiple, "gas heat electricity"), "1 to 2 of the choices are needed");
    assert_eq!(refused(multiple, ""), "an answer is needed");
    let many = "gas ".repeat(100_000);
    assert_eq!(refused(multiple, &many), "a choice stands twice");
}

#[test]
fn consent_keeps_what_was_read_out_in_which_language_and_when() {
    let body = "<input name='who'/><ask id='a' type='consent'><note>Read it out.</note>\
        <say>May we send you, <v of=\"who.or('dear customer')\"/>, the bill by e-mail?</say>\
        <next when='a' to='b'/><next to='c'/></ask>\
        <end id='b' outcome='yes'/><end id='c' outcome='no'/>";
    let script = compiled(&script("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    let Shown::Question(asked) = session.view().shown else { panic!("it asks") };
    assert_eq!(asked.kind, QuestionKind::Consent);
    session.answers(&[("a", "false")]);
    let stored = serde_json::to_value(&session.events[1]).expect("JSON");
    let expected = serde_json::json!({
        "text": "May we send you, dear customer, the bill by e-mail?",
        "language": "en",
        "at": "2026-11-22T10:00:00Z",
    });
    assert_eq!(stored["wording"], expected);
    assert_eq!(session.events[1].personal_pointers(), ["/value", "/wording/text"]);
    assert!(!format!("{:?}", session.events[1]).contains("dear"));
    assert_eq!(session.view().shown, Shown::End { outcome: "no".into() });
}

#[test]
fn a_question_that_is_no_consent_keeps_no_wording() {
    let script = media("type='multiple'");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "gas")]);
    let stored = serde_json::to_value(&session.events[1]).expect("JSON");
    assert_eq!(stored.get("wording"), None);
}

#[test]
fn who_consented_to_other_words_is_asked_anew() {
    let body = "<ask id='a' type='integer'><say>How many?</say><next to='b'/></ask>\
        <ask id='b' type='consent'><say>May we take <v of='a'/> instalments?</say>\
        <next to='c'/></ask><info id='c'><say>Thanks.</say><next to='d'/></info>\
        <end id='d' outcome='x'/>";
    let script = compiled(&super::script("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "7"), ("b", "true")]);
    assert_eq!(session.view().step, "c");
    session.answers(&[("a", "4")]);
    assert_eq!(session.view().step, "b", "nobody said yes to four");
    session.answers(&[("a", "7")]);
    assert_eq!(session.view().step, "c", "to seven they did");
    session.answers(&[("a", "4"), ("b", "false"), ("a", "7")]);
    assert_eq!(session.view().step, "b", "the last word was about four");
    assert_eq!(State::replay(&session.events), session.state);
}
