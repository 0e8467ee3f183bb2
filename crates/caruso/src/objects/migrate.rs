//! `caruso objects diff`, `plan` and `apply`: a changed model and a database that it owns.

use std::process::ExitCode;

use anyhow::Context;
use caruso_business_object_modeler::migration::{self, Risk, Step, Wish};
use caruso_database::Access;
use clap::Args;
use serde_json::json;

use super::files::{Opened, Subject};
use crate::Format;

/// What the commands are told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    subject: Subject,
    /// Also drop what the model no longer has, and enforce what it requires
    #[arg(long)]
    contract: bool,
}

/// What is done with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Said in words.
    Diff,
    /// Shown with its statements.
    Plan,
    /// Carried out, step by step.
    Apply,
}

/// Makes a plan and shows it, or carries it out; 1 when a step is refused or fails.
pub(super) async fn migrate(
    options: &Options,
    wanted: Use,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let access = if wanted == Use::Apply { Access::Write } else { Access::Read };
    let opened = match options.subject.open(access, format).await? {
        Ok(opened) => opened,
        Err(unsound) => return Ok(unsound),
    };
    let Opened { model, name, connection, .. } = &opened;
    let wish = Wish { model, name, contracts: options.contract };
    let steps = migration::steps(connection, &wish).await;
    let steps = steps.context("cannot read what the database has")?;
    for step in &steps {
        show(step, wanted, format);
        if wanted == Use::Apply {
            let done = migration::carry_out(connection, step).await;
            done.with_context(|| format!("{}; the steps before it are done", step.what))?;
        }
    }
    if wanted == Use::Apply {
        let kept = migration::keep_names(connection, &wish).await;
        kept.context("the steps are done; what things are called now could not be kept")?;
    }
    if steps.is_empty() && format == Format::Text {
        println!("nothing to do: model and database fit");
    }
    let is_refused = steps.iter().any(|step| step.risk == Risk::Refused);
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(step: &Step, wanted: Use, format: Format) {
    let Step { risk, what, statement } = step;
    if format == Format::Json {
        return println!("{}", json!({"risk": risk.word(), "what": what, "statement": statement}));
    }
    println!("{}: {what}", risk.word());
    if let (Some(statement), true) = (statement, wanted != Use::Diff) {
        println!("    {statement};");
    }
}
