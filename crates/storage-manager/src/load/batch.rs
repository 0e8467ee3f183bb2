//! One batch: what is asked of the database about it, and what is written.

use std::collections::BTreeMap;

use caruso_database::Failure;
use caruso_object_model::row::{Record, Refusal, refusals};
use caruso_object_model::{KeySource, UnitOfWork, key};
use sea_orm::sea_query::{Alias, LockType, Query, SelectStatement, Value as Cell};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, QueryResult};

use super::{Error, Existing, Loading, change, parts};
use crate::audit::{self, Change};
use crate::error::{self, unavailable};
use crate::halves;
use crate::lookup::rows_with;
use crate::numbers;
use crate::plan::{Column, Member, Plan, ROOT, StoredObject};
use crate::rights::Sight;
use crate::schema;
use crate::work::encode;

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Fate {
    /// A new object.
    New,
    /// A change of this object.
    Change(Box<StoredObject>),
    /// The object is as the row has it.
    Unchanged,
    /// The object is there, and the row is left out.
    Skipped,
    /// For these reasons, one or more.
    Refused(Vec<Refusal>),
}

/// What became of the rows of a batch, in their order.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) fates: Vec<Fate>,
}

/// A batch while it is loaded.
pub(super) struct Batch<'l, 'a> {
    pub(super) loading: &'l mut Loading<'a>,
    pub(super) transaction: &'l DatabaseTransaction,
    pub(super) records: &'l [Record],
    pub(super) fates: Vec<Fate>,
}

impl<'l, 'a> Batch<'l, 'a> {
    /// Loads the rows that are not refused, with audit rows and telephone numbers.
    pub(super) async fn load(
        loading: &'l mut Loading<'a>,
        transaction: &'l DatabaseTransaction,
        records: &'l [Record],
        id: String,
    ) -> Result<Outcome, Error> {
        let fates = records.iter().map(|record| match record.refusals.as_slice() {
            [] => Fate::New,
            refusals => Fate::Refused(refusals.to_vec()),
        });
        let mut batch = Self { loading, transaction, records, fates: fates.collect() };
        batch.write(id).await?;
        Ok(Outcome { fates: batch.fates })
    }

    async fn write(&mut self, id: String) -> Result<(), error::Error> {
        let failed = unavailable(&self.loading.database.name);
        self.prove().await.map_err(&failed)?;
        let (created, updated) = match self.loading.plan.class.parts.is_empty() {
            true => {
                let created = self.insert().await.map_err(&failed)?;
                (created, change::all(self).await.map_err(&failed)?)
            }
            false => parts::all(self).await?,
        };
        self.enter(id, &created, &updated).await.map_err(failed)
    }

    /// Asks what can be asked of all rows together.
    async fn prove(&mut self) -> Result<(), DbErr> {
        if self.loading.plan.class.key_source == KeySource::Given {
            self.find_existing().await?;
        }
        if self.loading.options.existing == Existing::Update {
            self.check_wholes();
        }
        self.prove_relations().await?;
        self.prove_unique().await
    }

    /// Enters telephone numbers, and who made and changed the objects.
    async fn enter(
        &self,
        id: String,
        created: &[StoredObject],
        updated: &[StoredObject],
    ) -> Result<(), DbErr> {
        let searches = &self.loading.engine.searches;
        let model = &self.loading.engine.model;
        let family: Vec<&str> = model.family(&self.loading.plan.class).collect();
        numbers::refresh_all(searches, self.transaction, &family, created, true).await?;
        numbers::refresh_all(searches, self.transaction, &family, updated, false).await?;
        self.record(id, created, updated).await
    }

