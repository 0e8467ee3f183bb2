//! Rosters: rows from data, from an answer, and added; what is remembered of which row.

use proptest::prelude::*;

use super::*;

/// Meters are added: from one to three.
const ADDED: &str = "<roster id='meters' each='m' max='3' start='a1'><row>Meter <v of='m'/></row>\
    <ask id='a1' type='integer'><say>What does meter <v of='m'/> say?</say>\
    <next when='a1 gt 100' to='why'/><next to='more'/></ask>\
    <ask id='why' type='text'><say>So many?</say><next to='more'/></ask>\
    <another id='more'><say>Another?</say></another><next to='b'/></roster>\
    <ask id='b' type='text'><say><v of='meters.size()'/> meters</say>\
    <next when='meters.exists(r, r.a1 gt 100)' to='many'/><next to='few'/></ask>\
    <end id='many' outcome='many'/><end id='few' outcome='few'/>";

/// For each medium, each of the things that are wanted.
const NESTED: &str = "<ask id='a' type='multiple'><say>?</say><choice value='gas'>Gas</choice>\
    <choice value='heat'>Heat</choice><next to='media'/></ask>\
    <roster id='media' each='medium' from='a' start='parts'><row><v of='medium'/></row>\
    <ask id='parts' type='multiple' required='no'><say>?</say><choice value='meter'>Meter</choice>\
    <choice value='pipe'>Pipe</choice><next to='each_part'/></ask>\
    <roster id='each_part' each='part' from='parts' start='old'><row><v of='part'/></row>\
    <ask id='old' type='yes-no'><say>Is the <v of='part'/> for <v of='medium'/> old?</say>\
    <next to='each_part'/></ask><next to='media'/></roster><next to='c'/></roster>\
    <decide id='c'><next when='media.exists(m, m.each_part.exists(p, p.old))' to='old_one'/>\
    <next to='new'/></decide>\
    <end id='old_one' outcome='old'/><end id='new' outcome='new'/>";

fn started(body: &str, start: &str) -> String {
    script("agent", body).replace("start=\"a\"", &format!("start=\"{start}\""))
}

impl Session<'_> {
    fn in_row(&mut self, step: &str, row: &str, value: &str) -> Result<(), Refusal> {
        self.requests += 1;
        let sequence = self.state.sequence();
        self.input(Input::Answer {
            request: format!("r{}", self.requests),
            sequence,
            step: step.to_owned(),
            row: row.to_owned(),
            value: value.to_owned(),
            special: None,
            reason: String::new(),
        })
    }

    fn in_rows(&mut self, answers: &[(&str, &str, &str)]) {
        for (step, row, value) in answers {
            let result = self.in_row(step, row, value);
            result.unwrap_or_else(|refusal| panic!("{step} of {row} = {value}: {refusal}"));
        }
    }
}

/// The trail and the step, each with its row and answer.
fn path(session: &Session<'_>) -> Vec<String> {
    let view = session.view();
    let told = view.trail.iter().map(|it| format!("{} {} {}", it.step, it.row, it.value));
    told.chain([format!("{} {}", view.step, view.row)]).map(|it| it.trim_end().to_owned()).collect()
}

