//! What may come at any time and leaves the conversation where it stood.
//!
//! That an interrupt was begun is a fact; where it stands follows from the answers, as for all
//! else. It is walked by itself, behind the steps for which the conversation is there, and knows
//! nothing of those: so it comes to the same whatever was said before, and what comes after it is
//! what would have come without.

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_expression::Value;
use serde::Serialize;

use crate::environment::Environment;
use crate::event::Event;
use crate::formula::Formula;
use crate::handle::is_new;
use crate::languages::{is_same, ranges};
use crate::message::folded;
use crate::refusal::Refusal;
use crate::rows::Row;
use crate::script::{Channel, Script, Step, StepKind};
use crate::state::State;
use crate::texts::{Audience, Text};
use crate::view::Choice;
use crate::walk::{Walk, walk};

/// Why a conversation is broken off whose customer hung up.
const HUNG_UP: &str = "the customer hung up";

/// What may come at any time.
#[derive(Debug)]
pub(crate) struct Interrupt {
    pub(crate) id: String,
    pub(crate) title: Text,
    /// What begins it.
    pub(crate) on: Trigger,
    /// Where it can be begun.
    pub(crate) channels: BTreeSet<Channel>,
    /// Whether it can be begun now.
    pub(crate) when: Option<Formula>,
    /// Other words by which a message begins it, by the language in which they are.
    pub(crate) also: Vec<(String, Vec<String>)>,
    /// Number of the step where it begins.
    pub(crate) at: usize,
}

/// What begins an interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// Somebody who wants it.
    Demand,
    /// That the customer hangs up.
    HangUp,
}

/// An interrupt that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) interrupt: String,
    /// How often it was begun by then: 1 for the first.
    pub(crate) number: u32,
}

/// An interrupt that can be begun now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// For [`Input::Interrupt`](crate::Input::Interrupt).
    pub id: String,
    /// What people call it.
    pub title: String,
}

impl Trigger {
    /// Whether it can be there.
    pub(crate) fn is_on(self, channel: Channel) -> bool {
        match self {
            Self::Demand => matches!(channel, Channel::Agent | Channel::Message | Channel::Web),
            Self::HangUp => matches!(channel, Channel::Agent | Channel::Ivr),
        }
    }
}

impl Interrupt {
    /// Whether somebody can begin it where a walk stands.
    fn is_offered(&self, walk: &Walk<'_>) -> bool {
        self.on == Trigger::Demand
            && walk.environment.state.closing.is_none()
            && walk.left_for.is_none()
            && self.fits(&walk.environment)
    }

    /// Whether it is for this conversation, as far as is known.
    fn fits(&self, environment: &Environment<'_>) -> bool {
        let holds =
            |when: &Formula| !environment.pending(when.reads()) && when.is_true(environment);
        self.channels.contains(&environment.audience().channel)
            && self.when.as_ref().is_none_or(holds)
    }

    /// That it is begun once more.
    fn begun(&self, state: &State, request: &str) -> Result<Event, Refusal> {
        if state.begun.len() >= crate::MAX_BEGUN {
            return Err(Refusal::TooLong);
        }
        let before = state.begun.iter().filter(|it| it.interrupt == self.id).count();
        let number = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        let (request, interrupt) = (request.to_owned(), self.id.clone());
        let hung_up = self.on == Trigger::HangUp;
        Ok(Event::Interrupted { request, interrupt, number, hung_up })
    }

    /// Whether a message says this and nothing else.
    fn is_meant(&self, words: &str, audience: Audience<'_>) -> bool {
        let is_spoken = |tag: &str| ranges(audience.language).any(|range| is_same(tag, range));
        let mut also = self.also.iter().filter(|(tag, _)| is_spoken(tag));
        folded(&self.title.plain(audience)) == words
            || also.any(|(_, also)| also.iter().any(|it| it == words))
    }
}

