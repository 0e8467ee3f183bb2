//! Who waits and who is ready, by what they need and what they can do.
//!
//! Contacts of a queue that ask for the same are in one group, and so are agents who have the same
//! levels of the skills that the queue's requirements name. So a requirement is evaluated once for
//! two groups, however many wait and are ready; and a queue in which nothing has changed is not
//! looked at.
//!
//! Everything here follows from the configuration and the [`Domain`]; it is never stored.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, AttributeValue, ContactEvent, ContactId, Event, QueueId,
    Strategy, Time,
};

use crate::domain::Domain;
use crate::ongoing::{Ongoing, Place, Stage};
use crate::{CAPACITY, Configuration, Needs};

use hall::Hall;
pub(crate) use hall::Surroundings;

mod hall;

/// Most phones that ring for one contact.
const MAX_RINGING: usize = 32;

/// What a contact asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Demand {
    /// This agent, and nobody else, whatever the queue requires.
    agent: Option<AgentId>,
    /// Which requirement of the queue.
    step: u8,
    /// The contact attributes that the requirements name.
    values: Arc<[AttributeValue]>,
    /// How many points of an agent's capacity it takes.
    points: u8,
}
/// An agent's levels of the skills that the requirements of a queue name.
type Levels = Arc<[u8]>;

/// The ranking of an agent in a queue who can be offered something; the least is the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// How many points of their capacity contacts take that the agent has.
    pub(crate) load: u8,
    /// Level of the skill that the queue prefers.
    pub(crate) preferred: Reverse<u8>,
    /// What the queue's strategy counts.
    pub(crate) term: u64,
    /// Ready since, where that matters.
    idle: Time,
    /// Who; the last ranking term.
    pub(crate) agent: AgentId,
    /// Ready since.
    pub(crate) ready_since: Time,
}

impl Rank {
    /// Whether the agent has points left for what a contact takes.
    fn has_room_for(&self, demand: &Demand) -> bool {
        has_room(self.load, demand.points)
    }
}

fn has_room(load: u8, points: u8) -> bool {
    load.checked_add(points).is_some_and(|points| points <= CAPACITY)
}

/// Who waits and who is ready, of all queues.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floor {
    queues: BTreeMap<QueueId, Hall>,
    contacts: BTreeMap<ContactId, Waits>,
    agents: BTreeMap<AgentId, Works>,
    /// When calls have waited as long as their queues allow.
    overflows: BTreeSet<(Time, ContactId)>,
    /// When calls are told of their wait.
    announcements: BTreeSet<(Time, ContactId)>,
    /// Agents who have something and can be offered something beside it.
    loaded: BTreeSet<AgentId>,
    /// Who waits for one agent alone.
    preferring: BTreeSet<(AgentId, ContactId)>,
}

/// Where a contact is filed that waits or is being offered.
#[derive(Clone, Debug)]
struct Waits {
    queue: QueueId,
    /// Of whom is on the line; whoever is to be called back takes nobody's room.
    is_call: bool,
    is_called_back: bool,
    /// Nothing while it is being offered.
    line: Option<(Demand, Place)>,
    /// What it asks for and where it was, while more phones may ring for it.
    ringing: Option<(Demand, Place)>,
    /// When it has waited as long as its queue allows; nothing while it is being offered.
    overflows_at: Option<Time>,
    /// When it is told of its wait; nothing while it is being offered, or a script talks with it.
    announced_at: Option<Time>,
}

/// Where an agent is filed who is signed in.
#[derive(Clone, Debug)]
struct Works {
    /// Queues with the levels of what they ask for, and the ranking of who is ready.
    queues: Vec<(QueueId, Levels, Option<Rank>)>,
}

/// A contact and the agent who is to be offered it.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) queue: QueueId,
    pub(crate) place: Place,
    pub(crate) agent: AgentId,
}

