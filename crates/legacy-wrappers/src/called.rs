//! A program that serves `caruso.wrapper.v1` by gRPC: the lines of the host become calls, and what
//! it answers becomes lines. So it is hosted and tried as one that reads lines is.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use caruso_api::storage::v1 as storage;
use caruso_api::wrapper::v1 as proto;
use proto::actions_client::ActionsClient;
use proto::objects_client::ObjectsClient;
use serde_json::{Map, Value as Json, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::asked::{Applied, Asked, Unread, Wish, read};
use crate::declared::Declared;
use crate::lines::next_line;
use crate::program::Failure;
use crate::protocol::{MAX_LINE_BYTES, MAX_OBJECTS_BYTES};
use crate::serving::Serving;
use crate::wire::{value_from_proto, value_to_proto};
use crate::{Type, Value};

/// Between two attempts to reach a program that starts; the host says how long it may take.
const PAUSE: Duration = Duration::from_millis(50);

/// A program that broke the protocol has mostly ended, which is known within this time.
const AFTERMATH: Duration = Duration::from_millis(200);

/// Answers requests one after the other until there are no more of them, when the program is asked
/// to end, or until it has ended or must not be asked again. Answers with why it is over.
pub(crate) async fn speak(
    declared: Declared,
    mut serving: Serving,
    streams: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
) -> Failure {
    let address = serving.address;
    let spoken = tokio::select! {
        spoken = speak_with(&declared, address, streams) => spoken,
        failure = serving.ended() => return failure,
    };
    match spoken {
        Ok(()) => {
            serving.ask_to_end();
            serving.ended().await
        }
        // its own end is the better reason
        Err(failure) => timeout(AFTERMATH, serving.ended()).await.unwrap_or(failure),
    }
}

async fn speak_with(
    declared: &Declared,
    address: SocketAddr,
    (requests, mut answers): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
) -> Result<(), Failure> {
    let mut requests = BufReader::new(requests);
    let mut caller = Caller::of(connected(address).await, declared);
    while let Ok(Some(line)) = next_line(&mut requests, MAX_LINE_BYTES).await {
        // nobody waits for an answer to what has no id
        let Some((id, asked)) = read(&line.bytes) else { continue };
        let mut answer = caller.answer(asked).await?;
        answer["id"] = id.into();
        if answers.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// A connection, as soon as the program takes one; for how long that is tried is the host's to say.
async fn connected(address: SocketAddr) -> Channel {
    let uri = format!("http://{address}").parse().expect("an address makes a URI");
    let endpoint = Endpoint::from(http::Uri::clone(&uri));
    loop {
        match endpoint.connect().await {
            Ok(channel) => return channel,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

struct Caller<'a> {
    actions: ActionsClient<Channel>,
    objects: ObjectsClient<Channel>,
    declared: &'a Declared,
}

impl<'a> Caller<'a> {
    fn of(channel: Channel, declared: &'a Declared) -> Self {
        let actions = ActionsClient::new(channel.clone());
        let objects = ObjectsClient::new(channel);
        Self {
            actions: actions.max_decoding_message_size(MAX_LINE_BYTES),
            objects: objects.max_decoding_message_size(MAX_OBJECTS_BYTES),
            declared,
        }
    }

    /// The fields of the answer, but for its id.
    async fn answer(&mut self, asked: Result<Asked, Unread>) -> Result<Json, Failure> {
        match asked {
            Err(Unread::Description) => self.description().await,
            Err(Unread::Unknown) => Ok(json!({ "refused": "there are no such requests" })),
            Ok(Asked::Invoke(wish)) => self.invoke(wish).await,
            Ok(Asked::Get { class, keys }) => {
                let answered = self.objects.get(proto::GetRequest { class, keys }).await;
                given(answered.map(tonic::Response::into_inner), "Get")
            }
            Ok(Asked::Query { class, wanted, limit, cursor }) => {
                let types = Types::of_class(self.declared, &class);
                let conditions = wanted.into_iter().map(|(name, values)| {
                    let values = values.into_iter().map(|it| types.value(&name, it)).collect();
                    proto::Condition { name, values }
                });
                let conditions = conditions.collect();
                let limit = u32::try_from(limit).unwrap_or(u32::MAX);
                let request = proto::QueryRequest { class, conditions, limit, cursor };
                let answered = self.objects.query(request).await;
                given(answered.map(tonic::Response::into_inner), "Query")
            }
            Ok(Asked::Apply(applied)) => self.apply(applied).await,
        }
    }

    /// The operations that it describes, and those classes of the application for which it does
    /// not say that it holds none of them.
    async fn description(&mut self) -> Result<Json, Failure> {
        let operations = match self.actions.describe(proto::DescribeRequest {}).await {
            Ok(described) => described.into_inner().operations,
            Err(status) if status.code() == Code::Unimplemented => Vec::new(),
            Err(status) => return Err(broken(&status, "Describe")),
        };
        let operations = operations.into_iter().map(|it| {
            let parameters = it.parameters.into_iter().map(
                |it| json!({ "name": it.name, "type": it.r#type, "required": it.is_required }),
            );
            let parameters: Vec<_> = parameters.collect();
            json!({ "name": it.name, "title": it.title, "parameters": parameters })
        });
        let operations: Vec<_> = operations.collect();
        let mut classes = Vec::new();
        for (name, class) in &self.declared.classes {
            let request = proto::GetRequest { class: name.clone(), keys: Vec::new() };
            match self.objects.get(request).await {
                Err(status) if is_unknown(&status) => {}
                Err(status) if refusal(&status).is_none() => return Err(broken(&status, "Get")),
                _ => classes.push(json!({
                    "name": name, "searches": class.searches, "writable": class.is_writable,
                })),
            }
        }
        Ok(json!({ "operations": operations, "classes": classes }))
    }

    async fn invoke(&mut self, wish: Wish) -> Result<Json, Failure> {
        let types = Types::of_operation(self.declared, &wish.operation);
        let request = proto::InvokeRequest {
            arguments: types.values(wish.arguments),
            operation: wish.operation,
            idempotency_key: wish.key,
            actor: wish.actor,
        };
        match self.actions.invoke(request).await {
            Ok(done) => {
                let proto::InvokeResponse { results, summary } = done.into_inner();
                Ok(json!({ "results": cells(results), "summary": summary }))
            }
            Err(status) => refusal(&status).ok_or_else(|| broken(&status, "Invoke")),
        }
    }

    async fn apply(&mut self, applied: Applied) -> Result<Json, Failure> {
        let types = Types::of_class(self.declared, &applied.class);
        let request = proto::ApplyRequest {
            was: types.values(applied.was),
            values: types.values(applied.values),
            class: applied.class,
            change: applied.change,
            key: applied.key,
            idempotency_key: applied.idempotency_key,
            actor: applied.actor,
        };
        match self.objects.apply(request).await {
            Ok(applied) => {
                let now = applied.into_inner().object.into_iter().map(object);
                Ok(json!({ "objects": now.collect::<Vec<_>>() }))
            }
            Err(status) => refusal(&status).ok_or_else(|| broken(&status, "Apply")),
        }
    }
}

/// Of what types values are, as far as that is declared; others are as JSON has them.
struct Types(BTreeMap<String, Type>);

impl Types {
    fn of_operation(declared: &Declared, name: &str) -> Self {
        let parameters = declared.operations.get(name).map(|it| &it.parameters);
        let parameters = parameters.into_iter().flatten();
        Self(parameters.map(|(name, (kind, _))| (name.clone(), *kind)).collect())
    }

    fn of_class(declared: &Declared, name: &str) -> Self {
        Self(declared.classes.get(name).map(|it| it.members.clone()).unwrap_or_default())
    }

    fn values(&self, given: Map<String, Json>) -> BTreeMap<String, storage::Value> {
        let value = |(name, json): (String, Json)| {
            let value = self.value(&name, json);
            (name, value)
        };
        given.into_iter().map(value).collect()
    }

    /// A value; `null` is one without a kind.
    fn value(&self, name: &str, json: Json) -> storage::Value {
        let Some(value) = Value::from_json(json) else { return storage::Value { kind: None } };
        let typed = self.0.get(name).and_then(|kind| value.clone().read_as(*kind));
        value_to_proto(&typed.unwrap_or(value))
    }
}

/// The answer to a question for objects.
fn given(
    answered: Result<proto::ObjectsResponse, Status>,
    rpc: &'static str,
) -> Result<Json, Failure> {
    match answered {
        Ok(proto::ObjectsResponse { objects, next_cursor }) => {
            let objects: Vec<_> = objects.into_iter().map(object).collect();
            Ok(json!({ "objects": objects, "next": next_cursor }))
        }
        Err(status) => refusal(&status).ok_or_else(|| broken(&status, rpc)),
    }
}

/// An object as a line has it. What is unreadable is no plain value there.
fn object(held: proto::HeldObject) -> Json {
    let mut object = cells(held.values);
    object.extend(held.unreadable.into_iter().map(|name| (name, json!({}))));
    Json::Object(object)
}

/// Names with their values; those without a value are missing.
fn cells(values: BTreeMap<String, storage::Value>) -> Map<String, Json> {
    let cell = |(name, value): (String, storage::Value)| {
        let json = match value_from_proto(value.kind?) {
            Some(value) => value.to_json(),
            // not of the form of its kind, so of no type that was declared
            None => json!({}),
        };
        Some((name, json))
    };
    values.into_iter().filter_map(cell).collect()
}

/// Whether it says that there is no such service or class.
fn is_unknown(status: &Status) -> bool {
    matches!(status.code(), Code::Unimplemented | Code::InvalidArgument)
}

/// The answer that a status is, as the contract has it; nothing where it is none, or comes from the
/// connection instead of the program.
fn refusal(status: &Status) -> Option<Json> {
    if status.source().is_some() {
        return None;
    }
    match status.code() {
        Code::InvalidArgument | Code::FailedPrecondition => {
            Some(json!({ "refused": status.message() }))
        }
        Code::Unavailable => Some(json!({ "later": status.message() })),
        Code::Aborted => Some(json!({ "stale": true })),
        _ => None,
    }
}

/// Why it must not be asked again.
fn broken(status: &Status, rpc: &'static str) -> Failure {
    match status.source() {
        Some(_) => Failure::Pipe(io::ErrorKind::ConnectionReset.into()),
        None => Failure::Status { rpc, code: status.code() },
    }
}

#[cfg(test)]
mod tests {
    use caruso_api::storage::v1::value::Kind;

    use super::*;

    #[test]
    fn values_travel_in_their_declared_types_and_what_is_none_is_missing() {
        let types = [("price", Type::Decimal), ("day", Type::Date), ("text", Type::Text)];
        let types = Types(types.map(|(name, kind)| (name.to_owned(), kind)).into());
        let Json::Object(given) =
            json!({"price": "1.50", "day": "2026-01-31", "text": null, "other": 7})
        else {
            panic!("an object")
        };
        let mut sent = types.values(given);
        assert_eq!(sent["price"].kind, Some(Kind::Decimal("1.50".into())));
        assert_eq!(sent["day"].kind, Some(Kind::Date("2026-01-31".into())));
        assert_eq!((&sent["text"].kind, &sent["other"].kind), (&None, &Some(Kind::Integer(7))));
        sent.insert("odd".into(), storage::Value { kind: Some(Kind::Date("May".into())) });
        let held = proto::HeldObject { values: sent, unreadable: vec!["note".into()] };
        let expected = json!({
            "price": "1.50", "day": "2026-01-31", "other": 7, "odd": {}, "note": {},
        });
        assert_eq!(object(held), expected);
    }

    #[test]
    fn a_status_is_an_answer_only_where_the_contract_has_it() {
        let words = |code| refusal(&Status::new(code, "no"));
        assert_eq!(words(Code::FailedPrecondition), Some(json!({"refused": "no"})));
        assert_eq!(words(Code::InvalidArgument), Some(json!({"refused": "no"})));
        assert_eq!(words(Code::Unavailable), Some(json!({"later": "no"})));
        assert_eq!(words(Code::Aborted), Some(json!({"stale": true})));
        assert_eq!(words(Code::Unknown), None);
        let failure = broken(&Status::unknown("a customer's name"), "Invoke").to_string();
        assert_eq!(failure, "the program answered `Invoke` with the status Unknown");
    }
}
