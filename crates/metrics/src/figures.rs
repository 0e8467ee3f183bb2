//! The fold over the contact log, and the live status that it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Contact, ContactEvent, ContactId, Event, QueueId, Time,
};

use crate::{Counts, Outcome, Visit};

/// All figures, folded from the events of the contact log in their order.
///
/// It holds the contacts that go on, all agents that ever signed in, and every visit until
/// [`Figures::forget_before`]; a visit takes some 100 bytes. Of contacts that are over it keeps
/// nothing personal.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    agents: BTreeMap<AgentId, AgentNow>,
    contacts: BTreeMap<ContactId, Ongoing>,
    visits: BTreeMap<VisitKey, Visit>,
    entries: u64,
}

/// Visits in the order in which they were entered; the number tells those of one moment apart.
type VisitKey = (Time, u64);

#[derive(Clone, Debug)]
struct Ongoing {
    contact: Contact,
    visit: Option<VisitKey>,
    wrap_up_started_at: Option<Time>,
    /// Time on hold that is over.
    hold_time: Duration,
}

/// What an agent does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentNow {
    /// The state.
    pub state: AgentState,
    /// Since when.
    pub since: Time,
    /// Queues that the agent serves since the last signing in.
    pub queues: BTreeSet<QueueId>,
}

/// What is going on in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueNow {
    /// Formula `waiting`: contacts in the queue, those included for whom a phone rings.
    pub waiting: u32,
    /// Formula `longest-waiting`: when the one of them that waits longest entered the queue.
    pub longest_waiting_since: Option<Time>,
    /// Formula `agents-ready`: agents of this queue who are ready.
    pub agents_ready: u32,
    /// Visits that were entered since the start of the day.
    pub today: Counts,
}

impl Figures {
    /// Folds one event, recorded at `at`.
    pub fn apply(&mut self, at: Time, event: &Event) {
        match event {
            Event::Contact { contact, event } => self.apply_contact(at, *contact, event),
            Event::Agent { agent, event } => self.apply_agent(at, agent, event),
        }
    }

    /// Each queue that has a figure other than zero, by name.
    pub fn queues(&self, start_of_day: Time) -> BTreeMap<QueueId, QueueNow> {
        let mut queues: BTreeMap<QueueId, QueueNow> = BTreeMap::new();
        for visit in self.visits.range((start_of_day, 0)..).map(|(_, visit)| visit) {
            queues.entry(visit.queue.clone()).or_default().today.add(visit.outcome);
        }
        for visit in self.contacts.values().filter_map(|it| self.visits.get(&it.visit?)) {
            if visit.outcome == Outcome::Waiting {
                let queue = queues.entry(visit.queue.clone()).or_default();
                queue.waiting += 1;
                let earliest = queue.longest_waiting_since.get_or_insert(visit.entered_at);
                *earliest = visit.entered_at.min(*earliest);
            }
        }
        for agent in self.agents.values().filter(|agent| agent.state == AgentState::Ready) {
            for queue in &agent.queues {
                queues.entry(queue.clone()).or_default().agents_ready += 1;
            }
        }
        queues
    }

    /// Every agent that ever signed in, by name.
    pub fn agents(&self) -> &BTreeMap<AgentId, AgentNow> {
        &self.agents
    }

    /// The contacts that go on, by id; each has a current segment.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        let contacts = self.contacts.values().map(|ongoing| &ongoing.contact);
        contacts.filter(|contact| contact.current_segment().is_some())
    }

    /// Visits entered from a moment up to, not including, another, in this order.
    pub fn visits_between(&self, from: Time, to: Time) -> impl Iterator<Item = &Visit> {
        let to = to.max(from);
        self.visits.range((from, 0)..(to, 0)).map(|(_, visit)| visit)
    }

    /// Drops the visits that were entered before this moment and will not change any more.
    pub fn forget_before(&mut self, at: Time) {
        let old = self.visits.range(..(at, 0)).filter(|(_, visit)| visit.is_settled());
        let old: Vec<VisitKey> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.visits.remove(&key);
        }
    }

    fn apply_agent(&mut self, at: Time, id: &AgentId, event: &AgentEvent) {
        match event {
            AgentEvent::SignedIn { queues } => {
                let signed_out =
                    || AgentNow { state: AgentState::SignedOut, since: at, queues: queues.clone() };
                let agent = self.agents.entry(id.clone()).or_insert_with(signed_out);
                agent.queues.clone_from(queues);
            }
            AgentEvent::StateChanged { to, .. } => {
                if let Some(agent) = self.agents.get_mut(id) {
                    agent.state = to.clone();
                    agent.since = at;
                }
            }
            AgentEvent::SignedOut
            | AgentEvent::NextStateChosen { .. }
            | AgentEvent::PhoneRegistered
            | AgentEvent::PhoneUnregistered => {}
        }
    }

    fn apply_contact(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        if let Some(contact) = Contact::begin(id, at, event) {
            let ongoing = Ongoing {
                contact,
                visit: None,
                wrap_up_started_at: None,
                hold_time: Duration::ZERO,
            };
            self.contacts.insert(id, ongoing);
            return;
        }
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        ongoing.apply(at, event);
        let has_talked = ongoing.contact.connected_at.is_some();
        match event {
            ContactEvent::QueueEntered { queue, .. } => self.enter(at, id, queue),
            ContactEvent::Connected { .. } => self.come_out(id, Outcome::Answered { at }),
            ContactEvent::WrapUpStarted { .. } => ongoing.wrap_up_started_at = Some(at),
            ContactEvent::WrapUpEnded { .. } => self.handled(at, id),
            ContactEvent::Ended { by, .. } => {
                self.come_out(id, Outcome::of_end(at, *by));
                // After a conversation wrap-up follows.
                if !has_talked {
                    self.contacts.remove(&id);
                }
            }
            _ => {}
        }
    }

    /// The contact begins a visit; one that still waits elsewhere has flowed out from there.
    fn enter(&mut self, at: Time, id: ContactId, queue: &QueueId) {
        self.come_out(id, Outcome::FlowedOut { at });
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        self.entries += 1;
        ongoing.visit = Some((at, self.entries));
        self.visits.insert((at, self.entries), Visit::new(queue.clone(), at));
    }

    fn come_out(&mut self, id: ContactId, outcome: Outcome) {
        let key = self.contacts.get(&id).and_then(|ongoing| ongoing.visit);
        if let Some(visit) = key.and_then(|key| self.visits.get_mut(&key)) {
            visit.come_out(outcome);
        }
    }

    /// Wrap-up is over, and with it the contact.
    fn handled(&mut self, at: Time, id: ContactId) {
        let Some(ongoing) = self.contacts.remove(&id) else { return };
        if let Some(visit) = ongoing.visit.and_then(|key| self.visits.get_mut(&key)) {
            visit.handle_time = ongoing.handle_time(at);
            visit.hold_time = ongoing.hold_time;
        }
    }
}

impl Ongoing {
    fn apply(&mut self, at: Time, event: &ContactEvent) {
        let held = self.contact.held;
        self.contact.apply(at, event);
        if let (Some((since, _)), None) = (held, self.contact.held) {
            self.hold_time += at.since(since);
        }
    }

    /// Conversation plus wrap-up, which ended now.
    fn handle_time(&self, now: Time) -> Option<Duration> {
        let (ended_at, ..) = self.contact.ended?;
        let talk = ended_at.since(self.contact.connected_at?);
        Some(talk + now.since(self.wrap_up_started_at?))
    }
}
