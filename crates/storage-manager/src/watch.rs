//! Changes in the order in which they came about, for others to follow.
//!
//! A change is written in the transaction that makes it, without a position: the order in which
//! transactions begin is not the one in which they end. The publisher gives positions afterwards,
//! under a lock that all publishers of a database share, so that whoever remembers the last
//! position misses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use tokio::sync::{Notify, watch};

use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;

/// Name of the state that holds the last position.
const POSITION: &str = "position";
/// Changes that get a position in one transaction, and that are read at once.
const BATCH: u64 = 500;
/// How long changes gather behind those that just got a position, so that a busy database needs no
/// commit of the publisher for each of them.
const GATHER: Duration = Duration::from_millis(20);
/// How often it is looked for changes that others have written.
const PERIOD: Duration = Duration::from_secs(1);

/// A change that has a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Grows with every change of the database.
    pub position: u64,
    /// The class of the object.
    pub class: String,
    /// Its key.
    pub key: String,
    /// `create`, `update` or `delete`.
    pub operation: String,
    /// Its revision then; empty when it was deleted.
    pub revision: String,
    /// Names of the attributes and relations that changed.
    pub changed: Vec<String>,
    /// The unit of work.
    pub idempotency_key: String,
}

/// What the publisher tells those who follow: the last position of each database.
#[derive(Debug)]
pub struct Publisher {
    committed: Notify,
    last: BTreeMap<String, watch::Sender<u64>>,
}

impl Publisher {
    pub(crate) fn of<'a>(databases: impl Iterator<Item = &'a String>) -> Self {
        let last = databases.map(|name| (name.clone(), watch::Sender::new(0)));
        Self { committed: Notify::new(), last: last.collect() }
    }

    /// Says that there may be changes without a position.
    pub(crate) fn committed(&self) {
        self.committed.notify_one();
    }
}

impl Engine {
    /// Gives changes their positions until it is dropped: within [`GATHER`] of each unit of work,
    /// and every second.
    pub async fn publish_all(self) {
        loop {
            for database in self.databases.values() {
                match self.publish(database).await {
                    Ok(last) => {
                        if let Some(sender) = self.publisher.last.get(&database.name) {
                            sender.send_if_modified(|known| std::mem::replace(known, last) != last);
                        }
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(database = database.name, error, "changes wait");
                    }
                }
            }
            tokio::time::sleep(GATHER).await;
            let _ = tokio::time::timeout(PERIOD, self.publisher.committed.notified()).await;
        }
    }

    /// Gives all changes of a database that have none a position; answers with the last one.
    pub(crate) async fn publish(&self, database: &Database) -> Result<u64, DbErr> {
        loop {
            let transaction = database.begin_unit().await?;
            let mut select = Query::select()
                .column("content")
                .from("caruso_state")
                .and_where(Expr::col("name").eq(POSITION))
                .take();
            if transaction.get_database_backend() != DbBackend::Sqlite {
                select.lock(LockType::Update);
            }
            let last = transaction.query_one(&select).await?;
            let last = last.map(|row| row.try_get_by_index::<String>(0)).transpose()?;
            let first: i64 = last.and_then(|text| text.parse().ok()).unwrap_or(0);
            let select = Query::select()
                .column("id")
                .from("caruso_change")
                .and_where(Expr::col("position").is_null())
                // in the words of the index, or all changes ever made are looked through
                .order_by("position", Order::Asc)
                .order_by("id", Order::Asc)
                .limit(BATCH)
                .take();
            let rows = transaction.query_all(&select).await?;
            let ids = rows.iter().map(|row| row.try_get_by_index(0));
            let mut last = first;
            for (begin, end) in runs(&ids.collect::<Result<Vec<i64>, _>>()?) {
                let update = Query::update()
                    .table("caruso_change")
                    .value("position", Expr::col("id").add(last + 1 - begin))
                    .and_where(Expr::col("id").between(begin, end))
                    .take();
                transaction.execute(&update).await?;
                last += end + 1 - begin;
            }
            if last > first {
                let update = Query::update()
                    .table("caruso_state")
                    .value("content", last.to_string())
                    .and_where(Expr::col("name").eq(POSITION))
                    .take();
                transaction.execute(&update).await?;
            }
            transaction.commit().await?;
            if rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                return Ok(u64::try_from(last).unwrap_or(0));
            }
        }
    }

    /// Changes after a position, in their order, at most 500. None of `classes` means all.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`] for an unknown database or class, [`Error::Unavailable`].
    pub async fn changes(
        &self,
        database: &str,
        after: u64,
        classes: &[String],
    ) -> Result<Vec<Changed>, Error> {
        let database = self.followed(database)?;
        let mut wanted = BTreeSet::new();
        for class in classes {
            wanted.extend(self.model.family(&self.plan(class)?.class));
        }
        let mut select = Query::select()
            .columns([
                "position",
                "object_class",
                "object_key",
                "operation",
                "revision",
                "values_before",
                "values_after",
                "idempotency_key",
            ])
            .from("caruso_change")
            .and_where(Expr::col("position").gt(i64::try_from(after).unwrap_or(i64::MAX)))
            .order_by("position", Order::Asc)
            .limit(BATCH)
            .take();
        if !wanted.is_empty() {
            select.and_where(Expr::col("object_class").is_in(wanted));
        }
        let failed = unavailable(&database.name);
        let rows = database.own_rows(&select).await?;
        rows.iter().map(changed).collect::<Result<_, _>>().map_err(&failed)
    }

    /// The last position of a database, as it grows.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`] for an unknown database.
    pub fn positions(&self, database: &str) -> Result<watch::Receiver<u64>, Error> {
        let name = &self.followed(database)?.name;
        let sender = self.publisher.last.get(name);
        Ok(sender.map_or_else(|| watch::Sender::new(0).subscribe(), watch::Sender::subscribe))
    }

    fn followed(&self, name: &str) -> Result<&Database, Error> {
        self.databases.get(name).ok_or_else(|| {
            let known = self.databases.keys().map(String::as_str);
            let nearest = caruso_markup::nearest(name, known).map(str::to_owned);
            Error::UnknownDatabase { name: name.to_owned(), nearest }
        })
    }
}

/// The state that positions are counted in, which must be there to be locked.
pub(crate) async fn prepare(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    if caruso_database::kept(own, POSITION).await?.is_none() {
        caruso_database::keep(own, POSITION, Some("0")).await?;
    }
    Ok(())
}

/// Numbers that grow, as those that follow each other without a gap: the first and the last of
/// each. Changes of a busy database are mostly one run, which costs one statement.
fn runs(ids: &[i64]) -> Vec<(i64, i64)> {
    let runs = ids.chunk_by(|one, next| one + 1 == *next);
    runs.filter_map(|run| Some((*run.first()?, *run.last()?))).collect()
}

fn changed(row: &QueryResult) -> Result<Changed, DbErr> {
    let text = |index| row.try_get_by_index::<String>(index);
    let position: i64 = row.try_get_by_index(0)?;
    let mut changed = Vec::new();
    for index in [5, 6] {
        changed.extend(json::to_attributes(&text(index)?).unwrap_or_default().into_keys());
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(Changed {
        position: u64::try_from(position).unwrap_or(0),
        class: text(1)?,
        key: text(2)?,
        operation: text(3)?,
        revision: text(4)?,
        changed,
        idempotency_key: text(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn numbers_without_a_gap_are_one_run() {
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[7]), [(7, 7)]);
        assert_eq!(runs(&[1, 2, 3, 5, 8, 9]), [(1, 3), (5, 5), (8, 9)]);
    }
}
