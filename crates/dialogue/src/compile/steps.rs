//! Steps: their texts, questions, actions and transitions.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, Node, suggest};

use super::Compiler;
use super::flow::{Seen, is_step};
use super::names::{Names, results_type};
use crate::answers::StepName;
use crate::codes;
use crate::formula::Formula;
use crate::scope;
use crate::script::{
    Action, ActionKind, Ask, AskKind, Assignment, Channel, Choice, Keypad, Prompt, Role, Step,
    StepKind, Transition,
};
use crate::template::{Piece, Template};

impl<'a> Compiler<'a> {
    /// Gives answers and results their types.
    pub(super) fn declare_steps(&mut self, root: &Element) {
        for step in root.elements().filter(|it| is_step(it)) {
            match step.name.as_str() {
                "ask" => self.declare_answer(step),
                "do" => self.declare_results(step),
                _ => self.check_length(step),
            }
        }
    }

    fn check_length(&mut self, step: &Element) {
        if let Some(id) = step.attribute("id").filter(|it| it.value.len() > crate::MAX_NAME) {
            let message = format!("the id is longer than {} bytes", crate::MAX_NAME);
            self.find(id, codes::NAME, message, None);
        }
    }

    fn declare_answer(&mut self, ask: &Element) {
        let Some(id) = ask.attribute("id") else { return };
        let ty = match ask.value("type") {
            Some("yes-no") => Type::Bool,
            Some("text") => Type::Text,
            Some("integer") => Type::Int,
            Some("date") => Type::Date,
            _ => match ask.child("choices") {
                Some(choices) => self.type_of_choices(choices),
                None => self.type_of_choice(id, ask),
            },
        };
        if ty == Type::Bool {
            self.names.finite.insert(id.value.clone());
        }
        let is_required = ask.value("required") != Some("no");
        self.declare(id, if is_required { ty } else { ty.optional() });
    }

    fn type_of_choice(&mut self, id: &Attribute, ask: &Element) -> Type {
        let choices = ask.children_named("choice");
        let labels: Vec<(String, String)> = choices
            .filter_map(|it| it.value("value").map(|value| (value.to_owned(), it.text())))
            .collect();
        let values = labels.iter().map(|(value, _)| value.clone());
        let own = Type::choice(id.value.as_str(), values);
        let ty = ask.attribute("like").and_then(|like| self.type_like(like, ask)).unwrap_or(own);
        self.names.labels.insert(id.value.clone(), labels.into_iter().collect());
        self.names.finite.insert(id.value.clone());
        ty
    }

    /// The choice type of `Class.attribute`; the values of the question must be among its own.
    fn type_like(&mut self, like: &Attribute, ask: &Element) -> Option<Type> {
        let (class, attribute) = like.value.split_once('.').unwrap_or((&like.value, ""));
        let known = self.scope.classes.get(class).and_then(|it| it.attributes.get(attribute));
        let Some(Type::Choice(choice)) = known.map(|it| it.ty.present()) else {
            let choices = self.scope.classes.iter().flat_map(|(class, it)| {
                let attributes = it.attributes.iter();
                let choices =
                    attributes.filter(|(_, it)| matches!(it.ty.present(), Type::Choice(_)));
                choices.map(move |(name, _)| format!("{class}.{name}"))
            });
            let choices: Vec<String> = choices.collect();
            let hint = suggest(&like.value, choices.iter().map(String::as_str));
            let message = format!("the model has no choice `{}`", like.value);
            self.find(like, codes::UNKNOWN_ATTRIBUTE, message, hint);
            return None;
        };
        for value in ask.children_named("choice").filter_map(|it| it.attribute("value")) {
            if !choice.values.contains(&value.value) {
                let hint = suggest(&value.value, choice.values.iter().map(String::as_str));
                let message = format!("`{}` has no value `{}`", like.value, value.value);
                self.find(value, codes::UNKNOWN_ATTRIBUTE, message, hint);
            }
        }
        Some(Type::Choice(choice.clone()))
    }