#[test]
fn rows_are_added_as_long_as_there_is_another_and_no_more_than_there_may_be() {
    let script = compiled(&started(ADDED, "meters"));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.in_rows(&[("a1", "1", "5"), ("more", "1", "true"), ("a1", "2", "200")]);
    assert_eq!(session.view().prompts[0].text, "So many?");
    assert_eq!(session.view().row_title, "Meter 2");
    session.in_rows(&[("why", "2", "big"), ("more", "2", "true"), ("a1", "3", "7")]);
    assert_eq!(session.view().step, "b", "there are three");
    assert_eq!(session.view().prompts[0].text, "3 meters");
    let questions = session.view().trail.into_iter().filter(|it| it.step == "a1");
    let questions: Vec<String> = questions.map(|it| it.question).collect();
    let expected = [1, 2, 3].map(|it| format!("What does meter {it} say?"));
    assert_eq!(questions, expected, "each as it was asked");
    session.answers(&[("b", "x")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "many".into() });
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn a_row_in_the_middle_goes_with_its_answers_and_comes_back_with_them() {
    let script = compiled(&started(ADDED, "meters"));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.in_rows(&[("a1", "1", "1"), ("more", "1", "true"), ("a1", "2", "2")]);
    session.in_rows(&[("more", "2", "true"), ("a1", "3", "3"), ("meters/row", "2", "false")]);
    // the third stays the third, and since there are two another is asked for
    assert_eq!(
        path(&session),
        [
            "meters/row 1 true",
            "a1 1 1",
            "more 1 true",
            "meters/row 2 false",
            "more 2 true",
            "meters/row 3 true",
            "a1 3 3",
            "more 3"
        ]
    );
    session.in_rows(&[("more", "3", "true"), ("a1", "4", "4")]);
    assert_eq!(session.view().step, "b");
    let back = session.in_row("meters/row", "2", "true").expect_err("there are three");
    assert_eq!(back, Refusal::Answer("at most 3 can be there".into()));
    session.in_rows(&[("meters/row", "4", "false"), ("meters/row", "2", "true")]);
    assert!(path(&session).contains(&"a1 2 2".to_owned()), "{:?}", path(&session));
    assert_eq!(session.view().prompts[0].text, "3 meters");
    session.in_rows(&[("meters/row", "1", "false"), ("meters/row", "2", "false")]);
    let last = session.in_row("meters/row", "3", "false").expect_err("one is needed");
    assert_eq!(last, Refusal::Answer("at least 1 are needed".into()));
}

#[test]
fn only_a_row_that_is_there_takes_answers() {
    let script = compiled(&started(ADDED, "meters"));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.in_rows(&[("a1", "1", "1")]);
    let long = "x".repeat(100_000);
    for row in ["", "2", "0", "1/1", "-1", "%", long.as_str()] {
        let refused = session.in_row("a1", row, "1");
        assert_eq!(refused, Err(Refusal::NotAsked("a1".into())), "{row}");
    }
    assert_eq!(
        session.in_row("meters/row", "", "true"),
        Err(Refusal::NotAsked("meters/row".into()))
    );
    assert_eq!(session.in_row("meters", "1", "true"), Err(Refusal::NotAsked("meters".into())));
    let maybe = session.in_row("meters/row", "1", "maybe");
    assert_eq!(maybe, Err(Refusal::Answer("yes or no is needed".into())));
}

#[test]
fn answers_come_back_with_the_choice_to_which_they_belong() {
    let script = compiled(&started(NESTED, "a"));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "gas heat")]);
    session.in_rows(&[("parts", "gas", "pipe"), ("old", "gas/pipe", "false")]);
    session.in_rows(&[("parts", "heat", "meter pipe"), ("old", "heat/meter", "false")]);
    assert_eq!(session.view().prompts[0].text, "Is the Pipe for Heat old?");
    session.answers(&[("a", "heat")]);
    let expected = ["a  heat", "media/row heat true", "parts heat meter pipe"];
    assert_eq!(path(&session)[..3], expected);
    session.answers(&[("a", "gas heat")]);
    assert!(path(&session).contains(&"old gas/pipe false".to_owned()));
    session.in_rows(&[("parts", "gas", "meter pipe")]);
    assert_eq!(session.view().row, "gas/meter", "only of what is new is asked");
    session.in_rows(&[("old", "gas/meter", "true"), ("old", "heat/pipe", "false")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "old".into() });
}

/// One of each mistake, and what is said about it.
const MISTAKES: &[(&str, &str)] = &[
    (" from='nothing'", "CG0208 s.xml:3:36: `nothing` is no list of objects"),
    (" where='true'", "CG0410 s.xml:3:37: there is no list to choose from"),
    (" max='51'", "CG0104 s.xml:3:35: `max` is a whole number from 1 to 50"),
    (" min='3' max='2'", "CG0104 s.xml:3:43: `max` is less than `min`"),
];

