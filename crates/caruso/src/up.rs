//! `caruso up`: all components of an application in one process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_application::{Application, Finding};
use caruso_component::permissions::names::SELF_SERVICE;
use caruso_identity::{Demo, DemoUser};
use caruso_service_manager::ServiceManager;
use clap::Args;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::client::{self, Ready};
use crate::components::{self, Setting};
use crate::site::Site;
use crate::{Format, check, folder};

/// Everything must serve within this time.
const PATIENCE: Duration = Duration::from_secs(30);
/// At the end, everything must have stopped within this time.
const GRACE: Duration = Duration::from_secs(10);

/// What `caruso up` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The application's folder
    app_dir: PathBuf,
    /// Folder for everything that is kept [default: ~/.local/state/caruso/APPLICATION]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Keep nothing: a new folder that is removed at the end
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// What belongs to this installation: addresses, trunks, databases
    #[arg(long)]
    site: Option<PathBuf>,
    /// Where browsers reach the desk
    #[arg(long)]
    http: Option<SocketAddr>,
    /// Where customers reach the pages that they fill in by themselves
    #[arg(long)]
    self_service: Option<SocketAddr>,
    /// Where SIP is spoken, UDP and TCP alike
    #[arg(long)]
    sip: Option<SocketAddr>,
    /// Where components and tools reach the service manager
    #[arg(long)]
    service_manager: Option<SocketAddr>,
    /// Without demo users, simulated customers and demo phones
    #[arg(long)]
    no_demo: bool,
}

/// Runs until it is stopped.
pub(crate) async fn up(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let folder = folder::read(&options.app_dir)?;
    let application = match folder.application {
        // once for all components of this process
        Ok(sound) => {
            folder.release.compiled(|_| Ok::<_, Vec<Finding>>(sound)).expect("it is sound")
        }
        Err(findings) => {
            check::print(&options.app_dir, &findings, format);
            return Ok(ExitCode::FAILURE);
        }
    };
    let site = site(&options)?;
    free(site.http.listen, "--http", "browsers")?;
    if !application.web.is_empty() {
        free(site.self_service.listen, "--self-service", "customers' browsers")?;
    }
    free(site.sip.listen, "--sip", "telephones")?;
    free(site.service_manager.listen, "--service-manager", "components")?;
    let data = Data::new(&options, &application)?;
    let users = options.app_dir.join(folder::DEMO_FILE);
    let users = (!options.no_demo && users.is_file()).then_some(users);

    let manager = ServiceManager::bind(caruso_service_manager::Options {
        listen: site.service_manager.listen,
        data: data.folder().join("service-manager"),
        is_development: true,
        release: Some(folder.release),
    })
    .await?;
    let address = manager.address();
    let setting = Setting {
        component: caruso_component::Options::new(&address),
        data: data.folder().to_owned(),
        site,
        users,
        has_demo_data: !options.no_demo,
    };
    let demo = setting.demo()?;
    let names = names(&application, !options.no_demo);
    let running = Running::start(manager, &setting, &names);
    let served = running.until_stopped(&address, &names, |ready| {
        let opened =
            Opened { manager: &address, ready, demo: demo.as_ref(), application: &application };
        opened.announce(format);
    });
    served.await
}

fn site(options: &Options) -> anyhow::Result<Site> {
    let mut site = Site::read(options.site.as_deref())?;
    site.http.listen = options.http.unwrap_or(site.http.listen);
    site.self_service.listen = options.self_service.unwrap_or(site.self_service.listen);
    site.sip.listen = options.sip.unwrap_or(site.sip.listen);
    site.service_manager.listen = options.service_manager.unwrap_or(site.service_manager.listen);
    Ok(site)
}

/// A busy port is told before anything starts.
fn free(address: SocketAddr, flag: &str, who: &str) -> anyhow::Result<()> {
    if let Err(error) = std::net::TcpListener::bind(address) {
        bail!(
            "cannot listen for {who} on {address}: {error}\n\
             give another address, for example {flag} {}:{}, or stop what uses this one",
            address.ip(),
            address.port().saturating_add(1)
        );
    }
    Ok(())
}

/// The components of an application: its own wrappers after those that every one has.
fn names(application: &Application, has_demo: bool) -> Vec<String> {
    let wrappers = application.wrappers.iter().map(|wrapper| wrapper.name.clone());
    let demo = has_demo.then(|| "demo".to_owned());
    let is_wanted = |name: &&str| *name != SELF_SERVICE || !application.web.is_empty();
    let own = components::ALL.into_iter().filter(is_wanted).map(str::to_owned);
    own.chain(wrappers).chain(demo).collect()
}

/// The folder for everything that is kept, or that is removed at the end.
enum Data {
    Kept(PathBuf),
    Ephemeral(TempDir),
}

