//! What must be done to a database that an application owns, so that a changed model fits it.
//!
//! Steps expand: tables, columns and indexes are added, texts made longer, things renamed that have
//! a new name and the same id. What a model no longer has is left alone, and goes only when that is
//! asked for. Each step is one statement; a plan is made of what the database has, so that one that
//! was cut off is simply made again.

use caruso_database::schema::{self, Wanted};
use caruso_database::{
    Catalog, Codec, DatabaseConnection, DbBackend, DbErr, Names, Physical, Table,
};
use caruso_object_model::{Class, Model, Revision};
use sea_orm::sea_query::{Alias, ColumnDef, Table as Alter, TableAlterStatement};
use sea_orm::{ConnectionTrait, StatementBuilder};
use sha2::{Digest as _, Sha256};

use crate::live::table_name;

/// Tables with more rows than this take a while to be indexed or checked.
const MANY: u64 = 100_000;

/// What a step means for what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// Quick, and nothing is lost.
    Safe,
    /// Nothing is lost, but the table may be locked for a while.
    Slow,
    /// Values go.
    Lossy,
    /// Left as it is; the model does without.
    Left,
    /// Cannot be done by a step; somebody has to decide.
    Refused,
}

impl Risk {
    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Slow => "slow",
            Self::Lossy => "lossy",
            Self::Left => "left",
            Self::Refused => "refused",
        }
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it means for what is there.
    pub risk: Risk,
    /// What it does, in a sentence without full stop.
    pub what: String,
    /// The statement, if there is one.
    pub statement: Option<String>,
}

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The model that is to fit.
    pub model: &'a Model,
    /// Its database.
    pub name: &'a str,
    /// Whether what the model no longer has may go, and what it requires may be enforced.
    pub contracts: bool,
}

impl Wish<'_> {
    /// The tables of a model in the database, as classes.
    fn tables(&self, model: &Model) -> Vec<Class> {
        model.holders().filter(|holder| holder.database == self.name).collect()
    }
}

/// The steps that make a database fit a model, in their order. What has another name than it had
/// before, and the same id, is renamed.
pub fn plan(wish: &Wish<'_>, backend: DbBackend, catalog: &Catalog, before: &Names) -> Vec<Step> {
    let mut plan = Plan { wish, before, backend, catalog, steps: Vec::new() };
    let classes = wish.tables(wish.model);
    for class in &classes {
        match plan.live(class) {
            Some(table) => plan.columns(class, table),
            None => plan.table(class),
        }
    }
    for class in &classes {
        plan.indexes(class);
    }
    // what leads to other tables comes when all are there
    for class in &classes {
        plan.foreign_keys(class);
    }
    plan.steps
}

/// The steps that make a live database fit a model.
///
/// # Errors
///
/// What the driver says when the catalog cannot be read.
pub async fn steps(connection: &DatabaseConnection, wish: &Wish<'_>) -> Result<Vec<Step>, DbErr> {
    let catalog = Catalog::read(connection, None).await?;
    let before = Names::kept(connection).await?;
    Ok(plan(wish, connection.get_database_backend(), &catalog, &before))
}

/// Keeps what things are called now, once all steps are carried out; the next plan asks for it.
///
/// # Errors
///
/// What the driver says.
pub async fn keep_names(connection: &DatabaseConnection, wish: &Wish<'_>) -> Result<(), DbErr> {
    Names::of(wish.model, wish.name).keep(connection).await
}

