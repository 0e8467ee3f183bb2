//! Decides: an input and the state give events and effects, or a refusal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use crate::beginning::{Start, begin, go_on};
use crate::compensation::{compensations, consequences, order, revoke};
use crate::datum::{Datum, Snapshot};
use crate::environment::{Environment, candidate_key};
use crate::event::{Event, Overridden, Wording};
use crate::freshness::expired;
use crate::goals::reached;
use crate::interrupts;
use crate::ledger::Entry;
use crate::message;
use crate::outstanding::{Effect, Read, outstanding, reads};
use crate::page_input::{GivenPage, PageAnswer, answer_page};
use crate::refusal::Refusal;
use crate::rows::{Roster, Rows};
use crate::script::{
    Ask, AskKind, Channel, Check, Choice, Consented, Picks, Script, Step, StepKind, calls_of,
};
use crate::special::Special;
use crate::state::State;
use crate::waits;
use crate::walk::{Stop, Walk, walk, walk_to};

/// Why a session is broken off that is old.
const NOT_FINISHED: &str = "nobody finished it";

/// What comes to a session from outside. It may be about a person, so `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// Begin.
    Start(Start),
    /// Data was read.
    Data {
        /// What was to be read; nothing comes of what is wanted no more.
        read: Read,
        /// What was found.
        objects: Vec<Snapshot>,
    },
    /// Data could not be read in time.
    DataFailed {
        /// What was to be read.
        read: Read,
        /// Why, for the log.
        reason: String,
    },
    /// A step is answered or passed: the one the session stands at, or an earlier one.
    Answer {
        /// Id of the request; a repeat changes nothing.
        request: String,
        /// Of the view that was answered.
        sequence: u64,
        /// The step.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        row: String,
        /// The value as text: a choice by value, an object by key, yes or no as `true` or
        /// `false`, what is typed as [`Typed`](crate::Typed) says; empty to pass.
        value: String,
        /// An answer in place of a value, which is then empty.
        special: Option<Special>,
        /// Why the answer is right although a soft check doubts it; empty to be asked.
        reason: String,
    },
    /// The questions of a page are answered together: all of them, or none where one is refused.
    Page {
        /// Id of the request; a repeat changes nothing.
        request: String,
        /// Of the view that was answered.
        sequence: u64,
        /// The page.
        page: String,
        /// The row in which it stands; empty outside of rosters.
        row: String,
        /// At most one for each of its questions; those that are left out stay as they were
        /// answered before.
        answers: Vec<PageAnswer>,
    },
    /// Something came that may come at any time.
    Interrupt {
        /// Id of the request; a repeat changes nothing.
        request: String,
        /// Of the view in which it was offered.
        sequence: u64,
        /// Which of [`View::interrupts`](crate::View).
        interrupt: String,
    },
    /// The customer hung up. Nothing comes of it where the session is over, or where nobody is to
    /// do anything about it.
    HangUp {
        /// Id of the request; a repeat changes nothing.
        request: String,
    },
    /// A customer replied to a message. Nothing comes of one that was taken before.
    Reply {
        /// Id of the message.
        request: String,
        /// What it says.
        text: String,
    },
    /// Fix what is sent back to a reply, or first of all; it is then in [`State::told`].
    Tell {
        /// Id of the message, or of the start.
        request: String,
    },
    /// An action was carried out.
    Confirmed {
        /// Its key, from [`Order`].
        key: String,
        /// Attributes of the new object, or results of the operation.
        results: BTreeMap<String, Datum>,
        /// Key of the new object, if it is one.
        object: Option<String>,
        /// Revision of the new object.
        revision: Option<String>,
        /// What was done, in words an agent can read.
        summary: String,
    },
    /// An action was refused for good.
    Failed {
        /// Its key, from [`Order`].
        key: String,
        /// Why, in words an agent can read.
        reason: String,
    },
    /// The time of [`Effect::WakeAt`] has come.
    Overdue {
        /// Key of the action.
        key: String,
    },
    /// The time of [`Effect::GoOnAt`] has come.
    Due {
        /// The step that waits.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        row: String,
    },
    /// Go on elsewhere, with all that was answered.
    Continue {
        /// Id of the request; a repeat changes nothing.
        request: String,
        /// Where.
        channel: Channel,
        /// The language of the customer; empty for the one that is spoken.
        language: String,
        /// Who works with it from now on; nothing where nobody does.
        actor: Option<String>,
    },
    /// Break off what nobody has finished: what is over, waits until a time, or has waited until
    /// one since, is left alone.
    GiveUp {
        /// Waits that ended at this time or later count.
        before: Timestamp,
    },
    /// Break off.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "start",
            Self::Data { .. } => "data",
            Self::DataFailed { .. } => "data failed",
            Self::Answer { .. } => "answer",
            Self::Page { .. } => "page",
            Self::Interrupt { .. } => "interrupt",
            Self::HangUp { .. } => "hang-up",
            Self::Reply { .. } => "reply",
            Self::Tell { .. } => "tell",
            Self::Confirmed { .. } => "confirmed",
            Self::Failed { .. } => "failed",
            Self::Overdue { .. } => "overdue",
            Self::Due { .. } => "due",
            Self::Continue { .. } => "continue",
            Self::GiveUp { .. } => "give up",
            Self::Cancel { .. } => "cancel",
        })
    }
}

