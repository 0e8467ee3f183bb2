//! Every mistake of a script is found, at its place.

use std::collections::BTreeSet;

use super::*;
use crate::lint::tests as lint;
use crate::suite::tests as suite;
use crate::tests::texts;

fn findings(channels: &str, body: &str) -> String {
    lines(&check(&script(channels, body)).expect_err("the sample has mistakes"))
}

/// Mistakes on the channel of agents, each with what is said about it.
const MISTAKES: &[(&str, &str)] = &[
    (
        "<input name='or'/><end id='a' outcome='x'/>",
        "CG0101 s.xml:3:14: `or` cannot be a name in expressions\n    use letters, digits and `_`, \
         at most 40, and no word of the language",
    ),
    (
        "<input name='x'/><ask id='x' type='text'><say>?</say><next to='a'/></ask>\
         <end id='a' outcome='x'/>",
        "CG0301 s.xml:3:18: nothing leads to the step `x`\n\
         CG0102 s.xml:3:27: the name `x` is taken",
    ),
    (
        "<ask id='a' type='choice'><say>?</say><choice value='x'>X</choice>\
         <choice value='x'>Y</choice><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0102 s.xml:3:82: the choice `x` stands twice",
    ),
    (
        "<ask id='a' type='integer' min='x'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0104 s.xml:3:33: `min` is a whole number from -9223372036854775808 to \
         9223372036854775807",
    ),
    (
        "<input name='x' class='Costumer'/><end id='a' outcome='x'/>",
        "CG0201 s.xml:3:24: the model has no class `Costumer`\n    did you mean `Customer`?",
    ),
    (
        "<input name='x' class='Customer'/><related name='y' class='Connection' \
         attribute='custommer' to='x'/><end id='a' outcome='x'/>",
        "CG0202 s.xml:3:83: `Connection` has no attribute `custommer`\n    did you mean \
         `customer`?",
    ),
    (
        "<do id='a'><create name='x' class='Move'><title>X</title><set name='total' value='1'/>\
         </create><next to='b'/></do><end id='b' outcome='x'/>",
        "CG0206 s.xml:3:12: `customer` needs a value\n\
         CG0206 s.xml:3:12: `moving_date` needs a value\n\
         CG0206 s.xml:3:12: `new_city` needs a value\n\
         CG0206 s.xml:3:12: `new_house_number` needs a value\n\
         CG0206 s.xml:3:12: `new_postal_code` needs a value\n\
         CG0206 s.xml:3:12: `new_street` needs a value\n\
         CG0202 s.xml:3:69: `total` is computed of others and cannot be set",
    ),
    (
        "<do id='a'><invoke name='x' operation='erp.cancel_service_order' \
         undo='compensate'><title>X</title><set name='order' value='\"1\"'/></invoke>\
         <next to='b'/></do><end id='b' outcome='x'/>",
        "CG0409 s.xml:3:72: it is not said how the action is taken back\n    name the operation by \
         an element `compensate`",
    ),
    (
        "<input name='x' class='Customer'/><related name='y' class='Connection' \
         attribute='customer' to='x'/><decide id='a'><next to='b' \
         when=\"y.exists(c, c.customer.name eq 'x')\"/><next to='b'/></decide>\
         <end id='b' outcome='x'/>",
        "CG0202 s.xml:3:147: `name` of the Customer is not read with what leads to it\n    read it \
         by `related`, or give the class a derived attribute of `customer.name`",
    ),
    (
        "<handoff id='a' queue='fautls'/>",
        "CG0203 s.xml:3:24: there is no queue `fautls`\n    did you mean `faults`?",
    ),
    (
        "<handoff id='a' queue='faults'><attribute name='tier' value='\"glod\"'/></handoff>",
        "CG0213 s.xml:3:62: `glod` is no value of the contact attribute `tier`\n    \
         routing.xml has: gold, silver",
    ),
    (
        "<handoff id='a' queue='faults'><attribute name='vip' value='1'/></handoff>",
        "CG0213 s.xml:3:61: int is no value of the contact attribute `vip`\n    \
         routing.xml has: bool",
    ),
    (
        "<do id='a'><invoke name='x' operation='erp.create_order'><title>X</title></invoke>\
         <next to='b'/></do>\
         <end id='b' outcome='x'/>",
        "CG0204 s.xml:3:40: no wrapper offers the operation `erp.create_order`\n    did you mean \
         `erp.create_service_order`?",
    ),
    (
        "<do id='a'><invoke name='x' operation='erp.create_service_order'><title>X</title>\
         <set name='kin' value=\"'x'\"/><set name='customer' value=\"''\"/>\
         <set name='connection' value=\"''\"/><set name='urgency' value='3'/></invoke>\
         <next to='b'/></do><end id='b' outcome='x'/>",
        "CG0206 s.xml:3:12: `kind` needs a value\n\
         CG0205 s.xml:3:93: `erp.create_service_order` has no parameter `kin`\n    did you mean \
         `kind`?\n\
         CE0301 s.xml:3:206: `3` is int, but text is wanted here",
    ),
    (
        "<end id='a' outcome='x'><say recording='welcom'>Hi</say></end>",
        "CG0207 s.xml:3:41: there is no recorded prompt `welcom`\n    did you mean `welcome`?",
    ),
    (
        "<related name='y' class='Connection' attribute='customer' to='x'/>\
         <end id='a' outcome='x'/>",
        "CG0208 s.xml:3:63: `x` is no object of the script",
    ),
    (
        "<do id='a'><create name='x' class='Invoice'><title>X</title><set name='number' value='1'/>\
         </create><next to='b'/></do>\
         <end id='b' outcome='x'/>",
        "CG0209 s.xml:3:36: objects of `Invoice` are held by wrapper `billing`\n    call an \
         operation of the wrapper",
    ),
    (
        "<end id='a' outcome='x'/><end id='b' outcome='y'/>",
        "CG0301 s.xml:3:26: nothing leads to the step `b`",
    ),
    (
        "<info id='a'><say>A</say><next to='b'/></info><info id='b'><say>B</say><next to='a'/>\
         </info>",
        "CG0302 s.xml:3:82: the path comes back to `a`\n    a step is walked once; ask again by \
         another step",
    ),
    (
        "<ask id='a' type='choice'><say>?</say><choice value='x'>X</choice>\
         <choice value='y'>Y</choice><next to='b' when=\"a eq 'x'\"/></ask>\
         <end id='b' outcome='x'/>",
        "CG0303 s.xml:3:1: no `next` is open for a = `y`\n    leave out the condition of the last \
         `next`",
    ),
    (
        "<ask id='a' type='yes-no'><say>?</say><next to='b' when='a'/><next to='c' when='not a'/>\
         <next to='b'/></ask><end id='b' outcome='x'/><end id='c' outcome='x'/>",
        "CG0304 s.xml:3:89: this `next` is never taken\n    those before it leave nothing",
    ),
    (
        "<ask id='a' type='integer'><say>?</say><next to='b' when='a gt 3'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0303 s.xml:3:1: no `next` is open for a = `2`\n    leave out the condition of the \
         last `next`",
    ),
    (
        "<ask id='a' type='integer'><say>?</say><next to='b' when='a + 1 gt 3'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0303 s.xml:3:1: no `next` may be open here\n    leave out the condition of the last \
         `next`",
    ),
    (
        "<table name='t' hit='unique'><rule when='a'><set name='x' value='1'/></rule>\
         <rule when='true'><set name='x' value='2'/></rule></table>\
         <ask id='a' type='yes-no'><say>?</say><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0305 s.xml:3:77: this rule and that of line 3 both hold for a = `true`\n    let only \
         one of them hold, or take the first: `hit=\"first\"`",
    ),
    (
        "<table name='t'><rule><set name='x' value='1'/></rule>\
         <rule when='has(agent)'><set name='x' value='2'/></rule></table>\
         <end id='a' outcome='x'/>",
        "CG0306 s.xml:3:17: a rule without a condition holds where no other does\n    make it the \
         last, or give it a `when`",
    ),
    (
        "<ask id='a' type='yes-no' max='3'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0401 s.xml:3:32: a question of type yes-no has no `max`",
    ),
    (
        "<ask id='a' type='decimal' min='x'><say>?</say><next to='b'/></ask><end id='b' \
         outcome='x'/>",
        "CG0104 s.xml:3:33: `min` is a number, such as 12.5",
    ),
    (
        "<ask id='a' type='money' currency='EURO' min='2' max='1'><say>?</say><next to='b'/>\
         </ask><end id='b' outcome='x'/>",
        "CG0401 s.xml:3:36: `EURO` is no currency of ISO 4217\n    did you mean `EUR`?\n\
         CG0104 s.xml:3:55: `max` is less than `min`",
    ),
    (
        "<ask id='a' type='scale' min='1' max='40'><say>?</say><next to='b'/></ask><end id='b' \
         outcome='x'/>",
        "CG0104 s.xml:3:39: `max` is a whole number from 2 to 11",
    ),
    (
        "<ask id='a' type='phone' country='UK'><say>?</say><next to='b'/></ask><end id='b' \
         outcome='x'/>",
        "CG0401 s.xml:3:35: telephone numbers of `UK` are not known\n    known: `NL`, `BE`, `DE`",
    ),
    (
        "<ask id='a' type='digits' min='9' max='8'><say>?</say><next to='b'/></ask><end id='b' \
         outcome='x'/>",
        "CG0104 s.xml:3:40: `max` is less than `min`",
    ),
    (
        "<ask id='a' type='money'><say>?</say><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0401 s.xml:3:1: a question of type money needs a `currency`",
    ),
    (
        "<ask id='a' type='scale' max='3'><say>?</say><next to='b'/></ask><end id='b' \
         outcome='x'/>",
        "CG0401 s.xml:3:1: a scale needs `min` and `max`",
    ),
    (
        "<input name='x'/><end id='a' outcome='x'><say>Hi <v of='x'/></say></end>",
        "CG0403 s.xml:3:57: `x` may be missing\n    give a default with `.or(…)`",
    ),
    (
        "<ask id='a' type='text' special='dontknow'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0406 s.xml:3:34: there is no special answer `dontknow`\n    did you mean `dont-know`?",
    ),
    (
        "<ask id='a' type='text' special='refused refused'><say>?</say><next to='b'/>\
         </ask><end id='b' outcome='x'/>",
        "CG0102 s.xml:3:34: `refused` stands twice",
    ),
    (
        "<ask id='a' type='text' special='refused'><say>?</say><next to='a_special'/>\
         </ask><ask id='a_special' type='text'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0102 s.xml:3:92: the name `a_special` is taken",
    ),
    (
        "<ask id='a' type='integer'><say>?</say><check test='a'>No</check>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        "CE0301 s.xml:3:53: `a` is int, but bool is wanted here",
    ),
    (
        "<ask id='a' type='integer'><say>?</say><check test='a gt b'>No</check>\
         <next to='b'/></ask><ask id='b' type='integer'><say>?</say><next to='c'/>\
         </ask><end id='c' outcome='x'/>",
        "CE0201 s.xml:3:58: `b` is not known here\n    did you mean `a`?",
    ),
    (
        "<ask id='a' type='multiple' max='3'><say>?</say><choice value='x'>X</choice>\
         <choice value='y'>Y</choice><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0104 s.xml:3:34: `max` is a whole number from 1 to 2",
    ),
    (
        "<ask id='a' type='ranking'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0401 s.xml:3:1: the question needs at least one `choice`",
    ),
    (
        "<ask id='a' type='date'><say>?</say><choice value='x'>X</choice>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0401 s.xml:3:1: a question of this type has no choices",
    ),
    // names and types inside of attributes, also after references
    (
        "<ask id='a' type='choice'><say>?</say><choice value='x'>X</choice>\
         <next to='b' when='a eq &apos;z&apos; &amp;&amp; segmnt eq 1'/><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CE0302 s.xml:3:91: `a` has no value `z`\n    did you mean `x`?\n\
         CE0201 s.xml:3:116: `segmnt` is not known here",
    ),
    // an answer that not every path has
    (
        "<ask id='a' type='yes-no'><say>?</say><next to='b' when='a'/><next to='c'/></ask>\
         <ask id='b' type='integer'><say>?</say><next to='c'/></ask>\
         <end id='c' outcome='x'><say><v of='b + 1'/></say></end>",
        "CE0303 s.xml:3:177: `b` may be missing\n    ask `has(b)` first or write `b.or(…)`",
    ),
    // an answer that comes later
    (
        "<info id='a'><say><v of='b'/></say><next to='b'/></info>\
         <ask id='b' type='integer'><say>?</say><next to='c'/></ask><end id='c' outcome='x'/>",
        "CE0201 s.xml:3:26: `b` is not known here",
    ),
    (
        "<ask id='a' type='choice' like='FaultReport.kid'><say>?</say>\
         <choice value='meter'>X</choice><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0202 s.xml:3:33: the model has no choice `FaultReport.kid`\n    did you mean \
         `FaultReport.kind`?",
    ),
    (
        "<ask id='a' type='choice' like='FaultReport.kind'><say>?</say>\
         <choice value='metre'>X</choice><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0202 s.xml:3:78: `FaultReport.kind` has no value `metre`\n    did you mean `meter`?",
    ),
];

