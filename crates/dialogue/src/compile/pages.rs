//! Pages: questions that are shown together, and answered one after the other where they cannot be.
//!
//! The questions of a page are steps in a row, and the page itself is the step behind them, from
//! which its transitions lead on. Whatever works with steps knows nothing of pages.

use std::collections::BTreeMap;

use caruso_markup::{Attribute, Element};

use super::Compiler;
use super::calls::{Graph, Place};
use super::flow::{Flow, given_by};
use super::matrices;
use super::names::Names;
use crate::codes;
use crate::parts::{Part, first_question, steps_named};
use crate::script::StepKind;

impl<'a> Compiler<'a> {
    /// Questions lead on by themselves, those of a page by the page, which is entered as a whole.
    pub(super) fn check_pages(&mut self, root: &Element, steps: &[Part<'_>]) {
        let asks = steps.iter().filter(|it| it.element.name == "ask");
        for Part { element, page, .. } in asks.clone() {
            let next = element.children_named("next").next();
            match (page, next) {
                (Some(_), Some(next)) => {
                    let message = "a question on a page does not lead on: the page does";
                    let finding = next.finding(codes::PAGE, message);
                    self.findings.push(finding.with_hint("put the `next` behind the questions"));
                }
                (None, None) => {
                    let message = "no `next` leads on from the question";
                    let hint = "add a `next`; only questions of a `page` have none";
                    self.findings.push(element.finding(codes::OPEN, message).with_hint(hint));
                }
                _ => {}
            }
        }
        let pages = steps_named(root, "page").map(|it| (it, it.children_named("ask").count()));
        let matrices = steps_named(root, "matrix");
        let matrices = matrices.map(|it| (it, it.children_named("item").count()));
        for (page, questions) in pages.chain(matrices) {
            let most = crate::MAX_PAGE;
            if questions > most {
                let name = &page.name;
                let message = format!("the {name} has {questions} questions, more than {most}");
                let finding = page.finding(codes::SIZE, message);
                self.findings.push(finding.with_hint("divide it into several"));
            }
        }
        let on_pages = asks.filter_map(|it| Some((it.element.value("id")?, it.page?.value("id")?)));
        let on_pages: BTreeMap<&str, &str> = on_pages.collect();
        let next = steps.iter().flat_map(|it| it.element.children_named("next"));
        let rosters = steps.iter().map(|it| it.element).filter(|it| it.name == "roster");
        let starts = rosters.chain([root]).filter_map(|it| it.attribute("start"));
        for to in next.filter_map(|it| it.attribute("to")).chain(starts) {
            self.check_entered(to, &on_pages);
        }
    }

    fn check_entered(&mut self, to: &Attribute, on_pages: &BTreeMap<&str, &str>) {
        let Some(page) = on_pages.get(to.value.as_str()) else { return };
        let message = format!("`{}` stands on the page `{page}`", to.value);
        self.find(to, codes::PAGE, message, Some(format!("lead to `{page}`")));
    }

    /// What stands behind the questions of a page.
    pub(super) fn page(place: &Place<'_>) -> StepKind {
        if place.element.name == "matrix" {
            return StepKind::Page { questions: matrices::ids(place.element, &place.prefix) };
        }
        let ids = place.element.children_named("ask").filter_map(|it| it.value("id"));
        StepKind::Page { questions: ids.map(|it| format!("{}{it}", place.prefix)).collect() }
    }

    /// The names that what is shown at a step may use: on a page, those of the moment at which that
    /// is entered.
    pub(super) fn names_shown(
        &mut self,
        place: &Place<'_>,
        graph: &Graph<'_>,
        flow: &Flow,
    ) -> Option<Names<'a>> {
        let (page, first) = match (&place.page, place.element.name.as_str()) {
            (Some((page, first)), _) => (page, first.as_str()),
            (None, "page") => {
                let first = first_question(place.element)?;
                return Some(
                    self.names.at(flow.seen_at(&format!("{}{first}", place.prefix))?.clone()),
                );
            }
            (None, "matrix") => {
                let first = matrices::first(place.element, &place.prefix)?;
                return Some(self.names.at(flow.seen_at(&first)?.clone()));
            }
            (None, _) => return Some(self.names.at(flow.seen_at(&place.id)?.clone())),
        };
        let of_page = |it: &&Place<'_>| it.page.as_ref().is_some_and(|(known, _)| known == page);
        let names = graph.places.iter().filter(of_page).flat_map(given_by);
        let short = |it: String| it.strip_prefix(&place.prefix).map(str::to_owned).unwrap_or(it);
        self.beside = names.map(short).collect();
        Some(self.names.at(flow.seen_at(first)?.clone()))
    }
}
