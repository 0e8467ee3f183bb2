//! Validity: what the DTD says about elements, attributes, text and references.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::automaton::Automaton;
use crate::codes;
use crate::decode::Decoder;
use crate::dtd::{AttributeDeclaration, AttributeType, Content, DefaultValue, ElementDeclaration};
use crate::finding::{Finding, Findings};
use crate::location::{Origin, Source};
use crate::nearest::{nearest, quoted, suggest};
use crate::read::tag::{RawAttribute, Tag};
use crate::scan::{is_name, is_name_token, is_space};
use crate::tree::{Attribute, Element};
use crate::{Dtd, Location};

/// An element that is open while the document is read.
pub(crate) struct Frame<'a> {
    pub(crate) name: String,
    pub(crate) element: Element,
    /// Character data since the last tag.
    pub(crate) text: Option<Decoder>,
    /// Whether it goes into the tree.
    pub(crate) is_kept: bool,
    /// Absent if unknown: then nothing in it is checked.
    declaration: Option<&'a ElementDeclaration>,
    state: usize,
    /// Elements that were not allowed here; one that is missing may be among them.
    rejected: BTreeSet<String>,
    has_unknown: bool,
}

/// What is known about a document so far, and what is wrong with it.
pub(crate) struct Checker<'a> {
    dtd: &'a Dtd,
    source: Arc<Source>,
    pub(crate) findings: Findings,
    ids: BTreeSet<String>,
    /// Names of the attributes that are ids of some element.
    id_attributes: BTreeSet<&'a str>,
    references: Vec<(String, Location)>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(dtd: &'a Dtd, source: Arc<Source>) -> Self {
        let attributes = dtd.elements.values().flat_map(|it| &it.attributes);
        let ids = attributes.filter(|it| it.kind == AttributeType::Id);
        Self {
            dtd,
            source,
            findings: Findings::default(),
            ids: BTreeSet::new(),
            id_attributes: ids.map(|it| it.name.as_str()).collect(),
            references: Vec::new(),
        }
    }

    /// The document's element against the declaration and the DTD.
    pub(crate) fn check_root(&mut self, name: &str, declared: Option<&str>, at: &Location) {
        let roots = self.dtd.roots();
        let is_known = self.dtd.elements.contains_key(name);
        let message = if declared.is_some_and(|declared| declared != name) {
            "the document's element is not the one of its type declaration"
        } else if is_known && !roots.is_empty() && !roots.contains(&name) {
            "this element cannot be the document's"
        } else {
            return;
        };
        let expected = declared.map_or_else(|| quoted(&roots), |declared| format!("`{declared}`"));
        let finding = Finding::new(codes::WRONG_ROOT, at, format!("`{name}`: {message}"));
        self.findings.push(finding.with_hint(format!("expected {expected}")));
    }

    /// An element begins.
    pub(crate) fn open(
        &mut self,
        parent: Option<&mut Frame<'a>>,
        tag: Tag<'_>,
        at: usize,
        location: Location,
        is_ignored: bool,
    ) -> Frame<'a> {
        for fault in &tag.faults {
            let place = self.source.locate(fault.at);
            self.findings.push(Finding::new(fault.code, &place, fault.message.clone()));
        }
        let is_silent = is_ignored || parent.as_ref().is_some_and(|it| it.declaration.is_none());
        let declaration = self.dtd.elements.get(tag.name).filter(|_| !is_silent);
        let is_kept = !is_silent && self.place(parent, tag.name, &location);
        let name = tag.name.to_owned();
        let attributes = match declaration {
            Some(declaration) => self.attributes(declaration, tag, at, &location),
            None => self.remember_ids(tag),
        };
        let element = Element { name: name.clone(), location, attributes, children: Vec::new() };
        Frame {
            name,
            element,
            text: None,
            is_kept,
            declaration,
            state: Automaton::START,
            rejected: BTreeSet::new(),
            has_unknown: false,
        }
    }

    /// Whether the element may stand here; if not, a finding.
    fn place(&mut self, parent: Option<&mut Frame<'a>>, name: &str, at: &Location) -> bool {
        let is_known = self.dtd.elements.contains_key(name);
        let Some((parent, declaration)) = parent.and_then(|it| it.declaration.map(|d| (it, d)))
        else {
            if !is_known {
                self.report_unknown(name, &self.dtd.roots(), at);
            }
            return is_known;
        };
        let expected = parent.expected(declaration);
        if is_known && parent.advance(declaration, name) {
            return true;
        }
        if !is_known {
            parent.has_unknown = true;
            if let Some(near) = nearest(name, expected.iter().copied()) {
                parent.advance(declaration, near);
            }
            self.report_unknown(name, &expected, at);
            return false;
        }
        parent.rejected.insert(name.to_owned());
        let message = format!("`{name}` is not allowed here in `{}`", parent.name);
        let hint = if expected.is_empty() && matches!(declaration.content, Content::Empty) {
            format!("`{}` is always empty", parent.name)
        } else {
            expectation(&expected, parent.may_end(declaration), &parent.name)
        };
        self.findings.push(Finding::new(codes::NOT_ALLOWED, at, message).with_hint(hint));
        false
    }

    fn report_unknown(&mut self, name: &str, expected: &[&str], at: &Location) {
        let all = self.dtd.element_names();
        let hint = nearest(name, expected.iter().copied())
            .or_else(|| nearest(name, all))
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| suggest(name, expected.iter().copied()));
        let message = format!("element `{name}` is unknown");
        let finding = Finding::new(codes::UNKNOWN_ELEMENT, at, message);
        self.findings.push(finding.with_suggestion(hint));
    }

    /// In an unknown element, ids still count, so that references to them are no findings.
    fn remember_ids(&mut self, tag: Tag<'_>) -> Vec<Attribute> {
        for attribute in tag.attributes {
            if self.id_attributes.contains(attribute.name) {
                self.ids.insert(attribute.value.value().trim().to_owned());
            }
        }
        Vec::new()
    }

    fn attributes(
        &mut self,
        declaration: &ElementDeclaration,
        tag: Tag<'_>,
        at: usize,
        location: &Location,
    ) -> Vec<Attribute> {
        let is_torn = !tag.faults.is_empty();
        let mut written = BTreeSet::new();
        let mut attributes = Vec::new();
        for attribute in tag.attributes {
            let name = attribute.name;
            if !written.insert(name) {
                let message = format!("attribute `{name}` is written twice");
                self.report(attribute.at, codes::DUPLICATE_ATTRIBUTE, message, None);
                continue;
            }
            match declaration.attributes.iter().find(|it| it.name == name) {
                Some(declared) => attributes.extend(self.attribute(declared, attribute)),
                None => {
                    let known = declaration.attributes.iter().map(|it| it.name.as_str());
                    let hint = suggest(name, known.clone());
                    written.extend(nearest(name, known));
                    let message = format!("`{}` has no attribute `{name}`", tag.name);
                    self.report(attribute.at, codes::UNKNOWN_ATTRIBUTE, message, hint);
                }
            }
        }
        for declared in declaration.attributes.iter().filter(|it| !written.contains(&*it.name)) {
            match &declared.default {
                DefaultValue::Required if !is_torn => {
                    let message = format!("`{}` needs the attribute `{}`", tag.name, declared.name);
                    self.report(at, codes::MISSING_ATTRIBUTE, message, None);
                }
                DefaultValue::Required | DefaultValue::Implied => {}
                DefaultValue::Fixed(value) | DefaultValue::Value(value) => {
                    attributes.push(Attribute {
                        name: declared.name.clone(),
                        value: value.clone(),
                        location: location.clone(),
                        origin: Origin::point(self.source.clone(), at),
                    });
                }
            }
        }
        attributes
    }

    fn attribute(
        &mut self,
        declared: &AttributeDeclaration,
        raw: RawAttribute<'_>,
    ) -> Option<Attribute> {
        let (value, origin) = match declared.kind {
            AttributeType::Cdata => raw.value.finish(&self.source),
            _ => raw.value.collapse(&self.source),
        };
        let name = declared.name.clone();
        let location = origin.locate(0);
        if let Err((message, hint)) = check_value(declared, &value) {
            let finding = Finding::new(codes::WRONG_VALUE, &location, message);
            self.findings.push(finding.with_suggestion(hint));
            if declared.kind == AttributeType::Id {
                self.ids.insert(value);
            }
            return None;
        }
        match declared.kind {
            AttributeType::Id if !self.ids.insert(value.clone()) => {
                let message = format!("the id `{value}` is used twice");
                self.findings.push(Finding::new(codes::DUPLICATE_ID, &location, message));
            }
            AttributeType::Idref => self.references.push((value.clone(), location.clone())),
            _ => {}
        }
        Some(Attribute { name, value, location, origin })
    }

    /// Whether text goes into the tree; a finding if it must not be there.
    pub(crate) fn accepts_text(
        &mut self,
        frame: &Frame<'_>,
        value: &str,
        is_marked: bool,
        origin: &Origin,
    ) -> bool {
        let Some(declaration) = frame.declaration else { return false };
        let first = value.find(|c| !is_space(c));
        let message = match declaration.content {
            Content::Mixed(_) => return !value.is_empty(),
            Content::Elements(_) if first.is_none() && !is_marked => return false,
            Content::Elements(_) => format!("`{}` cannot hold text", frame.name),
            Content::Empty => format!("`{}` is always empty", frame.name),
        };
        let place = origin.locate(first.unwrap_or(0));
        let hint = format!("`{}` holds {}", frame.name, declaration.model);
        self.findings.push(Finding::new(codes::TEXT_NOT_ALLOWED, &place, message).with_hint(hint));
        false
    }

    /// A comment or processing instruction in the element.
    pub(crate) fn check_markup(&mut self, frame: &Frame<'_>, at: &Location) {
        if frame.declaration.is_some_and(|it| matches!(it.content, Content::Empty)) {
            let message = format!("`{}` is always empty, even of comments", frame.name);
            self.findings.push(Finding::new(codes::TEXT_NOT_ALLOWED, at, message));
        }
    }

    /// An element ends.
    pub(crate) fn close(&mut self, frame: Frame<'_>, is_broken: bool) -> Element {
        if let Some(declaration) = frame.declaration.filter(|it| !frame.may_end(it)) {
            let expected = frame.expected(declaration);
            let is_follow_up = is_broken
                || frame.has_unknown
                || expected.iter().any(|name| frame.rejected.contains(*name));
            if !is_follow_up {
                let message = format!("`{}` is incomplete", frame.name);
                let next = expectation(&expected, false, &frame.name);
                let hint = format!("{next}; `{}` holds {}", frame.name, declaration.model);
                let finding = Finding::new(codes::INCOMPLETE, &frame.element.location, message);
                self.findings.push(finding.with_hint(hint));
            }
        }
        frame.element
    }

    /// Every `IDREF` has its `ID`.
    pub(crate) fn check_references(&mut self) {
        for (id, location) in std::mem::take(&mut self.references) {
            if !self.ids.contains(&id) {
                self.findings.push(dangling(&id, &location, &self.ids));
            }
        }
    }

    fn report(&mut self, at: usize, code: &'static str, message: String, hint: Option<String>) {
        let location = self.source.locate(at);
        self.findings.push(Finding::new(code, &location, message).with_suggestion(hint));
    }
}

