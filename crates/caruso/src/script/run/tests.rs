//! Conversations with lines from a text, as from a file or a pipe.

use std::io::Cursor;
use std::path::Path;

use super::*;

fn application() -> Application {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    crate::folder::read(&example).expect("a folder").application.expect("it is sound")
}

/// What is said when somebody writes these lines, whether the end was reached, and the document.
fn spoken(script: &str, test: Option<&str>, lines: &str) -> (String, bool, Value) {
    spoken_in("", script, test, lines)
}

/// The same with a customer of a language.
fn spoken_in(
    language: &str,
    script: &str,
    test: Option<&str>,
    lines: &str,
) -> (String, bool, Value) {
    let application = application();
    let script = &application.scripts[script];
    let given = test.map(|name| {
        let mut tests = script.tests();
        tests.find(|(known, _)| known.contains(name)).expect("there is such a test").1.clone()
    });
    let mut output = Vec::new();
    let input = Cursor::new(lines.to_owned());
    let lines = Lines { input, output: &mut output, has_prompts: false };
    let mut conversation = Conversation::new(script, &application, given, lines);
    conversation.clock = || Timestamp::UNIX_EPOCH;
    let channel = if script.runs_on(Channel::Agent) { Channel::Agent } else { Channel::Ivr };
    let has_ended = conversation.lead(channel, language).expect("it is led");
    let document = conversation.document();
    (String::from_utf8(output).expect("text"), has_ended, document)
}

#[test]
fn a_conversation_goes_to_its_end_and_an_earlier_answer_changes_its_way() {
    let lines = "partial\nno\nno\n\n:trail\n:back 2\nyes\n:back 9\n:nonsense\nno such place\n\n\
        dark\n\n\n\n";
    let (said, has_ended, document) = spoken("fault-report", Some("blown fuse"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended);
    assert_eq!((&document["step"], &document["outcome"]), (&"reported".into(), &"reported".into()));
}

#[test]
fn rows_are_added_and_one_in_the_middle_is_removed() {
    let lines = "yes\n0815\n1\nyes\n0816\n2\nyes\n0817\n3\n:trail\n:back 7\nno\n:trail\n\
        no\n\n";
    let (said, has_ended, document) = spoken("meter-reading", Some("nobody knows of"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended);
    assert_eq!(document["queue"], "moving");
}

#[test]
fn an_interrupt_is_begun_by_its_word_and_the_conversation_goes_on_where_it_was() {
    let lines = "meter\n:begin complaint\nlate again\n\n:begin nothing\n:back 2\ndark\n\n\n\n\n";
    let (said, has_ended, document) =
        spoken("fault-report", Some("without connections is reported"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended);
    assert_eq!(document["outcome"], "reported");
}

#[test]
fn a_customer_who_hangs_up_leaves_the_agent_with_what_there_is_to_do() {
    let lines = "meter\n:hang-up\nno\ndark\n\n\n\n\n";
    let (said, has_ended, document) =
        spoken("fault-report", Some("without connections is reported"), lines);
    assert!(said.contains("Should somebody call the customer back?"), "{said}");
    assert!(has_ended);
    assert_eq!(document["outcome"], "reported");
}

#[test]
fn the_time_of_a_wait_passes_when_it_is_told_to() {
    let lines = "bill\n06 12 34 56 78\nday\ndone\n\n:wait\n";
    let (said, has_ended, document) = spoken("call-back", Some("a number nobody"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended, "{said}");
    assert_eq!(document["outcome"], "promised");
}

#[test]
fn a_customer_is_spoken_to_in_their_language() {
    let (said, ..) = spoken_in("de-AT", "moving-house", Some("meter says"), "2026-12-01\n");
    assert!(said.contains("“An welchem Tag bekommen Sie die Schlüssel"), "{said}");
    assert!(said.contains("“Wie lautet dort die Postleitzahl?”"), "{said}");
}

#[test]
fn a_dialogue_by_messages_goes_to_its_end() {
    let application = application();
    let script = &application.scripts["moving-house"];
    let given = script.tests().find(|(name, _)| name.contains("smart meter")).expect("a test").1;
    let text = "1 december\n3741 AB\n7\nLaanstraat\nBaarn\nstroom\nelectricity\n250.000\nja\n\
        overslaan\nmisschien\nnee\nzeg ik liever niet\ndone {\"number\": 42}\n5\n";
    let mut output = Vec::new();
    let lines = Lines { input: Cursor::new(text), output: &mut output, has_prompts: false };
    let mut conversation = Conversation::new(script, &application, Some(given.clone()), lines);
    conversation.clock = || Timestamp::UNIX_EPOCH;
    assert!(conversation.lead(Channel::Message, "nl-BE").expect("it is led"));
    assert_eq!(conversation.document()["outcome"], "move-recorded");
    insta::assert_snapshot!(String::from_utf8(output).expect("text"));
}

#[test]
fn actions_are_shown_with_their_values_and_never_sent() {
    let lines = "smell_of_gas\n\n871687120000000028\nin the hall\n\n\nwhat?\n\
        done {\"oder\": 1}\ndone {\"order\": \"SO-1\"}\n:back 6\nmeter\nno\n\
        done {\"order\": \"SO-2\"}\n\n";
    let (said, has_ended, document) = spoken("fault-report", Some("smell of gas"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended);
    assert_eq!(document["outcome"], "reported");
    let sent = document["actions"].as_array().map(Vec::len);
    assert_eq!(sent, Some(5), "two, of which one is taken back, and both anew");
    assert_eq!(document["answers"][0]["value"], "meter");
}

#[test]
fn inputs_and_data_are_asked_for_and_read_by_the_types_of_the_model() {
    let lines = "+31612345678\n{\"key\": \"K1\", \"segmnt\": \"business\"}\n\
        {\"key\": \"K1\", \"is_life_support\": \"maybe\"}\n\
        {\"key\": \"K1\", \"segment\": \"business\"}\n2\n";
    let (said, has_ended, document) = spoken("main-menu", None, lines);
    insta::assert_snapshot!(said);
    assert!(has_ended);
    assert_eq!(document["queue"], "moving");
}

#[test]
fn a_conversation_that_nobody_goes_on_with_is_broken_off() {
    for lines in ["", "other\n", "other\n:quit\n"] {
        let (said, has_ended, _) = spoken("fault-report", Some("connections"), lines);
        let last = said.trim_end().lines().last().unwrap_or_default();
        assert!(!has_ended && last.starts_with("broken off at"), "{said}");
    }
}

#[test]
fn what_is_doubted_wants_a_reason_and_a_word_stands_for_a_special_answer() {
    let lines = "2026-12-01\n3741 AB\n7\nLaanstraat\nBaarn\n871687120000000028\n\
        250000\n\n:refused\n250000\nRead twice.\n:refused\nno\n:refused\n\n\
        done {\"number\": 42}\n4\n";
    let (said, has_ended, document) = spoken("moving-house", Some("what the meter says"), lines);
    insta::assert_snapshot!(said);
    assert!(has_ended, "{said}");
    assert_eq!(document["outcome"], "move-recorded");
}
