//! Transitions that leave nothing open, proved by trying.
//!
//! Where all values that matter can be tried, it is known whether one of the transitions is always
//! taken, and of answers that have few values whether each can be. Otherwise the last transition
//! must have no condition.

use std::collections::BTreeMap;

use caruso_expression::Type;
use caruso_markup::Element;

use super::Compiler;
use super::calls::{Graph, PlaceKind};
use super::flow::Flow;
use super::names::Names;
use super::trials::{shown, trials};
use crate::codes;
use crate::formula::Formula;
use crate::script::{Step, Transition};

impl Compiler<'_> {
    pub(super) fn check_open(
        &mut self,
        graph: &Graph<'_>,
        flow: &Flow,
        steps: &BTreeMap<String, Step>,
    ) {
        // what is called was checked by itself
        for place in graph.places.iter().filter(|it| it.is_own()) {
            if place.kind == PlaceKind::Row {
                continue;
            }
            let element = place.element;
            let transitions: Vec<&Element> = element.children_named("next").collect();
            let step = steps.get(&place.id);
            // a transition that is a mistake in itself is missing in the step
            let Some(step) = step.filter(|it| it.next.len() == transitions.len()) else { continue };
            let Some(after) = flow.after(place).filter(|_| !step.next.is_empty()) else { continue };
            let names = self.names.at(after);
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
        let whens = next.iter().map(|it| it.when.as_ref().map(Formula::as_checked));
        let all: Vec<Option<Formula>> = whens.collect();
        let whens: Vec<&Formula> = all.iter().flatten().collect();
        let mut reads = whens.iter().flat_map(|it| it.reads());
        let are_finite = reads.all(|it| names.finite.contains(it));
        let first_else = next.iter().position(|it| it.when.is_none());
        let mut is_taken: Vec<bool> =
            (0..next.len()).map(|at| !are_finite && first_else.is_none_or(|it| at <= it)).collect();
        let mut hole = None;
        match trials(&whens, names, &|_, ty: &Type| ty.is_optional()) {
            Some(trials) => {
                for trial in trials {
                    let holds =
                        |it: &Option<Formula>| it.as_ref().is_none_or(|it| it.is_true(&trial));
                    match all.iter().position(holds) {
                        Some(index) => is_taken[index] = true,
                        None => hole = hole.or(Some(trial)),
                    }
                }
            }
            None => {
                is_taken = (0..next.len()).map(|at| first_else.is_none_or(|it| at <= it)).collect();
                hole = first_else.is_none().then(BTreeMap::new);
            }
        }
        if let Some(trial) = hole {
            let message = match shown(&trial) {
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
