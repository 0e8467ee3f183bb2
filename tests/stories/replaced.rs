//! Each component is replaced by another process while people talk and programs call, and nobody
//! notices.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caruso_api::contact::v1::AgentState;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::identity::v1::people_client::PeopleClient;
use caruso_api::identity::v1::{ListUsersRequest, LogInRequest};
use caruso_api::modeler::v1::ListDatabasesRequest;
use caruso_api::modeler::v1::modeler_client::ModelerClient;
use caruso_api::monitor::v1::monitor_client::MonitorClient;
use caruso_api::monitor::v1::{ReportQuery, RunReportRequest};
use caruso_api::script::v1::ListRequest;
use caruso_api::script::v1::script_catalogue_client::ScriptCatalogueClient;
use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::storage::v1::{GetRequest, Link, QueryRequest};
use caruso_api::wrapper::v1::DescribeRequest;
use caruso_api::wrapper::v1::actions_client::ActionsClient;
use caruso_component::permissions::names::COMMAND_LINE;
use caruso_component::{Caller, Component, Secret};
use caruso_tests::{Desk, Installation, Phone, Plan, State, sound, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;
/// Each of the programs calls this often, nine of them together 450 times a second.
const PACE: Duration = Duration::from_millis(20);

/// All but the communication server, whose first process stays with the call.
const REPLACED: [&str; 10] = [
    "identity",
    "storage-manager",
    "business-object-modeler",
    "erp",
    "billing",
    "script-engine",
    "monitor",
    "front-office",
    "self-service",
    "demo",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_component_is_replaced_while_people_talk_and_programs_call() {
    let mut system = Installation::of_processes(Plan::default()).await;
    let agent = Phone::register(system.sip, "101", "phone-101").await.expect("her extension");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, "0305550100", "0612345678");
    customer.until("talking to the menu", |state| *state == State::Talking).await;
    customer.press('1');
    anna.until_state(AgentState::Offered).await;
    agent.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    agent.answer();
    let contact = anna.until_state(AgentState::Talking).await;
    drop(anna);

    let load = Load::begin(&system).await;
    let rounds = rounds();
    for component in (0..rounds).flat_map(|_| REPLACED) {
        system.stand_by(component).await;
        load.until_all_have_called().await;
        system.replace(component).await;
        load.until_all_have_called().await;
        assert_eq!(load.failures(), Vec::<String>::new(), "{component} was replaced");
        assert_eq!((customer.state(), agent.state()), (State::Talking, State::Talking));
    }
    system.stand_by("communication-server").await;
    system.hand_over("communication-server");
    load.until_all_have_called().await;
    assert_eq!(load.failures(), Vec::<String>::new(), "the communication server was replaced");
    let calls = load.end();
    assert!(calls.values().all(|calls| *calls > 2 * rounds * REPLACED.len()), "{calls:?}");

    customer.speak(CUSTOMER_HERTZ);
    agent.speak(AGENT_HERTZ);
    until("they hear each other", async || {
        let hears = |phone: &Phone, hertz| sound::ends_with_tone(&phone.heard(), hertz);
        (hears(&agent, CUSTOMER_HERTZ) && hears(&customer, AGENT_HERTZ)).then_some(())
    })
    .await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    assert_eq!(anna.until_state(AgentState::Talking).await.contact_id, contact.contact_id);
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact.contact_id, "advice-given").await;
    system.until_former_ends("communication-server").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_take_over_is_refused_and_a_folder_is_one_process_s() {
    let mut system = Installation::of_processes(Plan::default()).await;
    let told = |arguments: &[&str]| {
        let output = system.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let nobody = told(&["services", "replace", "identity"]);
    assert!(nobody.contains("nobody stands by for identity [CR0126]"), "{nobody}");
    let data = system.data().to_str().expect("a plain path").to_owned();
    let second = told(&["run", "identity", "--data", &data]);
    assert!(second.contains("start with --standby to take its place"), "{second}");
    let manager = told(&["run", "service-manager", "--standby", "--data", &data]);
    assert!(manager.contains("stop it and start it again"), "{manager}");

    // who stands by may go again, and may come again
    system.stand_by("identity").await;
    system.stop("next-identity");
    until("it has gone", async || {
        let nobody = system.run(&["services", "replace", "identity"]);
        String::from_utf8_lossy(&nobody.stderr).contains("[CR0126]").then_some(())
    })
    .await;
    system.stand_by("identity").await;
    system.replace("identity").await;
    drop(Desk::log_in(&system.http, "anna").await);
}

/// How often each is replaced: once, or as often as `cargo xtask soak` says.
fn rounds() -> usize {
    let told = std::env::var("CARUSO_ROUNDS");
    told.map_or(1, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Programs that call again and again, each one interface.
struct Load {
    told: Arc<Told>,
    stop: CancellationToken,
    _callers: Vec<AbortOnDropHandle<()>>,
    /// Who they are, for as long as they call.
    _component: Component,
}

#[derive(Default)]
struct Told {
    calls: Mutex<BTreeMap<&'static str, usize>>,
    failures: Mutex<Vec<String>>,
}

impl Told {
    fn tell(&self, what: &'static str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => *self.calls().entry(what).or_default() += 1,
            Err(reason) => lock(&self.failures).push(format!("{what}: {reason}")),
        }
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, usize>> {
        lock(&self.calls)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    async fn begin(system: &Installation) -> Self {
        let joined = Component::join(system.options(), COMMAND_LINE, CancellationToken::new());
        let component = joined.await.expect("the token lets everybody in");
        let mut identity = IdentityClient::new(component.caller("caruso.identity.v1.Identity"));
        let request = LogInRequest { user: "admin".to_owned(), password: "demo".to_owned() };
        let token = identity.log_in(request).await.expect("she may").into_inner().token;
        let admin = Caller::with_token(Secret::new(token));
        let (told, stop) = (Arc::<Told>::default(), CancellationToken::new());
        let _component = component.clone();
        let mut load = Self { told, stop, _callers: Vec::new(), _component };
        load.read(&component);
        load.as_administrator(&component, &admin);
        load.browse("the desk's page", &system.http);
        load.browse("the customers' pages", &system.self_service);
        load
    }

    /// What the command line reads.
    fn read(&mut self, component: &Component) {
        let storage =
            StorageManagerClient::new(component.caller("caruso.storage.v1.StorageManager"));
        self.call("an object", storage.clone(), |mut storage| async move {
            let (class, key) = ("Customer".to_owned(), "100001".to_owned());
            storage.get(GetRequest { class, key }).await.map(|_| ())
        });
        self.call("objects of a wrapper", storage, |mut storage| async move {
            let link = Link { path: "customer".to_owned(), key: "100001".to_owned() };
            let class = "Invoice".to_owned();
            let request = QueryRequest { class, link: Some(link), ..Default::default() };
            storage.query(request).await.map(|_| ())
        });
        let monitor = MonitorClient::new(component.caller("caruso.monitor.v1.Monitor"));
        self.call("a report", monitor, |mut monitor| async move {
            let query = ReportQuery { report: "incoming-calls".to_owned(), ..Default::default() };
            monitor.run_report(RunReportRequest { query: Some(query) }).await.map(|_| ())
        });
        let people = PeopleClient::new(component.caller("caruso.identity.v1.People"));
        self.call("people", people, |mut people| async move {
            people.list_users(ListUsersRequest {}).await.map(|_| ())
        });
    }

    /// What an administrator may try.
    fn as_administrator(&mut self, component: &Component, admin: &Caller) {
        let scripts = component.caller("caruso.script.v1.ScriptCatalogue").on_behalf_of(admin);
        let scripts = ScriptCatalogueClient::new(scripts);
        self.call("scripts", scripts, |mut scripts| async move {
            scripts.list(ListRequest::default()).await.map(|_| ())
        });
        let modeler = component.caller("caruso.modeler.v1.Modeler").on_behalf_of(admin);
        let modeler = ModelerClient::new(modeler);
        self.call("databases", modeler, |mut modeler| async move {
            modeler.list_databases(ListDatabasesRequest {}).await.map(|_| ())
        });
        let erp = component.caller_of("erp", "caruso.wrapper.v1.Actions").on_behalf_of(admin);
        let erp = ActionsClient::new(erp);
        self.call("operations", erp, |mut erp| async move {
            erp.describe(DescribeRequest {}).await.map(|_| ())
        });
    }

    fn call<C, F>(&mut self, what: &'static str, client: C, call: fn(C) -> F)
    where
        C: Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), tonic::Status>> + Send + 'static,
    {
        let (told, stop) = (Arc::clone(&self.told), self.stop.clone());
        let calling = tokio::spawn(async move {
            let mut beat = interval(PACE);
            while stop.run_until_cancelled(beat.tick()).await.is_some() {
                let called = call(client.clone()).await;
                told.tell(what, called.map_err(|status| status.to_string()));
            }
        });
        self._callers.push(AbortOnDropHandle::new(calling));
    }

    /// As a browser that comes for the first time, again and again.
    fn browse(&mut self, what: &'static str, address: &str) {
        let address = address.trim_start_matches("http://").to_owned();
        let (told, stop) = (Arc::clone(&self.told), self.stop.clone());
        let browsing = tokio::spawn(async move {
            let mut beat = interval(PACE);
            while stop.run_until_cancelled(beat.tick()).await.is_some() {
                let got = get(&address).await.map_err(|error| error.to_string());
                let got = got.and_then(|answer| {
                    let is_page = answer.starts_with("HTTP/1.1 200");
                    if is_page { Ok(()) } else { Err(answer.chars().take(80).collect()) }
                });
                told.tell(what, got);
            }
        });
        self._callers.push(AbortOnDropHandle::new(browsing));
    }

    /// Waits until each has called once more from now on.
    async fn until_all_have_called(&self) {
        let before = self.told.calls().clone();
        until("everybody has called", async || {
            let now = self.told.calls().clone();
            let has_called = |what: &&str| now.get(*what) > before.get(*what);
            let is_all = now.len() == self._callers.len() && now.keys().all(has_called);
            (is_all || !self.failures().is_empty()).then_some(())
        })
        .await;
    }

    fn failures(&self) -> Vec<String> {
        lock(&self.told.failures).iter().take(5).cloned().collect()
    }

    fn end(self) -> BTreeMap<&'static str, usize> {
        self.stop.cancel();
        self.told.calls().clone()
    }
}

async fn get(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
