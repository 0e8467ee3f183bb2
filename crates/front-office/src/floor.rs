//! Agents and contacts on their way from the communication server to a supervisor's browser.

use caruso_api::contact::v1 as contact;
use caruso_api::desk::v1::{Reason, WatchFloorResponse};
use caruso_component::Backoff;
use tokio::sync::mpsc;
use tonic::{Code, Status};

use crate::settings::{Current, Settings};
use crate::status::Sources;

type Browser = mpsc::Sender<Result<WatchFloorResponse, Status>>;

/// Tells `browser` the floor, and each change, until it goes away. While the communication server
/// is away it gets messages without one.
pub(crate) async fn watch(sources: Sources, browser: Browser) {
    let mut backoff = Backoff::default();
    loop {
        match once(&sources, &browser, &mut backoff).await {
            Err(error)
                if matches!(error.code(), Code::Unauthenticated | Code::PermissionDenied) =>
            {
                let _ = browser.send(Err(error)).await;
                return;
            }
            Err(error) => tracing::info!(%error, "the floor is away"),
            Ok(()) => {}
        }
        if tell(&browser, None, &sources.settings).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.failed()) => {}
            () = browser.closed() => return,
        }
    }
}

/// The communication server gives a sign of life itself.
async fn once(sources: &Sources, browser: &Browser, backoff: &mut Backoff) -> Result<(), Status> {
    let request = sources.session.request(contact::WatchFloorRequest {}).await?;
    let mut stream = sources.peers.supervision.clone().watch_floor(request).await?.into_inner();
    loop {
        let floor = tokio::select! {
            message = stream.message() => message?,
            () = browser.closed() => return Ok(()),
        };
        let Some(mut floor) = floor else { return Ok(()) };
        backoff.succeeded();
        entitle(&mut floor, &sources.settings.load());
        tell(browser, Some(floor), &sources.settings).await?;
    }
}

/// Puts the application's titles in the place of its reasons for being not ready.
fn entitle(floor: &mut contact::WatchFloorResponse, settings: &Settings) {
    let title = |reason: &mut String| {
        if let Some(known) = settings.reasons.iter().find(|it| it.id == *reason) {
            reason.clone_from(&known.title);
        }
    };
    for agent in &mut floor.agents {
        title(&mut agent.reason);
        title(&mut agent.next_reason);
    }
}

async fn tell(
    browser: &Browser,
    floor: Option<contact::WatchFloorResponse>,
    settings: &Current,
) -> Result<(), Status> {
    let not_ready_reasons: Vec<Reason> = settings.load().reasons.clone();
    let sent = browser.send(Ok(WatchFloorResponse { floor, not_ready_reasons })).await;
    sent.map_err(|_| Status::cancelled("the browser has left"))
}
