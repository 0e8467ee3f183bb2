//! The scripts of the story, walked through.

use super::*;

#[test]
fn the_scripts_of_the_utilities_are_sound() {
    for text in [MAIN_MENU, FAULT_REPORT, MOVING_HOUSE] {
        compiled(text);
    }
}

fn orders(session: &Session<'_>) -> Vec<Order> {
    let orders = session.effects.iter().filter_map(|effect| match effect {
        Effect::Perform(order) => Some(order.clone()),
        _ => None,
    });
    orders.collect()
}

fn json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("it has a JSON form")
}

fn confirm(session: &mut Session<'_>, order: &Order) {
    let results = BTreeMap::from([("order".to_owned(), Datum::Text("SO-10001".into()))]);
    let summary = "The ERP has service order SO-10001.".to_owned();
    let (key, object) = (order.key.clone(), None);
    let revision = None;
    session.input(Input::Confirmed { key, results, object, revision, summary }).expect("it counts");
}

#[test]
fn the_main_menu_is_all_that_a_telephone_needs() {
    let script = compiled(MAIN_MENU);
    let session = Session::start(&script, Channel::Ivr, false);
    insta::assert_snapshot!(serde_json::to_string_pretty(&session.view()).expect("JSON"));
}

#[test]
fn a_key_hands_the_caller_to_the_queue_of_the_topic_with_the_segment() {
    let script = compiled(MAIN_MENU);
    for (key, queue) in [("fault", "faults"), ("moving", "moving"), ("unclear", "faults")] {
        let mut session = Session::start(&script, Channel::Ivr, false);
        session.answers(&[("topic", key)]);
        let waiting = Shown::Waiting { text: "Looking up data".into() };
        assert_eq!(session.view().shown, waiting, "the customer is still being looked up");
        session.read(&customer(false), &[]);
        let attributes = [("topic", key), ("segment", "business"), ("language", "en")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(session.view().shown, Shown::HandOff { queue: queue.into(), attributes });
        assert!(session.view().prompts[0].text.starts_with("Thank you."));
    }
}

#[test]
fn a_caller_who_is_unknown_or_shared_counts_as_a_household() {
    let script = compiled(MAIN_MENU);
    let two = [customer(false), customer(true)].concat();
    for found in [Vec::new(), two] {
        let mut session = Session::start(&script, Channel::Ivr, false);
        session.read(&found, &[]);
        session.answers(&[("topic", "fault")]);
        let Shown::HandOff { attributes, .. } = session.view().shown else { panic!("handed off") };
        assert_eq!(attributes["segment"], "household");
    }
}

#[test]
fn the_next_question_depends_on_answers_and_on_the_customers_data() {
    let script = compiled(FAULT_REPORT);
    let step_after = |media: &[&str], kind: &str| {
        let mut session = Session::start(&script, Channel::Agent, true);
        session.read(&customer(false), &connections(media));
        session.answers(&[("kind", kind)]);
        session.view().step
    };
    assert_eq!(step_after(&["electricity", "gas"], "partial"), "smells_gas");
    assert_eq!(step_after(&["electricity"], "partial"), "fuse_checked");
    assert_eq!(step_after(&["electricity"], "smell_of_gas"), "gas_safety");
    assert_eq!(step_after(&["electricity"], "no_supply"), "neighbours");
    assert_eq!(step_after(&[], "other"), "description");
}

#[test]
fn a_fault_is_reported_and_ordered_once() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(true), &connections(&["electricity", "gas"]));
    session.answers(&[
        ("kind", "no_supply"),
        ("smells_gas", "false"),
        ("neighbours", ""),
        ("life_support", ""),
        ("connection", "871600000000000000"),
        ("description", "since this morning"),
        ("reporter", ""),
        ("summary", ""),
    ]);
    assert_eq!(session.view().shown, Shown::Waiting { text: "Service order".into() });
    let [order] = orders(&session).try_into().expect("one action");
    confirm(&mut session, &order);
    insta::assert_snapshot!(serde_json::to_string_pretty(&orders(&session)).expect("JSON"));
    let view = session.view();
    assert_eq!(view.shown, Shown::Information);
    assert_eq!(
        view.prompts[0].text,
        "It is reported, and an engineer has the order. Its number is SO-10001."
    );
    let labels: Vec<_> = view.trail.iter().map(|it| (&*it.step, &*it.label)).collect();
    assert_eq!(
        labels,
        [
            ("kind", "No electricity, gas or heat at all"),
            ("smells_gas", "no"),
            ("neighbours", ""),
            ("life_support", ""),
            ("connection", "electricity, Dorpsstraat 12 B, Baarn"),
            ("description", "since this morning"),
            ("reporter", ""),
            ("summary", ""),
        ]
    );
    let states: Vec<_> = view.actions.iter().map(|it| (&*it.title, it.state)).collect();
    assert_eq!(
        states,
        [("Service order", ActionState::Confirmed), ("Fault report", ActionState::Queued),]
    );
    session.answers(&[("ordered", "")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "reported".into() });
}

