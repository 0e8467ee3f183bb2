//! The wrappers of an installation, found through the component directory.

use std::fmt;

use caruso_api::wrapper::v1 as proto;
use caruso_component::Component;
use caruso_expression::Value;
use proto::objects_client::ObjectsClient;
use tonic::{Code, Status};

use super::source::{AT_ONCE, Answer, Given, NoAnswer, Question, Source};
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

fn refused(status: Status) -> NoAnswer {
    match status.code() {
        Code::FailedPrecondition => NoAnswer::TooMuch,
        code => NoAnswer::Later(format!("{code:?}: {}", status.message())),
    }
}
