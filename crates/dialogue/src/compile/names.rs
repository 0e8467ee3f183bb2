//! The names that expressions of a script may use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{
    Checked, Definition, Kind, Missing, Schema, Type, Typed, TypedKind, parse,
};

use super::seen::Seen;
use super::trials::Bounds;
use crate::formula::AllDefined;
use crate::scope::Scope;
use crate::template::Labels;

/// Names that every script has.
pub(crate) const BUILT_IN: [&str; 5] = ["agent", "contact", "language", "now", "today"];

/// Names with their types. A clone with some names left out is what one step may use.
#[derive(Debug, Clone)]
pub(crate) struct Names<'a> {
    scope: &'a Scope,
    /// What stands before the names of the script that is being compiled: nothing, or the calls
    /// that lead to it, as `identify/`.
    pub(crate) prefix: String,
    /// Names that have no prefix.
    local: BTreeSet<String>,
    /// Names of this place alone, or that mean more here than elsewhere.
    here: BTreeMap<String, Type>,
    /// What of the answers and results exists here; without it, all.
    seen: Option<Arc<Seen>>,
    /// All of the following by their names with the prefix.
    pub(crate) types: Arc<BTreeMap<String, Type>>,
    /// Which of them are inputs and data: those can be used everywhere.
    pub(crate) is_source: Arc<BTreeSet<String>>,
    /// Words for the values of those that are choices.
    pub(crate) labels: Arc<BTreeMap<String, Labels>>,
    /// Names that have few values, all known.
    pub(crate) finite: Arc<BTreeSet<String>>,
    /// Least and greatest of answers that are numbers.
    pub(crate) bounds: Arc<BTreeMap<String, Bounds>>,
    /// Names of special answers: the question of each, and whether it must be answered.
    pub(crate) specials: Arc<BTreeMap<String, (String, bool)>>,
    /// Names that stand for expressions.
    pub(crate) defined: Arc<AllDefined>,
    /// Names that are none by themselves, with those of their values: `tariff` of `advice.tariff`.
    pub(crate) records: Arc<BTreeMap<String, Vec<String>>>,
    /// What the rows of rosters have, by the ids of those.
    pub(crate) rows: Arc<BTreeMap<String, BTreeMap<String, Type>>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(scope: &'a Scope) -> Self {
        let text = Type::Text.optional();
        let types = [("agent", text.clone()), ("contact", text), ("language", Type::Text)];
        let types = types.into_iter().chain([("today", Type::Date)]);
        let types: BTreeMap<_, _> = types.map(|(name, ty)| (name.to_owned(), ty)).collect();
        Self {
            scope,
            prefix: String::new(),
            local: BUILT_IN.map(str::to_owned).into(),
            is_source: Arc::new(types.keys().cloned().collect()),
            types: Arc::new(types),
            here: BTreeMap::new(),
            seen: None,
            labels: Arc::default(),
            finite: Arc::default(),
            bounds: Arc::default(),
            specials: Arc::default(),
            defined: Arc::default(),
            records: Arc::default(),
            rows: Arc::default(),
        }
    }

    /// The name as all scripts together know it.
    pub(crate) fn full(&self, name: &str) -> String {
        match self.prefix.is_empty() || self.local.contains(name) {
            true => name.to_owned(),
            false => format!("{}{name}", self.prefix),
        }
    }

    /// An expression with the names that all scripts together know.
    pub(crate) fn in_full(&self, checked: Checked) -> Checked {
        if self.prefix.is_empty() {
            return checked;
        }
        let mut root = checked.root().clone();
        self.rename(&mut root);
        Checked::of_part(root)
    }

    fn rename(&self, node: &mut Typed) {
        if let TypedKind::Variable(name) = &mut node.kind {
            *name = self.full(name);
        }
        node.children_mut().into_iter().for_each(|part| self.rename(part));
    }

    /// The same with one more name, of this place alone.
    pub(crate) fn with(&self, name: &str, ty: Type) -> Self {
        let mut names = self.clone();
        names.local.insert(name.to_owned());
        names.here.insert(name.to_owned(), ty);
        names
    }

    /// The same where a name has another type.
    pub(crate) fn as_type(&self, name: String, ty: Type) -> Self {
        let mut names = self.clone();
        names.here.insert(name, ty);
        names
    }

    /// Those that can be used where this is seen.
    pub(crate) fn at(&self, seen: Seen) -> Self {
        Self { seen: Some(Arc::new(seen)), ..self.clone() }
    }

    /// Inputs and data, and nothing else.
    pub(crate) fn of_sources(&self) -> Self {
        self.at(Seen::nothing(&Arc::default()))
    }

    /// Whether every path to here comes by what gives this name.
    pub(crate) fn is_sure(&self, full: &str) -> bool {
        self.seen.as_ref().is_some_and(|it| it.is_sure(full))
    }

    /// The type of a name, as it is here; nothing where it cannot be used.
    pub(crate) fn type_of(&self, full: &str) -> Option<Type> {
        if let Some(ty) = self.here.get(full) {
            return Some(ty.clone());
        }
        let ty = self.types.get(full)?;
        let Some(seen) = &self.seen else { return Some(ty.clone()) };
        if seen.is_present(full) && (self.is_source.contains(full) || seen.is_possible(full)) {
            return Some(ty.present().clone());
        }
        if self.is_source.contains(full) || seen.is_sure(full) {
            return Some(ty.clone());
        }
        seen.is_possible(full).then(|| ty.clone().optional())
    }

    /// Whether it means something already.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        let name = &self.full(name);
        self.here.contains_key(name)
            || self.types.contains_key(name)
            || self.defined.contains_key(name)
            || self.records.contains_key(name)
    }
}