#[test]
fn an_action_that_takes_too_long_goes_on_but_its_result_stays_missing() {
    let script = compiled(FAULT_REPORT);
    let mut session = reported_gas(&script);
    let [order] = orders(&session).try_into().expect("one action");
    let at = order.wait_until.expect("it is waited for");
    assert_eq!(at.to_string(), "2026-11-22T10:00:10Z");
    assert!(session.effects.contains(&Effect::WakeAt { key: order.key.clone(), at }));
    session.input(Input::Overdue { key: order.key.clone() }).expect("it counts");
    let ended = session.view();
    assert_eq!(ended.step, "noted");
    assert_eq!(ended.actions[0].state, ActionState::Queued);
    assert!(outstanding(&script, &session.state).contains(&Effect::Perform(order.clone())));
    confirm(&mut session, &order);
    assert_eq!(session.view().step, "noted");
    assert_eq!(session.view().actions[0].state, ActionState::Confirmed);
    let before = session.events.len();
    confirm(&mut session, &order);
    assert_eq!(session.events.len(), before, "a second confirmation says nothing new");
}

#[test]
fn a_refused_action_tells_the_agent_why_and_the_conversation_goes_on() {
    let script = compiled(FAULT_REPORT);
    let mut session = reported_gas(&script);
    let [order] = orders(&session).try_into().expect("one action");
    let reason = "The ERP is closed for the day.".to_owned();
    session.input(Input::Failed { key: order.key, reason: reason.clone() }).expect("it counts");
    let view = session.view();
    assert_eq!(view.step, "noted");
    assert_eq!((view.actions[0].state, &view.actions[0].result), (ActionState::Failed, &reason));
}

/// A smell of gas, up to the waiting for the service order.
fn reported_gas(script: &Script) -> Session<'_> {
    let mut session = Session::start(script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    session.answers(&[
        ("kind", "smell_of_gas"),
        ("gas_safety", ""),
        ("connection", "871600000000000000"),
        ("description", ""),
        ("reporter", "the neighbour"),
        ("summary", ""),
    ]);
    session
}

/// The fault report, if the ERP could not cancel an order.
fn unforgiving() -> String {
    let (before, rest) = FAULT_REPORT.split_once("<compensate").expect("it is taken back");
    let (_, after) = rest.split_once("</compensate>").expect("it is closed");
    let (steps, _) = after.split_once("<test").expect("it has tests");
    format!("{before}{steps}</script>").replace("undo=\"compensate\"", "undo=\"forbid\"")
}

#[test]
fn what_a_sent_action_rests_on_is_locked_and_the_rest_is_not() {
    let script = compiled(&unforgiving());
    let mut session = reported_gas(&script);
    let because = "`Service order` was already sent and depends on this answer";
    let locks: Vec<_> =
        session.view().trail.into_iter().map(|it| (it.step, it.locked_because)).collect();
    let locked = |step: &str| (step.to_owned(), Some(because.to_owned()));
    let free = |step: &str| (step.to_owned(), None);
    assert_eq!(
        locks,
        [
            locked("kind"),
            free("gas_safety"),
            locked("connection"),
            locked("description"),
            free("reporter"),
            free("summary"),
        ]
    );
    let refusal = session.answer("kind", "meter").expect_err("it is locked");
    assert_eq!((refusal.code(), refusal.to_string().as_str()), ("CX0105", because));
    session.answer("kind", "smell_of_gas").expect("the same answer changes nothing");
    session.answer("reporter", "the owner").expect("the order does not tell who reported");
}

#[test]
fn an_earlier_answer_changes_the_path_and_dormant_answers_wait() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["electricity"]));
    session.answers(&[("kind", "partial"), ("fuse_checked", "false"), ("fuse_advice", "")]);
    assert_eq!(session.view().step, "works_again");
    session.answers(&[("kind", "meter")]);
    assert_eq!(session.view().step, "connection");
    let steps: Vec<String> = session.view().trail.into_iter().map(|it| it.step).collect();
    assert_eq!(steps, ["kind"]);
    session.answers(&[("kind", "partial")]);
    assert_eq!(session.view().step, "works_again");
}

