//! Calls that agents dial at their phones: to customers, to numbers of ours, to colleagues.
//!
//! An emergency number is one whatever else it might be. A number of ours leads where it leads any
//! caller, an extension or a log-in name to the colleague, and everything else is an outside
//! number, about which the gate decides.

use std::collections::HashMap;

use caruso_contact::{AgentId, AgentState, ContactId, DialRule, OfferId, Time};
use caruso_routing::{AtPhone, Decision, Input, NotTaken, Refusal, is_emergency};
use serde::{Deserialize, Serialize};
use tracing::info;
use uuid::Uuid;

use super::{Owner, SYSTEM, dialling};
use crate::Error;
use crate::telephony::{Command, Event};

/// A phone's call as it reaches us. It is not printed whom.
pub(super) struct PhoneCall {
    pub(super) offer: OfferId,
    pub(super) contact: ContactId,
    pub(super) extension: String,
    pub(super) called: String,
}

/// Calls of phones that are no contacts of their agents. There are at most as many as legs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OwnCalls {
    /// Between two phones, by the leg of either.
    between_phones: HashMap<OfferId, Internal>,
    /// To numbers of ours: whose phone is the customer of the contact.
    to_us: HashMap<ContactId, AgentId>,
}

/// A call between two phones.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Internal {
    caller: (OfferId, AgentId),
    colleague: (OfferId, AgentId),
}

/// A call from an agent's phone that was refused. Its number is not printed.
#[derive(Clone)]
pub(crate) struct RefusedCall {
    pub(crate) number: String,
    pub(crate) reason: String,
    pub(crate) at: Time,
}

