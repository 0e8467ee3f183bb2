//! The answers of a page, taken together or not at all.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::compensation::consequences;
use crate::datum::Datum;
use crate::environment::Environment;
use crate::event::{Event, Wording};
use crate::handle::{checked, is_new, read_answer, wording};
use crate::ledger::Entry;
use crate::refusal::Refusal;
use crate::script::{Ask, Script, Step, StepKind};
use crate::special::{Special, companion};
use crate::state::State;
use crate::walk::{Stop, walk, walk_to};

/// The answer to a question of a page. It may be about a person, so `Debug` shows the step only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PageAnswer {
    /// The step of the question.
    pub step: String,
    /// As in [`Input::Answer`](crate::Input::Answer).
    pub value: String,
    /// An answer in place of a value, which is then empty.
    pub special: Option<Special>,
    /// Why the answer is right although a soft check doubts it; empty to be asked.
    pub reason: String,
}

impl fmt::Debug for PageAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageAnswer").field("step", &self.step).finish_non_exhaustive()
    }
}

/// The parts of [`Input::Page`](crate::Input::Page).
pub(crate) struct GivenPage<'a> {
    pub(crate) request: &'a str,
    pub(crate) sequence: u64,
    pub(crate) page: &'a str,
    pub(crate) row: &'a str,
    pub(crate) answers: &'a [PageAnswer],
}

/// Answers that are new or changed, and actions that depended on what they were before.
type Follows<'s> = (Vec<Event>, Vec<&'s Entry>);

/// Takes the answers of a page one after the other, each with those before it. Nothing where none
/// is new.
pub(crate) fn answer_page<'s>(
    script: &'s Script,
    state: &'s State,
    given: &GivenPage<'_>,
    now: Timestamp,
) -> Result<Option<Follows<'s>>, Refusal> {
    if !is_new(state, given.request, given.sequence)? {
        return Ok(None);
    }
    let not_asked = || Refusal::NotAsked(given.page.to_owned());
    let page = script.step(given.page).ok_or_else(not_asked)?;
    let StepKind::Page { questions } = &page.kind else { return Err(not_asked()) };
    let steps: Vec<&Step> = questions.iter().filter_map(|it| script.step(it)).collect();
    let first = *steps.first().ok_or_else(not_asked)?;
    let reached = walk_to(script, state, first, given.row).ok_or(Refusal::NotStarted)?;
    if !reached.is_at(first, given.row) || reached.stop != Stop::Here {
        return Err(not_asked());
    }
    check_named(given, questions)?;
    let scratch = state.clone();
    let (events, right, open, wrong) = Default::default();
    let mut taking = Taking { script, given, first, scratch, events, right, open, wrong };
    steps.iter().for_each(|step| taking.take(step, now));
    let Taking { events, mut wrong, .. } = taking;
    let mut undone: Vec<&'s Entry> = Vec::new();
    let mut follows = walk(script, state).map(|it| consequences(&it)).unwrap_or_default();
    for event in &events {
        let Event::Answered { step, row, .. } = event else { continue };
        let Some(follows) = follows.remove(&(step.as_str(), row.clone())) else { continue };
        if let Some(action) = follows.forbidden_by {
            wrong.push((step.clone(), Refusal::Locked(action.to_owned())));
        }
        let is_known = |entry: &Entry| undone.iter().any(|it| it.order.key == entry.order.key);
        let new: Vec<&Entry> = follows.undone.into_iter().filter(|it| !is_known(it)).collect();
        undone.extend(new);
    }
    if !wrong.is_empty() {
        let place = |step: &String| questions.iter().position(|it| it == step);
        wrong.sort_by_key(|(step, _)| place(step));
        return Err(Refusal::Page(wrong));
    }
    Ok((!events.is_empty()).then_some((events, undone)))
}

/// Each answer is to a question of the page, and to no question are two.
fn check_named(given: &GivenPage<'_>, questions: &[String]) -> Result<(), Refusal> {
    let mut named = BTreeSet::new();
    for PageAnswer { step, .. } in given.answers {
        if !questions.contains(step) || !named.insert(step) {
            return Err(Refusal::NotAsked(step.clone()));
        }
    }
    Ok(())
}

