//! Which tables a first model is made of.

use caruso_database::{Catalog, DbBackend, TableName};
use caruso_markup::suggest;

/// The tables that are wanted; all where nothing is named.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Tables of these schemas.
    pub schemas: Vec<String>,
    /// These tables, as NAME or SCHEMA.NAME.
    pub tables: Vec<String>,
}

/// A name that a database does not have. The suggestion says what was meant, most likely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// No table is in this schema.
    #[error("there is no table in schema `{0}`{hint}", hint = hint(.1))]
    Schema(String, Option<String>),
    /// No table is called so.
    #[error("there is no table `{0}`{hint}", hint = hint(.1))]
    Table(String, Option<String>),
    /// There is none at all.
    #[error("the database has no tables")]
    All,
}

fn hint(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|it| format!("; {it}")).unwrap_or_default()
}

impl Part {
    /// Leaves out of a catalog what is not wanted.
    pub(super) fn take(&self, catalog: &mut Catalog, backend: DbBackend) -> Result<(), Missing> {
        self.take_schemas(catalog, backend)?;
        for wanted in &self.tables {
            if !catalog.tables.iter().any(|it| is_called(&it.name, wanted)) {
                let known = catalog.tables.iter().map(|it| it.name.name.as_str());
                return Err(Missing::Table(wanted.clone(), suggest(wanted, known)));
            }
        }
        let is_wanted = |it: &TableName| self.tables.iter().any(|name| is_called(it, name));
        catalog.tables.retain(|it| self.tables.is_empty() || is_wanted(&it.name));
        if catalog.tables.is_empty() { Err(Missing::All) } else { Ok(()) }
    }

    fn take_schemas(&self, catalog: &mut Catalog, backend: DbBackend) -> Result<(), Missing> {
        let own = default_schema(backend);
        let schema = |it: &TableName| it.schema.clone().unwrap_or_else(|| own.to_owned());
        let mut known: Vec<String> = catalog.tables.iter().map(|it| schema(&it.name)).collect();
        known.sort();
        known.dedup();
        if let Some(wanted) = self.schemas.iter().find(|it| !known.contains(it)) {
            let near = suggest(wanted, known.iter().map(String::as_str));
            return Err(Missing::Schema(wanted.clone(), near));
        }
        let is_wanted = |it: &TableName| self.schemas.contains(&schema(it));
        catalog.tables.retain(|it| self.schemas.is_empty() || is_wanted(&it.name));
        Ok(())
    }
}

/// What the schema is called that a connection begins in.
fn default_schema(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "main",
        DbBackend::Postgres => "public",
        _ => "default",
    }
}

fn is_called(name: &TableName, wanted: &str) -> bool {
    name.name.eq_ignore_ascii_case(wanted) || name.to_string().eq_ignore_ascii_case(wanted)
}
