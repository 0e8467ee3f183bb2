//! What the directory costs: CPU time of the service manager's own process for an operation, how
//! fast a change is with its watchers, and memory; beside etcd, in the same run, from the same
//! client program and with records of the same size.
//!
//! Every line `figure …` is one that `cargo xtask bench registry` prints beside its goal. Where
//! etcd is not installed its figures are not measured.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_api::registry::v1::ResolveRequest;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_component::permissions::names::{
    COMMUNICATION_SERVER, DEMO, SCRIPT_ENGINE, STORAGE_MANAGER,
};
use caruso_component::{Component, Offered, REGISTRY};
use tokio::sync::Mutex;
use tonic::service::Routes;

use etcd::Etcd;
use ours::{Manager, Sessions, offers, signed};
use process::Process;
use rounds::{ROUNDS, Watchers, all, cpu_us, propagation};

mod etcd;
mod ours;
mod process;
mod rounds;

const STORAGE: &str = "caruso.storage.v1.StorageManager";
const WATCHED: &str = "caruso.demo.v1.Demo";
/// What one instance of the communication server offers here.
const SIX: &[&str] = &[
    "caruso.contact.v1.Agents",
    "caruso.contact.v1.Contacts",
    "caruso.contact.v1.Conversations",
    "caruso.contact.v1.Recordings",
    "caruso.contact.v1.Supervision",
    "caruso.telephony.v1.Telephone",
];
/// Instances that are there while it is measured, with six offers each.
const OTHERS: usize = 500;
const RESOLVES: usize = 10_000;
const REGISTRATIONS: usize = 1_000;
const BEATING: usize = 64;
const BEATS: usize = 300;
/// Changes of each row of propagation, after some that are not counted.
const CHANGES: usize = 100;
const WATCHERS: [usize; 3] = [1, 100, 1_000];
/// Instances of the row on memory: 50,004 offers.
const MANY: usize = 8_334;
/// As an encoded offer of ours.
const RECORD: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match &arguments[1..] {
        [verb, folder, mode] if verb == "serve" => {
            runtime.block_on(ours::serve(folder, mode == "development"));
        }
        _ => runtime.block_on(run()),
    }
}

async fn run() {
    ours::answer_probes().await;
    of_ours().await;
    certified().await;
    match Etcd::start().await {
        Some(etcd) => of_etcd(&etcd).await,
        None => println!("etcd is not installed: its rows are not measured"),
    }
    memory().await;
    compare();
}

/// What was measured, by its key.
static MEASURED: std::sync::Mutex<BTreeMap<String, f64>> = std::sync::Mutex::new(BTreeMap::new());

fn figure(key: &str, value: f64, runs: usize) {
    println!("figure registry.{key} {value} {runs}");
    MEASURED.lock().expect("no panic holds it").insert(key.to_owned(), value);
}

/// Ratios of figures of this run.
fn compare() {
    let ratios = [
        ("resolves", "resolve_us", "etcd_resolve_us"),
        ("sessions", "session_us", "etcd_session_us"),
        ("offers", "offer_us", "etcd_offer_us"),
        ("lasts", "last_1000_p99_ms", "etcd_last_1000_p99_ms"),
        ("writers", "writer_1000_p50_ms", "writer_1_p50_ms"),
        ("residents", "resident_mb", "etcd_resident_mb"),
    ];
    for (key, ours, other) in ratios {
        let measured = MEASURED.lock().expect("no panic holds it");
        let ratio = measured.get(ours).zip(measured.get(other)).map(|(ours, other)| ours / other);
        drop(measured);
        if let Some(ratio) = ratio {
            figure(key, ratio, 1);
        }
    }
}

/// Says each contract once, so that others may name it.
async fn introduce(manager: &Manager) {
    let all: [(&str, &[&str]); 3] =
        [(STORAGE_MANAGER, &[STORAGE]), (DEMO, &[WATCHED]), (COMMUNICATION_SERVER, SIX)];
    for (name, interfaces) in all {
        let component = manager.join(name).await;
        let offered = interfaces.iter().map(|it| Offered::interface(it).at("http://127.0.0.1:9"));
        component.offer(offered).await.expect("taken");
        component.leave().await;
    }
}

