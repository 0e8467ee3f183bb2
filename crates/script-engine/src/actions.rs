//! The outbox's worker: carries out actions, tries again, tells the session what came of it; what
//! is to be told of a conversation goes from here, too.

use std::sync::Arc;
use std::time::Duration;

use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::storage::v1::{ApplyRequest, Create, Delete, Operation, operation};
use caruso_api::wrapper::v1::InvokeRequest;
use caruso_api::wrapper::v1::actions_client::ActionsClient;
use caruso_component::code_of;
use caruso_dialogue::{Input, Order, Task};
use caruso_journal::{Batch, Due, Failed, Settled, Waiting};
use futures::FutureExt as _;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::conversation::{self, Report};
use crate::engine::Shared;
use crate::mail::{Letter, NotSent};
use crate::step::Stimulus;
use crate::{Error, clock, values};

/// Pause after the outbox could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// An action with what its provider needs to know, as it stands in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) order: Order,
    pub(crate) actor: Option<String>,
    pub(crate) contact: Option<String>,
}

/// What stands in the outbox.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Work {
    Act(Job),
    Tell(Report),
    GoOn(GoOn),
}

/// A wait that is to end at the time of its errand. What stands in the outbox is told apart by its
/// fields, so that no name here is one of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoOn {
    pub(crate) waits_at: String,
    pub(crate) row: String,
}

/// Why an attempt failed.
pub(crate) enum Failure {
    /// It will never succeed.
    Final { reason: String, code: String },
    /// It may succeed later.
    Passing { code: String },
}

/// Carries out what is due, until the engine stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut running = JoinSet::new();
    while !shared.stop.is_cancelled() {
        let free = shared.settings.most_actions.saturating_sub(running.len());
        let waiting = match claim(&shared, free).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        for due in waiting.due {
            running.spawn(perform(Arc::clone(&shared), due));
        }
        let is_full = running.len() >= shared.settings.most_actions;
        let next_at = waiting.next_at.filter(|_| !is_full);
        let pause = next_at.map(|at| at.since(clock::time(clock::now())));
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = shared.journal.errands_added() => {}
            () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
}

async fn claim(shared: &Shared, free: usize) -> Result<Waiting, Error> {
    if free == 0 {
        return Ok(Waiting { due: Vec::new(), next_at: None });
    }
    Ok(shared.journal.claim(clock::time(clock::now()), free).await?)
}

/// One attempt, and what follows from it.
async fn perform(shared: Arc<Shared>, due: Due) {
    let key = due.key.clone();
    let done = Settled::Done { key: key.clone() };
    let work: Option<Work> = due.body.clone().and_then(|body| serde_json::from_value(body).ok());
    let job = match work {
        Some(Work::Act(job)) => job,
        Some(Work::GoOn(wait)) => return go_on(&shared, &due, wait).await,
        Some(Work::Tell(report)) => return conversation::tell(&shared, &due, report).await,
        None => return bury(&shared, &due, "the person it is about was forgotten").await,
    };
    let attempt = attempt(&shared, &due, &job).boxed();
    let attempt = tokio::time::timeout(shared.settings.act_within, attempt);
    let attempt = shared.stop.run_until_cancelled(attempt).await;
    let Some(attempt) = attempt else { return };
    let passing = |code: &str| Failure::Passing { code: code.to_owned() };
    let told = match attempt.unwrap_or_else(|_| Err(passing("no answer in time"))) {
        Ok(input) => tell(&shared, &due, input, done).await,
        Err(Failure::Final { reason, code }) => {
            tracing::warn!(script.action = key, code, "an action was refused");
            fail(&shared, &due, reason, code).await
        }
        Err(Failure::Passing { code }) => again(&shared, &due, &job, &code).await,
    };
    match told {
        Ok(()) => {}
        Err(error) if error.is_lost() => bury(&shared, &due, "its session is gone").await,
        Err(error) if error.is_fatal() => tracing::error!(%error, "an action's result was lost"),
        Err(error) => {
            tracing::warn!(script.action = key, %error, "an action's result waits");
            if let Err(error) = again(&shared, &due, &job, "the session did not take it").await {
                tracing::error!(script.action = key, %error, "an action stays claimed");
            }
        }
    }
}

