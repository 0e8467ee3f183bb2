//! Lines to remote phones that stay open: opened when their agent is ready, closed when they sign
//! out; and what is announced on them, which is accepted at the desk as well as by a key.

use caruso_contact::{AgentEvent, AgentId, AgentState, Event, EventId, OfferId};
use caruso_routing::{Decision, Input, Refusal};
use tokio::sync::oneshot;
use tracing::info;

use super::{Owner, SYSTEM};
use crate::Error;
use crate::telephony::Command;

impl Owner {
    /// The telephone side knows whose lines stay open, and whose are.
    pub(super) async fn follow_lines(&self, events: &[(EventId, Event)]) {
        for (_, event) in events {
            let Event::Agent { agent, event: AgentEvent::StateChanged { to, .. } } = event else {
                continue;
            };
            let extension = self.roster.member(agent).map(|member| member.extension.clone());
            let Some(extension) = extension.filter(|it| self.remote.contains(it)) else { continue };
            match to {
                AgentState::Ready => self.command(Command::OpenLine { extension }).await,
                AgentState::SignedOut => self.command(Command::CloseLine { extension }).await,
                _ => {}
            }
        }
    }

    /// Lines of all who are ready, in a process that has none yet.
    pub(super) async fn open_lines(&self) {
        let agents = self.router.domain().agents();
        let ready = agents.filter(|(_, known)| matches!(known.state, AgentState::Ready));
        let extensions = ready.filter_map(|(agent, _)| self.roster.member(agent));
        let extensions = extensions.map(|member| member.extension.clone());
        for extension in extensions.filter(|it| self.remote.contains(it)).collect::<Vec<_>>() {
            self.command(Command::OpenLine { extension }).await;
        }
    }

    /// Nobody can be called there for now: the agent is not ready, and what rang waits on.
    pub(super) async fn line_lost(&mut self, extension: &str) -> Result<(), Error> {
        let Some(agent) = self.roster.at_extension(extension).cloned() else { return Ok(()) };
        info!(agent = %agent, "the line of a remote phone is lost");
        self.decide(Input::PhoneUnregistered { agent: agent.clone() }, SYSTEM, None).await?;
        // whether it can be called again, only calling tells
        self.decide(Input::PhoneRegistered { agent }, SYSTEM, None).await
    }

    pub(super) fn announced(&mut self, offer: OfferId) {
        let offered = self.router.domain().agents().find(|(_, known)| {
            matches!(known.state, AgentState::Offered { offer: it, .. } if it == offer)
        });
        if let Some(agent) = offered.map(|(agent, _)| agent.clone()) {
            self.announced.insert(agent.clone(), offer);
            self.publish_to(&agent);
        }
    }

    /// Whether an agent accepts at the desk what is announced on their line.
    pub(super) fn is_on_line(&self, input: &Input) -> bool {
        matches!(input, Input::Accept { agent, .. } if self.is_announced(agent).is_some())
    }

    /// The offer that is announced to an agent now.
    pub(super) fn is_announced(&self, agent: &AgentId) -> Option<OfferId> {
        let announced = self.announced.get(agent)?;
        let state = &self.router.domain().agent(agent)?.state;
        let is_it = matches!(state, AgentState::Offered { offer, .. } if offer == announced);
        is_it.then_some(*announced)
    }

    /// The line answers; that it did comes back as with any phone.
    pub(super) async fn accept_on_line(
        &mut self,
        input: Input,
        actor: &str,
        done: Option<oneshot::Sender<Result<(), Refusal>>>,
    ) -> Result<(), Error> {
        let Input::Accept { agent, contact } = &input else { return Ok(()) };
        let known = self.router.domain().agent(agent).and_then(|known| known.state.contact());
        match self.is_announced(agent) {
            Some(offer) if known == Some(*contact) => {
                self.command(Command::AnswerLine { offer }).await;
                self.commit(Decision::default(), self.clock.now(), actor, done).await
            }
            _ => self.decide(input, actor, done).await,
        }
    }
}
