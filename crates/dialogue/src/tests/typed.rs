//! What each type of question takes, refuses and means.

use super::*;

/// A script that asks one question and says the answer.
fn asking(attributes: &str) -> Script {
    let body = format!(
        "<ask id='a' {attributes}><say>?</say><next to='b'/></ask>\
         <info id='b'><say>It is <v of='a'/>.</say><next to='c'/></info><end id='c' outcome='x'/>"
    );
    compiled(&script("agent", &body))
}

/// What a text becomes: the stored value, and what is said of it; or why it is refused.
fn answered(script: &Script, text: &str) -> Result<(String, String), String> {
    let mut session = Session::start(script, Channel::Agent, false);
    session.answer("a", text).map_err(|refusal| refusal.to_string())?;
    let Some(Event::Answered { value: Some(value), .. }) = session.events.last() else {
        panic!("it was answered")
    };
    let value = value.clone();
    let stored = serde_json::to_string(&value).expect("JSON");
    let again = session.view().trail[0].value.clone();
    session.answer("a", &again).expect("what is shown for a change is an answer");
    assert_eq!(session.state.answers.get("a", ""), Some(Some(&value)), "{again}");
    Ok((stored, session.view().prompts[0].text.clone()))
}

/// Attributes, a text, what is stored, what is said.
const TAKEN: &[(&str, &str, &str, &str)] = &[
    ("type='scale' min='1' max='5'", "5", r#"{"integer":5}"#, "5"),
    ("type='decimal' min='-1' max='99.5'", "99.50", r#"{"decimal":"99.50"}"#, "99.50"),
    ("type='decimal' decimals='0'", "-12", r#"{"decimal":"-12"}"#, "-12"),
    ("type='money' currency='EUR' min='0'", " 12.5", r#"{"money":"12.5 EUR"}"#, "12.5 EUR"),
    ("type='time'", "9:05", r#"{"time":"09:05:00"}"#, "09:05"),
    (
        "type='instant'",
        "2026-12-01T14:30",
        r#"{"instant":"2026-12-01T13:30:00Z"}"#,
        "1 December 2026, 14:30",
    ),
    // the hour that comes twice
    (
        "type='instant'",
        "2026-10-25T02:30",
        r#"{"instant":"2026-10-25T00:30:00Z"}"#,
        "25 October 2026, 02:30",
    ),
    ("type='phone'", "06-12 34 56 78", r#"{"text":"+31612345678"}"#, "+31612345678"),
    ("type='phone' country='DE'", "0211 5550100", r#"{"text":"+492115550100"}"#, "+492115550100"),
    (
        "type='email'",
        "j.de-vries+x@mail.example.org",
        r#"{"text":"j.de-vries+x@mail.example.org"}"#,
        "j.de-vries+x@mail.example.org",
    ),
    (
        "type='iban'",
        "nl91 abna 0417 1643 00",
        r#"{"text":"NL91ABNA0417164300"}"#,
        "NL91ABNA0417164300",
    ),
    ("type='digits' min='3' max='8'", "00 12 3", r#"{"text":"00123"}"#, "00123"),
];

#[test]
fn each_type_takes_its_answers_and_says_them() {
    for (attributes, text, stored, said) in TAKEN {
        let taken = answered(&asking(attributes), text);
        let expected = ((*stored).to_owned(), format!("It is {said}."));
        assert_eq!(taken, Ok(expected), "{attributes} {text}");
    }
}

const REFUSED: &[(&str, &str, &str)] = &[
    ("type='scale' min='1' max='5'", "6", "a whole number from 1 to 5 is needed"),
    ("type='decimal' min='0' max='99.5'", "99.51", "the number is more than 99.5"),
    ("type='decimal' min='0'", "-0.1", "the number is less than 0"),
    ("type='decimal' decimals='1'", "0.25", "the number has more than 1 digits behind the point"),
    ("type='decimal' decimals='0'", "1.0", "a whole number is needed"),
    ("type='decimal'", "1e9", "a number is needed, such as 12.5"),
    ("type='decimal'", ".5", "a number is needed, such as 12.5"),
    ("type='decimal'", "1.2.3", "a number is needed, such as 12.5"),
    ("type='decimal'", "99999999999999999999999999999999", "a number is needed, such as 12.5"),
    ("type='money' currency='EUR'", "12.50 EUR", "a number is needed, such as 12.5"),
    ("type='money' currency='EUR'", "0.005", "the number has more than 2 digits behind the point"),
    ("type='time'", "24:00", "a time is needed, such as 14:30"),
    ("type='time'", "noon", "a time is needed, such as 14:30"),
    ("type='instant'", "2026-12-01", "a day and a time are needed"),
    (
        "type='instant'",
        "2026-03-29T02:30",
        "there is no such time on that day: clocks are put forward",
    ),
    (
        "type='phone'",
        "12",
        "a telephone number is needed: it is not as long as a telephone number, or lacks its area",
    ),
    (
        "type='phone'",
        "call me",
        "a telephone number is needed: `c` is not part of a telephone number",
    ),
    ("type='email'", "anna@localhost", "an e-mail address is needed, such as name@example.org"),
    ("type='email'", "anna@-x.org", "an e-mail address is needed, such as name@example.org"),
    ("type='email'", "an na@x.org", "an e-mail address is needed, such as name@example.org"),
    ("type='email'", "a@b@c.org", "an e-mail address is needed, such as name@example.org"),
    // two digits are swapped; too short for the country; a country that has none
    (
        "type='iban'",
        "NL91ABNA0417164030",
        "an IBAN is needed; a digit or letter of this one is wrong",
    ),
    (
        "type='iban'",
        "NL91ABNA041716430",
        "an IBAN is needed; a digit or letter of this one is wrong",
    ),
    (
        "type='iban'",
        "US91ABNA0417164300",
        "an IBAN is needed; a digit or letter of this one is wrong",
    ),
    ("type='digits' min='3' max='8'", "12", "3 to 8 digits are needed"),
    ("type='digits' min='4' max='4'", "12345", "4 digits are needed"),
    ("type='digits'", "12-3", "1 to 40 digits are needed"),
    ("type='digits'", "١٢٣", "1 to 40 digits are needed"),
];

#[test]
fn what_does_not_fit_the_type_is_refused_in_words() {
    for (attributes, text, reason) in REFUSED {
        let refused = answered(&asking(attributes), text);
        assert_eq!(refused, Err((*reason).to_owned()), "{attributes} {text}");
    }
}

#[test]
fn expressions_know_the_types_of_answers() {
    let typed = [
        ("type='scale' min='1' max='5'", "a lt 3"),
        ("type='decimal'", "a gt 0.5"),
        ("type='money' currency='EUR'", "a ge money('10 EUR')"),
        ("type='time'", "a lt time('12:00')"),
        ("type='instant'", "a gt timestamp('2026-01-01T00:00:00Z')"),
        ("type='phone'", "a.startsWith('+31')"),
        ("type='digits'", "size(a) eq 8"),
    ];
    for (attributes, when) in typed {
        let body = format!(
            "<ask id='a' {attributes}><say>?</say><next when=\"{when}\" to='b'/><next to='c'/>\
             </ask><end id='b' outcome='x'/><end id='c' outcome='y'/>"
        );
        compiled(&script("agent", &body));
    }
}

#[test]
fn a_telephone_learns_how_many_keys_an_answer_has() {
    let body = "<ask id='a' type='digits' min='4' max='8' required='no'><say recording='welcome'>?\
        </say><no-input recording='welcome'>?</no-input><no-match recording='welcome'>?</no-match>\
        <next to='b'/></ask><end id='b' outcome='x'><say recording='welcome'>.</say></end>";
    let keypad = |body: &str| {
        let script = compiled(&script("ivr", body));
        let session = Session::start(&script, Channel::Ivr, false);
        let Shown::Question(question) = session.view().shown else { panic!("it asks") };
        question.keypad.expect("it is asked on the telephone")
    };
    let asked = keypad(body);
    assert_eq!((asked.digits, asked.default.as_str()), (Some((4, 8)), ""));
    let scale = body.replace("digits' min='4' max='8'", "scale' default='3' min='1' max='5'");
    let asked = keypad(&scale);
    assert_eq!((asked.digits, asked.default.as_str()), (Some((1, 1)), "3"));
}

#[test]
fn today_is_the_day_on_which_the_conversation_began() {
    let body = "<ask id='a' type='date'><say>Since when?</say>\
        <check test='a le today'>Nothing has happened yet on that day.</check>\
        <next to='b'/></ask><end id='b' outcome='x'/>";
    let script = compiled(&super::script("agent", body));
    let mut session = Session::start(&script, Channel::Agent, false);
    let refused = session.answer("a", "2026-11-23").expect_err("that is tomorrow");
    assert_eq!(refused.to_string(), "Nothing has happened yet on that day.");
    session.answers(&[("a", "2026-11-22")]);
    assert_eq!(session.view().step, "b");
    assert_eq!(State::replay(&session.events), session.state);
}
