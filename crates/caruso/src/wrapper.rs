//! `caruso wrapper`: tools for those who write wrappers, which need no running system, and
//! `caruso wrap`, which hosts one in a running system.

mod new;
mod subject;
mod test;
#[cfg(test)]
mod tests;
pub(crate) mod wrap;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::Format;

/// What `caruso wrapper` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// A wrapper that runs, to be filled with what the other system can do
    New(new::Options),
    /// Whether a wrapper's program behaves: what was expected of it, and what came
    Test(test::Options),
}

/// Carries out one of the commands.
pub(crate) async fn wrapper(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    match options.action {
        Action::New(options) => new::new(&options, format),
        Action::Test(options) => test::test(&options, format).await,
    }
}
