//! `caruso.contact.v1.Contacts`: what happened, for monitor, reports and history.

use std::pin::Pin;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::contacts_server::Contacts;
use caruso_component::{Caller, Role, status};
use caruso_contact::{ContactId, Personal, Time};
use caruso_routing::Input;
use futures::{Stream, StreamExt as _};
use prost_types::Timestamp;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use crate::agents::{agent, contact, stopping};
use crate::domain::Handle;
use crate::export::{Bounds, Exporter, Period};
use crate::log::Reader;

/// Contacts in a list where nothing else is asked for, and the most there are.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ContactsService {
    owner: Handle,
    log: Reader,
    exporter: Exporter,
}

impl ContactsService {
    /// A service that asks this owner and reads and exports this log.
    pub(crate) fn new(owner: Handle, log: Reader, exporter: Exporter) -> Self {
        Self { owner, log, exporter }
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
        let wire::WatchEventsRequest { after, recent } = *request.get_ref();
        if !recent || after > 0 {
            return Ok(Response::new(Box::pin(self.log.follow(after))));
        }
        let beginning = self.log.beginning().await?;
        let followed = self.log.follow(beginning.after);
        let first = wire::WatchEventsResponse { beginning: Some(beginning), events: Vec::new() };
        let first = futures::stream::once(std::future::ready(Ok(first)));
        Ok(Response::new(Box::pin(first.chain(followed))))
    }

    type ExportStream = ReceiverStream<Result<wire::ExportResponse, Status>>;

    async fn export(
        &self,
        request: Request<wire::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let wire::ExportRequest { from, to, bounds, after: came } = request.into_inner();
        let rest_of =
            bounds.map(|wire::ExportBounds { after, through }| (Bounds { after, through }, came));
        let latest = Time::from_millis(u64::MAX);
        let period =
            Period { from: moment(from, Time::default()), to: moment(to, latest), rest_of };
        Ok(Response::new(ReceiverStream::new(self.exporter.export(period))))
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

    async fn list_abandoned(
        &self,
        request: Request<wire::ListAbandonedRequest>,
    ) -> Result<Response<wire::ListAbandonedResponse>, Status> {
        let sees_all = Caller::of(&request)?.user()?.has(Role::Supervisor);
        let agent = if sees_all { None } else { Some(agent(&request)?) };
        let entries = self.owner.abandoned(agent).await.map_err(stopping)?;
        Ok(Response::new(wire::ListAbandonedResponse { entries }))
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

/// The moment on the wire; another where there is none. What lies before 1970 is the beginning.
fn moment(wire: Option<Timestamp>, otherwise: Time) -> Time {
    let Some(Timestamp { seconds, nanos }) = wire else { return otherwise };
    let seconds = u64::try_from(seconds).unwrap_or_default();
    let millis = u64::try_from(nanos).unwrap_or_default() / 1_000_000;
    Time::from_millis(seconds.saturating_mul(1000).saturating_add(millis))
}
