//! The boundary: messages of `caruso.storage.v1` and what they mean here.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_api::storage::v1::{self as proto, value::Kind};
use caruso_component::status;
use caruso_expression::{Type, Value};
use caruso_object_model::{
    Attribute, AttributeType, Class, Derived, Enumeration, Labels, Member, Model, Operation, ToOne,
    UnitOfWork, Violation,
};
use jiff::Timestamp;
use tonic::{Code, Status};

use crate::aggregate::{Aggregate, Function, Group, Measure};
use crate::codes;
use crate::error::Error;
use crate::fetch::{Branch, Limb, Tree};
use crate::history::Change;
use crate::page::{Link, Order, Query};
use crate::plan::{Sort, StoredObject, text};
use crate::watch::Changed;

/// Arguments may be named with or without what goes before them in a filter.
const ARGUMENT: &str = "argument.";

/// A value whose text does not fit its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(crate) fn value_from(value: proto::Value) -> Result<Value, Malformed> {
    let Some(kind) = value.kind else { return Ok(Value::Null) };
    let read = match kind {
        Kind::Boolean(value) => Some(Value::Bool(value)),
        Kind::Integer(number) => Some(Value::Int(number)),
        Kind::Decimal(text) => text.parse().ok().map(Value::Decimal),
        Kind::Text(text) | Kind::Choice(text) | Kind::Reference(text) => Some(Value::from(text)),
        Kind::Money(text) => text.parse().ok().map(Value::Money),
        Kind::Date(text) => text.parse().ok().map(Value::Date),
        Kind::Instant(at) => Timestamp::new(at.seconds, at.nanos).ok().map(Value::Instant),
    };
    read.ok_or(Malformed)
}

/// A value of a member; choices and keys of other objects are told from texts.
pub(crate) fn value_to(member: Option<Member<'_>>, value: &Value) -> proto::Value {
    let sort = match member {
        Some(Member::Attribute(attribute)) => Sort::of(&attribute.ty),
        Some(Member::Derived(derived)) => Sort::of_derived(derived),
        Some(Member::ToOne(_)) => Sort::Reference,
        _ => Sort::Plain,
    };
    proto::Value { kind: kind_of(sort, value) }
}

/// A value of a sort of member; nothing for what no attribute holds.
pub(crate) fn kind_of(sort: Sort, value: &Value) -> Option<Kind> {
    match (sort, value) {
        (_, Value::Null) => None,
        (Sort::Reference, key) => Some(Kind::Reference(text(key))),
        (_, Value::Bool(value)) => Some(Kind::Boolean(*value)),
        (_, Value::Int(number)) => Some(Kind::Integer(*number)),
        (_, Value::Decimal(number)) => Some(Kind::Decimal(number.to_string())),
        (_, Value::Money(money)) => Some(Kind::Money(money.to_string())),
        (Sort::Choice, Value::Text(text)) => Some(Kind::Choice(str::to_owned(text))),
        (_, Value::Text(text)) => Some(Kind::Text(str::to_owned(text))),
        (_, Value::Date(date)) => Some(Kind::Date(date.to_string())),
        (_, Value::Instant(instant)) => Some(Kind::Instant(timestamp_to(*instant))),
        _ => None,
    }
}

pub(crate) fn object_to(model: &Model, object: StoredObject) -> proto::Object {
    let class = model.class(&object.class);
    let attributes = object.attributes.into_iter().map(|(name, value)| {
        let value = value_to(class.and_then(|class| class.member(&name)), &value);
        (name, value)
    });
    proto::Object {
        attributes: attributes.collect(),
        class: object.class,
        key: object.key,
        revision: object.revision,
        unreadable: object.unreadable,
        withheld: object.withheld,
    }
}

pub(crate) fn objects_to(model: &Model, objects: Vec<StoredObject>) -> Vec<proto::Object> {
    objects.into_iter().map(|object| object_to(model, object)).collect()
}

fn arguments_from(given: BTreeMap<String, proto::Value>) -> Result<BTreeMap<String, Value>, Error> {
    let mut arguments = BTreeMap::new();
    for (name, value) in given {
        let name = name.strip_prefix(ARGUMENT).unwrap_or(&name).to_owned();
        let value = value_from(value)
            .map_err(|Malformed| Error::Filter(vec![format!("argument `{name}` is malformed")]))?;
        arguments.insert(name, value);
    }
    Ok(arguments)
}

fn order_from(order: Vec<proto::Order>) -> Vec<Order> {
    let order = order.into_iter();
    order
        .map(|order| Order { attribute: order.attribute, is_descending: order.is_descending })
        .collect()
}

