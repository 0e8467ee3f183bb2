//! What changing an answer means for actions that were sent: some forbid it, some stay as they are,
//! some are taken back and, if the path still comes to them, sent anew.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};

use crate::datum::Datum;
use crate::email;
use crate::environment::Environment;
use crate::event::{Event, Order, Task};
use crate::ledger::{Entry, Progress, Revoked};
use crate::script::{
    Action, ActionKind, Ask, AskKind, Assignment, Compensation, Script, StepKind, Undo,
};
use crate::state::State;
use crate::trace::Trace;
use crate::walk::{Passed, Walk, walk_to};

/// Longest key of an action, so that with what takes it back it has at most 128 bytes.
const MAX_KEY: usize = 123;

/// What follows from changing an answer.
#[derive(Debug, Default)]
pub(crate) struct Consequences<'a> {
    /// Title of the action that forbids it.
    pub(crate) forbidden_by: Option<&'a str>,
    /// Actions that are taken back, unless they come out the same.
    pub(crate) undone: Vec<&'a Entry>,
    /// Actions that stay although they depend on it.
    pub(crate) kept: Vec<&'a Entry>,
}

/// A name with the row in which it stands.
pub(crate) type Spot<'a> = (&'a str, String);

/// What follows from changing the answers on a path, by step and row. An action depends on what its
/// values read, on what decided the path to it, and on what the actions depend on whose results it
/// reads.
pub(crate) fn consequences<'a>(walk: &Walk<'a>) -> BTreeMap<Spot<'a>, Consequences<'a>> {
    let mut found: BTreeMap<Spot<'_>, Consequences<'_>> = BTreeMap::new();
    let Environment { script, state, row, .. } = &walk.environment;
    if state.ledger.is_empty() {
        return found;
    }
    let mut trace = Trace::new(script);
    let end = Passed { step: walk.step, row: row.clone(), tried: 0 };
    for passed in walk.path.iter().chain([&end]) {
        trace.come_to(passed);
        if let StepKind::Do { actions, .. } = &passed.step.kind {
            for action in actions {
                let path = passed.row.as_ref().map_or("", |it| &it.path);
                let entry = state.entry(&passed.step.id, path, &action.name);
                let Some(entry) = entry else { continue };
                for spot in trace.act(passed, action) {
                    found.entry(spot).or_default().note(action, entry);
                }
            }
        }
        trace.leave(passed);
    }
    found
}

/// Names that decide whether a stored answer is still one that the question takes.
pub(crate) fn narrowing<'a>(ask: &'a Ask, id: &'a str) -> Vec<&'a str> {
    let mut names = Vec::new();
    if let AskKind::Object { from, only, .. } = &ask.kind {
        names.push(from.as_str());
        names.extend(only.iter().flat_map(|it| it.reads()).map(String::as_str));
    }
    let hard = ask.checks.iter().filter(|it| !it.is_soft);
    names.extend(hard.flat_map(|it| it.test.reads()).map(String::as_str).filter(|it| *it != id));
    names
}

impl<'a> Consequences<'a> {
    fn note(&mut self, action: &Action, entry: &'a Entry) {
        match action.undo {
            Undo::Forbid => {
                self.forbidden_by.get_or_insert(entry.order.title.as_str());
            }
            Undo::Keep => self.kept.push(entry),
            Undo::Compensate(_) => self.undone.push(entry),
        }
    }
}

/// The actions that a changed answer revokes, of those that depend on it: all but those to which
/// the path still leads and which would be sent the same. They are revoked in the state, too.
pub(crate) fn revoke(script: &Script, after: &mut State, undone: &[&Entry]) -> Vec<Event> {
    let mut events = Vec::new();
    for entry in undone {
        if is_still_wanted(script, after, &entry.order).is_none() {
            let event = Event::ActionRevoked { key: entry.order.key.clone() };
            after.apply(&event);
            events.push(event);
        }
    }
    events
}

fn is_still_wanted(script: &Script, state: &State, order: &Order) -> Option<()> {
    let step = script.step(&order.step)?;
    let StepKind::Do { actions, .. } = &step.kind else { return None };
    let action = actions.iter().find(|it| it.name == order.name)?;
    let walk = walk_to(script, state, step, &order.row).filter(|it| it.is_at(step, &order.row))?;
    let wanted = self::order(&walk.environment, &step.id, action, None);
    // the time of sending is not what the answer is about
    let timeless = action.values.iter().filter(|it| !it.formula.reads().contains("now"));
    let mut names = timeless.map(|it| it.name.as_str()).chain(email::TEXTS);
    names.all(|name| wanted.value(name) == order.value(name)).then_some(())
}

