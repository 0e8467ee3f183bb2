//! The walk: from the start along the first open transition of each answered step, to the first
//! step that needs something. Where a session stands is a function of its state.

use std::collections::{BTreeMap, BTreeSet};

use crate::datum::Datum;
use crate::environment::{Environment, candidate_key};
use crate::script::{Ask, AskKind, Script, Step, StepKind};
use crate::state::State;

/// The path of a session and where it stops.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    /// Steps that were passed, in order.
    pub(crate) path: Vec<&'a Step>,
    /// The step where it stops.
    pub(crate) step: &'a Step,
    pub(crate) stop: Stop,
    /// Answers that may not change any more, with the title of the action that depends on them.
    pub(crate) locks: BTreeMap<String, String>,
    pub(crate) environment: Environment<'a>,
}

/// Why the walk goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The step is to be answered, passed, carried out, or is the last.
    Here,
    /// Data is being read that decides how it goes on.
    Data,
    /// Actions of the step are being waited for.
    Actions,
}

/// Walks a session. Nothing if it has not started, or the script has no start.
pub(crate) fn walk<'a>(script: &'a Script, state: &'a State) -> Option<Walk<'a>> {
    state.started.as_ref()?;
    let walker = Walker {
        state,
        environment: Environment::new(script, state),
        path: Vec::new(),
        reads: BTreeSet::new(),
        locks: BTreeMap::new(),
    };
    walker.run(script.step(&script.start)?)
}

struct Walker<'a> {
    state: &'a State,
    environment: Environment<'a>,
    path: Vec<&'a Step>,
    /// Names that have decided the path so far.
    reads: BTreeSet<String>,
    locks: BTreeMap<String, String>,
}

impl<'a> Walker<'a> {
    fn run(mut self, start: &'a Step) -> Option<Walk<'a>> {
        let mut step = start;
        // a script has no loops, so this ends
        loop {
            if let Some(stop) = self.stop_at(step) {
                return Some(self.end(step, stop));
            }
            self.path.push(step);
            self.environment.passed.insert(&step.id);
            step = match self.next(step) {
                Ok(next) => self.environment.script.step(next)?,
                Err(stop) => {
                    self.path.pop();
                    self.environment.passed.remove(step.id.as_str());
                    return Some(self.end(step, stop));
                }
            };
        }
    }

    fn end(self, step: &'a Step, stop: Stop) -> Walk<'a> {
        let Self { path, locks, environment, .. } = self;
        Walk { path, step, stop, locks, environment }
    }

    /// Whether the walk stops at the step, and why.
    fn stop_at(&mut self, step: &'a Step) -> Option<Stop> {
        if self.environment.pending(&step.reads()) {
            return Some(Stop::Data);
        }
        match &step.kind {
            StepKind::Ask(ask) => {
                if let AskKind::Object { from, only, .. } = &ask.kind {
                    self.reads.insert(from.clone());
                    self.reads.extend(only.iter().flat_map(|it| it.reads().clone()));
                }
                let answer = self.state.answers.get(&step.id);
                let fits = answer.is_some_and(|it| self.fits(ask, it.as_ref()));
                (!fits).then_some(Stop::Here)
            }
            StepKind::Info => (!self.state.answers.contains_key(&step.id)).then_some(Stop::Here),
            StepKind::Decide => None,
            StepKind::Do { actions, .. } => {
                let values = actions.iter().flat_map(|it| &it.values);
                let reads: BTreeSet<String> =
                    values.flat_map(|it| it.formula.reads().clone()).collect();
                let entries: Vec<_> =
                    actions.iter().map(|it| self.state.entry(&step.id, &it.name)).collect();
                if entries.iter().any(Option::is_none) {
                    let is_pending = self.environment.pending(&reads);
                    return Some(if is_pending { Stop::Data } else { Stop::Here });
                }
                for action in actions.iter().filter(|it| it.is_undo_forbidden) {
                    for name in self.reads.iter().chain(&reads) {
                        self.locks.entry(name.clone()).or_insert_with(|| action.title.clone());
                    }
                }
                entries.into_iter().flatten().any(|it| it.is_awaited()).then_some(Stop::Actions)
            }
            StepKind::HandOff { attributes, .. } => {
                let is_pending =
                    attributes.iter().any(|(_, it)| self.environment.pending(it.reads()));
                Some(if is_pending { Stop::Data } else { Stop::Here })
            }
            StepKind::End { .. } => Some(Stop::Here),
        }
    }

    /// Whether a stored answer is still one of those that the question takes.
    fn fits(&self, ask: &Ask, answer: Option<&Datum>) -> bool {
        match (answer, &ask.kind) {
            (None, _) => !ask.is_required,
            (Some(Datum::Reference { key, .. }), AskKind::Object { .. }) => {
                let candidates = self.environment.candidates(&ask.kind);
                candidates.iter().any(|it| candidate_key(it) == key)
            }
            (Some(_), _) => true,
        }
    }

    /// The step after a passed one.
    fn next(&mut self, step: &'a Step) -> Result<&'a str, Stop> {
        for transition in &step.next {
            let Some(when) = &transition.when else { return Ok(&transition.to) };
            self.reads.extend(when.reads().clone());
            if self.environment.pending(when.reads()) {
                return Err(Stop::Data);
            }
            if when.is_true(&self.environment) {
                return Ok(&transition.to);
            }
        }
        // the checker proved that one of them is open; a condition that has no value, as by an
        // overflow, leaves the last
        step.next.last().map(|it| it.to.as_str()).ok_or(Stop::Here)
    }
}
