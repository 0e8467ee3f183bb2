//! The fold over the contact log, and the live status that it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Contact, ContactEvent, ContactId, Event, QueueId, Time,
};

use crate::agent_time::AgentTimes;
use crate::conversation::{Conversation, Parting};
use crate::fact::{FactKey, Told};
use crate::offer::Offers;
use crate::outgoing::Calls;
use crate::transfer::Transfers;
use crate::{Counts, Instead, Outcome, Visit};

/// All figures, folded from the events of the contact log in their order.
///
/// It holds the contacts that go on, all agents that ever signed in, and every fact until
/// [`Figures::forget_before`]: stays in queues, offers, conversations, transfers and calls of some
/// 150 bytes each, and the time of each agent by quarters of an hour, of some 200. Of contacts that
/// are over it keeps nothing personal.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub(crate) agents: BTreeMap<AgentId, AgentNow>,
    pub(crate) contacts: BTreeMap<ContactId, Ongoing>,
    pub(crate) visits: BTreeMap<FactKey, Visit>,
    entries: u64,
    pub(crate) conversations: BTreeMap<FactKey, Conversation>,
    pub(crate) calls: Calls,
    pub(crate) offers: Offers,
    pub(crate) transfers: Transfers,
    pub(crate) times: AgentTimes,
}

/// A contact that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Ongoing {
    pub(crate) contact: Contact,
    /// The stay in a queue that it is in, or was in last.
    pub(crate) visit: Option<FactKey>,
    /// The one before that.
    previous_visit: Option<FactKey>,
    /// The conversation that goes on.
    pub(crate) talks: Option<FactKey>,
    /// Conversations that are over and whose wrap-up is not, by agent.
    pub(crate) partings: BTreeMap<AgentId, Parting>,
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
    /// Their teams, joined by ` + `; nothing where none is known.
    pub team: Option<Arc<str>>,
    /// Until when the time in the state is kept by quarters already; nothing before the first
    /// change.
    pub(crate) counted_until: Option<Time>,
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
            Event::Contact { contact: id, event } => {
                let contact = self.contacts.get(id).map(|it| &it.contact);
                let told = Told { at, id: *id, event, contact, agents: &self.agents };
                self.calls.apply(&told);
                self.offers.apply(&told);
                self.transfers.apply(&told);
                self.apply_contact(at, *id, event);
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

    /// Drops what began before this moment and will not change any more.
    pub fn forget_before(&mut self, at: Time) {
        self.calls.forget_before(at);
        self.offers.forget_before(at);
        self.transfers.forget_before(at);
        self.times.forget_before(at);
        self.conversations.retain(|key, it| key.0 >= at || it.talk_time.is_none());
        let old = self.visits.range(..(at, 0)).filter(|(_, visit)| visit.is_settled());
        let old: Vec<FactKey> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.visits.remove(&key);
        }
    }

    fn apply_agent(&mut self, at: Time, id: &AgentId, event: &AgentEvent) {
        match event {
            AgentEvent::SignedIn { queues, teams } => {
                let agent = self.agents.entry(id.clone()).or_insert_with(|| AgentNow {
                    state: AgentState::SignedOut,
                    since: at,
                    queues: BTreeSet::new(),
                    team: None,
                    counted_until: None,
                });
                self.times.spend(id, agent, at);
                agent.serve(queues, teams);
            }
            AgentEvent::QueuesSet { queues, teams } => {
                if let Some(agent) = self.agents.get_mut(id) {
                    self.times.spend(id, agent, at);
                    agent.serve(queues, teams);
                }
            }
            AgentEvent::StateChanged { to, .. } => {
                if let Some(agent) = self.agents.get_mut(id) {
                    self.times.spend(id, agent, at);
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
                previous_visit: None,
                talks: None,
                partings: BTreeMap::new(),
            };
            self.contacts.insert(id, ongoing);
            return;
        }
        if !self.contacts.contains_key(&id) {
            return;
        }
        self.converse(at, id, event);
        match event {
            ContactEvent::QueueEntered { queue, .. } => self.enter(at, id, queue),
            ContactEvent::CallbackAsked { .. } => self.call_back(at, id),
            ContactEvent::VoicemailStarted { .. } => {
                self.come_out(id, Outcome::FlowedOut { at }, |it| {
                    it.instead = Some(Instead::Message);
                });
            }
            ContactEvent::Connected { agent, .. } => {
                let team = self.agents.get(agent).and_then(|it| it.team.clone());
                self.come_out(id, Outcome::Answered { at }, |it| {
                    (it.agent, it.team) = (Some(agent.clone()), team);
                });
            }
            ContactEvent::WaitAnnounced { estimate: Some(told), .. } => {
                self.promise(id, told.until);
            }
            ContactEvent::Ended { by, .. } => self.come_out(id, Outcome::of_end(at, *by), |_| {}),
            _ => {}
        }
        if self.contacts.get(&id).is_some_and(|it| it.contact.is_over_with(event)) {
            self.contacts.remove(&id);
        }
    }

    /// The contact begins a visit; one that still waits elsewhere has flowed out from there.
    fn enter(&mut self, at: Time, id: ContactId, queue: &QueueId) {
        self.come_out(id, Outcome::FlowedOut { at }, |_| {});
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        self.entries += 1;
        let key = (at, self.entries);
        ongoing.previous_visit = ongoing.visit.replace(key);
        self.visits.insert(key, Visit::new(queue.clone(), at, &ongoing.contact));
    }

    /// The contact waits to be called back from now on; what it left for that is told of the stay
    /// that ended with the entry, which comes at the same moment.
    fn call_back(&mut self, at: Time, id: ContactId) {
        let Some(ongoing) = self.contacts.get(&id) else { return };
        if let Some(visit) = ongoing.visit.and_then(|key| self.visits.get_mut(&key)) {
            visit.is_callback = true;
        }
        let previous = ongoing.previous_visit.and_then(|key| self.visits.get_mut(&key));
        if let Some(left) = previous.filter(|it| it.outcome == Outcome::FlowedOut { at }) {
            left.instead = Some(Instead::Callback);
        }
    }

    /// The visit that goes on has come out; `and` is told of it once.
    fn come_out(&mut self, id: ContactId, outcome: Outcome, and: impl FnOnce(&mut Visit)) {
        let key = self.contacts.get(&id).and_then(|ongoing| ongoing.visit);
        let visit = key.and_then(|key| self.visits.get_mut(&key));
        if let Some(visit) = visit.filter(|it| it.outcome == Outcome::Waiting) {
            visit.outcome = outcome;
            and(visit);
        }
    }

    /// The customer was told to wait until then at most; the first word counts.
    fn promise(&mut self, id: ContactId, until: Time) {
        let key = self.contacts.get(&id).and_then(|ongoing| ongoing.visit);
        if let Some(visit) = key.and_then(|key| self.visits.get_mut(&key)) {
            visit.promised_until.get_or_insert(until);
        }
    }
}

impl AgentNow {
    fn serve(&mut self, queues: &BTreeSet<QueueId>, teams: &BTreeSet<String>) {
        self.queues.clone_from(queues);
        let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
        self.team = (!teams.is_empty()).then(|| teams.join(" + ").into());
    }
}
