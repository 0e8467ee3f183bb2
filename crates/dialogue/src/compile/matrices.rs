//! Matrices: the same question about several things.
//!
//! A matrix is a page with a question for each item. Steps of items have the id of the matrix
//! before their own, `service/speed`, and so have the names of their answers, which expressions
//! know as `service.speed`.

use std::sync::Arc;

use caruso_expression::{Type, TypedKind};
use caruso_markup::Element;

use super::Compiler;
use super::calls::{Place, PlaceKind, Way, constant};
use super::names::Names;
use crate::codes;
use crate::formula::Defined;
use crate::script::{Channel, Prompt, Role};
use crate::special::companion;

/// The values of the items, which are their names: of as many as there may be.
fn values(matrix: &Element) -> impl Iterator<Item = &str> {
    matrix.children_named("item").filter_map(|it| it.value("value")).take(crate::MAX_PAGE)
}

/// What stands before the ids of the steps of items.
fn before_items(matrix: &Element, prefix: &str) -> String {
    format!("{prefix}{}/", matrix.value("id").unwrap_or_default())
}

/// The ids of the steps of items, in order.
pub(super) fn ids(matrix: &Element, prefix: &str) -> Vec<String> {
    let before = before_items(matrix, prefix);
    values(matrix).map(|it| format!("{before}{it}")).collect()
}

/// The id of the step with which a matrix begins.
pub(super) fn first(matrix: &Element, prefix: &str) -> Option<String> {
    ids(matrix, prefix).into_iter().next()
}

/// What is known of a matrix behind it: `speed` of `service.speed`. None of another step.
pub(super) fn names(step: &Element) -> Vec<String> {
    if step.name != "matrix" {
        return Vec::new();
    }
    let has_specials = step.attribute("special").is_some();
    let names = values(step).flat_map(|it| {
        let special = has_specials.then(|| companion(it));
        special.into_iter().chain([it.to_owned()])
    });
    names.collect()
}

/// The steps of the items of a matrix, each leading to the next, and the last to the matrix. None
/// of another step.
pub(super) fn items<'e>(
    matrix: &'e Element,
    section: Option<&'e Element>,
    prefix: &str,
    rosters: &[String],
) -> Vec<Place<'e>> {
    if matrix.name != "matrix" {
        return Vec::new();
    }
    let ids = ids(matrix, prefix);
    let page = format!("{prefix}{}", matrix.value("id").unwrap_or_default());
    let Some(first) = ids.first().cloned() else { return Vec::new() };
    let next = ids.iter().skip(1).chain([&page]);
    let items = matrix.children_named("item").zip(&ids).zip(next);
    let places = items.map(|((item, id), next)| Place {
        id: id.clone(),
        prefix: before_items(matrix, prefix),
        element: matrix,
        section,
        rosters: rosters.to_vec(),
        page: Some((page.clone(), first.clone())),
        item: Some(item),
        kind: PlaceKind::Step,
        next: vec![Way { element: None, to: next.clone() }],
        results: Vec::new(),
    });
    places.collect()
}

impl Compiler<'_> {
    /// Gives the answers the names by which they are known behind the matrix.
    pub(super) fn declare_matrix(&mut self, place: &Place<'_>) {
        let Some(id) = place.element.attribute("id") else { return };
        if !self.is_new(id) {
            return;
        }
        let longest = ids(place.element, "").into_iter().max_by_key(String::len);
        if let Some(longest) = longest.filter(|it| it.len() > crate::MAX_PATH) {
            let message = format!("the id `{longest}` is longer than {} bytes", crate::MAX_PATH);
            let hint = "shorten the id of the matrix, or the value of the item".to_owned();
            self.find(id, codes::SIZE, message, Some(hint));
        }
        for name in &place.results {
            let (step, full) = (format!("{}/{name}", place.id), format!("{}.{name}", place.id));
            let Some(ty) = self.names.types.get(&step).cloned() else { continue };
            if let Some(labels) = self.names.labels.get(&step).cloned() {
                Arc::make_mut(&mut self.names.labels).insert(full.clone(), labels);
            }
            if matches!(ty.present(), Type::Choice(_) | Type::Bool) {
                Arc::make_mut(&mut self.names.finite).insert(full.clone());
            }
            if let Some(bounds) = self.names.bounds.get(&step).cloned() {
                Arc::make_mut(&mut self.names.bounds).insert(full.clone(), bounds);
            }
            let at = place.element.location.clone();
            let defined = Arc::new(Defined::typed(full.clone(), at));
            Arc::make_mut(&mut self.names.defined).insert(full.clone(), defined);
            Arc::make_mut(&mut self.names.types).insert(full.clone(), ty.clone());
            self.give(&full, vec![(None, constant(ty, TypedKind::Variable(step)))]);
        }
        let names = place.results.clone();
        Arc::make_mut(&mut self.names.records).insert(place.id.clone(), names);
    }

    /// Of the matrix, what stands above it; of an item, its words, and what the telephone says when
    /// nothing was understood.
    pub(super) fn matrix_prompts(
        &mut self,
        matrix: &Element,
        item: Option<&Element>,
        names: &Names<'_>,
    ) -> Vec<Prompt> {
        let mut prompts = self.prompts(matrix, names);
        let is_above = |it: &Prompt| matches!(it.role, Role::Say | Role::Note);
        prompts.retain(|it| is_above(it) == item.is_none());
        let Some(item) = item else { return prompts };
        if self.channels.contains(&Channel::Ivr) && item.attribute("recording").is_none() {
            let message = "on the telephone, a text is heard only if it is recorded";
            let finding = item.finding(codes::NOT_RECORDED, message);
            self.findings.push(finding.with_hint("name the prompt by `recording`"));
        }
        let text = self.text(item, names);
        prompts.insert(0, Prompt { role: Role::Say, text, channels: None });
        prompts
    }
}
