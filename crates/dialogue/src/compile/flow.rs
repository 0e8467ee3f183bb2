//! The graph of steps: what leads where, and what is known when a step is reached.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Kind, Node, parse};
use caruso_markup::Element;

use super::Compiler;
use crate::codes;
use crate::special::companion;

/// The names of answers and results that exist when a step is reached.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// On at least one path.
    pub(crate) maybe: BTreeSet<String>,
    /// On every path.
    pub(crate) surely: BTreeSet<String>,
    /// Names that every path has found not to be missing.
    pub(crate) present: BTreeSet<String>,
}

impl Seen {
    /// What exists once this step was passed too.
    pub(crate) fn after(&self, step: &Element) -> Self {
        let mut after = self.clone();
        after.maybe.extend(given_by(step));
        after.surely.extend(given_by(step));
        after
    }
}

#[derive(Debug)]
pub(crate) struct Flow {
    seen: BTreeMap<String, Seen>,
}

impl Flow {
    /// What is known at a step; nothing if it cannot be reached.
    pub(crate) fn seen_at(&self, step: &str) -> Option<&Seen> {
        self.seen.get(step)
    }
}

pub(crate) fn is_step(element: &Element) -> bool {
    !matches!(
        element.name.as_str(),
        "title" | "input" | "find" | "related" | "computed" | "table" | "test"
    )
}

/// The names that a step gives to those after it.
fn given_by(step: &Element) -> Vec<String> {
    match step.name.as_str() {
        "ask" => {
            let id = step.value("id").unwrap_or_default();
            let special = step.attribute("special").map(|_| companion(id));
            special.into_iter().chain([id.to_owned()]).collect()
        }
        "do" if step.attribute("wait").is_some() => step
            .elements()
            .filter_map(|it| it.value("name").filter(|_| it.name != "next").map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

impl Compiler<'_> {
    pub(super) fn flow(&mut self, root: &Element) -> Flow {
        let steps: BTreeMap<&str, &Element> = root
            .elements()
            .filter(|it| is_step(it))
            .filter_map(|it| it.value("id").map(|id| (id, it)))
            .collect();
        let Some(start) = root.attribute("start") else { return Flow { seen: BTreeMap::new() } };
        if !steps.contains_key(start.value.as_str()) {
            let message = format!("`{}` is no step of the script", start.value);
            self.find(start, codes::START, message, None);
            return Flow { seen: BTreeMap::new() };
        }
        let mut order = Vec::new();
        let has_loop = self.order(&steps, &start.value, &mut order);
        for (id, step) in &steps {
            if !order.contains(id) {
                let message = format!("nothing leads to the step `{id}`");
                self.findings.push(step.finding(codes::UNREACHABLE, message));
            }
        }
        if has_loop {
            // what comes before what is unclear then, so everything counts as known
            let all: BTreeSet<String> = steps.values().flat_map(|it| given_by(it)).collect();
            let seen = Seen { maybe: all.clone(), surely: all, present: BTreeSet::new() };
            return Flow {
                seen: order.iter().map(|id| ((*id).to_owned(), seen.clone())).collect(),
            };
        }
        Flow { seen: seen(&steps, &order) }
    }

    /// Steps that can be reached, each after all that lead to it. True if there is a loop.
    ///
    /// A walk in depth with a stack of its own: scripts may be long.
    fn order<'e>(
        &mut self,
        steps: &BTreeMap<&'e str, &'e Element>,
        start: &str,
        order: &mut Vec<&'e str>,
    ) -> bool {
        let mut has_loop = false;
        let mut state: BTreeMap<&str, bool> = BTreeMap::new();
        let Some((start, element)) = steps.get_key_value(start) else { return false };
        let mut stack = vec![(*start, element.children_named("next"))];
        state.insert(start, false);
        while let Some((id, next)) = stack.last_mut() {
            let Some(transition) = next.next() else {
                state.insert(id, true);
                order.push(id);
                stack.pop();
                continue;
            };
            let Some(to) = transition.attribute("to") else { continue };
            let Some((target, element)) = steps.get_key_value(to.value.as_str()) else { continue };
            match state.get(target) {
                Some(true) => {}
                Some(false) => {
                    has_loop = true;
                    let message = format!("the path comes back to `{target}`");
                    let hint = "a step is walked once; ask again by another step".to_owned();
                    self.find(to, codes::LOOP, message, Some(hint));
                }
                None => {
                    state.insert(target, false);
                    stack.push((*target, element.children_named("next")));
                }
            }
        }
        order.reverse();
        has_loop
    }
}

/// What is known at each step, from what is known at those before it.
fn seen(steps: &BTreeMap<&str, &Element>, order: &[&str]) -> BTreeMap<String, Seen> {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    if let Some(start) = order.first() {
        seen.insert((*start).to_owned(), Seen::default());
    }
    for id in order {
        let (Some(here), Some(step)) = (seen.get(*id), steps.get(id)) else { continue };
        let after = here.after(step);
        for next in step.children_named("next") {
            let Some(to) = next.value("to") else { continue };
            let mut after = after.clone();
            let when = next.value("when").and_then(|it| parse(it).ok());
            after.present.extend(when.iter().flat_map(|it| present_names(it.root())));
            match seen.get_mut(to) {
                Some(target) => {
                    target.maybe.extend(after.maybe.iter().cloned());
                    target.surely.retain(|name| after.surely.contains(name));
                    target.present.retain(|name| after.present.contains(name));
                }
                None => {
                    seen.insert(to.to_owned(), after);
                }
            }
        }
    }
    seen
}

/// The names that are not missing where the condition holds: `has(x)`, alone or with `and`.
fn present_names(condition: &Node) -> Vec<String> {
    match &condition.kind {
        Kind::And(parts) => parts.iter().flat_map(present_names).collect(),
        Kind::Call { receiver: None, name, arguments, .. } if name == "has" => {
            let names = arguments.iter().filter_map(|it| match &it.kind {
                Kind::Name(name) => Some(name.clone()),
                _ => None,
            });
            names.collect()
        }
        _ => Vec::new(),
    }
}
