//! Changes of objects as plain data, checked against the model before any database sees them.

use std::collections::BTreeMap;

use caruso_expression::Value;

use crate::model::{Attribute, AttributeType, Class, KeySource, Member, Model, ToOne};

/// The most operations in one unit of work.
pub const MAX_OPERATIONS: usize = 100;

/// Changes that happen together or not at all, and at most once for their key.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitOfWork {
    /// 1 to 128 characters, chosen by the caller, the same for every repeat.
    pub idempotency_key: String,
    /// In this order, at most [`MAX_OPERATIONS`].
    pub operations: Vec<Operation>,
    /// Why, for the audit record.
    pub reason: String,
    /// The contact on whose behalf; may be empty.
    pub contact: String,
}

/// One change. A relation's value is the key of the other object; a missing value is
/// [`Value::Null`].
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A new object. Without its key where the database assigns it.
    Create {
        /// The class.
        class: String,
        /// Attributes and relations to one, by name; what is absent is missing.
        attributes: BTreeMap<String, Value>,
    },
    /// A change of an object that is still the one that was read.
    Update {
        /// The class.
        class: String,
        /// The key as text.
        key: String,
        /// The revision that was read.
        revision: String,
        /// The attributes and relations to one that change.
        attributes: BTreeMap<String, Value>,
    },
}

/// A rule of the model that an operation breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation {operation}: {class}{}: {reason}", dotted(.attribute))]
pub struct Violation {
    /// The operation, from 0.
    pub operation: usize,
    /// The class as the operation names it.
    pub class: String,
    /// The attribute as the operation names it; empty when the whole is meant.
    pub attribute: String,
    /// What is wrong; never contains the value.
    pub reason: String,
}

fn dotted(attribute: &str) -> String {
    if attribute.is_empty() { String::new() } else { format!(".{attribute}") }
}

impl UnitOfWork {
    /// Checks every operation: names, types, required values, lengths.
    ///
    /// # Errors
    ///
    /// All violations in the order of the operations.
    pub fn check(&self, model: &Model) -> Result<(), Vec<Violation>> {
        let mut violations = Vec::new();
        let mut whole = |reason: String| {
            let (class, attribute) = (String::new(), String::new());
            violations.push(Violation { operation: 0, class, attribute, reason });
        };
        if self.operations.is_empty() || self.operations.len() > MAX_OPERATIONS {
            whole(format!("a unit of work has 1 to {MAX_OPERATIONS} operations"));
        }
        if !(1..=128).contains(&self.idempotency_key.chars().count()) {
            whole("the idempotency key has 1 to 128 characters".into());
        }
        for (index, operation) in self.operations.iter().take(MAX_OPERATIONS).enumerate() {
            check_operation(model, index, operation, &mut violations);
        }
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

fn check_operation(
    model: &Model,
    index: usize,
    operation: &Operation,
    violations: &mut Vec<Violation>,
) {
    let (class_name, attributes) = match operation {
        Operation::Create { class, attributes } | Operation::Update { class, attributes, .. } => {
            (class, attributes)
        }
    };
    let mut violate = |attribute: &str, reason: String| {
        violations.push(Violation {
            operation: index,
            class: class_name.clone(),
            attribute: attribute.to_owned(),
            reason,
        });
    };
    let Some(class) = model.class(class_name) else {
        return violate("", "there is no such class".into());
    };
    for (name, value) in attributes {
        let reason = match class.member(name) {
            None => Some("there is no such attribute".into()),
            Some(Member::ToMany(_)) => Some("the other side of the relation is changed".into()),
            Some(Member::Attribute(attribute)) => attribute_reason(class, attribute, value),
            Some(Member::ToOne(relation)) => reference_reason(model, relation, value),
        };
        if let Some(reason) = reason {
            violate(name, reason);
        }
    }
    match operation {
        Operation::Update { .. } => {
            if attributes.contains_key(&class.key().name) {
                violate(&class.key().name, "the key of an object does not change".into());
            }
        }
        Operation::Create { .. } => {
            for name in required(class).filter(|name| !attributes.contains_key(*name)) {
                violate(name, "a value is required".into());
            }
        }
    }
}

/// The names that a new object must have.
pub(crate) fn required(class: &Class) -> impl Iterator<Item = &str> {
    let is_given = |attribute: &&Attribute| {
        let is_assigned = class.key_source == KeySource::Assigned;
        attribute.is_required && !(is_assigned && attribute.name == class.key().name)
    };
    let attributes = class.attributes().iter().filter(is_given).map(|it| it.name.as_str());
    let relations = class.to_one().iter().filter(|it| it.is_required).map(|it| it.name.as_str());
    attributes.chain(relations)
}

/// Why an attribute cannot take a value.
pub(crate) fn attribute_reason(
    class: &Class,
    attribute: &Attribute,
    value: &Value,
) -> Option<String> {
    if class.key_source == KeySource::Assigned && attribute.name == class.key().name {
        return Some("the database assigns the key".into());
    }
    if value.is_null() {
        return attribute.is_required.then(|| "a value is required".into());
    }
    match (&attribute.ty, value) {
        (AttributeType::Bool(_), Value::Bool(_))
        | (AttributeType::Int, Value::Int(_))
        | (AttributeType::Date(_), Value::Date(_))
        | (AttributeType::Instant, Value::Instant(_))
        | (AttributeType::Decimal(_), Value::Int(_)) => None,
        (AttributeType::Decimal(decimals), Value::Decimal(number)) => {
            let is_fine = number.normalize().scale() <= *decimals;
            (!is_fine).then(|| format!("it has at most {decimals} decimals"))
        }
        (AttributeType::Text(length), Value::Text(text)) => {
            if attribute.is_required && text.is_empty() {
                return Some("a value is required".into());
            }
            let is_long = length.is_some_and(|length| text.chars().count() > length);
            is_long.then(|| format!("it has at most {} characters", length.unwrap_or_default()))
        }
        (AttributeType::Choice(enumeration), Value::Text(text)) => {
            let names = &enumeration.choice.values;
            let is_known = names.iter().any(|name| **name == **text);
            (!is_known).then(|| format!("it is one of: {}", names.join(", ")))
        }
        (wanted, found) => Some(format!("a {} is wanted, not a {}", wanted.word(), found.kind())),
    }
}

/// Why a relation cannot take a value.
fn reference_reason(model: &Model, relation: &ToOne, value: &Value) -> Option<String> {
    let key = model.target_key(relation)?;
    match (&key.ty, value) {
        (_, Value::Null) => relation.is_required.then(|| "a value is required".into()),
        (AttributeType::Int, Value::Int(_)) | (AttributeType::Text(_), Value::Text(_)) => None,
        (AttributeType::Int, Value::Text(text)) if text.parse::<i64>().is_ok() => None,
        (wanted, found) => Some(format!(
            "the key of a {} is a {}, not a {}",
            relation.class,
            wanted.word(),
            found.kind()
        )),
    }
}