    /// The class of the objects in the list, or any, if the list is a mistake found elsewhere.
    fn type_of_choices(&self, choices: &Element) -> Type {
        let from = choices.value("from").and_then(|it| self.names.types.get(it));
        match from {
            Some(Type::List(element)) => (**element).clone(),
            _ => Type::Object("".into()),
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

    /// The names that can be used when these are seen.
    pub(super) fn names_at(&self, seen: &Seen) -> Names<'a> {
        let mut names = self.names.clone();
        names.types.retain(|name, _| names.is_source.contains(name) || seen.maybe.contains(name));
        for (name, ty) in &mut names.types {
            if !names.is_source.contains(name) && !seen.surely.contains(name) {
                *ty = ty.clone().optional();
            }
            if seen.present.contains(name) {
                *ty = ty.present().clone();
            }
        }
        names
    }

    pub(super) fn step(
        &mut self,
        element: &Element,
        seen: &Seen,
        channels: &BTreeSet<Channel>,
    ) -> Step {
        let id = element.value("id").unwrap_or_default().to_owned();
        let names = self.names_at(seen);
        let kind = match element.name.as_str() {
            "ask" => StepKind::Ask(self.ask(element, &names, channels)),
            "info" => StepKind::Info,
            "do" => self.actions(element, &names),
            "handoff" => self.hand_off(element, &names),
            "end" => StepKind::End { outcome: element.value("outcome").unwrap_or("").to_owned() },
            _ => StepKind::Decide,
        };
        let prompts = self.prompts(element, &names, channels);
        let names = self.names_at(&seen.after(element));
        let next = element.children_named("next").filter_map(|it| self.transition(it, &names));
        let next = next.collect();
        Step { name: StepName::new(&id), id, kind, prompts, next, at: 0, waits_for: Vec::new() }
    }

    fn transition(&mut self, element: &Element, names: &Names<'_>) -> Option<Transition> {
        let to = element.value("to")?.to_owned();
        let when = match element.attribute("when") {
            Some(when) => Some(self.formula(when, names, Some(&Type::Bool))?),
            None => None,
        };
        Some(Transition { when, to, target: None, quick: None })
    }

    fn prompts(
        &mut self,
        step: &Element,
        names: &Names<'_>,
        channels: &BTreeSet<Channel>,
    ) -> Vec<Prompt> {
        let mut prompts = Vec::new();
        for element in step.elements() {
            let role = match element.name.as_str() {
                "say" => Role::Say,
                "note" => Role::Note,
                "no-input" => Role::NoInput,
                "no-match" => Role::NoMatch,
                _ => continue,
            };
            let template = self.template(element, names);
            let recording = element.attribute("recording");
            match recording {
                Some(recording) => self.check_recording(recording, &template),
                None if channels.contains(&Channel::Ivr) && role.belongs_to(Channel::Ivr) => {
                    let message = "on the telephone, a text is heard only if it is recorded";
                    let finding = element.finding(codes::NOT_RECORDED, message);
                    self.findings.push(finding.with_hint("name the prompt by `recording`"));
                }
                None => {}
            }
            let recording = recording.map(|it| it.value.clone());
            prompts.push(Prompt { role, template, recording });
        }
        prompts
    }

    fn check_recording(&mut self, recording: &Attribute, template: &Template) {
        let known = &self.scope.prompts;
        if !known.contains(&recording.value) {
            let hint = suggest(&recording.value, known.iter().map(String::as_str));
            let message = format!("there is no recorded prompt `{}`", recording.value);
            self.find(recording, codes::UNKNOWN_RECORDING, message, hint);
        } else if template.has_values() {
            let message = "a recorded text cannot hold values".to_owned();
            self.find(recording, codes::TEXT, message, None);
        }
    }

    /// Text and values, white space between words tidied.
    fn template(&mut self, element: &Element, names: &Names<'_>) -> Template {
        let mut pieces: Vec<Piece> = Vec::new();
        for child in &element.children {
            match child {
                Node::Text(text) => {
                    let is_first = pieces.is_empty();
                    let mut words = tidy(&text.value);
                    if is_first {
                        words = words.trim_start().to_owned();
                    }
                    pieces.push(Piece::Text(words));
                }
                Node::Element(value) => {
                    if let Some(of) = value.attribute("of") {
                        pieces.extend(self.shown_value(of, names));
                    }
                }
            }
        }
        if let Some(Piece::Text(last)) = pieces.last_mut() {
            last.truncate(last.trim_end().len());
        }
        Template { pieces }
    }

    fn shown_value(&mut self, of: &Attribute, names: &Names<'_>) -> Option<Piece> {
        let formula = self.formula(of, names, None)?;
        let problem = match formula.ty() {
            Type::Optional(_) | Type::Null => "the value may be missing",
            Type::List(_) | Type::Object(_) => "a list or an object has no words",
            _ => {
                let labels = formula.bare_name().and_then(|it| names.labels.get(it)).cloned();
                return Some(Piece::Value { formula, labels: labels.unwrap_or_default() });
            }
        };
        let hint = formula.ty().is_optional().then(|| "give a default with `.or(…)`".to_owned());
        self.find(of, codes::TEXT, problem.to_owned(), hint);
        None
    }

    fn ask(&mut self, ask: &Element, names: &Names<'_>, channels: &BTreeSet<Channel>) -> Ask {
        let kind = self.ask_kind(ask, names);
        let is_required = ask.value("required") != Some("no");
        let keypad = channels.contains(&Channel::Ivr).then(|| self.keypad(ask, &kind)).flatten();
        Ask { kind, is_required, keypad }
    }

    fn ask_kind(&mut self, ask: &Element, names: &Names<'_>) -> AskKind {
        let choices: Vec<&Element> = ask.children_named("choice").collect();
        let from = ask.child("choices");
        let ty = ask.value("type").unwrap_or("choice");
        let is_choice = ty == "choice";
        let has_bounds = ask.attribute("min").is_some() && ty != "integer"
            || ask.attribute("max").is_some() && !matches!(ty, "integer" | "text");
        let message = if is_choice && choices.is_empty() && from.is_none() {
            "a choice needs at least one `choice`, or `choices`"
        } else if !is_choice && (!choices.is_empty() || from.is_some()) {
            "only a question of type choice has choices"
        } else if has_bounds {
            "only an integer has bounds, and a text a `max`"
        } else if ask.attribute("like").is_some() && choices.is_empty() {
            "`like` needs choices"
        } else {
            ""
        };
        if !message.is_empty() {
            self.findings.push(ask.finding(codes::CHOICES, message));
        }
        match (ty, from) {
            ("yes-no", _) => AskKind::YesNo,
            ("text", _) => {
                let longest = i64::try_from(crate::MAX_TEXT).unwrap_or(i64::MAX);
                let max = self.number(ask, "max", 1..=longest).unwrap_or(longest);
                AskKind::Text { max: usize::try_from(max).unwrap_or(crate::MAX_TEXT) }
            }
            ("date", _) => AskKind::Date,
            ("integer", _) => {
                let min = self.number(ask, "min", i64::MIN..=i64::MAX).unwrap_or(i64::MIN);
                let max = self.number(ask, "max", min..=i64::MAX).unwrap_or(i64::MAX);
                AskKind::Integer { min, max }
            }
            (_, Some(from)) => self.objects(from, names),
            _ => AskKind::Choice(self.choices(&choices)),
        }
    }

    fn choices(&mut self, elements: &[&Element]) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        for element in elements {
            let Some(value) = element.attribute("value") else { continue };
            let key = element.attribute("key");
            if choices.iter().any(|it| it.value == value.value) {
                let message = format!("the choice `{}` stands twice", value.value);
                self.find(value, codes::DUPLICATE, message, None);
            }
            if let Some(key) = key {
                let is_key = key.value.len() == 1 && "0123456789*#".contains(&key.value);
                if !is_key {
                    let message = format!("`{}` is no telephone key", key.value);
                    let hint = "one of 0 to 9, * and #".to_owned();
                    self.find(key, codes::KEYPAD, message, Some(hint));
                } else if choices.iter().any(|it| it.key.as_deref() == Some(&key.value)) {
                    let message = format!("the key `{}` stands twice", key.value);
                    self.find(key, codes::DUPLICATE, message, None);
                }
            }
            let (value, label) = (value.value.clone(), element.text());
            choices.push(Choice { value, label, key: key.map(|it| it.value.clone()) });
        }
        choices
    }

