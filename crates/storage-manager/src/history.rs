//! Who changed an object, when and why, as our own tables have it.

use std::collections::BTreeMap;

use caruso_expression::Value;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{DbErr, QueryResult};

use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;
use crate::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};
use crate::plan::Plan;

/// One change of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When it was applied.
    pub at: Timestamp,
    /// `create`, `update` or `delete`.
    pub operation: String,
    /// The component, and the user for whom it did it.
    pub actor: String,
    /// As the unit of work gave it.
    pub reason: String,
    /// As the unit of work gave it.
    pub contact: String,
    /// The revision that the object had then; empty when it was deleted.
    pub revision: String,
    /// Values that were no longer the same, as they were before.
    pub before: BTreeMap<String, Value>,
    /// The same as they were then.
    pub after: BTreeMap<String, Value>,
}

/// A page of changes, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The changes.
    pub changes: Vec<Change>,
    /// For the next page; empty on the last one.
    pub next_page_token: String,
}

impl Engine {
    /// The changes that were applied to an object, whether it is still there or not.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownClass`], [`Error::PageSize`], [`Error::PageToken`], [`Error::Unavailable`].
    pub async fn history(
        &self,
        class: &str,
        key: &str,
        page_size: u32,
        page_token: &str,
    ) -> Result<Changes, Error> {
        let plan = self.plan(class)?;
        let size = match page_size {
            0 => DEFAULT_PAGE_SIZE,
            size @ 1..=MAX_PAGE_SIZE => size,
            _ => return Err(Error::PageSize),
        };
        let mut select = Query::select()
            .columns([
                "id",
                "applied_at",
                "operation",
                "actor",
                "reason",
                "contact",
                "revision",
                "values_before",
                "values_after",
            ])
            .from("caruso_change")
            .and_where(Expr::col("object_class").is_in(self.model.family(&plan.class)))
            .and_where(Expr::col("object_key").eq(key))
            .order_by("id", Order::Desc)
            .limit(u64::from(size) + 1)
            .take();
        if !page_token.is_empty() {
            let before: i64 = page_token.parse().map_err(|_| Error::PageToken)?;
            select.and_where(Expr::col("id").lt(before));
        }
        let withheld = self.withheld(plan, key).await?;
        // what was changed as an object of another class may have more than this one
        let is_kind = self.model.family(&plan.class).nth(1).is_some();
        let is_of_class = |name: &str| !is_kind || plan.class.member(name).is_some();
        let database = self.own_tables(plan)?;
        let failed = unavailable(&database.name);
        let mut rows = database.own_rows(&select).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let last: Option<i64> =
            rows.last().map(|row| row.try_get_by_index(0)).transpose().map_err(&failed)?;
        let changes = rows.iter().map(change).collect::<Result<Vec<_>, _>>();
        let mut changes = changes.map_err(&failed)?;
        for change in &mut changes {
            let is_seen =
                |name: &String, _: &mut Value| is_of_class(name) && !withheld.contains(name);
            change.before.retain(is_seen);
            change.after.retain(is_seen);
        }
        let token = last.filter(|_| has_more).map(|last| last.to_string());
        Ok(Changes { changes, next_page_token: token.unwrap_or_default() })
    }
}

impl Engine {
    /// The attributes of an object that the user may not see. Of one that is gone, those that are
    /// not seen in every object; where not every object is seen, it was never there.
    async fn withheld(&self, plan: &Plan, key: &str) -> Result<Vec<String>, Error> {
        let sight = self.view().sight(plan)?;
        if sight.row.is_none() && sight.members.is_empty() {
            return Ok(Vec::new());
        }
        match self.read(&plan.class.name, key).await {
            Ok(object) => Ok(object.withheld),
            Err(Error::NotFound(_)) if sight.row.is_none() => {
                Ok(sight.members.into_iter().map(|(name, _)| name).collect())
            }
            Err(error) => Err(error),
        }
    }
}

fn change(row: &QueryResult) -> Result<Change, DbErr> {
    let text = |index| row.try_get_by_index::<String>(index);
    let values = |index| Ok::<_, DbErr>(json::to_attributes(&text(index)?).unwrap_or_default());
    Ok(Change {
        at: text(1)?.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        operation: text(2)?,
        actor: text(3)?,
        reason: text(4)?,
        contact: text(5)?,
        revision: text(6)?,
        before: values(7)?,
        after: values(8)?,
    })
}
