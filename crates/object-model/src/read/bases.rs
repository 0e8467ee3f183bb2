//! Abstract classes: they have no table, and their objects are those of their kinds, each of which
//! has a table of its own with all of it. A kind says in which of its columns the members of such a
//! class stand; the class itself gets what stands for a table, so that everything behind goes on as
//! if it had one.

use caruso_markup::{Attribute as Written, Document, Element, Node, suggest};

use super::kinds::{INHERITED, REFUSED, mark, name_of};
use super::mapping::{OF_ATTRIBUTE, children, put, put_columns};
use super::{Reader, wrapped};
use crate::codes;

/// Marks a kind of an abstract class.
const VARIANT: &str = "variant";
/// What an abstract class has none of, since it has no table.
const OF_TABLES: &[&str] = &["extends", "table", "where", "key-columns"];
/// What a kind of one has none of, since its table is the whole of it.
const OF_PARTS: &[&str] = &["where", "key-columns"];
/// What maps, and what it maps.
const MAPPINGS: &[(&str, &str)] =
    &[("attribute-mapping", "attribute"), ("to-one-mapping", "to-one")];

/// True when a class has no table.
pub(super) fn is_abstract(class: &Element) -> bool {
    class.value("abstract") == Some("yes")
}

/// True when a class is a kind of one that has no table.
pub(super) fn is_variant(class: &Element) -> bool {
    class.attribute(VARIANT).is_some()
}

/// Gives abstract classes what stands for a table, once their kinds have what they say.
pub(super) fn stand_in(documents: &mut [Document]) {
    let keys = wrapped::keys(documents);
    let classes = documents.iter_mut().flat_map(|document| children(&mut document.root, "class"));
    for class in classes.filter(|class| is_abstract(class)) {
        for (_, name) in MAPPINGS {
            for member in children(class, name) {
                member.attributes.retain(|it| it.name != "column");
                let is_column = |it: &Node| matches!(it, Node::Element(it) if it.name == "column");
                member.children.retain(|child| !is_column(child));
            }
        }
        wrapped::stand_in(class, &keys);
    }
}

impl Reader {
    /// Finds what abstract classes cannot say, and what is mapped where it is said.
    pub(super) fn bases(&mut self, documents: &mut [Document]) {
        let of = |document: &Document| -> Vec<String> {
            let classes = document.root.children_named("class");
            classes.filter_map(|class| class.value("extends").map(str::to_owned)).collect()
        };
        let extended: Vec<String> = documents.iter().flat_map(of).collect();
        let classes = documents.iter_mut().flat_map(|it| children(&mut it.root, "class"));
        for class in classes.filter(|class| class.attribute(REFUSED).is_none()) {
            if is_abstract(class) {
                self.base(class, &extended);
            }
            if class.attribute("extends").is_none() {
                let own = std::mem::take(&mut class.children);
                class.children = self.unmapped_by(own, &class.clone());
            }
        }
    }

    fn base(&mut self, class: &mut Element, extended: &[String]) {
        let known = self.findings.len();
        for written in OF_TABLES.iter().filter_map(|name| class.attribute(name)) {
            let message = format!("an abstract class has no `{}`", written.name);
            self.findings.push(written.finding(codes::ABSTRACT, message));
        }
        let source = class.attribute("key-source").filter(|source| source.value == "assigned");
        if let Some(source) = source {
            let message = "the tables of its kinds would assign the same keys";
            self.findings.push(source.finding(codes::ABSTRACT, message));
        }
        for kind in class.children_named("to-one").filter_map(|it| it.attribute("kind-column")) {
            let message = "a relation of an abstract class leads to one class";
            self.findings.push(kind.finding(codes::ABSTRACT, message));
        }
        if !extended.iter().any(|name| name == name_of(class)) && !self.is_torn {
            let message = format!("no class is a kind of `{}`", name_of(class));
            self.findings.push(class.finding(codes::ABSTRACT, message));
        }
        if self.findings.len() > known {
            let like = class.clone();
            mark(class, &like, REFUSED, String::new());
        }
    }

