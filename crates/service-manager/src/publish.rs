//! Another release comes into force while everything runs: examined by all, then taken by all.

use std::sync::Arc;
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_component::{Parts, Release, status};
use proto::publish_request::Message as Sent;
use proto::session_response::Message;
use tonic::{Code, Status, Streaming};

use crate::registry::{Answer, Registry};
use crate::shared::Shared;

/// Components have so long to say whether they could work with a release, and to take it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be published.
pub(crate) async fn received(
    mut sent: Streaming<proto::PublishRequest>,
) -> Result<(proto::Publication, Release), Status> {
    let invalid = |text: String| status(Code::InvalidArgument, "CR0111", text);
    let first = sent.message().await?.and_then(|request| request.message);
    let Some(Sent::Publication(publication)) = first else {
        return Err(invalid("the first message says what is published".to_owned()));
    };
    let mut parts = Parts::default();
    while let Some(request) = sent.message().await? {
        if let Some(Sent::Part(part)) = request.message {
            parts.add(part.path, &part.content).map_err(|error| invalid(error.to_string()))?;
        }
    }
    let release = parts.release();
    if release.files().is_empty() {
        return Err(invalid("the release has no files".to_owned()));
    }
    Ok((publication, release))
}

/// Has all components examine the release, and puts it in force if all can work with it.
pub(crate) async fn publish(
    shared: Arc<Shared>,
    publication: proto::Publication,
    release: Release,
) -> Result<proto::PublishResponse, Status> {
    let busy = |_| status(Code::Aborted, "CR0110", "another release is being published");
    let _alone = shared.publishing.try_lock().map_err(busy)?;
    let digest = release.digest().to_owned();
    let before = shared.held().current.digest().to_owned();
    if !publication.replaces.is_empty() && publication.replaces != before {
        let text = format!("{before} is in force, and not what was to be replaced");
        return Err(status(Code::FailedPrecondition, "CR0109", text));
    }
    if digest == before {
        return Ok(proto::PublishResponse { digest, is_in_force: true, ..Default::default() });
    }
    let (asked, examined) = examine(&shared, &release).await;
    let is_refused = examined.iter().any(|answer| !answer.refusals.is_empty());
    if is_refused || publication.is_rehearsal {
        shared.held().proposed = None;
        let response = proto::PublishResponse { digest, answers: examined, ..Default::default() };
        return Ok(response);
    }
    activate(&shared, release, &asked).await?;
    let applied = |registry: &Registry| registry.applied(&asked, &digest);
    let answers = answers(&shared, applied).await;
    Ok(proto::PublishResponse { digest, is_in_force: true, replaced: before, answers })
}

/// Asks all whom releases concern; whom, and what they say.
async fn examine(shared: &Shared, release: &Release) -> (Vec<String>, Vec<proto::ComponentAnswer>) {
    shared.held().proposed = Some(release.clone());
    let digest = release.digest().to_owned();
    let asked = shared.registry().propose(&digest);
    for session in &asked {
        let proposed = proto::ReleaseProposed { digest: digest.clone() };
        shared.tell(session, Message::ReleaseProposed(proposed));
    }
    let examined = answers(shared, |registry| registry.examined(&asked)).await;
    shared.registry().withdraw();
    (asked, examined)
}

/// Keeps the release, and tells everybody.
async fn activate(shared: &Arc<Shared>, release: Release, asked: &[String]) -> Result<(), Status> {
    let next = shared.held().with(release);
    let (kept, data) = (next.clone(), shared.data.clone());
    let saved = tokio::task::spawn_blocking(move || kept.save(&data)).await;
    let failed = |reason: String| Status::unavailable(format!("it cannot be kept: {reason}"));
    saved.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
    let digest = next.current.digest().to_owned();
    tracing::info!(digest, "another release is in force");
    *shared.held() = next;
    shared.registry().announce(asked);
    shared.tell_all(&Message::ReleaseAvailable(proto::ReleaseAvailable { digest }));
    Ok(())
}

/// Waits until all have answered, or the time is over.
async fn answers(
    shared: &Shared,
    look: impl Fn(&Registry) -> Vec<Answer>,
) -> Vec<proto::ComponentAnswer> {
    let (mut answered, mut gone) = (shared.answered.subscribe(), shared.revision.subscribe());
    let is_open = |answers: &[Answer]| answers.iter().any(|answer| answer.refusals.is_none());
    let all = async {
        while is_open(&look(&shared.registry())) {
            tokio::select! {
                _ = answered.changed() => {}
                _ = gone.changed() => {}
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, all).await;
    let silent = || vec![format!("it has not answered within {} s", PATIENCE.as_secs())];
    let answers = look(&shared.registry());
    let answers = answers.into_iter().map(|answer| proto::ComponentAnswer {
        component: answer.component,
        instance: answer.instance,
        refusals: answer.refusals.unwrap_or_else(silent),
    });
    answers.collect()
}
