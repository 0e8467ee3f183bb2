//! Keys of several parts in units of work and in data.

use std::collections::BTreeMap;

use caruso_expression::Value;

use super::identity::COMPOSITE;
use super::{class, sound};
use crate::{Data, Model, Operation, UnitOfWork};

type List<'a> = &'a [(&'a str, Value)];

fn attributes(list: List<'_>) -> BTreeMap<String, Value> {
    list.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn create(class: &str, list: List<'_>) -> Operation {
    Operation::Create { class: class.to_owned(), attributes: attributes(list) }
}

fn update(class: &str, key: &str, list: List<'_>) -> Operation {
    let (key, revision) = (key.to_owned(), "1".to_owned());
    Operation::Update { class: class.to_owned(), key, revision, attributes: attributes(list) }
}

fn violations(model: &Model, operation: Operation) -> Vec<String> {
    let unit = UnitOfWork {
        idempotency_key: "k".into(),
        operations: vec![operation],
        reason: String::new(),
        contact: String::new(),
    };
    match unit.check(model) {
        Ok(()) => Vec::new(),
        Err(violations) => violations.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_key_that_a_relation_leads_to_has_its_parts_in_their_types() {
    let model = sound(COMPOSITE);
    let table = [
        (Value::from("gas,2026-01-31,A"), None),
        (Value::from(r"gas,2026-01-31,A\,B"), None),
        (Value::from("gas,2026-01-31,"), None),
        (Value::Null, None),
        (Value::from("gas,A"), Some("the key of a Point has 3 parts, joined by `,`")),
        (
            Value::from("water,2026-01-31,A"),
            Some("the key of a Point: `kind`: it is one of: gas, power"),
        ),
        (
            Value::from("gas,31-01-2026,A"),
            Some("the key of a Point: `since`: this is not a date such as 2026-01-31"),
        ),
        (Value::from("gas,,A"), Some("the key of a Point: `since`: a value is required")),
        (Value::Int(5), Some("the key of a Point is a text, not a int")),
    ];
    for (value, expected) in table {
        let found = violations(&model, update("Reading", "gas,1", &[("point", value.clone())]));
        let expected = expected.map(|reason| format!("operation 0: Reading.point: {reason}"));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{value}");
    }
}

#[test]
fn a_single_int_key_is_led_to_by_an_int_or_its_text() {
    let model = sound(&class("", "<to-one id=\"r\" name=\"r\" class=\"A\" column=\"R\"/>"));
    let found = |value: Value| violations(&model, update("A", "1", &[("r", value)]));
    assert_eq!(found(Value::Int(7)), [""; 0]);
    assert_eq!(found(Value::from("7")), [""; 0]);
    let reason = "operation 0: A.r: the key of a A";
    assert_eq!(found(Value::from("x")), [format!("{reason}: `k`: this is not a whole number")]);
    assert_eq!(found(Value::Bool(true)), [format!("{reason} is a int, not a bool")]);
}

#[test]
fn no_part_of_a_key_changes() {
    let model = sound(COMPOSITE);
    let changes = [("kind", "gas".into()), ("number", Value::Int(2)), ("code", "A".into())];
    assert_eq!(
        violations(&model, update("Reading", "gas,1", &changes)),
        [
            "operation 0: Reading.kind: the key of an object does not change",
            "operation 0: Reading.number: the key of an object does not change",
        ]
    );
    assert_eq!(
        violations(&model, create("Reading", &[("kind", "gas".into())])),
        ["operation 0: Reading.number: a value is required"]
    );
}

#[test]
fn what_shares_a_column_has_one_value() {
    let model = sound(COMPOSITE);
    let point = ("point", Value::from("gas,2026-01-31,A"));
    let reading = |kind: &str, code: &str, earlier: &str| {
        let list = [
            ("kind", kind.into()),
            ("number", Value::Int(1)),
            ("code", code.into()),
            ("earlier", earlier.into()),
            point.clone(),
        ];
        violations(&model, create("Reading", &list))
    };
    assert_eq!(reading("gas", "A", "gas,0"), [""; 0]);
    let other = |by: &str| format!("it shares a column with `{by}`, another value");
    assert_eq!(
        reading("power", "B", "power,0"),
        [
            format!("operation 0: Reading.point: {}", other("kind")),
            format!("operation 0: Reading.point: {}", other("code")),
        ]
    );
    let expected = format!("operation 0: Reading.earlier: {}", other("kind"));
    assert_eq!(reading("gas", "A", "power,0"), [expected]);
    // the key of an object that is there counts, too
    assert_eq!(
        violations(&model, update("Reading", "gas,1", std::slice::from_ref(&point))),
        [""; 0]
    );
    let expected = format!("operation 0: Reading.point: {}", other("kind"));
    assert_eq!(violations(&model, update("Reading", "power,1", &[point])), [expected]);
    // two relations of an object whose key is elsewhere
    let members = "<to-one id=\"r\" name=\"r\" class=\"A\" column=\"R\"/>\n\
                   <to-one id=\"s\" name=\"s\" class=\"A\" column=\"R\"/>";
    let model = sound(&class("", members));
    let changes = [("r", Value::Int(1)), ("s", "2".into())];
    let expected = format!("operation 0: A.s: {}", other("r"));
    assert_eq!(violations(&model, update("A", "1", &changes)), [expected]);
    let changes = [("r", Value::Int(1)), ("s", "01".into())];
    assert_eq!(violations(&model, update("A", "1", &changes)), [""; 0]);
}

const POINTS: &str = "kind,since,code\ngas,2026-01-31,\"A,1\"\npower,2026-01-31,\"A,1\"\n";

fn read(readings: &str) -> Result<Data, Vec<String>> {
    let files = [("Point.csv", POINTS), ("Reading.csv", readings)];
    let files = files.map(|(name, text)| (name, text.as_bytes()));
    let shown = |findings: Vec<crate::Finding>| findings.iter().map(ToString::to_string).collect();
    Data::read(&sound(COMPOSITE), files).map_err(shown)
}

#[test]
fn fields_of_relations_hold_the_text_of_a_key() {
    let readings = "kind,number,point,earlier\n\
                    gas,01,\"gas,2026-01-31,A\\,1\",\n\
                    gas,2,,\"gas,+1\"\n";
    let data = read(readings).expect("the data is sound");
    let rows = data.rows("Reading");
    assert_eq!(rows[0]["point"], Value::from(r"gas,2026-01-31,A\,1"));
    assert_eq!(rows[0]["number"], Value::Int(1));
    assert_eq!((rows[1].get("point"), &rows[1]["earlier"]), (None, &Value::from("gas,1")));
}

#[test]
fn mistakes_in_keys_of_data_are_found() {
    let readings = "kind,number,point\n\
                    gas,1,\"gas,2026-01-31\"\n\
                    gas,1,\n\
                    power,1,\"gas,x,A\"\n";
    assert_eq!(
        read(readings).err().unwrap_or_default(),
        [
            "Reading.csv:2:1: `point`: the key of a Point has 3 parts, joined by `,`",
            "Reading.csv:3:1: two rows have the same `kind` and `number`",
            "Reading.csv:4:1: `point`: the key of a Point: `since`: \
             this is not a date such as 2026-01-31",
        ]
    );
    let other = "kind,number,point\ngas,1,\"power,2026-01-31,A\\,1\"\n";
    assert_eq!(
        read(other).err().unwrap_or_default(),
        ["Reading.csv:2:1: `point`: it shares a column with `kind`, another value"]
    );
    let lost = "kind,number,point\ngas,1,\"gas,2026-01-31,A\"\n";
    assert_eq!(
        read(lost).err().unwrap_or_default(),
        ["Reading.csv:2:1: no file has the `Point` that this row leads to"]
    );
}
