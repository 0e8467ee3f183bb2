//! The state of a session: a fold over its events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::answers::Answers;
use crate::datum::Snapshot;
use crate::event::{Event, Order, Overridden, Started, Wording};
use crate::interrupts::Begun;
use crate::ledger::{Entry, note};
use crate::script::Channel;
use crate::waits::{Wait, Waits};

/// Everything that is known about a session. The step it stands at is not in it: that is
/// computed from it by the walk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub(crate) started: Option<Started>,
    /// The channel on which it began; [`Started`] has the one on which it is.
    began_on: Channel,
    /// Answers by step, those included that are off the path.
    pub(crate) answers: Answers,
    /// Answers that were kept although a check doubted them, by step and row.
    pub(crate) overridden: BTreeMap<(String, String), Overridden>,
    /// To what was consented, or not, by step and row.
    pub(crate) wordings: BTreeMap<(String, String), Wording>,
    /// What was read, by the name of the data; nothing where reading failed.
    pub(crate) data: BTreeMap<String, Vec<Snapshot>>,
    /// When that was.
    pub(crate) read_at: BTreeMap<String, Timestamp>,
    /// By what key or number, where answers may change that.
    pub(crate) read_by: BTreeMap<String, String>,
    /// The names of data where reading failed.
    pub(crate) unread: BTreeSet<String>,
    /// Actions in the order of sending.
    pub(crate) ledger: Vec<Entry>,
    /// Interrupts in the order in which they were begun.
    pub(crate) begun: Vec<Begun>,
    pub(crate) waits: Waits,
    /// The customer hung up, and an interrupt was begun by that.
    pub(crate) hung_up: bool,
    pub(crate) closing: Option<Closing>,
    /// Ids of the requests that were answered.
    pub(crate) requests: BTreeSet<String>,
    /// Messages that were sent, by the id of the reply.
    told: BTreeMap<String, Vec<String>>,
    /// Texts of steps that were passed by themselves, until they are sent.
    pub(crate) untold: Vec<String>,
    /// The last reply, where it was not taken.
    pub(crate) unclear: Option<Unclear>,
    /// Whether the customer was told how it ended.
    pub(crate) is_end_told: bool,
    sequence: u64,
    pub(crate) answered_at: u64,
}

/// A reply that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unclear {
    pub(crate) step: String,
    /// Replies to the step that were not understood, one after the other.
    pub(crate) misses: u32,
    /// What the customer is to be told about it; empty once that was done.
    pub(crate) said: String,
    /// The answer that is kept if the customer says yes to it.
    pub(crate) doubted: Option<String>,
}

/// What came of a session that was broken off, where the outcome of an end would stand.
pub const CANCELLED: &str = "cancelled";

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// The contact went to a queue.
    HandedOff {
        /// The step.
        step: String,
        /// The queue.
        queue: String,
        /// What routing and the agent get to know.
        attributes: BTreeMap<String, String>,
    },
    /// The end was reached.
    Ended {
        /// The step.
        step: String,
        /// What came of it.
        outcome: String,
    },
    /// It was broken off.
    Cancelled {
        /// Why.
        reason: String,
    },
}

