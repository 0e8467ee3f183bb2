//! The facts of agents: append-only, written by the one owner of the contacts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentState, ImposedState, QueueId, ReasonId, Skills, StateCause, Time};

/// What happens to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AgentEvent {
    /// The agent began to work; not ready until they say so.
    SignedIn {
        /// The queues that the agent's teams serve.
        queues: BTreeSet<QueueId>,
        /// Names of the teams; none in logs of before they were told.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        teams: BTreeSet<String>,
    },
    /// The agent, who works, serves other queues from now on: what teams serve has changed.
    QueuesSet {
        /// The queues that the agent's teams serve.
        queues: BTreeSet<QueueId>,
        /// Names of the teams.
        teams: BTreeSet<String>,
    },
    /// It became known what the agent can do; these are all of their skills.
    SkillsSet {
        /// The skills.
        skills: Skills,
    },
    /// The agent stopped working.
    SignedOut,
    /// The agent's state changed.
    StateChanged {
        /// Before.
        from: AgentState,
        /// Since this event.
        to: AgentState,
        /// Why.
        cause: StateCause,
    },
    /// The agent chose what comes after the contact.
    NextStateChosen {
        /// Not ready with this reason; nothing for ready.
        reason: Option<ReasonId>,
    },
    /// A supervisor wants the agent to be in a state; where that changes anything, the change is
    /// told next.
    Imposed {
        /// Who.
        supervisor: AgentId,
        /// What they want.
        state: ImposedState,
        /// Why, for the agent to read; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    /// The agent is ready again by themselves then, unless their state changes before.
    ResumesAt {
        /// When.
        at: Time,
    },
    /// The agent's phone can be called.
    PhoneRegistered,
    /// The agent's phone can no longer be called.
    PhoneUnregistered,
}

impl AgentEvent {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "agent.signed-in",
            Self::QueuesSet { .. } => "agent.queues-set",
            Self::SkillsSet { .. } => "agent.skills-set",
            Self::SignedOut => "agent.signed-out",
            Self::StateChanged { .. } => "agent.state-changed",
            Self::NextStateChosen { .. } => "agent.next-state-chosen",
            Self::Imposed { .. } => "agent.imposed",
            Self::ResumesAt { .. } => "agent.resumes-at",
            Self::PhoneRegistered => "agent.phone-registered",
            Self::PhoneUnregistered => "agent.phone-unregistered",
        }
    }
}
