//! Tests of scripts pass and fail for the right reasons, at the right places.

use crate::tests::{FAULT_REPORT, MAIN_MENU, MOVING_HOUSE, check, compiled, lines};

#[test]
fn the_scripts_of_the_story_pass_their_tests_and_leave_no_transition_out() {
    for text in [MAIN_MENU, FAULT_REPORT, MOVING_HOUSE] {
        let run = compiled(text).run_tests();
        let failures: Vec<_> = run.tests.iter().flat_map(|it| it.failures.clone()).collect();
        assert_eq!(lines(&failures), "");
        assert!(run.has_passed() && run.tests.len() >= 2);
        let untaken = run.transitions.iter().filter(|it| !it.is_taken);
        let untaken: Vec<String> =
            untaken.map(|it| format!("{}: {} to {}", it.at, it.from, it.to)).collect();
        assert_eq!(untaken, [""; 0]);
    }
}

/// Two questions, an action that is waited for, and one that is not.
const SCRIPT: &str = r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="s" version="1" language="en" channels="agent" start="kind"><title>T</title>
<input name="reason"/><input name="customer" class="Customer"/>
<related name="connections" class="Connection" attribute="customer" to="customer"/>
<ask id="kind" type="choice"><say>What is it, <v of="customer.name.or('you')"/>?</say>
<choice value="fault">A fault</choice><choice value="other">Other</choice>
<next to="place"/></ask>
<ask id="place" type="choice" required="no"><say>Where?</say>
<choices from="connections" each="c"><v of="c.city"/></choices>
<next when="kind eq 'fault'" to="order"/><next to="faults"/></ask>
<do id="order" wait="10"><invoke name="job" operation="erp.create_service_order"><title>Job</title>
<set name="customer" value="''"/><set name="connection" value="place.ean.or('')"/>
<set name="kind" value="string(kind)"/><set name="urgency" value="'high'"/></invoke>
<next to="done"/></do>
<handoff id="faults" queue="faults"><attribute name="why" value="reason"/></handoff>
<end id="done" outcome="done"><say>Good.</say></end>
"#;

fn script(body: &str) -> String {
    format!("{SCRIPT}<test name='t'>\n{body}</test></script>")
}

/// What is said of a test that makes no sense.
fn mistakes(body: &str) -> String {
    lines(&check(&script(body)).expect_err("the test makes no sense"))
}

/// What is said of a test when it has run.
fn failures(body: &str) -> String {
    let run = compiled(&script(body)).run_tests();
    lines(&run.tests[0].failures)
}

/// Tests that make no sense, each with what is said about it.
pub(crate) const MISTAKES: &[(&str, &str)] = &[
    ("<answer step='order'/>", "CG0501 s.xml:18:15: the step `order` takes no answer"),
    (
        "<answer step='nowhere'/>",
        "CG0501 s.xml:18:15: the script has no step `nowhere`\n    known: `kind`, \
         `place`, `order`, `faults`, `done`",
    ),
    (
        "<path steps='kind plaec'/>",
        "CG0501 s.xml:18:19: the script has no step `plaec`\n    did you mean `place`?",
    ),
    (
        "<sent action='jbo'/>",
        "CG0502 s.xml:18:15: the script has no action `jbo`\n    did you mean `job`?",
    ),
    (
        "<given name='raeson' value='x'/><ended outcome='done'/>",
        "CG0503 s.xml:18:14: the script has no input or data `raeson`\n    did you mean `reason`?",
    ),
    (
        "<given name='reason'><object key='1'/></given><ended outcome='done'/>",
        "CG0503 s.xml:18:14: `reason` is no object: give a `value`",
    ),
    (
        "<given name='customer'><object key='1'/><object key='2'/></given><ended outcome='done'/>",
        "CG0503 s.xml:18:14: `customer` is of class `Customer`: give one `object`",
    ),
    (
        "<given name='connections' value='x'/><given name='connections'/><ended outcome='done'/>",
        "CG0503 s.xml:18:14: `connections` is of class `Connection`: give objects\n\
         CG0102 s.xml:18:51: `connections` is given twice",
    ),
    (
        "<given name='customer'><object key='1'><set name='nam' value=\"'x'\"/>\
         <set name='name' value='3'/></object></given><ended outcome='done'/>",
        "CG0202 s.xml:18:51: there is no `nam` here\n    did you mean `name`?\n\
         CE0301 s.xml:18:93: `3` is int, but text that may be missing is wanted here",
    ),
    (
        "<done action='job'><set name='odrer' value=\"'x'\"/></done>",
        "CG0504 s.xml:18:31: there is no `odrer` here\n    did you mean `order`?",
    ),
    (
        "<sent action='job'><set name='kind' value='kind'/><set name='knd' value='null'/></sent>",
        "CE0201 s.xml:18:44: `kind` is not known here\n\
         CG0205 s.xml:18:62: there is no `knd` here\n    did you mean `kind`?",
    ),
    (
        "<ended outcome='don'/>",
        "CG0505 s.xml:18:17: no `end` of the script has the outcome `don`\n    did you mean \
         `done`?",
    ),
    (
        "<handed-off queue='faults'><attribute name='wy' value='1'/></handed-off>",
        "CG0505 s.xml:18:45: the hand-off has no attribute `wy`\n    did you mean `why`?",
    ),
    (
        "<at step='done'><say>Good <v of='1'/></say></at>",
        "CG0505 s.xml:18:17: a test expects a text as it reads, without `v` and attributes",
    ),
];

