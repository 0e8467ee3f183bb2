//! Decision tables.

use proptest::prelude::*;

use super::*;
use crate::lint::lint;

/// A script whose questions come before a step that tells what the table `t` says.
fn told(table: &str, say: &str) -> String {
    let body = format!(
        "{table}<ask id='a' type='scale' min='1' max='5'><say>?</say><next to='kind'/></ask>\
         <ask id='kind' type='choice'><say>?</say><choice value='x'>X</choice>\
         <choice value='y'>Y</choice><next to='day'/></ask>\
         <ask id='day' type='date'><say>?</say><next to='size'/></ask>\
         <ask id='size' type='decimal'><say>?</say><next to='place'/></ask>\
         <ask id='place' type='text'><say>?</say><next to='tell'/></ask>\
         <info id='tell'><say>{say}</say><next to='end'/></info><end id='end' outcome='x'/>"
    );
    super::script("agent", &body)
}

/// A table of rules, each a condition and a value; the last may have none.
fn table(hit: &str, rules: &[(&str, &str)]) -> String {
    let rules = rules.iter().map(|(when, value)| {
        let when = if when.is_empty() { String::new() } else { format!(" when=\"{when}\"") };
        format!("<rule{when}><set name='v' value=\"{value}\"/></rule>")
    });
    format!("<table name='t' hit='{hit}'>{}</table>", rules.collect::<String>())
}

fn said(table: &str, say: &str) -> String {
    check(&told(table, say)).map(drop).map_err(|it| lines(&it)).err().unwrap_or_default()
}

#[test]
fn the_first_rule_that_holds_gives_all_its_values() {
    let table = "<table name='t'>\
        <rule when=\"kind eq 'x' and a gt 3\"><set name='v' value=\"'much'\"/>\
        <set name='w' value='size * 2'/></rule>\
        <rule when='a gt 3'><set name='w' value='1'/><set name='v' value=\"'some'\"/></rule>\
        <rule><set name='v' value=\"'none'\"/><set name='w' value='0'/></rule></table>";
    let script = compiled(&told(table, "<v of='t.v'/> <v of='t.w'/>"));
    let mut session = Session::start(&script, Channel::Agent, false);
    let others = [("day", "2026-01-01"), ("size", "2.5"), ("place", "here")];
    session.answers(&[("a", "4"), ("kind", "x")]);
    session.answers(&others);
    let told = |session: &Session<'_>| session.view().prompts[0].text.clone();
    assert_eq!(told(&session), "much 5.0");
    session.answers(&[("kind", "y")]);
    assert_eq!(told(&session), "some 1");
    session.answers(&[("a", "3")]);
    assert_eq!(told(&session), "none 0");
}

#[test]
fn what_no_rule_is_for_is_said_with_an_example() {
    let open = |example: &str| {
        format!(
            "CG0303 s.xml:3:1: no rule of the table holds for {example}\n    add a last rule \
             without `when`"
        )
    };
    let cases = [
        (vec![("a le 3", "1"), ("a ge 4", "2")], String::new()),
        (vec![("a le 2", "1"), ("a ge 4", "2")], open("a = `3`")),
        // the scale goes from 1 to 5
        (vec![("a lt 3", "1"), ("a in [3, 4, 5]", "2")], String::new()),
        (vec![("kind eq 'x'", "1")], open("kind = `y`")),
        (vec![("kind eq 'x'", "1"), ("kind ne 'x'", "2")], String::new()),
        (vec![("size lt 2.5", "1"), ("size gt 2.5", "2")], open("size = `2.5`")),
        (vec![("size lt 2.5", "1"), ("size ge 3", "2")], open("size = `2.5`")),
        (vec![("size le 2.5", "1"), ("size ge 3", "2")], open("size = `2.75`")),
        (
            vec![("day lt date('2026-03-01')", "1"), ("day gt date('2026-03-01')", "2")],
            open("day = `2026-03-01`"),
        ),
        (vec![("place eq 'a'", "1"), ("place eq 'b'", "2")], open("place = `b…`")),
        (vec![("place eq 'a'", "1"), ("not (place eq 'a')", "2")], String::new()),
        (
            vec![("a le 2 and kind eq 'x'", "1"), ("a gt 2", "2"), ("kind eq 'y'", "3")],
            String::new(),
        ),
        // what cannot be tried is not known
        (
            vec![("size(place) gt 3", "1"), ("size(place) le 3", "2")],
            "CG0303 s.xml:3:1: no rule of the table may hold\n    add a last rule without `when`"
                .to_owned(),
        ),
        (vec![("size(place) gt 3", "1"), ("", "2")], String::new()),
        // the contact is asked for, so it may be missing
        (vec![("contact.or('') eq 'c'", "1"), ("has(contact)", "2")], open("contact = missing")),
    ];
    for (rules, expected) in cases {
        assert_eq!(said(&table("first", &rules), "<v of='t.v'/>"), expected, "{rules:?}");
    }
}

#[test]
fn rules_of_which_only_one_may_hold_are_tried_too() {
    let overlap = |column: u32, example: &str| {
        format!(
            "CG0305 s.xml:3:{column}: this rule and that of line 3 both hold for {example}\n    \
             let only one of them hold, or take the first: `hit=\"first\"`"
        )
    };
    let cases = [
        (vec![("a lt 3", "1"), ("a gt 3", "2"), ("", "3")], String::new()),
        (vec![("a le 3", "1"), ("a ge 3", "2")], overlap(82, "a = `3`")),
        (
            vec![("kind eq 'x'", "1"), ("a gt 4", "2"), ("", "3")],
            overlap(87, "a = `5`, kind = `x`"),
        ),
        (vec![("size lt 2.5", "1"), ("size gt 2", "2")], overlap(87, "size = `2.25`")),
    ];
    for (rules, expected) in cases {
        assert_eq!(said(&table("unique", &rules), "<v of='t.v'/>"), expected, "{rules:?}");
    }
}

