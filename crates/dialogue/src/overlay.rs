//! Overlays: what a company changes in a script that it has from others, kept apart from it.

use std::collections::BTreeSet;

use caruso_markup::overlay::{self, Overlaid};
use caruso_markup::{Document, Element, Finding, Node};

use crate::{codes, dtd};

/// Elements of a script that are known by a name: inputs, data, what is computed.
const NAMED: [&str; 6] = ["input", "find", "related", "computed", "table", "goal"];

/// Puts overlays on a script, each on the version for which it was written: first those of its
/// own, then those of what comes of them.
///
/// # Errors
/// All findings: an overlay that is written for no version that there is, two for the same, names
/// of what is not in the script, and ids that nothing has any more. With them comes what can be
/// made of the rest, so that it can be looked through too.
pub fn overlaid<'o>(
    script: &Document,
    overlays: impl IntoIterator<Item = &'o Document>,
) -> (Document, Vec<Finding>) {
    let script_of = Overlaid { what: "script", code: codes::OVERLAY };
    let (document, mut findings) = script_of.put_on(script, overlays, &["script"], apply);
    findings.extend(document.check_ids(dtd()));
    (document, findings)
}

fn apply(root: &mut Element, overlay: &Element) -> Vec<Finding> {
    let mut findings = Vec::new();
    for element in overlay.elements() {
        match element.name.as_str() {
            "without" => findings.extend(without(root, element)),
            "title" => put(root, element, |it| it.name == "title", "title"),
            "test" => {
                let is_it =
                    |it: &Element| it.name == "test" && it.value("name") == element.value("name");
                put(root, element, is_it, "test");
            }
            name if NAMED.contains(&name) => {
                let is_it = |it: &Element| {
                    NAMED.contains(&it.name.as_str()) && it.value("name") == element.value("name")
                };
                put(root, element, is_it, "input");
            }
            _ => step(root, element),
        }
    }
    findings
}

/// The parts of a script in the order in which they stand.
fn rank(name: &str) -> usize {
    match name {
        "title" => 0,
        "interrupt" => 3,
        "test" => 4,
        name if NAMED.contains(&name) => 1,
        _ => 2,
    }
}

/// Puts an element in the place of one, or behind all of its kind.
fn put(root: &mut Element, element: &Element, is_it: impl Fn(&Element) -> bool, kind: &str) {
    overlay::put(root, element, is_it, |name| rank(name) > rank(kind));
}

/// A step takes the place of the one with its id, wherever that stands; a new one stands behind
/// all others.
fn step(root: &mut Element, element: &Element) {
    let id = element.value("id");
    if id.is_none() || !replace(root, id, element) {
        put(root, element, |_| false, &element.name);
    }
}

fn replace(within: &mut Element, id: Option<&str>, by: &Element) -> bool {
    within.children.iter_mut().any(|it| match it {
        Node::Element(it) if it.value("id") == id => {
            *it = by.clone();
            true
        }
        Node::Element(it) => replace(it, id, by),
        Node::Text(_) => false,
    })
}

/// Takes something out of the script.
fn without(root: &mut Element, element: &Element) -> Option<Finding> {
    let named: Vec<_> = element.attributes.iter().collect();
    let [named] = named[..] else {
        let message = "one thing is taken out: a step, a name, or a test";
        return Some(element.finding(codes::OVERLAY, message));
    };
    let is_it = |it: &Element| match named.name.as_str() {
        "step" => it.value("id") == Some(&named.value),
        "name" => NAMED.contains(&it.name.as_str()) && it.value("name") == Some(&named.value),
        _ => it.name == "test" && it.value("name") == Some(&named.value),
    };
    if remove(root, &is_it) {
        return None;
    }
    let known = known(root, &named.name);
    let hint = caruso_markup::suggest(&named.value, known.iter().map(String::as_str));
    let message = format!("the script has no {} `{}`", named.name, named.value);
    Some(named.finding(codes::OVERLAY, message).with_suggestion(hint))
}

fn remove(within: &mut Element, is_it: &impl Fn(&Element) -> bool) -> bool {
    let count = within.children.len();
    within.children.retain(|it| !matches!(it, Node::Element(it) if is_it(it)));
    within.children.len() < count
        || within.children.iter_mut().any(|it| match it {
            Node::Element(it) => remove(it, is_it),
            Node::Text(_) => false,
        })
}

/// What could have been meant.
fn known(root: &Element, kind: &str) -> BTreeSet<String> {
    let mut open: Vec<&Element> = root.elements().collect();
    let mut known = BTreeSet::new();
    while let Some(element) = open.pop() {
        let is_test = element.name == "test";
        let name = match kind {
            "step" => element.value("id"),
            "name" if NAMED.contains(&element.name.as_str()) => element.value("name"),
            "test" if is_test => element.value("name"),
            _ => None,
        };
        known.extend(name.map(str::to_owned));
        open.extend(element.elements().filter(|_| !is_test));
    }
    known
}
