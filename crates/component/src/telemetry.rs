//! Log lines of a program.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Starts logging to standard error for the whole program; once, from `main`. `CARUSO_LOG` chooses
/// what is logged, in the syntax of `tracing_subscriber::EnvFilter`; without it, or where it cannot
/// be read, `default`. The directives of `always` count whatever was chosen: with them a library
/// that logs personal data stays silent.
pub fn init_telemetry(format: LogFormat, default: &str, always: &[&str]) {
    let chosen = std::env::var("CARUSO_LOG").ok();
    let chosen = chosen.filter(|text| EnvFilter::try_new(text).is_ok());
    let mut directives = chosen.unwrap_or_else(|| default.to_owned());
    for directive in always {
        directives.push(',');
        directives.push_str(directive);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second call keeps the first subscriber, which is what a second component in the same
    // process wants.
    let result = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if result.is_err() {
        tracing::debug!("logging was started before");
    }
}
