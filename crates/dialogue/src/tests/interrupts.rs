//! What comes at any time: where it stands, what it knows, and that nothing else is changed by it.

use proptest::prelude::*;

use super::*;

/// Three questions and an action, in the middle of which a complaint may come, or the wish to speak
/// to a person.
pub(super) const BODY: &str = "<ask id='a' type='choice'><say>Which?</say>\
    <choice value='x'>X</choice><choice value='y'>Y</choice>\
    <next when=\"a eq 'x'\" to='b'/><next to='c'/></ask>\
    <ask id='b' type='integer'><say>How many <v of='a'/>?</say><next to='c'/></ask>\
    <ask id='c' type='yes-no'><say>Sure?</say><next to='over'/></ask>\
    <do id='over'><create name='made' class='Interaction' undo='keep'><title>Note</title>\
    <set name='started_at' value='now'/></create><next to='end'/></do>\
    <end id='end' outcome='done'><say>Bye.</say></end>";

pub(super) const COMPLAINT: &str = "<interrupt id='complaint' also='complain' start='about'>\
    <title>Complaint</title>\
    <ask id='about' type='choice'><say>About what?</say><choice value='bill'>Bill</choice>\
    <choice value='us'>Us</choice><next when=\"about eq 'us'\" to='who'/><next to='filed'/></ask>\
    <ask id='who' type='text'><say>About whom?</say><next to='filed'/></ask>\
    <do id='filed'><create name='file' class='Interaction' undo='compensate'>\
    <title>File the complaint</title><set name='started_at' value='now'/>\
    <set name='topic' value=\"about eq 'us' ? 'us' : 'bill'\"/></create><next to='sorry'/></do>\
    <info id='sorry'><say>We are sorry about <v of='about'/>.</say><next to='complaint'/></info>\
    </interrupt>";

const PERSON: &str = "<interrupt id='person' channels='agent' when='has(customer)' start='why'>\
    <title>Wants a person</title>\
    <ask id='why' type='yes-no'><say>Now?</say><next when='why' to='queue'/><next to='no'/></ask>\
    <handoff id='queue' queue='faults'/><end id='no' outcome='gone'/></interrupt>";

fn body(channels: &str) -> String {
    let data = "<input name='customer' class='Customer'/>";
    script(channels, &format!("{data}{BODY}{COMPLAINT}{PERSON}"))
}

impl Session<'_> {
    pub(super) fn interrupt(&mut self, interrupt: &str) -> Result<(), Refusal> {
        self.requests += 1;
        let (request, sequence) = (format!("r{}", self.requests), self.state.sequence());
        self.input(Input::Interrupt { request, sequence, interrupt: interrupt.to_owned() })
    }

    pub(super) fn inside(&mut self, step: &str, row: &str, value: &str) -> Result<(), Refusal> {
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

    pub(super) fn offered(&self) -> Vec<String> {
        self.view().interrupts.into_iter().map(|it| it.id).collect()
    }

    fn reply_with(&mut self, text: &str) -> Vec<String> {
        self.requests += 1;
        let request = format!("m{}", self.requests);
        self.input(Input::Reply { request: request.clone(), text: text.to_owned() }).expect("read");
        self.input(Input::Tell { request: request.clone() }).expect("told");
        self.state.told(&request).expect("it was told").to_vec()
    }
}

fn trail(session: &Session<'_>) -> Vec<String> {
    let view = session.view();
    let told = view.trail.iter().map(|it| format!("{} {} {}", it.step, it.row, it.value));
    let here = format!("{} {}", view.step, view.row).trim().to_owned();
    told.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")).chain([here]).collect()
}

fn topics(session: &Session<'_>) -> Vec<(String, Option<String>)> {
    let entries = session.state.ledger.iter().filter(|it| it.revoked.is_none());
    entries.map(|it| (it.order.row.clone(), it.order.value("topic"))).collect()
}