async fn of_ours() {
    let manager = Manager::start(true).await;
    introduce(&manager).await;
    for at in 0..OTHERS {
        let session = manager.session(at, COMMUNICATION_SERVER, offers(SIX, at)).await;
        tokio::spawn(session.keep());
    }
    let mut token = String::new();
    for at in 0..3 {
        let session = manager.session(at, STORAGE_MANAGER, offers(&[STORAGE], at)).await;
        token.clone_from(&session.token);
        tokio::spawn(session.keep());
    }
    let resolve = async |at: usize| {
        let request = signed(ResolveRequest { interface: STORAGE.to_owned() }, &token);
        let answer = manager.client(at % 2).resolve(request).await.expect("resolved");
        assert_eq!(answer.into_inner().offers.len(), 3);
    };
    figure("resolve_us", cpu_us(&manager.process, RESOLVES, resolve).await, ROUNDS * RESOLVES);
    registrations(&manager).await;
    beats(&manager).await;
    for count in WATCHERS {
        let mut writer = manager.session(0, DEMO, offers(&[WATCHED], 0)).await;
        let mut watchers = manager.watch(WATCHED, count).await;
        let change = async |at: usize| writer.offer(offers(&[WATCHED], at + 1)).await;
        propagated("", &mut watchers, change).await;
        writer.leave().await;
    }
}

/// One row of propagation.
async fn propagated(whose: &str, watchers: &mut Watchers, mut change: impl AsyncFnMut(usize)) {
    let count = watchers.count;
    propagation(watchers, 3, &mut change).await;
    let measured = propagation(watchers, CHANGES, async |at| change(at + 3).await).await;
    figure(&format!("{whose}last_{count}_p50_ms"), measured.last_p50, CHANGES);
    figure(&format!("{whose}last_{count}_p99_ms"), measured.last_p99, CHANGES);
    figure(&format!("{whose}writer_{count}_p50_ms"), measured.writer_p50, CHANGES);
}

/// New sessions with one offer each, and new offers of sessions that are open.
async fn registrations(manager: &Manager) {
    let opened: Mutex<Vec<ours::Session>> = Mutex::default();
    let one = async |at: usize| {
        let session = manager.session(at, STORAGE_MANAGER, offers(&[STORAGE], at)).await;
        opened.lock().await.push(session);
    };
    let us = cpu_us(&manager.process, REGISTRATIONS, one).await;
    figure("session_us", us, ROUNDS * REGISTRATIONS);
    for session in opened.into_inner() {
        session.leave().await;
    }
    let sessions = sessions(manager).await;
    let one = async |at: usize| {
        let mut session = sessions[at % BEATING].lock().await;
        session.offer(offers(&[STORAGE], at + 1)).await;
    };
    let us = cpu_us(&manager.process, REGISTRATIONS, one).await;
    figure("offer_us", us, ROUNDS * REGISTRATIONS);
    for session in sessions {
        session.into_inner().leave().await;
    }
}

async fn sessions(manager: &Manager) -> Sessions {
    let mut sessions = Vec::new();
    for at in 0..BEATING {
        let session = manager.session(0, STORAGE_MANAGER, offers(&[STORAGE], at)).await;
        sessions.push(Mutex::new(session));
    }
    sessions
}

async fn beats(manager: &Manager) {
    let sessions = sessions(manager).await;
    let one = async |at: usize| {
        let mut session = sessions[at % BEATING].lock().await;
        for _ in 0..BEATS {
            session.beat().await;
        }
    };
    let us = cpu_us(&manager.process, BEATING, one).await / BEATS as f64;
    figure("beat_us", us, ROUNDS * BEATING * BEATS);
    for session in sessions {
        session.into_inner().leave().await;
    }
}

