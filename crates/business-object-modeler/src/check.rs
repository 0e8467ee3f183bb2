//! Whether a model fits a live database.

use std::collections::BTreeSet;

use caruso_database::{
    Catalog, Codec, DatabaseConnection, DbBackend, Failure, TableKind, TableName, dialect,
};
use caruso_markup::{Finding as Placed, Location, suggest};
use caruso_object_model::{Class, Model};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, TableRef};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::codes;
use crate::live::{Led, Live, Misfit, Named, beside, tables_of};
pub use crate::places::Places;
use crate::{statement, united};

/// Tables with fewer rows need no index.
const FEW_ROWS: u64 = 1_000;

/// What does not fit, or could be better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and where the model says otherwise.
    pub finding: Placed,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Model and database do not fit.
    Error,
    /// They fit as long as the data do.
    Warning,
    /// They fit; it could be faster or safer.
    Advice,
}

impl Severity {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// Findings about a model itself, which are all errors; before they are gone, no database is asked.
pub fn unsound(findings: Vec<Placed>) -> Vec<Finding> {
    let error = |finding| Finding { severity: Severity::Error, finding };
    findings.into_iter().map(error).collect()
}

/// The databases that a model has classes in.
pub fn databases(model: &Model) -> BTreeSet<&str> {
    let classes = model.classes().filter(|class| class.wrapper.is_none());
    classes.map(|class| class.database.as_str()).collect()
}

/// Holds the classes of one database of a model against that database: what it has, and, where it
/// does not itself keep a key unique, whether the rows do. All findings come at once, the worst
/// first, and in the order of the files. No finding contains a value.
///
/// # Errors
///
/// What the driver says when the catalog cannot be read.
pub async fn check(
    connection: &DatabaseConnection,
    model: &Model,
    database: &str,
    places: &Places,
) -> Result<Vec<Finding>, DbErr> {
    held(connection, model, database, places, true).await
}

/// Only what keeps the data from being read, and without a look at the rows.
///
/// # Errors
///
/// What the driver says when the catalog cannot be read.
pub async fn misfits(
    connection: &DatabaseConnection,
    model: &Model,
    database: &str,
    places: &Places,
) -> Result<Vec<Finding>, DbErr> {
    let mut findings = held(connection, model, database, places, false).await?;
    findings.retain(|it| it.severity == Severity::Error);
    Ok(findings)
}

async fn held(
    connection: &DatabaseConnection,
    model: &Model,
    database: &str,
    places: &Places,
    asks_rows: bool,
) -> Result<Vec<Finding>, DbErr> {
    let backend = connection.get_database_backend();
    let wanted = tables_of(model, database);
    let catalog = Catalog::read(connection, Some(&wanted)).await?;
    let mut findings = Findings { places, known: Vec::new(), all: Vec::new() };
    let holders: Vec<Class> = model.holders().filter(|it| it.database == database).collect();
    let is_missing = |class: &Class| beside(model, class, &catalog, backend).0.is_none();
    if holders.iter().any(is_missing) {
        let whole = Catalog::read(connection, None).await?;
        findings.known = whole.tables.into_iter().map(|table| table.name).collect();
    }
    for class in &holders {
        let (live, misfits) = beside(model, class, &catalog, backend);
        misfits.iter().for_each(|misfit| findings.misfit(class, misfit));
        let Some(live) = live else { continue };
        findings.emptiness(&live);
        findings.relations(model, &catalog, &live, backend);
        if asks_rows && (is_view(&live) || !live.is_key_declared()) {
            let has_repeats = has_repeats(connection, &live, backend).await;
            findings.key(&live, has_repeats.as_ref());
        }
    }
    let is_here = |class: &&Class| class.is_abstract && class.database == database;
    for class in model.classes().filter(is_here) {
        let variants: Vec<Class> =
            model.variants(class).filter_map(|it| model.holder(it)).collect();
        let tables = variants.iter().filter_map(|it| beside(model, it, &catalog, backend).0);
        let tables: Vec<Live<'_>> = tables.collect();
        findings.unlike(class, &tables);
        let keys = united::keys(class, &tables).filter(|_| asks_rows);
        if let Some(keys) = keys {
            let columns = keys.columns.iter().map(|(name, codec)| (name.as_str(), codec));
            let statement = repeated(keys.from.clone(), columns, backend);
            let has_repeats = connection.query_one(&statement).await.map(|row| row.is_some());
            findings.shared(class, &has_repeats);
        }
    }
    findings
        .all
        .sort_by(|one, other| (one.severity, &one.finding).cmp(&(other.severity, &other.finding)));
    findings.all.dedup();
    Ok(findings.all)
}

fn is_view(live: &Live<'_>) -> bool {
    live.table.kind == TableKind::View
}

/// Whether two rows have the same key, as one statement finds out; nothing where the key does not
/// fit and has its finding.
async fn has_repeats(
    connection: &DatabaseConnection,
    live: &Live<'_>,
    backend: DbBackend,
) -> Option<Result<bool, DbErr>> {
    let statement = repeats(live, backend)?;
    Some(connection.query_one(&statement).await.map(|row| row.is_some()))
}

fn repeats(live: &Live<'_>, backend: DbBackend) -> Option<SelectStatement> {
    let keys = live.key()?.into_iter().map(|key| (key.column.name.as_str(), &key.codec));
    Some(repeated(statement::table(&live.table.name), keys, backend))
}

/// Whether rows come twice that have the same in these columns.
fn repeated<'a>(
    from: TableRef,
    columns: impl Iterator<Item = (&'a str, &'a Codec)>,
    backend: DbBackend,
) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::cust("1")).from(from);
    for (name, codec) in columns {
        let column = Expr::col(Alias::new(name));
        let column = match codec.is_text() {
            true => dialect::exact(backend, codec.collation(), column),
            false => column,
        };
        select.add_group_by([column]);
    }
    select.and_having(Expr::from(statement::count()).gt(Expr::cust("1"))).limit(1).take()
}

