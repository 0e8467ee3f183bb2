//! Rosters: what their rows are, what is known inside, and what of each row is known after them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, suggest};

use super::Compiler;
use super::calls::{Graph, Place, PlaceKind};
use super::flow::{Flow, given_by};
use super::interrupts::across;
use super::names::{Names, row_type};
use crate::codes;
use crate::keypad::{Keyed, Keypad};
use crate::parts::{Part, has_rows};
use crate::rows::{Roster, Rows};
use crate::script::{Ask, Channel, StepKind};

/// Where a step stands.
struct Level<'e> {
    /// The ids of its rosters.
    ids: Vec<String>,
    /// The innermost of them, or the interrupt.
    inside: Option<&'e Element>,
}

impl Compiler<'_> {
    /// Transitions lead to steps beside their own; inside a roster, also to that, which ends the
    /// row.
    pub(super) fn check_levels(&mut self, steps: &[Part<'_>]) {
        let ids = |part: &Part<'_>| -> Vec<String> {
            let ids = part.rosters.iter().filter_map(|it| it.value("id"));
            ids.map(str::to_owned).collect()
        };
        let levels = steps.iter().filter_map(|it| {
            let level = Level { ids: ids(it), inside: it.rosters.last().copied() };
            Some((it.element.value("id")?, level))
        });
        let levels: BTreeMap<&str, Level<'_>> = levels.collect();
        for part in steps {
            let own = ids(part);
            let next = part.element.children_named("next").filter_map(|it| it.attribute("to"));
            let around = part.rosters.last().copied();
            for to in next.filter(|it| own.last() != Some(&it.value)) {
                self.check_level(to, &own, around, &levels);
            }
            if !has_rows(part.element) {
                continue;
            }
            let inside: Vec<String> = own
                .iter()
                .map(String::as_str)
                .chain(part.element.value("id"))
                .map(str::to_owned)
                .collect();
            if let Some(start) = part.element.attribute("start") {
                self.check_level(start, &inside, Some(part.element), &levels);
            }
            if inside.len() > crate::MAX_ROSTERS_DEEP {
                let message =
                    format!("rosters stand over {} deep in each other", crate::MAX_ROSTERS_DEEP);
                let finding = part.element.finding(codes::SIZE, message);
                self.findings
                    .push(finding.with_hint("ask about the inner rows in a roster of their own"));
            }
        }
    }

    fn check_level(
        &mut self,
        to: &Attribute,
        own: &[String],
        around: Option<&Element>,
        levels: &BTreeMap<&str, Level<'_>>,
    ) {
        let level = levels.get(to.value.as_str()).filter(|it| it.ids != own);
        let Some(Level { ids: target, inside }) = level else { return };
        if let Some((message, hint)) = across(&to.value, *inside, around) {
            self.find(to, codes::INTERRUPT, message, Some(hint));
            return;
        }
        let (message, hint) = match (target.last(), own.last()) {
            (Some(roster), _) if target.len() > own.len() => (
                format!("`{}` stands in the roster `{roster}`", to.value),
                format!("lead to `{roster}`, whose rows begin with its `start`"),
            ),
            (_, Some(roster)) => (
                format!("`{}` is no step of the roster `{roster}`", to.value),
                format!("a row ends by `to=\"{roster}\"`"),
            ),
            _ => (format!("`{}` is a step of a roster", to.value), "lead to the roster".to_owned()),
        };
        self.find(to, codes::ROSTER, message, Some(hint));
    }

    /// The rows, as they are known after the roster.
    pub(super) fn declare_rows(&mut self, place: &Place<'_>) {
        if let Some(id) = place.element.attribute("id") {
            self.declare(id, row_type(&place.id).list());
        }
    }

    pub(super) fn declare_another(&mut self, another: &Element) {
        let Some(id) = another.attribute("id") else { return };
        let full = self.names.full(&id.value);
        if self.declare(id, Type::Bool) {
            Arc::make_mut(&mut self.names.finite).insert(full);
        }
    }

    /// Whether there is another row. Who says nothing at the telephone has no more.
    pub(super) fn another(&mut self, another: &Element) -> Ask {
        let keypad = self.channels.contains(&Channel::Ivr).then(|| {
            self.hear_keys(another, Keyed::YesNo);
            let (default, retries, timeout_seconds) = ("false".to_owned(), 2, 5);
            Keypad { default, retries, timeout_seconds, keyed: Keyed::YesNo }
        });
        Ask { keypad, ..Ask::another() }
    }

    /// What stands for the row inside; all answers have their types by now.
    pub(super) fn declare_each(&mut self, graph: &Graph<'_>) {
        for place in graph.places.iter().filter(|it| it.kind == PlaceKind::Row) {
            self.names.prefix.clone_from(&place.prefix);
            if let Some(each) = place.element.attribute("each") {
                let ty = self.type_of_row(place, graph);
                let full = self.names.full(&each.value);
                if self.declare(each, ty.clone()) && matches!(ty, Type::Choice(_)) {
                    let from = place.element.value("from").unwrap_or_default();
                    let labels = self.names.labels.get(&self.names.full(from)).cloned();
                    Arc::make_mut(&mut self.names.finite).insert(full.clone());
                    if let Some(labels) = labels {
                        Arc::make_mut(&mut self.names.labels).insert(full, labels);
                    }
                }
            }
        }
        self.names.prefix.clear();
        let fields = graph.places.iter().filter(|it| it.kind == PlaceKind::Rows);
        let fields = fields.map(|it| (it.id.clone(), self.fields(it, graph, |_| false)));
        self.names.rows = Arc::new(fields.collect());
    }

    fn type_of_row(&mut self, place: &Place<'_>, graph: &Graph<'_>) -> Type {
        let Some(from) = place.element.attribute("from") else { return Type::Int };
        let full = self.names.full(&from.value);
        let is_source = self.names.is_source.contains(&full);
        match self.names.types.get(&full).map(Type::present) {
            Some(Type::List(ty)) if is_source || is_several(graph, &full) => (**ty).clone(),
            _ => {
                let lists =
                    self.names.types.iter().filter(|(_, ty)| matches!(ty.present(), Type::List(_)));
                let hint = suggest(&from.value, lists.map(|(name, _)| name.as_str()));
                let message =
                    format!("`{}` is no list of objects and no question of several", from.value);
                self.find(from, codes::UNKNOWN_DATA, message, hint);
                Type::Object("".into())
            }
        }
    }

    /// What each row has, with the types of that: what is not surely there may be missing.
    fn fields(
        &self,
        rows: &Place<'_>,
        graph: &Graph<'_>,
        is_sure: impl Fn(&str) -> bool,
    ) -> BTreeMap<String, Type> {
        let each = rows.element.value("each").map(|it| format!("{}{it}", rows.prefix));
        let names = names_in(rows, graph).into_iter().map(|it| {
            let is_sure = is_sure(&it);
            (it, is_sure)
        });
        let names = names.chain(each.map(|it| (it, true)));
        let fields = names.filter_map(|(name, is_sure)| {
            let ty = self.names.types.get(&name)?.clone();
            Some((short(&name, &rows.prefix), if is_sure { ty } else { ty.optional() }))
        });
        fields.collect()
    }

    /// What is surely in each row, as the paths through the roster have it.
    pub(super) fn know_rows(&mut self, graph: &Graph<'_>, flow: &Flow) {
        let mut all = BTreeMap::new();
        for rows in graph.places.iter().filter(|it| it.kind == PlaceKind::Rows) {
            let seen = flow.seen_at(&rows.id);
            let is_sure = |name: &str| seen.is_some_and(|it| it.is_sure(name));
            all.insert(rows.id.clone(), self.fields(rows, graph, is_sure));
        }
        self.names.rows = Arc::new(all);
    }

    /// Where each row begins. `names` are those that are known inside.
    pub(super) fn roster(
        &mut self,
        place: &Place<'_>,
        graph: &Graph<'_>,
        names: &Names<'_>,
    ) -> StepKind {
        let element = place.element;
        let full = |name: &str| format!("{}{name}", place.prefix);
        let id = full(element.value("id").unwrap_or_default());
        self.check_origin(element);
        let rows = self.rows(element, names);
        let label = element.child("row").map(|it| self.text(it, names));
        let each = full(element.value("each").unwrap_or_default());
        let rows_place = graph.places.iter().find(|it| it.id == id);
        let inside = rows_place.map(|it| names_in(it, graph)).unwrap_or_default();
        let fields = inside.into_iter().chain([each.clone()]);
        let fields = fields.map(|it| (short(&it, &place.prefix), it)).collect();
        let another = element.child("another").and_then(|it| it.value("id")).map(full);
        let label = Box::new(label.unwrap_or_else(|| self.title_of(&id)));
        StepKind::Row(Box::new(Roster {
            id,
            each,
            label,
            rows,
            fields,
            another,
            rows_at: 0,
            another_at: None,
            inside: Vec::new(),
        }))
    }

    pub(super) fn title_of(&self, word: &str) -> crate::texts::Text {
        crate::texts::Text::word(&self.language, &self.zone, word)
    }

    fn check_origin(&mut self, roster: &Element) {
        let Some(from) = roster.attribute("from") else {
            if roster.child("another").is_none() {
                let message = "it is not said where rows come from";
                let finding = roster.finding(codes::ROSTER, message);
                self.findings.push(finding.with_hint("name a list by `from`, or ask by `another`"));
            }
            if let Some(only) = roster.attribute("where") {
                self.find(only, codes::ROSTER, "there is no list to choose from".to_owned(), None);
            }
            return;
        };
        let hint = || Some("rows are added only where there is no `from`".to_owned());
        if let Some(another) = roster.child("another") {
            let message = format!("the rows are those of `{}`, and no others", from.value);
            self.findings.push(another.finding(codes::ROSTER, message).with_suggestion(hint()));
        }
        for bound in ["min", "max"].iter().filter_map(|it| roster.attribute(it)) {
            let message = format!("`{}` has as many rows as it has", from.value);
            self.find(bound, codes::ROSTER, message, hint());
        }
    }

    fn rows(&mut self, roster: &Element, names: &Names<'_>) -> Rows {
        let Some(from) = roster.attribute("from") else {
            let most = i64::try_from(crate::MAX_ROWS).unwrap_or(i64::MAX);
            let mut bound = |name| {
                let bound = self.number(roster, name, 1..=most)?;
                usize::try_from(bound).ok()
            };
            let (min, max) = (bound("min").unwrap_or(1), bound("max").unwrap_or(crate::MAX_ROWS));
            if let Some(bound) = roster.attribute("max").filter(|_| max < min) {
                self.find(bound, codes::NUMBER, "`max` is less than `min`".to_owned(), None);
            }
            return Rows::Added { min, max };
        };
        let full = names.full(&from.value);
        let only = roster.attribute("where");
        if names.is_source.contains(&full) {
            let only = only.and_then(|it| self.formula(it, names, Some(&Type::Bool)));
            return Rows::Objects { from: full, only };
        }
        if let Some(only) = only {
            let message = "only of objects can some be rows".to_owned();
            self.find(
                only,
                codes::ROSTER,
                message,
                Some("pass the others by a `decide`".to_owned()),
            );
        }
        if self.names.types.contains_key(&full) && names.type_of(&full).is_none() {
            let message = format!("`{}` is not asked before the roster", from.value);
            self.find(from, codes::UNKNOWN_DATA, message, None);
        }
        Rows::Choices { from: full }
    }
}

/// Whether it is a question of several choices.
fn is_several(graph: &Graph<'_>, id: &str) -> bool {
    graph.places.iter().any(|it| it.id == id && it.element.name == "ask")
}

/// The names that the steps of a row give to those after them.
fn names_in(rows: &Place<'_>, graph: &Graph<'_>) -> Vec<String> {
    let inside = graph.places.iter().filter(|it| it.rosters.last() == Some(&rows.id));
    let inside = inside.filter(|it| it.kind != PlaceKind::Row && it.element.name != "another");
    inside.flat_map(given_by).collect()
}

/// A name as the script itself knows it.
fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}
