//! Random days, each decision checked against a naive reading of the whole log.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, Clause, ConsultationEnd, ContactEvent, ContactId, EndCause,
    Event, OfferId, Party, QueueId, ReasonId, Skills, Time, Why,
};
use proptest::prelude::*;

use crate::tests::{
    Desk, aged, agent, arrival, configuration, contact, reported, skills, to_queue,
};
use crate::{Destination, Domain, Input, NotTaken, Ongoing, Router, Stage, Stand};

const QUEUES: [&str; 3] = ["calm", "urgent", "expert"];
const AGENTS: [&str; 4] = ["anna", "bram", "cees", "dirk"];

/// A step of a random day; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Op {
    Pass(u64),
    Call(usize),
    Write(bool),
    Input(u8, usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0u64..40_000).prop_map(Op::Pass),
        2 => (0usize..24).prop_map(Op::Call),
        1 => any::<bool>().prop_map(Op::Write),
        8 => (0u8..28, 0usize..24).prop_map(|(kind, which)| Op::Input(kind, which)),
    ]
}

/// What the log says so far, found by going through all of it; when it is read; and whether waiting
/// makes up for priority, with strategies other than the longest idle.
struct Told<'a>(&'a [(Time, Event)], Time, bool);

impl Told<'_> {
    fn contact_events(&self, id: ContactId) -> impl Iterator<Item = (Time, &ContactEvent)> {
        self.0.iter().filter_map(move |(at, event)| match event {
            Event::Contact { contact, event } if *contact == id => Some((*at, event)),
            _ => None,
        })
    }

    fn agent_events(&self, id: &AgentId) -> impl Iterator<Item = (Time, &AgentEvent)> {
        self.0.iter().filter_map(move |(at, event)| match event {
            Event::Agent { agent, event } if agent == id => Some((*at, event)),
            _ => None,
        })
    }

    fn state(&self, id: &AgentId) -> AgentState {
        let changes = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::StateChanged { to, .. } => Some(to.clone()),
            _ => None,
        });
        changes.last().unwrap_or(AgentState::SignedOut)
    }

    /// Since when the agent is ready, offers that were taken back aside.
    fn ready_since(&self, id: &AgentId) -> Option<Time> {
        let mut since = None;
        for (at, event) in self.agent_events(id) {
            match event {
                AgentEvent::StateChanged { to: AgentState::Ready, .. } => {
                    since = since.or(Some(at));
                }
                AgentEvent::StateChanged { to: AgentState::Offered { .. }, .. } => {}
                AgentEvent::StateChanged { .. } => since = None,
                _ => {}
            }
        }
        since.filter(|_| self.state(id) == AgentState::Ready)
    }

    fn serves(&self, id: &AgentId, queue: &QueueId) -> bool {
        let signed_in = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::SignedIn { queues } => Some(queues),
            _ => None,
        });
        signed_in.last().is_some_and(|queues| queues.contains(queue))
    }

    fn skills(&self, id: &AgentId) -> Skills {
        let told = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::SkillsSet { skills } => Some(skills.clone()),
            _ => None,
        });
        told.last().unwrap_or_default()
    }

    /// What `routing.xml` asks for, in other words.
    fn is_needed(&self, id: &AgentId, contact: ContactId, queue: &QueueId, since: Time) -> bool {
        if queue.as_str() != "expert" {
            return true;
        }
        let skills = self.skills(id);
        let level = |name: &str| skills.get(name).map_or(0, |it| it.level());
        let given = self.attributes(contact);
        let is_english = given.get("language").is_some_and(|it| it == "en");
        let grade = given.get("grade").and_then(|it| it.parse().ok()).unwrap_or(1);
        match self.1.since(since).as_secs() {
            0..10 => level("gas") > 2 && (is_english || level("dutch") >= grade),
            10..30 => level("gas") > 1,
            30.. => level("gas") > 0 || grade > 3,
        }
    }

    fn attributes(&self, contact: ContactId) -> BTreeMap<String, String> {
        let given = self.contact_events(contact).filter_map(|(_, event)| match event {
            // whom a colleague did not take waits as before
            ContactEvent::QueueEntered { since: Some(_), .. } => None,
            ContactEvent::QueueEntered { attributes, .. } => attributes.known().cloned(),
            _ => None,
        });
        given.last().unwrap_or_default()
    }

    /// Everybody who waits and is not being offered: (priority, since, id, queue).
    fn waiting(&self) -> Vec<(u8, Time, ContactId, QueueId)> {
        let ids: BTreeSet<ContactId> =
            self.0.iter().filter_map(|(_, event)| event.contact()).collect();
        ids.into_iter().filter_map(|id| self.place(id)).collect()
    }

    fn place(&self, id: ContactId) -> Option<(u8, Time, ContactId, QueueId)> {
        let mut place = None;
        let mut waits = false;
        for (at, event) in self.contact_events(id) {
            match event {
                ContactEvent::QueueEntered { queue, priority, since, .. } => {
                    place = Some((*priority, since.unwrap_or(at), id, queue.clone()));
                    waits = true;
                }
                ContactEvent::OfferEnded { .. } => waits = true,
                ContactEvent::Offered { .. } | ContactEvent::Ended { .. } => waits = false,
                _ => {}
            }
        }
        place.filter(|_| waits)
    }

    /// With how many the agent has talked since the last sign-in.
    fn taken(&self, id: &AgentId) -> u64 {
        let mut taken = 0;
        for (_, event) in self.0 {
            match event {
                Event::Agent { agent, event: AgentEvent::SignedIn { .. } } if agent == id => {
                    taken = 0
                }
                Event::Contact { event: ContactEvent::Connected { agent, .. }, .. } => {
                    taken += u64::from(agent == id);
                }
                _ => {}
            }
        }
        taken
    }

    fn last_offered(&self, id: &AgentId, of: &QueueId) -> Time {
        let mut offers = self.0.iter().rev().filter_map(|(at, event)| match event {
            Event::Contact { event: ContactEvent::Offered { agent, queue, .. }, .. } => {
                (agent == id && queue == of).then_some(*at)
            }
            _ => None,
        });
        offers.next().unwrap_or_default()
    }

    fn candidates(&self, contact: ContactId, queue: &QueueId, at: Time) -> Vec<(Time, AgentId)> {
        let agents = AGENTS.map(agent).into_iter().filter(|id| self.serves(id, queue));
        let agents = agents.filter(|id| self.is_needed(id, contact, queue, at));
        let mut ready: Vec<_> =
            agents.filter_map(|id| self.ready_since(&id).map(|since| (since, id))).collect();
        ready.sort_by_key(|(since, id)| {
            let (level, term, idle) = match (self.2, queue.as_str()) {
                (true, "calm") => (0, self.taken(id), *since),
                (true, "urgent") => (0, self.last_offered(id, queue).as_millis(), *since),
                (true, "expert") => {
                    (self.skills(id).get("gas").map_or(0, |it| it.level()), 0, Time::default())
                }
                _ => (0, 0, *since),
            };
            (u8::MAX - level, term, idle, id.clone())
        });
        ready
    }

    /// The next offer that must be made, by trying everybody. In an aged day a priority is worth
    /// ten seconds of waiting.
    fn must_be_offered(&self) -> Option<(ContactId, AgentId)> {
        let mut waiting = self.waiting();
        waiting.sort_by_key(|(priority, since, id, _)| {
            let worth = i64::from(*priority) * 10_000;
            match self.2 {
                true => (0, since.as_millis() as i64 - worth, *id),
                false => (-worth, since.as_millis() as i64, *id),
            }
        });
        let mut pairs = waiting.into_iter().filter_map(|(_, since, id, queue)| {
            self.candidates(id, &queue, since).into_iter().next().map(|(_, agent)| (id, agent))
        });
        pairs.next()
    }

    /// Who is asked about a contact. An agent who leaves then loses nobody the customer.
    fn asked(&self, id: ContactId) -> Option<AgentId> {
        let mut asked = None;
        let mut over = false;
        for (_, event) in self.contact_events(id) {
            match event {
                ContactEvent::ConsultationAsked { colleague, .. } => {
                    assert!(asked.replace(colleague.clone()).is_none(), "two at a time");
                }
                ContactEvent::ConsultationEnded { reason, .. } => {
                    assert!(asked.take().is_some(), "it was not begun");
                    over = *reason == ConsultationEnd::CallOver;
                    continue;
                }
                ContactEvent::Ended { by, .. } => {
                    assert!(asked.is_none() && (*by != Party::Agent || !over));
                }
                _ => assert!(!over, "the end of the call follows"),
            }
            over = false;
        }
        asked
    }

    /// offered = answered + abandoned + flowed out + still waiting.
    fn assert_conserved(&self) {
        let count = |is: &dyn Fn(&ContactEvent) -> bool| {
            let events = self.0.iter().filter_map(|(_, event)| match event {
                Event::Contact { event, .. } => Some(event),
                Event::Agent { .. } => None,
            });
            events.filter(|event| is(event)).count()
        };
        let offered = count(&|event| matches!(event, ContactEvent::QueueEntered { .. }));
        let (mut answered, mut abandoned, mut flowed_out, mut waiting) = (0, 0, 0, 0);
        for id in self.0.iter().filter_map(|(_, e)| e.contact()).collect::<BTreeSet<_>>() {
            // whether the contact is in a stay in a queue of which nothing has come yet
            let mut waits = false;
            for (_, event) in self.contact_events(id) {
                match event {
                    ContactEvent::QueueEntered { .. } => {
                        flowed_out += usize::from(std::mem::replace(&mut waits, true));
                    }
                    ContactEvent::Connected { .. } => answered += usize::from(take(&mut waits)),
                    ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp } => {
                        abandoned += usize::from(take(&mut waits));
                    }
                    ContactEvent::Ended { .. } => flowed_out += usize::from(take(&mut waits)),
                    _ => {}
                }
            }
            waiting += usize::from(waits);
        }
        assert_eq!(offered, answered + abandoned + flowed_out + waiting);
    }
}