impl Floor {
    /// That of a state.
    pub(crate) fn of(configuration: &Configuration, domain: &Domain) -> Self {
        let mut floor = Self::default();
        domain.contacts().for_each(|(id, _)| floor.file_contact(configuration, domain, id));
        domain.agents().for_each(|(id, _)| floor.file_agent(configuration, domain, id));
        floor
    }

    /// Follows an event that was folded into the state.
    pub(crate) fn follow(&mut self, configuration: &Configuration, domain: &Domain, event: &Event) {
        match event {
            Event::Contact { contact, event } => {
                if moves_contact(event) {
                    self.unfile_contact(*contact);
                    self.file_contact(configuration, domain, *contact);
                }
                if matches!(event, ContactEvent::Ended { .. }) {
                    // of what an agent has laid aside nothing is told of the agent
                    for agent in self.loaded.clone() {
                        self.refile_agent(configuration, domain, &agent);
                    }
                }
            }
            Event::Agent { agent, event: AgentEvent::StateChanged { from, .. } }
                if *from != AgentState::SignedOut =>
            {
                self.refile_agent(configuration, domain, agent);
            }
            Event::Agent {
                agent,
                event:
                    AgentEvent::NextStateChosen { .. }
                    | AgentEvent::PhoneRegistered
                    | AgentEvent::PhoneUnregistered,
            } => self.refile_agent(configuration, domain, agent),
            Event::Agent { agent, event } if moves_agent(event) => {
                self.unfile_agent(agent);
                self.file_agent(configuration, domain, agent);
            }
            _ => {}
        }
    }

    /// How many calls wait in a queue, or how many conversations; those included that are being
    /// offered. Each has its own room: whoever writes keeps nobody from calling.
    pub(crate) fn length(&self, queue: &QueueId, is_call: bool) -> usize {
        let hall = self.queues.get(queue);
        hall.map_or(0, |hall| if is_call { hall.calls } else { hall.conversations })
    }

    /// Contacts that wait for one agent alone, and are not being offered.
    pub(crate) fn preferring(&self) -> impl Iterator<Item = (&AgentId, ContactId)> {
        self.preferring.iter().map(|(agent, contact)| (agent, *contact))
    }

    /// The call that is the first to have waited as long as its queue allows, and when.
    pub(crate) fn next_overflow(&self) -> Option<(Time, ContactId)> {
        self.overflows.first().copied()
    }

    /// The call that is the first to be told of its wait, and when.
    pub(crate) fn next_announcement(&self) -> Option<(Time, ContactId)> {
        self.announcements.first().copied()
    }

    /// When a waiting call has waited as long as its queue allows, where that is said.
    pub(crate) fn overflows_at(&self, contact: ContactId) -> Option<Time> {
        self.contacts.get(&contact)?.overflows_at
    }

    /// Whether somebody has signed in who serves the queue.
    pub(crate) fn is_served(&self, queue: &QueueId) -> bool {
        self.queues.get(queue).is_some_and(Hall::is_served)
    }

    /// A call that waits in a queue that nobody serves and that says what becomes of it then: the
    /// first of the first such queue.
    pub(crate) fn unserved(&self, configuration: &Configuration) -> Option<ContactId> {
        let calls = |hall: &Hall| {
            let places = hall.waiting.values().flatten();
            places
                .filter(|it| self.contacts.get(&it.contact).is_some_and(|it| it.is_call))
                .min()
                .map(|place| place.contact)
        };
        let says = |queue| {
            configuration.queues.get(queue).is_some_and(|it| it.overflows.unserved.is_some())
        };
        let mut halls = self.queues.iter().filter(|(_, hall)| hall.calls > 0 && !hall.is_served());
        halls.find_map(|(queue, hall)| says(queue).then(|| calls(hall)).flatten())
    }