#[test]
fn every_mistake_is_named_at_its_place() {
    let said: Vec<String> = MISTAKES.iter().map(|(body, _)| findings("agent", body)).collect();
    let expected: Vec<&str> = MISTAKES.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(said, expected);
}

/// Mistakes on the telephone; `R` stands for a recording.
const KEYPAD: &[(&str, &str)] = &[
    (
        "<ask id='a' type='text'><say R>?</say><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0402 s.xml:3:1: on the telephone, a question of this type cannot be answered by \
         keys\n    ask for a choice, yes or no, a number, a date, a time or digits",
    ),
    (
        "<ask id='a' type='decimal' min='-1'><say R>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0402 s.xml:3:1: on the telephone, a question of this type cannot be answered by \
         keys\n    ask for a choice, yes or no, a number, a date, a time or digits",
    ),
    (
        "<ask id='a' type='consent' default='true'><say R>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0402 s.xml:3:1: the default is none of the answers",
    ),
    (
        "<ask id='a' type='choice'><say R>?</say><choice value='x' key='x'>X</choice><next to='b'/>\
         </ask><end id='b' outcome='x'/>",
        "CG0402 s.xml:3:82: `x` is no telephone key\n    one of 0 to 9, * and #",
    ),
    (
        "<ask id='a' type='choice' default='x'><say R>?</say><choice value='x' key='1'>X</choice>\
         <choice value='y' key='1'>Y</choice><no-input R>?</no-input><no-match R>?</no-match>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0102 s.xml:3:130: the key `1` stands twice",
    ),
    (
        "<end id='a' outcome='x'><say recording='welcom'>So <v of='language'/>, well.</say></end>",
        "CG0207 s.xml:3:41: there is no recorded prompt `welcom-1`\n    did you mean `welcome`?\n\
         CG0207 s.xml:3:41: there is no recorded prompt `welcom-2`\n    did you mean `welcome`?",
    ),
];

