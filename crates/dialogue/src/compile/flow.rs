//! The graph of steps: what leads where, and what is known when a step is reached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Kind, Node, parse};
use caruso_markup::Element;

use super::Compiler;
use super::calls::{Graph, Place, PlaceKind, Way};
use super::seen::{Numbers, Seen};
use crate::codes;
use crate::parts::row_of;
use crate::special::companion;

#[derive(Debug)]
pub(crate) struct Flow {
    seen: BTreeMap<String, Seen>,
}

impl Flow {
    /// What is known at a step; nothing if it cannot be reached.
    pub(crate) fn seen_at(&self, step: &str) -> Option<&Seen> {
        self.seen.get(step)
    }

    /// What is known once a step was passed.
    pub(super) fn after(&self, place: &Place<'_>) -> Option<Seen> {
        after(&self.seen, place)
    }
}

/// What is known once a step was passed. Of what is inside a roster, only the rows are known behind
/// it: there may be none.
fn after(seen: &BTreeMap<String, Seen>, place: &Place<'_>) -> Option<Seen> {
    let here = seen.get(&place.id)?;
    let is_left = place.kind == PlaceKind::Rows;
    let before = if is_left { seen.get(&row_of(&place.id)).unwrap_or(here) } else { here };
    let mut after = before.clone();
    given_by(place).iter().for_each(|it| after.add(it));
    Some(after)
}

/// The names that a step gives to those after it.
pub(super) fn given_by(place: &Place<'_>) -> Vec<String> {
    let (id, step) = (&place.id, place.element);
    match step.name.as_str() {
        "ask" | "matrix" if step.name == "ask" || place.item.is_some() => {
            let special = step.attribute("special").map(|_| companion(id));
            special.into_iter().chain([id.clone()]).collect()
        }
        "do" if step.attribute("wait").is_some() => step
            .elements()
            .filter_map(|it| it.value("name").filter(|_| it.name != "next"))
            .map(|name| format!("{}{name}", place.prefix))
            .collect(),
        "another" => vec![id.clone()],
        "roster" => match place.kind {
            PlaceKind::Row => step.value("each").map(|it| format!("{}{it}", place.prefix)),
            _ => Some(id.clone()),
        }
        .into_iter()
        .collect(),
        "call" | "matrix" => place.results.iter().map(|name| format!("{id}.{name}")).collect(),
        _ => Vec::new(),
    }
}

impl Compiler<'_> {
    pub(super) fn flow(&mut self, root: &Element, graph: &Graph<'_>) -> Flow {
        let places = graph.places.iter();
        let steps: BTreeMap<&str, &Place<'_>> =
            places.map(|place| (place.id.as_str(), place)).collect();
        let Some(start) = root.attribute("start") else { return Flow { seen: BTreeMap::new() } };
        if !steps.contains_key(start.value.as_str()) {
            let message = format!("`{}` is no step of the script", start.value);
            self.find(start, codes::START, message, None);
            return Flow { seen: BTreeMap::new() };
        }
        if let Some(interrupt) = interrupted(&steps, &start.value) {
            let message = format!("`{}` is not where the script begins", start.value);
            let hint = format!("`{interrupt}` is an interrupt, which is begun when it comes");
            self.find(start, codes::START, message, Some(hint));
            return Flow { seen: BTreeMap::new() };
        }
        if let Some(roster) = steps.get(start.value.as_str()).and_then(|it| it.rosters.first()) {
            let message = format!("`{}` is a step of the roster `{roster}`", start.value);
            self.find(start, codes::START, message, Some(format!("start at `{roster}`")));
            return Flow { seen: BTreeMap::new() };
        }
        let (mut order, mut walked) = Default::default();
        let roots = roots(graph);
        let mut has_loop = false;
        for root in &roots {
            has_loop |= self.order(&steps, root, &mut walked, &mut order);
        }
        // each after all that lead to it
        order.reverse();
        let reached: BTreeSet<&str> = order.iter().copied().collect();
        for place in graph.places.iter().filter(|it| it.is_own()) {
            if !reached.contains(place.id.as_str()) && place.kind != PlaceKind::Row {
                let message = format!("nothing leads to the step `{}`", place.id);
                self.findings.push(place.element.finding(codes::UNREACHABLE, message));
            }
        }
        if has_loop {
            // what comes before what is unclear then, so everything counts as known
            let mut all = Seen::nothing(&numbers(&steps));
            steps.values().flat_map(|it| given_by(it)).for_each(|it| all.add(&it));
            let seen = order.iter().map(|id| ((*id).to_owned(), all.clone()));
            return Flow { seen: seen.collect() };
        }
        Flow { seen: seen(&steps, &roots, &order) }
    }

    /// Adds the steps that can be reached and are not there yet, each before all that lead to it.
    /// True if there is a loop. `state` says of steps whether they are done.
    ///
    /// A walk in depth with a stack of its own: scripts may be long.
    fn order<'e>(
        &mut self,
        steps: &BTreeMap<&'e str, &'e Place<'_>>,
        start: &str,
        state: &mut BTreeMap<&'e str, bool>,
        order: &mut Vec<&'e str>,
    ) -> bool {
        let mut has_loop = false;
        let Some((start, place)) = steps.get_key_value(start) else { return false };
        if state.contains_key(start) {
            return false;
        }
        let mut stack = vec![(*start, place.next.iter())];
        state.insert(start, false);
        while let Some((id, next)) = stack.last_mut() {
            let Some(way) = next.next() else {
                state.insert(id, true);
                order.push(id);
                stack.pop();
                continue;
            };
            let Some((target, place)) = steps.get_key_value(way.to.as_str()) else { continue };
            match state.get(target) {
                Some(true) => {}
                Some(false) => {
                    has_loop = true;
                    // called scripts have no loops, so that it is closed outside of them
                    let Some(to) = way.element.and_then(|it| it.attribute("to")) else { continue };
                    let message = format!("the path comes back to `{}`", to.value);
                    let hint = "a step is walked once; ask again by another step".to_owned();
                    self.find(to, codes::LOOP, message, Some(hint));
                }
                None => {
                    state.insert(target, false);
                    stack.push((*target, place.next.iter()));
                }
            }
        }
        has_loop
    }
}