impl Data {
    fn new(options: &Options, application: &Application) -> anyhow::Result<Self> {
        if options.ephemeral {
            return Ok(Self::Ephemeral(tempfile::Builder::new().prefix("caruso-").tempdir()?));
        }
        let folder = match &options.data {
            Some(folder) => folder.clone(),
            None => state_folder()?.join(&application.id),
        };
        components::make_private(&folder)?;
        Ok(Self::Kept(folder.canonicalize()?))
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Kept(folder) => folder,
            Self::Ephemeral(folder) => folder.path(),
        }
    }
}

fn state_folder() -> anyhow::Result<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    let folder =
        state.or_else(home).context("neither HOME nor XDG_STATE_HOME is set; give --data")?;
    Ok(folder.join("caruso"))
}

/// Everything that runs.
struct Running {
    tasks: JoinSet<(String, anyhow::Result<()>)>,
    shutdown: CancellationToken,
    /// Stops after the components have said goodbye to it.
    manager_stop: CancellationToken,
}

impl Running {
    fn start(manager: ServiceManager, setting: &Setting, names: &[String]) -> Self {
        let (shutdown, manager_stop) = (CancellationToken::new(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let stop = manager_stop.clone();
        tasks.spawn(async move {
            ("service-manager".to_owned(), manager.serve(stop).await.map_err(Into::into))
        });
        for name in names {
            let (setting, name, stop) = (setting.clone(), name.clone(), shutdown.clone());
            tasks.spawn(async move {
                let ended = setting.run(&name, None, stop).await;
                (name, ended)
            });
        }
        Self { tasks, shutdown, manager_stop }
    }

    /// Announces when all serve, then waits for the end: a signal, or a component that gives up.
    async fn until_stopped(
        mut self,
        address: &str,
        names: &[String],
        announce: impl FnOnce(&Ready),
    ) -> anyhow::Result<ExitCode> {
        let early = tokio::select! {
            ready = client::until_all_serve(address, names, PATIENCE) => {
                let ready = ready?;
                announce(&ready);
                None
            }
            ended = self.tasks.join_next() => ended,
            () = stop_signal() => None,
        };
        let ended = match early {
            Some(ended) => Some(ended),
            None => tokio::select! {
                ended = self.tasks.join_next() => ended,
                () = stop_signal() => None,
            },
        };
        let failure = ended.map(|ended| match ended {
            Ok((name, Ok(()))) => anyhow::anyhow!("{name} has stopped"),
            Ok((name, Err(error))) => error.context(format!("{name} cannot go on")),
            Err(panic) => anyhow::anyhow!("a component failed: {panic}"),
        });
        self.stop().await;
        match failure {
            Some(error) => Err(error),
            None => Ok(ExitCode::SUCCESS),
        }
    }

    async fn stop(mut self) {
        self.shutdown.cancel();
        let all = async {
            while self.tasks.len() > 1 {
                self.tasks.join_next().await;
            }
            self.manager_stop.cancel();
            while self.tasks.join_next().await.is_some() {}
        };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            eprintln!("caruso: not everything stopped within {} s", GRACE.as_secs());
        }
    }
}

/// Ends when the program is asked to stop.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// What there is to know about a system that serves.
struct Opened<'a> {
    manager: &'a str,
    ready: &'a Ready,
    demo: Option<&'a Demo>,
    application: &'a Application,
}

impl Opened<'_> {
    fn announce(&self, format: Format) {
        let Ready { http, sip, self_service } = self.ready;
        if format == Format::Json {
            let event = json!({
                "event": "ready", "http": http, "sip": sip, "service_manager": self.manager,
                "self_service": self_service,
            });
            println!("{event}");
            return;
        }
        let Application { id, titles, language, routing, .. } = self.application;
        println!("\n{} is open.\n", titles.get(language).unwrap_or(id));
        println!("  desk             {http}");
        if !self_service.is_empty() {
            println!("  self-service     {self_service}");
        }
        println!("  telephones       sip:{sip}");
        println!("  service manager  {}", self.manager);
        println!("                   (development: components join without a token)");
        if let Some(demo) = self.demo {
            println!("\nLog in as");
            for DemoUser { name, password, display_name, extension, .. } in demo.users() {
                let phone = if extension.is_empty() { "" } else { ", extension " };
                println!("  {name:<7} password {password:<6} {display_name}{phone}{extension}");
            }
            let number = routing.numbers.keys().last().map_or("", String::as_str);
            println!("\nNext: open the desk, log in as an agent, connect the demo phone, choose");
            println!("Ready; then call as a customer, there or from another terminal:");
            println!("  caruso call {number} --to {sip} --dtmf 1");
        }
        println!("\nStop with Ctrl-C.");
    }
}
