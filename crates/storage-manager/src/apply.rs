//! Changing: a unit of work in one transaction, with its key, its audit and its numbers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_expression::Value;
use caruso_object_model::{Data, KeySource, Operation, UnitOfWork, Violation};
use jiff::{Timestamp, ToSpan};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, InsertStatement, Query, Value as Cell};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, SqlErr};
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Change};
use crate::codec;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;
use crate::numbers;
use crate::plan::{Plan, StoredObject};

/// Idempotency keys are remembered this many hours; no outbox tries for so long.
const REMEMBERED_HOURS: i64 = 30 * 24;

/// On whose behalf a unit of work is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The component, and the user where there is one.
    pub actor: String,
    /// The request.
    pub request: String,
}

/// What a unit of work gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// One object per operation, in order, as it was when the unit of work was applied.
    pub objects: Vec<StoredObject>,
    /// True when the key was seen before and this is the first result again.
    pub is_repeat: bool,
}

impl Engine {
    /// Applies a unit of work, all or nothing, and once for its key.
    ///
    /// # Errors
    ///
    /// [`Error::Violations`], [`Error::RevisionConflict`], [`Error::Duplicate`],
    /// [`Error::NotFound`], [`Error::Unavailable`]; nothing has changed then.
    pub async fn apply(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        unit.check(&self.model).map_err(Error::Violations)?;
        let database = self.one_database(unit)?;
        let failed = unavailable(&database.name);
        let transaction = database.begin().await.map_err(&failed)?;
        let fingerprint = fingerprint(unit);
        if let Some(first) = seen(&transaction, unit).await.map_err(&failed)? {
            return first_result(first, &fingerprint);
        }
        let mut objects = Vec::with_capacity(unit.operations.len());
        let work = Work { engine: self, database, unit, author, now, transaction };
        for (index, operation) in unit.operations.iter().enumerate() {
            objects.push(work.operation(index, operation).await?);
        }
        let result = json::of_objects(&objects);
        let insert = Query::insert()
            .into_table("caruso_unit")
            .columns(["idempotency_key", "fingerprint", "result", "applied_at"])
            .values_panic([
                unit.idempotency_key.as_str().into(),
                fingerprint.into(),
                result.into(),
                codec::instant_text(now).into(),
            ])
            .take();
        work.transaction.execute(&insert).await.map_err(&failed)?;
        work.transaction.commit().await.map_err(&failed)?;
        Ok(Applied { objects, is_repeat: false })
    }

    /// The database of all operations; one, and one that may be written.
    fn one_database(&self, unit: &UnitOfWork) -> Result<&Database, Error> {
        let mut found: Option<&Database> = None;
        for (index, operation) in unit.operations.iter().enumerate() {
            let class = class_of(operation);
            let database = self.database(self.plan(class)?)?;
            let reason = match found {
                _ if !database.is_owned => "the database may only be read",
                Some(first) if first.name != database.name => "it is held by another database",
                _ => {
                    found = Some(database);
                    continue;
                }
            };
            return Err(violation(index, class, "", reason));
        }
        found.ok_or_else(|| violation(0, "", "", "there is no operation"))
    }
}

fn class_of(operation: &Operation) -> &str {
    match operation {
        Operation::Create { class, .. } | Operation::Update { class, .. } => class,
    }
}

fn violation(operation: usize, class: &str, attribute: &str, reason: &str) -> Error {
    let (class, attribute) = (class.to_owned(), attribute.to_owned());
    Error::Violations(vec![Violation { operation, class, attribute, reason: reason.to_owned() }])
}

