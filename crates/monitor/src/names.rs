//! What comes from elsewhere: display names from identity, titles and zone from the release.

use std::sync::Arc;
use std::time::Duration;

use caruso_api::identity::v1::ListAgentsRequest;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_application::Application;
use caruso_component::{Backoff, Component, InterfaceChannel};
use tonic::Status;

use crate::picture::Picture;

/// Names that changed are seen after this time at the latest.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// Keeps the display names fresh, for ever. Those known stay while identity is away.
pub(crate) async fn follow_agents(client: IdentityClient<InterfaceChannel>, picture: Picture) {
    let mut backoff = Backoff::default();
    loop {
        let pause = match ask(client.clone(), &picture).await {
            Ok(()) => {
                backoff.succeeded();
                ASK_AGAIN
            }
            Err(status) => {
                tracing::debug!(reason = status.message(), "names of agents are not here yet");
                backoff.failed()
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn ask(
    mut client: IdentityClient<InterfaceChannel>,
    picture: &Picture,
) -> Result<(), Status> {
    let agents = client.list_agents(ListAgentsRequest {}).await?.into_inner().agents;
    let take_contacts = agents.into_iter().filter(|agent| !agent.only_supervises);
    let names = take_contacts.map(|agent| (agent.name, agent.display_name));
    let names = names.collect();
    picture.change(|known| known.names = names);
    Ok(())
}

/// Takes titles and zone from each release; one that is not sound is refused.
pub(crate) async fn follow_releases(component: Component, picture: Picture) {
    let adopt = |application: Arc<_>| picture.change(|known| known.adopt(&application));
    component.take_releases(|release| release.compiled(Application::compile), adopt).await;
}
