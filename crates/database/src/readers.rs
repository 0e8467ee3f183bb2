//! Connections that only read, kept between statements.
//!
//! The driver's pool asks a connection whether it still lives each time it is given back, which is
//! a round trip for every statement. These are taken from the pool and kept; one that failed goes
//! back to it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::sea_query::Values;
use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, MySql, Postgres, Sqlite};
use tokio::sync::Semaphore;

use crate::connect::PATIENCE;
use crate::to_its_end;

/// A few connections of a database.
#[derive(Clone)]
pub struct Readers {
    source: DatabaseConnection,
    free: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readers({} free)", self.permits.available_permits())
    }
}

enum Connection {
    Postgres(PoolConnection<Postgres>),
    MariaDb(PoolConnection<MySql>),
    Sqlite(PoolConnection<Sqlite>),
}

impl Readers {
    /// At most so many connections at a time; the pool that they come from has that many or more.
    pub fn new(source: DatabaseConnection, most: usize) -> Self {
        let (free, permits) = (Arc::default(), Arc::new(Semaphore::new(most)));
        Self { source, free, permits }
    }

    /// The rows of a statement. It is carried out to its end, even if nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// What the driver says, or that no connection became free in time.
    pub async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let late = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        let permit = permit.await.map_err(late)?;
        let (source, free) = (self.source.clone(), Arc::clone(&self.free));
        to_its_end(async move {
            let kept = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match kept {
                Some(connection) => connection,
                None => Connection::of(&source).await?,
            };
            let rows = connection.rows(statement).await;
            if rows.is_ok() {
                free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(permit);
            rows
        })
        .await
    }
}

impl Connection {
    async fn of(source: &DatabaseConnection) -> Result<Self, DbErr> {
        let acquired = match source.get_database_backend() {
            DbBackend::Postgres => {
                source.get_postgres_connection_pool().acquire().await.map(Self::Postgres)
            }
            DbBackend::MySql => {
                source.get_mysql_connection_pool().acquire().await.map(Self::MariaDb)
            }
            _ => source.get_sqlite_connection_pool().acquire().await.map(Self::Sqlite),
        };
        acquired.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        })
    }

    async fn rows(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let values = SqlxValues(statement.values.unwrap_or(Values(Vec::new())));
        let sql = AssertSqlSafe(statement.sql);
        let rows = match self {
            Self::Postgres(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Self::MariaDb(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Sqlite(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
        };
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }
}
