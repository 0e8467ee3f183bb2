//! Columns that a relation shares with attributes, with the key or with another relation: an
//! object cannot have two values of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Value;

use crate::key;
use crate::model::{Attribute, AttributeType, Class, Member, Model, ToOne};

/// A value that a column is to have: who says so, of what type it is.
struct Wanted<'a> {
    by: &'a str,
    ty: &'a AttributeType,
    value: Value,
}

/// The relations among what is set of an object whose key does not agree with what else their
/// columns hold, with the reasons. `key` is that of an object that is there. Missing values and
/// unsound ones are passed over.
pub(crate) fn conflicts<'a>(
    model: &'a Model,
    class: &'a Class,
    key: Option<&str>,
    set: &'a BTreeMap<String, Value>,
) -> Vec<(&'a str, String)> {
    let mut columns: BTreeMap<String, Wanted<'a>> = BTreeMap::new();
    for (attribute, value) in held(class, key, set) {
        for (held, value) in attribute.columns().zip(attribute.parts(value)) {
            let wanted = Wanted { by: &attribute.name, ty: held.ty, value };
            columns.insert(held.column.to_lowercase(), wanted);
        }
    }
    let mut conflicts = Vec::new();
    for (name, value) in set {
        let Some(Member::ToOne(relation)) = class.member(name) else { continue };
        let kind = relation.kind.iter().filter(|_| !value.is_null()).map(|kind| {
            let value = Value::from(relation.name.as_str());
            (kind.column.to_lowercase(), Wanted { by: &relation.name, ty: &kind.ty, value })
        });
        for (column, wanted) in led_to(model, relation, value).chain(kind) {
            match columns.get(&column) {
                Some(known) if differ(known, &wanted) => {
                    let reason = format!("it shares a column with `{}`, another value", known.by);
                    conflicts.push((relation.name.as_str(), reason));
                }
                Some(_) => {}
                None => {
                    columns.insert(column, wanted);
                }
            }
        }
    }
    conflicts
}

/// The attributes with the values that they are known to have in the end.
fn held<'a>(
    class: &'a Class,
    key: Option<&str>,
    set: &BTreeMap<String, Value>,
) -> Vec<(&'a Attribute, Value)> {
    let key = key.and_then(|key| key::values(class, key).ok()).unwrap_or_default();
    let given = set.iter().filter_map(|(name, value)| match class.member(name) {
        Some(Member::Attribute(attribute)) if !value.is_null() => Some((attribute, value.clone())),
        _ => None,
    });
    // the key last, because it does not change
    given.chain(class.keys().zip(key)).collect()
}

/// The columns of a relation with the parts of the key that it is to hold.
fn led_to<'a>(
    model: &'a Model,
    relation: &'a ToOne,
    value: &Value,
) -> impl Iterator<Item = (String, Wanted<'a>)> {
    let target = model.target(relation).filter(|_| !value.is_null());
    let parts = target.and_then(|target| key::values(target, &value.to_string()).ok());
    let types = target.into_iter().flat_map(Class::keys).map(|key| &key.ty);
    let columns = relation.columns.iter().map(|column| column.to_lowercase());
    let wanted = types.zip(parts.unwrap_or_default());
    columns.zip(wanted.map(|(ty, value)| Wanted { by: &relation.name, ty, value }))
}

/// True when two values cannot be one in the database. Values of different types may be.
fn differ(one: &Wanted<'_>, other: &Wanted<'_>) -> bool {
    let are_comparable = match (one.ty, other.ty) {
        (AttributeType::Choice(one), AttributeType::Choice(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.word() == other.word(),
    };
    are_comparable && one.value != other.value
}
