//! Computed values.

use super::*;
use crate::lint::lint;

const PARTY: &str = "<input name='host'/>\
    <computed name='people' value='guests + 1'/>\
    <computed name='is_large' value='people gt 8'/>\
    <computed name='colour' value='wanted'/>\
    <computed name='spare' value='has(chairs) ? chairs - people : null'/>\
    <ask id='a' type='yes-no'><say>?</say><next to='guests'/></ask>\
    <ask id='guests' type='integer'><say>?</say>\
    <check test='people ge 1'>For <v of='people'/> people there is no table.</check>\
    <next to='chairs' when='is_large'/><next to='wanted'/></ask>\
    <ask id='chairs' type='integer'><say>?</say><next to='wanted'/></ask>\
    <ask id='wanted' type='choice'>\
    <say><v of='people'/> people, <v of='spare.or(0)'/> to spare</say>\
    <choice value='r'>Red</choice><choice value='g'>Green</choice><next to='book'/></ask>\
    <do id='book'><invoke name='order' operation='erp.create_service_order'><title>Order</title>\
    <set name='customer' value=\"''\"/><set name='connection' value=\"''\"/>\
    <set name='kind' value='string(colour)'/><set name='urgency' value='string(people)'/></invoke>\
    <next to='end'/></do><end id='end' outcome='x'><say>In <v of='colour'/></say></end>";

#[test]
fn a_computed_value_follows_the_answers_wherever_it_is_used() {
    let script = compiled(&super::script("agent", PARTY));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "true")]);
    let refused = session.answer("guests", "-3").expect_err("the check is about people");
    assert!(refused.to_string().contains("For -2 people"), "{refused}");
    session.answers(&[("guests", "9"), ("chairs", "12")]);
    assert_eq!(session.view().prompts[0].text, "10 people, 2 to spare");
    session.answers(&[("guests", "5")]);
    assert_eq!(session.view().prompts[0].text, "6 people, 0 to spare");
    session.answers(&[("wanted", "g")]);
    assert_eq!(session.view().prompts[0].text, "In Green");
    let Some(Effect::Perform(order)) = session.effects.last() else { panic!("it was ordered") };
    let Task::Invoke { arguments, .. } = &order.task else { panic!("by an operation") };
    assert_eq!(arguments["kind"].to_string(), "g");
    assert_eq!(arguments["urgency"].to_string(), "6");
    // what was sent rests on answers behind the names
    let refused = session.answer("guests", "6").expect_err("it was ordered for 6");
    assert!(matches!(refused, Refusal::Over), "{refused}");
    let locked = compiled(&super::script(
        "agent",
        &PARTY.replace(
            "<end id='end' outcome='x'>\
        <say>In <v of='colour'/></say></end>",
            "<info id='end'><say>.</say><next to='z'/></info>\
        <end id='z' outcome='x'/>",
        ),
    ));
    let mut session = Session::start(&locked, Channel::Agent, false);
    session.answers(&[("a", "true"), ("guests", "5"), ("wanted", "r")]);
    for step in ["guests", "wanted"] {
        let refused = session.answer(step, "9").expect_err("the order rests on it");
        assert!(!matches!(refused, Refusal::Over | Refusal::Stale), "{refused}");
    }
    session.answers(&[("a", "false")]);
}

#[test]
fn a_computed_value_needs_what_its_expression_needs_at_each_place() {
    let body = "<computed name='half' value='a / 2'/>\
        <computed name='quarter' value='half / 2'/>\
        <decide id='start'><next to='a' when='has(agent)'/><next to='b'/></decide>\
        <ask id='a' type='integer'><say><v of='half'/></say><next to='b'/></ask>\
        <info id='b'><say><v of='quarter'/> <v of='has(a) ? quarter : 0'/></say><next to='c'/>\
        </info><end id='c' outcome='x'/>";
    let text = super::script("agent", body).replace("start=\"a\"", "start=\"start\"");
    let said = lines(&check(&text).expect_err("it may be missing"));
    assert_eq!(
        said,
        "CE0201 s.xml:3:194: `a` is not known here, as `half` has it (s.xml:3:30)\n\
         CE0303 s.xml:3:252: `a` may be missing, as `half` has it (s.xml:3:30)\n    ask `has(a)` \
         first or write `a.or(…)`"
    );
}

#[test]
fn names_are_computed_of_those_before_them() {
    let of = |declared: &str| {
        let body = format!(
            "{declared}<ask id='a' type='integer'><say>?</say><next to='b'/></ask>\
            <end id='b' outcome='x'/>"
        );
        check(&super::script("agent", &body)).map(drop).map_err(|it| lines(&it))
    };
    let cases = [
        ("<input name='x'/><computed name='c' value='x'/>", ""),
        (
            "<computed name='c' value='x'/><input name='x'/>",
            "CE0201 s.xml:3:27: `x` is not known here\n    it is declared further down",
        ),
        (
            "<computed name='c' value='c'/>",
            "CE0201 s.xml:3:27: `c` is not known here\n    it is declared further down",
        ),
        (
            "<computed name='c' value='d'/><computed name='d' value='1'/>",
            "CE0201 s.xml:3:27: `d` is not known here\n    it is declared further down",
        ),
        // whoever uses what is wrong is not told so again
        (
            "<computed name='c' value='1 + true'/><computed name='d' value='c + 1'/>",
            "CE0301 s.xml:3:27: int and bool do not compute this way",
        ),
        ("<computed name='a' value='1'/>", "CG0102 s.xml:3:17: the name `a` is taken"),
        ("<computed name='c' value=\"'1'\"/><find name='f' class='Customer' number='c'/>", ""),
        (
            "<computed name='c' value='string(a)'/><find name='f' class='Customer' number='c'/>",
            "CE0201 s.xml:3:79: `a` is not known here, as `c` has it (s.xml:3:27)\n    did \
             you mean `c`?",
        ),
    ];
    for (declared, expected) in cases {
        let said = of(declared).err().unwrap_or_default();
        assert_eq!(said, expected, "{declared}");
    }
}

#[test]
fn values_that_double_are_refused_before_they_are_computed() {
    let chain = |levels: usize| {
        let declared =
            (1..levels).map(|it| format!("<computed name='c{it}' value='c{0} + c{0}'/>\n", it - 1));
        let declared: String = declared.collect();
        super::script(
            "agent",
            &format!("<computed name='c0' value='1'/>\n{declared}<end id='a' outcome='x'/>"),
        )
    };
    compiled(&chain(10));
    let said = lines(&check(&chain(30)).expect_err("a thousand million parts"));
    let first = said.lines().next().expect("a finding");
    assert!(first.starts_with("CE0001 s.xml:"), "{said}");
    assert_eq!(said.matches("CE0001").count(), 1, "{said}");
    let many: String =
        (0..=MAX_COMPUTED).map(|it| format!("<computed name='c{it}' value='1'/>")).collect();
    let said = check(&super::script("agent", &format!("{many}<end id='a' outcome='x'/>")));
    let said = lines(&said.expect_err("one too many"));
    assert!(said.starts_with("CG0105"), "{said}");
}

#[test]
fn what_nothing_depends_on_is_advised_about() {
    let text = super::script("agent", "<computed name='c' value='1'/><end id='a' outcome='x'/>");
    let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
    compile(&document, &scope()).expect("it makes sense");
    let said = lines(&lint(&document, &scope()));
    assert_eq!(said, "CG0701 s.xml:3:17: nothing depends on `c`\n    leave it out");
}
