//! The proof that two databases have kept the same changes: those of one unit of work stand
//! together, in the order in which they were made. Numbers and positions are of each database.

use std::cmp::Ordering;
use std::collections::VecDeque;

use caruso_database::{Catalog, TableName};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::own_tables::OF_CHANGE;
use super::verify::{Difference, Differs, MOST_NAMED, Verified};
use crate::database::Database;

/// The table.
const TABLE: &str = "caruso_change";
/// Places of the unit of work, the class and the key in [`OF_CHANGE`].
const UNIT: usize = 1;
const CLASS: usize = 7;
const KEY: usize = 8;
/// Changes that are read at once; no index knows this order, so each time all of them are sorted.
const AT_ONCE: u64 = 10_000;

/// What a change says.
type Texts = Vec<String>;

/// Compares the changes, source first; nothing where the source keeps none.
pub(super) async fn verify(
    [from, to]: [&Database; 2],
    watch: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<Option<Verified>, DbErr> {
    if !has_table(from).await? {
        return Ok(None);
    }
    let mut verified = Verified { class: TABLE.to_owned(), ..Verified::default() };
    let (mut one, mut other) = (Units::of(from), Units::of(to));
    other.is_done = !has_table(to).await?;
    let (mut here, mut there) = (one.next().await?, other.next().await?);
    loop {
        let order = match (here.first(), there.first()) {
            (None, None) => return Ok(Some(verified)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(here), Some(there)) => here[UNIT].cmp(&there[UNIT]),
        };
        match order {
            Ordering::Less => verified.compare(&here, &[]),
            Ordering::Equal => verified.compare(&here, &there),
            Ordering::Greater => verified.compare(&[], &there),
        }
        if order != Ordering::Greater {
            here = one.next().await?;
            watch(TABLE, verified.from_rows);
        }
        if order != Ordering::Less {
            there = other.next().await?;
        }
    }
}

async fn has_table(database: &Database) -> Result<bool, DbErr> {
    let name = TableName { schema: None, name: TABLE.to_owned() };
    let catalog = Catalog::read(&database.reader, Some(std::slice::from_ref(&name))).await?;
    Ok(catalog.table(&name).is_some())
}

/// The changes of one side, unit by unit.
struct Units<'a> {
    database: &'a Database,
    /// Changes of whole units.
    rows: VecDeque<Texts>,
    /// The last unit that was read.
    last: Option<String>,
    is_done: bool,
}

impl<'a> Units<'a> {
    fn of(database: &'a Database) -> Self {
        Self { database, rows: VecDeque::new(), last: None, is_done: false }
    }

    /// The changes of the next unit; none at the end.
    async fn next(&mut self) -> Result<Vec<Texts>, DbErr> {
        if self.rows.is_empty() && !self.is_done {
            self.fill().await?;
        }
        let mut unit: Vec<Texts> = Vec::new();
        while let Some(row) = self.rows.front() {
            if unit.first().is_some_and(|first| first[UNIT] != row[UNIT]) {
                break;
            }
            unit.extend(self.rows.pop_front());
        }
        Ok(unit)
    }

    async fn fill(&mut self) -> Result<(), DbErr> {
        let mut most = AT_ONCE;
        loop {
            let rows = self.read(most).await?;
            self.is_done = (rows.len() as u64) < most;
            self.rows = rows.into();
            if !self.is_done {
                // the last unit may go on behind
                let last = self.rows.back().map(|row| row[UNIT].clone());
                self.rows.retain(|row| Some(&row[UNIT]) != last.as_ref());
            }
            if self.is_done || !self.rows.is_empty() {
                self.last = self.rows.back().map(|row| row[UNIT].clone());
                return Ok(());
            }
            most *= 2;
        }
    }

    async fn read(&self, most: u64) -> Result<Vec<Texts>, DbErr> {
        let mut select = Query::select();
        select.columns(OF_CHANGE.map(Alias::new)).from(TABLE);
        if let Some(last) = &self.last {
            select.and_where(Expr::col(OF_CHANGE[UNIT]).gt(last.as_str()));
        }
        select.order_by(OF_CHANGE[UNIT], Order::Asc).order_by("id", Order::Asc).limit(most);
        let rows = self.database.reader.query_all(&select).await?;
        rows.iter().map(texts).collect()
    }
}

fn texts(row: &QueryResult) -> Result<Texts, DbErr> {
    (0..OF_CHANGE.len()).map(|index| row.try_get_by_index(index)).collect()
}

impl Verified {
    /// Counts in the changes of one unit.
    fn compare(&mut self, here: &[Texts], there: &[Texts]) {
        self.from_rows += here.len() as u64;
        self.to_rows += there.len() as u64;
        for place in 0..here.len().max(there.len()) {
            let (differs, texts, attributes) = match (here.get(place), there.get(place)) {
                (Some(here), Some(there)) if here == there => continue,
                (Some(here), Some(there)) => {
                    let pairs = OF_CHANGE.iter().zip(here.iter().zip(there));
                    let names = pairs.filter(|(_, (here, there))| here != there);
                    let names = names.map(|(name, _)| (*name).to_owned()).collect();
                    (Differs::Content, here, names)
                }
                (Some(here), None) => (Differs::Missing, here, Vec::new()),
                (None, Some(there)) => (Differs::Added, there, Vec::new()),
                (None, None) => continue,
            };
            self.differing += 1;
            if self.keys.len() < MOST_NAMED {
                let key = format!("{} {}", texts[CLASS], texts[KEY]);
                self.keys.push(Difference { key, differs, attributes });
            }
        }
    }
}
