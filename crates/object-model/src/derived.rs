//! Attributes that no column holds.

use std::sync::Arc;

use caruso_expression::{Checked, Type};

use crate::model::{Enumeration, Labels};

/// An attribute that is computed whenever an object is read. It is given no value.
#[derive(Debug, Clone)]
pub struct Derived {
    /// Never changes.
    pub id: String,
    /// As scripts and filters write it.
    pub name: String,
    /// For people.
    pub labels: Labels,
    /// What it is; optional where it may be missing.
    pub ty: Type,
    /// Of a choice: its values.
    pub enumeration: Option<Arc<Enumeration>>,
    /// What it is made of.
    pub formula: Formula,
}

/// What a derived attribute is made of.
#[derive(Debug, Clone)]
pub enum Formula {
    /// Other attributes of the object, and of those that it leads to; no derived ones.
    Value(Checked),
    /// The objects of a relation to many.
    RollUp(RollUp),
}

/// A figure over the objects of a relation to many.
#[derive(Debug, Clone)]
pub struct RollUp {
    /// The relation.
    pub relation: String,
    /// What is computed.
    pub function: RollUpFunction,
    /// Of which attribute of those objects; a count may have none.
    pub attribute: Option<String>,
    /// The condition on those that are counted; all without one.
    pub when: Option<Checked>,
}

/// What is computed of several objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollUpFunction {
    /// Objects, or those that have a value.
    Count,
    /// Of an int, a decimal, or money of one currency; missing where no object has a value.
    Sum,
    /// The smallest value.
    Least,
    /// The largest value.
    Greatest,
}