fn dangling(id: &str, at: &Location, ids: &BTreeSet<String>) -> Finding {
    let message = format!("nothing in the file has the id `{id}`");
    let hint = suggest(id, ids.iter().map(String::as_str));
    Finding::new(codes::UNKNOWN_ID, at, message).with_suggestion(hint)
}

/// Ids that are used twice, and references to ids that nothing has, in a tree that was put
/// together.
pub(crate) fn check_ids(root: &Element, dtd: &Dtd) -> Vec<Finding> {
    let (mut ids, mut references, mut findings) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut open = vec![root];
    while let Some(element) = open.pop() {
        let declared = dtd.elements.get(&element.name).map(|it| &it.attributes);
        for attribute in &element.attributes {
            let is_it = |it: &&AttributeDeclaration| it.name == attribute.name;
            let kind = declared.and_then(|it| it.iter().find(is_it)).map(|it| &it.kind);
            match kind {
                Some(AttributeType::Id) if !ids.insert(attribute.value.clone()) => {
                    let message = format!("the id `{}` is used twice", attribute.value);
                    findings.push(attribute.finding(codes::DUPLICATE_ID, message));
                }
                Some(AttributeType::Idref) => references.push(attribute),
                _ => {}
            }
        }
        open.extend(element.elements());
    }
    let dangling = references.into_iter().filter(|it| !ids.contains(&it.value));
    findings.extend(dangling.map(|it| self::dangling(&it.value, &it.location, &ids)));
    findings.sort();
    findings
}