    /// Makes a class that has what an abstract one says the whole of its objects; false, with
    /// findings, where something is missing.
    pub(super) fn whole(&mut self, class: &mut Element, base: &Element) -> bool {
        let known = self.findings.len();
        let name = name_of(class).to_owned();
        for written in OF_PARTS.iter().filter_map(|it| class.attribute(it)) {
            let message = format!("`{}` has no table that `{name}` is a part of", name_of(base));
            self.findings.push(written.finding(codes::ABSTRACT, message));
        }
        if class.attribute("table").is_none() {
            let message = format!("`{name}` has no table, and `{}` has none", name_of(base));
            self.findings.push(class.finding(codes::ABSTRACT, message));
        }
        self.map(class, base);
        for (mapping, member) in MAPPINGS {
            for member in class.children_named(member).filter(|it| is_of_base(it)) {
                let has_columns = member.attribute("column").is_some()
                    || member.children_named("column").next().is_some();
                if !has_columns {
                    let of = name_of(member);
                    let message =
                        format!("`{name}` has no column for `{of}` of `{}`", name_of(base));
                    let hint = format!("say `<{mapping} of=\"{of}\" column=\"…\"/>` in it");
                    let finding = class.finding(codes::ABSTRACT, message);
                    self.findings.push(finding.with_hint(hint));
                }
            }
        }
        let like = class.clone();
        mark(class, &like, VARIANT, String::new());
        self.findings.len() == known
    }

    /// Puts the columns that a kind names in place of those that its base does.
    fn map(&mut self, class: &mut Element, base: &Element) {
        for (name, mapped) in MAPPINGS {
            let mappings = take(class, name);
            for mapping in mappings {
                let Some(of) = mapping.attribute("of") else { continue };
                let members = children(class, mapped).into_iter().filter(|it| is_of_base(it));
                let mut members: Vec<&mut Element> = members.collect();
                let by = |key| members.iter().position(|it| it.value(key) == Some(&of.value));
                let Some(place) = by("name").or_else(|| by("id")) else {
                    let message = format!("`{}` has no {mapped} `{of}`", name_of(base));
                    let names = members.iter().filter_map(|it| it.value("name"));
                    let near = suggest(&of.value, names);
                    let finding = of.finding(codes::MAPPING, message);
                    self.findings.push(finding.with_suggestion(near));
                    continue;
                };
                self.only_columns(&mapping);
                match *mapped {
                    "attribute" => put(members[place], &mapping, OF_ATTRIBUTE),
                    _ => put_columns(members[place], &mapping),
                }
            }
        }
    }

    /// All kinds write the values of an abstract class the same way, so that one statement reads
    /// them.
    fn only_columns(&mut self, mapping: &Element) {
        let is_other = |it: &&Written| !matches!(it.name.as_str(), "of" | "column");
        for written in mapping.attributes.iter().filter(is_other) {
            let message = format!("the `{}` is the same in all kinds", written.name);
            self.findings.push(written.finding(codes::ABSTRACT, message));
        }
    }

    /// What stands in a class, without mappings: they are of what an abstract class says.
    pub(super) fn unmapped_by(&mut self, children: Vec<Node>, base: &Element) -> Vec<Node> {
        let is_fine = |child: &Node| match child {
            Node::Element(child) if MAPPINGS.iter().any(|(name, _)| *name == child.name) => {
                if let Some(of) = child.attribute("of") {
                    let message = format!("`{}` holds `{of}` itself", name_of(base));
                    self.findings.push(of.finding(codes::MAPPING, message));
                }
                false
            }
            _ => true,
        };
        children.into_iter().filter(is_fine).collect()
    }
}

fn is_of_base(member: &Element) -> bool {
    member.attribute(INHERITED).is_some()
}

/// The elements of this name, which no longer stand there.
fn take(class: &mut Element, name: &str) -> Vec<Element> {
    let taken: Vec<Element> = class.children_named(name).cloned().collect();
    class.children.retain(|child| !matches!(child, Node::Element(it) if it.name == name));
    taken
}
