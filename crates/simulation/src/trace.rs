//! What of a recorded day comes from outside, so that it can be told to another configuration.
//!
//! Customers arrive as they arrived and bring what they brought; agents come, go and pause as they
//! did; what took its time takes as long again. What the log cannot tell is drawn, from what was
//! observed in it: the patience of those who were answered, the conversations of those who were
//! not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, AttributeValue, Channel, ContactEvent, ContactId, Event,
    Party, QueueId, ReasonId, ScriptId, StateCause, Time, reason,
};
use caruso_routing::Configuration;

use crate::cause::teams_of;
use crate::patience::{Patience, Wait};
use crate::random::Random;
use crate::recording::Recording;
use crate::scenario::{Change, Customer, Move, Scenario, Stay};

/// How long a conversation takes, and a phone rings, where no log tells.
const TALK_TIME: Duration = Duration::from_secs(180);
const RING_TIME: Duration = Duration::from_secs(5);

/// How much of a scenario the log did not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assumed {
    /// Customers who entered a queue.
    pub customers: u32,
    /// Stays of which it is not known how long the customer would have waited.
    pub patience_drawn: u32,
    /// Stays of which it is not known how long the conversation would have been.
    pub talk_drawn: u32,
    /// Times that somebody signed in whose teams this configuration does not have.
    pub without_team: u32,
}

/// The scenario that a log tells, for a configuration.
pub(crate) fn scenario(
    recording: &Recording,
    configuration: &Configuration,
    seed: u64,
) -> (Scenario, Assumed) {
    let mut traces = Traces::default();
    let mut moves = Moves::begin(recording, configuration);
    for it in &recording.events {
        match &it.event {
            Event::Contact { contact, event } => traces.tell(it.at, *contact, event),
            Event::Agent { agent, event } => moves.tell(it.at, agent, event),
        }
    }
    let until = recording.events.last().map(|it| it.at).unwrap_or_default();
    let (customers, mut assumed) = traces.customers(until, seed);
    assumed.without_team = moves.without_team;
    (Scenario { customers, moves: moves.moves, until: Some(until) }, assumed)
}

#[derive(Default)]
struct Traces {
    of: HashMap<ContactId, usize>,
    all: Vec<Trace>,
    wrapping: HashMap<(AgentId, ContactId), (usize, Time)>,
}

struct Trace {
    contact: ContactId,
    arrives: Time,
    channel: Channel,
    called: String,
    script: Option<ScriptId>,
    stays: Vec<Told>,
    offered_at: Option<Time>,
    connected_at: Option<Time>,
    /// When the agent passed the customer on.
    parted_at: Option<Time>,
    /// Whether the customer left the line to leave a message.
    has_left_line: bool,
}

/// What is told of a stay.
struct Told {
    queue: QueueId,
    declared: BTreeMap<String, AttributeValue>,
    entered: Time,
    wait: Option<Wait>,
    ring: Option<Duration>,
    talk: Option<Duration>,
    wrap_up: Option<Duration>,
}

impl Traces {
    fn tell(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        if let ContactEvent::Arrived { called, channel, .. } = event {
            self.of.insert(id, self.all.len());
            self.all.push(Trace {
                contact: id,
                arrives: at,
                channel: *channel,
                called: called.clone(),
                script: None,
                stays: Vec::new(),
                offered_at: None,
                connected_at: None,
                parted_at: None,
                has_left_line: false,
            });
            return;
        }
        let Some(trace) = self.of.get(&id).and_then(|it| self.all.get_mut(*it)) else { return };
        match event {
            _ if trace.has_left_line => {}
            ContactEvent::WrapUpStarted { agent, .. } => {
                if let Some(stay) = trace.stays.len().checked_sub(1) {
                    self.wrapping.insert((agent.clone(), id), (stay, at));
                }
            }
            ContactEvent::WrapUpEnded { agent, .. } => {
                let begun = self.wrapping.remove(&(agent.clone(), id));
                if let Some((stay, since)) = begun {
                    trace.stays[stay].wrap_up = Some(at.since(since));
                }
            }
            _ => trace.tell(at, event),
        }
    }

    /// The customers in the order of their arrival.
    fn customers(self, until: Time, seed: u64) -> (Vec<Customer>, Assumed) {
        let observed = Observed::of(&self.all, until);
        let mut assumed = Assumed::default();
        let queued = self.all.into_iter().filter(|trace| !trace.stays.is_empty());
        let customers = queued.zip(1u64..).map(|(trace, number)| {
            assumed.customers += 1;
            trace.customer(until, &observed, &mut Random::new(seed, number), &mut assumed)
        });
        let customers = customers.collect();
        (customers, assumed)
    }
}

