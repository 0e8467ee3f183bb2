//! What is said on the telephone: recordings, recorded words, texts for a voice, and keys.

use super::*;
use crate::{Spoken, Vocabularies};

/// The application of the other tests, in which English digits, the texts of `reading` and the keys
/// of yes and no are recorded.
fn scope_with_words() -> Scope {
    let digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let words = digits.into_iter().chain(["press-1-for-yes", "press-2-for-no"]);
    let words = words.map(|it| (it.to_owned(), format!("en/phrases/{it}"))).collect();
    let vocabularies = Vocabularies::from([("en".to_owned(), std::sync::Arc::new(words))]);
    let mut scope = Scope { vocabularies, ..scope() };
    for name in ["reading-1", "reading-2"] {
        scope.prompts.insert(name.to_owned(), recorded(name));
    }
    scope
}

fn compiled_with_words(channels: &str, body: &str) -> Script {
    let text = script(channels, body);
    let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
    compile(&document, &scope_with_words()).unwrap_or_else(|it| panic!("{}", lines(&it)))
}

/// Recordings by name, texts in quotation marks.
fn heard(spoken: &[Spoken]) -> String {
    let pieces = spoken.iter().map(|it| match it {
        Spoken::Recording(id) => id.clone(),
        Spoken::Text(text) => format!("“{text}”"),
    });
    pieces.collect::<Vec<_>>().join(" ")
}

fn said(view: &View, role: Role) -> Vec<String> {
    view.prompts.iter().filter(|it| it.role == role).map(|it| heard(&it.spoken)).collect()
}

const NUMBER: &str = "<ask id='a' type='digits' min='1' max='4'>\
    <say recording='welcome'>Type.</say><next to='b'/></ask>";

/// What is said of the digits 042, and what is heard.
const SAID: &[(&str, &str)] = &[
    // a value is said by recorded words where all are there
    (
        "<say recording='reading'>You typed <v of='a' format='spelled'/>. Thank you.</say>",
        "reading-1 en/phrases/zero en/phrases/four en/phrases/two reading-2",
    ),
    (
        "<say>You typed <v of='a' format='spelled'/>. Thank you.</say>",
        "“You typed” en/phrases/zero en/phrases/four en/phrases/two “. Thank you.”",
    ),
    // what stands between without a word needs no recording
    (
        "<say recording='reading'>You typed <v of='a' format='spelled'/>.</say>",
        "reading-1 en/phrases/zero en/phrases/four en/phrases/two",
    ),
    // a value that no words make up is said in one breath with the texts beside it
    ("<say>You typed <v of='a'/>. Thank you.</say>", "“You typed 042. Thank you.”"),
    ("<say>In <v of='language'/></say>", "“In en”"),
    // a word that is missing: the text of the value
    ("<say>It is <v of='12.50'/> or <v of='14'/></say>", "“It is 12.50 or 14”"),
    ("<say recording='welcome'>Hi</say>", "welcome"),
    ("<say>Since <v of='today' format='short'/></say>", "“Since 22 November 2026”"),
];

#[test]
fn what_is_said_is_recordings_words_and_texts() {
    for (say, expected) in SAID {
        let body =
            format!("{NUMBER}<info id='b'>{say}<next to='c'/></info><end id='c' outcome='x'/>");
        let script = compiled_with_words("agent ivr", &body);
        let mut session = Session::start(&script, Channel::Ivr, false);
        session.answers(&[("a", "042")]);
        assert_eq!(said(&session.view(), Role::Say), [*expected], "{say}");
        let mut session = Session::start(&script, Channel::Agent, false);
        session.answers(&[("a", "042")]);
        assert_eq!(session.view().prompts[0].spoken, [], "an agent reads");
    }
}

/// A question, what is said beside its own text, its keys, and how many are typed.
const ASKED: &[(&str, &str, &str)] = &[
    (
        "<ask id='a' type='yes-no'>",
        "true 1 en/phrases/press-1-for-yes; false 2 en/phrases/press-2-for-no",
        "",
    ),
    (
        "<ask id='a' type='consent'>",
        "true 1 en/phrases/press-1-for-yes; false 2 en/phrases/press-2-for-no",
        "",
    ),
    (
        "<ask id='a' type='choice'><choice value='x'>Tea</choice><choice value='y'>Milk</choice>",
        "x 1 “For Tea, press 1.”; y 2 “For Milk, press 2.”",
        "",
    ),
    (
        "<ask id='a' type='choice'><choice value='x' key='7'>Tea</choice>\
         <choice value='y'>Milk</choice>",
        "x 7 ; y - ",
        "",
    ),
    (
        "<ask id='a' type='date'>",
        "“Type day and month with two digits each, then the year with four.”",
        "8 to 8",
    ),
    ("<ask id='a' type='time'>", "“Type hours and minutes with two digits each.”", "4 to 4"),
    ("<ask id='a' type='phone'>", "“End with the hash key.”", "3 to 17"),
    (
        "<ask id='a' type='money' currency='EUR' min='0'>",
        "“The star key is the decimal point. End with the hash key.”",
        "1 to 20",
    ),
    (
        "<ask id='a' type='decimal'>",
        "“The star key is the decimal point. End with the hash key.”",
        "1 to 20",
    ),
    ("<ask id='a' type='integer' min='0' max='250'>", "", "1 to 3"),
];

