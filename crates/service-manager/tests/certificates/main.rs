//! Components with certificates, outside of development mode: how they are let in, whom they talk
//! to, how they stay and how they are shut out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use caruso_api::contact::v1 as contact;
use caruso_api::registry::v1 as proto;
use caruso_api::wrapper::v1 as wrapper;
use caruso_component::permissions::names::{
    COMMAND_LINE, COMMUNICATION_SERVER, MONITOR, SCRIPT_ENGINE,
};
use caruso_component::{
    Component, Connection, Error, Offered, Options, REGISTRY, Release, Secret, code_of,
};
use caruso_service_manager::{JOIN_TOKEN_FILE, ServiceManager};
use contact::contacts_client::ContactsClient;
use proto::join_tokens_client::JoinTokensClient;
use proto::registry_client::RegistryClient;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use wrapper::actions_client::ActionsClient;
use wrapper::actions_server::{Actions, ActionsServer};

mod events;
mod raw;

const ACTIONS: &str = "caruso.wrapper.v1.Actions";
const CONTACTS: &str = "caruso.contact.v1.Contacts";
const TOKENS: &str = "caruso.registry.v1.JoinTokens";
const HOUR: i64 = 3600;

/// When the certificates ended that were shown, in seconds since 1970.
type Seen = Arc<Mutex<BTreeSet<u64>>>;

/// A wrapper whose only operation tells who it is, and remembers which certificates were shown.
struct Echo {
    name: String,
    seen: Seen,
}

#[tonic::async_trait]
impl Actions for Echo {
    async fn describe(
        &self,
        _: Request<wrapper::DescribeRequest>,
    ) -> Result<Response<wrapper::DescribeResponse>, Status> {
        Ok(Response::new(wrapper::DescribeResponse::default()))
    }

    async fn invoke(
        &self,
        request: Request<wrapper::InvokeRequest>,
    ) -> Result<Response<wrapper::InvokeResponse>, Status> {
        let connection = request.extensions().get::<Connection>().expect("it came over TLS");
        let presented = connection.presented.clone().expect("with a certificate");
        self.seen.lock().expect("not poisoned").insert(presented.expires_at);
        let summary = format!("{} for {}", self.name, presented.identity.component);
        Ok(Response::new(wrapper::InvokeResponse { results: Default::default(), summary }))
    }
}

/// A service manager with certificates that runs until it is stopped.
struct Manager {
    address: String,
    data: PathBuf,
    stop: CancellationToken,
    task: JoinHandle<Result<(), caruso_service_manager::Error>>,
}

impl Manager {
    async fn start(data: &Path) -> Self {
        Self::start_with(([127, 0, 0, 1], 0).into(), data, None).await
    }

    async fn start_with(
        listen: std::net::SocketAddr,
        data: &Path,
        certificate_life: Option<Duration>,
    ) -> Self {
        let files = [("application.xml".to_owned(), "<application/>".into())];
        let options = caruso_service_manager::Options {
            listen,
            data: data.join("manager"),
            is_development: false,
            release: Some(Release::new(BTreeMap::from(files))),
        };
        let mut manager = ServiceManager::bind(options).await.expect("the manager starts");
        if let Some(life) = certificate_life {
            manager = manager.with_certificate_life(life);
        }
        let (address, stop) = (manager.address(), CancellationToken::new());
        let task = tokio::spawn(manager.serve(stop.clone()));
        Self { address, data: data.join("manager"), stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("a clean end");
    }

    /// With the token that lets everybody in.
    fn options(&self) -> Options {
        let token = Secret::<String>::read(&self.data.join(JOIN_TOKEN_FILE));
        self.options_with(token.expect("made at the first start"))
    }

    fn options_with(&self, token: Secret<String>) -> Options {
        let mut options = Options::new(&self.address);
        options.join_token = Some(token);
        options
    }

    async fn join(&self, name: &str) -> Component {
        join(self.options(), name).await.expect("joined")
    }

    /// The lines of its audit log that are about an rpc: code of the refusal, and whom it concerns.
    fn audited(&self, method: &str) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.data.join("audit.jsonl")).expect("written");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"));
        let of = lines.filter(|line| line["rpc"].as_str().is_some_and(|it| it.ends_with(method)));
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        of.map(|line| (text(&line["code"]), text(&line["about"]))).collect()
    }
}

