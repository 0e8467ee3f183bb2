//! Keeps a wrapper program alive and asks it one thing at a time.

use std::sync::Arc;
use std::time::Duration;

use caruso_component::Backoff;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::answered::{Answered, Final};
use crate::changing::Wish;
use crate::operation::Operation;
use crate::program::{Failure, Program, Running};
use crate::protocol::{Answer, Description, Done, Invocation, Request, encode};
use crate::reading::Question;

/// Requests that may wait for the program; the next one is told to come later.
pub const MAX_QUEUE: usize = 32;
/// A program that ran for so long before it failed is started again after the shortest pause.
const STEADY: Duration = Duration::from_secs(30);

/// How long a program may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To start and describe its operations.
    pub start: Duration,
    /// To carry out an operation, or change an object.
    pub invoke: Duration,
    /// To give objects.
    pub read: Duration,
}

impl Default for Limits {
    /// 5 s to start; 8 s to carry out an operation, so that a caller who waits for 10 s hears why;
    /// 8 s to give or change objects, though callers wait for less: a program that is merely slow
    /// goes on.
    fn default() -> Self {
        let (start, long) = (Duration::from_secs(5), Duration::from_secs(8));
        Self { start, invoke: long, read: long }
    }
}

/// Whether the program can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not started yet.
    Starting,
    /// It described what it can do, and waits for work.
    Ready(Arc<Description>),
    /// It failed, for this reason; it will be started again.
    Away(String),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The program has no such operation, or other parameters.
    #[error("the request does not fit the wrapper: {}", .0.join("; "))]
    WrongRequest(Vec<String>),
    /// The foreign system refuses for good, in words an agent can read.
    #[error("{0}")]
    Refused(String),
    /// It may succeed later; why not now. Nothing was done.
    #[error("{0}")]
    Later(String),
    /// The object is no longer what it was.
    #[error("the object is no longer what it was")]
    Stale,
    /// The program may have changed the object, or not; why it did not say.
    #[error("it is not known whether the object was changed: {0}")]
    Unknown(String),
}

/// A wrapper program that is kept alive; the same for all clones.
#[derive(Clone, Debug)]
pub struct Host {
    jobs: mpsc::Sender<Job>,
    state: watch::Receiver<State>,
}

#[derive(Debug)]
pub(crate) enum Job {
    Invoke(Invocation, oneshot::Sender<Result<Arc<Done>, Error>>),
    Read(Question),
    Change(Wish),
}

impl Job {
    fn later(self, reason: String) {
        match self {
            // Who is gone needs no answer.
            Self::Invoke(_, answer) => _ = answer.send(Err(Error::Later(reason))),
            Self::Read(question) => question.later(reason),
            Self::Change(wish) => wish.later(reason),
        }
    }
}

impl Error {
    pub(crate) fn stopping() -> Self {
        Self::Later("the wrapper is stopping".into())
    }
}

impl Host {
    /// Starts the program once there is one, starts it again with growing pauses (100 ms to 5 s)
    /// whenever it fails, and exchanges it, between two requests, whenever another one comes.
    /// When `stop` is cancelled the program is ended in order and the task returns.
    pub fn start(
        program: watch::Receiver<Option<Program>>,
        limits: Limits,
        stop: CancellationToken,
    ) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(MAX_QUEUE);
        let (sender, state) = watch::channel(State::Starting);
        let answered = Answered::default();
        let keeper = Keeper { program, limits, queue, state: sender, answered, stop };
        (Self { jobs, state }, tokio::spawn(keeper.keep()))
    }

    /// Whether the program can be asked, and each change of it.
    pub fn states(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// What the program can do.
    ///
    /// # Errors
    /// [`Error::Later`] while it is away.
    pub fn described(&self) -> Result<Arc<Description>, Error> {
        match &*self.state.borrow() {
            State::Ready(description) => Ok(Arc::clone(description)),
            State::Starting => Err(Error::Later("the wrapper program is starting".into())),
            State::Away(reason) => Err(Error::Later(reason.clone())),
        }
    }

    /// Carries out an operation, or answers what was answered to its key before.
    ///
    /// # Errors
    /// Every variant; nothing but [`Error::Later`] may be asked again with hope.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Arc<Done>, Error> {
        check(&self.described()?.operations, &invocation)?;
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job::Invoke(invocation, answer))?;
        answered.await.unwrap_or_else(|_| Err(Error::stopping()))
    }

    pub(crate) fn enqueue(&self, job: Job) -> Result<(), Error> {
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Error::Later(format!("{MAX_QUEUE} requests wait for the wrapper program already"))
            }
            mpsc::error::TrySendError::Closed(_) => Error::stopping(),
        })
    }
}

fn check(operations: &[Operation], invocation: &Invocation) -> Result<(), Error> {
    let name = &invocation.operation;
    let Some(operation) = operations.iter().find(|operation| operation.name == *name) else {
        return Err(Error::WrongRequest(vec![format!("there is no operation `{name}`")]));
    };
    let mut findings = operation.findings(&invocation.arguments);
    if invocation.key.is_empty() {
        findings.push("the idempotency key is missing".into());
    }
    if let Err(error) = encode(u64::MAX, &Request::Invoke(invocation.clone())) {
        findings.push(error.to_string());
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::WrongRequest(findings)) }
}

