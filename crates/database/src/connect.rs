//! Connections that behave alike on every engine: the clock in UTC, strict about what a column
//! holds, patient within a bound, silent about statements, and unable to change anything where they
//! are for reading.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};
use sqlx::{Connection as _, Executor as _};

use crate::address::Address;
use crate::tls::Prepared;

/// How long a request waits for a free connection, and a statement for a lock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// The longest that one statement may run on a server.
const LONGEST: Duration = Duration::from_secs(60);
/// A connection that was idle this long is asked whether it still lives before it is used.
const IDLE: Duration = Duration::from_secs(30);
/// Prepared statements that a connection keeps; filters make many shapes.
const STATEMENTS: usize = 500;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only; the engine refuses everything else.
    Read,
    /// Reading and writing what is there, in somebody else's way of keeping it.
    Change,
    /// Reading and writing. A file that is not there is made.
    Write,
}

/// Opens a database with at most so many connections at a time. A file has one writer.
///
/// # Errors
///
/// What the driver says; in plain words, beginning with `TLS:`, where the server is not the one
/// that the address means, or does not speak TLS.
pub async fn connect(
    address: &Address,
    access: Access,
    connections: u32,
) -> Result<DatabaseConnection, DbErr> {
    let is_file = address.backend() == DbBackend::Sqlite;
    let most = if is_file && access != Access::Read { 1 } else { connections };
    let mut options = ConnectOptions::new(address.secret());
    options
        .max_connections(most)
        .min_connections(1)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        // The pool's task that closes idle connections counts them while others are changing the
        // count: where it reads one less than none, it never comes to an end, on a core of its own.
        // Without both of these there is no such task. A connection that the server has closed is
        // found when it is used.
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    if !is_file {
        options.test_before_acquire_if_idle_for(IDLE);
    }
    let tls = address.tls().prepared()?;
    sqlite(&mut options, access);
    if access != Access::Read {
        sqlite_pool(&mut options);
    }
    postgres(&mut options, access, tls.clone());
    mariadb(&mut options, access, tls);
    Database::connect(options).await.map_err(|error| address.tls().explain(error))
}

fn sqlite(options: &mut ConnectOptions, access: Access) {
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options.busy_timeout(PATIENCE).statement_cache_capacity(STATEMENTS);
        match access {
            Access::Read => options.read_only(true),
            Access::Change => options.foreign_keys(true),
            Access::Write => options
                .create_if_missing(true)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL"),
        }
    });
}

/// Closes a connection of a file whose transaction did not come to its end. A file that is full
/// ends a transaction by itself, which the driver does not know: it would go on inside of one that
/// nobody commits, and what is acknowledged then would be lost.
fn sqlite_pool(options: &mut ConnectOptions) {
    options.map_sqlx_sqlite_pool_opts(|options| {
        options.after_release(|connection, _| {
            Box::pin(async move {
                // what was dropped is rolled back before this is answered
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
}

fn postgres(options: &mut ConnectOptions, access: Access, tls: Prepared) {
    options.map_sqlx_postgres_opts(move |options| {
        let read_only = if access == Access::Read { "on" } else { "off" };
        // Whoever writes goes by keys. The plan of a statement is kept, and one that was made while
        // its table was small would look through all of it however large it grows.
        let scans = read_only;
        let options = tls.postgres(options).application_name("caruso");
        options.statement_cache_capacity(STATEMENTS).options([
            ("TimeZone", "UTC".to_owned()),
            ("lock_timeout", PATIENCE.as_millis().to_string()),
            ("statement_timeout", LONGEST.as_millis().to_string()),
            ("default_transaction_read_only", read_only.to_owned()),
            ("enable_seqscan", scans.to_owned()),
            // where there is no index, the price that keeps from scanning is no reason to compile
            ("jit", scans.to_owned()),
        ])
    });
}

fn mariadb(options: &mut ConnectOptions, access: Access, tls: Prepared) {
    let read_only = if access == Access::Read { "READ ONLY" } else { "READ WRITE" };
    let session = format!(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, \
             ',STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_BACKSLASH_ESCAPES'), \
             innodb_lock_wait_timeout = {}, max_statement_time = {}; \
         SET SESSION TRANSACTION {read_only}",
        PATIENCE.as_secs(),
        LONGEST.as_secs(),
    );
    options.map_sqlx_mysql_opts(move |options| {
        tls.mariadb(options).statement_cache_capacity(STATEMENTS)
    });
    options.map_sqlx_mysql_pool_opts(move |options| {
        let session = session.clone();
        options.after_connect(move |connection, _| {
            let session = session.clone();
            Box::pin(
                async move { connection.execute(sqlx::AssertSqlSafe(session)).await.map(drop) },
            )
        })
    });
}