async fn join(options: Options, name: &str) -> Result<Component, Error> {
    Component::join(options, name, CancellationToken::new()).await
}

/// Why somebody was not let in: the code of the refusal is what the manager has audited.
async fn refused(manager: &Manager, token: &str, name: &str) -> String {
    let options = manager.options_with(Secret::new(token.to_owned()));
    let refused = join(options, name).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    manager.audited("/Enrol").last().expect("audited").0.clone()
}

/// An echo that serves until it is stopped.
fn echo(component: &Component) -> (Seen, JoinHandle<Result<(), Error>>) {
    let seen = Seen::default();
    let echo = Echo { name: component.name().to_owned(), seen: Arc::clone(&seen) };
    let routes = Routes::default().add_service(ActionsServer::new(echo));
    let serving = component.clone();
    let task =
        tokio::spawn(async move { serving.serve(routes, [Offered::interface(ACTIONS)]).await });
    (seen, task)
}

async fn invoke(component: &Component, name: &str) -> Result<String, Status> {
    let mut actions = ActionsClient::new(component.caller_of(name, ACTIONS));
    let answer = actions.invoke(wrapper::InvokeRequest::default()).await?;
    Ok(answer.into_inner().summary)
}

/// Waits until the condition holds; fails the test after ten seconds.
async fn wait_for(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    waited.unwrap_or_else(|_| panic!("still waiting for: {what}"));
}

async fn names(command_line: &Component) -> Vec<String> {
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let listed = registry.list_components(proto::ListComponentsRequest {}).await.expect("listed");
    listed.into_inner().components.into_iter().map(|it| it.component).collect()
}

/// Where a component serves.
async fn address_of(command_line: &Component, name: &str) -> String {
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let mut address = None;
    wait_for("it serves", async || {
        let request = proto::ResolveRequest { interface: ACTIONS.to_owned() };
        let offers = registry.resolve(request).await.expect("answered").into_inner().offers;
        address = offers.into_iter().find(|offer| offer.component == name).map(|it| it.address);
        address.is_some()
    })
    .await;
    address.expect("waited for it")
}

/// A token for one component.
async fn token(
    command_line: &Component,
    component: &str,
    uses: u32,
    seconds: i64,
) -> Result<proto::CreateJoinTokenResponse, Status> {
    let mut tokens = JoinTokensClient::new(command_line.caller(TOKENS));
    let time_to_live = Some(prost_types::Duration { seconds, nanos: 0 });
    let component = component.to_owned();
    let wish =
        proto::CreateJoinTokenRequest { component, uses, time_to_live, interfaces: Vec::new() };
    Ok(tokens.create_join_token(wish).await?.into_inner())
}

async fn revoke(command_line: &Component, id: &str) -> Result<(), Status> {
    let mut tokens = JoinTokensClient::new(command_line.caller(TOKENS));
    let request = proto::RevokeJoinTokenRequest { id: id.to_owned() };
    tokens.revoke_join_token(request).await.map(|_| ())
}

#[tokio::test]
async fn whoever_has_the_join_token_joins_and_calls_over_mutual_tls() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    assert!(manager.address.starts_with("https://"), "{}", manager.address);
    let erp = manager.join("erp").await;
    let (seen, _serving) = echo(&erp);
    let engine = manager.join(SCRIPT_ENGINE).await;
    assert_eq!(invoke(&engine, "erp").await.expect("answered"), "erp for script-engine");
    let offer = engine.directory().handle(ACTIONS).offered().await;
    assert!(offer.address.starts_with("https://"), "{}", offer.address);
    assert_eq!(offer.instance, erp.instance());
    assert_eq!(seen.lock().expect("not poisoned").len(), 1);
    manager.stop().await;
}

