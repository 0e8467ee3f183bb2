//! The objects of one class move.

use caruso_database::DbBackend;
use caruso_expression::Value;
use caruso_object_model::KeySource;
use sea_orm::sea_query::Value as Cell;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use super::progress::Progress;
use crate::database::Database;
use crate::halves;
use crate::layout::Layout;
use crate::load::refusal;
use crate::many::{Many, quoted};
use crate::plan::Plan;
use crate::walk::{Texts, Walk};

/// Rows that are read and written together.
const BATCH: u64 = 500;
/// Rows that the report names; all of them are counted.
const MOST_NAMED: usize = 100;

/// What became of the objects of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// The class.
    pub class: String,
    /// Rows of the source, those of earlier runs included.
    pub rows: u64,
    /// Rows that were copied, in this run or before.
    pub copied: u64,
    /// Rows that this run could not copy: the first hundred.
    pub uncopied: Vec<Uncopied>,
    /// Cells that mean nothing, and were copied as they are by this run.
    pub unreadable: u64,
}

/// A row that could not be copied.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Uncopied {
    /// Its key; empty when that cannot be read.
    pub key: String,
    /// Why; never contains a value.
    pub reason: String,
}

/// A class while it is copied.
pub(super) struct Copy<'a> {
    pub(super) from: &'a Database,
    pub(super) to: &'a Database,
    pub(super) from_plan: &'a Plan,
    pub(super) to_plan: &'a Plan,
}

impl Copy<'_> {
    pub(super) async fn run(
        &self,
        watch: &mut (dyn FnMut(&str, u64) + Send),
    ) -> Result<Copied, DbErr> {
        let name = &self.to_plan.class.name;
        let mut progress = Progress::of(self.to, name).await?;
        let mut copied = Copied { class: name.clone(), ..Copied::default() };
        let layout = Layout::new(self.to_plan, |_| true);
        let mut many = layout.insertions(self.to_plan, false);
        let (connection, plan) = (&self.from.reader, self.from_plan);
        let walk = Walk { connection, plan, texts: Texts::AsStored };
        while !progress.is_done {
            let rows = walk.rows(progress.key.as_deref(), None, BATCH).await?;
            progress.is_done = rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let last = rows.iter().rev().find_map(|row| walk.key(row));
            progress.is_done |= last.is_none();
            progress.key = last.or(progress.key);
            if self.to.backend() == DbBackend::Sqlite {
                // a file checks at once what other engines check when everything is there
                self.to.writer.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
            }
            let transaction = self.to.begin().await?;
            let written = self.write(&transaction, &walk, &layout, &mut many, &rows, &mut copied);
            progress.copied += written.await?;
            progress.rows += rows.len() as u64;
            if progress.is_done {
                self.go_on_behind(&transaction).await?;
            }
            progress.keep(&transaction, name).await?;
            transaction.commit().await?;
            watch(name, progress.rows);
            if progress.is_done {
                self.count_anew().await?;
            }
        }
        Ok(Copied { rows: progress.rows, copied: progress.copied, ..copied })
    }

    /// Writes rows; answers with how many of them.
    async fn write(
        &self,
        transaction: &DatabaseTransaction,
        walk: &Walk<'_>,
        layout: &Layout,
        many: &mut Many,
        rows: &[QueryResult],
        copied: &mut Copied,
    ) -> Result<u64, DbErr> {
        if transaction.get_database_backend() == DbBackend::MySql {
            // the key 0 is a key, too
            let mode = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')";
            transaction.execute_unprepared(mode).await?;
        }
        let mut uncopied = Vec::new();
        let (mut places, mut cells) = (Vec::new(), Vec::new());
        for (place, row) in rows.iter().enumerate() {
            match self.cells(layout, row, &mut copied.unreadable) {
                Ok(row) => {
                    places.push(place);
                    cells.push(row);
                }
                Err(reason) => uncopied.push((place, reason)),
            }
        }
        let why = |error: &DbErr| refusal(self.to_plan, error);
        let inserted = halves::insert(transaction, many, &cells, why).await?;
        let refused = inserted.refused.into_iter();
        uncopied.extend(refused.map(|(row, (_, reason))| (places[row], reason)));
        let written = rows.len() - uncopied.len();
        let room = MOST_NAMED.saturating_sub(copied.uncopied.len());
        copied.uncopied.extend(uncopied.into_iter().take(room).map(|(place, reason)| Uncopied {
            key: walk.key(&rows[place]).unwrap_or_default(),
            reason,
        }));
        Ok(written as u64)
    }

    /// The cells of a row as the target writes them. What means nothing stays as it is, where the
    /// target can hold it.
    fn cells(
        &self,
        layout: &Layout,
        row: &QueryResult,
        unreadable: &mut u64,
    ) -> Result<Vec<Cell>, String> {
        let mut cells = Vec::with_capacity(layout.columns().len());
        for place in layout.columns() {
            let from = &self.from_plan.columns[*place];
            let to = &self.to_plan.columns[*place].codec;
            let raw = from.codec.read(row, *place);
            let raw = raw.map_err(|_| format!("column `{}` cannot be read", from.name))?;
            let cell = match from.codec.value(raw.clone()) {
                Ok(value) => to.encode(&value),
                Err(_) => {
                    *unreadable += 1;
                    to.cell(raw)
                }
            };
            let cell =
                cell.ok_or_else(|| format!("column `{}` cannot hold the value", from.name))?;
            cells.push(Some(cell));
        }
        let count = match &self.from_plan.counter {
            Some(counter) => match counter.decode(row, self.from_plan.columns.len()) {
                Ok(Value::Int(count)) => count,
                _ => 0,
            },
            None => 0,
        };
        Ok(layout.complete(self.to_plan, cells, count))
    }

    /// The server learns at once how many rows it has, which decides how it searches.
    async fn count_anew(&self) -> Result<(), DbErr> {
        let backend = self.to.backend();
        let words = match backend {
            DbBackend::Postgres => "ANALYZE",
            DbBackend::MySql => "ANALYZE TABLE",
            _ => return Ok(()),
        };
        let table = self.table(backend);
        self.to.writer.execute_unprepared(&format!("{words} {table}")).await.map(drop)
    }

    /// The target's table as a statement names it.
    fn table(&self, backend: DbBackend) -> String {
        let class = &self.to_plan.class;
        let parts = class.schema.iter().chain([&class.table]);
        parts.map(|part| quoted(backend, part)).collect::<Vec<_>>().join(".")
    }

    /// New objects get keys behind the largest one. Other engines see to that by themselves.
    async fn go_on_behind(&self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let class = &self.to_plan.class;
        let is_counted = class.key_source == KeySource::Assigned;
        let Some(key) = class.single_key().filter(|_| is_counted) else { return Ok(()) };
        if transaction.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let table = self.table(DbBackend::Postgres);
        let column = quoted(DbBackend::Postgres, &key.column);
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let next = format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), \
                 GREATEST(COALESCE(MAX({column}), 1), 1), COALESCE(MAX({column}), 0) >= 1) \
             FROM {table}",
            literal(&table),
            literal(&key.column),
        );
        transaction.execute_unprepared(&next).await.map(drop)
    }
}
