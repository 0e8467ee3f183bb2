//! The decisions: one input in, facts and effects out.

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, Event, EventId, IdSource, QueueId,
    StateCause, Time,
};

use crate::domain::{Agent, Domain};
use crate::floor::Floor;
use crate::ongoing::{Ongoing, Stage};
use crate::{Action, After, Configuration, Decision, Effect, Input, Refusal};

mod agents;
mod announcement;
mod callback;
mod callers;
mod consult;
mod deadlines;
mod dial;
mod hold;
mod interrupted;
mod listening;
mod lost;
mod matching;
mod offers;
mod outside;
mod overflow;
mod phone;
mod preference;
mod recovery;
mod requirements;
mod supervise;
mod take_over;
mod transfer;
mod voicemail;
mod waiting;

/// The one owner of a routing domain: its configuration and its state.
#[derive(Clone, Debug)]
pub struct Router {
    configuration: Arc<Configuration>,
    domain: Domain,
    floor: Floor,
}

impl Router {
    /// A router in a given state: [`Domain::default`], or that of a snapshot.
    pub fn new(configuration: Arc<Configuration>, domain: Domain) -> Self {
        let floor = Floor::of(&configuration, &domain);
        Self { configuration, domain, floor }
    }

    /// What is going on.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// What it decides by.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// How many calls wait in a queue, or how many conversations; those included that are being
    /// offered.
    pub fn length(&self, queue: &QueueId, is_call: bool) -> usize {
        self.floor.length(queue, is_call)
    }

    /// The moment at which a state ends by itself, a call has waited in its queue as long as the
    /// queue allows, or is told of its wait; a tick is due then.
    pub fn next_deadline(&self) -> Option<Time> {
        let overflow = self.floor.next_overflow().map(|(at, _)| at);
        let announcement = self.floor.next_announcement().map(|(at, _)| at);
        self.domain.next_deadline().into_iter().chain(overflow).chain(announcement).min()
    }

    /// Decides by another configuration from now on, overflow included. What else has begun keeps
    /// its deadlines; who waits in a queue that no longer exists stays in it until an agent of it
    /// takes them.
    pub fn adopt(&mut self, configuration: Arc<Configuration>) {
        self.floor = Floor::of(&configuration, &self.domain);
        self.configuration = configuration;
    }

    /// Folds a recorded event; for replay. [`handle`](Self::handle) folds its own.
    pub fn apply(&mut self, recorded_at: Time, event: &Event) {
        self.domain.apply(recorded_at, event);
        self.floor.follow(&self.configuration, &self.domain, event);
    }

    /// Decides what follows from an input at `now`, and folds it.
    ///
    /// First the input counts, then the states whose time is over end, then all waiting contacts
    /// and all ready agents of all queues are matched, once. `now` must not go back.
    /// The same state, input, clock and ids give the same decision, byte for byte.
    ///
    /// # Errors
    /// Why the input cannot be; nothing happened then.
    pub fn handle(
        &mut self,
        input: Input,
        now: Time,
        ids: &mut dyn IdSource,
    ) -> Result<Decision, Refusal> {
        let configuration = Arc::clone(&self.configuration);
        callers::admit(&configuration, &self.domain, &input)?;
        agents::admit(&configuration, &self.domain, &input)?;
        hold::admit(&self.domain, &input)?;
        interrupted::admit(&self.domain, &input)?;
        transfer::admit(&configuration, &self.domain, &self.floor, &input)?;
        consult::admit(&configuration, &self.domain, &input)?;
        dial::admit(&configuration, &self.domain, &input)?;
        phone::admit(&configuration, &self.domain, &input)?;
        listening::admit(&self.domain, &input)?;
        take_over::admit(&self.domain, &input)?;
        supervise::admit(&configuration, &self.domain, &self.floor, &input)?;
        let mut step = self.step(now, ids, &configuration);
        step.take(input);
        step.end_what_is_due();
        step.match_waiting();
        Ok(step.decision)
    }

    /// Makes whole what a crash tore, after all events were applied: offers are taken back,
    /// calls whose customer's leg is not in `alive` end with a cause, the others wait on in their
    /// order, and conversations go on. Call it once, before the first input.
    pub fn recover(
        &mut self,
        alive: &BTreeSet<ContactId>,
        now: Time,
        ids: &mut dyn IdSource,
    ) -> Decision {
        let configuration = Arc::clone(&self.configuration);
        let mut step = self.step(now, ids, &configuration);
        step.recover(alive);
        step.end_what_is_due();
        step.match_waiting();
        step.decision
    }

    fn step<'a>(
        &'a mut self,
        now: Time,
        ids: &'a mut dyn IdSource,
        configuration: &'a Configuration,
    ) -> Step<'a> {
        let (domain, floor) = (&mut self.domain, &mut self.floor);
        Step { configuration, domain, floor, now, ids, decision: Decision::default() }
    }
}