impl Trace {
    fn tell(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::VoicemailStarted { .. } => {
                // that they would have waited on is all that is known of them
                self.has_left_line = true;
                if let Some(stay) = self.stays.last_mut() {
                    stay.waited(at, true);
                }
            }
            ContactEvent::IvrStarted { script } => self.script = Some(script.clone()),
            ContactEvent::QueueEntered { queue, since: None, declared, .. } => {
                let parted_at = self.parted_at.take();
                self.talked(parted_at);
                self.stays.push(Told {
                    queue: queue.clone(),
                    declared: declared.clone(),
                    entered: at,
                    wait: None,
                    ring: None,
                    talk: None,
                    wrap_up: None,
                });
            }
            ContactEvent::Offered { .. } => self.offered_at = Some(at),
            ContactEvent::Connected { .. } => {
                // passed on by name, it goes on with another agent
                self.parted_at = None;
                self.connected_at.get_or_insert(at);
                let ring = self.offered_at.map(|since| at.since(since));
                if let Some(stay) = self.stays.last_mut().filter(|stay| stay.wait.is_none()) {
                    stay.ring = ring;
                    stay.waited(at, true);
                }
            }
            ContactEvent::Transferred { .. } => self.parted_at = Some(at),
            ContactEvent::Ended { by, .. } => {
                self.talked(self.parted_at.or(Some(at)));
                if let Some(stay) = self.stays.last_mut().filter(|stay| stay.wait.is_none()) {
                    stay.waited(at, *by != Party::Customer);
                }
            }
            _ => {}
        }
    }

    /// The conversation of the last stay is over.
    fn talked(&mut self, until: Option<Time>) {
        let since = self.connected_at.take();
        if let (Some(since), Some(until), Some(stay)) = (since, until, self.stays.last_mut()) {
            stay.talk = Some(until.since(since));
        }
    }

    fn customer(
        self,
        until: Time,
        observed: &Observed,
        random: &mut Random,
        assumed: &mut Assumed,
    ) -> Customer {
        let entered = self.stays.first().map_or(self.arrives, |stay| stay.entered);
        let mut stays = Vec::new();
        for told in self.stays {
            stays.push(told.stay(until, observed, random, assumed));
        }
        Customer {
            contact: self.contact,
            arrives: self.arrives,
            channel: self.channel,
            called: self.called,
            script: self.script.unwrap_or_else(|| ScriptId::new("unknown").expect("a name")),
            script_time: entered.since(self.arrives),
            stays,
        }
    }
}

impl Told {
    fn waited(&mut self, until: Time, is_censored: bool) {
        self.wait = Some(Wait { length: until.since(self.entered), is_censored });
    }

    /// The wait as far as the log tells it.
    fn known_wait(&self, until: Time) -> Wait {
        self.wait.unwrap_or(Wait { length: until.since(self.entered), is_censored: true })
    }

    fn stay(
        self,
        until: Time,
        observed: &Observed,
        random: &mut Random,
        assumed: &mut Assumed,
    ) -> Stay {
        // each draws in any case, so that what one knows changes nothing for what is drawn next
        let drawn = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
        let wait = self.known_wait(until);
        assumed.patience_drawn += u32::from(wait.is_censored);
        assumed.talk_drawn += u32::from(self.talk.is_none());
        let patience = match wait.is_censored {
            true => observed.patience.beyond(wait.length, drawn[0]),
            false => Some(wait.length),
        };
        let queue = &self.queue;
        let talk = || observed.talk.draw(queue, drawn[1]).unwrap_or(TALK_TIME);
        let ring = || observed.ring.draw(queue, drawn[2]).unwrap_or(RING_TIME);
        let wrap_up = || observed.wrap_up.draw(queue, drawn[3]).unwrap_or_default();
        let declared = self.declared.iter();
        Stay {
            attributes: declared.map(|(name, it)| (name.clone(), it.to_string())).collect(),
            patience,
            ring_time: self.ring.unwrap_or_else(ring),
            talk_time: self.talk.unwrap_or_else(talk),
            wrap_up_time: self.wrap_up.unwrap_or_else(wrap_up),
            queue: self.queue,
        }
    }
}

/// What was observed, to be drawn from.
struct Observed {
    patience: Patience,
    talk: Pool<Duration>,
    ring: Pool<Duration>,
    wrap_up: Pool<Duration>,
}

impl Observed {
    fn of(traces: &[Trace], until: Time) -> Self {
        let stays = || traces.iter().flat_map(|trace| &trace.stays);
        let waits = stays().map(|stay| stay.known_wait(until)).collect();
        Self {
            patience: Patience::estimate(waits),
            talk: Pool::of(stays().filter_map(|it| Some((&it.queue, it.talk?)))),
            ring: Pool::of(stays().filter_map(|it| Some((&it.queue, it.ring?)))),
            wrap_up: Pool::of(stays().filter_map(|it| Some((&it.queue, it.wrap_up?)))),
        }
    }
}

/// Observations by queue, and all together for a queue that has none.
struct Pool<T> {
    queues: BTreeMap<QueueId, Vec<T>>,
    all: Vec<T>,
}

impl<T: Copy> Pool<T> {
    fn of<'a>(observed: impl Iterator<Item = (&'a QueueId, T)>) -> Self {
        let (mut queues, mut all) = (BTreeMap::<QueueId, Vec<T>>::new(), Vec::new());
        for (queue, value) in observed {
            queues.entry(queue.clone()).or_default().push(value);
            all.push(value);
        }
        Self { queues, all }
    }

    fn draw(&self, queue: &QueueId, uniform: f64) -> Option<T> {
        let values = self.queues.get(queue).unwrap_or(&self.all);
        let index = (uniform * values.len() as f64) as usize;
        values.get(index.min(values.len().saturating_sub(1))).copied()
    }
}

