//! Command lines and ends, without a process.

use serde_json::json;

use super::*;
use crate::{Configured, Kind};

fn read(runs: &str) -> Result<Command, Vec<String>> {
    let text = format!(
        "<!DOCTYPE command SYSTEM \"wrapper.dtd\">\n<command program=\"tickets\">\n{runs}</command>"
    );
    let files = Contents::from([("t/a.xml", text.as_bytes()), ("t/tickets", b"")]);
    let mut findings = Vec::new();
    let configured = Configured::read("t/a.xml", &files, &BTreeMap::new(), &mut findings);
    if !findings.is_empty() {
        return Err(findings.iter().map(|it| format!("{} {it}", it.code)).collect());
    }
    match configured.expect("without a finding").kind {
        Kind::Command(command) => Ok(command),
        other => panic!("{other:?}"),
    }
}

const RUN: &str = r#"<run operation="create">
<parameter name="customer" type="int"/><parameter name="text" type="text" required="no"/>
<parameter name="kind" type="text" required="no"/>
<result name="ticket" type="text"/><result name="is_new" type="bool"/>
<argument text="new"/><argument of="customer" flag="--customer"/><argument of="kind" flag="-k="/>
<argument of="text"/>
<exit code="2" means="refused" words="There is no such customer."/>
<exit code="3" means="refused"/><exit code="75" means="later"/>
<exit code="9" means="done"><give result="is_new" value="false"/></exit></run>"#;

fn object(value: Json) -> Object {
    let Json::Object(object) = value else { panic!("an object") };
    object
}

fn run() -> Run {
    let command = read(RUN).expect("it is sound");
    assert_eq!(command.program, Place::Release("t/tickets".into()));
    command.runs["create"].clone()
}

#[test]
fn a_command_line_has_the_arguments_that_are_given() {
    let line = |given| run().arguments(&object(given));
    let expected = ["new", "--customer", "7", "-k=a b; rm"].map(str::to_owned);
    assert_eq!(line(json!({"customer": 7, "kind": "a b; rm"})), Ok(expected.to_vec()));
    let refused = line(json!({"customer": -7, "text": "-rf"})).expect_err("an option");
    assert_eq!(refused, "`text` must not begin with a hyphen");
    assert!(line(json!({"customer": -7, "text": "a\0"})).is_err());
}

#[test]
fn the_end_of_a_program_says_what_came_of_it() {
    let run = run();
    let out = br#"{"ticket": "T1", "is_new": true, "summary": "Made.", "more": [1]}"#;
    let results = object(json!({"ticket": "T1", "is_new": true}));
    let done = Outcome::Done { results, summary: "Made.".into() };
    assert_eq!(run.outcome(Some(0), out, b""), done);
    let results = object(json!({"ticket": "T1", "is_new": false}));
    let again = Outcome::Done { results, summary: "Made.".into() };
    assert_eq!(run.outcome(Some(9), out, b""), again);
    let refused = |words: &str| Outcome::Refused(words.into());
    assert_eq!(run.outcome(Some(2), b"", b"x"), refused("There is no such customer."));
    assert_eq!(run.outcome(Some(3), b"", b"a\n it is blocked \n\n"), refused("it is blocked"));
    assert_eq!(run.outcome(Some(75), b"", b""), Outcome::Later("the program ended with 75".into()));
}

#[test]
fn nobody_knows_what_a_program_did_that_ended_otherwise() {
    let run = run();
    for (status, out, why) in [
        (Some(1), &b"{}"[..], "the program ended with 1"),
        (None, b"", "the program was ended by a signal"),
        (Some(0), b"Traceback", "the program wrote something else than one JSON object"),
        (Some(0), br#"{"ticket": "T1"}"#, "it gave no `is_new`"),
        (Some(0), br#"{"ticket": 1, "is_new": true}"#, "it gave `ticket`, which is not text"),
        (Some(0), &[b' '; MAX_OUTPUT_BYTES + 1], "the program wrote more than 49152 bytes"),
    ] {
        assert_eq!(run.outcome(status, out, b"some words"), Outcome::Unknown(why.into()));
    }
}

#[test]
fn what_makes_no_sense_is_found_at_its_place() {
    let said = |run: &str| read(run).expect_err("it is not sound").join("\n");
    for (from, to, expected) in [
        ("of=\"text\"", "of=\"txt\"", "CW0304 t/a.xml:8:15: there is no parameter `txt`"),
        ("code=\"75\"", "code=\"750\"", "`750` is no number from 0 to 255"),
        ("code=\"75\"", "code=\"3\"", "CW0305 t/a.xml:10:45: what `3` means stands here twice"),
        ("value=\"false\"", "value=\"no\"", "`no` is not bool"),
        ("result=\"is_new\"", "result=\"new\"", "there is no result `new`"),
        ("operation=\"create\"", "operation=\"Create\"", "small letters, digits"),
        ("<argument text=\"new\"/>", "<argument/>", "has a `text`, or is `of` a parameter"),
        ("operation=\"create\"", "operation=\"create\" output=\"none\"", "what the results are"),
    ] {
        let said = said(&RUN.replacen(from, to, 1));
        assert!(said.contains(expected), "{to}: {said}");
    }
}
