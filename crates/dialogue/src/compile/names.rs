//! The names that expressions of a script may use.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Kind, Schema, Type, parse};

use crate::scope::Scope;
use crate::template::Labels;

/// Names that every script has.
pub(crate) const BUILT_IN: [&str; 4] = ["agent", "contact", "language", "now"];

/// Names with their types. A clone with some names left out is what one step may use.
#[derive(Debug, Clone)]
pub(crate) struct Names<'a> {
    scope: &'a Scope,
    pub(crate) types: BTreeMap<String, Type>,
    /// Which of them are inputs and data: those can be used everywhere.
    pub(crate) is_source: BTreeSet<String>,
    /// Words for the values of those that are choices.
    pub(crate) labels: BTreeMap<String, Labels>,
    /// Names that have few values, all known.
    pub(crate) finite: BTreeSet<String>,
    /// Names of special answers: the question of each, and whether it must be answered.
    pub(crate) specials: BTreeMap<String, (String, bool)>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(scope: &'a Scope) -> Self {
        let text = Type::Text.optional();
        let types = [("agent", text.clone()), ("contact", text), ("language", Type::Text)];
        let types = BTreeMap::from(types.map(|(name, ty)| (name.to_owned(), ty)));
        Self {
            scope,
            is_source: types.keys().cloned().collect(),
            types,
            labels: BTreeMap::new(),
            finite: BTreeSet::new(),
            specials: BTreeMap::new(),
        }
    }

    /// The same with one more name.
    pub(crate) fn with(&self, name: &str, ty: Type) -> Self {
        let mut names = self.clone();
        names.types.insert(name.to_owned(), ty);
        names
    }
}

impl Schema for Names<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        self.types.get(name).cloned()
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        match results_of(class) {
            Some(operation) => {
                let ty = self.scope.operations.get(operation)?.results.get(name)?;
                Some(ty.clone().optional())
            }
            None => Some(self.scope.classes.get(class)?.attributes.get(name)?.ty.clone()),
        }
    }

    fn variables(&self) -> Vec<String> {
        self.types.keys().cloned().collect()
    }

    fn members(&self, class: &str) -> Vec<String> {
        match results_of(class) {
            Some(operation) => {
                let known = self.scope.operations.get(operation);
                known.into_iter().flat_map(|it| it.results.keys().cloned()).collect()
            }
            None => {
                let known = self.scope.classes.get(class);
                known.into_iter().flat_map(|it| it.attributes.keys().cloned()).collect()
            }
        }
    }
}

/// The type of what an operation gives back.
pub(crate) fn results_type(operation: &str) -> Type {
    Type::Object(format!("results of {operation}").into())
}

fn results_of(class: &str) -> Option<&str> {
    class.strip_prefix("results of ")
}

/// Whether expressions can use it as a name.
pub(crate) fn is_identifier(name: &str) -> bool {
    let is_name = parse(name).is_ok_and(|it| matches!(&it.root().kind, Kind::Name(_)));
    is_name && name.len() <= crate::MAX_NAME && !BUILT_IN.contains(&name)
}