pub(crate) fn query_from(request: proto::QueryRequest) -> Result<Query, Error> {
    Ok(Query {
        class: request.class,
        filter: request.filter,
        arguments: arguments_from(request.arguments)?,
        link: request.link.map(|link| Link { path: link.path, key: link.key }),
        order: order_from(request.order),
        page_size: request.page_size,
        page_token: request.page_token,
        wants_count: request.wants_count,
        allows_scan: request.allows_scan,
    })
}

pub(crate) fn branch_from(branch: proto::Branch) -> Result<Branch, Error> {
    Ok(Branch {
        relation: branch.relation,
        filter: branch.filter,
        arguments: arguments_from(branch.arguments)?,
        order: order_from(branch.order),
        limit: branch.limit,
        branches: branch.branches.into_iter().map(branch_from).collect::<Result<_, _>>()?,
    })
}

pub(crate) fn tree_to(model: &Model, tree: Tree) -> proto::Tree {
    let limb = |limb: Limb| proto::Limb {
        relation: limb.relation,
        trees: limb.trees.into_iter().map(|tree| tree_to(model, tree)).collect(),
        has_more: limb.has_more,
        error: limb.error.map(|error| code_of(&error).1.to_owned()).unwrap_or_default(),
    };
    proto::Tree {
        object: Some(object_to(model, tree.object)),
        limbs: tree.limbs.into_iter().map(limb).collect(),
    }
}

pub(crate) fn aggregate_from(request: proto::AggregateRequest) -> Result<Aggregate, Error> {
    use proto::measure::Function as Asked;
    let measure = |measure: proto::Measure| {
        let function = match measure.function() {
            Asked::Count => Function::Count,
            Asked::Sum => Function::Sum,
            Asked::Average => Function::Average,
            Asked::Least => Function::Least,
            Asked::Greatest => Function::Greatest,
            Asked::Unspecified => {
                return Err(Error::Filter(vec!["a measure has a function".into()]));
            }
        };
        let attribute = Some(measure.attribute).filter(|attribute| !attribute.is_empty());
        Ok(Measure { function, attribute })
    };
    Ok(Aggregate {
        class: request.class,
        filter: request.filter,
        arguments: arguments_from(request.arguments)?,
        group_by: request.group_by,
        measures: request.measures.into_iter().map(measure).collect::<Result<_, _>>()?,
        allows_scan: request.allows_scan,
    })
}

pub(crate) fn group_to(class: Option<&Class>, request: &Aggregate, group: Group) -> proto::Group {
    let member = |name: &String| class.and_then(|class| class.member(name));
    let by = request.group_by.iter().zip(&group.by);
    proto::Group {
        by: by.map(|(name, value)| value_to(member(name), value)).collect(),
        measures: group.measures.iter().map(|value| value_to(None, value)).collect(),
    }
}

pub(crate) fn change_to(class: Option<&Class>, change: Change) -> proto::Change {
    let values = |values: BTreeMap<String, Value>| {
        let value = |(name, value): (String, Value)| {
            let member = class.and_then(|class| class.member(&name));
            let value = value_to(member, &value);
            (name, value)
        };
        values.into_iter().map(value).collect()
    };
    proto::Change {
        at: Some(timestamp_to(change.at)),
        operation: change.operation,
        actor: change.actor,
        reason: change.reason,
        contact_id: change.contact,
        revision: change.revision,
        before: values(change.before),
        after: values(change.after),
    }
}

pub(crate) fn changed_to(change: Changed) -> proto::WatchResponse {
    let Changed { position, class, key, operation, revision, changed, idempotency_key } = change;
    proto::WatchResponse { position, class, key, operation, revision, changed, idempotency_key }
}

