//! `caruso.wrapper.v1.Actions` and `Objects` in front of a [`Host`].

use std::collections::BTreeMap;

use caruso_api::storage::v1 as storage;
use caruso_api::wrapper::v1 as proto;
use caruso_component::status;
use proto::actions_server::Actions;
use tonic::{Code, Request, Response, Status};

use crate::protocol::{Cells, Change, ChangeKind, Get, Invocation, Query};
use crate::wire::{value_from_proto, value_to_proto};
use crate::{Error, Host, Object, Objects, Operation, Value, Values};

/// The gRPC service of one wrapper.
#[derive(Clone, Debug)]
pub struct Service {
    host: Host,
}

impl Service {
    /// In front of this program.
    pub fn new(host: Host) -> Self {
        Self { host }
    }
}

#[tonic::async_trait]
impl Actions for Service {
    async fn describe(
        &self,
        _: Request<proto::DescribeRequest>,
    ) -> Result<Response<proto::DescribeResponse>, Status> {
        let described = self.host.described()?;
        let operations = described.operations.iter().map(to_proto).collect();
        Ok(Response::new(proto::DescribeResponse { operations }))
    }

    async fn invoke(
        &self,
        request: Request<proto::InvokeRequest>,
    ) -> Result<Response<proto::InvokeResponse>, Status> {
        let request = request.into_inner();
        let invocation = Invocation {
            operation: request.operation,
            arguments: values(request.arguments)?,
            key: request.idempotency_key,
            actor: request.actor,
        };
        let done = self.host.invoke(invocation).await?;
        let results =
            done.results.iter().map(|(name, value)| (name.clone(), value_to_proto(value)));
        let summary = done.summary.clone();
        Ok(Response::new(proto::InvokeResponse { results: results.collect(), summary }))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let (grpc, code) = match &error {
            Error::WrongRequest(_) => (Code::InvalidArgument, "CW0101"),
            Error::Refused(_) => (Code::FailedPrecondition, "CW0102"),
            Error::Later(_) => (Code::Unavailable, "CW0103"),
            Error::Unknown(_) => (Code::Unknown, "CW0104"),
            Error::Stale => (Code::Aborted, "CW0105"),
        };
        status(grpc, code, error.to_string())
    }
}

#[tonic::async_trait]
impl proto::objects_server::Objects for Service {
    async fn get(
        &self,
        request: Request<proto::GetRequest>,
    ) -> Result<Response<proto::ObjectsResponse>, Status> {
        let proto::GetRequest { class, keys } = request.into_inner();
        let objects = self.host.get(Get { class, keys }).await?;
        Ok(Response::new(objects_to_proto(&objects)))
    }

    async fn query(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<proto::ObjectsResponse>, Status> {
        let proto::QueryRequest { class, conditions, limit, cursor } = request.into_inner();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let wanted = conditions.into_iter().map(|it| Ok((it.name, one_of(it.values)?)));
        let wanted = wanted.collect::<Result<_, Error>>()?;
        let objects = self.host.query(Query { class, wanted, limit, cursor }).await?;
        Ok(Response::new(objects_to_proto(&objects)))
    }

    async fn apply(
        &self,
        request: Request<proto::ApplyRequest>,
    ) -> Result<Response<proto::ApplyResponse>, Status> {
        let request = request.into_inner();
        let change = Change {
            class: request.class,
            kind: change_kind(&request.change)?,
            key: request.key,
            was: cells(request.was)?,
            values: cells(request.values)?,
            idempotency_key: request.idempotency_key,
            actor: request.actor,
        };
        let object = self.host.apply(change).await?;
        let object = object.as_ref().map(object_to_proto);
        Ok(Response::new(proto::ApplyResponse { object }))
    }
}

fn change_kind(word: &str) -> Result<ChangeKind, Error> {
    match word {
        "create" => Ok(ChangeKind::Create),
        "update" => Ok(ChangeKind::Update),
        "delete" => Ok(ChangeKind::Delete),
        _ => Err(Error::WrongRequest(vec!["a change is create, update or delete".into()])),
    }
}

/// Values, of which some may be missing.
fn cells(values: BTreeMap<String, storage::Value>) -> Result<Cells, Error> {
    let cell = |(name, value): (String, storage::Value)| match value.kind {
        None => Ok((name, None)),
        Some(kind) => match value_from_proto(kind) {
            Some(value) => Ok((name, Some(value))),
            None => Err(Error::WrongRequest(vec![format!("`{name}` has no value of its type")])),
        },
    };
    values.into_iter().map(cell).collect()
}

fn one_of(values: Vec<storage::Value>) -> Result<Vec<Value>, Error> {
    let values = values.into_iter().map(|value| value.kind.and_then(value_from_proto));
    let values: Option<Vec<Value>> = values.collect();
    values.ok_or_else(|| Error::WrongRequest(vec!["a condition has no value of its type".into()]))
}

fn objects_to_proto(objects: &Objects) -> proto::ObjectsResponse {
    proto::ObjectsResponse {
        objects: objects.objects.iter().map(object_to_proto).collect(),
        next_cursor: objects.next.clone(),
    }
}

fn object_to_proto(object: &Object) -> proto::HeldObject {
    proto::HeldObject {
        values: object.values.iter().map(|(name, it)| (name.clone(), value_to_proto(it))).collect(),
        unreadable: object.unreadable.clone(),
    }
}

fn to_proto(operation: &Operation) -> proto::Operation {
    let parameters = operation.parameters.iter().map(|parameter| proto::Parameter {
        name: parameter.name.clone(),
        r#type: parameter.kind.name().to_owned(),
        is_required: parameter.is_required,
    });
    proto::Operation {
        name: operation.name.clone(),
        title: operation.title.clone(),
        parameters: parameters.collect(),
    }
}

fn values(values: BTreeMap<String, storage::Value>) -> Result<Values, Error> {
    let mut findings = Vec::new();
    let mut taken = Values::new();
    for (name, value) in values {
        match value.kind.and_then(value_from_proto) {
            Some(value) => _ = taken.insert(name, value),
            None => findings.push(format!("`{name}` has no value of its type")),
        }
    }
    findings.sort();
    if findings.is_empty() { Ok(taken) } else { Err(Error::WrongRequest(findings)) }
}
