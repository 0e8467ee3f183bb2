//! The databases of an installation: where objects are, and where our own tables are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use caruso_database::{
    Access, Address, Catalog, Failure, Readers, Table, TableName, Writers, Writing, connect,
    to_its_end,
};
use caruso_object_model::Class;
use sea_orm::sea_query::{Expr, Func, Query, SelectStatement};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::cost;
use crate::error::{Error, unavailable};
use crate::options::DatabaseOptions;
use crate::plan::{Plan, ROOT};

/// Statements over objects that are answered at the same time.
const READERS: u32 = 4;
/// Connections for these and for other reading.
const READING: u32 = 2 * READERS;
/// Transactions that write at the same time, where the engine can.
const WRITERS: u32 = 4;
/// Connections for these and for other writing.
const WRITING: u32 = 2 * WRITERS;

/// A database of the model.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) is_owned: bool,
    /// Reads objects for requests.
    readers: Readers,
    /// Reads objects and the catalog for everything else.
    pub(crate) reader: DatabaseConnection,
    /// Writes objects and our own tables where the database is owned, else our own tables.
    pub(crate) writer: DatabaseConnection,
    /// Changes objects and our own tables together, or our own tables, for requests.
    writers: Writers,
    /// Reads our own tables.
    pub(crate) own: DatabaseConnection,
    /// Writes objects of a database that is not owned, where the model says that it may.
    changer: Option<Writers>,
    /// How often the tables turned out to have changed; statements of an older number are
    /// prepared anew.
    epoch: AtomicU64,
    stale: Arc<Notify>,
}

impl Database {
    /// Opens a database; an owned file is created when it is not there. One that is not owned can
    /// be changed only if `is_changed`.
    pub(crate) async fn open(
        name: &str,
        options: &DatabaseOptions,
        data: &Path,
        is_changed: bool,
    ) -> Result<Self, Error> {
        let failed = unavailable(name);
        std::fs::create_dir_all(data)?;
        let address = &options.address;
        if options.is_owned {
            let writer = connect(address, Access::Write, WRITING).await.map_err(&failed)?;
            let reader = connect(address, Access::Read, READING).await.map_err(&failed)?;
            let own = reader.clone();
            return Ok(Self::of(name, true, [reader, writer, own], None));
        }
        let reader = connect(address, Access::Read, READING).await.map_err(&failed)?;
        let file = Address::of_file(&data.join(format!("own-{name}.sqlite")));
        let writer = connect(&file, Access::Write, 1).await.map_err(&failed)?;
        let own = connect(&file, Access::Read, READERS).await.map_err(&failed)?;
        let changer = match is_changed {
            true => {
                let changer = connect(address, Access::Change, WRITERS).await.map_err(&failed)?;
                Some(Writers::new(changer, WRITERS as usize))
            }
            false => None,
        };
        Ok(Self::of(name, false, [reader, writer, own], changer))
    }

    /// Our own tables beside what a wrapper holds: a file without objects, under a name that no
    /// database has.
    pub(crate) async fn beside(wrapper: &str, data: &Path) -> Result<Self, Error> {
        let (name, folder) = (beside(wrapper), data.join("wrappers"));
        let failed = unavailable(&name);
        std::fs::create_dir_all(&folder)?;
        let file = Address::of_file(&folder.join(format!("{wrapper}.sqlite")));
        let writer = connect(&file, Access::Write, 1).await.map_err(&failed)?;
        let own = connect(&file, Access::Read, READERS).await.map_err(&failed)?;
        Ok(Self::of(&name, false, [own.clone(), writer, own], None))
    }

    fn of(
        name: &str,
        is_owned: bool,
        connections: [DatabaseConnection; 3],
        changer: Option<Writers>,
    ) -> Self {
        let [reader, writer, own] = connections;
        let (epoch, stale) = (AtomicU64::new(0), Arc::new(Notify::new()));
        let readers = Readers::new(reader.clone(), READERS as usize);
        let writers = Writers::new(writer.clone(), WRITERS as usize);
        let name = name.to_owned();
        Self { name, is_owned, readers, reader, writer, writers, own, changer, epoch, stale }
    }

    /// Says that a statement no longer fits the tables.
    pub(crate) fn told_stale(&self) {
        self.stale.notify_one();
    }

    /// Waits until a statement no longer fits the tables.
    pub(crate) async fn changed(&self) {
        self.stale.notified().await;
    }