#[test]
fn after_an_interrupt_the_conversation_stands_where_it_stood() {
    let script = compiled(&body("agent"));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "x")]);
    let before = session.view();
    assert_eq!(session.offered(), ["complaint"], "nobody is known who could want a person");
    session.interrupt("complaint").expect("it comes");
    let view = session.view();
    assert_eq!((view.step.as_str(), view.row.as_str()), ("about", "1"));
    assert_eq!((view.row_title.as_str(), session.offered().len()), ("Complaint", 0));
    assert_eq!((view.left.fewest, view.left.most), (3, None), "those outside are still left");
    let nested = session.interrupt("complaint").expect_err("one is enough");
    assert_eq!(nested.code(), "CX0112");
    assert_eq!(
        nested.to_string(),
        "`Complaint` comes to its end before anything else can be begun"
    );
    // where the conversation stands is not asked now, what was said before may be changed
    assert!(matches!(session.answer("b", "3"), Err(Refusal::NotAsked(_))));
    session.inside("about", "1", "us").expect("about us");
    session.inside("who", "1", "Bram").expect("about Bram");
    assert_eq!(session.view().prompts[0].text, "We are sorry about Us.");
    session.inside("sorry", "1", "").expect("passed");
    let after = session.view();
    assert_eq!(
        (after.step, &after.prompts, &after.shown),
        (before.step, &before.prompts, &before.shown)
    );
    assert_eq!(
        trail(&session),
        ["a x", "complaint/row 1 true", "about 1 us", "who 1 Bram", "sorry 1", "b"]
    );
    assert_eq!(after.trail[1].question, "Complaint");
    assert!(after.trail[1].asked.is_none(), "that it came is not taken back");
    session.answers(&[("b", "3"), ("c", "true")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "done".into() });
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn an_interrupt_that_comes_again_has_answers_and_actions_of_its_own() {
    let script = compiled(&body("agent"));
    let mut session = Session::start(&script, Channel::Agent, false);
    for (row, about) in [("1", "bill"), ("2", "bill")] {
        session.interrupt("complaint").expect("it comes");
        session.inside("about", row, about).expect("said");
        session.inside("sorry", row, "").expect("passed");
    }
    let bill = Some("bill".to_owned());
    assert_eq!(topics(&session), [("1".into(), bill.clone()), ("2".into(), bill.clone())]);
    let keys: Vec<&str> = session.state.ledger.iter().map(|it| it.order.key.as_str()).collect();
    assert_ne!(keys[0], keys[1]);
    // a change takes back what rests on it, and nothing beside; the conversation waits meanwhile
    let view = session.view();
    let undone = |row: &str, step: &str| {
        let mut trail = view.trail.iter();
        trail.find(|it| it.row == row && it.step == step).map(|it| it.undone.clone())
    };
    assert_eq!(undone("1", "about"), Some(vec!["File the complaint".to_owned()]));
    session.inside("about", "1", "us").expect("changed");
    assert_eq!((session.view().step.as_str(), session.view().row.as_str()), ("who", "1"));
    session.inside("who", "1", "Bram").expect("said");
    assert_eq!(session.view().step, "a", "the thanks were said");
    let us = Some("us".to_owned());
    assert_eq!(topics(&session), [("2".into(), bill), ("1".into(), us)]);
    // what was said outside decides nothing inside
    session.answers(&[("a", "x")]);
    let view = session.view();
    assert_eq!(view.trail[0].step, "a");
    assert!(view.trail[0].undone.is_empty() && view.trail[0].locked_because.is_none());
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn an_interrupt_may_end_the_conversation() {
    let script = compiled(&body("agent"));
    for (now, shown) in [
        ("true", Shown::HandOff { queue: "faults".into(), attributes: BTreeMap::new() }),
        ("false", Shown::End { outcome: "gone".into() }),
    ] {
        let mut session = Session::start(&script, Channel::Agent, true);
        assert_eq!(session.offered(), ["complaint"], "the customer is being read");
        assert_eq!(
            session.interrupt("person"),
            Err(Refusal::NotBegun("person".into())),
            "what is not offered is not begun"
        );
        session.read(&customer(false), &[]);
        assert_eq!(session.offered(), ["complaint", "person"]);
        session.interrupt("person").expect("it comes");
        session.inside("why", "1", now).expect("said");
        assert_eq!(session.view().shown, shown);
        assert_eq!(session.interrupt("complaint"), Err(Refusal::Over));
        assert!(session.offered().is_empty());
    }
}

#[test]
fn a_request_counts_once_and_a_session_is_not_interrupted_without_end() {
    let script = compiled(&body("agent"));
    let mut session = Session::start(&script, Channel::Agent, false);
    let sequence = session.state.sequence();
    let input = Input::Interrupt { request: "q".into(), sequence, interrupt: "complaint".into() };
    session.input(input.clone()).expect("it comes");
    let state = session.state.clone();
    session.input(input).expect("a repeat");
    assert_eq!(session.state, state);
    let late = Input::Interrupt { request: "p".into(), sequence: 1, interrupt: "complaint".into() };
    assert_eq!(session.input(late), Err(Refusal::Stale));
    for row in 1..=MAX_BEGUN {
        let row = row.to_string();
        session.inside("about", &row, "bill").expect("said");
        session.inside("sorry", &row, "").expect("passed");
        if row != MAX_BEGUN.to_string() {
            session.interrupt("complaint").expect("again");
        }
    }
    assert_eq!(session.interrupt("complaint"), Err(Refusal::TooLong));
    session.answers(&[("a", "y"), ("c", "true")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "done".into() });
}

#[test]
fn in_messages_an_interrupt_is_begun_by_its_words() {
    let text = body("agent message").replace("language=\"en\"", "language=\"en\" languages=\"nl\"");
    let text = text.replace(
        "<title>Complaint</title>",
        "<title>Complaint<in language='nl' also='klagen'>Klacht</in></title>",
    );
    let script = compiled(&text);
    for words in ["Complaint!", "COMPLAIN"] {
        let mut session = Session::start(&script, Channel::Message, false);
        session.reply_with("x");
        let told = session.reply_with(words);
        assert_eq!(told, ["About what?\n1. Bill\n2. Us\nPlease reply with a number from 1 to 2."]);
        let told = session.reply_with("bill");
        assert_eq!(told, ["We are sorry about Bill.", "How many X?\nPlease reply with a number."]);
        // a number is an answer, and other words are none of an interrupt
        session.reply_with("I complain");
        assert_eq!(session.view().step, "b");
        session.reply_with("klacht");
        assert_eq!(session.view().step, "b", "it is another language");
    }
    // what the question takes as a choice is that
    let text = text.replace("<choice value='y'>Y</choice>", "<choice value='y'>Complaint</choice>");
    let script = compiled(&text);
    let mut session = Session::start(&script, Channel::Message, false);
    session.reply_with("complaint");
    assert_eq!(trail(&session), ["a y", "c"]);
    assert_eq!(session.offered(), ["complaint"], "a person is there for agents alone");
}

#[test]
fn a_test_begins_interrupts() {
    let test = "<test name='t'><answer step='a' value='y'/><interrupted by='complaint'/>\
        <at step='about' row='1'><say>About what?</say></at>\
        <interrupted by='complaint' is='refused'/><interrupted by='person' is='refused'/>\
        <answer step='about' row='1' value='bill'/><answer step='sorry' row='1'/>\
        <path steps='a complaint/row about filed sorry complaint c'/>\
        <sent action='file' row='1'><set name='topic' value=\"'bill'\"/></sent>\
        <at step='c'/></test>\
        <test name='bad'><interrupted by='complaint' is='refused'/></test>";
    let text = body("agent").replace("</script>", &format!("{test}</script>"));
    let run = compiled(&text).run_tests();
    assert!(run.tests[0].failures.is_empty(), "{}", lines(&run.tests[0].failures));
    assert_eq!(
        run.tests[1].failures[0].message,
        "the interrupt `complaint` was taken, not refused"
    );
    let untaken: Vec<&str> =
        run.transitions.iter().filter(|it| !it.is_taken).map(|it| it.from.as_str()).collect();
    assert_eq!(untaken, ["a", "b", "c", "over", "about", "who", "why", "why"]);
}

#[test]
fn an_interrupt_is_drawn_and_advised_about() {
    let ways = |text: &str| -> Vec<String> {
        let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
        let drawing = Drawing::of(&document);
        let ways = drawing.transitions().filter(|(from, ..)| !["a", "b", "c"].contains(from));
        ways.map(|(from, to, when)| format!("{from} {to} {when}").trim().to_owned()).collect()
    };
    let drawn = ways(&body("agent"));
    for way in ["complaint/row about", "about who about eq 'us'", "sorry complaint"] {
        assert!(drawn.contains(&way.to_owned()), "{drawn:?}");
    }
    let ids: Vec<String> = {
        let text = body("agent");
        let document = Document::read("s.xml", &text, dtd()).expect("it follows the DTD");
        Drawing::of(&document).steps().map(|(id, ..)| id.to_owned()).collect()
    };
    assert!(ids.contains(&"complaint".to_owned()), "the way back is drawn");
    assert!(!ids.contains(&"person".to_owned()), "nothing leads back from it");
    // by its title customers begin it, so that wants to be translated where there are some
    let advice = |channels: &str| {
        let text = body(channels).replace("language=\"en\"", "language=\"en\" languages=\"nl\"");
        let document = Document::read("s.xml", &text, dtd()).expect("it follows the DTD");
        let title = "<title>Complaint";
        let column = text.lines().nth(2).and_then(|it| it.find(title)).expect("a title") + 1;
        let column = u32::try_from(column).expect("it is small");
        let found = lint(&document, &scope());
        found.iter().filter(|it| it.code == "CG0902" && it.column == column).count()
    };
    assert_eq!((advice("agent"), advice("agent message")), (0, 1));
}

/// Scripts with a mistake, and what is said about it.
fn wrong() -> Vec<(String, &'static str)> {
    let with = |body: &str| {
        script(
            "agent",
            &format!("{BODY}<interrupt id='i' start='j'><title>I</title>{body}</interrupt>"),
        )
    };
    let ask = |next: &str| format!("<ask id='j' type='yes-no'><say>?</say>{next}</ask>");
    let back = ask("<next to='i'/>");
    let whole = with(&back);
    vec![
        (with(&ask("<next to='c'/>")), "CG0414 s.xml:3:1056: `c` is no step of the interrupt `i`"),
        (
            whole.replace("to='over'", "to='i'"),
            "CG0414 `i` is an interrupt, to which nothing leads",
        ),
        (whole.replace("to='over'", "to='j'"), "CG0414 `j` stands in the interrupt `i`"),
        (whole.replace("start='j'", "start='c'"), "CG0414 `c` is no step of the interrupt `i`"),
        (whole.replace("start='j'", "start='i'"), "CG0414 `i` is an interrupt"),
        (whole.replace("start=\"a\"", "start=\"i\""), "CG0404 `i` is not where the script begins"),
        (whole.replace("start=\"a\"", "start=\"j\""), "CG0404 `j` is not where the script begins"),
        (with(&ask("<next to='j'/>")), "CG0302 the path comes back to `j`"),
        (with(&ask("<next when='j' to='i'/>")), "CG0303 no `next` is open"),
        (with(&ask("<next when='c' to='i'/><next to='i'/>")), "CE"),
        (whole.replace("Sure?", "Sure, <v of='j'/>?"), "CE"),
        (whole.replace("<interrupt id='i'", "<interrupt id='i' when='c'"), "CE"),
        (
            whole.replace("<interrupt id='i'", "<interrupt id='i' channels='agent ivr'"),
            "CG0103 the script does not run on `ivr`",
        ),
        (
            whole
                .replace("type='integer'", "type='integer' min='0' max='9'")
                .replace("channels=\"agent\"", "channels=\"ivr\""),
            "CG0103 the interrupt can be begun on no channel of the script",
        ),
        (
            whole
                .replace("type='integer'", "type='integer' min='0' max='9'")
                .replace("channels=\"agent\"", "channels=\"agent ivr\"")
                .replace("<interrupt id='i'", "<interrupt id='i' channels='ivr'"),
            "CG0103 on `ivr`, the interrupt cannot begin",
        ),
        (
            whole.replace("<interrupt id='i'", "<interrupt id='i' also='12'"),
            "CG0102 `12` is no word",
        ),
        (
            whole.replace("<interrupt id='i'", "<interrupt id='i' also='k, K'"),
            "CG0102 `k` is no word",
        ),
        (
            with(
                "<info id='j'><say>.</say><next to='i'/></info>\
                 <info id='k'><say>.</say><next to='i'/></info>",
            ),
            "CG0301 nothing leads to the step `k`",
        ),
        (
            whole.replace("</script>", "<test name='t'><interrupted by='a'/></test></script>"),
            "CG0501 `a` is no interrupt",
        ),
        (
            whole
                .replace("<title>T</title>", "<title>T<in channel='agent' also='x'>U</in></title>"),
            "CG0403 a `title` cannot be chosen",
        ),
        // the DTD is strict
        (with("<roster id='j' each='k' from='a' start='l'/>"), "CM"),
        (whole.replace("</script>", "<end id='z' outcome='z'/></script>"), "CM"),
        (with(""), "CM"),
    ]
}

#[test]
fn what_leads_into_an_interrupt_or_out_of_it_is_found() {
    for (text, finding) in wrong() {
        let found = lines(&check(&text).expect_err(finding));
        let (code, words) = finding.split_once(' ').unwrap_or((finding, ""));
        let words = words.rsplit_once(": ").map_or(words, |(_, it)| it);
        let fits = |line: &str| line.starts_with(code) && line.contains(words);
        assert!(found.lines().any(fits), "{finding} is not among\n{found}");
    }
}

/// Something that is said in the conversation, or beside it.
#[derive(Debug, Clone)]
enum Said {
    Main(&'static str, usize),
    Begin,
    Inside(&'static str, usize, usize),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        (prop::sample::select(vec!["a", "b"]), any::<usize>()).prop_map(|(s, v)| Said::Main(s, v)),
        Just(Said::Begin),
        (prop::sample::select(vec!["about", "who", "sorry"]), 1..4_usize, any::<usize>())
            .prop_map(|(step, row, value)| Said::Inside(step, row, value)),
    ]
}

/// The path of an interrupt as a person with the script on paper would take it, and whether it
/// stands there.
fn oracle(session: &Session<'_>, row: usize) -> (Vec<String>, bool) {
    let row = row.to_string();
    let answer =
        |step: &str| session.state.answers.get(step, &row).map(|it| it.map(Datum::to_string));
    let mut path = vec![format!("complaint/row {row}")];
    for step in ["about", "who", "sorry"] {
        if step == "who" && answer("about") != Some(Some("us".to_owned())) {
            continue;
        }
        if answer(step).is_none() {
            return (path, true);
        }
        path.push(format!("{step} {row}"));
    }
    (path, false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn who_interrupts_comes_to_the_same_end_as_who_does_not(
        all in prop::collection::vec(said(), 1..40),
        is_sure: bool,
    ) {
        let script = compiled(&body("agent"));
        let mut session = Session::start(&script, Channel::Agent, false);
        let mut plain = Session::start(&script, Channel::Agent, false);
        let value = |step: &str, which: usize| -> &'static str {
            let values: &[&str] = match step {
                "a" => &["x", "y"],
                "b" => &["1", "2"],
                "about" => &["bill", "us"],
                "who" => &["Bram", "Eva"],
                _ => &[""],
            };
            values[which % values.len()]
        };
        for said in all {
            let before = session.state.clone();
            let done = match said {
                Said::Main(step, which) => {
                    let done = session.answer(step, value(step, which));
                    if done.is_ok() {
                        prop_assert!(plain.answer(step, value(step, which)).is_ok());
                    }
                    done
                }
                Said::Begin => session.interrupt("complaint"),
                Said::Inside(step, row, which) => {
                    session.inside(step, &row.to_string(), value(step, which))
                }
            };
            if done.is_err() {
                prop_assert_eq!(&session.state, &before);
            }
            // the paths of all interrupts, up to the first that is not over
            let mut expected = Vec::new();
            let mut is_open = false;
            for row in 1..=session.state.begun.len() {
                if !is_open {
                    let (path, stands) = oracle(&session, row);
                    expected.extend(path);
                    is_open = stands;
                }
            }
            let view = session.view();
            let inside = view.trail.iter().filter(|it| !it.row.is_empty());
            let inside: Vec<String> = inside.map(|it| format!("{} {}", it.step, it.row)).collect();
            prop_assert_eq!(inside, expected);
            prop_assert_eq!(!view.row.is_empty(), is_open);
            prop_assert_eq!(view.interrupts.is_empty(), is_open);
        }
        for row in 1..=session.state.begun.len() {
            for step in ["about", "who", "sorry"] {
                let _ = session.inside(step, &row.to_string(), value(step, 0));
            }
        }
        prop_assert!(session.view().row.is_empty(), "all of them are over");
        for session in [&mut session, &mut plain] {
            let sure = if is_sure { "true" } else { "false" };
            for (step, value) in [("a", "x"), ("b", "1"), ("c", sure)] {
                if session.view().step == step {
                    prop_assert!(session.answer(step, value).is_ok());
                }
            }
        }
        let (view, plain) = (session.view(), plain.view());
        let outside: Vec<_> = view.trail.iter().filter(|it| it.row.is_empty()).collect();
        prop_assert_eq!(outside, plain.trail.iter().collect::<Vec<_>>());
        prop_assert_eq!((&view.step, &view.prompts), (&plain.step, &plain.prompts));
        prop_assert_eq!(&view.shown, &plain.shown);
        let notes = |it: &View| it.actions.iter().filter(|it| it.title == "Note").count();
        prop_assert_eq!(notes(&view), notes(&plain));
        prop_assert_eq!(State::replay(&session.events), session.state);
    }
}
