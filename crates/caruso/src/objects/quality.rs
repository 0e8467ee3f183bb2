//! `caruso objects quality`: what the data of a model are like.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use caruso_business_object_modeler::check;
use caruso_business_object_modeler::quality::{self, ClassReport, Report, share};
use caruso_database::Access;
use clap::Args;
use jiff::Zoned;

use super::check::print;
use super::files::{Opened, Subject};
use crate::Format;

/// What `caruso objects quality` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
    /// Writes the report as a page for browsers, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Reads at most so many rows of a table, the first by key; all without it
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,
}

/// Prints the report; 1 when something is not as the model says.
pub(super) async fn quality(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let opened = match options.subject.open(Access::Read, format).await? {
        Ok(opened) => opened,
        Err(unsound) => return Ok(unsound),
    };
    let Opened { model, places, name, connection } = &opened;
    let misfits = check::misfits(connection, model, name, places)
        .await
        .context("cannot read what the database has")?;
    if !misfits.is_empty() {
        return Ok(print(&misfits, format));
    }
    let told = quality::Options { sample: options.sample };
    let mut progress = Progress::default();
    let report = quality::measure(connection, model, name, told, |class, rows| {
        progress.show(class, rows);
    });
    let report = report.await.context("cannot read the data")?;
    progress.end();
    if let Some(path) = &options.html {
        let now = Zoned::now().strftime("%Y-%m-%d %H:%M %Z");
        let about = format!("{}, {now}", options.subject.database);
        std::fs::write(path, quality::page(&report, &about))
            .with_context(|| format!("cannot write the file {}", path.display()))?;
    }
    match format {
        Format::Text => text(&report),
        Format::Json => println!("{}", serde_json::to_string(&report)?),
    }
    Ok(if report.problems() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is being read, on standard error: one line that changes where somebody looks, one line a
/// class elsewhere.
#[derive(Default)]
struct Progress {
    class: String,
}

impl Progress {
    fn show(&mut self, class: &str, rows: u64) {
        let mut out = std::io::stderr().lock();
        let is_watched = out.is_terminal();
        if is_watched {
            let _ = write!(out, "\r\x1b[K{class}: {rows} rows");
        } else if self.class != class {
            let _ = writeln!(out, "{class}");
        }
        class.clone_into(&mut self.class);
    }

    fn end(&self) {
        let mut out = std::io::stderr().lock();
        if out.is_terminal() {
            let _ = write!(out, "\r\x1b[K");
        }
    }
}

fn text(report: &Report) {
    for class in &report.classes {
        let more = if class.is_whole { "" } else { " of more" };
        println!("{} ({}): {}{more} rows", class.class, class.table, class.rows);
        if class.is_unused() {
            println!("  the table is never used");
            continue;
        }
        for (name, sentence) in class.sentences() {
            let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
            println!("  ! {name}{sentence}");
        }
        missing(class);
    }
    match report.problems() {
        0 => println!("no findings: the data are as the model says"),
        1 => println!("1 finding"),
        more => println!("{more} findings"),
    }
}

/// Shares of missing values, and what is never used.
fn missing(class: &ClassReport) {
    let attributes = class.attributes.iter().map(|it| (it.attribute.as_str(), it.missing));
    let relations = class.relations.iter().map(|it| (it.relation.as_str(), it.missing));
    let all: Vec<(&str, u64)> = attributes.chain(relations).collect();
    let unused = all.iter().filter(|(_, missing)| *missing == class.rows);
    let unused: Vec<&str> = unused.map(|(name, _)| *name).collect();
    let partly = all.iter().filter(|(_, missing)| *missing > 0 && *missing < class.rows);
    let partly = partly.map(|(name, missing)| format!("{name} {} %", share(*missing, class.rows)));
    let partly: Vec<String> = partly.collect();
    let constant = class.attributes.iter().filter(|it| it.is_constant);
    let constant: Vec<&str> = constant.map(|it| it.attribute.as_str()).collect();
    for (what, names) in [
        ("missing", partly.join(", ")),
        ("never used", unused.join(", ")),
        ("always the same", constant.join(", ")),
    ] {
        if !names.is_empty() {
            println!("  {what}: {names}");
        }
    }
}
