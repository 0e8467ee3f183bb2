//! Data that called scripts read: by what is handed over, which answers may change.

use super::calls::{calling, said};
use super::*;

/// Finds a customer by a number, and lets one of their connections be chosen.
const LOOKUP: &str = "<script id='lookup' version='1' language='en' channels='agent' \
    start='known'><title>Look-up</title><input name='number' required='yes'/>\
    <find name='found' class='Customer' number='number' max-age='60'/>\
    <related name='mine' class='Connection' attribute='customer' to='found'/>\
    <computed name='many' value='mine.size()'/>\
    <decide id='known'><next when='has(found)' to='which'/><next to='stranger'/></decide>\
    <ask id='which' type='choice'><say><v of='found.name'/> has <v of='many'/>, read: \
    <v of='found_read'/>, <v of='mine_read'/>.</say><choices from='mine' each='c'>\
    <v of='c.medium'/></choices><next to='chosen'/></ask>\
    <end id='chosen' outcome='found'><result name='who' value='found'/>\
    <result name='medium' value='string(which.medium)'/></end>\
    <end id='stranger' outcome='stranger'><note>Read: <v of='found_read'/></note></end></script>";

const CALLER: &str = "<ask id='a' type='phone'><say>?</say><next to='look'/></ask>\
    <call id='look' script='lookup'><with name='number' value='a'/>\
    <next when='has(look.who)' to='tell'/><next to='bye'/></call>\
    <ask id='tell' type='yes-no'><say><v of='look.who.name'/>: \
    <v of='look.medium.or(\"?\")'/></say>\
    <next when='tell' to='note'/><next to='bye'/></ask>\
    <do id='note'><create name='noted' class='Interaction' undo='UNDO'><title>N</title>\
    <set name='customer' value='look.who'/><set name='started_at' value='now'/></create>\
    <next to='sure'/></do>\
    <info id='sure'><say>Noted.</say><next to='bye'/></info>\
    <end id='bye' outcome='done'/>";

const PHONES: [&str; 2] = ["+31612345678", "+31687654321"];

fn caller(undo: &str) -> String {
    CALLER.replace("\"?\"", "&quot;?&quot;").replace("UNDO", undo)
}

fn compiled_caller(undo: &str) -> Script {
    calling(&caller(undo), &[LOOKUP]).unwrap_or_else(|it| panic!("{}", lines(&it)))
}

/// What is to be read now: names, and by what.
fn wanted(session: &Session<'_>) -> Vec<(String, String)> {
    let reads = crate::outstanding::reads(session.script, &session.state);
    reads.into_iter().map(|it| (it.name, it.by.wanted().to_owned())).collect()
}

fn named(name: &str, key: &str) -> Vec<Snapshot> {
    let mut found = customer(false);
    found[0].key = key.into();
    found[0].attributes.insert("name".into(), Datum::Text(name.into()));
    found
}

/// Two customers, each with connections of their own.
fn find(session: &mut Session<'_>, name: &str, key: &str, media: &[&str]) {
    let read = session.wanted("look/found");
    session.input(Input::Data { read, objects: named(name, key) }).expect("data is never refused");
    let read = session.wanted("look/mine");
    assert_eq!(read.by, ReadBy::Related { attribute: "customer".into(), key: key.into() });
    session
        .input(Input::Data { read, objects: connections(media) })
        .expect("data is never refused");
}

#[test]
fn a_called_script_reads_when_the_path_comes_there_and_anew_when_an_answer_changes() {
    let script = compiled_caller("keep");
    let mut session = Session::start(&script, Channel::Agent, false);
    assert_eq!(wanted(&session), [], "nothing is known by which to read");
    session.answers(&[("a", PHONES[0])]);
    assert!(matches!(session.view().shown, Shown::Waiting { .. }));
    assert_eq!(wanted(&session), [("look/found".to_owned(), PHONES[0].to_owned())]);
    let replayed = State::replay(&session.events);
    assert_eq!(outstanding(&script, &replayed), outstanding(&script, &session.state));
    find(&mut session, "J. de Vries", "K1", &["gas", "heat"]);
    let said = session.view().prompts[0].text.clone();
    assert_eq!(said, "J. de Vries has 2, read: found, found.");
    let heat = connections(&["gas", "heat"])[1].key.clone();
    session.answers(&[("look/which", &heat)]);
    assert_eq!(session.view().prompts[0].text, "J. de Vries: heat");

    // another number: what was found by the one before is nobody's any more
    let before = session.wanted_before();
    session.answers(&[("a", PHONES[1])]);
    assert!(matches!(session.view().shown, Shown::Waiting { .. }));
    assert_eq!(wanted(&session), [("look/found".to_owned(), PHONES[1].to_owned())]);
    session.input(Input::Data { read: before, objects: named("late", "K1") }).expect("ignored");
    assert_eq!(wanted(&session).len(), 1, "what comes late is not what is wanted now");
    find(&mut session, "A. Bakker", "K2", &["gas"]);
    assert_eq!(session.view().step, "look/which", "the choice was one of somebody else's");
    assert_eq!(session.view().prompts[0].text, "A. Bakker has 1, read: found, found.");
    session.answers(&[("look/which", &connections(&["gas"])[0].key)]);
    assert_eq!(session.view().prompts[0].text, "A. Bakker: gas");
    let replayed = State::replay(&session.events);
    assert_eq!(View::of(&script, &replayed), Some(session.view()));
    let json = serde_json::to_string(&session.events).expect("JSON");
    let events: Vec<Event> = serde_json::from_str(&json).expect("it reads back");
    assert_eq!(State::replay(&events), session.state);
}

