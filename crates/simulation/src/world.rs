//! A scenario is played: one event after the other, by the router that decides in the real system.
//!
//! Everything that comes from outside stands in a calendar. What the router decides leads to more:
//! a phone that rings is answered after a while, a conversation ends, a wrap-up is done, and who
//! has waited longer than their patience hangs up. Time jumps from one to the next.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, Event, OfferId, Personal, ReasonId,
    Time,
};
use caruso_routing::{
    Configuration, Conversation, Destination, Domain, Input, Ongoing, Refusal, Router, Stage, Stand,
};
use uuid::Uuid;

use crate::scenario::{Change, Customer, Move, Scenario, Stay};

/// How long customers speak who may leave a message.
const MESSAGE_TIME: Duration = Duration::from_secs(30);

/// What was not as the scenario has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Customers who could not reach us: no number is answered, or too many are there.
    pub turned_away: u32,
    /// When the last thing happened.
    pub ended_at: Time,
}

/// Plays a scenario under a configuration; everything that is decided is told.
pub fn play(
    configuration: Arc<Configuration>,
    scenario: &Scenario,
    tell: &mut dyn FnMut(Time, &Event),
) -> Played {
    let mut world = World::new(configuration, scenario, tell);
    while let Some((at, next)) = world.next() {
        if scenario.until.is_some_and(|until| at > until) {
            break;
        }
        world.now = at;
        match next {
            Some(happening) => world.happen(happening),
            None => world.take(Input::Tick),
        }
    }
    Played { turned_away: world.turned_away, ended_at: scenario.until.unwrap_or(world.now) }
}

enum Happening {
    Arrival(usize),
    HandOver(usize),
    /// The patience of a stay is over.
    Leaves(usize, usize),
    Answer(OfferId),
    /// The conversation of a stay is over.
    Parts(usize, usize),
    WrappedUp(AgentId, ContactId),
    /// A message has been left.
    HasSpoken(ContactId),
    Move(usize),
    SignOut(AgentId),
}

struct Going {
    /// Which of the stays.
    stay: usize,
    has_patience: bool,
}

struct World<'a> {
    router: Router,
    scenario: &'a Scenario,
    tell: &'a mut dyn FnMut(Time, &Event),
    now: Time,
    /// By time, then in the order in which it was put there.
    calendar: BTreeMap<(Time, u64), Happening>,
    entries: u64,
    last_id: u128,
    index: HashMap<ContactId, usize>,
    going: Vec<Going>,
    leaving: HashSet<AgentId>,
    /// Conversations that are over as soon as their agents take them up again, with their stays.
    laid_aside: HashMap<ContactId, (usize, usize)>,
    turned_away: u32,
}

impl<'a> World<'a> {
    fn new(
        configuration: Arc<Configuration>,
        scenario: &'a Scenario,
        tell: &'a mut dyn FnMut(Time, &Event),
    ) -> Self {
        let customers = &scenario.customers;
        let mut world = Self {
            router: Router::new(configuration, Domain::default()),
            scenario,
            tell,
            now: Time::default(),
            calendar: BTreeMap::new(),
            entries: 0,
            last_id: 0,
            index: customers.iter().map(|it| it.contact).zip(0..).collect(),
            going: customers.iter().map(|_| Going { stay: 0, has_patience: false }).collect(),
            leaving: HashSet::new(),
            laid_aside: HashMap::new(),
            turned_away: 0,
        };
        for (number, it) in scenario.moves.iter().enumerate() {
            world.put(it.at, Happening::Move(number));
        }
        for (number, it) in customers.iter().enumerate() {
            world.put(it.arrives, Happening::Arrival(number));
        }
        world
    }

    fn put(&mut self, at: Time, happening: Happening) {
        self.entries += 1;
        self.calendar.insert((at, self.entries), happening);
    }