#[test]
fn what_is_wrong_with_a_roster_is_found_at_its_place() {
    for (attributes, expected) in MISTAKES {
        let body =
            ADDED.replace(" max='3'", "").replace("each='m'", &format!("each='m'{attributes}"));
        let found = lines(&check(&started(&body, "meters")).err().unwrap_or_default());
        assert!(found.contains(expected), "{attributes}: {found}");
    }
    let rest: &[(&str, &str, &str)] = &[
        (
            "<next to='more'/></ask>",
            "<next to='b'/></ask>",
            "`b` is no step of the roster `meters`",
        ),
        ("to='b'/></roster>", "to='why'/></roster>", "`why` stands in the roster `meters`"),
        ("<another id='more'><say>Another?</say></another>", "", "where rows come from"),
        ("r.a1 gt 100", "r.b eq 1", "CE02"),
        ("<v of='meters.size()'/>", "<v of='a1'/>", "CE0"),
        ("when='a1 gt 100' to='why'", "when='meters.size() gt 1' to='why'", "CE0"),
        ("each='m'", "each='or'", "CG0101"),
        ("each='m'", "each='b'", "CG0102"),
        ("<v of='meters.size()'/>", "<v of='meters'/>", "CG0403"),
    ];
    for (old, new, expected) in rest {
        let body = ADDED
            .replace(old, new)
            .replace("to='more'", if new.is_empty() { "to='meters'" } else { "to='more'" });
        let found = lines(&check(&started(&body, "meters")).err().unwrap_or_default());
        assert!(found.contains(expected), "{old} → {new}: {found}");
    }
    let deep = NESTED.replace(
        "<ask id='old'",
        "<roster id='third' each='x' from='parts' start='old2'><row>x</row><ask id='old2' \
         type='yes-no'><say>?</say><next to='third'/></ask><next to='each_part'/></roster>\
         <ask id='old'",
    );
    let deep = deep.replace(
        "<next to='each_part'/></ask><next to='media'",
        "<next to='third'/></ask><next to='media'",
    );
    let found = lines(&check(&started(&deep, "a")).err().unwrap_or_default());
    assert!(found.contains("CG0105"), "{found}");
    let ivr = script("ivr", ADDED).replace("start=\"a\"", "start=\"meters\"");
    let found = lines(&check(&ivr).err().unwrap_or_default());
    assert!(found.contains("cannot be answered by keys"), "a text is asked for: {found}");
    let inside = lines(&check(&started(ADDED, "a1")).err().unwrap_or_default());
    assert!(inside.contains("CG0404"), "{inside}");
}

#[test]
fn what_no_row_surely_has_may_be_missing() {
    let whole = ADDED.replace("r.a1 gt 100", "r.why eq &quot;x&quot;");
    let found = lines(&check(&started(&whole, "meters")).err().unwrap_or_default());
    assert!(found.contains("may be missing"), "{found}");
    compiled(&started(&ADDED.replace("r.a1 gt 100", "has(r.why)"), "meters"));
}

#[test]
fn an_event_without_a_row_is_read_as_before() {
    let old = r#"{"type":"answered","step":"a","value":{"bool":true},"request":"r1"}"#;
    let event: Event = serde_json::from_str(old).expect("it is one of ours");
    assert_eq!(serde_json::to_string(&event).expect("JSON"), old);
    let Event::Answered { row, .. } = event else { panic!("an answer") };
    assert_eq!(row, "");
}

/// Each connection is ordered for and noted; then one letter about all of them.
const ORDERS: &str = "<input name='customer' class='Customer'/>\
    <related name='connections' class='Connection' attribute='customer' to='customer'/>\
    <ask id='a' type='yes-no'><say>?</say><next to='each_one'/></ask>\
    <roster id='each_one' each='c' from='connections' where=\"a or c.medium eq 'gas'\" start='why'>\
    <row><v of='c.medium'/></row>\
    <ask id='why' type='text'><say>?</say><next when='has(customer)' to='order'/>\
    <next to='each_one'/></ask>\
    <do id='order' wait='10'><invoke name='job' operation='erp.create_service_order' \
    undo='compensate'><title>Job</title>\
    <set name='customer' value='customer.number'/><set name='connection' value='c.ean'/>\
    <set name='kind' value='why'/><set name='urgency' value='\"normal\"'/>\
    <compensate operation='erp.cancel_service_order'>\
    <set name='order' value='job.order.or(\"none\")'/></compensate></invoke>\
    <next to='each_one'/></do><next to='letter'/></roster>\
    <decide id='letter'><next when='has(customer)' to='write'/><next to='b'/></decide>\
    <do id='write'><create name='note' class='Interaction' undo='keep'><title>Letter</title>\
    <set name='started_at' value='now'/>\
    <set name='note' value='each_one.exists(r, r.why eq \"x\") ? \"x\" : \"none\"'/></create>\
    <next to='b'/></do>\
    <ask id='b' type='text'><say>?</say><next to='end'/></ask><end id='end' outcome='x'/>";

fn jobs(session: &Session<'_>) -> Vec<(String, String, ActionState)> {
    let view = session.view();
    let entries = session.state.ledger.iter().zip(view.actions);
    entries.map(|(it, action)| (it.order.row.clone(), action.title, action.state)).collect()
}

