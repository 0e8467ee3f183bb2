//! What a few conditions make of all values that matter to them, found by trying.
//!
//! Answers with few values are tried with each. Of numbers, days and texts that are only compared
//! with constants, those constants and a value between, below and above them are enough: all
//! others are like one of these. If anything else is read, nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Comparison, Type, Typed, TypedKind, Value};
use rust_decimal::Decimal;

use super::names::Names;
use crate::formula::Formula;
use crate::special::NONE;

/// Most combinations of values that are tried.
const MAX_TRIALS: usize = 10_000;

/// The values of names, one combination of them.
pub(super) type Trial = BTreeMap<String, Value>;

/// Every combination of values that matters to the conditions, if that is known and there are not
/// too many. A name may be without a value where the function says so.
pub(super) fn trials(
    conditions: &[&Formula],
    names: &Names<'_>,
    may_be_missing: &dyn Fn(&str, &Type) -> bool,
) -> Option<Vec<Trial>> {
    let reads: BTreeSet<&String> = conditions.iter().flat_map(|it| it.reads()).collect();
    let mut all = vec![BTreeMap::new()];
    for name in reads {
        let ty = names.type_of(name)?;
        let mut values = samples(conditions, names, name, ty.present())?;
        if may_be_missing(name, &ty) {
            values.push(Value::Null);
        }
        if all.len() * values.len() > MAX_TRIALS {
            return None;
        }
        let longer = all.iter().flat_map(|known: &Trial| {
            values.iter().map(|value| {
                let mut longer = known.clone();
                longer.insert(name.clone(), value.clone());
                longer
            })
        });
        all = longer.collect();
    }
    all.retain(|values| names.specials.iter().all(|(name, of)| is_possible(values, name, of)));
    Some(all)
}

