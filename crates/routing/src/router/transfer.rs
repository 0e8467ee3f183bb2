//! Transfer: the agent passes the contact on, to a queue, to a colleague by name or to an outside
//! number, and wraps up.
//!
//! A customer whom a colleague does not take waits in the queue that they came from, in the place
//! that they had: whoever passed them on may have begun another contact.

use caruso_contact::{
    AgentId, AgentState, Candidate, ContactEvent, ContactId, Event, EventId, ListeningEnd, OfferId,
    Personal, StateCause, Strategy, Time, Why,
};

use super::{Step, agents, outside};
use crate::domain::Domain;
use crate::floor::Floor;
use crate::ongoing::{Ongoing, Place, Stage};
use crate::{Action, Configuration, DEFAULT_OFFER_TIMEOUT, Destination, Input, Refusal};

/// Whether what an agent wants can be.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    floor: &Floor,
    input: &Input,
) -> Result<(), Refusal> {
    let Input::Transfer { agent, contact, to, .. } = input else { return Ok(()) };
    let known = agents::led(domain, agent, *contact).ok_or(Refusal::NotTalking)?;
    if known.consultation.is_some() {
        return Err(Refusal::Consulting);
    }
    match to {
        Destination::Queue(id) => {
            let queue = configuration.queues.get(id).ok_or(Refusal::UnknownQueue)?;
            let has_room = floor.length(id, known.is_call()) < queue.maximum_length;
            if has_room { Ok(()) } else { Err(Refusal::QueueFull) }
        }
        Destination::Agent(to) => match agents::state(domain, to) {
            AgentState::Ready => Ok(()),
            _ => Err(Refusal::NotReady),
        },
        Destination::Outside(to) => outside::admit(configuration, known, to),
    }
}

impl Step<'_> {
    pub(super) fn transfer(&mut self, contact: ContactId, to: Destination, note: Personal<String>) {
        let Some(Stage::Talking { offer, agent, .. }) = self.stage(contact) else { return };
        self.tell_contact(contact, ContactEvent::Transferred { agent: agent.clone(), note });
        self.dismiss_supervisor(contact, ListeningEnd::Passed);
        self.begin_wrap_up(contact, &agent);
        self.act(Action::DropAgent { offer });
        match to {
            Destination::Queue(queue) => {
                self.enqueue(contact, queue, Personal::Known(Default::default()), None);
            }
            Destination::Agent(to) => self.offer_by_name(contact, to, agent),
            Destination::Outside(to) => self.call_outside(contact, to, agent),
        }
    }

    /// Offers to one agent, whoever else is ready; nobody is ready while somebody waits for them.
    fn offer_by_name(&mut self, contact: ContactId, agent: AgentId, by: AgentId) {
        let place = self.contact(contact).and_then(|contact| contact.place.as_ref());
        let queue = place.and_then(|(queue, _)| self.configuration.queues.get(queue));
        let timeout = queue.map_or(DEFAULT_OFFER_TIMEOUT, |queue| queue.offer_timeout);
        let deadline = self.now.after(timeout);
        let id = EventId(self.ids.next_id());
        let offer = OfferId(id.0);
        self.tell_offered_by_name((id, offer), contact, &agent, deadline, by);
        self.change_agent(&agent, AgentState::Offered { contact, offer }, StateCause::Offered);
        self.play_music(contact);
        self.act(Action::Ring { offer, contact, agent });
    }

    /// The phone rings already where it is one who was consulted before.
    pub(super) fn tell_offered_by_name(
        &mut self,
        (id, offer): (EventId, OfferId),
        contact: ContactId,
        agent: &AgentId,
        deadline: Time,
        by: AgentId,
    ) {
        let place = self.contact(contact).and_then(|contact| contact.place.clone());
        let Some((queue, place)) = place else { return };
        let Some(ready_since) = self.agent(agent).map(|agent| agent.ready_since) else { return };
        let why = Why {
            decided_at: self.now,
            priority: place.priority,
            waiting_since: self.now,
            counts_from: None,
            waiting_behind: 0,
            asked: None,
            strategy: Strategy::default(),
            preferred: None,
            candidates: vec![Candidate::ready(agent.clone(), ready_since)],
            more_candidates: 0,
            excluded: Vec::new(),
            more_excluded: 0,
            overflowed_from: None,
            preferred_agent: None,
            prioritized_by: None,
            transferred_by: Some(by),
        };
        let to = agent.clone();
        let event = ContactEvent::Offered { offer, queue, agent: to, deadline, why };
        self.tell_as(id, Event::Contact { contact, event });
    }

    /// Whether it is being offered to somebody by name.
    pub(super) fn is_offered_by_name(&self, contact: ContactId) -> bool {
        let stage = self.contact(contact).map(|contact| &contact.stage);
        matches!(stage, Some(Stage::Offered { by: Some(_), .. }))
    }

    /// Since when a place counts where waiting makes up for priority, whoever brought it forward.
    pub(super) fn counts_from(&self, place: &Place) -> Option<Time> {
        let age = self.configuration.age.filter(|_| place.priority > 0);
        age.map(|age| place.entered.before(age * u32::from(place.priority)))
    }

    /// Since when a place counts that was entered then, where waiting makes up for priority.
    pub(super) fn counts_from_of(&self, entered: Time, priority: u8) -> Option<Time> {
        self.configuration.age.map(|age| entered.before(age * u32::from(priority)))
    }

    /// A colleague, or somebody outside, did not take the customer, who waits in the queue from
    /// then on, in the old place. It is a new stay: they may abandon it like any other.
    pub(super) fn return_to_queue(&mut self, contact: ContactId) {
        let Some(Ongoing { place: Some((queue, place)), required, .. }) = self.contact(contact)
        else {
            return;
        };
        let required = required.clone();
        let entered = ContactEvent::QueueEntered {
            queue: queue.clone(),
            priority: place.priority,
            counts_from: self.counts_from(place),
            attributes: Personal::Known(Default::default()),
            answers: None,
            since: Some(place.entered),
            declared: Default::default(),
        };
        self.tell_contact(contact, entered);
        if let Some(required) = required {
            self.require(contact, required.step, required.attributes);
        }
    }
}
