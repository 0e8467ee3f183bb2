//! Dialogues by messages, from the first text to the last.

use crate::tests::{compiled, connections, now, scope, script};
use crate::*;

/// A session on the channel of messages.
struct Talk<'s> {
    script: &'s Script,
    state: State,
    events: Vec<Event>,
    number: usize,
}

impl<'s> Talk<'s> {
    fn begin(script: &'s Script, language: &str) -> (Self, String) {
        let mut talk = Self { script, state: State::default(), events: Vec::new(), number: 0 };
        let start = Start {
            session: "s1".into(),
            request: "start".into(),
            channel: Channel::Message,
            language: language.into(),
            ..Start::default()
        };
        talk.input(Input::Start(start)).expect("it starts");
        let told = talk.told("start");
        (talk, told)
    }

    fn input(&mut self, input: Input) -> Result<(), Refusal> {
        let outcome = handle(self.script, &self.state, &input, now())?;
        outcome.events.iter().for_each(|event| self.state.apply(event));
        self.events.extend(outcome.events);
        Ok(())
    }

    fn told(&mut self, request: &str) -> String {
        self.input(Input::Tell { request: request.into() }).expect("it is told");
        self.state.told(request).expect("it was told").join("\n--\n")
    }

    /// Messages for the next reply.
    fn reply(&mut self, text: &str) -> String {
        self.number += 1;
        let request = self.number.to_string();
        let reply = Input::Reply { request: request.clone(), text: text.into() };
        self.input(reply).expect("it is taken");
        self.told(&request)
    }

    fn view(&self) -> View {
        View::of(self.script, &self.state).expect("it started")
    }

    fn answers(&self) -> Vec<(String, String)> {
        let trail = self.view().trail.into_iter();
        trail.map(|it| (it.step, it.special.map_or(it.value, |it| it.word().into()))).collect()
    }
}

/// A question of a type, and how it ends.
fn question(attributes: &str, inside: &str) -> Script {
    let body = format!(
        "<ask id='a' {attributes}><say>What?<in language='nl'>Wat?</in></say>{inside}\
         <next to='b'/></ask><end id='b' outcome='x'><say>Bye.</say></end>"
    );
    compiled(
        &script("message", &body).replace("language=\"en\"", "language=\"en\" languages=\"nl\""),
    )
}

const MEDIA: &str = "<choice value='power' also='juice, current'>Electricity\
    <in language='nl' also='stroom'>Elektriciteit</in></choice>\
    <choice value='gas'>Natural gas<in language='nl'>Aardgas</in></choice>\
    <choice value='bio'>Bio gas</choice>";