/// The time of a wait has come, of which the session is told.
async fn go_on(shared: &Arc<Shared>, due: &Due, wait: GoOn) {
    let input = Input::Due { step: wait.waits_at, row: wait.row };
    let told = tell(shared, due, input, Settled::Done { key: due.key.clone() }).await;
    match told {
        Ok(()) => {}
        Err(error) if error.is_lost() => bury(shared, due, "its session is gone").await,
        Err(error) if error.is_fatal() => tracing::error!(%error, "the end of a wait was lost"),
        Err(error) => {
            let (now, code) = (clock::time(clock::now()), error.to_string());
            match shared.journal.failed(due, now, &shared.settings.retry, &code).await {
                Ok(Failed::Again { .. }) => {
                    tracing::warn!(errand = due.key, code, "the end of a wait is told again");
                }
                Ok(Failed::Exhausted) => bury(shared, due, "its session did not take it").await,
                Err(error) => tracing::error!(errand = due.key, %error, "it stays claimed"),
            }
        }
    }
}

async fn attempt(shared: &Shared, due: &Due, job: &Job) -> Result<Input, Failure> {
    match &job.order.task {
        Task::Create { class, attributes } => {
            let class = class.clone();
            let attributes = values::values(attributes);
            let create = operation::Operation::Create(Create { class, attributes });
            write_object(shared, due, job, create).await
        }
        Task::Email { to, subject, text } => {
            let letter = Letter { key: &job.order.key, to, subject, text };
            email(shared, job, &letter).await
        }
        Task::Delete { class, key, revision } => {
            let (class, key, revision) = (class.clone(), key.clone(), revision.clone());
            let delete = operation::Operation::Delete(Delete { class, key, revision });
            write_object(shared, due, job, delete).await
        }
        Task::Invoke { operation, arguments } => {
            let arguments = values::values(arguments);
            invoke(shared, job, operation, arguments).await
        }
    }
}

async fn write_object(
    shared: &Shared,
    due: &Due,
    job: &Job,
    operation: operation::Operation,
) -> Result<Input, Failure> {
    let request = ApplyRequest {
        idempotency_key: job.order.key.clone(),
        operations: vec![Operation { operation: Some(operation) }],
        reason: format!("script session {}", due.stream),
        contact_id: job.contact.clone().unwrap_or_default(),
    };
    let mut storage = StorageManagerClient::new(shared.peers.storage());
    let applied = storage.apply(request).await.map_err(failure)?.into_inner();
    let Some(object) = applied.objects.into_iter().next() else {
        return Err(Failure::Passing { code: "an empty answer".to_owned() });
    };
    let edition = shared.editions.current();
    let label = edition.as_ref().map_or(object.class.as_str(), |it| it.label(&object.class));
    let summary = format!("{label} {}", object.key);
    let key = job.order.key.clone();
    Ok(Input::Confirmed {
        key,
        summary,
        object: Some(object.key),
        revision: Some(object.revision),
        results: values::data(object.attributes),
    })
}

async fn invoke(
    shared: &Shared,
    job: &Job,
    operation: &str,
    arguments: std::collections::BTreeMap<String, caruso_api::storage::v1::Value>,
) -> Result<Input, Failure> {
    let (wrapper, operation) = operation.split_once('.').unwrap_or(("", operation));
    let request = InvokeRequest {
        operation: operation.to_owned(),
        arguments,
        idempotency_key: job.order.key.clone(),
        actor: job.actor.clone().unwrap_or_else(|| job.order.key.clone()),
    };
    let mut actions = ActionsClient::new(shared.peers.wrapper(wrapper));
    let invoked = actions.invoke(request).await.map_err(failure)?.into_inner();
    let results = values::data(invoked.results);
    let key = job.order.key.clone();
    let (object, revision, summary) = (None, None, invoked.summary);
    Ok(Input::Confirmed { key, results, object, revision, summary })
}