#[test]
fn a_test_that_makes_no_sense_is_a_mistake_at_its_place() {
    let said: Vec<String> = MISTAKES.iter().map(|(body, _)| mistakes(body)).collect();
    let expected: Vec<&str> = MISTAKES.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(said, expected);
    let wrong = script("<ended outcome='done'/>")
        .replace("<test name='t'", "<test name='t' channel='ivr' now='noon'");
    assert_eq!(
        lines(&check(&wrong).expect_err("neither place nor time")),
        "CG0506 s.xml:17:25: the script does not run on `ivr`\n\
         CG0506 s.xml:17:35: `noon` is no point in time\n    as 2026-01-15T10:00:00Z"
    );
    let twice = script("<ended outcome='done'/></test><test name='t'><ended outcome='done'/>");
    assert_eq!(
        lines(&check(&twice).expect_err("two of one name")),
        "CG0102 s.xml:18:43: the test `t` stands twice"
    );
    let required = script("<ended outcome='done'/>")
        .replace("name=\"reason\"/>", "name=\"reason\" required=\"yes\"/>");
    assert_eq!(
        lines(&check(&required).expect_err("the input is missing")),
        "CG0503 s.xml:17:1: the input `reason` must be given"
    );
}

/// Tests that fail, each with what is said about it.
pub(crate) const FAILURES: &[(&str, &str)] = &[
    (
        "<answer step='kind' value='falt'/><ended outcome='done'/>",
        "CG0601 s.xml:18:1: the answer to `kind` was refused: it is not one of the choices\n    \
         the conversation stands at `kind`",
    ),
    (
        "<answer step='place'/>",
        "CG0601 s.xml:18:1: the answer to `place` was refused: `place` is not asked now\n    the \
         conversation stands at `kind`",
    ),
    (
        "<answer step='kind' value='fault' is='refused'/>",
        "CG0603 s.xml:18:1: the answer to `kind` was taken, not refused",
    ),
    (
        "<done action='job'/>",
        "CG0602 s.xml:18:1: `job` was not sent\n    the conversation stands at `kind`",
    ),
    (
        "<answer step='kind' value='fault'/><answer step='place'/><failed action='job'/>\
         <late action='job'/>",
        "CG0602 s.xml:18:80: it is known already what became of `job`\n    the conversation stands \
         at `done`, by `kind`, `place`, `order`",
    ),
    (
        "<at step='place'/><at step='kind'><say>What is it, she?</say><note>?</note>\
         <offered value='fault'/></at><passed steps='kind order'/><path steps='place'/>",
        "CG0603 s.xml:18:1: the conversation stands at `kind`, not at `place`\n    it came by \
         `kind`\n\
         CG0603 s.xml:18:35: the text is “What is it, you?”\n    “What is it, she?” is expected\n\
         CG0603 s.xml:18:62: nothing is shown here\n    “?” is expected\n\
         CG0603 s.xml:18:76: the choices are `fault`, `other`\n\
         CG0603 s.xml:18:105: the path does not come by `order`\n    it is `kind`\n\
         CG0603 s.xml:18:133: the path is `kind`\n    `place` is expected",
    ),
    (
        "<at step='kind'><offered value='fault'>Fault</offered><offered value='other'/></at>",
        "CG0603 s.xml:18:17: it is shown as “A fault”",
    ),
    (
        "<answer step='kind' value='fault'/><answer step='place'/>\
         <sent action='job'><set name='urgency' value=\"'low'\"/><set name='text' value=\"'x'\"/>\
         <set name='kind' value='null'/></sent><unsent action='job'/><ended outcome='done'/>",
        "CG0603 s.xml:18:104: `urgency` is `high`\n    `low` is expected\n\
         CG0603 s.xml:18:136: `text` is missing\n    `x` is expected\n\
         CG0603 s.xml:18:166: `kind` is `fault`\n    no value is expected\n\
         CG0603 s.xml:18:180: `job` was sent\n\
         CG0603 s.xml:18:202: the conversation has not ended\n    the conversation stands at \
         `order`, by `kind`, `place`",
    ),
    (
        "<given name='reason' value='late'/><answer step='kind' value='other'/>\
         <answer step='place'/><handed-off queue='faults'><attribute name='why' value=\"'x'\"/>\
         </handed-off><ended outcome='done'/><passed steps='place kind'/><sent action='job'/>",
        "CG0603 s.xml:18:149: `why` is `late`\n    `x` is expected\n\
         CG0603 s.xml:18:168: the contact went to queue `faults`\n    the conversation stands at \
         `faults`, by `kind`, `place`\n\
         CG0603 s.xml:18:191: the path comes by `kind` earlier than expected\n    it is `kind`, \
         `place`, `faults`\n\
         CG0603 s.xml:18:219: `job` was not sent\n    the conversation stands at `faults`, by \
         `kind`, `place`",
    ),
];

