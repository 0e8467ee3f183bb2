//! `caruso objects import`: a first model of what a database has.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_business_object_modeler::import::{self, Part};
use caruso_database::{Access, Address, TableName};
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
    import::is_database_name(text)
        .then(|| text.to_owned())
        .ok_or_else(|| "a name has letters, digits, `.`, `-`, `_`".into())
}

/// Writes the model.
pub(super) async fn import(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let connection = open(&options.url, &options.password, Access::Read).await?;
    let source = options.url.to_string();
    let database = options.database.clone().unwrap_or_else(|| import::database_name(&source));
    let told = import::Options {
        backend: options.url.backend(),
        source,
        database,
        country: options.country,
    };
    let part = Part { schemas: options.schemas.clone(), tables: options.tables.clone() };
    let progress = |at, all, table: &TableName| eprintln!("{at} of {all}: {table}");
    let files = import::read(&connection, &part, !options.no_data, &told, progress).await;
    let files = files.with_context(|| format!("no model of {}", options.url))?;
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
