//! A first model of a live database.
//!
//! ```
//! use caruso_business_object_modeler::import::{Options, Samples, first_model};
//! use caruso_database::{Catalog, DbBackend};
//!
//! let options = Options {
//!     backend: DbBackend::Sqlite,
//!     source: "sqlite:crm.db".to_owned(),
//!     database: "crm".to_owned(),
//!     country: caruso_object_model::phone::Country::by_code("NL").expect("it is known"),
//! };
//! let files = first_model(&Catalog::default(), &Samples::default(), &options);
//! assert!(files[0].contains("<business-objects database=\"crm\" country=\"NL\">"));
//! ```

mod columns;
mod draft;
mod enums;
mod guess;
mod inferred;
mod keys;
mod members;
mod part;
mod profile;
mod relations;
mod sample;
mod words;
mod write;

use caruso_database::{Catalog, DatabaseConnection, DbBackend, DbErr, TableName};
use caruso_object_model::phone::Country;

pub use part::{Missing, Part};
pub use profile::Profile;
pub use sample::{MOST_ROWS, Sample, Samples};

/// What a first model is told besides the catalog.
#[derive(Debug, Clone)]
pub struct Options {
    /// The engine that the catalog is of.
    pub backend: DbBackend,
    /// Where the catalog is from, for the comment at the beginning.
    pub source: String,
    /// The name that the model gives the database; letters, digits, `.`, `-`, `_`, and one at
    /// least.
    pub database: String,
    /// Where telephone numbers without country code belong.
    pub country: Country,
}

/// Why there is no first model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table that is asked for is not there.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The catalog cannot be read.
    #[error("cannot read what the database has")]
    Catalog(#[source] DbErr),
    /// The connection was lost while rows were looked at.
    #[error("cannot look at the data")]
    Data(#[source] DbErr),
}

/// The first model of a part of a live database, as [`first_model`] has it. `progress` is told of
/// each table before its rows are looked at: which one it is, the first is 1, and of how many.
///
/// # Errors
///
/// See [`Error`]. That a single table cannot be read is in a comment of the model.
pub async fn read(
    connection: &DatabaseConnection,
    part: &Part,
    looks_at_rows: bool,
    options: &Options,
    mut progress: impl FnMut(usize, usize, &TableName),
) -> Result<Vec<String>, Error> {
    let mut catalog = Catalog::read(connection, None).await.map_err(Error::Catalog)?;
    part.take(&mut catalog, options.backend)?;
    let samples = if looks_at_rows {
        let (mut at, all) = (0, catalog.tables.len());
        let progress = |table: &TableName| {
            at += 1;
            progress(at, all, table);
        };
        let read = Samples::read(connection, &catalog, options.country, progress).await;
        read.map_err(Error::Data)?
    } else {
        Samples::default()
    };
    Ok(first_model(&catalog, &samples, options))
}

/// The texts of the files of a first model, of at most
/// [`MAX_FILE_BYTES`](caruso_markup::MAX_FILE_BYTES) each; one in all but the largest databases,
/// and one even of a database without tables.
///
/// Together they read back without a finding ([`caruso_object_model::Model::read`]), and the model
/// fits the catalog. What cannot be mapped stands in comments.
pub fn first_model(catalog: &Catalog, samples: &Samples, options: &Options) -> Vec<String> {
    let mut draft = draft::Draft::of(catalog, options);
    guess::learn(&mut draft, samples);
    relations::relate(&mut draft, catalog);
    guess::searches(&mut draft, samples);
    members::name(&mut draft);
    write::files(&draft)
}

/// True of letters, digits, `.`, `-`, `_`, one at least: what a model can call a database.
pub fn is_database_name(text: &str) -> bool {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    !text.is_empty() && text.chars().all(is_fine)
}

/// A name for a database, made of its address without password, such as `crm` of
/// `postgres://crm@host/crm`; `main` where that has no letter.
pub fn database_name(address: &str) -> String {
    let path = address.rsplit(['/', ':']).next().unwrap_or_default();
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    words::member_name(&words::words(stem), "main")
}
