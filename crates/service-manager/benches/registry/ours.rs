//! A service manager in a process of its own, and its clients.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use caruso_api::registry::v1 as proto;
use caruso_component::permissions::names::SCRIPT_ENGINE;
use caruso_component::{Component, Options, Release, Secret};
use caruso_service_manager::{JOIN_TOKEN_FILE, ServiceManager};
use proto::registry_client::RegistryClient;
use proto::session_request::Message as Up;
use proto::session_response::Message as Down;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Streaming};

use crate::process::Process;
use crate::rounds::Watchers;

/// Connections of the clients; a connection carries 1,024 streams.
const CONNECTIONS: usize = 16;

/// What the program does as a server: tells its address and serves until it is killed.
pub(crate) async fn serve(folder: &str, is_development: bool) {
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.into(),
        is_development,
        release: Some(Release::new(BTreeMap::new())),
    };
    let manager = ServiceManager::bind(options).await.expect("the manager starts");
    println!("{}", manager.address());
    manager.serve(CancellationToken::new()).await.expect("it serves");
}

/// A manager with an empty folder.
pub(crate) struct Manager {
    pub(crate) process: Process,
    address: String,
    folder: TempDir,
    channels: Vec<Channel>,
}

impl Manager {
    pub(crate) async fn start(is_development: bool) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let program = std::env::current_exe().expect("it runs");
        let mode = if is_development { "development" } else { "certified" };
        let mut command = Command::new(program);
        let mut process = Process::start(command.arg("serve").arg(folder.path()).arg(mode))
            .expect("this program can be started");
        let mut address = String::new();
        BufReader::new(process.output()).read_line(&mut address).expect("it says its address");
        let address = address.trim().to_owned();
        let mut channels = Vec::new();
        if is_development {
            for _ in 0..CONNECTIONS {
                let endpoint = Channel::from_shared(address.clone()).expect("an address");
                channels.push(endpoint.tcp_nodelay(true).connect().await.expect("it serves"));
            }
        }
        Self { process, address, folder, channels }
    }

    /// A component of the library.
    pub(crate) async fn join(&self, name: &str) -> Component {
        let mut options = Options::new(&self.address);
        if self.address.starts_with("https") {
            let token = self.folder.path().join(JOIN_TOKEN_FILE);
            options.join_token = Some(Secret::<String>::read(&token).expect("made at the start"));
        }
        Component::join(options, name, CancellationToken::new()).await.expect("joined")
    }

    pub(crate) fn client(&self, at: usize) -> RegistryClient<Channel> {
        RegistryClient::new(self.channels[at % self.channels.len()].clone())
    }

    /// Opens a session and offers in it what the component has there.
    pub(crate) async fn session(&self, at: usize, component: &str, offers: Offers) -> Session {
        let (up, requests) = mpsc::channel(4);
        let hello = proto::Hello {
            component: component.to_owned(),
            version: "1.0.0".to_owned(),
            resume: None,
        };
        let mut session = Session { up, down: None, token: String::new() };
        session.say(Up::Hello(hello)).await;
        session.say(Up::Offers(offers)).await;
        let opened = self.client(at).session(ReceiverStream::new(requests)).await;
        session.down = Some(opened.expect("opened").into_inner());
        session.accepted().await;
        session
    }

    /// So many watches of an interface, all of which have the snapshot.
    pub(crate) async fn watch(&self, interface: &str, count: usize) -> Watchers {
        let (tell, told) = mpsc::channel(count);
        let reader = self.session(0, SCRIPT_ENGINE, Offers::default()).await;
        let token = reader.token.clone();
        tokio::spawn(reader.keep());
        for at in 0..count {
            let (up, requests) = mpsc::channel(4);
            let contract = caruso_api::contract(interface).expect("one of ours");
            let subscribe = proto::Subscribe {
                interfaces: vec![interface.to_owned()],
                contracts: [(interface.to_owned(), contract.digest.to_owned())].into(),
                ..proto::Subscribe::default()
            };
            let message = proto::watch_request::Message::Subscribe(subscribe);
            let request = |message| proto::WatchRequest { message: Some(message) };
            up.send(request(message)).await.expect("open");
            let watching = signed(ReceiverStream::new(requests), &token);
            let opened = self.client(at).watch(watching).await;
            let mut changes = opened.expect("opened").into_inner();
            let first = changes.message().await.expect("watches").expect("open");
            assert!(first.is_snapshot && !first.offers.is_empty(), "a watch begins so");
            let tell = tell.clone();
            tokio::spawn(async move {
                while let Ok(Some(change)) = changes.message().await {
                    let now = Instant::now();
                    let acknowledge = proto::Acknowledge { revision: change.revision };
                    let message = proto::watch_request::Message::Acknowledge(acknowledge);
                    if up.send(request(message)).await.is_err() || tell.send(now).await.is_err() {
                        break;
                    }
                }
            });
        }
        Watchers { count, told }
    }
}

