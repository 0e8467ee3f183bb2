//! The databases of an installation: where objects are, and where our own tables are.

use std::collections::BTreeMap;
use std::path::Path;

use caruso_database::{Access, Address, Catalog, Table, TableName, connect};
use caruso_object_model::Class;
use sea_orm::sea_query::{Expr, Func, Query};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::cost;
use crate::error::{Error, unavailable};
use crate::options::DatabaseOptions;
use crate::plan::Plan;

/// Connections that read at the same time.
const READERS: u32 = 4;
/// Connections that write at the same time, where the engine can.
const WRITERS: u32 = 4;

/// A database of the model.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) is_owned: bool,
    /// Reads objects.
    pub(crate) reader: DatabaseConnection,
    /// Writes objects and our own tables where the database is owned, else our own tables.
    pub(crate) writer: DatabaseConnection,
    /// Reads our own tables.
    pub(crate) own: DatabaseConnection,
}

impl Database {
    /// Opens a database; an owned file is created when it is not there.
    pub(crate) async fn open(
        name: &str,
        options: &DatabaseOptions,
        data: &Path,
    ) -> Result<Self, Error> {
        let failed = unavailable(name);
        std::fs::create_dir_all(data)?;
        let address = &options.address;
        if options.is_owned {
            let writer = connect(address, Access::Write, WRITERS).await.map_err(&failed)?;
            let reader = connect(address, Access::Read, READERS).await.map_err(&failed)?;
            let own = reader.clone();
            return Ok(Self { name: name.to_owned(), is_owned: true, reader, writer, own });
        }
        let reader = connect(address, Access::Read, READERS).await.map_err(&failed)?;
        let file = Address::of_file(&data.join(format!("own-{name}.sqlite")));
        let writer = connect(&file, Access::Write, 1).await.map_err(&failed)?;
        let own = connect(&file, Access::Read, READERS).await.map_err(&failed)?;
        Ok(Self { name: name.to_owned(), is_owned: false, reader, writer, own })
    }

    /// The engine of the objects.
    pub(crate) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Starts a transaction that may write; in a file it waits here, not at its first statement.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        self.writer.begin_with_options(options).await
    }

    /// About how many rows a table has; where statistics are silent, they are counted up to one
    /// more than makes it a large one.
    pub(crate) async fn rows(&self, plan: &Plan, table: &Table) -> Result<u64, DbErr> {
        if let Some(rows) = table.rows {
            return Ok(rows);
        }
        let mut rows = Query::select();
        rows.expr_as(Expr::cust("1"), "r").from(plan.table()).limit(cost::LARGE + 1);
        let count = Func::cust("COUNT").arg(Expr::cust("*"));
        let count = Query::select().expr(count).from_subquery(rows, "rows").take();
        let row = self.reader.query_one(&count).await?;
        let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// What the database has of the tables that classes name.
    pub(crate) async fn catalog(&self, classes: &[&Class]) -> Result<Catalog, DbErr> {
        let wanted: Vec<TableName> = classes.iter().map(|class| table_name(class)).collect();
        Catalog::read(&self.reader, Some(&wanted)).await
    }
}

/// The table of a class.
pub(crate) fn table_name(class: &Class) -> TableName {
    TableName { schema: class.schema.clone(), name: class.table.clone() }
}

/// Databases by the name that the model uses.
pub(crate) type Databases = BTreeMap<String, Database>;