    /// What is next: something of the calendar, or, where nothing stands there so early, a state
    /// that ends by itself.
    fn next(&mut self) -> Option<(Time, Option<Happening>)> {
        let deadline = self.router.next_deadline();
        match self.calendar.first_key_value().map(|(key, _)| key.0) {
            Some(at) if deadline.is_none_or(|deadline| at <= deadline) => {
                let ((at, _), happening) = self.calendar.pop_first()?;
                Some((at, Some(happening)))
            }
            _ => deadline.map(|at| (at.max(self.now), None)),
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrival(number) => self.arrive(number),
            Happening::HandOver(number) => self.hand_over(number),
            Happening::Leaves(number, stay) => self.leave(number, stay),
            Happening::Answer(offer) => self.take(Input::Answered { offer }),
            Happening::Parts(number, stay) => self.part(number, stay),
            Happening::WrappedUp(agent, contact) => self.wrapped_up(agent, contact),
            Happening::HasSpoken(contact) => {
                let length = u64::try_from(MESSAGE_TIME.as_millis()).ok();
                self.take(Input::Recorded { contact, length });
            }
            Happening::Move(number) => self.follow(number),
            Happening::SignOut(agent) => self.sign_out(agent),
        }
    }

    /// What cannot be any more changes nothing.
    fn take(&mut self, input: Input) {
        let _ = self.try_take(input);
    }

    fn try_take(&mut self, input: Input) -> Result<(), Refusal> {
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let decision = self.router.handle(input, self.now, &mut ids)?;
        for (_, event) in decision.events {
            (self.tell)(self.now, &event);
            match event {
                Event::Contact { contact, event } => self.after_contact(contact, &event),
                Event::Agent { agent, event } => self.after_agent(agent, &event),
            }
        }
        Ok(())
    }

