//! The index of telephone numbers: which object owns which number, as E.164.
//!
//! It stands in our own tables, is built when a model is opened for the first time, kept by every
//! unit of work in its own transaction, and mended where others change objects (`upkeep`). What is
//! no telephone number is left out and counted, never guessed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use caruso_expression::{Budget, Checked, Value};
use caruso_object_model::phone::{self, Country, normalize};
use caruso_object_model::{Model, key};
use sea_orm::sea_query::{
    Alias, ConditionalStatement, Expr, ExprTrait, LockType, Order, Query, SelectStatement,
    Value as Cell,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};

use crate::compile::View;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::many::{Many, Written};
use crate::page::{Ordering, Place};
use crate::plan::{Column, Plan, ROOT, StoredObject};

/// The most objects that a number finds.
pub(crate) const MAX_FOUND: u64 = 20;
/// Rows read at once when the index is built.
const BATCH: u64 = 500;
/// Rows written at once.
const MANY: usize = 500;
/// The longest key that our own tables hold, in characters.
const MAX_KEY: usize = 255;

/// What a telephone number found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The number as E.164.
    pub normalized: String,
    /// The objects that own it, by class and key; at most 20.
    pub objects: Vec<StoredObject>,
}

/// An attribute whose telephone numbers are found.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) plan: Plan,
    attribute: String,
    /// The text.
    column: Column,
    /// Class and columns of the object that is found: another one, or the same.
    owner: String,
    owner_columns: Vec<Column>,
    when: Option<Expr>,
}

impl Search {
    /// The searches of a model.
    pub(crate) fn all(model: &Model, view: View<'_>) -> Result<Vec<Self>, Error> {
        let mut searches = Vec::new();
        for class in model.classes() {
            let Some(plan) = view.plans.get(&class.name) else { continue };
            for attribute in class.attributes() {
                let Some(search) = &attribute.search else { continue };
                let Some(member) = plan.member(&attribute.name) else { continue };
                let owner = search.owner.as_ref().and_then(|name| plan.member(name));
                let compiled = |when: &Checked| view.compile(plan, when);
                searches.push(Self {
                    plan: plan.clone(),
                    attribute: attribute.name.clone(),
                    column: plan.columns[member.columns.start].clone(),
                    owner: owner.and_then(|it| it.target.as_ref()).unwrap_or(&class.name).clone(),
                    owner_columns: match owner {
                        Some(owner) => plan.columns_of(owner).to_vec(),
                        None => plan.key_columns().cloned().collect(),
                    },
                    when: {
                        let when = search.when.as_ref().map(compiled).transpose()?;
                        let leads = owner.and_then(|owner| plan.is_kind(ROOT, owner));
                        when.into_iter().chain(leads).reduce(Expr::and)
                    },
                });
            }
        }
        Ok(searches)
    }

    /// Key, owner's key and text of the rows that have a number.
    fn select(&self) -> SelectStatement {
        let expr = |column: &Column| Expr::col((ROOT, Alias::new(&column.name)));
        let mut select = Query::select();
        select.exprs(self.plan.key_columns().chain(&self.owner_columns).map(expr));
        select.expr(expr(&self.column));
        select.from(self.plan.table().alias(ROOT));
        for column in self.owner_columns.iter().chain([&self.column]) {
            select.and_where(expr(column).is_not_null());
        }
        if let Some(when) = &self.when {
            select.and_where(when.clone());
        }
        select
    }

    /// What a row of [`Search::select`] enters into the index; `None` when it holds no number.
    fn entry(&self, row: &QueryResult) -> Option<Entry> {
        let part = |(index, column): (usize, &Column)| {
            let value = column.codec.decode(row, index).ok()?;
            (!value.is_null()).then(|| value.to_string())
        };
        let columns: Vec<&Column> = self.plan.key_columns().chain(&self.owner_columns).collect();
        let parts = columns.iter().copied().enumerate().map(part).collect::<Option<Vec<_>>>()?;
        let (key, owner) = parts.split_at(self.plan.key.len());
        let text = self.column.codec.decode(row, columns.len()).ok()?;
        let (key, owner) = (key::join(key), key::join(owner));
        Entry::new(key, owner, text.as_text()?, self.plan.class.country)
    }