/// What a unit of work does, for telling a repeat from another use of its key.
fn fingerprint(unit: &UnitOfWork) -> String {
    let mut hash = Sha256::new();
    for operation in &unit.operations {
        let (class, key, revision, attributes) = match operation {
            Operation::Create { class, attributes } => (class, "", "", attributes),
            Operation::Update { class, key, revision, attributes } => {
                (class, key.as_str(), revision.as_str(), attributes)
            }
        };
        let attributes = json::of_attributes(attributes);
        hash.update(serde_json::json!([class, key, revision, attributes]).to_string());
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Fingerprint and result of the unit of work that had this key before.
async fn seen(
    own: &impl ConnectionTrait,
    unit: &UnitOfWork,
) -> Result<Option<(String, String)>, DbErr> {
    let select = Query::select()
        .columns(["fingerprint", "result"])
        .from("caruso_unit")
        .and_where(Expr::col("idempotency_key").eq(unit.idempotency_key.as_str()))
        .take();
    let Some(row) = own.query_one(&select).await? else { return Ok(None) };
    Ok(Some((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
}

fn first_result((before, result): (String, String), now: &str) -> Result<Applied, Error> {
    if before != now {
        return Err(violation(0, "", "", "the idempotency key was used for something else"));
    }
    let objects = json::to_objects(&result).unwrap_or_default();
    Ok(Applied { objects, is_repeat: true })
}

/// Forgets idempotency keys that nobody will repeat.
pub(crate) async fn forget_old(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    let oldest = Timestamp::now().checked_sub(REMEMBERED_HOURS.hours()).ok();
    let Some(oldest) = oldest.and_then(codec::instant_text) else { return Ok(()) };
    let delete = Query::delete()
        .from_table("caruso_unit")
        .and_where(Expr::col("applied_at").lt(oldest))
        .take();
    own.execute(&delete).await.map(drop)
}

/// Loads the rows that an application brings along into a table that was just created.
pub(crate) async fn load(
    transaction: &DatabaseTransaction,
    plan: &Plan,
    data: &Data,
) -> Result<(), DbErr> {
    for row in data.rows(&plan.class.name) {
        transaction.execute(&insert(plan, row)).await?;
    }
    Ok(())
}

/// The insertion of a new object at its first revision.
fn insert(plan: &Plan, attributes: &BTreeMap<String, Value>) -> InsertStatement {
    let mut columns = vec![Alias::new(&plan.class.revision_column)];
    let mut cells = vec![Expr::val(1_i64)];
    for (column, cell) in cells_of(plan, attributes) {
        columns.push(column);
        cells.push(Expr::val(cell));
    }
    let table = Alias::new(&plan.class.table);
    Query::insert().into_table(table).columns(columns).values_panic(cells).take()
}

/// Columns and cells of the attributes that an operation names.
fn cells_of<'a>(
    plan: &'a Plan,
    attributes: &'a BTreeMap<String, Value>,
) -> impl Iterator<Item = (Alias, Cell)> + 'a {
    plan.columns.iter().filter_map(|column| {
        let value = attributes.get(&column.member)?;
        let cell = codec::encode(&column.ty, value)?;
        Some((Alias::new(&column.column), cell))
    })
}

/// A unit of work while it is applied.
struct Work<'a> {
    engine: &'a Engine,
    database: &'a Database,
    unit: &'a UnitOfWork,
    author: &'a Author,
    now: Timestamp,
    transaction: DatabaseTransaction,
}

impl Work<'_> {
    async fn operation(&self, index: usize, operation: &Operation) -> Result<StoredObject, Error> {
        let plan = self.engine.plan(class_of(operation))?;
        let failed = unavailable(&self.database.name);
        let (before, key, attributes) = match operation {
            Operation::Create { attributes, .. } => {
                self.references_hold(index, plan, attributes).await?;
                (None, self.create(index, plan, attributes).await?, attributes)
            }
            Operation::Update { key, revision, attributes, .. } => {
                self.references_hold(index, plan, attributes).await?;
                let before = self.update(index, plan, key, revision, attributes).await?;
                (Some(before), key.clone(), attributes)
            }
        };
        let class = plan.class.name.as_str();
        let searches = &self.engine.searches;
        numbers::refresh(searches, &self.transaction, class, &key).await.map_err(&failed)?;
        let before_values = before.as_ref().map(|object| &object.attributes);
        let changed = attributes.keys().filter_map(|name| {
            Some((name.clone(), before_values?.get(name).cloned().unwrap_or(Value::Null)))
        });
        let change = Change {
            operation: if before.is_some() { "update" } else { "create" },
            class,
            key: &key,
            before: changed.collect(),
            after: attributes,
        };
        let recorded =
            audit::record(&self.transaction, self.unit, self.author, self.now, &change).await;
        recorded.map_err(&failed)?;
        self.read(plan, &key).await?.ok_or_else(|| Error::NotFound(class.to_owned()))
    }

    async fn read(&self, plan: &Plan, key: &str) -> Result<Option<StoredObject>, Error> {
        let Some(select) = plan.select_one(key) else { return Ok(None) };
        let row = self.transaction.query_one(&select).await;
        let row = row.map_err(unavailable(&self.database.name))?;
        Ok(row.map(|row| plan.object(&row)))
    }

    /// Every relation that is set leads to an object that is there.
    async fn references_hold(
        &self,
        index: usize,
        plan: &Plan,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        for column in &plan.columns {
            let value = attributes.get(&column.member).filter(|value| !value.is_null());
            let (Some(target), Some(value)) = (&column.target, value) else { continue };
            let target = self.engine.plan(target)?;
            if self.read(target, &value.to_string()).await?.is_none() {
                let reason = format!("there is no {} with this key", target.class.name);
                return Err(violation(index, &plan.class.name, &column.member, &reason));
            }
        }
        Ok(())
    }

    /// Inserts an object; answers with its key.
    async fn create(
        &self,
        index: usize,
        plan: &Plan,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<String, Error> {
        self.representable(index, plan, attributes)?;
        let inserted = self.transaction.execute(&insert(plan, attributes)).await;
        let inserted = inserted.map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                Error::Duplicate { operation: index, class: plan.class.name.clone() }
            }
            _ => unavailable(&self.database.name)(error),
        })?;
        match plan.class.key_source {
            KeySource::Assigned => Ok(inserted.last_insert_id().to_string()),
            KeySource::Given => {
                let key = attributes.get(&plan.class.key().name);
                Ok(key.map(ToString::to_string).unwrap_or_default())
            }
        }
    }

    /// Changes an object that still has the revision; answers with the object as it was.
    async fn update(
        &self,
        index: usize,
        plan: &Plan,
        key: &str,
        revision: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<StoredObject, Error> {
        self.representable(index, plan, attributes)?;
        let class = plan.class.name.clone();
        let before = self.read(plan, key).await?;
        let before = before.ok_or_else(|| Error::NotFound(class.clone()))?;
        if before.revision != revision {
            return Err(Error::RevisionConflict { operation: index, class });
        }
        let key_cell = codec::encode(&plan.class.key().ty, &Value::from(key));
        let key_cell = key_cell.ok_or_else(|| Error::NotFound(class.clone()))?;
        let revision_column = Alias::new(&plan.class.revision_column);
        let next = Expr::col(revision_column.clone()).if_null(0).add(1);
        let mut update = Query::update();
        update.table(Alias::new(&plan.class.table)).value(revision_column, next);
        for (column, cell) in cells_of(plan, attributes) {
            update.value(column, cell);
        }
        update.and_where(Expr::col(Alias::new(&plan.class.key().column)).eq(key_cell));
        let updated = self.transaction.execute(&update).await;
        updated.map_err(unavailable(&self.database.name))?;
        Ok(before)
    }

    /// Every value can be written: a number may be too large for its column, a day too early.
    fn representable(
        &self,
        index: usize,
        plan: &Plan,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        for column in &plan.columns {
            let Some(value) = attributes.get(&column.member) else { continue };
            if codec::encode(&column.ty, value).is_none() {
                let reason = "the column cannot hold this value";
                return Err(violation(index, &plan.class.name, &column.member, reason));
            }
        }
        Ok(())
    }
}