/// What follows from an input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// To be stored and applied, in this order, before anything else happens.
    pub events: Vec<Event>,
    /// To be done once the events are stored.
    pub effects: Vec<Effect>,
}

/// Decides what follows from an input. An input that says nothing new, such as a repeated request
/// or a second confirmation, has an empty outcome.
///
/// # Errors
/// The input does not fit the session; the session stays as it is.
pub fn handle(
    script: &Script,
    state: &State,
    input: &Input,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    let first = match input {
        Input::Answer { request, sequence, step, row, value, special, reason } => {
            let (sequence, special) = (*sequence, *special);
            let given = Given { request, sequence, step, row, value, special, reason };
            match answer(script, state, given, now)? {
                Some(Taken { event, leads: Leads::Nowhere })
                    if script.max_ages.is_empty() && !script.reads_on_the_way =>
                {
                    // what is outstanding does not depend on answers
                    return Ok(Outcome { events: vec![event], effects: Vec::new() });
                }
                Some(Taken { event, leads: Leads::Nowhere }) => Some((vec![event], Vec::new())),
                Some(Taken { event, leads: Leads::On { undone } }) => Some((vec![event], undone)),
                None => None,
            }
        }
        Input::Page { request, sequence, page, row, answers } => {
            let given = GivenPage { request, sequence: *sequence, page, row, answers };
            answer_page(script, state, &given, now)?
        }
        Input::Reply { request, text } => message::reply(script, state, request, text, now)?
            .map(|event| (vec![event], Vec::new())),
        Input::Tell { request } => {
            message::tell(script, state, request)?.map(|event| (vec![event], Vec::new()))
        }
        other => first_event(script, state, other, now)?.map(|event| (vec![event], Vec::new())),
    };
    let Some((first, undone)) = first else { return Ok(Outcome::default()) };
    let mut after = state.clone();
    first.iter().for_each(|event| after.apply(event));
    let mut events = first;
    events.extend(revoke(script, &mut after, &undone));
    let expired = expired(script, &after, input, now);
    expired.iter().for_each(|event| after.apply(event));
    events.extend(expired);
    // also where the session has ended meanwhile
    let compensations = compensations(script, &after);
    compensations.iter().for_each(|event| after.apply(event));
    events.extend(compensations);
    // each round sends the actions of one step, or closes; a step is walked once, in a roster once
    // for each row
    while after.closing.is_none() {
        let Some(walk) = walk(script, &after) else { break };
        let followers = followers(&walk, now);
        if followers.is_empty() {
            break;
        }
        followers.iter().for_each(|event| after.apply(event));
        events.extend(followers);
    }
    let before = outstanding(script, state);
    let mut effects = outstanding(script, &after);
    effects.retain(|effect| !before.contains(effect));
    Ok(Outcome { events, effects })
}