#[tokio::test]
async fn without_the_join_token_nobody_joins() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let right = manager.options().join_token.expect("there").expose().clone();
    let (_, fingerprint) = right.split_once('.').expect("two parts");
    let wrong = format!("{}.{fingerprint}", "0".repeat(64));
    assert_eq!(refused(&manager, &wrong, "erp").await, "CR0101");
    let none = join(Options::new(&manager.address), "erp").await;
    assert!(matches!(none, Err(Error::NoJoinToken(_))), "{none:?}");
    let half = manager.options_with(Secret::new("0".repeat(64)));
    assert!(matches!(join(half, "erp").await, Err(Error::JoinToken(_))));
    let mut clear = manager.options();
    clear.service_manager = manager.address.replace("https://", "http://");
    assert!(matches!(join(clear, "erp").await, Err(Error::TokenInTheClear(_))));
    for name in ["service-manager", "Erp", "-", ""] {
        assert_eq!(refused(&manager, &right, name).await, "CR0107", "{name}");
    }
    manager.stop().await;
}

#[tokio::test]
async fn a_component_tells_its_token_to_no_other_manager_than_its_own() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let other = Manager::start(&data.path().join("other")).await;
    let mut options = manager.options();
    options.service_manager.clone_from(&other.address);
    let refused = join(options, "erp").await.expect_err("it is another one");
    assert!(refused.to_string().contains("not service-manager of this installation"), "{refused}");
    let audit = std::fs::read_to_string(other.data.join("audit.jsonl")).unwrap_or_default();
    assert_eq!(audit, "", "the other has not heard of it");
    manager.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn without_a_certificate_one_can_do_nothing_but_enrol() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let erp = manager.join("erp").await;
    let (_, _serving) = echo(&erp);
    let command_line = manager.join(COMMAND_LINE).await;
    let unknown = raw::unknown(&manager.options());
    let mut registry =
        RegistryClient::new(raw::channel(&unknown, "service-manager", &manager.address).await);
    let request = proto::ResolveRequest { interface: ACTIONS.to_owned() };
    let refused = registry.resolve(request).await.expect_err("who is it?");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0109"));
    let refused = registry.session(tokio_stream::pending()).await.expect_err("who is it?");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0109"));
    let address = address_of(&command_line, "erp").await;
    let mut erp = ActionsClient::new(raw::channel(&unknown, "erp", &address).await);
    let refused = erp.invoke(wrapper::InvokeRequest::default()).await;
    assert_eq!(refused.expect_err("no connection").code(), tonic::Code::Unknown);
    manager.stop().await;
}

#[tokio::test]
async fn a_certificate_is_of_one_component_and_for_its_time() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let life = Duration::from_secs(4);
    let listen = ([127, 0, 0, 1], 0).into();
    let manager = Manager::start_with(listen, data.path(), Some(life)).await;
    let folder = data.path().join("erp");
    let erp = join(manager.options().with_data(&folder), "erp").await.expect("joined");
    let kept = raw::kept(&folder);
    let mut registry =
        RegistryClient::new(raw::channel(&kept, "service-manager", &manager.address).await);
    let hello = proto::Hello { component: "crm".to_owned(), ..Default::default() };
    let hello = proto::session_request::Message::Hello(hello);
    let first = proto::SessionRequest { message: Some(hello) };
    let refused = registry.session(tokio_stream::iter([first])).await.expect_err("it is erp");
    assert_eq!(code_of(&refused).as_deref(), Some("CR0122"));
    drop(erp);
    wait_for("the time of the certificate is over", async || {
        let request = proto::ResolveRequest { interface: ACTIONS.to_owned() };
        let refused = registry.resolve(request).await.err();
        refused.and_then(|status| code_of(&status)).as_deref() == Some("CA0112")
    })
    .await;
    manager.stop().await;
}

