//! The engine: a model and its databases, proved to fit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use caruso_database::{Catalog, DbBackend, Names};
use caruso_object_model::{Class, Data, Model, User};
use dashmap::DashMap;
use sea_orm::{ConnectionTrait, DbErr};

use crate::apply;
use crate::compile::{Plans, View};
use crate::cost::Cost;
use crate::database::{Database, Databases, beside, table_name};
use crate::error::{Error, unavailable};
use crate::fit::Fit;
use crate::numbers::{self, Search};
use crate::options::Installation;
use crate::own;
use crate::plan::Plan;
use crate::rights::Rights;
use crate::schema;
use crate::watch::{self, Publisher};
use crate::work;
use crate::wrapped;
use crate::wrapped::source::{Nobody, Source};

/// Name of the state that holds the tables that were made and are not yet filled.
const MADE: &str = "made";

/// Name of the state that holds the model whose telephone numbers are indexed.
const INDEXED: &str = "indexed";
/// Users whose rights are kept; beyond, all are made anew.
const MAX_USERS: usize = 1_000;

/// Business objects of one model in their databases, as somebody sees them.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    /// On whose behalf; nobody's is everybody's.
    pub(crate) user: Option<User>,
    pub(crate) rights: Arc<Rights>,
}

/// What all see the same.
#[derive(Debug)]
pub struct Shared {
    pub(crate) digest: String,
    pub(crate) model: Arc<Model>,
    pub(crate) plans: Plans,
    /// Those of the model, and our own tables beside wrappers.
    pub(crate) databases: Databases,
    pub(crate) searches: Vec<Search>,
    pub(crate) publisher: Publisher,
    /// What is behind wrappers.
    pub(crate) source: Arc<dyn Source>,
    rights: DashMap<User, Arc<Rights>>,
}

impl Deref for Engine {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Engine {
    /// As [`Engine::open_with`], where there are no wrappers.
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
        Self::open_with(digest, model, data, installation, Arc::new(Nobody)).await
    }

    /// Opens the databases of a model. Tables that an owned database lacks are created; when it
    /// had none of them, they are filled with the data that comes along, if that is wished.
    /// `digest` names the model, for page tokens and for [`Engine::digest`]. Wrappers need not be
    /// there.
    ///
    /// # Errors
    ///
    /// [`Error::Drift`] when model and databases do not fit, [`Error::Unavailable`].
    pub async fn open_with(
        digest: &str,
        model: Arc<Model>,
        data: &Data,
        installation: &Installation,
        source: Arc<dyn Source>,
    ) -> Result<Self, Error> {
        let databases = connect(&model, installation).await?;
        let mut plans = Plans::new();
        let mut findings = Vec::new();
        for database in databases.values() {
            let opening = Opening::of(&model, database);
            opening
                .prepare(installation.has_demo_data)
                .await
                .map_err(unavailable(&database.name))?;
            findings.extend(opening.plan(&mut plans).await?);
        }
        findings.extend(wrapped::plan(&model, &mut plans).await?);
        let rights = Arc::new(Rights::default());
        findings.extend(only_their_own(&mut plans, &rights));
        findings.extend(asked(&model, &mut plans, &rights));
        if !findings.is_empty() {
            return Err(Error::Drift(findings));
        }
        let searches = Search::all(&model, View { plans: &plans, rights: &rights })?;
        let publisher = Publisher::of(databases.keys());
        let digest = digest.to_owned();
        let kept = DashMap::new();
        let shared =
            Shared { digest, model, plans, databases, searches, publisher, source, rights: kept };
        let engine = Self { shared: Arc::new(shared), user: None, rights };
        for database in engine.databases.values() {
            engine.fill(database, data).await.map_err(unavailable(&database.name))?;
            if database.is_owned {
                let names = Names::of(&engine.model, &database.name);
                names.keep(&database.writer).await.map_err(unavailable(&database.name))?;
            }
            engine.index(database).await.map_err(unavailable(&database.name))?;
        }
        Ok(engine)
    }

    /// What keeps a model from being opened in the databases as they are; nothing of them is
    /// changed. Tables that would be made first are taken to fit.
    ///
    /// # Errors
    /// A database that cannot be reached.
    pub async fn examine(model: &Model, installation: &Installation) -> Result<Vec<String>, Error> {
        let databases = connect(model, installation).await?;
        let (mut plans, mut findings) = (Plans::new(), Vec::new());
        let mut is_whole = true;
        for database in databases.values() {
            let opening = Opening::of(model, database);
            let made = opening.to_be_made().await.map_err(unavailable(&database.name))?;
            is_whole &= made.is_empty();
            let made: BTreeSet<String> = made.iter().map(|class| class.name.clone()).collect();
            findings.extend(opening.without(&made).plan(&mut plans).await?);
        }
        findings.extend(wrapped::plan(model, &mut plans).await?);
        // of objects whose tables are not there yet nothing can be asked
        if is_whole {
            let rights = Rights::default();
            findings.extend(only_their_own(&mut plans, &rights));
            findings.extend(asked(model, &mut plans, &rights));
        }
        Ok(findings)
    }

