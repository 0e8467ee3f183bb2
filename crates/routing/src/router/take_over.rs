//! Taking over: a supervisor who listens goes on with the customer in the agent's place.
//!
//! The customer is connected from one leg to the other without a pause. To the agent it is a
//! transfer: they wrap up. The supervisor has the contact as any agent does whom it was passed on
//! to, and is afterwards as not ready as before.

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, Intervention, ListeningEnd, Personal,
    StateCause,
};

use super::{Step, agents, phone};
use crate::domain::Domain;
use crate::ongoing::{Listening, Ongoing, Stage};
use crate::{Action, Input, Refusal};

/// Whether a supervisor can take a customer over.
pub(super) fn admit(domain: &Domain, input: &Input) -> Result<(), Refusal> {
    let Input::TakeOver { supervisor, contact } = input else { return Ok(()) };
    let known = domain.contact(*contact).ok_or(Refusal::NoContact)?;
    if has(known, supervisor) {
        // the same request again
        return Ok(());
    }
    let hears = |it: &&Listening| it.supervisor == *supervisor && it.rings_until.is_none();
    known.listening.as_ref().filter(hears).ok_or(Refusal::NotListening)?;
    match agents::state(domain, supervisor) {
        AgentState::SignedOut => Err(Refusal::NoDesk),
        state if state.contact().is_some() || phone::is_in_own_call(&state) => {
            Err(Refusal::InContact)
        }
        _ => Ok(()),
    }
}

fn has(contact: &Ongoing, who: &AgentId) -> bool {
    matches!(&contact.stage, Stage::Talking { agent, .. } if agent == who)
}

impl Step<'_> {
    pub(super) fn take_over(&mut self, supervisor: AgentId, contact: ContactId) {
        let known = self.contact(contact).filter(|it| !has(it, &supervisor));
        let Some((Stage::Talking { offer: own, agent, .. }, Some(listening))) =
            known.map(|it| (it.stage.clone(), it.listening.clone()))
        else {
            return;
        };
        let offer = listening.offer;
        let what = Intervention::TookOver;
        self.tell_contact(
            contact,
            ContactEvent::Intervened { supervisor: supervisor.clone(), what },
        );
        self.tell_listening_ended(contact, ListeningEnd::TookOver);
        let note = Personal::Known(String::new());
        self.tell_contact(contact, ContactEvent::Transferred { agent: agent.clone(), note });
        self.begin_wrap_up(contact, &agent);
        self.tell_contact(contact, ContactEvent::Connected { offer, agent: supervisor.clone() });
        let before = agents::state(self.domain, &supervisor);
        let talks = AgentState::Talking { contact };
        self.change_agent(&supervisor, talks, StateCause::TookOver);
        if let AgentState::NotReady { reason } = before {
            let next = AgentEvent::NextStateChosen { reason: Some(reason) };
            self.tell_agent(&supervisor, next);
        }
        self.act(Action::Bridge { contact, offer });
        self.act(Action::DropAgent { offer: own });
    }
}
