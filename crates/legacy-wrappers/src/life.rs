//! Whether what was started still runs.

use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use crate::program::Failure;

/// A process, or a task of this one. Either ends when this is dropped.
#[derive(Debug)]
pub(crate) enum Life {
    Process(Child),
    /// Nothing when it has ended. It answers with why.
    Task(Option<AbortOnDropHandle<Failure>>),
}

impl Life {
    pub(crate) fn task(task: JoinHandle<Failure>) -> Self {
        Self::Task(Some(AbortOnDropHandle::new(task)))
    }

    /// Returns with how it ended when it has; cancelling loses nothing.
    pub(crate) async fn wait(&mut self) -> Failure {
        match self {
            Self::Process(child) => ended(child).await,
            Self::Task(task) => {
                let failure = match task.as_mut() {
                    Some(task) => task.await.unwrap_or_else(|_| exited("it failed")),
                    None => exited("it has ended before"),
                };
                *task = None;
                failure
            }
        }
    }

    /// Ends it at once; dead already is as good.
    pub(crate) async fn kill(&mut self) {
        match self {
            Self::Process(child) => _ = child.kill().await,
            Self::Task(task) => {
                if let Some(task) = task.take() {
                    task.abort();
                    // what it held is gone then, a process of its own as well
                    let _ = task.await;
                }
            }
        }
    }
}

/// An end, in words.
pub(crate) fn exited(how: &str) -> Failure {
    Failure::Exited(how.to_owned())
}

/// Returns with how a process ended, when it has.
pub(crate) async fn ended(child: &mut Child) -> Failure {
    match child.wait().await {
        Ok(status) => Failure::Exited(status.to_string()),
        Err(error) => Failure::Pipe(error),
    }
}
