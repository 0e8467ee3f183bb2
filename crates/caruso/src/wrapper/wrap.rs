//! `caruso wrap`: a program of this machine as a wrapper of a running system, or the wrapper that
//! the application has.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::subject::own;
use crate::components;
use crate::joining::Joining;
use crate::site::Site;
use crate::turn::{self, Turn};
use crate::up::stop_signal;

/// What `caruso wrap` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The wrapper, as application.xml names it
    name: String,
    #[command(flatten)]
    joining: Joining,
    /// Where it listens, and others reach it [default: 127.0.0.1, a free port]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Folder for everything that is kept; the wrapper has its own below it
    #[arg(long)]
    data: PathBuf,
    /// Wait, ready, until `caruso services replace` has it take another process's place
    #[arg(long)]
    standby: bool,
    /// Development: on this machine alone, in the clear, without certificates and join tokens
    #[arg(long)]
    dev: bool,
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
    let Options { name, joining, listen, data, dev, site, standby, grpc, program } = options;
    if components::ALL.contains(&name.as_str()) || name == "service-manager" {
        bail!("`{name}` is a component of its own: `caruso run {name}`");
    }
    let mut component = joining.options_of_component(dev)?;
    let program = own(&program, grpc)?;
    let installation = Site::read(site.as_deref())?.installation(&name)?;
    let folder = data.join(&name);
    components::make_private(&folder)?;
    component = component.with_data(&folder);
    if let Some(listen) = listen {
        component.listen = listen;
    }
    let shutdown = CancellationToken::new();
    let stopped = shutdown.clone();
    tokio::spawn(async move {
        stop_signal().await;
        stopped.cancel();
    });
    let _turn = if standby {
        let (options, at) = (component.clone(), [component.listen]);
        match turn::stand_by(options, &name, &folder, &at, shutdown.clone()).await? {
            Some(turn) => turn,
            None => return Ok(ExitCode::SUCCESS),
        }
    } else {
        Turn::take(&name, &folder)?
    };
    match program {
        Some(program) => {
            caruso_legacy_wrappers::wrap(component, &name, program, shutdown).await?;
        }
        None => caruso_legacy_wrappers::run(component, &name, installation, shutdown).await?,
    }
    Ok(ExitCode::SUCCESS)
}