    /// Enters who made and changed the objects.
    async fn record(
        &self,
        id: String,
        created: &[StoredObject],
        updated: &[StoredObject],
    ) -> Result<(), DbErr> {
        let class = &self.loading.plan.class;
        let before = self.fates.iter().filter_map(|fate| match fate {
            Fate::Change(object) => Some((object.key.as_str(), &**object)),
            _ => None,
        });
        let before: BTreeMap<&str, &StoredObject> = before.collect();
        let created = created.iter().map(|after| Change {
            operation: "create",
            class,
            before: None,
            after: Some(after),
        });
        let updated = updated.iter().map(|after| Change {
            operation: "update",
            class,
            before: before.get(after.key.as_str()).copied(),
            after: Some(after),
        });
        let changes: Vec<Change<'_>> = created.chain(updated).collect();
        let unit = UnitOfWork {
            idempotency_key: id,
            operations: Vec::new(),
            reason: "loaded from a file".to_owned(),
            contact: String::new(),
        };
        let (author, now) = (self.loading.author, self.loading.now);
        audit::record_all(self.transaction, &unit, author, now, &changes).await
    }

    fn refuse(&mut self, index: usize, name: &str, reason: impl Into<String>) {
        self.fates[index] = Fate::Refused(vec![Refusal::new(name, reason)]);
    }

    /// The rows that are not refused and not left out.
    fn alive(&self) -> impl Iterator<Item = usize> + use<> {
        let alive = self.fates.iter().enumerate();
        let alive = alive.filter(|(_, fate)| matches!(fate, Fate::New | Fate::Change(_)));
        alive.map(|(index, _)| index).collect::<Vec<_>>().into_iter()
    }

    /// The texts of some members of a row as one, and their cells; `None` where one is missing or
    /// cannot be written.
    fn tuple(&self, index: usize, members: &[&Member]) -> Option<(String, Vec<Cell>)> {
        let (mut texts, mut cells) = (Vec::new(), Vec::new());
        for member in members {
            let value = self.records[index].row.get(&member.name)?;
            let encoded = encode(self.loading.plan, member, value)?;
            cells.extend(encoded.into_iter().collect::<Option<Vec<_>>>()?);
            texts.push(value.to_string());
        }
        Some((key::join(&texts), cells))
    }

    /// Which objects are there, by the keys that the rows give; and rows with the same key.
    async fn find_existing(&mut self) -> Result<(), DbErr> {
        let plan = self.loading.plan;
        let members: Vec<&Member> =
            plan.class.keys().filter_map(|key| plan.member(&key.name)).collect();
        let mut rows: BTreeMap<String, usize> = BTreeMap::new();
        let mut tuples = Vec::new();
        for index in self.alive() {
            // of one that cannot be written, the insertion says so
            let Some((text, cells)) = self.tuple(index, &members) else { continue };
            if rows.contains_key(&text) {
                self.refuse(index, "", "a row before it has the same key");
                continue;
            }
            rows.insert(text, index);
            tuples.push(cells);
        }
        let existing = self.loading.options.existing;
        let sight = Sight::default();
        let mut select = plan.select(&sight);
        let has_one = plan.class.parts.is_empty();
        if existing == Existing::Update && has_one && plan.backend != DbBackend::Sqlite {
            select.lock(LockType::Update);
        }
        let columns: Vec<&Column> = plan.key_columns().collect();
        for row in rows_with(self.transaction, &select, &columns, &tuples).await? {
            let object = plan.object(&row, &sight);
            let Some(index) = rows.get(&object.key).copied() else { continue };
            match existing {
                Existing::Refuse => self.refuse(index, "", "there is an object with this key"),
                Existing::Skip => self.fates[index] = Fate::Skipped,
                Existing::Update => self.fates[index] = Fate::Change(Box::new(object)),
            }
        }
        self.refuse_taken(&rows, &tuples).await
    }

