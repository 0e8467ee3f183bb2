//! Classes that are a kind of another one. Each gets what the other one has put into its tree,
//! before anything is read; every later finding is at the place where the thing is said.

use std::collections::BTreeMap;

use caruso_markup::{Attribute as Written, Document, Element, Node, suggest};

use super::identity::words;
use super::{Reader, bases};
use crate::codes;

/// Marks what a class has of another one.
pub(super) const INHERITED: &str = "inherited";
/// Marks a class that cannot be completed; it gives no further findings.
pub(super) const REFUSED: &str = "refused";
/// A further table of a class, and what says that a member is in one.
pub(super) const PART: &str = "part";

/// What a file says of its classes.
const OF_FILE: &[&str] = &["database", "country", "schema"];
/// What a class has of the one that it is a kind of, whatever it says itself.
const OF_BASE: &[&str] = &[
    "database",
    "country",
    "key",
    "key-source",
    "revision",
    "revision-of",
    "changed-at",
    "writable",
    "history",
];
/// What it must not say itself.
const UNSAID: &[&str] = &["key", "revision", "revision-of", "changed-at"];
/// What stands in a class and holds for its kinds.
const MEMBERS: &[&str] = &[
    "attribute",
    "derived",
    "roll-up",
    "to-one",
    "to-many",
    "constraint",
    "unique",
    "index",
    "rule",
    PART,
];

impl Reader {
    /// Completes the classes that are a kind of another one. One whose other class is unknown, or
    /// itself, stays as it is.
    pub(super) fn kinds(&mut self, documents: &mut [Document]) {
        let mut places = BTreeMap::new();
        for (document, tree) in documents.iter().enumerate() {
            for (child, node) in tree.root.children.iter().enumerate() {
                if let Node::Element(element) = node
                    && element.name == "class"
                    && let Some(name) = element.value("name")
                {
                    places.entry(name.to_owned()).or_insert((document, child));
                }
            }
        }
        let mut kinds = Kinds { reader: self, documents, places, states: BTreeMap::new() };
        for name in kinds.places.keys().cloned().collect::<Vec<_>>() {
            kinds.complete(&name);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Complete,
}

struct Kinds<'a> {
    reader: &'a mut Reader,
    documents: &'a mut [Document],
    /// Where the class of a name stands: file, and child of its root.
    places: BTreeMap<String, (usize, usize)>,
    states: BTreeMap<String, State>,
}

impl Kinds<'_> {
    fn element(&mut self, name: &str) -> Option<&mut Element> {
        let (document, child) = *self.places.get(name)?;
        match self.documents.get_mut(document)?.root.children.get_mut(child)? {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        }
    }

    fn complete(&mut self, name: &str) {
        if self.states.contains_key(name) || !self.places.contains_key(name) {
            return;
        }
        self.states.insert(name.to_owned(), State::Begun);
        if let Some(written) = self.element(name).and_then(|it| it.attribute("extends")).cloned() {
            self.complete(&written.value);
            match self.states.get(&written.value) {
                Some(State::Complete) => self.extend(name, &written.value),
                Some(State::Begun) => {
                    let message = format!("class `{name}` would be a kind of itself");
                    self.refuse(name, &written, &message);
                }
                None => self.unknown(name, &written),
            }
        } else {
            self.state_of_file(name);
        }
        self.states.insert(name.to_owned(), State::Complete);
    }

    /// What the file of a class says is said by the class.
    fn state_of_file(&mut self, name: &str) {
        let Some((document, _)) = self.places.get(name).copied() else { return };
        let root = &self.documents[document].root;
        let of_file: Vec<Written> =
            OF_FILE.iter().filter_map(|it| root.attribute(it)).cloned().collect();
        let Some(element) = self.element(name) else { return };
        for written in of_file {
            if element.attribute(&written.name).is_none() {
                element.attributes.push(written);
            }
        }
    }

    fn unknown(&mut self, name: &str, written: &Written) {
        let known = self.places.keys().map(String::as_str);
        let suggestion = suggest(&written.value, known);
        let message = format!("class `{written}` is unknown");
        self.refuse(name, written, &message);
        if let (Some(suggestion), Some(last)) = (suggestion, self.reader.findings.last_mut()) {
            last.hint = Some(suggestion);
        }
    }

    fn refuse(&mut self, name: &str, written: &Written, message: &str) {
        self.reader.findings.push(written.finding(codes::KIND, message.to_owned()));
        self.mark_refused(name);
    }

    fn mark_refused(&mut self, name: &str) {
        if let Some(element) = self.element(name) {
            let like = element.clone();
            mark(element, &like, REFUSED, String::new());
        }
    }

