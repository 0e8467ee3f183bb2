//! Reading: one object, a page of objects.

use sea_orm::ConnectionTrait;

use crate::compile::compile;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::filter;
use crate::page::{Ordering, Page, Query};
use crate::plan::StoredObject;

impl Engine {
    /// One object by its key.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::NotFound`], [`Error::Unavailable`].
    pub async fn read(&self, class: &str, key: &str) -> Result<StoredObject, Error> {
        let plan = self.plan(class)?;
        let not_found = || Error::NotFound(class.to_owned());
        let select = plan.select_one(key).ok_or_else(not_found)?;
        let database = self.database(plan)?;
        let row = database.reader.query_one(&select).await;
        let row = row.map_err(unavailable(&database.name))?;
        row.map(|row| plan.object(&row)).ok_or_else(not_found)
    }

    /// A page of objects.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::UnknownAttribute`], [`Error::Filter`],
    /// [`Error::PageSize`], [`Error::PageToken`], [`Error::Unavailable`].
    pub async fn query(&self, query: &Query) -> Result<Page, Error> {
        let plan = self.plan(&query.class)?;
        let size = query.size()?;
        let ordering = Ordering::new(plan, &query.order)?;
        let mut select = plan.select();
        if !query.filter.is_empty() {
            let checked =
                filter::checked(&self.model, &plan.class, &query.filter, &query.arguments)?;
            select.and_where(compile(&self.model, &plan.class, &checked)?);
        }
        if let Some(place) = query.place(&self.digest)? {
            select.and_where(ordering.behind(&place)?);
        }
        ordering.apply(&mut select);
        // one more than the page holds tells whether there is a next one
        select.limit(u64::from(size) + 1);
        let database = self.database(plan)?;
        let rows = database.reader.query_all(&select).await;
        let mut rows = rows.map_err(unavailable(&database.name))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let mut next_page_token = String::new();
        if let Some(last) = rows.last()
            && has_more
        {
            let first_term = plan.columns.len() + 1;
            let place = ordering.place(last, first_term).ok_or_else(|| {
                Error::Filter(vec!["the order goes by a cell that cannot be read".into()])
            })?;
            next_page_token = query.token(&self.digest, &place);
        }
        let objects = rows.iter().map(|row| plan.object(row)).collect();
        Ok(Page { objects, next_page_token })
    }
}