    /// Refuses new objects whose key is that of an object in another table of their abstract class.
    async fn refuse_taken(
        &mut self,
        rows: &BTreeMap<String, usize>,
        tuples: &[Vec<Cell>],
    ) -> Result<(), DbErr> {
        let (engine, class) = (self.loading.engine, &self.loading.plan.class);
        let base = engine.model.bases(class).find(|base| base.is_abstract);
        let Some(base) = base.and_then(|base| engine.plans.get(&base.name)) else { return Ok(()) };
        let (sight, columns) = (Sight::default(), base.key_columns().collect::<Vec<_>>());
        for row in rows_with(self.transaction, &base.select(&sight), &columns, tuples).await? {
            let index = rows.get(&base.object(&row, &sight).key).copied();
            if let Some(index) = index.filter(|index| matches!(self.fates[*index], Fate::New)) {
                let reason = format!("there is a {} with this key", base.class.name);
                self.refuse(index, "", reason);
            }
        }
        Ok(())
    }

    /// Whether the objects can be as they would be in the end; those that broke a constraint
    /// before may still do so.
    fn check_wholes(&mut self) {
        let (model, class) = (&self.loading.engine.model, &self.loading.plan.class);
        for index in self.alive() {
            let row = &self.records[index].row;
            let found = match &self.fates[index] {
                Fate::Change(before) => {
                    let known = refusals(model, class, &before.attributes, &[]);
                    let after = change::after(&self.loading.columns, before, row);
                    let found = refusals(model, class, &after, &[]).into_iter();
                    found.filter(|it| !known.contains(it)).collect()
                }
                _ => refusals(model, class, row, &[]),
            };
            if !found.is_empty() {
                self.fates[index] = Fate::Refused(found);
            }
        }
    }

    /// Every relation leads to an object that is there, or comes with this batch.
    async fn prove_relations(&mut self) -> Result<(), DbErr> {
        let (engine, plan) = (self.loading.engine, self.loading.plan);
        for member in &plan.members {
            let Some(target) = member.target.as_ref().and_then(|it| engine.plans.get(it)) else {
                continue;
            };
            if target.class.wrapper.is_some() {
                // a wrapper is asked for a thousand objects, not for millions
                continue;
            }
            let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for index in self.alive() {
                if let Some(value) = self.records[index].row.get(&member.name) {
                    rows.entry(value.to_string()).or_default().push(index);
                }
            }
            if target.class.name == plan.class.name {
                for index in self.alive() {
                    rows.remove(&self.key_of(index));
                }
            }
            let tuples: Vec<_> = rows.keys().filter_map(|key| target.key_cells(key)).collect();
            let columns: Vec<&Column> = target.key_columns().collect();
            let select = select(target, &columns);
            let found = match engine.databases.get(&target.class.database) {
                Some(database) if database.name != self.loading.database.name => {
                    rows_with(&database.reader, &select, &columns, &tuples).await?
                }
                _ => rows_with(self.transaction, &select, &columns, &tuples).await?,
            };
            for row in found {
                rows.remove(&text(&columns, &row).unwrap_or_default());
            }
            let reason = format!("there is no {} with this key", target.class.name);
            for index in rows.into_values().flatten() {
                self.refuse(index, &member.name, &reason);
            }
        }
        Ok(())
    }

    fn key_of(&self, index: usize) -> String {
        let row = &self.records[index].row;
        let parts = self.loading.plan.class.keys().map(|key| row.get(&key.name));
        let parts = parts.map(|part| part.map(ToString::to_string).unwrap_or_default());
        key::join(&parts.collect::<Vec<_>>())
    }

    /// No new object has what another one has of what is unique. Of what only differs in its
    /// writing, and of changes, the database says so.
    async fn prove_unique(&mut self) -> Result<(), DbErr> {
        let plan = self.loading.plan;
        for names in plan.class.unique() {
            let members: Vec<&Member> = names.iter().filter_map(|it| plan.member(it)).collect();
            let mut rows: BTreeMap<String, usize> = BTreeMap::new();
            let mut tuples = Vec::new();
            let said = names.join("`, `");
            for index in self.alive() {
                let is_new = matches!(self.fates[index], Fate::New);
                let Some((text, cells)) = self.tuple(index, &members).filter(|_| is_new) else {
                    continue;
                };
                if rows.contains_key(&text) {
                    self.refuse(index, &names[0], format!("a row before it has the same `{said}`"));
                    continue;
                }
                rows.insert(text, index);
                tuples.push(cells);
            }
            let columns: Vec<&Column> =
                members.iter().flat_map(|member| plan.columns_of(member)).collect();
            let select = select(plan, &columns);
            for row in rows_with(self.transaction, &select, &columns, &tuples).await? {
                let index = members_text(&members, plan, &row);
                let index = index.and_then(|text| rows.get(&text).copied());
                if let Some(index) = index {
                    self.refuse(index, &names[0], format!("there is one with this `{said}`"));
                }
            }
        }
        Ok(())
    }

