//! What the data of a model are like, class by class.
//!
//! Every row is read once, in batches by the order of its key; what leads to nothing and which keys
//! come twice is asked with one statement each. A cell is a value or a finding, never a guess.

mod ask;
mod form;
mod html;
mod scan;
mod tally;

use caruso_database::{Catalog, DatabaseConnection, Failure};
use caruso_object_model::{Class, Model};
use sea_orm::DbErr;
use serde::Serialize;

use crate::live::{Live, beside, table_name, tables_of};
use crate::united;

pub use html::page;

/// The most different values that are shown of one finding.
pub const MOST_EXAMPLES: usize = 5;
/// The most codes that are shown which a list does not know.
pub const MOST_CODES: usize = 20;

/// What is measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The most rows of a table that are read; all if nothing is said. Repeated keys and what leads
    /// to nothing are counted in all rows nevertheless.
    pub sample: Option<u64>,
}

/// What the data are like. Holds values of the data as examples, except of sensitive attributes.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The name that the model gives the database.
    pub database: String,
    /// By name.
    pub classes: Vec<ClassReport>,
}

/// What the objects of a class are like.
#[derive(Debug, Clone, Serialize)]
pub struct ClassReport {
    /// Its name.
    pub class: String,
    /// Its table.
    pub table: String,
    /// The rows that were read.
    pub rows: u64,
    /// Whether these are all.
    pub is_whole: bool,
    /// Why they could not be read, or only some of them.
    pub failed: Option<String>,
    /// The attributes of its key.
    pub key: Vec<String>,
    /// Keys that come more than once; nothing where the database itself sees to it that none does.
    pub repeats: Option<Counted>,
    /// In the order of the model.
    pub attributes: Vec<AttributeReport>,
    /// In the order of the model.
    pub relations: Vec<RelationReport>,
    /// Conditions that rows break: of the class, and as `Kind.name` of kinds in the same table.
    pub constraints: Vec<ConstraintReport>,
}

/// What the values of an attribute are like.
#[derive(Debug, Clone, Serialize)]
pub struct AttributeReport {
    /// Its name.
    pub attribute: String,
    /// Its column, and the type of that in the words of the database.
    pub column: String,
    /// See [`AttributeReport::column`].
    pub declared: String,
    /// Type and stored form, as the model writes them.
    pub form: String,
    /// Whether every object is to have a value.
    pub is_required: bool,
    /// Rows without value.
    pub missing: u64,
    /// Those of them whose cell is one of the texts that mean that there is none.
    pub replaced: u64,
    /// Cells that mean nothing. Of a choice: codes that its list does not know.
    pub unreadable: Examples,
    /// Texts longer than the model has them.
    pub too_long: u64,
    /// Texts that are to be telephone numbers and are none.
    pub no_phone: Examples,
    /// Whether all values are the same, and there are two or more.
    pub is_constant: bool,
}

/// Where a relation leads.
#[derive(Debug, Clone, Serialize)]
pub struct RelationReport {
    /// Its name.
    pub relation: String,
    /// The class that it leads to.
    pub class: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether every object is to have one.
    pub is_required: bool,
    /// Rows that lead nowhere.
    pub missing: u64,
    /// Keys that no object of the other class has.
    pub orphans: Counted,
}

/// How many rows break a condition that the model says is true of every object.
#[derive(Debug, Clone, Serialize)]
pub struct ConstraintReport {
    /// Its name.
    pub constraint: String,
    /// The rows.
    pub rows: u64,
}

/// What a statement counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counted {
    /// The rows.
    pub rows: u64,
    /// The different keys in them.
    pub keys: u64,
    /// The most frequent keys.
    pub examples: Vec<Example>,
    /// Why nothing was counted.
    pub failed: Option<String>,
}

/// Different values, the first that came, each with how often it came.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Examples {
    /// How many cells there are, those that are not shown included.
    pub count: u64,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// A value and how often it comes.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// As the database has it.
    pub value: String,
    /// How often.
    pub count: u64,
}

impl std::fmt::Debug for Example {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Example(…, {})", self.count)
    }
}

/// Measures the classes of one database of a model that fits it. `progress` is told the class and
/// how many of its rows have been read, again and again.
///
/// # Errors
///
/// What the driver says when the catalog cannot be read or the connection is lost. That a single
/// table cannot be read is in its report.
pub async fn measure(
    connection: &DatabaseConnection,
    model: &Model,
    database: &str,
    options: Options,
    mut progress: impl FnMut(&str, u64),
) -> Result<Report, DbErr> {
    let mut measuring = Measuring::begin(connection, model, database, options).await?;
    let mut classes = Vec::new();
    while let Some(class) = measuring.next(&mut progress).await? {
        classes.push(class);
    }
    Ok(Report { database: database.to_owned(), classes })
}

