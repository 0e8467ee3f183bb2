//! What the tables and columns of a model are called, by the ids that never change. A database that
//! the installation owns keeps it, so that a new name with an old id is known for a rename.

use std::collections::BTreeMap;

use caruso_object_model::Model;
use sea_orm::{DatabaseConnection, DbErr};
use serde::{Deserialize, Serialize};

use crate::catalog::TableName;
use crate::state::{has_state_table, keep, kept, make_state_table};

/// Under which the names are kept.
const NAMES: &str = "names";

/// The names of the tables of one database, by the ids of their classes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names(BTreeMap<String, OfTable>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OfTable {
    schema: Option<String>,
    table: String,
    /// By the ids of attributes and relations.
    columns: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// What a model says of a database.
    pub fn of(model: &Model, database: &str) -> Self {
        let holders = model.holders().filter(|holder| holder.database == database);
        let tables = holders.map(|holder| {
            let attributes = holder.attributes().iter();
            let attributes = attributes.map(|it| {
                let columns = it.columns().map(|held| held.column.to_owned());
                (it.id.clone(), columns.collect())
            });
            let relations = holder.to_one().iter().map(|it| (it.id.clone(), it.columns.clone()));
            let columns = attributes.chain(relations).collect();
            (holder.id, OfTable { schema: holder.schema, table: holder.table, columns })
        });
        Self(tables.collect())
    }

    /// The table of a class.
    pub fn table(&self, class: &str) -> Option<TableName> {
        let OfTable { schema, table, .. } = self.0.get(class)?;
        Some(TableName { schema: schema.clone(), name: table.clone() })
    }

    /// The columns of an attribute or relation in the table of a class; none if it had no such.
    pub fn columns(&self, class: &str, member: &str) -> &[String] {
        let columns = self.0.get(class).and_then(|it| it.columns.get(member));
        columns.map(Vec::as_slice).unwrap_or_default()
    }

    /// What a database keeps; nothing, if it keeps none, or what this version does not read.
    ///
    /// # Errors
    ///
    /// What the driver says.
    pub async fn kept(connection: &DatabaseConnection) -> Result<Self, DbErr> {
        let text = match has_state_table(connection).await? {
            true => kept(connection, NAMES).await?,
            false => None,
        };
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Keeps them in a database that is ours.
    ///
    /// # Errors
    ///
    /// What the driver says.
    pub async fn keep(&self, connection: &DatabaseConnection) -> Result<(), DbErr> {
        if Self::kept(connection).await? == *self {
            return Ok(());
        }
        make_state_table(connection).await?;
        let text = serde_json::to_string(self).map_err(|error| DbErr::Custom(error.to_string()))?;
        keep(connection, NAMES, Some(&text)).await
    }
}
