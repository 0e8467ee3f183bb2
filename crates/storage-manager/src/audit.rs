//! Who changed what and why: a row for every changed object, in the transaction of the change.

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::{Class, Member, UnitOfWork};
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, Query, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::apply::{Author, Note, instant_text};
use crate::json;
use crate::many::{Many, Written};
use crate::plan::StoredObject;

/// What happened to an object: all that it was and is.
pub(crate) struct Change<'a> {
    pub(crate) operation: &'static str,
    pub(crate) class: &'a Class,
    pub(crate) before: Option<&'a StoredObject>,
    pub(crate) after: Option<&'a StoredObject>,
}

impl Change<'_> {
    /// The values of one side that the other does not have. Sensitive ones are named, without what
    /// they were; a class without history has none.
    fn values(&self, of: Option<&StoredObject>, other: Option<&StoredObject>) -> String {
        let mut values = BTreeMap::new();
        let attributes = of.filter(|_| self.class.keeps_history).map(|object| &object.attributes);
        for (name, value) in attributes.into_iter().flatten() {
            if other.and_then(|other| other.attributes.get(name)) == Some(value) {
                continue;
            }
            let is_sensitive = match self.class.member(name) {
                Some(Member::Attribute(attribute)) => attribute.is_sensitive,
                _ => false,
            };
            let value = if is_sensitive { Value::Null } else { value.clone() };
            values.insert(name.clone(), value);
        }
        json::text(&json::Attributes(&values))
    }

    fn cells(&self) -> [Cell; OWN.len()] {
        let key = self.after.or(self.before).map_or("", |object| object.key.as_str());
        [
            self.operation.into(),
            self.class.name.as_str().into(),
            key.into(),
            self.after.map_or("", |object| object.revision.as_str()).into(),
            self.values(self.before, self.after).into(),
            self.values(self.after, self.before).into(),
        ]
    }
}

/// The columns of a change that all of one unit of work have the same in.
const COMMON: [&str; 6] =
    ["applied_at", "idempotency_key", "actor", "request", "reason", "contact"];
/// The others.
const OWN: [&str; 6] =
    ["operation", "object_class", "object_key", "revision", "values_before", "values_after"];

/// A change, in the order of [`COMMON`] and [`OWN`], and its unit.
const CHANGE_AND_UNIT: &str = "WITH change AS (INSERT INTO caruso_change (
        applied_at, idempotency_key, actor, request, reason, contact,
        operation, object_class, object_key, revision, values_before, values_after)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))
    INSERT INTO caruso_unit (idempotency_key, fingerprint, result, applied_at)
    VALUES ($2, $13, $14, $1)";

/// Enters a change.
pub(crate) async fn record(
    own: &impl ConnectionTrait,
    unit: &UnitOfWork,
    author: &Author,
    now: Timestamp,
    change: &Change<'_>,
) -> Result<(), DbErr> {
    let cells = common(unit, author, now).into_iter().chain(change.cells()).map(Expr::from);
    let insert = Query::insert()
        .into_table("caruso_change")
        .columns(COMMON.into_iter().chain(OWN))
        .values_panic(cells)
        .take();
    own.execute(&insert).await.map(drop)
}

/// Enters the only change of a unit of work together with the unit, by one statement; its cells
/// are those of its row, but for the key and the time, which stand in both. PostgreSQL does this.
pub(crate) async fn record_with_unit(
    own: &impl ConnectionTrait,
    note: &Note<'_>,
    change: &Change<'_>,
    [fingerprint, result]: [Cell; 2],
) -> Result<(), DbErr> {
    let cells = common(note.unit, note.author, note.now).into_iter().chain(change.cells());
    let cells = cells.chain([fingerprint, result]);
    let (backend, text) = (own.get_database_backend(), CHANGE_AND_UNIT);
    own.execute_raw(Statement::from_sql_and_values(backend, text, cells)).await.map(drop)
}

/// Enters changes of one unit of work, as many at once as a statement takes.
pub(crate) async fn record_all(
    own: &impl ConnectionTrait,
    unit: &UnitOfWork,
    author: &Author,
    now: Timestamp,
    changes: &[Change<'_>],
) -> Result<(), DbErr> {
    let columns = COMMON.into_iter().chain(OWN);
    let columns = columns.map(|name| Written { name: name.to_owned(), cast: None });
    let many = Many::new(own.get_database_backend(), &["caruso_change"], columns.collect());
    let mut many = many.with_constants(common(unit, author, now).to_vec());
    for changes in changes.chunks(many.most()) {
        let statement = many.statement(changes.iter().map(|change| change.cells().to_vec()));
        own.execute_raw(statement).await?;
    }
    Ok(())
}

fn common(unit: &UnitOfWork, author: &Author, now: Timestamp) -> [Cell; COMMON.len()] {
    [
        instant_text(now).into(),
        unit.idempotency_key.as_str().into(),
        author.actor.as_str().into(),
        author.request.as_str().into(),
        unit.reason.as_str().into(),
        unit.contact.as_str().into(),
    ]
}
