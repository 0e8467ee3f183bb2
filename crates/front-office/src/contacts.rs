//! The contacts that somebody may see.

use std::collections::BTreeMap;

use caruso_api::contact::v1 as contact;
use caruso_api::identity::v1 as identity;
use caruso_component::{Role, User};
use tonic::Status;

use crate::peers::Peers;

/// Contacts that are asked for, and of which an agent sees their own.
const MOST: u32 = 200;

/// The latest ones that the person may see, and the wanted one where that is not among them.
pub(crate) async fn listed(
    peers: &Peers,
    user: &User,
    wanted: &str,
) -> Result<Vec<contact::Contact>, Status> {
    let request = contact::ListContactsRequest { limit: MOST };
    let mut contacts = peers.contacts.clone().list(request).await?.into_inner().contacts;
    if !wanted.is_empty() && contacts.iter().all(|it| it.contact_id != wanted) {
        let request = contact::GetContactRequest { contact_id: wanted.to_owned() };
        match peers.contacts.clone().get(request).await {
            Ok(found) => contacts.extend(found.into_inner().contact),
            Err(error) => tracing::debug!(%error, "the wanted contact is not there"),
        }
    }
    contacts.retain(|contact| may_see(user, contact));
    Ok(contacts)
}

/// Agents see the contacts that they handled or were offered, the others all.
fn may_see(user: &User, contact: &contact::Contact) -> bool {
    let is_own = || contact.offers.iter().any(|offered| offered.agent == user.name);
    let sees_all = user.has(Role::Supervisor) || user.has(Role::Administrator);
    sees_all || contact.agent == user.name || is_own()
}

/// Names of the agents by log-in name; none where they cannot be had: the list is whole without.
pub(crate) async fn agent_names(peers: &Peers) -> BTreeMap<String, String> {
    let listed = peers.identity.clone().list_agents(identity::ListAgentsRequest {}).await;
    let agents = listed.map(|answer| answer.into_inner().agents).unwrap_or_else(|error| {
        tracing::warn!(%error, "the names of the agents are missing");
        Vec::new()
    });
    agents.into_iter().map(|agent| (agent.name, agent.display_name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_sees_own_contacts_and_others_all() {
        let user = |roles: &[Role]| User {
            name: "anna".to_owned(),
            roles: roles.to_vec(),
            session: String::new(),
        };
        let offered = contact::Offered { agent: "anna".to_owned(), ..Default::default() };
        let contact = |agent: &str, offers: Vec<contact::Offered>| contact::Contact {
            agent: agent.to_owned(),
            offers,
            ..Default::default()
        };
        let agent = user(&[Role::Agent]);
        assert!(may_see(&agent, &contact("anna", vec![])));
        assert!(may_see(&agent, &contact("bram", vec![offered])));
        assert!(!may_see(&agent, &contact("bram", vec![])));
        assert!(may_see(&user(&[Role::Supervisor]), &contact("bram", vec![])));
        assert!(may_see(&user(&[Role::Administrator]), &contact("bram", vec![])));
    }
}