/// A resolve over a connection in which both sides show certificates.
async fn certified() {
    let manager = Manager::start(false).await;
    let mut offering: Vec<Component> = Vec::new();
    for _ in 0..3 {
        let component = manager.join(STORAGE_MANAGER).await;
        // served in fact, since the manager asks there
        let serving = component.clone();
        let offered = [Offered::interface(STORAGE)];
        tokio::spawn(async move { serving.serve(Routes::default(), offered).await });
        offering.push(component);
    }
    let consumer = manager.join(SCRIPT_ENGINE).await;
    let handle = consumer.directory().handle(STORAGE);
    let mut changes = handle.changes();
    while handle.snapshot().offers().count() < 3 {
        changes.changed().await.expect("the component watches");
    }
    let client = RegistryClient::new(consumer.caller(REGISTRY));
    let resolve = async |_| {
        let request = ResolveRequest { interface: STORAGE.to_owned() };
        let answer = client.clone().resolve(request).await.expect("resolved");
        assert_eq!(answer.into_inner().offers.len(), 3);
    };
    let us = cpu_us(&manager.process, RESOLVES, resolve).await;
    figure("certified_resolve_us", us, ROUNDS * RESOLVES);
}

async fn of_etcd(etcd: &Etcd) {
    let key = |interface: &str, at: usize| format!("offers/{interface}/{at}");
    all(OTHERS * SIX.len(), async |at| {
        etcd.put(&key(SIX[at % SIX.len()], at), vec![b'x'; RECORD], 0).await;
    })
    .await;
    for at in 0..3 {
        etcd.put(&key(STORAGE, at), vec![b'x'; RECORD], 0).await;
    }
    let server: &Process = &etcd.process;
    let range = format!("offers/{STORAGE}/");
    let resolve = async |_| assert_eq!(etcd.range(&range).await, 3);
    figure("etcd_resolve_us", cpu_us(server, RESOLVES, resolve).await, ROUNDS * RESOLVES);
    let register = async |at: usize| {
        let lease = etcd.grant().await;
        etcd.put(&key("registered", at), vec![b'x'; RECORD], lease).await;
    };
    let us = cpu_us(server, REGISTRATIONS, register).await;
    figure("etcd_session_us", us, ROUNDS * REGISTRATIONS);
    let lease = etcd.grant().await;
    let offer = async |at: usize| {
        etcd.put(&key("offered", at % BEATING), vec![b'x'; RECORD], lease).await;
    };
    let us = cpu_us(server, REGISTRATIONS, offer).await;
    figure("etcd_offer_us", us, ROUNDS * REGISTRATIONS);
    let beat = async |_| etcd.keep_alive(lease, BEATS).await;
    let us = cpu_us(server, BEATING, beat).await / BEATS as f64;
    figure("etcd_beat_us", us, ROUNDS * BEATING * BEATS);
    for count in WATCHERS {
        let prefix = format!("watched/{count}/");
        let mut watchers = etcd.watch(&prefix, count).await;
        let change = async |_| etcd.put(&format!("{prefix}1"), vec![b'x'; RECORD], 0).await;
        propagated("etcd_", &mut watchers, change).await;
    }
}

/// Resident memory with 50,000 offers.
async fn memory() {
    let manager = Manager::start(true).await;
    introduce(&manager).await;
    all(MANY, async |at| {
        let session = manager.session(at, COMMUNICATION_SERVER, offers(SIX, at)).await;
        tokio::spawn(session.keep());
    })
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    figure("resident_mb", manager.process.resident_mb(), MANY * SIX.len());
    drop(manager);
    let Some(etcd) = Etcd::start().await else { return };
    all(MANY * SIX.len(), async |at| {
        etcd.put(&format!("offers/{at}"), vec![b'x'; RECORD], 0).await;
    })
    .await;
    figure("etcd_resident_mb", etcd.process.resident_mb(), MANY * SIX.len());
}
