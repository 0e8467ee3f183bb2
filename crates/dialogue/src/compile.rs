//! From a document to a [`Script`], with every mistake at its place.

mod asks;
mod callable;
mod calls;
mod computed;
mod email;
mod flow;
mod goals;
mod handed;
mod interrupts;
mod matrices;
mod names;
mod open;
mod pages;
mod private;
mod readings;
mod rosters;
mod seen;
mod steps;
mod suite;
mod tables;
mod texts;
mod trials;
mod unheard;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use caruso_expression::codes::MISSING;
use caruso_expression::{
    Checked, Error, Expression, Hit, Kind, Type, Typed, TypedKind, check, parse,
};
use caruso_markup::codes::WRONG_ROOT;
use caruso_markup::{Attribute, Document, Element, Finding, suggest};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::codes;
use crate::compile::calls::Called;
use crate::compile::names::{Anywhere, Names, is_identifier};
use crate::formula::Formula;
use crate::lint::each;
use crate::parts::row_of;
use crate::scope::{self, Scope};
use crate::script::{Channel, Script, Source, Unheard, calls_of, link, results};
use crate::texts::Text;

/// Compiles a document that was read with [`dtd`](crate::dtd).
///
/// # Errors
/// All mistakes of meaning at once, in the order of the file.
pub fn compile(document: &Document, scope: &Scope) -> Result<Script, Vec<Finding>> {
    if document.root.name != "script" {
        let message = "this is no script, but a part of one";
        return Err(vec![document.root.finding(WRONG_ROOT, message)]);
    }
    let mut called = Called::default();
    let (script, _, mut findings) = compile_calling(document, scope, &mut called);
    if findings.is_empty() {
        return Ok(script);
    }
    findings.sort();
    findings.dedup();
    Err(findings)
}

/// The same with what is known of the scripts that it calls. Gives the results of its ends, too.
fn compile_calling(
    document: &Document,
    scope: &Scope,
    called: &mut Called,
) -> (Script, BTreeMap<String, Type>, Vec<Finding>) {
    let language = document.root.value("language").unwrap_or_default().to_owned();
    let zone = scope.zone.clone().unwrap_or(TimeZone::UTC);
    let (names, findings) = (Names::new(scope), Vec::new());
    let (broken, later, beside, results, others, channels) = Default::default();
    called.enter(document.root.value("id").unwrap_or_default());
    let mut compiler = Compiler {
        scope,
        names,
        language,
        others,
        channels,
        zone,
        broken,
        later,
        beside,
        called,
        results,
        ends: 0,
        is_too_large: false,
        unheard: Vec::new(),
        consents: Vec::new(),
        advice: Vec::new(),
        findings,
    };
    let script = compiler.script(document);
    let results = compiler.types_of_results();
    let findings = compiler.findings;
    called.leave();
    (script, results, findings)
}

struct Compiler<'a> {
    scope: &'a Scope,
    /// Every name of the script with its type.
    names: Names<'a>,
    /// Of its texts, unless they say another.
    language: String,
    /// The languages that it has beside that.
    others: Vec<String>,
    channels: BTreeSet<Channel>,
    zone: TimeZone,
    /// Names that stand for something with a mistake: nothing more is said where they are used.
    broken: BTreeSet<String>,
    /// Names that are declared further down than what is being checked.
    later: BTreeSet<String>,
    /// Answers on the page of the question that is being compiled: what is shown there cannot use
    /// them.
    beside: BTreeSet<String>,
    /// Scripts that this one, or one that it calls, may call.
    called: &'a mut Called,
    /// The results of ends by name: their type, and how many ends give it.
    results: BTreeMap<String, (Type, usize)>,
    /// How many ends there are.
    ends: usize,
    /// With what it calls, it has too many steps, which was said.
    is_too_large: bool,
    /// What nobody recorded.
    unheard: Vec<Unheard>,
    /// Questions that ask for a consent.
    consents: Vec<String>,
    /// What is no mistake and yet most likely not meant.
    advice: Vec<Finding>,
    findings: Vec<Finding>,
}

