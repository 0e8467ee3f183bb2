use caruso_contact::{AgentState, Party};
use proptest::prelude::*;

use super::*;
use crate::day::{Day, ROUTING, compiled, op, with_voicemail};
use crate::recording::Recorded;

fn again(text: &str, log: &Recording) -> Result<Same, Box<Difference>> {
    decide_again(compiled(text), log)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..Default::default() })]

    #[test]
    fn what_was_decided_comes_out_the_same_also_from_the_middle_on(
        ops in prop::collection::vec(op(), 1..300),
        cut in 0usize..300,
    ) {
        let routing = with_voicemail();
        let mut day = Day::new(&routing);
        let mut begun = Vec::new();
        for op in &ops {
            begun.push((day.router.domain().clone(), day.log.events.len()));
            day.run(op);
        }
        let same = again(&routing, &day.log);
        prop_assert_eq!(same.map(|it| it.events), Ok(day.log.events.len()));
        let (state, place) = begun[cut % begun.len()].clone();
        let rest = Recording { state, events: day.log.events[place..].to_vec() };
        prop_assert_eq!(again(&routing, &rest).map(|it| it.events), Ok(rest.events.len()));
    }
}

/// Two agents of whom one is ready for longer, and a customer who gets an offer.
fn offered_day() -> Day {
    let mut day = Day::new(ROUTING);
    for name in ["anna", "bram"] {
        let agent = crate::day::agent(name);
        day.take(caruso_routing::Input::PhoneRegistered { agent: agent.clone() });
        day.take(caruso_routing::Input::SignIn { agent: agent.clone(), teams: vec!["all".into()] });
        day.take(caruso_routing::Input::SetReady { agent });
        day.pass(1_000);
    }
    day.arrive("calm", 0);
    day.take(caruso_routing::Input::CallerGone { contact: crate::day::contact(1) });
    day
}

#[test]
fn a_decision_that_differs_is_told_with_its_place() {
    let mut day = offered_day();
    let is_offer = |it: &Recorded| offered(&it.event).is_some();
    let place = day.log.events.iter().position(is_offer).expect("an offer");
    let Event::Contact { event: ContactEvent::Offered { agent, .. }, .. } =
        &mut day.log.events[place].event
    else {
        panic!("an offer")
    };
    *agent = crate::day::agent("bram");
    let difference = again(ROUTING, &day.log).expect_err("anna was ready longer");
    assert_eq!((difference.position, difference.line), (place as u64 + 1, place + 2));
    let Decided::Event(event) = &difference.decided else { panic!("another offer") };
    assert_eq!(event["event"]["agent"], "anna");
    assert_eq!(difference.recorded.as_ref().expect("recorded")["event"]["agent"], "bram");
    let told = difference.to_string();
    assert!(told.starts_with(&format!("line {}, event {}: another", place + 2, place + 1)));
}

#[test]
fn an_event_that_is_missing_too_many_or_comes_of_nothing_is_told() {
    let whole = offered_day().log;
    let last = whole.events.len() - 1;
    let Event::Agent { .. } = &whole.events[last - 1].event else { panic!("free again") };
    let mut short = whole.clone();
    short.events.remove(last - 1);
    let difference = again(ROUTING, &short).expect_err("bram or anna is free again");
    assert_eq!(difference.position, last as u64 + 1);

    let mut open = whole.clone();
    open.events.truncate(last);
    let difference = again(ROUTING, &open).expect_err("the customer went");
    assert!(difference.recorded.is_none() && matches!(difference.decided, Decided::Event(_)));

    let mut invented = whole.clone();
    let state = AgentState::Ready;
    invented.events[0].event = Event::Agent {
        agent: crate::day::agent("anna"),
        event: AgentEvent::StateChanged {
            from: state.clone(),
            to: state,
            cause: caruso_contact::StateCause::CallEnded,
        },
    };
    let difference = again(ROUTING, &invented).expect_err("nobody asked for it");
    assert_eq!((difference.line, difference.decided), (2, Decided::Uncaused));
}

#[test]
fn another_configuration_shows_where_it_decides_otherwise() {
    let day = offered_day();
    let other = ROUTING.replace("<queue id=\"calm\"", "<queue id=\"calm\" offer-timeout=\"30s\"");
    let difference = again(&other, &day.log).expect_err("it rings longer");
    assert!(difference.recorded.expect("recorded")["event"]["deadline"].is_u64());
    let gone = ROUTING.replace("called=\"100\"", "called=\"200\"");
    let difference = again(&gone, &day.log).expect_err("nobody answers");
    assert_eq!(difference.decided, Decided::Refused(Refusal::UnknownNumber));
}

#[test]
fn logs_of_before_teams_were_told_come_out_the_same() {
    let mut day = offered_day();
    for recorded in &mut day.log.events {
        if let Event::Agent { event: AgentEvent::SignedIn { teams, .. }, .. } = &mut recorded.event
        {
            assert_eq!(teams.len(), 1);
            teams.clear();
        }
    }
    assert!(again(ROUTING, &day.log).is_ok());
    let by = |it: &Recorded| {
        matches!(
            &it.event,
            Event::Contact { event: ContactEvent::Ended { by: Party::Customer, .. }, .. }
        )
    };
    assert!(day.log.events.iter().any(by));
}