/// One running day with everything that is checked after each step.
struct Day {
    desk: Desk,
    calls: Vec<ContactId>,
    bytes: Vec<u8>,
    is_aged: bool,
}

impl Day {
    fn new(is_aged: bool) -> Self {
        let desk = Desk::with(if is_aged { aged() } else { configuration() });
        Self { desk, calls: Vec::new(), bytes: Vec::new(), is_aged }
    }

    fn take(&mut self, input: Input) {
        let before = self.desk.log.len();
        if let Ok(decision) = self.desk.try_take(input) {
            self.bytes.extend(serde_json::to_vec(&decision).expect("it has a JSON form"));
        }
        self.check_offers(before);
    }

    fn check_offers(&self, before: usize) {
        let log = &self.desk.log;
        for (index, (at, event)) in log.iter().enumerate().skip(before) {
            if let Event::Contact {
                contact,
                event: ContactEvent::Offered { offer, agent, why, queue, .. },
            } = event
            {
                let told = Told(&log[..index], *at, self.is_aged);
                if why.transferred_by.is_some() {
                    // chosen by name; the phone of who was consulted rings already
                    let is_rung = matches!(
                        told.state(agent),
                        AgentState::Offered { contact: with, offer: by }
                            if with == *contact && by == *offer
                    );
                    assert!(is_rung || told.state(agent) == AgentState::Ready);
                    continue;
                }
                assert_eq!(told.must_be_offered(), Some((*contact, agent.clone())));
                let candidates = why.candidates.iter();
                let named: Vec<_> =
                    candidates.map(|it| (it.ready_since, it.agent.clone())).collect();
                assert_eq!(named, told.candidates(*contact, queue, why.waiting_since));
                self.check_excluded(&told, queue, why);
            }
        }
        assert_eq!(
            Told(log, self.desk.now, self.is_aged).must_be_offered(),
            None,
            "somebody waits and somebody is ready"
        );
    }

