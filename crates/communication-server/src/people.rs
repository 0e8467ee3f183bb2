//! Keeps the roster and the phones' secrets as identity has them.

use std::collections::HashMap;
use std::time::Duration;

use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::identity::v1::{Agent, GetDeviceCredentialRequest, ListAgentsRequest};
use caruso_component::{Backoff, Component, InterfaceChannel};
use caruso_sip::Secret;
use tokio::sync::watch;
use tonic::Status;
use tracing::warn;

use crate::domain::Handle;
use crate::roster::Roster;
use crate::telephony::DeviceSecrets;

const IDENTITY: &str = "caruso.identity.v1.Identity";
/// Changes at identity are seen after this time at the latest.
const REFRESH: Duration = Duration::from_secs(30);

/// Who takes over waits so long for identity, since calls wait meanwhile.
const FIRST: Duration = Duration::from_secs(2);

/// Follows identity.
#[derive(Debug)]
pub(crate) struct People {
    identity: IdentityClient<InterfaceChannel>,
    /// Rings when identity comes or goes.
    offered: watch::Receiver<()>,
    owner: Handle,
    secrets: DeviceSecrets,
}

impl People {
    /// Tells this owner and these secrets what identity says.
    pub(crate) fn new(component: &Component, owner: Handle, secrets: DeviceSecrets) -> Self {
        let identity = IdentityClient::new(component.caller(IDENTITY));
        let offered = component.directory().handle(IDENTITY).changes();
        Self { identity, offered, owner, secrets }
    }

    /// Follows for as long as the component runs.
    pub(crate) async fn follow(mut self) {
        let mut backoff = Backoff::default();
        loop {
            self.offered.mark_unchanged();
            let pause = match self.refresh().await {
                Ok(()) => {
                    backoff.succeeded();
                    REFRESH
                }
                Err(status) => {
                    warn!(code = ?status.code(), "identity cannot be asked for the agents");
                    backoff.failed()
                }
            };
            // phones wait for it to come
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Ok(()) = self.offered.changed() => {}
            }
        }
    }

    /// The roster first: a phone that registers must find its agent.
    async fn refresh(&mut self) -> Result<(), Status> {
        let (roster, secrets) = self.ask().await?;
        self.owner.adopt_roster(roster).await;
        self.secrets.replace(secrets);
        Ok(())
    }

    /// What identity says, for whom it is told at once; nothing where identity is not there.
    pub(crate) async fn first(&mut self) -> Option<Roster> {
        let asked = tokio::time::timeout(FIRST, self.ask()).await;
        let (roster, secrets) = asked.ok()?.ok()?;
        self.secrets.replace(secrets);
        Some(roster)
    }

    async fn ask(&mut self) -> Result<(Roster, HashMap<String, Secret>), Status> {
        let agents = self.identity.list_agents(ListAgentsRequest {}).await?.into_inner().agents;
        let mut secrets = HashMap::new();
        for Agent { extension, .. } in agents.iter().filter(|agent| !agent.extension.is_empty()) {
            let request = GetDeviceCredentialRequest { extension: extension.clone() };
            let secret = self.identity.get_device_credential(request).await?.into_inner().secret;
            secrets.insert(extension.clone(), Secret::new(secret));
        }
        Ok((Roster::new(agents), secrets))
    }
}
