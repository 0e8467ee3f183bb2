//! One connection out of the driver's pool, whichever engine it leads to.

use sea_orm::sea_query::Values;
use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor as _, MySql, Postgres, Sqlite};

pub(crate) enum Connection {
    Postgres(PoolConnection<Postgres>),
    MariaDb(PoolConnection<MySql>),
    Sqlite(PoolConnection<Sqlite>),
}

/// The same with each engine's connection.
macro_rules! with {
    ($connection:expr, $it:ident => $work:expr) => {
        match $connection {
            Connection::Postgres($it) => $work,
            Connection::MariaDb($it) => $work,
            Connection::Sqlite($it) => $work,
        }
    };
}

impl Connection {
    /// Takes one out of a pool, which waits for it within its own bounds.
    pub(crate) async fn of(source: &DatabaseConnection) -> Result<Self, DbErr> {
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

    /// The rows of a statement.
    pub(crate) async fn rows(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = parts(statement);
        let rows = with!(self, it => {
            let rows = sqlx::query_with(sql, values).fetch_all(&mut **it).await;
            rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
        });
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// Carries a statement out.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = parts(statement);
        let done = with!(self, it => {
            sqlx::query_with(sql, values).execute(&mut **it).await.map(ExecResult::from)
        });
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    /// Carries out a text as it is, without preparing it.
    pub(crate) async fn say(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql);
        let done = with!(self, it => it.execute(sql).await.map(ExecResult::from));
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    /// Has it closed rather than used again.
    pub(crate) fn close(mut self) {
        with!(&mut self, it => it.close_on_drop());
    }
}

fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    let values = statement.values.unwrap_or(Values(Vec::new()));
    (AssertSqlSafe(statement.sql), SqlxValues(values))
}
