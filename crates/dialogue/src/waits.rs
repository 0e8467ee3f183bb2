//! Waits: the conversation stands still until a time, which is fixed when it comes there, and then
//! goes on by itself.

use std::collections::BTreeMap;

use caruso_expression::Value;
use jiff::{Timestamp, ToSpan as _};

use crate::event::Event;
use crate::formula::Formula;
use crate::script::Script;
use crate::state::State;
use crate::walk::Walk;

/// The waits that were come to: by step and row.
pub(crate) type Waits = BTreeMap<(String, String), Wait>;

/// A wait that was come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) until: Timestamp,
    pub(crate) is_over: bool,
}

/// What happens by itself at a wait: its time is fixed, or is over already.
pub(crate) fn come_to(walk: &Walk<'_>, until: &Formula, now: Timestamp) -> Vec<Event> {
    let (step, row) = (walk.step.id.clone(), walk.environment.row_path().to_owned());
    let known = walk.environment.state.waits.get(&(step.clone(), row.clone()));
    match known {
        None => {
            let environment = walk.environment.clone().at(now);
            let until = time(&until.value(&environment), environment.script, now);
            vec![Event::WaitBegan { step, row, until }]
        }
        Some(wait) if wait.until <= now => vec![Event::WaitOver { step, row }],
        Some(_) => Vec::new(),
    }
}

/// The time that a value means, in whole seconds; the beginning of a day. What has no value, or is
/// over, is now.
fn time(until: &Value, script: &Script, now: Timestamp) -> Timestamp {
    let at = match until {
        Value::Instant(at) => Some(*at),
        Value::Date(day) => day.to_zoned(script.zone.clone()).ok().map(|it| it.timestamp()),
        _ => None,
    };
    let latest = now.checked_add(crate::MAX_WAIT_HOURS.hours()).unwrap_or(now);
    let at = at.unwrap_or(now).clamp(now, latest);
    let is_whole = at.subsec_nanosecond() == 0;
    let second = at.as_second() + i64::from(!is_whole);
    Timestamp::from_second(second).unwrap_or(at)
}

/// The time of a wait has come. Nothing where that is not so, or was seen before.
pub(crate) fn due(state: &State, step: &str, row: &str, now: Timestamp) -> Option<Event> {
    let (step, row) = (step.to_owned(), row.to_owned());
    let wait = state.waits.get(&(step.clone(), row.clone()))?;
    let is_due = state.closing.is_none() && !wait.is_over && wait.until <= now;
    is_due.then_some(Event::WaitOver { step, row })
}

/// Whether nobody has finished a session: it waits for nothing, and has not since some time.
pub(crate) fn is_left(state: &State, before: Timestamp) -> bool {
    state.closing.is_none() && state.waits.values().all(|it| it.is_over && it.until < before)
}
