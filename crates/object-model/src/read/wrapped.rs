//! Classes that a wrapper holds. What says of others where they are stored is put into their trees,
//! so that everything behind goes on as if each had a database of its own; what only databases
//! have is found.

use std::collections::BTreeMap;

use caruso_markup::{Attribute as Written, Document, Element, Node};

use super::Reader;
use super::identity::words;
use super::kinds::REFUSED;
use super::mapping::children;
use crate::codes;

/// What says that a wrapper holds a class.
pub(super) const WRAPPER: &str = "wrapper";

/// What a class and an attribute may say only where a database holds them.
const OF_CLASS: &[&str] = &[
    "database",
    "schema",
    "table",
    "extends",
    "where",
    "key-columns",
    "revision",
    "revision-of",
    "changed-at",
];
const OF_ATTRIBUTE: &[&str] = &[
    "column",
    "time-column",
    "currency-column",
    "stored",
    "time-stored",
    "missing",
    "zone",
    "search",
    "search-when",
    "search-for",
];
/// How many parts the key of a class has, by its name; classes by what they extend.
pub(super) type Keys = BTreeMap<String, Element>;

impl Reader {
    /// Completes the classes of files that name a wrapper.
    pub(super) fn wrapped(&mut self, documents: &mut [Document]) {
        let is_wrapped = |it: &&Document| it.root.attribute(WRAPPER).is_some();
        let wrapped: Vec<String> = documents.iter().filter(is_wrapped).flat_map(names).collect();
        if wrapped.is_empty() {
            return;
        }
        let keys = keys(documents);
        for document in documents {
            let root = document.root.clone();
            let wrapper = root.attribute(WRAPPER);
            if wrapper.is_some() {
                for name in ["database", "schema"] {
                    self.only_in_databases(&root, name);
                }
            }
            for class in children(&mut document.root, "class") {
                self.between_none(class, &wrapped);
                match wrapper {
                    Some(wrapper) => self.complete(class, wrapper, &keys),
                    None => self.extends_none(class, &wrapped),
                }
            }
        }
    }

    fn complete(&mut self, class: &mut Element, wrapper: &Written, keys: &Keys) {
        let known = self.findings.len();
        OF_CLASS.iter().for_each(|name| self.only_in_databases(class, name));
        if class.value("abstract") == Some("yes") {
            self.only_in_databases(class, "abstract");
        }
        let source =
            class.attribute("key-source").filter(|_| class.value("writable") != Some("yes"));
        let assigned = source.filter(|source| source.value != "given");
        self.held_by_wrapper(assigned, "nobody makes objects of a class that is not `writable`");
        for unique in class.children_named("unique") {
            self.held_by_wrapper(unique.attribute("name"), "nothing keeps objects `unique`");
        }
        self.searches(class);
        for attribute in class.children_named("attribute") {
            OF_ATTRIBUTE.iter().for_each(|name| self.only_in_databases(attribute, name));
        }
        for relation in class.children_named("to-one") {
            self.only_in_databases(relation, "column");
            for column in relation.children_named("column") {
                self.only_in_databases(column, "name");
            }
        }
        if self.findings.len() > known {
            self.refuse_wrapped(class);
            return;
        }
        let Some(name) = class.attribute("name").cloned() else { return };
        put(class, &name, WRAPPER, wrapper.value.clone());
        put(class, &name, "database", format!("{wrapper}/{name}"));
        stand_in(class, keys);
    }

    /// What the wrapper is asked by.
    fn searches(&mut self, class: &Element) {
        for index in class.children_named("index") {
            let Some(written) = index.attribute("attributes") else { continue };
            let mut names = words(&written.value).map(|(_, name)| name);
            let (Some(name), None) = (names.next(), names.next()) else {
                let message = "a wrapper is asked by each attribute for itself";
                self.held_by_wrapper(Some(written), message);
                continue;
            };
            let attribute =
                class.children_named("attribute").find(|it| it.value("name") == Some(name));
            let ty = attribute.and_then(|it| it.value("type"));
            let unasked = match ty {
                Some("decimal") => "decimals",
                Some("money") => "money",
                Some("instant") => "instants",
                _ => continue,
            };
            self.held_by_wrapper(Some(written), &format!("no wrapper is asked by {unasked}"));
        }
    }

