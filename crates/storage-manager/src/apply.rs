//! Changing: a unit of work in one transaction, with its key, its audit and its numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_database::{DbBackend, Failure, TableKind, dialect};
use caruso_expression::Value;
use caruso_object_model::{
    Action, Constraint, Data, KeySource, Operation, Revision, UnitOfWork, Violation, broken, key,
};
use jiff::{Timestamp, ToSpan};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, InsertStatement, LockType, Query, Value as Cell,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Change};
use crate::compile::View;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;
use crate::numbers;
use crate::plan::{Member, Plan, StoredObject};
use crate::rights::{Rights, Sight, granted};
use crate::schema;

/// How often a unit of work is tried where others are in its way.
const MAX_TRIES: u32 = 5;
/// How long after the first try; twice as long after each next one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
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
    /// Applies a unit of work, all or nothing, and once for its key. Where others hold a lock or
    /// were faster, or the connection breaks, the whole is tried again, at most [`MAX_TRIES`]
    /// times.
    ///
    /// # Errors
    ///
    /// [`Error::Violations`], [`Error::RevisionConflict`], [`Error::Duplicate`], [`Error::InUse`],
    /// [`Error::NotFound`], [`Error::Busy`], [`Error::Unavailable`].
    pub async fn apply(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let applied = self.try_often(unit, author, now, End::Commit).await?;
        self.publisher.committed();
        Ok(applied)
    }

    /// What [`Engine::apply`] would give, with nothing changed; the key is not looked at.
    ///
    /// # Errors
    ///
    /// As [`Engine::apply`].
    pub async fn validate(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
    ) -> Result<Vec<StoredObject>, Error> {
        Ok(self.try_often(unit, author, now, End::TakeBack).await?.objects)
    }

    async fn try_often(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
        end: End,
    ) -> Result<Applied, Error> {
        unit.check(&self.model).map_err(Error::Violations)?;
        let database = self.one_database(unit)?;
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_TRIES {
            match self.try_once(database, unit, author, now, end).await {
                Err(error) if error.is_lost() || matches!(error, Error::Busy { .. }) => {
                    tokio::time::sleep(pause).await;
                }
                Err(error @ Error::Stale { .. }) => {
                    database.told_stale();
                    return Err(error);
                }
                done => return done,
            }
            pause *= 2;
        }
        self.try_once(database, unit, author, now, end).await
    }

    async fn try_once(
        &self,
        database: &Database,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
        end: End,
    ) -> Result<Applied, Error> {
        let failed = unavailable(&database.name);
        let transaction = database.begin().await.map_err(&failed)?;
        let fingerprint = fingerprint(unit);
        if end == End::Commit
            && let Some(first) = seen(&transaction, unit).await.map_err(&failed)?
        {
            return first_result(first, &fingerprint);
        }
        let mut objects = Vec::with_capacity(unit.operations.len());
        let work = Work { engine: self, database, unit, author, now, transaction };
        for (index, operation) in unit.operations.iter().enumerate() {
            objects.push(work.operation(index, operation).await?);
        }
        if end == End::TakeBack {
            work.transaction.rollback().await.map_err(&failed)?;
            return Ok(Applied { objects, is_repeat: false });
        }
        let result = json::of_objects(&objects);
        let insert = Query::insert()
            .into_table("caruso_unit")
            .columns(["idempotency_key", "fingerprint", "result", "applied_at"])
            .values_panic([
                unit.idempotency_key.as_str().into(),
                fingerprint.into(),
                result.into(),
                instant_text(now).into(),
            ])
            .take();
        work.transaction.execute(&insert).await.map_err(|error| match Failure::of(&error) {
            // the same unit came twice at once, and the other was faster
            Failure::Duplicate(_) => Error::Busy { database: database.name.clone() },
            _ => failed(error),
        })?;
        work.transaction.commit().await.map_err(&failed)?;
        Ok(Applied { objects, is_repeat: false })
    }

    /// The database of all operations; one, and one that may be written.
    fn one_database(&self, unit: &UnitOfWork) -> Result<&Database, Error> {
        let mut found: Option<&Database> = None;
        for (index, operation) in unit.operations.iter().enumerate() {
            let class = operation.class();
            let plan = self.plan(class)?;
            let database = self.database(plan)?;
            let reason = match found {
                _ if !database.is_owned => "the database may only be read",
                _ if plan.kind == TableKind::View => "a view may only be read",
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

fn violation(operation: usize, class: &str, attribute: &str, reason: &str) -> Error {
    let (class, attribute) = (class.to_owned(), attribute.to_owned());
    Error::Violations(vec![Violation { operation, class, attribute, reason: reason.to_owned() }])
}

/// What a unit of work does, for telling a repeat from another use of its key.
fn fingerprint(unit: &UnitOfWork) -> String {
    let mut hash = Sha256::new();
    for operation in &unit.operations {
        let whole = match operation {
            Operation::Create { class, attributes } => {
                serde_json::json!([class, "", "", json::of_attributes(attributes)])
            }
            Operation::Update { class, key, revision, attributes } => {
                serde_json::json!([class, key, revision, json::of_attributes(attributes)])
            }
            Operation::Delete { class, key, revision } => serde_json::json!([class, key, revision]),
        };
        hash.update(whole.to_string());
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
    let Some(oldest) = oldest.map(instant_text) else { return Ok(()) };
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

/// The insertion of a new object, at its first revision where a column counts.
fn insert(plan: &Plan, attributes: &BTreeMap<String, Value>) -> InsertStatement {
    let (mut columns, mut cells): (Vec<_>, Vec<_>) = cells_of(plan, attributes).into_iter().unzip();
    if let Revision::Column(counter) = &plan.class.revision {
        columns.push(Alias::new(counter));
        cells.push(Expr::val(1_i64));
    }
    Query::insert().into_table(plan.table()).columns(columns).values_panic(cells).take()
}

/// Columns and cells of the attributes that an operation names. Where an empty relation shares a
/// column with something that has a value, the value stays.
fn cells_of(plan: &Plan, attributes: &BTreeMap<String, Value>) -> Vec<(Alias, Expr)> {
    let mut cells: Vec<(&str, Option<Expr>)> = Vec::new();
    for member in &plan.members {
        let Some(value) = attributes.get(&member.name) else { continue };
        let Some(encoded) = encode(plan, member, value) else { continue };
        for (column, cell) in plan.columns_of(member).iter().zip(encoded) {
            let cell = cell.map(|cell| dialect::parameter(&column.codec, cell));
            match cells.iter_mut().find(|(name, _)| *name == column.name) {
                Some((_, known)) => *known = known.take().or(cell),
                None => cells.push((&column.name, cell)),
            }
        }
    }
    let null = |cell: Option<Expr>| cell.unwrap_or_else(|| Expr::cust("NULL"));
    cells.into_iter().map(|(name, cell)| (Alias::new(name), null(cell))).collect()
}

/// A value as the columns of a member hold it, missing ones as `None`; `None` when they cannot.
fn encode(plan: &Plan, member: &Member, value: &Value) -> Option<Vec<Option<Cell>>> {
    let columns = plan.columns_of(member);
    if value.is_null() {
        return Some(vec![None; columns.len()]);
    }
    if member.target.is_none() {
        return columns.iter().map(|column| column.codec.encode(value).map(Some)).collect();
    }
    let parts = key::split(&value.to_string(), columns.len())?;
    let columns = columns.iter().zip(&parts);
    columns.map(|(column, part)| column.codec.encode_key(part).map(Some)).collect()
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
    /// Carries out one operation; answers with the object as it is then, or was when it is deleted.
    async fn operation(&self, index: usize, operation: &Operation) -> Result<StoredObject, Error> {
        let plan = self.engine.plan(operation.class())?;
        let at = At { index, plan };
        let (before, key) = match operation {
            Operation::Create { attributes, .. } => {
                self.acceptable(at, attributes).await?;
                let key = self.create(at, attributes).await?;
                self.permitted(at, Action::Create, &key, attributes).await?;
                (None, key)
            }
            Operation::Update { key, revision, attributes, .. } => {
                self.acceptable(at, attributes).await?;
                let before = self.current(at, key, revision).await?;
                self.permitted(at, Action::Update, key, attributes).await?;
                self.update(at, key, attributes).await?;
                (Some(before), key.clone())
            }
            Operation::Delete { key, revision, .. } => {
                let before = self.current(at, key, revision).await?;
                self.permitted(at, Action::Delete, key, &BTreeMap::new()).await?;
                self.delete(at, key).await?;
                (Some(before), key.clone())
            }
        };
        let failed = unavailable(&self.database.name);
        let searches = &self.engine.searches;
        numbers::refresh(searches, &self.transaction, plan, &key).await.map_err(&failed)?;
        let after = match operation {
            Operation::Delete { .. } => None,
            _ => {
                let all = Sight::default();
                let after = self.read(plan, &key, Lock::None, &all).await?;
                Some(after.ok_or_else(|| not_found(plan))?)
            }
        };
        if let Some(after) = &after {
            at.holds(before.as_ref(), after)?;
        }
        let change = Change {
            operation: match operation {
                Operation::Create { .. } => "create",
                Operation::Update { .. } => "update",
                Operation::Delete { .. } => "delete",
            },
            class: &plan.class,
            before: before.as_ref(),
            after: after.as_ref(),
        };
        let recorded =
            audit::record(&self.transaction, self.unit, self.author, self.now, &change).await;
        recorded.map_err(&failed)?;
        let sight = self.engine.view().sight(plan)?;
        let object = match after.is_some() && !sight.members.is_empty() {
            true => self.read(plan, &key, Lock::None, &sight).await?,
            false => after.or(before),
        };
        object.ok_or_else(|| not_found(plan))
    }

    async fn read(
        &self,
        plan: &Plan,
        key: &str,
        lock: Lock,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, Error> {
        let Some(mut select) = plan.select_one(key, sight) else { return Ok(None) };
        if lock == Lock::Change && plan.backend != DbBackend::Sqlite {
            select.lock(LockType::Update);
        }
        let row = self.transaction.query_one(&select).await;
        let row = row.map_err(unavailable(&self.database.name))?;
        Ok(row.map(|row| plan.object(&row, sight)).filter(|object| object.key == key))
    }

    /// Every value can be written, and every relation leads to an object that is there.
    async fn acceptable(
        &self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        for member in &at.plan.members {
            let Some(value) = attributes.get(&member.name) else { continue };
            if encode(at.plan, member, value).is_none() {
                return Err(at.violation(&member.name, "the column cannot hold this value"));
            }
            let Some(target) = member.target.as_ref().filter(|_| !value.is_null()) else {
                continue;
            };
            let target = self.engine.plan(target)?;
            let all = Sight::default();
            if self.read(target, &value.to_string(), Lock::None, &all).await?.is_none() {
                let reason = format!("there is no {} with this key", target.class.name);
                return Err(at.violation(&member.name, &reason));
            }
        }
        Ok(())
    }

    /// Inserts an object; answers with its key.
    async fn create(
        &self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<String, Error> {
        let plan = at.plan;
        let mut insert = insert(plan, attributes);
        let failed = |error| self.refused(at, error);
        if plan.class.key_source == KeySource::Given {
            self.transaction.execute(&insert).await.map_err(failed)?;
            let parts = plan.class.keys().map(|key| attributes.get(&key.name));
            let parts = parts.map(|part| part.map(ToString::to_string).unwrap_or_default());
            return Ok(key::join(&parts.collect::<Vec<_>>()));
        }
        if plan.backend != DbBackend::Postgres {
            let inserted = self.transaction.execute(&insert).await.map_err(failed)?;
            return Ok(inserted.last_insert_id().to_string());
        }
        let key = plan.key_columns().next().map(|column| Alias::new(&column.name));
        insert.returning_col(key.unwrap_or_else(|| Alias::new("")));
        let row = self.transaction.query_one(&insert).await.map_err(failed)?;
        let key = row.and_then(|row| {
            let column = plan.key_columns().next()?;
            column.codec.decode(&row, 0).ok()
        });
        Ok(key.unwrap_or(Value::Null).to_string())
    }

    /// The object that is to be changed, if it still is the one that was read.
    async fn current(&self, at: At<'_>, key: &str, revision: &str) -> Result<StoredObject, Error> {
        let row = self.engine.view().sight(at.plan)?.row;
        let sight = Sight { row, members: Vec::new() };
        let before = self.read(at.plan, key, Lock::Change, &sight).await?;
        let before = before.ok_or_else(|| not_found(at.plan))?;
        if before.revision != revision {
            let class = at.plan.class.name.clone();
            return Err(Error::RevisionConflict { operation: at.index, class });
        }
        Ok(before)
    }

    /// Some rule of the model allows the user to do this to the object as it is in the database.
    async fn permitted(
        &self,
        at: At<'_>,
        action: Action,
        key: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        let class = &at.plan.class;
        let Some(user) = self.engine.user.as_ref().filter(|_| !class.rules().is_empty()) else {
            return Ok(());
        };
        let everything = Rights::default();
        let view = View { rights: &everything, ..self.engine.view() };
        let mut allowed = Vec::new();
        for granted in granted(&self.engine.model, class, user, action) {
            let holds = match &granted.when {
                None => true,
                Some(when) => {
                    let row = Some(view.compile(at.plan, when)?);
                    let sight = Sight { row, members: Vec::new() };
                    self.read(at.plan, key, Lock::None, &sight).await?.is_some()
                }
            };
            allowed.extend(holds.then_some(granted));
        }
        let is_denied = |name: &&String| !allowed.iter().any(|granted| granted.names(name));
        let denied: Vec<String> = attributes.keys().filter(is_denied).cloned().collect();
        if !allowed.is_empty() && denied.is_empty() {
            return Ok(());
        }
        let class = class.name.clone();
        Err(Error::Denied { operation: at.index, class, action: action.word(), attributes: denied })
    }

    /// Changes an object.
    async fn update(
        &self,
        at: At<'_>,
        key: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        let plan = at.plan;
        let mut update = Query::update();
        update.table(plan.table());
        let cells = cells_of(plan, attributes);
        let changes_nothing = cells.is_empty();
        for (column, cell) in cells {
            update.value(column, cell);
        }
        if let Revision::Column(counter) = &plan.class.revision {
            let counter = Alias::new(counter);
            let next = Func::coalesce([Expr::col(counter.clone()), Expr::cust("0")]);
            update.value(counter, Expr::from(next).add(Expr::cust("1")));
        } else if changes_nothing {
            return Ok(());
        }
        let cells = plan.key_cells(key).ok_or_else(|| not_found(plan))?;
        update.and_where(plan.has_key(None, cells));
        let updated = self.transaction.execute(&update).await;
        updated.map(drop).map_err(|error| self.refused(at, error))
    }

    /// Deletes an object.
    async fn delete(&self, at: At<'_>, key: &str) -> Result<(), Error> {
        let plan = at.plan;
        let cells = plan.key_cells(key).ok_or_else(|| not_found(plan))?;
        let delete =
            Query::delete().from_table(plan.table()).and_where(plan.has_key(None, cells)).take();
        let deleted = self.transaction.execute(&delete).await;
        deleted.map(drop).map_err(|error| match Failure::of(&error) {
            Failure::Reference => {
                Error::InUse { operation: at.index, class: plan.class.name.clone() }
            }
            _ => self.refused(at, error),
        })
    }

    /// What the database says against a change, in words of the model.
    fn refused(&self, at: At<'_>, error: DbErr) -> Error {
        let class = at.plan.class.name.clone();
        match Failure::of(&error) {
            Failure::Duplicate(said) => {
                let attributes = schema::not_unique(&at.plan.class, &said);
                let attributes = attributes.unwrap_or_default().to_vec();
                Error::Duplicate { operation: at.index, class, attributes }
            }
            Failure::Reference => at.violation("", "a relation leads to no object"),
            Failure::Missing => at.violation("", "the database wants a value that is not given"),
            Failure::Check => at.violation("", "a condition of the database does not hold"),
            Failure::Value => at.violation("", "the database cannot hold one of the values"),
            _ => unavailable(&self.database.name)(error),
        }
    }
}

/// The operation, from 0, and its class.
#[derive(Clone, Copy)]
struct At<'a> {
    index: usize,
    plan: &'a Plan,
}

impl At<'_> {
    fn violation(self, attribute: &str, reason: &str) -> Error {
        violation(self.index, &self.plan.class.name, attribute, reason)
    }

    /// Every constraint of the class holds for an object as it is now, but for those that it broke
    /// before: rows that are older than the rule may still be changed.
    fn holds(self, before: Option<&StoredObject>, after: &StoredObject) -> Result<(), Error> {
        let class = &self.plan.class;
        let before = before.map(|object| broken(class, &object.attributes)).unwrap_or_default();
        let is_new = |it: &&Constraint| before.iter().all(|known| known.id != it.id);
        let broken: Vec<_> = broken(class, &after.attributes).into_iter().filter(is_new).collect();
        if broken.is_empty() {
            return Ok(());
        }
        let violation = |constraint: &Constraint| Violation {
            operation: self.index,
            class: class.name.clone(),
            attribute: String::new(),
            reason: match constraint.messages.text("en") {
                Some(message) => message.to_owned(),
                None => format!("`{}` does not hold", constraint.name),
            },
        };
        Err(Error::Violations(broken.into_iter().map(violation).collect()))
    }
}

/// How a unit of work ends when all of it was accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    TakeBack,
}

/// Whether a row is read to be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    None,
    Change,
}

fn not_found(plan: &Plan) -> Error {
    Error::NotFound(plan.class.name.clone())
}

/// An instant in our own tables: with six decimals, so that texts sort as instants do.
pub(crate) fn instant_text(instant: Timestamp) -> String {
    format!("{instant:.6}")
}
