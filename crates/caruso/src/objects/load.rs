//! `caruso objects load`: the rows of a CSV file become objects of a class.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_markup::suggest;
use caruso_storage_manager::{Address, Author, Existing, LoadOptions, Loaded};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::Password;
use super::check::print as print_findings;
use super::files::{in_a_database, read};
use super::part::Part;
use super::progress::Progress;
use crate::Format;
use crate::site::Site;

/// What `caruso objects load` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The class
    class: String,
    /// CSV in UTF-8; its first row names attributes and relations to one
    file: PathBuf,
    /// A file of the model, or the folder of an application; may be repeated
    #[arg(long, required = true, value_name = "FILE_OR_APP_DIR")]
    model: Vec<PathBuf>,
    /// `sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`; without it,
    /// as the site file says
    #[arg(long, value_name = "URL", required_unless_present = "site")]
    database: Option<Address>,
    #[command(flatten)]
    password: Password,
    /// The site file: what leads into other databases that it names must be there
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Check everything in the database, and take it back in the end
    #[arg(long)]
    dry_run: bool,
    /// What happens to a row whose object is there
    #[arg(long, value_enum, default_value_t = OnExisting::Refuse)]
    on_existing: OnExisting,
    /// Where refused rows are written with their reasons, to be corrected and loaded again
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Load the file from its start although it was loaded before, or in part
    #[arg(long)]
    again: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnExisting {
    /// It is refused
    Refuse,
    /// It is left out
    Skip,
    /// The object gets the attributes that the file has
    Update,
}

/// Loads the file; 1 when a row was refused.
pub(super) async fn load(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let read = read(&options.model)?;
    if !read.findings.is_empty() {
        return Ok(print_findings(&read.findings, format));
    }
    let class = options.class.as_str();
    in_a_database(&read.model, class)?;
    let Some(database) = read.model.class(class).map(|class| class.database.clone()) else {
        let near = suggest(class, read.model.classes().map(|class| class.name.as_str()));
        let near = near.map(|near| format!("; {near}")).unwrap_or_default();
        bail!("the model has no class `{class}`{near}");
    };
    let site = Site::read(options.site.as_deref())?;
    let address = address(options, &site, &database)?;
    let engine = Part::in_site(read, &database, &site)?.open(&address).await?;
    let wished = LoadOptions {
        existing: match options.on_existing {
            OnExisting::Refuse => Existing::Refuse,
            OnExisting::Skip => Existing::Skip,
            OnExisting::Update => Existing::Update,
        },
        is_trial: options.dry_run,
        starts_anew: options.again,
        refused: options.refused.clone(),
    };
    let user = std::env::var("USER").unwrap_or_default();
    let author =
        Author { actor: format!("objects load {user}").trim().to_owned(), request: String::new() };
    let mut progress = Progress::start();
    let mut watch = |loaded: &Loaded| progress.tell(|elapsed| so_far(loaded, elapsed));
    let now = Timestamp::now();
    let loaded = engine.load(class, &options.file, &wished, &author, now, &mut watch).await;
    let elapsed = progress.lap();
    let loaded = loaded?;
    print(options, &loaded, elapsed, format);
    Ok(if loaded.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the database is: as the command says, else as the site does, if the database is ours.
fn address(options: &Options, site: &Site, name: &str) -> anyhow::Result<Address> {
    if let Some(address) = &options.database {
        return options.password.complete(address);
    }
    let known = site.database.keys().map(String::as_str);
    let near = suggest(name, known).map(|near| format!("; {near}")).unwrap_or_default();
    let Some(database) = site.database.get(name) else {
        bail!("the site file names no database `{name}`{near}; say `--database`");
    };
    if !database.owned {
        bail!("the site file does not say that the database `{name}` is owned");
    }
    database.address().context("in the site file")
}

/// What is told on the way.
fn so_far(loaded: &Loaded, elapsed: Duration) -> String {
    let (rows, refused) = (loaded.rows, loaded.refused);
    format!("{rows} rows, {} rows/s, {refused} refused", rate(loaded, elapsed))
}

/// Rows of this run in a second.
fn rate(loaded: &Loaded, elapsed: Duration) -> u128 {
    let rows = u128::from(loaded.rows - loaded.done_before.min(loaded.rows));
    rows * 1_000 / elapsed.as_millis().max(1)
}

fn print(options: &Options, loaded: &Loaded, elapsed: Duration, format: Format) {
    let (is_trial, rate) = (options.dry_run, rate(loaded, elapsed));
    if format == Format::Json {
        let document = json!({
            "class": options.class,
            "dry_run": is_trial,
            "rows": loaded.rows,
            "created": loaded.created,
            "updated": loaded.updated,
            "unchanged": loaded.unchanged,
            "skipped": loaded.skipped,
            "refused": loaded.refused,
            "done_before": loaded.done_before,
            "seconds": elapsed.as_secs_f64(),
            "rows_per_second": u64::try_from(rate).unwrap_or(u64::MAX),
            "reasons": loaded.reasons,
        });
        println!("{document}");
        return;
    }
    for refused in &loaded.reasons {
        let name = match refused.name.as_str() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        println!("{}:{}: {name}{}", options.file.display(), refused.line, refused.reason);
    }
    let counts = [
        (loaded.created, "created"),
        (loaded.updated, "updated"),
        (loaded.unchanged, "unchanged"),
        (loaded.skipped, "skipped"),
        (loaded.refused, "refused"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    let before = match loaded.done_before {
        0 => String::new(),
        before => format!("; {before} of them in an earlier run"),
    };
    let trial = if is_trial { ", taken back" } else { "" };
    let (class, rows) = (&options.class, loaded.rows);
    println!("{class}: {rows} rows: {counts}{before}{trial} ({rate} rows/s)");
}
