//! Calls that we make: what came of them, and the time that agents spent on them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, ContactEvent, ContactId, QueueId, Time};

use crate::fact::{FactKey, Told};

/// One call that an agent wanted to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingCall {
    /// When the agent wanted it.
    pub wanted_at: Time,
    /// The contact that it is.
    pub contact: ContactId,
    /// The queue of its purpose, though it never waits there.
    pub queue: QueueId,
    /// Who wanted it.
    pub agent: AgentId,
    /// The agent's teams then, joined by ` + `.
    pub team: Option<Arc<str>>,
    /// What came of it.
    pub outcome: CallOutcome,
    /// Nobody wraps it up.
    is_aside: bool,
    /// When the customer's phone was called.
    called_at: Option<Time>,
    /// When the agent's part in the conversation, or the ringing, was over.
    wrap_up_started_at: Option<Time>,
    /// Formula `outgoing-handle-time`: from the customer's phone being called to the end of the
    /// conversation or of the ringing, plus wrap-up from its start to its end, of the agent who
    /// made the call. A call that an agent made beside what they do has no wrap-up.
    pub handle_time: Option<Duration>,
}

/// What came of a call that an agent wanted to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
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
    pub(crate) all: BTreeMap<FactKey, OutgoingCall>,
    going_on: BTreeMap<ContactId, FactKey>,
    count: u64,
}

impl Calls {
    pub(crate) fn apply(&mut self, told: &Told<'_>) {
        let Told { at, id, event, .. } = *told;
        if let ContactEvent::Dialled { queue, agent, evidence, is_aside, .. } = event {
            let is_denied = evidence.denied.is_some();
            let call = OutgoingCall {
                wanted_at: at,
                contact: id,
                queue: queue.clone(),
                agent: agent.clone(),
                team: told.team(agent),
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

impl OutgoingCall {
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

impl OutgoingCall {
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
