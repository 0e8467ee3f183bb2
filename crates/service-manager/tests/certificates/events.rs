//! A stream of events that never ends by itself, counted so that a gap shows.

use std::pin::Pin;
use std::time::Duration;

use caruso_api::contact::v1 as proto;
use caruso_component::{Component, Error, Offered};
use proto::contacts_server::{Contacts, ContactsServer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

struct Counting;

type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn none<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("nobody asks for it here"))
}

#[tonic::async_trait]
impl Contacts for Counting {
    type WatchEventsStream = Events<proto::WatchEventsResponse>;
    type ExportStream = Events<proto::ExportResponse>;

    async fn watch_events(
        &self,
        _: Request<proto::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let (sender, messages) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            for after in 1.. {
                ticks.tick().await;
                let beginning = Some(proto::Beginning { after, ..Default::default() });
                let message = proto::WatchEventsResponse { events: Vec::new(), beginning };
                if sender.send(Ok(message)).await.is_err() {
                    return;
                }
            }
        });
        let messages = ReceiverStream::new(messages);
        Ok(Response::new(Box::pin(messages)))
    }

    async fn export(
        &self,
        _: Request<proto::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        none()
    }

    async fn list(
        &self,
        _: Request<proto::ListContactsRequest>,
    ) -> Result<Response<proto::ListContactsResponse>, Status> {
        none()
    }

    async fn get(
        &self,
        _: Request<proto::GetContactRequest>,
    ) -> Result<Response<proto::GetContactResponse>, Status> {
        none()
    }

    async fn list_abandoned(
        &self,
        _: Request<proto::ListAbandonedRequest>,
    ) -> Result<Response<proto::ListAbandonedResponse>, Status> {
        none()
    }

    async fn identify(
        &self,
        _: Request<proto::IdentifyRequest>,
    ) -> Result<Response<proto::IdentifyResponse>, Status> {
        none()
    }
}

/// Serves it as the communication server.
pub(crate) fn serve(component: &Component) -> JoinHandle<Result<(), Error>> {
    let serving = component.clone();
    tokio::spawn(async move {
        let routes = Routes::default().add_service(ContactsServer::new(Counting));
        serving.serve(routes, [Offered::interface(super::CONTACTS)]).await
    })
}