    /// The first contact of all for whom somebody is ready, and the first who is.
    pub(crate) fn first_match(&mut self, configuration: &Configuration) -> Option<Match> {
        let mut first: Option<Match> = None;
        for (queue, hall) in self.queues.iter_mut().filter(|(_, hall)| hall.is_open) {
            let ready = |agent: &AgentId| self.agents.get(agent)?.rank(queue);
            let Some((place, agent)) = hall.first_match(needs(configuration, queue), ready) else {
                hall.is_open = false;
                continue;
            };
            if first.as_ref().is_none_or(|first| place < first.place) {
                first = Some(Match { queue: queue.clone(), place, agent });
            }
        }
        first
    }

    /// The first contact of all for whom phones ring that one more may join, and whose.
    pub(crate) fn first_joining(&mut self, configuration: &Configuration) -> Option<Match> {
        let halls = self.queues.iter_mut().filter(|(_, hall)| !hall.ringing.is_empty());
        let firsts = halls.filter_map(|(queue, hall)| {
            let (place, agent) = hall.first_joining(needs(configuration, queue))?;
            Some(Match { queue: queue.clone(), place, agent })
        });
        firsts.min_by(|one, other| one.place.cmp(&other.place))
    }

    /// Everybody of the queue of a waiting contact, with at most `limit` of a kind.
    pub(crate) fn around(
        &mut self,
        configuration: &Configuration,
        contact: ContactId,
        limit: usize,
    ) -> Surroundings {
        let Some(waits) = self.contacts.get(&contact) else { return Surroundings::default() };
        let asks = waits.line.as_ref().or(waits.ringing.as_ref());
        let Some((demand, _)) = asks else { return Surroundings::default() };
        let Some(hall) = self.queues.get_mut(&waits.queue) else { return Surroundings::default() };
        if let Some(agent) = &demand.agent {
            let rank = self.agents.get(agent).and_then(|works| works.rank(&waits.queue));
            let rank = rank.filter(|rank| rank.has_room_for(demand));
            return hall.around_one(rank, limit);
        }
        hall.around(needs(configuration, &waits.queue), demand, limit)
    }

    fn file_contact(&mut self, configuration: &Configuration, domain: &Domain, id: ContactId) {
        let Some(contact) = domain.contact(id) else { return };
        let Some((queue, place)) = &contact.place else { return };
        let is_call = contact.is_on_line();
        let is_called_back = contact.callback.is_some();
        let (mut line, mut ringing) = (None, None);
        match &contact.stage {
            Stage::Waiting => {
                let demand = demand(configuration, contact, queue);
                self.preferring.extend(demand.agent.iter().map(|agent| (agent.clone(), id)));
                line = Some((demand, place.clone()));
            }
            Stage::Offered { rings, by: None } if lets_all_ring(configuration, contact, queue) => {
                let may_more = rings.len() < MAX_RINGING;
                ringing = may_more.then(|| (demand(configuration, contact, queue), place.clone()));
            }
            Stage::Offered { .. } => {}
            _ => return,
        }
        let hall = self.queues.entry(queue.clone()).or_default();
        *hall.room(is_call) += usize::from(!is_called_back);
        if let Some((demand, place)) = &line {
            hall.waiting.entry(demand.clone()).or_default().insert(place.clone());
            hall.is_open = true;
        }
        if let Some((demand, place)) = &ringing {
            hall.ringing.insert(place.clone(), demand.clone());
        }
        let rule = configuration.queues.get(queue).and_then(|queue| queue.overflows.wait.as_ref());
        let after = rule.filter(|_| is_call && line.is_some()).map(|(after, _)| *after);
        let overflows_at = after.map(|after| contact.queued_at.after(after));
        self.overflows.extend(overflows_at.map(|at| (at, id)));
        let rule = configuration.queues.get(queue).and_then(|queue| queue.announcement.as_ref());
        let rule = rule.filter(|_| line.is_some() && is_call && !contact.hears_script);
        let announced_at = rule.map(|rule| rule.due_at(contact));
        self.announcements.extend(announced_at.map(|at| (at, id)));
        self.contacts.insert(
            id,
            Waits {
                queue: queue.clone(),
                is_call,
                is_called_back,
                line,
                ringing,
                overflows_at,
                announced_at,
            },
        );
    }

