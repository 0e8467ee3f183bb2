//! Reading: one object, a page of objects.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::Statement;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query as Select};

use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::federation::{Found, Reached};
use crate::filter::{self, Filter};
use crate::page::{Ordering, Page, Place, Query};
use crate::plan::{Plan, ROOT, Seen, StoredObject};
use crate::prepared::{Given, Prepared, QueryShape, Shape, Slots};
use crate::wrapped::{Held, Wanted};

/// The most keys of a request.
pub(crate) const MAX_KEYS: usize = 1_000;
/// Keys that one statement asks for.
const KEYS_AT_ONCE: usize = 200;
/// Counting ends here.
const MAX_COUNT: u32 = 10_000;

impl Engine {
    /// One object by its key.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::NotFound`], [`Error::Unavailable`].
    pub async fn read(&self, class: &str, key: &str) -> Result<StoredObject, Error> {
        self.read_as(class, key, |seen| seen.stored()).await
    }

    /// The same, made of what stands in its row.
    pub(crate) async fn read_as<T>(
        &self,
        class: &str,
        key: &str,
        make: impl Fn(Seen<'_>) -> T,
    ) -> Result<T, Error> {
        let plan = self.plan(class)?;
        let not_found = || Error::NotFound(class.to_owned());
        let shape = Shape { class: class.to_owned(), query: None };
        let prepared = match self.rights.prepared(&shape) {
            Some(prepared) => prepared,
            None => {
                let (sight, slots) = (self.view().sight(plan)?, Slots::default());
                let select = plan.select_any(&sight, &slots);
                let prepared = Prepared::new(plan.backend, select, slots, sight, None);
                self.rights.keep(shape, prepared)
            }
        };
        let given = Given { key: Some(key), ..Given::default() };
        let statement = prepared.statement(&given).ok_or_else(not_found)?;
        let keys = [key.to_owned()];
        let held = self.held(plan, &Wanted::keys(&keys)).await?;
        let row = held.all(statement).await?.into_iter().next();
        // where the database takes two texts for equal, the key may be another one
        let row = row.ok_or_else(not_found)?;
        let seen = Some(held.seen(plan, &row, &prepared.sight));
        seen.filter(|seen| seen.key == key).map(make).ok_or_else(not_found)
    }

    /// Objects of a class by key, in the order of the keys; where there is none, its key. At most
    /// [`MAX_KEYS`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::Filter`] for too many keys, [`Error::Unavailable`].
    pub async fn read_many(
        &self,
        class: &str,
        keys: &[String],
    ) -> Result<(Vec<StoredObject>, Vec<String>), Error> {
        let plan = self.plan(class)?;
        if keys.len() > MAX_KEYS {
            return Err(Error::Filter(vec![format!("at most {MAX_KEYS} keys at once")]));
        }
        let found = self.read_keys(plan, keys, None).await?;
        let mut found: HashMap<String, StoredObject> =
            found.into_iter().map(|object| (object.key.clone(), object)).collect();
        let mut times = HashMap::<&str, usize>::with_capacity(keys.len());
        keys.iter().for_each(|key| *times.entry(key).or_default() += 1);
        let (mut objects, mut missing) = (Vec::with_capacity(found.len()), Vec::new());
        for key in keys {
            // who asks twice gets a copy
            let object = match times.get(key.as_str()) {
                Some(1) => found.remove(key),
                _ => found.get(key).cloned(),
            };
            match object {
                Some(object) => objects.push(object),
                None => missing.push(key.clone()),
            }
        }
        Ok((objects, missing))
    }

    /// The objects of these keys that satisfy a condition, in the order of the class's key.
    pub(crate) async fn read_keys(
        &self,
        plan: &Plan,
        keys: &[String],
        condition: Option<Expr>,
    ) -> Result<Vec<StoredObject>, Error> {
        let (ordering, sight) = (Ordering::by_key(plan), self.view().sight(plan)?);
        let mut objects = Vec::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let cells = keys.iter().filter_map(|key| plan.key_cells(key));
            let Some(is_one) = plan.has_one_of(cells) else { continue };
            let mut select = plan.select(&sight);
            select.and_where(is_one);
            condition.iter().for_each(|condition| {
                select.and_where(condition.clone());
            });
            ordering.order(&mut select);
            let held = self.held(plan, &Wanted::keys(keys)).await?;
            let rows = held.select(&select).await?;
            let found = rows.iter().map(|row| held.object(plan, row, &sight));
            // where the database takes two texts for equal, the key may be another one
            let wanted: HashSet<&str> = keys.iter().map(String::as_str).collect();
            objects.extend(found.filter(|object| wanted.contains(object.key.as_str())));
        }
        Ok(objects)
    }