#[tokio::test]
async fn who_answers_must_be_the_component_that_offers() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let erp = manager.join("erp").await;
    let (_, _serving) = echo(&erp);
    let engine = manager.join(SCRIPT_ENGINE).await;
    let handle = engine.directory().handle(ACTIONS);
    let address = handle.offered().await.address;
    let crm = manager.join("crm").await;
    crm.offer([Offered::interface(ACTIONS).at(&address)]).await.expect("taken");
    wait_for("both are known", async || handle.snapshot().offers().count() == 2).await;
    let refused = invoke(&engine, "crm").await.expect_err("erp answers there");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0110"), "{refused:?}");
    assert_eq!(invoke(&engine, "erp").await.expect("answered"), "erp for script-engine");
    let in_the_clear = address.replace("https://", "http://");
    crm.offer([Offered::interface(ACTIONS).at(in_the_clear)]).await.expect("taken");
    wait_for("it is not followed", async || handle.snapshot().offers().count() == 1).await;
    manager.stop().await;
}

#[tokio::test]
async fn a_token_lets_its_component_in_as_often_as_it_says_and_nobody_else() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let made = token(&command_line, "acme-billing", 1, HOUR).await.expect("made");
    assert_eq!(refused(&manager, &made.join_token, "erp").await, "CR0116");
    let options = manager.options_with(Secret::new(made.join_token.clone()));
    let folder = data.path().join("billing");
    let kept = options.clone().with_data(&folder);
    let billing = join(kept.clone(), "acme-billing").await.expect("joined");
    assert_eq!(refused(&manager, &made.join_token, "acme-billing").await, "CR0113");
    let first = billing.instance();
    drop(billing);
    // it starts again by its certificate, as another instance
    let again = join(kept, "acme-billing").await.expect("joined again");
    assert_ne!(again.instance(), first);
    let about = format!("acme-billing, join token {}", made.id);
    let enrolled = manager.audited("/Enrol");
    assert!(enrolled.contains(&(String::new(), about.clone())), "{enrolled:?}");
    assert!(enrolled.contains(&("CR0113".to_owned(), about.clone())), "{enrolled:?}");
    assert_eq!(manager.audited("/Renew"), [(String::new(), about)]);
    // another token is another right: the kept certificate does not stand for it
    let other = token(&command_line, "acme-billing", 1, HOUR).await.expect("made");
    let options = manager.options_with(Secret::new(other.join_token)).with_data(&folder);
    join(options, "acme-billing").await.expect("joined");
    let used = manager.audited("/Enrol").last().expect("audited").1.clone();
    assert_eq!(used, format!("acme-billing, join token {}", other.id));
    manager.stop().await;

    let manager = Manager::start(data.path()).await;
    assert_eq!(refused(&manager, &made.join_token, "acme-billing").await, "CR0113", "it is kept");
    let text = std::fs::read_to_string(manager.data.join("join-tokens.json")).expect("kept");
    let (secret, _) = made.join_token.split_once('.').expect("two parts");
    assert!(!text.contains(secret), "a digest is kept, not the secret");
    manager.stop().await;
}

#[tokio::test]
async fn a_token_ends_and_what_it_may_be_is_bounded() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let short = token(&command_line, "erp", 5, 1).await.expect("made");
    let mut tokens = JoinTokensClient::new(command_line.caller(TOKENS));
    let listed = tokens.list_join_tokens(proto::ListJoinTokensRequest {}).await.expect("listed");
    let listed = listed.into_inner().join_tokens;
    assert_eq!((listed[0].id.as_str(), listed[0].uses, listed[0].used), (&*short.id, 5, 0));
    let ends = listed[0].expires_at.expect("a moment").seconds.unsigned_abs();
    wait_for("its time is over", async || caruso_component::token::now_seconds() >= ends).await;
    assert_eq!(refused(&manager, &short.join_token, "erp").await, "CR0114");
    for (component, uses, seconds, code) in [
        ("erp", 0, HOUR, "CR0119"),
        ("erp", 1_001, HOUR, "CR0119"),
        ("erp", 1, 0, "CR0119"),
        ("erp", 1, 31 * 24 * HOUR, "CR0119"),
        ("service-manager", 1, HOUR, "CR0107"),
        ("Erp", 1, HOUR, "CR0107"),
    ] {
        let refused = token(&command_line, component, uses, seconds).await.expect_err("refused");
        assert_eq!(code_of(&refused).as_deref(), Some(code), "{component} {uses} {seconds}");
    }
    let stranger = manager.join("erp").await;
    let denied = token(&stranger, "erp", 1, HOUR).await.expect_err("not theirs");
    assert_eq!(code_of(&denied).as_deref(), Some("CA0103"));
    manager.stop().await;
}