/// A request with the token of a component, as the library sends it.
pub(crate) fn signed<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let token = token.parse().expect("a token is a header");
    request.metadata_mut().insert("x-caruso-component", token);
    request
}

/// What an instance offers.
pub(crate) type Offers = proto::Offers;

/// Where all of them serve: the manager asks there whether somebody answers.
static SERVED_AT: OnceLock<String> = OnceLock::new();

/// Serves what answers to the manager's probes.
pub(crate) async fn answer_probes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it has one");
    SERVED_AT.set(format!("http://{address}")).expect("set once");
    let (_, health) = tonic_health::server::health_reporter();
    let router = tonic::transport::Server::builder().add_service(health);
    tokio::spawn(router.serve_with_incoming(TcpIncoming::from(listener)));
}

/// These interfaces at one address, with their contracts and a property, some 200 bytes each.
pub(crate) fn offers(interfaces: &[&str], number: usize) -> Offers {
    let one = |interface: &&str| proto::OfferedInterface {
        interface: (*interface).to_owned(),
        address: SERVED_AT.get().expect("it is served").clone(),
        properties: [("number".to_owned(), number.to_string())].into(),
        contract: caruso_api::contract(interface).expect("one of ours").digest.to_owned(),
    };
    Offers { offers: interfaces.iter().map(one).collect() }
}

/// An open session.
pub(crate) struct Session {
    up: mpsc::Sender<proto::SessionRequest>,
    /// None until it is opened.
    down: Option<Streaming<proto::SessionResponse>>,
    pub(crate) token: String,
}

impl Session {
    async fn say(&self, message: Up) {
        let request = proto::SessionRequest { message: Some(message) };
        self.up.send(request).await.expect("open");
    }

    async fn hear(&mut self) -> Down {
        let down = self.down.as_mut().expect("it is opened");
        let response = down.message().await.expect("alive").expect("open");
        response.message.expect("it says something")
    }

    async fn accepted(&mut self) {
        loop {
            match self.hear().await {
                Down::OffersAccepted(_) => return,
                Down::Welcome(welcome) => self.token = welcome.component_token,
                Down::OffersRejected(rejected) => panic!("{:?}", rejected.reasons),
                Down::ContractsWanted(_) => panic!("the library has handed them over"),
                _ => {}
            }
        }
    }

    /// Offers this in place of what it offered before.
    pub(crate) async fn offer(&mut self, offers: Offers) {
        self.say(Up::Offers(offers)).await;
        self.accepted().await;
    }

    /// A sign of life, and its acknowledgement.
    pub(crate) async fn beat(&mut self) {
        let beat = proto::Beat { health: proto::Health::Serving.into(), outcomes: Vec::new() };
        self.say(Up::Beat(beat)).await;
        while !matches!(self.hear().await, Down::BeatAcknowledged(_)) {}
    }

    /// Leaves at once.
    pub(crate) async fn leave(self) {
        self.say(Up::Goodbye(proto::Goodbye {})).await;
        drop(self.up);
        let mut down = self.down.expect("it is opened");
        while let Ok(Some(_)) = down.message().await {}
    }

    /// Stays until the manager ends.
    pub(crate) async fn keep(mut self) {
        let mut every = tokio::time::interval(Duration::from_secs(3));
        let mut down = self.down.take().expect("it is opened");
        let beat = proto::Beat { health: proto::Health::Serving.into(), outcomes: Vec::new() };
        loop {
            tokio::select! {
                _ = every.tick() => {
                    let message = Some(Up::Beat(beat.clone()));
                    // the manager may have ended
                    let _ = self.up.try_send(proto::SessionRequest { message });
                }
                heard = down.message() => if !matches!(heard, Ok(Some(_))) { return },
            }
        }
    }
}

/// Sessions that are used by turns.
pub(crate) type Sessions = Vec<Mutex<Session>>;
