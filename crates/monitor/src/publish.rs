//! The live status for all watchers: made once, at most four times a second.

use std::time::Duration;

use caruso_api::monitor::v1::WatchStatusResponse;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::convert;
use crate::picture::{Picture, now};

/// Shortest time between two messages to a watcher.
const PAUSE: Duration = Duration::from_millis(250);
/// Without events the day still ends; it is looked for this often.
const LOOK: Duration = Duration::from_secs(20);

/// The status as it is known now.
pub(crate) fn status(picture: &Picture) -> WatchStatusResponse {
    convert::status(&picture.lock(), now())
}

/// Publishes the status whenever more than its time has changed, for ever.
pub(crate) async fn publish(picture: Picture, watchers: watch::Sender<WatchStatusResponse>) {
    loop {
        // Either way it is looked at.
        let _ = timeout(LOOK, picture.changed()).await;
        let status = status(&picture);
        watchers.send_if_modified(|last| {
            last.at = status.at;
            let is_other = *last != status;
            *last = status;
            is_other
        });
        sleep(PAUSE).await;
    }
}
