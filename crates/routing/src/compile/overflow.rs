//! Where those go who cannot wait, and that it does not lead in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_contact::QueueId;
use caruso_markup::{Attribute, Element};

use super::Compiler;
use crate::configuration::{Onward, Overflows};
use crate::{LONGEST_WAIT, codes};

impl Compiler<'_> {
    /// What becomes of whom the queue cannot keep waiting.
    pub(super) fn overflows(&mut self, queue: &Element) -> Overflows {
        let mut overflows = Overflows::default();
        let mut seen = BTreeSet::new();
        for element in queue.children_named("overflow") {
            let Some(on) = element.attribute("on") else { continue };
            if !seen.insert(on.value.as_str()) {
                self.duplicate(on, "overflow");
            }
            let onward = self.onward(element, on);
            let after = self.overflow_after(element, on);
            match on.value.as_str() {
                "wait" => overflows.wait = after.zip(onward),
                "full" => overflows.full = onward,
                "unserved" => overflows.unserved = onward,
                "closed" => overflows.closed = onward,
                _ => {}
            }
        }
        overflows
    }

    fn onward(&mut self, element: &Element, on: &Attribute) -> Option<Onward> {
        let take = element.attribute("take");
        match (element.attribute("to"), element.attribute("say"), take) {
            (Some(to), None, None) => QueueId::new(&to.value).ok().map(Onward::Queue),
            (None, None, Some(_)) => Some(Onward::Message),
            (None, Some(say), None) => {
                let prompts = &self.scope.prompts;
                self.check_known(say, prompts, codes::UNKNOWN_PROMPT, "prompt");
                Some(Onward::Prompt(say.value.clone()))
            }
            (to, say, take) => {
                let is_none = to.or(say).or(take).is_none();
                let what = if is_none { "none" } else { "more than one" };
                let message = format!("the overflow has {what} of `to`, `say` and `take`");
                let hint = "expected `to`, a queue, `say`, a prompt after which the call ends, or \
                            `take`, that the customer leaves a message";
                self.findings.push(on.finding(codes::OVERFLOW, message).with_hint(hint));
                None
            }
        }
    }

    fn overflow_after(&mut self, element: &Element, on: &Attribute) -> Option<Duration> {
        match (element.attribute("after"), on.value == "wait") {
            (Some(after), false) => {
                let message = format!("the overflow `{}` has no `after`", on.value);
                let hint = "it happens at once; only `wait` has a time";
                self.findings.push(after.finding(codes::OVERFLOW, message).with_hint(hint));
                None
            }
            (None, true) => {
                let message = "the overflow `wait` needs a time".to_owned();
                let finding = on.finding(codes::OVERFLOW, message);
                self.findings.push(finding.with_hint("say it in `after`, such as 5m"));
                None
            }
            _ => self.duration(element, "after", 1..=LONGEST_WAIT.as_secs()),
        }
    }

    /// Each circle of overflows is found once, where the first of its queues leads into it.
    pub(super) fn circles(&mut self, root: &Element) {
        let mut edges: BTreeMap<&str, Vec<&Attribute>> = BTreeMap::new();
        for queue in root.children_named("queue") {
            let Some(id) = queue.value("id") else { continue };
            let to = queue.children_named("overflow").filter_map(|it| it.attribute("to"));
            edges.entry(id).or_default().extend(to);
        }
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for queue in root.children_named("queue").filter_map(|queue| queue.value("id")) {
            for to in edges.get(queue).into_iter().flatten().filter(|_| !found.contains(queue)) {
                let Some(path) = path(&edges, &to.value, queue) else { continue };
                let message =
                    format!("the overflow leads in a circle: {queue} → {}", path.join(" → "));
                let hint = "let one of the queues end with `say`, or keep its callers waiting";
                self.findings.push(to.finding(codes::CIRCLE, message).with_hint(hint));
                found.extend(path);
                break;
            }
        }
    }
}

/// A shortest way by overflows from a queue to another, both included.
fn path<'a>(
    edges: &BTreeMap<&'a str, Vec<&'a Attribute>>,
    from: &'a str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, Option<&str>> = BTreeMap::from([(from, None)]);
    let mut open = std::collections::VecDeque::from([from]);
    while let Some(queue) = open.pop_front() {
        if queue == to {
            let back = std::iter::successors(Some(queue), |it| before.get(it).copied().flatten());
            let mut path: Vec<&str> = back.collect();
            path.reverse();
            return Some(path);
        }
        for next in edges.get(queue).into_iter().flatten() {
            if !before.contains_key(next.value.as_str()) {
                before.insert(&next.value, Some(queue));
                open.push_back(&next.value);
            }
        }
    }
    None
}
