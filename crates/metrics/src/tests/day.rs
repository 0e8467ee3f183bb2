//! A day of events as the communication server would write them.

use std::collections::BTreeMap;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Channel, ConsultationEnd, ContactEvent, ContactId,
    DestinationId, EndCause, Estimate, Event, HoldPlace, IvrEnd, OfferEnd, OfferId, Overflow,
    Party, QueueId, ScriptId, StateCause, Time, Why, WrapUpEnd,
};
use uuid::Uuid;

use crate::Figures;

pub(super) fn queue(name: &str) -> QueueId {
    QueueId::new(name).expect("a name")
}

pub(super) fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) events: Vec<(Time, Event)>,
    agents: BTreeMap<ContactId, AgentId>,
    ids: u128,
}

impl Day {
    pub(super) fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        for (at, event) in &self.events {
            figures.apply(*at, event);
        }
        figures
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn tell(&mut self, seconds: u64, contact: ContactId, event: ContactEvent) {
        let event = Event::Contact { contact, event };
        self.events.push((Time::from_millis(seconds * 1000), event));
    }

    pub(super) fn arrive(&mut self, seconds: u64) -> ContactId {
        let id = ContactId(self.id());
        let calling = Some("0612345678".to_owned().into());
        let called = "0305550100".into();
        self.tell(
            seconds,
            id,
            ContactEvent::Arrived { calling, signalled: None, called, channel: Channel::Voice },
        );
        let script = ScriptId::new("main-menu").expect("a name");
        self.tell(seconds, id, ContactEvent::IvrStarted { script });
        id
    }

    pub(super) fn enter(&mut self, seconds: u64, id: ContactId, name: &str) {
        self.tell(seconds, id, ContactEvent::IvrEnded { outcome: IvrEnd::HandedOff });
        let attributes = BTreeMap::new().into();
        let (queue, priority, answers) = (queue(name), 0, None);
        let (counts_from, since) = (None, None);
        let entered = ContactEvent::QueueEntered {
            queue,
            priority,
            counts_from,
            attributes,
            answers,
            since,
            declared: Default::default(),
        };
        self.tell(seconds, id, entered);
    }

    pub(super) fn speak(&mut self, seconds: u64, id: ContactId) {
        self.tell(seconds, id, ContactEvent::Overflowed { cause: Overflow::Waited });
        let (deadline, keep_until) = (Time::from_millis(u64::MAX), Time::from_millis(u64::MAX));
        self.tell(seconds, id, ContactEvent::VoicemailStarted { deadline, keep_until });
    }

    pub(super) fn leave_message(&mut self, seconds: u64, id: ContactId, name: &str) {
        self.tell(seconds, id, ContactEvent::VoicemailLeft { length: 12_000 });
        self.enter_again(seconds, id, name);
    }

    pub(super) fn offer(&mut self, seconds: u64, id: ContactId, to: &str) {
        let now = Time::from_millis(seconds * 1000);
        let offered = ContactEvent::Offered {
            offer: OfferId(self.id()),
            queue: queue("faults"),
            agent: agent(to),
            deadline: now,
            why: Why {
                decided_at: now,
                priority: 0,
                waiting_since: now,
                counts_from: None,
                waiting_behind: 0,
                asked: None,
                strategy: Default::default(),
                preferred: None,
                candidates: Vec::new(),
                more_candidates: 0,
                excluded: Vec::new(),
                more_excluded: 0,
                overflowed_from: None,
                preferred_agent: None,
                prioritized_by: None,
                transferred_by: None,
            },
        };
        self.agents.insert(id, agent(to));
        self.tell(seconds, id, offered);
    }

    fn agent_of(&self, id: ContactId) -> AgentId {
        self.agents[&id].clone()
    }

    pub(super) fn end_offer(&mut self, seconds: u64, id: ContactId, reason: OfferEnd) {
        let (offer, agent) = (OfferId(Uuid::nil()), self.agent_of(id));
        self.tell(seconds, id, ContactEvent::OfferEnded { offer, agent, reason });
    }

    pub(super) fn connect(&mut self, seconds: u64, id: ContactId) {
        let (offer, agent) = (OfferId(Uuid::nil()), self.agent_of(id));
        self.tell(seconds, id, ContactEvent::Connected { offer, agent });
    }

    pub(super) fn hold(&mut self, seconds: u64, id: ContactId) {
        let (agent, place) = (self.agent_of(id), HoldPlace::Desk);
        self.tell(seconds, id, ContactEvent::Held { agent, place });
    }

    pub(super) fn retrieve(&mut self, seconds: u64, id: ContactId) {
        let agent = self.agent_of(id);
        self.tell(seconds, id, ContactEvent::Retrieved { agent });
    }

    /// A colleague is asked and answers at once.
    pub(super) fn consult(&mut self, seconds: u64, id: ContactId) {
        let (agent, offer, note) = (self.agent_of(id), OfferId(Uuid::nil()), String::new().into());
        let (colleague, deadline) = (super::day::agent("bram"), Time::from_millis(seconds * 1000));
        let asked = ContactEvent::ConsultationAsked {
            agent,
            offer,
            asked: colleague.clone().into(),
            called: None,
            deadline,
            note,
            script_session: None,
            line: None,
        };
        self.tell(seconds, id, asked);
        self.tell(
            seconds,
            id,
            ContactEvent::ConsultationAnswered { offer, asked: colleague.into() },
        );
    }

