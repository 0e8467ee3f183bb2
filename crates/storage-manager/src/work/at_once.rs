//! An object that is read, held and changed by one statement, which gives it back as it was and as
//! it is: on PostgreSQL, where nothing has to be looked at in between.

use std::collections::BTreeMap;

use caruso_database::DbBackend;
use caruso_expression::Value;
use caruso_object_model::Revision;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, IntoIden as _, LockType, Query, TableRef, UpdateStatement,
};

use super::{At, Work, updated};
use crate::error::Error;
use crate::plan::{Plan, StoredObject};
use crate::rights::Sight;

/// The name of the object as it is held, beside the table.
const HELD: &str = "caruso_held";

impl<T: ConnectionTrait> Work<'_, T> {
    /// Changes an object that is still the one that was read; answers with it before and after.
    /// `None`, with nothing changed, where that takes a look in between, or the object is not there
    /// or no longer the one that was read: who looks finds out what it is.
    pub(super) async fn change_at_once(
        &self,
        at: At<'_>,
        key: &str,
        revision: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<Option<(StoredObject, StoredObject)>, Error> {
        let plan = at.plan;
        let is_ruled = self.engine.user.is_some() && !plan.class.rules().is_empty();
        if is_ruled || plan.backend != DbBackend::Postgres || !self.gives_back(plan) {
            return Ok(None);
        }
        let Some(change) = change(plan, key, revision, attributes) else { return Ok(None) };
        let Some(row) = self.given_back(at, &change).await? else { return Ok(None) };
        let (sight, behind) = (Sight::default(), plan.width(&Sight::default()));
        let (after, before) = (plan.object(&row, &sight), plan.seen(&row, behind, &sight).stored());
        Ok(Some((before, after)))
    }
}

/// The change of an object if a column counts its changes and has this count. The object as it is
/// held stands beside the table under names that no column has.
fn change(
    plan: &Plan,
    key: &str,
    revision: &str,
    attributes: &BTreeMap<String, Value>,
) -> Option<UpdateStatement> {
    let Revision::Column(counter) = &plan.class.revision else { return None };
    let count = revision.parse::<i64>().ok().filter(|count| count.to_string() == revision)?;
    // what empties one of several relations in the same columns depends on what the object has
    let is_shared = |name: &String| plan.member(name).is_some_and(|it| it.kind.is_some());
    if attributes.iter().any(|(name, value)| value.is_null() && is_shared(name)) {
        return None;
    }
    let stored = plan.columns.iter().map(|column| column.stored.as_str()).chain([&**counter]);
    let before = |place: usize| Alias::new(format!("caruso_before_{place}"));
    let mut held = Query::select();
    for (place, name) in stored.clone().enumerate() {
        held.expr_as(Expr::col(Alias::new(name)), before(place));
    }
    let cells = plan.key_cells(key)?;
    let known = Func::coalesce([Expr::col(Alias::new(counter)), Expr::cust("0")]);
    held.from(plan.part(0))
        .and_where(plan.has_key(None, cells.clone()))
        .and_where(Expr::from(known).eq(count))
        .lock(LockType::Update);
    let was = (0..stored.clone().count()).map(|place| Expr::col((HELD, before(place))));
    let is = stored.map(|name| Expr::col(Alias::new(name)));
    let mut change = updated(plan, 0, cells, attributes)?;
    change
        .from(TableRef::SubQuery(Box::new(held), Alias::new(HELD).into_iden()))
        .returning(Query::returning().exprs(is.chain(was)));
    Some(change)
}