impl<'a> Compiler<'a> {
    fn script(&mut self, document: &Document) -> Script {
        let root = &document.root;
        let text = |name: &str| root.value(name).unwrap_or_default().to_owned();
        self.channels = self.channels(root);
        self.languages(root);
        let mut sources = self.sources(root);
        let graph = self.graph(root);
        self.declare_steps(&graph);
        self.define(root, &mut sources);
        self.define_calls(&graph, &mut sources);
        Self::add_readings(&mut sources);
        let flow = self.flow(root, &graph);
        let mut steps = BTreeMap::new();
        self.know_rows(&graph, &flow);
        let mut interrupts = self.interrupts(root);
        let channels = self.channels.clone();
        for place in &graph.places {
            // steps of an interrupt are where that can be begun
            let within = interrupts.iter().find(|it| place.rosters.first() == Some(&it.id));
            self.channels.clone_from(within.map_or(&channels, |it| &it.channels));
            if let Some(step) = self.step(place, &graph, &flow) {
                steps.insert(place.id.clone(), step);
            }
        }
        self.channels = channels;
        self.check_open(&graph, &flow, &steps);
        self.check_waits(&graph);
        let steps = link(steps, &sources);
        for interrupt in &mut interrupts {
            let begin = row_of(&interrupt.id);
            interrupt.at = steps.iter().position(|it| it.id == begin).unwrap_or_default();
        }
        let max_ages = self.max_ages(root, &graph);
        self.check_goals(root);
        let results = results(&steps);
        let names = Names::new(self.scope);
        let title = root.child("title").map(|it| self.text(it, &names));
        let title = title.unwrap_or_else(|| Text::word(&self.language, &self.zone, ""));
        Script {
            id: text("id"),
            version: text("version"),
            digest: digest(root, graph.digests()),
            title,
            language: self.language.clone(),
            languages: self.others.clone(),
            channels: self.channels.clone(),
            start: graph.start.clone(),
            zone: self.zone.clone(),
            reads_on_the_way: sources.keys().any(|it| calls_of(it).is_some()),
            sources,
            max_ages,
            steps,
            interrupts,
            results,
            suite: self.suite(root, &graph),
            vocabularies: self.scope.vocabularies.clone(),
            unheard: std::mem::take(&mut self.unheard),
            advice: std::mem::take(&mut self.advice),
        }
    }

    fn channels(&mut self, root: &Element) -> BTreeSet<Channel> {
        let Some(attribute) = root.attribute("channels") else { return BTreeSet::new() };
        let mut channels = BTreeSet::new();
        for word in attribute.value.split_whitespace() {
            channels.extend(Channel::of(word));
            if Channel::of(word).is_none() {
                let message = format!("there is no channel `{word}`");
                let hint = suggest(word, Channel::ALL.map(Channel::word));
                self.find(attribute, codes::CHANNEL, message, hint);
            }
        }
        channels
    }

    /// Inputs, in the order of the file, and the names of data; what that is found by may need what
    /// is computed, and comes later.
    fn sources(&mut self, root: &Element) -> BTreeMap<String, Source> {
        let mut sources = BTreeMap::new();
        for element in root.elements() {
            let (ty, source) = match element.name.as_str() {
                "input" => match self.input(element) {
                    Some((ty, source)) => (ty, Some(source)),
                    None => continue,
                },
                "find" => match self.found(element) {
                    Some(ty) => (ty, None),
                    None => continue,
                },
                "related" => match self.related(element) {
                    Some(ty) => (ty, None),
                    None => continue,
                },
                _ => continue,
            };
            let Some(name) = element.attribute("name") else { continue };
            if !self.declare(name, ty) {
                continue;
            }
            Arc::make_mut(&mut self.names.is_source).insert(name.value.clone());
            if matches!(&source, Some(Source::Value { ty: Type::Bool, .. })) {
                Arc::make_mut(&mut self.names.finite).insert(name.value.clone());
            }
            if !matches!(&source, Some(Source::Value { .. })) {
                self.declare_reading(name, element.name == "related");
            }
            sources.extend(source.map(|it| (name.value.clone(), it)));
        }
        sources
    }

    fn input(&mut self, element: &Element) -> Option<(Type, Source)> {
        let is_required = element.value("required") == Some("yes");
        let Some(class) = element.attribute("class") else {
            let ty = simple(element.value("type").unwrap_or("text"));
            let source = Source::Value { ty: ty.clone(), is_required };
            return Some((if is_required { ty } else { ty.optional() }, source));
        };
        if let Some(ty) = element.attribute("type") {
            let message = "an input is of a type or of a class".to_owned();
            self.find(ty, codes::DUPLICATE, message, Some("leave out one of them".to_owned()));
        }
        self.class(class)?;
        // it is read by its key, which may fail: so it may be missing even if it must be given
        let ty = Type::Object(class.value.as_str().into()).optional();
        Some((ty, Source::Object { class: class.value.clone(), is_required }))
    }

