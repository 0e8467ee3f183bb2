//! The proof that two databases have the same objects: hashes of rows, summed up by ranges of keys.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use super::Error;
use crate::canonical::{self, Hash};
use crate::database::Database;
use crate::error::unavailable;
use crate::plan::{Plan, StoredObject};
use crate::rights::Sight;
use crate::walk::{Texts, Walk};

/// Keys of a range.
const RANGE: usize = 1_000;
/// Rows that are read at once where no index knows their order: each time all of them are sorted.
const UNSORTED: u64 = 10_000;
/// Keys and ranges that the report names; all keys are counted.
pub(super) const MOST_NAMED: usize = 100;

/// How the objects of a class compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// The class.
    pub class: String,
    /// Objects in the source.
    pub from_rows: u64,
    /// Objects in the target.
    pub to_rows: u64,
    /// Keys whose objects differ, or that only one side has.
    pub differing: u64,
    /// Cells of the source that mean nothing; they are compared by what stands in them.
    pub unreadable: u64,
    /// Ranges of keys of the source in which something differs: the first hundred.
    pub ranges: Vec<Span>,
    /// The keys: the first hundred.
    pub keys: Vec<Difference>,
}

/// A range of keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Span {
    /// The first key that either side has.
    pub first: String,
    /// The last one.
    pub last: String,
    /// Keys in it that differ.
    pub differing: u64,
}

/// A key whose objects differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The key; empty when it cannot be read.
    pub key: String,
    /// How.
    pub differs: Differs,
    /// The attributes and relations that are not the same; none where only the count of changes
    /// is not.
    pub attributes: Vec<String>,
}

/// How objects of a key differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Differs {
    /// Both sides have one.
    Content,
    /// The target has none.
    Missing,
    /// Only the target has one.
    Added,
}

/// One side.
type Ended<'a> = (&'a Database, &'a Plan);

/// Rows of one side, by key, and their sum.
#[derive(Debug, Default)]
struct Sums {
    rows: Vec<(String, Hash)>,
    unreadable: u64,
}