/// What takes revoked actions back, of those that are known to be carried out.
pub(crate) fn compensations(script: &Script, state: &State) -> Vec<Event> {
    let revoked = state.ledger.iter().filter(|it| it.revoked == Some(Revoked::Wanted));
    let orders = revoked.filter_map(|entry| {
        let (of, order) = (entry.order.key.clone(), compensation(script, state, entry)?);
        Some(Event::CompensationQueued { of, order })
    });
    orders.collect()
}

fn compensation(script: &Script, state: &State, entry: &Entry) -> Option<Order> {
    let Progress::Confirmed { object, revision, results, .. } = &entry.progress else {
        return None;
    };
    let StepKind::Do { actions, .. } = &script.step(&entry.order.step)?.kind else { return None };
    let action = actions.iter().find(|it| it.name == entry.order.name)?;
    let Undo::Compensate(compensation) = &action.undo else { return None };
    let task = match (compensation, &entry.order.task) {
        (Compensation::Delete, Task::Create { class, .. }) => Task::Delete {
            class: class.clone(),
            key: object.clone()?,
            revision: revision.clone().unwrap_or_default(),
        },
        (Compensation::Invoke { operation, values }, _) => {
            let environment = Environment::new(script, state);
            let names = environment.after_action(&action.name, object.as_deref(), results);
            let arguments =
                values.iter().filter_map(|it| Some((it.name.clone(), it.datum(&names)?)));
            Task::Invoke { operation: operation.clone(), arguments: arguments.collect() }
        }
        (Compensation::Delete, _) => return None,
    };
    let Order { key, step, row, name, title, .. } = entry.order.clone();
    let (key, wait_until, try_until) = (format!("{key}/undo"), None, None);
    Some(Order { key, step, row, name, title, task, wait_until, try_until })
}

/// What an action does with the values of this moment.
pub(crate) fn order(
    environment: &Environment<'_>,
    step: &str,
    action: &Action,
    wait: Option<u32>,
) -> Order {
    let values = action.values.iter();
    let values: BTreeMap<String, Datum> =
        values.filter_map(|it| Some((it.name.clone(), it.datum(environment)?))).collect();
    let task = match &action.kind {
        ActionKind::Create { class } => Task::Create { class: class.clone(), attributes: values },
        ActionKind::Invoke { operation } => {
            Task::Invoke { operation: operation.clone(), arguments: values }
        }
        ActionKind::Email { subject, paragraphs } => {
            email::task(environment, &values, subject, paragraphs)
        }
    };
    let state = environment.state;
    let session = state.started.as_ref().map_or("", |it| it.session.as_str());
    let row = environment.row_path();
    // a step is walked once in a row and an action sent once, so these make it unique, but for
    // those that were revoked; the row may be the key of an object, which is nobody else's concern
    let mut key = match row.is_empty() {
        true => format!("{session}/{step}/{}", action.name),
        false => {
            let row = digest(&format!("{session}/{row}"));
            format!("{session}/{step}[{}]/{}", &row[..32], action.name)
        }
    };
    let is_it = |it: &&Entry| it.order.is_of(step, row, &action.name);
    let before = state.ledger.iter().filter(is_it).count();
    if before > 0 {
        key = format!("{key}/{}", before + 1);
    }
    if key.len() > MAX_KEY {
        key = format!("{session}/{}", &digest(&key)[..32]);
    }
    let title = action.title.plain(environment.audience());
    let (step, row, name) = (step.to_owned(), row.to_owned(), action.name.clone());
    let in_seconds = |it: u32| {
        let at = environment.now()?.saturating_add(i64::from(it).seconds());
        Some(at.unwrap_or(Timestamp::MAX))
    };
    let (wait_until, try_until) =
        (wait.and_then(in_seconds), action.within_seconds.and_then(in_seconds));
    Order { key, step, row, name, title, task, wait_until, try_until }
}

fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Assignment {
    /// Its value; nothing where that is missing.
    fn datum(&self, values: &dyn caruso_expression::Values) -> Option<Datum> {
        Datum::of(&self.formula.value(values), &self.ty)
    }
}