impl Frame<'_> {
    /// Takes the element as the next child, if it may come.
    fn advance(&mut self, declaration: &ElementDeclaration, name: &str) -> bool {
        match &declaration.content {
            Content::Empty => false,
            Content::Mixed(names) => names.contains(name),
            Content::Elements(automaton) => match automaton.step(self.state, name) {
                Some(state) => {
                    self.state = state;
                    true
                }
                None => false,
            },
        }
    }

    fn expected<'d>(&self, declaration: &'d ElementDeclaration) -> Vec<&'d str> {
        match &declaration.content {
            Content::Empty => Vec::new(),
            Content::Mixed(names) => names.iter().map(String::as_str).collect(),
            Content::Elements(automaton) => automaton.expected(self.state),
        }
    }

    fn may_end(&self, declaration: &ElementDeclaration) -> bool {
        match &declaration.content {
            Content::Empty | Content::Mixed(_) => true,
            Content::Elements(automaton) => automaton.is_final(self.state),
        }
    }
}

fn expectation(expected: &[&str], may_end: bool, name: &str) -> String {
    let mut wanted = quoted(expected);
    if may_end {
        let or = if expected.is_empty() { "" } else { " or " };
        wanted.push_str(&format!("{or}the end of `{name}`"));
    }
    format!("expected {wanted}")
}

/// Whether a value is of the declared type; else what is wrong, and a hint.
fn check_value(
    declared: &AttributeDeclaration,
    value: &str,
) -> Result<(), (String, Option<String>)> {
    let name = &declared.name;
    let wrong = |what: &str| Err((format!("`{value}` is not {what}, as `{name}` needs"), None));
    match &declared.kind {
        AttributeType::Id | AttributeType::Idref if !is_name(value) => wrong("a name"),
        AttributeType::NameToken if !is_name_token(value) => wrong("a name token"),
        AttributeType::NameTokens if value.is_empty() || !value.split(' ').all(is_name_token) => {
            wrong("a list of name tokens")
        }
        AttributeType::Enumeration(tokens) if !tokens.iter().any(|it| it == value) => {
            let hint = suggest(value, tokens.iter().map(String::as_str));
            Err((format!("`{value}` is not a value of `{name}`"), hint))
        }
        _ => match &declared.default {
            DefaultValue::Fixed(fixed) if fixed != value => {
                Err((format!("`{name}` must be `{fixed}`"), None))
            }
            _ => Ok(()),
        },
    }
}
