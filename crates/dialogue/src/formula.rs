//! A checked expression with the names it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Budget, Checked, Definition, Hit, Type, Typed, TypedKind, Value, Values};
use caruso_markup::Location;

/// Names that stand for expressions.
pub(crate) type AllDefined = BTreeMap<String, Arc<Defined>>;

/// An expression of a script.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    checked: Checked,
    reads: BTreeSet<String>,
    /// What its names stand for, and the names in that; each after those that it needs.
    needs: Vec<Arc<Defined>>,
}

/// What a name stands for.
#[derive(Debug)]
pub(crate) struct Defined {
    pub(crate) name: String,
    /// Where it is declared.
    pub(crate) at: Location,
    /// How its uses are checked.
    pub(crate) definition: Definition,
    /// How it is evaluated: the conditions and values of its rules.
    rules: Vec<(Option<Checked>, Checked)>,
    reads: BTreeSet<String>,
    needs: Vec<Arc<Self>>,
}

impl Formula {
    pub(crate) fn new(checked: Checked, defined: &AllDefined) -> Self {
        let (reads, needs) = needs_of([&checked], defined);
        Self { checked, reads, needs }
    }

    /// The names whose values can decide its own: none that stands for an expression, but those in
    /// that.
    pub(crate) fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    pub(crate) fn root(&self) -> &Typed {
        self.checked.root()
    }

    /// Its own parts, and those of all that its names stand for.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &Typed> {
        let needed = self.needs.iter().flat_map(|it| parts(&it.rules));
        needed.chain([&self.checked]).map(Checked::root)
    }

    pub(crate) fn ty(&self) -> &Type {
        self.checked.type_of()
    }

    /// The name, if it is nothing but a name, or stands for one.
    pub(crate) fn bare_name(&self) -> Option<&str> {
        let mut name = bare(&self.checked)?;
        for defined in self.needs.iter().rev().filter(|it| it.is_one()) {
            if defined.name == name
                && let Some(inner) = defined.rules.first().and_then(|(_, value)| bare(value))
            {
                name = inner;
            }
        }
        Some(name)
    }

    /// Its value; missing where it has none, such as after a division by zero.
    pub(crate) fn value(&self, values: &dyn Values) -> Value {
        if self.needs.is_empty() {
            return value(&self.checked, values);
        }
        // each is computed once, whatever depends on it
        let mut computed = Computed { outer: values, known: BTreeMap::new() };
        for defined in &self.needs {
            let value = defined.value(&computed);
            computed.known.insert(&defined.name, value);
        }
        value(&self.checked, &computed)
    }

    pub(crate) fn is_true(&self, values: &dyn Values) -> bool {
        self.value(values) == Value::Bool(true)
    }
}

impl Defined {
    pub(crate) fn new(
        name: String,
        at: Location,
        definition: Definition,
        rules: Vec<(Option<Checked>, Checked)>,
        defined: &AllDefined,
    ) -> Self {
        let (reads, needs) = needs_of(parts(&rules), defined);
        Self { name, at, definition, rules, reads, needs }
    }

    /// Whether it is one expression.
    fn is_one(&self) -> bool {
        matches!(self.rules.as_slice(), [(None, _)])
    }

    fn value(&self, values: &dyn Values) -> Value {
        let mut hits = self.rules.iter().filter(|(when, _)| {
            when.as_ref().is_none_or(|when| value(when, values) == Value::Bool(true))
        });
        let Some((when, hit)) = hits.next() else { return Value::Null };
        // what has no condition holds only if nothing else does
        let is_ambiguous = self.definition.hit == Hit::Only
            && when.is_some()
            && hits.any(|(when, _)| when.is_some());
        if is_ambiguous { Value::Null } else { value(hit, values) }
    }
}

fn parts(rules: &[(Option<Checked>, Checked)]) -> impl Iterator<Item = &Checked> {
    rules.iter().flat_map(|(when, value)| when.iter().chain([value]))
}

fn value(checked: &Checked, values: &dyn Values) -> Value {
    checked.evaluate(values, Budget::default()).unwrap_or(Value::Null)
}

fn bare(checked: &Checked) -> Option<&str> {
    match &checked.root().kind {
        TypedKind::Variable(name) => Some(name),
        _ => None,
    }
}

/// What expressions read, and what the names in them stand for.
fn needs_of<'c>(
    parts: impl IntoIterator<Item = &'c Checked>,
    defined: &AllDefined,
) -> (BTreeSet<String>, Vec<Arc<Defined>>) {
    let mut names = BTreeSet::new();
    parts.into_iter().for_each(|part| collect(part.root(), &mut names));
    let (mut reads, mut needs) = (BTreeSet::new(), Vec::<Arc<Defined>>::new());
    for name in names {
        let Some(found) = defined.get(&name) else {
            reads.insert(name);
            continue;
        };
        reads.extend(found.reads.iter().cloned());
        for needed in found.needs.iter().chain([found]) {
            if !needs.iter().any(|it| Arc::ptr_eq(it, needed)) {
                needs.push(Arc::clone(needed));
            }
        }
    }
    (reads, needs)
}

fn collect(node: &Typed, names: &mut BTreeSet<String>) {
    if let TypedKind::Variable(name) = &node.kind {
        names.insert(name.clone());
    }
    node.children().into_iter().for_each(|part| collect(part, names));
}

/// Values, and those that were computed of them.
struct Computed<'a> {
    outer: &'a dyn Values,
    known: BTreeMap<&'a str, Value>,
}

impl Values for Computed<'_> {
    fn variable(&self, name: &str) -> Value {
        self.known.get(name).cloned().unwrap_or_else(|| self.outer.variable(name))
    }
}