    fn found(&mut self, element: &Element) -> Option<Type> {
        let class = element.attribute("class")?;
        self.class(class)?;
        Some(Type::Object(class.value.as_str().into()).optional())
    }

    fn related(&mut self, element: &Element) -> Option<Type> {
        let class = element.attribute("class")?;
        let (attribute, to) = (element.attribute("attribute")?, element.attribute("to")?);
        let target = match self.names.types.get(&to.value).map(Type::present) {
            Some(Type::Object(target)) => Some(target.clone()),
            _ => {
                let objects = self.names.types.iter();
                let objects = objects.filter(|(_, ty)| matches!(ty.present(), Type::Object(_)));
                let hint = suggest(&to.value, objects.map(|(name, _)| name.as_str()));
                let message = format!("`{}` is no object of the script", to.value);
                self.find(to, codes::UNKNOWN_DATA, message, hint);
                None
            }
        };
        let known = self.class(class)?;
        let leads = known.attributes.get(&attribute.value).map(|it| it.ty.present());
        let target = target?;
        match leads {
            Some(Type::Object(leads)) if *leads == target => {}
            Some(other) => {
                let message = format!("`{}` is {other}, not {target}", attribute.value);
                self.find(attribute, codes::UNKNOWN_ATTRIBUTE, message, None);
            }
            None => self.unknown_attribute(attribute, &class.value, known),
        }
        Some(Type::Object(class.value.as_str().into()).list())
    }

    /// Gives a name its type, unless it cannot be one or has one.
    fn declare(&mut self, attribute: &Attribute, ty: Type) -> bool {
        let is_new = self.is_new(attribute);
        if is_new {
            let name = self.names.full(&attribute.value);
            Arc::make_mut(&mut self.names.types).insert(name, ty);
        }
        is_new
    }

    /// Whether it can be a name and is none yet.
    fn is_new(&mut self, attribute: &Attribute) -> bool {
        let name = &attribute.value;
        if !is_identifier(name) {
            let message = format!("`{name}` cannot be a name in expressions");
            let hint = "use letters, digits and `_`, at most 40, and no word of the language";
            self.find(attribute, codes::NAME, message, Some(hint.to_owned()));
            return false;
        }
        let is_new = !self.names.is_taken(name);
        if !is_new {
            let message = format!("the name `{name}` is taken");
            self.find(attribute, codes::DUPLICATE, message, None);
        }
        is_new
    }

