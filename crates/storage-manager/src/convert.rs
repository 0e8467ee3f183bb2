//! The boundary: messages of `caruso.storage.v1` and what they mean here.

use std::collections::{BTreeMap, HashMap};

use caruso_api::storage::v1::{self as proto, value::Kind};
use caruso_component::status;
use caruso_expression::Value;
use caruso_object_model::{
    Attribute, AttributeType, Class, Labels, Member, Model, Operation, ToOne, UnitOfWork, Violation,
};
use jiff::Timestamp;
use tonic::{Code, Status};

use crate::codes;
use crate::error::Error;
use crate::page::{Order, Query};
use crate::plan::StoredObject;

/// Arguments may be named with or without what goes before them in a filter.
const ARGUMENT: &str = "argument.";

/// A value whose text does not fit its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed;

fn value_from(value: proto::Value) -> Result<Value, Malformed> {
    let Some(kind) = value.kind else { return Ok(Value::Null) };
    let read = match kind {
        Kind::Boolean(value) => Some(Value::Bool(value)),
        Kind::Integer(number) => Some(Value::Int(number)),
        Kind::Decimal(text) => text.parse().ok().map(Value::Decimal),
        Kind::Text(text) | Kind::Choice(text) | Kind::Reference(text) => Some(Value::from(text)),
        Kind::Date(text) => text.parse().ok().map(Value::Date),
        Kind::Instant(at) => Timestamp::new(at.seconds, at.nanos).ok().map(Value::Instant),
    };
    read.ok_or(Malformed)
}

/// A value of a member; choices and keys of other objects are told from texts.
fn value_to(member: Option<Member<'_>>, value: &Value) -> proto::Value {
    let is_choice =
        matches!(member, Some(Member::Attribute(Attribute { ty: AttributeType::Choice(_), .. })));
    let kind = match (member, value) {
        (_, Value::Null | Value::List(_) | Value::Object(_)) => None,
        (Some(Member::ToOne(_)), key) => Some(Kind::Reference(key.to_string())),
        (_, Value::Bool(value)) => Some(Kind::Boolean(*value)),
        (_, Value::Int(number)) => Some(Kind::Integer(*number)),
        (_, Value::Decimal(number)) => Some(Kind::Decimal(number.to_string())),
        (_, Value::Text(text)) if is_choice => Some(Kind::Choice(text.to_string())),
        (_, Value::Text(text)) => Some(Kind::Text(text.to_string())),
        (_, Value::Date(date)) => Some(Kind::Date(date.to_string())),
        (_, Value::Instant(instant)) => Some(Kind::Instant(prost_types::Timestamp {
            seconds: instant.as_second(),
            nanos: instant.subsec_nanosecond(),
        })),
    };
    proto::Value { kind }
}

pub(crate) fn object_to(model: &Model, object: StoredObject) -> proto::Object {
    let class = model.class(&object.class);
    let attributes = object.attributes.iter().map(|(name, value)| {
        (name.clone(), value_to(class.and_then(|class| class.member(name)), value))
    });
    proto::Object {
        attributes: attributes.collect(),
        class: object.class,
        key: object.key,
        revision: object.revision,
    }
}

pub(crate) fn query_from(request: proto::QueryRequest) -> Result<Query, Error> {
    let mut arguments = BTreeMap::new();
    for (name, value) in request.arguments {
        let name = name.strip_prefix(ARGUMENT).unwrap_or(&name).to_owned();
        let value = value_from(value)
            .map_err(|Malformed| Error::Filter(vec![format!("argument `{name}` is malformed")]))?;
        arguments.insert(name, value);
    }
    let order = request
        .order
        .into_iter()
        .map(|order| Order { attribute: order.attribute, is_descending: order.is_descending });
    Ok(Query {
        class: request.class,
        filter: request.filter,
        arguments,
        order: order.collect(),
        page_size: request.page_size,
        page_token: request.page_token,
    })
}

pub(crate) fn unit_from(request: proto::ApplyRequest) -> Result<UnitOfWork, Error> {
    let mut operations = Vec::new();
    let mut violations = Vec::new();
    for (index, operation) in request.operations.into_iter().enumerate() {
        match operation_from(index, operation) {
            Ok(operation) => operations.push(operation),
            Err(found) => violations.extend(found),
        }
    }
    if !violations.is_empty() {
        return Err(Error::Violations(violations));
    }
    Ok(UnitOfWork {
        idempotency_key: request.idempotency_key,
        operations,
        reason: request.reason,
        contact: request.contact_id,
    })
}

