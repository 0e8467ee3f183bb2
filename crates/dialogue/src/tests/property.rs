//! Walks over random answers: re-walking equals walking afresh, and a naive oracle agrees.

use proptest::prelude::*;

use super::*;
use crate::walk::{Walk, walk, walk_to};

/// Answers that some question of the fault report takes.
const ANSWERS: &[(&str, &[&str])] = &[
    ("kind", &["no_supply", "partial", "smell_of_gas", "meter", "other"]),
    ("smells_gas", &["true", "false"]),
    ("gas_safety", &[""]),
    ("fuse_checked", &["true", "false"]),
    ("fuse_advice", &[""]),
    ("works_again", &["false"]),
    ("neighbours", &["true", "false", ""]),
    ("life_support", &[""]),
    ("connection", &["871600000000000000", "871600000000000001", ""]),
    ("description", &["dark", ""]),
    ("reporter", &["me", ""]),
];

/// A second answer that is checked against the first; who refuses one is asked no third.
const CHECKED: &str = "<ask id='a' type='integer' special='dont-know refused'><say>?</say>\
    <next when=\"a_special eq 'refused'\" to='over'/><next to='b'/></ask>\
    <ask id='b' type='integer' special='refused'><say>?</say>\
    <check test='not has(a) or b ge a'>Less.</check>\
    <next when=\"b_special eq 'refused'\" to='over'/><next to='c'/></ask>\
    <ask id='c' type='integer'><say>?</say><next to='over'/></ask>\
    <info id='over'><say>.</say><next to='end'/></info><end id='end' outcome='x'/>";

fn script() -> Script {
    compiled(FAULT_REPORT)
}

fn begin<'s>(script: &'s Script, is_life_support: bool, media: &[&str]) -> Session<'s> {
    let mut session = Session::start(script, Channel::Agent, true);
    session.read(&customer(is_life_support), &connections(media));
    session
}

/// The path that a person with the script on paper would take, for a known customer.
fn oracle(state: &State, is_life_support: bool, media: &[&str]) -> Vec<&'static str> {
    let answer = |step: &str| state.answers.get(step, "").map(Option::<&Datum>::cloned);
    let text = |step: &str| answer(step).flatten().map(|it| it.to_string()).unwrap_or_default();
    let mut path = Vec::new();
    // each question is put on the path; the first without an answer is the end of it
    macro_rules! ask {
        ($step:literal) => {
            path.push($step);
            if answer($step).is_none() {
                return path;
            }
        };
    }
    ask!("kind");
    let kind = text("kind");
    let mut is_gas = kind == "smell_of_gas";
    if !is_gas && media.contains(&"gas") {
        ask!("smells_gas");
        is_gas = text("smells_gas") == "true";
    }
    if is_gas {
        ask!("gas_safety");
    } else if kind == "partial" {
        ask!("fuse_checked");
        if text("fuse_checked") == "false" {
            ask!("fuse_advice");
            ask!("works_again");
        }
    } else if kind == "no_supply" {
        ask!("neighbours");
    }
    if is_life_support {
        ask!("life_support");
    }
    if !media.is_empty() {
        path.push("connection");
        let Some(chosen) = answer("connection") else { return path };
        let fits = |key: String| {
            let index: Option<usize> = key.strip_prefix("8716").and_then(|it| it.parse().ok());
            let medium = index.and_then(|it| media.get(it));
            medium.is_some_and(|it| kind != "partial" || *it == "electricity")
        };
        if chosen.is_some_and(|key| !fits(key.to_string())) {
            return path;
        }
    }
    ask!("description");
    ask!("reporter");
    path.push("summary");
    path
}

fn path(view: &View) -> Vec<String> {
    let trail = view.trail.iter().map(|it| it.step.clone());
    trail.chain([view.step.clone()]).collect()
}

