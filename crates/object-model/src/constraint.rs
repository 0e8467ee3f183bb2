//! What is true of every object of a class.

use std::collections::BTreeMap;

use caruso_expression::{Budget, Checked, Value};

use crate::model::{Class, Labels};

/// A condition that every object of a class fulfils.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// Never changes.
    pub id: String,
    /// Unique in its class; for errors.
    pub name: String,
    /// A bool over the attributes of the class; of relations to one it only asks whether they
    /// are there. It holds when it is true, so that one which compares a missing value does not.
    pub test: Checked,
    /// What people read when it does not hold.
    pub messages: Labels,
}

/// The constraints that an object breaks, in the order of the file.
///
/// `values` is the whole object as it is to be written, not only what changes: attributes, and
/// keys of relations to one, by name; what is absent or [`Value::Null`] is missing, as the key is
/// that the database has yet to assign. A test that has no outcome counts as broken: one that
/// takes more than the default [`Budget`], or whose arithmetic fails.
pub fn broken<'a>(class: &'a Class, values: &BTreeMap<String, Value>) -> Vec<&'a Constraint> {
    let holds = |constraint: &&Constraint| {
        constraint.test.evaluate(values, Budget::default()) == Ok(Value::Bool(true))
    };
    class.constraints.iter().filter(|constraint| !holds(constraint)).collect()
}