/// What agents do by themselves.
struct Moves<'a> {
    configuration: &'a Configuration,
    moves: Vec<Move>,
    /// Who finishes something that began before the log does, and is ready after it.
    finishing: BTreeSet<AgentId>,
    without_team: u32,
}

impl<'a> Moves<'a> {
    /// Those who are there at the beginning come at that moment.
    fn begin(recording: &Recording, configuration: &'a Configuration) -> Self {
        let (moves, finishing) = (Vec::new(), BTreeSet::new());
        let mut begun = Self { configuration, moves, finishing, without_team: 0 };
        let at = recording.events.first().map(|it| it.at).unwrap_or_default();
        for (agent, known) in recording.state.agents() {
            if !known.skills.is_empty() {
                begun.add(at, agent, Change::Skills(known.skills.clone()));
            }
            if known.has_phone {
                begun.add(at, agent, Change::PhoneCame);
            }
            if known.state != AgentState::SignedOut {
                begun.sign_in(at, agent, &known.queues, &BTreeSet::new());
            }
            if known.state == AgentState::Ready {
                begun.add(at, agent, Change::Ready);
            } else if known.state.contact().is_some() {
                begun.finishing.insert(agent.clone());
            }
        }
        begun
    }

    fn tell(&mut self, at: Time, agent: &AgentId, event: &AgentEvent) {
        match event {
            AgentEvent::SkillsSet { skills } => {
                self.add(at, agent, Change::Skills(skills.clone()));
            }
            AgentEvent::SignedIn { queues, teams } => self.sign_in(at, agent, queues, teams),
            AgentEvent::SignedOut => self.add(at, agent, Change::SignOut),
            AgentEvent::NextStateChosen { reason } => {
                let ready = || Change::Ready;
                self.add(at, agent, reason.clone().map_or_else(ready, Change::NotReady));
            }
            AgentEvent::StateChanged { to, cause, .. } => self.change(at, agent, to, *cause),
            AgentEvent::PhoneRegistered => self.add(at, agent, Change::PhoneCame),
            AgentEvent::PhoneUnregistered => self.add(at, agent, Change::PhoneWent),
            // the other configuration has pauses of its own; what a supervisor wanted follows
            AgentEvent::ResumesAt { .. } | AgentEvent::Imposed { .. } => {}
            // teams serve what the other configuration says
            AgentEvent::QueuesSet { .. } => {}
        }
    }

    fn change(&mut self, at: Time, agent: &AgentId, to: &AgentState, cause: StateCause) {
        match (to, cause) {
            (AgentState::Ready, StateCause::Chosen) => self.add(at, agent, Change::Ready),
            (AgentState::Ready, _) if self.finishing.remove(agent) => {
                self.add(at, agent, Change::Ready);
            }
            (AgentState::NotReady { reason }, StateCause::Chosen) => {
                self.add(at, agent, Change::NotReady(reason.clone()));
            }
            // who makes a call themselves takes nobody else's meanwhile
            (AgentState::Dialling { .. }, _)
            | (AgentState::NotReady { .. }, StateCause::OwnCall) => {
                self.finishing.insert(agent.clone());
                self.add(at, agent, Change::NotReady(away()));
            }
            // who did not take a contact, or did not finish one in time, was away for a while
            (
                AgentState::NotReady { .. },
                StateCause::NoAnswer
                | StateCause::Rejected
                | StateCause::PhoneBusy
                | StateCause::PhoneUnreachable
                | StateCause::WrapUpTimeOver,
            ) => self.add(at, agent, Change::NotReady(away())),
            _ => {}
        }
    }

    /// In the teams that were told, or else in those with the same queues, or most of them.
    fn sign_in(
        &mut self,
        at: Time,
        agent: &AgentId,
        queues: &BTreeSet<QueueId>,
        told: &BTreeSet<String>,
    ) {
        let known = &self.configuration.teams;
        let mut teams: Vec<String> =
            told.iter().filter(|team| known.contains_key(*team)).cloned().collect();
        if teams.is_empty() {
            teams = teams_of(self.configuration, queues);
        }
        if teams.is_empty() {
            let shared = |serves: &BTreeSet<QueueId>| serves.intersection(queues).count();
            let nearest = known.iter().max_by_key(|(_, serves)| shared(serves));
            let nearest = nearest.filter(|(_, serves)| shared(serves) > 0);
            teams.extend(nearest.map(|(team, _)| team.clone()));
        }
        self.without_team += u32::from(teams.is_empty());
        self.add(at, agent, Change::SignIn(teams));
    }

    fn add(&mut self, at: Time, agent: &AgentId, change: Change) {
        self.moves.push(Move { at, agent: agent.clone(), change });
    }
}

fn away() -> ReasonId {
    reason::id(reason::NO_ANSWER)
}