    /// The agent passes it on to an outside number, which rings.
    pub(super) fn go_outside(&mut self, seconds: u64, id: ContactId) -> AgentId {
        let agent = self.transfer(seconds, id);
        let called = ContactEvent::OutsideCalled {
            agent: agent.clone(),
            offer: OfferId(Uuid::nil()),
            destination: DestinationId::new("partner").expect("a name"),
            called: "+31201234567".to_owned().into(),
            deadline: Time::from_millis(seconds * 1000),
        };
        self.tell(seconds, id, called);
        agent
    }

    pub(super) fn answer_outside(&mut self, seconds: u64, id: ContactId) {
        self.tell(seconds, id, ContactEvent::OutsideConnected { offer: OfferId(Uuid::nil()) });
    }

    pub(super) fn come_back(&mut self, seconds: u64, id: ContactId, name: &str) {
        let (offer, cause) = (OfferId(Uuid::nil()), EndCause::Busy);
        self.tell(seconds, id, ContactEvent::OutsideNotReached { offer, cause });
        self.enter_again(seconds, id, name);
    }

    pub(super) fn end_consultation(
        &mut self,
        seconds: u64,
        id: ContactId,
        reason: ConsultationEnd,
    ) {
        let (offer, colleague) = (OfferId(Uuid::nil()), agent("bram"));
        self.tell(
            seconds,
            id,
            ContactEvent::ConsultationEnded { offer, asked: colleague.into(), reason },
        );
    }

    /// The agent gives the customer to the colleague; who it was comes back.
    pub(super) fn complete(&mut self, seconds: u64, id: ContactId) -> AgentId {
        self.end_consultation(seconds, id, ConsultationEnd::Completed);
        let before = self.transfer(seconds, id);
        self.agents.insert(id, agent("bram"));
        self.connect(seconds, id);
        before
    }

    /// The customer is told that the wait is over in so many seconds at most.
    pub(super) fn promise(&mut self, seconds: u64, id: ContactId, within: u64) {
        let (from, until) = (super::at(seconds), super::at(seconds + within));
        let estimate = Some(Estimate { from, expected: until, until });
        let script = ScriptId::new("place").expect("a name");
        self.tell(seconds, id, ContactEvent::WaitAnnounced { script, position: 1, estimate });
    }

    /// The agent passes the contact on and wraps up; where it goes is told next.
    pub(super) fn transfer(&mut self, seconds: u64, id: ContactId) -> AgentId {
        let agent = self.agent_of(id);
        let note = String::new().into();
        let transferred = ContactEvent::Transferred { agent: agent.clone(), note };
        self.tell(seconds, id, transferred);
        let deadline = Time::from_millis(seconds * 1000);
        let started = ContactEvent::WrapUpStarted { agent: agent.clone(), deadline };
        self.tell(seconds, id, started);
        agent
    }

    pub(super) fn finish_as(&mut self, seconds: u64, id: ContactId, agent: AgentId) {
        let cause = WrapUpEnd::Finished;
        self.tell(seconds, id, ContactEvent::WrapUpEnded { agent, cause });
    }

    /// A contact that was passed on waits in a queue.
    pub(super) fn enter_again(&mut self, seconds: u64, id: ContactId, name: &str) {
        let (queue, attributes) = (queue(name), BTreeMap::new().into());
        let entered = ContactEvent::QueueEntered {
            queue,
            priority: 0,
            counts_from: None,
            attributes,
            answers: None,
            since: None,
            declared: Default::default(),
        };
        self.tell(seconds, id, entered);
    }

    /// Ends the customer's side; after a conversation wrap-up begins.
    pub(super) fn end(&mut self, seconds: u64, id: ContactId, by: Party) {
        let of_it = self.events.iter().filter(|(_, event)| event.contact() == Some(id));
        let has_talked = of_it.fold(false, |talks, (_, event)| match event {
            Event::Contact { event: ContactEvent::Connected { .. }, .. } => true,
            Event::Contact { event: ContactEvent::Transferred { .. }, .. } => false,
            _ => talks,
        });
        self.tell(seconds, id, ContactEvent::Ended { by, cause: EndCause::HungUp });
        if has_talked {
            let (agent, deadline) = (self.agent_of(id), Time::from_millis(seconds * 1000));
            self.tell(seconds, id, ContactEvent::WrapUpStarted { agent, deadline });
        }
    }

    pub(super) fn finish(&mut self, seconds: u64, id: ContactId) {
        let (agent, cause) = (self.agent_of(id), WrapUpEnd::Finished);
        self.tell(seconds, id, ContactEvent::WrapUpEnded { agent, cause });
    }

    fn tell_agent(&mut self, seconds: u64, name: &str, event: AgentEvent) {
        let event = Event::Agent { agent: agent(name), event };
        self.events.push((Time::from_millis(seconds * 1000), event));
    }

    pub(super) fn sign_in(&mut self, seconds: u64, name: &str, queues: &[&str]) {
        let queues = queues.iter().map(|name| queue(name)).collect();
        self.tell_agent(seconds, name, AgentEvent::SignedIn { queues, teams: Default::default() });
    }

    pub(super) fn change(&mut self, seconds: u64, name: &str, from: AgentState, to: AgentState) {
        let cause = StateCause::Chosen;
        self.tell_agent(seconds, name, AgentEvent::StateChanged { from, to, cause });
    }
}
