//! A unit of work in the database of its objects: every operation checked against what is there.

mod at_once;
mod proof;
mod statements;
mod variants;

use std::collections::BTreeMap;

use caruso_database::{DbBackend, Failure, dialect};
use caruso_expression::Value;
use caruso_object_model::{Action, Data, KeySource, Operation, UnitOfWork};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockType, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, StatementBuilder};

use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::plan::{Plan, ROOT, StoredObject};
use crate::rights::Sight;
use crate::schema;
pub(crate) use proof::{At, Objects, not_found};
use statements::{completed, further_inserts, insert, key_of, without_nothing};
pub(crate) use statements::{encode, updated};

/// Loads the rows that an application brings along into a table that was just created.
pub(crate) async fn load(
    transaction: &DatabaseTransaction,
    plan: &Plan,
    data: &Data,
) -> Result<(), DbErr> {
    for row in data.rows(&plan.class.name) {
        let row = completed(plan, row);
        transaction.execute(&insert(plan, &row)).await?;
        let key = key_of(plan, &row);
        for insert in further_inserts(plan, &row, &key) {
            transaction.execute(&insert).await?;
        }
    }
    Ok(())
}

/// A unit of work while it is carried out, in a transaction of the database of its objects.
pub(crate) struct Work<'a, T> {
    pub(crate) engine: &'a Engine,
    pub(crate) database: &'a Database,
    pub(crate) transaction: T,
}

/// What came of an operation: the object before and after, as they are, and as the user sees it.
pub(crate) struct Happened<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) action: Action,
    pub(crate) before: Option<StoredObject>,
    pub(crate) after: Option<StoredObject>,
    /// Of a deletion, as it was.
    pub(crate) seen: StoredObject,
}

