//! Calls of an OpenAPI description, over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_application::configured::rest::{Held, Question, Request as Asked, Rest, of_problem};
use caruso_application::configured::{Object, Outcome};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::http::{Answer, Client, Failure, Remote, Request};
use super::{later, refused};
use crate::asked::Wish;

/// Objects that are asked for at once, each by its key.
const AT_ONCE: usize = 8;
const JSON: &str = "application/json";
/// Where the site file says nothing of the wrapper.
pub(super) const NOWHERE: &str = "the site file says no `url` of this wrapper";

/// Calls the other system.
pub(super) struct Caller {
    rest: Rest,
    /// Nothing where nobody said where it is.
    client: Option<Arc<Client>>,
}

impl Caller {
    pub(super) fn new(rest: &Rest, remote: Option<&Remote>) -> Self {
        let client = remote.map(|it| Arc::new(Client::new(it.clone(), rest.limit)));
        Self { rest: rest.clone(), client }
    }

    pub(super) fn is_repeatable(&self, operation: &str) -> bool {
        let is_idempotent = self.rest.calls.get(operation).is_none_or(|it| it.is_idempotent);
        is_idempotent || self.rest.key_header.is_some()
    }

    pub(super) async fn carry_out(&self, wish: &Wish) -> Outcome {
        let Some(call) = self.rest.calls.get(&wish.operation) else {
            return Outcome::Refused("there is no such operation".into());
        };
        let Some(client) = &self.client else { return Outcome::Later(NOWHERE.into()) };
        let request = match call.request(&wish.arguments) {
            Ok(request) => request,
            Err(words) => return Outcome::Refused(words),
        };
        let key = self.rest.key_header.as_deref().map(|name| (name, wish.key.as_str()));
        match send(client, &request, key).await {
            Ok(Answer { status, body }) => call.outcome(status, &body),
            Err(Failure::NotSent(reason)) => Outcome::Later(reason),
            Err(Failure::NoAnswer(reason)) => Outcome::Unknown(reason),
        }
    }

    pub(super) async fn get(&self, class: &str, keys: Vec<String>) -> Json {
        let (held, client) = match self.held(class) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let mut objects = Vec::new();
        for some in keys.chunks(AT_ONCE) {
            let mut asked = JoinSet::new();
            for key in some {
                asked.spawn(one(Arc::clone(client), held.clone(), key.clone()));
            }
            for came in asked.join_all().await {
                match came {
                    Ok(object) => objects.extend(object),
                    Err(answer) => return answer,
                }
            }
        }
        json!({ "objects": objects })
    }

    pub(super) async fn query(
        &self,
        class: &str,
        (wanted, limit, cursor): (BTreeMap<String, Vec<Json>>, usize, String),
    ) -> Json {
        let (held, client) = match self.held(class) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let question = Question { wanted, limit, cursor };
        let Some(request) = held.list(&question) else { return json!({ "objects": [] }) };
        let page = match good(send(client, &request, None).await) {
            Ok(body) => held.page(&question, &body),
            Err(answer) => return answer,
        };
        match page {
            Ok(page) => json!({ "objects": page.objects, "next": page.next }),
            Err(reason) => later(&reason),
        }
    }

    fn held(&self, class: &str) -> Result<(&Held, &Arc<Client>), Json> {
        let held = self.rest.held.get(class);
        let held = held.ok_or_else(|| refused(&format!("there is no class {class} here")))?;
        Ok((held, self.client.as_ref().ok_or_else(|| later(NOWHERE))?))
    }
}

/// The object of a key, if there is one.
async fn one(client: Arc<Client>, held: Held, key: String) -> Result<Option<Object>, Json> {
    let answer = send(&client, &held.get(&key), None).await;
    if answer.as_ref().is_ok_and(|answer| matches!(answer.status, 404 | 410)) {
        return Ok(None);
    }
    held.got(&good(answer)?).map(Some).map_err(|reason| later(&reason))
}

async fn send(
    client: &Client,
    request: &Asked,
    key: Option<(&str, &str)>,
) -> Result<Answer, Failure> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let headers = headers.chain(key).chain([("accept", JSON)]);
    let request = Request {
        method: &request.method,
        target: &request.target,
        headers: headers.collect(),
        body: request.body.clone().map(|body| (JSON, body)),
    };
    client.send(&request).await
}

/// The body of an answer that is no error.
fn good(answer: Result<Answer, Failure>) -> Result<Vec<u8>, Json> {
    match answer {
        Ok(Answer { status: 200..=299, body }) => Ok(body.to_vec()),
        Ok(Answer { status, body }) => match of_problem(status, &body) {
            Outcome::Refused(words) if status < 500 => Err(refused(&words)),
            Outcome::Refused(words) | Outcome::Later(words) => Err(later(&words)),
            Outcome::Done { .. } | Outcome::Unknown(_) => Err(later("the answer is no answer")),
        },
        Err(Failure::NotSent(reason) | Failure::NoAnswer(reason)) => Err(later(&reason)),
    }
}
