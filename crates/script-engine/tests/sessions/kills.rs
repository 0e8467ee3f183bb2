//! `kill -9` of the engine between any two writes: what was acknowledged is there, nothing is
//! there twice, and the session goes on to the same end.
//!
//! The engine runs in a process of its own, this very program with [`FOLDER`] set, and is killed
//! before one of its writes to the disk; storage manager and ERP live on in the test. Then it is
//! started anew, sends all of its requests again under their ids, and goes on. `CARUSO_KILLS=all`
//! takes every write; without it, some of them, spread over all.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use caruso_api::storage::v1::storage_manager_server::StorageManagerServer;
use caruso_api::wrapper::v1::actions_server::ActionsServer;
use caruso_dialogue::{ActionState, Datum, Event, Shown, View};
use caruso_journal::{Installation, Journal};
use caruso_script_engine::{Answer, By, Editions, Engine, Peers, Settings, Start};
use caruso_test_kit::kill::Killer;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};

use crate::peers::{World, id, lock, release, settings, until};

/// Where the engine keeps its journal; set in the process of the engine only.
const FOLDER: &str = "CARUSO_KILLS_FOLDER";
/// Where the storage manager and the ERP are.
const WORLD: &str = "CARUSO_KILLS_WORLD";
/// How many writes are taken unless all are.
const SOME: usize = 24;

/// Step and value of each answer. The order goes out while the report is waited for; both are taken
/// back when the kind changes, and sent anew when it changes again.
const ANSWERS: [(&str, &str); 4] =
    [("kind", "meter"), ("kind", "nothing"), ("kind", "meter"), ("content", "")];