#[test]
fn replies_of_all_types_are_read_as_people_write_them() {
    for (attributes, inside, language, reply, expected) in [
        ("type='choice'", MEDIA, "en", "2", "gas"),
        ("type='choice'", MEDIA, "en", "Juice!", "power"),
        ("type='choice'", MEDIA, "nl", "stroom", "power"),
        ("type='choice'", MEDIA, "nl", "AARDGAS", "gas"),
        ("type='choice'", MEDIA, "en", "natural", "gas"),
        ("type='multiple'", MEDIA, "en", "1 3", "power bio"),
        ("type='multiple'", MEDIA, "en", "bio gas and electricity", "power bio"),
        ("type='multiple'", MEDIA, "nl", "stroom, aardgas", "power gas"),
        ("type='ranking'", MEDIA, "en", "3, 1, 2", "bio power gas"),
        ("type='yes-no'", "", "nl", "Ja, graag", "true"),
        ("type='consent'", "", "en", "No.", "false"),
        ("type='date'", "", "nl", "1 december", "2026-12-01"),
        ("type='date'", "", "nl", "1-12-2026", "2026-12-01"),
        ("type='time'", "", "en", "2.30 pm", "14:30"),
        ("type='instant'", "", "en", "1 December 2026 at 2:30 pm", "2026-12-01T14:30"),
        ("type='instant'", "", "nl", "1-12-2026 14 uur", "2026-12-01T14:00"),
        ("type='decimal'", "", "nl", "4.711,5", "4711.5"),
        ("type='integer'", "", "en", "1,200", "1200"),
        ("type='money' currency='EUR'", "", "nl", "€ 12,50", "12.50"),
        ("type='scale' min='1' max='5'", "", "en", "4", "4"),
        ("type='text'", "", "en", " two\nlines ", "two\nlines"),
        ("type='phone'", "", "en", "06 12345678", "+31612345678"),
        ("type='iban'", "", "en", "nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
        ("type='digits' min='4'", "", "en", "12 34", "1234"),
        ("type='text' required='no'", "", "en", "skip", ""),
        ("type='date' required='no'", "", "nl", "Overslaan", ""),
        ("type='integer' special='dont-know'", "", "en", "Don’t know", "dont-know"),
    ] {
        let script = question(attributes, inside);
        let (mut talk, _) = Talk::begin(&script, language);
        let said = talk.reply(reply);
        assert_eq!(talk.answers(), [("a".into(), expected.into())], "{attributes} {reply}: {said}");
        assert_eq!(said, "Bye.");
    }
}

#[test]
fn questions_say_how_they_want_their_reply() {
    let asked = |attributes: &str, inside: &str, language: &str| {
        let script = question(attributes, inside);
        Talk::begin(&script, language).1
    };
    assert_eq!(
        asked("type='choice'", MEDIA, "nl"),
        "Wat?\n1. Elektriciteit\n2. Aardgas\n3. Bio gas\nAntwoord met een getal van 1 tot en met 3."
    );
    assert_eq!(
        asked("type='integer' min='1' max='9' required='no' special='dont-know'", "", "en"),
        "What?\nPlease reply with a number from 1 to 9.\nOr reply: don't know.\nReply “skip” to \
         leave this out."
    );
    assert_eq!(
        asked("type='decimal' min='0.5'", "", "nl"),
        "Wat?\nAntwoord met een getal vanaf 0,5."
    );
    assert_eq!(
        asked("type='scale' min='1' max='5'", "<low>bad</low><high>good</high>", "en"),
        "What?\n1 = bad, 5 = good\nPlease reply with a number from 1 to 5."
    );
}

#[test]
fn what_is_not_understood_is_asked_again_and_in_the_end_the_default_holds() {
    let script = question("type='choice' default='bio' retries='1'", MEDIA);
    let (mut talk, asked) = Talk::begin(&script, "en");
    let again = talk.reply("gas");
    let ambiguous = "Sorry, that fits more than one: Natural gas / Bio gas.";
    assert_eq!(again, format!("{ambiguous}\n--\n{asked}"));
    assert_eq!(talk.reply("whatever"), "Bye.");
    assert_eq!(talk.answers(), [("a".into(), "bio".into())]);
    // without a default, a question is passed, or nothing goes on
    let script = question("type='date' retries='0' required='no'", "");
    let (mut talk, _) = Talk::begin(&script, "en");
    assert_eq!(talk.reply("soon"), "Bye.");
    let script = question("type='date' retries='0'", "");
    let (mut talk, _) = Talk::begin(&script, "nl");
    let end = talk.reply("soon");
    assert!(end.starts_with("Wij konden uw antwoorden helaas niet begrijpen."), "{end}");
    assert_eq!(talk.view().shown, Shown::Cancelled { reason: NOT_UNDERSTOOD.into() });
    assert_eq!(talk.reply("hello?"), "", "the end is told once");
}

#[test]
fn a_date_that_nobody_can_order_is_asked_for_with_the_month_in_words() {
    let script = question("type='date'", "");
    let (mut talk, _) = Talk::begin(&script, "en");
    assert!(talk.reply("1/2/2027").starts_with("Please write the month as a word"));
    assert_eq!(talk.reply("1 Feb 2027"), "Bye.");
}

#[test]
fn a_doubted_answer_is_kept_by_a_yes_and_taken_back_by_a_no() {
    let check =
        "<check test='a lt 100' kind='soft'>So many?<in language='nl'>Zo veel?</in></check>";
    let script = question("type='integer'", check);
    let (mut talk, asked) = Talk::begin(&script, "nl");
    let doubt = "Zo veel? Antwoord ja als het toch klopt, of geef een ander antwoord.";
    assert_eq!(talk.reply("200"), doubt);
    assert_eq!(talk.reply("nee"), asked);
    assert_eq!(talk.reply("300"), doubt);
    assert_eq!(talk.reply("400"), doubt);
    assert_eq!(talk.reply("Ja!"), "Bye.");
    let answered = &talk.view().trail[0];
    assert_eq!((&*answered.value, &*answered.reason), ("400", "De klant zegt dat het klopt."));
    // a hard check says what it says, and counts
    let check = "<check test='a lt 100'>Too many.</check>";
    let script = question("type='integer' retries='1'", check);
    let (mut talk, asked) = Talk::begin(&script, "en");
    assert_eq!(talk.reply("200"), format!("Too many.\n--\n{asked}"));
    talk.reply("201");
    assert!(matches!(talk.view().shown, Shown::Cancelled { .. }));
}

#[test]
fn what_only_wants_to_be_read_is_sent_with_the_question_after_it() {
    let body = "<info id='a'><say>One.</say><say>Two.</say><next to='b'/></info>\
        <info id='b'><say>Three.</say><next to='c'/></info>\
        <ask id='c' type='yes-no'><say>Four?</say><next to='d'/></ask>\
        <info id='d'><say>Five.</say><next to='e'/></info><end id='e' outcome='x'/>";
    let script = compiled(&script("message", body));
    let (mut talk, first) = Talk::begin(&script, "");
    assert_eq!(first, "One.\n--\nTwo.\n--\nThree.\n--\nFour?\nPlease reply yes or no.");
    assert_eq!(talk.reply("yes"), "Five.");
    assert_eq!(talk.view().shown, Shown::End { outcome: "x".into() });
    let many: String = (0..30).map(|it| format!("<say>{it}</say>")).collect();
    let body = format!("<info id='a'>{many}<next to='b'/></info><end id='b' outcome='x'/>");
    let script = compiled(&crate::tests::script("message", &body));
    let (talk, _) = Talk::begin(&script, "");
    let sent = talk.state.told("start").expect("it was told");
    assert_eq!((sent.len(), &*sent[9]), (MAX_MESSAGES, "29"));
    assert!(sent[0].starts_with("0\n\n1\n\n2"));
}

#[test]
fn the_same_message_twice_has_the_same_reply_and_events_read_back() {
    let script = question("type='yes-no'", "");
    let (mut talk, _) = Talk::begin(&script, "");
    let first = talk.reply("perhaps");
    let events = talk.events.len();
    talk.number -= 1;
    assert_eq!(talk.reply("yes"), first, "the first text of an id counts");
    assert_eq!(talk.events.len(), events);
    talk.reply("yes");
    let stored: Vec<String> =
        talk.events.iter().map(|event| serde_json::to_string(event).expect("JSON")).collect();
    let read: Vec<Event> =
        stored.iter().map(|text| serde_json::from_str(text).expect("an event")).collect();
    assert_eq!(State::replay(&read), talk.state);
    for event in &talk.events {
        let json = serde_json::to_value(event).expect("JSON");
        for pointer in event.personal_pointers() {
            assert!(json.pointer(pointer).is_some(), "{pointer} in {}", event.type_name());
        }
    }
}

#[test]
fn no_reply_whatever_breaks_anything() {
    let long = "x".repeat(MAX_REPLY + 1);
    let script = question("type='instant' retries='5'", "");
    let (mut talk, _) = Talk::begin(&script, "en");
    for text in ["", "\u{0}", "T", "  ,,, ", "9999999999999999999999", &long] {
        talk.reply(text);
    }
    let given_up = Shown::Cancelled { reason: NOT_UNDERSTOOD.into() };
    assert_eq!(talk.view().shown, given_up, "after five times it gave up");
    let other = compiled(&crate::tests::script("agent", "<end id='a' outcome='x'/>"));
    let reply = Input::Reply { request: "1".into(), text: "x".into() };
    let refused = handle(&other, &State::default(), &reply, now());
    assert_eq!(refused, Err(Refusal::NotStarted));
    let mut desk = Talk { script: &other, state: State::default(), events: vec![], number: 0 };
    desk.input(Input::Start(Start { request: "r".into(), ..Start::default() })).expect("it starts");
    let told = desk.input(Input::Tell { request: "r".into() });
    assert_eq!(told, Err(Refusal::Channel), "nobody at a desk gets messages");
}

/// The same dialogue on each channel: choice, number and action, then a hand-off.
const EVERYWHERE: &str = "<input name='customer' class='Customer'/>\
    <ask id='a' type='choice' default='gas'><say recording='welcome'>What?</say>\
    <choice value='power' key='1'>Electricity</choice><choice value='gas' key='2'>Gas</choice>\
    <no-input recording='welcome'>?</no-input><no-match recording='welcome'>?</no-match>\
    <next to='b'/></ask>\
    <info id='b'><say recording='welcome'>Thank you.</say><next to='c'/></info>\
    <ask id='c' type='digits' min='4' max='4' default='0000'><say recording='welcome'>Meter?</say>\
    <no-input recording='welcome'>?</no-input><no-match recording='welcome'>?</no-match>\
    <next to='d'/></ask>\
    <do id='d'><invoke name='order' operation='erp.create_service_order'><title>Order</title>\
    <set name='customer' value=\"c + '/' + string(a)\"/><set name='connection' value='c'/>\
    <set name='kind' value='string(a)'/><set name='urgency' value=\"''\"/></invoke>\
    <next to='e'/></do>\
    <handoff id='e' queue='faults'><attribute name='meter' value='c'/></handoff>";

#[test]
fn the_same_dialogue_comes_to_the_same_on_every_channel() {
    let script = compiled(&script("agent ivr message web", EVERYWHERE));
    let outcome = |channel: Channel| {
        let mut talk = Talk { script: &script, state: State::default(), events: vec![], number: 0 };
        let (session, request) = ("s1".into(), "start".into());
        let start = Start { session, request, channel, ..Start::default() };
        talk.input(Input::Start(start)).expect("it starts");
        while talk.state.closing().is_none() {
            let view = talk.view();
            if channel == Channel::Message {
                talk.told("start");
                talk.reply(if view.step == "a" {
                    "Gas, please".split(',').next().expect("gas")
                } else {
                    "12-34"
                });
                continue;
            }
            let value = match (&view.shown, view.step.as_str()) {
                // the key that the telephone has for it, or the value at the desk
                (Shown::Question(question), "a") => {
                    let is_it = |it: &&Choice| match channel {
                        Channel::Ivr => it.key.as_deref() == Some("2"),
                        _ => it.label == "Gas",
                    };
                    question.choices.iter().find(is_it).expect("it is offered").value.clone()
                }
                (Shown::Question(_), _) => "1234".to_owned(),
                _ => String::new(),
            };
            talk.number += 1;
            talk.input(Input::Answer {
                request: talk.number.to_string(),
                sequence: view.sequence,
                step: view.step,
                row: view.row,
                value,
                special: None,
                reason: String::new(),
            })
            .expect("a good answer");
        }
        let orders: Vec<Order> = talk
            .events
            .iter()
            .filter_map(|event| match event {
                Event::ActionQueued(order) => Some(order.clone()),
                _ => None,
            })
            .collect();
        (talk.answers(), talk.state.closing().cloned(), orders)
    };
    let agent = outcome(Channel::Agent);
    let expected = [("a", "gas"), ("b", ""), ("c", "1234")];
    assert_eq!(agent.0, expected.map(|(step, value)| (step.to_owned(), value.to_owned())));
    assert_eq!(agent.2.len(), 1);
    assert_eq!(outcome(Channel::Ivr), agent);
    assert_eq!(outcome(Channel::Message), agent);
    assert_eq!(outcome(Channel::Web), agent);
}

#[test]
fn choices_among_objects_are_named_by_their_words() {
    let body = "<input name='customer' class='Customer'/><related name='connections' \
        class='Connection' attribute='customer' to='customer'/>\
        <ask id='a' type='choice'><say>Which?</say><choices from='connections' each='c'>\
        <v of='c.medium'/></choices><next to='b'/></ask><end id='b' outcome='x'/>";
    let script = compiled(&script("message", body));
    let mut talk = Talk { script: &script, state: State::default(), events: vec![], number: 0 };
    let reference = Datum::Reference { class: "Customer".into(), key: "K1".into() };
    let start = Start {
        request: "start".into(),
        channel: Channel::Message,
        inputs: [("customer".to_owned(), reference)].into(),
        ..Start::default()
    };
    talk.input(Input::Start(start)).expect("it starts");
    assert_eq!(talk.told("start"), "One moment, please.");
    let customer = crate::tests::customer(false);
    let wanted = |talk: &Talk<'_>| crate::outstanding::reads(talk.script, &talk.state).remove(0);
    let read = wanted(&talk);
    talk.input(Input::Data { read, objects: customer }).expect("it counts");
    let read = wanted(&talk);
    let objects = connections(&["gas", "electricity"]);
    talk.input(Input::Data { read, objects }).expect("it counts");
    talk.reply("Electricity");
    assert_eq!(talk.view().trail[0].label, "electricity");
}

#[test]
fn mistakes_about_messages_are_named_at_their_place() {
    let findings = |body: &str| {
        let text = script("message", body);
        let found = crate::tests::check(&text).expect_err("it has mistakes");
        crate::tests::lines(&found)
    };
    let ask = |inside: &str, default: &str| {
        format!(
            "<ask id='a' type='choice'{default}><say>?</say>{inside}<next to='b'/></ask>\
             <end id='b' outcome='x'/>"
        )
    };
    let twice =
        "<choice value='x' also='one, two'>X</choice><choice value='y' also='Two'>Y</choice>";
    assert_eq!(
        findings(&ask(twice, "")),
        "CG0102 s.xml:3:107: `two` says nothing, or means another choice too"
    );
    let one = "<choice value='x'>X</choice>";
    assert_eq!(
        findings(&ask(one, " default='z'")),
        "CG0401 s.xml:3:36: the default is none of the answers"
    );
    let document = caruso_markup::Document::read(
        "s.xml",
        script(
            "message",
            "<info id='a'><note>N</note><next to='b'/></info><end id='b' outcome='x'/>",
        ),
        dtd(),
    )
    .expect("it follows the DTD");
    compile(&document, &scope()).expect("it is sound");
    let advice = crate::tests::lines(&lint(&document, &scope()));
    assert_eq!(advice, "CG0706 s.xml:3:1: in messages, nothing is said here\n    add a `say`");
}

#[test]
fn in_messages_the_rows_of_a_roster_are_asked_one_after_the_other() {
    let body = "<roster id='meters' each='m' max='3' start='i'><row>Meter <v of='m'/></row>\
        <info id='i'><say>Meter <v of='m'/>, please.</say><next to='a'/></info>\
        <ask id='a' type='integer' min='0' retries='1'><say>What does it say?</say>\
        <next to='more'/></ask><another id='more'><say>One more?</say></another>\
        <next to='b'/></roster><end id='b' outcome='x'>\
        <say><v of='meters.size()'/> noted.</say></end>";
    let text = script("message", body).replace("start=\"a\"", "start=\"meters\"");
    let script = compiled(&text);
    let (mut talk, first) = Talk::begin(&script, "en");
    assert!(first.starts_with("Meter 1, please.\n--\nWhat does it say?"), "{first}");
    let unclear = talk.reply("dunno");
    assert!(unclear.contains("What does it say?"), "{unclear}");
    assert!(talk.reply("12").starts_with("One more?"));
    let second = talk.reply("yes");
    assert!(second.starts_with("Meter 2, please."), "{second}");
    // what was not understood in one row is no miss in another
    assert!(talk.reply("dunno").contains("What does it say?"));
    talk.reply("13");
    assert_eq!(talk.reply("no"), "2 noted.");
    let passed = talk.events.iter().filter_map(|it| match it {
        Event::Passed { row, .. } => Some(row.as_str()),
        _ => None,
    });
    assert_eq!(passed.collect::<Vec<_>>(), ["1", "2"]);
    let json = serde_json::to_string(&talk.events).expect("JSON");
    let events: Vec<Event> = serde_json::from_str(&json).expect("they read back");
    assert_eq!(State::replay(&events), talk.state);
}