#[test]
fn where_two_rules_hold_that_nobody_could_try_the_value_is_missing() {
    let unknown = table("unique", &[("size(place) gt 3", "1"), ("a gt 3", "2"), ("", "3")]);
    assert_eq!(
        said(&unknown, "<v of='t.v + 1'/>"),
        "CE0303 s.xml:3:603: `t.v` may be missing: several rules of its table may hold\n    ask \
         `has(t.v)` first or write `t.v.or(…)`"
    );
    let script = compiled(&told(&unknown, "<v of='t.v.or(0)'/>"));
    for (place, a, expected) in
        [("here", "1", "1"), ("on", "5", "2"), ("on", "1", "3"), ("here", "5", "0")]
    {
        let mut session = Session::start(&script, Channel::Agent, false);
        let day = ("day", "2026-01-01");
        session.answers(&[("a", a), ("kind", "x"), day, ("size", "1"), ("place", place)]);
        assert_eq!(session.view().prompts[0].text, expected, "{place} {a}");
    }
}

#[test]
fn rules_that_do_not_fit_together_are_mistakes() {
    let cases = [
        (
            "<table name='t'><rule when='a gt 3'><set name='v' value='1'/></rule>\
             <rule><set name='w' value='2'/></rule></table>",
            "CG0306 s.xml:3:69: the rule does not set `v`\n\
             CG0306 s.xml:3:86: the first rule does not set `w`\n    each rule sets the same names",
        ),
        (
            "<table name='t'><rule when='a gt 3'><set name='v' value='1'/></rule>\
             <rule><set name='v' value='kind'/></rule></table>",
            "CG0306 s.xml:3:96: choice `kind`, where the rules before have int",
        ),
        (
            "<table name='t'><rule when='a'><set name='v' value='b'/></rule>\
             <rule><set name='v' value='1'/><set name='v' value='2'/></rule></table>",
            "CE0301 s.xml:3:29: `a` is int that may be missing, but bool is wanted here\n\
             CE0201 s.xml:3:53: `b` is not known here\n    did you mean `a`?\n\
             CG0102 s.xml:3:106: `v` is set twice",
        ),
        (
            "<table name='a'><rule><set name='v' value='1'/></rule></table>",
            "CG0102 s.xml:3:14: the name `a` is taken\n\
             CE0201 s.xml:3:476: `t` is not known here\n    did you mean `a`?",
        ),
    ];
    for (table, expected) in cases {
        assert_eq!(said(table, "<v of='t.v'/>"), expected, "{table}");
    }
    let rules = vec![("a gt 1", "1"); MAX_RULES + 1];
    assert!(said(&table("first", &rules), "<v of='t.v'/>").contains("CG0105"));
}

#[test]
fn a_rule_that_those_before_leave_nothing_is_advised_about() {
    let advice = |hit: &str| {
        let rules = [("a gt 3", "1"), ("a gt 3 and size gt 2", "2"), ("", "3")];
        let text = told(&table(hit, &rules), "<v of='t.v'/>");
        let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
        lines(&lint(&document, &scope()))
    };
    assert_eq!(
        advice("first"),
        "CG0704 s.xml:3:81: this `rule` is never taken\n    whenever its condition holds, one \
         before it does"
    );
    assert_eq!(advice("unique"), "");
}

/// A comparison of a whole number of 1 to 5, or of a decimal, with a constant near its borders.
fn comparison() -> impl Strategy<Value = String> {
    let how = prop::sample::select(vec!["lt", "le", "gt", "ge", "eq", "ne"]);
    let whole = (how.clone(), 0..7_i32).prop_map(|(how, it)| format!("a {how} {it}"));
    let exact = (how, 0..4_i32).prop_map(|(how, it)| format!("size {how} {}.5", it));
    prop_oneof![whole, exact]
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        comparison(),
        (comparison(), comparison()).prop_map(|(one, other)| format!("{one} and {other}")),
        (comparison(), comparison()).prop_map(|(one, other)| format!("not ({one} or {other})")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What was proved by trying holds for values that were not tried.
    #[test]
    fn what_the_checker_proved_of_a_table_is_so(
        conditions in prop::collection::vec(condition(), 2..5),
        is_unique: bool,
        answers in prop::collection::vec((1..=5_i32, -10..50_i32), 12),
    ) {
        let rules: Vec<(&str, &str)> = conditions.iter().map(|it| (it.as_str(), "1")).collect();
        let hit = if is_unique { "unique" } else { "first" };
        let text = told(&table(hit, &rules), "<v of='t.v'/>");
        let Ok(script) = check(&text) else { return Ok(()) };
        let others = [("kind", "x"), ("day", "2026-01-01"), ("place", "here")];
        for (a, tenths) in answers {
            let mut session = Session::start(&script, Channel::Agent, false);
            session.answers(&[("a", &a.to_string())]);
            session.answers(&others[..2]);
            session.answers(&[("size", &format!("{}", f64::from(tenths) / 10.0))]);
            session.answers(&others[2..]);
            prop_assert_eq!(&session.view().prompts[0].text, "1");
        }
    }
}
