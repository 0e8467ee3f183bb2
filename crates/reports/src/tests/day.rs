//! A small day in the log.

use std::collections::BTreeSet;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Channel, ContactEvent, ContactId, EndCause, Event, OfferId,
    Party, QueueId, ReasonId, StateCause, Time, Why, WrapUpEnd,
};
use caruso_metrics::Figures;
use uuid::Uuid;

use super::at;

pub(super) struct Day {
    pub(super) figures: Figures,
    contacts: u128,
}

pub(super) fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

impl Day {
    pub(super) fn begun() -> Self {
        Self { figures: Figures::default(), contacts: 0 }
    }

    fn tell(&mut self, second: u64, contact: ContactId, event: ContactEvent) {
        self.figures.apply(at(second), &Event::Contact { contact, event });
    }

    pub(super) fn enter(&mut self, second: u64, queue: &str) -> ContactId {
        self.enter_when(at(second), queue)
    }

    fn enter_when(&mut self, when: Time, queue: &str) -> ContactId {
        self.contacts += 1;
        let id = ContactId(Uuid::from_u128(self.contacts));
        let (called, channel) = (String::new(), Channel::Voice);
        let arrived = ContactEvent::Arrived { calling: None, signalled: None, called, channel };
        self.figures.apply(when, &Event::Contact { contact: id, event: arrived });
        let queue = QueueId::new(queue).expect("a name");
        let entered = ContactEvent::QueueEntered {
            queue,
            priority: 0,
            counts_from: None,
            attributes: std::collections::BTreeMap::new().into(),
            answers: None,
            since: None,
            declared: Default::default(),
        };
        self.figures.apply(when, &Event::Contact { contact: id, event: entered });
        id
    }

    /// So many seconds after the midnight of tests, or before it.
    pub(super) fn enter_at(&mut self, second: i64) -> ContactId {
        let millis = (super::MIDNIGHT as i64 + second) * 1000;
        let at = Time::from_millis(u64::try_from(millis).expect("after 1970"));
        self.enter_when(at, "faults")
    }

    pub(super) fn answer(&mut self, second: u64, id: ContactId, name: &str) {
        let offer = OfferId(Uuid::nil());
        let queue = QueueId::new("faults").expect("a name");
        let why: Why = serde_json::from_value(serde_json::json!({
            "decided_at": 0, "priority": 0, "waiting_since": 0, "waiting_behind": 0,
            "candidates": [], "more_candidates": 0, "excluded": [], "more_excluded": 0,
        }))
        .expect("a reason");
        let (agent, deadline) = (agent(name), at(second));
        let offered = ContactEvent::Offered { offer, queue, agent: agent.clone(), deadline, why };
        self.tell(second, id, offered);
        self.tell(second, id, ContactEvent::Connected { offer, agent });
    }

    pub(super) fn finish(&mut self, second: u64, id: ContactId, name: &str) {
        self.hang_up(second, id);
        let agent = agent(name);
        let deadline = at(second);
        self.tell(second, id, ContactEvent::WrapUpStarted { agent: agent.clone(), deadline });
        let cause = WrapUpEnd::Finished;
        self.tell(second + 10, id, ContactEvent::WrapUpEnded { agent, cause });
    }

    pub(super) fn hang_up(&mut self, second: u64, id: ContactId) {
        let (by, cause) = (Party::Customer, EndCause::HungUp);
        self.tell(second, id, ContactEvent::Ended { by, cause });
    }

    pub(super) fn work(&mut self, name: &str, team: &str, states: &[(u64, &str)]) {
        let teams = BTreeSet::from([team.to_owned()]);
        let signed_in = AgentEvent::SignedIn { queues: BTreeSet::new(), teams };
        let told = |event| Event::Agent { agent: agent(name), event };
        self.figures.apply(at(states[0].0), &told(signed_in));
        for (second, state) in states {
            let to = match *state {
                "ready" => AgentState::Ready,
                "out" => AgentState::SignedOut,
                reason => AgentState::NotReady { reason: ReasonId::new(reason).expect("a name") },
            };
            let (from, cause) = (AgentState::SignedOut, StateCause::Chosen);
            self.figures.apply(at(*second), &told(AgentEvent::StateChanged { from, to, cause }));
        }
    }
}
