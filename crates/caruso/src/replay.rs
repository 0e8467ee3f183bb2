//! `caruso replay`: a recorded contact log is decided again, or told to another configuration.

mod comparison;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_simulation::{
    Decided, Difference, MOST_BYTES_OF_LINE, Reader, Recording, Same, decide_again, what_if,
};
use clap::Args;
use serde_json::{Value, json};

use crate::folder::{self, Folder};
use crate::{Format, check};

/// What `caruso replay` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The log, as `caruso contacts export` wrote it
    log: PathBuf,
    /// Folder of the application whose routing decides
    #[arg(long, value_name = "APP_DIR")]
    config: PathBuf,
    /// Decide again, event by event, also where the log was made under another release
    #[arg(long)]
    exact: bool,
    /// Threshold of the service level, in seconds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    threshold: u64,
    /// Chooses among what the log does not tell; the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Decides again, or compares; 1 where something differs or cannot be read.
pub(crate) fn replay(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let Folder { release, application } = folder::read(&options.config)?;
    let application = match application {
        Ok(application) => application,
        Err(findings) => {
            check::print(&options.config, &findings, format);
            return Ok(ExitCode::FAILURE);
        }
    };
    let recording = read(&options.log)?;
    let is_other = recording.events.iter().any(|it| it.release != release.digest());
    if is_other && !options.exact {
        let threshold = Duration::from_secs(options.threshold);
        let told = what_if(application.routing, &recording, threshold, options.seed);
        println!("{}", comparison::shown(&told, options.threshold, format));
        return Ok(ExitCode::SUCCESS);
    }
    match decide_again(application.routing, &recording) {
        Ok(same) => {
            println!("{}", told(&same, format));
            Ok(ExitCode::SUCCESS)
        }
        Err(difference) => {
            println!("{}", differs(&options.log, &difference, format));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The log of a file.
fn read(path: &Path) -> anyhow::Result<Recording> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = BufReader::new(File::open(path).with_context(cannot)?);
    let mut reader = Reader::default();
    let mut line = Vec::new();
    let most = MOST_BYTES_OF_LINE as u64 + 1;
    loop {
        line.clear();
        let read = file.by_ref().take(most).read_until(b'\n', &mut line).with_context(cannot)?;
        if read == 0 {
            return reader.finish().map_err(|fault| placed(path, &fault));
        }
        if read as u64 == most {
            bail!("{}: a line is longer than a contact log can have", path.display());
        }
        let text = String::from_utf8_lossy(&line);
        reader.line(text.trim_end_matches(['\n', '\r'])).map_err(|fault| placed(path, &fault))?;
    }
}

fn placed(path: &Path, fault: &caruso_simulation::Fault) -> anyhow::Error {
    anyhow::anyhow!("{}:{fault}", path.display())
}

fn told(same: &Same, format: Format) -> String {
    let Same { events, decisions, offers } = same;
    match format {
        Format::Text => format!(
            "{decisions} decisions with {events} events, {offers} of them offers: all the same"
        ),
        Format::Json => {
            let difference = Value::Null;
            let same = json!({ "decisions": decisions, "events": events, "offers": offers,
                "difference": difference });
            same.to_string()
        }
    }
}

fn differs(path: &Path, difference: &Difference, format: Format) -> String {
    match format {
        Format::Text => format!("{}: {difference}", path.display()),
        Format::Json => {
            let decided = match &difference.decided {
                Decided::Event(event) => event.clone(),
                Decided::Nothing => Value::Null,
                Decided::Refused(why) => json!({ "refused": why.to_string() }),
                Decided::Uncaused => json!({ "refused": "nothing from outside leads to this" }),
            };
            json!({ "difference": {
                "line": difference.line,
                "position": difference.position,
                "recorded": difference.recorded,
                "decided": decided,
            }})
            .to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let read = read(file.path()).map(|it| format!("{} events", it.events.len()));
        let path = file.path().display().to_string();
        read.unwrap_or_else(|error| error.to_string().replace(&path, "LOG"))
    }

    #[test]
    fn a_log_that_cannot_be_read_is_said_at_its_place() {
        assert!(reading(b"").starts_with("LOG:1:1: the file is empty [CY0101]"));
        assert!(reading(b"\xff\xfe\n").starts_with("LOG:1:1: the file is no contact log"));
        let state = caruso_routing_state();
        assert!(reading(state.as_bytes()).starts_with("LOG:1:1: the log breaks off"));
        let whole = format!("{state}\r\n{}\n", caruso_simulation::end_line(0, 0));
        assert_eq!(reading(whole.as_bytes()), "0 events");
    }

    fn caruso_routing_state() -> String {
        caruso_simulation::header_line(0, 0, Default::default()).expect("JSON")
    }
}