/// Compares the objects of a class, source first.
pub(super) async fn class(
    name: &str,
    [from, to]: [Ended<'_>; 2],
    watch: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<Verified, Error> {
    let [from, to] = [from, to].map(|(database, plan)| Walk {
        connection: &database.reader,
        plan,
        texts: Texts::Exactly,
    });
    let failed = unavailable(name);
    let mut verified = Verified { class: from.plan.class.name.clone(), ..Verified::default() };
    let most = if from.is_indexed() && to.is_indexed() { RANGE as u64 } else { UNSORTED };
    let mut after: Option<String> = None;
    let mut next = Some(page(&from, None, most).await.map_err(&failed)?);
    while let Some((rows, until)) = next.take() {
        let is_last = until.is_none();
        if is_last && rows.rows.len() as u64 == most {
            return Err(Error::Keys(verified.class));
        }
        // the next rows of the source come while those of the target do
        let ahead = async {
            match &until {
                Some(until) => page(&from, Some(until), most).await.map(Some),
                None => Ok(None),
            }
        };
        let there = between(&to, after.as_deref(), until.as_deref(), most);
        let (ahead, there) = futures::future::try_join(ahead, there).await.map_err(&failed)?;
        verified.unreadable += rows.unreadable;
        verified.add(&rows.rows, &there.rows);
        watch(&verified.class, verified.from_rows);
        (after, next) = (until, ahead);
    }
    for difference in verified.keys.iter_mut().filter(|it| it.differs == Differs::Content) {
        difference.attributes = attributes(&from, &to, &difference.key).await.map_err(&failed)?;
    }
    Ok(verified)
}

/// The next rows of the source, and the last key among them; `None` when no more come.
async fn page(
    walk: &Walk<'_>,
    after: Option<&str>,
    most: u64,
) -> Result<(Sums, Option<String>), DbErr> {
    let rows = walk.rows(after, None, most).await?;
    let mut sums = Sums::default();
    sums.extend(walk, &rows);
    let is_last = (rows.len() as u64) < most;
    // what comes behind the last key that can be read is read again
    while !is_last && sums.rows.last().is_some_and(|(key, _)| key.is_empty()) {
        sums.rows.pop();
    }
    let until = sums.rows.last().filter(|_| !is_last).map(|(key, _)| key.clone());
    Ok((sums, until))
}

/// All rows of the target behind one key and up to another.
async fn between(
    walk: &Walk<'_>,
    after: Option<&str>,
    until: Option<&str>,
    most: u64,
) -> Result<Sums, DbErr> {
    let mut sums = Sums::default();
    let mut last = after.map(str::to_owned);
    loop {
        let rows = walk.rows(last.as_deref(), until, most + 1).await?;
        sums.extend(walk, &rows);
        last = rows.iter().rev().find_map(|row| walk.key(row));
        if rows.len() as u64 <= most || last.is_none() {
            return Ok(sums);
        }
    }
}

impl Sums {
    fn extend(&mut self, walk: &Walk<'_>, rows: &[sea_orm::QueryResult]) {
        let mut buffer = Vec::new();
        self.rows.extend(rows.iter().map(|row| {
            let canonical = canonical::of(walk.plan, row, &mut buffer);
            self.unreadable += u64::from(canonical.unreadable);
            (walk.key(row).unwrap_or_default(), canonical.hash)
        }));
    }
}

impl Verified {
    /// Counts rows of both sides in that are between the same keys.
    fn add(&mut self, from: &[(String, Hash)], to: &[(String, Hash)]) {
        self.from_rows += from.len() as u64;
        self.to_rows += to.len() as u64;
        if from.len() == to.len() && sum(from) == sum(to) {
            return;
        }
        let there: BTreeMap<&str, &Hash> =
            to.iter().map(|(key, hash)| (key.as_str(), hash)).collect();
        let known: BTreeSet<&str> = from.iter().map(|(key, _)| key.as_str()).collect();
        let mut added = to.iter().filter(|(key, _)| !known.contains(key.as_str())).peekable();
        for range in from.chunks(RANGE) {
            let found = range.iter().filter_map(|(key, hash)| {
                let differs = match there.get(key.as_str()) {
                    Some(other) if *other == hash => return None,
                    Some(_) => Differs::Content,
                    None => Differs::Missing,
                };
                Some((key.clone(), differs))
            });
            self.range(range, found.collect());
        }
        if added.peek().is_some() {
            let added: Vec<_> = added.map(|(key, _)| (key.clone(), Differs::Added)).collect();
            self.range(if from.is_empty() { to } else { from }, added);
        }
    }

    fn range(&mut self, rows: &[(String, Hash)], found: Vec<(String, Differs)>) {
        let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else { return };
        if found.is_empty() {
            return;
        }
        let differing = found.len() as u64;
        self.differing += differing;
        if self.ranges.len() < MOST_NAMED {
            self.ranges.push(Span { first: first.clone(), last: last.clone(), differing });
        }
        let room = MOST_NAMED.saturating_sub(self.keys.len());
        self.keys.extend(found.into_iter().take(room).map(|(key, differs)| Difference {
            key,
            differs,
            attributes: Vec::new(),
        }));
    }
}

/// The sum of hashes, whatever their order.
fn sum(rows: &[(String, Hash)]) -> [u64; 4] {
    let mut sum = [0_u64; 4];
    for (_, hash) in rows {
        for (part, bytes) in sum.iter_mut().zip(hash.chunks_exact(8)) {
            let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            *part = part.wrapping_add(number);
        }
    }
    sum
}

/// What is not the same of the objects of a key.
async fn attributes(from: &Walk<'_>, to: &Walk<'_>, key: &str) -> Result<Vec<String>, DbErr> {
    let (Some(one), Some(other)) = (object(from, key).await?, object(to, key).await?) else {
        return Ok(Vec::new());
    };
    let differs = |name: &str| {
        let values = [&one, &other].map(|object| object.attributes.get(name));
        let marks = [&one, &other].map(|object| object.unreadable.iter().any(|it| it == name));
        values[0] != values[1] || marks.contains(&true)
    };
    let names = from.plan.members.iter().map(|member| member.name.as_str());
    Ok(names.filter(|name| differs(name)).map(str::to_owned).collect())
}

async fn object(walk: &Walk<'_>, key: &str) -> Result<Option<StoredObject>, DbErr> {
    let sight = Sight::default();
    let Some(select) = walk.plan.select_one(key, &sight) else { return Ok(None) };
    let row = walk.connection.query_one(&select).await?;
    Ok(row.map(|row| walk.plan.object(&row, &sight)))
}
