//! The cases of cel-spec, where the folder of shared data is present: whatever our checker
//! accepts must have the value that CEL gives it. What it refuses (floats, bytes, maps, protobuf
//! messages) is outside our dialect. A sample of the same ground, in our own words, is below.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::{Budget, Type, Value, check, parse};

/// A value of the file with its type; `None` when our dialect has no such value.
fn value(json: &Json) -> Option<(Type, Value)> {
    let content = &json["v"];
    match json["t"].as_str()? {
        "bool" => Some((Type::Bool, Value::Bool(content.as_bool()?))),
        "int64" => Some((Type::Int, Value::Int(content.as_str()?.parse().ok()?))),
        "string" => Some((Type::Text, Value::from(content.as_str()?))),
        "null" => Some((Type::Null, Value::Null)),
        "double" => {
            let text = content.as_str()?;
            let number = text.parse().or_else(|_| Decimal::from_scientific(text)).ok()?;
            Some((Type::Decimal, Value::Decimal(number)))
        }
        "timestamp" => Some((Type::Instant, Value::Instant(moment(content)?))),
        "duration" => {
            let since = moment(content)?.duration_since(Timestamp::UNIX_EPOCH);
            Some((Type::Duration, Value::Duration(since)))
        }
        "list" => {
            let parts: Vec<_> = content.as_array()?.iter().map(value).collect::<Option<_>>()?;
            let element = parts.first()?.0.clone();
            let values = parts.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
            Some((element.list(), Value::from(values)))
        }
        _ => None,
    }
}

/// Seconds and nanoseconds since 1970.
fn moment(json: &Json) -> Option<Timestamp> {
    Timestamp::new(json[0].as_i64()?, json[1].as_i64()?.try_into().ok()?).ok()
}

/// Errors in CEL, because a float cannot tell whether these fit, nor 64 bits of nanoseconds hold
/// what lies between these; our decimals and durations can.
const EXACT: [&str; 4] = [
    "int(9223372036854775807.0)",
    "int(-9223372036854775808.0)",
    "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
    "timestamp('0001-01-01T00:00:00Z') - timestamp('9999-12-31T23:59:59Z')",
];

/// The outcome under our dialect; `None` when it is outside.
fn outcome(case: &Json) -> Option<Option<Value>> {
    let mut schema = BTreeMap::new();
    let mut values = BTreeMap::new();
    for (name, bound) in case["bind"].as_object()? {
        let (ty, bound) = value(bound)?;
        schema.insert(name.clone(), ty);
        values.insert(name.clone(), bound);
    }
    let expression = parse(case["expr"].as_str()?).ok()?;
    let checked = check(&expression, &schema, None).ok()?;
    Some(checked.evaluate(&values, Budget::default()).ok())
}

#[test]
fn what_the_checker_accepts_has_the_value_of_cel() {
    let root = env!("CARGO_MANIFEST_DIR");
    let Ok(file) = std::fs::read(format!("{root}/../../../shared/data/cel-spec.json")) else {
        return;
    };
    let cases: Vec<Json> = serde_json::from_slice(&file).expect("the file is JSON");
    let mut agreed = 0;
    let mut differences = Vec::new();
    for case in &cases {
        let expression = case["expr"].as_str().unwrap_or_default();
        if case["container"] != "" || EXACT.contains(&expression) {
            continue;
        }
        let is_error = case["kind"] == "eval_error";
        let expected = value(&case["value"]).map(|(_, value)| value);
        if expected.is_none() && !is_error {
            continue;
        }
        match outcome(case) {
            None => {}
            Some(found) if found == expected => agreed += 1,
            Some(found) => differences.push(format!("{}: {found:?}", case["expr"])),
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(agreed >= 330, "only {agreed} cases are inside the dialect");
}

#[test]
fn a_recorded_sample_has_the_values_of_cel() {
    let table = [
        ("'\\'' == \"'\"", true),
        ("'\\u270c' == '✌'", true),
        ("[1, 2, 3].exists(e, e > 2)", true),
        ("[1, 2, 3].all(e, e > 1)", false),
        ("[1, 2, 3].exists(e, e / 0 == 1 || e == 2)", true),
        ("[1, 2, 3].all(e, e / 0 != 17 && e == 2)", false),
        ("[1, 2, 3].filter(e, e % 2 == 1) == null", false),
        ("5 in [1, 2, 5]", true),
        ("true ? (false ? true : false) : true", false),
        ("false ? true : false ? true : true", true),
        ("true || false && false", true),
        ("!false && !false", true),
        ("2 + 3 * -4 == -10", true),
        ("-(5) - -5 == 0", true),
        ("7 % -3 == 1", true),
        ("'abc' < 'abd' && 'a' < 'aa'", true),
        ("'tacocat'.endsWith('cat') && 'tacocat'.startsWith('')", true),
        ("'✌✌✌'.size() == 3", true),
        ("1 < 1.5 && 2 > 1.5", true),
        ("timestamp('2026-03-01T23:30:00Z').getDayOfMonth('+01:00') == 1", true),
        ("timestamp('2026-03-01T00:00:00Z').getMonth() == 2", true),
        ("timestamp('2026-03-01T00:00:00Z').getDayOfWeek() == 0", true),
        ("duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90", true),
        ("string(duration('1h')) == '3600s'", true),
    ];
    let schema = BTreeMap::<String, Type>::new();
    for (source, expected) in table {
        let expression = parse(source).expect(source);
        let checked = check(&expression, &schema, Some(&Type::Bool)).expect(source);
        let values = BTreeMap::<String, Value>::new();
        let found = checked.evaluate(&values, Budget::default());
        assert_eq!(found, Ok(Value::Bool(expected)), "{source}");
    }
}
