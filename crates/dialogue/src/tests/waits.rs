//! Waits: a time that is fixed, passes, and is not waited for twice.

use jiff::ToSpan as _;

use super::*;

/// A question, a wait, and a reminder.
fn body(until: &str) -> String {
    format!(
        "<ask id='a' type='choice'><say>Which?</say><choice value='x'>X</choice>\
         <choice value='y'>Y</choice><next when=\"a eq 'x'\" to='rest'/><next to='end'/></ask>\
         <wait id='rest' until='{until}'><say>We write to you.</say><next to='again'/></wait>\
         <do id='again'><create name='reminder' class='Interaction' undo='keep'>\
         <title>Remind</title><set name='started_at' value='now'/></create><next to='end'/></do>\
         <end id='end' outcome='done'><say>Bye.</say></end>"
    )
}

fn waiting<'s>(script: &'s Script, channel: Channel) -> Session<'s> {
    let mut session = Session::start(script, channel, false);
    session.answers(&[("a", "x")]);
    session
}

impl Session<'_> {
    fn until(&self) -> Option<Timestamp> {
        match self.view().shown {
            Shown::Paused { until, .. } => Some(until),
            _ => None,
        }
    }

    fn due(&mut self) {
        self.input(Input::Due { step: "rest".to_owned(), row: String::new() }).expect("taken");
    }
}

#[test]
fn a_wait_ends_at_its_time_and_once() {
    let script = compiled(&script("web", &body("now + hours(4)")));
    let mut session = waiting(&script, Channel::Web);
    let until = now() + 4.hours();
    assert_eq!(session.until(), Some(until));
    assert_eq!(session.view().prompts[0].text, "We write to you.");
    let effect = Effect::GoOnAt { step: "rest".to_owned(), row: String::new(), at: until };
    assert!(session.effects.contains(&effect));
    assert!(matches!(session.answer("rest", ""), Err(Refusal::NotAsked(_))));
    session.due();
    assert_eq!(session.until(), Some(until), "it is too early");
    session.now = until;
    session.due();
    assert!(matches!(session.state.closing(), Some(Closing::Ended { .. })));
    assert_eq!(session.state.ledger.len(), 1);
    let events = session.events.len();
    session.due();
    assert_eq!(session.events.len(), events, "once");
    assert_eq!(State::replay(&session.events), session.state);
    assert!(!outstanding(&script, &session.state).contains(&effect));
}

#[test]
fn answers_before_a_wait_change_the_path_and_the_time_stays() {
    let script = compiled(&script("web", &body("now + hours(4)")));
    let mut session = waiting(&script, Channel::Web);
    let until = session.until();
    session.answers(&[("a", "y")]);
    assert!(matches!(session.state.closing(), Some(Closing::Ended { .. })), "another path");
    let mut session = waiting(&script, Channel::Web);
    session.now = now() + 1.hours();
    session.answers(&[("a", "x")]);
    assert_eq!(session.until(), until);
}

#[test]
fn a_day_is_its_beginning_in_the_zone_of_the_script_and_what_is_over_is_not_waited_for() {
    let day = compiled(&script("web", &body("today + days(2)")));
    let session = waiting(&day, Channel::Web);
    let local = session.until().expect("it waits").to_zoned(day.zone.clone());
    assert_eq!(local.strftime("%H:%M:%S").to_string(), "00:00:00");
    let today = now().to_zoned(day.zone.clone()).date();
    assert_eq!(local.date(), today + 2.days());
    let over = compiled(&script("web", &body("today")));
    let session = waiting(&over, Channel::Web);
    assert!(matches!(session.state.closing(), Some(Closing::Ended { .. })));
    let far = compiled(&script("web", &body("today + days(900)")));
    let session = waiting(&far, Channel::Web);
    assert_eq!(session.until(), Some(now() + MAX_WAIT_HOURS.hours()));
}

#[test]
fn who_waits_is_not_given_up_and_a_hang_up_does_not_end_it() {
    let script = compiled(&script("ivr web", &body("now + hours(48)")));
    let mut session = waiting(&script, Channel::Ivr);
    session.input(Input::HangUp { request: "gone".to_owned() }).expect("taken");
    assert!(session.until().is_some(), "the caller has gone, and it goes on");
    session.now = now() + 47.hours();
    session.input(Input::GiveUp { before: session.now }).expect("taken");
    assert!(session.until().is_some(), "it waits");
    session.now = now() + 48.hours();
    session.due();
    assert!(matches!(session.state.closing(), Some(Closing::Ended { .. })));

    let mut session = Session::start(&script, Channel::Web, false);
    session.input(Input::GiveUp { before: now() }).expect("taken");
    let reason = "nobody finished it".to_owned();
    assert_eq!(session.state.closing(), Some(&Closing::Cancelled { reason }));
}

#[test]
fn behind_a_wait_nobody_is_asked_who_is_not_there() {
    let asked = |channels: &str, step: &str| {
        let body = body("now + hours(4)").replace("<next to='end'/></do>", "<next to='b'/></do>");
        let findings = check(&script(channels, &format!("{body}{step}"))).err();
        lines(&findings.unwrap_or_default())
    };
    let ask = "<ask id='b' type='yes-no'><say>Well?</say><next to='end'/></ask>";
    assert_eq!(asked("web", ask), "", "who comes back by the link");
    for channel in ["agent", "ivr", "message"] {
        let found = asked(&format!("web {channel}"), ask);
        assert!(found.contains("CG0415") && found.contains(channel), "{found}");
    }
    let hand_off = "<handoff id='b' queue='faults'><say>Bye.</say></handoff>";
    assert_eq!(asked("web message", hand_off), "");
    assert!(asked("agent", hand_off).contains("CG0415"));
    let wrong = lines(&check(&script("web", &body("3"))).expect_err("no time"));
    assert!(wrong.contains("CG0415") && wrong.contains("this is int"), "{wrong}");
}

#[test]
fn in_messages_a_wait_is_a_reply_and_what_is_written_meanwhile_answers_nothing() {
    let script = compiled(&script("message", &body("now + hours(4)")));
    let mut session = Session::start(&script, Channel::Message, false);
    let mut write = |request: &str, text: &str| {
        let (request, text) = (request.to_owned(), text.to_owned());
        session.input(Input::Reply { request: request.clone(), text }).expect("it is read");
        session.input(Input::Tell { request: request.clone() }).expect("it is told");
        (session.state.told(&request).expect("told").to_vec(), session.until())
    };
    let (told, until) = write("m1", "x");
    assert_eq!((told, until), (vec!["We write to you.".to_owned()], Some(now() + 4.hours())));
    let (told, still) = write("m2", "y");
    assert_eq!((told, still), (vec!["We write to you.".to_owned()], until));
}