impl std::fmt::Debug for RefusedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefusedCall").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl Owner {
    pub(super) async fn phone_calls(&mut self, call: PhoneCall) -> Result<(), Error> {
        let Some(agent) = self.roster.at_extension(&call.extension).cloned() else {
            return self.refuse(call.offer, 403, "this telephone is nobody's").await;
        };
        self.refused.remove(&agent);
        let configuration = self.router.configuration();
        let rules = configuration.outbound.as_ref();
        let is_emergency = rules.is_some_and(|rules| is_emergency(rules, &call.called));
        let is_ours = configuration.numbers.contains_key(&call.called);
        let colleague = self.colleague(&call.called);
        match colleague {
            _ if is_emergency => self.phone_dials(agent, call).await,
            _ if is_ours => self.phone_calls_us(agent, call).await,
            Some((colleague, _)) if self.talks(&agent).is_some() => {
                self.phone_consults(agent, call, colleague).await
            }
            Some((colleague, extension)) => {
                self.phone_calls_colleague(agent, call, colleague, extension).await
            }
            None => self.phone_dials(agent, call).await,
        }
    }

    /// The colleague of an extension or log-in name, with the extension.
    fn colleague(&self, called: &str) -> Option<(AgentId, String)> {
        let named = || AgentId::new(called).ok();
        let agent = self.roster.at_extension(called).cloned().or_else(named)?;
        let extension = self.roster.member(&agent)?.extension.clone();
        Some((agent, extension)).filter(|(_, extension)| !extension.is_empty())
    }

    async fn phone_dials(&mut self, agent: AgentId, call: PhoneCall) -> Result<(), Error> {
        let PhoneCall { offer, contact, called: number, .. } = call;
        let (known, actor) = (self.known_of(&number), agent.to_string());
        let dials =
            AtPhone::Dials { agent: agent.clone(), contact, offer, number: number.clone(), known };
        let now = self.clock.now();
        let refusal = match self.router.handle(Input::AtPhone(dials), now, &mut Uuid::now_v7) {
            Ok(decision) => {
                let refusal = dialling::answer(&decision).err();
                self.commit(decision, now, &actor, None).await?;
                refusal
            }
            Err(refusal) => Some(refusal),
        };
        match refusal {
            Some(refusal) => self.refuse_to(&agent, number, offer, refusal).await,
            None => Ok(()),
        }
    }

    /// The agent is a caller like others, and has no time for customers meanwhile.
    async fn phone_calls_us(&mut self, agent: AgentId, call: PhoneCall) -> Result<(), Error> {
        let PhoneCall { offer, contact, extension, called } = call;
        if let Err(refusal) = self.own_call(AtPhone::Begins { agent: agent.clone() }).await? {
            return self.refuse_to(&agent, called, offer, refusal).await;
        }
        self.own_calls.to_us.insert(contact, agent);
        self.command(Command::TakeAsCaller { offer, contact }).await;
        self.arrived(contact, (Some(extension), None), called).await
    }

    /// The contact of an agent who talks.
    fn talks(&self, agent: &AgentId) -> Option<ContactId> {
        match self.router.domain().agent(agent)?.state {
            AgentState::Talking { contact } => Some(contact),
            _ => None,
        }
    }

    /// An agent who talks with a customer calls a colleague by another line: to ask about them.
    async fn phone_consults(
        &mut self,
        agent: AgentId,
        call: PhoneCall,
        colleague: AgentId,
    ) -> Result<(), Error> {
        let PhoneCall { offer: line, called, .. } = call;
        let Some(contact) = self.talks(&agent) else {
            return self.refuse_to(&agent, called, line, Refusal::NotTalking).await;
        };
        let actor = agent.to_string();
        let consults = AtPhone::Consults { agent: agent.clone(), contact, colleague, line };
        let now = self.clock.now();
        match self.router.handle(Input::AtPhone(consults), now, &mut Uuid::now_v7) {
            Ok(decision) => self.commit(decision, now, &actor, None).await,
            Err(refusal) => self.refuse_to(&agent, called, line, refusal).await,
        }
    }

    async fn phone_calls_colleague(
        &mut self,
        agent: AgentId,
        call: PhoneCall,
        colleague: AgentId,
        to: String,
    ) -> Result<(), Error> {
        let PhoneCall { offer, extension, called, .. } = call;
        if colleague == agent {
            return self.refuse(offer, 486, "this is your own telephone").await;
        }
        if let Err(refusal) = self.own_call(AtPhone::Begins { agent: agent.clone() }).await? {
            return self.refuse_to(&agent, called, offer, refusal).await;
        }
        if self.own_call(AtPhone::Begins { agent: colleague.clone() }).await?.is_err() {
            self.own_call(AtPhone::Ends { agent }).await?.ok();
            return self.refuse(offer, 486, "your colleague is busy").await;
        }
        let other = OfferId(Uuid::now_v7());
        let internal = Internal { caller: (offer, agent), colleague: (other, colleague) };
        self.own_calls.between_phones.insert(offer, internal.clone());
        self.own_calls.between_phones.insert(other, internal);
        let rings =
            Command::CallColleague { offer, colleague: other, extension: to, calling: extension };
        self.command(rings).await;
        Ok(())
    }

    /// Takes what happens on a call between two phones; gives back what does not.
    pub(super) async fn take_internal(&mut self, event: Event) -> Result<Option<Event>, Error> {
        let (Event::AgentAnswered { offer }
        | Event::AgentNotTaken { offer, .. }
        | Event::AgentGone { offer }
        | Event::AgentLost { offer }) = event
        else {
            return Ok(Some(event));
        };
        let Some(call) = self.own_calls.between_phones.get(&offer).cloned() else {
            return Ok(Some(event));
        };
        let Internal { caller: (a, caller), colleague: (b, colleague) } = call;
        if matches!(event, Event::AgentAnswered { .. }) {
            self.command(Command::BridgeAgents { a, b }).await;
            return Ok(None);
        }
        self.own_calls.between_phones.remove(&a);
        self.own_calls.between_phones.remove(&b);
        match event {
            Event::AgentNotTaken { because, .. } if offer == b => {
                self.refuse(a, not_taken(because), "your colleague does not answer").await?;
            }
            _ => {
                let left = if offer == a { b } else { a };
                self.command(Command::DropAgent { offer: left }).await;
            }
        }
        for agent in [caller, colleague] {
            self.own_call(AtPhone::Ends { agent }).await?.ok();
        }
        Ok(None)
    }

    /// Agents whose call to a number of ours is over are what they were before.
    pub(super) async fn settle_own_calls(&mut self) -> Result<(), Error> {
        let domain = self.router.domain();
        let is_over = |contact: &ContactId| domain.contact(*contact).is_none();
        let over = self.own_calls.to_us.keys().copied().filter(is_over);
        for contact in over.collect::<Vec<_>>() {
            if let Some(agent) = self.own_calls.to_us.remove(&contact) {
                self.own_call(AtPhone::Ends { agent }).await?.ok();
            }
        }
        Ok(())
    }

    /// Whether it can be; nobody waits for the answer.
    async fn own_call(&mut self, what: AtPhone) -> Result<Result<(), Refusal>, Error> {
        let now = self.clock.now();
        match self.router.handle(Input::AtPhone(what), now, &mut Uuid::now_v7) {
            Ok(decision) if decision == Decision::default() => Ok(Ok(())),
            Ok(decision) => self.commit(decision, now, SYSTEM, None).await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Refuses a phone's call, and lets the agent's desk say why.
    async fn refuse_to(
        &mut self,
        agent: &AgentId,
        number: String,
        offer: OfferId,
        refusal: Refusal,
    ) -> Result<(), Error> {
        let refused = RefusedCall { number, reason: refusal.to_string(), at: self.clock.now() };
        self.refused.insert(agent.clone(), refused);
        self.publish_to(agent);
        self.refuse(offer, status(refusal), &refusal.to_string()).await
    }

    async fn refuse(&mut self, offer: OfferId, code: u16, words: &str) -> Result<(), Error> {
        info!(code, reason = words, "a phone's call was refused");
        self.command(Command::RefusePhone { offer, code, words: words.to_owned() }).await;
        Ok(())
    }
}

/// What a phone is told of a refusal (RFC 3261 §21.4).
fn status(refusal: Refusal) -> u16 {
    match refusal {
        Refusal::Denied(DialRule::NotANumber) => 484,
        Refusal::InContact | Refusal::Consulting => 486,
        Refusal::NotReady => 480,
        Refusal::Full => 503,
        _ => 403,
    }
}

/// What a phone is told of a colleague's that does not take the call.
fn not_taken(because: NotTaken) -> u16 {
    match because {
        NotTaken::Rejected => 603,
        NotTaken::Busy => 486,
        NotTaken::Unreachable => 480,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_told_by_its_own_words_why_it_cannot_call() {
        assert_eq!(status(Refusal::Denied(DialRule::NotANumber)), 484);
        assert_eq!(status(Refusal::Denied(DialRule::Destination)), 403);
        assert_eq!(status(Refusal::InContact), 486);
        assert_eq!(status(Refusal::Full), 503);
        assert_eq!(status(Refusal::NotSignedIn), 403);
        assert_eq!(not_taken(NotTaken::Busy), 486);
    }
}
