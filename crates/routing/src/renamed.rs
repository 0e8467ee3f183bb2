//! The state with other names for agents, for logs that leave the system.

use std::collections::BTreeMap;

use caruso_contact::AgentId;

use crate::domain::{Agent, Domain};
use crate::ongoing::{Ongoing, Stage};

impl Domain {
    /// The same state with these names for its agents. Where they sort as the old ones do, the
    /// router decides the same.
    #[must_use]
    pub fn renamed(&self, name: &dyn Fn(&AgentId) -> AgentId) -> Self {
        fn keys<T: Clone>(
            map: &BTreeMap<AgentId, T>,
            name: &dyn Fn(&AgentId) -> AgentId,
        ) -> BTreeMap<AgentId, T> {
            map.iter().map(|(agent, value)| (name(agent), value.clone())).collect()
        }
        let contacts = self.contacts.iter();
        Self {
            agents: keys(&self.agents, name).into_iter().map(|it| renamed(it, name)).collect(),
            contacts: contacts.map(|(id, it)| (*id, it.renamed(name))).collect(),
            lines: self.lines.clone(),
            ready: self.ready.iter().map(|(at, agent)| (*at, name(agent))).collect(),
            offers: self.offers.clone(),
            deadlines: self.deadlines.clone(),
            wrap_ups: keys(&self.wrap_ups, name),
            wrap_up_deadlines: (self.wrap_up_deadlines.iter())
                .map(|(at, agent)| (*at, name(agent)))
                .collect(),
            paces: self.paces.clone(),
            resumptions: self.resumptions.iter().map(|(at, it)| (*at, name(it))).collect(),
        }
    }
}

fn renamed(
    (id, mut agent): (AgentId, Agent),
    name: &dyn Fn(&AgentId) -> AgentId,
) -> (AgentId, Agent) {
    if let Some(imposed) = &mut agent.imposed {
        imposed.supervisor = name(&imposed.supervisor);
        imposed.words.clear();
    }
    (id, agent)
}

impl Ongoing {
    fn renamed(&self, name: &dyn Fn(&AgentId) -> AgentId) -> Self {
        let mut renamed = self.clone();
        match &mut renamed.stage {
            Stage::Offered { rings, by } => {
                rings.iter_mut().for_each(|it| it.agent = name(&it.agent));
                *by = by.as_ref().map(name);
            }
            Stage::Talking { agent, .. } | Stage::Dialling { agent, .. } => *agent = name(agent),
            Stage::Outside { by, .. } => *by = name(by),
            Stage::Ivr
            | Stage::Waiting
            | Stage::Postponed { .. }
            | Stage::Recording { .. }
            | Stage::Ended => {}
        }
        if let Some(consultation) = &mut renamed.consultation
            && let Some(colleague) = consultation.asked.colleague()
        {
            consultation.asked = name(colleague).into();
        }
        if let Some(listening) = &mut renamed.listening {
            listening.supervisor = name(&listening.supervisor);
        }
        if let Some((supervisor, _)) = &mut renamed.prioritized {
            *supervisor = name(supervisor);
        }
        if let Some((agent, _)) = &mut renamed.acquainted {
            *agent = name(agent);
        }
        if let Some(preferred) = &mut renamed.preferred_agent {
            preferred.agent = name(&preferred.agent);
        }
        renamed
    }
}
