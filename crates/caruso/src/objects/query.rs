//! `caruso objects query`: objects of a class, without a running system.
//!
//! The storage manager's own engine answers, so that a filter means what it means in a script. The
//! database is not owned, and so is only read; what the engine keeps beside it goes into a folder
//! that is removed at the end.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use caruso_database::Address;
use caruso_object_model::{Class, Data};
use caruso_storage_manager::{DatabaseOptions, Engine, Installation, Query, StoredObject};
use clap::Args;
use serde_json::json;

use super::Password;
use super::check::print;
use super::files::{Read, in_a_database, read};
use crate::Format;

/// The most objects of one page.
const PAGE: u32 = 500;

/// What `caruso objects query` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The class, as the model names it
    class: String,
    /// A condition, such as "name.contains('ber') and is_locked"; all objects without it
    #[arg(default_value = "")]
    filter: String,
    /// A file of the model, or the folder of an application; may be repeated
    #[arg(long, required = true)]
    model: Vec<PathBuf>,
    /// `sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`
    #[arg(long, value_name = "URL")]
    database: Address,
    #[command(flatten)]
    password: Password,
    /// The most objects that are shown
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

/// Prints the objects: as CSV, or as JSON, one line an object.
pub(super) async fn query(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let Read { model, findings, .. } = read(&options.model)?;
    if !findings.is_empty() {
        return Ok(print(&findings, format));
    }
    in_a_database(&model, &options.class)?;
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let address = options.password.complete(&options.database)?;
    let database = model.class(&options.class).map(|class| class.database.clone());
    let foreign = DatabaseOptions { address, is_owned: false };
    let installation = Installation {
        databases: database.map(|name| (name, foreign)).into_iter().collect(),
        data: folder.path().to_owned(),
        has_demo_data: false,
    };
    let engine = Engine::open("", Arc::new(model), &Data::default(), &installation).await?;
    let objects = objects(&engine, options).await?;
    match (format, engine.model().class(&options.class)) {
        (Format::Text, Some(class)) => csv(class, &objects)?,
        _ => objects.iter().for_each(|object| println!("{}", document(object))),
    }
    Ok(ExitCode::SUCCESS)
}

async fn objects(engine: &Engine, options: &Options) -> anyhow::Result<Vec<StoredObject>> {
    let mut objects = Vec::new();
    let mut page_token = String::new();
    loop {
        let left = options.limit.saturating_sub(u32::try_from(objects.len()).unwrap_or(u32::MAX));
        if left == 0 {
            return Ok(objects);
        }
        let query = Query {
            class: options.class.clone(),
            filter: options.filter.clone(),
            page_size: left.min(PAGE),
            page_token,
            allows_scan: true,
            ..Query::default()
        };
        let page = engine.query(&query).await?;
        objects.extend(page.objects);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(objects);
        }
    }
}

/// A line of names, then a line an object. What cannot be read is written `?`.
fn csv(class: &Class, objects: &[StoredObject]) -> anyhow::Result<()> {
    let attributes = class.attributes().iter().map(|it| it.name.as_str());
    let derived = class.derived().iter().map(|it| it.name.as_str());
    let relations = class.to_one().iter().map(|it| it.name.as_str());
    let names: Vec<&str> = attributes.chain(derived).chain(relations).collect();
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    writer.write_record(&names)?;
    for object in objects {
        let fields = names.iter().map(|name| match object.attributes.get(*name) {
            Some(value) => value.to_string(),
            None if object.unreadable.iter().any(|it| it == name) => "?".to_owned(),
            None => String::new(),
        });
        writer.write_record(fields)?;
    }
    Ok(writer.flush()?)
}

fn document(object: &StoredObject) -> serde_json::Value {
    let attributes: BTreeMap<&str, String> =
        object.attributes.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    json!({ "key": object.key, "attributes": attributes, "unreadable": object.unreadable })
}
