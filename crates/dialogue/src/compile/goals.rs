//! Goals: declared once, named where they are reached.

use std::collections::BTreeSet;

use caruso_markup::{Attribute, Element, suggest};

use super::Compiler;
use super::calls::Place;
use crate::codes;

impl Compiler<'_> {
    /// The goal that an element reaches. In a called script it has the id of the call before it, as
    /// steps have.
    pub(super) fn goal(element: &Element, place: &Place<'_>) -> Option<String> {
        element.value("goal").map(|it| format!("{}{it}", place.prefix))
    }

    /// Goals are declared, and each is reached somewhere.
    pub(super) fn check_goals(&mut self, root: &Element) {
        let mut known = BTreeSet::new();
        for name in root.children_named("goal").filter_map(|it| it.attribute("name")) {
            if !known.insert(name.value.as_str()) {
                let message = format!("the goal `{}` is declared twice", name.value);
                self.find(name, codes::GOAL, message, None);
            }
        }
        let (mut open, mut reached) = (vec![root], BTreeSet::new());
        while let Some(element) = open.pop() {
            if let Some(goal) = element.attribute("goal") {
                reached.insert(goal.value.as_str());
                if !known.contains(goal.value.as_str()) {
                    let message = format!("the script has no goal `{}`", goal.value);
                    let hint = suggest(&goal.value, known.iter().copied());
                    self.find(goal, codes::GOAL, message, hint);
                }
            }
            if let Some(goals) = element.attribute("goals").filter(|_| element.name == "reached") {
                self.check_reached(goals, &known);
            }
            open.extend(element.elements());
        }
        for goal in root.children_named("goal").filter_map(|it| it.attribute("name")) {
            if !reached.contains(goal.value.as_str()) {
                let message = format!("nothing reaches the goal `{}`", goal.value);
                let hint = "write goal=\"…\" at a `next`, an `end` or a `handoff`".to_owned();
                self.find(goal, codes::GOAL, message, Some(hint));
            }
        }
    }

    /// The goals that a test names; those of called scripts are looked for when it runs.
    fn check_reached(&mut self, goals: &Attribute, known: &BTreeSet<&str>) {
        let own = goals.value.split_whitespace().filter(|it| !it.contains('/'));
        let unknown: Vec<&str> = own.filter(|it| !known.contains(it)).collect();
        for goal in unknown {
            let message = format!("the script has no goal `{goal}`");
            let hint = suggest(goal, known.iter().copied());
            self.find(goals, codes::GOAL, message, hint);
        }
    }
}
