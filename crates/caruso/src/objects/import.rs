//! `caruso objects import`: a first model of what a database has.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_business_object_modeler::import::{self, Samples};
use caruso_database::{Address, Catalog, DatabaseConnection, DbBackend, TableName};
use caruso_markup::suggest;
use caruso_object_model::phone::Country;
use clap::Args;
use serde_json::json;

use super::{Password, open};
use crate::Format;

/// What `caruso objects import` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// `sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`
    url: Address,
    #[command(flatten)]
    password: Password,
    /// The file to write, which must not be there yet; standard output without it
    #[arg(long)]
    output: Option<PathBuf>,
    /// Where telephone numbers without country code belong: NL, BE or DE
    #[arg(long, default_value = "NL", value_parser = country)]
    country: Country,
    /// The name that the model gives the database; without it, one made of the URL
    #[arg(long, value_name = "NAME", value_parser = name)]
    database: Option<String>,
    /// Only tables of this schema; may be repeated
    #[arg(long = "schema", value_name = "SCHEMA")]
    schemas: Vec<String>,
    /// Only this table, as NAME or SCHEMA.NAME; may be repeated
    #[arg(long = "table", value_name = "TABLE")]
    tables: Vec<String>,
    /// Looks at no row, only at what tables and columns say of themselves
    #[arg(long)]
    no_data: bool,
}

fn country(code: &str) -> Result<Country, String> {
    let known = || format!("known: {}", Country::codes().collect::<Vec<_>>().join(", "));
    Country::by_code(code).ok_or_else(known)
}

fn name(text: &str) -> Result<String, String> {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    let is_name = !text.is_empty() && text.chars().all(is_fine);
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| "a name has letters, digits, `.`, `-`, `_`".into())
}

/// Writes the model.
pub(super) async fn import(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let connection = open(&options.url, &options.password).await?;
    let catalog = catalog(&connection, options).await?;
    let samples = samples(&connection, &catalog, options).await?;
    let source = options.url.to_string();
    let database = options.database.clone().unwrap_or_else(|| import::database_name(&source));
    let told = import::Options {
        backend: options.url.backend(),
        source,
        database,
        country: options.country,
    };
    let files = import::first_model(&catalog, &samples, &told);
    write(&files, options.output.as_deref(), format)?;
    if let Some(output) = &options.output
        && format == Format::Text
    {
        println!(
            "next: look at {0}, then `caruso objects check {0} --database URL`",
            output.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// What the database has, without what nobody asked for.
async fn catalog(connection: &DatabaseConnection, options: &Options) -> anyhow::Result<Catalog> {
    let mut catalog =
        Catalog::read(connection, None).await.context("cannot read what the database has")?;
    if !options.schemas.is_empty() {
        let own = default_schema(&options.url);
        let schema = |it: &TableName| it.schema.clone().unwrap_or_else(|| own.to_owned());
        let mut known: Vec<String> = catalog.tables.iter().map(|it| schema(&it.name)).collect();
        known.sort();
        known.dedup();
        for wanted in &options.schemas {
            if !known.contains(wanted) {
                let near = suggest(wanted, known.iter().map(String::as_str));
                bail!("there is no table in schema `{wanted}`{}", hint(near));
            }
        }
        catalog.tables.retain(|it| options.schemas.contains(&schema(&it.name)));
    }
    if !options.tables.is_empty() {
        for wanted in &options.tables {
            if !catalog.tables.iter().any(|it| is_called(&it.name, wanted)) {
                let known = catalog.tables.iter().map(|it| it.name.name.as_str());
                bail!("there is no table `{wanted}`{}", hint(suggest(wanted, known)));
            }
        }
        let is_wanted = |it: &TableName| options.tables.iter().any(|name| is_called(it, name));
        catalog.tables.retain(|it| is_wanted(&it.name));
    }
    if catalog.tables.is_empty() {
        bail!("the database {} has no tables", options.url);
    }
    Ok(catalog)
}

fn hint(suggestion: Option<String>) -> String {
    suggestion.map(|it| format!("; {it}")).unwrap_or_default()
}

/// What the schema is called that a connection begins in.
fn default_schema(url: &Address) -> &'static str {
    match url.backend() {
        DbBackend::Sqlite => "main",
        DbBackend::Postgres => "public",
        _ => "default",
    }
}

fn is_called(name: &TableName, wanted: &str) -> bool {
    name.name.eq_ignore_ascii_case(wanted) || name.to_string().eq_ignore_ascii_case(wanted)
}

async fn samples(
    connection: &DatabaseConnection,
    catalog: &Catalog,
    options: &Options,
) -> anyhow::Result<Samples> {
    if options.no_data {
        return Ok(Samples::default());
    }
    let all = catalog.tables.len();
    let mut at = 0;
    let progress = |table: &TableName| {
        at += 1;
        eprintln!("{at} of {all}: {table}");
    };
    let samples = Samples::read(connection, catalog, options.country, progress).await;
    samples.context("cannot look at the data")
}

fn write(files: &[String], output: Option<&Path>, format: Format) -> anyhow::Result<()> {
    let Some(output) = output else {
        let mut out = io::stdout().lock();
        match (format, files) {
            (Format::Json, files) => writeln!(out, "{}", json!({ "files": files }))?,
            (Format::Text, [file]) => out.write_all(file.as_bytes())?,
            (Format::Text, _) => bail!(
                "the model takes {} files; name the first one with `--output`, or take fewer \
                 tables",
                files.len()
            ),
        }
        return Ok(());
    };
    let paths: Vec<PathBuf> = (0..files.len()).map(|at| numbered(output, at)).collect();
    for (path, file) in paths.iter().zip(files) {
        let mut new = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .with_context(|| format!("cannot make the file {}", path.display()))?;
        new.write_all(file.as_bytes())
            .with_context(|| format!("cannot write the file {}", path.display()))?;
    }
    match format {
        Format::Json => println!("{}", json!({ "paths": paths })),
        Format::Text => paths.iter().for_each(|path| println!("{}", path.display())),
    }
    Ok(())
}

/// `crm.xml`, `crm-2.xml`, …
fn numbered(path: &Path, at: usize) -> PathBuf {
    if at == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let number = at + 1;
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{number}"),
    };
    path.with_file_name(name)
}
