//! Why a request is not answered.

use caruso_object_model::Violation;

/// Why a request is not answered. No message contains a value of an object.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no object with this key.
    #[error("there is no {0} with this key")]
    NotFound(String),
    /// The model has no such class.
    #[error("there is no class `{name}`{}", hint(.nearest))]
    UnknownClass {
        /// The name as it was given.
        name: String,
        /// What was meant, most likely.
        nearest: Option<String>,
    },
    /// The class has no such attribute.
    #[error("`{class}` has no `{name}`{}", hint(.nearest))]
    UnknownAttribute {
        /// The class.
        class: String,
        /// The name as it was given.
        name: String,
        /// What was meant, most likely.
        nearest: Option<String>,
    },
    /// The database cannot be asked now.
    #[error("database `{database}` does not answer")]
    Unavailable {
        /// Its name in the model.
        database: String,
        /// What the driver says; for the log alone.
        #[source]
        source: sea_orm::DbErr,
    },
    /// The filter does not check, or is more than the database can be asked.
    #[error("filter: {}", .0.join("; "))]
    Filter(Vec<String>),
    /// A page has 1 to 500 objects.
    #[error("a page has 1 to {} objects", crate::page::MAX_PAGE_SIZE)]
    PageSize,
    /// The page token belongs to another query or another model.
    #[error("the page token is not of this query")]
    PageToken,
    /// The text is no telephone number.
    #[error("the text is no telephone number: {0}")]
    Number(#[from] caruso_object_model::phone::Error),
    /// The object has changed since it was read.
    #[error("operation {operation}: the {class} has changed since it was read")]
    RevisionConflict {
        /// The operation, from 0.
        operation: usize,
        /// Its class.
        class: String,
    },
    /// The unit of work breaks rules of the model.
    #[error("{}", listed(.0))]
    Violations(Vec<Violation>),
    /// An object with this key is there already.
    #[error("operation {operation}: there is a {class} with this key already")]
    Duplicate {
        /// The operation, from 0.
        operation: usize,
        /// Its class.
        class: String,
    },
    /// Model and databases do not fit; the engine does not open.
    #[error("model and databases do not fit: {}", .0.join("; "))]
    Drift(Vec<String>),
    /// The own folder cannot be used.
    #[error("the data folder cannot be used")]
    Folder(#[from] std::io::Error),
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn listed<T: ToString>(list: &[T]) -> String {
    list.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

/// Turns errors of the driver into ours; the name of the database goes with them.
pub(crate) fn unavailable(database: &str) -> impl Fn(sea_orm::DbErr) -> Error {
    move |source| Error::Unavailable { database: database.to_owned(), source }
}
