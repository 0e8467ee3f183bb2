//! The index of telephone numbers where others change objects: what a class says was changed is
//! looked at every few seconds, and everything is compared at the start and twice a day.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_expression::Value;
use jiff::{SignedDuration, Timestamp};

use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::numbers::Search;
use crate::page::{Order, Query};

/// How often it is looked for changes.
const PERIOD: Duration = Duration::from_secs(10);
/// How far back it is looked again: clocks differ, and transactions take their time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// How often everything is compared.
const COMPARED: Duration = Duration::from_secs(12 * 60 * 60);
/// Objects that are compared in one transaction.
const BATCH: u32 = 200;

impl Engine {
    /// Keeps the index of telephone numbers until it is dropped.
    pub async fn keep_numbers(self) {
        loop {
            match self.compare_numbers().await {
                Ok(0) => {}
                Ok(mended) => tracing::info!(mended, "telephone numbers had been changed"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "not compared")
                }
            }
            let next = tokio::time::Instant::now() + COMPARED;
            let mut since = Timestamp::now();
            while tokio::time::Instant::now() < next {
                tokio::time::sleep(PERIOD).await;
                let now = Timestamp::now();
                match self.follow_numbers(since - OVERLAP).await {
                    Ok(_) => since = now,
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "changes are looked for later");
                    }
                }
            }
        }
    }

    /// Compares all objects that have telephone numbers with the index, and mends it; answers with
    /// how many entries were wrong or missing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`]; what was mended until then stays so.
    pub async fn compare_numbers(&self) -> Result<usize, Error> {
        let mut mended = 0;
        for search in &self.searches {
            mended += self.mend_pages(search, String::new(), BTreeMap::new(), Vec::new()).await?;
            mended += self.mend_index(search).await?;
        }
        Ok(mended)
    }

    /// Looks at what was changed since an instant, where classes say so; answers with how many
    /// entries were wrong or missing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn follow_numbers(&self, since: Timestamp) -> Result<usize, Error> {
        let mut mended = 0;
        for search in &self.searches {
            let class = &search.plan.class;
            let Some(changed_at) = class.changed_at.map(|place| &class.attributes()[place]) else {
                continue;
            };
            let since = match changed_at.ty {
                // a day that has begun anywhere
                caruso_object_model::AttributeType::Date => {
                    let day = since - SignedDuration::from_hours(24);
                    Value::Date(day.to_zoned(jiff::tz::TimeZone::UTC).date())
                }
                _ => Value::Instant(since),
            };
            let filter = format!("{} ge argument.since", changed_at.name);
            let order = vec![Order { attribute: changed_at.name.clone(), is_descending: false }];
            let arguments = BTreeMap::from([("since".to_owned(), since)]);
            mended += self.mend_pages(search, filter, arguments, order).await?;
        }
        Ok(mended)
    }

    /// Mends the entries of all objects that satisfy a filter.
    async fn mend_pages(
        &self,
        search: &Search,
        filter: String,
        arguments: BTreeMap<String, Value>,
        order: Vec<Order>,
    ) -> Result<usize, Error> {
        let database = self.database(&search.plan)?;
        let class = search.plan.class.name.clone();
        let mut query = Query { class, filter, arguments, order, ..Query::default() };
        (query.page_size, query.allows_scan) = (BATCH, true);
        let mut mended = 0;
        loop {
            let page = self.query_as(&query, |seen| seen.key).await?;
            let count = search.mend(database, &page.objects).await;
            mended += count.map_err(unavailable(&database.name))?;
            query.page_token = page.next_page_token;
            if query.page_token.is_empty() {
                return Ok(mended);
            }
        }
    }

    /// Mends the entries that the index has, of objects that may be gone.
    async fn mend_index(&self, search: &Search) -> Result<usize, Error> {
        let database = self.database(&search.plan)?;
        let failed = unavailable(&database.name);
        let (mut mended, mut last) = (0, String::new());
        loop {
            let keys = search.indexed_after(&database.own, &last).await.map_err(&failed)?;
            let Some(behind) = keys.last() else { return Ok(mended) };
            last.clone_from(behind);
            for keys in keys.chunks(usize::try_from(BATCH).unwrap_or(usize::MAX)) {
                mended += search.mend(database, keys).await.map_err(&failed)?;
            }
        }
    }
}
