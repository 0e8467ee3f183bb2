//! Files that say how the classes of other files are stored. What they say is put into the trees
//! of those, in place of what stands there, before anything is read: every later finding is at
//! the place where the thing is said, whichever file that is.

use std::collections::BTreeSet;

use caruso_markup::{Document, Element, Finding, Location, Node, suggest};

use super::Reader;
use crate::codes;

/// The outermost element of a file that maps.
pub(super) const ROOT: &str = "business-objects-mapping";

/// What the file, a class, an attribute, and a type or a value may say of storing.
const OF_FILE: &[&str] = &["database", "country", "schema"];
const OF_CLASS: &[&str] = &["schema", "table", "key-source", "revision", "revision-of", "writable"];
pub(super) const OF_ATTRIBUTE: &[&str] =
    &["column", "time-column", "currency-column", "stored", "time-stored", "missing", "zone"];
const OF_TYPE: &[&str] = &["stored", "time-stored", "missing", "zone"];
const OF_VALUE: &[&str] = &["stored"];

impl Reader {
    /// Puts what the mappings say into the documents.
    pub(super) fn merge(&mut self, documents: &mut [Document], mappings: &[Document]) {
        let mut merger = Merger { reader: self, mapped: BTreeSet::new() };
        for root in mappings.iter().map(|mapping| &mapping.root) {
            for element in root.elements() {
                match element.name.as_str() {
                    "enum-mapping" => merger.enumeration(documents, element),
                    "type-mapping" => merger.prototype(documents, element),
                    _ => merger.class(documents, root, element),
                }
            }
        }
    }
}

struct Merger<'a> {
    reader: &'a mut Reader,
    /// Where the elements stand that are mapped already.
    mapped: BTreeSet<Location>,
}

impl Merger<'_> {
    fn enumeration(&mut self, documents: &mut [Document], mapping: &Element) {
        let enums = all(documents, "enum");
        let Some(target) = self.target(enums, mapping, "enumeration") else { return };
        for value in mapping.children_named("value-mapping") {
            if let Some(target) = self.target(children(target, "value"), value, "value") {
                put(target, value, OF_VALUE);
            }
        }
    }

    fn prototype(&mut self, documents: &mut [Document], mapping: &Element) {
        if let Some(target) = self.target(all(documents, "type"), mapping, "type") {
            put(target, mapping, OF_TYPE);
        }
    }

    fn class(&mut self, documents: &mut [Document], root: &Element, mapping: &Element) {
        let classes = all(documents, "class");
        let Some(target) = self.target(classes, mapping, "class") else { return };
        put(target, root, OF_FILE);
        if ["revision", "revision-of"].iter().any(|name| mapping.attribute(name).is_some()) {
            remove(target, "revision");
            remove(target, "revision-of");
        }
        put(target, mapping, OF_CLASS);
        // members of the class that it is a kind of are mapped once it has them
        let (own, others): (Vec<&Element>, Vec<&Element>) =
            mapping.elements().partition(|it| !is_of_base(target, it));
        target.children.extend(others.into_iter().cloned().map(Node::Element));
        for attribute in own.iter().filter(|it| it.name == "attribute-mapping") {
            let attributes = children(target, "attribute");
            if let Some(target) = self.target(attributes, attribute, "attribute") {
                put(target, attribute, OF_ATTRIBUTE);
            }
        }
        for relation in own.iter().filter(|it| it.name == "to-one-mapping") {
            let relations = children(target, "to-one");
            if let Some(target) = self.target(relations, relation, "relation to one") {
                put_columns(target, relation);
            }
        }
    }

    /// The element that a mapping is of, by its name or else by its id; a finding if there is
    /// none, or if it was mapped before.
    fn target<'e>(
        &mut self,
        candidates: Vec<&'e mut Element>,
        mapping: &Element,
        what: &str,
    ) -> Option<&'e mut Element> {
        let of = mapping.attribute("of")?;
        let by = |key: &str| candidates.iter().position(|it| it.value(key) == Some(&of.value));
        let Some(place) = by("name").or_else(|| by("id")) else {
            if !self.reader.is_torn {
                let names = candidates.iter().filter_map(|it| it.value("name"));
                let finding = of.finding(codes::MAPPING, format!("there is no {what} `{of}`"));
                self.find(finding.with_suggestion(suggest(&of.value, names)));
            }
            return None;
        };
        let target = candidates.into_iter().nth(place)?;
        if !self.mapped.insert(target.location.clone()) {
            self.find(of.finding(codes::MAPPING, format!("{what} `{of}` is mapped twice")));
            return None;
        }
        Some(target)
    }

    fn find(&mut self, finding: Finding) {
        self.reader.findings.push(finding);
    }
}

/// True when a class that is a kind of another one says nothing itself of what is mapped.
fn is_of_base(class: &Element, mapping: &Element) -> bool {
    let of = mapping.attribute("of").map(|of| &of.value);
    let is_it = |it: &Element| ["name", "id"].iter().any(|key| it.value(key) == of.map(|it| &**it));
    class.attribute("extends").is_some() && !class.elements().any(is_it)
}

/// The elements of this name below the outermost ones.
fn all<'e>(documents: &'e mut [Document], name: &str) -> Vec<&'e mut Element> {
    documents.iter_mut().flat_map(|document| children(&mut document.root, name)).collect()
}

pub(super) fn children<'e>(element: &'e mut Element, name: &str) -> Vec<&'e mut Element> {
    let elements = element.children.iter_mut().filter_map(|child| match child {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    elements.filter(|element| element.name == name).collect()
}

pub(super) fn put(target: &mut Element, mapping: &Element, names: &[&str]) {
    for name in names {
        if let Some(written) = mapping.attribute(name) {
            remove(target, name);
            target.attributes.push(written.clone());
        }
    }
}

/// Columns, in whichever way they are named, take the place of columns.
pub(super) fn put_columns(target: &mut Element, mapping: &Element) {
    put(target, mapping, &["kind-column", "kind"]);
    let columns = mapping.children_named("column");
    let columns: Vec<Node> = columns.cloned().map(Node::Element).collect();
    if mapping.attribute("column").is_none() && columns.is_empty() {
        return;
    }
    remove(target, "column");
    target.children.retain(|child| !matches!(child, Node::Element(it) if it.name == "column"));
    put(target, mapping, &["column"]);
    target.children.extend(columns);
}

fn remove(target: &mut Element, name: &str) {
    target.attributes.retain(|attribute| attribute.name != name);
}