/// A trial in words: `age = 3, kind = missing`.
pub(super) fn shown(trial: &Trial) -> String {
    let shown = trial.iter().map(|(name, value)| match value {
        Value::Null => format!("{name} = missing"),
        other => format!("{name} = `{other}`"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Whether conditions ask for a name to be there, or have a default for it.
pub(super) fn is_asked_for(conditions: &[&Formula], name: &str) -> bool {
    fn asks(node: &Typed, name: &str) -> bool {
        let of = match &node.kind {
            TypedKind::IsPresent(of) | TypedKind::OrElse(of, _) => Some(of),
            _ => None,
        };
        of.is_some_and(|of| is_variable(of, name))
            || node.children().into_iter().any(|part| asks(part, name))
    }
    conditions.iter().flat_map(|it| it.roots()).any(|root| asks(root, name))
}

fn samples(
    conditions: &[&Formula],
    names: &Names<'_>,
    name: &str,
    ty: &Type,
) -> Option<Vec<Value>> {
    if names.finite.contains(name) {
        return Some(match ty {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            // of the values of the type, only those that the question offers
            _ => names.labels.get(name)?.keys().map(|it| Value::from(it.as_str())).collect(),
        });
    }
    let mut constants = Vec::new();
    let is_text = *ty == Type::Text;
    let mut roots = conditions.iter().flat_map(|it| it.roots());
    if !roots.all(|root| collect(root, name, is_text, &mut constants)) {
        return None;
    }
    let bounds = names.bounds.get(name).copied().unwrap_or_default();
    match ty {
        Type::Int | Type::Decimal => numbers(&constants, bounds, *ty == Type::Int),
        Type::Date => days(&constants),
        Type::Text => texts(&constants),
        _ => None,
    }
}

/// What a name is compared with; false where it is used in another way.
fn collect(node: &Typed, name: &str, is_text: bool, constants: &mut Vec<Value>) -> bool {
    let mut compared = |one: &Typed, other: &Typed| {
        let (TypedKind::Literal(value), true) = (&other.kind, is_operand(one, name)) else {
            return false;
        };
        if let TypedKind::OrElse(_, default) = &one.kind
            && let TypedKind::Literal(value) = &default.kind
        {
            constants.push(value.clone());
        }
        match value {
            Value::List(values) => constants.extend(values.iter().cloned()),
            value => constants.push(value.clone()),
        }
        true
    };
    match &node.kind {
        TypedKind::Variable(read) => read != name,
        TypedKind::IsPresent(of) if is_variable(of, name) => true,
        TypedKind::In(one, list) if compared(one, list) => true,
        TypedKind::Compare(how, one, other)
            if (!is_text || matches!(how, Comparison::Equal | Comparison::NotEqual))
                && (compared(one, other) || compared(other, one)) =>
        {
            true
        }
        _ => node.children().into_iter().all(|part| collect(part, name, is_text, constants)),
    }
}

fn is_variable(node: &Typed, name: &str) -> bool {
    matches!(&node.kind, TypedKind::Variable(read) if read == name)
}

/// The name, or the name with a constant as default.
fn is_operand(node: &Typed, name: &str) -> bool {
    match &node.kind {
        TypedKind::OrElse(of, default) => {
            is_variable(of, name) && matches!(default.kind, TypedKind::Literal(_))
        }
        _ => is_variable(node, name),
    }
}

/// Least and greatest number of an answer.
pub(crate) type Bounds = (Option<Decimal>, Option<Decimal>);

fn numbers(constants: &[Value], (min, max): Bounds, is_whole: bool) -> Option<Vec<Value>> {
    let number = |value: &Value| match value {
        Value::Int(value) => Some(Decimal::from(*value)),
        Value::Decimal(value) => Some(*value),
        _ => None,
    };
    let known: Option<BTreeSet<Decimal>> = constants.iter().map(number).collect();
    let known: Vec<Decimal> = known?.into_iter().chain(min).chain(max).collect();
    let mut tried: BTreeSet<Decimal> = known.iter().copied().collect();
    if is_whole {
        let whole = known.iter().flat_map(|it| [it.floor(), it.ceil()]);
        tried = whole.flat_map(|it| [it, it.saturating_sub(ONE), it.saturating_add(ONE)]).collect();
    } else {
        let sorted: Vec<Decimal> = tried.iter().copied().collect();
        let halves =
            sorted.windows(2).map(|pair| (pair[0] / Decimal::TWO) + pair[1] / Decimal::TWO);
        tried.extend(halves);
        tried.extend(sorted.first().map(|it| it.saturating_sub(ONE)));
        tried.extend(sorted.last().map(|it| it.saturating_add(ONE)));
    }
    if tried.is_empty() {
        tried.insert(Decimal::ZERO);
    }
    tried.retain(|it| min.is_none_or(|min| *it >= min) && max.is_none_or(|max| *it <= max));
    let value = |it: Decimal| match is_whole {
        true => it.try_into().ok().map(Value::Int),
        false => Some(Value::Decimal(it.normalize())),
    };
    Some(tried.into_iter().filter_map(value).collect())
}

const ONE: Decimal = Decimal::ONE;

fn days(constants: &[Value]) -> Option<Vec<Value>> {
    let mut tried = BTreeSet::new();
    for constant in constants {
        let Value::Date(day) = constant else { return None };
        tried.insert(*day);
        tried.extend(day.yesterday().into_iter().chain(day.tomorrow()));
    }
    if tried.is_empty() {
        tried.insert(jiff::civil::date(2026, 1, 1));
    }
    Some(tried.into_iter().map(Value::Date).collect())
}

fn texts(constants: &[Value]) -> Option<Vec<Value>> {
    let texts: Option<BTreeSet<&str>> = constants.iter().map(Value::as_text).collect();
    let texts = texts?;
    let longest = texts.iter().max_by_key(|it| it.len()).copied().unwrap_or_default();
    let other = format!("{longest}…");
    Some(texts.into_iter().chain([other.as_str()]).map(Value::from).collect())
}

/// Whether a question can have this value and this special answer at once: not both, and where it
/// was asked and must be answered, one of them.
fn is_possible(values: &Trial, special: &str, (question, is_answered): &(String, bool)) -> bool {
    let (Some(special), Some(value)) = (values.get(special), values.get(question)) else {
        return true;
    };
    match (value.is_null(), special.as_text()) {
        // it was not asked at all
        (_, None) => value.is_null(),
        (is_missing, Some(NONE)) => !(is_missing && *is_answered),
        (is_missing, Some(_)) => is_missing,
    }
}
