//! Transfers: all objects of a database move to another one, of any engine, and it is proved that
//! they are the same there.
//!
//! The source is only read. Rows are copied by what they mean, in the order of their keys, each
//! batch in one transaction with how far it is, so that a transfer that was cut off goes on and
//! doubles nothing. Keys and counts of changes stay. What leads from table to table is proved by
//! the database when everything is there. Then [`Transfer::verify`] compares row by row.
//!
//! What it is not: it does not follow changes of the source while it copies.

mod changes;
mod classes;
mod orphans;
mod own_tables;
mod progress;
mod verify;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use caruso_database::Address;
use caruso_object_model::{Class, Data, Model};
use sea_orm::ConnectionTrait;

use crate::compile::Plans;
use crate::database::Database;
use crate::engine::{Engine, Opening};
use crate::error::{self, unavailable};
use crate::options::{DatabaseOptions, Installation};
use crate::plan::Plan;

pub use classes::{Copied, Uncopied};
pub use verify::{Difference, Differs, Span, Verified};

/// A transfer of the objects of one database.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// A model whose classes are all in this database.
    pub model: Arc<Model>,
    /// Names the model.
    pub digest: String,
    /// The database, as the model names it.
    pub name: String,
    /// Where the objects are.
    pub from: Address,
    /// Where they go to.
    pub to: Address,
    /// A folder for what is needed on the way.
    pub folder: PathBuf,
}

/// Why a transfer does not come to its end. What was copied until then stays, and it goes on from
/// there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There are objects that no transfer from this source brought.
    #[error("the target has objects of {0} that do not come from this source")]
    NotEmpty(String),
    /// A relation of some object leads nowhere, so that the target's foreign keys cannot be made.
    #[error("everything is copied, but some relation leads to no object: {0}")]
    Orphans(String),
    /// No key of many rows on end can be read.
    #[error("the keys of {0} cannot be read")]
    Keys(String),
    /// As for every request.
    #[error(transparent)]
    Storage(#[from] error::Error),
}

/// A database with the plans of its classes.
struct End {
    database: Database,
    plans: Plans,
}

impl Transfer {
    /// Copies what is not yet copied. `watch` hears after each batch of which class how many rows
    /// are done with.
    ///
    /// # Errors
    ///
    /// [`Error`]; a row that cannot be copied is none.
    pub async fn copy(
        &self,
        watch: &mut (dyn FnMut(&str, u64) + Send),
    ) -> Result<Vec<Copied>, Error> {
        let from = self.open(&self.from, false).await?;
        let to = self.open(&self.to, true).await?;
        self.prove_empty(&to).await?;
        let mut copied = Vec::new();
        for class in in_order(&self.model) {
            let (Some(from_plan), Some(to_plan)) =
                (from.plans.get(&class.name), to.plans.get(&class.name))
            else {
                continue;
            };
            let copy = classes::Copy { from: &from.database, to: &to.database, from_plan, to_plan };
            copied.push(copy.run(watch).await.map_err(unavailable(&self.name))?);
        }
        let own = own_tables::copy(&from.database, &to.database, watch).await;
        own.map_err(unavailable(&self.name))?;
        self.finish(to).await?;
        Ok(copied)
    }

    /// Compares the objects of both databases, and the changes that the source has kept of them;
    /// neither is changed.
    ///
    /// # Errors
    ///
    /// [`Error`]; a difference is none.
    pub async fn verify(
        &self,
        watch: &mut (dyn FnMut(&str, u64) + Send),
    ) -> Result<Vec<Verified>, Error> {
        let (from, to) = (self.open(&self.from, false).await?, self.open_target().await?);
        let mut verified = Vec::new();
        for (name, from_plan) in &from.plans {
            let Some(to_plan) = to.plans.get(name) else { continue };
            let ends = [(&from.database, from_plan), (&to.database, to_plan)];
            verified.push(verify::class(&self.name, ends, watch).await?);
        }
        let changes = changes::verify([&from.database, &to.database], watch).await;
        verified.extend(changes.map_err(unavailable(&self.name))?);
        Ok(verified)
    }

    /// The target for reading alone.
    async fn open_target(&self) -> Result<End, Error> {
        let folder = self.folder.join("target");
        Self { folder, ..self.clone() }.open(&self.to, false).await
    }

    async fn open(&self, address: &Address, is_owned: bool) -> Result<End, Error> {
        let options = DatabaseOptions { address: address.clone(), is_owned };
        let database = Database::open(&self.name, &options, &self.folder, false).await?;
        let opening = Opening::of_tables(&self.model, &database);
        if is_owned {
            opening.prepare(false).await.map_err(unavailable(&self.name))?;
        }
        let mut plans = Plans::new();
        let findings = opening.plan(&mut plans).await?;
        match findings.is_empty() {
            true => Ok(End { database, plans }),
            false => Err(error::Error::Drift(findings).into()),
        }
    }

    /// What is in the target comes from an earlier run of this transfer.
    async fn prove_empty(&self, to: &End) -> Result<(), Error> {
        let failed = unavailable(&self.name);
        let source = format!("{} {}", self.from, self.digest);
        let known = progress::source(&to.database).await.map_err(&failed)?;
        if known.as_deref() == Some(source.as_str()) {
            return Ok(());
        }
        for plan in to.plans.values() {
            if has_rows(&to.database, plan).await.map_err(&failed)? {
                return Err(Error::NotEmpty(plan.class.name.clone()));
            }
        }
        Ok(progress::begin(&to.database, &source).await.map_err(&failed)?)
    }

    /// Makes what leads from table to table, and the index of telephone numbers.
    async fn finish(&self, to: End) -> Result<(), Error> {
        let failed = unavailable(&self.name);
        let orphans = orphans::find(&self.model, &in_order(&self.model), &to).await;
        let orphans = orphans.map_err(&failed)?;
        if !orphans.is_empty() {
            return Err(Error::Orphans(orphans.join("; ")));
        }
        drop(to);
        let options = DatabaseOptions { address: self.to.clone(), is_owned: true };
        let installation = Installation {
            databases: [(self.name.clone(), options)].into(),
            data: self.folder.clone(),
            has_demo_data: false,
        };
        let model = Arc::clone(&self.model);
        let opened = Engine::open(&self.digest, model, &Data::default(), &installation).await;
        Ok(opened.map(drop)?)
    }
}

async fn has_rows(database: &Database, plan: &Plan) -> Result<bool, sea_orm::DbErr> {
    let mut select = sea_orm::sea_query::Query::select();
    select.expr(sea_orm::sea_query::Expr::cust("1")).from(plan.part(0)).limit(1);
    Ok(database.reader.query_one(&select).await?.is_some())
}

/// The tables as classes, those that others lead to first, as far as that can be.
fn in_order(model: &Model) -> Vec<Class> {
    let mut waiting: Vec<Class> = model.holders().collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |class: &Class| {
            let mut led_to = class.to_one().iter().map(|relation| relation.class.as_str());
            led_to.all(|target| {
                let of_tables = model.class(target).is_none_or(|it| !it.is_abstract);
                target == class.name || done.contains(target) || !of_tables
            })
        };
        // in a circle, any may be the first
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        let class = waiting.remove(next);
        done.insert(class.name.clone());
        order.push(class);
    }
    order
}