#[test]
fn a_kill_between_any_two_writes_loses_nothing_and_doubles_nothing() {
    if let (Ok(folder), Ok(world)) = (std::env::var(FOLDER), std::env::var(WORLD)) {
        return runtime().block_on(drive(Path::new(&folder), world));
    }
    let runtime = runtime();
    let calm = match Round::begin(&runtime) {
        Ok(calm) => calm,
        Err(missing) => return eprintln!("{missing}"),
    };
    let writes = calm.killer.writes().expect("nobody ends it");
    let undisturbed = calm.outcome(&runtime);
    assert_eq!(undisturbed.answers, ["kind=meter", "kind=nothing", "kind=meter", "content="]);
    assert_eq!((undisturbed.orders, undisturbed.reports), (3, 1), "ordered, cancelled, ordered");
    assert!(writes > SOME, "{writes} writes");
    let step = match std::env::var("CARUSO_KILLS").as_deref() {
        Ok("all") => 1,
        _ => writes.div_ceil(SOME),
    };
    let mut kills = 0;
    for nth in (1..=writes).step_by(step) {
        let round = Round::begin(&runtime).expect("it was there before");
        // what happens at the same time writes in an order of its own, so it may be over before
        if let Some(output) = round.killer.killed_at(nth).expect("it runs") {
            kills += 1;
            round.check_acknowledged(&runtime, &output, nth);
        }
        let output = round.killer.run().expect("it runs");
        assert!(output.status.success(), "after write {nth}: {output:?}");
        assert_eq!(round.outcome(&runtime), undisturbed, "after write {nth}");
    }
    println!("{kills} kills at {writes} writes");
    assert!(kills * 2 >= writes.div_ceil(step), "most were killed: {kills}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// A folder, the peers beside it, and the engine that works with them.
struct Round {
    folder: tempfile::TempDir,
    world: World,
    killer: Killer,
}

/// What is there in the end, apart from times and ids.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Answers in their order.
    answers: Vec<String>,
    /// How often each kind of event is there.
    events: BTreeMap<String, usize>,
    /// Orders, those that cancel others included.
    orders: usize,
    reports: usize,
}

impl Round {
    fn begin(runtime: &tokio::runtime::Runtime) -> Result<Self, caruso_test_kit::Missing> {
        let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
        let _runtime = runtime.enter();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("a port");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        let server = Server::builder()
            .add_service(StorageManagerServer::new(world.clone()))
            .add_service(ActionsServer::new(world.clone()));
        runtime.spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        let name = "kills::a_kill_between_any_two_writes_loses_nothing_and_doubles_nothing";
        let program = std::env::current_exe().expect("this program");
        let killer = Killer::of(program, ["--exact", name, "--nocapture"])?
            .with(FOLDER, folder.path())
            .with(WORLD, format!("http://{address}"));
        Ok(Self { folder, world, killer })
    }

    /// Whether all that was acknowledged stands in the journal, and all that was sent as well.
    fn check_acknowledged(&self, runtime: &tokio::runtime::Runtime, output: &Output, nth: usize) {
        let events = runtime.block_on(self.events());
        let said = String::from_utf8_lossy(&output.stdout);
        let requests: Vec<&str> = events.iter().filter_map(|(_, it)| request(it)).collect();
        for request in said.lines().filter_map(|it| it.strip_prefix("acknowledged ")) {
            assert!(requests.contains(&request), "{request} is lost after write {nth}");
        }
        let queued: Vec<&str> = events.iter().filter_map(|(_, it)| key(it)).collect();
        for key in lock(&self.world.attempts).iter() {
            assert!(queued.contains(&key.as_str()), "{key} was sent too early, before write {nth}");
        }
    }

    fn outcome(&self, runtime: &tokio::runtime::Runtime) -> Outcome {
        let all = runtime.block_on(self.events());
        let answers = all.iter().filter_map(|(_, event)| match event {
            Event::Answered { step, value, .. } => {
                let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
                Some(format!("{step}={value}"))
            }
            _ => None,
        });
        let mut events = BTreeMap::new();
        for (name, _) in &all {
            *events.entry(name.clone()).or_insert(0) += 1;
        }
        let orders = lock(&self.world.orders).len();
        let reports = self.world.created("FaultReport").len();
        Outcome { answers: answers.collect(), events, orders, reports }
    }

    /// The events of the journal, by type; none where there is no journal yet.
    async fn events(&self) -> Vec<(String, Event)> {
        let file = self.folder.path().join("sessions.db");
        if !file.exists() {
            return Vec::new();
        }
        let journal = Journal::open(&file, &installation()).await.expect("it is sound");
        let read = journal.read_after(0, caruso_journal::MOST_READ).await.expect("it is sound");
        journal.close().await;
        let event = |it: caruso_contact::Envelope<serde_json::Value>| {
            (it.type_name, serde_json::from_value(it.payload).expect("an event"))
        };
        read.into_iter().map(event).collect()
    }
}

fn installation() -> Installation {
    Settings::default().installation
}

fn request(event: &Event) -> Option<&str> {
    match event {
        Event::Started(started) => Some(&started.request),
        Event::Answered { request, .. } => Some(request),
        _ => None,
    }
}

fn key(event: &Event) -> Option<&str> {
    match event {
        Event::ActionQueued(order) | Event::CompensationQueued { order, .. } => Some(&order.key),
        _ => None,
    }
}

/// Whether nothing is under way any more.
fn is_settled(view: &View) -> bool {
    let is_done = |state| matches!(state, ActionState::Confirmed | ActionState::Undone);
    view.actions.iter().all(|it| is_done(it.state))
}

/// What the process of the engine does: the whole session, saying what was acknowledged.
async fn drive(folder: &Path, world: String) {
    let channel = Channel::from_shared(world).expect("an address").connect_lazy();
    let wrapper = channel.clone();
    let peers = Peers::new(Peers::peer(channel), move |_| Peers::peer(wrapper.clone()));
    let editions = Editions::open(folder.join("editions"));
    // data that comes late would be another story
    let settings = Settings { read_within: Duration::from_secs(60), ..settings() };
    let engine = Engine::open(folder, editions, peers, settings).await.expect("it opens");
    engine.editions().adopt(&release("", "")).expect("a sound application");
    let reference = Datum::Reference { class: String::new(), key: "K-1".to_owned() };
    let start = Start {
        request: "start".to_owned(),
        script: "correctable".to_owned(),
        inputs: BTreeMap::from([("customer".to_owned(), reference)]),
        ..Start::default()
    };
    let mut view = engine.start(start).await.expect("it starts");
    let session = id(&view);
    println!("acknowledged start");
    for (at, (step, value)) in ANSWERS.into_iter().enumerate() {
        let answer = Answer {
            request: format!("answer-{at}"),
            session,
            sequence: view.sequence,
            step: step.to_owned(),
            row: String::new(),
            value: value.to_owned(),
            special: None,
            reason: String::new(),
        };
        engine.answer(answer, By::component("test")).await.expect("it is taken");
        println!("acknowledged answer-{at}");
        let waits = |view: &View| matches!(view.shown, Shown::Waiting { .. });
        view = until(&engine, session, |view| !waits(view)).await;
    }
    until(&engine, session, is_settled).await;
    engine.close().await;
}