impl<'a, T: ConnectionTrait> Work<'a, T> {
    /// Carries out all operations, in their order.
    pub(crate) async fn carry_out(&self, unit: &UnitOfWork) -> Result<Vec<Happened<'a>>, Error> {
        let mut happened = Vec::with_capacity(unit.operations.len());
        for (index, operation) in unit.operations.iter().enumerate() {
            happened.push(self.operation(index, operation).await?);
        }
        Ok(happened)
    }

    /// Carries out an operation, from 0.
    pub(crate) async fn operation(
        &self,
        index: usize,
        operation: &Operation,
    ) -> Result<Happened<'a>, Error> {
        let plan = self.engine.plan(operation.class())?;
        match plan.class.is_abstract {
            true => self.as_variant(At { index, plan }, operation).await,
            false => self.on_tables(At { index, plan }, operation).await,
        }
    }

    /// Carries out an operation on an object whose tables are those of its class.
    async fn on_tables(&self, at: At<'a>, operation: &Operation) -> Result<Happened<'a>, Error> {
        let plan = at.plan;
        let (action, before, key, given_back) = match operation {
            Operation::Create { attributes, .. } => {
                at.acceptable(self, attributes).await?;
                self.has_new_key(at, attributes).await?;
                let (key, created) = self.create(at, &completed(plan, attributes)).await?;
                at.permitted(self, Action::Create, &key, attributes).await?;
                (Action::Create, None, key, created)
            }
            Operation::Update { key, revision, attributes, .. } => {
                at.acceptable(self, attributes).await?;
                let (before, after) = self.change(at, key, revision, attributes).await?;
                (Action::Update, Some(before), key.clone(), after)
            }
            Operation::Delete { key, revision, .. } => {
                let before = self.current(at, key, revision).await?;
                at.permitted(self, Action::Delete, key, &BTreeMap::new()).await?;
                self.delete(at, key).await?;
                (Action::Delete, Some(before), key.clone(), None)
            }
        };
        let after = match (action, given_back) {
            (Action::Delete, _) => None,
            (_, Some(after)) => Some(after),
            (_, None) => self.read(plan, &key, Lock::None, &Sight::default()).await?,
        };
        match &after {
            Some(after) => at.holds(before.as_ref(), after)?,
            None if action != Action::Delete => {
                let reason = format!("it would not be a {}", plan.class.name);
                return Err(at.violation("", &reason));
            }
            None => {}
        }
        let sight = self.engine.view().sight(plan)?;
        let seen = match after.is_some() && !sight.is_plain() {
            true => self.read(plan, &key, Lock::None, &sight).await?,
            false => after.clone().or_else(|| before.clone()),
        };
        let seen = seen.ok_or_else(|| not_found(plan))?;
        Ok(Happened { plan, action, before, after, seen })
    }

    /// Whether a unit of work whose end is not known was carried out: its first operation tells,
    /// since all happen or none.
    pub(crate) async fn was_done(&self, unit: &UnitOfWork) -> Result<bool, Error> {
        let all = Sight::default();
        let Some(operation) = unit.operations.first() else { return Ok(false) };
        let plan = self.engine.plan(operation.class())?;
        Ok(match operation {
            Operation::Create { attributes, .. } => self.made(plan, attributes).await?.is_some(),
            Operation::Update { key, attributes, revision, .. } => {
                let now = self.read(plan, key, Lock::Change, &all).await?;
                now.is_some_and(|now| now.revision != *revision && has(&now, attributes))
            }
            Operation::Delete { key, .. } => {
                self.read(plan, key, Lock::Change, &all).await?.is_none()
            }
        })
    }

    /// What came of a unit of work that was carried out; what was before is no longer known.
    pub(crate) async fn what_came(&self, unit: &UnitOfWork) -> Result<Vec<Happened<'a>>, Error> {
        let mut happened = Vec::new();
        for operation in &unit.operations {
            let plan = self.engine.plan(operation.class())?;
            let all = Sight::default();
            let (action, after) = match operation {
                Operation::Create { attributes, .. } => {
                    (Action::Create, self.made(plan, attributes).await?)
                }
                Operation::Update { key, .. } => {
                    (Action::Update, self.read(plan, key, Lock::None, &all).await?)
                }
                Operation::Delete { .. } => (Action::Delete, None),
            };
            let gone = || StoredObject {
                class: plan.class.name.clone(),
                key: operation.key().unwrap_or_default().to_owned(),
                ..StoredObject::default()
            };
            let seen = after.clone().unwrap_or_else(gone);
            let before = after.is_none().then(gone);
            happened.push(Happened { plan, action, before, after, seen });
        }
        Ok(happened)
    }

    /// The newest object that is as a creation made it.
    async fn made(
        &self,
        plan: &Plan,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<Option<StoredObject>, Error> {
        let sight = Sight::default();
        let mut select = plan.select(&sight);
        for member in &plan.members {
            let Some(value) = attributes.get(&member.name) else { continue };
            let cells = encode(plan, member, value).unwrap_or_default();
            for (column, cell) in member.places().map(|place| &plan.columns[place]).zip(cells) {
                let expr = Expr::col((ROOT, Alias::new(&column.name)));
                select.and_where(match cell {
                    Some(cell) => expr.eq(dialect::parameter(&column.codec, cell)),
                    None => expr.is_null(),
                });
            }
        }
        for column in plan.key_columns() {
            select.order_by((ROOT, Alias::new(&column.name)), Order::Desc);
        }
        let row = self.transaction.query_one(select.limit(1)).await;
        let row = row.map_err(unavailable(&self.database.name))?;
        Ok(row.map(|row| plan.object(&row, &sight)))
    }

    async fn read(
        &self,
        plan: &Plan,
        key: &str,
        lock: Lock,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, Error> {
        let Some(mut select) = plan.select_one(key, sight) else { return Ok(None) };
        if lock == Lock::Change && plan.backend != DbBackend::Sqlite && !plan.class.is_abstract {
            // of several tables, or of rows that are asked for more, not every engine locks them
            match plan.is_one_table() && sight.is_plain() {
                true => drop(select.lock(LockType::Update)),
                false => self.lock(plan, key).await?,
            }
        }
        let row = self.transaction.query_one(&select).await;
        let row = row.map_err(unavailable(&self.database.name))?;
        Ok(row.map(|row| plan.object(&row, sight)).filter(|object| object.key == key))
    }

    /// Holds the row of an object until the transaction ends. It is that of the first table where
    /// there are several.
    async fn lock(&self, plan: &Plan, key: &str) -> Result<(), Error> {
        let Some(cells) = plan.key_cells(key) else { return Ok(()) };
        let mut select = Query::select();
        select.expr(Expr::cust("1")).from(plan.part(0)).and_where(plan.has_key(None, cells));
        let locked = self.transaction.query_one(select.lock(LockType::Update)).await;
        locked.map(drop).map_err(unavailable(&self.database.name))
    }

    /// True when the statement that changes an object gives it back as it is then. In a database of
    /// somebody else more may happen to it behind the statement.
    fn gives_back(&self, plan: &Plan) -> bool {
        self.database.is_owned && plan.is_one_table() && plan.backend != DbBackend::MySql
    }

    /// The row that a changing statement gives back. All of its answer is waited for: what leads to
    /// nothing is found when the row has been sent already.
    async fn given_back(
        &self,
        at: At<'_>,
        statement: &impl StatementBuilder,
    ) -> Result<Option<QueryResult>, Error> {
        let rows = self.transaction.query_all(statement).await;
        Ok(rows.map_err(|error| self.refused(at, error))?.into_iter().next())
    }

    /// Inserts an object; answers with its key, and with the object if the statement gives it back.
    async fn create(
        &self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(String, Option<StoredObject>), Error> {
        if self.gives_back(at.plan) {
            let mut insert = insert(at.plan, attributes);
            let insert = insert.returning(at.plan.returning());
            let row = self.given_back(at, insert).await?;
            let created = row.map(|row| at.plan.object(&row, &Sight::default()));
            let created = created.ok_or_else(|| not_found(at.plan))?;
            return Ok((created.key.clone(), Some(created)));
        }
        let key = self.create_row(at, attributes).await?;
        for insert in further_inserts(at.plan, attributes, &key) {
            let inserted = self.transaction.execute(&insert).await;
            inserted.map_err(|error| self.refused(at, error))?;
        }
        Ok((key, None))
    }

    /// Inserts the row of an object into the first of its tables; answers with its key.
    async fn create_row(
        &self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<String, Error> {
        let plan = at.plan;
        let mut insert = insert(plan, attributes);
        let failed = |error| self.refused(at, error);
        if plan.class.key_source == KeySource::Given {
            self.transaction.execute(&insert).await.map_err(failed)?;
            return Ok(key_of(plan, attributes));
        }
        if plan.backend != DbBackend::Postgres {
            let inserted = self.transaction.execute(&insert).await.map_err(failed)?;
            return Ok(inserted.last_insert_id().to_string());
        }
        let key = plan.key_columns().next().map(|column| Alias::new(&column.name));
        insert.returning_col(key.unwrap_or_else(|| Alias::new("")));
        let row = self.given_back(at, &insert).await?;
        let key = row.and_then(|row| {
            let column = plan.key_columns().next()?;
            column.codec.decode(&row, 0).ok()
        });
        Ok(key.unwrap_or(Value::Null).to_string())
    }

    /// The object that is to be changed, if it still is the one that was read.
    async fn current(&self, at: At<'_>, key: &str, revision: &str) -> Result<StoredObject, Error> {
        let row = self.engine.view().sight(at.plan)?.row;
        let sight = Sight { row, ..Sight::default() };
        let before = self.read(at.plan, key, Lock::Change, &sight).await?;
        let before = before.ok_or_else(|| not_found(at.plan))?;
        at.current(&before, revision)?;
        Ok(before)
    }

    /// Changes an object that is still the one that was read; answers with it as it was, and as it
    /// is if the statement gives it back.
    async fn change(
        &self,
        at: At<'_>,
        key: &str,
        revision: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(StoredObject, Option<StoredObject>), Error> {
        if let Some((before, after)) = self.change_at_once(at, key, revision, attributes).await? {
            return Ok((before, Some(after)));
        }
        let before = self.current(at, key, revision).await?;
        at.permitted(self, Action::Update, key, attributes).await?;
        let changes = without_nothing(at.plan, attributes, &before);
        let updated = self.update(at, key, &changes).await?;
        Ok((before, updated))
    }

    /// Changes an object; answers with it if the statement gives it back.
    async fn update(
        &self,
        at: At<'_>,
        key: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<Option<StoredObject>, Error> {
        let plan = at.plan;
        let cells = plan.key_cells(key).ok_or_else(|| not_found(plan))?;
        for part in 0..=plan.class.parts.len() {
            let Some(mut update) = updated(plan, part, cells.clone(), attributes) else { continue };
            if self.gives_back(plan) {
                let update = update.returning(plan.returning());
                let row = self.given_back(at, update).await?;
                let after = row.map(|row| plan.object(&row, &Sight::default()));
                return Ok(after.filter(|after| after.key == key));
            }
            let updated = self.transaction.execute(&update).await;
            updated.map_err(|error| self.refused(at, error))?;
        }
        Ok(None)
    }

    /// Deletes an object.
    async fn delete(&self, at: At<'_>, key: &str) -> Result<(), Error> {
        let plan = at.plan;
        self.is_led_to(at, key).await?;
        let key = plan.key_cells(key).ok_or_else(|| not_found(plan))?;
        let is_deepest_first = |kind: &&Plan| std::cmp::Reverse(kind.class.parts.len());
        let kinds = self.engine.model.kinds(&plan.class);
        let mut kinds: Vec<&Plan> =
            kinds.filter_map(|kind| self.engine.plans.get(&kind.name)).collect();
        kinds.sort_by_key(is_deepest_first);
        for plan in kinds.into_iter().chain([plan]) {
            for part in (0..=plan.class.parts.len()).rev() {
                let is_it = plan.has_part_key(part, key.clone());
                let delete = Query::delete().from_table(plan.part(part)).and_where(is_it).take();
                let deleted = self.transaction.execute(&delete).await;
                deleted.map_err(|error| match Failure::of(&error) {
                    Failure::Reference => {
                        Error::InUse { operation: at.index, class: at.plan.class.name.clone() }
                    }
                    _ => self.refused(at, error),
                })?;
            }
        }
        Ok(())
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

impl<T: ConnectionTrait> Objects for Work<'_, T> {
    fn engine(&self) -> &Engine {
        self.engine
    }

    async fn find(
        &self,
        plan: &Plan,
        key: &str,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, Error> {
        self.read(plan, key, Lock::None, sight).await
    }

    fn has(&self, plan: &Plan) -> bool {
        plan.class.database == self.database.name
    }
}

/// Whether a row is read to be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    None,
    Change,
}

/// True when an object has these values.
fn has(object: &StoredObject, attributes: &BTreeMap<String, Value>) -> bool {
    attributes.iter().all(|(name, wanted)| match object.attributes.get(name) {
        None => wanted.is_null(),
        Some(value) => value == wanted || value.to_string() == wanted.to_string(),
    })
}