    fn unfile_contact(&mut self, id: ContactId) {
        let Some(waits) = self.contacts.remove(&id) else { return };
        let Waits { queue, is_call, is_called_back, line, ringing, overflows_at, announced_at } =
            waits;
        if let Some(at) = announced_at {
            self.announcements.remove(&(at, id));
        }
        if let Some(at) = overflows_at {
            self.overflows.remove(&(at, id));
        }
        if let Some((Demand { agent: Some(agent), .. }, _)) = &line {
            self.preferring.remove(&(agent.clone(), id));
        }
        let Some(hall) = self.queues.get_mut(&queue) else { return };
        *hall.room(is_call) -= usize::from(!is_called_back);
        if let Some((_, place)) = ringing {
            hall.ringing.remove(&place);
        }
        if let Some((demand, place)) = line
            && let Some(places) = hall.waiting.get_mut(&demand)
        {
            places.remove(&place);
            if places.is_empty() {
                hall.waiting.remove(&demand);
            }
        }
    }

    fn file_agent(&mut self, configuration: &Configuration, domain: &Domain, id: &AgentId) {
        let Some(agent) = domain.agent(id) else { return };
        if agent.state == AgentState::SignedOut {
            return;
        }
        let level = |skill| agent.skills.get(skill).map_or(0, |it| it.level());
        let levels = |queue: &QueueId| {
            let needs = needs(configuration, queue);
            let levels = needs.map(|needs| needs.skills.iter().map(level).collect());
            let rank = rank(configuration, domain, queue, id);
            (queue.clone(), levels.unwrap_or_default(), rank)
        };
        let queues = agent.queues.iter().map(levels).collect();
        self.place_agent(id, Works { queues });
    }

    /// The state has changed, and nothing else.
    fn refile_agent(&mut self, configuration: &Configuration, domain: &Domain, id: &AgentId) {
        let (Some(agent), Some(mut works)) = (domain.agent(id), self.unfile_agent(id)) else {
            return;
        };
        if agent.state == AgentState::SignedOut {
            return;
        }
        for (queue, _, ranking) in &mut works.queues {
            *ranking = rank(configuration, domain, queue, id);
        }
        self.place_agent(id, works);
    }

    fn place_agent(&mut self, id: &AgentId, works: Works) {
        for (queue, levels, rank) in &works.queues {
            let hall = match self.queues.get_mut(queue) {
                Some(hall) => hall,
                None => self.queues.entry(queue.clone()).or_default(),
            };
            let Some(rank) = rank.clone() else {
                hall.busy.insert(id.clone());
                continue;
            };
            hall.is_open = true;
            if rank.load > 0 {
                self.loaded.insert(id.clone());
            }
            hall.ready.entry((rank.load, levels.clone())).or_default().insert(rank);
        }
        self.agents.insert(id.clone(), works);
    }

    fn unfile_agent(&mut self, id: &AgentId) -> Option<Works> {
        let works = self.agents.remove(id)?;
        self.loaded.remove(id);
        for (queue, levels, rank) in &works.queues {
            let Some(hall) = self.queues.get_mut(queue) else { continue };
            let Some(rank) = rank else {
                hall.busy.remove(id);
                continue;
            };
            let group = (rank.load, levels.clone());
            if let Some(ranks) = hall.ready.get_mut(&group) {
                ranks.remove(rank);
                if ranks.is_empty() {
                    hall.ready.remove(&group);
                }
            }
        }
        Some(works)
    }
}