/// Whether going on from the walk before an answer comes to where a fresh walk comes.
fn is_rewalked(script: &Script, before: &State, after: &State, step: &str) -> bool {
    let value = after.answers.get(step, "").flatten();
    let went_on = walk_to(script, before, script.step(step).expect("it was answered"), "");
    let went_on = went_on.and_then(|walk| walk.with(value));
    let afresh = walk(script, after);
    let told = |walk: &Walk<'_>| {
        let path: Vec<String> = walk.path.iter().map(|it| it.step.id.clone()).collect();
        (path, walk.step.id.clone(), walk.stop)
    };
    let agrees = |walk: &Walk<'_>| {
        let mut transitions = script.steps.iter().flat_map(|step| &step.next);
        transitions.all(|transition| {
            let quick = transition.quick.as_ref().and_then(|it| it.holds(&walk.environment));
            let slow = transition.when.as_ref().map(|it| it.is_true(&walk.environment));
            quick.is_none() || quick == slow
        })
    };
    if !afresh.as_ref().is_some_and(agrees) {
        return false;
    }
    // actions that follow an answer are sent with it; without them both stand at the same step
    let is_quiet = before.ledger.len() == after.ledger.len();
    !is_quiet || went_on.as_ref().map(told) == afresh.as_ref().map(told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changing_answers_in_any_order_equals_a_fresh_walk(
        choices in prop::collection::vec((0..ANSWERS.len(), any::<usize>()), 1..40),
        is_life_support: bool,
        media in prop::sample::subsequence(vec!["electricity", "gas"], 0..=2),
    ) {
        let script = script();
        let mut session = begin(&script, is_life_support, &media);
        for (step, which) in choices {
            let (step, values) = ANSWERS[step];
            // what is not asked now is refused, and changes nothing
            let before = session.state.clone();
            match session.answer(step, values[which % values.len()]) {
                Err(_) => prop_assert_eq!(&session.state, &before),
                Ok(()) => prop_assert!(is_rewalked(&script, &before, &session.state, step)),
            }
            let expected = oracle(&session.state, is_life_support, &media);
            prop_assert_eq!(path(&session.view()), expected);
        }
        let view = session.view();
        let mut fresh = begin(&script, is_life_support, &media);
        for answered in &view.trail {
            prop_assert!(fresh.answer(&answered.step, &answered.value).is_ok());
        }
        let fresh = fresh.view();
        prop_assert_eq!(&fresh.trail, &view.trail);
        prop_assert_eq!((&fresh.step, &fresh.prompts), (&view.step, &view.prompts));
        let same_choices = fresh.shown == view.shown;
        prop_assert!(same_choices);
        prop_assert_eq!(State::replay(&session.events), session.state);
    }

    #[test]
    fn checks_and_special_answers_leave_no_bad_answer_on_the_path(
        replies in prop::collection::vec((0..3usize, 0..12i64, 0..4usize), 1..30),
    ) {
        let script = compiled(&super::script("agent", CHECKED));
        let mut session = Session::start(&script, Channel::Agent, false);
        for (step, number, special) in replies {
            let step = ["a", "b", "c"][step];
            let before = session.state.clone();
            let special = Special::ALL.get(special).copied();
            let value = if special.is_some() { String::new() } else { number.to_string() };
            match session.reply(step, &value, special, "") {
                Err(_) => prop_assert_eq!(&session.state, &before),
                Ok(()) => prop_assert!(is_rewalked(&script, &before, &session.state, step)),
            }
            let trail = session.view().trail;
            let given = |step: &str| {
                let told = trail.iter().find(|it| it.step == step);
                told.and_then(|it| it.value.parse::<i64>().ok())
            };
            // what is on the path holds of the answers as they are now
            if let (Some(a), Some(b)) = (given("a"), given("b")) {
                prop_assert!(b >= a, "{} after {}", b, a);
            }
            let is_refused = trail.iter().any(|it| it.special == Some(Special::Refused));
            prop_assert!(!is_refused || trail.len() < 3, "who refuses is asked no more");
        }
        prop_assert_eq!(State::replay(&session.events), session.state);
    }

    #[test]
    fn a_mutated_script_is_compiled_or_complained_about(
        edits in prop::collection::vec((any::<usize>(), any::<usize>()), 1..4),
    ) {
        let mut words: Vec<&str> = FAULT_REPORT.split_inclusive(['"', '\'', ' ', '<']).collect();
        for (at, with) in edits {
            let (at, with) = (at % words.len(), with % words.len());
            words.swap(at, with);
        }
        let (document, findings) = Document::recover("s.xml", words.concat(), dtd());
        if let Some(document) = document {
            let compiled = compile(&document, &scope());
            prop_assert!(compiled.is_ok() || compiled.is_err_and(|it| !it.is_empty()));
        } else {
            prop_assert!(!findings.is_empty());
        }
    }
}