async fn email(shared: &Shared, job: &Job, letter: &Letter<'_>) -> Result<Input, Failure> {
    let Some(mailer) = &shared.settings.mailer else {
        let reason = "This installation sends no e-mails.".to_owned();
        return Err(Failure::Final { reason, code: "no mail server".to_owned() });
    };
    let (key, summary) = (job.order.key.clone(), format!("Sent to {}", letter.to));
    match mailer.send(letter).await {
        Ok(()) => {
            let (results, object, revision) = Default::default();
            Ok(Input::Confirmed { key, results, object, revision, summary })
        }
        Err(NotSent::Refused(reason)) => {
            Err(Failure::Final { reason, code: "refused by mail".to_owned() })
        }
        Err(NotSent::Passing(code)) => Err(Failure::Passing { code }),
    }
}

/// What a status means for another attempt.
pub(crate) fn failure(status: Status) -> Failure {
    let code = code_of(&status).unwrap_or_else(|| format!("{:?}", status.code()));
    match status.code() {
        Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::AlreadyExists
        | Code::NotFound
        | Code::OutOfRange
        | Code::PermissionDenied
        | Code::Unimplemented => Failure::Final { reason: status.message().to_owned(), code },
        _ => Failure::Passing { code },
    }
}

/// The time for which it is still tried, if the script says so.
fn left(job: &Job) -> Option<Duration> {
    let until = job.order.try_until?;
    Some(Duration::try_from(until.duration_since(clock::now())).unwrap_or_default())
}

/// Later, unless it was the last attempt.
async fn again(shared: &Arc<Shared>, due: &Due, job: &Job, code: &str) -> Result<(), Error> {
    let mut retry = shared.settings.retry;
    if let Some(left) = left(job) {
        if left.is_zero() {
            let reason = format!("{} could not be carried out in time", job.order.title);
            return fail(shared, due, reason, code.to_owned()).await;
        }
        // the last attempt is when the time is over
        (retry.first, retry.longest) = (retry.first.min(left), retry.longest.min(left));
    }
    let now = clock::time(clock::now());
    match shared.journal.failed(due, now, &retry, code).await? {
        Failed::Again { at } => {
            let wait = at.since(now);
            tracing::info!(script.action = due.key, code, ?wait, "an action is tried again");
            Ok(())
        }
        Failed::Exhausted => {
            let reason = format!("{} could not be carried out", job.order.title);
            fail(shared, due, reason, code.to_owned()).await
        }
    }
}

async fn fail(shared: &Arc<Shared>, due: &Due, reason: String, code: String) -> Result<(), Error> {
    let input = Input::Failed { key: due.key.clone(), reason };
    tell(shared, due, input, Settled::Dead { key: due.key.clone(), reason: code }).await
}

/// The end of an errand: the event and the outbox in one transaction.
async fn tell(
    shared: &Arc<Shared>,
    due: &Due,
    input: Input,
    settled: Settled,
) -> Result<(), Error> {
    let id: Uuid = due.stream.parse().map_err(|_| Error::UnknownSession)?;
    let stimulus = Stimulus { settled: Some(settled), ..Stimulus::own(input) };
    shared.take(id, stimulus).await?;
    shared.journal.release(&due.key);
    Ok(())
}

/// The end of an errand whose session nobody can tell.
async fn bury(shared: &Shared, due: &Due, reason: &str) {
    let mut batch = Batch::new(due.stream.clone(), "script-engine");
    let (key, text) = (due.key.clone(), reason.to_owned());
    batch.settled.push(Settled::Dead { key, reason: text });
    let buried = match shared.journal.append(batch) {
        Ok(appended) => appended.durable().await.map(drop),
        Err(error) => Err(error),
    };
    match buried {
        Ok(()) => shared.journal.release(&due.key),
        Err(error) => tracing::error!(script.action = due.key, %error, "it stays claimed"),
    }
    tracing::warn!(script.action = due.key, reason, "an action is given up");
}