    /// No class is a kind of one that a wrapper holds.
    fn extends_none(&mut self, class: &mut Element, wrapped: &[String]) {
        let extends = class.attribute("extends");
        if let Some(base) = extends.filter(|base| wrapped.contains(&base.value)) {
            self.held_by_wrapper(Some(base), &format!("`{base}` has no kinds"));
            self.refuse_wrapped(class);
        }
    }

    /// No class that a wrapper holds stands between others.
    fn between_none(&mut self, class: &Element, wrapped: &[String]) {
        for relation in class.children_named("to-many") {
            let through = relation.attribute("through");
            let through = through.filter(|class| wrapped.contains(&class.value));
            self.held_by_wrapper(through, "a class between is one of a database");
        }
    }

    fn refuse_wrapped(&mut self, class: &mut Element) {
        if let Some(name) = class.attribute("name").cloned() {
            put(class, &name, REFUSED, String::new());
        }
    }

    /// A finding if an element says what only a database has.
    fn only_in_databases(&mut self, element: &Element, name: &str) {
        let written = element.attribute(name);
        self.held_by_wrapper(written, &format!("only a database has `{name}`"));
    }

    fn held_by_wrapper(&mut self, written: Option<&Written>, message: &str) {
        let Some(written) = written else { return };
        let finding = written.finding(codes::WRAPPED, message.to_owned());
        self.findings
            .push(finding.with_hint("the classes of a file that says `wrapper` are held by that"));
    }
}

/// The classes without what stands in them.
pub(super) fn keys(documents: &[Document]) -> Keys {
    let classes = documents.iter().flat_map(|it| it.root.children_named("class"));
    let bare = |it: &Element| Element { children: Vec::new(), ..it.clone() };
    classes.filter_map(|it| Some((it.value("name")?.to_owned(), bare(it)))).collect()
}

/// Gives a class without a table what stands for one: its name, and a column for each member.
pub(super) fn stand_in(class: &mut Element, keys: &Keys) {
    let Some(name) = class.attribute("name").cloned() else { return };
    put(class, &name, "table", name.value.clone());
    for (place, attribute) in children(class, "attribute").into_iter().enumerate() {
        let Some(name) = attribute.attribute("name").cloned() else { continue };
        put(attribute, &name, "column", format!("{place} {name}"));
    }
    for (place, relation) in children(class, "to-one").into_iter().enumerate() {
        let Some(name) = relation.attribute("name").cloned() else { continue };
        let parts = relation.value("class").map_or(1, |class| key_parts(keys, class));
        let bare = Element {
            name: "column".to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
            ..relation.clone()
        };
        let column = |part: usize| {
            let mut column = bare.clone();
            put(&mut column, &name, "name", format!("{place}.{part} {name}"));
            Node::Element(column)
        };
        let columns: Vec<Node> = (0..parts).map(column).collect();
        relation.children.extend(columns);
    }
}

/// How many attributes the key of a class has, which may be that of the class that it is a kind of.
fn key_parts(classes: &Keys, name: &str) -> usize {
    let mut class = classes.get(name);
    for _ in 0..classes.len() {
        let Some(found) = class else { return 1 };
        if let Some(key) = found.value("key") {
            return words(key).count();
        }
        class = found.value("extends").and_then(|base| classes.get(base));
    }
    1
}

fn names(document: &Document) -> impl Iterator<Item = String> {
    let classes = document.root.children_named("class");
    classes.filter_map(|class| class.value("name").map(str::to_owned))
}

/// Adds what is said by something else, at its place.
fn put(element: &mut Element, at: &Written, name: &str, value: String) {
    let mut written = at.clone();
    (written.name, written.value) = (name.to_owned(), value);
    element.attributes.push(written);
}
