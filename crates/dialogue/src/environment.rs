//! What names mean at run time: answers on the path, inputs, data, results of actions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Object, Value, Values};
use jiff::Timestamp;

use crate::datum::{Datum, Snapshot, key_of, object_value};
use crate::freshness::{NONE as NOTHING_READ, reading};
use crate::ledger::Progress;
use crate::outstanding::{Read, ReadBy};
use crate::rows::Row;
use crate::script::{Action, Ask, AskKind, Check, Script, Source, Step, StepKind, calls_of};
use crate::special::NONE;
use crate::state::State;
use crate::texts::Audience;

/// The script and the state, seen from a point of the path.
#[derive(Debug, Clone)]
pub(crate) struct Environment<'a> {
    pub(crate) script: &'a Script,
    pub(crate) state: &'a State,
    /// An answer that is not in the state yet.
    given: Option<Given<'a>>,
    /// The row of a roster in which the path is.
    pub(crate) row: Option<Arc<Row<'a>>>,
    /// The rows of rosters that were passed, by the number of the step where they end.
    pub(crate) lists: BTreeMap<usize, Value>,
    /// Steps that were passed: only their answers and results count.
    passed: Passed<'a>,
    /// The calls that the path has come to, as `identify/`: only there their scripts read.
    called: BTreeSet<&'a str>,
    /// Time of the action being sent.
    now: Option<Timestamp>,
}

/// Before the id of a step: whether it was passed. For what the checker makes of calls.
pub(crate) const PASSED: &str = "@";

/// A step by number, the row in which it stands, and the answer to it.
pub(crate) type Given<'a> = (usize, String, Option<&'a Datum>);

/// Steps by number, each with its answer where it was passed, so that a walk looks up each answer
/// once.
#[derive(Debug, Clone)]
struct Passed<'a>(Vec<Option<Option<&'a Datum>>>);

impl<'a> Passed<'a> {
    fn none(script: &Script) -> Self {
        Self(vec![None; script.steps.len()])
    }

    fn get(&self, at: usize) -> Option<Option<&'a Datum>> {
        self.0.get(at).copied().flatten()
    }

    fn contains(&self, at: usize) -> bool {
        self.get(at).is_some()
    }

    fn set(&mut self, at: usize, passed: Option<Option<&'a Datum>>) {
        if let Some(place) = self.0.get_mut(at) {
            *place = passed;
        }
    }
}

/// How far a source is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resolved {
    Known(Value),
    /// It must still be read; nothing yet if what it depends on must be read first.
    Pending(Option<Read>),
}

/// What is asked for to read data.
enum Asked<'s> {
    /// Nothing: it is handed in, or what it is found by is missing.
    Nothing,
    /// What it is found by must be read first.
    Later,
    /// Objects of this class.
    For(&'s str, ReadBy),
}

impl<'a> Environment<'a> {
    pub(crate) fn new(script: &'a Script, state: &'a State) -> Self {
        let (passed, lists, called) = (Passed::none(script), BTreeMap::new(), BTreeSet::new());
        Self { script, state, given: None, row: None, lists, passed, called, now: None }
    }