impl State {
    /// The state after these events.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut state = Self::default();
        events.into_iter().for_each(|event| state.apply(event));
        state
    }

    /// Takes up one more fact. Facts about unknown actions change nothing.
    pub fn apply(&mut self, event: &Event) {
        self.sequence += 1;
        match event {
            Event::Started(started) => {
                self.requests.insert(started.request.clone());
                self.began_on = started.channel;
                self.started = Some(started.clone());
            }
            Event::DataRead { name, objects, at, by } => self.read(name, objects, *at, by.as_ref()),
            Event::DataFailed { name, at, by, .. } => self.not_read(name, *at, by.as_ref()),
            Event::DataExpired { name } => self.forget_read(name),
            Event::Answered { step, row, value, request, overridden, wording } => {
                self.answers.insert(step, row, value.clone());
                keep(&mut self.wordings, (step, row), wording.as_ref());
                keep(&mut self.overridden, (step, row), overridden.as_ref());
                self.requests.insert(request.clone());
                self.answered_at = self.sequence;
                self.unclear = None;
            }
            Event::Passed { step, row, texts } => {
                self.answers.insert(step, row, None);
                self.untold.extend(texts.iter().cloned());
                self.answered_at = self.sequence;
            }
            Event::Interrupted { request, interrupt, number, hung_up } => {
                self.hung_up |= hung_up;
                self.begun.push(Begun { interrupt: interrupt.clone(), number: *number });
                self.requests.insert(request.clone());
                self.answered_at = self.sequence;
                self.unclear = None;
            }
            Event::WaitBegan { step, row, until } => {
                self.wait(step, row, Wait { until: *until, is_over: false });
            }
            Event::WaitOver { step, row } => self.wait_over(step, row),
            Event::Unclear { step, request, said, doubted } => {
                self.requests.insert(request.clone());
                self.misunderstood(step, said, doubted.as_ref());
            }
            Event::Told { request, messages } => {
                self.told.insert(request.clone(), messages.clone());
                self.untold.clear();
                self.is_end_told |= self.closing.is_some();
                if let Some(unclear) = &mut self.unclear {
                    unclear.said.clear();
                }
            }
            Event::ActionQueued(_)
            | Event::ActionConfirmed { .. }
            | Event::ActionFailed { .. }
            | Event::ActionOverdue { .. }
            | Event::ActionRevoked { .. }
            | Event::CompensationQueued { .. } => note(&mut self.ledger, event),
            Event::HandedOff { step, queue, attributes, .. } => {
                let (step, queue) = (step.clone(), queue.clone());
                let attributes = attributes.clone();
                self.close(Closing::HandedOff { step, queue, attributes });
            }
            Event::Ended { step, outcome, .. } => {
                self.close(Closing::Ended { step: step.clone(), outcome: outcome.clone() });
            }
            Event::Continued { request, channel, language, actor } => {
                self.requests.insert(request.clone());
                self.goes_on(*channel, language, actor.as_ref());
            }
            Event::Cancelled { reason } => {
                self.close(Closing::Cancelled { reason: reason.clone() });
            }
        }
    }

    fn wait(&mut self, step: &str, row: &str, wait: Wait) {
        self.waits.insert((step.to_owned(), row.to_owned()), wait);
        self.answered_at = self.sequence;
    }

    fn wait_over(&mut self, step: &str, row: &str) {
        if let Some(wait) = self.waits.get_mut(&(step.to_owned(), row.to_owned())) {
            wait.is_over = true;
        }
        self.answered_at = self.sequence;
    }

    /// It goes on elsewhere.
    fn goes_on(&mut self, channel: Channel, language: &str, actor: Option<&String>) {
        if let Some(started) = &mut self.started {
            started.channel = channel;
            language.clone_into(&mut started.language);
            started.actor = actor.cloned();
        }
        self.hung_up = false;
        // what was shown before was shown elsewhere
        self.answered_at = self.sequence;
        self.unclear = None;
    }

    /// One more reply that was not taken. What is doubted was understood, and is no miss.
    fn misunderstood(&mut self, step: &str, said: &str, doubted: Option<&String>) {
        let before = self.unclear.as_ref().filter(|it| it.step == step).map_or(0, |it| it.misses);
        let is_miss = doubted.is_none() && !said.is_empty();
        self.unclear = Some(Unclear {
            step: step.to_owned(),
            misses: before + u32::from(is_miss),
            said: said.to_owned(),
            doubted: doubted.cloned(),
        });
    }

    fn close(&mut self, closing: Closing) {
        self.closing = Some(closing);
        self.answered_at = self.sequence;
    }

    /// Number of events so far; it tells which of two views is newer.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// How the session began; nothing before [`Event::Started`].
    pub fn started(&self) -> Option<&Started> {
        self.started.as_ref()
    }

    /// The channel on which it began, wherever it went on since.
    pub fn began_on(&self) -> Channel {
        self.began_on
    }

    /// How it ended, if it did.
    pub fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    /// Whether it has come to a wait.
    pub fn has_waited(&self) -> bool {
        !self.waits.is_empty()
    }

    /// The messages that were sent for a reply, or for the start, by its id.
    pub fn told(&self, request: &str) -> Option<&[String]> {
        self.told.get(request).map(Vec::as_slice)
    }

    /// The action of a step as it was sent, in a row if the step stands in a roster, unless that
    /// was revoked.
    pub(crate) fn entry(&self, step: &str, row: &str, name: &str) -> Option<&Entry> {
        let mut live = self.ledger.iter().filter(|it| it.revoked.is_none());
        live.find(|it| it.order.is_of(step, row, name))
    }

    /// What is to be carried out under a key.
    pub(crate) fn under_way(&self, key: &str) -> Option<&Order> {
        self.ledger.iter().filter_map(Entry::under_way).find(|it| it.key == key)
    }
}

/// What is kept with the answer to a step; nothing of an earlier one stays.
fn keep<T: Clone>(
    kept: &mut BTreeMap<(String, String), T>,
    (step, row): (&str, &str),
    new: Option<&T>,
) {
    if new.is_none() && kept.is_empty() {
        return;
    }
    let place = (step.to_owned(), row.to_owned());
    match new {
        Some(new) => drop(kept.insert(place, new.clone())),
        None => drop(kept.remove(&place)),
    }
}
