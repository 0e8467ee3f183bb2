//! `caruso objects copy`: all objects of a database move to another engine, and it is proved that
//! they are the same there.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use caruso_storage_manager::{Address, Copied, Differs, Transfer, Verified};
use clap::Args;
use serde_json::json;

use super::check::print;
use super::files::read;
use super::part::Part;
use super::progress::Progress;
use super::with_password;
use crate::Format;

/// What `caruso objects copy` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Files of the model, or the folder of an application
    #[arg(required = true, value_name = "FILE_OR_APP_DIR")]
    model: Vec<PathBuf>,
    /// Which database of the model it is, where the model has several
    #[arg(long)]
    name: Option<String>,
    /// Where the objects are; it is only read
    #[arg(long, value_name = "URL")]
    from: Address,
    /// A file that holds the password for the source, on its first line
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    /// Where they go to: an empty database, or one that this command was cut off in
    #[arg(long, value_name = "URL")]
    to: Address,
    /// A file that holds the password for the target, on its first line
    #[arg(long, value_name = "FILE")]
    to_password_file: Option<PathBuf>,
    /// Compare all objects afterwards
    #[arg(long)]
    verify: bool,
    /// Copy nothing, only compare
    #[arg(long)]
    verify_only: bool,
}

/// Copies, and compares where that is wished; 1 when a row could not be copied or differs.
pub(super) async fn copy(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let read = read(&options.model)?;
    if !read.findings.is_empty() {
        return Ok(print(&read.findings, format));
    }
    let part = Part::of(read, options.name.as_deref())?;
    let folder = tempfile::tempdir()?;
    let transfer = Transfer {
        model: part.model,
        digest: part.digest,
        name: part.name,
        from: with_password(&options.from, options.from_password_file.as_deref())?,
        to: with_password(&options.to, options.to_password_file.as_deref())?,
        folder: folder.path().to_owned(),
    };
    let mut progress = Progress::start();
    let mut copied = Vec::new();
    if !options.verify_only {
        copied = transfer
            .copy(&mut |class, rows| progress.tell(|_| so_far("copied", class, rows)))
            .await?;
    }
    let copying = progress.lap();
    let mut verified = Vec::new();
    if options.verify || options.verify_only {
        let mut watch = |class: &str, rows| progress.tell(|_| so_far("compared", class, rows));
        verified = transfer.verify(&mut watch).await?;
    }
    let times = [copying, progress.lap()];
    match format {
        Format::Text => {
            copied.iter().for_each(print_copied);
            verified.iter().for_each(print_verified);
            print_sum(&copied, &verified, times);
        }
        Format::Json => {
            let [copying, verifying] = times.map(|time| time.as_secs_f64());
            let seconds = json!({ "copying": copying, "verifying": verifying });
            let document = json!({ "copied": copied, "verified": verified, "seconds": seconds });
            println!("{document}");
        }
    }
    let is_whole = copied.iter().all(|class| class.rows == class.copied);
    let is_same = verified.iter().all(|class| class.differing == 0);
    Ok(if is_whole && is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is told on the way.
fn so_far(what: &str, class: &str, rows: u64) -> String {
    format!("{class}: {rows} rows {what}")
}

fn print_copied(copied: &Copied) {
    for row in &copied.uncopied {
        println!("{} {}: not copied: {}", copied.class, row.key, row.reason);
    }
    let unreadable = match copied.unreadable {
        0 => String::new(),
        cells => format!(", {cells} cells without meaning as they are"),
    };
    println!("{}: {} rows, {} copied{unreadable}", copied.class, copied.rows, copied.copied);
}

fn print_verified(verified: &Verified) {
    let class = &verified.class;
    for range in &verified.ranges {
        println!("{class} {} to {}: {} differ", range.first, range.last, range.differing);
    }
    for found in &verified.keys {
        let what = match found.differs {
            Differs::Missing => "missing in the target".to_owned(),
            Differs::Added => "only in the target".to_owned(),
            Differs::Content if found.attributes.is_empty() => "another revision".to_owned(),
            Differs::Content => format!("differs in {}", found.attributes.join(", ")),
        };
        println!("{class} {}: {what}", found.key);
    }
    let (from, to, differing) = (verified.from_rows, verified.to_rows, verified.differing);
    let unreadable = match verified.unreadable {
        0 => String::new(),
        cells => format!(", {cells} cells without meaning"),
    };
    println!(
        "{class}: {from} rows in the source, {to} in the target, {differing} differ{unreadable}"
    );
}

fn print_sum(copied: &[Copied], verified: &[Verified], [copying, verifying]: [Duration; 2]) {
    if !copied.is_empty() {
        let rows: u64 = copied.iter().map(|class| class.copied).sum();
        println!("copied {rows} objects in {:.1} s", copying.as_secs_f64());
    }
    if !verified.is_empty() {
        let rows: u64 = verified.iter().map(|class| class.from_rows).sum();
        let differing: u64 = verified.iter().map(|class| class.differing).sum();
        let seconds = verifying.as_secs_f64();
        println!("compared {rows} objects in {seconds:.1} s: {differing} differ");
    }
}
