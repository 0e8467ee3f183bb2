//! What a company changes in a report that it has from others, kept apart from it.

use caruso_markup::{Attribute, Document, Element, Finding, Node, suggest};

use crate::codes;

/// Puts an overlay on a report.
pub(crate) fn apply(document: &mut Document, overlay: &Element, findings: &mut Vec<Finding>) {
    let root = &mut document.root;
    for attribute in overlay.attributes.iter().filter(|it| it.name != "report") {
        root.attributes.retain(|it| it.name != attribute.name);
        root.attributes.push(attribute.clone());
    }
    for element in overlay.elements() {
        match element.name.as_str() {
            "without" => findings.extend(without(root, element)),
            "title" => put(root, element, |it| it.value("language") == element.value("language")),
            "column" => put(root, element, |it| column_id(it) == column_id(element)),
            _ => put(root, element, |_| true),
        }
    }
}

/// The name of a column: its own, or that of its figure.
pub(crate) fn column_id(column: &Element) -> Option<&str> {
    id_attribute(column).map(|it| it.value.as_str())
}

pub(crate) fn id_attribute(column: &Element) -> Option<&Attribute> {
    column.attribute("id").or_else(|| column.attribute("figure"))
}

/// Puts an element in the place of the one of its kind that it is, or behind all of its kind.
fn put(root: &mut Element, element: &Element, is_it: impl Fn(&Element) -> bool) {
    let is_kind = |node: &Node| matches!(node, Node::Element(it) if it.name == element.name);
    let known = root.children.iter_mut().find_map(|it| match it {
        Node::Element(it) if it.name == element.name && is_it(it) => Some(it),
        _ => None,
    });
    match known {
        Some(known) => *known = element.clone(),
        None => {
            let behind =
                root.children.iter().rposition(is_kind).map_or(root.children.len(), |at| at + 1);
            root.children.insert(behind, Node::Element(element.clone()));
        }
    }
}

fn without(root: &mut Element, element: &Element) -> Option<Finding> {
    let named = element.attribute("column")?;
    let is_it = |it: &Element| it.name == "column" && column_id(it) == Some(&named.value);
    let count = root.children.len();
    root.children.retain(|it| !matches!(it, Node::Element(it) if is_it(it)));
    if root.children.len() < count {
        return None;
    }
    let known = root.children_named("column").filter_map(column_id);
    let hint = suggest(&named.value, known);
    let message = format!("the report has no column `{}`", named.value);
    Some(named.finding(codes::UNKNOWN_NAME, message).with_suggestion(hint))
}
