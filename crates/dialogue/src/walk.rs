//! The walk: from the start along the first open transition of each answered step, to the first
//! step that needs something. Where a session stands is a function of its state.

use crate::datum::Datum;
use crate::environment::{Environment, Given, candidate_key};
use crate::script::{Action, Ask, AskKind, Script, Step, StepKind};
use crate::state::State;

/// The path of a session and where it stops.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    /// Steps that were passed, in order.
    pub(crate) path: Vec<Passed<'a>>,
    /// The step where it stops.
    pub(crate) step: &'a Step,
    pub(crate) stop: Stop,
    /// The walk could go on, and was only wanted to here.
    pub(crate) is_passed: bool,
    pub(crate) environment: Environment<'a>,
}

/// A step that was passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passed<'a> {
    pub(crate) step: &'a Step,
    /// How many of its transitions were looked at; the last of them was taken.
    pub(crate) tried: usize,
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
    walk_until(script, state, None)
}

/// The same, no further than to a step that is on the path.
pub(crate) fn walk_to<'a>(
    script: &'a Script,
    state: &'a State,
    step: &'a Step,
) -> Option<Walk<'a>> {
    walk_until(script, state, Some(step.at))
}

fn walk_until<'a>(script: &'a Script, state: &'a State, until: Option<usize>) -> Option<Walk<'a>> {
    state.started.as_ref()?;
    let start = script.step(&script.start)?;
    // enough for most, so that the path rarely moves
    let path = Vec::with_capacity(script.steps.len().min(64));
    Walker { environment: Environment::new(script, state), path, until }.run(start)
}

impl<'a> Walk<'a> {
    /// Goes on with an answer to the step where it stops. What was walked before that step stays
    /// as it is: nothing there depends on later answers.
    pub(crate) fn with(self, given: Option<&'a Datum>) -> Option<Self> {
        let Self { path, step, environment, .. } = self;
        let given: Given<'a> = (step.at, given);
        Walker { environment: environment.with(given), path, until: None }.run(step)
    }
}

impl Environment<'_> {
    fn are_sent(&self, step: &Step, actions: &[Action]) -> bool {
        actions.iter().all(|it| self.state.entry(&step.id, &it.name).is_some())
    }
}

struct Walker<'a> {
    environment: Environment<'a>,
    path: Vec<Passed<'a>>,
    until: Option<usize>,
}

impl<'a> Walker<'a> {
    fn run(mut self, start: &'a Step) -> Option<Walk<'a>> {
        let mut step = start;
        // a script has no loops, so this ends
        loop {
            if let Some(stop) = self.stop_at(step) {
                return Some(self.end(step, stop));
            }
            self.environment.pass(step);
            match self.next(step) {
                Ok(_) if self.until == Some(step.at) => {
                    self.environment.unpass(step);
                    return Some(Walk { is_passed: true, ..self.end(step, Stop::Here) });
                }
                Ok((next, tried)) => {
                    self.path.push(Passed { step, tried });
                    step = self.environment.script.steps.get(next?)?;
                }
                Err(stop) => {
                    self.environment.unpass(step);
                    return Some(self.end(step, stop));
                }
            };
        }
    }

    fn end(self, step: &'a Step, stop: Stop) -> Walk<'a> {
        let Self { path, environment, .. } = self;
        Walk { path, step, stop, is_passed: false, environment }
    }

    /// Whether the walk stops at the step, and why.
    fn stop_at(&self, step: &'a Step) -> Option<Stop> {
        let environment = &self.environment;
        if environment.pending(&step.waits_for) {
            return Some(Stop::Data);
        }
        match &step.kind {
            StepKind::Ask(ask) => {
                let fits = environment.stored(step).is_some_and(|it| self.fits(step, ask, it));
                (!fits).then_some(Stop::Here)
            }
            StepKind::Info => environment.stored(step).is_none().then_some(Stop::Here),
            StepKind::Decide => None,
            StepKind::Do { actions, .. } => {
                if !environment.are_sent(step, actions) {
                    let is_pending = actions.iter().any(|it| environment.pending(&it.reads()));
                    return Some(if is_pending { Stop::Data } else { Stop::Here });
                }
                let entries = actions.iter().map(|it| environment.state.entry(&step.id, &it.name));
                entries.flatten().any(|it| it.is_awaited()).then_some(Stop::Actions)
            }
            StepKind::HandOff { attributes, .. } => {
                let is_pending = attributes.iter().any(|(_, it)| environment.pending(it.reads()));
                Some(if is_pending { Stop::Data } else { Stop::Here })
            }
            StepKind::End { .. } => Some(Stop::Here),
        }
    }

    /// Whether a stored answer is still one of those that the question takes.
    fn fits(&self, step: &Step, ask: &Ask, answer: Option<&Datum>) -> bool {
        match (answer, &ask.kind) {
            (None, _) => !ask.is_required,
            (Some(Datum::Special(special)), _) => ask.specials.contains(special),
            (Some(Datum::Reference { key, .. }), AskKind::Object { .. }) => {
                let candidates = self.environment.candidates(&ask.kind);
                candidates.iter().any(|it| candidate_key(it) == key)
                    && self.environment.failing(step, ask, false).is_empty()
            }
            (Some(_), AskKind::YesNo { is_consent: true }) if !self.is_worded_so(step) => false,
            (Some(_), _) => self.environment.failing(step, ask, false).is_empty(),
        }
    }

    /// Whether what was read out to be consented to is what would be read out now. In another
    /// language it counts as the same.
    fn is_worded_so(&self, step: &Step) -> bool {
        let kept = self.environment.state.wordings.get(&step.id);
        let Some(kept) = kept.filter(|_| !self.environment.is_given(step)) else { return true };
        let now = step.consented(&self.environment);
        now.language != kept.language || now.text == kept.text
    }

    /// The number of the step after a passed one, and how many transitions were looked at.
    fn next(&self, step: &'a Step) -> Result<(Option<usize>, usize), Stop> {
        for (transition, tried) in step.next.iter().zip(1..) {
            let Some(when) = &transition.when else { return Ok((transition.target, tried)) };
            let quick = transition.quick.as_ref().and_then(|it| it.holds(&self.environment));
            if quick.is_none() && self.environment.pending(when.reads()) {
                return Err(Stop::Data);
            }
            if quick.unwrap_or_else(|| when.is_true(&self.environment)) {
                return Ok((transition.target, tried));
            }
        }
        // the checker proved that one of them is open; a condition that has no value, as by an
        // overflow, leaves the last
        step.next.last().map(|it| (it.target, step.next.len())).ok_or(Stop::Here)
    }
}