    /// The same engine, as far as a user may see and change objects by the rules of the model.
    #[must_use]
    pub fn on_behalf_of(&self, user: User) -> Self {
        let kept = &self.shared.rights;
        let found = kept.get(&user).map(|found| Arc::clone(&found));
        let rights = found.unwrap_or_else(|| {
            if kept.len() > MAX_USERS {
                kept.clear();
            }
            let make = || Arc::new(Rights::of(&self.shared.model, &user));
            Arc::clone(&kept.entry(user.clone()).or_insert_with(make))
        });
        Self { shared: Arc::clone(&self.shared), user: Some(user), rights }
    }

    /// Waits until the tables of some database turn out to have changed.
    pub(crate) async fn changed(&self) {
        let databases = self.shared.databases.values();
        if databases.len() == 0 {
            return std::future::pending().await;
        }
        let changes = databases.map(|database| Box::pin(database.changed()));
        futures::future::select_all(changes).await;
    }

    /// The classes as far as the user may see them.
    pub(crate) fn view(&self) -> View<'_> {
        View { plans: &self.shared.plans, rights: &self.rights }
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
        if let Some(wrapper) = plan.class.wrapper.clone() {
            return Err(Error::HeldByWrapper { class: plan.class.name.clone(), wrapper });
        }
        let name = &plan.class.database;
        self.databases
            .get(name)
            .ok_or_else(|| Error::Drift(vec![format!("the site names no database `{name}`")]))
    }

    /// Where our own tables say who changed objects of a class.
    pub(crate) fn own_tables(&self, plan: &Plan) -> Result<&Database, Error> {
        let wrapper = plan.class.wrapper.as_ref().filter(|_| plan.class.is_writable);
        match wrapper.and_then(|wrapper| self.databases.get(&beside(wrapper))) {
            Some(database) => Ok(database),
            None => self.database(plan),
        }
    }

    /// Fills tables that were just made, and ties them to each other; goes on where an earlier
    /// opening was cut off.
    async fn fill(&self, database: &Database, data: &Data) -> Result<(), DbErr> {
        let Some(made) = caruso_database::kept(&database.own, MADE).await? else { return Ok(()) };
        let made: Made = serde_json::from_str(&made).unwrap_or_default();
        let is_made = |plan: &&Plan| {
            let class_and_bases = std::iter::once(&plan.class).chain(self.model.bases(&plan.class));
            class_and_bases.into_iter().all(|class| {
                self.model.holder(class).is_none_or(|it| made.classes.contains(&it.name))
            })
        };
        let classes: Vec<&Plan> = self.plans.values().filter(is_made).collect();
        if !made.is_filled {
            let transaction = database.begin().await?;
            if database.backend() == DbBackend::Sqlite {
                // rows may lead to rows that come later; all is checked when the whole is there
                transaction.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
            }
            for plan in &classes {
                work::load(&transaction, plan, data).await?;
            }
            let filled = Made { is_filled: true, ..made.clone() }.to_string();
            caruso_database::keep(&transaction, MADE, Some(&filled)).await?;
            transaction.commit().await?;
        }
        if database.backend() != DbBackend::Sqlite {
            self.tie(database, &made.classes).await?;
        }
        caruso_database::keep(&database.writer, MADE, None).await
    }

    /// Foreign keys of new tables, where they are not there yet.
    async fn tie(&self, database: &Database, made: &BTreeSet<String>) -> Result<(), DbErr> {
        let holders = self.model.holders().filter(|holder| made.contains(&holder.name));
        let holders: Vec<Class> = holders.collect();
        let catalog = database.catalog(&holders).await?;
        for class in &holders {
            let keys = schema::foreign_keys(&self.model, class);
            let live = catalog.table(&table_name(class));
            for (relation, key) in keys {
                let is_there = live.is_some_and(|table| {
                    table.foreign_keys.iter().any(|live| live.columns == relation.columns)
                });
                if !is_there {
                    database.writer.execute(&key).await?;
                }
            }
        }
        Ok(())
    }

    /// Builds the index of telephone numbers where this model has none yet.
    async fn index(&self, database: &Database) -> Result<(), DbErr> {
        if caruso_database::kept(&database.own, INDEXED).await?.as_ref() == Some(&self.digest) {
            return Ok(());
        }
        let transaction = database.begin().await?;
        if database.is_owned {
            numbers::rebuild(&self.searches, database, &transaction, &transaction).await?;
        } else {
            numbers::rebuild(&self.searches, database, &database.reader, &transaction).await?;
        }
        caruso_database::keep(&transaction, INDEXED, Some(&self.digest)).await?;
        transaction.commit().await
    }
}