#[tokio::test]
async fn a_token_may_allow_some_interfaces_alone() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let mut tokens = JoinTokensClient::new(command_line.caller(TOKENS));
    let mut wish = proto::CreateJoinTokenRequest {
        component: "erp".to_owned(),
        uses: 1,
        time_to_live: Some(prost_types::Duration { seconds: HOUR, nanos: 0 }),
        interfaces: vec!["caruso.identity.v1.Identity".to_owned()],
    };
    let refused = tokens.create_join_token(wish.clone()).await.expect_err("not a wrapper's");
    assert_eq!(code_of(&refused).as_deref(), Some("CR0119"));
    wish.interfaces = vec!["caruso.wrapper.v1.Objects".to_owned()];
    let made = tokens.create_join_token(wish).await.expect("made").into_inner();
    let erp = join(manager.options_with(Secret::new(made.join_token)), "erp").await;
    let erp = erp.expect("joined");
    let at = |interface| [Offered::interface(interface).at("https://127.0.0.1:1")];
    let refused = erp.offer(at(ACTIONS)).await;
    assert!(matches!(refused, Err(Error::OffersRefused(_))), "{refused:?}");
    erp.offer(at("caruso.wrapper.v1.Objects")).await.expect("allowed");
    manager.stop().await;
}

#[tokio::test]
async fn who_is_shut_out_is_gone_at_the_manager_and_refused_by_everybody() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let made = token(&command_line, SCRIPT_ENGINE, 1, HOUR).await.expect("made");
    let erp = manager.join("erp").await;
    let (_, _serving) = echo(&erp);
    let options = manager.options_with(Secret::new(made.join_token.clone()));
    let folder = data.path().join("engine");
    let kept = options.with_data(&folder);
    let engine = join(kept.clone(), SCRIPT_ENGINE).await.expect("joined");
    assert_eq!(invoke(&engine, "erp").await.expect("answered"), "erp for script-engine");

    revoke(&command_line, &made.id).await.expect("revoked");
    wait_for("it has no session", async || {
        !names(&command_line).await.contains(&SCRIPT_ENGINE.to_owned())
    })
    .await;
    wait_for("the callee refuses it", async || {
        let refused = invoke(&engine, "erp").await.err().and_then(|status| code_of(&status));
        refused.as_deref() == Some("CA0111")
    })
    .await;
    let mut registry = RegistryClient::new(engine.caller(REGISTRY));
    let request = proto::ResolveRequest { interface: ACTIONS.to_owned() };
    let refused = registry.resolve(request).await.expect_err("shut out");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0111"));
    assert_eq!(refused_again(&manager, kept).await, "CR0115");
    let unknown = revoke(&command_line, "owner").await.expect_err("it is no such token");
    assert_eq!(code_of(&unknown).as_deref(), Some("CR0121"));

    // whoever joins later learns of it as well
    let late = manager.join("late").await;
    let (_, _serving) = echo(&late);
    let address = address_of(&command_line, "late").await;
    let kept = raw::kept(&folder);
    wait_for("a newcomer refuses it", async || {
        let mut late = ActionsClient::new(raw::channel(&kept, "late", &address).await);
        let refused = late.invoke(wrapper::InvokeRequest::default()).await;
        refused.err().and_then(|status| code_of(&status)).as_deref() == Some("CA0111")
    })
    .await;
    let listen = manager.address["https://".len()..].parse().expect("an address");
    manager.stop().await;

    // a manager that was started again has not forgotten it
    let manager = Manager::start_with(listen, data.path(), None).await;
    let mut registry =
        RegistryClient::new(raw::channel(&kept, "service-manager", &manager.address).await);
    let request = proto::ResolveRequest { interface: ACTIONS.to_owned() };
    let refused = registry.resolve(request).await.expect_err("shut out");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0111"));
    manager.stop().await;
}

