//! Scripts that call others: the steps of the called one stand in the place of the call.
//!
//! Since no script calls itself, a call can be replaced by what it calls. Its steps have the id of
//! the call before their own, `identify/name`, and so have its names, which are then those of no
//! other script; its ends lead to the step of the call, from where the caller goes on. Whatever
//! works with a script knows nothing of calls.
//!
//! What goes in and comes out are names for expressions, as computed values are, but with the types
//! that the called script declares: it was checked by itself and is not checked anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Checked, Type, Typed, TypedKind, Value};
use caruso_markup::{Attribute, Element, suggest};

use super::callable::{chained, trouble};
use super::matrices;
use super::names::{Names, is_identifier, is_rows};
use super::{Compiler, compile_calling, simple};
use crate::codes;
use crate::environment::PASSED;
use crate::formula::Defined;
use crate::parts::{
    Part, after_question, first_question, has_rows, is_step, parts, row_of, steps, steps_named,
};
use crate::script::Source;
use crate::texts::Text;

/// Under which the outcome of a called script is among its results.
const OUTCOME: &str = "outcome";

/// What a caller must know of a script.
#[derive(Debug)]
pub(super) struct Interface {
    inputs: Vec<Input>,
    /// By name; those that not every end gives may be missing.
    results: BTreeMap<String, Type>,
    digest: String,
    is_sound: bool,
}

#[derive(Debug)]
struct Input {
    name: String,
    ty: Type,
    is_required: bool,
}

/// Scripts that were looked at because others call them.
#[derive(Debug, Default)]
pub(super) struct Called {
    known: BTreeMap<String, Arc<Interface>>,
    /// Those that are being compiled, each called by the one before.
    open: Vec<String>,
}

impl Input {
    fn is_object(&self) -> bool {
        matches!(self.ty.present(), Type::Object(_))
    }
}

impl Called {
    pub(super) fn enter(&mut self, script: &str) {
        self.open.push(script.to_owned());
    }

    pub(super) fn leave(&mut self) {
        self.open.pop();
    }
}

/// A step of a script, or of one that it calls.
#[derive(Debug)]
pub(super) struct Place<'e> {
    /// Its id behind those of the calls that lead to it.
    pub(super) id: String,
    /// Those calls, as `identify/`.
    pub(super) prefix: String,
    pub(super) element: &'e Element,
    /// The section in which it stands.
    pub(super) section: Option<&'e Element>,
    /// The rosters in which it stands, the outermost first, with the calls before their ids.
    pub(super) rosters: Vec<String>,
    /// Of a question on a page: the ids of the page and of its first question.
    pub(super) page: Option<(String, String)>,
    /// Of a question of a matrix, the item that it is about.
    pub(super) item: Option<&'e Element>,
    pub(super) kind: PlaceKind,
    pub(super) next: Vec<Way<'e>>,
    /// Of a call, the names of what comes out of it.
    pub(super) results: Vec<String>,
}

/// What an element is in the graph: a roster is two steps, and so is an interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceKind {
    Step,
    /// Where each row of a roster begins, or an interrupt.
    Row,
    /// Where rows end, and from where the roster is left; where an interrupt is over.
    Rows,
}

impl<'e> Place<'e> {
    /// Where each row of a roster begins.
    fn row(
        element: &'e Element,
        section: Option<&'e Element>,
        prefix: &str,
        rosters: &[String],
        start: String,
    ) -> Self {
        let id = format!("{prefix}{}", element.value("id").unwrap_or_default());
        Self {
            id: row_of(&id),
            prefix: prefix.to_owned(),
            element,
            section,
            rosters: rosters.to_vec(),
            page: None,
            item: None,
            kind: PlaceKind::Row,
            next: vec![Way { element: None, to: start }],
            results: Vec::new(),
        }
    }

    /// Whether it stands in the script itself.
    pub(super) fn is_own(&self) -> bool {
        self.prefix.is_empty()
    }
}

/// A transition.
#[derive(Debug)]
pub(super) struct Way<'e> {
    /// Its `next`; nothing where an end leads back to the call.
    pub(super) element: Option<&'e Element>,
    pub(super) to: String,
}

/// A script with all that it calls.
#[derive(Debug, Default)]
pub(super) struct Graph<'e> {
    pub(super) places: Vec<Place<'e>>,
    calls: BTreeMap<String, Call<'e>>,
    pub(super) start: String,
}

