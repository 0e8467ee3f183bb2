//! A checked expression with the names it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use caruso_expression::{Budget, Checked, Definition, Hit, Type, Typed, TypedKind, Value, Values};
use caruso_markup::Location;

/// Names that stand for expressions.
pub(crate) type AllDefined = BTreeMap<String, Arc<Defined>>;

/// An expression of a script.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    checked: Checked,
    names: Arc<Direct>,
    /// Worked out when it is first wanted: all that is defined must have its rules by then.
    needs: Arc<OnceLock<Needs>>,
}

/// What a name stands for.
#[derive(Debug)]
pub(crate) struct Defined {
    pub(crate) name: String,
    /// Where it is declared.
    pub(crate) at: Location,
    /// How its uses are checked; nothing for a name that has a type of its own, as what goes into
    /// another script and comes out of it.
    pub(crate) definition: Option<Definition>,
    body: OnceLock<Body>,
}

/// The conditions and values of rules.
type Rules = Vec<(Option<Checked>, Checked)>;

#[derive(Debug)]
struct Body {
    rules: Rules,
    names: Direct,
}

/// The names in expressions.
#[derive(Debug, Clone, Default)]
struct Direct {
    plain: BTreeSet<String>,
    defined: Vec<Arc<Defined>>,
}

/// What expressions need, whatever their names stand for.
#[derive(Debug, Clone, Default)]
struct Needs {
    reads: BTreeSet<String>,
    /// Each after those that it needs.
    defined: Vec<Arc<Defined>>,
}

impl Formula {
    pub(crate) fn new(checked: Checked, defined: &AllDefined) -> Self {
        let names = Arc::new(Direct::of([&checked], defined));
        Self { checked, names, needs: Arc::default() }
    }

    /// The same as the checker sees it: a name with a type of its own is one that is read.
    pub(crate) fn as_checked(&self) -> Self {
        let mut needs = Needs::default();
        needs.add(&self.names, true, &mut BTreeSet::new());
        let (checked, names) = (self.checked.clone(), Arc::clone(&self.names));
        Self { checked, names, needs: Arc::new(OnceLock::from(needs)) }
    }

    fn needs(&self) -> &Needs {
        self.needs.get_or_init(|| {
            let mut needs = Needs::default();
            needs.add(&self.names, false, &mut BTreeSet::new());
            needs
        })
    }

    /// The names whose values can decide its own: none that stands for an expression, but those in
    /// that.
    pub(crate) fn reads(&self) -> &BTreeSet<String> {
        &self.needs().reads
    }

    pub(crate) fn root(&self) -> &Typed {
        self.checked.root()
    }

    /// Its own parts, and those of all that its names stand for.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &Typed> {
        let needed = self.needs().defined.iter().flat_map(|it| parts(it.rules()));
        needed.chain([&self.checked]).map(Checked::root)
    }

    pub(crate) fn ty(&self) -> &Type {
        self.checked.type_of()
    }

    /// The name, if it is nothing but a name, or stands for one.
    pub(crate) fn bare_name(&self) -> Option<&str> {
        let mut name = bare(&self.checked)?;
        for defined in self.needs().defined.iter().rev().filter(|it| it.is_one()) {
            if defined.name == name
                && let Some(inner) = defined.rules().first().and_then(|(_, value)| bare(value))
            {
                name = inner;
            }
        }
        Some(name)
    }

    /// Its value; missing where it has none, such as after a division by zero.
    pub(crate) fn value(&self, values: &dyn Values) -> Value {
        if self.names.defined.is_empty() {
            return value(&self.checked, values);
        }
        // each is computed once, whatever depends on it
        let mut computed = Computed { outer: values, known: BTreeMap::new() };
        for defined in &self.needs().defined {
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
    /// A name for rules that are checked wherever it is used.
    pub(crate) fn new(
        name: String,
        at: Location,
        definition: Definition,
        rules: Rules,
        defined: &AllDefined,
    ) -> Self {
        let this = Self { name, at, definition: Some(definition), body: OnceLock::new() };
        this.set(rules, defined);
        this
    }

    /// A name with a type of its own, whose rules are known later.
    pub(crate) fn typed(name: String, at: Location) -> Self {
        Self { name, at, definition: None, body: OnceLock::new() }
    }

    /// Gives it its rules; the first are the last.
    pub(crate) fn set(&self, rules: Rules, defined: &AllDefined) {
        self.body.get_or_init(|| Body { names: Direct::of(parts(&rules), defined), rules });
    }

    fn rules(&self) -> &[(Option<Checked>, Checked)] {
        self.body.get().map_or(&[], |it| &it.rules)
    }

    /// Whether it is one expression.
    fn is_one(&self) -> bool {
        matches!(self.rules(), [(None, _)])
    }

    fn value(&self, values: &dyn Values) -> Value {
        let mut hits = self.rules().iter().filter(|(when, _)| {
            when.as_ref().is_none_or(|when| value(when, values) == Value::Bool(true))
        });
        let Some((when, hit)) = hits.next() else { return Value::Null };
        // what has no condition holds only if nothing else does
        let is_ambiguous = self.definition.as_ref().is_some_and(|it| it.hit == Hit::Only)
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

impl Direct {
    fn of<'c>(parts: impl IntoIterator<Item = &'c Checked>, defined: &AllDefined) -> Self {
        let mut names = BTreeSet::new();
        parts.into_iter().for_each(|part| collect(part.root(), &mut names));
        let found = names.iter().filter_map(|it| defined.get(it)).cloned().collect();
        names.retain(|it| !defined.contains_key(it));
        Self { plain: names, defined: found }
    }
}

impl Needs {
    /// Adds names with all that they stand for, each once.
    fn add(&mut self, names: &Direct, as_checked: bool, seen: &mut BTreeSet<String>) {
        self.reads.extend(names.plain.iter().cloned());
        for defined in &names.defined {
            if !seen.insert(defined.name.clone()) {
                continue;
            }
            if as_checked && defined.definition.is_none() {
                self.reads.insert(defined.name.clone());
                continue;
            }
            if let Some(body) = defined.body.get() {
                self.add(&body.names, as_checked, seen);
            }
            self.defined.push(Arc::clone(defined));
        }
    }
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
