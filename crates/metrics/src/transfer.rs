//! Contacts that agents passed on, and to whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_contact::{
    AgentId, Channel, Consultation, ConsultationEnd, Contact, ContactEvent, ContactId,
    Intervention, QueueId, Time,
};

use crate::fact::{FactKey, Told};

/// An agent passed a contact on. Where a supervisor took the customer over, the agent did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// When.
    pub at: Time,
    /// Which contact.
    pub contact: ContactId,
    /// The queue that it had come from.
    pub queue: Option<QueueId>,
    /// Who passed it on.
    pub agent: AgentId,
    /// The agent's teams then, joined by ` + `.
    pub team: Option<Arc<str>>,
    /// The way that the contact took.
    pub channel: Channel,
    /// Whether the agent had asked there before.
    pub is_consulted: bool,
    /// To whom.
    pub to: TransferTo,
}

/// Where a contact was passed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferTo {
    /// Nowhere: the customer left in that moment.
    Nowhere,
    /// Whoever serves a queue.
    Queue,
    /// A colleague by name.
    Colleague,
    /// An outside number.
    Outside,
}

/// The fold over transfers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transfers {
    pub(crate) all: BTreeMap<FactKey, Transfer>,
    /// Those of which is not told yet where to.
    open: BTreeMap<ContactId, FactKey>,
    count: u64,
}

impl Transfers {
    pub(crate) fn apply(&mut self, told: &Told<'_>) {
        let to = match told.event {
            ContactEvent::Transferred { agent, .. } => return self.begin(told, agent),
            ContactEvent::QueueEntered { .. } => TransferTo::Queue,
            ContactEvent::Offered { .. } | ContactEvent::Connected { .. } => TransferTo::Colleague,
            ContactEvent::OutsideCalled { .. } | ContactEvent::OutsideConnected { .. } => {
                TransferTo::Outside
            }
            ContactEvent::Ended { .. } => TransferTo::Nowhere,
            _ => return,
        };
        let key = self.open.remove(&told.id);
        if let Some(transfer) = key.and_then(|key| self.all.get_mut(&key)) {
            transfer.to = to;
        }
    }

    fn begin(&mut self, told: &Told<'_>, agent: &AgentId) {
        let at = told.at;
        let took_over = |it: &Contact| {
            it.interventions
                .last()
                .is_some_and(|it| it.at == at && it.what == Intervention::TookOver)
        };
        let Some(contact) = told.contact.filter(|it| !took_over(it)) else { return };
        let has_asked = |it: &Consultation| {
            it.agent == *agent && it.ended == Some((at, ConsultationEnd::Completed))
        };
        let transfer = Transfer {
            at,
            contact: told.id,
            queue: contact.queue.clone(),
            agent: agent.clone(),
            team: told.team(agent),
            channel: contact.channel,
            is_consulted: contact.consultations.last().is_some_and(has_asked),
            to: TransferTo::Nowhere,
        };
        self.count += 1;
        self.all.insert((at, self.count), transfer);
        self.open.insert(told.id, (at, self.count));
    }

    pub(crate) fn forget_before(&mut self, at: Time) {
        self.all.retain(|key, _| key.0 >= at);
    }
}
