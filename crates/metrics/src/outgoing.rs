//! Calls that we make: what came of them, and the time that agents spent on them.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_contact::{AgentId, ContactEvent, ContactId, QueueId, Time};

use crate::report::{average, millis};
use crate::{Figures, Period};

/// Calls in the order in which agents wanted them; the number tells those of one moment apart.
type CallKey = (Time, u64);

/// One call that an agent wanted to make.
#[derive(Clone, Debug)]
struct Call {
    queue: QueueId,
    agent: AgentId,
    outcome: CallOutcome,
    /// Nobody wraps it up.
    is_aside: bool,
    /// When the customer's phone was called.
    called_at: Option<Time>,
    /// When the agent's part in the conversation, or the ringing, was over.
    wrap_up_started_at: Option<Time>,
    /// Formula `outgoing-handle-time`: from the customer's phone being called to the end of the
    /// conversation or of the ringing, plus wrap-up from its start to its end, of the agent who
    /// made the call. A call that an agent made beside what they do has no wrap-up.
    handle_time: Option<Duration>,
}

/// What came of a call that an agent wanted to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallOutcome {
    /// Nothing yet.
    Ringing,
    /// A rule forbade it.
    Denied,
    /// The agent's own phone did not take it, or the agent changed their mind before.
    NotMade,
    /// The customer was called, and nobody answered.
    NotReached,
    /// The customer answered.
    Answered,
}

/// The fold over calls that we make.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    all: BTreeMap<CallKey, Call>,
    going_on: BTreeMap<ContactId, CallKey>,
    count: u64,
}

/// One interval of one queue. A call belongs to the interval in which the agent wanted it (rule
/// `by-entry`), and to the queue of its purpose, though it never waits there.
/// wanted = answered + not reached + not made + denied + still ringing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingCalls {
    /// Beginning of the interval.
    pub interval_start: Time,
    /// The queue on whose behalf.
    pub queue: QueueId,
    /// All that agents wanted to make.
    pub wanted: u32,
    /// Formula `outgoing-answered`: customers who answered.
    pub answered: u32,
    /// Formula `outgoing-not-reached`: customers who were called and did not: busy, no answer,
    /// declined, unreachable, congestion, or the agent gave up.
    pub not_reached: u32,
    /// Formula `outgoing-not-made`: the agent's own phone did not take the call.
    pub not_made: u32,
    /// Formula `outgoing-denied`: a rule forbade the call.
    pub denied: u32,
    /// Formula `outgoing-AHT`: Σ outgoing handle time / calls whose wrap-up is over, reached or
    /// not; rounded half up to milliseconds; nothing if there are none. It is a part of the time
    /// that agents are occupied, and of no figure of incoming calls.
    pub average_handle_time: Option<Duration>,
}

impl Calls {
    pub(crate) fn apply(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        if let ContactEvent::Dialled { queue, agent, evidence, is_aside, .. } = event {
            let is_denied = evidence.denied.is_some();
            let call = Call {
                queue: queue.clone(),
                agent: agent.clone(),
                outcome: if is_denied { CallOutcome::Denied } else { CallOutcome::Ringing },
                is_aside: *is_aside,
                called_at: None,
                wrap_up_started_at: None,
                handle_time: None,
            };
            self.count += 1;
            self.all.insert((at, self.count), call);
            if !is_denied {
                self.going_on.insert(id, (at, self.count));
            }
            return;
        }
        let Some(key) = self.going_on.get(&id) else { return };
        let is_done = self.all.get_mut(key).is_none_or(|call| call.go_on(at, event));
        if is_done {
            self.going_on.remove(&id);
        }
    }

    /// Drops the calls that were wanted before this moment and will not change any more.
    pub(crate) fn forget_before(&mut self, at: Time) {
        let going_on = &self.going_on;
        self.all.retain(|key, _| key.0 >= at || going_on.values().any(|it| it == key));
    }
}

impl Call {
    /// Whether nothing about it will change any more.
    fn go_on(&mut self, at: Time, event: &ContactEvent) -> bool {
        match event {
            ContactEvent::CustomerCalled { .. } => self.called_at = Some(at),
            ContactEvent::Connected { .. } if self.outcome == CallOutcome::Ringing => {
                self.outcome = CallOutcome::Answered;
            }
            ContactEvent::Ended { .. } => return self.ended(at),
            ContactEvent::WrapUpStarted { agent, .. } if *agent == self.agent => {
                self.wrap_up_started_at.get_or_insert(at);
            }
            ContactEvent::WrapUpEnded { agent, .. } if *agent == self.agent => {
                if let (Some(called), Some(_)) = (self.called_at, self.wrap_up_started_at) {
                    self.handle_time = Some(at.since(called));
                }
                return true;
            }
            _ => {}
        }
        false
    }
}

impl Call {
    /// Whether nobody wraps it up.
    fn ended(&mut self, at: Time) -> bool {
        if self.outcome == CallOutcome::Ringing {
            let was_called = self.called_at.is_some();
            self.outcome = if was_called { CallOutcome::NotReached } else { CallOutcome::NotMade };
        }
        if self.is_aside {
            self.handle_time = self.called_at.map(|called| at.since(called));
        }
        self.is_aside || self.called_at.is_none()
    }
}

impl Figures {
    /// The report of outgoing calls, by interval and then queue. A queue has no row for an interval
    /// in which nobody wanted to make a call on its behalf.
    pub fn outgoing_calls(&self, period: Period) -> Vec<OutgoingCalls> {
        let mut rows: BTreeMap<(Time, &QueueId), Sums> = BTreeMap::new();
        let (from, to) = (period.from(), period.to().max(period.from()));
        for ((at, _), call) in self.calls.all.range((from, 0)..(to, 0)) {
            let Some(interval) = period.interval_of(*at) else { continue };
            rows.entry((interval, &call.queue)).or_default().add(call);
        }
        rows.into_iter().map(|((interval, queue), sums)| sums.row(interval, queue)).collect()
    }
}

#[derive(Default)]
struct Sums {
    wanted: u32,
    answered: u32,
    not_reached: u32,
    not_made: u32,
    denied: u32,
    handled: u64,
    handle_millis: u64,
}

impl Sums {
    fn add(&mut self, call: &Call) {
        self.wanted += 1;
        match call.outcome {
            CallOutcome::Ringing => {}
            CallOutcome::Denied => self.denied += 1,
            CallOutcome::NotMade => self.not_made += 1,
            CallOutcome::NotReached => self.not_reached += 1,
            CallOutcome::Answered => self.answered += 1,
        }
        if let Some(handle_time) = call.handle_time {
            self.handled += 1;
            self.handle_millis = self.handle_millis.saturating_add(millis(handle_time));
        }
    }

    fn row(self, interval_start: Time, queue: &QueueId) -> OutgoingCalls {
        OutgoingCalls {
            interval_start,
            queue: queue.clone(),
            wanted: self.wanted,
            answered: self.answered,
            not_reached: self.not_reached,
            not_made: self.not_made,
            denied: self.denied,
            average_handle_time: average(self.handle_millis, self.handled),
        }
    }
}
