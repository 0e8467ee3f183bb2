//! Why a request is not answered.

use caruso_database::Failure;
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
    /// The model has no such database.
    #[error("there is no database `{name}`{}", hint(.nearest))]
    UnknownDatabase {
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
    /// An object with this key, or with these values that no two may share, is there already.
    #[error("operation {operation}: there is a {class} with this {} already", named(.attributes))]
    Duplicate {
        /// The operation, from 0.
        operation: usize,
        /// Its class.
        class: String,
        /// The attributes, where it is not the key.
        attributes: Vec<String>,
    },
    /// No rule of the model allows the user to do this.
    #[error("operation {operation}: no rule allows to {action} this {class}{}", only(.attributes))]
    Denied {
        /// The operation, from 0.
        operation: usize,
        /// Its class.
        class: String,
        /// `create`, `update` or `delete`.
        action: &'static str,
        /// The attributes that may not be written.
        attributes: Vec<String>,
    },
    /// Other objects lead to the one that is to be deleted.
    #[error("operation {operation}: other objects lead to the {class}")]
    InUse {
        /// The operation, from 0.
        operation: usize,
        /// Its class.
        class: String,
    },
    /// Others change the same objects, and did not come to an end in time.
    #[error("others change objects of database `{database}` at the same time")]
    Busy {
        /// Its name in the model.
        database: String,
    },
    /// There is no room for what is to be written. Nothing of it is; reading goes on.
    #[error("the disk of database `{database}` is full")]
    Full {
        /// Its name in the model.
        database: String,
    },
    /// A statement took longer than it may.
    #[error("database `{database}` takes too long")]
    Slow {
        /// Its name in the model.
        database: String,
    },
    /// The tables are no longer those that the model was held against; they are looked at anew.
    #[error("the tables of database `{database}` have changed")]
    Stale {
        /// Its name in the model.
        database: String,
    },
    /// The request would search through a large table without an index.
    #[error("there are too many of {class} to search through them all{}", advice(.wanted))]
    TooExpensive {
        /// The class.
        class: String,
        /// Columns of which an index would help.
        wanted: Vec<String>,
    },
    /// A part of the condition is about more objects of another database than can be taken over.
    #[error(
        "it is about more than {} of {class} in database `{database}`; say more of them",
        crate::federation::MOST_KEYS
    )]
    TooManyElsewhere {
        /// Their class.
        class: String,
        /// Its database, as the model names it.
        database: String,
    },
    /// A wrapper has more objects of what was asked than it gives to one request, or does not list
    /// as much as that.
    #[error(
        "wrapper `{wrapper}` gives at most {} of {class} to a request{}",
        crate::wrapped::MOST_OBJECTS, more(.wanted)
    )]
    TooManyBehind {
        /// Their class.
        class: String,
        /// The wrapper.
        wrapper: String,
        /// By what it looks for objects, and was not told.
        wanted: Vec<String>,
    },
    /// The wrapper cannot be asked now.
    #[error("wrapper `{wrapper}` does not answer")]
    Away {
        /// Its name in the model.
        wrapper: String,
        /// What it says, or who called it; for the log alone.
        reason: String,
    },
    /// The wrapper took longer than it is waited for.
    #[error("wrapper `{wrapper}` takes too long")]
    Late {
        /// Its name in the model.
        wrapper: String,
    },
    /// What a wrapper holds is changed one object at a time.
    #[error(
        "{class} is held by wrapper `{wrapper}`; split the unit of work: each changes one object \
         of it and nothing else"
    )]
    NotAlone {
        /// The class.
        class: String,
        /// The wrapper.
        wrapper: String,
    },
    /// The wrapper may have changed the object or not.
    #[error(
        "it is not known whether wrapper `{wrapper}` changed the {class}; try again with the same \
         idempotency key"
    )]
    OutcomeUnknown {
        /// The class.
        class: String,
        /// The wrapper.
        wrapper: String,
        /// Why it did not say; for the log alone.
        reason: String,
    },
    /// The system behind the wrapper refuses, in its own words.
    #[error("{words}")]
    RefusedBehind {
        /// For people.
        words: String,
    },
    /// Only a database does this, or a wrapper whose class is writable.
    #[error("{class} is held by wrapper `{wrapper}`; it is changed by its operations")]
    HeldByWrapper {
        /// The class.
        class: String,
        /// The wrapper.
        wrapper: String,
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

fn only(attributes: &[String]) -> String {
    match attributes {
        [] => String::new(),
        attributes => format!(" with `{}`", attributes.join("`, `")),
    }
}

fn named(attributes: &[String]) -> String {
    match attributes {
        [] => "key".to_owned(),
        attributes => format!("`{}`", attributes.join("`, `")),
    }
}

fn advice(wanted: &[String]) -> String {
    match wanted {
        [] => "; ask for a key, or for something that an index finds".to_owned(),
        columns => format!("; an index on {} would help", columns.join(" or on ")),
    }
}

fn more(wanted: &[String]) -> String {
    match wanted {
        [] => "; ask for a key".to_owned(),
        names => format!("; ask for a key, or say more of: {}", names.join(", ")),
    }
}

impl Error {
    /// True when the same request may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Busy { .. }
                | Self::Full { .. }
                | Self::Slow { .. }
                | Self::Stale { .. }
                | Self::Away { .. }
                | Self::Late { .. }
                | Self::OutcomeUnknown { .. }
        )
    }

    /// True when a connection broke: a unit of work may be tried again, since its key tells whether
    /// it was carried out.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Unavailable { source, .. } if Failure::of(source) == Failure::Lost)
    }

    /// The same of the errors that pass, to be said of several things.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Busy { database } => Self::Busy { database: database.clone() },
            Self::Full { database } => Self::Full { database: database.clone() },
            Self::Slow { database } => Self::Slow { database: database.clone() },
            Self::Stale { database } => Self::Stale { database: database.clone() },
            Self::Away { wrapper, reason } => {
                Self::Away { wrapper: wrapper.clone(), reason: reason.clone() }
            }
            Self::Late { wrapper } => Self::Late { wrapper: wrapper.clone() },
            Self::Unavailable { database, source } => {
                Self::Unavailable { database: database.clone(), source: source.clone() }
            }
            other => Self::Filter(vec![other.to_string()]),
        }
    }
}

fn listed<T: ToString>(list: &[T]) -> String {
    list.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

/// Turns errors of the driver into ours; the name of the database goes with them.
pub(crate) fn unavailable(database: &str) -> impl Fn(sea_orm::DbErr) -> Error {
    move |source| {
        let database = database.to_owned();
        match Failure::of(&source) {
            Failure::Conflict => Error::Busy { database },
            Failure::Full => Error::Full { database },
            Failure::Slow => Error::Slow { database },
            Failure::Stale => Error::Stale { database },
            _ => Error::Unavailable { database, source },
        }
    }
}