fn first_event(
    script: &Script,
    state: &State,
    input: &Input,
    now: Timestamp,
) -> Result<Option<Event>, Refusal> {
    if let Input::Start(start) = input {
        return begin(script, state, start, now);
    }
    if state.started.is_none() {
        return Err(Refusal::NotStarted);
    }
    let is_open = state.closing.is_none();
    let is_queued = |key: &str| state.under_way(key).is_some();
    let is_awaited =
        |key: &str| state.ledger.iter().any(|it| it.order.key == key && it.is_awaited());
    let is_wanted = |read: &Read| reads(script, state).contains(read);
    let by = |read: &Read| calls_of(&read.name).map(|_| read.by.wanted().to_owned());
    Ok(match input.clone() {
        Input::Start(_) | Input::Answer { .. } | Input::Page { .. } => None,
        Input::Interrupt { request, sequence, interrupt } => {
            return interrupts::begin(script, state, (&request, sequence), &interrupt);
        }
        Input::HangUp { request } => return interrupts::hang_up(script, state, &request),
        Input::Reply { .. } | Input::Tell { .. } => None,
        Input::Data { read, mut objects } => {
            objects.truncate(crate::MAX_RELATED);
            let (is_wanted, by, at) = (is_wanted(&read), by(&read), Some(now));
            is_wanted.then_some(Event::DataRead { name: read.name, objects, at, by })
        }
        Input::DataFailed { read, reason } => {
            let (is_wanted, by, at) = (is_wanted(&read), by(&read), Some(now));
            is_wanted.then_some(Event::DataFailed { name: read.name, reason, at, by })
        }
        Input::Confirmed { key, results, object, revision, summary } => is_queued(&key)
            .then_some(Event::ActionConfirmed { key, results, object, revision, summary }),
        Input::Failed { key, reason } => {
            is_queued(&key).then_some(Event::ActionFailed { key, reason })
        }
        Input::Overdue { key } => {
            (is_open && is_awaited(&key)).then_some(Event::ActionOverdue { key })
        }
        Input::Continue { request, channel, language, actor } => {
            return go_on(script, state, request, (channel, &language), actor);
        }
        Input::Due { step, row } => waits::due(state, &step, &row, now),
        Input::GiveUp { before } => waits::is_left(state, before)
            .then(|| Event::Cancelled { reason: NOT_FINISHED.to_owned() }),
        Input::Cancel { reason } => is_open.then_some(Event::Cancelled { reason }),
    })
}

/// The parts of [`Input::Answer`].
pub(crate) struct Given<'a> {
    pub(crate) request: &'a str,
    pub(crate) sequence: u64,
    pub(crate) step: &'a str,
    pub(crate) row: &'a str,
    pub(crate) value: &'a str,
    pub(crate) special: Option<Special>,
    pub(crate) reason: &'a str,
}

/// An answer that is taken.
pub(crate) struct Taken<'s> {
    pub(crate) event: Event,
    leads: Leads<'s>,
}

/// What an answer leads to beside itself.
enum Leads<'s> {
    /// To a step that waits for somebody.
    Nowhere,
    /// To actions, a hand-off or the end; away from actions that were sent.
    On { undone: Vec<&'s Entry> },
}

pub(crate) fn answer<'s>(
    script: &'s Script,
    state: &'s State,
    given: Given<'_>,
    now: Timestamp,
) -> Result<Option<Taken<'s>>, Refusal> {
    let Given { request, sequence, step, row, .. } = given;
    if !is_new(state, request, sequence)? {
        return Ok(None);
    }
    let asked = script.step(step).ok_or_else(|| Refusal::NotAsked(step.to_owned()))?;
    let reached = walk_to(script, state, asked, row).ok_or(Refusal::NotStarted)?;
    if !reached.is_at(asked, row) || reached.stop != Stop::Here {
        return Err(Refusal::NotAsked(step.to_owned()));
    }
    let value = match &asked.kind {
        StepKind::Ask(ask) => read_answer(&reached.environment, ask, given.value, given.special)?,
        StepKind::Info => None,
        StepKind::Row(roster) => Some(read_row(script, state, &reached, roster, &given)?),
        _ => return Err(Refusal::NotAsked(step.to_owned())),
    };
    let mut undone = Vec::new();
    if reached.is_passed {
        // a row is there unless it was said that it is not
        let is_there = matches!(asked.kind, StepKind::Row(_)).then_some(&Datum::Bool(true));
        let stored = state.answers.get(step, row).or_else(|| is_there.map(Some));
        if stored == Some(value.as_ref()) {
            return Ok(None);
        }
        // nothing depends on it before an action was sent
        let walk = if state.ledger.is_empty() { None } else { walk(script, state) };
        let follows = walk.and_then(|it| {
            let spot = (asked.id.as_str(), row.to_owned());
            consequences(&it).remove(&spot)
        });
        let follows = follows.unwrap_or_default();
        if let Some(action) = follows.forbidden_by {
            return Err(Refusal::Locked(action.to_owned()));
        }
        undone = follows.undone;
    }
    let overridden = checked(&reached.environment, asked, value.as_ref(), given.reason.trim())?;
    let wording = value.as_ref().and_then(|_| wording(&reached.environment, asked, now));
    let after = reached.with(value.as_ref());
    let is_quiet = after.is_none_or(|after| followers(&after, now).is_empty());
    let leads = if is_quiet && undone.is_empty() { Leads::Nowhere } else { Leads::On { undone } };
    let (step, row, request) = (step.to_owned(), row.to_owned(), request.to_owned());
    let event = Event::Answered { step, row, value, request, overridden, wording };
    Ok(Some(Taken { event, leads }))
}

