//! One agent's part in a contact: the conversation and its wrap-up.

use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AgentId, Channel, ContactEvent, ContactId, QueueId, Time};

use crate::Figures;
use crate::fact::FactKey;

/// A conversation of one agent with a customer, from the answer until the agent or the customer is
/// gone, and its wrap-up. Who takes a customer over begins another one. Of what is no call, the
/// time that an agent had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// When it began.
    pub started_at: Time,
    /// With which contact.
    pub contact: ContactId,
    /// Who talks.
    pub agent: AgentId,
    /// The agent's teams then, joined by ` + `.
    pub team: Option<Arc<str>>,
    /// The queue that the contact came from, or on whose behalf it was called.
    pub queue: Option<QueueId>,
    /// The way that the contact took.
    pub channel: Channel,
    /// Whether it is a call that an agent wanted to make.
    pub is_outgoing: bool,
    /// Formula `talk-time`: from the answer to the end, time on hold included; nothing while it
    /// goes on.
    pub talk_time: Option<Duration>,
    /// How much of it the customer was on hold.
    pub hold_time: Duration,
    /// How long the agent had somebody on the line whom they asked.
    pub consult_time: Duration,
    /// From the start of wrap-up to its end; nothing before.
    pub wrap_up_time: Option<Duration>,
    /// The stay in a queue that it came of.
    pub(crate) visit: Option<FactKey>,
}

/// An agent has parted from the customer and wraps up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parting {
    conversation: FactKey,
    wrap_up_started_at: Time,
}

impl Figures {
    /// Folds an event into the contact, and into the conversation that it is about.
    pub(crate) fn converse(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        let held = ongoing.contact.held;
        ongoing.contact.apply(at, event);
        let contact = &ongoing.contact;
        if let Some(it) = ongoing.talks.and_then(|key| self.conversations.get_mut(&key)) {
            if let (Some((since, _)), None) = (held, contact.held) {
                it.hold_time += at.since(since);
            }
            if matches!(event, ContactEvent::ConsultationEnded { .. }) {
                let answered_at = contact.consultations.last().and_then(|it| it.answered_at);
                it.consult_time += answered_at.map_or(Duration::ZERO, |since| at.since(since));
            }
            let is_end = matches!(
                event,
                ContactEvent::Transferred { .. }
                    | ContactEvent::AgentLost { .. }
                    | ContactEvent::Ended { .. }
            );
            if is_end {
                it.talk_time.get_or_insert(at.since(it.started_at));
            }
        }
        match event {
            ContactEvent::Connected { agent, .. } => self.begin(at, id, agent),
            ContactEvent::Transferred { agent, .. }
            | ContactEvent::AgentLost { agent }
            | ContactEvent::WrapUpStarted { agent, .. } => self.part(at, id, agent),
            ContactEvent::WrapUpEnded { agent, .. } => self.wrapped_up(at, id, agent),
            _ => {}
        }
    }

    fn begin(&mut self, at: Time, id: ContactId, agent: &AgentId) {
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        let contact = &ongoing.contact;
        let number =
            self.conversations.range((at, 0)..).next_back().map_or(1, |(key, _)| key.1 + 1);
        let conversation = Conversation {
            started_at: at,
            contact: id,
            agent: agent.clone(),
            team: self.agents.get(agent).and_then(|it| it.team.clone()),
            queue: contact.queue.clone(),
            channel: contact.channel,
            // a customer who is called back came to us before
            is_outgoing: contact.outbound.is_some() && contact.callback.is_none(),
            talk_time: None,
            hold_time: Duration::ZERO,
            consult_time: Duration::ZERO,
            wrap_up_time: None,
            visit: ongoing.visit,
        };
        ongoing.talks = Some((at, number));
        self.conversations.insert((at, number), conversation);
    }

    /// The conversation is over, and the agent's wrap-up begins, or is about to.
    fn part(&mut self, at: Time, id: ContactId, agent: &AgentId) {
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        if let Some(parting) = ongoing.partings.get_mut(agent) {
            parting.wrap_up_started_at = at;
        }
        let of_agent = |key: &FactKey| {
            let it = self.conversations.get(key);
            it.is_some_and(|it| it.agent == *agent && it.talk_time.is_some())
        };
        if let Some(conversation) = ongoing.talks.take_if(|key| of_agent(key)) {
            let parting = Parting { conversation, wrap_up_started_at: at };
            ongoing.partings.insert(agent.clone(), parting);
        }
    }

    /// An agent's wrap-up is over. It counts where the conversation was.
    fn wrapped_up(&mut self, at: Time, id: ContactId, agent: &AgentId) {
        let Some(ongoing) = self.contacts.get_mut(&id) else { return };
        let Some(parting) = ongoing.partings.remove(agent) else { return };
        let Some(it) = self.conversations.get_mut(&parting.conversation) else { return };
        let wrap_up_time = at.since(parting.wrap_up_started_at);
        it.wrap_up_time = Some(wrap_up_time);
        if let Some(visit) = it.visit.and_then(|key| self.visits.get_mut(&key)) {
            let handled = it.talk_time.unwrap_or_default() + wrap_up_time;
            visit.handle_time = Some(visit.handle_time.unwrap_or_default() + handled);
            visit.hold_time += it.hold_time;
            visit.consult_time += it.consult_time;
        }
    }
}