/// The classes of a model that are still to be measured, for whoever wants them one by one.
pub struct Measuring<'a> {
    connection: &'a DatabaseConnection,
    model: &'a Model,
    options: Options,
    catalog: Catalog,
    /// The tables, each as a class.
    left: std::vec::IntoIter<Class>,
}

impl std::fmt::Debug for Measuring<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Measuring({} left)", self.left.len())
    }
}

impl<'a> Measuring<'a> {
    /// All classes of one database of a model.
    ///
    /// # Errors
    ///
    /// What the driver says when the catalog cannot be read.
    pub async fn begin(
        connection: &'a DatabaseConnection,
        model: &'a Model,
        database: &str,
        options: Options,
    ) -> Result<Self, DbErr> {
        let catalog = Catalog::read(connection, Some(&tables_of(model, database))).await?;
        let mut left: Vec<_> = model.holders().filter(|it| it.database == database).collect();
        let is_here = |class: &&Class| class.is_abstract && class.database == database;
        left.extend(model.classes().filter(is_here).cloned());
        Ok(Self { connection, model, options, catalog, left: left.into_iter() })
    }

    /// The next class; none when all are measured.
    ///
    /// # Errors
    ///
    /// As [`measure`].
    pub async fn next(
        &mut self,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<Option<ClassReport>, DbErr> {
        let Some(class) = self.left.next() else { return Ok(None) };
        if class.is_abstract {
            return self.united(&class).await.map(Some);
        }
        let Self { connection, model, options, catalog, .. } = self;
        let backend = connection.get_database_backend();
        progress(&class.name, 0);
        let (live, _) = beside(model, &class, catalog, backend);
        let Some(live) = live else { return Ok(Some(ClassReport::absent(&class))) };
        // the first table of a class holds its kinds, too, but for those with a table of their own
        let own = model.class(&class.name).filter(|own| own.table == class.table);
        let kinds = own.into_iter().flat_map(|own| model.kinds(own));
        let kinds: Vec<&Class> = kinds.filter(|kind| kind.parts.is_empty()).collect();
        let mut report = scan::class(connection, &live, &kinds, *options, progress).await?;
        report.repeats = ask::repeats(connection, &live).await?;
        for (led, relation) in live.relations.iter().zip(&mut report.relations) {
            relation.orphans = match model.neighbour(&class, led.relation) {
                Some(target) => {
                    let (target, _) = beside(model, target, catalog, backend);
                    ask::orphans(connection, &live, led, target.as_ref()).await?
                }
                None if led.target.is_abstract => {
                    ask::not_asked("several tables hold the objects of the other class")
                }
                None => ask::not_asked("the other class is in another database"),
            };
        }
        Ok(Some(report))
    }

    /// Of an abstract class, the keys that are in two of its tables; all else is told of each.
    async fn united(&self, class: &Class) -> Result<ClassReport, DbErr> {
        let backend = self.connection.get_database_backend();
        let variants = self.model.variants(class);
        let variants: Vec<Class> = variants.filter_map(|it| self.model.holder(it)).collect();
        let tables = variants.iter().map(|it| beside(self.model, it, &self.catalog, backend).0);
        let names: Vec<String> = variants.iter().map(|it| table_name(it).to_string()).collect();
        let absent = ClassReport { table: names.join(", "), ..ClassReport::absent(class) };
        let tables: Option<Vec<Live<'_>>> = tables.collect();
        let keys = tables.and_then(|tables| united::keys(class, &tables));
        let Some(keys) = keys else {
            let failed = Some("its tables are not all there, or not alike".to_owned());
            return Ok(ClassReport { failed, ..absent });
        };
        let rows = ask::rows(self.connection, &keys).await?;
        let repeats = Some(ask::shared(self.connection, &keys).await?);
        Ok(ClassReport { rows, is_whole: true, failed: None, repeats, ..absent })
    }
}

/// Why a table could not be asked; the error itself where the whole database cannot.
fn why(error: DbErr) -> Result<String, DbErr> {
    let words = match Failure::of(&error) {
        Failure::Down => return Err(error),
        Failure::Slow => "a statement took longer than a minute",
        Failure::Denied => "the user may not read the table",
        Failure::Stale => "the table was changed meanwhile",
        _ => "a statement failed",
    };
    Ok(words.to_owned())
}

impl Report {
    /// How many things are not as the model says.
    pub fn problems(&self) -> usize {
        self.classes.iter().map(ClassReport::problems).sum()
    }
}

impl ClassReport {
    fn absent(class: &Class) -> Self {
        Self {
            class: class.name.clone(),
            table: table_name(class).to_string(),
            rows: 0,
            is_whole: false,
            failed: Some("there is no such table".to_owned()),
            key: class.keys().map(|key| key.name.clone()).collect(),
            repeats: None,
            attributes: Vec::new(),
            relations: Vec::new(),
            constraints: Vec::new(),
        }
    }

