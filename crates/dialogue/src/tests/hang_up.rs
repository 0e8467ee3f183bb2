//! A customer hangs up: what is done then, and what becomes of the conversation.

use super::interrupts::{BODY, COMPLAINT};
use super::*;

/// The three questions, so that keys can answer them.
fn keyed(channels: &str, more: &str) -> String {
    let body = BODY.replace("type='integer'", "type='integer' min='0' max='9'");
    script(channels, &format!("{body}{more}"))
}

const CUT_OFF: &str = "<interrupt id='cut_off' on='hang-up' channels='agent' start='back'>\
    <title>The customer hung up</title>\
    <ask id='back' type='yes-no'><say>Call back?</say><next to='cut_off'/></ask></interrupt>";

const GIVEN_UP: &str = "<interrupt id='given_up' on='hang-up' channels='ivr' start='noting'>\
    <title>The caller hung up</title>\
    <do id='noting' wait='5'><create name='gave_up' class='Interaction' undo='keep'>\
    <title>Note</title><set name='started_at' value='now'/></create><next to='given_up'/></do>\
    </interrupt>";

impl Session<'_> {
    fn hang_up(&mut self, request: &str) {
        self.input(Input::HangUp { request: request.to_owned() }).expect("nobody can refuse that");
    }
}

#[test]
fn who_hangs_up_at_the_desk_leaves_the_agent_with_the_script() {
    let script = compiled(&script("agent", &format!("{BODY}{COMPLAINT}{CUT_OFF}")));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "x")]);
    assert_eq!(session.offered(), ["complaint"], "nobody begins what a hang-up does");
    let refused = session.interrupt("cut_off").expect_err("not by hand");
    assert_eq!(refused.code(), "CX0112");
    session.interrupt("complaint").expect("it comes");
    session.hang_up("gone");
    assert_eq!(session.view().step, "about", "what was begun comes to its end first");
    session.inside("about", "1", "bill").expect("about the bill");
    session.inside("sorry", "1", "").expect("passed");
    assert_eq!((session.view().step.as_str(), session.view().row.as_str()), ("back", "1"));
    session.hang_up("gone");
    session.inside("back", "1", "true").expect("answered");
    session.hang_up("gone");
    assert_eq!(session.view().step, "b", "one call is hung up once");
    session.answers(&[("b", "3"), ("c", "true")]);
    assert!(matches!(session.state.closing(), Some(Closing::Ended { .. })));
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn who_hangs_up_on_the_telephone_breaks_off_once_all_is_done() {
    let body = keyed("ivr agent", &format!("{GIVEN_UP}{CUT_OFF}"));
    let script = compiled(&body);
    let mut session = Session::start(&script, Channel::Ivr, false);
    session.answers(&[("a", "x")]);
    session.hang_up("gone");
    assert_eq!(session.view().step, "noting", "its action is waited for");
    assert!(session.state.closing().is_none());
    let key = session.state.ledger[0].order.key.clone();
    session.input(Input::Overdue { key: key.clone() }).expect("late");
    let cancelled = Closing::Cancelled { reason: "the customer hung up".to_owned() };
    assert_eq!(session.state.closing(), Some(&cancelled));
    // what was sent is sent
    assert!(session.state.under_way(&key).is_some());
    session.hang_up("again");
    assert_eq!(State::replay(&session.events), session.state);

    let without = compiled(&keyed("ivr", ""));
    let mut session = Session::start(&without, Channel::Ivr, false);
    session.hang_up("gone");
    assert_eq!(session.state.closing(), Some(&cancelled));
}

#[test]
fn who_goes_on_elsewhere_after_a_hang_up_is_not_broken_off() {
    let body = keyed("ivr agent", &format!("{GIVEN_UP}{CUT_OFF}"));
    let script = compiled(&body);
    let mut session = Session::start(&script, Channel::Ivr, false);
    session.hang_up("gone");
    let elsewhere = Input::Continue {
        request: "elsewhere".to_owned(),
        channel: Channel::Agent,
        language: String::new(),
        actor: Some("anna".to_owned()),
    };
    session.input(elsewhere).expect("an agent takes it");
    let key = session.state.ledger[0].order.key.clone();
    session.input(Input::Overdue { key }).expect("late");
    assert_eq!(session.view().step, "a", "the agent has it as it was");
    assert!(session.state.closing().is_none());
}

fn lines_of(text: &str) -> Vec<String> {
    let findings = check(text).err().unwrap_or_default();
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn where_nobody_is_left_nothing_is_asked_and_nobody_is_handed_off() {
    let hang_up = |attributes: &str, steps: &str| {
        let end = "<end id='gone' outcome='gone'/>";
        let begin = format!("<interrupt id='it' on='hang-up' {attributes}");
        let it = format!("{begin} start='s'><title>T</title>{steps}{end}</interrupt>");
        lines_of(&keyed("agent ivr message", &it))
    };
    let ask = "<ask id='s' type='yes-no'><say>Back?</say><next to='gone'/></ask>";
    let told = ask.replace("yes-no", "text");
    assert_eq!(hang_up("channels='agent'", &told), Vec::<String>::new(), "no keys are needed");
    let asked = hang_up("", ask);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("nobody is there any more"), "{asked:?}");
    let handed = hang_up("channels='agent'", "<handoff id='s' queue='faults'/>");
    assert!(handed.iter().any(|it| it.contains("cannot be handed off")), "{handed:?}");
    let elsewhere = hang_up("channels='message'", ask);
    assert!(elsewhere.iter().any(|it| it.contains("cannot begin")), "{elsewhere:?}");
    let worded = hang_up("channels='agent' also='bye'", ask);
    assert!(worded.iter().any(|it| it.contains("by no words")), "{worded:?}");
}
