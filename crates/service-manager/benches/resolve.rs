//! What it costs to find a component: from the local snapshot, and by a call to the manager.
//!
//! Every line `figure …` is one that `cargo xtask bench resolve` prints beside its goal.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use caruso_api::registry::v1 as registry;
use caruso_component::permissions::names::{SCRIPT_ENGINE, STORAGE_MANAGER};
use caruso_component::{Component, Handle, Offered, Options, REGISTRY, Release};
use caruso_service_manager::ServiceManager;
use registry::registry_client::RegistryClient;
use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;

const INTERFACE: &str = "caruso.storage.v1.StorageManager";
/// Rounds of calls to the manager.
const ROUNDS: u32 = 5;
/// Rounds of the cached resolve, and how often each resolves.
const CACHED_ROUNDS: usize = 101;
const TIMES: u32 = 100_000;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().to_owned(),
        is_development: true,
        release: Some(Release::new(BTreeMap::new())),
    };
    let manager = ServiceManager::bind(options).await.expect("the manager starts");
    let (address, stop) = (manager.address(), CancellationToken::new());
    let serving = tokio::spawn(manager.serve(stop.clone()));
    let join = async |name: &str| {
        let joined = Component::join(Options::new(&address), name, stop.child_token()).await;
        joined.expect("joined")
    };
    let mut offering = Vec::new();
    for port in 1..=3 {
        let component = join(STORAGE_MANAGER).await;
        let offered = Offered::interface(INTERFACE).at(format!("http://127.0.0.1:{port}"));
        component.offer([offered]).await.expect("taken");
        offering.push(component);
    }
    let consumer = join(SCRIPT_ENGINE).await;
    let handle = consumer.directory().handle(INTERFACE);
    let mut changes = handle.changes();
    while handle.snapshot().offers().count() < 3 {
        changes.changed().await.expect("the component watches");
    }
    cached(&handle);
    let mut client = RegistryClient::new(consumer.caller(REGISTRY));
    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let times = 2_000;
        let started = Instant::now();
        for _ in 0..times {
            let request = registry::ResolveRequest { interface: INTERFACE.to_owned() };
            black_box(client.resolve(request).await.expect("resolved"));
        }
        fastest = fastest.min(started.elapsed() / times);
    }
    let micros = fastest.as_secs_f64() * 1e6;
    println!("resolve by a call to the manager, one at a time: {micros:.0} us");
    println!("figure resolve.remote_us {micros} {ROUNDS}");
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
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
    let before = cpu();
    for _ in 0..TIMES {
        black_box(black_box(handle).resolve(|target| target.offer().generation));
    }
    (cpu() - before).as_secs_f64() * 1e9 / f64::from(TIMES)
}

/// CPU time that this thread has used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
