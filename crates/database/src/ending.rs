//! Work that comes to its end, even if nobody waits for it any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Carries out what talks to a database to its end, even if nobody waits for it any more. A request
/// may be given up at any moment, but a connection whose answer was not waited for would come back
/// to the others with a transaction that nobody ends, or with an answer to another question.
///
/// While somebody waits, the work goes on where they wait; only what is given up gets a task of its
/// own.
pub async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    ToItsEnd(Some(Box::pin(work))).await
}

/// Nothing stands in it once the work has ended, or has panicked.
struct ToItsEnd<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> Future for ToItsEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(mut work) = self.0.take() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.0 = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for ToItsEnd<T> {
    fn drop(&mut self) {
        // without a runtime the program ends, and the connections with it
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::to_its_end;

    #[tokio::test]
    async fn what_is_given_up_goes_on() {
        let (go, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let done = Arc::new(AtomicBool::new(false));
        let work = to_its_end({
            let (go, gone, done) = (Arc::clone(&go), Arc::clone(&gone), Arc::clone(&done));
            async move {
                go.notified().await;
                done.store(true, Ordering::Relaxed);
                gone.notify_one();
            }
        });
        let waited = tokio::time::timeout(std::time::Duration::ZERO, work).await;
        assert!(waited.is_err() && !done.load(Ordering::Relaxed), "it waits for a word");
        go.notify_one();
        gone.notified().await;
        assert!(done.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn what_never_began_does_not_begin() {
        let begun = Arc::new(AtomicBool::new(false));
        let work = to_its_end({
            let begun = Arc::clone(&begun);
            async move { begun.store(true, Ordering::Relaxed) }
        });
        drop(work);
        tokio::task::yield_now().await;
        assert!(!begun.load(Ordering::Relaxed));
    }
}
