//! How attributes are stored: forms, texts for no value, zones.

use std::collections::BTreeMap;

use caruso_expression::Value;

use super::{class, member_mistakes, mistakes, sound};
use crate::{Attribute, Clock, Digits, EpochUnit, Form, Operation, Stored, UnitOfWork};

fn attribute(options: &str) -> String {
    format!("<attribute id=\"a\" name=\"a\" column=\"A\" {options}/>")
}

fn stored(options: &str) -> Stored {
    let model = sound(&class("", &attribute(options)));
    model.class("A").expect("it is there").attributes()[1].stored.clone()
}

#[test]
fn every_form_has_its_word() {
    let flags = |yes: &str, no: &str| Form::Flags { yes: yes.into(), no: no.into() };
    let table = [
        ("bool", "J/N", flags("J", "N")),
        ("bool", "X/", flags("X", "")),
        ("bool", "/N", flags("", "N")),
        ("int", "padded:1", Form::Padded(1)),
        ("int", "padded:18", Form::Padded(18)),
        ("date", "yyyymmdd", Form::Digits(Digits::Yyyymmdd)),
        ("date", "ddmmyyyy", Form::Digits(Digits::Ddmmyyyy)),
        ("date", "yymmdd:50", Form::Digits(Digits::Yymmdd { pivot: 50 })),
        ("date", "yymmdd:0", Form::Digits(Digits::Yymmdd { pivot: 0 })),
        ("date", "julian", Form::JulianDay),
        ("instant", "yyyymmddhhmmss", Form::Digits(Digits::Yyyymmddhhmmss)),
        ("instant", "epoch-seconds", Form::Epoch(EpochUnit::Seconds)),
        ("instant", "epoch-milliseconds", Form::Epoch(EpochUnit::Milliseconds)),
    ];
    for (ty, word, form) in table {
        let found = stored(&format!("type=\"{ty}\" stored=\"{word}\""));
        assert_eq!(found, Stored { form, ..Stored::default() }, "{ty} {word}");
    }
    for ty in ["bool", "int", "date", "instant", "text"] {
        assert_eq!(stored(&format!("type=\"{ty}\"")), Stored::default());
    }
}

#[test]
fn what_is_no_form_of_a_type_is_found_with_those_that_are() {
    let table = [
        ("bool", "J", "this is not a pair of texts (write two different texts, as `J/N`)"),
        ("bool", "/", "this is not a pair of texts (write two different texts, as `J/N`)"),
        ("int", "padded:0", "ints are not stored like this (write `padded:8`"),
        ("int", "padded:19", "ints are not stored like this (write `padded:8`"),
        ("int", "yyyymmdd", "ints are not stored like this (write `padded:8`"),
        ("date", "yymmdd", "dates are not stored like this (write `yyyymmdd`, `ddmmyyyy`"),
        ("date", "yymmdd:100", "dates are not stored like this (write `yyyymmdd`, `ddmmyyyy`"),
        ("date", "epoch-seconds", "dates are not stored like this (write `yyyymmdd`, `ddmmyyyy`"),
        ("instant", "yyyymmdd", "instants are not stored like this (write `yyyymmddhhmmss`"),
    ];
    for (ty, word, expected) in table {
        let found = member_mistakes(&attribute(&format!("type=\"{ty}\" stored=\"{word}\"")));
        assert_eq!(found.len(), 1, "{ty} {word}: {found:?}");
        assert!(found[0].contains(&format!("CB0301 {expected}")), "{ty} {word}: {found:?}");
    }
}

#[test]
fn texts_that_mean_no_value_are_not_those_of_values() {
    assert_eq!(stored("type=\"date\" missing=\" 0  99991231 \"").missing, ["0", "99991231"]);
    assert_eq!(stored("type=\"bool\" stored=\"J/N\" missing=\"?\"").missing, ["?"]);
    let table = [
        ("type=\"int\" missing=\" \"", "there is no text in it"),
        ("type=\"bool\" stored=\"J/N\" missing=\"? N\"", "`N` is how a value is stored"),
        ("type=\"bool\" missing=\"0\"", "`0` is how a value is stored"),
        ("type=\"choice\" enum=\"e\" missing=\"1\"", "`1` is how a value is stored"),
    ];
    let list = "<enum name=\"e\"><value name=\"x\" stored=\"1\"/></enum>";
    for (options, expected) in table {
        let found = mistakes(&format!("{list}{}", class("", &attribute(options))));
        assert_eq!(found.len(), 1, "{options}: {found:?}");
        assert!(found[0].contains(&format!("CB0301 {expected}")), "{options}: {found:?}");
    }
    let key = class("", "").replace("type=\"int\"", "type=\"int\" missing=\"0\"");
    assert_eq!(mistakes(&key), ["4:59 CB0301 a key is never missing (leave `missing` out)"]);
}

