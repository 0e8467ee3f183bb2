//! All rows of a table, in batches, so that no statement runs for long.

use caruso_database::{DatabaseConnection, dialect};
use caruso_object_model::Class;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::tally::Tally;
use super::{ClassReport, Options, why};
use crate::live::{Held, Live};
use crate::statement;

/// Rows of a batch; few in tests, so that there are many batches.
const BATCH: u64 = if cfg!(test) { 7 } else { 5_000 };

/// Reads the rows of a class and counts.
///
/// # Errors
///
/// The connection is lost.
pub(super) async fn class(
    connection: &DatabaseConnection,
    live: &Live<'_>,
    kinds: &[&Class],
    options: Options,
    progress: &mut impl FnMut(&str, u64),
) -> Result<ClassReport, DbErr> {
    let mut report = ClassReport::of(live);
    let mut tally = Tally::new(live, kinds);
    let mut scan = Scan::of(live);
    loop {
        let left = options.sample.map_or(BATCH, |sample| sample.saturating_sub(report.rows));
        let limit = std::cmp::min(BATCH, left);
        if limit == 0 {
            break;
        }
        let rows = match connection.query_all(&scan.select(limit)).await {
            Ok(rows) => rows,
            Err(error) => {
                report.failed = Some(why(error)?);
                break;
            }
        };
        rows.iter().for_each(|row| tally.see(row));
        let read = rows.len() as u64;
        report.rows += read;
        progress(&live.class.name, report.rows);
        if read < limit {
            report.is_whole = true;
            break;
        }
        scan.go_on(&rows);
    }
    tally.end(&mut report);
    Ok(report)
}

/// Where the next batch begins.
enum From {
    /// Behind the row of this key. Only where no two rows have the same key, and none lacks it.
    After(Vec<Cell>),
    /// Behind so many rows.
    Skipped(u64),
}

struct Scan<'l, 'a> {
    live: &'l Live<'a>,
    /// The key's columns; none where the key does not fit.
    key: Vec<&'l Held<'a>>,
    from: From,
    read: u64,
}

impl<'l, 'a> Scan<'l, 'a> {
    fn of(live: &'l Live<'a>) -> Self {
        Self { live, key: live.key().unwrap_or_default(), from: From::Skipped(0), read: 0 }
    }

    /// Remembers where these rows end.
    fn go_on(&mut self, rows: &[QueryResult]) {
        self.read += rows.len() as u64;
        let is_strict = !self.key.is_empty()
            && self.live.is_key_declared()
            && self.key.iter().all(|key| !key.column.is_nullable);
        let cells = || rows.last().filter(|_| is_strict).and_then(|row| self.cells(row));
        self.from = match cells() {
            Some(cells) => From::After(cells),
            None => From::Skipped(self.read),
        };
    }

    /// The key of a row; nothing where a cell of it is not of its column's type.
    fn cells(&self, row: &QueryResult) -> Option<Vec<Cell>> {
        let place = |held: &Held<'_>| {
            let attributes = &self.live.attributes;
            let place = attributes.iter().position(|it| it.attribute.id == held.attribute.id);
            place.map(|place| self.live.place(place))
        };
        let cells = self.key.iter().map(|held| {
            let raw = held.codec.read(row, place(held)?).ok()?;
            held.codec.cell(raw)
        });
        cells.collect()
    }

    fn select(&self, limit: u64) -> SelectStatement {
        let mut select = Query::select();
        for column in self.live.columns() {
            select.column(Alias::new(&column.name));
        }
        for (column, _) in self.live.relations.iter().flat_map(|led| &led.columns) {
            select.column(Alias::new(&column.name));
        }
        for key in &self.key {
            select.order_by(Alias::new(&key.column.name), Order::Asc);
        }
        match &self.from {
            From::Skipped(0) => {}
            From::Skipped(rows) => {
                select.offset(*rows);
            }
            From::After(cells) => {
                select.and_where(self.after(cells));
            }
        }
        select.from(statement::table(&self.live.table.name)).limit(limit).take()
    }

    /// The rows behind this key: `a >= 1 AND (a > 1 OR (a = 1 AND b > 2))`, whose first part lets
    /// every engine begin at the right place of an index.
    fn after(&self, cells: &[Cell]) -> Expr {
        let column = |at: usize| Expr::col(Alias::new(&self.key[at].column.name));
        let value = |at: usize| dialect::parameter(&self.key[at].codec, cells[at].clone());
        let mut behind: Option<Expr> = None;
        for at in (0..cells.len()).rev() {
            let greater = column(at).gt(value(at));
            behind = Some(match behind {
                None => greater,
                Some(rest) => greater.or(column(at).eq(value(at)).and(rest)),
            });
        }
        let behind = behind.expect("a key has a column");
        if cells.len() > 1 { column(0).gte(value(0)).and(behind) } else { behind }
    }
}