    fn objects(&mut self, choices: &Element, names: &Names<'_>) -> AskKind {
        let text = |name: &str| choices.value(name).unwrap_or_default().to_owned();
        let (from, each) = (text("from"), text("each"));
        let element = match self.names.types.get(&from) {
            Some(Type::List(element)) => (**element).clone(),
            _ => {
                let lists = self.names.types.iter().filter(|(_, ty)| matches!(ty, Type::List(_)));
                let hint = suggest(&from, lists.map(|(name, _)| name.as_str()));
                if let Some(attribute) = choices.attribute("from") {
                    let message = format!("`{from}` is no list of the script");
                    self.find(attribute, codes::UNKNOWN_DATA, message, hint);
                }
                Type::Object("".into())
            }
        };
        if let Some(attribute) = choices.attribute("each") {
            let is_taken = self.names.types.contains_key(&each);
            if is_taken || !super::is_identifier(&each) {
                let code = if is_taken { codes::DUPLICATE } else { codes::NAME };
                self.find(attribute, code, format!("`{each}` cannot be the name here"), None);
            }
        }
        let class = match &element {
            Type::Object(class) => class.to_string(),
            _ => String::new(),
        };
        let names = names.with(&each, element);
        let only = choices.attribute("where");
        let only = only.and_then(|it| self.formula(it, &names, Some(&Type::Bool)));
        let label = self.template(choices, &names);
        AskKind::Object { class, from, each, only, label }
    }