/// The interrupts that can be begun where a walk stands, in the order of the file.
pub(crate) fn offered(walk: &Walk<'_>) -> Vec<Offered> {
    let audience = walk.environment.audience();
    let all = walk.environment.script.interrupts.iter().filter(|it| it.is_offered(walk));
    all.map(|it| Offered { id: it.id.clone(), title: it.title.plain(audience) }).collect()
}

/// The interrupt that a message begins, if it is none of the choices of the moment.
pub(crate) fn meant<'a>(walk: &Walk<'a>, choices: &[Choice], text: &str) -> Option<&'a str> {
    let audience = walk.environment.audience();
    let words = folded(text);
    let is_choice =
        |it: &Choice| folded(&it.label) == words || it.also.iter().any(|it| folded(it) == words);
    if choices.iter().any(is_choice) {
        return None;
    }
    let mut all = walk.environment.script.interrupts.iter().filter(|it| it.is_offered(walk));
    all.find(|it| it.is_meant(&words, audience)).map(|it| it.id.as_str())
}

/// An interrupt is begun; nothing where the request was answered before.
pub(crate) fn begin(
    script: &Script,
    state: &State,
    (request, sequence): (&str, u64),
    id: &str,
) -> Result<Option<Event>, Refusal> {
    if !is_new(state, request, sequence)? {
        return Ok(None);
    }
    let walk = walk(script, state).ok_or(Refusal::NotStarted)?;
    if let Some(row) = walk.left_for.as_ref().and(walk.environment.row.as_ref()) {
        let title = row.roster.label.plain(walk.environment.audience());
        return Err(Refusal::Interrupted(title));
    }
    let interrupt = script.interrupts.iter().find(|it| it.id == id && it.is_offered(&walk));
    let interrupt = interrupt.ok_or_else(|| Refusal::NotBegun(id.to_owned()))?;
    interrupt.begun(state, request).map(Some)
}

/// The customer hung up: the interrupt for that is begun, behind one that is not over. On the
/// telephone a conversation without one is broken off; at the desk it goes on, as agents do.
pub(crate) fn hang_up(
    script: &Script,
    state: &State,
    request: &str,
) -> Result<Option<Event>, Refusal> {
    if state.closing.is_some() || state.requests.contains(request) {
        return Ok(None);
    }
    let walk = walk(script, state).ok_or(Refusal::NotStarted)?;
    let main = walk.main();
    if walk.is_waiting() {
        return Ok(None);
    }
    let mut all = script.interrupts.iter().filter(|it| it.on == Trigger::HangUp);
    match all.find(|it| it.fits(main)) {
        Some(interrupt) if state.begun.len() < crate::MAX_BEGUN => {
            interrupt.begun(state, request).map(Some)
        }
        _ => Ok(is_on_the_telephone(main).then(broken_off)),
    }
}

/// That a conversation is broken off whose customer hung up: on the telephone, as soon as what is
/// to be done then is done.
pub(crate) fn left(walk: &Walk<'_>) -> Option<Event> {
    let is_over =
        walk.left_for.is_none() && !walk.is_waiting() && is_on_the_telephone(&walk.environment);
    (walk.environment.state.hung_up && is_over).then(broken_off)
}

fn is_on_the_telephone(environment: &Environment<'_>) -> bool {
    environment.audience().channel == Channel::Ivr
}

fn broken_off() -> Event {
    Event::Cancelled { reason: HUNG_UP.to_owned() }
}

/// Where an interrupt that was begun starts, in an environment of its own.
pub(crate) fn entered<'a>(
    main: &Environment<'a>,
    begun: &Begun,
) -> Option<(Environment<'a>, &'a Step)> {
    let script = main.script;
    let interrupt = script.interrupts.iter().find(|it| it.id == begun.interrupt)?;
    let step = script.steps.get(interrupt.at)?;
    let StepKind::Row(roster) = &step.kind else { return None };
    let value = Value::Int(i64::from(begun.number));
    let mut environment = main.afresh();
    environment.row = Some(Arc::new(Row::new(roster, &begun.number.to_string(), value, None)));
    Some((environment, step))
}