fn done(session: &mut Session<'_>) {
    let effects = outstanding(session.script, &session.state).into_iter();
    let orders = effects.filter_map(|effect| match effect {
        Effect::Perform(order) => Some(order),
        _ => None,
    });
    for Order { key, task, .. } in orders.collect::<Vec<_>>() {
        let order = Datum::Text(format!("of {key}"));
        let is_new = matches!(task, Task::Create { .. });
        let results = [("order".to_owned(), order)].into();
        let (object, revision) = (is_new.then(|| "7".into()), is_new.then(|| "1".into()));
        let summary = String::new();
        let confirmed = Input::Confirmed { key, results, object, revision, summary };
        session.input(confirmed).expect("it counts");
    }
}

fn ordered(script: &Script) -> Session<'_> {
    let mut session = Session::start(script, Channel::Agent, true);
    session.read(&customer(false), &connections(&["electricity", "gas"]));
    session.answers(&[("a", "true")]);
    for (row, why) in [(FIRST, "one"), (SECOND, "two")] {
        session.in_rows(&[("why", row, why)]);
        done(&mut session);
    }
    session
}

const FIRST: &str = "871600000000000000";
const SECOND: &str = "871600000000000001";

#[test]
fn an_action_is_carried_out_once_for_each_row_under_a_key_that_does_not_tell_the_row() {
    let script = compiled(&script("agent", ORDERS));
    let session = ordered(&script);
    let keys: BTreeMap<&str, &str> = session
        .state
        .ledger
        .iter()
        .map(|it| (it.order.key.as_str(), it.order.row.as_str()))
        .collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    for (key, row) in &keys {
        assert!(key.starts_with("s1/") && key.len() <= 123 && !key.contains(FIRST), "{key}");
        assert_eq!(key.contains('['), !row.is_empty(), "{key}");
    }
    let told = session.events.iter().find(|it| matches!(it, Event::ActionQueued(_)));
    let told = told.expect("it was sent").personal_pointers();
    assert_eq!(told, ["/row", "/task"]);
}

#[test]
fn a_changed_answer_takes_back_the_action_of_its_row_and_of_no_other() {
    let script = compiled(&script("agent", ORDERS));
    let mut session = ordered(&script);
    let trail = session.view().trail;
    let told: Vec<(&str, &str, String, String)> = trail
        .iter()
        .map(|it| (it.step.as_str(), it.row.as_str(), it.undone.join(" "), it.kept.join(" ")))
        .collect();
    let (none, job, letter) = (String::new(), "Job".to_owned(), "Letter".to_owned());
    assert_eq!(
        told,
        [
            ("a", "", "Job Job".to_owned(), letter.clone()),
            ("each_one/row", FIRST, none.clone(), none.clone()),
            ("why", FIRST, job.clone(), letter.clone()),
            ("each_one/row", SECOND, none.clone(), none),
            ("why", SECOND, job, letter),
        ]
    );
    session.in_rows(&[("why", SECOND, "another")]);
    let now: Vec<_> = jobs(&session).into_iter().filter(|it| it.1 == "Job").collect();
    let is = |row: &str, state| (row.to_owned(), "Job".to_owned(), state);
    assert_eq!(
        now,
        [
            is(FIRST, ActionState::Confirmed),
            is(SECOND, ActionState::Undoing),
            is(SECOND, ActionState::Queued)
        ]
    );
}

#[test]
fn a_row_that_goes_takes_its_actions_along_and_sends_them_anew_when_it_comes_back() {
    let script = compiled(&script("agent", ORDERS));
    let mut session = ordered(&script);
    // of the two, only gas is left
    session.answers(&[("a", "false")]);
    let is = |row: &str, state| (row.to_owned(), "Job".to_owned(), state);
    let now = |session: &Session<'_>| {
        jobs(session).into_iter().filter(|it| it.1 == "Job").collect::<Vec<_>>()
    };
    let confirmed = is(SECOND, ActionState::Confirmed);
    assert_eq!(now(&session), [is(FIRST, ActionState::Undoing), confirmed]);
    session.answers(&[("a", "true")]);
    // the path waits for the first again, so that nobody knows whether it comes to the second
    assert_eq!(
        now(&session),
        [
            is(FIRST, ActionState::Undoing),
            is(SECOND, ActionState::Undoing),
            is(FIRST, ActionState::Queued)
        ]
    );
    done(&mut session);
    assert_eq!(now(&session).last(), Some(&is(SECOND, ActionState::Queued)));
    assert_eq!(State::replay(&session.events), session.state);
}