    /// Who is spoken to. A session of an earlier version has no language: it is the script's own.
    pub(crate) fn audience(&self) -> Audience<'a> {
        let started = self.state.started.as_ref();
        let language = started.map(|it| it.language.as_str()).filter(|it| !it.is_empty());
        let channel = started.map(|it| it.channel).unwrap_or_default();
        Audience { language: language.unwrap_or(&self.script.language), channel }
    }

    /// The same with one more answer.
    pub(crate) fn with(self, given: Given<'a>) -> Self {
        Self { given: Some(given), ..self }
    }

    /// The same where nothing was passed.
    pub(crate) fn afresh(&self) -> Self {
        Self { given: self.given.clone(), ..Self::new(self.script, self.state) }
    }

    /// The same at the time of an action.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }

    /// The time of the action that is being sent.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// The stored answer of a step; nothing if there is none.
    pub(crate) fn stored(&self, step: &Step) -> Option<Option<&'a Datum>> {
        self.stored_in(step, self.row_of(step)?)
    }

    /// The same in a row.
    pub(crate) fn stored_in(&self, step: &Step, row: &str) -> Option<Option<&'a Datum>> {
        match &self.given {
            Some((given, of, value)) if *given == step.at && of == row => Some(*value),
            _ => self.state.answers.of(&step.name, row),
        }
    }

    /// Whether the answer to a step is not in the state yet.
    pub(crate) fn is_given(&self, step: &Step) -> bool {
        let row = self.row_of(step).unwrap_or_default();
        self.given.as_ref().is_some_and(|(at, given, _)| *at == step.at && given == row)
    }

    /// The row in which a step stands: empty outside of rosters, nothing where the path is in none
    /// of its rows.
    pub(crate) fn row_of(&self, step: &Step) -> Option<&str> {
        match step.rosters.len() {
            0 => Some(""),
            depth => Some(&self.row.as_ref()?.at_depth(depth)?.path),
        }
    }

    /// The row in which the path is; empty outside of rosters.
    pub(crate) fn row_path(&self) -> &str {
        self.row.as_ref().map_or("", |it| &it.path)
    }

    /// Whether a row that was added is not there any more.
    pub(crate) fn is_removed(&self, step: &Step) -> bool {
        let stored = self.stored_in(step, self.row_path());
        stored == Some(Some(&Datum::Bool(false)))
    }

    /// The answer to a step that was passed.
    pub(crate) fn answered(&self, at: usize) -> Option<&'a Datum> {
        self.passed.get(at)?
    }

    /// The path comes to a step, and to the scripts in which it stands.
    pub(crate) fn come_to(&mut self, step: &'a Step) {
        let ends = step.id.match_indices('/').map(|(at, _)| at);
        self.called.extend(ends.filter_map(|at| step.id.get(..=at)));
    }

    /// A step is passed with the answer that is stored, if there is one.
    pub(crate) fn pass(&mut self, step: &Step) {
        let answer = self.stored(step).flatten();
        self.pass_with(step, answer);
    }

    /// The same with an answer that was looked up before.
    pub(crate) fn pass_with(&mut self, step: &Step, answer: Option<&'a Datum>) {
        self.passed.set(step.at, Some(answer));
    }

    pub(crate) fn unpass(&mut self, step: &Step) {
        self.passed.set(step.at, None);
    }

    /// The first of the names that is still being read.
    pub(crate) fn pending<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> bool {
        names.into_iter().any(|name| matches!(self.resolve(name), Some(Resolved::Pending(_))))
    }

    /// An input or data; nothing if the script has none of this name.
    pub(crate) fn resolve(&self, name: &str) -> Option<Resolved> {
        let source = self.script.sources.get(name)?;
        // what inputs lead to stays as it was read
        if let (None, Some(objects)) = (calls_of(name), self.state.data.get(name)) {
            return Some(Resolved::Known(value_of(source, objects)));
        }
        Some(match (source, self.asked(name, source)) {
            (Source::Value { .. }, _) => Resolved::Known(self.input(name)),
            (Source::Reading { of }, _) => match self.resolve(of)? {
                Resolved::Pending(_) => Resolved::Pending(None),
                Resolved::Known(_) => Resolved::Known(Value::from(self.reading(of))),
            },
            (_, Asked::Later) => Resolved::Pending(None),
            (_, Asked::Nothing) => Resolved::Known(value_of(source, &[])),
            (_, Asked::For(class, by)) => match self.read(name, &by) {
                Some(objects) => Resolved::Known(value_of(source, objects)),
                None => {
                    let (name, class) = (name.to_owned(), class.to_owned());
                    Resolved::Pending(Some(Read { name, class, by }))
                }
            },
        })
    }

    /// What is asked for to read data, as things stand.
    fn asked<'s>(&self, name: &str, source: &'s Source) -> Asked<'s> {
        if calls_of(name).is_some_and(|calls| !self.called.contains(calls)) {
            return Asked::Nothing;
        }
        if self.pending(source.found_by()) {
            return Asked::Later;
        }
        let (class, by) = match source {
            Source::Object { class, .. } => match self.input_datum(name) {
                Some(Datum::Reference { key, .. }) => (class, Some(ReadBy::Key(key.clone()))),
                _ => (class, None),
            },
            Source::Found { class, number } => match number.value(self) {
                Value::Text(number) => (class, Some(ReadBy::Number(number.to_string()))),
                _ => (class, None),
            },
            Source::Related { class, attribute, to } => {
                let key = match to.value(self) {
                    Value::Object(object) => Some(key_of(&object).unwrap_or_default().to_owned()),
                    _ => None,
                };
                let attribute = attribute.clone();
                (class, key.map(|key| ReadBy::Related { attribute, key }))
            }
            Source::Value { .. } | Source::Reading { .. } => return Asked::Nothing,
        };
        by.map_or(Asked::Nothing, |by| Asked::For(class, by))
    }

    /// What was read, if it is what is asked for.
    fn read(&self, name: &str, by: &ReadBy) -> Option<&[Snapshot]> {
        let objects = self.state.data.get(name)?;
        let was = self.state.read_by.get(name);
        was.is_none_or(|was| was == by.wanted()).then_some(objects)
    }

    /// What came of reading data.
    fn reading(&self, of: &str) -> &'static str {
        let source = self.script.sources.get(of).filter(|_| calls_of(of).is_some());
        match source.map(|it| self.asked(of, it)) {
            None | Some(Asked::For(..)) => reading(self.script, self.state, of),
            Some(Asked::Nothing | Asked::Later) => NOTHING_READ,
        }
    }

    fn input_datum(&self, name: &str) -> Option<&Datum> {
        self.state.started.as_ref()?.inputs.get(name)
    }

    fn input(&self, name: &str) -> Value {
        self.input_datum(name).map_or(Value::Null, Datum::to_value)
    }

    /// The objects among which an object question chooses now.
    pub(crate) fn candidates(&self, kind: &AskKind) -> Vec<Value> {
        let AskKind::Object { from, each, only, .. } = kind else { return Vec::new() };
        let Some(Resolved::Known(Value::List(all))) = self.resolve(from) else { return Vec::new() };
        let fits = |candidate: &&Value| {
            let local = WithOne { outer: self, name: each, value: (*candidate).clone() };
            only.as_ref().is_none_or(|only| only.is_true(&local))
        };
        all.iter().filter(fits).cloned().collect()
    }

    /// The words that are shown for a candidate.
    pub(crate) fn label(&self, kind: &AskKind, candidate: &Value) -> String {
        match kind {
            AskKind::Object { each, label, .. } => {
                let local = WithOne { outer: self, name: each, value: candidate.clone() };
                label.fill(&local, self.audience()).text
            }
            _ => String::new(),
        }
    }

    fn answer(&self, step: &Step, ask: &Ask) -> Value {
        let Some(Some(datum)) = self.stored(step) else { return Value::Null };
        match (&ask.kind, datum) {
            (AskKind::Object { from, .. }, Datum::Reference { key, .. }) => {
                let objects = self.state.data.get(from).into_iter().flatten();
                let chosen = objects.into_iter().find(|it| it.key == *key);
                chosen.map_or(Value::Null, |it| it.to_value())
            }
            _ => datum.to_value(),
        }
    }

    /// The checks that an answer does not stand up to: of those of a kind, in order. A test without
    /// a value, as by an overflow, is not passed.
    pub(crate) fn failing(&self, step: &'a Step, ask: &'a Ask, is_soft: bool) -> Vec<&'a Check> {
        let mut checks = ask.checks.iter().filter(|it| it.is_soft == is_soft).peekable();
        if checks.peek().is_none() {
            return Vec::new();
        }
        let mut environment = self.clone();
        environment.pass(step);
        checks.filter(|it| !it.test.is_true(&environment)).collect()
    }

    /// What a check says about the answer to its step.
    pub(crate) fn message(&self, step: &Step, check: &Check) -> String {
        let mut environment = self.clone();
        environment.pass(step);
        check.message.fill(&environment, self.audience()).text
    }

    /// The same with the results of an action, whether it counts or not.
    pub(crate) fn after_action<'n>(
        &'n self,
        name: &'n str,
        object: Option<&str>,
        results: &BTreeMap<String, Datum>,
    ) -> WithOne<'n> {
        let value = object_value(object.unwrap_or_default(), results);
        WithOne { outer: self, name, value }
    }

    fn result(&self, step: &Step, action: &Action) -> Value {
        let row = self.row_of(step).unwrap_or_default();
        let entry = self.state.entry(&step.id, row, &action.name).filter(|it| !it.is_overdue);
        match entry.map(|it| &it.progress) {
            Some(Progress::Confirmed { results, object, .. }) => {
                object_value(object.as_deref().unwrap_or_default(), results)
            }
            _ => Value::Null,
        }
    }

    /// What stands for the row inside.
    fn of_row(&self, name: &str) -> Option<Value> {
        let mut rows = self.row.as_ref()?.all();
        Some(rows.find(|it| it.roster.each == name)?.value.clone())
    }

    fn of_step(&self, name: &str) -> Option<Value> {
        if let Some(step) = self.script.step(name)
            && matches!(step.kind, StepKind::Rows)
        {
            let list = self.lists.get(&step.at).filter(|_| self.passed.contains(step.at));
            return Some(list.cloned().unwrap_or(Value::Null));
        }
        if let Some(step) = self.script.step(name)
            && let StepKind::Ask(ask) = &step.kind
        {
            let is_passed = self.passed.contains(step.at);
            return Some(if is_passed { self.answer(step, ask) } else { Value::Null });
        }
        if let Some(step) = self.script.specially(name) {
            return Some(match self.answered(step.at) {
                Some(Datum::Special(special)) => Value::from(special.word()),
                _ if self.passed.contains(step.at) => Value::from(NONE),
                _ => Value::Null,
            });
        }
        let mut results = self.script.results.get(name)?.iter();
        let (step, action) = results.find(|(step, _)| self.passed.contains(*step))?;
        let step = self.script.steps.get(*step)?;
        match &step.kind {
            StepKind::Do { actions, .. } => Some(self.result(step, actions.get(*action)?)),
            _ => None,
        }
    }
}

