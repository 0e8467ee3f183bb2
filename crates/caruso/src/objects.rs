//! `caruso objects`: a database that was there first, as business objects.

mod check;
mod copy;
mod files;
mod import;
mod load;
mod migrate;
mod part;
mod progress;
mod quality;
mod query;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use caruso_database::{Access, Address, DatabaseConnection, connect};
use clap::{Args, Subcommand};

use crate::Format;
use migrate::Use;

/// The most connections at a time: one that reads, and one that asks in between.
const CONNECTIONS: u32 = 2;

/// What `caruso objects` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Writes a first model of what a database has
    Import(import::Options),
    /// Holds a model against a database: tables, columns, types, keys; all findings at once
    Check(check::Options),
    /// Says what the data are like: missing, not readable, repeated, leading nowhere
    Quality(quality::Options),
    /// Says what a database that the application owns lacks of a changed model
    Diff(migrate::Options),
    /// Shows the statements that would make it fit
    Plan(migrate::Options),
    /// Carries them out, one after the other; a plan that was cut off goes on
    Apply(migrate::Options),
    /// Asks for objects of a class, by a filter as scripts write it
    Query(query::Options),
    /// The rows of a CSV file become objects of a class
    Load(load::Options),
    /// All objects move to another database, of any engine
    Copy(copy::Options),
}

/// Carries out one of the commands; only `apply`, `load` and `copy` change a database.
pub(crate) async fn objects(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    match options.action {
        Action::Import(options) => import::import(&options, format).await,
        Action::Check(options) => check::check(&options, format).await,
        Action::Quality(options) => quality::quality(&options, format).await,
        Action::Diff(options) => migrate::migrate(&options, Use::Diff, format).await,
        Action::Plan(options) => migrate::migrate(&options, Use::Plan, format).await,
        Action::Apply(options) => migrate::migrate(&options, Use::Apply, format).await,
        Action::Query(options) => query::query(&options, format).await,
        Action::Load(options) => load::load(&options, format).await,
        Action::Copy(options) => copy::copy(&options, format).await,
    }
}

/// A password that stands in a file.
#[derive(Args, Debug)]
struct Password {
    /// A file that holds the password of the user, on its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Password {
    /// The address with the password, if there is one.
    fn complete(&self, address: &Address) -> anyhow::Result<Address> {
        with_password(address, self.password_file.as_deref())
    }
}

/// An address with the password that stands on the first line of a file.
fn with_password(address: &Address, file: Option<&Path>) -> anyhow::Result<Address> {
    let Some(path) = file else { return Ok(address.clone()) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the password file {}", path.display()))?;
    Ok(address.clone().with_password(text.lines().next().unwrap_or_default()))
}

/// Opens a database.
async fn open(
    address: &Address,
    password: &Password,
    access: Access,
) -> anyhow::Result<DatabaseConnection> {
    connect(&password.complete(address)?, access, CONNECTIONS)
        .await
        .with_context(|| format!("cannot open the database {address}"))
}
