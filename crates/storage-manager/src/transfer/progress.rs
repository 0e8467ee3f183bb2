//! How far a transfer is, in the target's own tables.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::database::Database;

/// Name of the state that says where the objects come from.
const SOURCE: &str = "copy";

/// How far a table is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The last key that was read.
    pub(super) key: Option<String>,
    /// Rows that were read.
    pub(super) rows: u64,
    /// Rows that were copied.
    pub(super) copied: u64,
    pub(super) is_done: bool,
}

/// Where the objects of the target come from, if a transfer brought them.
pub(super) async fn source(to: &Database) -> Result<Option<String>, DbErr> {
    caruso_database::kept(&to.own, SOURCE).await
}

/// A transfer begins.
pub(super) async fn begin(to: &Database, source: &str) -> Result<(), DbErr> {
    caruso_database::keep(&to.writer, SOURCE, Some(source)).await
}

impl Progress {
    /// How far a table is.
    pub(super) async fn of(to: &Database, table: &str) -> Result<Self, DbErr> {
        let kept = caruso_database::kept(&to.own, &name(table)).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Keeps how far it is, in the transaction that copies.
    pub(super) async fn keep(&self, own: &impl ConnectionTrait, table: &str) -> Result<(), DbErr> {
        let kept = serde_json::to_string(self).map_err(|error| DbErr::Json(error.to_string()))?;
        caruso_database::keep(own, &name(table), Some(&kept)).await
    }
}

fn name(table: &str) -> String {
    format!("{SOURCE} {table}")
}
