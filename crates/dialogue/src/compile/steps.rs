//! Steps: their texts, questions, actions and transitions.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, suggest};

use super::Compiler;
use super::calls::{Graph, Place, PlaceKind, Way};
use super::flow::Flow;
use super::names::{Names, results_type};
use crate::answers::StepName;
use crate::codes;
use crate::formula::Formula;
use crate::left::Left;
use crate::scope;
use crate::script::{
    Action, ActionKind, Assignment, Compensation, Step, StepKind, Transition, Undo, calls_of,
};

impl<'a> Compiler<'a> {
    /// Gives answers and results their types.
    pub(super) fn declare_steps(&mut self, graph: &Graph<'_>) {
        for place in &graph.places {
            self.names.prefix.clone_from(&place.prefix);
            match place.element.name.as_str() {
                "ask" => self.declare_answer(place.element, place.element.attribute("id")),
                "matrix" if let Some(item) = place.item => {
                    self.declare_answer(place.element, item.attribute("value"));
                }
                "matrix" => self.declare_matrix(place),
                "do" => self.declare_results(place.element),
                "call" => self.declare_call(place, graph),
                "another" => self.declare_another(place.element),
                "roster" if place.kind == PlaceKind::Row => {}
                "roster" => self.declare_rows(place),
                _ => self.check_length(place.element),
            }
        }
        self.names.prefix.clear();
        self.declare_each(graph);
    }

    fn check_length(&mut self, step: &Element) {
        if let Some(id) = step.attribute("id").filter(|it| it.value.len() > crate::MAX_NAME) {
            let message = format!("the id is longer than {} bytes", crate::MAX_NAME);
            self.find(id, codes::NAME, message, None);
        }
    }

    fn declare_results(&mut self, step: &Element) {
        self.check_length(step);
        for action in step.elements().filter(|it| it.name != "next") {
            let Some(name) = action.attribute("name") else { continue };
            let ty = match (action.value("class"), action.value("operation")) {
                (Some(class), _) => Type::Object(class.into()),
                (_, operation) => results_type(operation.unwrap_or_default()),
            };
            self.declare(name, ty.optional());
        }
    }

    /// Nothing where no path leads to it.
    pub(super) fn step(
        &mut self,
        place: &Place<'_>,
        graph: &Graph<'_>,
        flow: &Flow,
    ) -> Option<Step> {
        let (id, element) = (place.id.clone(), place.element);
        self.names.prefix.clone_from(&place.prefix);
        let names = self.names.at(flow.seen_at(&id)?.clone());
        let after = self.names.at(flow.after(place)?);
        let shown = self.names_shown(place, graph, flow)?;
        let kind = match element.name.as_str() {
            "ask" => StepKind::Ask(Box::new(self.ask(element, &names, &shown))),
            "matrix" if place.item.is_some() => {
                StepKind::Ask(Box::new(self.ask(element, &names, &shown)))
            }
            "another" => StepKind::Ask(Box::new(self.another(element))),
            "roster" if place.kind == PlaceKind::Row => self.roster(place, graph, &after),
            "interrupt" if place.kind == PlaceKind::Row => self.interrupt(element),
            "roster" | "interrupt" => StepKind::Rows,
            "info" => StepKind::Info,
            "page" | "matrix" => Self::page(place),
            "do" => self.actions(element, &names),
            "wait" => self.wait(element, &names)?,
            "handoff" => self.hand_off(element, &names),
            "end" if place.is_own() => {
                self.results(element, &names);
                StepKind::End { outcome: element.value("outcome").unwrap_or("").to_owned() }
            }
            // what a called script says last is followed by something
            "end" if element.child("say").or_else(|| element.child("note")).is_some() => {
                StepKind::Info
            }
            "call" => {
                self.handed_over(place, graph, &names);
                StepKind::Decide
            }
            _ => StepKind::Decide,
        };
        let prompts = match (element.name.as_str(), place.item) {
            ("matrix", item) => self.matrix_prompts(element, item, &shown),
            _ => self.prompts(element, &shown),
        };
        self.beside.clear();
        let next = place.next.iter().filter_map(|it| self.transition(it, &after)).collect();
        self.names.prefix.clear();
        let title = place.section.and_then(|it| it.child("title"));
        let section = title.map(|it| self.text(it, &Names::new(self.scope)));
        let (name, waits_for, left) = (StepName::new(&id), Vec::new(), Left::default());
        let rosters = place.rosters.clone();
        let page = place.page.as_ref().map(|(page, _)| page.clone());
        let (at, goal) = (0, Self::goal(element, place));
        Some(Step {
            name,
            id,
            kind,
            section,
            rosters,
            page,
            prompts,
            next,
            at,
            waits_for,
            left,
            goal,
        })
    }