struct Taking<'s, 'g> {
    script: &'s Script,
    given: &'g GivenPage<'g>,
    first: &'s Step,
    /// With the answers that were taken so far.
    scratch: State,
    events: Vec<Event>,
    right: Vec<&'s Step>,
    /// Answers whose checks are made of one that is refused.
    open: Vec<&'s Step>,
    wrong: Vec<(String, Refusal)>,
}

impl<'s> Taking<'s, '_> {
    fn take(&mut self, step: &'s Step, now: Timestamp) {
        match self.taken(step, now) {
            Ok(Taken::New(event)) => {
                self.scratch.apply(&event);
                self.events.push(*event);
                self.right.push(step);
            }
            Ok(Taken::Known) => self.right.push(step),
            Ok(Taken::Open) => self.open.push(step),
            Err(refusal) => self.wrong.push((step.id.clone(), refusal)),
        }
    }

    fn taken(&self, step: &'s Step, now: Timestamp) -> Result<Taken, Refusal> {
        let StepKind::Ask(ask) = &step.kind else { return Ok(Taken::Known) };
        let (script, row) = (self.script, self.given.row);
        let reached = walk_to(script, &self.scratch, self.first, row).ok_or(Refusal::NotStarted)?;
        let mut environment = reached.environment;
        self.right.iter().for_each(|it| environment.pass(it));
        let given = self.given.answers.iter().find(|it| it.step == step.id);
        let stored = environment.stored(step);
        let (value, reason) = match (given, stored) {
            (Some(given), _) => {
                let value = read_answer(&environment, ask, &given.value, given.special)?;
                (value, given.reason.trim())
            }
            (None, Some(stored)) => {
                // of what was read since, it may be none of the choices any more
                let (text, special) = written(ask, stored);
                (read_answer(&environment, ask, &text, special)?, "")
            }
            (None, None) => return Err(Refusal::Answer("an answer is needed".to_owned())),
        };
        let is_known = stored == Some(value.as_ref());
        if self.is_open(ask) {
            return Ok(Taken::Open);
        }
        let wording = value.as_ref().and_then(|_| wording(&environment, step, now));
        let overridden = match checked(&environment, step, value.as_ref(), reason) {
            Err(Refusal::Doubtful(_)) if is_known && is_overridden(&environment, step) => {
                return Ok(Taken::Known);
            }
            checked => checked?,
        };
        let is_worded_so = is_worded_as_before(&environment, step, wording.as_ref());
        if is_known && is_worded_so && overridden.is_none() {
            return Ok(Taken::Known);
        }
        let (step, row) = (step.id.clone(), row.to_owned());
        let request = self.given.request.to_owned();
        let event = Event::Answered { step, row, value, request, overridden, wording };
        Ok(Taken::New(Box::new(event)))
    }

    /// Whether a check is made of an answer that is refused, or left open itself.
    fn is_open(&self, ask: &Ask) -> bool {
        let wrong = self.wrong.iter().map(|(step, _)| step);
        let unknown = wrong.chain(self.open.iter().map(|it| &it.id));
        let names: Vec<String> = unknown.flat_map(|it| [it.clone(), companion(it)]).collect();
        ask.checks.iter().any(|it| it.test.reads().iter().any(|name| names.contains(name)))
    }
}

/// What an answer of a page is, if it is not refused.
enum Taken {
    /// New, or another than before.
    New(Box<Event>),
    /// As it was before.
    Known,
    /// Not to be checked before others are right.
    Open,
}

/// A stored answer as it would be given.
fn written(ask: &Ask, stored: Option<&Datum>) -> (String, Option<Special>) {
    match stored {
        None => (String::new(), None),
        Some(Datum::Special(special)) => (String::new(), Some(*special)),
        Some(datum) => (ask.kind.written(datum), None),
    }
}

/// Whether an answer was kept although it was doubted.
fn is_overridden(environment: &Environment<'_>, step: &Step) -> bool {
    let place = (step.id.clone(), environment.row_path().to_owned());
    environment.state.overridden.contains_key(&place)
}

/// Whether what was said is what was said when it was answered.
fn is_worded_as_before(
    environment: &Environment<'_>,
    step: &Step,
    wording: Option<&Wording>,
) -> bool {
    let place = (step.id.clone(), environment.row_path().to_owned());
    let kept = environment.state.wordings.get(&place);
    let text = |it: &Wording| (it.text.clone(), it.language.clone());
    wording.map(text) == kept.map(text)
}
