//! Why a design tool gets no answer.

use caruso_component::status;
use caruso_database::{DbErr, Failure};
use tonic::{Code, Status};

use super::codes;
use crate::{check, import};

/// Why a design tool gets no answer. No message contains a value of an object, an address, or words
/// of a driver.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the installation has no database `{0}`{hint}", hint = hint(.1))]
    Unknown(String, Option<String>),
    #[error("database `{database}` does not answer")]
    Unavailable { database: String, source: DbErr },
    #[error("{0}")]
    Request(String),
    #[error("the model is not fit for this: {0}")]
    Unfit(String),
    #[error("the installation does not own database `{0}`, and so changes nothing in it")]
    Foreign(String),
    #[error("the plan is no longer the one that was shown; nothing was done")]
    Stale,
    #[error("could not {what}: {why}; the {done} steps before it are done")]
    Step { what: String, why: &'static str, done: usize },
    #[error("as many such calls as may be are under way; try again later")]
    Busy,
    #[error("it took longer than an hour")]
    Long,
}

fn hint(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|it| format!("; {it}")).unwrap_or_default()
}

impl Error {
    /// For `map_err`: what a driver says about a database.
    pub(super) fn unavailable(database: &str) -> impl Fn(DbErr) -> Self {
        move |source| Self::Unavailable { database: database.to_owned(), source }
    }

    /// For `map_err`: why there is no first model.
    pub(super) fn no_model(database: &str) -> impl Fn(import::Error) -> Self {
        move |error| match error {
            import::Error::Missing(missing) => Self::Request(missing.to_string()),
            import::Error::Catalog(source) | import::Error::Data(source) => {
                Self::unavailable(database)(source)
            }
        }
    }

    /// What keeps a model from being worked with; the first finding stands for all.
    pub(super) fn unfit(findings: &[check::Finding]) -> Self {
        let first = findings.first().map(|it| it.finding.to_string()).unwrap_or_default();
        let more = match findings.len() {
            0 | 1 => String::new(),
            all => format!("; and {} more", all - 1),
        };
        Self::Unfit(format!("{first}{more}"))
    }

    /// A step of a plan that failed after so many.
    pub(super) fn step(database: &str, what: &str, done: usize, error: DbErr) -> Self {
        let why = match Failure::of(&error) {
            Failure::Down | Failure::Lost => return Self::unavailable(database)(error),
            Failure::Duplicate(_) => "rows have the same values",
            Failure::Reference => "rows lead to nothing",
            Failure::Missing => "rows have no value",
            Failure::Check | Failure::Value => "rows have values that do not fit",
            Failure::Conflict => "others hold the table",
            Failure::ReadOnly | Failure::Denied => "the user of the database may not",
            Failure::Full => "the disk is full",
            Failure::Slow => "it took longer than a minute",
            Failure::Stale | Failure::Other => "the database refuses it",
        };
        tracing::warn!(database, step = what, error = %error, "a step of a plan failed");
        Self::Step { what: what.to_owned(), why, done }
    }

    fn code(&self) -> (Code, &'static str) {
        match self {
            Self::Unknown(..) => (Code::NotFound, codes::UNKNOWN),
            Self::Unavailable { .. } => (Code::Unavailable, codes::UNAVAILABLE),
            Self::Request(_) => (Code::InvalidArgument, codes::REQUEST),
            Self::Unfit(_) => (Code::FailedPrecondition, codes::UNFIT),
            Self::Foreign(_) => (Code::FailedPrecondition, codes::FOREIGN),
            Self::Stale => (Code::Aborted, codes::STALE),
            Self::Step { .. } => (Code::FailedPrecondition, codes::STEP),
            Self::Busy => (Code::ResourceExhausted, codes::BUSY),
            Self::Long => (Code::DeadlineExceeded, codes::LONG),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        if let Error::Unavailable { database, source } = &error {
            tracing::error!(database, error = %source, "the database does not answer");
        }
        let (grpc, code) = error.code();
        status(grpc, code, error.to_string())
    }
}