    /// A page of objects.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::UnknownAttribute`], [`Error::Filter`],
    /// [`Error::PageSize`], [`Error::PageToken`], [`Error::TooExpensive`], [`Error::Unavailable`].
    pub async fn query(&self, query: &Query) -> Result<Page, Error> {
        self.query_as(query, |seen| seen.stored()).await
    }

    /// The same, each object made of what stands in its row.
    pub(crate) async fn query_as<T>(
        &self,
        query: &Query,
        make: impl Fn(Seen<'_>) -> T,
    ) -> Result<Page<T>, Error> {
        let plan = self.plan(&query.class)?;
        let size = query.size()?;
        let place = query.place(&self.digest)?;
        let asked = Asked { plan, query, place: place.as_ref() };
        let (prepared, statement) = self.page_statement(&asked, u64::from(size) + 1).await?;
        let held = self.held_for(&asked).await?;
        let mut rows = held.all(statement).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let mut next_page_token = String::new();
        if let (Some(last), Some(ordering), true) = (rows.last(), &prepared.ordering, has_more) {
            let place = ordering.place(last, plan.width(&prepared.sight)).ok_or_else(|| {
                Error::Filter(vec!["the order goes by a cell that cannot be read".into()])
            })?;
            next_page_token = query.token(&self.digest, &place);
        }
        let count = match query.wants_count {
            true => Some(self.count(&asked, &held).await?),
            false => None,
        };
        let objects = rows.iter().map(|row| make(held.seen(plan, row, &prepared.sight)));
        Ok(Page { objects: objects.collect(), next_page_token, count })
    }

    /// Where the objects are that a query is about.
    async fn held_for<'q>(&'q self, asked: &Asked<'q>) -> Result<Held<'q>, Error> {
        let plan = asked.plan;
        if plan.class.wrapper.is_none() {
            return self.held(plan, &Wanted::default()).await;
        }
        let filter = self.filter(asked)?;
        let elsewhere = self.elsewhere(asked, filter.as_ref()).await?;
        let filter = filter.as_ref().map(|filter| (&filter.checked, &elsewhere.found));
        let wanted = Wanted { keys: None, filter, link: elsewhere.link.as_ref() };
        self.held(plan, &wanted).await
    }

    /// The statement of a page: one that is kept for requests of this shape, or, where the values
    /// of this one do not fit in as they are, one of its own.
    async fn page_statement(
        &self,
        asked: &Asked<'_>,
        limit: u64,
    ) -> Result<(Arc<Prepared>, Statement), Error> {
        let shape = asked.shape();
        let given = Given {
            key: asked.query.link.as_ref().map(|link| link.key.as_str()),
            arguments: Some(&asked.query.arguments),
            place: asked.place,
            limit,
        };
        if let Some(prepared) = self.rights.prepared(&shape)
            && let Some(statement) = prepared.statement(&given)
        {
            return Ok((prepared, statement));
        }
        let filter = self.filter(asked)?;
        let elsewhere = self.elsewhere(asked, filter.as_ref()).await?;
        if elsewhere.is_empty(asked) {
            let slots = Some(Slots::default());
            let (prepared, is_for_all) = self.prepare(asked, filter.as_ref(), &elsewhere, slots)?;
            if is_for_all && let Some(statement) = prepared.statement(&given) {
                return Ok((self.rights.keep(shape, prepared), statement));
            }
        }
        let (prepared, _) = self.prepare(asked, filter.as_ref(), &elsewhere, None)?;
        let statement = prepared.statement(&Given { limit, ..Given::default() });
        let statement = statement.ok_or(Error::PageToken)?;
        Ok((Arc::new(prepared), statement))
    }

    /// Makes the statement of a page; with slots, for all requests of this shape if the answer says
    /// so, else for this one alone.
    fn prepare(
        &self,
        asked: &Asked<'_>,
        filter: Option<&Filter<'_>>,
        elsewhere: &Elsewhere<'_>,
        slots: Option<Slots>,
    ) -> Result<(Prepared, bool), Error> {
        let Asked { plan, query, place } = *asked;
        let sight = self.view().sight(plan)?;
        let ordering = Ordering::new(plan, &query.order, &sight)?;
        if !query.allows_scan {
            let filter = filter.map(|filter| (&filter.checked, &elsewhere.found));
            self.served(plan, filter, query.link.as_ref(), Some(&query.order))?;
        }
        let mut select = plan.select(&sight);
        let condition = self.condition(asked, filter, elsewhere, slots.as_ref())?;
        condition.into_iter().for_each(|condition| {
            select.and_where(condition);
        });
        if let Some(place) = place {
            select.and_where(ordering.behind(place, slots.as_ref())?);
        }
        ordering.apply(&mut select);
        let slots = slots.unwrap_or_default();
        let is_for_all = filter.is_none_or(|filter| slots.arguments() == filter.arguments);
        let prepared = Prepared::new(plan.backend, select, slots, sight, Some(ordering));
        Ok((prepared, is_for_all))
    }

    fn filter<'q>(&self, asked: &Asked<'q>) -> Result<Option<Filter<'q>>, Error> {
        let query = asked.query;
        match query.filter.as_str() {
            "" => Ok(None),
            text => {
                let class = &asked.plan.class;
                filter::checked(&self.model, class, text, &query.arguments).map(Some)
            }
        }
    }

    /// What other databases say to the filter and the link of a query.
    async fn elsewhere<'q>(
        &'q self,
        asked: &Asked<'q>,
        filter: Option<&Filter<'_>>,
    ) -> Result<Elsewhere<'q>, Error> {
        let (plan, query) = (asked.plan, asked.query);
        let found = match filter {
            Some(filter) => self.found(plan, &filter.checked, query.allows_scan).await?,
            None => Found::default(),
        };
        let link = match &query.link {
            Some(link) => Some(self.reached(plan, link, query.allows_scan).await?),
            None => None,
        };
        Ok(Elsewhere { found, link })
    }

    /// What the filter and the link of a query say.
    fn condition(
        &self,
        asked: &Asked<'_>,
        filter: Option<&Filter<'_>>,
        elsewhere: &Elsewhere<'_>,
        slots: Option<&Slots>,
    ) -> Result<Option<Expr>, Error> {
        let (view, plan) = (self.view(), asked.plan);
        let filter = filter.map(|filter| match slots {
            Some(slots) => view.compile_with(plan, filter, slots),
            None => view.compile_found(plan, &filter.checked, &elsewhere.found),
        });
        let link = elsewhere.link.as_ref().map(|link| view.link(plan, link, slots));
        let conditions = filter.into_iter().chain(link).collect::<Result<Vec<_>, _>>()?;
        Ok(conditions.into_iter().reduce(Expr::and))
    }

    /// How many objects satisfy a query; counting ends at [`MAX_COUNT`].
    async fn count(&self, asked: &Asked<'_>, held: &Held<'_>) -> Result<u32, Error> {
        let plan = asked.plan;
        let filter = self.filter(asked)?;
        let elsewhere = self.elsewhere(asked, filter.as_ref()).await?;
        let condition = self.condition(asked, filter.as_ref(), &elsewhere, None)?;
        let condition = condition.into_iter().chain(self.view().sight(plan)?.row);
        let mut rows = Select::select();
        rows.expr_as(Expr::cust("1"), "r").from(plan.table().alias(ROOT));
        condition.for_each(|condition| {
            rows.and_where(condition);
        });
        rows.limit(u64::from(MAX_COUNT));
        let count = Func::cust("COUNT").arg(Expr::cust("*"));
        let select = Select::select().expr(count).from_subquery(rows, "rows").take();
        let failed = unavailable(&plan.class.database);
        let row = held.select(&select).await?.into_iter().next();
        let count: Option<i64> =
            row.map(|row| row.try_get_by_index(0)).transpose().map_err(&failed)?;
        Ok(count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0))
    }
}

/// What other databases say to a query.
struct Elsewhere<'a> {
    found: Found,
    link: Option<Reached<'a>>,
}

impl Elsewhere<'_> {
    /// True when all of a query is about one database.
    fn is_empty(&self, asked: &Asked<'_>) -> bool {
        let link = asked.query.link.as_ref().map(|link| link.path.as_str());
        self.found.is_empty() && self.link.as_ref().map(|link| link.path) == link
    }
}

/// A query with what it is about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    plan: &'a Plan,
    query: &'a Query,
    place: Option<&'a Place>,
}

impl Asked<'_> {
    fn shape(&self) -> Shape {
        let query = self.query;
        let arguments = query.arguments.iter().map(|(name, value)| (name.clone(), value.kind()));
        let shape = QueryShape {
            filter: query.filter.clone(),
            arguments: arguments.collect(),
            order: query.order.clone(),
            path: query.link.as_ref().map(|link| link.path.clone()),
            place: self.place.map(Place::missing),
            allows_scan: query.allows_scan,
        };
        Shape { class: query.class.clone(), query: Some(shape) }
    }
}