impl Session<'_> {
    /// The read that was wanted first.
    fn wanted_before(&self) -> Read {
        let mut reads = self.effects.iter().filter_map(|it| match it {
            Effect::Read(read) => Some(read.clone()),
            _ => None,
        });
        reads.next().expect("something was read")
    }
}

#[test]
fn what_is_not_found_or_cannot_be_read_is_said_by_its_name() {
    let script = compiled_caller("keep");
    for (failed, said) in [(false, "Read: none"), (true, "Read: failed")] {
        let mut session = Session::start(&script, Channel::Agent, false);
        session.answers(&[("a", PHONES[0])]);
        let read = session.wanted("look/found");
        let input = match failed {
            true => Input::DataFailed { read, reason: "down".into() },
            false => Input::Data { read, objects: Vec::new() },
        };
        session.input(input).expect("it counts");
        assert_eq!(session.view().step, "look/stranger");
        assert_eq!(session.view().prompts[0].text, said);
        assert_eq!(wanted(&session), [], "there is nothing that leads to nobody");
    }
}

#[test]
fn what_is_too_old_is_read_anew_where_it_is_read() {
    let script = compiled_caller("keep");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", PHONES[0])]);
    find(&mut session, "J. de Vries", "K1", &["gas"]);
    session.now += jiff::SignedDuration::from_secs(60);
    session.answers(&[("look/which", &connections(&["gas"])[0].key)]);
    assert_eq!(wanted(&session), [("look/found".to_owned(), PHONES[0].to_owned())]);
    find(&mut session, "J. de Vries-Smit", "K1", &["gas"]);
    assert_eq!(session.view().prompts[0].text, "J. de Vries-Smit: gas");
}

#[test]
fn an_action_rests_on_the_answers_by_which_its_data_was_found() {
    let ready = |script| {
        let mut session = Session::start(script, Channel::Agent, false);
        session.answers(&[("a", PHONES[0])]);
        find(&mut session, "J. de Vries", "K1", &["gas"]);
        let gas = connections(&["gas"])[0].key.clone();
        session.answers(&[("look/which", &gas), ("tell", "true")]);
        assert_eq!(session.view().step, "sure");
        session
    };
    let script = compiled_caller("forbid");
    let mut session = ready(&script);
    let locked = session.answer("a", PHONES[1]).expect_err("the note names who was found");
    assert_eq!(locked, Refusal::Locked("N".into()));

    let script = compiled_caller("compensate");
    let mut session = ready(&script);
    session.answers(&[("a", PHONES[1])]);
    let revoked = session.events.iter().filter(|it| matches!(it, Event::ActionRevoked { .. }));
    assert_eq!(revoked.count(), 1);
    find(&mut session, "A. Bakker", "K2", &["gas"]);
    assert_eq!(session.view().step, "sure", "the note is sent anew, for the other one");
    let queued: Vec<&Order> = session
        .events
        .iter()
        .filter_map(|it| match it {
            Event::ActionQueued(order) => Some(order),
            _ => None,
        })
        .collect();
    let customers = queued.iter().map(|it| it.value("customer").map(|it| it.to_string()));
    let customers: Vec<String> = customers.flatten().collect();
    assert_eq!(customers, ["K1", "K2"]);
}

#[test]
fn tests_give_what_called_scripts_read() {
    let test = |name: &str| {
        format!(
            "<test name='t'><given name='{name}'><object key='K1'>\
             <set name='name' value=\"'J. de Vries'\"/></object></given>\
             <given name='look/mine'><object key='C1'><set name='medium' value=\"'gas'\"/></object>\
             </given><answer step='a' value='0612345678'/>\
             <answer step='look/which' value='C1'/>\
             <at step='tell'><say>J. de Vries: gas</say></at></test>"
        )
    };
    let script = calling(&format!("{}{}", caller("keep"), test("look/found")), &[LOOKUP]);
    let run = script.unwrap_or_else(|it| panic!("{}", lines(&it))).run_tests();
    let failures: Vec<_> = run.tests.into_iter().flat_map(|it| it.failures).collect();
    assert!(failures.is_empty(), "{}", lines(&failures));
    let wrong = said(&format!("{}{}", caller("keep"), test("look/fond")), &[LOOKUP]);
    assert!(wrong.contains("CG0503") && wrong.contains("did you mean `look/found`?"), "{wrong}");
}