#[test]
fn the_telephone_says_which_keys_there_are() {
    for (ask, said, typed) in ASKED {
        let (start, choices) = ask.split_once('>').expect("an element");
        let body = format!(
            "{start}><say recording='welcome'>?</say>{choices}<next to='b'/></ask>\
             <end id='b' outcome='x'/>"
        );
        let script = compiled_with_words("ivr", &body);
        let view = Session::start(&script, Channel::Ivr, false).view();
        let Shown::Question(question) = &view.shown else { panic!("it asks") };
        let hints = view.prompts.iter().filter(|it| it.role == Role::Say).skip(1);
        let hints = hints.map(|it| heard(&it.spoken));
        let choices = question.choices.iter().map(|it| {
            format!("{} {} {}", it.value, it.key.as_deref().unwrap_or("-"), heard(&it.spoken))
        });
        assert_eq!(hints.chain(choices).collect::<Vec<_>>().join("; "), *said, "{ask}");
        let keypad = question.keypad.as_ref().expect("it has keys");
        let keys = keypad.digits.map(|(min, max)| format!("{min} to {max}"));
        assert_eq!(keys.unwrap_or_default(), *typed, "{ask}");
        assert_eq!(keypad.default, "", "{ask}");
        assert_eq!(super::spoken::said(&view, Role::NoInput), ["“We did not hear a key.”"]);
        assert_eq!(super::spoken::said(&view, Role::NoMatch), ["“We did not understand that.”"]);
    }
}

#[test]
fn what_no_script_says_is_in_the_language_of_the_conversation() {
    let body = "<ask id='a' type='yes-no'><say recording='welcome'>?</say><next to='b'/></ask>\
        <end id='b' outcome='x'/>";
    let text =
        script("ivr", body).replace("language=\"en\"", "language=\"en\" languages=\"nl fr\"");
    let document = Document::read("s.xml", text, dtd()).expect("it follows the DTD");
    let script = compile(&document, &scope_with_words()).expect("it is sound");
    let yes = |language: &str| {
        let language = language.to_owned();
        let start =
            Start { session: "s".into(), channel: Channel::Ivr, language, ..Start::default() };
        let outcome = handle(&script, &State::default(), &Input::Start(start), now());
        let state = State::replay(&outcome.expect("it starts").events);
        let Shown::Question(question) = View::of(&script, &state).expect("it started").shown else {
            panic!("it asks")
        };
        (question.choices[0].label.clone(), heard(&question.choices[0].spoken))
    };
    assert_eq!(yes("nl"), ("ja".into(), "“Voor ja, toets 1.”".into()));
    // in a language that is not known, as it is in English
    assert_eq!(yes("fr").1, "en/phrases/press-1-for-yes");
}

#[test]
fn objects_of_a_list_have_keys_by_their_place_nine_at_a_time() {
    let body = "<input name='customer' class='Customer'/>\
        <related name='all' class='Connection' attribute='customer' to='customer'/>\
        <ask id='a' type='choice'><say recording='welcome'>Which?</say>\
        <choices from='all' each='it'><v of='it.medium'/></choices><next to='b'/></ask>\
        <end id='b' outcome='x'/>";
    let script = compiled_with_words("ivr", body);
    let asked = |media: &[&str]| {
        let mut session = Session::start(&script, Channel::Ivr, true);
        session.read(&customer(false), &connections(media));
        let Shown::Question(question) = session.view().shown else { panic!("it asks") };
        question
    };
    let few = asked(&["gas", "heat"]);
    let said: Vec<String> = few.choices.iter().map(|it| heard(&it.spoken)).collect();
    assert_eq!(said, ["“For gas, press 1.”", "“For heat, press 2.”"]);
    assert_eq!(few.keypad.expect("it has keys").more, []);
    let many = asked(&["gas"; 20]);
    let keys: String = many.choices.iter().filter_map(|it| it.key.clone()).collect();
    assert_eq!(keys, "12345678912345678912");
    assert_eq!(heard(&many.keypad.expect("it has keys").more), "“For more, press 0.”");
}

