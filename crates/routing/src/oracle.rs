//! Random days, each decision checked against a naive reading of the whole log.

use std::collections::BTreeSet;
use std::mem::take;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, EndCause, Event, OfferId, Party,
    QueueId, ReasonId, Time,
};
use proptest::prelude::*;

use crate::tests::{Desk, agent, arrival, configuration, contact, handed_off, reported, to_queue};
use crate::{Destination, Domain, Input, NotTaken, Router, Stand};

const AGENTS: [&str; 4] = ["anna", "bram", "cees", "dirk"];

/// A step of a random day; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Op {
    Pass(u64),
    Call(bool),
    Write(bool),
    Input(u8, usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0u64..40_000).prop_map(Op::Pass),
        2 => any::<bool>().prop_map(Op::Call),
        1 => any::<bool>().prop_map(Op::Write),
        8 => (0u8..21, 0usize..14).prop_map(|(kind, which)| Op::Input(kind, which)),
    ]
}

/// What the log says so far, found by going through all of it.
struct Told<'a>(&'a [(Time, Event)]);

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

    fn candidates(&self, queue: &QueueId) -> Vec<(Time, AgentId)> {
        let agents = AGENTS.map(agent).into_iter().filter(|id| self.serves(id, queue));
        let mut ready: Vec<_> =
            agents.filter_map(|id| self.ready_since(&id).map(|since| (since, id))).collect();
        ready.sort();
        ready
    }

    /// The next offer that must be made, by trying everybody.
    fn must_be_offered(&self) -> Option<(ContactId, AgentId)> {
        let mut waiting = self.waiting();
        waiting.sort_by_key(|(priority, since, id, _)| (u8::MAX - priority, *since, *id));
        let mut pairs = waiting.into_iter().filter_map(|(_, _, id, queue)| {
            self.candidates(&queue).into_iter().next().map(|(_, agent)| (id, agent))
        });
        pairs.next()
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
}

impl Day {
    fn new() -> Self {
        Self { desk: Desk::new(), calls: Vec::new(), bytes: Vec::new() }
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
        for (index, (_, event)) in log.iter().enumerate().skip(before) {
            if let Event::Contact {
                contact,
                event: ContactEvent::Offered { agent, why, queue, .. },
            } = event
            {
                let told = Told(&log[..index]);
                if why.transferred_by.is_some() {
                    // chosen by name
                    assert_eq!(told.state(agent), AgentState::Ready);
                    continue;
                }
                assert_eq!(told.must_be_offered(), Some((*contact, agent.clone())));
                let candidates = why.candidates.iter();
                let named: Vec<_> =
                    candidates.map(|it| (it.ready_since, it.agent.clone())).collect();
                assert_eq!(named, told.candidates(queue));
            }
        }
        assert_eq!(Told(log).must_be_offered(), None, "somebody waits and somebody is ready");
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
            Op::Call(calm) => {
                let number = self.calls.len() as u128 + 1;
                self.calls.push(contact(number));
                self.take(arrival(number));
                self.take(handed_off(number, if *calm { "calm" } else { "urgent" }));
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
            13 => Input::Accept { agent, contact: theirs },
            17 | 18 => {
                let note = String::new().into();
                let to = match which % 3 {
                    0 => Destination::Queue(QueueId::new("calm").ok()?),
                    1 => Destination::Queue(QueueId::new("urgent").ok()?),
                    _ => Destination::Agent(other),
                };
                Input::Transfer { agent, contact: theirs, to, note }
            }
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

    /// At most one agent has to do with a contact, and it knows; each state has its index.
    fn check_state(&self) {
        let domain = self.desk.router.domain();
        let finishes = |state: &AgentState| matches!(state, AgentState::WrapUp { .. });
        let with_customers = domain.agents().filter(|(_, agent)| !finishes(&agent.state));
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
        let mut replayed = Router::new(configuration(), Domain::default());
        for (at, event) in &self.desk.log {
            replayed.apply(*at, event);
        }
        assert_eq!(replayed.domain(), domain, "the state is not the fold of the log");
        Told(&self.desk.log).assert_conserved();
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

fn live(ops: &[Op]) -> Vec<u8> {
    let mut day = Day::new();
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
    ) {
        live(&ops);
    }

    #[test]
    fn the_same_inputs_give_the_same_bytes(ops in proptest::collection::vec(op(), 0..40)) {
        prop_assert_eq!(live(&ops), live(&ops));
    }
}