#[test]
fn what_is_not_as_expected_is_said_at_the_place_of_the_expectation() {
    let said: Vec<String> = FAILURES.iter().map(|(body, _)| failures(body)).collect();
    let expected: Vec<&str> = FAILURES.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(said, expected);
}

#[test]
fn a_test_that_fits_has_nothing_to_say() {
    let body = "<given name='customer'><object key='K1'><set name='name' value=\"'Ms Bo'\"/>\
        </object></given><given name='connections'><object key='E 1'>\
        <set name='city' value=\"'Baarn'\"/>\
        <set name='ean' value=\"'E 1'\"/></object></given>\
        <at step='kind'><say>What is it, Ms Bo?</say></at><answer step='kind' value='other'/>\
        <answer step='kind' value='fault'/><at step='place'><offered value='E 1'>Baarn</offered>\
        </at><answer step='place' value='E 2' is='refused'/><answer step='place' value='E 1'/>\
        <sent action='job'><set name='connection' value=\"'E 1'\"/></sent>\
        <answer step='kind' value='other' is='refused'/><done action='job'/>\
        <path steps='kind place order done'/><at step='done'><say>Good.</say></at>\
        <ended outcome='done'/>";
    assert_eq!(failures(body), "");
}

#[test]
fn tests_do_not_make_another_script() {
    let with = compiled(&script("<ended outcome='done'/>"));
    let without = compiled(&format!("{SCRIPT}</script>"));
    assert_eq!(with.reference(), without.reference());
}

#[test]
fn what_no_test_came_along_is_told_with_its_place() {
    let run = compiled(&script("<answer step='kind' value='other'/><answer step='place'/>"));
    let untaken = run.run_tests().transitions.into_iter().filter(|it| !it.is_taken);
    let untaken: Vec<String> =
        untaken.map(|it| format!("{} {} {}", it.at, it.from, it.to)).collect();
    assert_eq!(untaken, ["s.xml:10:1 place order", "s.xml:14:1 order done"]);
}
