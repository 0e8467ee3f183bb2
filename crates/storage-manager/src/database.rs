//! Connections: one pool for reading, one connection for writing, and where our own tables are.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use caruso_object_model::Model;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as Connector, DatabaseConnection,
    DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::error::{Error, unavailable};
use crate::options::DatabaseOptions;
use crate::plan::Plan;

/// Connections that read at the same time.
const READERS: u32 = 4;
/// How long a request waits for a free connection, and a statement for a locked file.
const PATIENCE: Duration = Duration::from_secs(2);
/// Prepared statements a connection keeps; filters make many shapes.
const STATEMENTS: usize = 500;

/// A database of the model.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) is_owned: bool,
    /// Reads objects.
    pub(crate) reader: DatabaseConnection,
    /// Writes: objects and our own tables where the database is owned, else our own tables.
    pub(crate) writer: DatabaseConnection,
    /// Reads our own tables.
    pub(crate) own: DatabaseConnection,
}

impl Database {
    /// Opens a database; an owned one is created when its file is not there.
    pub(crate) async fn open(
        name: &str,
        options: &DatabaseOptions,
        data: &Path,
    ) -> Result<Self, Error> {
        let failed = unavailable(name);
        if !options.url.starts_with("sqlite:") {
            let message = format!("database `{name}`: only `sqlite:PATH` is understood");
            return Err(Error::Drift(vec![message]));
        }
        std::fs::create_dir_all(data)?;
        if options.is_owned {
            let writer = connect(&options.url, Access::Write).await.map_err(&failed)?;
            let reader = connect(&options.url, Access::Read).await.map_err(&failed)?;
            let own = reader.clone();
            return Ok(Self { name: name.to_owned(), is_owned: true, reader, writer, own });
        }
        let reader = connect(&options.url, Access::Read).await.map_err(&failed)?;
        let file = format!("sqlite:{}", data.join(format!("own-{name}.sqlite")).display());
        let writer = connect(&file, Access::Write).await.map_err(&failed)?;
        let own = connect(&file, Access::Read).await.map_err(&failed)?;
        Ok(Self { name: name.to_owned(), is_owned: false, reader, writer, own })
    }

    /// Starts a transaction that may write; it waits here, not at its first statement.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        self.writer.begin_with_options(options).await
    }

    /// The tables that the database has, with their columns, of those the classes name.
    pub(crate) async fn live_columns(
        &self,
        plans: &BTreeMap<String, Plan>,
    ) -> Result<BTreeMap<String, Vec<String>>, DbErr> {
        let mut tables = BTreeMap::new();
        for plan in plans.values().filter(|plan| plan.class.database == self.name) {
            let statement = sea_orm::Statement::from_sql_and_values(
                sea_orm::DbBackend::Sqlite,
                "SELECT name FROM pragma_table_info(?)",
                [plan.class.table.as_str().into()],
            );
            let rows = self.reader.query_all_raw(statement).await?;
            let columns: Result<Vec<String>, _> =
                rows.iter().map(|row| row.try_get_by_index(0)).collect();
            let columns = columns?;
            if !columns.is_empty() {
                tables.insert(plan.class.table.clone(), columns);
            }
        }
        Ok(tables)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

async fn connect(url: &str, access: Access) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(if access == Access::Write { 1 } else { READERS })
        .min_connections(1)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options.busy_timeout(PATIENCE).statement_cache_capacity(STATEMENTS);
            match access {
                Access::Read => options.read_only(true),
                Access::Write => options
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL"),
            }
        });
    Connector::connect(options).await
}

/// What the model names and the databases lack.
pub(crate) async fn drift(
    model: &Model,
    plans: &BTreeMap<String, Plan>,
    databases: &BTreeMap<String, Database>,
) -> Result<Vec<String>, Error> {
    let mut missing = Vec::new();
    let mut live = BTreeMap::new();
    for database in databases.values() {
        let columns = database.live_columns(plans).await.map_err(unavailable(&database.name))?;
        live.insert(database.name.as_str(), columns);
    }
    for class in model.classes() {
        let Some(tables) = live.get(class.database.as_str()) else {
            let database = &class.database;
            missing
                .push(format!("class `{}`: the site names no database `{database}`", class.name));
            continue;
        };
        let Some(columns) = tables.get(&class.table) else {
            missing.push(format!("class `{}`: there is no table `{}`", class.name, class.table));
            continue;
        };
        let Some(plan) = plans.get(&class.name) else { continue };
        let wanted = plan.columns.iter().map(|column| column.column.as_str());
        for column in wanted.chain([class.revision_column.as_str()]) {
            if !columns.iter().any(|live| live.eq_ignore_ascii_case(column)) {
                let (name, table) = (&class.name, &class.table);
                missing.push(format!("class `{name}`: `{table}` has no column `{column}`"));
            }
        }
    }
    Ok(missing)
}
