//! The rpcs by which components become certified, and those for join tokens.

use std::sync::Arc;

use caruso_api::registry::v1 as proto;
use caruso_component::token::{hex, now_seconds};
use caruso_component::{Caller, permissions, status};
use proto::enrolment_server::Enrolment;
use proto::join_tokens_server::JoinTokens;
use tonic::{Code, Request, Response, Status};

use crate::admission::Certified;
use crate::certifying::{digest, may_be_named, no_name, random};
use crate::join_tokens::{Kept, LONGEST, MOST_TOKENS, MOST_USES};
use crate::shared::Shared;

/// Serves both.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) shared: Arc<Shared>,
}

#[tonic::async_trait]
impl Enrolment for Service {
    async fn enrol(
        &self,
        request: Request<proto::EnrolRequest>,
    ) -> Result<Response<proto::EnrolResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let certifying = self.shared.admission.certifying()?;
        let certificate = certifying.enrol(&caller, request.into_inner()).await?;
        Ok(Response::new(proto::EnrolResponse { certificate: Some(certificate) }))
    }

    async fn renew(
        &self,
        request: Request<proto::RenewRequest>,
    ) -> Result<Response<proto::RenewResponse>, Status> {
        let certifying = self.shared.admission.certifying()?;
        let (caller, who) = (Caller::of(&request)?.clone(), Certified::of(&request)?);
        let certificate = certifying.renew(&caller, who, request.into_inner()).await?;
        Ok(Response::new(proto::RenewResponse { certificate: Some(certificate) }))
    }
}

#[tonic::async_trait]
impl JoinTokens for Service {
    async fn create_join_token(
        &self,
        request: Request<proto::CreateJoinTokenRequest>,
    ) -> Result<Response<proto::CreateJoinTokenResponse>, Status> {
        let certifying = self.shared.admission.certifying()?;
        let caller = Caller::of(&request)?.clone();
        let wish = request.into_inner();
        let now = now_seconds();
        let secret = random().map_err(|error| Status::internal(error.to_string()))?;
        let component = wish.component.clone();
        let token = wished(wish, now, digest(&secret))?;
        let mut id = [0; 4];
        getrandom::fill(&mut id).map_err(|error| Status::internal(error.to_string()))?;
        let id = hex(&id);
        caller.note(format!("{component}, join token {id}"));
        // one of four thousand million that is there already is not replaced
        let add = |tokens: &mut crate::join_tokens::JoinTokens| {
            !tokens.all().contains_key(&id) && tokens.add(now, &id, token)
        };
        if !certifying.change(add).await? {
            let text = format!("there are {MOST_TOKENS} join tokens already; revoke some");
            return Err(status(Code::ResourceExhausted, "CR0120", text));
        }
        let join_token = certifying.text(&secret).expose().clone();
        Ok(Response::new(proto::CreateJoinTokenResponse { id, join_token }))
    }

    async fn list_join_tokens(
        &self,
        _: Request<proto::ListJoinTokensRequest>,
    ) -> Result<Response<proto::ListJoinTokensResponse>, Status> {
        let tokens = self.shared.admission.certifying()?.tokens.lock().await.clone();
        let join_tokens = tokens.all().iter().map(|(id, token)| listed(id, token)).collect();
        Ok(Response::new(proto::ListJoinTokensResponse { join_tokens }))
    }

    async fn revoke_join_token(
        &self,
        request: Request<proto::RevokeJoinTokenRequest>,
    ) -> Result<Response<proto::RevokeJoinTokenResponse>, Status> {
        let certifying = self.shared.admission.certifying()?;
        let caller = Caller::of(&request)?.clone();
        let id = request.into_inner().id;
        caller.note(format!("join token {id}"));
        if !certifying.change(|tokens| tokens.revoke(now_seconds(), &id)).await? {
            let text = "there is no such join token";
            return Err(status(Code::NotFound, "CR0121", text));
        }
        Ok(Response::new(proto::RevokeJoinTokenResponse {}))
    }
}

/// The token that was wished for, or what is out of range.
fn wished(wish: proto::CreateJoinTokenRequest, now: u64, digest: String) -> Result<Kept, Status> {
    let invalid = |text: String| status(Code::InvalidArgument, "CR0119", text);
    if !may_be_named(&wish.component) {
        return Err(no_name());
    }
    if !(1..=MOST_USES).contains(&wish.uses) {
        return Err(invalid(format!("a join token is for 1 to {MOST_USES} uses")));
    }
    let life = wish.time_to_live.map_or(0, |life| life.seconds);
    let life = u64::try_from(life).ok().filter(|life| (1..=LONGEST).contains(life));
    let life = life.ok_or_else(|| {
        let days = LONGEST / (24 * 3600);
        invalid(format!("a join token lives for 1 second to {days} days"))
    })?;
    for interface in &wish.interfaces {
        if !permissions::may_offer(&wish.component, interface) {
            return Err(invalid(format!("{} may not offer {interface}", wish.component)));
        }
    }
    Ok(Kept {
        digest,
        component: wish.component,
        uses: wish.uses,
        used: 0,
        expires_at: now + life,
        revoked_at: None,
        certified_until: 0,
        interfaces: wish.interfaces.into_iter().collect(),
    })
}

fn listed(id: &str, token: &Kept) -> proto::JoinToken {
    let moment = |seconds: u64| prost_types::Timestamp {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanos: 0,
    };
    proto::JoinToken {
        id: id.to_owned(),
        component: token.component.clone(),
        uses: token.uses,
        used: token.used,
        expires_at: Some(moment(token.expires_at)),
        revoked_at: token.revoked_at.map(moment),
        interfaces: token.interfaces.iter().cloned().collect(),
    }
}
