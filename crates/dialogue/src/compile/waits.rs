//! Waits: until when, and that somebody is there for what comes behind them.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Type;
use caruso_markup::Element;

use super::Compiler;
use super::calls::{Graph, Place};
use super::names::Names;
use crate::codes;
use crate::script::{Channel, StepKind};

impl Compiler<'_> {
    /// A step that waits.
    pub(super) fn wait(&mut self, element: &Element, names: &Names<'_>) -> Option<StepKind> {
        let until = element.attribute("until")?;
        let names = names.with("now", Type::Instant);
        let formula = self.formula(until, &names, None)?;
        if !matches!(formula.ty(), Type::Instant | Type::Date) {
            let message =
                format!("it waits until an instant or a day, and this is {}", formula.ty());
            let hint = "as `now + hours(4)`, or `today + days(2)`".to_owned();
            self.find(until, codes::WAIT, message, Some(hint));
        }
        Some(StepKind::Wait { until: formula })
    }

    /// Behind a wait, whoever was there has gone: on the web they come back by their link,
    /// elsewhere nobody hears what is said. An agent and a caller have gone with their contact.
    pub(super) fn check_waits(&mut self, graph: &Graph<'_>) {
        let places: BTreeMap<&str, &Place<'_>> =
            graph.places.iter().map(|it| (it.id.as_str(), it)).collect();
        let waits = graph.places.iter().filter(|it| it.element.name == "wait");
        let mut open: Vec<&str> =
            waits.flat_map(|it| it.next.iter().map(|it| it.to.as_str())).collect();
        let mut behind = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some(place) = places.get(id).filter(|_| behind.insert(id)) else { continue };
            open.extend(place.next.iter().map(|it| it.to.as_str()));
        }
        for place in behind.iter().filter_map(|it| places.get(it)) {
            let away = match place.element.name.as_str() {
                "ask" | "page" | "matrix" | "info" | "another" => {
                    &[Channel::Agent, Channel::Ivr, Channel::Message][..]
                }
                "handoff" => &[Channel::Agent, Channel::Ivr],
                _ => continue,
            };
            let Some(channel) = away.iter().find(|it| self.channels.contains(it)) else { continue };
            let message =
                format!("behind a wait, nobody is there on the channel {}", channel.word());
            let finding = place.element.finding(codes::WAIT, message);
            let hint = "send an e-mail or make an order there, or write a script for the web";
            self.findings.push(finding.with_hint(hint));
        }
    }
}