#[cfg(test)]
impl Engine {
    /// As if the table of a class had very many rows.
    pub(crate) fn make_large(&mut self, class: &str) {
        let shared = Arc::get_mut(&mut self.shared).expect("nobody else holds it");
        shared.plans.get_mut(class).expect("it is there").cost.is_large = true;
    }
}

/// Connections to the databases of a model, and to our own tables beside wrappers.
async fn connect(
    model: &Model,
    installation: &Installation,
) -> Result<BTreeMap<String, Database>, Error> {
    let in_databases = model.classes().filter(|class| class.wrapper.is_none());
    let names: BTreeSet<&str> = in_databases.map(|it| it.database.as_str()).collect();
    strange(installation, &names)?;
    let mut databases = BTreeMap::new();
    for name in names {
        let own = || installation.own(name);
        let wanted = installation.databases.get(name).cloned().unwrap_or_else(own);
        let mut classes = model.classes().filter(|class| class.database == name);
        let is_changed = classes.any(|class| class.is_writable);
        let database = Database::open(name, &wanted, &installation.data, is_changed).await?;
        databases.insert(name.to_owned(), database);
    }
    let wrappers = model.classes().filter(|class| class.is_writable);
    let wrappers: BTreeSet<&String> = wrappers.filter_map(|it| it.wrapper.as_ref()).collect();
    for wrapper in wrappers {
        let database = Database::beside(wrapper, &installation.data).await?;
        databases.insert(database.name.clone(), database);
    }
    Ok(databases)
}

/// Classes whose tables were made.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
struct Made {
    classes: BTreeSet<String>,
    /// True when there is nothing to fill them with, or that was done.
    is_filled: bool,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let classes: Vec<String> = self.classes.iter().map(|it| format!("{it:?}")).collect();
        write!(f, r#"{{"classes":[{}],"is_filled":{}}}"#, classes.join(","), self.is_filled)
    }
}

/// A database while it is opened.
pub(crate) struct Opening<'a> {
    model: &'a Model,
    database: &'a Database,
    classes: Vec<Class>,
    /// The tables, as classes.
    holders: Vec<Class>,
}

impl<'a> Opening<'a> {
    pub(crate) fn of(model: &'a Model, database: &'a Database) -> Self {
        let is_here = |class: &Class| class.database == database.name;
        let classes = model.classes().filter(|class| is_here(class)).cloned().collect();
        let holders = model.holders().filter(is_here).collect();
        Self { model, database, classes, holders }
    }

    /// The same for the tables alone, each as a class.
    pub(crate) fn of_tables(model: &'a Model, database: &'a Database) -> Self {
        let opening = Self::of(model, database);
        Self { classes: opening.holders.clone(), ..opening }
    }

    /// Our own tables, and in an owned database those of the classes.
    pub(crate) async fn prepare(&self, has_demo_data: bool) -> Result<(), DbErr> {
        let database = self.database;
        own::prepare(&database.writer).await?;
        watch::prepare(&database.writer).await?;
        apply::forget_old(&database.writer).await?;
        if !database.is_owned {
            return Ok(());
        }
        let missing = self.to_be_made().await?;
        if missing.is_empty() {
            return Ok(());
        }
        let before = caruso_database::kept(&database.own, MADE).await?;
        let before: Option<Made> = before.and_then(|text| serde_json::from_str(&text).ok());
        let mut made = before.unwrap_or_else(|| Made {
            classes: BTreeSet::new(),
            is_filled: !has_demo_data || missing.len() < self.holders.len(),
        });
        made.classes.extend(missing.iter().map(|class| class.name.clone()));
        caruso_database::keep(&database.writer, MADE, Some(&made.to_string())).await?;
        for class in missing {
            self.make(class).await?;
        }
        Ok(())
    }