impl Schema for Names<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        self.type_of(&self.full(name))
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        if let Some(roster) = rows_of(class) {
            return self.rows.get(roster)?.get(name).cloned();
        }
        match results_of(class) {
            Some(operation) => {
                let ty = self.scope.operations.get(operation)?.results.get(name)?;
                Some(ty.clone().optional())
            }
            None => Some(self.scope.classes.get(class)?.attributes.get(name)?.ty.clone()),
        }
    }

    fn variables(&self) -> Vec<String> {
        let types = self.types.keys().filter(|it| self.type_of(it).is_some());
        self.here.keys().chain(types).chain(self.defined.keys()).cloned().collect()
    }

    fn members(&self, class: &str) -> Vec<String> {
        if let Some(roster) = rows_of(class) {
            let known = self.rows.get(roster);
            return known.into_iter().flat_map(|it| it.keys().cloned()).collect();
        }
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

    fn definition(&self, name: &str) -> Option<&Definition> {
        self.defined.get(&self.full(name))?.definition.as_ref()
    }

    fn values_of(&self, record: &str) -> Option<Vec<String>> {
        self.records.get(&self.full(record)).cloned()
    }
}

/// The same names where it is not known yet which of them have values: for what stands for an
/// expression wherever it is used, and is checked anew there.
pub(crate) struct Anywhere<'n>(pub(crate) &'n Names<'n>);

impl Schema for Anywhere<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        let ty = self.0.variable(name)?;
        Some(if self.0.is_source.contains(&self.0.full(name)) { ty } else { ty.optional() })
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        self.0.member(class, name)
    }

    fn variables(&self) -> Vec<String> {
        self.0.variables()
    }

    fn members(&self, class: &str) -> Vec<String> {
        self.0.members(class)
    }

    fn definition(&self, name: &str) -> Option<&Definition> {
        self.0.definition(name)
    }

    fn values_of(&self, record: &str) -> Option<Vec<String>> {
        self.0.values_of(record)
    }

    fn missing(&self) -> Missing {
        Missing::ComparesFalse
    }
}

/// The type of what an operation gives back.
pub(crate) fn results_type(operation: &str) -> Type {
    Type::Object(format!("results of {operation}").into())
}

fn results_of(class: &str) -> Option<&str> {
    class.strip_prefix("results of ")
}

/// The type of the rows of a roster.
pub(crate) fn row_type(roster: &str) -> Type {
    Type::Object(format!("rows of {roster}").into())
}

fn rows_of(class: &str) -> Option<&str> {
    class.strip_prefix("rows of ")
}

/// Whether it is one of rows, or has some in it.
pub(crate) fn is_rows(ty: &Type) -> bool {
    match ty.present() {
        Type::Object(class) => rows_of(class).is_some(),
        Type::List(element) => is_rows(element),
        _ => false,
    }
}

/// Whether expressions can use it as a name.
pub(crate) fn is_identifier(name: &str) -> bool {
    let is_name = parse(name).is_ok_and(|it| matches!(&it.root().kind, Kind::Name(_)));
    is_name && name.len() <= crate::MAX_NAME && !BUILT_IN.contains(&name)
}
