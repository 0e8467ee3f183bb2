//! Who changed what and why: a row for every changed object, in the transaction of the change.

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::UnitOfWork;
use jiff::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, DbErr};

use crate::apply::Author;
use crate::codec;
use crate::json;

/// What happened to an object.
pub(crate) struct Change<'a> {
    pub(crate) operation: &'static str,
    pub(crate) class: &'a str,
    pub(crate) key: &'a str,
    pub(crate) before: BTreeMap<String, Value>,
    pub(crate) after: &'a BTreeMap<String, Value>,
}

pub(crate) async fn record(
    own: &impl ConnectionTrait,
    unit: &UnitOfWork,
    author: &Author,
    now: Timestamp,
    change: &Change<'_>,
) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table("caruso_audit")
        .columns([
            "applied_at",
            "idempotency_key",
            "actor",
            "request",
            "reason",
            "contact",
            "operation",
            "class",
            "key",
            "before",
            "after",
        ])
        .values_panic([
            codec::instant_text(now).into(),
            unit.idempotency_key.as_str().into(),
            author.actor.as_str().into(),
            author.request.as_str().into(),
            unit.reason.as_str().into(),
            unit.contact.as_str().into(),
            change.operation.into(),
            change.class.into(),
            change.key.into(),
            json::of_attributes(&change.before).to_string().into(),
            json::of_attributes(change.after).to_string().into(),
        ])
        .take();
    own.execute(&insert).await.map(drop)
}