#[test]
fn a_move_is_recorded_with_exact_values() {
    let script = compiled(MOVING_HOUSE);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    session.answers(&[
        ("moving_date", "2026-12-01"),
        ("new_postal_code", "3741 AB"),
        ("new_house_number", "7"),
        ("new_street", "Laanstraat"),
        ("new_city", "Baarn"),
        ("connection", "871600000000000000"),
        ("meter_reading", "4711"),
        ("refund_iban", "NL91 ABNA 0417 1643 00"),
        ("bill_by_email", "true"),
        ("email", "j.devries@example.org"),
        ("phone", "06-12 34 56 78"),
    ]);
    assert_eq!(
        session.view().prompts[0].text,
        "So you move on 1 December 2026 to Laanstraat 7, 3741 AB Baarn. Shall I record it like \
         this?"
    );
    session.answers(&[("summary", "")]);
    let [order] = orders(&session).try_into().expect("one action");
    let Task::Create { attributes, .. } = &order.task else { panic!("an object is written") };
    assert_eq!(json(&attributes["meter_reading"]), serde_json::json!({"decimal": "4711"}));
    assert_eq!(attributes["refund_iban"].to_string(), "NL91ABNA0417164300");
    assert_eq!(attributes["phone"].to_string(), "+31612345678");
    assert_eq!(json(&attributes["bill_by_email"]), serde_json::json!({"bool": true}));
    let results = BTreeMap::from([("number".to_owned(), Datum::Integer(42))]);
    let (object, summary) = (Some("42".to_owned()), "Move 42 was written.".to_owned());
    let revision = Some("1".to_owned());
    let confirmed = Input::Confirmed { key: order.key, results, object, revision, summary };
    session.input(confirmed).expect("it counts");
    session.answers(&[("content", "5")]);
    let view = session.view();
    assert_eq!(view.step, "recorded");
    let said = &view.prompts[0].text;
    assert!(said.starts_with("The number of your move is 42."), "{said}");
}

#[test]
fn an_unknown_customer_is_told_to_the_agent() {
    for text in [FAULT_REPORT, MOVING_HOUSE] {
        let script = compiled(text);
        let mut session = Session::start(&script, Channel::Agent, false);
        if session.view().step == "kind" {
            session.answers(&[("kind", "other")]);
        }
        assert_eq!(session.view().shown, Shown::End { outcome: "unknown-customer".into() });
    }
}

#[test]
fn a_session_goes_on_with_another_agent_in_another_language_as_it_was() {
    let script = compiled(MOVING_HOUSE);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    session.answers(&[("moving_date", "2026-12-01"), ("new_postal_code", "3741 AB")]);
    let before = session.view();
    let to = |request: &str, channel, language: &str, actor: &str| Input::Continue {
        request: request.to_owned(),
        channel,
        language: language.to_owned(),
        actor: Some(actor.to_owned()),
    };
    session.input(to("t1", Channel::Agent, "nl-BE", "bram")).expect("it is possible");
    let view = session.view();
    assert_eq!((&view.step, view.language.as_str()), (&before.step, "nl"));
    let steps = |view: &View| {
        let trail = view.trail.iter().map(|it| (it.step.clone(), it.value.clone()));
        trail.collect::<Vec<_>>()
    };
    assert_eq!(steps(&view), steps(&before));
    assert_eq!(session.state.started().expect("started").actor.as_deref(), Some("bram"));
    let count = session.events.len();
    session.input(to("t1", Channel::Agent, "de", "carla")).expect("a repeat says nothing");
    session.input(to("t2", Channel::Agent, "", "bram")).expect("it is there already");
    assert_eq!(session.events.len(), count);

    session.input(to("t3", Channel::Message, "es", "bram")).expect("it runs by messages, too");
    session.answers(&[("new_house_number", "7")]);
    assert_eq!(State::replay(&session.events), session.state);
    let refused = session.input(to("t4", Channel::Ivr, "", "bram")).expect_err("not by keys");
    assert_eq!(refused, Refusal::Channel);
    session.input(Input::Cancel { reason: "over".into() }).expect("it ends");
    let refused = session.input(to("t5", Channel::Agent, "", "bram")).expect_err("it is over");
    assert_eq!(refused, Refusal::Over);
}
