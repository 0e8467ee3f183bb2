//! The engine: a model and its databases, proved to fit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_object_model::{Data, Model};
use sea_orm::ConnectionTrait;

use crate::apply;
use crate::database::{Database, drift};
use crate::error::{Error, unavailable};
use crate::numbers::{self, Search};
use crate::options::Installation;
use crate::plan::Plan;
use crate::schema;

/// Business objects of one model in their databases.
#[derive(Debug)]
pub struct Engine {
    pub(crate) digest: String,
    pub(crate) model: Arc<Model>,
    pub(crate) plans: BTreeMap<String, Plan>,
    pub(crate) databases: BTreeMap<String, Database>,
    pub(crate) searches: Vec<Search>,
}

impl Engine {
    /// Opens the databases of a model. Tables that an owned database lacks are created; when it
    /// had none of them, they are filled with the data that comes along, if that is wished.
    /// `digest` names the model, for page tokens and for [`Engine::digest`].
    ///
    /// # Errors
    ///
    /// [`Error::Drift`] when model and databases do not fit, [`Error::Unavailable`].
    pub async fn open(
        digest: &str,
        model: Arc<Model>,
        data: &Data,
        installation: &Installation,
    ) -> Result<Self, Error> {
        let plans: BTreeMap<String, Plan> =
            model.classes().map(|class| (class.name.clone(), Plan::new(&model, class))).collect();
        let searches = Search::all(&model)?;
        let names: BTreeSet<&str> = model.classes().map(|it| it.database.as_str()).collect();
        strange(installation, &names)?;
        let mut databases = BTreeMap::new();
        for name in names {
            let own = || installation.own(name);
            let wanted = installation.databases.get(name).cloned().unwrap_or_else(own);
            let database = Database::open(name, &wanted, &installation.data).await?;
            databases.insert(name.to_owned(), database);
        }
        let engine = Self { digest: digest.to_owned(), model, plans, databases, searches };
        for database in engine.databases.values() {
            let data = installation.has_demo_data.then_some(data);
            engine.prepare(database, data).await?;
        }
        let missing = drift(&engine.model, &engine.plans, &engine.databases).await?;
        if !missing.is_empty() {
            return Err(Error::Drift(missing));
        }
        for database in engine.databases.values() {
            engine.index(database).await.map_err(unavailable(&database.name))?;
        }
        Ok(engine)
    }

    /// The name of the model.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    pub(crate) fn plan(&self, class: &str) -> Result<&Plan, Error> {
        self.plans.get(class).ok_or_else(|| {
            let known = self.plans.keys().map(String::as_str);
            let nearest = caruso_markup::nearest(class, known).map(str::to_owned);
            Error::UnknownClass { name: class.to_owned(), nearest }
        })
    }

    pub(crate) fn database(&self, plan: &Plan) -> Result<&Database, Error> {
        let name = &plan.class.database;
        self.databases
            .get(name)
            .ok_or_else(|| Error::Drift(vec![format!("the site names no database `{name}`")]))
    }

    /// Our own tables, and in an owned database those of the classes; all or nothing.
    async fn prepare(&self, database: &Database, data: Option<&Data>) -> Result<(), Error> {
        let failed = unavailable(&database.name);
        let live = database.live_columns(&self.plans).await.map_err(&failed)?;
        let transaction = database.begin().await.map_err(&failed)?;
        for statement in schema::OWN {
            transaction.execute_unprepared(statement).await.map_err(&failed)?;
        }
        apply::forget_old(&transaction).await.map_err(&failed)?;
        if database.is_owned {
            let plans = self.plans.values().filter(|it| it.class.database == database.name);
            let missing: Vec<_> =
                plans.filter(|plan| !live.contains_key(&plan.class.table)).collect();
            for plan in &missing {
                let table = schema::table(&self.model, plan);
                transaction.execute(&table).await.map_err(&failed)?;
                for index in schema::indexes(plan) {
                    transaction.execute(&index).await.map_err(&failed)?;
                }
            }
            if let Some(data) = data
                && live.is_empty()
            {
                // rows may lead to rows that come later; all is checked when the whole is there
                let defer = "PRAGMA defer_foreign_keys = ON";
                transaction.execute_unprepared(defer).await.map_err(&failed)?;
                for plan in missing {
                    apply::load(&transaction, plan, data).await.map_err(&failed)?;
                }
            }
        }
        transaction.commit().await.map_err(&failed)
    }

    async fn index(&self, database: &Database) -> Result<(), sea_orm::DbErr> {
        let transaction = database.begin().await?;
        if database.is_owned {
            numbers::rebuild(&self.searches, database, &transaction, &transaction).await?;
        } else {
            numbers::rebuild(&self.searches, database, &database.reader, &transaction).await?;
        }
        transaction.commit().await
    }
}

/// A database that the site names and the model does not is most likely misspelt.
fn strange(installation: &Installation, known: &BTreeSet<&str>) -> Result<(), Error> {
    let strange = installation.databases.keys().filter(|name| !known.contains(name.as_str()));
    let findings: Vec<String> = strange
        .map(|name| {
            let near = caruso_markup::suggest(name, known.iter().copied());
            let near = near.map(|near| format!(", {near}")).unwrap_or_default();
            format!("the site names a database `{name}` that no class is in{near}")
        })
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(Error::Drift(findings)) }
}
