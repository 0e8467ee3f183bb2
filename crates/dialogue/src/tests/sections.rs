//! Sections, and how many questions are left.

use super::*;

const HOUSE: &str = "<section><title>Who<in language='nl'>Wie</in></title>\
    <ask id='a' type='yes-no'><say>?</say><next when='a' to='b'/><next to='d'/></ask>\
    <ask id='b' type='text'><say>?</say><next to='c'/></ask></section>\
    <info id='c'><say>.</say><next to='d'/></info>\
    <section><title>What</title><ask id='d' type='text'><say>?</say><next to='e'/></ask>\
    <end id='e' outcome='x'/></section>";

fn script_of(body: &str) -> String {
    script("agent", body).replace("language=\"en\"", "language=\"en\" languages=\"nl\"")
}

fn places(session: &mut Session<'_>, answers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut places = Vec::new();
    for answer in [None].into_iter().chain(answers.iter().map(Some)) {
        session.answers(answer.map_or(&[], std::slice::from_ref));
        let view = session.view();
        places.push((view.section, view.left.to_string()));
    }
    places
}

#[test]
fn a_view_says_in_which_section_it_is_and_how_many_questions_are_left() {
    let script = compiled(&script_of(HOUSE));
    let mut session = Session::start(&script, Channel::Agent, false);
    let told = places(&mut session, &[("a", "true"), ("b", "x"), ("c", ""), ("d", "y")]);
    let told: Vec<(&str, &str)> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(told, [("Who", "2–3"), ("Who", "2"), ("", "1"), ("What", "1"), ("What", "0")]);
}

#[test]
fn the_title_of_a_section_is_in_the_language_of_the_conversation() {
    let script = compiled(&script_of(HOUSE));
    let mut state = State::default();
    let start = Start { session: "s".into(), language: "nl-BE".into(), ..Start::default() };
    let outcome = handle(&script, &state, &Input::Start(start), now()).expect("it starts");
    outcome.events.iter().for_each(|event| state.apply(event));
    assert_eq!(View::of(&script, &state).expect("it has started").section, "Wie");
}

#[test]
fn what_is_wrong_in_a_section_is_found_as_elsewhere() {
    let body = HOUSE.replace("to='e'", "to='e' when='missing eq 1'").replace("nl", "fr");
    let found = lines(&check(&script("agent", &body)).expect_err("there are mistakes"));
    for code in ["CG0901", "CE0201"] {
        assert!(found.contains(code), "{found}");
    }
    let twice = HOUSE
        .replace("<info id='c'>", "<info id='lost'><say>.</say><next to='d'/></info><info id='c'>");
    let found = lines(&check(&script_of(&twice)).expect_err("nothing leads there"));
    assert!(found.starts_with("CG0301"), "{found}");
}

proptest::proptest! {
    #[test]
    fn never_are_fewer_or_more_questions_left_than_it_is_said(
        answers in proptest::collection::vec(0..6usize, 12),
        customer: bool,
    ) {
        let script = compiled(MOVING_HOUSE);
        let mut session = Session::start(&script, Channel::Agent, customer);
        session.read(&super::customer(false), &connections(&["gas"]));
        // how many questions stood open at each step, to be held against how many there were
        let mut told = Vec::new();
        for which in answers.iter().cycle().take(60) {
            let view = session.view();
            if session.state.closing().is_some() {
                break;
            }
            if let Shown::Question(_) = view.shown {
                told.push(view.left);
            }
            let values = ["", "true", "1", "2026-12-24", "x@example.org", "NL91ABNA0417164300"];
            let answered = (0..6).any(|at| {
                session.answer(&view.step, values[(which + at) % 6]).is_ok()
            });
            if !answered {
                break;
            }
        }
        if session.state.closing().is_some() {
            let count = told.len();
            for (at, left) in told.iter().enumerate() {
                let rest = u32::try_from(count - at).expect("few");
                proptest::prop_assert!(left.fewest <= rest);
                proptest::prop_assert!(left.most.is_some_and(|most| rest <= most));
            }
        }
    }
}
