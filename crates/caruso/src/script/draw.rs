//! `caruso script draw`: the graph of a script, as a picture or as text.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use caruso_application::dialogue::Drawing;
use clap::Args;
use serde_json::{Value, json};

use super::{Named, Opened};
use crate::Format;

/// What `caruso script draw` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    named: Named,
    /// A file that becomes a picture, instead of the text
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Draws a script.
pub(super) fn draw(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let opened = match options.named.open(format)? {
        Ok(opened) => opened,
        Err(unsound) => return Ok(unsound),
    };
    let drawing = drawing(&opened)?;
    match (&options.svg, format) {
        (Some(path), _) => std::fs::write(path, drawing.svg())
            .with_context(|| format!("cannot write the file {}", path.display()))?,
        (None, Format::Text) => print!("{}", drawing.text()),
        (None, Format::Json) => println!("{}", document(&drawing)),
    }
    Ok(ExitCode::SUCCESS)
}

fn drawing(opened: &Opened) -> anyhow::Result<Drawing> {
    let document = opened.application.documents.get(opened.script.id());
    Ok(Drawing::of(document.context("the script was there a moment ago")?))
}

fn document(drawing: &Drawing) -> Value {
    let steps =
        drawing.steps().map(|(id, kind, words)| json!({ "id": id, "kind": kind, "words": words }));
    let transitions = drawing
        .transitions()
        .map(|(from, to, when)| json!({ "from": from, "to": to, "when": when }));
    json!({
        "steps": steps.collect::<Vec<_>>(),
        "transitions": transitions.collect::<Vec<_>>(),
    })
}
