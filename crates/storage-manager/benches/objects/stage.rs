//! All that runs: PostgreSQL with its data, the service manager and identity in this process, and
//! each measured server as its own.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use caruso_component::permissions::names::{FRONT_OFFICE, IDENTITY, SCRIPT_ENGINE};
use caruso_component::{Caller, Component, InterfaceChannel, Options};
use caruso_service_manager::ServiceManager;
use caruso_test_kit::postgres::Server;
use tokio_util::sync::CancellationToken;

use crate::application::{DATABASE, TABLES, release};
use crate::child::Child;
use crate::client::Grpc;
use crate::graphql::{self, GraphQl};
use crate::load::{self, CALLERS, Load, What};
use crate::{component, cpu, identity, sql};

const STORAGE: &str = "caruso.storage.v1.StorageManager";
/// The index of telephone numbers is built meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);
/// A server that uses less than so many seconds of CPU in this time is at rest.
const AT_REST: f64 = 0.02;
const WATCHED: Duration = Duration::from_millis(500);
/// Room for all data; else as PostgreSQL comes.
const SETTINGS: [&str; 2] = ["shared_buffers=512MB", "max_wal_size=4GB"];

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    StorageManager,
    Sql,
    PostGraphile,
}

pub(crate) struct Stage {
    storage_manager: (Child, Vec<Grpc>),
    sql: Child,
    postgraphile: Option<(Child, Vec<GraphQl>)>,
    /// The first process of PostgreSQL.
    postgres: u32,
    _components: Vec<Component>,
    _server: Server,
    _folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Server::start_with(&SETTINGS)??;
        let database = server.database(DATABASE)?;
        server.run(DATABASE, TABLES)?;
        server.run(DATABASE, "VACUUM ANALYZE")?;
        let manager = manager(folder.path()).await?;
        let data = folder.path().to_string_lossy();
        let log = folder.path().join("log");
        let child = Child::logging(&[component::NAME, &manager, &database, &data], &log)?;
        let join = |name| Component::join(Options::new(&manager), name, CancellationToken::new());
        let (identity, office, engine) =
            (join(IDENTITY).await?, join(FRONT_OFFICE).await?, join(SCRIPT_ENGINE).await?);
        let agent = Caller::with_token(identity::serve(identity.clone())?);
        offered(&office, "caruso.identity.v1.Identity").await?;
        let served = offered(&office, STORAGE).await;
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let office_channel = served.with_context(said)?.on_behalf_of(&agent);
        let engine_channel = offered(&engine, STORAGE).await?;
        // now also what was made meanwhile
        server.run(DATABASE, "VACUUM ANALYZE; CHECKPOINT")?;
        at_rest(child.id()).await?;
        let caller = |number| Grpc::new(number, office_channel.clone(), engine_channel.clone());
        let callers = (0..CALLERS).map(caller).collect();
        let postgraphile = graphql::start(&database).await;
        let postgraphile =
            postgraphile.inspect_err(|error| eprintln!("without PostGraphile: {error:#}")).ok();
        Ok(Self {
            storage_manager: (child, callers),
            sql: Child::this(&[sql::NAME, &database])?,
            postgraphile,
            postgres: first_process(&server)?,
            _components: vec![identity, office, engine],
            _server: server,
            _folder: folder,
        })
    }

    pub(crate) fn has(&self, peer: Peer) -> bool {
        peer != Peer::PostGraphile || self.postgraphile.is_some()
    }

    /// CPU seconds that the server of a peer has used, and PostgreSQL.
    pub(crate) fn cpu(&self, peer: Peer) -> anyhow::Result<(f64, f64)> {
        let server = match peer {
            Peer::StorageManager => &self.storage_manager.0,
            Peer::Sql => &self.sql,
            Peer::PostGraphile => &self.postgraphile.as_ref().context("it runs")?.0,
        };
        Ok((cpu::of_process(server.id())?, cpu::of_family(self.postgres)?))
    }

    /// Lets all callers of a peer ask for so long.
    pub(crate) async fn load(
        &mut self,
        peer: Peer,
        what: What,
        length: Duration,
    ) -> anyhow::Result<Load> {
        match peer {
            Peer::StorageManager => load::run(&mut self.storage_manager.1, what, length).await,
            Peer::Sql => by_sql(&mut self.sql, what, length),
            Peer::PostGraphile => {
                let (_, callers) = self.postgraphile.as_mut().context("it runs")?;
                load::run(callers, what, length).await
            }
        }
    }
}

/// Callers and server are one process here: it asks by itself.
fn by_sql(child: &mut Child, what: What, length: Duration) -> anyhow::Result<Load> {
    child.tell(&format!("{} {}", what.word(), length.as_millis()))?;
    let answer = child.answer()?;
    let mut words = answer.split(' ');
    let mut word = || words.next().context("four numbers");
    Ok(Load {
        requests: word()?.parse()?,
        seconds: word()?.parse()?,
        p50_ms: word()?.parse()?,
        p99_ms: word()?.parse()?,
    })
}

/// Starts a service manager with the application; answers with its address.
async fn manager(data: &Path) -> anyhow::Result<String> {
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.join("manager"),
        is_development: true,
        release: Some(release()),
    };
    let manager = ServiceManager::bind(options).await?;
    let address = manager.address();
    tokio::spawn(manager.serve(CancellationToken::new()));
    Ok(address)
}

/// Waits until a server is at rest: at its start it compares all telephone numbers with their
/// index, which is no part of what a request costs.
async fn at_rest(process: u32) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let before = cpu::of_process(process)?;
        tokio::time::sleep(WATCHED).await;
        if cpu::of_process(process)? - before < AT_REST {
            return Ok(());
        }
    }
    bail!("the storage manager does not come to rest");
}

/// A channel to an interface, once somebody offers it.
async fn offered(component: &Component, interface: &str) -> anyhow::Result<InterfaceChannel> {
    let handle = component.directory().handle(interface);
    let offered = tokio::time::timeout(PATIENCE, handle.offered()).await;
    offered.with_context(|| format!("nobody offers {interface}"))?;
    Ok(component.caller(interface))
}

/// The process that all others of a server are children of.
fn first_process(server: &Server) -> anyhow::Result<u32> {
    let file = std::fs::read_to_string(server.folder().join("data/postmaster.pid"))?;
    Ok(file.lines().next().context("a line")?.trim().parse()?)
}