/// The ranking of an agent in a queue, if they can be offered something.
fn rank(
    configuration: &Configuration,
    domain: &Domain,
    queue: &QueueId,
    id: &AgentId,
) -> Option<Rank> {
    let agent = domain.agent(id)?;
    let load = domain.load(&configuration.capacity, agent)?;
    let configured = configuration.queues.get(queue);
    let preferred = configured.and_then(|queue| queue.preferred.as_ref());
    let strategy = configured.map(|queue| queue.strategy).unwrap_or_default();
    let level = preferred.and_then(|skill| agent.skills.get(skill)).map_or(0, |it| it.level());
    let (term, idle) = match strategy {
        Strategy::LongestIdle | Strategy::RingAll => (0, agent.ready_since),
        Strategy::FewestContacts => (u64::from(agent.taken), agent.ready_since),
        Strategy::RoundRobin => {
            let last = agent.last_offered.get(queue);
            (last.map_or(0, |at| at.as_millis()), agent.ready_since)
        }
        Strategy::Linear => (0, Time::default()),
    };
    let ready_since = agent.ready_since;
    Some(Rank { load, preferred: Reverse(level), term, idle, agent: id.clone(), ready_since })
}

/// Whether it changes where the contact waits, or for whom.
fn moves_contact(event: &ContactEvent) -> bool {
    !matches!(
        event,
        ContactEvent::Arrived { .. }
            | ContactEvent::Acquainted { .. }
            | ContactEvent::Dialled { .. }
            | ContactEvent::IvrStarted { .. }
            | ContactEvent::IvrEnded { .. }
            | ContactEvent::CustomerIdentified { .. }
            | ContactEvent::Disposed { .. }
            | ContactEvent::ConsultationAsked { .. }
            | ContactEvent::ConsultationAnswered { .. }
            | ContactEvent::ConferenceStarted { .. }
            | ContactEvent::ConsultationEnded { .. }
            | ContactEvent::ListeningAsked { .. }
            | ContactEvent::ListeningStarted { .. }
            | ContactEvent::ListeningChanged { .. }
            | ContactEvent::ListeningEnded { .. }
            | ContactEvent::WrapUpEnded { .. }
    )
}

/// Whether it changes where the agent works, or as what.
fn moves_agent(event: &AgentEvent) -> bool {
    matches!(
        event,
        AgentEvent::SignedIn { .. }
            | AgentEvent::QueuesSet { .. }
            | AgentEvent::SkillsSet { .. }
            | AgentEvent::StateChanged { .. }
    )
}

/// What a contact asks for in a queue.
fn demand(configuration: &Configuration, contact: &Ongoing, queue: &QueueId) -> Demand {
    let step = contact.required.as_ref().map_or(0, |required| required.step);
    let values = needs(configuration, queue).map_or_else(Arc::default, |needs| {
        let given = |name: &String| contact.required.as_ref()?.attributes.get(name);
        let default = |name: &String| &configuration.attributes[name].default;
        let value = |name| given(name).unwrap_or_else(|| default(name)).clone();
        needs.attributes.iter().map(value).collect()
    });
    let agent = contact.preferred_agent.as_ref().map(|preferred| preferred.agent.clone());
    let points = configuration.capacity.points(contact.channel);
    Demand { agent, step, values, points }
}

/// Whether more than one phone rings for the contact: not where it waits for one agent alone, nor
/// where whoever answers is to call the customer.
fn lets_all_ring(configuration: &Configuration, contact: &Ongoing, queue: &QueueId) -> bool {
    let strategy = configuration.queues.get(queue).map(|queue| queue.strategy);
    let is_for_all = contact.preferred_agent.is_none() && contact.callback.is_none();
    strategy == Some(Strategy::RingAll) && is_for_all
}

fn needs<'a>(configuration: &'a Configuration, queue: &QueueId) -> Option<&'a Needs> {
    configuration.queues.get(queue).and_then(|queue| queue.needs.as_ref())
}

impl Works {
    /// The agent's ranking in a queue, if they serve it and can be offered something.
    fn rank(&self, queue: &QueueId) -> Option<&Rank> {
        self.queues.iter().find(|(id, ..)| id == queue)?.2.as_ref()
    }
}
