//! What a wrapper program can do, and whether a request fits it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{Type, Values};

/// Most operations of a program.
pub const MAX_OPERATIONS: usize = 100;
/// Most parameters of an operation.
pub const MAX_PARAMETERS: usize = 50;

/// One operation of a program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its name: small letters, digits and `_`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it wants to be told.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
}

/// One parameter of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name: small letters, digits and `_`.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether it may not be left out; `required` in JSON, else false.
    #[serde(default, rename = "required")]
    pub is_required: bool,
}

impl Operation {
    /// What is wrong with these arguments, in words; nothing if they fit.
    pub fn findings(&self, arguments: &Values) -> Vec<String> {
        let mut findings = Vec::new();
        for parameter in &self.parameters {
            let (name, kind) = (&parameter.name, parameter.kind.name());
            match arguments.get(name) {
                None if parameter.is_required => findings.push(format!("`{name}` is missing")),
                Some(value) if !parameter.kind.takes(value) => {
                    let is = value.kind().name();
                    findings.push(format!("`{name}` must be {kind}, not {is}"));
                }
                _ => {}
            }
        }
        let is_known = |name: &&String| self.parameters.iter().any(|it| it.name == **name);
        for name in arguments.keys().filter(|name| !is_known(name)) {
            findings.push(format!("`{}` has no parameter `{name}`", self.name));
        }
        findings
    }
}

/// What is wrong with a program's description of itself; nothing if it is usable.
pub(crate) fn finding(operations: &[Operation]) -> Option<String> {
    if operations.len() > MAX_OPERATIONS {
        return Some(format!("it must describe at most {MAX_OPERATIONS} operations"));
    }
    let names = operations.iter().map(|operation| operation.name.as_str());
    names_finding("operation", names).or_else(|| {
        operations.iter().find_map(|operation| {
            if operation.parameters.len() > MAX_PARAMETERS {
                let name = &operation.name;
                return Some(format!("`{name}` has more than {MAX_PARAMETERS} parameters"));
            }
            names_finding("parameter", operation.parameters.iter().map(|it| it.name.as_str()))
        })
    })
}

fn names_finding<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !is_name(name) {
            return Some(format!(
                "the {what} name {name:?} has other than small letters, digits, _"
            ));
        }
        if !seen.insert(name) {
            return Some(format!("the {what} `{name}` is described twice"));
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    name.len() <= 64
        && name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn parameter(name: &str, kind: Type, is_required: bool) -> Parameter {
        Parameter { name: name.into(), kind, is_required }
    }

    fn order() -> Operation {
        Operation {
            name: "order".into(),
            title: "Order".into(),
            parameters: vec![
                parameter("customer", Type::Int, true),
                parameter("price", Type::Decimal, false),
                parameter("text", Type::Text, false),
            ],
        }
    }

    #[test]
    fn fitting_arguments_have_no_findings() {
        let arguments =
            [("customer".into(), Value::Int(4)), ("price".into(), Value::Int(5))].into();
        assert!(order().findings(&arguments).is_empty());
    }

    #[test]
    fn every_mistake_in_the_arguments_is_named() {
        let arguments =
            [("text".into(), Value::Bool(true)), ("colour".into(), Value::Int(5))].into();
        assert_eq!(
            order().findings(&arguments),
            [
                "`customer` is missing",
                "`text` must be text, not bool",
                "`order` has no parameter `colour`",
            ]
        );
    }

    #[test]
    fn a_description_with_odd_or_repeated_names_is_not_usable() {
        assert_eq!(finding(&[order()]), None);
        assert!(finding(&[order(), order()]).expect("twice").contains("described twice"));
        let odd = Operation { name: "Create order".into(), ..order() };
        assert!(finding(&[odd]).expect("odd").contains("small letters"));
        let mut same = order();
        same.parameters.push(parameter("text", Type::Text, false));
        assert!(finding(&[same]).expect("twice").contains("parameter `text`"));
    }
}