    /// Puts what a class has into one that is a kind of it.
    fn extend(&mut self, name: &str, base: &str) {
        let Some(base) = self.element(base).cloned() else { return };
        if base.attribute(REFUSED).is_some() {
            return self.mark_refused(name);
        }
        let Some(mut element) = self.element(name).cloned() else { return };
        for written in UNSAID.iter().filter_map(|it| element.attribute(it)) {
            let message = format!("the `{}` is that of `{}`", written.name, name_of(&base));
            self.reader.findings.push(written.finding(codes::KIND, message));
        }
        element.attributes.retain(|it| !OF_BASE.contains(&it.name.as_str()));
        let of_base = OF_BASE.iter().filter_map(|it| base.attribute(it)).cloned();
        element.attributes.extend(of_base.collect::<Vec<_>>());
        let own = std::mem::take(&mut element.children);
        let inherited = base.children.iter().filter_map(|child| match child {
            Node::Element(child) if MEMBERS.contains(&child.name.as_str()) => {
                Some(Node::Element(inherited(child, &base)))
            }
            _ => None,
        });
        element.children.extend(inherited.collect::<Vec<_>>());
        if bases::is_abstract(&base) {
            element.children.extend(own);
            if !self.reader.whole(&mut element, &base) {
                return self.mark_refused(name);
            }
            if let Some(place) = self.element(name) {
                *place = element;
            }
            return;
        }
        let own = self.reader.unmapped_by(own, &base);
        let parts = element.children_named(PART).count();
        match self.part(&mut element, &base) {
            None => element.children.extend(own),
            Some(part) => {
                let own = own.into_iter().map(|child| in_part(child, &element, parts + 1));
                let own: Vec<Node> = own.collect();
                element.children.push(Node::Element(part));
                element.children.extend(own);
            }
        }
        for table in ["table", "schema"] {
            element.attributes.retain(|it| it.name != table);
            element.attributes.extend(base.attribute(table).cloned());
        }
        if let Some(place) = self.element(name) {
            *place = element;
        }
    }

    /// The table that a class has for itself, if it has one; findings where what tells its objects
    /// apart is missing.
    fn part(&mut self, element: &mut Element, base: &Element) -> Option<Element> {
        let columns = element.attribute("key-columns").cloned();
        let Some(table) = element.attribute("table").cloned() else {
            if let Some(columns) = columns {
                let finding = columns.finding(codes::KIND, "`key-columns` stands without `table`");
                self.reader.findings.push(finding);
            } else if element.attribute("where").is_none() {
                let message = format!("nothing tells its objects from other `{}`", name_of(base));
                let hint = "say `where`, or name a `table` of its own with `key-columns`";
                self.reader.findings.push(element.finding(codes::KIND, message).with_hint(hint));
            }
            return None;
        };
        let found = columns.as_ref().map_or(0, |columns| words(&columns.value).count());
        let wanted = base.value("key").map_or(found, |key| words(key).count());
        if wanted != found {
            let message = format!("the key takes {wanted} of its columns, not {found}");
            let place = columns.as_ref().unwrap_or(&table);
            let hint = "name them in `key-columns`, in the order of the key";
            self.reader.findings.push(place.finding(codes::KIND, message).with_hint(hint));
        }
        let schema = element.attribute("schema").or_else(|| base.attribute("schema")).cloned();
        let attributes = [Some(table), schema, columns].into_iter().flatten().collect();
        let (name, location) = (PART.to_owned(), element.location.clone());
        Some(Element { name, location, attributes, children: Vec::new() })
    }
}

pub(super) fn name_of(class: &Element) -> &str {
    class.value("name").unwrap_or_default()
}

/// An attribute that stands in no file, for what a class was completed with.
pub(super) fn mark(element: &mut Element, like: &Element, name: &str, value: String) {
    let Some(mut written) = like.attributes.first().cloned() else { return };
    (written.name, written.value) = (name.to_owned(), value);
    element.attributes.push(written);
}

/// A member as the kinds of its class have it. Telephone numbers are indexed where they are said.
fn inherited(member: &Element, base: &Element) -> Element {
    let mut member = member.clone();
    member.attributes.retain(|it| !it.name.starts_with("search"));
    if member.attribute(INHERITED).is_none() {
        mark(&mut member, base, INHERITED, name_of(base).to_owned());
    }
    member
}

/// A member that is held by a further table.
fn in_part(child: Node, class: &Element, part: usize) -> Node {
    match child {
        Node::Element(mut member) => {
            mark(&mut member, class, PART, part.to_string());
            Node::Element(member)
        }
        Node::Text(text) => Node::Text(text),
    }
}
