//! By what a command or a component joins a running system.

use std::path::PathBuf;

use anyhow::Context;
use caruso_component::{Options, Secret};
use clap::Args;

/// Where a service manager listens when nothing else is said.
const HERE: &str = "127.0.0.1:7700";

/// Which running system, and the right to join it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Joining {
    /// Where the service manager is reached [default: 127.0.0.1:7700, by https:// with a join
    /// token, else by http://, as in development mode]
    #[arg(long, env = "CARUSO_SERVICE_MANAGER", value_name = "URL")]
    service_manager: Option<String>,
    /// File with the token that lets one join; there is none in development mode
    #[arg(long, env = "CARUSO_JOIN_TOKEN_FILE", value_name = "FILE")]
    join_token_file: Option<PathBuf>,
}

impl Joining {
    /// Where the service manager is.
    pub(crate) fn address(&self) -> String {
        let scheme = if self.has_token() { "https" } else { "http" };
        self.service_manager.clone().unwrap_or_else(|| format!("{scheme}://{HERE}"))
    }

    /// Whether there is a join token.
    pub(crate) fn has_token(&self) -> bool {
        self.join_token_file.is_some()
    }

    /// What a component is told.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        let mut options = Options::new(self.address());
        let read = |file: &PathBuf| {
            Secret::<String>::read(file).with_context(|| "the join token cannot be read")
        };
        options.join_token = self.join_token_file.as_ref().map(read).transpose()?;
        Ok(options)
    }

    /// The same for what is started to stay, which says by itself whether it is in development.
    pub(crate) fn options_of_component(&self, is_development: bool) -> anyhow::Result<Options> {
        anyhow::ensure!(
            is_development || self.has_token(),
            "a component needs --join-token-file (the service manager makes one in its data \
             folder, and `caruso services token create` others), or --dev where the service \
             manager runs with --dev"
        );
        anyhow::ensure!(
            !(is_development && self.has_token()),
            "there are no join tokens in development mode: give either --dev or a join token"
        );
        self.options()
    }
}
