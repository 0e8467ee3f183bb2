//! Changes of objects as plain data, checked against the model before any database sees them.

pub(crate) mod columns;

use std::collections::BTreeMap;

use caruso_expression::Value;

use crate::key;
use crate::model::{Attribute, AttributeType, Class, KeySource, Member, Model, ToOne};
use crate::stored::{Form, day_and_time};
use crate::written_money::MOST_DIGITS;

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

/// One change. A relation's value is the key of the other object as text ([`key`]); one that is
/// a single int may also be a [`Value::Int`]. A missing value is [`Value::Null`].
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
    /// The end of an object that is still the one that was read.
    Delete {
        /// The class.
        class: String,
        /// The key as text.
        key: String,
        /// The revision that was read.
        revision: String,
    },
}

impl Operation {
    /// The key of the object, if it has one before.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Update { key, .. } | Self::Delete { key, .. } => Some(key),
        }
    }

    /// The class as the operation names it.
    pub fn class(&self) -> &str {
        match self {
            Self::Create { class, .. }
            | Self::Update { class, .. }
            | Self::Delete { class, .. } => class,
        }
    }

    /// What it sets; nothing for a deletion.
    fn attributes(&self) -> impl Iterator<Item = (&String, &Value)> {
        let attributes = match self {
            Self::Create { attributes, .. } | Self::Update { attributes, .. } => Some(attributes),
            Self::Delete { .. } => None,
        };
        attributes.into_iter().flatten()
    }
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
    /// Checks every operation: names, types, required values, lengths, keys of relations, and
    /// that what shares a column has one value. Constraints are not asked, because they need the
    /// whole object ([`broken`](crate::broken)). Whether an object is there, and whether it may be
    /// changed at all, only the database and the installation know.
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
    let mut violate = |attribute: &str, reason: String| {
        violations.push(Violation {
            operation: index,
            class: operation.class().to_owned(),
            attribute: attribute.to_owned(),
            reason,
        });
    };
    let Some(class) = model.class(operation.class()) else {
        return violate("", "there is no such class".into());
    };
    for (name, value) in operation.attributes() {
        let reason = match class.member(name) {
            None => Some("there is no such attribute".into()),
            Some(Member::ToMany(_)) => Some("the other side of the relation is changed".into()),
            Some(Member::Derived(_)) => Some("it is computed of others".into()),
            Some(Member::Attribute(attribute)) => attribute_reason(class, attribute, value),
            Some(Member::ToOne(relation)) => reference_reason(model, relation, value),
        };
        if let Some(reason) = reason {
            violate(name, reason);
        }
    }
    let conflicts = match operation {
        Operation::Create { attributes, .. } => {
            for name in required(class).filter(|name| !attributes.contains_key(*name)) {
                violate(name, "a value is required".into());
            }
            columns::conflicts(model, class, None, attributes)
        }
        Operation::Update { key, attributes, .. } => {
            for attribute in class.keys().filter(|it| attributes.contains_key(&it.name)) {
                violate(&attribute.name, "the key of an object does not change".into());
            }
            columns::conflicts(model, class, Some(key), attributes)
        }
        Operation::Delete { .. } => Vec::new(),
    };
    for (relation, reason) in conflicts {
        violate(relation, reason);
    }
}

/// The names that a new object must have.
pub(crate) fn required(class: &Class) -> impl Iterator<Item = &str> {
    let fixed: Vec<&str> = class.fixed().into_iter().map(|(name, _)| name).collect();
    let is_given = move |attribute: &&Attribute| {
        let is_assigned = class.key_source == KeySource::Assigned;
        attribute.is_required
            && !(is_assigned && class.is_key(&attribute.name))
            && !fixed.contains(&attribute.name.as_str())
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
    if class.key_source == KeySource::Assigned && class.is_key(&attribute.name) {
        return Some("the database assigns the key".into());
    }
    if value.is_null() {
        return attribute.is_required.then(|| "a value is required".into());
    }
    match (&attribute.ty, value) {
        (AttributeType::Bool, Value::Bool(_))
        | (AttributeType::Int, Value::Int(_))
        | (AttributeType::Date, Value::Date(_))
        | (AttributeType::Decimal(_), Value::Int(_)) => attribute.stored.form.refusal(value),
        (AttributeType::Instant, Value::Instant(at)) => {
            let (day, _) = day_and_time(&attribute.zone(), *at);
            attribute.second.as_ref().and_then(|_| attribute.stored.form.refusal(&Value::Date(day)))
        }
        (AttributeType::Decimal(decimals), Value::Decimal(number)) => {
            let is_fine = number.normalize().scale() <= *decimals;
            (!is_fine).then(|| format!("it has at most {decimals} decimals"))
        }
        (AttributeType::Money { decimals, currency }, Value::Money(money)) => {
            let other = currency.filter(|currency| *currency != money.currency);
            if let Some(currency) = other {
                return Some(format!("it is money in {currency}"));
            }
            if money.amount.normalize().scale() > *decimals {
                return Some(format!("it has at most {decimals} decimals"));
            }
            let Form::Money(form) = attribute.stored.form else { return None };
            let is_fine = form.write(*money, *decimals).is_some();
            (!is_fine).then(|| format!("it is stored with at most {MOST_DIGITS} digits"))
        }
        (AttributeType::Text(length), Value::Text(text)) => {
            if attribute.is_required && text.is_empty() {
                return Some("a value is required".into());
            }
            let is_long = length.is_some_and(|length| text.chars().count() > length);
            is_long.then(|| format!("it has at most {} characters", length.unwrap_or_default()))
        }
        (AttributeType::Choice(enumeration), Value::Text(text)) => enumeration.refusal(text),
        (AttributeType::Money { .. }, found) => {
            Some(format!("an amount with its currency is wanted, not a {}", found.kind()))
        }
        (wanted, found) => Some(format!("a {} is wanted, not a {}", wanted.word(), found.kind())),
    }
}

/// Why a relation cannot take a value.
fn reference_reason(model: &Model, relation: &ToOne, value: &Value) -> Option<String> {
    let target = model.target(relation)?;
    let ty = target.single_key().map(|key| &key.ty);
    match (ty, value) {
        (_, Value::Null) => relation.is_required.then(|| "a value is required".into()),
        (Some(AttributeType::Int), Value::Int(_)) => None,
        (_, Value::Text(text)) => key::values(target, text).err(),
        (_, found) => {
            let wanted = if matches!(ty, Some(AttributeType::Int)) { "int" } else { "text" };
            let class = &relation.class;
            Some(format!("the key of a {class} is a {wanted}, not a {}", found.kind()))
        }
    }
}