/// Whether answers can be taken now, and were not.
pub(crate) fn is_new(state: &State, request: &str, sequence: u64) -> Result<bool, Refusal> {
    if state.requests.contains(request) {
        return Ok(false);
    }
    if state.closing.is_some() {
        return Err(Refusal::Over);
    }
    if state.requests.len() >= crate::MAX_REQUESTS {
        return Err(Refusal::TooLong);
    }
    if sequence < state.answered_at {
        return Err(Refusal::Stale);
    }
    if state.started.is_none() {
        return Err(Refusal::NotStarted);
    }
    Ok(true)
}

/// What was read out to be consented to.
pub(crate) fn wording(
    environment: &Environment<'_>,
    step: &Step,
    now: Timestamp,
) -> Option<Wording> {
    let StepKind::Ask(ask) = &step.kind else { return None };
    let AskKind::YesNo { is_consent: true } = ask.kind else { return None };
    let Consented { text, language } = step.consented(environment);
    Some(Wording { text, language, at: now })
}

/// Whether the checks of the question let an answer pass. What is missing, or special, is no value
/// to be checked.
pub(crate) fn checked<'s>(
    environment: &Environment<'s>,
    step: &'s Step,
    value: Option<&'s Datum>,
    reason: &str,
) -> Result<Option<Overridden>, Refusal> {
    let (StepKind::Ask(ask), Some(answer)) = (&step.kind, value) else { return Ok(None) };
    if ask.checks.is_empty() || matches!(answer, Datum::Special(_)) {
        return Ok(None);
    }
    if reason.chars().count() > crate::MAX_REASON {
        let most = crate::MAX_REASON;
        return Err(Refusal::Answer(format!("the reason is longer than {most} characters")));
    }
    let environment = environment.clone();
    let row = environment.row_path().to_owned();
    let environment = environment.with((step.at, row, value));
    let said = |checks: Vec<&Check>| -> Vec<String> {
        checks.into_iter().map(|it| environment.message(step, it)).collect()
    };
    let mistakes = said(environment.failing(step, ask, false));
    if !mistakes.is_empty() {
        return Err(Refusal::Mistaken(mistakes.join(" ")));
    }
    let doubts = said(environment.failing(step, ask, true));
    let started = environment.state.started.as_ref();
    // nobody at a telephone can be asked for a reason
    let is_asked = started.is_none_or(|it| it.channel != Channel::Ivr);
    match doubts.is_empty() {
        true => Ok(None),
        false if is_asked && reason.is_empty() => Err(Refusal::Doubtful(doubts.join(" "))),
        false => Ok(Some(Overridden { doubts, reason: reason.to_owned() })),
    }
}

/// Whether a row that was added is there.
fn read_row(
    script: &Script,
    state: &State,
    reached: &Walk<'_>,
    roster: &Roster,
    given: &Given<'_>,
) -> Result<Datum, Refusal> {
    let Rows::Added { min, max } = roster.rows else {
        return Err(Refusal::NotAsked(given.step.to_owned()));
    };
    let counts = match (given.value.trim(), given.special) {
        ("true", None) => true,
        ("false", None) => false,
        _ => return Err(Refusal::Answer("yes or no is needed".to_owned())),
    };
    if counts != reached.environment.is_removed(reached.step) {
        return Ok(Datum::Bool(counts));
    }
    let kept = walk(script, state).map_or(0, |it| it.kept(reached));
    match counts {
        false if kept <= min => Err(Refusal::Answer(format!("at least {min} are needed"))),
        true if kept >= max => Err(Refusal::Answer(format!("at most {max} can be there"))),
        counts => Ok(Datum::Bool(counts)),
    }
}

