//! Many rows by what their columns hold, with few statements.

use caruso_database::dialect;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SelectStatement, Value as Cell};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::plan::{Column, ROOT};

/// Tuples of cells that one statement asks for.
const AT_ONCE: usize = 250;
/// Numbers of tuples are rounded up to this, so that few texts of statements are needed.
const ROUNDED: usize = 50;

/// The rows that a selection from a table under the alias [`ROOT`] gives where the columns hold one
/// of these tuples of cells.
pub(crate) async fn rows_with(
    connection: &impl ConnectionTrait,
    select: &SelectStatement,
    columns: &[&Column],
    tuples: &[Vec<Cell>],
) -> Result<Vec<QueryResult>, DbErr> {
    let mut rows = Vec::new();
    for tuples in tuples.chunks(AT_ONCE) {
        let mut select = select.clone();
        select.and_where(is_one_of(columns, tuples));
        rows.extend(connection.query_all(&select).await?);
    }
    Ok(rows)
}

/// The condition that columns hold one of these tuples; one or more.
fn is_one_of(columns: &[&Column], tuples: &[Vec<Cell>]) -> Expr {
    let expr = |column: &Column| Expr::col((ROOT, Alias::new(&column.name)));
    let filled = tuples.len().next_multiple_of(ROUNDED) - tuples.len();
    let last = tuples.last().into_iter().cycle().take(filled);
    let tuples = tuples.iter().chain(last);
    if let [column] = columns {
        let cells = tuples.filter_map(|tuple| tuple.first());
        return expr(column)
            .is_in(cells.map(|cell| dialect::parameter(&column.codec, cell.clone())));
    }
    let is_it = |tuple: &Vec<Cell>| {
        let parts = columns.iter().zip(tuple);
        let parts = parts
            .map(|(column, cell)| expr(column).eq(dialect::parameter(&column.codec, cell.clone())));
        parts.reduce(Expr::and).unwrap_or_else(|| Expr::cust("1 = 0"))
    };
    tuples.map(is_it).reduce(Expr::or).unwrap_or_else(|| Expr::cust("1 = 0"))
}