#[test]
fn two_calls_read_each_for_itself_and_calls_in_calls_do() {
    let twice = "<input name='one'/><input name='other'/>\
        <call id='a' script='lookup'><with name='number' value=\"one.or('1')\"/>\
        <next to='b'/></call>\
        <call id='b' script='outer'><with name='phone' value=\"other.or('2')\"/>\
        <next to='end'/></call><end id='end' outcome='x'/>";
    let outer = "<script id='outer' version='1' language='en' channels='agent' start='deep'>\
        <title>O</title><input name='phone' required='yes'/>\
        <call id='deep' script='lookup'><with name='number' value='phone'/><next to='end'/></call>\
        <end id='end' outcome='x'/></script>";
    let script = calling(twice, &[LOOKUP, outer]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let mut session = Session::start(&script, Channel::Agent, false);
    let by = |name: &str, number: &str| vec![(name.to_owned(), number.to_owned())];
    assert_eq!(wanted(&session), by("a/found", "1"), "the path has not come to the second");
    let read = session.wanted("a/found");
    session.input(Input::Data { read, objects: Vec::new() }).expect("it counts");
    session.answers(&[("a/stranger", "")]);
    assert_eq!(wanted(&session), by("b/deep/found", "2"));
}

#[test]
fn what_takes_an_action_back_uses_no_data_that_answers_may_change() {
    let other = LOOKUP.replace(
        "<end id='chosen'",
        "<do id='order'><invoke name='ordered' operation='erp.create_service_order' \
         undo='compensate'><title>O</title><set name='customer' value='found.or(which.customer)'/>\
         <set name='connection' value='which.ean'/><set name='kind' value=\"'x'\"/>\
         <set name='urgency' value=\"'x'\"/><compensate operation='erp.cancel_service_order'>\
         <set name='order' value=\"mine_read\"/></compensate></invoke><next to='chosen'/></do>\
         <end id='chosen'",
    );
    let other = other
        .replace("value='found.or(which.customer)'", "value='number'")
        .replace("<next to='chosen'/></ask>", "<next to='order'/></ask>")
        .replace("value=\"mine_read\"", "value=\"found.name.or('')\"");
    let found = said(&caller("keep"), &[&other]);
    assert!(
        found.contains("`look/found` may have changed when `ordered` is taken back"),
        "{found}"
    );
}

#[test]
fn an_object_that_is_handed_over_is_there_or_not_as_if_it_had_been_read() {
    let greet = "<script id='greet' version='1' language='en' channels='agent' start='fork'>\
        <title>G</title><input name='who' class='Customer'/>\
        <related name='theirs' class='Connection' attribute='customer' to='who'/>\
        <decide id='fork'><next when=\"who_read eq 'found'\" to='known'/><next to='stranger'/>\
        </decide><info id='known'>\
        <say><v of='theirs.size()'/> connections, <v of='who_read'/></say>\
        <next to='end'/></info>\
        <info id='stranger'><say>Nobody: <v of='who_read'/>.</say><next to='end'/></info>\
        <end id='end' outcome='x'/></script>";
    let body = "<input name='customer' class='Customer'/><call id='a' script='greet'>\
        <with name='who' value='customer'/><next to='end'/></call><end id='end' outcome='x'/>";
    let script = calling(body, &[greet]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let mut session = Session::start(&script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["gas", "heat"]));
    assert_eq!(session.view().prompts[0].text, "2 connections, found");
    let session = Session::start(&script, Channel::Agent, false);
    assert_eq!(session.view().prompts[0].text, "Nobody: none.");
    let nothing = body.replace("<with name='who' value='customer'/>", "");
    let script = calling(&nothing, &[greet]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let session = Session::start(&script, Channel::Agent, true);
    assert_eq!(session.view().prompts[0].text, "Nobody: none.");
}

#[test]
fn a_call_that_the_path_does_not_come_to_reads_nothing_and_keeps_nobody_waiting() {
    let body = "<ask id='a' type='yes-no'><say>Known?</say><next when='a' to='b'/>\
        <next to='tell'/></ask>\
        <ask id='b' type='phone'><say>?</say><next to='look'/></ask>\
        <call id='look' script='lookup'><with name='number' value=\"has(b) ? b : '1'\"/>\
        <next to='tell'/></call>\
        <info id='tell'><say><v of=\"has(look.who) ? look.who.name : 'nobody'\"/></say>\
        <next to='end'/></info><end id='end' outcome='x'/>";
    let script = calling(body, &[LOOKUP]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "false")]);
    assert_eq!(wanted(&session), []);
    assert_eq!(session.view().prompts[0].text, "nobody");
    session.answers(&[("a", "true"), ("b", PHONES[0])]);
    find(&mut session, "J. de Vries", "K1", &["gas"]);
    session.answers(&[("look/which", &connections(&["gas"])[0].key)]);
    assert_eq!(session.view().prompts[0].text, "J. de Vries");
    session.answers(&[("a", "false")]);
    assert_eq!((wanted(&session).len(), session.view().prompts[0].text.as_str()), (0, "nobody"));
}
