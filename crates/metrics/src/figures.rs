//! The fold over the contact log, and the live status that it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Contact, ContactEvent, ContactId, Event, QueueId, Time,
};

use crate::outgoing::Calls;
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
    pub(crate) calls: Calls,
}

/// Visits in the order in which they were entered; the number tells those of one moment apart.
type VisitKey = (Time, u64);

#[derive(Clone, Debug)]
struct Ongoing {
    contact: Contact,
    visit: Option<VisitKey>,
    /// Time on hold in the conversation that goes on.
    hold_time: Duration,
    /// Time with a colleague on the line in the conversation that goes on.
    consult_time: Duration,
    /// Conversations that are over and whose wrap-up is not, by agent.
    works: BTreeMap<AgentId, Work>,
}

/// What an agent has done with a contact before wrap-up.
#[derive(Clone, Debug)]
struct Work {
    visit: Option<VisitKey>,
    talk_time: Duration,
    hold_time: Duration,
    consult_time: Duration,
    wrap_up_started_at: Time,
}

/// What an agent does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentNow {
    /// The state.
    pub state: AgentState,
    /// Since when.
    pub since: Time,
    /// Queues that the agent serves, or served when they last worked.
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
            Event::Contact { contact, event } => {
                self.calls.apply(at, *contact, event);
                self.apply_contact(at, *contact, event);
            }
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

    /// Drops the visits that were entered, and the calls that were made, before this moment and
    /// will not change any more.
    pub fn forget_before(&mut self, at: Time) {
        self.calls.forget_before(at);
        let old = self.visits.range(..(at, 0)).filter(|(_, visit)| visit.is_settled());
        let old: Vec<VisitKey> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.visits.remove(&key);
        }
    }

    fn apply_agent(&mut self, at: Time, id: &AgentId, event: &AgentEvent) {
        match event {
            AgentEvent::SignedIn { queues, .. } => {
                let signed_out =
                    || AgentNow { state: AgentState::SignedOut, since: at, queues: queues.clone() };
                let agent = self.agents.entry(id.clone()).or_insert_with(signed_out);
                agent.queues.clone_from(queues);
            }
            AgentEvent::QueuesSet { queues, .. } => {
                if let Some(agent) = self.agents.get_mut(id) {
                    agent.queues.clone_from(queues);
                }
            }
            AgentEvent::StateChanged { to, .. } => {
                if let Some(agent) = self.agents.get_mut(id) {
                    agent.state = to.clone();
                    agent.since = at;
                }
            }
            AgentEvent::SkillsSet { .. }
            | AgentEvent::SignedOut
            | AgentEvent::NextStateChosen { .. }
            | AgentEvent::PhoneRegistered
            | AgentEvent::PhoneUnregistered
            | AgentEvent::ResumesAt { .. }
            | AgentEvent::Imposed { .. } => {}
        }
    }

    fn apply_contact(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        if let Some(mut contact) = Contact::begin(id, at, event) {
            contact.apply(at, event);
            let ongoing = Ongoing {
                contact,
                visit: None,
                hold_time: Duration::ZERO,
                consult_time: Duration::ZERO,
                works: BTreeMap::new(),
            };
            self.contacts.insert(id, ongoing);
            return;
        }
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        ongoing.apply(at, event);
        let is_over = ongoing.contact.is_over_with(event);
        match event {
            ContactEvent::QueueEntered { queue, .. } => self.enter(at, id, queue),
            ContactEvent::VoicemailStarted { .. } => {
                self.come_out(id, Outcome::FlowedOut { at });
            }
            ContactEvent::Connected { .. } => self.come_out(id, Outcome::Answered { at }),
            ContactEvent::WaitAnnounced { estimate: Some(told), .. } => {
                self.promise(id, told.until);
            }
            ContactEvent::WrapUpEnded { agent, .. } => self.handled(at, id, agent),
            ContactEvent::Ended { by, .. } => self.come_out(id, Outcome::of_end(at, *by)),
            _ => {}
        }
        if is_over {
            self.contacts.remove(&id);
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

    /// The customer was told to wait until then at most; the first word counts.
    fn promise(&mut self, id: ContactId, until: Time) {
        let key = self.contacts.get(&id).and_then(|ongoing| ongoing.visit);
        if let Some(visit) = key.and_then(|key| self.visits.get_mut(&key)) {
            visit.promised_until.get_or_insert(until);
        }
    }

    /// An agent's wrap-up is over. It counts where the conversation was.
    fn handled(&mut self, at: Time, id: ContactId, agent: &AgentId) {
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        let Some(work) = ongoing.works.remove(agent) else { return };
        if let Some(visit) = work.visit.and_then(|key| self.visits.get_mut(&key)) {
            let handled = work.talk_time + at.since(work.wrap_up_started_at);
            visit.handle_time = Some(visit.handle_time.unwrap_or_default() + handled);
            visit.hold_time += work.hold_time;
            visit.consult_time += work.consult_time;
        }
    }
}

impl Ongoing {
    fn apply(&mut self, at: Time, event: &ContactEvent) {
        let held = self.contact.held;
        let connected_at = self.contact.connected_at;
        self.contact.apply(at, event);
        if let (Some((since, _)), None) = (held, self.contact.held) {
            self.hold_time += at.since(since);
        }
        match event {
            ContactEvent::Connected { .. } => {
                (self.hold_time, self.consult_time) = (Duration::ZERO, Duration::ZERO);
            }
            ContactEvent::ConsultationEnded { .. } => {
                let answered_at = self.contact.consultations.last().and_then(|it| it.answered_at);
                self.consult_time += answered_at.map_or(Duration::ZERO, |since| at.since(since));
            }
            ContactEvent::Transferred { agent, .. } | ContactEvent::AgentLost { agent } => {
                self.talked(agent, connected_at, at);
            }
            ContactEvent::WrapUpStarted { agent, .. } => {
                if let Some((ended_at, ..)) = self.contact.ended {
                    self.talked(agent, connected_at, ended_at);
                }
                if let Some(work) = self.works.get_mut(agent) {
                    work.wrap_up_started_at = at;
                }
            }
            _ => {}
        }
    }

    /// A conversation is over; wrap-up begins.
    fn talked(&mut self, agent: &AgentId, since: Option<Time>, until: Time) {
        let Some(since) = since else { return };
        let work = Work {
            visit: self.visit,
            talk_time: until.since(since),
            hold_time: self.hold_time,
            consult_time: self.consult_time,
            wrap_up_started_at: until,
        };
        self.works.insert(agent.clone(), work);
    }
}