fn operation_from(index: usize, operation: proto::Operation) -> Result<Operation, Vec<Violation>> {
    use proto::operation::Operation as Kind;
    match operation.operation {
        Some(Kind::Create(create)) => {
            let attributes = attributes_from(index, &create.class, create.attributes)?;
            Ok(Operation::Create { class: create.class, attributes })
        }
        Some(Kind::Update(update)) => {
            let attributes = attributes_from(index, &update.class, update.attributes)?;
            let proto::Update { class, key, revision, .. } = update;
            Ok(Operation::Update { class, key, revision, attributes })
        }
        None => {
            let reason = "the operation is none that is known".to_owned();
            let (class, attribute) = (String::new(), String::new());
            Err(vec![Violation { operation: index, class, attribute, reason }])
        }
    }
}

fn attributes_from(
    index: usize,
    class: &str,
    attributes: HashMap<String, proto::Value>,
) -> Result<BTreeMap<String, Value>, Vec<Violation>> {
    let mut values = BTreeMap::new();
    let mut violations = Vec::new();
    for (name, value) in attributes {
        match value_from(value) {
            Ok(value) => {
                values.insert(name, value);
            }
            Err(Malformed) => violations.push(Violation {
                operation: index,
                class: class.to_owned(),
                attribute: name,
                reason: "the value is malformed".to_owned(),
            }),
        }
    }
    if violations.is_empty() { Ok(values) } else { Err(violations) }
}

/// A class as callers see it, with labels in a language where the model has them.
pub(crate) fn class_to(model: &Model, class: &Class, language: &str) -> proto::Class {
    let attributes = class.attributes().iter().map(|attribute| attribute_to(attribute, language));
    let relations = class.to_one().iter().map(|relation| relation_to(relation, language));
    let is_sound = |relation: &proto::Attribute| model.class(&relation.target_class).is_some();
    proto::Class {
        name: class.name.clone(),
        label: label(&class.labels, &class.name, language),
        attributes: attributes.chain(relations.filter(is_sound)).collect(),
        key: class.key().name.clone(),
    }
}

fn attribute_to(attribute: &Attribute, language: &str) -> proto::Attribute {
    let values = match &attribute.ty {
        AttributeType::Choice(enumeration) => enumeration.values.as_slice(),
        _ => &[],
    };
    let values = values.iter().map(|value| proto::ChoiceValue {
        name: value.name.clone(),
        label: label(&value.labels, &value.name, language),
    });
    proto::Attribute {
        name: attribute.name.clone(),
        label: label(&attribute.labels, &attribute.name, language),
        r#type: attribute.ty.word().to_owned(),
        is_required: attribute.is_required,
        values: values.collect(),
        target_class: String::new(),
    }
}

fn relation_to(relation: &ToOne, language: &str) -> proto::Attribute {
    proto::Attribute {
        name: relation.name.clone(),
        label: label(&relation.labels, &relation.name, language),
        r#type: "reference".to_owned(),
        is_required: relation.is_required,
        values: Vec::new(),
        target_class: relation.class.clone(),
    }
}

fn label(labels: &Labels, name: &str, language: &str) -> String {
    labels.text(language).unwrap_or(name).to_owned()
}

/// An error as a status with its code. What the driver says is for the log alone.
pub(crate) fn status_of(error: &Error) -> Status {
    let (grpc, code) = match error {
        Error::NotFound(_) => (Code::NotFound, codes::NOT_FOUND),
        Error::UnknownClass { .. } | Error::UnknownAttribute { .. } => {
            (Code::InvalidArgument, codes::UNKNOWN_NAME)
        }
        Error::Filter(_) | Error::PageSize | Error::PageToken => {
            (Code::InvalidArgument, codes::QUERY)
        }
        Error::Number(_) => (Code::InvalidArgument, codes::NUMBER),
        Error::RevisionConflict { .. } => (Code::Aborted, codes::REVISION),
        Error::Violations(_) => (Code::InvalidArgument, codes::RULE),
        Error::Duplicate { .. } => (Code::AlreadyExists, codes::DUPLICATE),
        Error::Unavailable { .. } | Error::Drift(_) | Error::Folder(_) => {
            (Code::Unavailable, codes::UNAVAILABLE)
        }
    };
    if let Error::Unavailable { database, source } = error {
        tracing::error!(database, error = %source, "the database does not answer");
    }
    status(grpc, code, error.to_string())
}
