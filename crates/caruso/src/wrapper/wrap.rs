//! `caruso wrap`: a program of this machine as a wrapper of a running system, or the wrapper that
//! the application has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use caruso_component::Secret;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::subject::own;
use crate::components;
use crate::site::Site;
use crate::up::stop_signal;

/// What `caruso wrap` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The wrapper, as application.xml names it
    name: String,
    /// Where the service manager is reached
    #[arg(long, default_value = "http://127.0.0.1:7700", env = "CARUSO_SERVICE_MANAGER")]
    service_manager: String,
    /// Folder for everything that is kept; the wrapper has its own below it
    #[arg(long)]
    data: PathBuf,
    /// Development: components on this machine join without a token
    #[arg(long, conflicts_with = "join_token_file")]
    dev: bool,
    /// File with the token that lets a component join
    #[arg(long, env = "CARUSO_JOIN_TOKEN_FILE")]
    join_token_file: Option<PathBuf>,
    /// What belongs to this installation; of it, what says where the other system is
    #[arg(long, value_name = "FILE", conflicts_with = "program")]
    site: Option<PathBuf>,
    /// The program serves gRPC instead of reading lines
    #[arg(long, requires = "program")]
    grpc: bool,
    /// The program with its arguments, started where the command is; without it, what the
    /// application has
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// Hosts the program until it is stopped, or until it cannot go on.
pub(crate) async fn wrap(options: Options) -> anyhow::Result<ExitCode> {
    let Options { name, service_manager, data, dev, join_token_file, site, grpc, program } =
        options;
    if components::ALL.contains(&name.as_str()) || name == "service-manager" {
        bail!("`{name}` is a component of its own: `caruso run {name}`");
    }
    if !dev && join_token_file.is_none() {
        bail!(
            "a wrapper needs --join-token-file (the service manager makes one in its data \
             folder), or --dev where the service manager runs with --dev"
        );
    }
    let program = own(&program, grpc)?;
    let installation = Site::read(site.as_deref())?.installation(&name)?;
    let folder = data.join(&name);
    components::make_private(&folder)?;
    let mut component = caruso_component::Options::new(&service_manager).with_data(&folder);
    component.join_token = join_token_file.as_deref().map(Secret::read).transpose()?;
    let shutdown = CancellationToken::new();
    let stopped = shutdown.clone();
    tokio::spawn(async move {
        stop_signal().await;
        stopped.cancel();
    });
    match program {
        Some(program) => {
            caruso_legacy_wrappers::wrap(component, &name, program, shutdown).await?;
        }
        None => caruso_legacy_wrappers::run(component, &name, installation, shutdown).await?,
    }
    Ok(ExitCode::SUCCESS)
}