    /// Each agent of the queue is named, with what is true of them.
    fn check_excluded(&self, told: &Told<'_>, queue: &QueueId, why: &Why) {
        let is_candidate = |id: &AgentId| why.candidates.iter().any(|it| it.agent == *id);
        let others = AGENTS.map(agent).into_iter().filter(|id| {
            let is_in = told.serves(id, queue) && told.state(id) != AgentState::SignedOut;
            is_in && !is_candidate(id)
        });
        let expected: BTreeMap<AgentId, bool> =
            others.map(|id| (id.clone(), told.state(&id) == AgentState::Ready)).collect();
        let told = why.excluded.iter().map(|it| {
            assert_eq!(it.unmet.is_some(), it.clause == Clause::Requirement);
            (it.agent.clone(), it.clause == Clause::Requirement)
        });
        assert_eq!(told.collect::<BTreeMap<_, _>>(), expected);
        assert_eq!(why.asked.is_some(), queue.as_str() == "expert");
    }

    fn offers(&self) -> Vec<OfferId> {
        let offers = self.desk.log.iter().filter_map(|(_, event)| match event {
            Event::Contact { event: ContactEvent::Offered { offer, .. }, .. } => Some(*offer),
            _ => None,
        });
        offers.collect()
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Pass(millis) => {
                self.desk.now = Time::from_millis(self.desk.now.as_millis() + millis);
                self.take(Input::Tick);
            }
            Op::Call(which) => {
                let number = self.calls.len() as u128 + 1;
                self.calls.push(contact(number));
                self.take(arrival(number));
                self.take(handed_off(number, *which));
            }
            Op::Write(calm) => {
                let number = self.calls.len() as u128 + 1;
                self.calls.push(contact(number));
                self.take(reported(number, Stand::GoesOn));
                self.take(reported(number, to_queue(if *calm { "calm" } else { "urgent" })));
            }
            Op::Input(kind, which) => {
                if let Some(input) = self.input(*kind, *which) {
                    self.take(input);
                }
            }
        }
    }

    fn input(&self, kind: u8, which: usize) -> Option<Input> {
        let other = agent(AGENTS[which / AGENTS.len() % AGENTS.len()]);
        let agent = agent(AGENTS[which % AGENTS.len()]);
        let state = self.desk.router.domain().agent(&agent).map(|agent| agent.state.clone());
        let theirs = state.and_then(|state| state.contact()).unwrap_or(contact(999));
        let offers = self.offers();
        let offer = offers.len().checked_sub(1 + which % 3).map(|index| offers[index]);
        Some(match kind {
            0 => Input::PhoneRegistered { agent },
            1 => {
                let team = if which.is_multiple_of(3) { "calm" } else { "all" };
                Input::SignIn { agent, teams: vec![team.into()] }
            }
            2..=4 => Input::SetReady { agent },
            5 => Input::SetNotReady { agent, reason: ReasonId::new("break").ok()? },
            6 => Input::SignOut { agent },
            7 => Input::PhoneUnregistered { agent },
            8 => Input::Decline { agent, contact: theirs },
            9 => Input::HangUp { agent, contact: theirs },
            10 => Input::Dispose {
                agent,
                contact: theirs,
                disposition: caruso_contact::DispositionId::new("done").ok()?,
                note: String::new().into(),
            },
            11 | 12 => Input::Answered { offer: offer? },
            19 | 20 => {
                let (gas, dutch) = (which as u8 % 6, which as u8 / 4);
                Input::SkillsKnown { agent, skills: skills(&[("gas", gas), ("dutch", dutch)]) }
            }
            13 => Input::Accept { agent, contact: theirs },
            17 | 18 => {
                let note = String::new().into();
                let to = match QUEUES.get(which % 5) {
                    Some(queue) => Destination::Queue(QueueId::new(queue).ok()?),
                    None => Destination::Agent(other),
                };
                Input::Transfer { agent, contact: theirs, to, note }
            }
            23 | 24 => Input::Consult {
                agent,
                contact: theirs,
                colleague: other,
                note: String::new().into(),
                script_session: None,
            },
            25 => Input::Complete { agent, contact: theirs },
            27 => Input::Confer { agent, contact: theirs },
            26 => Input::EndConsultation { agent, contact: theirs },
            15 => Input::Hold { agent, contact: theirs },
            16 => match which % 3 {
                0 => Input::Retrieve { agent, contact: theirs },
                1 => Input::PhoneHeld { offer: offer? },
                _ => Input::PhoneRetrieved { offer: offer? },
            },
            14 => match which % 4 {
                0 => Input::AgentGone { offer: offer? },
                1 => Input::NotTaken { offer: offer?, because: NotTaken::Busy },
                2 => Input::NotTaken { offer: offer?, because: NotTaken::Rejected },
                _ => Input::NotTaken { offer: offer?, because: NotTaken::Unreachable },
            },
            _ => {
                let index = which.checked_rem(self.calls.len())?;
                Input::CallerGone { contact: self.calls[index] }
            }
        })
    }

    /// Who is asked about a contact is busy with it, as the log says, and rings until a deadline.
    fn check_consultations(&self) {
        let told = Told(&self.desk.log, self.desk.now, self.is_aged);
        for (id, contact) in self.desk.router.domain().contacts() {
            let asked = contact.consultation.as_ref();
            assert_eq!(asked.map(|it| it.colleague.clone()), told.asked(id));
            let Some(asked) = asked else { continue };
            assert!(matches!(contact.stage, Stage::Talking { .. }) && contact.is_call());
            let state = match asked.rings_until {
                Some(_) => AgentState::Offered { contact: id, offer: asked.offer },
                None => AgentState::Talking { contact: id },
            };
            assert_eq!(told.state(&asked.colleague), state);
            let is_held = !matches!(contact.stage, Stage::Talking { held: None, .. });
            assert!(!asked.is_conference || !is_held && asked.rings_until.is_none());
        }
    }

    /// At most one agent has to do with a contact, and it knows; each state has its index.
    fn check_state(&self) {
        self.check_consultations();
        let domain = self.desk.router.domain();
        let finishes = |state: &AgentState| matches!(state, AgentState::WrapUp { .. });
        let asked = domain.contacts().filter_map(|(_, contact)| contact.consultation.as_ref());
        let asked: BTreeSet<AgentId> = asked.map(|it| it.colleague.clone()).collect();
        let with_customers = domain
            .agents()
            .filter(|(name, agent)| !finishes(&agent.state) && !asked.contains(*name));
        let busy: Vec<ContactId> =
            with_customers.filter_map(|(_, agent)| agent.state.contact()).collect();
        let distinct: BTreeSet<ContactId> = busy.iter().copied().collect();
        assert_eq!(busy.len(), distinct.len(), "two agents have to do with one contact");
        assert!(busy.iter().all(|contact| domain.contact(*contact).is_some()));
        for (name, agent) in domain.agents() {
            let contact = finishes(&agent.state).then(|| agent.state.contact()).flatten();
            assert_eq!(domain.wrap_up(name).map(|it| it.contact), contact);
        }
        let wrap_ups = domain.wrap_ups.iter().map(|(name, it)| (it.deadline, name.clone()));
        assert_eq!(wrap_ups.collect::<BTreeSet<_>>(), domain.wrap_up_deadlines);
        for (_, agent) in domain.agents().filter(|(_, agent)| agent.state == AgentState::Ready) {
            assert!(agent.has_phone, "ready without a phone");
        }
        let deadlines = domain.contacts().filter_map(|(id, it)| Some((it.deadline()?, id)));
        assert_eq!(deadlines.collect::<BTreeSet<_>>(), domain.deadlines);
        let mut replayed =
            Router::new(self.desk.router.configuration().clone().into(), Domain::default());
        for (at, event) in &self.desk.log {
            replayed.apply(*at, event);
        }
        assert_eq!(replayed.domain(), domain, "the state is not the fold of the log");
        for queue in QUEUES.map(|name| QueueId::new(name).expect("a name")) {
            let is_in = |it: &&Ongoing| {
                let is_waiting = matches!(it.stage, Stage::Waiting | Stage::Offered { .. });
                it.is_call() && is_waiting && it.place.as_ref().is_some_and(|it| it.0 == queue)
            };
            let calls = domain.contacts().map(|(_, it)| it).filter(is_in).count();
            assert_eq!(self.desk.router.length(&queue, true), calls);
        }
        Told(&self.desk.log, self.desk.now, self.is_aged).assert_conserved();
    }

    /// Everybody hangs up and time goes by: nothing may be stuck.
    fn end(&mut self) {
        for contact in self.calls.clone() {
            self.take(Input::CallerGone { contact });
        }
        self.desk.now = self.desk.now.after(crate::LONGEST_TALK);
        self.take(Input::Tick);
        let domain = self.desk.router.domain();
        assert_eq!(domain.contacts().count(), 0, "a contact is stuck");
        assert!(domain.agents().all(|(_, agent)| agent.state.contact().is_none()));
        assert!(domain.deadlines.is_empty() && domain.lines.is_empty());
        assert!(domain.offers.is_empty() && domain.wrap_ups.is_empty());
    }
}