/// From where steps are reached: the start, and of each interrupt where it begins and where it is
/// over, which it need not come to.
fn roots<'g>(graph: &'g Graph<'_>) -> Vec<&'g str> {
    let interrupts = graph.places.iter().filter(|it| it.element.name == "interrupt");
    std::iter::once(&graph.start).chain(interrupts.map(|it| &it.id)).map(String::as_str).collect()
}

/// The interrupt that a step is, or stands in.
fn interrupted<'g>(steps: &BTreeMap<&str, &'g Place<'_>>, id: &str) -> Option<&'g str> {
    let place = *steps.get(id)?;
    let around = place.rosters.first().and_then(|it| steps.get(it.as_str())).copied();
    let of = around.unwrap_or(place);
    (of.element.name == "interrupt").then_some(of.id.as_str())
}

/// All names that can be known, with numbers.
fn numbers(steps: &BTreeMap<&str, &Place<'_>>) -> Numbers {
    let found = steps.values().flat_map(|place| place.next.iter().flat_map(|it| found(place, it)));
    let names: BTreeSet<String> = steps.values().flat_map(|it| given_by(it)).chain(found).collect();
    Arc::new(names.into_iter().zip(0..).collect())
}

/// The names that are not missing on a way.
fn found(place: &Place<'_>, way: &Way<'_>) -> Vec<String> {
    let when = way.element.and_then(|it| it.value("when")).and_then(|it| parse(it).ok());
    let names = when.iter().flat_map(|it| present_names(it.root()));
    names.map(|it| format!("{}{it}", place.prefix)).collect()
}

/// What is known at each step, from what is known at those before it.
fn seen(
    steps: &BTreeMap<&str, &Place<'_>>,
    roots: &[&str],
    order: &[&str],
) -> BTreeMap<String, Seen> {
    let nothing = Seen::nothing(&numbers(steps));
    let roots = roots.iter().map(|root| ((*root).to_owned(), nothing.clone()));
    let mut seen: BTreeMap<String, Seen> = roots.collect();
    for id in order {
        let Some(place) = steps.get(id) else { continue };
        let Some(after) = after(&seen, place) else { continue };
        for way in &place.next {
            let mut after = after.clone();
            found(place, way).iter().for_each(|it| after.find(it));
            match seen.get_mut(&way.to) {
                Some(target) => target.join(&after),
                None => {
                    seen.insert(way.to.clone(), after);
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
                Kind::Member(record, name) => match &record.kind {
                    Kind::Name(record) => Some(format!("{record}.{name}")),
                    _ => None,
                },
                _ => None,
            });
            names.collect()
        }
        _ => Vec::new(),
    }
}
