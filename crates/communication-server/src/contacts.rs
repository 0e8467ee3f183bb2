//! `caruso.contact.v1.Contacts`: what happened, for monitor, reports and history.

use std::pin::Pin;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::contacts_server::Contacts;
use caruso_component::{Caller, status};
use caruso_contact::{ContactId, Personal};
use caruso_routing::Input;
use futures::Stream;
use tonic::{Code, Request, Response, Status};

use crate::agents::{contact, stopping};
use crate::domain::Handle;
use crate::log::Reader;

/// Contacts in a list where nothing else is asked for, and the most there are.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ContactsService {
    owner: Handle,
    log: Reader,
}

impl ContactsService {
    /// A service that asks this owner and reads this log.
    pub(crate) fn new(owner: Handle, log: Reader) -> Self {
        Self { owner, log }
    }

    async fn known(&self, id: ContactId) -> Result<wire::Contact, Status> {
        let found = self.owner.contact(id).await.map_err(stopping)?;
        found.ok_or_else(|| status(Code::NotFound, "CC0109", "there is no such contact"))
    }
}

#[tonic::async_trait]
impl Contacts for ContactsService {
    type WatchEventsStream =
        Pin<Box<dyn Stream<Item = Result<wire::WatchEventsResponse, Status>> + Send>>;

    async fn watch_events(
        &self,
        request: Request<wire::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        Ok(Response::new(Box::pin(self.log.follow(request.get_ref().after))))
    }

    async fn list(
        &self,
        request: Request<wire::ListContactsRequest>,
    ) -> Result<Response<wire::ListContactsResponse>, Status> {
        let limit = match request.get_ref().limit {
            0 => DEFAULT_LIMIT,
            limit => limit.min(MAX_LIMIT),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let contacts = self.owner.latest(limit).await.map_err(stopping)?;
        Ok(Response::new(wire::ListContactsResponse { contacts }))
    }

    async fn get(
        &self,
        request: Request<wire::GetContactRequest>,
    ) -> Result<Response<wire::GetContactResponse>, Status> {
        let id = contact(&request.get_ref().contact_id)?;
        let contact = Some(self.known(id).await?);
        Ok(Response::new(wire::GetContactResponse { contact }))
    }

    async fn identify(
        &self,
        request: Request<wire::IdentifyRequest>,
    ) -> Result<Response<wire::IdentifyResponse>, Status> {
        let actor = Caller::of(&request)?.user()?.name.clone();
        let wire::IdentifyRequest { contact_id, customer_key } = request.into_inner();
        let id = contact(&contact_id)?;
        let customer = Personal::Known(customer_key);
        let input = Input::Identified { contact: id, customer };
        let answer = self.owner.ask(input, &actor).await.map_err(stopping)?;
        answer
            .map_err(|refusal| status(Code::FailedPrecondition, "CC0109", refusal.to_string()))?;
        Ok(Response::new(wire::IdentifyResponse {}))
    }
}