    fn of(live: &Live<'_>) -> Self {
        Self { table: live.table.name.to_string(), failed: None, ..Self::absent(live.class) }
    }

    /// Whether no row was ever written.
    pub fn is_unused(&self) -> bool {
        self.rows == 0 && self.is_whole
    }

    /// What is not as the model says, in sentences, by the name of the attribute or relation, which
    /// is empty where it is about the class. Columns and tables that are never used are not among
    /// them.
    pub fn sentences(&self) -> Vec<(String, String)> {
        let mut sentences = Vec::new();
        let mut say = |name: &str, text: String| sentences.push((name.to_owned(), text));
        if let Some(failed) = &self.failed {
            say("", format!("not measured as a whole: {failed}"));
        }
        if let Some(repeats) = &self.repeats {
            let key = self.key.join(" ");
            repeats.say(&format!("{} share {}", rows(repeats.rows), keys(repeats.keys)), |text| {
                say("", format!("`{key}` is no key: {text}"));
            });
        }
        for attribute in &self.attributes {
            attribute.sentences().into_iter().for_each(|text| say(&attribute.attribute, text));
        }
        for relation in &self.relations {
            relation.sentences().into_iter().for_each(|text| say(&relation.relation, text));
        }
        for it in self.constraints.iter().filter(|it| it.rows > 0) {
            say("", format!("constraint `{}`: broken in {}", it.constraint, rows(it.rows)));
        }
        sentences
    }

    fn problems(&self) -> usize {
        self.sentences().len()
    }
}

impl AttributeReport {
    /// Whether no row has a value.
    pub fn is_unused(&self, rows: u64) -> bool {
        rows > 0 && self.missing == rows
    }

    fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.is_required && self.missing > 0 {
            sentences.push(format!("required, but missing in {}", rows(self.missing)));
        }
        if self.unreadable.count > 0 {
            let Examples { count, examples } = &self.unreadable;
            sentences.push(format!("{} no {}{}", values(*count), self.form, listed(examples)));
        }
        if self.too_long > 0 {
            sentences.push(format!("{} longer than the model says", values(self.too_long)));
        }
        if self.no_phone.count > 0 {
            let Examples { count, examples } = &self.no_phone;
            sentences.push(format!("{} no telephone number{}", values(*count), listed(examples)));
        }
        sentences
    }
}

impl RelationReport {
    fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.is_required && self.missing > 0 {
            sentences.push(format!("required, but missing in {}", rows(self.missing)));
        }
        let (lost, different) = (self.orphans.rows, self.orphans.keys);
        let lead = if lost == 1 { "leads" } else { "lead" };
        let (lost, different) = (rows(lost), keys(different));
        let what = format!("{lost} {lead} to {different} that no {} has", self.class);
        self.orphans.say(&what, |text| sentences.push(text));
        sentences
    }
}

impl Counted {
    fn say(&self, what: &str, mut say: impl FnMut(String)) {
        if let Some(failed) = &self.failed {
            say(format!("not counted: {failed}"));
        } else if self.rows > 0 {
            say(format!("{what}{}", listed(&self.examples)));
        }
    }
}

fn values(count: u64) -> String {
    if count == 1 { "1 value is".to_owned() } else { format!("{count} values are") }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn keys(count: u64) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// How many of a hundred, in such a way that only all are 100 and only none are 0; with one decimal
/// below 1 and above 99.
pub fn share(part: u64, whole: u64) -> String {
    if part == 0 || part == whole || whole == 0 {
        return if part == 0 { "0".to_owned() } else { "100".to_owned() };
    }
    let permille = (u128::from(part) * 1_000 / u128::from(whole)).clamp(1, 999);
    match permille {
        10..=990 => (permille / 10).to_string(),
        _ => format!("{}.{}", permille / 10, permille % 10),
    }
}

/// `: "Q" (6), "R" (1)`.
fn listed(examples: &[Example]) -> String {
    let shown = examples.iter().map(|it| format!("{:?} ({})", it.value, it.count));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) }
}
