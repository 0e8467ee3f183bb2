//! Reading objects that the program holds.

use tokio::sync::oneshot;

use crate::declared::Declared;
use crate::held::{Held, MAX_OBJECTS, Objects};
use crate::host::{Error, Host, Job};
use crate::program::{Failure, Running};
use crate::protocol::{Answer, Get, Query, Request, encode};

/// A question for objects, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Question {
    request: Request,
    class: String,
    answer: oneshot::Sender<Result<Objects, Error>>,
}

impl Host {
    /// Objects of a class by their keys, in any order; at most [`MAX_OBJECTS`]. Keys that the
    /// program does not know have none.
    ///
    /// # Errors
    /// Every variant; nothing but [`Error::Later`] may be asked again with hope.
    pub async fn get(&self, get: Get) -> Result<Objects, Error> {
        self.class(&get.class)?;
        if get.keys.len() > MAX_OBJECTS {
            return Err(wrong(format!("at most {MAX_OBJECTS} keys at once")));
        }
        let class = get.class.clone();
        self.objects(class, Request::Get(get)).await
    }

    /// Some of the objects of a class that have some values.
    ///
    /// # Errors
    /// As [`Host::get`].
    pub async fn query(&self, mut query: Query) -> Result<Objects, Error> {
        let class = self.class(&query.class)?;
        if let Some(name) = query.wanted.keys().find(|name| !class.searches.contains(*name)) {
            return Err(wrong(format!("`{}` is not looked for by `{name}`", query.class)));
        }
        if query.wanted.values().any(|values| values.len() > MAX_OBJECTS) {
            return Err(wrong(format!("at most {MAX_OBJECTS} values of each name")));
        }
        query.limit = query.limit.clamp(1, MAX_OBJECTS);
        let class = query.class.clone();
        self.objects(class, Request::Query(query)).await
    }

    pub(crate) fn class(&self, name: &str) -> Result<Held, Error> {
        let described = self.described()?;
        let class = described.classes.iter().find(|class| class.name == name);
        class.cloned().ok_or_else(|| wrong(format!("there is no class `{name}`")))
    }

    async fn objects(&self, class: String, request: Request) -> Result<Objects, Error> {
        encode(u64::MAX, &request).map_err(|error| wrong(error.to_string()))?;
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job::Read(Question { request, class, answer }))?;
        answered.await.unwrap_or_else(|_| Err(Error::stopping()))
    }
}

pub(crate) fn wrong(finding: String) -> Error {
    Error::WrongRequest(vec![finding])
}

impl Question {
    /// Sends away who waits.
    pub(crate) fn later(self, reason: String) {
        // Who is gone needs no answer.
        let _ = self.answer.send(Err(Error::Later(reason)));
    }

    /// Puts the question to the program; who is gone by now is not asked for.
    pub(crate) async fn put(
        self,
        declared: &Declared,
        running: &mut Running,
        limit: std::time::Duration,
    ) -> Result<(), Failure> {
        if self.answer.is_closed() {
            return Ok(());
        }
        let answer = match running.ask(&self.request, limit).await {
            Ok(answer) => answer,
            Err(failure) => {
                self.later(failure.to_string());
                return Err(failure);
            }
        };
        let told = match (answer, declared.classes.get(&self.class)) {
            (Answer::Objects(objects, next), Some(class)) => {
                let objects = objects.into_iter().map(|given| class.object(given)).collect();
                Ok(Objects { objects, next })
            }
            (Answer::Refused(words), _) => Err(Error::Refused(words)),
            (Answer::Later(words), _) => Err(Error::Later(words)),
            (other, _) => {
                let failure = Failure::OtherAnswer(other.name());
                self.later(failure.to_string());
                return Err(failure);
            }
        };
        let _ = self.answer.send(told);
        Ok(())
    }
}