/// What a component that was shut out is told when it starts again.
async fn refused_again(manager: &Manager, options: Options) -> String {
    let refused = join(options, SCRIPT_ENGINE).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    manager.audited("/Enrol").last().expect("audited").0.clone()
}

#[tokio::test]
async fn certificates_are_renewed_while_streams_and_calls_go_on() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let life = Duration::from_secs(9);
    let listen = ([127, 0, 0, 1], 0).into();
    let manager = Manager::start_with(listen, data.path(), Some(life)).await;
    let erp = manager.join("erp").await;
    let (seen, _erp_serving) = echo(&erp);
    let server = manager.join(COMMUNICATION_SERVER).await;
    let _events = events::serve(&server);
    let (engine, monitor) = (manager.join(SCRIPT_ENGINE).await, manager.join(MONITOR).await);
    let instances = [engine.instance(), monitor.instance()];

    let mut contacts = ContactsClient::new(monitor.caller(CONTACTS));
    let request = contact::WatchEventsRequest::default();
    let mut stream = contacts.watch_events(request).await.expect("it streams").into_inner();
    let mut heard = 0_u64;
    let mut next_call = tokio::time::interval(Duration::from_millis(20));
    while seen.lock().expect("not poisoned").len() < 4 {
        tokio::select! {
            message = stream.next() => {
                let message = message.expect("the stream never ends").expect("nor breaks");
                heard += 1;
                let after = message.beginning.expect("a number").after;
                assert_eq!(after, heard, "nothing is missing");
            }
            _ = next_call.tick() => {
                let answered = invoke(&engine, "erp").await;
                assert_eq!(answered.expect("no call fails"), "erp for script-engine");
            }
        }
    }
    assert!(heard > 100, "{heard}");
    assert_eq!([engine.instance(), monitor.instance()], instances, "sessions went on");
    manager.stop().await;
}

#[tokio::test]
async fn components_go_on_without_their_manager_and_resume_at_the_next() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let listen = manager.address["https://".len()..].parse().expect("an address");
    let erp = manager.join("erp").await;
    let (_, _serving) = echo(&erp);
    let kept = manager.options().with_data(data.path().join("engine"));
    let engine = join(kept.clone(), SCRIPT_ENGINE).await.expect("joined");
    assert_eq!(invoke(&engine, "erp").await.expect("answered"), "erp for script-engine");
    let before = engine.directory().handle(ACTIONS).offered().await;
    wait_for("who offers is on disk", async || {
        let directory = std::fs::read(data.path().join("engine/directory.bin"));
        let directory = directory.unwrap_or_default();
        directory.windows(ACTIONS.len()).any(|part| part == ACTIONS.as_bytes())
    })
    .await;
    manager.stop().await;
    assert_eq!(invoke(&engine, "erp").await.expect("answered"), "erp for script-engine");
    // another instance starts from what the first has kept
    let second = join(kept, SCRIPT_ENGINE).await.expect("from memory");
    assert_eq!(invoke(&second, "erp").await.expect("answered"), "erp for script-engine");

    let manager = Manager::start_with(listen, data.path(), None).await;
    let command_line = manager.join(COMMAND_LINE).await;
    wait_for("all are back", async || {
        let names = names(&command_line).await;
        let count = |name: &str| names.iter().filter(|it| *it == name).count();
        count("erp") == 1 && count(SCRIPT_ENGINE) == 2
    })
    .await;
    let after = engine.directory().handle(ACTIONS).offered().await;
    assert_eq!((&after.id, after.generation), (&before.id, before.generation), "no flap");
    assert_eq!(invoke(&second, "erp").await.expect("answered"), "erp for script-engine");
    manager.stop().await;
}