    fn customer(&self, number: usize) -> &'a Customer {
        &self.scenario.customers[number]
    }

    fn stay(&self, number: usize) -> &'a Stay {
        &self.customer(number).stays[self.going[number].stay]
    }

    fn arrive(&mut self, number: usize) {
        let customer = self.customer(number);
        let contact = customer.contact;
        let input = if customer.channel.is_call() {
            let numbers = &self.router.configuration().numbers;
            let known = numbers.contains_key(&customer.called).then_some(&customer.called);
            let called = known.or_else(|| numbers.keys().next()).cloned().unwrap_or_default();
            Input::Arrived {
                contact,
                calling: None,
                signalled: None,
                called,
                channel: customer.channel,
            }
        } else {
            self.report(customer, Stand::GoesOn)
        };
        match self.try_take(input) {
            Ok(()) => {
                let at = self.now.after(customer.script_time);
                self.put(at, Happening::HandOver(number));
            }
            Err(_) => self.turned_away += 1,
        }
    }

    fn report(&self, customer: &Customer, stand: Stand) -> Input {
        let (channel, script) = (customer.channel, customer.script.clone());
        let conversation = Conversation { channel, calling: None, script };
        Input::Reported { contact: customer.contact, conversation, stand }
    }

    fn hand_over(&mut self, number: usize) {
        let (customer, stay) = (self.customer(number), self.stay(number));
        let (contact, queue) = (customer.contact, stay.queue.clone());
        let attributes = Personal::Known(stay.attributes.clone());
        let input = if customer.channel.is_call() {
            Input::HandedOff { contact, queue, attributes }
        } else {
            let answers = Personal::Known(Vec::new());
            self.report(customer, Stand::HandedOff { queue, attributes, answers })
        };
        self.take(input);
    }

    fn leave(&mut self, number: usize, stay: usize) {
        let contact = self.customer(number).contact;
        let stage = self.router.domain().contact(contact).map(|it| &it.stage);
        let waits = matches!(stage, Some(Stage::Waiting | Stage::Offered { .. }));
        if waits && self.going[number].stay == stay {
            self.take(Input::CallerGone { contact });
        }
    }

    /// The conversation is over: the customer hangs up, or is passed on.
    fn part(&mut self, number: usize, stay: usize) {
        let customer = self.customer(number);
        let contact = customer.contact;
        let stage = self.router.domain().contact(contact).map(|it| it.stage.clone());
        let Some(Stage::Talking { agent, .. }) = stage else { return };
        if self.going[number].stay != stay {
            return;
        }
        if self.router.domain().contact(contact).is_some_and(|it| it.is_interrupted) {
            // when the agent has taken it up again
            self.laid_aside.insert(contact, (number, stay));
            return;
        }
        if let Some(next) = customer.stays.get(stay + 1) {
            let to = Destination::Queue(next.queue.clone());
            let note = Personal::Known(String::new());
            self.going[number] = Going { stay: stay + 1, has_patience: false };
            let passed_on = Input::Transfer { agent: agent.clone(), contact, to, note };
            if self.try_take(passed_on).is_ok() {
                return;
            }
            // the queue is full, or gone: the agent keeps the customer to the end
            self.going[number] = Going { stay, has_patience: true };
        }
        let is_call = self.router.domain().contact(contact).is_some_and(Ongoing::is_call);
        let gone = Input::CallerGone { contact };
        self.take(if is_call { gone } else { Input::HangUp { agent, contact } });
    }

    fn after_contact(&mut self, contact: ContactId, event: &ContactEvent) {
        let Some(number) = self.index.get(&contact).copied() else { return };
        match event {
            ContactEvent::QueueEntered { .. } if !self.going[number].has_patience => {
                self.going[number].has_patience = true;
                let stay = self.going[number].stay;
                if let Some(patience) = self.stay(number).patience {
                    self.put(self.now.after(patience), Happening::Leaves(number, stay));
                }
            }
            ContactEvent::VoicemailStarted { .. } => {
                self.put(self.now.after(MESSAGE_TIME), Happening::HasSpoken(contact));
            }
            ContactEvent::Offered { offer, .. } => {
                let at = self.now.after(self.stay(number).ring_time);
                self.put(at, Happening::Answer(*offer));
            }
            ContactEvent::Connected { .. } => {
                let stay = self.going[number].stay;
                let at = self.now.after(self.stay(number).talk_time);
                self.put(at, Happening::Parts(number, stay));
            }
            ContactEvent::Resumed { .. } => {
                if let Some((number, stay)) = self.laid_aside.remove(&contact) {
                    self.put(self.now, Happening::Parts(number, stay));
                }
            }
            ContactEvent::WrapUpStarted { agent, deadline } => {
                let is_over = self.router.domain().contact(contact).is_none();
                // whoever was passed on is in the next stay already
                let stay = self.going[number].stay - usize::from(!is_over);
                let time = self.customer(number).stays[stay].wrap_up_time;
                let done = Happening::WrappedUp(agent.clone(), contact);
                // nobody lets the time pass: who was away after it, the scenario tells
                self.put(self.now.after(time).min(*deadline), done);
            }
            _ => {}
        }
    }

    fn after_agent(&mut self, agent: AgentId, event: &AgentEvent) {
        let is_free = matches!(
            event,
            AgentEvent::StateChanged { to: AgentState::Ready | AgentState::NotReady { .. }, .. }
        );
        if is_free && self.leaving.remove(&agent) {
            self.put(self.now, Happening::SignOut(agent));
        }
    }

    fn wrapped_up(&mut self, agent: AgentId, contact: ContactId) {
        let finishing = self.router.domain().wrap_up(&agent);
        let Some(finishing) = finishing.filter(|it| it.contact == contact) else { return };
        let queues = &self.router.configuration().queues;
        let queue = finishing.queue.as_ref().and_then(|queue| queues.get(queue));
        let Some((disposition, _)) = queue.and_then(|it| it.dispositions.first()) else { return };
        let (disposition, note) = (disposition.clone(), Personal::Known(String::new()));
        self.take(Input::Dispose { agent, contact, disposition, note });
    }

    fn follow(&mut self, number: usize) {
        let Move { agent, change, .. } = self.scenario.moves[number].clone();
        let input = match change {
            Change::PhoneCame => Input::PhoneRegistered { agent },
            Change::PhoneWent => Input::PhoneUnregistered { agent },
            Change::Skills(skills) => Input::SkillsKnown { agent, skills },
            Change::SignIn(teams) => {
                self.leaving.remove(&agent);
                Input::SignIn { agent, teams }
            }
            Change::SignOut => return self.sign_out(agent),
            Change::Ready => Input::SetReady { agent },
            Change::NotReady(reason) => match self.reason(reason) {
                Some(reason) => Input::SetNotReady { agent, reason },
                None => return,
            },
        };
        self.take(input);
    }

    /// During a contact an agent takes no further one, and goes after it.
    fn sign_out(&mut self, agent: AgentId) {
        let refused = self.try_take(Input::SignOut { agent: agent.clone() }).is_err();
        if refused {
            self.leaving.insert(agent.clone());
            let reasons = &self.router.configuration().reasons;
            if let Some(reason) = reasons.first().map(|(reason, _)| reason.clone()) {
                self.take(Input::SetNotReady { agent, reason });
            }
        }
    }

    fn reason(&self, reason: ReasonId) -> Option<ReasonId> {
        let configuration = self.router.configuration();
        if configuration.has_reason(&reason) {
            return Some(reason);
        }
        configuration.reasons.first().map(|(first, _)| first.clone())
    }
}

#[cfg(test)]
mod tests;
