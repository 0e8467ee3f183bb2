//! What a file adds to classes and enumerations of other files. It is put into their trees before
//! anything else is read: every later finding is at the place where the thing is said.

use caruso_markup::{Document, Element, Node, suggest};

use super::Reader;
use crate::codes;

/// Elements that add, and what they add to.
const EXTENSIONS: [(&str, &str, &str); 2] =
    [("class-extension", "class", "class"), ("enum-extension", "enum", "enumeration")];

impl Reader {
    /// Puts what is added into the documents, in the order of the files.
    pub(super) fn extensions(&mut self, documents: &mut [Document]) {
        for (name, extended, what) in EXTENSIONS {
            let taken = documents.iter_mut().flat_map(|document| take(&mut document.root, name));
            for extension in taken.collect::<Vec<_>>() {
                self.extend(documents, extension, extended, what);
            }
        }
    }

    fn extend(
        &mut self,
        documents: &mut [Document],
        extension: Element,
        extended: &str,
        what: &str,
    ) {
        let Some(of) = extension.attribute("of").cloned() else { return };
        let elements = documents.iter_mut().flat_map(|document| &mut document.root.children);
        let elements = elements.filter_map(|child| match child {
            Node::Element(element) if element.name == extended => Some(element),
            _ => None,
        });
        let mut elements: Vec<&mut Element> = elements.collect();
        let is_it = |it: &&mut Element, key: &str| it.value(key) == Some(&of.value);
        let by = |key| elements.iter().position(|it| is_it(it, key));
        let Some(place) = by("name").or_else(|| by("id")) else {
            if !self.is_torn {
                let names = elements.iter().filter_map(|it| it.value("name"));
                let message = format!("there is no {what} `{of}`");
                let finding = of.finding(codes::EXTENSION, message);
                self.findings.push(finding.with_suggestion(suggest(&of.value, names)));
            }
            return;
        };
        add(elements[place], extension.children);
    }
}

/// The elements of this name, which no longer stand there.
fn take(root: &mut Element, name: &str) -> Vec<Element> {
    let is_it = |child: &Node| matches!(child, Node::Element(element) if element.name == name);
    let taken = root.children.extract_if(.., |child| is_it(child));
    let taken = taken.filter_map(|child| match child {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    taken.collect()
}

/// Adds to an element; a text for people takes the place of one in the same language.
fn add(element: &mut Element, children: Vec<Node>) {
    for child in children {
        if let Node::Element(label) = &child
            && label.name == "label"
        {
            let language = label.value("language").map(str::to_owned);
            element.children.retain(|it| match it {
                Node::Element(it) => {
                    it.name != "label" || it.value("language") != language.as_deref()
                }
                Node::Text(_) => true,
            });
        }
        element.children.push(child);
    }
}
