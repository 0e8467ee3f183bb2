//! An instance that stands by takes the place of those that serve.
//!
//! What only one may write changes hands in this order: who stands by takes what it needs of the
//! others while they run, no consumer is led to the others any more, they finish and go, it opens
//! what they kept. What can serve beside the others does so first, and the others go then.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_component::status;
use proto::session_response::Message;
use tonic::{Code, Status};

use crate::convert;
use crate::shared::Shared;

/// Time a drained component has to finish.
const DRAIN: Duration = Duration::from_secs(20);
/// Time in which who stands by takes what it needs of the others.
const TAKE: Duration = Duration::from_secs(10);
/// Time in which it serves then.
const SERVE: Duration = Duration::from_secs(30);

/// Makes an instance leave: returns once no informed consumer leads new work to it, and it has been
/// told. Answers with the revision that says so.
pub(crate) async fn drain(shared: &Shared, instance: &str) -> Result<u64, Status> {
    let unknown = || status(Code::NotFound, "CR0105", "there is no such instance");
    let drained = shared.event(|registry, _| registry.drain(instance));
    let (revision, interfaces) = drained.ok_or_else(unknown)?;
    until_informed(shared, revision, &interfaces).await;
    let deadline = Some(convert::duration(DRAIN));
    let asked = Message::DrainRequested(proto::DrainRequested { deadline });
    if !shared.tell(instance, asked) {
        let text = "the instance has no session stream now; it gets no new work";
        return Err(status(Code::Unavailable, "CR0106", text));
    }
    Ok(revision)
}

/// Returns once every live watcher has acknowledged; the call's own deadline is the limit.
async fn until_informed(shared: &Shared, revision: u64, interfaces: &BTreeSet<String>) {
    let mut acknowledged = shared.acknowledged.subscribe();
    while shared.registry().uninformed(revision, interfaces) > 0 {
        if acknowledged.changed().await.is_err() {
            return;
        }
    }
}

/// Has who stands by for the component take over.
pub(crate) async fn replace(
    shared: Arc<Shared>,
    component: String,
) -> Result<proto::ReplaceResponse, Status> {
    let _alone = shared.replacing.lock().await;
    let candidate = Candidate::of(&shared, &component)?;
    let serving = shared.registry().serving(&component).map(|(id, _)| id.to_owned()).collect();
    let before: BTreeSet<String> = serving;
    tracing::info!(component, instance = candidate.instance, "takes over");
    if !shared.tell(&candidate.instance, Message::Activate(proto::Activate {})) {
        return Err(late(&component, "who stands by has gone"));
    }
    let mut instance = None;
    if candidate.is_beside {
        instance = Some(until_served(&shared, &component, &before).await?);
    } else {
        until_taken(&shared, &component, &candidate.instance).await?;
    }
    for old in &before {
        match drain(&shared, old).await {
            // it has gone by itself, or is silent and gets no new work
            Err(status) if [Code::NotFound, Code::Unavailable].contains(&status.code()) => {}
            drained => _ = drained?,
        }
    }
    let instance = match instance {
        Some(instance) => instance,
        None => until_served(&shared, &component, &before).await?,
    };
    let replaced = before.into_iter().collect();
    Ok(proto::ReplaceResponse { instance, replaced })
}

/// Who stands by, after all that speaks against it was looked for.
struct Candidate {
    instance: String,
    is_beside: bool,
}

impl Candidate {
    fn of(shared: &Shared, component: &str) -> Result<Self, Status> {
        let nobody = || {
            let text = format!("nobody stands by for {component}");
            status(Code::NotFound, "CR0126", text)
        };
        let registry = shared.registry();
        let (instance, session) = registry.standing_by(component).ok_or_else(nobody)?;
        let (instance, standby) = (instance.to_owned(), session.standby().cloned());
        let standby = standby.unwrap_or_default();
        let (release, mut reasons) = (session.release.clone(), session.refusals.clone());
        drop(registry);
        if reasons.is_empty() && release != shared.held().current.digest() {
            reasons.push("it has not read the release in force yet".to_owned());
        }
        for (interface, digest) in &standby.contracts {
            let in_use = shared.in_use(interface, &instance);
            let contracts = shared.contracts();
            if contracts.get(digest).is_none() {
                reasons.push(format!("its contract of {interface} has not come yet"));
            }
            reasons.extend(contracts.objections(digest, &in_use));
        }
        if reasons.is_empty() {
            return Ok(Self { instance, is_beside: standby.is_beside });
        }
        let text = format!("{component} cannot take over: {}", reasons.join("; "));
        Err(status(Code::FailedPrecondition, "CR0127", text))
    }
}

/// Waits until who stands by has what it needs.
async fn until_taken(shared: &Shared, component: &str, instance: &str) -> Result<(), Status> {
    let mut told = shared.answered.subscribe();
    let taken = async {
        loop {
            let has_taken = shared.registry().has_taken(instance);
            match has_taken {
                None => return Err(late(component, "who stands by has gone")),
                Some(true) => return Ok(()),
                Some(false) => _ = told.changed().await,
            }
        }
    };
    let taken = tokio::time::timeout(TAKE, taken).await;
    taken.unwrap_or_else(|_| Err(late(component, "who stands by does not answer")))
}

/// Waits until an instance offers that was not there before, and that takes new work.
async fn until_served(
    shared: &Shared,
    component: &str,
    before: &BTreeSet<String>,
) -> Result<String, Status> {
    let mut changed = shared.revision.subscribe();
    let serves = async {
        loop {
            let successor = shared.registry().successor(component, before);
            match successor {
                Some(instance) => return instance,
                None => _ = changed.changed().await,
            }
        }
    };
    let served = tokio::time::timeout(SERVE, serves).await;
    served.map_err(|_| late(component, "who took over does not serve yet"))
}

fn late(component: &str, what: &str) -> Status {
    status(Code::Unavailable, "CR0128", format!("{component}: {what}"))
}
