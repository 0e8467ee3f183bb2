//! What it costs to find a component: from the local snapshot, and by a call to the manager, in the
//! clear and over mutual TLS.
//!
//! Every line `figure …` is one that `cargo xtask bench resolve` prints beside its goal.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use caruso_api::registry::v1 as registry;
use caruso_certificates::{Authority, Client, Credential, Identity, Key, Server};
use caruso_component::permissions::names::{SCRIPT_ENGINE, STORAGE_MANAGER};
use caruso_component::{Component, Handle, Offered, Options, REGISTRY, Release, Secret};
use caruso_service_manager::{JOIN_TOKEN_FILE, ServiceManager};
use registry::registry_client::RegistryClient;
use rustix::time::{ClockId, clock_gettime};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

const INTERFACE: &str = "caruso.storage.v1.StorageManager";
/// Rounds of calls to the manager.
const ROUNDS: u32 = 5;
/// Handshakes that are measured together.
const HANDSHAKES: u32 = 500;
/// Rounds of the cached resolve, and how often each resolves.
const CACHED_ROUNDS: usize = 101;
const TIMES: u32 = 100_000;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run());
}

/// A service manager that serves.
struct Manager {
    address: String,
    /// Its join token; there is none in development mode.
    join_token: Option<Secret<String>>,
    stop: CancellationToken,
    serving: JoinHandle<Result<(), caruso_service_manager::Error>>,
    _folder: TempDir,
}

impl Manager {
    async fn start(is_development: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().to_owned(),
            is_development,
            release: Some(Release::new(BTreeMap::new())),
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        let serving = tokio::spawn(manager.serve(stop.clone()));
        let token = folder.path().join(JOIN_TOKEN_FILE);
        let join_token =
            (!is_development).then(|| Secret::<String>::read(&token).expect("made at the start"));
        Self { address, join_token, stop, serving, _folder: folder }
    }

    async fn join(&self, name: &str) -> Component {
        let mut options = Options::new(&self.address);
        options.join_token.clone_from(&self.join_token);
        let joined = Component::join(options, name, self.stop.child_token()).await;
        joined.expect("joined")
    }

    /// Three components that offer the interface, and one that has seen all of them.
    async fn with_three_offers(&self) -> (Component, Vec<Component>) {
        let mut offering = Vec::new();
        for _ in 0..3 {
            let component = self.join(STORAGE_MANAGER).await;
            // served in fact, since the manager asks there whether somebody answers
            let (serving, offered) = (component.clone(), [Offered::interface(INTERFACE)]);
            tokio::spawn(async move { serving.serve(Routes::default(), offered).await });
            offering.push(component);
        }
        let consumer = self.join(SCRIPT_ENGINE).await;
        let handle = consumer.directory().handle(INTERFACE);
        let mut changes = handle.changes();
        while handle.snapshot().offers().count() < 3 {
            changes.changed().await.expect("the component watches");
        }
        (consumer, offering)
    }

    async fn stop(self) {
        self.stop.cancel();
        self.serving.await.expect("no panic").expect("a clean end");
    }
}

async fn run() {
    let manager = Manager::start(true).await;
    let (consumer, _offering) = manager.with_three_offers().await;
    cached(&consumer.directory().handle(INTERFACE));
    let (micros, cpu) = called(&consumer).await;
    println!("resolve by a call to the manager, one at a time: {micros:.0} us");
    println!("figure resolve.remote_us {micros} {ROUNDS}");
    println!("figure resolve.remote_cpu_us {cpu} {ROUNDS}");
    manager.stop().await;

    let manager = Manager::start(false).await;
    let (consumer, _offering) = manager.with_three_offers().await;
    let (micros, cpu) = called(&consumer).await;
    println!("the same over mutual TLS: {micros:.0} us");
    println!("figure resolve.certified_us {micros} {ROUNDS}");
    println!("figure resolve.certified_cpu_us {cpu} {ROUNDS}");
    println!("figure resolve.handshake_cpu_us {} {HANDSHAKES}", handshake().await);
    manager.stop().await;
}

/// One resolve by a call: the time of the fastest round, and the least CPU time of both sides
/// together, in microseconds.
async fn called(consumer: &Component) -> (f64, f64) {
    let mut client = RegistryClient::new(consumer.caller(REGISTRY));
    let (mut fastest, mut least) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let times = 2_000;
        let (started, before) = (Instant::now(), cpu(ClockId::ProcessCPUTime));
        for _ in 0..times {
            let request = registry::ResolveRequest { interface: INTERFACE.to_owned() };
            black_box(client.resolve(request).await.expect("resolved"));
        }
        fastest = fastest.min(started.elapsed() / times);
        least = least.min((cpu(ClockId::ProcessCPUTime) - before) / times);
    }
    (fastest.as_secs_f64() * 1e6, least.as_secs_f64() * 1e6)
}

/// CPU time of both sides together for one handshake in which both show certificates, in
/// microseconds.
async fn handshake() -> f64 {
    let authority = Authority::generate(std::time::SystemTime::now()).expect("made");
    let credential = |component| {
        let key = Key::generate().expect("made");
        let identity = Identity::new(authority.realm(), component, "1").expect("names");
        let until = std::time::SystemTime::now() + Duration::from_secs(3600);
        let request = key.signing_request().expect("made");
        let chain = authority.certify(&request, &identity, "t1", until).expect("certified");
        Credential::new(key, chain).expect("they belong together")
    };
    let client = Client::of(&credential(SCRIPT_ENGINE)).expect("usable");
    let server = Server::of(&credential(STORAGE_MANAGER)).expect("usable");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it has one");
    let before = cpu(ClockId::ProcessCPUTime);
    for _ in 0..HANDSHAKES {
        let accepting = async {
            let (stream, _) = listener.accept().await.expect("it comes");
            server.accept(stream).await.expect("certified")
        };
        let connecting = async {
            let stream = TcpStream::connect(address).await.expect("it listens");
            client.connect(STORAGE_MANAGER, stream).await.expect("certified")
        };
        black_box(tokio::join!(accepting, connecting));
    }
    (cpu(ClockId::ProcessCPUTime) - before).as_secs_f64() * 1e6 / f64::from(HANDSHAKES)
}

/// The CPU time of this thread for one resolve: the least and the median of the rounds.
fn cached(handle: &Handle) {
    let mut rounds: Vec<f64> = (0..CACHED_ROUNDS).map(|_| round(handle)).collect();
    rounds.sort_by(f64::total_cmp);
    let (least, median) = (rounds[0], rounds[CACHED_ROUNDS / 2]);
    println!(
        "resolve from the local snapshot: {least:.1} ns at best, {median:.1} ns in the middle"
    );
    println!("figure resolve.cached_ns {median} {}", CACHED_ROUNDS * TIMES as usize);
}

fn round(handle: &Handle) -> f64 {
    let before = cpu(ClockId::ThreadCPUTime);
    for _ in 0..TIMES {
        black_box(black_box(handle).resolve(|target| target.offer().generation));
    }
    (cpu(ClockId::ThreadCPUTime) - before).as_secs_f64() * 1e9 / f64::from(TIMES)
}

/// CPU time that this thread, or this process, has used.
fn cpu(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
