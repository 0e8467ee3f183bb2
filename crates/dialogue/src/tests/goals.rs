//! What conversations achieve.

use super::*;

const BODY: &str = "<goal name='known'/><goal name='served'/>\
    <ask id='a' type='yes-no'><say>Are you a customer?</say><next when='a' to='b' goal='known'/>\
    <next to='b'/></ask>\
    <ask id='b' type='yes-no'><say>Is it done?</say><next when='b' to='over'/>\
    <next to='to_faults'/></ask>\
    <end id='over' outcome='done' goal='served'/>\
    <handoff id='to_faults' queue='faults' goal='known'/>\
    <test name='both'><reached goals=''/><answer step='a' value='true'/><reached goals='known'/>\
    <answer step='a' value='false'/><reached goals=''/><answer step='a' value='true'/>\
    <answer step='b' value='true'/><reached goals='served known'/></test>";

fn goals(session: &Session<'_>) -> Vec<String> {
    match session.events.last() {
        Some(Event::Ended { goals, .. } | Event::HandedOff { goals, .. }) => goals.clone(),
        other => panic!("it is over: {other:?}"),
    }
}

#[test]
fn goals_are_those_of_the_path_that_counts_in_the_end() {
    let script = compiled(&script("agent", BODY));
    let failures: Vec<_> =
        script.run_tests().tests.into_iter().flat_map(|it| it.failures).collect();
    assert!(failures.is_empty(), "{}", lines(&failures));
    let ended = |answers: &[(&str, &str)]| {
        let mut session = Session::start(&script, Channel::Agent, false);
        session.answers(answers);
        goals(&session)
    };
    assert_eq!(ended(&[("a", "true"), ("b", "true")]), ["known", "served"]);
    assert_eq!(
        ended(&[("a", "true"), ("b", "false")]),
        ["known"],
        "once, by whichever comes first"
    );
    assert_eq!(ended(&[("a", "true"), ("a", "false"), ("b", "true")]), ["served"]);
    let event = Event::Ended { step: "over".into(), outcome: "x".into(), goals: Vec::new() };
    let json = serde_json::to_string(&event).expect("JSON");
    assert!(!json.contains("goals"), "as it was before there were goals: {json}");
}

#[test]
fn a_test_says_which_goals_were_reached_instead() {
    let other = BODY.replace("<reached goals='served known'/>", "<reached goals='served'/>");
    let script = compiled(&script("agent", &other));
    let failures: Vec<_> =
        script.run_tests().tests.into_iter().flat_map(|it| it.failures).collect();
    assert!(lines(&failures).contains("reached is `known`, `served`"), "{}", lines(&failures));
}

#[test]
fn mistakes_about_goals_are_found() {
    for (from, to, said) in [
        ("goal='served'/>", "goal='servd'/>", "the script has no goal `servd`"),
        (" goal='served'/>", "/>", "nothing reaches the goal `served`"),
        ("<reached goals='known'/>", "<reached goals='knwn'/>", "did you mean `known`?"),
        ("<goal name='served'/>", "<goal name='known'/>", "the goal `known` is declared twice"),
    ] {
        let text = script("agent", &BODY.replacen(from, to, 1));
        let found = lines(&check(&text).expect_err("it is a mistake"));
        assert!(found.contains("CG0413 s.xml") && found.contains(said), "{found}");
    }
}
