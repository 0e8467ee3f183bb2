//! How the agent finishes a contact.

use super::*;

#[test]
fn without_wrap_up_the_agent_is_ready_as_soon_as_the_conversation_is_over() {
    let text = ROUTING.replace("wrap-up-time=\"30s\"", "wrap-up=\"none\"");
    let calm = text.find("<title language=\"en\">Calm").expect("it is there");
    let done = "<disposition id=\"done\"><title language=\"en\">Done</title></disposition>";
    let text = format!("{}{}", &text[..calm], text[calm..].replacen(done, "", 1));
    let mut desk = Desk::with(compiled(&text));
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.call(2, "calm");
    let hang_up = Input::HangUp { agent: agent("anna"), contact: contact(1) };
    let effects = desk.take(hang_up);
    assert_eq!(effects, ["drop caller 1 hung-up", "drop agent", "file 1", "ring anna for 2"]);
    assert_eq!(desk.state("anna"), "offered 2");
    // and what she chose comes at once
    desk.answer("anna");
    let reason = ReasonId::new("break").expect("a name");
    desk.take(Input::SetNotReady { agent: agent("anna"), reason });
    desk.take(Input::CallerGone { contact: contact(2) });
    assert_eq!(desk.state("anna"), "not-ready break");
}

#[test]
fn wrap_up_ends_by_itself_and_without_a_required_disposition_the_agent_is_not_ready() {
    for (queue, seconds, state) in
        [("calm", 30, "ready"), ("urgent", 60, "not-ready wrap-up-overdue")]
    {
        let mut desk = Desk::new();
        desk.ready("anna", "all");
        desk.call(1, queue);
        desk.answer("anna");
        let offer = desk.offer("anna");
        assert_eq!(desk.take(Input::AgentGone { offer }), ["drop caller 1 hung-up"]);
        desk.pass(seconds - 1);
        assert_eq!(desk.state("anna"), "wrap-up 1");
        assert_eq!(desk.pass(1), ["file 1"]);
        assert_eq!(desk.state("anna"), state);
    }
}

#[test]
fn an_optional_wrap_up_ends_as_soon_as_the_agent_goes_on_and_no_other_does() {
    let optional = ROUTING.replace("wrap-up-time=\"30s\"", "wrap-up=\"optional\"");
    for (text, after) in [(ROUTING, ["wrap-up 1", "wrap-up 1"]), (&*optional, ["ready", "ready"])] {
        let mut desk = Desk::with(compiled(text));
        desk.ready("anna", "all");
        desk.call(1, "calm");
        desk.answer("anna");
        desk.take(Input::CallerGone { contact: contact(1) });
        assert_eq!(desk.state("anna"), "wrap-up 1");
        let effects = desk.take(Input::SetReady { agent: agent("anna") });
        assert_eq!(desk.state("anna"), after[0]);
        assert_eq!(effects.contains(&"file 1".to_owned()), after[0] == "ready");
        // a queue with which the agent has nothing to do any more decides nothing
        desk.take(Input::SetReady { agent: agent("anna") });
        assert_eq!(desk.state("anna"), after[1]);
    }
    let mut desk = Desk::with(compiled(&optional));
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.take(Input::CallerGone { contact: contact(1) });
    let reason = ReasonId::new("break").expect("a name");
    desk.take(Input::SetNotReady { agent: agent("anna"), reason });
    assert_eq!(desk.state("anna"), "not-ready break");
    assert!(desk.dispose("anna", 1).is_err(), "it is closed");
}
