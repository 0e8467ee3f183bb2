//! What comes back by itself: sessions nobody finished, editions nobody uses, memory of sessions
//! that rest.

use std::sync::Arc;
use std::time::Duration;

use caruso_dialogue::{Input, Shown};
use caruso_journal::{Batch, Life};
use uuid::Uuid;

use crate::engine::Shared;
use crate::step::Stimulus;
use crate::{Error, clock};

/// How often.
const EVERY: Duration = Duration::from_secs(3600);
/// How long a session is not used, at least, before it is on disk alone.
const RESTS_AFTER: Duration = Duration::from_secs(60);

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut turns = tokio::time::interval(EVERY);
    while shared.stop.run_until_cancelled(turns.tick()).await.is_some() {
        if let Err(error) = tidy(&shared).await {
            tracing::warn!(%error, "old sessions were not looked through");
        }
    }
}

/// Lets go of sessions that rest, until the engine stops.
pub(crate) async fn rest(shared: Arc<Shared>) {
    let mut turns = tokio::time::interval(RESTS_AFTER);
    while shared.stop.run_until_cancelled(turns.tick()).await.is_some() {
        shared.sessions.rest();
    }
}

pub(crate) async fn tidy(shared: &Arc<Shared>) -> Result<(), Error> {
    let now = clock::now();
    let before = now.checked_sub(shared.settings.longest).unwrap_or(now);
    for stream in shared.journal.open_since_before(clock::time(before)).await? {
        let Ok(id) = stream.parse::<Uuid>() else { continue };
        let input = Input::GiveUp { before };
        match shared.take(id, Stimulus::own(input)).await {
            Err(error) if error.is_lost() => {
                let mut batch = Batch::new(stream, "script-engine");
                batch.life = Some(Life::Ends);
                shared.journal.append(batch)?.durable().await?;
            }
            Err(error) => return Err(error),
            Ok(view) if matches!(view.shown, Shown::Cancelled { .. }) => {
                tracing::info!(script.session = %id, "a session was broken off by its age");
            }
            Ok(_) => {}
        }
    }
    let used = shared.journal.open_releases().await?;
    let pruned = shared.editions.prune(&used);
    if pruned > 0 {
        tracing::info!(pruned, "editions without sessions were removed");
    }
    Ok(())
}