#[derive(Debug)]
struct Call<'e> {
    /// Of the caller.
    prefix: String,
    element: &'e Element,
    /// The called script.
    root: &'e Element,
    interface: Arc<Interface>,
}

impl<'e> Graph<'e> {
    /// The scripts that are called, each with the calls that lead to it before its names.
    pub(super) fn called(&self) -> impl Iterator<Item = (String, &'e Element)> {
        self.calls.iter().map(|(id, call)| (format!("{id}/"), call.root))
    }

    /// Those of the scripts that are called, in the order of the calls' ids.
    pub(super) fn digests(&self) -> impl Iterator<Item = &str> {
        let own = self.calls.values().filter(|it| it.prefix.is_empty());
        own.map(|it| it.interface.digest.as_str())
    }
}

/// A script and its interface.
type Callee<'e> = (&'e Element, Arc<Interface>);

impl<'a> Compiler<'a> {
    /// The steps of a script and of all that it calls.
    pub(super) fn graph<'e>(&mut self, root: &'e Element) -> Graph<'e>
    where
        'a: 'e,
    {
        let mut graph = Graph::default();
        self.expand(root, "", None, &mut graph);
        if !self.is_small(&graph) {
            // what is called is left out, so that nothing has to be checked that often
            self.is_too_large = true;
            graph = Graph::default();
            self.expand(root, "", None, &mut graph);
        }
        graph.start = self.entry(root, "", root.value("start").unwrap_or_default());
        graph
    }

    fn expand<'e>(
        &mut self,
        root: &'e Element,
        prefix: &str,
        back: Option<&str>,
        graph: &mut Graph<'e>,
    ) where
        'a: 'e,
    {
        let steps: Vec<Part<'_>> = parts(root).filter(|it| is_step(it.element)).collect();
        let mut entries = BTreeMap::new();
        for Part { element, .. } in &steps {
            if element.name == "call" && prefix.is_empty() {
                self.check_call(root, element);
            }
            let id = element.value("id").unwrap_or_default();
            entries.insert(id, self.entry(root, prefix, id));
        }
        if prefix.is_empty() {
            self.check_levels(&steps);
            self.check_begun(&steps);
            self.check_pages(root, &steps);
        }
        for Part { element, section, rosters, page } in steps {
            let full = |id: &str| format!("{prefix}{id}");
            let inside = rosters.last().and_then(|it| it.value("id"));
            let entered = |to: &str| match inside == Some(to) {
                // the row ends
                true => full(to),
                false => entries.get(to).cloned().unwrap_or_else(|| full(to)),
            };
            if graph.places.len() > crate::MAX_STEPS && !prefix.is_empty() {
                return;
            }
            let id = format!("{prefix}{}", element.value("id").unwrap_or_default());
            let next = element.children_named("next").map(|next| {
                let to = entered(next.value("to").unwrap_or_default());
                Way { element: Some(next), to }
            });
            let rosters = rosters.iter().filter_map(|it| it.value("id")).map(full);
            let rosters: Vec<String> = rosters.collect();
            if has_rows(element) {
                let start = entered(element.value("start").unwrap_or_default());
                graph.places.push(Place::row(element, section, prefix, &rosters, start));
            }
            graph.places.extend(matrices::items(element, section, prefix, &rosters));
            let next = match back.filter(|_| element.name == "end") {
                Some(call) => vec![Way { element: None, to: call.to_owned() }],
                None if element.name == "another" => {
                    let roster = inside.map(full).unwrap_or_default();
                    vec![Way { element: None, to: roster }]
                }
                None if let Some(page) = page => {
                    vec![Way { element: None, to: full(after_question(page, element)) }]
                }
                None => next.collect(),
            };
            let kind = if has_rows(element) { PlaceKind::Rows } else { PlaceKind::Step };
            let callee = if element.name == "call" { self.callee(root, element) } else { None };
            let results = callee.iter().flat_map(|(_, it)| it.results.keys().cloned());
            let results = results.chain(matrices::names(element)).collect();
            let page = page.and_then(|it| Some((it.value("id")?, first_question(it)?)));
            graph.places.push(Place {
                id: id.clone(),
                prefix: prefix.to_owned(),
                element,
                section,
                rosters,
                page: page.map(|(page, first)| (full(page), full(first))),
                item: None,
                kind,
                next,
                results,
            });
            if let Some((root, interface)) = callee {
                let call = Call { prefix: prefix.to_owned(), element, root, interface };
                graph.calls.insert(id.clone(), call);
                self.expand(root, &format!("{id}/"), Some(&id), graph);
            }
        }
    }

    /// Where a transition to a step leads: that of a call to where the called script starts, that
    /// of a page to its first question.
    fn entry(&mut self, root: &Element, prefix: &str, to: &str) -> String {
        let step = steps(root).find(|it| it.value("id") == Some(to));
        let inside = match step.map(|it| (it.name.as_str(), it)) {
            Some(("roster", _)) => Some(row_of(&format!("{prefix}{to}"))),
            Some(("matrix", matrix)) => matrices::first(matrix, prefix),
            Some(("page", page)) => first_question(page).map(|it| format!("{prefix}{it}")),
            Some(("call", call)) => self.callee(root, call).map(|(root, _)| {
                let start = root.value("start").unwrap_or_default();
                self.entry(root, &format!("{prefix}{to}/"), start)
            }),
            _ => None,
        };
        inside.unwrap_or_else(|| format!("{prefix}{to}"))
    }

    fn is_small(&mut self, graph: &Graph<'_>) -> bool {
        let own = graph.calls.values().find(|it| it.prefix.is_empty());
        let Some(script) = own.and_then(|it| it.element.attribute("script")) else { return true };
        let found = self.findings.len();
        if graph.places.len() > crate::MAX_STEPS {
            let most = crate::MAX_STEPS;
            let message = format!("with all that it calls, the script has over {most} steps");
            self.find(script, codes::SIZE, message, None);
        }
        let called = graph.places.iter().filter(|it| !it.is_own());
        if let Some(place) = called.max_by_key(|it| it.id.len())
            && place.id.len() > crate::MAX_PATH
        {
            let (id, most) = (&place.id, crate::MAX_PATH);
            let message = format!("the id `{id}` is longer than {most} bytes");
            let hint = "shorten the id of the call, or of the step".to_owned();
            self.find(script, codes::SIZE, message, Some(hint));
        }
        self.findings.len() == found
    }

    /// The script that a call leads to, if it can be called.
    fn callee(&mut self, caller: &Element, call: &Element) -> Option<Callee<'a>> {
        let id = call.value("script").filter(|_| !self.is_too_large)?;
        let interface = self.interface(id)?;
        let root = &self.scope.scripts.get(id)?.root;
        (interface.is_sound && trouble(caller, root).is_none()).then_some((root, interface))
    }

    /// Nothing where there is no such script, or it is being compiled.
    fn interface(&mut self, id: &str) -> Option<Arc<Interface>> {
        if let Some(known) = self.called.known.get(id) {
            return Some(Arc::clone(known));
        }
        let document = self.scope.scripts.get(id)?;
        let is_open = self.called.open.iter().any(|it| it == id);
        if is_open || self.called.open.len() > crate::MAX_CALLS_DEEP {
            return None;
        }
        let (script, mut results, findings) = compile_calling(document, self.scope, self.called);
        let outcomes = outcomes(&document.root).into_iter().map(|(_, outcome)| outcome);
        let outcomes: BTreeSet<&str> = outcomes.collect();
        results.insert(OUTCOME.to_owned(), Type::choice(format!("outcome of {id}"), outcomes));
        let interface = Arc::new(Interface {
            inputs: document.root.children_named("input").filter_map(input).collect(),
            results,
            digest: script.digest,
            is_sound: findings.is_empty(),
        });
        self.called.known.insert(id.to_owned(), Arc::clone(&interface));
        Some(interface)
    }

    fn check_call(&mut self, root: &Element, call: &Element) {
        let Some(script) = call.attribute("script") else { return };
        let known = &self.scope.scripts;
        let Some(document) = known.get(&script.value) else {
            let hint = suggest(&script.value, known.keys().map(String::as_str));
            let message = format!("the application has no script `{}`", script.value);
            self.find(script, codes::UNKNOWN_SCRIPT, message, hint);
            return;
        };
        let own = self.called.open.last().cloned().unwrap_or_default();
        let mut path = vec![own.as_str()];
        if let Some((code, message)) = chained(known, &own, &script.value, &mut path, &mut 0) {
            self.find(script, code, message, None);
            return;
        }
        match self.interface(&script.value) {
            Some(interface) if interface.is_sound => match trouble(root, &document.root) {
                Some((message, hint)) => {
                    self.find(script, codes::UNCALLABLE, message, Some(hint));
                }
                None => self.check_handed_over(call, &interface),
            },
            _ => {
                let message = format!("`{}` has mistakes of its own", script.value);
                self.find(script, codes::UNCALLABLE, message, None);
            }
        }
    }

    fn check_handed_over(&mut self, call: &Element, interface: &Interface) {
        let mut given = BTreeSet::new();
        for name in call.children_named("with").filter_map(|it| it.attribute("name")) {
            if !given.insert(name.value.as_str()) {
                let message = format!("`{}` is handed over twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            if !interface.inputs.iter().any(|it| it.name == name.value) {
                let hint = suggest(&name.value, interface.inputs.iter().map(|it| it.name.as_str()));
                let message = format!("the called script has no input `{}`", name.value);
                self.find(name, codes::UNKNOWN_INPUT, message, hint);
            }
        }
        let required = interface.inputs.iter().filter(|it| it.is_required);
        for input in required.filter(|it| !given.contains(it.name.as_str())) {
            let message = format!("the input `{}` must be handed over", input.name);
            self.findings.push(call.finding(codes::MISSING_VALUE, message));
        }
    }

    /// Gives what comes out of a call its types, and what goes in.
    pub(super) fn declare_call(&mut self, place: &Place<'_>, graph: &Graph<'_>) {
        let Some(id) = place.element.attribute("id") else { return };
        if !self.is_new(id) {
            return;
        }
        let Some(call) = graph.calls.get(&place.id) else {
            self.broken.insert(id.value.clone());
            return;
        };
        let at = &place.element.location;
        for (name, ty) in &call.interface.results {
            let full = format!("{}.{name}", place.id);
            if let Type::Choice(choice) = ty.present() {
                let word = |it: &str| Text::word(&self.language, &self.zone, it);
                let words = choice.values.iter().map(|it| (it.clone(), word(it))).collect();
                Arc::make_mut(&mut self.names.labels).insert(full.clone(), Arc::new(words));
            }
            if matches!(ty.present(), Type::Choice(_) | Type::Bool) {
                Arc::make_mut(&mut self.names.finite).insert(full.clone());
            }
            let defined = Arc::new(Defined::typed(full.clone(), at.clone()));
            Arc::make_mut(&mut self.names.defined).insert(full.clone(), defined);
            Arc::make_mut(&mut self.names.types).insert(full, ty.clone());
        }
        Arc::make_mut(&mut self.names.records).insert(place.id.clone(), place.results.clone());
        for input in &call.interface.inputs {
            let full = format!("{}/{}", place.id, input.name);
            Arc::make_mut(&mut self.names.is_source).insert(full.clone());
            if *input.ty.present() == Type::Bool {
                Arc::make_mut(&mut self.names.finite).insert(full.clone());
            }
            let defined = Arc::new(Defined::typed(full.clone(), at.clone()));
            Arc::make_mut(&mut self.names.defined).insert(full.clone(), defined);
            Arc::make_mut(&mut self.names.types).insert(full.clone(), input.ty.clone());
            if input.is_object() {
                self.declare_handed(&full, at);
            }
        }
        self.names.prefix = format!("{}/", place.id);
        self.declare_data(call.root);
        self.names.prefix.clone_from(&place.prefix);
    }

    /// What goes into calls, what is computed and read there, and what comes out.
    pub(super) fn define_calls(
        &mut self,
        graph: &Graph<'_>,
        sources: &mut BTreeMap<String, Source>,
    ) {
        for (id, call) in &graph.calls {
            self.names.prefix.clone_from(&call.prefix);
            let names = self.names.clone();
            for (input, value) in handed_over(call.element, &call.interface) {
                let Some(expression) = self.parsed(value) else { continue };
                let expected = input.ty.clone().optional();
                let checked = self.checked_anywhere(value, &expression, &names, Some(&expected));
                let rules = checked.map(|it| vec![(None, it)]);
                self.give(&format!("{id}/{}", input.name), rules.unwrap_or_default());
            }
            self.names.prefix = format!("{id}/");
            for object in call.interface.inputs.iter().filter(|it| it.is_object()) {
                self.give_handed(&format!("{id}/{}", object.name));
            }
            self.define(call.root, sources);
            let names = self.names.clone();
            for name in call.interface.results.keys() {
                let rules = outcomes(call.root).into_iter().filter_map(|(end, outcome)| {
                    let value = match name.as_str() {
                        OUTCOME => constant(Type::Text, TypedKind::Literal(Value::from(outcome))),
                        _ => self.result(end, name, &names)?,
                    };
                    let step = end.value("id").unwrap_or_default();
                    let passed = TypedKind::Variable(format!("{PASSED}{id}/{step}"));
                    Some((Some(constant(Type::Bool, passed)), value))
                });
                let rules: Vec<_> = rules.collect();
                self.give(&format!("{id}.{name}"), rules);
            }
        }
        self.names.prefix.clear();
    }

    pub(super) fn give(&mut self, name: &str, rules: Vec<(Option<Checked>, Checked)>) {
        if let Some(defined) = self.names.defined.get(name) {
            defined.set(rules, &self.names.defined);
        }
    }

    fn result(&mut self, end: &Element, name: &str, names: &Names<'_>) -> Option<Checked> {
        let mut results = end.children_named("result");
        let value = results.find(|it| it.value("name") == Some(name))?.attribute("value")?;
        let expression = self.parsed(value)?;
        self.checked_anywhere(value, &expression, names, None)
    }

    /// What goes into a call must be there when it begins.
    pub(super) fn handed_over(&mut self, place: &Place<'_>, graph: &Graph<'_>, names: &Names<'_>) {
        let Some(call) = graph.calls.get(&place.id) else { return };
        let interface = Arc::clone(&call.interface);
        for (input, value) in handed_over(place.element, &interface) {
            self.formula(value, names, Some(&input.ty));
        }
    }

    /// What an end gives to whoever called the script.
    pub(super) fn results(&mut self, end: &Element, names: &Names<'_>) {
        self.ends += 1;
        let mut given = BTreeSet::new();
        for result in end.children_named("result") {
            let (Some(name), Some(value)) = (result.attribute("name"), result.attribute("value"))
            else {
                continue;
            };
            if !is_identifier(&name.value) {
                let message = format!("`{}` cannot be a name in expressions", name.value);
                self.find(name, codes::NAME, message, None);
            } else if name.value == OUTCOME || !given.insert(name.value.as_str()) {
                let message = format!("the result `{}` is given already", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            if let Some(formula) = self.formula(value, names, None) {
                self.add_result(name, value, formula.ty());
            }
        }
    }

    fn add_result(&mut self, name: &Attribute, value: &Attribute, ty: &Type) {
        if is_rows(ty) {
            let message = "rows cannot be given back".to_owned();
            let hint = "give back what is made of them, as `readings.size()`".to_owned();
            self.find(value, codes::ROSTER, message, Some(hint));
            return;
        }
        let known = self.results.get(&name.value).map(|(known, ends)| (known.unified(ty), ends));
        let unified = match known {
            Some((Some(unified), ends)) => (unified, ends + 1),
            None => (ty.clone(), 1),
            Some((None, _)) => {
                let message =
                    format!("another end gives `{}` as another type than {ty}", name.value);
                self.find(value, codes::RULES, message, None);
                return;
            }
        };
        self.results.insert(name.value.clone(), unified);
    }

    /// The results by name; one that not every end gives may be missing.
    pub(super) fn types_of_results(&self) -> BTreeMap<String, Type> {
        let types = self.results.iter().map(|(name, (ty, ends))| {
            let ty = if *ends == self.ends { ty.clone() } else { ty.clone().optional() };
            (name.clone(), ty)
        });
        types.collect()
    }
}

/// The inputs of a called script that a call gives, with what it gives.
fn handed_over<'c>(
    call: &'c Element,
    interface: &'c Interface,
) -> impl Iterator<Item = (&'c Input, &'c Attribute)> {
    call.children_named("with").filter_map(|with| {
        let input = interface.inputs.iter().find(|it| Some(it.name.as_str()) == with.value("name"));
        Some((input?, with.attribute("value")?))
    })
}

fn input(input: &Element) -> Option<Input> {
    let is_required = input.value("required") == Some("yes");
    let ty = match input.value("class") {
        // as where a script is started: the object may be gone
        Some(class) => Type::Object(class.into()).optional(),
        None => match simple(input.value("type").unwrap_or("text")) {
            ty if is_required => ty,
            ty => ty.optional(),
        },
    };
    Some(Input { name: input.value("name")?.to_owned(), ty, is_required })
}

/// The ends of a script with their outcomes.
fn outcomes(root: &Element) -> Vec<(&Element, &str)> {
    steps_named(root, "end").filter_map(|it| Some((it, it.value("outcome")?))).collect()
}

pub(super) fn constant(ty: Type, kind: TypedKind) -> Checked {
    Checked::of_part(Typed { at: 0..0, ty, kind })
}
