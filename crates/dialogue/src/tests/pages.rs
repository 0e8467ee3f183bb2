//! Pages: questions that are shown together, and answered all or none.

use proptest::prelude::*;

use super::*;

/// A page of a name and two numbers, the second of which is checked against the first.
const PAGE: &str = "<page id='both'><say>About the meter.</say>\
    <ask id='name' type='text' max='20'><say>Whose is it?</say></ask>\
    <ask id='low' type='integer' special='dont-know'><say>The low one?</say></ask>\
    <ask id='high' type='integer' required='no'><say>The high one?</say><note>Left.</note>\
    <check test='low.or(0) le high'>Less than <v of='low.or(0)'/>.</check>\
    <check test='high le 50' kind='soft'>That is much.</check></ask>\
    <next when='high.or(0) gt 20' to='large'/><next to='small'/></page>\
    <info id='large'><say>Large.</say><next to='end'/></info>\
    <info id='small'><say>Small.</say><next to='end'/></info>\
    <end id='end' outcome='x'/>";

fn page_script(body: &str) -> String {
    script("agent message web", body).replace("start=\"a\"", "start=\"both\"")
}

fn answer(step: &str, value: &str) -> PageAnswer {
    PageAnswer { step: step.to_owned(), value: value.to_owned(), ..PageAnswer::default() }
}

impl Session<'_> {
    fn page_in(&mut self, row: &str, answers: Vec<PageAnswer>) -> Result<(), Refusal> {
        self.requests += 1;
        let (request, sequence) = (format!("r{}", self.requests), self.state.sequence());
        let (page, row) = ("both".to_owned(), row.to_owned());
        self.input(Input::Page { request, sequence, page, row, answers })
    }

    fn page(&mut self, answers: &[(&str, &str)]) -> Result<(), Refusal> {
        self.page_in("", answers.iter().map(|(step, value)| answer(step, value)).collect())
    }
}

fn refused(result: Result<(), Refusal>) -> Vec<(String, &'static str, String)> {
    match result {
        Err(Refusal::Page(each)) => {
            each.into_iter().map(|(step, why)| (step, why.code(), why.to_string())).collect()
        }
        other => panic!("not refused as a page: {other:?}"),
    }
}

fn path(session: &Session<'_>) -> Vec<String> {
    let view = session.view();
    view.trail.into_iter().map(|it| it.step).chain([view.step]).collect()
}

