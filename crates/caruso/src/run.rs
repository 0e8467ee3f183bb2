//! `caruso run`: one component as its own process.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_component::sockets;
use caruso_service_manager::ServiceManager;
use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::components::{self, Setting};
use crate::joining::Joining;
use crate::site::Site;
use crate::up::stop_signal;
use crate::{Format, check, folder};

/// What `caruso run` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// service-manager, identity, storage-manager, business-object-modeler, script-engine,
    /// communication-server, monitor, front-office, self-service, demo, or the name of a wrapper
    /// that the application declares
    component: String,
    /// The application's folder; for the service manager only, which compiles it
    app_dir: Option<PathBuf>,
    #[command(flatten)]
    joining: Joining,
    /// Where it listens, and others reach it [default: 127.0.0.1, port 7700 for the service manager
    /// and a free one for others]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Folder for everything that is kept; each component has its own below it
    #[arg(long)]
    data: PathBuf,
    /// What belongs to this installation: addresses, trunks, databases
    #[arg(long)]
    site: Option<PathBuf>,
    /// File of demo users that identity begins with
    #[arg(long)]
    demo_users: Option<PathBuf>,
    /// The storage manager fills new tables of its own with the application's data
    #[arg(long)]
    demo_data: bool,
    /// Wait, ready, until `caruso services replace` has it take another process's place
    #[arg(long)]
    standby: bool,
    /// Development: on this machine alone, in the clear, without certificates and join tokens
    #[arg(long)]
    dev: bool,
}

/// Where the service manager listens when nothing else is said.
const MANAGER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7700);

/// Runs until it is stopped, or until it cannot go on.
pub(crate) async fn run(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let shutdown = CancellationToken::new();
    let stopped = shutdown.clone();
    tokio::spawn(async move {
        stop_signal().await;
        stopped.cancel();
    });
    if options.component == "service-manager" {
        if options.standby {
            bail!(
                "nobody has to stand by for the service manager: stop it and start it again, \
                 components go on meanwhile"
            );
        }
        return service_manager(options, shutdown, format).await;
    }
    if options.app_dir.is_some() {
        bail!("only the service manager is given the application; the others learn it from there");
    }
    let mut component = options.joining.options_of_component(options.dev)?;
    if let Some(listen) = options.listen {
        component.listen = listen;
    }
    let setting = Setting {
        component,
        data: options.data,
        site: Site::read(options.site.as_deref())?,
        users: options.demo_users,
        has_demo_data: options.demo_data,
    };
    let mut turn = None;
    if options.standby {
        turn = setting.stand_by(&options.component, shutdown.clone()).await?;
        if turn.is_none() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    sockets::hand_over().context("cannot hand sockets over")?;
    setting.run(&options.component, turn, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

async fn service_manager(
    options: Options,
    shutdown: CancellationToken,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let release = match &options.app_dir {
        None => None,
        Some(path) => {
            let folder = folder::read(path)?;
            if let Err(findings) = folder.application {
                check::print(path, &findings, format);
                return Ok(ExitCode::FAILURE);
            }
            Some(folder.release)
        }
    };
    let data = options.data.join("service-manager");
    components::make_private(&data)?;
    let manager = ServiceManager::bind(caruso_service_manager::Options {
        listen: options.listen.unwrap_or(MANAGER),
        data: data.clone(),
        is_development: options.dev,
        release,
    })
    .await
    .context("the service manager cannot start")?;
    let address = manager.address();
    match format {
        Format::Json => println!("{}", json!({ "event": "ready", "service_manager": address })),
        Format::Text => {
            println!("service manager at {address}");
            if options.dev {
                println!("development mode: in the clear, on this machine alone");
            } else {
                let token = data.join(caruso_service_manager::JOIN_TOKEN_FILE);
                println!("components join with --join-token-file {}", token.display());
            }
        }
    }
    manager.serve(shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