    fn transition(&mut self, way: &Way<'_>, names: &Names<'_>) -> Option<Transition> {
        let to = way.to.clone();
        let when = match way.element.and_then(|it| it.attribute("when")) {
            Some(when) => Some(self.formula(when, names, Some(&Type::Bool))?),
            None => None,
        };
        let goal = way.element.and_then(|it| it.value("goal"));
        let goal = goal.map(|it| format!("{}{it}", self.names.prefix));
        Some(Transition { when, to, goal, target: None, quick: None })
    }

    fn actions(&mut self, step: &Element, names: &Names<'_>) -> StepKind {
        let wait = self.number(step, "wait", 1..=i64::from(crate::MAX_WAIT_SECONDS));
        let names = names.with("now", Type::Instant);
        let mut actions = Vec::new();
        for element in step.elements().filter(|it| it.name != "next") {
            let does = match element.name.as_str() {
                "email" => self.email(element, &names),
                "create" => self.class_of(element).map(|(kind, parameters)| {
                    let values = self.assignments(element, &kind, parameters, &names);
                    (kind, values)
                }),
                _ => self.operation_of(element).map(|(kind, parameters)| {
                    let values = self.assignments(element, &kind, parameters, &names);
                    (kind, values)
                }),
            };
            let Some((kind, values)) = does else { continue };
            let Some(title) = element.child("title") else { continue };
            let name = element.value("name").unwrap_or_default().to_owned();
            let title = self.text(title, &names);
            let within = self.number(element, "within", 1..=i64::from(crate::MAX_WITHIN_SECONDS));
            let within_seconds = within.and_then(|it| u32::try_from(it).ok());
            let undo = self.undo(element);
            actions.push(Action { name, title, undo, within_seconds, values, kind });
        }
        StepKind::Do { actions, wait_seconds: wait.and_then(|it| u32::try_from(it).ok()) }
    }

    /// What happens to an action when an answer that it depends on changes.
    fn undo(&mut self, action: &Element) -> Undo {
        let compensate = action.children_named("compensate").next();
        let is_wanted = action.value("undo") == Some("compensate");
        match (compensate, action.attribute("undo")) {
            (Some(it), _) if !is_wanted => {
                let message = "the action is never taken back";
                let finding = it.finding(codes::UNDO, message);
                self.findings.push(finding.with_hint("write undo=\"compensate\""));
            }
            (None, Some(undo)) if is_wanted && action.name == "invoke" => {
                let message = "it is not said how the action is taken back".to_owned();
                let hint = "name the operation by an element `compensate`".to_owned();
                self.find(undo, codes::UNDO, message, Some(hint));
            }
            _ => {}
        }
        match (action.value("undo"), compensate) {
            (Some("keep"), _) => Undo::Keep,
            (Some("compensate"), Some(compensate)) => {
                self.compensation(action, compensate).map_or(Undo::Forbid, Undo::Compensate)
            }
            (Some("compensate"), None) => Undo::Compensate(Compensation::Delete),
            _ => Undo::Forbid,
        }
    }

    /// What takes an action back knows what that gave, and what does not change: inputs and data.
    fn compensation(&mut self, action: &Element, element: &Element) -> Option<Compensation> {
        let (kind, parameters) = self.operation_of(element)?;
        let names = self.names.of_sources();
        let result = results_type(action.value("operation").unwrap_or_default());
        let own = action.value("name").unwrap_or_default();
        let names = names.with(own, result);
        let values = self.assignments(element, &kind, parameters, &names);
        let mut reads = values.iter().flat_map(|it| it.formula.reads());
        // what was handed over to a called script may be made of an answer, or data found by one
        let is_lasting = |it: &str| names.is_source.contains(it) && calls_of(it).is_none();
        if let Some(name) = reads.find(|it| *it != own && !is_lasting(it)) {
            let message = format!("`{name}` may have changed when `{own}` is taken back");
            let finding = element.finding(codes::UNDO, message);
            self.findings.push(finding.with_hint("use what the action gave, inputs and data"));
        }
        let ActionKind::Invoke { operation } = kind else { return None };
        Some(Compensation::Invoke { operation, values })
    }