#[test]
fn a_page_is_answered_at_once_under_one_request() {
    let script = compiled(&page_script(PAGE));
    let mut session = Session::start(&script, Channel::Agent, false);
    let page = session.view().page.expect("a page is shown");
    assert_eq!((page.id.as_str(), page.prompts[0].text.as_str()), ("both", "About the meter."));
    let steps: Vec<&str> = page.questions.iter().map(|it| it.step.as_str()).collect();
    assert_eq!(steps, ["name", "low", "high"]);
    assert_eq!(page.questions[2].prompts.len(), 2, "its note as well");
    let before = session.events.len();
    session.page(&[("high", "30"), ("low", "7"), ("name", "Ann")]).expect("all are good");
    assert_eq!(path(&session), ["name", "low", "high", "large"]);
    assert!(session.view().page.is_none());
    let requests: Vec<&str> = session.events[before..]
        .iter()
        .map(|event| match event {
            Event::Answered { request, .. } => request.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(requests, ["r1"; 3], "the log has the answers, in the order of the page");
    session.requests = 0;
    session.page(&[("name", "Bob"), ("low", "1"), ("high", "2")]).expect("a repeat");
    assert_eq!(session.view().trail[0].value, "Ann", "it changes nothing");
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn where_one_answer_is_refused_each_that_is_wrong_is_named_and_none_is_taken() {
    let script = compiled(&page_script(PAGE));
    let mut session = Session::start(&script, Channel::Web, false);
    let before = session.state.clone();
    let wrong = refused(session.page(&[("name", "Ann"), ("low", "many"), ("high", "few")]));
    let steps: Vec<(&str, &str)> = wrong.iter().map(|(step, code, _)| (&**step, *code)).collect();
    assert_eq!(steps, [("low", "CX0104"), ("high", "CX0104")]);
    let wrong = refused(session.page(&[("high", "3"), ("low", "9")]));
    let expected = [
        ("name".to_owned(), "CX0104", "an answer is needed".to_owned()),
        ("high".to_owned(), "CX0110", "Less than 9.".to_owned()),
    ];
    assert_eq!(wrong, expected);
    let wrong = refused(session.page(&[("name", "Ann"), ("low", "x"), ("high", "3")]));
    assert_eq!(wrong.len(), 1, "what is checked against a wrong answer waits: {wrong:?}");
    assert_eq!(session.state, before);
    let refusal = session.page(&[("name", "Ann"), ("end", "x")]).expect_err("no question of it");
    assert_eq!(refusal, Refusal::NotAsked("end".to_owned()));
    let twice = session.page(&[("name", "Ann"), ("name", "Bob")]).expect_err("which?");
    assert_eq!(twice, Refusal::NotAsked("name".to_owned()));
}

#[test]
fn doubts_are_of_questions_and_each_is_kept_for_a_reason_of_its_own() {
    let script = compiled(&page_script(PAGE));
    let mut session = Session::start(&script, Channel::Agent, false);
    let answers = [("name", "Ann"), ("low", "7"), ("high", "60")];
    let doubted = refused(session.page(&answers));
    assert_eq!(doubted, [("high".to_owned(), "CX0109", "That is much.".to_owned())]);
    let mut kept: Vec<PageAnswer> = answers.iter().map(|(step, it)| answer(step, it)).collect();
    kept[2].reason = "a factory".to_owned();
    session.page_in("", kept).expect("a reason is given");
    let told = session.view().trail;
    assert_eq!(told[2].reason, "a factory");
    session.page(&[("name", "Bob"), ("low", "7"), ("high", "60")]).expect("it was kept before");
    let told = session.view().trail;
    assert_eq!((told[0].value.as_str(), told[2].reason.as_str()), ("Bob", "a factory"));
}

#[test]
fn a_page_is_shown_as_it_was_answered_and_special_answers_stand_on_it() {
    let script = compiled(&page_script(PAGE));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("name", "Ann"), ("low", "7")]);
    let page = session.view().page.expect("the page is not done");
    let before: Vec<Option<String>> =
        page.questions.into_iter().map(|it| it.before.map(|it| it.value)).collect();
    assert_eq!(before, [Some("Ann".to_owned()), Some("7".to_owned()), None]);
    let mut answers = vec![answer("low", ""), answer("high", "3")];
    answers[0].special = Some(Special::DontKnow);
    session.page_in("", answers).expect("the name is known");
    assert_eq!(path(&session), ["name", "low", "high", "small"]);
    let trail = session.view().trail;
    assert_eq!(trail[1].special, Some(Special::DontKnow));
    assert!(trail.iter().all(|it| it.page == "both"));
    // going back: an earlier answer makes a later one wrong, and the page is shown with both
    session.answers(&[("low", "5")]);
    let page = session.view().page.expect("asked anew");
    assert_eq!(session.view().step, "high");
    let high = page.questions[2].before.as_ref().expect("it was answered");
    assert_eq!(high.value, "3");
}

#[test]
fn where_pages_cannot_be_shown_their_texts_come_before_the_first_question() {
    let script = compiled(&page_script(PAGE));
    let mut session = Session::start(&script, Channel::Message, false);
    let view = session.view();
    assert!(view.page.is_none());
    let said: Vec<&str> = view.prompts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(said, ["About the meter.", "Whose is it?"]);
    session.answers(&[("name", "Ann")]);
    assert_eq!(session.view().prompts[0].text, "The low one?");
}

#[test]
fn a_page_in_a_roster_is_answered_for_each_row() {
    let body = "<roster id='rows' each='r' max='2' start='both'><row>Row <v of='r'/></row>\
        <page id='both'><ask id='x' type='integer'><say>x of <v of='r'/>?</say></ask>\
        <ask id='y' type='integer'><say>y?</say></ask><next to='more'/></page>\
        <another id='more'><say>More?</say></another><next to='b'/></roster>\
        <info id='b'><say><v of='rows.filter(r, r.x gt r.y).size()'/></say><next to='c'/></info>\
        <end id='c' outcome='x'/>";
    let script = compiled(&page_script(body).replace("start=\"both\"", "start=\"rows\""));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.page_in("1", vec![answer("x", "3"), answer("y", "2")]).expect("of the first row");
    session.requests += 1;
    let (request, sequence) = (format!("r{}", session.requests), session.state.sequence());
    let (step, row, value) = ("more".to_owned(), "1".to_owned(), "true".to_owned());
    let (special, reason) = (None, String::new());
    session
        .input(Input::Answer { request, sequence, step, row, value, special, reason })
        .expect("another");
    assert_eq!(session.view().page.expect("again").questions[0].prompts[0].text, "x of 2?");
    let early = session.page_in("3", vec![answer("x", "1")]).expect_err("there is no third");
    assert_eq!(early, Refusal::NotAsked("both".to_owned()));
    session.page_in("2", vec![answer("x", "1"), answer("y", "2")]).expect("of the second row");
    assert_eq!(session.view().prompts[0].text, "1");
    session.page_in("1", vec![answer("x", "1")]).expect("changed");
    assert_eq!(session.view().prompts[0].text, "0");
}

#[test]
fn a_page_of_a_called_script_is_a_page_of_the_caller() {
    let text = page_script(PAGE).replace("id=\"s\"", "id=\"meter\"");
    let called = Document::read("meter.xml", text, dtd()).expect("it follows the DTD");
    let mut scope = scope();
    scope.scripts.insert("meter".to_owned(), std::sync::Arc::new(called));
    let body = "<call id='c' script='meter'><next to='a'/></call><end id='a' outcome='y'/>";
    let text = script("agent", body).replace("start=\"a\"", "start=\"c\"");
    let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
    let script = compile(&document, &scope).expect("it makes sense");
    let session = Session::start(&script, Channel::Agent, false);
    let page = session.view().page.expect("a page");
    assert_eq!((page.id.as_str(), page.questions[1].step.as_str()), ("c/both", "c/low"));
}

/// Why a script with this body is refused: the codes of its findings.
fn codes(body: &str) -> Vec<&'static str> {
    let findings = check(&page_script(body)).err().unwrap_or_default();
    findings.iter().map(|it| it.code).collect()
}