    /// How a question is asked on the telephone.
    fn keypad(&mut self, ask: &Element, kind: &AskKind) -> Option<Keypad> {
        let retries = self.number(ask, "retries", 0..=5);
        let timeout = self.number(ask, "timeout", 1..=30);
        let choices = match kind {
            AskKind::Choice(choices) => choices.as_slice(),
            _ => &[],
        };
        let default = ask.attribute("default");
        let is_known = default.is_some_and(|it| choices.iter().any(|c| c.value == it.value));
        let problem = if !choices.iter().any(|it| it.key.is_some()) {
            "on the telephone, a question needs choices with keys"
        } else if default.is_none() {
            "on the telephone, a question needs a `default`"
        } else if !is_known {
            "the default is none of the choices"
        } else if ask.child("no-input").is_none() {
            "on the telephone, a question needs `no-input` and `no-match`"
        } else {
            return Some(Keypad {
                default: default?.value.clone(),
                retries: u32::try_from(retries?).ok()?,
                timeout_seconds: u32::try_from(timeout?).ok()?,
            });
        };
        self.findings.push(ask.finding(codes::KEYPAD, problem));
        None
    }

    fn actions(&mut self, step: &Element, names: &Names<'_>) -> StepKind {
        let wait = self.number(step, "wait", 1..=i64::from(crate::MAX_WAIT_SECONDS));
        let names = names.with("now", Type::Instant);
        let mut actions = Vec::new();
        for element in step.elements().filter(|it| it.name != "next") {
            let known = match element.name.as_str() {
                "create" => self.class_of(element),
                _ => self.operation_of(element),
            };
            let Some((kind, parameters)) = known else { continue };
            let text = |name: &str| element.value(name).unwrap_or_default().to_owned();
            actions.push(Action {
                name: text("name"),
                title: text("title"),
                is_undo_forbidden: element.value("undo") != Some("keep"),
                values: self.assignments(element, &kind, parameters, &names),
                kind,
            });
        }
        StepKind::Do { actions, wait_seconds: wait.and_then(|it| u32::try_from(it).ok()) }
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
            attributes.push((name.value.clone(), formula));
        }
        let queue = step.value("queue").unwrap_or_default().to_owned();
        StepKind::HandOff { queue, attributes }
    }
}

/// What a class or an operation can be given.
type Parameters = BTreeMap<String, scope::Attribute>;

/// White space between words becomes one blank, also at the ends.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    for c in text.chars() {
        if !c.is_whitespace() {
            tidy.push(c);
        } else if !tidy.ends_with(' ') {
            tidy.push(' ');
        }
    }
    tidy
}
