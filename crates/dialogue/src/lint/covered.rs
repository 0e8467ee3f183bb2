//! Conditions that those before them leave nothing.
//!
//! A condition is `and`, `or` and `not` over parts. Each part may be true, false or without a
//! value, whatever the others are; if in no such case a condition is the first that holds, it never
//! is. Real parts depend on each other, so there are fewer cases than are tried: what is found is
//! never taken, though not all that is never taken is found.

use caruso_expression::{Expression, Kind, Literal, Node, parse};
use caruso_markup::{Element, Finding};

use crate::codes;

/// Most different parts of the conditions of one step or table that are tried: 3 to this power
/// cases.
const MAX_PARTS: usize = 7;

/// Of the parts of an element that have this name.
pub(super) fn covered(of: &Element, name: &str) -> Vec<Finding> {
    let conditions: Vec<(&Element, Option<Expression>)> = of
        .children_named(name)
        .map(|part| (part, part.value("when").and_then(|when| parse(when).ok())))
        .collect();
    let mut parts: Vec<&Node> = Vec::new();
    for (_, condition) in &conditions {
        condition.iter().for_each(|it| collect(it.root(), &mut parts));
    }
    if parts.len() > MAX_PARTS {
        return Vec::new();
    }
    let mut is_taken = vec![false; conditions.len()];
    let cases = 3_usize.pow(u32::try_from(parts.len()).unwrap_or_default());
    for case in 0..cases {
        let holds = |(_, condition): &(&Element, Option<Expression>)| match condition {
            Some(condition) => value(condition.root(), &parts, case) == Some(true),
            None => true,
        };
        if let Some(first) = conditions.iter().position(holds) {
            is_taken[first] = true;
        }
    }
    let never = conditions.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken);
    let findings = never.map(|((part, _), _)| {
        let finding = part.finding(codes::COVERED, format!("this `{name}` is never taken"));
        finding.with_hint("whenever its condition holds, one before it does")
    });
    findings.collect()
}

fn collect<'n>(node: &'n Node, parts: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::And(inner) | Kind::Or(inner) => inner.iter().for_each(|it| collect(it, parts)),
        Kind::Not(inner) => collect(inner, parts),
        Kind::Literal(_) => {}
        _ if parts.contains(&node) => {}
        _ => parts.push(node),
    }
}

/// The value of a condition in a case, of which each part has one of three; nothing if it has none.
fn value(node: &Node, parts: &[&Node], case: usize) -> Option<bool> {
    match &node.kind {
        Kind::Literal(Literal::Bool(value)) => Some(*value),
        Kind::Literal(_) => None,
        Kind::Not(inner) => value(inner, parts, case).map(|it| !it),
        Kind::And(inner) => {
            let mut values = inner.iter().map(|it| value(it, parts, case));
            values
                .try_fold(Some(true), |so_far, it| match it {
                    Some(false) => Err(()),
                    Some(true) => Ok(so_far),
                    None => Ok(None),
                })
                .unwrap_or(Some(false))
        }
        Kind::Or(inner) => {
            let mut values = inner.iter().map(|it| value(it, parts, case));
            values
                .try_fold(Some(false), |so_far, it| match it {
                    Some(true) => Err(()),
                    Some(false) => Ok(so_far),
                    None => Ok(None),
                })
                .unwrap_or(Some(true))
        }
        _ => {
            let at = parts.iter().position(|it| *it == node)?;
            let power = 3_usize.pow(u32::try_from(at).ok()?);
            match case / power % 3 {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            }
        }
    }
}
