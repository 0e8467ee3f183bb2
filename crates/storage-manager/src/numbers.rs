//! The index of telephone numbers: which object owns which number, as E.164.
//!
//! It stands in our own tables, is built when the engine opens (so that what others changed
//! meanwhile is found again) and kept by every unit of work in its own transaction. What is no
//! telephone number is left out and counted, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Checked, Value};
use caruso_object_model::phone::{self, Country, normalize};
use caruso_object_model::{Class, Model};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::codec;
use crate::compile::compile;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::plan::{Plan, ROOT, StoredObject};

/// The most objects that a number finds.
pub(crate) const MAX_FOUND: u64 = 20;
/// Rows read at once when the index is built.
const BATCH: u64 = 500;

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
    class: Class,
    attribute: String,
    column: String,
    /// Class and column of the relation to the object that is found.
    owner: Option<(String, String)>,
    when: Option<Expr>,
}

impl Search {
    /// The searches of a model.
    pub(crate) fn all(model: &Model) -> Result<Vec<Self>, Error> {
        let mut searches = Vec::new();
        for class in model.classes() {
            for attribute in class.attributes() {
                let Some(search) = &attribute.search else { continue };
                let compiled = |when: &Checked| compile(model, class, when);
                let owner = search.owner.as_ref().and_then(|name| {
                    let relation = class.to_one().iter().find(|it| it.name == *name)?;
                    Some((relation.class.clone(), relation.column.clone()))
                });
                searches.push(Self {
                    class: class.clone(),
                    attribute: attribute.name.clone(),
                    column: attribute.column.clone(),
                    owner,
                    when: search.when.as_ref().map(compiled).transpose()?,
                });
            }
        }
        Ok(searches)
    }

    /// Key, text and owner of the rows that have a number.
    fn select(&self) -> SelectStatement {
        let column = |name: &str| Expr::col((ROOT, Alias::new(name)));
        let key = self.class.key().column.as_str();
        let owner = self.owner.as_ref().map_or(key, |(_, column)| column);
        let mut select = Query::select();
        select.exprs([column(key), column(&self.column), column(owner)]);
        select.from_as(Alias::new(&self.class.table), ROOT);
        select.and_where(column(&self.column).is_not_null());
        select.and_where(column(owner).is_not_null());
        if let Some(when) = &self.when {
            select.and_where(when.clone());
        }
        select
    }

    fn key_column(&self) -> Expr {
        Expr::col((ROOT, Alias::new(&self.class.key().column)))
    }

    /// Enters a row of [`Search::select`]; false when it holds no number.
    async fn enter(&self, own: &impl ConnectionTrait, row: &QueryResult) -> Result<bool, DbErr> {
        let key_type = &self.class.key().ty;
        let cells = (
            codec::decode(key_type, row, 0),
            codec::text_cell(row, 1),
            // keys of both classes are read as they come: text, else a number
            codec::text_cell(row, 2)
                .or_else(|_| codec::number_cell(row, 2).map(|key| key.map(|key| key.to_string()))),
        );
        let (Ok(key), Ok(Some(text)), Ok(Some(owner_key))) = cells else { return Ok(false) };
        let Ok(number) = normalize(&text, self.class.country) else { return Ok(false) };
        let owner_class = self.owner.as_ref().map_or(&self.class.name, |(class, _)| class);
        let insert = Query::insert()
            .into_table("caruso_number")
            .columns(["class", "key", "attribute", "number", "owner_class", "owner_key"])
            .values_panic([
                self.class.name.as_str().into(),
                key.to_string().into(),
                self.attribute.as_str().into(),
                number.as_str().into(),
                owner_class.as_str().into(),
                owner_key.into(),
            ])
            .take();
        own.execute(&insert).await?;
        Ok(true)
    }