/// Steps, and what cannot be heard of them without a voice; `!` stands before questions.
pub(crate) const UNHEARD: &[(&str, &[&str])] = &[
    ("<end id='a' outcome='x'><note>Nobody</note><say recording='welcome'>Hi</say></end>", &[]),
    (
        "<end id='a' outcome='x'><note>Nobody</note><say>Hi</say></end>",
        &["CG0405 s.xml:3:44: on the telephone, this text is heard only if a voice says it\n    \
           record it and name the prompt by `recording`, or install espeak-ng"],
    ),
    (
        "<ask id='a' type='digits' default='1'><say>Hi</say>\
         <no-input recording='welcome'>?</no-input><no-match>No.</no-match>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        &[
            "!CG0405 s.xml:3:39: on the telephone, this text is heard only if a voice says it\n    \
             record it and name the prompt by `recording`, or install espeak-ng",
            "CG0405 s.xml:3:94: on the telephone, this text is heard only if a voice says it\n    \
             record it and name the prompt by `recording`, or install espeak-ng",
        ],
    ),
    // part of the question is heard
    (
        "<ask id='a' type='digits'><say>Hi</say><say recording='welcome'>Type.</say>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        &[
            "CG0405 s.xml:3:1: on the telephone, what is said about keys here is heard only if a \
             voice says it\n    record in `prompts/en/phrases` no-input, no-match; or install \
             espeak-ng",
            "CG0405 s.xml:3:27: on the telephone, this text is heard only if a voice says it\n    \
             record it and name the prompt by `recording`, or install espeak-ng",
        ],
    ),
    (
        "<ask id='a' type='choice'><say recording='welcome'>Hi</say><choice value='x'>X</choice>\
         <no-input recording='welcome'>?</no-input><no-match recording='welcome'>?</no-match>\
         <next to='b'/></ask><end id='b' outcome='x'/>",
        &["!CG0405 s.xml:3:60: on the telephone, these choices are heard only if a voice says \
           them\n    give each a `key` and name them in a recorded `say`, or install espeak-ng"],
    ),
    // words of values: all are there, some are missing, there are none
    (
        "<end id='a' outcome='x'><say recording='reading'>So <v of=\"'7'\" format='spelled'/></say>\
         </end>",
        &[],
    ),
    (
        "<end id='a' outcome='x'><say recording='reading'>So <v of='7'/></say></end>",
        &["CG0405 s.xml:3:25: on the telephone, a value here is heard only if a voice says \
           it\n    record in `prompts/en/phrases` eighteen, eighty, eleven, fifteen, fifty, forty, \
           fourteen, hundred, nineteen, ninety, seventeen, seventy, sixteen, sixty, ten, thirteen, \
           thirty, thousand, twelve, twenty; or install espeak-ng"],
    ),
    (
        "<end id='a' outcome='x'><say recording='reading'>So <v of='language'/></say></end>",
        &["CG0405 s.xml:3:25: on the telephone, a value here is heard only if a voice says \
           it\n    no recorded words make it up: install espeak-ng"],
    ),
];

#[test]
fn what_is_heard_only_where_a_voice_says_it_is_named_at_its_place() {
    for (body, expected) in UNHEARD {
        let script = compiled_with_words("ivr", body);
        let mut unheard = script.unheard().to_vec();
        unheard.sort_by(|one, other| one.finding.cmp(&other.finding));
        let said = unheard.iter().map(|it| {
            let grave = if it.is_question { "!" } else { "" };
            format!("{grave}{} {}", it.finding.code, it.finding)
        });
        assert_eq!(said.collect::<Vec<_>>(), *expected, "{body}");
        assert_eq!(compiled_with_words("agent", body).unheard(), [], "nobody hears it");
    }
}

#[test]
fn texts_without_values_can_be_said_beforehand() {
    let body = "<info id='a'><say recording='welcome'>Hi<in language='nl'>Hoi</in></say>\
        <say>Wait.<in language='nl'>Wacht.</in><in channel='agent'>Read.</in></say>\
        <say channels='agent'>Desk</say><say>In <v of='language'/></say><note>N</note>\
        <next to='b'/></info><end id='b' outcome='x'/>";
    let text = script("agent ivr", body).replace("\"en\"", "\"en\" languages=\"nl\"");
    let script = compiled(&text);
    let texts: Vec<_> = script.texts_to_say().map(|(tag, text)| format!("{tag} {text}")).collect();
    assert_eq!(texts, ["en Wait.", "nl Wacht."]);
}
