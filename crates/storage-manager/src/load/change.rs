//! Rows whose objects are there: these get the attributes that the file has.

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::Row;
use caruso_object_model::row::Refusal;
use sea_orm::sea_query::{UpdateStatement, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use super::batch::{Batch, Fate, refusal};
use crate::lookup::rows_with;
use crate::plan::{Column, StoredObject};
use crate::rights::Sight;
use crate::work::{encode, updated};

/// The object as it is with a row of these columns.
pub(super) fn after(columns: &[String], before: &StoredObject, row: &Row) -> Row {
    let mut after = before.attributes.clone();
    for name in columns {
        match row.get(name) {
            Some(value) => after.insert(name.clone(), value.clone()),
            None => after.remove(name),
        };
    }
    after
}

/// Changes the objects of a batch that are there; answers with those that were changed, as they
/// are then.
pub(super) async fn all(batch: &mut Batch<'_, '_>) -> Result<Vec<StoredObject>, DbErr> {
    let plan = batch.loading.plan;
    let mut keys: Vec<Vec<Cell>> = Vec::new();
    for index in 0..batch.records.len() {
        let Fate::Change(before) = &batch.fates[index] else { continue };
        let row = &batch.records[index].row;
        let changed = changed(&batch.loading.columns, before, row);
        if changed.is_empty() {
            batch.fates[index] = Fate::Unchanged;
            continue;
        }
        let wrong = plan.members.iter().find(|member| {
            changed.get(&member.name).is_some_and(|it| encode(plan, member, it).is_none())
        });
        let cells = plan.key_cells(&before.key);
        let refused = match (wrong, cells) {
            (Some(member), _) => Some((member.name.clone(), "the column cannot hold this value")),
            (None, None) => Some((String::new(), "the column cannot hold this value")),
            (None, Some(cells)) => {
                let Some(statement) = updated(plan, 0, cells.clone(), &changed) else { continue };
                match try_update(batch, &statement).await? {
                    None => {
                        keys.push(cells);
                        continue;
                    }
                    Some((name, reason)) => {
                        batch.fates[index] = Fate::Refused(vec![Refusal::new(&name, reason)]);
                        continue;
                    }
                }
            }
        };
        if let Some((name, reason)) = refused {
            batch.fates[index] = Fate::Refused(vec![Refusal::new(&name, reason)]);
        }
    }
    let (sight, columns) = (Sight::default(), plan.key_columns().collect::<Vec<&Column>>());
    let rows = rows_with(batch.transaction, &plan.select(&sight), &columns, &keys).await?;
    Ok(rows.iter().map(|row| plan.object(row, &sight)).collect())
}

/// What a row has otherwise than its object.
pub(super) fn changed(
    columns: &[String],
    before: &StoredObject,
    row: &Row,
) -> BTreeMap<String, Value> {
    let differs = |name: &&String| match (before.attributes.get(*name), row.get(*name)) {
        (None, None) => before.unreadable.contains(*name),
        (Some(before), Some(after)) => {
            before != after && before.compare(after) != Some(std::cmp::Ordering::Equal)
        }
        _ => true,
    };
    let value = |name: &String| (name.clone(), row.get(name).cloned().unwrap_or(Value::Null));
    columns.iter().filter(differs).map(value).collect()
}

/// Changes one object, or says why the database refuses that.
async fn try_update(
    batch: &Batch<'_, '_>,
    update: &UpdateStatement,
) -> Result<Option<(String, String)>, DbErr> {
    let savepoint = batch.transaction.begin().await?;
    match savepoint.execute(update).await {
        Ok(_) => savepoint.commit().await.map(|()| None),
        Err(error) => match refusal(batch.loading.plan, &error) {
            Some(refusal) => savepoint.rollback().await.map(|()| Some(refusal)),
            None => Err(error),
        },
    }
}
