//! Log lines of a program.

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
/// what is logged, in the syntax of `tracing_subscriber::EnvFilter`; without it, `info`.
pub fn init_telemetry(format: LogFormat) {
    let filter = EnvFilter::try_from_env("CARUSO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
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
