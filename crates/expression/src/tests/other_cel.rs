//! Generated expressions have the value, or have none, as crate `cel` says: another reader of the
//! same language. It knows no missing values and no exact decimals, so there are none in them.

use std::collections::BTreeMap;

use cel::{Context, Program};
use proptest::prelude::*;

use crate::{Budget, EvalError, Type, Value, check, parse};

/// What an expression gives, of each type one kind of text.
#[derive(Debug, Clone, Copy)]
enum Of {
    Int,
    Bool,
    Text,
    List,
}

fn leaf(of: Of) -> BoxedStrategy<String> {
    match of {
        Of::Int => prop_oneof![
            (-9_i64..9).prop_map(|number| number.to_string()),
            prop::sample::select(vec!["a", "b", "9223372036854775807"]).prop_map(str::to_owned),
        ]
        .boxed(),
        Of::Bool => {
            prop::sample::select(vec!["true", "false", "c"]).prop_map(str::to_owned).boxed()
        }
        Of::Text => {
            prop::sample::select(vec!["t", "''", "'é'", "'xy'"]).prop_map(str::to_owned).boxed()
        }
        Of::List => {
            prop::sample::select(vec!["l", "[1, 2]", "[0]"]).prop_map(str::to_owned).boxed()
        }
    }
}

/// The name of an element; ours are not hidden by others within.
fn element(depth: u32) -> String {
    format!("e{depth}")
}

/// An expression of a type, so many operators deep.
fn expression(of: Of, depth: u32) -> BoxedStrategy<String> {
    if depth == 0 {
        return leaf(of);
    }
    let part = |of| expression(of, depth - 1);
    let two = |of, operators: &[&'static str]| {
        let operators = prop::sample::select(operators.to_vec());
        (part(of), operators, part(of))
            .prop_map(|(one, how, other)| format!("({one} {how} {other})"))
    };
    let chosen = (part(Of::Bool), part(of), part(of))
        .prop_map(|(condition, then, otherwise)| format!("({condition} ? {then} : {otherwise})"));
    let of_type = match of {
        Of::Int => prop_oneof![
            two(Of::Int, &["+", "-", "*", "/", "%"]),
            part(Of::Text).prop_map(|text| format!("size({text})")),
            part(Of::List).prop_map(|list| format!("{list}.size()")),
            part(Of::Int).prop_map(|number| format!("-({number})")),
            part(Of::Text).prop_map(|text| format!("int({text})")),
        ]
        .boxed(),
        Of::Bool => prop_oneof![
            two(Of::Int, &["==", "!=", "<", "<=", ">", ">="]),
            two(Of::Text, &["==", "!=", "<", ">="]),
            two(Of::Bool, &["&&", "||", "=="]),
            part(Of::Bool).prop_map(|of| format!("!({of})")),
            (part(Of::Int), part(Of::List)).prop_map(|(one, list)| format!("({one} in {list})")),
            (part(Of::Text), part(Of::Text), prop::sample::select(vec!["contains", "startsWith"]))
                .prop_map(|(text, other, test)| format!("{text}.{test}({other})")),
            (part(Of::List), part(Of::Int), prop::sample::select(vec!["exists", "all"])).prop_map(
                move |(list, other, each)| format!(
                    "{list}.{each}({e}, 6 / {e} > {other})",
                    e = element(depth)
                )
            ),
        ]
        .boxed(),
        Of::Text => prop_oneof![
            two(Of::Text, &["+"]),
            part(Of::Int).prop_map(|number| format!("string({number})")),
        ]
        .boxed(),
        Of::List => prop_oneof![
            (part(Of::Int), part(Of::Int)).prop_map(|(one, other)| format!("[{one}, {other}]")),
            (part(Of::List), part(Of::Int)).prop_map(move |(list, least)| format!(
                "{list}.filter({e}, {e} > {least})",
                e = element(depth)
            )),
            (part(Of::List), part(Of::Int)).prop_map(move |(list, more)| format!(
                "{list}.map({e}, {e} + {more})",
                e = element(depth)
            )),
        ]
        .boxed(),
    };
    prop_oneof![3 => of_type, 1 => chosen].boxed()
}

fn ours(source: &str) -> Option<Value> {
    let values = BTreeMap::from([
        ("a".to_owned(), Value::Int(3)),
        ("b".to_owned(), Value::Int(-2)),
        ("c".to_owned(), Value::Bool(true)),
        ("t".to_owned(), Value::from("xyz 12")),
        ("l".to_owned(), Value::from(vec![Value::Int(0), Value::Int(3), Value::Int(-4)])),
    ]);
    let schema = BTreeMap::from([
        ("a".to_owned(), Type::Int),
        ("b".to_owned(), Type::Int),
        ("c".to_owned(), Type::Bool),
        ("t".to_owned(), Type::Text),
        ("l".to_owned(), Type::Int.list()),
    ]);
    let expression = parse(source).unwrap_or_else(|error| panic!("{source}: {error:?}"));
    let checked = check(&expression, &schema, None);
    let checked = checked.unwrap_or_else(|errors| panic!("{source}: {errors:?}"));
    match checked.evaluate(&values, Budget { steps: u32::MAX, bytes: u32::MAX }) {
        Ok(value) => Some(value),
        Err(EvalError::Unexpected(..)) => panic!("{source}: the checker promised too much"),
        Err(_) => None,
    }
}

fn theirs(source: &str) -> Option<Value> {
    let mut context = Context::default();
    context.add_variable_from_value("a", 3_i64);
    context.add_variable_from_value("b", -2_i64);
    context.add_variable_from_value("c", true);
    context.add_variable_from_value("t", "xyz 12");
    context.add_variable_from_value("l", vec![0_i64, 3, -4]);
    let program = Program::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    program.execute(&context).ok().map(|value| read(source, &value))
}

fn read(source: &str, value: &cel::Value) -> Value {
    match value {
        cel::Value::Int(number) => Value::Int(*number),
        cel::Value::Bool(value) => Value::Bool(*value),
        cel::Value::String(text) => Value::from(text.as_str()),
        cel::Value::List(parts) => {
            Value::from(parts.iter().map(|part| read(source, part)).collect::<Vec<_>>())
        }
        other => panic!("{source}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_give_the_same(
        source in prop_oneof![
            expression(Of::Int, 3),
            expression(Of::Bool, 4),
            expression(Of::Text, 3),
            expression(Of::List, 3),
        ],
    ) {
        // beyond that, ours is refused before it is read
        prop_assume!(source.len() < crate::MAX_SOURCE_BYTES);
        prop_assume!(parse(&source).is_ok());
        prop_assert_eq!(ours(&source), theirs(&source), "{}", source);
    }
}
