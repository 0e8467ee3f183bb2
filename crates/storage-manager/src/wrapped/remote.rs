//! The wrappers of an installation, found through the component directory.

use std::collections::BTreeMap;
use std::fmt;

use caruso_api::wrapper::v1 as proto;
use caruso_component::{Component, code_of};
use caruso_expression::Value;
use proto::objects_client::ObjectsClient;
use tonic::{Code, Status};

use super::source::{AT_ONCE, Answer, Given, NoAnswer, NotDone, Question, Source, Wish};
use crate::convert::{value_from, value_to};

/// What wrappers offer.
const OBJECTS: &str = "caruso.wrapper.v1.Objects";

/// The wrappers that the component finds.
pub(crate) struct Wrappers {
    component: Component,
}

impl fmt::Debug for Wrappers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wrappers")
    }
}

impl Wrappers {
    pub(crate) fn new(component: Component) -> Self {
        Self { component }
    }
}

#[tonic::async_trait]
impl Source for Wrappers {
    async fn get(&self, wrapper: &str, class: &str, keys: &[String]) -> Result<Answer, NoAnswer> {
        let request = proto::GetRequest { class: class.to_owned(), keys: keys.to_vec() };
        let mut client = ObjectsClient::new(self.component.caller_of(wrapper, OBJECTS));
        client.get(request).await.map(|it| answer(it.into_inner())).map_err(refused)
    }

    async fn query(&self, wrapper: &str, question: &Question) -> Result<Answer, NoAnswer> {
        let condition = |(name, values): (&String, &Vec<Value>)| proto::Condition {
            name: name.clone(),
            values: values.iter().map(|value| value_to(None, value)).collect(),
        };
        let request = proto::QueryRequest {
            class: question.class.clone(),
            conditions: question.having.iter().map(condition).collect(),
            limit: u32::try_from(AT_ONCE).unwrap_or(u32::MAX),
            cursor: question.cursor.clone(),
        };
        let mut client = ObjectsClient::new(self.component.caller_of(wrapper, OBJECTS));
        client.query(request).await.map(|it| answer(it.into_inner())).map_err(refused)
    }

    async fn apply(&self, wrapper: &str, wish: &Wish) -> Result<Option<Given>, NotDone> {
        let values = |values: &BTreeMap<String, Value>| {
            values.iter().map(|(name, value)| (name.clone(), value_to(None, value))).collect()
        };
        let request = proto::ApplyRequest {
            class: wish.class.clone(),
            change: wish.action.word().to_owned(),
            key: wish.key.clone(),
            was: values(&wish.was),
            values: values(&wish.values),
            idempotency_key: wish.idempotency_key.clone(),
            actor: wish.actor.clone(),
        };
        let mut client = ObjectsClient::new(self.component.caller_of(wrapper, OBJECTS));
        let done = client.apply(request).await.map_err(|status| not_done(&status))?;
        Ok(done.into_inner().object.map(given))
    }
}

fn answer(answer: proto::ObjectsResponse) -> Answer {
    Answer { objects: answer.objects.into_iter().map(given).collect(), next: answer.next_cursor }
}

fn given(object: proto::HeldObject) -> Given {
    let mut given = Given { unreadable: object.unreadable, ..Given::default() };
    for (name, value) in object.values {
        match value_from(value) {
            Ok(value) => _ = given.values.insert(name, value),
            Err(_) => given.unreadable.push(name),
        }
    }
    given
}

/// Only what the wrapper says itself tells that nothing was changed.
fn not_done(status: &Status) -> NotDone {
    let reason = format!("{:?}: {}", status.code(), status.message());
    match code_of(status).as_deref() {
        Some("CW0101" | "CW0103") => NotDone::Later(reason),
        Some("CW0102") => NotDone::Refused(status.message().to_owned()),
        Some("CW0105") => NotDone::Stale,
        _ => NotDone::Unknown(reason),
    }
}

fn refused(status: Status) -> NoAnswer {
    match status.code() {
        Code::FailedPrecondition => NoAnswer::TooMuch,
        code => NoAnswer::Later(format!("{code:?}: {}", status.message())),
    }
}
