//! What statements have in common.

use caruso_database::TableName;
use sea_orm::sea_query::{Alias, Expr, Func, FunctionCall, IntoTableRef, TableRef};

/// A table, as a statement names it.
pub(crate) fn table(name: &TableName) -> TableRef {
    let table = Alias::new(&name.name);
    match &name.schema {
        Some(schema) => (Alias::new(schema), table).into_table_ref(),
        None => table.into_table_ref(),
    }
}

/// How many rows.
pub(crate) fn count() -> FunctionCall {
    Func::cust("COUNT").arg(Expr::cust("*"))
}
