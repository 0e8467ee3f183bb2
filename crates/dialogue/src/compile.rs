//! From a document to a [`Script`], with every mistake at its place.

mod asks;
mod flow;
mod names;
mod open;
mod steps;
mod suite;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use caruso_expression::{Type, check, parse};
use caruso_markup::{Attribute, Document, Element, Finding, suggest};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::codes;
use crate::compile::names::{Names, is_identifier};
use crate::formula::Formula;
use crate::scope::{self, Scope};
use crate::script::{Channel, Script, Source, link, results};
use crate::texts::Text;

/// Compiles a document that was read with [`dtd`](crate::dtd).
///
/// # Errors
/// All mistakes of meaning at once, in the order of the file.
pub fn compile(document: &Document, scope: &Scope) -> Result<Script, Vec<Finding>> {
    let mut compiler = Compiler {
        scope,
        names: Names::new(scope),
        language: document.root.value("language").unwrap_or_default().to_owned(),
        others: Vec::new(),
        channels: BTreeSet::new(),
        zone: scope.zone.clone().unwrap_or(TimeZone::UTC),
        findings: Vec::new(),
    };
    let script = compiler.script(document);
    if compiler.findings.is_empty() {
        Ok(script)
    } else {
        compiler.findings.sort();
        compiler.findings.dedup();
        Err(compiler.findings)
    }
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
    findings: Vec<Finding>,
}

impl<'a> Compiler<'a> {
    fn script(&mut self, document: &Document) -> Script {
        let root = &document.root;
        let text = |name: &str| root.value(name).unwrap_or_default().to_owned();
        self.channels = self.channels(root);
        self.languages(root);
        let sources = self.sources(root);
        self.declare_steps(root);
        let flow = self.flow(root);
        let mut steps = BTreeMap::new();
        for element in root.elements().filter(|it| flow::is_step(it)) {
            let id = element.value("id").unwrap_or_default();
            if let Some(seen) = flow.seen_at(id) {
                let step = self.step(element, seen);
                steps.insert(id.to_owned(), step);
            }
        }
        self.check_open(root, &flow, &steps);
        let steps = link(steps, &sources);
        let results = results(&steps);
        let names = Names::new(self.scope);
        let title = root.child("title").map(|it| self.text(it, &names));
        let title = title.unwrap_or_else(|| Text::word(&self.language, &self.zone, ""));
        Script {
            id: text("id"),
            version: text("version"),
            digest: digest(root),
            title,
            language: self.language.clone(),
            languages: self.others.clone(),
            channels: self.channels.clone(),
            start: text("start"),
            zone: self.zone.clone(),
            sources,
            steps,
            results,
            suite: self.suite(root),
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

    /// Inputs and data, in the order of the file: each may use those before it.
    fn sources(&mut self, root: &Element) -> BTreeMap<String, Source> {
        let mut sources = BTreeMap::new();
        for element in root.elements() {
            let source = match element.name.as_str() {
                "input" => self.input(element),
                "find" => self.found(element),
                "related" => self.related(element),
                _ => continue,
            };
            let Some((ty, source)) = source else { continue };
            let Some(name) = element.attribute("name") else { continue };
            if self.declare(name, ty) {
                self.names.is_source.insert(name.value.clone());
                sources.insert(name.value.clone(), source);
            }
        }
        sources
    }

    fn input(&mut self, element: &Element) -> Option<(Type, Source)> {
        let is_required = element.value("required") == Some("yes");
        let Some(class) = element.attribute("class") else {
            let ty = if is_required { Type::Text } else { Type::Text.optional() };
            return Some((ty, Source::Text { is_required }));
        };
        self.class(class)?;
        // it is read by its key, which may fail: so it may be missing even if it must be given
        let ty = Type::Object(class.value.as_str().into()).optional();
        Some((ty, Source::Object { class: class.value.clone(), is_required }))
    }

    fn found(&mut self, element: &Element) -> Option<(Type, Source)> {
        let class = element.attribute("class")?;
        let known = self.class(class);
        let number = element.attribute("number")?;
        let names = self.names.clone();
        let number = self.formula(number, &names, Some(&Type::Text.optional()))?;
        known?;
        let ty = Type::Object(class.value.as_str().into()).optional();
        Some((ty, Source::Found { class: class.value.clone(), number }))
    }

    fn related(&mut self, element: &Element) -> Option<(Type, Source)> {
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
        let ty = Type::Object(class.value.as_str().into()).list();
        Some((
            ty,
            Source::Related {
                class: class.value.clone(),
                attribute: attribute.value.clone(),
                to: to.value.clone(),
            },
        ))
    }

    /// Gives a name its type, unless it cannot be one or has one.
    fn declare(&mut self, attribute: &Attribute, ty: Type) -> bool {
        let name = &attribute.value;
        if !is_identifier(name) {
            let message = format!("`{name}` cannot be a name in expressions");
            let hint = "use letters, digits and `_`, at most 40, and no word of the language";
            self.find(attribute, codes::NAME, message, Some(hint.to_owned()));
            return false;
        }
        let is_new = self.names.types.insert(name.clone(), ty).is_none();
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
        let checked = parse(&attribute.value)
            .map_err(|error| vec![error])
            .and_then(|expression| check(&expression, names, expected));
        match checked {
            Ok(checked) => Some(Formula::new(checked)),
            Err(errors) => {
                for error in errors {
                    let finding = attribute.finding_at(error.at.start, error.code, error.message);
                    self.findings.push(finding.with_suggestion(error.hint));
                }
                None
            }
        }
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

/// SHA-256 over the document as it was read: names, attributes and texts in order. Comments, line
/// breaks between elements and tests do not count.
fn digest(root: &Element) -> String {
    let mut hash = Sha256::new();
    feed(root, &mut hash);
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
