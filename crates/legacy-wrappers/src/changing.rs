//! Changing objects that the program holds.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::declared::Declared;
use crate::held::Object;
use crate::host::{Error, Host, Job};
use crate::program::{Failure, Running};
use crate::protocol::{Answer, Change, ChangeKind, Request, encode};
use crate::reading::wrong;

/// A change that somebody wants, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Wish {
    change: Change,
    answer: oneshot::Sender<Result<Option<Object>, Error>>,
}

impl Host {
    /// Creates, changes or deletes one object; answers with it as it is then, with nothing when it
    /// is gone. The program sees to it that the same key changes something once.
    ///
    /// # Errors
    /// Every variant. After [`Error::Unknown`] the same key again tells what happened; after all
    /// others nothing was changed.
    pub async fn apply(&self, change: Change) -> Result<Option<Object>, Error> {
        self.class(&change.class)?;
        if change.idempotency_key.is_empty() {
            return Err(wrong("the idempotency key is missing".into()));
        }
        let request = Request::Apply(change.clone());
        encode(u64::MAX, &request).map_err(|error| wrong(error.to_string()))?;
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job::Change(Wish { change, answer }))?;
        let stopped = || Err(Error::Unknown("the wrapper is stopping".into()));
        answered.await.unwrap_or_else(|_| stopped())
    }
}

impl Wish {
    /// Sends away who waits; nothing was asked.
    pub(crate) fn later(self, reason: String) {
        // Who is gone needs no answer.
        let _ = self.answer.send(Err(Error::Later(reason)));
    }

    /// Puts the wish to the program; what nobody waits for any more is not asked for.
    pub(crate) async fn put(
        self,
        declared: &Declared,
        running: &mut Running,
        limit: Duration,
    ) -> Result<(), Failure> {
        let Self { change, answer } = self;
        if answer.is_closed() {
            return Ok(());
        }
        let Some(class) = declared.classes.get(&change.class) else {
            let _ = answer.send(Err(wrong(format!("there is no class `{}`", change.class))));
            return Ok(());
        };
        if let Some(finding) = class.finding(&change) {
            let _ = answer.send(Err(wrong(finding)));
            return Ok(());
        }
        let expected = usize::from(change.kind != ChangeKind::Delete);
        let (told, failure) = match running.ask(&Request::Apply(change), limit).await {
            Ok(Answer::Objects(objects, _)) if objects.len() == expected => {
                let object = objects.into_iter().next().map(|given| class.object(given));
                (Ok(object), Ok(()))
            }
            Ok(Answer::Refused(words)) => (Err(Error::Refused(words)), Ok(())),
            Ok(Answer::Later(words)) => (Err(Error::Later(words)), Ok(())),
            Ok(Answer::Stale) => (Err(Error::Stale), Ok(())),
            Ok(Answer::Objects(objects, _)) => unknown(Failure::Objects(objects.len())),
            Ok(other) => unknown(Failure::OtherAnswer(other.name())),
            Err(failure) => unknown(failure),
        };
        let _ = answer.send(told);
        failure
    }
}

/// What is told of a change whose answer did not come.
fn unknown(failure: Failure) -> (Result<Option<Object>, Error>, Result<(), Failure>) {
    (Err(Error::Unknown(failure.to_string())), Err(failure))
}