fn timestamp_to(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
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
        Some(Kind::Delete(delete)) => {
            let proto::Delete { class, key, revision } = delete;
            Ok(Operation::Delete { class, key, revision })
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
    attributes: BTreeMap<String, proto::Value>,
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
    let derived = class.derived().iter().map(|derived| derived_to(derived, language));
    let relations = class.to_one().iter().map(|relation| relation_to(relation, language));
    let is_sound = |relation: &proto::Attribute| model.class(&relation.target_class).is_some();
    proto::Class {
        name: class.name.clone(),
        label: label(&class.labels, &class.name, language),
        attributes: attributes.chain(derived).chain(relations.filter(is_sound)).collect(),
        key: class.single_key().map(|key| key.name.clone()).unwrap_or_default(),
        keys: class.keys().map(|key| key.name.clone()).collect(),
        base: class.base.clone().unwrap_or_default(),
    }
}

fn attribute_to(attribute: &Attribute, language: &str) -> proto::Attribute {
    let enumeration = match &attribute.ty {
        AttributeType::Choice(enumeration) => Some(enumeration),
        _ => None,
    };
    proto::Attribute {
        name: attribute.name.clone(),
        label: label(&attribute.labels, &attribute.name, language),
        r#type: attribute.ty.word().to_owned(),
        is_required: attribute.is_required,
        values: values_to(enumeration, language),
        target_class: String::new(),
        is_derived: false,
    }
}

fn derived_to(derived: &Derived, language: &str) -> proto::Attribute {
    let word = match derived.ty.present() {
        Type::Choice(_) => "choice".to_owned(),
        Type::Money(_) => "money".to_owned(),
        ty => ty.to_string(),
    };
    proto::Attribute {
        name: derived.name.clone(),
        label: label(&derived.labels, &derived.name, language),
        r#type: word,
        is_required: false,
        values: values_to(derived.enumeration.as_ref(), language),
        target_class: String::new(),
        is_derived: true,
    }
}

fn values_to(enumeration: Option<&Arc<Enumeration>>, language: &str) -> Vec<proto::ChoiceValue> {
    let values = enumeration.into_iter().flat_map(|it| &it.values);
    let values = values.map(|value| proto::ChoiceValue {
        name: value.name.clone(),
        label: label(&value.labels, &value.name, language),
    });
    values.collect()
}

fn relation_to(relation: &ToOne, language: &str) -> proto::Attribute {
    proto::Attribute {
        name: relation.name.clone(),
        label: label(&relation.labels, &relation.name, language),
        r#type: "reference".to_owned(),
        is_required: relation.is_required,
        values: Vec::new(),
        target_class: relation.class.clone(),
        is_derived: false,
    }
}

fn label(labels: &Labels, name: &str, language: &str) -> String {
    labels.text(language).unwrap_or(name).to_owned()
}

/// The statuses of an error.
fn code_of(error: &Error) -> (Code, &'static str) {
    match error {
        Error::NotFound(_) => (Code::NotFound, codes::NOT_FOUND),
        Error::UnknownClass { .. }
        | Error::UnknownDatabase { .. }
        | Error::UnknownAttribute { .. } => (Code::InvalidArgument, codes::UNKNOWN_NAME),
        Error::Filter(_) | Error::PageSize | Error::PageToken => {
            (Code::InvalidArgument, codes::QUERY)
        }
        Error::Number(_) => (Code::InvalidArgument, codes::NUMBER),
        Error::RevisionConflict { .. } => (Code::Aborted, codes::REVISION),
        Error::Violations(_) => (Code::InvalidArgument, codes::RULE),
        Error::Duplicate { .. } => (Code::AlreadyExists, codes::DUPLICATE),
        Error::InUse { .. } => (Code::FailedPrecondition, codes::IN_USE),
        Error::Denied { .. } => (Code::PermissionDenied, codes::DENIED),
        Error::Busy { .. } => (Code::Aborted, codes::BUSY),
        Error::TooExpensive { .. }
        | Error::TooManyElsewhere { .. }
        | Error::TooManyBehind { .. } => (Code::FailedPrecondition, codes::TOO_EXPENSIVE),
        Error::HeldByWrapper { .. } => (Code::FailedPrecondition, codes::HELD_BY_WRAPPER),
        Error::NotAlone { .. } => (Code::FailedPrecondition, codes::NOT_ALONE),
        Error::OutcomeUnknown { .. } => (Code::DeadlineExceeded, codes::OUTCOME_UNKNOWN),
        Error::RefusedBehind { .. } => (Code::FailedPrecondition, codes::REFUSED_BEHIND),
        Error::Stale { .. } => (Code::Unavailable, codes::STALE),
        // whoever tries again later does so, as where nothing answers
        Error::Full { .. } => (Code::Unavailable, codes::FULL),
        Error::Slow { .. } | Error::Late { .. } => (Code::DeadlineExceeded, codes::SLOW),
        Error::Unavailable { .. } | Error::Away { .. } | Error::Drift(_) | Error::Folder(_) => {
            (Code::Unavailable, codes::UNAVAILABLE)
        }
    }
}

/// An error as a status with its code. What the driver says is for the log alone.
pub(crate) fn status_of(error: &Error) -> Status {
    let (grpc, code) = code_of(error);
    if let Error::Unavailable { database, source } = error {
        tracing::error!(database, error = %source, "the database does not answer");
    }
    if let Error::Away { wrapper, reason } = error {
        tracing::warn!(wrapper, reason, "the wrapper does not answer");
    }
    if let Error::OutcomeUnknown { wrapper, reason, .. } = error {
        tracing::warn!(wrapper, reason, "the wrapper does not say whether it made a change");
    }
    if let Error::Full { database } = error {
        tracing::error!(database, "the disk of the database is full");
    }
    status(grpc, code, error.to_string())
}
