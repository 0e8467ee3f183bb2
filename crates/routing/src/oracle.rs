//! Random days, each decision checked against a naive reading of the whole log.

mod acts;
mod announced;
mod beside;
mod outside;
mod state;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_contact::{
    AgentId, AgentState, Clause, ContactEvent, ContactId, Event, ImposedState, Intervention,
    ListeningMode, OfferId, Overflow, QueueId, ReasonId, Time, Why,
};
use proptest::prelude::*;

use self::told::Told;
use crate::tests::{
    Desk, agent, arrival, asks_back, compiled, contact, dial, dials, overflowing, reported,
    ringing_all, skills, to_queue, with_capacity,
};
use crate::{
    Action, AtPhone, Configuration, Decision, Destination, Domain, Input, KnownOfNumber, Listed,
    NotReached, NotTaken, Ongoing, Router, Stage, Stand,
};

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
        8 => (0u8..53, 0usize..24).prop_map(|(kind, which)| Op::Input(kind, which)),
    ]
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
        let desk = Desk::with(if is_aged { overflowing() } else { roomy() });
        Self { desk, calls: Vec::new(), bytes: Vec::new(), is_aged }
    }

    fn take(&mut self, input: Input) {
        let before = self.desk.log.len();
        if let Ok(decision) = self.desk.try_take(input) {
            self.bytes.extend(serde_json::to_vec(&decision).expect("it has a JSON form"));
            check_calls(&self.desk.log, &decision);
            check_callbacks(&self.desk.log, &decision);
            outside::check(&self.desk.log, &decision);
        }
        self.check_offers(before);
        self.check_overflows(before);
        self.check_preferences(before);
        self.check_brought_forward(before);
        self.check_announcements(before);
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
                let must = told.must_be_offered().or_else(|| told.must_ring_along());
                assert_eq!(must, Some((*contact, agent.clone())));
                let candidates = why.candidates.iter();
                let named: Vec<_> =
                    candidates.map(|it| (it.ready_since, it.agent.clone())).collect();
                assert_eq!(named, told.candidates(*contact, queue, why.waiting_since));
                self.check_excluded(&told, *contact, queue, why);
            }
        }
        assert_eq!(
            Told(log, self.desk.now, self.is_aged).must_be_offered(),
            None,
            "somebody waits and somebody is ready"
        );
        assert_eq!(
            Told(log, self.desk.now, self.is_aged).must_ring_along(),
            None,
            "not all phones ring that should"
        );
    }

    /// Nobody goes on without cause, none is lost on the way, and nobody stays who must go on.
    fn check_overflows(&self, before: usize) {
        let log = &self.desk.log;
        for (index, (at, event)) in log.iter().enumerate().skip(before) {
            let Event::Contact { contact, event: ContactEvent::Overflowed { cause } } = event
            else {
                continue;
            };
            let told = Told(&log[..index], *at, self.is_aged);
            let (_, since, _, queue) = told.place(*contact).expect("it waits");
            let is_due = match cause {
                Overflow::Waited => {
                    let calls = told.calls();
                    let entered = calls.iter().find(|it| it.2 == *contact).expect("a call").0;
                    let longest = if queue.as_str() == "expert" { 45 } else { 40 };
                    queue.as_str() != "urgent" && at.since(entered).as_secs() >= longest
                }
                Overflow::Unserved => queue.as_str() == "expert" && !told.is_served(&queue),
                Overflow::Closed => queue.as_str() == "urgent" && is_closed(*at),
                Overflow::Full => queue.as_str() == "urgent" && told.length(&queue, *contact) > 3,
            };
            assert!(is_due, "{cause:?} in {queue}");
            let next = log[index + 1..].iter().find_map(|(_, event)| match event {
                Event::Contact { contact: id, event } if id == contact => Some(event),
                _ => None,
            });
            let next = next.expect("it goes on");
            if *cause == Overflow::Waited && queue.as_str() == "calm" {
                assert!(matches!(next, ContactEvent::VoicemailStarted { .. }), "{next:?}");
                continue;
            }
            let ContactEvent::QueueEntered { queue: to, since: kept, .. } = next else {
                panic!("it goes nowhere, but {next:?}");
            };
            let to_calm = *cause != Overflow::Waited;
            assert_eq!(to.as_str(), if to_calm { "calm" } else { "urgent" });
            assert_eq!(*kept, Some(since), "it keeps its wait");
        }
        if self.is_aged {
            self.check_hours(before);
            let told = Told(log, self.desk.now, true);
            for (entered, queue, _) in told.calls() {
                let waited = self.desk.now.since(entered).as_secs();
                let is_expert = queue.as_str() == "expert";
                assert!(!is_expert || waited < 45 && told.is_served(&queue), "{waited} s");
                assert!(queue.as_str() != "calm" || waited < 40, "{waited} s");
            }
        }
    }

    /// Who is brought forward is before everybody who waits in the same queue.
    fn check_brought_forward(&self, before: usize) {
        let log = &self.desk.log;
        for (index, (at, event)) in log.iter().enumerate().skip(before) {
            let Event::Contact { contact, event: ContactEvent::Intervened { what, .. } } = event
            else {
                continue;
            };
            if !matches!(what, Intervention::BroughtForward { .. }) {
                continue;
            }
            let told = Told(&log[..=index], *at, self.is_aged);
            let waiting = told.waiting();
            let (.., queue) = told.place(*contact).expect("it waits");
            let line = waiting.iter().filter(|(.., it)| *it == queue).map(|(_, _, id, _)| *id);
            assert_eq!(line.min_by_key(|id| told.key(*id)), Some(*contact));
        }
    }

    /// Who enters the queue waits for their agent, and for nobody who is away, nor too long.
    fn check_preferences(&self, before: usize) {
        let log = &self.desk.log;
        for (index, (at, event)) in log.iter().enumerate().skip(before) {
            let Event::Contact {
                contact,
                event: ContactEvent::AgentPreferred { agent, until, .. },
            } = event
            else {
                continue;
            };
            let told = Told(&log[..index], *at, self.is_aged);
            let (.., queue) = told.place(*contact).expect("it waits");
            assert_eq!(told.must_wait_for(*contact, &queue).as_ref(), Some(agent));
            assert_eq!(until.since(*at).as_secs(), 20);
        }
        let told = Told(log, self.desk.now, self.is_aged);
        for (_, since, contact, queue) in told.waiting() {
            if let Some(agent) = told.preferred_agent(contact) {
                assert!(told.is_there(&agent, &queue), "{agent} is away");
                assert!(self.desk.now.since(since).as_secs() < 20 || self.is_aged);
            }
        }
    }

    /// No call is let in outside of the hours, but where an agent had it.
    fn check_hours(&self, before: usize) {
        let arrived = self.desk.log.iter().filter_map(|(_, event)| match event {
            Event::Contact { contact, event: ContactEvent::Arrived { channel, .. } } => {
                channel.is_call().then_some(*contact)
            }
            _ => None,
        });
        let calls: BTreeSet<ContactId> = arrived.collect();
        for (index, (at, event)) in self.desk.log.iter().enumerate().skip(before) {
            let Event::Contact { contact, event: ContactEvent::QueueEntered { queue, .. } } = event
            else {
                continue;
            };
            let is_of = |other: &&(Time, Event)| other.1.contact() == Some(*contact);
            let before = self.desk.log[..index].iter().rev().find(is_of).map(|it| &it.1);
            let comes_by_itself = matches!(
                before,
                Some(Event::Contact {
                    event: ContactEvent::IvrEnded { .. } | ContactEvent::Overflowed { .. },
                    ..
                })
            );
            if queue.as_str() != "urgent" || !calls.contains(contact) || !comes_by_itself {
                continue;
            }
            let next = self.desk.log[index + 1..].iter().find(is_of).map(|it| &it.1);
            let is_sent_on = matches!(
                next,
                Some(Event::Contact {
                    event: ContactEvent::Overflowed { cause: Overflow::Closed },
                    ..
                })
            );
            assert_eq!(is_sent_on, is_closed(*at), "{at:?}");
        }
    }

    /// Each agent of the queue is named, with what is true of them.
    fn check_excluded(&self, told: &Told<'_>, contact: ContactId, queue: &QueueId, why: &Why) {
        let is_candidate = |id: &AgentId| why.candidates.iter().any(|it| it.agent == *id);
        let others = AGENTS.map(agent).into_iter().filter(|id| {
            let is_in = told.serves(id, queue) && told.state(id) != AgentState::SignedOut;
            // of whom nobody asked, who could be offered something is not spoken of
            let is_meant = why.preferred_agent.is_none() || told.load(id).is_none();
            is_in && is_meant && !is_candidate(id)
        });
        let expected: BTreeMap<AgentId, bool> =
            others.map(|id| (id.clone(), told.has_room(&id, contact))).collect();
        let told = why.excluded.iter().map(|it| {
            assert_eq!(it.unmet.is_some(), it.clause == Clause::Requirement);
            (it.agent.clone(), it.clause == Clause::Requirement)
        });
        assert_eq!(told.collect::<BTreeMap<_, _>>(), expected);
        assert_eq!(why.asked.is_some(), queue.as_str() == "expert");
    }

    fn offers(&self) -> Vec<OfferId> {
        let offers = self.desk.log.iter().filter_map(|(_, event)| match event {
            Event::Contact {
                event: ContactEvent::Offered { offer, .. } | ContactEvent::Dialled { offer, .. },
                ..
            } => Some(*offer),
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
                if which.is_multiple_of(2) {
                    let known = agent(AGENTS[(which / 2 + 1) % AGENTS.len()]);
                    let (agent, at) = (known, self.desk.now);
                    self.take(Input::Acquainted { contact: contact(number), agent, at });
                }
                match which % 12 {
                    9 => self.take(asks_back(number, "calm", "06 1234 5678")),
                    _ => self.take(handed_off(number, *which)),
                }
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
        let known = self.desk.router.domain().agent(&agent);
        let aside = known.and_then(|agent| agent.interrupted.first().copied());
        let offers = self.offers();
        let offer = offers.len().checked_sub(1 + which % 3).map(|index| offers[index]);
        Some(match kind {
            0 => Input::PhoneRegistered { agent },
            1 | 43 => self.of_team(kind, which, agent),
            2..=4 => Input::SetReady { agent },
            5 => Input::SetNotReady { agent, reason: ReasonId::new("break").ok()? },
            6 => Input::SignOut { agent },
            7 => Input::PhoneUnregistered { agent },
            8 if which.is_multiple_of(3) => Input::TakeUp { agent, contact: aside? },
            8 => Input::Decline { agent, contact: theirs },
            9 => Input::HangUp { agent, contact: theirs },
            10 => Input::Dispose {
                agent,
                contact: theirs,
                disposition: caruso_contact::DispositionId::new("done").ok()?,
                note: String::new().into(),
            },
            11 | 12 => self.answered(offer?, which),
            19 | 20 => {
                let (gas, dutch) = (which as u8 % 6, which as u8 / 4);
                Input::SkillsKnown { agent, skills: skills(&[("gas", gas), ("dutch", dutch)]) }
            }
            13 => Input::Accept { agent, contact: theirs },
            17 | 18 => {
                let note = String::new().into();
                let to = match QUEUES.get(which % 5) {
                    Some(queue) => Destination::Queue(QueueId::new(queue).ok()?),
                    None if which > 11 => outside::partner(),
                    None => Destination::Agent(other),
                };
                Input::Transfer { agent, contact: theirs, to, note }
            }
            23 | 24 => Input::Consult {
                agent,
                contact: theirs,
                asked: outside::asked(which, other),
                note: String::new().into(),
                script_session: None,
            },
            25 => Input::Complete { agent, contact: theirs },
            27 => Input::Confer { agent, contact: theirs },
            26 => Input::EndConsultation { agent, contact: theirs },
            28..=31 => self.dialling(kind, which, agent, theirs),
            32 => Input::CallbackSettled { contact: theirs },
            33 => self.asks_while_waiting(which)?,
            34..=37 => return self.intervention(kind, which, agent),
            38..=40 => self.listening(kind, which, theirs),
            41 | 42 | 44 => self.of_customer(kind, which)?,
            45..=47 => self.at_phone(kind, which, agent),
            51 | 52 => self.outside(which)?,
            48..=50 => self.by_line(kind, which, (agent, other, theirs))?,
            15 => Input::Hold { agent, contact: theirs },
            16 => match which % 3 {
                0 => Input::Retrieve { agent, contact: theirs },
                1 => Input::PhoneHeld { offer: offer? },
                _ => Input::PhoneRetrieved { offer: offer? },
            },
            14 => phone_ends(offer?, which),
            _ => {
                let index = which.checked_rem(self.calls.len())?;
                Input::CallerGone { contact: self.calls[index] }
            }
        })
    }

    /// Everybody hangs up and time goes by: nothing may be stuck.
    fn end(&mut self) {
        for contact in self.calls.clone() {
            self.take(Input::CallerGone { contact });
        }
        // what rings, talks or waits ends; whom an agent called and passed on may leave a message,
        // which is kept for a while; and then the wrap-ups that follow
        for _ in 0..4 {
            self.desk.now = self.desk.now.after(crate::LONGEST_TALK);
            self.take(Input::Tick);
        }
        let domain = self.desk.router.domain();
        assert_eq!(domain.contacts().count(), 0, "a contact is stuck");
        assert!(domain.agents().all(|(_, agent)| agent.state.contact().is_none()));
        assert!(domain.deadlines.is_empty() && domain.lines.is_empty());
        assert!(domain.offers.is_empty() && domain.wrap_ups.is_empty());
    }
}

/// Nobody is called back but with what the log says permitted, and once for each time.
fn check_callbacks(log: &[(Time, Event)], decision: &Decision) {
    for effect in &decision.effects {
        let Action::CallBack { contact, permit, .. } = &effect.action else { continue };
        let told = Told(log, Time::default(), false);
        let called = told.contact_events(*contact).filter_map(|(_, event)| match event {
            ContactEvent::CustomerCalled { evidence, .. } => Some(evidence.clone()),
            _ => None,
        });
        assert_eq!(called.last().flatten().as_ref(), permit.evidence());
        assert!(
            permit.evidence().is_some_and(|it| it.denied.is_none()),
            "nobody is called without a permit"
        );
    }
}

/// Nobody is called but once, after the agent's phone answered, with what the log says permitted.
fn check_calls(log: &[(Time, Event)], decision: &Decision) {
    for effect in &decision.effects {
        let (Action::Dial { contact, .. }
        | Action::CallForPhone { contact, .. }
        | Action::CallCustomer { contact, .. }) = effect.action
        else {
            continue;
        };
        let told = Told(log, Time::default(), false);
        let permits = told.contact_events(contact).filter(|(_, event)| {
            matches!(event, ContactEvent::Dialled { evidence, .. } if evidence.denied.is_none())
        });
        assert_eq!(permits.count(), 1, "nobody is called without a permit");
        let calls = told.contact_events(contact);
        let calls = calls.filter(|(_, it)| matches!(it, ContactEvent::CustomerCalled { .. }));
        let is_call = !matches!(effect.action, Action::Dial { .. });
        assert_eq!(calls.count(), usize::from(is_call));
    }
}

/// All phones ring in `urgent`, and what is written leaves room beside it.
fn roomy() -> Arc<Configuration> {
    compiled(&with_capacity(&ringing_all()))
}

/// A phone is gone, or does not take a call.
fn phone_ends(offer: OfferId, which: usize) -> Input {
    match which % 5 {
        0 => Input::AgentGone { offer },
        4 => Input::AgentLost { offer },
        1 => Input::NotTaken { offer, because: NotTaken::Busy },
        2 => Input::NotTaken { offer, because: NotTaken::Rejected },
        _ => Input::NotTaken { offer, because: NotTaken::Unreachable },
    }
}

/// Whether `urgent` is closed, in other words than those of the file.
fn is_closed(at: Time) -> bool {
    let minute = at.as_millis() / 60_000 % (24 * 60);
    minute != 18 && minute != 19
}

/// A third of the calls for each queue, with attributes that fit or do not.
fn handed_off(number: u128, which: usize) -> Input {
    let queue = QueueId::new(QUEUES[which % 3]).expect("a name");
    let language = ["nl", "en", "xx"][which / 3 % 3].to_owned();
    let mut attributes = BTreeMap::from([("language".to_owned(), language)]);
    if which > 9 {
        attributes.insert("grade".to_owned(), (which % 5).to_string());
    }
    if which.is_multiple_of(4) {
        let manager = AGENTS[which / 4 % AGENTS.len()].to_owned();
        attributes.insert("manager".to_owned(), manager);
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
    for name in ["sofie", "dirk"] {
        day.take(Input::PhoneRegistered { agent: agent(name) });
    }
    day.take(Input::SignIn { agent: agent("dirk"), teams: vec!["all".into()] });
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
