//! Matrices: the same question about several things.

use super::*;

/// Three grades, one of which may be unknown, and what follows from them.
const MATRIX: &str = "<matrix id='a' type='scale' min='1' max='5' special='dont-know'>\
    <say>How good was this?</say><low>bad</low><high>good</high>\
    <item value='speed'>The speed<in language='nl'>De snelheid</in></item>\
    <item value='words'>The words</item>\
    <next when='a.speed.or(5) lt 3 or a.words.or(5) lt 3' to='sorry'/><next to='fine'/></matrix>\
    <info id='sorry'><say>Speed <v of='a.speed.or(0)'/>.</say><next to='fine'/></info>\
    <end id='fine' outcome='x'><say><v of='a.words_special'/></say></end>";

fn text(channels: &str, body: &str) -> String {
    let text = script(channels, body);
    text.replace("language=\"en\"", "language=\"en\" languages=\"nl\"")
}

fn said(view: &View) -> Vec<String> {
    view.prompts.iter().map(|it| it.text.clone()).collect()
}

#[test]
fn each_item_is_a_question_and_its_answer_a_part_of_the_matrix() {
    let script = compiled(&text("agent message", MATRIX));
    let mut session = Session::start(&script, Channel::Message, false);
    assert_eq!(said(&session.view()), ["How good was this?", "The speed"]);
    session.answers(&[("a/speed", "2")]);
    assert_eq!(said(&session.view()), ["The words"]);
    assert_eq!(session.answer("a/words", "6").expect_err("not on the scale").code(), "CX0104");
    session.reply("a/words", "", Some(Special::DontKnow), "").expect("it is one of them");
    assert_eq!(State::replay(&session.events), session.state);
    // the information passes by itself in messages
    assert_eq!(session.view().shown, Shown::End { outcome: "x".into() });
    assert_eq!(said(&session.view()), ["dont-know"]);
    let steps: Vec<String> = session.view().trail.into_iter().map(|it| it.step).collect();
    assert_eq!(steps, ["a/speed", "a/words", "sorry"]);
}

#[test]
fn a_matrix_is_shown_and_answered_as_a_page() {
    let script = compiled(&text("agent", MATRIX));
    let mut session = Session::start(&script, Channel::Agent, false);
    let page = session.view().page.expect("a page");
    assert_eq!((page.id.as_str(), page.is_matrix), ("a", true));
    assert_eq!(page.prompts[0].text, "How good was this?");
    let items: Vec<&str> = page.questions.iter().map(|it| it.prompts[0].text.as_str()).collect();
    assert_eq!(items, ["The speed", "The words"]);
    let grades = |speed: &str, words: &str| Input::Page {
        request: format!("{speed} {words}"),
        sequence: session.state.sequence(),
        page: "a".to_owned(),
        row: String::new(),
        answers: [("a/speed", speed), ("a/words", words)]
            .map(|(step, value)| PageAnswer {
                step: step.to_owned(),
                value: value.to_owned(),
                ..PageAnswer::default()
            })
            .into(),
    };
    let (wrong, right) = (grades("", "9"), grades("4", "1"));
    let Err(Refusal::Page(refused)) = session.input(wrong) else { panic!("both are wrong") };
    assert_eq!(refused.len(), 2);
    session.input(right).expect("both are right");
    assert_eq!(said(&session.view()), ["Speed 4."]);
}

#[test]
fn what_is_chosen_is_known_in_full_so_that_nothing_is_left_open() {
    let body = "<matrix id='a' type='choice'><say>Where?</say><choice value='home'>Home</choice>\
        <choice value='work'>Work</choice><item value='power'>Power</item>\
        <item value='gas'>Gas</item>\
        <next when=\"a.power eq 'home' and a.gas eq 'home'\" to='b'/>\
        <next when=\"a.power eq 'work' or a.gas eq 'work'\" to='c'/></matrix>\
        <end id='b' outcome='x'><say><v of='a.gas'/></say></end><end id='c' outcome='y'/>";
    let script = compiled(&text("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a/power", "home"), ("a/gas", "home")]);
    assert_eq!(said(&session.view()), ["Home"], "in its words");
    let open = body.replace(" or a.gas eq 'work'", "");
    let findings = check(&text("agent", &open)).expect_err("power at home, gas at work");
    assert!(findings.iter().any(|it| it.code == "CG0303"), "{}", lines(&findings));
    let advice = |body: &str| {
        let document =
            Document::read("s.xml", super::script("agent", body), dtd()).expect("the DTD");
        lint(&document, &scope()).into_iter().map(|it| it.code).collect::<Vec<_>>()
    };
    assert_eq!(advice(&body.replace("a.gas eq 'work'", "a.gas eq 'here'")), ["CG0705"]);
}

#[test]
fn a_matrix_of_a_called_script_is_known_to_that_and_stays_a_page() {
    let called = text("agent", MATRIX).replace("id=\"s\"", "id=\"grades\"");
    let called = Document::read("grades.xml", called, dtd()).expect("it follows the DTD");
    let mut scope = scope();
    scope.scripts.insert("grades".to_owned(), std::sync::Arc::new(called));
    let body = "<call id='a' script='grades'><next to='b'/></call><end id='b' outcome='y'/>";
    let document = Document::read("s.xml", text("agent", body), dtd()).expect("it follows the DTD");
    let script = compile(&document, &scope).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a/a/speed", "1"), ("a/a/words", "5")]);
    assert_eq!(said(&session.view()), ["Speed 1."]);
}

#[test]
fn what_does_not_fit_in_a_matrix_is_found() {
    let found = |from: &str, to: &str| -> Vec<&'static str> {
        let findings = check(&text("agent", &MATRIX.replace(from, to))).err().unwrap_or_default();
        findings.into_iter().map(|it| it.code).collect()
    };
    assert!(found("", "").is_empty());
    assert_eq!(found("value='words'", "value='speed'")[0], "CG0102");
    assert_eq!(found("value='words'", "value='9th'")[0], "CG0101");
    assert!(found(" min='1' max='5'", "").contains(&"CG0401"));
    assert_eq!(found("a.speed.or(5) lt 3", "a.spede.or(5) lt 3"), ["CE0201"]);
    assert_eq!(found("<next to='fine'/></matrix>", "<next to='a/speed'/></matrix>").len(), 1);
    let many: String = (0..13).map(|at| format!("<item value='i{at}'>x</item>")).collect();
    assert!(
        found("<item value='words'>", &format!("{many}<item value='words'>")).contains(&"CG0105")
    );
    let long = "w".repeat(45);
    let of_length = MATRIX.replace("value='words'", &format!("value='{long}'"));
    assert!(check(&text("agent", &of_length.replace("a.words", &format!("a.{long}")))).is_err());
}
