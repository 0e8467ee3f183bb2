//! The walk: from the start along the first open transition of each answered step, to the first
//! step that needs something. Where a session stands is a function of its state.

use std::sync::Arc;

use crate::datum::Datum;
use crate::environment::{Environment, Given, candidate_key};
use crate::interrupts::entered;
use crate::ledger::Entry;
use crate::rows::{Open, Roster, Row};
use crate::script::{Action, Ask, AskKind, Script, Step, StepKind};
use crate::state::State;
use caruso_expression::Value;

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
    /// The rosters that it is in.
    open: Vec<Open<'a>>,
    /// In an interrupt, where the conversation stands without it.
    pub(crate) left_for: Option<Box<LeftFor<'a>>>,
}

/// Where a conversation stands but for an interrupt.
#[derive(Debug)]
pub(crate) struct LeftFor<'a> {
    pub(crate) step: &'a Step,
    environment: Environment<'a>,
}

/// A step that was passed, or the beginning of a row.
#[derive(Debug, Clone)]
pub(crate) struct Passed<'a> {
    pub(crate) step: &'a Step,
    /// The row in which it is, or which begins.
    pub(crate) row: Option<Arc<Row<'a>>>,
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
    walk_until(script, state, None, None)
}

/// The same, no further than to a step that is on the path, in a row if it stands in a roster.
pub(crate) fn walk_to<'a>(
    script: &'a Script,
    state: &'a State,
    step: &'a Step,
    row: &'a str,
) -> Option<Walk<'a>> {
    walk_until(script, state, Some((step.at, row)), None)
}

/// A step by number and its row, at which a walk ends if it comes to it.
type Until<'a> = Option<(usize, &'a str)>;

fn walk_until<'a>(
    script: &'a Script,
    state: &'a State,
    until: Until<'a>,
    given: Option<Given<'a>>,
) -> Option<Walk<'a>> {
    state.started.as_ref()?;
    let start = script.step(&script.start)?;
    // enough for most, so that the path rarely moves
    let path = Vec::with_capacity(script.steps.len().min(64));
    let environment = Environment::new(script, state);
    let environment = match given {
        Some(given) => environment.with(given),
        None => environment,
    };
    let main = Walker { environment, path, open: Vec::new(), until }.run(start)?;
    if state.begun.is_empty() || main.is_passed { Some(main) } else { main.interrupted(until) }
}

impl<'a> Walk<'a> {
    /// Goes on with an answer to the step where it stops. What was walked before that step stays
    /// as it is: nothing there depends on later answers.
    pub(crate) fn with(self, given: Option<&'a Datum>) -> Option<Self> {
        let Self { path, step, environment, open, .. } = self;
        let given: Given<'a> = (step.at, environment.row_path().to_owned(), given);
        if !environment.state.begun.is_empty() {
            return walk_until(environment.script, environment.state, None, Some(given));
        }
        Walker { environment: environment.with(given), path, open, until: None }.run(step)
    }

    /// Goes on through the interrupts that were begun, to the first that is not over; else it
    /// stands where it stood.
    fn interrupted(mut self, until: Until<'a>) -> Option<Self> {
        let script = self.environment.script;
        for begun in &self.environment.state.begun {
            let Some((environment, step)) = entered(&self.environment, begun) else { continue };
            let mut path = std::mem::take(&mut self.path);
            path.push(Passed { step, row: environment.row.clone(), tried: 0 });
            let start = step.next.first().and_then(|it| script.steps.get(it.target?))?;
            let walk = Walker { environment, path, open: Vec::new(), until }.run(start)?;
            if walk.is_passed || !matches!(walk.step.kind, StepKind::Rows) {
                let Self { step, environment, .. } = self;
                let left_for = Some(Box::new(LeftFor { step, environment }));
                return Some(Self { left_for, ..walk });
            }
            self.path = walk.path;
            self.path.push(Passed { step: walk.step, row: None, tried: 0 });
        }
        Some(self)
    }

    /// Whether it stands still until a time.
    pub(crate) fn is_waiting(&self) -> bool {
        self.stop == Stop::Here && matches!(self.step.kind, StepKind::Wait { .. })
    }