struct Findings<'a> {
    places: &'a Places,
    /// The names of all tables, where one is missing.
    known: Vec<TableName>,
    all: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, finding: Placed) {
        self.all.push(Finding { severity, finding });
    }

    fn place(&self, class: &Class, by: &Named, column: &str) -> Location {
        match by {
            Named::Member(id, name) => self.places.of_column(class, id, name, column),
            Named::Revision => self.places.of_class(class, "revision"),
        }
    }

    fn misfit(&mut self, class: &Class, misfit: &Misfit) {
        let finding = match misfit {
            Misfit::Table(name) => {
                let place = self.places.of_class(class, "table");
                let message = format!("class `{}`: there is no table `{name}`", class.name);
                Placed::new(codes::TABLE, &place, message).with_suggestion(self.near(name))
            }
            Misfit::Column { by, column, known } => {
                let place = self.place(class, by, column);
                let message =
                    format!("{}: `{}` has no column `{column}`", named(class, by), class.table);
                let near = suggest(column, known.iter().map(String::as_str));
                Placed::new(codes::COLUMN, &place, message).with_suggestion(near)
            }
            Misfit::Unfit { by, column, why } => {
                let place = self.place(class, by, column);
                let message = format!("{}: column `{column}`: {why}", named(class, by));
                Placed::new(codes::UNFIT, &place, message)
            }
            Misfit::Assigned { by, column } => {
                let place = self.places.of_class(class, "key-source");
                let message =
                    format!("{}: the database does not assign `{column}`", named(class, by));
                let hint = "leave `key-source` out; whoever creates an object then gives its key";
                Placed::new(codes::ASSIGNED, &place, message).with_hint(hint)
            }
        };
        self.add(Severity::Error, finding);
    }

    /// The nearest table: of the same schema, else the same name elsewhere.
    fn near(&self, name: &TableName) -> Option<String> {
        let elsewhere = self
            .known
            .iter()
            .find(|it| it.schema != name.schema && it.name.eq_ignore_ascii_case(&name.name));
        if let Some(elsewhere) = elsewhere {
            return Some(format!("there is a table `{elsewhere}`"));
        }
        let same = self.known.iter().filter(|it| it.schema == name.schema);
        suggest(&name.name, same.map(|it| it.name.as_str()))
    }

    /// Columns that may be empty though the model says that they never are. Of a view, no engine
    /// knows.
    fn emptiness(&mut self, live: &Live<'_>) {
        if is_view(live) {
            return;
        }
        let class = live.class;
        for held in &live.attributes {
            let attribute = held.attribute;
            for column in held.columns().filter(|it| attribute.is_required && it.is_nullable) {
                let by = Named::Member(attribute.id.clone(), attribute.name.clone());
                self.may_be_empty(class, &by, &column.name);
            }
        }
        for led in live.relations.iter().filter(|led| led.relation.is_required) {
            let by = Named::Member(led.relation.id.clone(), led.relation.name.clone());
            for (column, _) in led.columns.iter().filter(|(column, _)| column.is_nullable) {
                self.may_be_empty(class, &by, &column.name);
            }
        }
    }

    fn may_be_empty(&mut self, class: &Class, by: &Named, column: &str) {
        let place = self.place(class, by, column);
        let message =
            format!("{} is required, but column `{column}` may be empty", named(class, by));
        let hint = "`caruso objects quality` counts the rows where it is";
        self.add(Severity::Warning, Placed::new(codes::EMPTY, &place, message).with_hint(hint));
    }

    fn relations(&mut self, model: &Model, catalog: &Catalog, live: &Live<'_>, backend: DbBackend) {
        for led in &live.relations {
            if model.neighbour(live.class, led.relation).is_some() {
                self.comparison(live, led, &beside(model, led.target, catalog, backend).0);
            }
            let has_few = live.table.rows.is_some_and(|rows| rows < FEW_ROWS);
            if !is_view(live) && !has_few && !led.is_indexed(live.table) {
                self.no_index(live, led);
            }
        }
    }

    /// The database compares columns itself when it joins; they must be written alike.
    fn comparison(&mut self, live: &Live<'_>, led: &Led<'_>, target: &Option<Live<'_>>) {
        let Some(keys) = target.as_ref().and_then(Live::key) else { return };
        for ((column, codec), key) in led.columns.iter().zip(keys) {
            if codec.is_alike(&key.codec) {
                continue;
            }
            let relation = led.relation;
            let by = Named::Member(relation.id.clone(), relation.name.clone());
            let place = self.place(live.class, &by, &column.name);
            let message = format!(
                "{}: `{}` ({}) does not compare with `{}` ({}) of `{}`",
                named(live.class, &by),
                column.name,
                column.declared,
                key.column.name,
                key.column.declared,
                led.target.table
            );
            self.add(Severity::Warning, Placed::new(codes::COMPARE, &place, message));
        }
    }

    fn no_index(&mut self, live: &Live<'_>, led: &Led<'_>) {
        let columns: Vec<&str> = led.columns.iter().map(|(it, _)| it.name.as_str()).collect();
        let relation = led.relation;
        let by = Named::Member(relation.id.clone(), relation.name.clone());
        let place = self.place(live.class, &by, columns.first().copied().unwrap_or_default());
        let message = format!(
            "{}: `{}` has no index that begins with `{}`",
            named(live.class, &by),
            live.table.name,
            columns.join("`, `")
        );
        let hint = format!(
            "with one, the {} of one {} are found without reading the whole table",
            live.class.name, led.target.name
        );
        self.add(Severity::Advice, Placed::new(codes::INDEX, &place, message).with_hint(hint));
    }

    /// What the tables of an abstract class do not write alike.
    fn unlike(&mut self, class: &Class, tables: &[Live<'_>]) {
        for by in united::unlike(class, tables) {
            let place = self.place(class, &by, "");
            let names: Vec<String> = tables.iter().map(|it| it.table.name.to_string()).collect();
            let names = names.join("`, `");
            let message = format!("{}: it is not written alike in `{names}`", named(class, &by));
            let hint = "one statement reads all of them; have one of the tables changed, or read \
                        it by a view";
            self.add(Severity::Error, Placed::new(codes::UNFIT, &place, message).with_hint(hint));
        }
    }

    /// Keys that are in two tables of an abstract class.
    fn shared(&mut self, class: &Class, has_repeats: &Result<bool, DbErr>) {
        if let Ok(false) = has_repeats {
            return;
        }
        let place = self.places.of_class(class, "key");
        let finding = match has_repeats {
            Ok(_) => {
                let message =
                    format!("class `{}`: two of its tables have the same key", class.name);
                let hint = "objects of one key are one object; `caruso objects quality` counts";
                self.add(Severity::Error, Placed::new(codes::KEY, &place, message).with_hint(hint));
                return;
            }
            Err(_) => format!("class `{}`: whether its tables share keys is not known", class.name),
        };
        self.add(Severity::Warning, Placed::new(codes::UNPROVED, &place, finding));
    }

    fn key(&mut self, live: &Live<'_>, has_repeats: Option<&Result<bool, DbErr>>) {
        let Some(has_repeats) = has_repeats else { return };
        let class = live.class;
        let place = self.places.of_class(class, "key");
        let names: Vec<&str> = class.keys().map(|key| key.name.as_str()).collect();
        let what = format!("class `{}`: ", class.name);
        let names = names.join(" ");
        match has_repeats {
            Ok(true) => {
                let message = format!("{what}two rows or more have the same `{names}`");
                let hint = "name other attributes in `key`; `caruso objects quality` counts";
                self.add(Severity::Error, Placed::new(codes::KEY, &place, message).with_hint(hint));
            }
            Ok(false) if is_view(live) => {}
            Ok(false) => {
                let message = format!(
                    "{what}no two rows have the same `{names}` now, but nothing keeps it so"
                );
                let hint = "a unique constraint in the database would";
                let finding = Placed::new(codes::UNDECLARED, &place, message).with_hint(hint);
                self.add(Severity::Advice, finding);
            }
            Err(error) => {
                let why = match Failure::of(error) {
                    Failure::Slow => "the statement took longer than a minute",
                    Failure::Denied => "the user may not read the table",
                    _ => "the statement failed",
                };
                let message = format!("{what}whether `{names}` is unique is not known: {why}");
                self.add(Severity::Warning, Placed::new(codes::UNPROVED, &place, message));
            }
        }
    }
}

/// Who names a column, for people.
fn named(class: &Class, by: &Named) -> String {
    match by {
        Named::Member(_, name) => format!("`{}.{name}`", class.name),
        Named::Revision => format!("the revision of `{}`", class.name),
    }
}