    /// Enters all rows of the class anew.
    async fn rebuild(
        &self,
        objects: &impl ConnectionTrait,
        own: &impl ConnectionTrait,
    ) -> Result<(), DbErr> {
        let mut last: Option<Cell> = None;
        let (mut entered, mut left_out) = (0_u64, 0_u64);
        loop {
            let mut select = self.select();
            select.order_by_expr(self.key_column(), Order::Asc).limit(BATCH);
            if let Some(last) = last.take() {
                select.and_where(self.key_column().gt(last));
            }
            let rows = objects.query_all(&select).await?;
            for row in &rows {
                if self.enter(own, row).await? {
                    entered += 1;
                } else {
                    left_out += 1;
                }
            }
            let key = rows.last().and_then(|row| codec::decode(&self.class.key().ty, row, 0).ok());
            last = key.and_then(|key| codec::encode(&self.class.key().ty, &key));
            if last.is_none() || rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        let (class, attribute) = (&self.class.name, &self.attribute);
        tracing::info!(class, attribute, entered, left_out, "telephone numbers indexed");
        Ok(())
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
    own.execute(Query::delete().from_table("caruso_number")).await?;
    for search in searches.iter().filter(|search| search.class.database == database.name) {
        search.rebuild(objects, own).await?;
    }
    Ok(())
}

/// Enters the numbers of one object anew, in the transaction that changed it.
pub(crate) async fn refresh(
    searches: &[Search],
    own: &impl ConnectionTrait,
    class: &str,
    key: &str,
) -> Result<(), DbErr> {
    for search in searches.iter().filter(|search| search.class.name == class) {
        let delete = Query::delete()
            .from_table("caruso_number")
            .and_where(Expr::col("class").eq(class))
            .and_where(Expr::col("key").eq(key))
            .and_where(Expr::col("attribute").eq(search.attribute.as_str()))
            .take();
        own.execute(&delete).await?;
        let Some(cell) = codec::encode(&search.class.key().ty, &Value::from(key)) else { continue };
        let select = search.select().and_where(search.key_column().eq(cell)).take();
        if let Some(row) = own.query_one(&select).await? {
            search.enter(own, &row).await?;
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
                .from("caruso_number")
                .and_where(Expr::col("number").is_in(numbers.iter().map(phone::Number::as_str)))
                .order_by("owner_class", Order::Asc)
                .order_by("owner_key", Order::Asc)
                .limit(MAX_FOUND)
                .take();
            let mut owners = BTreeMap::<String, Vec<String>>::new();
            for row in database.own.query_all(&select).await.map_err(&failed)? {
                let class = row.try_get_by_index(0).map_err(&failed)?;
                let key = row.try_get_by_index(1).map_err(&failed)?;
                owners.entry(class).or_default().push(key);
            }
            for (class, keys) in owners {
                objects.extend(self.read_all(database, &class, &keys).await?);
            }
        }
        objects.truncate(usize::try_from(MAX_FOUND).unwrap_or(usize::MAX));
        Ok(Found { normalized, objects })
    }

    /// The number as each country of the searched classes reads it; the first is shown.
    fn normalized(&self, number: &str) -> Result<(String, BTreeSet<phone::Number>), Error> {
        let mut countries: Vec<Country> = Vec::new();
        for search in &self.searches {
            if !countries.contains(&search.class.country) {
                countries.push(search.class.country);
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

    async fn read_all(
        &self,
        database: &Database,
        class: &str,
        keys: &[String],
    ) -> Result<Vec<StoredObject>, Error> {
        let plan: &Plan = self.plan(class)?;
        let key = plan.class.key();
        let cells = keys.iter().map(|text| Value::from(text.as_str()));
        let cells: Vec<Cell> = cells.filter_map(|text| codec::encode(&key.ty, &text)).collect();
        let column = Expr::col((ROOT, Alias::new(&key.column)));
        let mut select = plan.select();
        select.and_where(column.clone().is_in(cells)).order_by_expr(column, Order::Asc);
        let rows = database.reader.query_all(&select).await.map_err(unavailable(&database.name))?;
        Ok(rows.iter().map(|row| plan.object(row)).collect())
    }
}