#[test]
fn a_question_that_a_telephone_cannot_ask_is_a_mistake() {
    for (body, expected) in KEYPAD {
        let body = body.replace(" R>", " recording='welcome'>");
        assert_eq!(findings("ivr", &body), *expected, "{body}");
    }
    let unknown = "CG0103 s.xml:2:52: there is no channel `ivrr`\n    did you mean `ivr`?";
    assert_eq!(findings("ivrr", "<end id='a' outcome='x'/>"), unknown);
}

#[test]
fn every_code_of_this_crate_is_provoked_by_a_sample() {
    let mistakes = MISTAKES.iter().map(|(_, said)| *said);
    let others = KEYPAD.iter().map(|(_, said)| *said).chain([
        "CG0103", "CG0105", "CG0210", "CG0307", "CG0404", "CG0410", "CG0411", "CG0412", "CG0413",
        "CG0414", "CG0415", "CG0506", "CG0709", "CG0902", "CG0903",
    ]);
    let others = others.chain(texts::MISTAKES.iter().map(|(_, said)| *said));
    let others = others.chain(lint::SAMPLES.iter().map(|(_, _, said)| *said)).chain(["CG0702"]);
    let others = others.chain(spoken::UNHEARD.iter().flat_map(|(_, said)| said.iter().copied()));
    let others = others.chain(calls::MISTAKES.iter().map(|(.., said)| *said));
    let others = others.chain(suite::MISTAKES.iter().chain(suite::FAILURES).map(|(_, it)| *it));
    let seen: BTreeSet<String> = mistakes
        .chain(others)
        .flat_map(|said| said.lines().filter_map(|line| line.split(' ').next()))
        .filter(|word| word.starts_with("CG"))
        .map(str::to_owned)
        .collect();
    let all: BTreeSet<String> = codes::ALL.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(seen, all);
}