    /// What is known where the conversation stands but for interrupts.
    pub(crate) fn main(&self) -> &Environment<'a> {
        self.left_for.as_ref().map_or(&self.environment, |it| &it.environment)
    }

    /// How many rows count on its path beside the one at which another walk stands.
    pub(crate) fn kept(&self, row: &Walk<'_>) -> usize {
        let outer = |it: &Option<Arc<Row<'_>>>| {
            it.as_ref().and_then(|it| it.outer.as_ref()).map(|it| it.path.clone())
        };
        let own = outer(&row.environment.row);
        let beside = self.path.iter().filter(|it| it.step.at == row.step.at);
        let beside = beside.filter(|it| outer(&it.row) == own);
        let state = self.environment.state;
        let removed = Some(Some(&Datum::Bool(false)));
        let path = |it: &Passed<'_>| it.row.as_ref().map(|it| it.path.clone()).unwrap_or_default();
        beside.filter(|it| state.answers.of(&it.step.name, &path(it)) != removed).count()
    }

    /// Whether it stands at a row, or at a step in the row.
    pub(crate) fn is_at(&self, step: &Step, row: &str) -> bool {
        self.step.at == step.at && self.environment.row_path() == row
    }
}

impl Environment<'_> {
    fn are_sent(&self, step: &Step, actions: &[Action]) -> bool {
        let row = self.row_path();
        actions.iter().all(|it| self.state.entry(&step.id, row, &it.name).is_some())
    }
}

struct Walker<'a> {
    environment: Environment<'a>,
    path: Vec<Passed<'a>>,
    open: Vec<Open<'a>>,
    until: Until<'a>,
}

