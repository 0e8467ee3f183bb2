//! Objects that several tables hold: each row is an operation, as in a unit of work, which the
//! others survive when it is refused.

use caruso_object_model::Operation;
use caruso_object_model::row::Refusal;
use sea_orm::TransactionTrait;

use super::batch::{Batch, Fate, refusal};
use super::change::changed;
use crate::error::{Error, unavailable};
use crate::plan::{Plan, StoredObject};
use crate::work::Work;

/// Writes the rows of a batch; answers with the objects that were made and those that were
/// changed, as they are then.
pub(super) async fn all(
    batch: &mut Batch<'_, '_>,
) -> Result<(Vec<StoredObject>, Vec<StoredObject>), Error> {
    let (mut created, mut updated) = (Vec::new(), Vec::new());
    for index in 0..batch.records.len() {
        let Some(operation) = operation(batch, index) else { continue };
        match one(batch, &operation).await? {
            Ok(object) => match operation {
                Operation::Create { .. } => created.push(object),
                _ => updated.push(object),
            },
            Err(refusals) => batch.fates[index] = Fate::Refused(refusals),
        }
    }
    Ok((created, updated))
}

/// What a row asks for, if anything.
fn operation(batch: &mut Batch<'_, '_>, index: usize) -> Option<Operation> {
    let (class, row) = (batch.loading.plan.class.name.clone(), &batch.records[index].row);
    match &batch.fates[index] {
        Fate::New => Some(Operation::Create { class, attributes: row.clone() }),
        Fate::Change(before) => {
            let attributes = changed(&batch.loading.columns, before, row);
            if attributes.is_empty() {
                batch.fates[index] = Fate::Unchanged;
                return None;
            }
            let (key, revision) = (before.key.clone(), before.revision.clone());
            Some(Operation::Update { class, key, revision, attributes })
        }
        Fate::Unchanged | Fate::Skipped | Fate::Refused(_) => None,
    }
}

/// Carries out an operation; the object as it is then, or why the row is refused.
async fn one(
    batch: &Batch<'_, '_>,
    operation: &Operation,
) -> Result<Result<StoredObject, Vec<Refusal>>, Error> {
    let (engine, database) = (batch.loading.engine, batch.loading.database);
    let failed = unavailable(&database.name);
    let transaction = batch.transaction.begin().await.map_err(&failed)?;
    let work = Work { engine, database, transaction };
    match work.operation(0, operation).await {
        Ok(happened) => {
            work.transaction.commit().await.map_err(failed)?;
            Ok(Ok(happened.after.unwrap_or(happened.seen)))
        }
        Err(error) => {
            let refusals = refused(batch.loading.plan, error)?;
            work.transaction.rollback().await.map_err(failed)?;
            Ok(Err(refusals))
        }
    }
}

/// What an error says of a row; the error itself where it is none of the row.
fn refused(plan: &Plan, error: Error) -> Result<Vec<Refusal>, Error> {
    let said = match error {
        Error::Violations(violations) => {
            let refusal = |it: &caruso_object_model::Violation| {
                Refusal::new(&it.attribute, it.reason.clone())
            };
            return Ok(violations.iter().map(refusal).collect());
        }
        Error::Duplicate { attributes, .. } => match attributes.first() {
            Some(first) => {
                let reason = format!("there is one with this `{}`", attributes.join("`, `"));
                (first.clone(), reason)
            }
            None => (String::new(), "there is an object with this key".to_owned()),
        },
        Error::RevisionConflict { .. } => {
            (String::new(), "a row before it changed the object".to_owned())
        }
        Error::Unavailable { database, source } => match refusal(plan, &source) {
            Some(said) => said,
            None => return Err(Error::Unavailable { database, source }),
        },
        other => return Err(other),
    };
    Ok(vec![Refusal::new(&said.0, said.1)])
}
