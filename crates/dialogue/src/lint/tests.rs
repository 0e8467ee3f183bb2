//! Each piece of advice is given where it is due, and none where it is not.

use caruso_markup::Document;

use super::lint;
use crate::tests::{FAULT_REPORT, MAIN_MENU, MOVING_HOUSE, check, lines, scope};
use crate::{compile, dtd};

/// What is advised about a script that is sound.
fn advice(channels: &str, body: &str) -> String {
    let text = format!(
        "<!DOCTYPE script SYSTEM \"dialogue-script.dtd\">\n<script id=\"s\" version=\"1\" \
         language=\"en\" channels=\"{channels}\" start=\"a\"><title>T</title>\n{body}</script>"
    );
    check(&text).unwrap_or_else(|findings| panic!("{body}: {}", lines(&findings)));
    of(&text)
}

fn of(text: &str) -> String {
    let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
    compile(&document, &scope()).expect("it is sound");
    lines(&lint(&document, &scope()))
}

/// Channels, what stands in a script, and what is advised.
pub(crate) const SAMPLES: &[(&str, &str, &str)] = &[
    (
        "agent",
        "<input name='x'/><input name='c' class='Customer'/><related name='y' class='Connection' \
         attribute='customer' to='c'/><end id='a' outcome='x'/>\
         <test name='t'><given name='x' value='y'/><ended outcome='x'/></test>",
        "CG0701 s.xml:3:14: nothing depends on `x`\n    leave it out\n\
         CG0701 s.xml:3:67: nothing depends on `y`\n    leave it out",
    ),
    (
        "agent",
        "<do id='a' wait='3'><invoke name='x' operation='erp.create_service_order'><title>X</title>\
         <set name='customer' value=\"''\"/><set name='connection' value=\"''\"/>\
         <set name='kind' value=\"''\"/><set name='urgency' value=\"''\"/></invoke>\
         <next to='b'/></do><end id='b' outcome='x'/>",
        "CG0701 s.xml:3:18: the conversation waits, and nothing depends on what comes back\n    \
         leave out `wait`, or lead on by whether it came: `has(…)`",
    ),
    (
        "agent",
        "<ask id='a' type='integer'><say>?</say><next to='b' when='a gt 3 and a lt 9'/>\
         <next to='c' when='a lt 9 and not (a lt 7) and a gt 3'/><next to='c'/></ask>\
         <end id='b' outcome='x'/><end id='c' outcome='y'/>",
        "CG0704 s.xml:3:79: this `next` is never taken\n    whenever its condition holds, one \
         before it does",
    ),
    (
        "agent",
        "<ask id='a' type='choice' like='FaultReport.kind'><say>?</say>\
         <choice value='meter'>M</choice><choice value='other'>M</choice>\
         <next to='b' when=\"a in ['partial', 'meter'] or 'no_supply' eq a\"/><next to='c'/></ask>\
         <end id='b' outcome='x'/><end id='c' outcome='y'><say><v of='a'/></say></end>",
        "CG0707 s.xml:3:95: another choice is called “M”, too\n\
         CG0705 s.xml:3:152: `a` is never `partial`\n    its choices are meter, other\n\
         CG0705 s.xml:3:175: `a` is never `no_supply`\n    its choices are meter, other",
    ),
    (
        "agent",
        "<ask id='a' type='choice' default='x'><say>?</say><choice value='x' key='1'>X</choice>\
         <no-input>?</no-input><no-match>?</no-match><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0708 s.xml:3:36: `default` has no effect on an agent's desk\n    leave it out, or add \
         `ivr` to the channels of the script\n\
         CG0708 s.xml:3:74: `key` has no effect on an agent's desk\n    leave it out, or add \
         `ivr` to the channels of the script\n\
         CG0708 s.xml:3:87: `no-input` and `no-match` have no effect on an agent's desk\n    \
         leave it out, or add `ivr` to the channels of the script",
    ),
    (
        "ivr",
        "<ask id='a' type='choice' default='x'><note>?</note><choice value='x' key='1'>X</choice>\
         <choice value='y'>Y</choice><no-input recording='welcome'>?</no-input>\
         <no-match recording='welcome'>?</no-match><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0706 s.xml:3:1: on the telephone, nothing is said here\n    add a `say`\n\
         CG0703 s.xml:3:89: nobody can make this choice: it has no key and is not the default\n    \
         give it a `key`",
    ),
    (
        "agent web",
        "<ask id='a' type='yes-no'><say channels='agent'>?</say><note>N</note>\
         <next to='b' when='a'/><next to='c'/></ask><handoff id='b' queue='faults'><note>N</note>\
         </handoff><end id='c' outcome='x'><note>N</note></end>",
        "CG0706 s.xml:3:1: on the web page, nothing is said here\n    add a `say`\n\
         CG0706 s.xml:3:113: on the web page, nothing is said here\n    add a `say`",
    ),
    (
        "agent message",
        "<input name='c' class='Customer'/><related name='all' class='Connection' \
         attribute='customer' to='c'/><roster id='a' each='one' from='all' start='b'>\
         <row><v of='one.medium'/></row><ask id='b' type='integer'><say>How much?</say>\
         <say channels='agent'><v of='one.medium'/></say><next to='a'/></ask>\
         <next to='z'/></roster>\
         <end id='z' outcome='x'><say><v of='a.size()'/></say></end>",
        "CG0710 s.xml:3:103: in messages, nobody learns which of `all` is asked about\n    use \
         `one` in a `say`",
    ),
];

#[test]
fn what_is_most_likely_not_meant_is_said_at_its_place() {
    let said: Vec<String> =
        SAMPLES.iter().map(|(channels, body, _)| advice(channels, body)).collect();
    let expected: Vec<&str> = SAMPLES.iter().map(|(_, _, expected)| *expected).collect();
    assert_eq!(said, expected);
}

#[test]
fn a_menu_of_ten_keys_is_long_and_one_of_nine_is_not() {
    let menu = |keys: usize| {
        let choices: String = (0..keys)
            .map(|it| format!("<choice value='x{it}' key='{it}'>X{it}</choice>"))
            .collect();
        let body = format!(
            "<ask id='a' type='choice' default='x1'><say recording='welcome'>?</say>{choices}\
             <no-input recording='welcome'>?</no-input><no-match recording='welcome'>?</no-match>\
             <next to='b'/></ask><end id='b' outcome='x'/>"
        );
        advice("ivr agent", &body)
    };
    assert_eq!(menu(9), "");
    let long = "CG0702 s.xml:3:1: the menu has 10 choices\n    divide it: more than 9 are hard to \
        keep in mind";
    assert_eq!(menu(10), long);
}

#[test]
fn conditions_that_leave_something_are_not_complained_about() {
    for conditions in [
        ["a gt 3", "not (a gt 3) and a gt 2"],
        ["a gt 3 and a lt 9", "a gt 3"],
        ["a gt 3", "a gt 3 or a lt 1"],
        // both may have no value, as by a division by zero
        ["10 / a gt 3", "not (10 / a gt 3)"],
    ] {
        let [first, second] = conditions;
        let body = format!(
            "<ask id='a' type='integer'><say>?</say><next to='b' when='{first}'/>\
             <next to='c' when='{second}'/><next to='b'/></ask><end id='b' outcome='x'/>\
             <end id='c' outcome='y'/>"
        );
        assert_eq!(advice("agent", &body), "", "{conditions:?}");
    }
}

#[test]
fn there_is_nothing_to_say_of_the_scripts_of_the_story() {
    for text in [MAIN_MENU, FAULT_REPORT, MOVING_HOUSE] {
        assert_eq!(of(text), "");
    }
}
