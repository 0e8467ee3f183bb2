//! Work that takes a while and answers bit by bit.

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::error::Error;

/// The longest that a call may work.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// Answers that wait for their reader.
const BUFFER: usize = 16;

pub(super) type Stream<T> = ReceiverStream<Result<T, Status>>;

/// Takes the answers of a call.
#[derive(Debug)]
pub(super) struct Answers<T>(mpsc::Sender<Result<T, Status>>);

impl<T> Clone for Answers<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Answers<T> {
    /// An answer that must come; waits for the reader.
    pub(super) async fn give(&self, answer: T) {
        // where the reader is gone, the work ends by itself
        let _ = self.0.send(Ok(answer)).await;
    }

    /// How far the work is; left out while the reader is slow.
    pub(super) fn tell(&self, answer: T) {
        let _ = self.0.try_send(Ok(answer));
    }

    /// Whether nobody reads any more.
    pub(super) fn is_unread(&self) -> bool {
        self.0.is_closed()
    }
}

/// Answers of work that is dropped when nobody reads any more.
pub(super) fn reading<T, W>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce(Answers<T>) -> W,
) -> Stream<T>
where
    T: Send + 'static,
    W: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BUFFER);
    let work = work(Answers(sender.clone()));
    tokio::spawn(async move {
        let done = tokio::select! {
            done = tokio::time::timeout(LONGEST, work) => done.unwrap_or(Err(Error::Long)),
            () = sender.closed() => return,
        };
        drop(permit);
        end(&sender, done).await;
    });
    ReceiverStream::new(receiver)
}

/// Answers of work that ends by itself when nobody reads any more.
pub(super) fn changing<T, W>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce(Answers<T>) -> W,
) -> Stream<T>
where
    T: Send + 'static,
    W: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BUFFER);
    let work = work(Answers(sender.clone()));
    tokio::spawn(async move {
        let done = work.await;
        drop(permit);
        end(&sender, done).await;
    });
    ReceiverStream::new(receiver)
}

async fn end<T>(sender: &mpsc::Sender<Result<T, Status>>, done: Result<(), Error>) {
    if let Err(error) = done {
        let _ = sender.send(Err(error.into())).await;
    }
}
