//! What is no mistake in a script and yet most likely not meant.
//!
//! Each finding is true: a condition that is said to be never taken is never taken. Whether it
//! matters is for the author to say, so none of them keeps a script from running.

mod covered;
mod telephone;
#[cfg(test)]
pub(crate) mod tests;
mod translated;

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Kind, Literal, Node, Operator, parse};
use caruso_markup::{Attribute, Document, Element, Finding};

use crate::codes;
use crate::parts::{Part, parts, steps, steps_named};
use crate::scope::Scope;

/// Advice about a script that [`compile`](crate::compile) took, in the order of the file.
pub fn lint(document: &Document, scope: &Scope) -> Vec<Finding> {
    let root = &document.root;
    let mut expressions = Vec::new();
    for element in root.elements().filter(|it| it.name != "test") {
        collect(element, &mut expressions);
    }
    let mut findings = unused(root, &expressions);
    findings.extend(not_offered(root, &expressions));
    for step in parts(root).map(|it| it.element) {
        let is_table = step.name == "table";
        if !is_table || step.value("hit") != Some("unique") {
            findings.extend(covered::covered(step, if is_table { "rule" } else { "next" }));
        }
        findings.extend(same_words(step));
    }
    findings.extend(telephone::telephone(root));
    findings.extend(translated::translated(root, scope));
    findings.sort();
    findings
}

/// An expression, and where it stands.
struct Written<'d> {
    attribute: &'d Attribute,
    root: Node,
}

/// Every expression of an element and of those in it.
fn collect<'d>(element: &'d Element, expressions: &mut Vec<Written<'d>>) {
    for name in ["when", "value", "of", "where", "number", "test", "to", "until"] {
        // choices and items have a `value` that is a word, all others are expressions
        if matches!(element.name.as_str(), "choice" | "item") {
            continue;
        }
        let is_address = element.name == "email" && name == "to";
        let attribute = element.attribute(name).filter(|_| name != "to" || is_address);
        let Some(attribute) = attribute else { continue };
        if let Ok(expression) = parse(&attribute.value) {
            expressions.push(Written { attribute, root: expression.root().clone() });
        }
    }
    for child in element.elements() {
        collect(child, expressions);
    }
}

/// The parts of an expression, and the expression itself.
pub(crate) fn each<'n>(node: &'n Node, visit: &mut impl FnMut(&'n Node)) {
    visit(node);
    match &node.kind {
        Kind::Literal(_) | Kind::Name(_) => {}
        Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) => {
            parts.iter().for_each(|part| each(part, visit));
        }
        Kind::Member(part, _) | Kind::Not(part) | Kind::Negate(part) => each(part, visit),
        Kind::Binary(_, left, right) => {
            each(left, visit);
            each(right, visit);
        }
        Kind::Conditional(parts) => parts.iter().for_each(|part| each(part, visit)),
        Kind::Call { receiver, arguments, .. } => {
            receiver.iter().for_each(|part| each(part, visit));
            arguments.iter().for_each(|part| each(part, visit));
        }
    }
}

/// Inputs, data and what is computed that nothing reads, and waiting for what nothing reads.
fn unused(root: &Element, expressions: &[Written<'_>]) -> Vec<Finding> {
    let (mut read, mut of_rows) = (BTreeSet::new(), BTreeSet::new());
    for written in expressions {
        each(&written.root, &mut |node| match &node.kind {
            Kind::Name(name) => drop(read.insert(name.as_str())),
            Kind::Member(_, name) => drop(of_rows.insert(name.as_str())),
            _ => {}
        });
    }
    let lists = steps(root).filter_map(|it| it.child("choices")?.value("from"));
    let lists = lists.chain(steps_named(root, "roster").filter_map(|it| it.value("from")));
    let related = root.children_named("related").filter_map(|it| it.value("to"));
    read.extend(lists.chain(related));
    let mut findings = Vec::new();
    for Part { element, rosters, .. } in parts(root) {
        // what is known behind a roster is a part of its rows
        let is_read = |it: &str| read.contains(it) || !rosters.is_empty() && of_rows.contains(it);
        match element.name.as_str() {
            "input" | "find" | "related" | "computed" | "table" => {
                let Some(name) = element.attribute("name") else { continue };
                if !read.contains(name.value.as_str()) {
                    let message = format!("nothing depends on `{}`", name.value);
                    findings.push(name.finding(codes::UNUSED, message).with_hint("leave it out"));
                }
            }
            "do" => {
                let Some(wait) = element.attribute("wait") else { continue };
                let mut actions = element.elements().filter_map(|it| it.value("name"));
                if !actions.any(is_read) {
                    let message = "the conversation waits, and nothing depends on what comes back";
                    let hint = "leave out `wait`, or lead on by whether it came: `has(…)`";
                    findings.push(wait.finding(codes::UNUSED, message).with_hint(hint));
                }
            }
            _ => {}
        }
    }
    findings
}

/// Comparisons of an answer with a value that none of its choices has.
fn not_offered(root: &Element, expressions: &[Written<'_>]) -> Vec<Finding> {
    let questions = steps_named(root, "ask").filter(|it| it.child("choice").is_some());
    let values = |it: &'_ Element| -> Vec<String> {
        let values = it.children_named("choice").filter_map(|it| it.value("value"));
        values.map(str::to_owned).collect()
    };
    let mut offered: BTreeMap<String, Vec<String>> =
        questions.filter_map(|it| Some((it.value("id")?.to_owned(), values(it)))).collect();
    for matrix in steps_named(root, "matrix").filter(|it| it.child("choice").is_some()) {
        let id = matrix.value("id").unwrap_or_default();
        let items = matrix.children_named("item").filter_map(|it| it.value("value"));
        offered.extend(items.map(|it| (format!("{id}.{it}"), values(matrix))));
    }
    let mut findings = Vec::new();
    for Written { attribute, root } in expressions {
        each(root, &mut |node| {
            for (name, literal) in compared(node) {
                let name = match &name.kind {
                    Kind::Name(name) => name.clone(),
                    Kind::Member(record, name) => match &record.kind {
                        Kind::Name(record) => format!("{record}.{name}"),
                        _ => continue,
                    },
                    _ => continue,
                };
                let Kind::Literal(Literal::Text(value)) = &literal.kind else { continue };
                let Some(values) = offered.get(&name) else { continue };
                if !values.contains(value) {
                    let message = format!("`{name}` is never `{value}`");
                    let hint = format!("its choices are {}", values.join(", "));
                    let at = literal.at.start;
                    let finding = attribute.finding_at(at, codes::NOT_OFFERED, message);
                    findings.push(finding.with_hint(hint));
                }
            }
        });
    }
    findings
}

/// What an expression compares, in either order.
fn compared(node: &Node) -> Vec<(&Node, &Node)> {
    match &node.kind {
        Kind::Binary(Operator::Equal | Operator::NotEqual, left, right) => {
            vec![(&**left, &**right), (&**right, &**left)]
        }
        Kind::Binary(Operator::In, one, list) => match &list.kind {
            Kind::List(parts) => parts.iter().map(|part| (&**one, part)).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn same_words(step: &Element) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let twice = step.children_named("choice").filter(|it| !seen.insert(it.text()));
    let finding = |choice: &Element| {
        let message = format!("another choice is called “{}”, too", choice.text());
        choice.finding(codes::SAME_WORDS, message)
    };
    twice.map(finding).collect()
}
