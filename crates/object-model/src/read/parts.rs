//! Walking over checked expressions.

use caruso_expression::{Typed, TypedKind};

/// What a part of an expression is made of, in the order of the source.
pub(super) fn of(node: &Typed) -> Vec<&Typed> {
    match &node.kind {
        TypedKind::Literal(_) | TypedKind::Variable(_) | TypedKind::Local(_) => Vec::new(),
        TypedKind::List(parts) | TypedKind::And(parts) | TypedKind::Or(parts) => {
            parts.iter().collect()
        }
        TypedKind::Conditional(parts) => parts.iter().collect(),
        TypedKind::Member(part, _)
        | TypedKind::Not(part)
        | TypedKind::IsTrue(part)
        | TypedKind::IsPresent(part)
        | TypedKind::Negate(part)
        | TypedKind::Size(part)
        | TypedKind::Convert(_, part) => vec![part],
        TypedKind::Compare(_, left, right)
        | TypedKind::In(left, right)
        | TypedKind::Text(_, left, right)
        | TypedKind::Arithmetic(_, left, right)
        | TypedKind::OrElse(left, right)
        | TypedKind::Each(_, left, right) => vec![left, right],
    }
}