    /// The rows of a statement over objects.
    pub(crate) async fn select(&self, select: &SelectStatement) -> Result<Vec<QueryResult>, Error> {
        self.all(self.backend().build(select)).await
    }

    /// The rows of a statement over objects. A broken connection is replaced; where the tables have
    /// changed, the statement is prepared anew, once.
    pub(crate) async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        let mut epoch = self.epoch.load(Ordering::Relaxed);
        for _ in 0..=READERS {
            let answer = self.readers.rows(of_epoch(&statement, epoch)).await;
            match answer.as_ref().map_err(Failure::of) {
                Err(Failure::Lost) => {}
                Err(Failure::Stale) if epoch == self.epoch.load(Ordering::Relaxed) => {
                    epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
                    self.told_stale();
                }
                _ => return answer.map_err(unavailable(&self.name)),
            }
        }
        let answer = self.readers.rows(of_epoch(&statement, epoch)).await;
        answer.map_err(unavailable(&self.name))
    }

    /// The rows of a statement over our own tables.
    pub(crate) async fn own_rows(
        &self,
        select: &SelectStatement,
    ) -> Result<Vec<QueryResult>, Error> {
        let (own, select) = (self.own.clone(), select.clone());
        let rows = to_its_end(async move { own.query_all(&select).await }).await;
        rows.map_err(unavailable(&self.name))
    }

    /// The engine of the objects.
    pub(crate) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Starts a transaction that may write our own tables, and objects where the database is owned.
    pub(crate) async fn begin_unit(&self) -> Result<Writing, DbErr> {
        self.writers.begin().await
    }

    /// The same for work that takes long, and has transactions in it.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.writer).await
    }

    /// About how many rows a table has; where statistics are silent, they are counted up to one
    /// more than makes it a large one.
    pub(crate) async fn rows(&self, plan: &Plan, table: &Table) -> Result<u64, DbErr> {
        if let Some(rows) = table.rows {
            return Ok(rows);
        }
        let mut rows = Query::select();
        rows.expr_as(Expr::cust("1"), "r").from(plan.table().alias(ROOT)).limit(cost::LARGE + 1);
        let count = Func::cust("COUNT").arg(Expr::cust("*"));
        let count = Query::select().expr(count).from_subquery(rows, "rows").take();
        let row = self.reader.query_one(&count).await?;
        let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Whether objects of a class may be changed.
    pub(crate) fn may_be_written(&self, class: &Class) -> bool {
        self.is_owned || class.is_writable
    }

    /// Starts a transaction that may change objects.
    pub(crate) async fn begin_objects(&self) -> Result<Writing, DbErr> {
        self.changer.as_ref().unwrap_or(&self.writers).begin().await
    }

    /// What the database has of the tables that classes name.
    pub(crate) async fn catalog(&self, classes: &[Class]) -> Result<Catalog, DbErr> {
        let held = classes.iter().filter(|class| !class.is_abstract);
        let wanted: Vec<TableName> = held.flat_map(tables_of).collect();
        Catalog::read(&self.reader, Some(&wanted)).await
    }
}

/// Starts a transaction that may write; in a file it waits here, not at its first statement.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let connection = connection.clone();
    to_its_end(async move {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        connection.begin_with_options(options).await
    })
    .await
}

/// A statement under a text of its own for each epoch: connections keep what they prepared by its
/// text.
fn of_epoch(statement: &Statement, epoch: u64) -> Statement {
    let mut statement = statement.clone();
    if epoch > 0 {
        statement.sql.push_str(&format!(" /* {epoch} */"));
    }
    statement
}

/// The name of our own tables beside what a wrapper holds; no database has such a name.
pub(crate) fn beside(wrapper: &str) -> String {
    format!("{wrapper}/")
}

/// The table of a class.
pub(crate) fn table_name(class: &Class) -> TableName {
    TableName { schema: class.schema.clone(), name: class.table.clone() }
}

/// The table of a class, and those that hold further parts of its objects.
pub(crate) fn tables_of(class: &Class) -> impl Iterator<Item = TableName> {
    let parts = class.parts.iter();
    let parts =
        parts.map(|part| TableName { schema: part.schema.clone(), name: part.table.clone() });
    std::iter::once(table_name(class)).chain(parts)
}

/// Databases by the name that the model uses.
pub(crate) type Databases = BTreeMap<String, Database>;
