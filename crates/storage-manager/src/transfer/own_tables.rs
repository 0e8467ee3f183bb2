//! Our own tables move with the objects, where they stand beside them: who changed what, the units
//! of work that must not be repeated, and how far followers and loads are.

use caruso_database::{Catalog, TableName};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::progress::Progress;
use crate::database::Database;
use crate::many::{Many, Written};

/// Rows that are read and written together.
const BATCH: u64 = 500;

/// A table, the columns that are copied, and the one that rows are ordered by.
struct Table {
    name: &'static str,
    order: &'static str,
    is_counted: bool,
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
}

/// What a change says.
pub(super) const OF_CHANGE: [&str; 12] = [
    "applied_at",
    "idempotency_key",
    "actor",
    "request",
    "reason",
    "contact",
    "operation",
    "object_class",
    "object_key",
    "revision",
    "values_before",
    "values_after",
];

const TABLES: [Table; 2] = [
    Table {
        name: "caruso_change",
        order: "id",
        is_counted: true,
        texts: &OF_CHANGE,
        numbers: &["position"],
    },
    Table {
        name: "caruso_unit",
        order: "idempotency_key",
        is_counted: false,
        texts: &["idempotency_key", "fingerprint", "result", "applied_at"],
        numbers: &[],
    },
];

/// Copies the tables that the source has.
pub(super) async fn copy(
    from: &Database,
    to: &Database,
    watch: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<(), DbErr> {
    let named = |name: &str| TableName { schema: None, name: name.to_owned() };
    let wanted = [named("caruso_state"), named("caruso_change"), named("caruso_unit")];
    let catalog = Catalog::read(&from.reader, Some(&wanted)).await?;
    for table in TABLES.iter().filter(|table| catalog.table(&named(table.name)).is_some()) {
        table.copy(from, to, watch).await?;
    }
    if catalog.table(&wanted[0]).is_some() {
        states(from, to).await?;
    }
    Ok(())
}

impl Table {
    async fn copy(
        &self,
        from: &Database,
        to: &Database,
        watch: &mut (dyn FnMut(&str, u64) + Send),
    ) -> Result<(), DbErr> {
        let mut progress = Progress::of(to, self.name).await?;
        let names = self.texts.iter().chain(self.numbers);
        let written = names.map(|name| Written { name: (*name).to_owned(), cast: None });
        let mut many = Many::new(to.backend(), &[self.name], written.collect());
        while !progress.is_done {
            let rows = self.rows(from, progress.key.as_deref()).await?;
            progress.is_done = rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let cells = rows.iter().map(|row| self.cells(row)).collect::<Result<Vec<_>, _>>()?;
            let transaction = to.begin().await?;
            for cells in cells.chunks(many.most()) {
                let statement = many.statement(cells.iter().cloned());
                transaction.execute_raw(statement).await?;
            }
            if let Some(row) = rows.last() {
                progress.key = Some(self.place(row)?);
            }
            progress.rows += rows.len() as u64;
            progress.copied = progress.rows;
            progress.keep(&transaction, self.name).await?;
            transaction.commit().await?;
            watch(self.name, progress.rows);
        }
        Ok(())
    }

    async fn rows(&self, from: &Database, after: Option<&str>) -> Result<Vec<QueryResult>, DbErr> {
        let mut select = Query::select();
        select.columns(self.texts.iter().chain(self.numbers).map(|name| Alias::new(*name)));
        select.column(self.order).from(self.name);
        if let Some(after) = after {
            let cell = match self.is_counted {
                true => Cell::BigInt(after.parse().ok()),
                false => Cell::from(after),
            };
            select.and_where(Expr::col(self.order).gt(cell));
        }
        from.reader.query_all(&select.order_by(self.order, Order::Asc).limit(BATCH).take()).await
    }

    fn cells(&self, row: &QueryResult) -> Result<Vec<Cell>, DbErr> {
        let mut cells = Vec::new();
        for index in 0..self.texts.len() {
            cells.push(Cell::String(Some(row.try_get_by_index(index)?)));
        }
        for index in 0..self.numbers.len() {
            cells.push(Cell::BigInt(row.try_get_by_index(self.texts.len() + index)?));
        }
        Ok(cells)
    }

    /// Where the rows behind this one start.
    fn place(&self, row: &QueryResult) -> Result<String, DbErr> {
        let index = self.texts.len() + self.numbers.len();
        match self.is_counted {
            true => row.try_get_by_index::<i64>(index).map(|number| number.to_string()),
            false => row.try_get_by_index(index),
        }
    }
}

/// The last position of the changes, and the loads that are done with.
async fn states(from: &Database, to: &Database) -> Result<(), DbErr> {
    let select = Query::select().columns(["name", "content"]).from("caruso_state").take();
    let transaction = to.begin().await?;
    for row in from.reader.query_all(&select).await? {
        let (name, content): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if name == "position" || name.starts_with("load ") {
            caruso_database::keep(&transaction, &name, Some(&content)).await?;
        }
    }
    transaction.commit().await
}