    fn class_of(&mut self, create: &Element) -> Option<(ActionKind, &'a Parameters)> {
        let class = create.attribute("class")?;
        let known = self.class(class)?;
        if let Some(wrapper) = &known.held_by {
            let message = format!("objects of `{class}` are held by wrapper `{wrapper}`");
            let hint = "call an operation of the wrapper".to_owned();
            self.find(class, codes::HELD_BY_WRAPPER, message, Some(hint));
            return None;
        }
        Some((ActionKind::Create { class: class.value.clone() }, &known.attributes))
    }

    fn operation_of(&mut self, invoke: &Element) -> Option<(ActionKind, &'a Parameters)> {
        let name = invoke.attribute("operation")?;
        let operations = &self.scope.operations;
        let Some(known) = operations.get(&name.value) else {
            let hint = suggest(&name.value, operations.keys().map(String::as_str));
            let message = format!("no wrapper offers the operation `{}`", name.value);
            self.find(name, codes::UNKNOWN_OPERATION, message, hint);
            return None;
        };
        Some((ActionKind::Invoke { operation: name.value.clone() }, &known.parameters))
    }

    fn assignments(
        &mut self,
        action: &Element,
        kind: &ActionKind,
        parameters: &Parameters,
        names: &Names<'_>,
    ) -> Vec<Assignment> {
        let mut written = BTreeSet::new();
        let mut assignments = Vec::new();
        for set in action.children_named("set") {
            let (Some(name), Some(value)) = (set.attribute("name"), set.attribute("value")) else {
                continue;
            };
            if !written.insert(name.value.as_str()) {
                let message = format!("`{}` is set twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            let Some(parameter) = parameters.get(&name.value) else {
                self.unknown_parameter(name, kind, parameters);
                continue;
            };
            if parameter.is_derived {
                let message = format!("`{}` is computed of others and cannot be set", name.value);
                self.find(name, codes::UNKNOWN_ATTRIBUTE, message, None);
            }
            let ty = parameter.ty.present().clone();
            let expected = if parameter.is_required { ty.clone() } else { ty.clone().optional() };
            if let Some(formula) = self.formula(value, names, Some(&expected)) {
                assignments.push(Assignment { name: name.value.clone(), ty, formula });
            }
        }
        let required = parameters.iter().filter(|(_, it)| it.is_required);
        for (name, _) in required.filter(|(name, _)| !written.contains(name.as_str())) {
            let message = format!("`{name}` needs a value");
            self.findings.push(action.finding(codes::MISSING_VALUE, message));
        }
        assignments
    }

    fn unknown_parameter(&mut self, name: &Attribute, kind: &ActionKind, known: &Parameters) {
        let (code, owner, what) = match kind {
            ActionKind::Create { class } => (codes::UNKNOWN_ATTRIBUTE, class, "attribute"),
            ActionKind::Invoke { operation } => (codes::UNKNOWN_PARAMETER, operation, "parameter"),
            // nothing is set in it
            ActionKind::Email { .. } => return,
        };
        let message = format!("`{owner}` has no {what} `{}`", name.value);
        let hint = suggest(&name.value, known.keys().map(String::as_str));
        self.find(name, code, message, hint);
    }

    fn hand_off(&mut self, step: &Element, names: &Names<'_>) -> StepKind {
        let queues = &self.scope.queues;
        if let Some(queue) = step.attribute("queue").filter(|it| !queues.contains(&it.value)) {
            let hint = suggest(&queue.value, queues.iter().map(String::as_str));
            let message = format!("there is no queue `{}`", queue.value);
            self.find(queue, codes::UNKNOWN_QUEUE, message, hint);
        }
        let mut attributes: Vec<(String, Formula)> = Vec::new();
        for element in step.children_named("attribute") {
            let (Some(name), Some(value)) = (element.attribute("name"), element.attribute("value"))
            else {
                continue;
            };
            if attributes.iter().any(|(known, _)| *known == name.value) {
                let message = format!("`{}` is set twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            let Some(formula) = self.formula(value, names, None) else { continue };
            if matches!(formula.ty().present(), Type::List(_) | Type::Object(_)) {
                let message = "a list or an object has no words".to_owned();
                self.find(value, codes::TEXT, message, None);
            }
            self.check_handed(name, value, &formula);
            attributes.push((name.value.clone(), formula));
        }
        let queue = step.value("queue").unwrap_or_default().to_owned();
        StepKind::HandOff { queue, attributes }
    }
}

/// What a class or an operation can be given.
type Parameters = BTreeMap<String, scope::Attribute>;
