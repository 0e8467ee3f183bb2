//! The live status on its way from the monitor to a browser.

use std::time::Duration;

use caruso_api::desk::v1::WatchStatusResponse;
use caruso_api::monitor::v1 as monitor;
use caruso_component::Backoff;
use tokio::sync::mpsc;
use tonic::{Code, Status};

use crate::peers::Peers;
use crate::sessions::Session;
use crate::settings::Current;

/// A message at least this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

type Browser = mpsc::Sender<Result<WatchStatusResponse, Status>>;

/// What the live status is made of.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) peers: Peers,
    pub(crate) session: Session,
    pub(crate) settings: Current,
}

/// Tells `browser` the status, and each change, until it goes away. While the monitor is away it
/// gets the last figures, marked as old.
pub(crate) async fn watch(sources: Sources, browser: Browser) {
    let mut backoff = Backoff::default();
    let mut last = monitor::WatchStatusResponse::default();
    loop {
        let ended = once(&sources, &browser, &mut last, &mut backoff).await;
        match ended {
            Err(error)
                if matches!(error.code(), Code::Unauthenticated | Code::PermissionDenied) =>
            {
                let _ = browser.send(Err(error)).await;
                return;
            }
            Err(error) => tracing::info!(%error, "the live status is away"),
            Ok(()) => {}
        }
        if !last.is_stale {
            last.is_stale = true;
            if tell(&browser, Some(last.clone())).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.failed()) => {}
            () = browser.closed() => return,
        }
        if tell(&browser, None).await.is_err() {
            return;
        }
    }
}

async fn once(
    sources: &Sources,
    browser: &Browser,
    last: &mut monitor::WatchStatusResponse,
    backoff: &mut Backoff,
) -> Result<(), Status> {
    let request = sources.session.request(monitor::WatchStatusRequest {}).await?;
    let mut stream = sources.peers.monitor.clone().watch_status(request).await?.into_inner();
    loop {
        let status = tokio::select! {
            message = stream.message() => match message? {
                Some(mut status) => {
                    backoff.succeeded();
                    entitle(&mut status, &sources.settings);
                    *last = status.clone();
                    Some(status)
                }
                None => return Ok(()),
            },
            () = tokio::time::sleep(SIGN_OF_LIFE) => None,
            () = browser.closed() => return Ok(()),
        };
        tell(browser, status).await?;
    }
}

/// Puts the application's titles in the place of its reasons for being not ready. What the system
/// gives as reason has its words in the pages.
fn entitle(status: &mut monitor::WatchStatusResponse, settings: &Current) {
    let settings = settings.load();
    for agent in &mut status.agents {
        if let Some(reason) = settings.reasons.iter().find(|reason| reason.id == agent.reason) {
            agent.reason.clone_from(&reason.title);
        }
    }
}

async fn tell(
    browser: &Browser,
    status: Option<monitor::WatchStatusResponse>,
) -> Result<(), Status> {
    let sent = browser.send(Ok(WatchStatusResponse { status })).await;
    sent.map_err(|_| Status::cancelled("the browser has left"))
}
