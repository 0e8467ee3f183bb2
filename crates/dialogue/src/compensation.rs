//! What changing an answer means for actions that were sent: some forbid it, some stay as they are,
//! some are taken back and, if the path still comes to them, sent anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::datum::Datum;
use crate::email;
use crate::environment::Environment;
use crate::event::{Event, Order, Task};
use crate::ledger::{Entry, Progress, Revoked};
use crate::script::{
    Action, ActionKind, Ask, AskKind, Assignment, Compensation, Script, StepKind, Undo, beside,
};
use crate::state::State;
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

/// What follows from changing the answers on a path, by step. An action depends on what its values
/// read, on what decided the path to it, and on what the actions depend on whose results it reads.
pub(crate) fn consequences<'a>(walk: &Walk<'a>) -> BTreeMap<String, Consequences<'a>> {
    let mut found: BTreeMap<String, Consequences<'_>> = BTreeMap::new();
    let Environment { script, state, .. } = walk.environment;
    if state.ledger.is_empty() {
        return found;
    }
    // names that have decided the path so far, and those behind results that can be taken back
    let (mut deciding, mut behind) = (BTreeSet::new(), BTreeMap::new());
    let end = Passed { step: walk.step, tried: 0 };
    for Passed { step, tried } in walk.path.iter().copied().chain([end]) {
        match &step.kind {
            StepKind::Ask(ask) => {
                deciding.extend(narrowing(ask, &step.id));
                if matches!(ask.kind, AskKind::YesNo { is_consent: true }) {
                    deciding.extend(step.prompts.iter().flat_map(|it| it.text.reads()));
                }
            }
            StepKind::Do { actions, .. } => {
                for action in actions {
                    let Some(entry) = state.entry(&step.id, &action.name) else { continue };
                    let names = dependencies(action, &deciding, &behind);
                    for name in &names {
                        let name = script.specially(name).map_or(name.as_str(), |it| &it.id);
                        found.entry(name.to_owned()).or_default().note(action, entry);
                    }
                    if matches!(action.undo, Undo::Compensate(_)) {
                        behind.insert(beside(&step.id, &action.name), names);
                    }
                }
            }
            _ => {}
        }
        let whens = step.next.iter().take(tried).filter_map(|it| it.when.as_ref());
        deciding.extend(whens.flat_map(|it| it.reads()).cloned());
    }
    found
}

/// Names that decide whether a stored answer is still one that the question takes.
fn narrowing(ask: &Ask, id: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let AskKind::Object { from, only, .. } = &ask.kind {
        names.push(from.clone());
        names.extend(only.iter().flat_map(|it| it.reads()).cloned());
    }
    let hard = ask.checks.iter().filter(|it| !it.is_soft);
    names.extend(hard.flat_map(|it| it.test.reads()).filter(|it| *it != id).cloned());
    names
}

fn dependencies(
    action: &Action,
    deciding: &BTreeSet<String>,
    behind: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut names = action.reads();
    names.extend(deciding.iter().cloned());
    let more = names.iter().filter_map(|it| behind.get(it)).flatten();
    let more: Vec<String> = more.cloned().collect();
    names.extend(more);
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
    let walk = walk_to(script, state, step).filter(|it| it.step.at == step.at)?;
    let wanted = self::order(&walk.environment, &order.step, action, None);
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
    let Order { key, step, name, title, .. } = entry.order.clone();
    Some(Order { key: format!("{key}/undo"), step, name, title, task, wait_until: None })
}

/// What an action does with the values of this moment.
pub(crate) fn order(
    environment: &Environment<'_>,
    step: &str,
    action: &Action,
    wait_until: Option<Timestamp>,
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
    // a step is walked once and an action sent once, so these three make it unique, but for those
    // that were revoked
    let mut key = format!("{session}/{step}/{}", action.name);
    let is_it = |it: &&Entry| it.order.step == step && it.order.name == action.name;
    let before = state.ledger.iter().filter(is_it).count();
    if before > 0 {
        key = format!("{key}/{}", before + 1);
    }
    if key.len() > MAX_KEY {
        key = format!("{session}/{}", &digest(&key)[..32]);
    }
    let title = action.title.plain(environment.audience());
    let (step, name) = (step.to_owned(), action.name.clone());
    Order { key, step, name, title, task, wait_until }
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
