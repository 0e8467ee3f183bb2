//! Events as the journal keeps them, and decisions about them.

use super::*;

#[test]
fn events_are_json_that_reads_back_and_replays_to_the_same_state() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    session.answers(&[("kind", "smell_of_gas"), ("gas_safety", ""), ("connection", "")]);
    session.input(Input::Cancel { reason: "hung up".into() }).expect("it counts");
    let stored: Vec<String> =
        session.events.iter().map(|event| serde_json::to_string(event).expect("JSON")).collect();
    let read: Vec<Event> =
        stored.iter().map(|text| serde_json::from_str(text).expect("an event")).collect();
    assert_eq!(read, session.events);
    assert_eq!(State::replay(&read), session.state);
    let answered =
        r#"{"type":"answered","step":"kind","value":{"choice":"smell_of_gas"},"request":"r1"}"#;
    assert_eq!(stored[3], answered);
    assert!(matches!(session.view().shown, Shown::Cancelled { .. }));
}

#[test]
fn personal_pointers_point_at_something_and_debug_shows_no_values() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    session.answers(&[("kind", "smell_of_gas")]);
    for event in &session.events {
        let json = serde_json::to_value(event).expect("JSON");
        for pointer in event.personal_pointers() {
            assert!(json.pointer(pointer).is_some(), "{pointer} in {}", event.type_name());
        }
    }
    let shown = format!("{:?}", session.state);
    assert!(!shown.contains("Vries") && !shown.contains("smell_of_gas"), "{shown}");
}

#[test]
fn an_event_of_an_earlier_version_lacks_fields_and_is_read() {
    let started: Event = serde_json::from_str(r#"{"type":"started","session":"s"}"#).expect("one");
    assert!(matches!(started, Event::Started(_)));
    let passed: Event =
        serde_json::from_str(r#"{"type":"answered","step":"a","request":"r"}"#).expect("one");
    assert!(matches!(passed, Event::Answered { value: None, .. }));
}

#[test]
fn a_repeated_request_changes_nothing_and_a_late_one_is_refused() {
    let script = compiled(MOVING_HOUSE);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &[]);
    let seen = session.state.sequence();
    let answer = |request: &str, sequence, value: &str| Input::Answer {
        request: request.into(),
        sequence,
        step: "moving_date".into(),
        row: String::new(),
        value: value.into(),
        special: None,
        reason: String::new(),
    };
    session.input(answer("r1", seen, "2026-12-01")).expect("a good answer");
    let events = session.events.len();
    session.input(answer("r1", seen, "2026-12-01")).expect("a repeat");
    assert_eq!(session.events.len(), events);
    let late = session.input(answer("r2", seen, "2026-12-02"));
    assert_eq!(late, Err(Refusal::Stale));
}

#[test]
fn answers_that_do_not_fit_are_refused_in_words() {
    let script = compiled(MOVING_HOUSE);
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    let mut refused = |step: &str, value: &str| {
        session.answer(step, value).expect_err("it does not fit").to_string()
    };
    assert_eq!(refused("moving_date", "tomorrow"), "a date is needed");
    assert_eq!(refused("moving_date", ""), "an answer is needed");
    assert_eq!(refused("new_city", "Baarn"), "`new_city` is not asked now");
    assert_eq!(refused("nowhere", "x"), "`nowhere` is not asked now");
    session.answers(&[("moving_date", "2026-12-01")]);
    let long = session.answer("new_postal_code", "12345678").expect_err("too long");
    assert_eq!(long.to_string(), "the text is longer than 7 characters");
    session.answers(&[
        ("new_postal_code", "3741 AB"),
        ("new_house_number", "7"),
        ("new_street", "Laanstraat"),
        ("new_city", "Baarn"),
    ]);
    let none = session.answer("connection", "another").expect_err("not among them");
    assert_eq!(none.to_string(), "it is not one of the choices");
    session.answers(&[("connection", "871600000000000000")]);
    let many = session.answer("meter_reading", "-1").expect_err("out of bounds");
    assert_eq!(many.to_string(), "the number is less than 0");
    assert_eq!(many.code(), "CX0104");
}

#[test]
fn a_start_must_fit_the_script() {
    let script = compiled(FAULT_REPORT);
    let start = |channel, input: Datum| {
        let inputs = BTreeMap::from([("customer".to_owned(), input)]);
        let start = Start { channel, inputs, ..Start::default() };
        handle(&script, &State::default(), &Input::Start(start), now()).expect_err("it is wrong")
    };
    let reference = Datum::Reference { class: "Meter".into(), key: "1".into() };
    let wrong = start(Channel::Agent, reference.clone());
    assert_eq!(wrong.to_string(), "the input `customer` must be the key of a Customer");
    assert_eq!(start(Channel::Ivr, reference), Refusal::Channel);
    let nothing = handle(&script, &State::default(), &Input::Cancel { reason: "x".into() }, now());
    assert_eq!(nothing, Err(Refusal::NotStarted));
}

#[test]
fn failed_reads_count_as_missing_and_come_once() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    let read = session.wanted("customer");
    let failed = Input::DataFailed { read: read.clone(), reason: "database down".into() };
    session.input(failed).expect("it counts");
    session.answers(&[("kind", "other")]);
    assert_eq!(session.view().step, "unknown_customer");
    session.input(Input::Data { read, objects: customer(false) }).expect("late");
    assert_eq!(session.view().step, "unknown_customer");
}

#[test]
fn the_effects_of_all_steps_are_what_a_restart_finds_outstanding() {
    let script = compiled(FAULT_REPORT);
    let mut session = Session::start(&script, Channel::Agent, true);
    let read =
        Read { name: "customer".into(), class: "Customer".into(), by: ReadBy::Key("K1".into()) };
    assert_eq!(session.effects, [Effect::Read(read)]);
    assert_eq!(outstanding(&script, &session.state), session.effects);
    let read = session.wanted("customer");
    let customer = Input::Data { read, objects: customer(false) };
    session.input(customer).expect("it counts");
    let by = ReadBy::Related { attribute: "customer".into(), key: "K1".into() };
    let read = Read { name: "connections".into(), class: "Connection".into(), by };
    assert_eq!(outstanding(&script, &session.state), [Effect::Read(read)]);
    let replayed = State::replay(&session.events);
    assert_eq!(outstanding(&script, &replayed), outstanding(&script, &session.state));
}