    /// What an object enters into the index; the evaluator says what a row's condition says.
    fn entry_of(&self, object: &StoredObject) -> Option<Entry> {
        let member = self.plan.class.attributes().iter().find(|it| it.name == self.attribute)?;
        let search = member.search.as_ref()?;
        let text = object.attributes.get(&self.attribute)?.as_text()?;
        if let Some(when) = &search.when
            && when.evaluate(&object.attributes, Budget::default()) != Ok(Value::Bool(true))
        {
            return None;
        }
        let owner_key = match &search.owner {
            Some(owner) => object.attributes.get(owner)?.to_string(),
            None => object.key.clone(),
        };
        Entry::new(object.key.clone(), owner_key, text, self.plan.class.country)
    }

    /// Enters rows, as many at once as a statement takes.
    async fn enter(&self, own: &impl ConnectionTrait, entries: &[Entry]) -> Result<(), DbErr> {
        if entries.is_empty() {
            return Ok(());
        }
        let columns =
            ["object_class", "attribute", "owner_class", "object_key", "number", "owner_key"];
        let columns = columns.map(|name| Written { name: name.to_owned(), cast: None });
        let backend = own.get_database_backend();
        let many = Many::new(backend, &["caruso_phone_number"], columns.to_vec());
        let constants = [&self.plan.class.name, &self.attribute, &self.owner];
        let constants = constants.map(|text| Cell::from(text.as_str())).to_vec();
        let rows = entries.iter().map(|entry| {
            [&entry.key, &entry.number, &entry.owner_key].map(|it| it.as_str().into()).to_vec()
        });
        let statement = many.with_constants(constants).statement(rows);
        own.execute_raw(statement).await.map(drop)
    }

    /// The entries of some objects, as they are now; none for one that has no number.
    async fn entries(
        &self,
        objects: &impl ConnectionTrait,
        keys: &[String],
        lock: Option<LockType>,
    ) -> Result<Vec<Entry>, DbErr> {
        let cells = keys.iter().filter_map(|key| self.plan.key_cells(key));
        let Some(is_one) = self.plan.has_one_of(cells) else { return Ok(Vec::new()) };
        let mut select = self.select();
        select.and_where(is_one);
        if let Some(lock) = lock {
            select.lock(lock);
        }
        let rows = objects.query_all(&select).await?;
        Ok(rows.iter().filter_map(|row| self.entry(row)).collect())
    }

    /// Makes the index say of some objects what they say now; answers with how many entries were
    /// not so.
    pub(crate) async fn mend(&self, database: &Database, keys: &[String]) -> Result<usize, DbErr> {
        // mostly all is as it should be, which is seen without holding anything
        let entries = self.entries(&database.reader, keys, None).await?;
        let known = self.known(&database.own, keys).await?;
        if known.iter().collect::<HashSet<_>>() == entries.iter().collect() {
            return Ok(0);
        }
        let own = database.begin_unit().await?;
        let entries = if database.is_owned {
            // nobody changes them between reading and entering
            let is_file = database.backend() == DbBackend::Sqlite;
            self.entries(&own, keys, (!is_file).then_some(LockType::Share)).await?
        } else {
            self.entries(&database.reader, keys, None).await?
        };
        let known = self.known(&own, keys).await?;
        let [as_known, as_is] = [&known, &entries].map(|it| it.iter().collect::<HashSet<_>>());
        let is_known = |entry: &&Entry| as_known.contains(entry);
        let wrong = known.iter().filter(|known| !as_is.contains(known));
        let wrong: Vec<&str> = wrong.map(|entry| entry.key.as_str()).collect();
        let missing: Vec<Entry> = entries.iter().filter(|it| !is_known(it)).cloned().collect();
        if !wrong.is_empty() {
            let delete = self.of_index(Query::delete().from_table("caruso_phone_number"), &wrong);
            own.execute(&delete).await?;
        }
        self.enter(&own, &missing).await?;
        own.commit().await?;
        let mended: BTreeSet<&str> =
            wrong.into_iter().chain(missing.iter().map(|entry| entry.key.as_str())).collect();
        Ok(mended.len())
    }

