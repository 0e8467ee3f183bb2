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

/// What may come at any time.
#[derive(Debug)]
pub(crate) struct Interrupt {
    pub(crate) id: String,
    pub(crate) title: Text,
    /// Where it can be begun.
    pub(crate) channels: BTreeSet<Channel>,
    /// Whether it can be begun now.
    pub(crate) when: Option<Formula>,
    /// Other words by which a message begins it, by the language in which they are.
    pub(crate) also: Vec<(String, Vec<String>)>,
    /// Number of the step where it begins.
    pub(crate) at: usize,
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

impl Channel {
    /// Whether somebody can begin an interrupt there.
    pub(crate) fn has_interrupts(self) -> bool {
        matches!(self, Self::Agent | Self::Message)
    }
}

impl Interrupt {
    /// Whether it can be begun where a walk stands.
    fn is_offered(&self, walk: &Walk<'_>) -> bool {
        let environment = &walk.environment;
        let fits = |when: &Formula| !environment.pending(when.reads()) && when.is_true(environment);
        environment.state.closing.is_none()
            && walk.left_for.is_none()
            && self.channels.contains(&environment.audience().channel)
            && self.when.as_ref().is_none_or(fits)
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
    if state.begun.len() >= crate::MAX_BEGUN {
        return Err(Refusal::TooLong);
    }
    let before = state.begun.iter().filter(|it| it.interrupt == id).count();
    let number = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
    let (request, interrupt) = (request.to_owned(), interrupt.id.clone());
    Ok(Some(Event::Interrupted { request, interrupt, number }))
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