    fn class(&mut self, attribute: &Attribute) -> Option<&'a scope::Class> {
        let scope = self.scope;
        let known = scope.classes.get(&attribute.value);
        if known.is_none() {
            let hint = suggest(&attribute.value, scope.classes.keys().map(String::as_str));
            let message = format!("the model has no class `{}`", attribute.value);
            self.find(attribute, codes::UNKNOWN_CLASS, message, hint);
        }
        known
    }

    fn unknown_attribute(&mut self, attribute: &Attribute, class: &str, known: &scope::Class) {
        let hint = suggest(&attribute.value, known.attributes.keys().map(String::as_str));
        let message = format!("`{class}` has no attribute `{}`", attribute.value);
        self.find(attribute, codes::UNKNOWN_ATTRIBUTE, message, hint);
    }

    /// An expression in an attribute.
    fn formula(
        &mut self,
        attribute: &Attribute,
        names: &Names<'_>,
        expected: Option<&Type>,
    ) -> Option<Formula> {
        let expression = self.parsed(attribute)?;
        let checked = check(&expression, names, expected);
        let checked = self.or_find(attribute, checked)?;
        self.check_read(attribute, checked.root());
        Some(Formula::new(names.in_full(checked), &names.defined))
    }

    /// An object is read with the keys of those that it leads to, and nothing else of them.
    fn check_read(&mut self, attribute: &Attribute, node: &Typed) {
        if let TypedKind::Member(object, name) = &node.kind
            && let TypedKind::Member(_, relation) = &object.kind
            && let Type::Object(class) = object.ty.present()
        {
            let message = format!("`{name}` of the {class} is not read with what leads to it");
            let finding = attribute.finding_at(node.at.start, codes::UNKNOWN_ATTRIBUTE, message);
            let hint = format!(
                "read it by `related`, or give the class a derived attribute of `{relation}.{name}`"
            );
            self.findings.push(finding.with_hint(hint));
        }
        node.children().into_iter().for_each(|part| self.check_read(attribute, part));
    }

    /// An expression that uses nothing that is a mistake already.
    fn parsed(&mut self, attribute: &Attribute) -> Option<Expression> {
        match parse(&attribute.value) {
            Ok(expression) => {
                let mut is_sound = true;
                each(expression.root(), &mut |node| {
                    if let Kind::Name(name) = &node.kind {
                        is_sound &= !self.broken.contains(name);
                    }
                });
                is_sound.then_some(expression)
            }
            Err(error) => {
                self.find_in(attribute, error);
                None
            }
        }
    }

    /// An expression that stands for a name, wherever that is used.
    fn checked_anywhere(
        &mut self,
        attribute: &Attribute,
        expression: &Expression,
        names: &Names<'_>,
        expected: Option<&Type>,
    ) -> Option<Checked> {
        let checked = check(expression, &Anywhere(names), expected);
        Some(names.in_full(self.or_find(attribute, checked)?))
    }

    fn or_find(
        &mut self,
        attribute: &Attribute,
        checked: Result<Checked, Vec<Error>>,
    ) -> Option<Checked> {
        checked.map_err(|errors| errors.into_iter().for_each(|it| self.find_in(attribute, it))).ok()
    }

    /// A mistake in an expression; where it stands in what a name stands for, both places.
    fn find_in(&mut self, attribute: &Attribute, error: Error) {
        let defined = error.defined_by.and_then(|it| self.names.defined.get(&self.names.full(&it)));
        let named = attribute.value.get(error.at.clone());
        let named = named.and_then(|name| self.names.defined.get(name));
        let definition = named.and_then(|it| it.definition.as_ref());
        let is_ambiguous = definition.is_some_and(|it| it.hit == Hit::Only);
        let message = match defined {
            Some(it) => format!("{}, as `{}` has it ({})", error.message, it.name, it.at),
            None if is_ambiguous && error.code == MISSING => {
                format!("{}: several rules of its table may hold", error.message)
            }
            None => error.message,
        };
        let finding = attribute.finding_at(error.at.start, error.code, message);
        let is_later =
            attribute.value.get(error.at.clone()).is_some_and(|it| self.later.contains(it));
        let is_beside = attribute.value.get(error.at).is_some_and(|it| self.beside.contains(it));
        let hint = match (is_beside, is_later) {
            (true, _) => Some("it is asked on the same page, all of which is shown at once".into()),
            (_, true) => Some("it is declared further down".to_owned()),
            _ => error.hint,
        };
        self.findings.push(finding.with_suggestion(hint));
    }

    /// A whole number in an attribute that may be absent.
    fn number(&mut self, element: &Element, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let attribute = element.attribute(name)?;
        let number = attribute.value.parse().ok().filter(|it| range.contains(it));
        if number.is_none() {
            let message =
                format!("`{name}` is a whole number from {} to {}", range.start(), range.end());
            self.find(attribute, codes::NUMBER, message, None);
        }
        number
    }

    fn find(
        &mut self,
        attribute: &Attribute,
        code: &'static str,
        message: String,
        hint: Option<String>,
    ) {
        self.findings.push(attribute.finding(code, message).with_suggestion(hint));
    }
}

/// The type of an input that is no object.
fn simple(word: &str) -> Type {
    match word {
        "yes-no" => Type::Bool,
        "integer" => Type::Int,
        "decimal" => Type::Decimal,
        "money" => Type::Money(None),
        "date" => Type::Date,
        "time" => Type::Time,
        "instant" => Type::Instant,
        _ => Type::Text,
    }
}

/// SHA-256 over the document as it was read: names, attributes and texts in order. Comments, line
/// breaks between elements and tests do not count. Those of the scripts that it calls do.
fn digest<'d>(root: &Element, called: impl Iterator<Item = &'d str>) -> String {
    let mut hash = Sha256::new();
    feed(root, &mut hash);
    // a script without calls has the digest that it always had
    called.for_each(|digest| hash.update(digest.as_bytes()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn feed(element: &Element, hash: &mut Sha256) {
    let mut part = |kind: &str, text: &str| {
        hash.update(kind.as_bytes());
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    part("<", &element.name);
    for attribute in &element.attributes {
        part("@", &attribute.name);
        part("=", &attribute.value);
    }
    for child in &element.children {
        match child {
            caruso_markup::Node::Element(child) if child.name == "test" => {}
            caruso_markup::Node::Element(child) => feed(child, hash),
            caruso_markup::Node::Text(text) => {
                hash.update(b"#");
                hash.update(text.value.len().to_be_bytes());
                hash.update(text.value.as_bytes());
            }
        }
    }
    hash.update(b">");
}
