//! Insertions of which the database refuses some rows: the guilty ones are found by halves, the
//! others are there.

use sea_orm::sea_query::Value as Cell;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, TransactionTrait};

use crate::many::Many;

/// What became of rows.
#[derive(Debug)]
pub(crate) struct Inserted<R> {
    /// What the insertions answered.
    pub(crate) answers: Vec<QueryResult>,
    /// Rows that were refused, from 0, with the reasons.
    pub(crate) refused: Vec<(usize, R)>,
}

/// Inserts rows. `refusal` says whether an error is about a row, and not about the database.
pub(crate) async fn insert<R>(
    transaction: &DatabaseTransaction,
    many: &mut Many,
    rows: &[Vec<Cell>],
    refusal: impl Fn(&DbErr) -> Option<R>,
) -> Result<Inserted<R>, DbErr> {
    let most = many.most();
    let mut inserted = Inserted { answers: Vec::with_capacity(rows.len()), refused: Vec::new() };
    let mut todo = vec![(0, rows.len())];
    while let Some((start, end)) = todo.pop().filter(|(start, end)| start < end) {
        let count = end - start;
        let middle = start + most.min(count / 2);
        if count > most {
            todo.extend([(middle, end), (start, middle)]);
            continue;
        }
        let savepoint = transaction.begin().await?;
        let statement = many.statement(rows[start..end].iter().cloned());
        match savepoint.query_all_raw(statement).await {
            Ok(answers) => {
                savepoint.commit().await?;
                inserted.answers.extend(answers);
            }
            Err(error) => {
                let Some(refusal) = refusal(&error) else { return Err(error) };
                savepoint.rollback().await?;
                match count {
                    1 => inserted.refused.push((start, refusal)),
                    _ => todo.extend([(middle, end), (start, middle)]),
                }
            }
        }
    }
    Ok(inserted)
}
