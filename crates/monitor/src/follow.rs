//! Follows the contact log: from a month ago on, and again from the last one after a break.

use caruso_api::contact::v1::contacts_client::ContactsClient;
use caruso_api::contact::v1::{Event, WatchEventsRequest};
use caruso_component::{Backoff, InterfaceChannel};
use tonic::Status;

use crate::convert;
use crate::picture::{Known, Picture};

/// Follows for ever; while it cannot, the picture is not live.
pub(crate) async fn follow(client: ContactsClient<InterfaceChannel>, picture: Picture) {
    let mut backoff = Backoff::default();
    loop {
        let before = picture.lock().position;
        let Err(broken) = read(client.clone(), &picture).await;
        let position = picture.change(|known| {
            known.is_live = false;
            known.position
        });
        if position > before {
            backoff.succeeded();
        }
        tracing::warn!(position, reason = broken.message(), "the contact events stopped");
        tokio::time::sleep(backoff.failed()).await;
    }
}

/// Reads until the stream breaks.
async fn read(
    mut client: ContactsClient<InterfaceChannel>,
    picture: &Picture,
) -> Result<std::convert::Infallible, Status> {
    let after = picture.lock().position;
    let request = WatchEventsRequest { after, recent: true };
    let mut messages = client.watch_events(request).await?.into_inner();
    tracing::info!(position = after, "following the contact events");
    // who knows something already goes on; all others are behind until they have read so far
    let mut last = (after > 0).then_some(after);
    picture.change(|known| known.is_live = last.is_some());
    while let Some(message) = messages.message().await? {
        picture.change(|known| {
            if let Some(beginning) = &message.beginning {
                known.begin(beginning);
                last.get_or_insert(beginning.last);
            }
            message.events.iter().try_for_each(|event| fold(known, event))?;
            known.reached(last);
            Ok::<_, Status>(())
        })?;
    }
    Err(Status::unavailable("the stream ended"))
}

fn fold(known: &mut Known, event: &Event) -> Result<(), Status> {
    let (recorded_at, read) = convert::event(event);
    if read.is_none() {
        let (kind, version) = (&event.r#type, event.schema_version);
        tracing::warn!(event.kind = kind, event.version = version, "an event is not understood");
    }
    known.fold(event.position, recorded_at, read.as_ref()).map_err(|gap| {
        Status::data_loss(format!("events {} to {} are missing", gap.after + 1, gap.next - 1))
    })
}
