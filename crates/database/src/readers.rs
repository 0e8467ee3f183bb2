//! Connections that only read, kept between statements.
//!
//! The driver's pool asks a connection whether it still lives each time it is given back, which is
//! a round trip for every statement. These are taken from the pool and kept; one that failed goes
//! back to it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{ConnAcquireErr, DatabaseConnection, DbErr, QueryResult, Statement};
use tokio::sync::Semaphore;

use crate::connect::PATIENCE;
use crate::connection::Connection;
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