/// The answer that a text means for a question.
pub(crate) fn read_answer(
    environment: &Environment<'_>,
    ask: &Ask,
    text: &str,
    special: Option<Special>,
) -> Result<Option<Datum>, Refusal> {
    let wrong = |wanted: &str| Err(Refusal::Answer(wanted.to_owned()));
    let text = text.trim();
    if let Some(special) = special {
        return match ask.specials.contains(&special) && text.is_empty() {
            true => Ok(Some(Datum::Special(special))),
            false => wrong("the question has no such special answer"),
        };
    }
    if text.is_empty() {
        return if ask.is_required { wrong("an answer is needed") } else { Ok(None) };
    }
    let datum = match &ask.kind {
        AskKind::Choice(choices) if choices.iter().any(|it| it.value == text) => {
            Datum::Choice(text.to_owned())
        }
        AskKind::Choice(_) => return wrong("it is not one of the choices"),
        AskKind::Object { class, .. } => {
            let candidates = environment.candidates(&ask.kind);
            if !candidates.iter().any(|it| candidate_key(it) == text) {
                return wrong("it is not one of the choices");
            }
            Datum::Reference { class: class.clone(), key: text.to_owned() }
        }
        AskKind::Several { choices, picks } => picked(choices, *picks, text)?,
        AskKind::YesNo { .. } => match text {
            "true" => Datum::Bool(true),
            "false" => Datum::Bool(false),
            _ => return wrong("yes or no is needed"),
        },
        AskKind::Typed(typed) => typed.read(text).map_err(Refusal::Answer)?,
    };
    Ok(Some(datum))
}

/// Some of the choices, by their values; in the order of the choices, unless they are ranked.
fn picked(choices: &[Choice], picks: Picks, text: &str) -> Result<Datum, Refusal> {
    let wrong = |wanted: String| Err(Refusal::Answer(wanted));
    // more words than that are refused before anything is done with each
    let words: Vec<&str> = text.split_whitespace().take(choices.len() + 1).collect();
    let place = |word: &str| choices.iter().position(|it| it.value == word);
    let Some(mut places) = words.iter().map(|it| place(it)).collect::<Option<Vec<_>>>() else {
        return wrong("it is not one of the choices".to_owned());
    };
    let Picks { min, max, is_ranked } = picks;
    if places.iter().collect::<BTreeSet<_>>().len() < places.len() {
        return wrong("a choice stands twice".to_owned());
    }
    if !(min..=max).contains(&places.len()) {
        return wrong(match min == max {
            true => format!("{min} of the choices are needed"),
            false => format!("{min} to {max} of the choices are needed"),
        });
    }
    if !is_ranked {
        places.sort_unstable();
    }
    let values = places.into_iter().filter_map(|it| choices.get(it));
    Ok(Datum::List(values.map(|it| Datum::Choice(it.value.clone())).collect()))
}

/// What happens by itself at the step where the session stands.
fn followers(walk: &Walk<'_>, now: Timestamp) -> Vec<Event> {
    if let Some(left) = interrupts::left(walk) {
        return vec![left];
    }
    if walk.stop != Stop::Here {
        return Vec::new();
    }
    let step = walk.step.id.clone();
    match &walk.step.kind {
        // nobody waits for a reply to what only wants to be read
        StepKind::Info if walk.environment.audience().channel == Channel::Message => {
            let row = walk.environment.row_path().to_owned();
            vec![Event::Passed { step, row, texts: message::shown(walk) }]
        }
        StepKind::Ask(_) | StepKind::Info | StepKind::Decide => Vec::new(),
        StepKind::Row(_) | StepKind::Rows | StepKind::Page { .. } => Vec::new(),
        StepKind::Do { actions, wait_seconds } => {
            let state = walk.environment.state;
            let row = walk.environment.row_path();
            let unsent = actions.iter().filter(|it| state.entry(&step, row, &it.name).is_none());
            let environment = walk.environment.clone().at(now);
            let orders = unsent.map(|it| order(&environment, &step, it, *wait_seconds));
            orders.map(Event::ActionQueued).collect()
        }
        StepKind::Wait { until } => waits::come_to(walk, until, now),
        StepKind::HandOff { queue, attributes } => {
            let values = attributes.iter().map(|(name, it)| (name, it.value(&walk.environment)));
            let present = values.filter(|(_, value)| !value.is_null());
            let attributes = present.map(|(name, value)| (name.clone(), value.to_string()));
            let (queue, attributes, goals) = (queue.clone(), attributes.collect(), reached(walk));
            vec![Event::HandedOff { step, queue, attributes, goals }]
        }
        StepKind::End { outcome } => {
            vec![Event::Ended { step, outcome: outcome.clone(), goals: reached(walk) }]
        }
    }
}