/// One decision while it is made. Every change goes through [`Step::tell`], so that the state is
/// never anything but the fold of what was told.
struct Step<'a> {
    configuration: &'a Configuration,
    domain: &'a mut Domain,
    floor: &'a mut Floor,
    now: Time,
    ids: &'a mut dyn IdSource,
    decision: Decision,
}

impl Step<'_> {
    fn take(&mut self, input: Input) {
        match input {
            Input::Arrived { .. }
            | Input::HandedOff { .. }
            | Input::Reported { .. }
            | Input::IvrFinished { .. }
            | Input::IvrFailed { .. }
            | Input::Identified { .. }
            | Input::Acquainted { .. }
            | Input::CallerGone { .. } => self.take_from_caller(input),
            Input::Answered { offer } => self.answered(offer),
            Input::NotTaken { offer, because } => self.not_taken(offer, because),
            Input::AgentGone { offer } => self.agent_gone(offer),
            Input::AgentLost { offer } => self.agent_lost(offer),
            Input::Hold { .. }
            | Input::Retrieve { .. }
            | Input::PhoneHeld { .. }
            | Input::PhoneRetrieved { .. } => self.take_hold(input),
            Input::Transfer { contact, to, note, .. } => self.transfer(contact, to, note),
            Input::Consult { .. }
            | Input::Complete { .. }
            | Input::Confer { .. }
            | Input::EndConsultation { .. } => {
                self.take_consultation(input);
            }
            Input::Dial { .. }
            | Input::CustomerAnswered { .. }
            | Input::CustomerNotReached { .. } => self.take_dial(input),
            Input::OutsideNotReached { offer, because } => {
                self.outside_not_reached(offer, because);
            }
            Input::KeyPressed { contact, key } => self.key_pressed(contact, key),
            Input::AtPhone(what) => self.take_from_phone(what),
            Input::CallBack { .. } | Input::CallbackSettled { .. } => self.take_callback(input),
            Input::TakeUp { agent, contact } => self.take_up(&agent, contact),
            Input::Recorded { contact, length } => self.recorded(contact, length),
            Input::Impose { .. }
            | Input::Move { .. }
            | Input::BringForward { .. }
            | Input::SetPriority { .. }
            | Input::End { .. } => self.take_from_supervisor(input),
            Input::Listen { .. } | Input::StopListening { .. } => self.take_listening(input),
            Input::TakeOver { supervisor, contact } => self.take_over(supervisor, contact),
            Input::SignIn { .. }
            | Input::TeamsKnown { .. }
            | Input::SkillsKnown { .. }
            | Input::SignOut { .. }
            | Input::SetReady { .. }
            | Input::SetNotReady { .. }
            | Input::Accept { .. }
            | Input::Decline { .. }
            | Input::HangUp { .. }
            | Input::Dispose { .. }
            | Input::PhoneRegistered { .. }
            | Input::PhoneUnregistered { .. } => self.take_from_agent(input),
            Input::Tick => {}
        }
    }

    fn tell(&mut self, event: Event) {
        let id = EventId(self.ids.next_id());
        self.tell_as(id, event);
    }

    fn tell_as(&mut self, id: EventId, event: Event) {
        self.domain.apply(self.now, &event);
        self.floor.follow(self.configuration, self.domain, &event);
        self.decision.events.push((id, event));
    }

    fn tell_contact(&mut self, contact: ContactId, event: ContactEvent) {
        self.tell(Event::Contact { contact, event });
    }

    fn tell_agent(&mut self, agent: &AgentId, event: AgentEvent) {
        self.tell(Event::Agent { agent: agent.clone(), event });
    }

    fn change_agent(&mut self, agent: &AgentId, to: AgentState, cause: StateCause) {
        let Some(Agent { state, .. }) = self.domain.agents.get(agent) else { return };
        let from = state.clone();
        if from != to {
            self.tell_agent(agent, AgentEvent::StateChanged { from, to, cause });
        }
    }

    fn act(&mut self, action: Action) {
        self.act_after(After::Appended, action);
    }

    fn act_after(&mut self, after: After, action: Action) {
        let id = self.ids.next_id();
        self.decision.effects.push(Effect { id, after, action });
    }

    fn contact(&self, contact: ContactId) -> Option<&Ongoing> {
        self.domain.contacts.get(&contact)
    }

    fn stage(&self, contact: ContactId) -> Option<Stage> {
        self.contact(contact).map(|contact| contact.stage.clone())
    }

    fn agent(&self, agent: &AgentId) -> Option<&Agent> {
        self.domain.agents.get(agent)
    }
}
