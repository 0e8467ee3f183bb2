//! Transitions that leave nothing open, proved by trying.
//!
//! If the conditions of a step read only answers that have few values, all of them are tried:
//! then it is known whether one of the transitions is always taken, and whether each can be.
//! Otherwise the last transition must have no condition.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Type, Value};
use caruso_markup::Element;

use super::Compiler;
use super::flow::{Flow, is_step};
use super::names::Names;
use crate::codes;
use crate::script::{Step, Transition};
use crate::special::NONE;

/// Most combinations of answers that are tried.
const MAX_TRIALS: usize = 10_000;

impl Compiler<'_> {
    pub(super) fn check_open(
        &mut self,
        root: &Element,
        flow: &Flow,
        steps: &BTreeMap<String, Step>,
    ) {
        for element in root.elements().filter(|it| is_step(it)) {
            let transitions: Vec<&Element> = element.children_named("next").collect();
            let step = element.value("id").and_then(|id| steps.get(id));
            // a transition that is a mistake in itself is missing in the step
            let Some(step) = step.filter(|it| it.next.len() == transitions.len()) else { continue };
            let Some(seen) = flow.seen_at(&step.id).filter(|_| !step.next.is_empty()) else {
                continue;
            };
            let names = self.names_at(&seen.after(element));
            self.check_transitions(element, &transitions, &step.next, &names);
        }
    }

    fn check_transitions(
        &mut self,
        step: &Element,
        elements: &[&Element],
        next: &[Transition],
        names: &Names<'_>,
    ) {
        let whens = next.iter().filter_map(|it| it.when.as_ref());
        let reads: BTreeSet<&String> = whens.flat_map(|it| it.reads()).collect();
        let first_else = next.iter().position(|it| it.when.is_none());
        let mut is_taken = vec![false; next.len()];
        let mut hole = None;
        match valuations(&reads, names) {
            Some(valuations) => {
                for values in valuations {
                    let taken = next
                        .iter()
                        .position(|it| it.when.as_ref().is_none_or(|when| when.is_true(&values)));
                    match taken {
                        Some(index) => is_taken[index] = true,
                        None => hole = hole.or(Some(values)),
                    }
                }
            }
            None => {
                is_taken = (0..next.len()).map(|at| first_else.is_none_or(|it| at <= it)).collect();
                hole = first_else.is_none().then(BTreeMap::new);
            }
        }
        if let Some(values) = hole {
            let shown: Vec<String> =
                values.iter().map(|(name, value)| format!("{name} = {}", show(value))).collect();
            let message = match shown.join(", ") {
                all if all.is_empty() => "no `next` may be open here".to_owned(),
                all => format!("no `next` is open for {all}"),
            };
            let hint = "leave out the condition of the last `next`";
            self.findings.push(step.finding(codes::OPEN, message).with_hint(hint));
        }
        for (element, _) in elements.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken) {
            let message = "this `next` is never taken";
            let hint = "those before it leave nothing";
            self.findings.push(element.finding(codes::NEVER_TAKEN, message).with_hint(hint));
        }
    }
}

/// Every combination of values of the names, if that is known and not too many.
fn valuations(read: &BTreeSet<&String>, names: &Names<'_>) -> Option<Vec<BTreeMap<String, Value>>> {
    let mut all = vec![BTreeMap::new()];
    for name in read {
        let ty = names.types.get(*name).filter(|_| names.finite.contains(*name))?;
        let mut values: Vec<Value> = match ty.present() {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            // of the values of the type, only those that the question offers
            _ => names.labels.get(*name)?.keys().map(|it| Value::from(it.as_str())).collect(),
        };
        if ty.is_optional() {
            values.push(Value::Null);
        }
        if all.len() * values.len() > MAX_TRIALS {
            return None;
        }
        let longer = all.iter().flat_map(|known| {
            values.iter().map(|value| {
                let mut longer = known.clone();
                longer.insert((*name).clone(), value.clone());
                longer
            })
        });
        all = longer.collect();
    }
    all.retain(|values| names.specials.iter().all(|(name, of)| is_possible(values, name, of)));
    Some(all)
}

/// Whether a question can have this value and this special answer at once: not both, and where it
/// was asked and must be answered, one of them.
fn is_possible(
    values: &BTreeMap<String, Value>,
    special: &str,
    (question, is_answered): &(String, bool),
) -> bool {
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

fn show(value: &Value) -> String {
    match value {
        Value::Null => "missing".to_owned(),
        other => format!("`{other}`"),
    }
}
