//! Embedded tests: what they name must be there, what they give must fit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Type, Value};
use caruso_markup::{Attribute, Element, suggest};
use jiff::SignedDuration;

use super::Compiler;
use super::calls::{Graph, Place, PlaceKind};
use super::names::Names;
use crate::codes;
use crate::datum::{Datum, Snapshot};
use crate::email;
use crate::languages::is_same;
use crate::parts::steps;
use crate::scope;
use crate::script::{Channel, Role};
use crate::special::Special;
use crate::state::CANCELLED;
use crate::suite::{Acted, Answer, Expected, Given, Move, MoveKind, Suite, Test};

/// The types of what can be set, by name.
type Types = BTreeMap<String, Type>;

impl Compiler<'_> {
    /// The tests of a script, and where its transitions stand.
    pub(super) fn suite(&mut self, root: &Element, graph: &Graph<'_>) -> Suite {
        let places = steps(root).filter_map(|step| {
            let next = step.children_named("next").map(|it| it.location.clone());
            Some((step.value("id")?.to_owned(), next.collect()))
        });
        let places = places.collect();
        let mut names = BTreeSet::new();
        let mut tests = Vec::new();
        for element in root.children_named("test") {
            if let Some(name) = element.attribute("name").filter(|it| !names.insert(&it.value)) {
                let message = format!("the test `{}` stands twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            tests.extend(self.test(root, graph, element));
        }
        Suite { tests, places }
    }

    fn test(&mut self, root: &Element, graph: &Graph<'_>, test: &Element) -> Option<Test> {
        let channels = root.value("channels").unwrap_or_default();
        let channel = test.value("channel").or_else(|| channels.split_whitespace().next());
        let channel = channel.unwrap_or_default();
        if let Some(named) = test.attribute("channel")
            && !channels.split_whitespace().any(|it| it == channel)
        {
            let message = format!("the script does not run on `{channel}`");
            self.find(named, codes::TEST_PLACE, message, None);
        }
        let now = test.attribute("now")?;
        let moment = now.value.parse().ok();
        if moment.is_none() {
            let message = format!("`{}` is no point in time", now.value);
            let hint = "as 2026-01-15T10:00:00Z".to_owned();
            self.find(now, codes::TEST_PLACE, message, Some(hint));
        }
        let language = test.attribute("language");
        if let Some(named) = language {
            let known = std::iter::once(&self.language).chain(&self.others);
            let known: Vec<&str> = known.map(String::as_str).collect();
            if !known.iter().any(|it| is_same(it, &named.value)) {
                let message = format!("the script does not declare `{}`", named.value);
                let hint = format!("it has {}", known.join(", "));
                self.find(named, codes::TEST_PLACE, message, Some(hint));
            }
        }
        let given = self.all_given(root, graph, test);
        let moves = test.elements().filter(|it| it.name != "given");
        let moves = moves.filter_map(|it| self.one_move(graph, it)).collect();
        Some(Test {
            name: test.value("name").unwrap_or_default().to_owned(),
            at: test.location.clone(),
            channel: Channel::of(channel).unwrap_or_default(),
            language: language.map(|it| it.value.clone()).unwrap_or_default(),
            now: moment?,
            given,
            moves,
        })
    }

    fn all_given(
        &mut self,
        root: &Element,
        graph: &Graph<'_>,
        test: &Element,
    ) -> BTreeMap<String, Given> {
        let mut all = BTreeMap::new();
        for element in test.children_named("given") {
            let Some(name) = element.attribute("name") else { continue };
            if all.contains_key(&name.value) {
                let message = format!("`{}` is given twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            if let Some(given) = self.given(root, graph, element, name) {
                all.insert(name.value.clone(), given);
            }
        }
        let required = root.children_named("input");
        for input in required.filter(|it| it.value("required") == Some("yes")) {
            let name = input.value("name").unwrap_or_default();
            let mut given = test.children_named("given");
            if !given.any(|it| it.value("name") == Some(name)) {
                let message = format!("the input `{name}` must be given");
                self.findings.push(test.finding(codes::TEST_GIVEN, message));
            }
        }
        all
    }

    fn given(
        &mut self,
        root: &Element,
        graph: &Graph<'_>,
        given: &Element,
        name: &Attribute,
    ) -> Option<Given> {
        let mut sources: BTreeMap<String, &Element> = BTreeMap::new();
        for (calls, called) in graph.called().chain([(String::new(), root)]) {
            let is_data = |it: &&Element| matches!(it.name.as_str(), "find" | "related");
            let is_own = calls.is_empty();
            let all = called.elements().filter(|it| is_data(it) || is_own && it.name == "input");
            let named = all.filter_map(|it| Some((format!("{calls}{}", it.value("name")?), it)));
            sources.extend(named);
        }
        let Some(source) = sources.get(&name.value) else {
            let hint = suggest(&name.value, sources.keys().map(String::as_str));
            let message = format!("the script has no input or data `{}`", name.value);
            self.find(name, codes::TEST_GIVEN, message, hint);
            return None;
        };
        let objects: Vec<&Element> = given.children_named("object").collect();
        let value = given.value("value");
        let Some(class) = source.value("class") else {
            if value.is_none() || !objects.is_empty() {
                let message = format!("`{}` is no object: give a `value`", name.value);
                self.find(name, codes::TEST_GIVEN, message, None);
            }
            let ty = super::simple(source.value("type").unwrap_or("text"));
            if let Some(value) =
                given.attribute("value").filter(|it| Datum::read(&it.value, &ty).is_none())
            {
                self.find(value, codes::TEST_GIVEN, format!("`{}` is {ty}", name.value), None);
            }
            return value.map(|it| Given::Text(it.to_owned()));
        };
        let is_input = source.name == "input";
        if value.is_some() || is_input && objects.len() != 1 {
            let wanted = if is_input { "one `object`" } else { "objects" };
            let message = format!("`{}` is of class `{class}`: give {wanted}", name.value);
            self.find(name, codes::TEST_GIVEN, message, None);
        }
        let types = self.types_of_class(class)?;
        let snapshots = objects.iter().map(|object| Snapshot {
            key: object.value("key").unwrap_or_default().to_owned(),
            attributes: self.data(object, &types, codes::UNKNOWN_ATTRIBUTE),
        });
        Some(Given::Objects(snapshots.collect()))
    }

    fn one_move(&mut self, graph: &Graph<'_>, element: &Element) -> Option<Move> {
        let text = |name: &str| element.value(name).unwrap_or_default().to_owned();
        let row = || element.value("row").map(str::to_owned);
        let acted = || Acted { name: text("action"), row: row() };
        let kind = match element.name.as_str() {
            "answer" => {
                self.check_answered(graph, element);
                MoveKind::Answer(Answer {
                    step: text("step"),
                    row: row().unwrap_or_default(),
                    value: text("value"),
                    special: element.value("special").and_then(Special::of),
                    reason: text("reason"),
                    is_refused: element.value("is") == Some("refused"),
                })
            }
            "interrupted" => {
                self.check_interrupted(graph, element);
                MoveKind::Interrupted { by: text("by"), is_refused: text("is") == "refused" }
            }
            "hung-up" => MoveKind::HungUp,
            "passes" => MoveKind::Passes(self.time_of(element)?),
            "done" => {
                let (types, unknown) = self.types_of_action(graph, element, false)?;
                let results = self.data(element, &types, unknown);
                MoveKind::Done { action: acted(), key: text("key"), results }
            }
            "failed" => {
                self.action(graph, element)?;
                MoveKind::Failed { action: acted(), reason: text("reason") }
            }
            "late" => {
                self.check_awaited(graph, element)?;
                MoveKind::Late { action: acted() }
            }
            "at" => self.standing(graph, element),
            "path" => MoveKind::Path(self.steps_named(graph, element)),
            "passed" => MoveKind::Passed(self.steps_named(graph, element)),
            "reached" => {
                let goals = element.value("goals").unwrap_or_default().split_whitespace();
                MoveKind::Reached(goals.map(str::to_owned).collect())
            }
            "sent" => {
                let (types, unknown) = self.types_of_action(graph, element, true)?;
                let values = self.expected(element, &types, unknown);
                MoveKind::Sent { action: acted(), values }
            }
            "unsent" => {
                self.action(graph, element)?;
                MoveKind::Unsent { action: acted() }
            }
            "compensated" => {
                let (types, unknown) = self.types_of_compensation(graph, element)?;
                let values = self.expected(element, &types, unknown);
                MoveKind::Compensated { action: acted(), values }
            }
            "ended" => {
                if text("outcome") != CANCELLED {
                    self.known(graph, element, "end", "outcome");
                }
                MoveKind::Ended { outcome: text("outcome") }
            }
            _ => {
                self.known(graph, element, "handoff", "queue");
                let attributes = self.attributes(graph, element);
                MoveKind::HandedOff { queue: text("queue"), attributes }
            }
        };
        Some(Move { at: element.location.clone(), kind })
    }

    fn time_of(&mut self, passes: &Element) -> Option<SignedDuration> {
        let time = passes.attribute("time")?;
        let (count, unit) = time.value.split_at(time.value.len().saturating_sub(1));
        let hours = match (count.parse::<i64>(), unit) {
            (Ok(minutes @ 1..=100_000), "m") => return Some(SignedDuration::from_mins(minutes)),
            (Ok(hours @ 1..=10_000), "h") => hours,
            (Ok(days @ 1..=400), "d") => days * 24,
            _ => {
                let message = format!("`{}` is no time that passes", time.value);
                let hint = "a whole number with m, h or d, as 90m, 4h or 3d".to_owned();
                self.find(time, codes::TEST_PLACE, message, Some(hint));
                return None;
            }
        };
        Some(SignedDuration::from_hours(hours))
    }

    fn check_interrupted(&mut self, graph: &Graph<'_>, interrupted: &Element) {
        let Some(by) = interrupted.attribute("by") else { return };
        let interrupts = graph.places.iter().filter(|it| it.element.name == "interrupt");
        let mut ids = interrupts.filter(|it| it.kind == PlaceKind::Rows).map(|it| it.id.as_str());
        if !ids.clone().any(|it| it == by.value) {
            let message = format!("`{}` is no interrupt", by.value);
            let hint = suggest(&by.value, &mut ids);
            self.find(by, codes::TEST_STEP, message, hint);
        }
    }

    fn check_answered(&mut self, graph: &Graph<'_>, answer: &Element) {
        let Some((step, place)) = self.step_named(graph, answer) else { return };
        let takes = match place.element.name.as_str() {
            "ask" | "info" | "another" => true,
            "matrix" => place.item.is_some(),
            "roster" => place.kind == PlaceKind::Row,
            // something is said where a called script ends
            "end" => !place.is_own(),
            _ => false,
        };
        if !takes {
            let message = format!("the step `{}` takes no answer", step.value);
            self.find(step, codes::TEST_STEP, message, None);
        }
    }

    fn step_named<'e>(
        &mut self,
        graph: &'e Graph<'_>,
        element: &'e Element,
    ) -> Option<(&'e Attribute, &'e Place<'e>)> {
        let step = element.attribute("step")?;
        let place = graph.places.iter().find(|it| it.id == step.value);
        if place.is_none() {
            let message = format!("the script has no step `{}`", step.value);
            let hint = suggest(&step.value, graph.places.iter().map(|it| it.id.as_str()));
            self.find(step, codes::TEST_STEP, message, hint);
        }
        Some((step, place?))
    }

    fn steps_named(&mut self, graph: &Graph<'_>, element: &Element) -> Vec<String> {
        let Some(steps) = element.attribute("steps") else { return Vec::new() };
        let known: Vec<&str> = graph.places.iter().map(|it| it.id.as_str()).collect();
        let mut from = 0;
        for word in steps.value.split(' ') {
            if !word.is_empty() && !known.contains(&word) {
                let message = format!("the script has no step `{word}`");
                let hint = suggest(word, known.iter().copied());
                let finding = steps.finding_at(from, codes::TEST_STEP, message);
                self.findings.push(finding.with_suggestion(hint));
            }
            from += word.len() + 1;
        }
        steps.value.split_whitespace().map(str::to_owned).collect()
    }

    fn standing(&mut self, graph: &Graph<'_>, at: &Element) -> MoveKind {
        self.step_named(graph, at);
        let expected = |it: &Element, value: String| Expected {
            name: String::new(),
            value: Some(value),
            at: it.location.clone(),
        };
        let (mut texts, mut offered) = (Vec::new(), Vec::new());
        for element in at.elements() {
            let role = match element.name.as_str() {
                "say" => Role::Say,
                "note" => Role::Note,
                _ => {
                    let value = element.value("value").unwrap_or_default().to_owned();
                    offered.push((expected(element, value), element.text()));
                    continue;
                }
            };
            let is_more = element.elements().next().is_some()
                || ["recording", "channels"].iter().any(|it| element.attribute(it).is_some());
            if is_more {
                let message = "a test expects a text as it reads, without `v` and attributes";
                self.findings.push(element.finding(codes::TEST_EXPECTS, message));
            }
            texts.push((role, expected(element, element.text())));
        }
        let text = |name: &str| at.value(name).unwrap_or_default().to_owned();
        MoveKind::At { step: text("step"), row: text("row"), texts, offered }
    }

    /// The action that an element names, and its step.
    fn action<'e>(
        &mut self,
        graph: &Graph<'e>,
        element: &Element,
    ) -> Option<(&'e Element, &'e Element)> {
        let name = element.attribute("action")?;
        let steps = graph.places.iter().filter(|it| it.element.name == "do");
        let actions = steps.flat_map(|place| {
            let actions = place.element.elements().filter(|it| it.name != "next");
            actions.filter_map(|action| {
                let name = format!("{}{}", place.prefix, action.value("name")?);
                Some((name, place.element, action))
            })
        });
        let actions: Vec<(String, &Element, &Element)> = actions.collect();
        let found = actions.iter().find(|(it, ..)| *it == name.value);
        if found.is_none() {
            let hint = suggest(&name.value, actions.iter().map(|(it, ..)| it.as_str()));
            let message = format!("the script has no action `{}`", name.value);
            self.find(name, codes::TEST_ACTION, message, hint);
        }
        found.map(|(_, step, action)| (*step, *action))
    }

    fn check_awaited(&mut self, graph: &Graph<'_>, element: &Element) -> Option<()> {
        let (step, _) = self.action(graph, element)?;
        if step.attribute("wait").is_none() {
            let name = element.attribute("action")?;
            let message = format!("the script does not wait for `{}`", name.value);
            self.find(name, codes::TEST_ACTION, message, None);
        }
        Some(())
    }

    /// What an action takes, or gives back, and the code of what it does not. Nothing if the
    /// action is a mistake found elsewhere.
    fn types_of_action(
        &mut self,
        graph: &Graph<'_>,
        element: &Element,
        takes: bool,
    ) -> Option<(Types, &'static str)> {
        let (_, action) = self.action(graph, element)?;
        if let Some(class) = action.value("class") {
            return Some((self.types_of_class(class)?, codes::UNKNOWN_ATTRIBUTE));
        }
        if action.name == "email" {
            let names = if takes { email::VALUES.as_slice() } else { &[] };
            let types = names.iter().map(|name| ((*name).to_owned(), Type::Text));
            return Some((types.collect(), codes::TEST_RESULT));
        }
        let operation = self.scope.operations.get(action.value("operation")?)?;
        Some(if takes {
            (types_of(&operation.parameters), codes::UNKNOWN_PARAMETER)
        } else {
            (operation.results.clone(), codes::TEST_RESULT)
        })
    }

    /// What the operation takes that takes an action back; nothing where an object is deleted.
    fn types_of_compensation(
        &mut self,
        graph: &Graph<'_>,
        element: &Element,
    ) -> Option<(Types, &'static str)> {
        let (_, action) = self.action(graph, element)?;
        if action.value("undo") != Some("compensate") {
            let name = element.attribute("action")?;
            let message = format!("`{}` is never taken back", name.value);
            self.find(name, codes::TEST_ACTION, message, None);
            return None;
        }
        let Some(compensate) = action.children_named("compensate").next() else {
            return Some((Types::new(), codes::UNKNOWN_PARAMETER));
        };
        let operation = self.scope.operations.get(compensate.value("operation")?)?;
        Some((types_of(&operation.parameters), codes::UNKNOWN_PARAMETER))
    }

    fn types_of_class(&self, class: &str) -> Option<Types> {
        Some(types_of(&self.scope.classes.get(class)?.attributes))
    }

    /// The values that are set, but for those that are missing.
    fn data(
        &mut self,
        element: &Element,
        types: &Types,
        unknown: &'static str,
    ) -> BTreeMap<String, Datum> {
        let mut data = BTreeMap::new();
        for (name, _, datum) in self.set(element, types, unknown) {
            data.extend(datum.map(|datum| (name.value.clone(), datum)));
        }
        data
    }

    fn expected(
        &mut self,
        element: &Element,
        types: &Types,
        unknown: &'static str,
    ) -> Vec<Expected> {
        let set = self.set(element, types, unknown).into_iter();
        let expected = set.map(|(name, value, datum)| Expected {
            name: name.value.clone(),
            value: datum.map(|it| it.to_string()),
            at: value.location.clone(),
        });
        expected.collect()
    }

    /// Every `set` that fits: its name, its value as written, and what that is.
    fn set<'e>(
        &mut self,
        element: &'e Element,
        types: &Types,
        unknown: &'static str,
    ) -> Vec<(&'e Attribute, &'e Attribute, Option<Datum>)> {
        let mut all: Vec<(&Attribute, &Attribute, Option<Datum>)> = Vec::new();
        for set in element.children_named("set") {
            let (Some(name), Some(value)) = (set.attribute("name"), set.attribute("value")) else {
                continue;
            };
            if all.iter().any(|(it, ..)| it.value == name.value) {
                let message = format!("`{}` is set twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            }
            let Some(ty) = types.get(&name.value) else {
                let hint = suggest(&name.value, types.keys().map(String::as_str));
                self.find(name, unknown, format!("there is no `{}` here", name.value), hint);
                continue;
            };
            if let Some(datum) = self.constant(value, ty) {
                all.push((name, value, datum));
            }
        }
        all
    }

    /// The value of an expression without names; nothing if it is a mistake. An object stands
    /// as the text of its key.
    fn constant(&mut self, value: &Attribute, ty: &Type) -> Option<Option<Datum>> {
        let present = ty.present();
        let written = if matches!(present, Type::Object(_)) { &Type::Text } else { present };
        let value = self.value_of(value, Some(&written.clone().optional()))?;
        Some(match (present, &value) {
            (Type::Object(class), Value::Text(key)) => {
                Some(Datum::Reference { class: class.to_string(), key: key.to_string() })
            }
            _ => Datum::of(&value, present),
        })
    }

    fn value_of(&mut self, value: &Attribute, expected: Option<&Type>) -> Option<Value> {
        let mut names = Names::new(self.scope);
        Arc::make_mut(&mut names.types).clear();
        let formula = self.formula(value, &names, expected)?;
        Some(formula.value(&BTreeMap::new()))
    }

    /// A word that some step of a kind has at the attribute of the same name.
    fn known(&mut self, graph: &Graph<'_>, element: &Element, kind: &str, name: &str) {
        let Some(named) = element.attribute(name) else { return };
        let known: Vec<&str> = last(graph, kind).filter_map(|it| it.value(name)).collect();
        if !known.contains(&named.value.as_str()) {
            let message = format!("no `{kind}` of the script has the {name} `{}`", named.value);
            let hint = suggest(&named.value, known);
            self.find(named, codes::TEST_EXPECTS, message, hint);
        }
    }

    fn attributes(&mut self, graph: &Graph<'_>, element: &Element) -> Vec<Expected> {
        let queue = element.value("queue");
        let steps = last(graph, "handoff").filter(|it| it.value("queue") == queue);
        let known: Vec<&str> = steps
            .flat_map(|it| it.children_named("attribute"))
            .filter_map(|it| it.value("name"))
            .collect();
        let mut expected = Vec::new();
        for attribute in element.children_named("attribute") {
            let (Some(name), Some(value)) =
                (attribute.attribute("name"), attribute.attribute("value"))
            else {
                continue;
            };
            if !known.contains(&name.value.as_str()) {
                let message = format!("the hand-off has no attribute `{}`", name.value);
                let hint = suggest(&name.value, known.iter().copied());
                self.find(name, codes::TEST_EXPECTS, message, hint);
            }
            let Some(constant) = self.value_of(value, None) else { continue };
            expected.push(Expected {
                name: name.value.clone(),
                value: (!constant.is_null()).then(|| constant.to_string()),
                at: value.location.clone(),
            });
        }
        expected
    }
}

fn types_of(known: &BTreeMap<String, scope::Attribute>) -> Types {
    known.iter().map(|(name, it)| (name.clone(), it.ty.clone())).collect()
}

/// The steps of a kind with which a conversation is over: an end of a called script is none.
fn last<'e>(graph: &Graph<'e>, kind: &str) -> impl Iterator<Item = &'e Element> {
    let places = graph.places.iter().filter(move |it| it.element.name == kind);
    places.filter(|it| it.is_own() || it.element.name != "end").map(|it| it.element)
}
