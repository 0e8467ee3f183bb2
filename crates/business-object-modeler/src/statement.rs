//! What statements have in common.

use caruso_database::TableName;
use sea_orm::sea_query::{Alias, IntoTableRef, TableRef};

/// A table, as a statement names it.
pub(crate) fn table(name: &TableName) -> TableRef {
    let table = Alias::new(&name.name);
    match &name.schema {
        Some(schema) => (Alias::new(schema), table).into_table_ref(),
        None => table.into_table_ref(),
    }
}