    /// Inserts the new objects; where the database refuses them, by halves, until the guilty ones
    /// are found. Answers with the objects as they are then.
    async fn insert(&mut self) -> Result<Vec<StoredObject>, DbErr> {
        let plan = self.loading.plan;
        let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
        for index in self.alive() {
            if !matches!(self.fates[index], Fate::New) {
                continue;
            }
            match self.loading.layout.cells(plan, &self.records[index].row) {
                Ok(cells) => rows.push((index, cells)),
                Err(member) => {
                    self.refuse(index, &member.name, "the column cannot hold this value");
                }
            }
        }
        let cells: Vec<Vec<Cell>> =
            rows.iter_mut().map(|(_, cells)| std::mem::take(cells)).collect();
        let why = |error: &DbErr| refusal(plan, error);
        let many = &mut self.loading.rows;
        let inserted = halves::insert(self.transaction, many, &cells, why).await?;
        for (row, (name, reason)) in inserted.refused {
            self.refuse(rows[row].0, &name, reason);
        }
        let sight = Sight::default();
        Ok(inserted.answers.iter().map(|row| plan.object(row, &sight)).collect())
    }
}

/// What the database says against a row, in words of the model: a member and a reason. `None` when
/// it is nothing about the row.
pub(crate) fn refusal(plan: &Plan, error: &DbErr) -> Option<(String, String)> {
    let reason = match Failure::of(error) {
        Failure::Duplicate(said) => {
            let Some(names) = schema::not_unique(&plan.class, &said) else {
                let reason = "there is one with this key, or with what no two may share";
                return Some((String::new(), reason.to_owned()));
            };
            let reason = format!("there is one with this `{}`", names.join("`, `"));
            return Some((names.first().cloned().unwrap_or_default(), reason));
        }
        Failure::Reference => "a relation leads to no object",
        Failure::Missing => "the database wants a value that is not given",
        Failure::Check => "a condition of the database does not hold",
        Failure::Value => "the database cannot hold one of the values",
        _ => return None,
    };
    Some((String::new(), reason.to_owned()))
}

/// Some columns of a class.
fn select(plan: &Plan, columns: &[&Column]) -> SelectStatement {
    let mut select = Query::select();
    select.columns(columns.iter().map(|column| (ROOT, Alias::new(&column.name))));
    select.from(plan.table().alias(ROOT)).take()
}

/// The values of members in a row of their columns as one text.
fn members_text(members: &[&Member], plan: &Plan, row: &QueryResult) -> Option<String> {
    let mut place = 0;
    let mut texts = Vec::with_capacity(members.len());
    for member in members {
        let columns = plan.columns_of(member).iter().enumerate();
        let values: Vec<_> =
            columns.map(|(index, column)| column.codec.decode(row, place + index)).collect();
        place += values.len();
        texts.push(member.value(&values, None).ok()?.to_string());
    }
    Some(key::join(&texts))
}

/// The values in a row of [`select`] as one text.
fn text(columns: &[&Column], row: &QueryResult) -> Option<String> {
    let part = |(index, column): (usize, &&Column)| {
        Some(column.codec.decode(row, index).ok()?.to_string())
    };
    let parts: Option<Vec<String>> = columns.iter().enumerate().map(part).collect();
    parts.map(|parts| key::join(&parts))
}