#[test]
fn zones_are_those_of_the_bundled_database() {
    let zone = stored("type=\"instant\" zone=\"Europe/Amsterdam\"").zone.expect("there is one");
    assert_eq!(zone.iana_name(), Some("Europe/Amsterdam"));
    let found = member_mistakes(&attribute("type=\"instant\" zone=\"Europe/Amsterdm\""));
    assert_eq!(
        found,
        ["5:60 CB0304 there is no time zone `Europe/Amsterdm` (did you mean `Europe/Amsterdam`?)"]
    );
    let count = "type=\"instant\" stored=\"epoch-seconds\" zone=\"Europe/Paris\"";
    let found = member_mistakes(&attribute(count));
    assert!(found.len() == 1 && found[0].contains("has no zone"), "{found:?}");
}

#[test]
fn a_value_that_its_form_cannot_hold_is_refused() {
    let years = "it is stored with two digits of its year, 1950 to 2049";
    let digits = "it is stored as 3 digits, without sign";
    let date = |text: &str| Value::Date(text.parse().expect("a date"));
    let instant = |text: &str| Value::Instant(text.parse().expect("an instant"));
    let both = "type=\"instant\" stored=\"yymmdd:50\" time-column=\"T\" zone=\"Europe/Paris\"";
    let table = [
        ("type=\"int\" stored=\"padded:3\"", Value::Int(999), None),
        ("type=\"int\" stored=\"padded:3\"", Value::Int(1000), Some(digits)),
        ("type=\"int\" stored=\"padded:3\"", Value::Int(-1), Some(digits)),
        ("type=\"date\" stored=\"yymmdd:50\"", date("1949-12-31"), Some(years)),
        ("type=\"date\" stored=\"yymmdd:50\"", date("1950-01-01"), None),
        ("type=\"date\" stored=\"yymmdd:50\"", date("2049-12-31"), None),
        ("type=\"date\" stored=\"yymmdd:50\"", date("2050-01-01"), Some(years)),
        (both, instant("2049-12-31T22:59:59Z"), None),
        (both, instant("2049-12-31T23:00:00Z"), Some(years)),
    ];
    for (options, value, expected) in table {
        let model = sound(&class("", &attribute(options)));
        let attributes = BTreeMap::from([("a".to_owned(), value.clone())]);
        let (class, key, revision) = ("A".to_owned(), "1".to_owned(), "1".to_owned());
        let unit = UnitOfWork {
            idempotency_key: "k".into(),
            operations: vec![Operation::Update { class, key, revision, attributes }],
            reason: String::new(),
            contact: String::new(),
        };
        let found = unit.check(&model).err().map(|violations| violations[0].reason.clone());
        assert_eq!(found.as_deref(), expected, "{options} {value}");
    }
}

fn second(options: &str) -> Attribute {
    let model = sound(&class("", &attribute(options)));
    model.class("A").expect("it is there").attributes()[1].clone()
}

#[test]
fn an_instant_may_have_its_day_and_its_time_in_two_columns() {
    let table = [
        ("", "", Form::Native, Clock::Native),
        (" stored=\"yyyymmdd\"", "hhmmss", Form::Digits(Digits::Yyyymmdd), Clock::Hhmmss),
        (" stored=\"ddmmyyyy\"", "hhmm", Form::Digits(Digits::Ddmmyyyy), Clock::Hhmm),
        (
            " stored=\"yymmdd:50\"",
            "hh:mm",
            Form::Digits(Digits::Yymmdd { pivot: 50 }),
            Clock::Colon,
        ),
    ];
    for (stored, word, day, clock) in table {
        let word = if word.is_empty() { String::new() } else { format!(" time-stored=\"{word}\"") };
        let options = format!("type=\"instant\" time-column=\"T\" missing=\"0\"{stored}{word}");
        let attribute = second(&options);
        let columns: Vec<_> = attribute.columns().collect();
        assert_eq!(columns.len(), 2, "{options}");
        assert_eq!((columns[0].column, columns[0].ty.word()), ("A", "date"));
        assert_eq!(
            (&columns[0].stored.form, &*columns[0].stored.missing),
            (&day, &["0".into()][..])
        );
        assert_eq!((columns[1].column, &columns[1].stored.form), ("T", &Form::Time(clock)));
    }
    assert_eq!(second("type=\"instant\"").columns().count(), 1);
}

#[test]
fn what_is_no_time_of_day_beside_a_day_is_found() {
    let table = [
        ("time-column=\"T\" stored=\"julian\"", "CB0301 days beside a time of day are not"),
        ("time-column=\"T\" stored=\"epoch-seconds\"", "CB0301 days beside a time of day are"),
        ("time-column=\"T\" time-stored=\"hhmmssmmm\"", "CB0301 times of day are not stored"),
        ("time-stored=\"hhmm\"", "CB0301 `time-stored` stands without `time-column`"),
        ("time-column=\"A\"", "CB0103 column `A` is used twice"),
        ("time-column=\"a\"", "CB0103 column `a` is used twice"),
    ];
    for (options, expected) in table {
        let found = member_mistakes(&attribute(&format!("type=\"instant\" {options}")));
        assert_eq!(found.len(), 1, "{options}: {found:?}");
        assert!(found[0].contains(expected), "{options}: {found:?}");
    }
    let found = member_mistakes(&attribute("type=\"date\" time-column=\"T\""));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("CB0301 a date has no `time-column`"), "{found:?}");
}