/// A roster of questions, each of which may end its row, with or without another inside.
#[derive(Debug, Clone)]
struct Shape {
    min: usize,
    max: usize,
    ends: Vec<bool>,
    has_inner: bool,
}

impl Shape {
    fn script(&self) -> String {
        let last = self.ends.len();
        let inner = if self.has_inner { "p" } else { "more" };
        let questions = self.ends.iter().enumerate().map(|(at, ends)| {
            let next = if at + 1 == last { inner.to_owned() } else { format!("q{}", at + 1) };
            let end = if *ends { format!("<next when='q{at}' to='more'/>") } else { String::new() };
            format!("<ask id='q{at}' type='yes-no'><say>?</say>{end}<next to='{next}'/></ask>")
        });
        let inner = "<ask id='p' type='multiple' required='no'><say>?</say>\
            <choice value='x'>X</choice><choice value='y'>Y</choice><next to='s'/></ask>\
            <roster id='s' each='m' from='p' start='t'><row>.</row>\
            <ask id='t' type='yes-no'><say>?</say><next to='s'/></ask><next to='more'/></roster>";
        let inner = if self.has_inner { inner } else { "" };
        let (min, max) = (self.min, self.max);
        let body = format!(
            "<roster id='r' each='n' min='{min}' max='{max}' start='q0'><row>.</row>{}{inner}\
             <another id='more'><say>?</say></another><next to='z'/></roster>\
             <ask id='z' type='text'><say><v of='r.size()'/></say><next to='end'/></ask>\
             <end id='end' outcome='x'/>",
            questions.collect::<String>()
        );
        started(&body, "r")
    }

