//! Identity, as far as others need it to believe a user's token.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use caruso_api::identity::v1 as proto;
use caruso_component::token::{TokenSigner, USER_AUDIENCE, UserClaims};
use caruso_component::{Component, Offered, Role, Secret};
use proto::identity_server::{Identity, IdentityServer};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

#[derive(Clone)]
struct Keys(Arc<TokenSigner>);

/// Serves as identity, and answers with the token of an agent.
pub(crate) fn serve(component: Component) -> anyhow::Result<Secret<String>> {
    let signer = Arc::new(TokenSigner::from_seed([3; 32]));
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let token = signer.sign(&UserClaims {
        sub: "anna".to_owned(),
        roles: vec![Role::Agent],
        sid: "s".to_owned(),
        aud: USER_AUDIENCE.to_owned(),
        iat: now,
        exp: now + 3_600,
    });
    let routes = Routes::new(IdentityServer::new(Keys(signer)));
    tokio::spawn(async move {
        component.serve(routes, [Offered::interface("caruso.identity.v1.Identity")]).await
    });
    Ok(Secret::new(token))
}

fn unasked<T>() -> Answer<T> {
    Err(Status::unimplemented("nobody logs in here"))
}

#[tonic::async_trait]
impl Identity for Keys {
    async fn list_keys(
        &self,
        _: Request<proto::ListKeysRequest>,
    ) -> Answer<proto::ListKeysResponse> {
        let key = proto::VerificationKey {
            id: self.0.key_id().to_owned(),
            public_key: self.0.public_key().to_vec(),
        };
        Ok(Response::new(proto::ListKeysResponse { keys: vec![key] }))
    }

    async fn log_in(&self, _: Request<proto::LogInRequest>) -> Answer<proto::LogInResponse> {
        unasked()
    }

    async fn refresh(&self, _: Request<proto::RefreshRequest>) -> Answer<proto::RefreshResponse> {
        unasked()
    }

    async fn log_out(&self, _: Request<proto::LogOutRequest>) -> Answer<proto::LogOutResponse> {
        unasked()
    }

    async fn list_agents(
        &self,
        _: Request<proto::ListAgentsRequest>,
    ) -> Answer<proto::ListAgentsResponse> {
        unasked()
    }

    async fn get_device_credential(
        &self,
        _: Request<proto::GetDeviceCredentialRequest>,
    ) -> Answer<proto::GetDeviceCredentialResponse> {
        unasked()
    }
}
