//! Bytes as documents and as expressions.

use std::collections::BTreeMap;
use std::str::from_utf8;

use caruso_dialogue::{
    Channel, Drawing, Input, Scope, Script, Start, State, View, compile, handle, lint,
};
use caruso_expression::{Budget, Type, Value, check, parse};
use caruso_markup::{Document, Dtd};
use jiff::Timestamp;

/// Longest words of one finding, in characters: what was wrong is named, not copied.
const MOST_WORDS: usize = 2_000;

/// A document type definition.
pub fn dtd(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(dtd) = Dtd::parse("fuzz.dtd", text) {
        // any document will do: that it is refused in words is all
        drop(Document::read("fuzz.xml", "<a b='c'><d/>e</a>", &dtd));
    }
}

/// An expression, checked against some names and computed with and without their values.
pub fn expression(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    let Ok(expression) = parse(text) else { return };
    let schema = BTreeMap::from([
        ("b".to_owned(), Type::Bool),
        ("c".to_owned(), Type::choice("c", ["one", "two"])),
        ("d".to_owned(), Type::Date.optional()),
        ("i".to_owned(), Type::Int),
        ("l".to_owned(), Type::Text.list()),
        ("m".to_owned(), Type::Money(None)),
        ("n".to_owned(), Type::Decimal.optional()),
        ("t".to_owned(), Type::Text),
    ]);
    let Ok(checked) = check(&expression, &schema, None) else { return };
    let values = BTreeMap::from([
        ("b".to_owned(), Value::Bool(true)),
        ("c".to_owned(), Value::from("one")),
        ("i".to_owned(), Value::Int(i64::MAX)),
        ("l".to_owned(), Value::from(vec![Value::from("a"), Value::from("b")])),
        ("t".to_owned(), Value::from("text")),
    ]);
    let first = checked.evaluate(&values, Budget::default());
    assert_eq!(first, checked.evaluate(&values, Budget::default()), "it is not the same twice");
    drop(checked.evaluate(&BTreeMap::new(), Budget::default()));
}

/// A dialogue script: refused in words, or one that can be drawn, started and shown.
pub fn script(data: &[u8]) {
    let scope = Scope::default();
    let document = match Document::read("fuzz.xml", data, caruso_dialogue::dtd()) {
        Ok(document) => document,
        Err(findings) => return findings.iter().for_each(|it| short(&it.to_string())),
    };
    lint(&document, &scope).iter().for_each(|it| short(&it.to_string()));
    match compile(&document, &scope) {
        Ok(script) => {
            drop(Drawing::of(&document).svg());
            begin(&script);
        }
        Err(findings) => findings.iter().for_each(|it| short(&it.to_string())),
    }
}

fn short(words: &str) {
    let count = words.chars().count();
    assert!((1..=MOST_WORDS).contains(&count), "{count} characters: {words}");
}

fn begin(script: &Script) {
    for channel in [Channel::Agent, Channel::Ivr, Channel::Message, Channel::Web] {
        let start = Start { session: "s".into(), channel, ..Start::default() };
        let Ok(outcome) =
            handle(script, &State::default(), &Input::Start(start), Timestamp::UNIX_EPOCH)
        else {
            continue;
        };
        let state = State::replay(&outcome.events);
        assert!(View::of(script, &state).is_some(), "nothing is shown on {channel:?}");
    }
}