/// A third of the calls for each queue, with attributes that fit or do not.
fn handed_off(number: u128, which: usize) -> Input {
    let queue = QueueId::new(QUEUES[which % 3]).expect("a name");
    let language = ["nl", "en", "xx"][which / 3 % 3].to_owned();
    let mut attributes = BTreeMap::from([("language".to_owned(), language)]);
    if which > 9 {
        attributes.insert("grade".to_owned(), (which % 5).to_string());
    }
    Input::HandedOff { contact: contact(number), queue, attributes: attributes.into() }
}

fn live(ops: &[Op], is_aged: bool) -> Vec<u8> {
    let mut day = Day::new(is_aged);
    for name in &AGENTS[..2] {
        day.take(Input::PhoneRegistered { agent: agent(name) });
        day.take(Input::SignIn { agent: agent(name), teams: vec!["all".into()] });
        day.take(Input::SetReady { agent: agent(name) });
    }
    for op in ops {
        day.run(op);
    }
    day.check_state();
    day.end();
    day.bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn every_decision_is_the_one_that_a_naive_reading_of_the_log_makes(
        ops in proptest::collection::vec(op(), 0..70),
        is_aged in any::<bool>(),
    ) {
        live(&ops, is_aged);
    }

    #[test]
    fn the_same_inputs_give_the_same_bytes(ops in proptest::collection::vec(op(), 0..40)) {
        prop_assert_eq!(live(&ops, true), live(&ops, true));
    }
}
