mod calendar;
mod cel_spec;
mod defined;
mod hostile;
mod money;
mod other_cel;
mod properties;
mod reference;
mod tables;

use std::collections::BTreeMap;

use crate::{Budget, Checked, Error, EvalError, Missing, Object, Schema, Type, Value};

/// A customer with optional parts, a list of connections, and a few plain names.
pub(crate) struct Utilities {
    pub(crate) missing: Missing,
}

fn attributes(class: &str) -> Vec<(&'static str, Type)> {
    match class {
        "Customer" => vec![
            ("name", Type::Text),
            ("notes", Type::Text.optional()),
            ("segment", Type::choice("segment", ["household", "business"])),
            ("is_life_support", Type::Bool.optional()),
            ("connections", Type::Object("Connection".into()).list()),
            ("landlord", Type::Object("Customer".into()).optional()),
        ],
        "Connection" => vec![
            ("medium", Type::choice("medium", ["electricity", "gas", "heat"])),
            ("usage", Type::Decimal.optional()),
            ("since", Type::Date),
        ],
        _ => vec![
            ("customer", Type::Object("Customer".into())),
            ("caller", Type::Object("Customer".into()).optional()),
            ("moving", Type::Date.optional()),
            ("today", Type::Date),
            ("now", Type::Instant),
            ("count", Type::Int),
            ("rate", Type::Decimal),
            ("level", Type::Int.optional()),
            ("topic", Type::choice("topic", ["fault", "moving"])),
            ("tags", Type::Text.list()),
            ("text", Type::Text),
            ("is_open", Type::Bool),
        ],
    }
}

impl Schema for Utilities {
    fn variable(&self, name: &str) -> Option<Type> {
        self.member("", name)
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        attributes(class).into_iter().find(|(known, _)| *known == name).map(|(_, ty)| ty)
    }

    fn variables(&self) -> Vec<String> {
        self.members("")
    }

    fn members(&self, class: &str) -> Vec<String> {
        attributes(class).into_iter().map(|(name, _)| name.to_owned()).collect()
    }

    fn missing(&self) -> Missing {
        self.missing
    }
}

fn object(parts: &[(&str, Value)]) -> Value {
    let parts = parts.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::from(parts.collect::<Object>())
}

pub(crate) fn values() -> BTreeMap<String, Value> {
    let gas = object(&[
        ("medium", "gas".into()),
        ("usage", Value::Decimal("12.5".parse().expect("a decimal"))),
        ("since", Value::Date("2020-02-29".parse().expect("a date"))),
    ]);
    let heat = object(&[
        ("medium", "heat".into()),
        ("since", Value::Date("2024-01-01".parse().expect("a date"))),
    ]);
    let customer = object(&[
        ("name", "Eva de Vries".into()),
        ("segment", "household".into()),
        ("connections", Value::from(vec![gas, heat])),
    ]);
    BTreeMap::from([
        ("customer".to_owned(), customer),
        ("today".to_owned(), Value::Date("2026-03-01".parse().expect("a date"))),
        ("now".to_owned(), Value::Instant("2026-03-01T12:00:00Z".parse().expect("an instant"))),
        ("count".to_owned(), Value::Int(3)),
        ("rate".to_owned(), Value::Decimal("1.10".parse().expect("a decimal"))),
        ("topic".to_owned(), "fault".into()),
        ("tags".to_owned(), Value::from(vec!["vip".into(), "late".into()])),
        ("text".to_owned(), "Grüße".into()),
        ("is_open".to_owned(), Value::Bool(true)),
    ])
}

pub(crate) fn check(
    source: &str,
    missing: Missing,
    expected: Option<&Type>,
) -> Result<Checked, Vec<Error>> {
    let expression = crate::parse(source).map_err(|error| vec![error])?;
    crate::check(&expression, &Utilities { missing }, expected)
}

/// The value under the rules of a script.
pub(crate) fn value(source: &str) -> Result<Value, EvalError> {
    run(source, Missing::MustBeGuarded)
}

/// The value under the rules of a filter.
pub(crate) fn filter(source: &str) -> Result<Value, EvalError> {
    run(source, Missing::ComparesFalse)
}

fn run(source: &str, missing: Missing) -> Result<Value, EvalError> {
    match check(source, missing, None) {
        Ok(checked) => checked.evaluate(&values(), Budget::default()),
        Err(errors) => panic!("{source}: {errors:?}"),
    }
}