    /// The path that a person with the script on paper would take, and how many rows there are.
    fn oracle(
        &self,
        answers: &BTreeMap<(String, String), String>,
    ) -> (Vec<(String, String)>, usize) {
        let mut path = Vec::new();
        let mut kept = 0;
        for number in 1.. {
            let row = number.to_string();
            // nothing where it is not answered; the path is then at its end
            let mut ask = |step: &str, row: &str| {
                path.push((step.to_owned(), row.to_owned()));
                answers.get(&(step.to_owned(), row.to_owned())).cloned()
            };
            if ask("r/row", &row).as_deref() != Some("false") {
                kept += 1;
                let mut is_over = false;
                for (at, ends) in self.ends.iter().enumerate() {
                    let Some(answer) = ask(&format!("q{at}"), &row) else { return (path, kept) };
                    if *ends && answer == "true" {
                        is_over = true;
                        break;
                    }
                }
                if self.has_inner && !is_over {
                    let Some(parts) = ask("p", &row) else { return (path, kept) };
                    for part in parts.split_whitespace() {
                        let inner = format!("{row}/{part}");
                        ask("s/row", &inner);
                        if ask("t", &inner).is_none() {
                            return (path, kept);
                        }
                    }
                }
            }
            if kept < self.min {
                continue;
            }
            if kept >= self.max {
                break;
            }
            match ask("more", &row).as_deref() {
                None => return (path, kept),
                Some("true") => {}
                Some(_) => break,
            }
        }
        path.push(("z".to_owned(), String::new()));
        (path, kept)
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let ends = prop::collection::vec(any::<bool>(), 1..4);
    (1..3usize, 0..3usize, ends, any::<bool>()).prop_map(|(min, more, ends, has_inner)| Shape {
        min,
        max: min + more,
        ends,
        has_inner,
    })
}

/// What is said to a step, in a row, and with which of its answers.
type Said = (usize, usize, usize, bool);

fn said(shape: &Shape, (step, row, part, yes): Said) -> (String, String, String) {
    let parts = ["x", "y", ""];
    let part_of = |row: usize| format!("{row}/{}", parts[part % 2]);
    let truth = yes.to_string();
    let row_key = row.to_string();
    match step % (shape.ends.len() + 4) {
        0 => ("more".to_owned(), row_key, truth),
        1 => ("r/row".to_owned(), row_key, truth),
        2 => ("p".to_owned(), row_key, ["x", "y", "x y", ""][(part + usize::from(yes)) % 4].into()),
        3 => ("t".to_owned(), part_of(row), truth),
        at => (format!("q{}", at - 4), row_key, truth),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rows_that_come_and_go_leave_the_path_that_a_person_would_take(
        shape in shapes(),
        all in prop::collection::vec(
            (0..20usize, 1..6usize, 0..3usize, prop::bool::weighted(0.7)),
            1..80,
        ),
    ) {
        let text = shape.script();
        let script = compiled(&text);
        let mut session = Session::start(&script, Channel::Agent, false);
        let mut answers = BTreeMap::new();
        for one in all {
            let (step, row, value) = said(&shape, one);
            let (before, kept) = shape.oracle(&answers);
            let place = (step.clone(), row.clone());
            let is_removed = answers.get(&place).map(String::as_str) == Some("false");
            let is_taken = before.contains(&place) && match (step.as_str(), value.as_str()) {
                ("r/row", "false") => is_removed || kept > shape.min,
                ("r/row", _) => !is_removed || kept < shape.max,
                _ => true,
            };
            let state = session.state.clone();
            let taken = session.in_row(&step, &row, &value);
            prop_assert_eq!(taken.is_ok(), is_taken, "{} {} {:?}", step, row, taken);
            match taken {
                Ok(()) => drop(answers.insert(place, value)),
                Err(_) => prop_assert_eq!(&session.state, &state),
            }
            let (expected, kept) = shape.oracle(&answers);
            let view = session.view();
            let path = view.trail.iter().map(|it| (it.step.clone(), it.row.clone()));
            let path: Vec<_> = path.chain([(view.step.clone(), view.row.clone())]).collect();
            prop_assert_eq!(path, expected);
            if view.step == "z" {
                prop_assert_eq!(&view.prompts[0].text, &kept.to_string());
            }
        }
        prop_assert_eq!(State::replay(&session.events), session.state);
    }
}

/// For each connection of the customer its reading, and what else is to be noted.
const BY_KEYS: &str = "<input name='customer' class='Customer'/>\
    <related name='connections' class='Connection' attribute='customer' to='customer'/>\
    <roster id='a' each='c' from='connections' start='value'><row><v of='c.medium'/></row>\
    <ask id='value' type='integer' min='0' max='99999'><say>What does the \
    meter for <v of='c.medium'/> say?</say><next to='a'/></ask>\
    <next to='others'/></roster>\
    <roster id='others' each='n' max='3' start='number'><row>Number <v of='n'/></row>\
    <ask id='number' type='digits' min='4' max='6'><say recording='welcome'>A number, please.</say>\
    <next to='more'/></ask>\
    <another id='more'><say recording='welcome'>Another?</say></another><next to='end'/></roster>\
    <end id='end' outcome='x'><say recording='welcome'>Thanks.</say></end>";

#[test]
fn rows_are_asked_for_by_the_keys_of_a_telephone() {
    let script = compiled(&script("ivr", BY_KEYS));
    let mut session = Session::start(&script, Channel::Ivr, true);
    session.read(&customer(false), &connections(&["gas", "heat"]));
    let asked = |session: &Session<'_>| {
        let view = session.view();
        let Shown::Question(question) = view.shown else { panic!("{:?}", view.shown) };
        (view.step, view.row, question.keypad.expect("it has keys"), question.choices)
    };
    let keys = connections(&["gas", "heat"]);
    let (step, row, keypad, _) = asked(&session);
    assert_eq!((step.as_str(), &row, keypad.digits), ("value", &keys[0].key, Some((1, 5))));
    assert_eq!(session.view().prompts[0].text, "What does the meter for gas say?");
    session.in_rows(&[("value", &keys[0].key, "12"), ("value", &keys[1].key, "7")]);
    session.in_rows(&[("number", "1", "4711")]);
    let (step, row, keypad, choices) = asked(&session);
    assert_eq!((step.as_str(), row.as_str(), keypad.digits), ("more", "1", None));
    let choices = choices.iter().map(|it| (it.value.as_str(), it.key.as_deref()));
    assert_eq!(choices.collect::<Vec<_>>(), [("true", Some("1")), ("false", Some("2"))]);
    assert_eq!((keypad.default.as_str(), keypad.retries), ("false", 2), "silence is no more");
    session.in_rows(&[("more", "1", "true"), ("number", "2", "0815")]);
    session.in_rows(&[("more", "2", &keypad.default)]);
    assert_eq!(session.view().shown, Shown::End { outcome: "x".into() });
}
