//! What came of reading data, and data that is read anew.

use jiff::ToSpan as _;

use super::*;

const BODY: &str = "<input name='customer' class='Customer' max-age='60'/>\
    <find name='caller' class='Customer' number=\"'0612345678'\"/>\
    <related name='connections' class='Connection' attribute='customer' to='customer'/>\
    <decide id='a'><next when=\"caller_read eq 'several'\" to='several'/>\
    <next when=\"caller_read eq 'failed'\" to='failed'/>\
    <next when=\"has(customer) and customer.is_life_support\" to='careful'/>\
    <next to='plain'/></decide>\
    <info id='plain'><say>Plain.</say><next to='count'/></info>\
    <info id='careful'><say>Careful.</say><next to='count'/></info>\
    <info id='count'><say><v of='string(size(connections))'/> here.</say><next to='over'/></info>\
    <info id='several'><say>Several.</say><next to='over'/></info>\
    <info id='failed'><say>Failed.</say><next to='over'/></info>\
    <info id='over'><say>.</say><next to='end'/></info><end id='end' outcome='x'/>";

fn read(session: &mut Session<'_>, name: &str, objects: &[Snapshot]) {
    let input = Input::Data { read: session.wanted(name), objects: objects.to_vec() };
    session.input(input).expect("data is never refused");
}

/// The same request as an agent would send it, so many seconds after the session began.
fn pass(session: &mut Session<'_>, step: &str, seconds: i64) -> Vec<Effect> {
    let answer = Input::Answer {
        request: format!("{step} after {seconds}"),
        sequence: session.state.sequence(),
        step: step.into(),
        row: String::new(),
        value: String::new(),
        special: None,
        reason: String::new(),
    };
    let at = now() + seconds.seconds();
    let outcome = handle(session.script, &session.state, &answer, at).expect("it is asked");
    outcome.events.iter().for_each(|event| session.state.apply(event));
    session.events.extend(outcome.events);
    outcome.effects
}

#[test]
fn what_came_of_reading_decides_the_path() {
    let script = compiled(&script("agent", BODY));
    let two = [customer(true), customer(true)].concat();
    let came = [(two, "several"), (customer(true), "careful"), (Vec::new(), "careful")];
    for (found, step) in came {
        let mut session = Session::start(&script, Channel::Agent, true);
        assert!(matches!(session.view().shown, Shown::Waiting { .. }));
        read(&mut session, "caller", &found);
        read(&mut session, "customer", &customer(true));
        assert_eq!(session.view().step, step);
    }
    let mut session = Session::start(&script, Channel::Agent, true);
    let failed = Input::DataFailed { read: session.wanted("caller"), reason: "down".into() };
    session.input(failed).expect("it counts");
    assert_eq!(session.view().step, "failed");
}

#[test]
fn data_that_is_too_old_is_read_anew_with_all_that_is_found_by_it() {
    let script = compiled(&script("agent", BODY));
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas"]));
    assert_eq!(session.view().step, "plain");
    assert!(pass(&mut session, "plain", 59).is_empty(), "it is not too old");
    assert_eq!(session.view().prompts[0].text, "1 here.");

    let effects = pass(&mut session, "count", 60);
    let [Effect::Read(wanted)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((wanted.name.as_str(), &wanted.by), ("customer", &ReadBy::Key("K1".into())));
    assert!(matches!(session.view().shown, Shown::Waiting { .. }));
    let replayed = State::replay(&session.events);
    assert_eq!(outstanding(&script, &replayed), effects, "a restart reads it too");
    // the customer has become another, and so has the path; the list comes again as well
    session.read(&customer(true), &connections(&["gas", "heat"]));
    assert_eq!(session.view().step, "careful");
    pass(&mut session, "careful", 59);
    assert_eq!(session.view().step, "over", "what was passed before stays passed");
    let read = session.events.iter().filter(|it| matches!(it, Event::DataRead { .. })).count();
    assert_eq!(read, 5, "caller once, customer and connections twice");
}

#[test]
fn what_was_read_by_an_earlier_version_is_never_too_old() {
    let script = compiled(&script("agent", BODY));
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&[]));
    let mut old = serde_json::to_value(&session.events).expect("JSON");
    for event in old.as_array_mut().expect("a list") {
        event.as_object_mut().expect("an event").remove("at");
    }
    session.events = serde_json::from_value(old).expect("it reads back");
    session.state = State::replay(&session.events);
    assert!(pass(&mut session, "plain", 1_000_000).is_empty());
    assert_eq!(session.view().step, "count");
}

#[test]
fn mistakes_about_reading_are_found() {
    let with = |declared: &str| script("agent", &format!("{declared}<end id='a' outcome='x'/>"));
    let found = |declared: &str| lines(&check(&with(declared)).expect_err("it is a mistake"));
    let value = found("<input name='word' max-age='5'/>");
    assert!(value.contains("what is handed in as a value is never read"), "{value}");
    let never = found("<input name='customer' class='Customer' max-age='0'/>");
    assert!(never.contains("`max-age` is a whole number from 1 to 604800"), "{never}");
    let taken = found("<input name='customer_read'/><input name='customer' class='Customer'/>");
    assert!(taken.contains("the name `customer_read` is taken"), "{taken}");
    let word = "<input name='customer' class='Customer'/>\
        <computed name='is_gone' value=\"customer_read eq 'gone'\"/>";
    assert!(found(word).contains("gone"), "{}", found(word));
}