/// What objects that were read are to expressions: a list, or the one that there is.
fn value_of(source: &Source, objects: &[Snapshot]) -> Value {
    match (source, objects) {
        (Source::Related { .. }, _) => {
            Value::from(objects.iter().map(|it| it.to_value()).collect::<Vec<_>>())
        }
        (_, [only]) => only.to_value(),
        _ => Value::Null,
    }
}

impl Values for Environment<'_> {
    fn variable(&self, name: &str) -> Value {
        let started = self.state.started.as_ref();
        let text = |text: Option<&String>| text.map_or(Value::Null, |it| Value::from(it.as_str()));
        match name {
            // no name of a script begins so
            _ if let Some(step) = name.strip_prefix(PASSED) => {
                let step = self.script.step(step);
                Value::Bool(step.is_some_and(|it| self.passed.contains(it.at)))
            }
            "language" => Value::from(self.audience().language),
            "today" => started.and_then(|it| it.at).map_or(Value::Null, |at| {
                Value::Date(at.to_zoned(self.script.zone.clone()).date())
            }),
            "now" => self.now.map_or(Value::Null, Value::Instant),
            "agent" => text(started.and_then(|it| it.actor.as_ref())),
            "contact" => text(started.and_then(|it| it.contact.as_ref())),
            _ => match self.resolve(name) {
                Some(Resolved::Known(value)) => value,
                Some(Resolved::Pending(_)) => Value::Null,
                None => {
                    let value = self.of_row(name).or_else(|| self.of_step(name));
                    value.unwrap_or(Value::Null)
                }
            },
        }
    }
}

/// One more name: the object being tested or shown, or what an action gave.
pub(crate) struct WithOne<'a> {
    outer: &'a Environment<'a>,
    name: &'a str,
    value: Value,
}

impl<'a> WithOne<'a> {
    pub(crate) fn new(outer: &'a Environment<'a>, name: &'a str, value: Value) -> Self {
        Self { outer, name, value }
    }
}

impl Values for WithOne<'_> {
    fn variable(&self, name: &str) -> Value {
        if name == self.name { self.value.clone() } else { self.outer.variable(name) }
    }
}

/// The key of a candidate.
pub(crate) fn candidate_key(candidate: &Value) -> &str {
    let object: Option<&Object> = match candidate {
        Value::Object(object) => Some(object),
        _ => None,
    };
    object.and_then(key_of).unwrap_or_default()
}
