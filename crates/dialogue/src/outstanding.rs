//! What the world still owes a session: reads, actions, timers. It is computed from the state,
//! so it is right after a restart too.

use std::fmt;

use jiff::Timestamp;

use crate::environment::{Environment, Resolved};
use crate::event::Order;
use crate::ledger::Entry;
use crate::script::{Script, calls_of};
use crate::state::State;
use crate::walk::walk;

/// Something for the outside to do. It answers by an [`Input`](crate::Input).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Read business objects and say [`Input::Data`](crate::Input::Data) or, within a bound,
    /// [`Input::DataFailed`](crate::Input::DataFailed).
    Read(Read),
    /// Carry out an action, as often as needed, always under its key; then say
    /// [`Input::Confirmed`](crate::Input::Confirmed) or, if it is refused for good,
    /// [`Input::Failed`](crate::Input::Failed).
    Perform(Order),
    /// Say [`Input::Overdue`](crate::Input::Overdue) at this time, unless it is settled by then.
    WakeAt {
        /// Idempotency key of the action.
        key: String,
        /// When.
        at: Timestamp,
    },
    /// Say [`Input::Due`](crate::Input::Due) at this time, which may be weeks away.
    GoOnAt {
        /// The step that waits.
        step: String,
        /// The row in which it stands; empty outside of rosters.
        row: String,
        /// When.
        at: Timestamp,
    },
}

/// Business objects to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Name of the data in the script, to be given back.
    pub name: String,
    /// Class of the objects.
    pub class: String,
    /// Which of them.
    pub by: ReadBy,
}

/// Which objects to read. Keys and numbers may be a person's, so `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub enum ReadBy {
    /// The one of this key.
    Key(String),
    /// Those to which a telephone number belongs.
    Number(String),
    /// Those whose attribute leads to the object of this key, at most [`crate::MAX_RELATED`].
    Related {
        /// The attribute.
        attribute: String,
        /// The key.
        key: String,
    },
}

impl fmt::Debug for ReadBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "by key",
            Self::Number(_) => "by number",
            Self::Related { .. } => "by relation",
        })
    }
}

impl ReadBy {
    /// The key or the number.
    pub(crate) fn wanted(&self) -> &str {
        match self {
            Self::Key(key) | Self::Related { key, .. } => key,
            Self::Number(number) => number,
        }
    }
}

/// What is to be read: all that inputs lead to, and what scripts read that the path has come to.
pub(crate) fn reads(script: &Script, state: &State) -> Vec<Read> {
    if state.closing.is_some() {
        return Vec::new();
    }
    let walk = if script.reads_on_the_way { walk(script, state) } else { None };
    let beginning = Environment::new(script, state);
    let names = script.sources.keys().filter_map(|name| {
        let environment = match (calls_of(name), &walk) {
            (None, _) => &beginning,
            (Some(_), Some(walk)) => walk.main(),
            (Some(_), None) => return None,
        };
        match environment.resolve(name) {
            Some(Resolved::Pending(read)) => read,
            _ => None,
        }
    });
    names.collect()
}

/// Everything that is outstanding, in a stable order. A closed session still owes its actions.
pub fn outstanding(script: &Script, state: &State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.started.is_none() {
        return effects;
    }
    effects.extend(reads(script, state).into_iter().map(Effect::Read));
    let under_way = state.ledger.iter().filter_map(Entry::under_way);
    effects.extend(under_way.cloned().map(Effect::Perform));
    if state.closing.is_none() {
        let awaited = state.ledger.iter().filter(|it| it.is_awaited());
        let timers = awaited.filter_map(|entry| {
            let key = entry.order.key.clone();
            entry.order.wait_until.map(|at| Effect::WakeAt { key, at })
        });
        effects.extend(timers);
        let waits = state.waits.iter().filter(|(_, it)| !it.is_over);
        effects.extend(waits.map(|((step, row), wait)| Effect::GoOnAt {
            step: step.clone(),
            row: row.clone(),
            at: wait.until,
        }));
    }
    effects
}