#[test]
fn what_does_not_fit_on_a_page_is_found_at_its_place() {
    let found = |from: &str, to: &str| codes(&PAGE.replace(from, to));
    assert!(codes(PAGE).is_empty());
    let next = "<say>Whose is it?</say><next to='end'/>";
    assert_eq!(found("<say>Whose is it?</say>", next), ["CG0411"]);
    assert_eq!(
        found(
            "<info id='large'><say>Large.</say><next to='end'/>",
            "<info id='large'><say>Large.</say><next to='low'/>"
        ),
        ["CG0302", "CG0411"]
    );
    let lonely = "<ask id='both' type='text'><say>?</say></ask><end id='end' outcome='x'/>";
    assert!(codes(lonely).contains(&"CG0303"), "{:?}", codes(lonely));
    let many: String =
        (0..13).map(|at| format!("<ask id='q{at}' type='text'><say>?</say></ask>")).collect();
    let many = format!("<page id='both'>{many}<next to='e'/></page><end id='e' outcome='x'/>");
    assert_eq!(codes(&many), ["CG0105"]);
    let start = check(&page_script(PAGE).replace("start=\"both\"", "start=\"low\""));
    assert!(start.is_err_and(|it| it.iter().any(|it| it.code == "CG0411")));
}

#[test]
fn what_is_shown_on_a_page_cannot_use_its_answers_and_its_checks_can() {
    let text = page_script(&PAGE.replace("The high one?", "Over <v of='low'/>?"));
    let findings = check(&text).expect_err("all is shown at once");
    assert_eq!(findings.len(), 1, "{}", lines(&findings));
    let hint = findings[0].hint.as_deref().unwrap_or_default();
    assert!(hint.contains("same page"), "{hint}");
    let above = page_script(&PAGE.replace("About the meter.", "<v of='name'/>"));
    assert!(check(&above).is_err(), "nor can the texts above");
}

/// What a person with the page on paper would take: every answer in order, all of them or none.
#[derive(Debug, Clone, Default, PartialEq)]
struct Paper {
    low: Option<i64>,
    high: Option<i64>,
}

impl Paper {
    fn fill(&self, low: Option<i64>, high: Option<i64>) -> Option<Self> {
        let filled = Self { low: low.or(self.low), high: high.or(self.high) };
        let (low, high) = (filled.low?, filled.high?);
        (low <= high && high <= 50).then_some(filled)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_page_takes_what_a_person_with_paper_takes(
        turns in prop::collection::vec(
            (prop::option::of(0..60i64), prop::option::of(0..60i64)),
            1..20,
        ),
    ) {
        let name = "<ask id='name' type='text' max='20'><say>Whose is it?</say></ask>";
        let body = PAGE.replace(name, "")
            .replace("special='dont-know'", "").replace("required='no'", "")
            .replace("low.or(0)", "low").replace("high.or(0)", "high");
        let script = compiled(&page_script(&body));
        let mut session = Session::start(&script, Channel::Agent, false);
        let mut paper = Paper::default();
        for (low, high) in turns {
            let before = session.state.clone();
            let given = [("low", low), ("high", high)].into_iter();
            let given = given.filter_map(|(step, it)| Some(answer(step, &it?.to_string())));
            let taken = session.page_in("", given.collect());
            match paper.fill(low, high) {
                Some(filled) => {
                    prop_assert_eq!(&taken, &Ok(()));
                    paper = filled;
                    let trail = session.view().trail;
                    let of = |step: &str| {
                        let told = trail.iter().find(|it| it.step == step);
                        told.map(|it| it.value.clone())
                    };
                    prop_assert_eq!(of("low"), paper.low.map(|it| it.to_string()));
                    prop_assert_eq!(of("high"), paper.high.map(|it| it.to_string()));
                }
                None => {
                    prop_assert!(matches!(taken, Err(Refusal::Page(_))), "{:?}", taken);
                    prop_assert_eq!(&session.state, &before);
                }
            }
        }
        prop_assert_eq!(State::replay(&session.events), session.state);
    }
}
