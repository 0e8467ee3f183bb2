//! Transactions that write, over connections that are kept between them.
//!
//! The driver's pool asks a connection whether it still lives each time it is given back, which is
//! a round trip and a task for every transaction. Those of a server are taken from the pool and
//! kept; one that failed goes back to it. A file has one connection, which the pool looks at each
//! time it comes back.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore};

use crate::connect::PATIENCE;
use crate::connection::Connection;
use crate::to_its_end;

/// A few connections of a database, each for one transaction at a time.
#[derive(Clone)]
pub struct Writers {
    source: DatabaseConnection,
    free: Free,
    permits: Arc<Semaphore>,
}

type Free = Arc<Mutex<Vec<Connection>>>;

/// A transaction. One that is dropped before its end is rolled back.
#[derive(Debug)]
pub struct Writing(Place);

#[derive(Debug)]
enum Place {
    File(DatabaseTransaction),
    Server(Server),
}

/// A transaction on a server.
struct Server {
    backend: DbBackend,
    /// Nothing once the transaction has ended.
    connection: AsyncMutex<Option<Connection>>,
    free: Free,
    permit: Option<OwnedSemaphorePermit>,
}

impl fmt::Debug for Writers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writers({} free)", self.permits.available_permits())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.backend)
    }
}

impl Writers {
    /// At most so many transactions at a time; the pool that their connections come from has that
    /// many or more.
    pub fn new(source: DatabaseConnection, most: usize) -> Self {
        let (free, permits) = (Arc::default(), Arc::new(Semaphore::new(most)));
        Self { source, free, permits }
    }

    /// Starts a transaction; in a file it waits here, not at its first statement. A connection that
    /// broke while nobody used it is replaced.
    ///
    /// # Errors
    ///
    /// What the driver says, or that no connection became free in time.
    pub async fn begin(&self) -> Result<Writing, DbErr> {
        let writers = self.clone();
        to_its_end(async move { writers.begun().await }).await
    }

    async fn begun(self) -> Result<Writing, DbErr> {
        let backend = self.source.get_database_backend();
        if backend == DbBackend::Sqlite {
            let mode = Some(SqliteTransactionMode::Immediate);
            let options =
                TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
            let transaction = self.source.begin_with_options(options).await?;
            return Ok(Writing(Place::File(transaction)));
        }
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        let Ok(Ok(permit)) = permit.await else {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        };
        let connection = loop {
            let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut connection) = kept else {
                let mut connection = Connection::of(&self.source).await?;
                connection.say("BEGIN").await?;
                break connection;
            };
            match connection.say("BEGIN").await {
                Ok(_) => break connection,
                Err(_) => connection.close(),
            }
        };
        Ok(Writing(Place::Server(Server {
            backend,
            connection: AsyncMutex::new(Some(connection)),
            free: self.free,
            permit: Some(permit),
        })))
    }
}

impl Writing {
    /// Makes all of it last.
    ///
    /// # Errors
    ///
    /// What the driver says.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            Place::File(transaction) => transaction.commit().await,
            Place::Server(server) => server.end("COMMIT").await,
        }
    }

    /// Takes all of it back.
    ///
    /// # Errors
    ///
    /// What the driver says.
    pub async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            Place::File(transaction) => transaction.rollback().await,
            Place::Server(server) => server.end("ROLLBACK").await,
        }
    }
}

impl Server {
    async fn end(mut self, how: &str) -> Result<(), DbErr> {
        let Some(connection) = self.connection.get_mut().take() else { return Ok(()) };
        ended(connection, &self.free, how).await
    }
}

/// Ends the transaction of a connection, which is free afterwards, or closed where it broke.
async fn ended(mut connection: Connection, free: &Free, how: &str) -> Result<(), DbErr> {
    match connection.say(how).await {
        Ok(_) => {
            free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(())
        }
        Err(error) => {
            connection.close();
            Err(error)
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(connection) = self.connection.get_mut().take() else { return };
        let (free, permit) = (Arc::clone(&self.free), self.permit.take());
        // without a runtime the program ends, and the connections with it
        let Ok(runtime) = Handle::try_current() else { return connection.close() };
        runtime.spawn(async move {
            // where it fails the connection is closed, which takes the transaction back as well
            let _ = ended(connection, &free, "ROLLBACK").await;
            drop(permit);
        });
    }
}

/// That a transaction is used behind its end, which its owner makes impossible.
fn over() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

#[async_trait::async_trait]
impl ConnectionTrait for Writing {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Place::File(_) => DbBackend::Sqlite,
            Place::Server(server) => server.backend,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Place::File(transaction) => transaction.execute_raw(statement).await,
            Place::Server(server) => {
                let mut connection = server.connection.lock().await;
                connection.as_mut().ok_or_else(over)?.execute(statement).await
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Place::File(transaction) => transaction.execute_unprepared(sql).await,
            Place::Server(server) => {
                let mut connection = server.connection.lock().await;
                connection.as_mut().ok_or_else(over)?.say(sql).await
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Place::File(transaction) => transaction.query_all_raw(statement).await,
            Place::Server(server) => {
                let mut connection = server.connection.lock().await;
                connection.as_mut().ok_or_else(over)?.rows(statement).await
            }
        }
    }
}
