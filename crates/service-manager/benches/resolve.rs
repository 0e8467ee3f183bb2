//! What it costs to find a component: from the local snapshot, and by a call to the manager.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use caruso_api::registry::v1 as registry;
use caruso_component::permissions::names::{SCRIPT_ENGINE, STORAGE_MANAGER};
use caruso_component::{Component, Offered, Options, REGISTRY, Release};
use caruso_service_manager::ServiceManager;
use registry::registry_client::RegistryClient;
use tokio_util::sync::CancellationToken;

const INTERFACE: &str = "caruso.storage.v1.StorageManager";
const ROUNDS: u32 = 5;

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
    let cached = best(|| {
        let times = 1_000_000;
        let started = Instant::now();
        for _ in 0..times {
            black_box(handle.resolve(|target| target.offer().generation));
        }
        started.elapsed() / times
    });
    println!("resolve from the local snapshot: {} ns", cached.as_nanos());
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
    println!("resolve by a call to the manager, one at a time: {} us", fastest.as_micros());
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
}

fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}
