//! What is known to be present where: the facts that conditions establish.

use std::collections::BTreeSet;

use super::Checker;
use crate::tree::{Kind, Literal, Node, Operator};
use crate::types::Type;

impl Checker<'_> {
    /// Checks under what a condition establishes when it has the given outcome.
    pub(super) fn knowing<T>(
        &mut self,
        condition: &Node,
        outcome: bool,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.present.len();
        self.present.extend(facts(condition, outcome));
        let result = check(self);
        self.present.truncate(before);
        result
    }

    /// Remembers what a condition establishes until the caller truncates.
    pub(super) fn learn(&mut self, condition: &Node, outcome: bool) {
        self.present.extend(facts(condition, outcome));
    }

    /// The type of a path here: no longer optional where it is known to be present.
    pub(super) fn narrowed(&self, node: &Node, ty: Type) -> Type {
        let is_known =
            ty.is_optional() && path(node).is_some_and(|path| self.present.contains(&path));
        if is_known { ty.present().clone() } else { ty }
    }
}

/// `a`, `a.b`, `a.b.c` as text; nothing else is a path.
pub(super) fn path(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Name(name) => Some(name.clone()),
        Kind::Member(object, name) => Some(format!("{}.{name}", path(object)?)),
        _ => None,
    }
}

/// The paths that are present when the condition has the given outcome.
fn facts(condition: &Node, outcome: bool) -> BTreeSet<String> {
    match &condition.kind {
        Kind::Not(operand) => facts(operand, !outcome),
        Kind::And(parts) if outcome => union(parts, true),
        Kind::Or(parts) if !outcome => union(parts, false),
        Kind::And(parts) | Kind::Or(parts) => intersection(parts, outcome),
        Kind::Binary(Operator::NotEqual, left, right) if outcome => tested(left, right),
        Kind::Binary(Operator::Equal, left, right) if !outcome => tested(left, right),
        Kind::Call { receiver: None, name, arguments, .. } if outcome && name == "has" => {
            arguments.first().map(with_prefixes).unwrap_or_default()
        }
        _ => BTreeSet::new(),
    }
}

fn union(parts: &[Node], outcome: bool) -> BTreeSet<String> {
    parts.iter().flat_map(|part| facts(part, outcome)).collect()
}

fn intersection(parts: &[Node], outcome: bool) -> BTreeSet<String> {
    let all = parts.iter().map(|part| facts(part, outcome));
    all.reduce(|left, right| &left & &right).unwrap_or_default()
}

/// The path of `path == null` or `null == path`.
fn tested(left: &Node, right: &Node) -> BTreeSet<String> {
    let is_null = |node: &Node| node.kind == Kind::Literal(Literal::Null);
    match (is_null(left), is_null(right)) {
        (false, true) => with_prefixes(left),
        (true, false) => with_prefixes(right),
        _ => BTreeSet::new(),
    }
}

/// A path that is present, and with it everything that it goes through.
fn with_prefixes(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = Some(node);
    while let Some(node) = next {
        found.extend(path(node));
        next = match &node.kind {
            Kind::Member(object, _) => Some(object),
            _ => None,
        };
    }
    found
}