struct Keeper {
    program: watch::Receiver<Option<Program>>,
    limits: Limits,
    queue: mpsc::Receiver<Job>,
    state: watch::Sender<State>,
    answered: Answered,
    stop: CancellationToken,
}

/// Why a run of the program ended in order.
enum End {
    /// Another program takes its place.
    Exchanged,
    /// Nobody shall or can ask any more.
    Stopped,
}

impl Keeper {
    async fn keep(mut self) {
        let mut backoff = Backoff::default();
        while let Some(program) = self.program().await {
            let started = Instant::now();
            match self.run(&program).await {
                Ok(End::Exchanged) => backoff.succeeded(),
                Ok(End::Stopped) => return,
                Err(failure) => {
                    if started.elapsed() >= STEADY {
                        backoff.succeeded();
                    }
                    self.failed(&program.name, &failure);
                    if self.stop.is_cancelled() {
                        return;
                    }
                    self.pause(backoff.failed()).await;
                }
            }
        }
    }

    /// The program in force, once there is one; nothing when stopped.
    async fn program(&mut self) -> Option<Program> {
        loop {
            if let Some(program) = self.program.borrow_and_update().clone() {
                return Some(program);
            }
            let changed = self.stop.run_until_cancelled(self.program.changed()).await;
            changed?.ok()?;
        }
    }

    /// Stopping, or another program, ends the pause early.
    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
            Ok(()) = self.program.changed() => {}
        }
    }

    /// Says why once, not at each attempt, and sends away who waits.
    fn failed(&mut self, name: &str, failure: &Failure) {
        let reason = failure.to_string();
        let away = State::Away(reason.clone());
        let is_news = *self.state.borrow() != away;
        if is_news {
            tracing::error!(wrapper = name, reason, "the wrapper program is away");
        }
        self.state.send_replace(away);
        while let Ok(job) = self.queue.try_recv() {
            job.later(reason.clone());
        }
    }

    /// From start to failure or end.
    async fn run(&mut self, program: &Program) -> Result<End, Failure> {
        let mut running = Running::start(program)?;
        let described = match running.ask(&Request::Describe, self.limits.start).await? {
            Answer::Operations(described) => described,
            other => return Err(Failure::OtherAnswer(other.name())),
        };
        let agreed = program.declared.agreed(described).map_err(Failure::Description)?;
        let (operations, classes) = (agreed.operations.len(), agreed.classes.len());
        tracing::info!(wrapper = program.name, operations, classes, "wrapper ready");
        self.state.send_replace(State::Ready(agreed.into()));
        loop {
            tokio::select! {
                failure = running.exited() => return Err(failure),
                Ok(()) = self.program.changed() => {
                    running.stop().await;
                    return Ok(End::Exchanged);
                }
                () = self.stop.cancelled() => {
                    running.stop().await;
                    return Ok(End::Stopped);
                }
                job = self.queue.recv() => match job {
                    Some(Job::Invoke(invocation, answer)) => {
                        self.carry_out(program, &mut running, (invocation, answer)).await?;
                    }
                    Some(Job::Read(question)) => {
                        question.put(&program.declared, &mut running, self.limits.read).await?;
                    }
                    Some(Job::Change(wish)) => {
                        wish.put(&program.declared, &mut running, self.limits.invoke).await?;
                    }
                    None => {
                        running.stop().await;
                        return Ok(End::Stopped);
                    }
                },
            }
        }
    }

    async fn carry_out(
        &mut self,
        program: &Program,
        running: &mut Running,
        (invocation, answer): (Invocation, oneshot::Sender<Result<Arc<Done>, Error>>),
    ) -> Result<(), Failure> {
        if answer.is_closed() {
            return Ok(());
        }
        let key = invocation.key.clone();
        let asked = match self.answered.find(&key) {
            Some(known) => Ok(Ok(known)),
            None => self.ask(program, running, invocation).await,
        };
        let (told, failure) = match asked {
            Ok(Ok(fin)) => {
                self.answered.keep(key, fin.clone());
                (fin.map_err(Error::Refused), Ok(()))
            }
            Ok(Err(later)) => (Err(Error::Later(later)), Ok(())),
            Err(failure) => (Err(Error::Later(failure.to_string())), Err(failure)),
        };
        // Who is gone needs no answer.
        let _ = answer.send(told);
        failure
    }

    /// A final answer, or why it comes later.
    async fn ask(
        &self,
        program: &Program,
        running: &mut Running,
        invocation: Invocation,
    ) -> Result<Result<Final, String>, Failure> {
        let operation = invocation.operation.clone();
        let request = Request::Invoke(invocation);
        match running.ask(&request, self.limits.invoke).await? {
            Answer::Done(Done { results, summary }) => {
                let results = program.declared.results(&operation, results);
                let results = results.map_err(Failure::Result)?;
                Ok(Ok(Ok(Arc::new(Done { results, summary }))))
            }
            Answer::Refused(words) => Ok(Ok(Err(words))),
            Answer::Later(words) => Ok(Err(words)),
            other => Err(Failure::OtherAnswer(other.name())),
        }
    }
}