impl<'a> Walker<'a> {
    fn run(mut self, start: &'a Step) -> Option<Walk<'a>> {
        let mut step = start;
        // a script has no loops, and rows have bounds, so this ends
        loop {
            self.environment.come_to(step);
            match &step.kind {
                StepKind::Row(roster) => {
                    match self.row(step, roster) {
                        Ok(next) => step = self.environment.script.steps.get(next?)?,
                        Err((stop, is_passed)) => {
                            return Some(Walk { is_passed, ..self.end(step, stop) });
                        }
                    }
                    continue;
                }
                StepKind::Rows if self.goes_on(step) => {
                    step = self.environment.script.steps.get(self.open.last()?.at)?;
                    continue;
                }
                StepKind::Ask(_) if self.is_settled(step) => {
                    step = self.environment.script.steps.get(step.next.first()?.target?)?;
                    continue;
                }
                _ => {}
            }
            match self.answer_at(step) {
                Ok(answer) => self.environment.pass_with(step, answer),
                Err(stop) => return Some(self.end(step, stop)),
            }
            match self.next(step) {
                Ok(_) if self.is_until(step) => {
                    self.environment.unpass(step);
                    return Some(Walk { is_passed: true, ..self.end(step, Stop::Here) });
                }
                Ok((next, tried)) => {
                    let row = self.environment.row.clone();
                    self.path.push(Passed { step, row, tried });
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
        let Self { path, environment, open, .. } = self;
        Walk { path, step, stop, is_passed: false, environment, open, left_for: None }
    }

    fn is_until(&self, step: &Step) -> bool {
        self.until == Some((step.at, self.environment.row_path()))
    }

    /// Comes to a roster, or to one of its rows. Gives the step after that.
    fn row(&mut self, step: &'a Step, roster: &'a Roster) -> Result<Option<usize>, (Stop, bool)> {
        if self.open.last().is_none_or(|it| it.at != step.at) {
            if self.environment.pending(&step.waits_for) {
                return Err((Stop::Data, false));
            }
            self.environment.pass(step);
            self.open.push(Open::new(roster, step.at, &self.environment));
            return Ok(Some(self.begin_row(false)));
        }
        if self.is_until(step) {
            return Err((Stop::Here, true));
        }
        self.path.push(Passed { step, row: self.environment.row.clone(), tried: 0 });
        if self.environment.is_removed(step) {
            return Ok(roster.another_at);
        }
        if let Some(open) = self.open.last_mut() {
            open.kept += 1;
        }
        Ok(step.next.first().and_then(|it| it.target))
    }

    /// Ends a row, if the walk is in one. Whether another begins.
    fn goes_on(&mut self, rows: &Step) -> bool {
        let ends = |it: &&mut Open<'_>| it.roster.rows_at == rows.at;
        let Some(open) = self.open.last_mut().filter(ends) else { return false };
        let is_in_row = |it: &Arc<Row<'_>>| std::ptr::eq(it.roster, open.roster);
        if !self.environment.row.as_ref().is_some_and(is_in_row) {
            return false;
        }
        let another = open.roster.another_at;
        let answer = another.and_then(|it| self.environment.answered(it));
        let wants_more = answer == Some(&Datum::Bool(true));
        let step = self.environment.script.steps.get(open.at);
        if step.is_some_and(|it| !self.environment.is_removed(it)) {
            open.done.push(self.environment.record(open.roster));
        }
        self.begin_row(wants_more) != rows.at
    }

    /// The number of the step at which the next row begins, or where the roster ends.
    fn begin_row(&mut self, wants_more: bool) -> usize {
        let Some(open) = self.open.last_mut() else { return usize::MAX };
        let roster = open.roster;
        let row = self.environment.row.take();
        let outer = match row {
            Some(row) if std::ptr::eq(row.roster, roster) => row.outer.clone(),
            outer => outer,
        };
        let steps = &self.environment.script.steps;
        roster
            .inside
            .iter()
            .filter_map(|it| steps.get(*it))
            .for_each(|it| self.environment.unpass(it));
        if let Some((key, value)) = open.next(wants_more) {
            self.environment.row = Some(Arc::new(Row::new(roster, &key, value, outer)));
            return open.at;
        }
        self.environment.row = outer;
        let done = std::mem::take(&mut open.done);
        self.environment.lists.insert(roster.rows_at, Value::from(done));
        self.open.pop();
        roster.rows_at
    }

    /// Whether it is the question for another row, and not asked now.
    fn is_settled(&self, step: &Step) -> bool {
        let open = self.open.last().filter(|it| it.roster.another_at == Some(step.at));
        open.is_some_and(|it| it.is_settled().is_some())
    }

    /// The answer with which the step is passed, or why the walk stops there.
    fn answer_at(&self, step: &'a Step) -> Result<Option<&'a Datum>, Stop> {
        let environment = &self.environment;
        if environment.pending(&step.waits_for) {
            return Err(Stop::Data);
        }
        match &step.kind {
            StepKind::Ask(ask) => {
                let answer = environment.stored(step).ok_or(Stop::Here)?;
                self.fits(step, ask, answer).then_some(answer).ok_or(Stop::Here)
            }
            StepKind::Info => environment.stored(step).map(|_| None).ok_or(Stop::Here),
            StepKind::Decide | StepKind::Row(_) | StepKind::Rows | StepKind::Page { .. } => {
                Ok(None)
            }
            StepKind::Do { actions, .. } => {
                if !environment.are_sent(step, actions) {
                    let is_pending = actions.iter().any(|it| environment.pending(it.reads()));
                    return Err(if is_pending { Stop::Data } else { Stop::Here });
                }
                let row = environment.row_path();
                let entry = |it: &Action| environment.state.entry(&step.id, row, &it.name);
                let mut entries = actions.iter().filter_map(entry);
                if entries.any(Entry::is_awaited) { Err(Stop::Actions) } else { Ok(None) }
            }
            StepKind::Wait { until } => {
                let row = environment.row_path().to_owned();
                match environment.state.waits.get(&(step.id.clone(), row)) {
                    Some(wait) if wait.is_over => Ok(None),
                    None if environment.pending(until.reads()) => Err(Stop::Data),
                    _ => Err(Stop::Here),
                }
            }
            StepKind::HandOff { attributes, .. } => {
                let is_pending = attributes.iter().any(|(_, it)| environment.pending(it.reads()));
                Err(if is_pending { Stop::Data } else { Stop::Here })
            }
            StepKind::End { .. } => Err(Stop::Here),
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
        let row = self.environment.row_of(step).unwrap_or_default().to_owned();
        let kept = self.environment.state.wordings.get(&(step.id.clone(), row));
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