    /// What the index says of some objects.
    async fn known(
        &self,
        own: &impl ConnectionTrait,
        keys: &[String],
    ) -> Result<Vec<Entry>, DbErr> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut select = Query::select();
        select.columns(["object_key", "owner_key", "number"]).from("caruso_phone_number");
        let select = self.of_index(&mut select, &keys);
        let rows = own.query_all(&select).await?;
        let entry = |row: &QueryResult| {
            let text = |index| row.try_get_by_index::<String>(index);
            Ok(Entry { key: text(0)?, owner_key: text(1)?, number: text(2)? })
        };
        rows.iter().map(entry).collect()
    }

    /// A statement over the index, of some objects of this search.
    fn of_index<S: ConditionalStatement + Clone>(&self, statement: &mut S, keys: &[&str]) -> S {
        statement
            .and_where(Expr::col("object_class").eq(self.plan.class.name.as_str()))
            .and_where(Expr::col("attribute").eq(self.attribute.as_str()))
            .and_where(Expr::col("object_key").is_in(keys.iter().copied()))
            .clone()
    }

    /// Keys in the index behind one of them, in their order, at most a batch.
    pub(crate) async fn indexed_after(
        &self,
        own: &impl ConnectionTrait,
        key: &str,
    ) -> Result<Vec<String>, DbErr> {
        let select = Query::select()
            .column("object_key")
            .from("caruso_phone_number")
            .and_where(Expr::col("object_class").eq(self.plan.class.name.as_str()))
            .and_where(Expr::col("attribute").eq(self.attribute.as_str()))
            .and_where(Expr::col("object_key").gt(key))
            .order_by("object_key", Order::Asc)
            .limit(BATCH)
            .take();
        let rows = own.query_all(&select).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Enters all rows of the class anew, in the order of their keys.
    async fn rebuild(
        &self,
        objects: &impl ConnectionTrait,
        own: &impl ConnectionTrait,
    ) -> Result<(), DbErr> {
        let ordering = Ordering::by_key(&self.plan);
        let first_term = self.plan.key.len() + self.owner_columns.len() + 1;
        let mut last: Option<Place> = None;
        let (mut entered, mut left_out) = (0, 0);
        loop {
            let mut select = self.select();
            ordering.apply(&mut select);
            select.limit(BATCH);
            if let Some(behind) = last.take().and_then(|last| ordering.behind(&last, None).ok()) {
                select.and_where(behind);
            }
            let rows = objects.query_all(&select).await?;
            let entries: Vec<Entry> = rows.iter().filter_map(|row| self.entry(row)).collect();
            self.enter(own, &entries).await?;
            entered += entries.len();
            left_out += rows.len() - entries.len();
            last = rows.last().and_then(|row| ordering.place(row, first_term));
            if last.is_none() || rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        let (class, attribute) = (&self.plan.class.name, &self.attribute);
        tracing::info!(class, attribute, entered, left_out, "telephone numbers indexed");
        Ok(())
    }
}

/// A row of the index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    key: String,
    owner_key: String,
    number: String,
}

impl Entry {
    /// `None` when the text is no number, or a key is longer than our tables hold.
    fn new(key: String, owner_key: String, text: &str, country: Country) -> Option<Self> {
        let number = normalize(text, country).ok()?.as_str().to_owned();
        let is_fitting = [&key, &owner_key].iter().all(|key| key.chars().count() <= MAX_KEY);
        is_fitting.then_some(Self { key, owner_key, number })
    }
}

/// Builds the index of a database anew: objects are read on one connection, entries written on
/// another (the same one where the database is owned).
pub(crate) async fn rebuild(
    searches: &[Search],
    database: &Database,
    objects: &impl ConnectionTrait,
    own: &impl ConnectionTrait,
) -> Result<(), DbErr> {
    own.execute(Query::delete().from_table("caruso_phone_number")).await?;
    for search in searches.iter().filter(|search| search.plan.class.database == database.name) {
        search.rebuild(objects, own).await?;
    }
    Ok(())
}

