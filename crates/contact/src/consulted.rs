//! Who is asked about a customer.

use serde::{Deserialize, Serialize};

use crate::{AgentId, DestinationId};

/// Who is asked about a customer. In JSON it is a field beside others: `{"colleague":NAME}` or
/// `{"destination":ID}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Consulted {
    /// An agent.
    Colleague {
        /// Who.
        colleague: AgentId,
    },
    /// Whoever answers at an outside number that the application names.
    Outside {
        /// Its id.
        destination: DestinationId,
    },
}

impl Consulted {
    /// The agent who is asked; nothing for an outside number.
    pub fn colleague(&self) -> Option<&AgentId> {
        match self {
            Self::Colleague { colleague } => Some(colleague),
            Self::Outside { .. } => None,
        }
    }

    /// Whether it is this agent.
    pub fn is(&self, agent: &AgentId) -> bool {
        self.colleague() == Some(agent)
    }
}

impl From<AgentId> for Consulted {
    fn from(colleague: AgentId) -> Self {
        Self::Colleague { colleague }
    }
}

impl From<DestinationId> for Consulted {
    fn from(destination: DestinationId) -> Self {
        Self::Outside { destination }
    }
}
