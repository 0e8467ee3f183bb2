//! Whether what was started still runs.

use std::io;

use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

/// A process, or a task of this one. Either ends when this is dropped.
#[derive(Debug)]
pub(crate) enum Life {
    Process(Child),
    /// Nothing when it has ended.
    Inside(Option<AbortOnDropHandle<()>>),
}

impl Life {
    pub(crate) fn inside(task: JoinHandle<()>) -> Self {
        Self::Inside(Some(AbortOnDropHandle::new(task)))
    }

    /// Returns with how it ended, in words, when it has; cancelling loses nothing.
    pub(crate) async fn wait(&mut self) -> io::Result<String> {
        match self {
            Self::Process(child) => child.wait().await.map(|status| status.to_string()),
            Self::Inside(task) => {
                let how = match task.as_mut() {
                    Some(task) => task.await.map_or("it failed", |()| "its input ended"),
                    None => "it has ended before",
                };
                *task = None;
                Ok(how.to_owned())
            }
        }
    }

    /// Ends it at once; dead already is as good.
    pub(crate) async fn kill(&mut self) {
        match self {
            Self::Process(child) => _ = child.kill().await,
            Self::Inside(task) => *task = None,
        }
    }
}
