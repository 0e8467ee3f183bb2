//! What a hand-off says of the contact, held against what `routing.xml` declares of it.

use std::ops::Range;

use caruso_expression::{Choice, Type, Typed, TypedKind, Value};
use caruso_markup::Attribute;

use super::Compiler;
use crate::codes;
use crate::formula::Formula;

impl Compiler<'_> {
    /// Values of which it is certain that routing would take its default in their place. Of a text
    /// nobody knows what it will be.
    pub(super) fn check_handed(&mut self, name: &Attribute, value: &Attribute, formula: &Formula) {
        let Some(declared) = self.scope.contact_attributes.get(&name.value) else { return };
        let mut misfits = Vec::new();
        collect(formula.root(), declared, &mut misfits);
        for (at, what) in misfits {
            let message = format!("{what} is no value of the contact attribute `{}`", name.value);
            let finding = value.finding_at(at.start, codes::CONTACT_ATTRIBUTE, message);
            self.findings.push(finding.with_hint(format!("routing.xml has: {}", known(declared))));
        }
    }
}

fn collect(node: &Typed, declared: &Type, misfits: &mut Vec<(Range<usize>, String)>) {
    let what = match (&node.kind, declared) {
        (TypedKind::Conditional(parts), _) => {
            return parts[1..].iter().for_each(|part| collect(part, declared, misfits));
        }
        (TypedKind::OrElse(value, default), _) => {
            return [value, default].into_iter().for_each(|it| collect(it, declared, misfits));
        }
        (TypedKind::Literal(Value::Text(text)), Type::Choice(choice)) => unknown(choice, text),
        _ => misfit(node.ty.present(), declared),
    };
    misfits.extend(what.map(|what| (node.at.clone(), what)));
}

fn misfit(ty: &Type, declared: &Type) -> Option<String> {
    match (ty, declared) {
        (Type::Choice(given), Type::Choice(choice)) => {
            given.values.iter().find_map(|value| unknown(choice, value))
        }
        (Type::Text, Type::Choice(_)) => None,
        _ if ty == declared => None,
        _ => Some(ty.to_string()),
    }
}

fn unknown(choice: &Choice, value: &str) -> Option<String> {
    let is_known = choice.values.iter().any(|known| known == value);
    (!is_known).then(|| format!("`{value}`"))
}

fn known(declared: &Type) -> String {
    match declared {
        Type::Choice(choice) => choice.values.join(", "),
        ty => ty.to_string(),
    }
}