/// Enters the numbers of one object anew, after it was changed; as one of each class of its family.
pub(crate) async fn refresh(
    searches: &[Search],
    objects: &impl ConnectionTrait,
    own: &impl ConnectionTrait,
    family: &[&str],
    key: &str,
) -> Result<(), DbErr> {
    let is_of_family = |search: &&Search| family.contains(&search.plan.class.name.as_str());
    for search in searches.iter().filter(is_of_family) {
        let (plan, class) = (&search.plan, search.plan.class.name.as_str());
        let delete = Query::delete()
            .from_table("caruso_phone_number")
            .and_where(Expr::col("object_class").eq(class))
            .and_where(Expr::col("object_key").eq(key))
            .and_where(Expr::col("attribute").eq(search.attribute.as_str()))
            .take();
        own.execute(&delete).await?;
        let Some(cells) = plan.key_cells(key) else { continue };
        let select = search.select().and_where(plan.has_key(Some(ROOT), cells)).take();
        let row = objects.query_one(&select).await?;
        let entry = row.and_then(|row| search.entry(&row));
        search.enter(own, entry.as_slice()).await?;
    }
    Ok(())
}

/// Enters the numbers of many objects of a class as they are, in the transaction that changed them;
/// of new ones there is nothing to be taken out.
pub(crate) async fn refresh_all(
    searches: &[Search],
    own: &impl ConnectionTrait,
    family: &[&str],
    objects: &[StoredObject],
    are_new: bool,
) -> Result<(), DbErr> {
    let is_of_family = |search: &&Search| family.contains(&search.plan.class.name.as_str());
    for search in searches.iter().filter(is_of_family) {
        let class = search.plan.class.name.as_str();
        for objects in objects.chunks(MANY) {
            if !are_new {
                let keys = objects.iter().map(|object| object.key.as_str());
                let delete = Query::delete()
                    .from_table("caruso_phone_number")
                    .and_where(Expr::col("object_class").eq(class))
                    .and_where(Expr::col("object_key").is_in(keys))
                    .and_where(Expr::col("attribute").eq(search.attribute.as_str()))
                    .take();
                own.execute(&delete).await?;
            }
            let entries = objects.iter().filter_map(|object| search.entry_of(object));
            search.enter(own, &entries.collect::<Vec<_>>()).await?;
        }
    }
    Ok(())
}

impl Engine {
    /// The objects that own a telephone number, written in any way.
    ///
    /// # Errors
    ///
    /// [`Error::Number`], [`Error::Unavailable`].
    pub async fn find_by_number(&self, number: &str) -> Result<Found, Error> {
        let (normalized, numbers) = self.normalized(number)?;
        let mut objects = Vec::new();
        for database in self.databases.values() {
            let failed = unavailable(&database.name);
            let select = Query::select()
                .distinct()
                .columns(["owner_class", "owner_key"])
                .from("caruso_phone_number")
                .and_where(Expr::col("number").is_in(numbers.iter().map(phone::Number::as_str)))
                .order_by("owner_class", Order::Asc)
                .order_by("owner_key", Order::Asc)
                .limit(MAX_FOUND)
                .take();
            let mut owners = BTreeMap::<String, Vec<String>>::new();
            for row in database.own_rows(&select).await? {
                let class = row.try_get_by_index(0).map_err(&failed)?;
                let key = row.try_get_by_index(1).map_err(&failed)?;
                owners.entry(class).or_default().push(key);
            }
            for (class, keys) in owners {
                objects.extend(self.read_keys(self.plan(&class)?, &keys, None).await?);
            }
        }
        objects.truncate(usize::try_from(MAX_FOUND).unwrap_or(usize::MAX));
        Ok(Found { normalized, objects })
    }

    /// The number as each country of the searched classes reads it; the first is shown.
    fn normalized(&self, number: &str) -> Result<(String, BTreeSet<phone::Number>), Error> {
        let mut countries: Vec<Country> = Vec::new();
        for search in &self.searches {
            if !countries.contains(&search.plan.class.country) {
                countries.push(search.plan.class.country);
            }
        }
        let mut shown = None;
        let mut first_error = None;
        let mut numbers = BTreeSet::new();
        for country in countries {
            match normalize(number, country) {
                Ok(number) => {
                    shown.get_or_insert_with(|| number.as_str().to_owned());
                    numbers.insert(number);
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        match (shown, first_error) {
            (Some(shown), _) => Ok((shown, numbers)),
            (None, Some(error)) => Err(Error::Number(error)),
            // a model without telephone numbers finds nobody
            (None, None) => Ok((String::new(), numbers)),
        }
    }
}
