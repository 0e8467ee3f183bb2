//! What supervisors do: an agent's state on their behalf, contacts that wait, contacts that end.
//!
//! What was done and by whom is told first; what follows from it is told as if the agent, or the
//! queue, had done it, so that figures and replay need no words of their own for it.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, EndCause, ImposedState, Intervention,
    IvrEnd, OfferEnd, Party, Personal, QueueId,
};

use super::callers::Entry;
use super::{Step, agents};
use crate::configuration::MAX_PRIORITY;
use crate::domain::Domain;
use crate::floor::Floor;
use crate::ongoing::{Ongoing, Place, Stage};
use crate::{Action, Configuration, Input, Refusal};

/// Whether what a supervisor wants can be.
pub(super) fn admit(
    configuration: &Configuration,
    domain: &Domain,
    floor: &Floor,
    input: &Input,
) -> Result<(), Refusal> {
    match input {
        Input::Impose { agent, state, .. } => match agents::state(domain, agent) {
            AgentState::SignedOut => Err(Refusal::NotSignedIn),
            _ => agents::admit(configuration, domain, &as_if_chosen(agent, state)),
        },
        Input::Move { contact, queue: id, .. } => {
            let known = domain.contact(*contact).ok_or(Refusal::NoContact)?;
            let queue = configuration.queues.get(id).ok_or(Refusal::UnknownQueue)?;
            let is_there = known.place.as_ref().is_some_and(|(queue, _)| queue == id);
            match known.stage {
                Stage::Waiting if known.callback.is_some() => Err(Refusal::IsCallback),
                Stage::Waiting if is_there => Ok(()),
                Stage::Waiting if floor.length(id, known.is_call()) >= queue.maximum_length => {
                    Err(Refusal::QueueFull)
                }
                Stage::Waiting => Ok(()),
                _ => Err(Refusal::NotWaiting),
            }
        }
        Input::SetPriority { priority, .. } if i64::from(*priority) > MAX_PRIORITY => {
            Err(Refusal::UnknownPriority)
        }
        Input::BringForward { contact, .. } | Input::SetPriority { contact, .. } => {
            match domain.contact(*contact).map(|it| &it.stage) {
                Some(Stage::Waiting) => Ok(()),
                Some(_) => Err(Refusal::NotWaiting),
                None => Err(Refusal::NoContact),
            }
        }
        Input::End { contact, .. } => {
            domain.contact(*contact).map(|_| ()).ok_or(Refusal::NoContact)
        }
        _ => Ok(()),
    }
}

/// The wish of an agent that comes to the same.
fn as_if_chosen(agent: &AgentId, state: &ImposedState) -> Input {
    let agent = agent.clone();
    match state.clone() {
        ImposedState::Ready => Input::SetReady { agent },
        ImposedState::NotReady { reason } => Input::SetNotReady { agent, reason },
        ImposedState::SignedOut => Input::SignOut { agent },
    }
}

impl Step<'_> {
    pub(super) fn take_from_supervisor(&mut self, input: Input) {
        match input {
            Input::Impose { supervisor, agent, state, words } => {
                let wish = as_if_chosen(&agent, &state);
                self.tell_agent(&agent, AgentEvent::Imposed { supervisor, state, words });
                self.take_from_agent(wish);
            }
            Input::Move { supervisor, contact, queue } => self.send(supervisor, contact, queue),
            Input::BringForward { supervisor, contact } => self.bring_forward(supervisor, contact),
            Input::SetPriority { supervisor, contact, priority } => {
                self.prioritize(supervisor, contact, priority);
            }
            Input::End { supervisor, contact } => {
                self.intervene(supervisor, contact, Intervention::Ended);
                self.end_wherever_it_is(contact);
            }
            _ => {}
        }
    }

    fn intervene(&mut self, supervisor: AgentId, contact: ContactId, what: Intervention) {
        self.tell_contact(contact, ContactEvent::Intervened { supervisor, what });
    }

    /// The contact waits elsewhere, with the wait that it has behind it; nothing where it waits
    /// there already.
    fn send(&mut self, supervisor: AgentId, contact: ContactId, queue: QueueId) {
        let Some((id, Place { entered, .. })) =
            self.contact(contact).and_then(|it| it.place.clone())
        else {
            return;
        };
        if id != queue {
            self.intervene(supervisor, contact, Intervention::Moved);
            let attributes = Personal::Known(Default::default());
            let since = Some(entered);
            self.enter(contact, Entry { queue, attributes, answers: None, since, is_chosen: true });
        }
    }

    /// Nothing where it is the first already.
    fn bring_forward(&mut self, supervisor: AgentId, contact: ContactId) {
        let place = self.contact(contact).and_then(|it| it.place.as_ref());
        let line = place.and_then(|(queue, _)| self.domain.lines.get(queue));
        let Some(first) = line.and_then(|line| line.first()) else { return };
        if first.contact == contact {
            return;
        }
        let counts_from = first.counts_from.before(std::time::Duration::from_millis(1));
        let what = Intervention::BroughtForward { ahead: first.ahead.0, counts_from };
        self.intervene(supervisor, contact, what);
    }

    /// Nothing where a supervisor has given it that priority already.
    fn prioritize(&mut self, supervisor: AgentId, contact: ContactId, priority: u8) {
        let Some(Ongoing { place: Some((_, place)), prioritized, .. }) = self.contact(contact)
        else {
            return;
        };
        if prioritized.as_ref().is_none_or(|(_, given)| *given != priority) {
            let counts_from = self.counts_from_of(place.entered, priority);
            let what = Intervention::Prioritized { priority, counts_from };
            self.intervene(supervisor, contact, what);
        }
    }

    fn end_wherever_it_is(&mut self, contact: ContactId) {
        let (by, cause) = (Party::System, EndCause::EndedBySupervisor);
        match self.stage(contact) {
            Some(Stage::Ivr) => {
                self.tell_contact(contact, ContactEvent::IvrEnded { outcome: IvrEnd::Failed });
                self.dismiss(contact, cause, None);
                self.act(Action::StopIvr { contact });
            }
            Some(Stage::Waiting | Stage::Postponed { .. }) => self.dismiss(contact, cause, None),
            Some(Stage::Offered { rings, .. }) => {
                self.withdraw(contact, &rings, OfferEnd::Cancelled);
                self.dismiss(contact, cause, None);
                self.drop_agents(&rings);
            }
            Some(Stage::Talking { offer, agent, .. }) => {
                self.end_talk(contact, &agent, by, cause);
                self.drop_caller(contact, cause);
                self.act(Action::DropAgent { offer });
            }
            Some(Stage::Recording { .. }) => self.dismiss(contact, cause, None),
            Some(Stage::Dialling { .. }) => self.end_dialling(contact, by, cause),
            Some(Stage::Outside { .. }) => self.end_outside(contact, by, cause),
            Some(Stage::Ended) | None => {}
        }
    }
}