/// Names a plan: SHA-256 over its steps in hexadecimal digits. Two plans of the same name are the
/// same steps, statement by statement.
pub fn digest(steps: &[Step]) -> String {
    let mut all = Sha256::new();
    for step in steps {
        let statement = step.statement.as_deref().unwrap_or_default();
        for part in [step.risk.word(), &step.what, statement] {
            all.update((part.len() as u64).to_be_bytes());
            all.update(part);
        }
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Carries out a step.
///
/// # Errors
///
/// What the driver says; the steps before it stay done.
pub async fn carry_out(connection: &DatabaseConnection, step: &Step) -> Result<(), DbErr> {
    match &step.statement {
        Some(statement) => connection.execute_unprepared(statement).await.map(drop),
        None => Ok(()),
    }
}

struct Plan<'a> {
    wish: &'a Wish<'a>,
    /// What things were called.
    before: &'a Names,
    backend: DbBackend,
    catalog: &'a Catalog,
    steps: Vec<Step>,
}

impl<'a> Plan<'a> {
    fn step(&mut self, risk: Risk, what: String, statement: Option<&impl StatementBuilder>) {
        let statement = statement.map(|statement| self.backend.build(statement).sql);
        self.steps.push(Step { risk, what, statement });
    }

    fn say(&mut self, risk: Risk, what: String) {
        self.steps.push(Step { risk, what, statement: None });
    }

    fn live(&self, class: &Class) -> Option<&'a Table> {
        self.catalog.table(&table_name(class))
    }

    fn alter(&self, class: &Class) -> TableAlterStatement {
        Alter::alter().table(schema::table_ref(class)).take()
    }

    fn large(&self, class: &Class) -> Risk {
        let rows = self.live(class).and_then(|table| table.rows).unwrap_or(0);
        if rows > MANY { Risk::Slow } else { Risk::Safe }
    }

    /// A table that is not there: under another name, or not at all.
    fn table(&mut self, class: &Class) {
        let before = self.before.table(&class.id).filter(|before| before.name != class.table);
        let renamed = before.and_then(|before| Some((self.catalog.table(&before)?, before)));
        let Some((table, before)) = renamed else {
            let what = format!("make the table `{}` of {}", class.table, class.name);
            let create = schema::table(self.wish.model, class, self.backend);
            return self.step(Risk::Safe, what, Some(&create));
        };
        let what = format!("rename the table `{}` to `{}`", before.name, class.table);
        let mut old = class.clone();
        (old.schema, old.table) = (before.schema, before.name);
        let rename =
            Alter::rename().table(schema::table_ref(&old), schema::table_ref(class)).take();
        self.step(Risk::Safe, what, Some(&rename));
        self.columns(class, table);
    }

    fn columns(&mut self, class: &Class, table: &Table) {
        let wanted = schema::columns(self.wish.model, class);
        for column in &wanted {
            match table.column(column.name()) {
                Some(live) => self.column(class, table, column, live),
                None => self.missing(class, table, column),
            }
        }
        if let Revision::Column(name) = &class.revision
            && table.column(name).is_none()
        {
            let what =
                format!("add the column `{name}`, which counts the changes of {}", class.name);
            let mut counter = ColumnDef::new(Alias::new(name));
            counter.big_integer();
            let add = self.alter(class).add_column(&mut counter).take();
            self.step(Risk::Safe, what, Some(&add));
        }
        for live in &table.columns {
            let is_wanted = wanted.iter().any(|it| it.name().eq_ignore_ascii_case(&live.name));
            let is_counter =
                matches!(&class.revision, Revision::Column(name) if *name == live.name);
            let is_renamed = self.renamed(class, table, &live.name);
            if !is_wanted && !is_counter && !is_renamed {
                self.unused(class, &live.name);
            }
        }
    }

    /// Whether a column is about to get another name.
    fn renamed(&self, class: &Class, table: &Table, column: &str) -> bool {
        let wanted = schema::columns(self.wish.model, class);
        let missing = wanted.iter().filter(|it| table.column(it.name()).is_none());
        missing.filter_map(|it| self.old_name(class, it.name())).any(|old| old == column)
    }

    /// What the column of an attribute or relation was called that has the same id.
    fn old_name(&self, class: &Class, column: &str) -> Option<&'a str> {
        for attribute in class.attributes() {
            if let Some(place) = attribute.columns().position(|held| held.column == column) {
                let before = self.before.columns(&class.id, &attribute.id);
                return before.get(place).map(String::as_str);
            }
        }
        let relation = class.to_one().iter().find(|it| it.columns.iter().any(|it| it == column))?;
        let place = relation.columns.iter().position(|it| it == column)?;
        self.before.columns(&class.id, &relation.id).get(place).map(String::as_str)
    }

    fn missing(&mut self, class: &Class, table: &Table, wanted: &Wanted<'_>) {
        let name = wanted.name();
        if let Some(old) = self.old_name(class, name).filter(|old| table.column(old).is_some()) {
            let what = format!("rename the column `{old}` of {} to `{name}`", class.name);
            let rename = self.alter(class).rename_column(Alias::new(old), Alias::new(name)).take();
            return self.step(Risk::Safe, what, Some(&rename));
        }
        let mut what = format!("add the column `{name}` of {}", class.name);
        if wanted.is_required() {
            what.push_str(", which is required: fill it in the rows there are");
        }
        let add = self.alter(class).add_column(wanted.definition(self.backend)).take();
        self.step(Risk::Safe, what, Some(&add));
    }

    /// A column that is there: whether it holds what is wanted, is long enough, and may be empty.
    fn column(
        &mut self,
        class: &Class,
        table: &Table,
        wanted: &Wanted<'_>,
        live: &caruso_database::Column,
    ) {
        let (ty, stored) = wanted.kind();
        let fits = Codec::resolve(self.backend, ty, stored, &live.physical, &live.declared);
        if let Err(unfit) = fits {
            let what = format!("the column `{}` of {}: {unfit}", live.name, class.name);
            return self.say(Risk::Refused, what);
        }
        let is_file = self.backend == DbBackend::Sqlite;
        let is_short = match (&live.physical, wanted.length()) {
            (Physical::Text { length: Some(has), .. }, Some(length)) => (*has as usize) < length,
            _ => false,
        };
        let is_open = wanted.is_required() && live.is_nullable && self.wish.contracts;
        let is_key = table.primary_key.contains(&live.name);
        if is_file || !(is_short || is_open) || is_key && !is_short {
            return;
        }
        let mut definition = wanted.definition(self.backend);
        let mut what = format!("make the column `{}` of {} longer", live.name, class.name);
        if !live.is_nullable || is_open {
            definition.not_null();
        }
        if is_open {
            what = format!("require a value in the column `{}` of {}", live.name, class.name);
        }
        let modify = self.alter(class).modify_column(&mut definition).take();
        let risk = if is_open { Risk::Slow } else { self.large(class) };
        self.step(risk, what, Some(&modify));
    }

    fn unused(&mut self, class: &Class, column: &str) {
        let what = format!("the column `{column}` of `{}` is none of {}", class.table, class.name);
        if !self.wish.contracts {
            return self.say(Risk::Left, what);
        }
        let drop = self.alter(class).drop_column(Alias::new(column)).take();
        self.step(Risk::Lossy, format!("drop: {what}"), Some(&drop));
    }

    fn indexes(&mut self, class: &Class) {
        let table = self.live(class);
        for (is_unique, columns) in schema::wanted_indexes(self.wish.model, class) {
            let is_there = table.is_some_and(|table| {
                let is_key = columns.iter().all(|it| table.primary_key.contains(it));
                let is_led = table.indexes.iter().any(|index| index.starts_with(&columns));
                is_key || if is_unique { table.unique.contains(&columns) } else { is_led }
            });
            if is_there {
                continue;
            }
            let word = if is_unique { "unique index" } else { "index" };
            let what = format!("make the {word} of {} on `{}`", class.name, columns.join("`, `"));
            let create = schema::index(class, is_unique, &columns);
            let risk = self.large(class);
            self.step(risk, what, Some(&create));
        }
    }

    fn foreign_keys(&mut self, class: &Class) {
        // a file takes them with its tables or never
        if self.backend == DbBackend::Sqlite {
            return;
        }
        let table = self.live(class);
        for (relation, key) in schema::foreign_keys(self.wish.model, class) {
            let is_there = table.is_some_and(|table| {
                table.foreign_keys.iter().any(|key| key.columns == relation.columns)
            });
            if !is_there {
                let what = format!(
                    "see to it that `{}.{}` leads to a {}",
                    class.name, relation.name, relation.class
                );
                let risk = self.large(class);
                self.step(risk, what, Some(&key));
            }
        }
    }
}
