//! Who the agents are: names, teams, extensions and skills, as identity knows them.

use std::collections::BTreeMap;

use caruso_api::identity::v1::Agent as Listed;
use caruso_contact::{AgentId, Proficiency, SkillId, Skills};

/// An agent as identity lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// What people call them.
    pub(crate) display_name: String,
    /// Extension of their phone; may be empty.
    pub(crate) extension: String,
    /// Team as the routing file names it.
    pub(crate) team: String,
    /// What they can do.
    pub(crate) skills: Skills,
}

/// All agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roster {
    members: BTreeMap<AgentId, Member>,
    by_extension: BTreeMap<String, AgentId>,
}

impl Roster {
    /// The roster of a list; names that cannot be ids are left out.
    pub(crate) fn new(listed: Vec<Listed>) -> Self {
        let mut roster = Self::default();
        for agent in listed {
            let Ok(id) = AgentId::new(&agent.name) else { continue };
            if !agent.extension.is_empty() {
                roster.by_extension.insert(agent.extension.clone(), id.clone());
            }
            let skills = skills(&agent);
            let Listed { display_name, extension, team, .. } = agent;
            roster.members.insert(id, Member { display_name, extension, team, skills });
        }
        roster
    }

    /// What each agent can do.
    pub(crate) fn skills(&self) -> impl Iterator<Item = (&AgentId, &Skills)> {
        self.members.iter().map(|(agent, member)| (agent, &member.skills))
    }

    /// The agent, if identity knows one.
    pub(crate) fn member(&self, agent: &AgentId) -> Option<&Member> {
        self.members.get(agent)
    }

    /// Whose phone this extension is.
    pub(crate) fn at_extension(&self, extension: &str) -> Option<&AgentId> {
        self.by_extension.get(extension)
    }

    /// The extensions of all, each with the team of its agent.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_extension.iter().filter_map(|(extension, agent)| {
            Some((extension.as_str(), self.member(agent)?.team.as_str()))
        })
    }

    /// What people call the agent; the id where identity does not know them.
    pub(crate) fn display_name(&self, agent: &AgentId) -> String {
        let name = self.member(agent).map(|member| member.display_name.as_str());
        name.filter(|name| !name.is_empty()).unwrap_or(agent.as_str()).to_owned()
    }
}

/// The skills that a list gives an agent; what is no skill or no proficiency is left out.
fn skills(listed: &Listed) -> Skills {
    let skill = |(name, level): (&String, &u32)| {
        let proficiency =
            u8::try_from(*level).ok().and_then(|it| Proficiency::try_from(it).ok())?;
        Some((SkillId::new(name).ok()?, proficiency))
    };
    listed.skills.iter().filter_map(skill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, extension: &str) -> Listed {
        Listed {
            name: name.to_owned(),
            display_name: String::new(),
            extension: extension.to_owned(),
            team: "service".to_owned(),
            skills: [("gas".to_owned(), 3), ("".to_owned(), 3), ("dutch".to_owned(), 6)].into(),
            only_supervises: false,
        }
    }

    #[test]
    fn an_extension_leads_to_its_agent_and_nobody_without_one_is_found_by_it() {
        let roster = Roster::new(vec![listed("anna", "101"), listed("cees", ""), listed("", "9")]);
        let anna = AgentId::new("anna").expect("a name");
        assert_eq!(roster.at_extension("101"), Some(&anna));
        assert_eq!(roster.at_extension(""), None);
        assert_eq!(roster.at_extension("9"), None);
        assert_eq!(roster.display_name(&anna), "anna");
    }

    #[test]
    fn what_is_no_skill_or_no_proficiency_is_left_out() {
        let roster = Roster::new(vec![listed("anna", "101")]);
        let (_, skills) = roster.skills().next().expect("anna");
        let told: Vec<_> = skills.iter().map(|(name, it)| (name.as_str(), it.level())).collect();
        assert_eq!(told, [("gas", 3)]);
    }
}