#[test]
fn a_start_that_is_no_step_is_a_mistake() {
    // the DTD alone would take the element of another kind; the id is one of a step that the
    // reader left out
    let text = script("agent", "<info id='a'><next to='b'/></info><end id='b' outcome='x'/>");
    let (document, first) = Document::recover("s.xml", text.replace("info", "inof"), dtd());
    assert!(!first.is_empty());
    let document = document.expect("the structure is whole");
    let findings = compile(&document, &scope()).expect_err("the start is lost");
    assert_eq!(lines(&findings), "CG0404 s.xml:2:66: `a` is no step of the script");
}

#[test]
fn conditions_that_found_something_let_the_next_step_use_it() {
    let good = "<input name='x' class='Customer'/>\
        <decide id='a'><next to='b' when='has(x) and x.is_life_support'/><next to='c'/></decide>\
        <end id='b' outcome='x'><say><v of='x.name'/></say></end><end id='c' outcome='x'/>";
    compiled(&script("agent", good));
    let other_way =
        good.replace("<next to='c'/>", "<next to='b'/>").replace("<end id='c' outcome='x'/>", "");
    let said = lines(&check(&script("agent", &other_way)).expect_err("one way in proves nothing"));
    assert!(said.starts_with("CE0303"), "{said}");
}

#[test]
fn every_element_of_the_dtd_is_used_by_the_scripts_of_the_story() {
    let all = [
        MAIN_MENU,
        FAULT_REPORT,
        MOVING_HOUSE,
        CALL_BACK,
        CONTACT_DETAILS,
        METER_READING,
        MOVE_ONLINE,
        SURVEY,
        OVERLAY,
    ]
    .concat();
    let unused: Vec<&str> =
        dtd().element_names().filter(|name| !all.contains(&format!("<{name}"))).collect();
    assert_eq!(unused, [""; 0]);
}