    /// The tables that are made first: in an owned database those that are not there. One that is
    /// to be renamed is not made beside the one with the objects.
    async fn to_be_made(&self) -> Result<Vec<&Class>, DbErr> {
        let database = self.database;
        if !database.is_owned {
            return Ok(Vec::new());
        }
        let catalog = database.catalog(&self.holders).await?;
        let is_missing = |class: &&Class| catalog.table(&table_name(class)).is_none();
        let mut missing: Vec<&Class> = self.holders.iter().filter(is_missing).collect();
        if !missing.is_empty() {
            let before = Names::kept(&database.reader).await?;
            let old = missing.iter().filter_map(|class| before.table(&class.id));
            let old = Catalog::read(&database.reader, Some(&old.collect::<Vec<_>>())).await?;
            missing
                .retain(|class| before.table(&class.id).is_none_or(|it| old.table(&it).is_none()));
        }
        Ok(missing)
    }

    /// The same without the classes whose objects stand in one of these tables.
    fn without(mut self, tables: &BTreeSet<String>) -> Self {
        let model = self.model;
        self.classes.retain(|class| {
            let class_and_bases = std::iter::once(class).chain(model.bases(class));
            let mut holders = class_and_bases.into_iter().filter_map(|it| model.holder(it));
            !holders.any(|it| tables.contains(&it.name))
        });
        self
    }

    async fn make(&self, class: &Class) -> Result<(), DbErr> {
        let transaction = self.database.begin().await?;
        transaction.execute(&schema::table(self.model, class, self.database.backend())).await?;
        for index in schema::indexes(self.model, class) {
            transaction.execute(&index).await?;
        }
        transaction.commit().await
    }

    /// Plans of all classes in the live tables; all that does not fit is answered.
    pub(crate) async fn plan(&self, plans: &mut Plans) -> Result<Vec<String>, Error> {
        let catalog: Catalog =
            self.database.catalog(&self.classes).await.map_err(unavailable(&self.database.name))?;
        let mut findings = Vec::new();
        for class in self.classes.iter().filter(|class| !class.is_abstract) {
            let mut fit = Fit::new(self.database.backend(), class, &catalog);
            if let Some(mut plan) = Plan::new(self.model, class, &mut fit) {
                if let Some(table) = fit.table() {
                    let failed = unavailable(&self.database.name);
                    let rows = self.database.rows(&plan, table).await.map_err(failed)?;
                    plan.cost = Cost::of(table, rows);
                }
                plans.insert(class.name.clone(), plan);
            }
            findings.extend(fit.findings());
        }
        for class in self.classes.iter().filter(|class| class.is_abstract) {
            let variants = self.model.variants(class);
            let variants: Option<Vec<&Plan>> = variants.map(|it| plans.get(&it.name)).collect();
            // what does not fit of those is said already
            match variants.map(|variants| Plan::united(class, &variants)) {
                Some(Ok(plan)) => _ = plans.insert(class.name.clone(), plan),
                Some(Err(misfits)) => findings.extend(misfits),
                None => {}
            }
        }
        Ok(findings)
    }
}

/// Finds out how derived attributes are found. Answers with what the model says of its objects and
/// no database can be asked.
fn asked(model: &Model, plans: &mut Plans, rights: &Rights) -> Vec<String> {
    let mut findings = Vec::new();
    let mut all = Vec::new();
    let view = View { plans, rights };
    let somebody = User { name: String::new(), roles: Vec::new() };
    for plan in plans.values() {
        let class = &plan.class;
        let mut ways = Vec::new();
        for derived in class.derived() {
            match view.how(plan, derived) {
                Ok(how) => ways.push(how),
                Err(error) => {
                    findings.push(format!("class `{}`: `{}`: {error}", class.name, derived.name));
                }
            }
        }
        all.push((class.name.clone(), ways));
        for (number, rule) in class.rules().iter().enumerate() {
            let when = rule.condition(model, class, &somebody);
            let compiled = when.ok().flatten().map(|when| view.compile(plan, &when));
            if let Some(Err(error)) = compiled {
                findings.push(format!("class `{}`: rule {}: {error}", class.name, number + 1));
            }
        }
    }
    for (class, ways) in all {
        if let Some(plan) = plans.get_mut(&class) {
            plan.derived = ways;
        }
    }
    findings
}

/// Leaves of the rows of each class those that are of it.
fn only_their_own(plans: &mut Plans, rights: &Rights) -> Vec<String> {
    let mut findings = Vec::new();
    let mut all = Vec::new();
    let view = View { plans, rights };
    for plan in plans.values() {
        for when in plan.class.when() {
            match view.compile(plan, when) {
                Ok(is_of_it) => all.push((plan.class.name.clone(), is_of_it)),
                Err(error) => findings.push(format!("class `{}`: {error}", plan.class.name)),
            }
        }
    }
    for (class, is_of_it) in all {
        if let Some(plan) = plans.get_mut(&class) {
            plan.only(is_of_it);
        }
    }
    findings
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
