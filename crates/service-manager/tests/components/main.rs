//! Real components with a real service manager: how they join, find, call, leave and come back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_api::wrapper::v1 as wrapper;
use caruso_component::permissions::names::{COMMAND_LINE, SCRIPT_ENGINE, STORAGE_MANAGER};
use caruso_component::{Caller, Component, Error, Offered, Options, REGISTRY, Release, code_of};
use caruso_service_manager::ServiceManager;
use proto::registry_client::RegistryClient;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use wrapper::actions_client::ActionsClient;
use wrapper::actions_server::{Actions, ActionsServer};

mod failing;

const ACTIONS: &str = "caruso.wrapper.v1.Actions";

/// A wrapper whose only operation tells who asked it.
struct Echo {
    name: String,
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
        let caller = Caller::of(&request)?.component.clone().expect("verified");
        let summary = format!("{} for {}", self.name, caller.name);
        Ok(Response::new(wrapper::InvokeResponse { results: Default::default(), summary }))
    }
}

fn release(text: &'static str) -> Release {
    let files = [("application.xml".to_owned(), text.into()), ("empty".to_owned(), "".into())];
    Release::new(BTreeMap::from(files))
}

fn options(listen: SocketAddr, data: &Path) -> caruso_service_manager::Options {
    caruso_service_manager::Options {
        listen,
        data: data.to_owned(),
        is_development: true,
        release: Some(release("<application/>")),
    }
}

/// A service manager that runs until it is stopped.
struct Manager {
    address: String,
    data: PathBuf,
    stop: CancellationToken,
    task: JoinHandle<Result<(), caruso_service_manager::Error>>,
}

impl Manager {
    async fn start(data: &Path) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), data).await
    }

    async fn start_at(listen: SocketAddr, data: &Path) -> Self {
        let data = data.join("manager");
        let bound = ServiceManager::bind(options(listen, &data)).await;
        let manager = bound.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        let task = tokio::spawn(manager.serve(stop.clone()));
        Self { address, data, stop, task }
    }

    fn socket(&self) -> SocketAddr {
        self.address["http://".len()..].parse().expect("an address")
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("a clean end");
    }

    async fn join(&self, name: &str) -> Component {
        join(Options::new(&self.address), name).await.expect("joined")
    }

    /// An echo wrapper that serves until it is stopped or drained.
    async fn echo(
        &self,
        name: &str,
    ) -> (Component, CancellationToken, JoinHandle<Result<(), Error>>) {
        let stop = CancellationToken::new();
        let joined = Component::join(Options::new(&self.address), name, stop.clone()).await;
        let component = joined.expect("joined");
        let serving = component.clone();
        let routes =
            Routes::default().add_service(ActionsServer::new(Echo { name: name.to_owned() }));
        let task = tokio::spawn(async move {
            serving.serve(routes, [Offered::interface(ACTIONS).property("name", "erp")]).await
        });
        (component, stop, task)
    }
}

async fn join(options: Options, name: &str) -> Result<Component, Error> {
    Component::join(options, name, CancellationToken::new()).await
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

async fn components(command_line: &Component) -> Vec<proto::Component> {
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let listed = registry.list_components(proto::ListComponentsRequest {}).await;
    listed.expect("listed").into_inner().components
}

async fn invoke(component: &Component) -> Result<String, Status> {
    let mut actions = ActionsClient::new(component.caller(ACTIONS));
    let answer = actions.invoke(wrapper::InvokeRequest::default()).await?;
    Ok(answer.into_inner().summary)
}

#[tokio::test]
async fn a_component_finds_another_by_interface_and_is_known_to_it() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let engine = manager.join(SCRIPT_ENGINE).await;
    // Neither side has a start order: the call is made before anybody offers.
    let (called, (_erp, stop, serving)) = tokio::join!(invoke(&engine), manager.echo("erp"));
    assert_eq!(called.expect("answered"), "erp for script-engine");
    let offer = engine.directory().handle(ACTIONS).offered().await;
    assert_eq!(offer.properties["name"], "erp");
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
    let status = invoke(&engine).await.expect_err("nobody offers it any more");
    assert_eq!((status.code(), code_of(&status).as_deref()), (Code::Unavailable, Some("CA0106")));
    assert!(status.message().contains(ACTIONS), "{}", status.message());
    manager.stop().await;
}

#[tokio::test]
async fn a_component_calls_and_offers_no_more_than_it_may() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let (erp, _stop, _serving) = manager.echo("erp").await;
    let monitor = manager.join("monitor").await;
    let status = invoke(&monitor).await.expect_err("not permitted");
    assert_eq!(code_of(&status).as_deref(), Some("CA0103"));
    let storage = Offered::interface("caruso.storage.v1.StorageManager").at("http://127.0.0.1:1");
    let refused = erp.offer([storage.clone()]).await;
    assert!(matches!(refused, Err(Error::OffersRefused(reasons)) if reasons.len() == 1));
    manager.join(STORAGE_MANAGER).await.offer([storage]).await.expect("its own interface");
    let mut registry = RegistryClient::new(monitor.caller(REGISTRY));
    let status = registry.list_components(proto::ListComponentsRequest {}).await;
    assert_eq!(status.expect_err("not permitted").code(), Code::PermissionDenied);
    // a foreign component does not even see what it may not call
    let mut registry = RegistryClient::new(erp.caller(REGISTRY));
    let asked = |interface: &str| proto::ResolveRequest { interface: interface.to_owned() };
    let status = registry.resolve(asked(ACTIONS)).await.expect_err("not permitted");
    assert_eq!(code_of(&status).as_deref(), Some("CR0123"));
    registry.resolve(asked("caruso.identity.v1.Identity")).await.expect("everybody's");
    let status = invoke(&erp).await.expect_err("it is as if nobody offered it");
    assert_eq!(code_of(&status).as_deref(), Some("CA0106"));
    manager.stop().await;
}

#[tokio::test]
async fn a_wrapper_among_several_is_called_by_its_own_name() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let engine = manager.join(SCRIPT_ENGINE).await;
    let (_erp, _erp_stop, _erp_serving) = manager.echo("erp").await;
    let (_crm, crm_stop, crm_serving) = manager.echo("crm").await;
    for name in ["erp", "crm", "erp", "erp"] {
        let mut actions = ActionsClient::new(engine.caller_of(name, ACTIONS));
        let answer = actions.invoke(wrapper::InvokeRequest::default()).await.expect("answered");
        assert_eq!(answer.into_inner().summary, format!("{name} for script-engine"));
    }
    crm_stop.cancel();
    crm_serving.await.expect("no panic").expect("a clean end");
    let mut actions = ActionsClient::new(engine.caller_of("crm", ACTIONS));
    let status = actions.invoke(wrapper::InvokeRequest::default()).await.expect_err("it has left");
    assert_eq!(code_of(&status).as_deref(), Some("CA0106"));
    manager.stop().await;
}

#[tokio::test]
async fn the_release_reaches_every_component_and_its_answer_is_seen() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let good = manager.join("good").await;
    let bad = manager.join("bad").await;
    let received = good.release().await;
    assert_eq!(received, release("<application/>"));
    good.release_applied(&received);
    bad.release_refused(&bad.release().await, vec!["scripts/a.xml:1:1: no".to_owned()]);
    let command_line = manager.join(COMMAND_LINE).await;
    wait_for("both answers", async || {
        let listed = components(&command_line).await;
        let of = |name: &str| listed.iter().find(|c| c.component == name).expect("listed").clone();
        of("good").release_digest == received.digest() && of("bad").release_refusals.len() == 1
    })
    .await;
    manager.stop().await;
}

#[tokio::test]
async fn a_broken_session_makes_suspect_and_a_resumed_one_keeps_its_offers() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let engine = manager.join(SCRIPT_ENGINE).await;
    let (_erp, _stop, _serving) = manager.echo("erp").await;
    let handle = engine.directory().handle(ACTIONS);
    let before = handle.offered().await;
    let Manager { address, data: folder, stop, task } = manager;
    stop.cancel();
    task.await.expect("no panic").expect("a clean end");
    // The directory's last picture stands while the manager is away.
    assert_eq!(invoke(&engine).await.expect("answered"), "erp for script-engine");
    let socket = address["http://".len()..].parse().expect("an address");
    let root = folder.parent().expect("inside a folder").to_owned();
    let again = Manager::start_at(socket, &root).await;
    let command_line = again.join(COMMAND_LINE).await;
    wait_for("the wrapper is back", async || {
        let listed = components(&command_line).await;
        let erp = listed.iter().find(|component| component.component == "erp");
        erp.is_some_and(|erp| erp.state() == proto::ComponentState::Serving)
    })
    .await;
    wait_for("the consumer sees it routable", async || {
        handle.resolve(|target| !target.offer().is_suspect).unwrap_or(false)
    })
    .await;
    let after = handle.offered().await;
    assert_eq!((&after.id, after.generation), (&before.id, before.generation), "no flap");
    assert_eq!(invoke(&engine).await.expect("answered"), "erp for script-engine");
    again.stop().await;
}

#[tokio::test]
async fn a_component_waits_for_a_manager_that_starts_later() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let socket = Manager::start(data.path()).await;
    let address = socket.address.clone();
    let listen = socket.socket();
    socket.stop().await;
    let joining = tokio::spawn(join(Options::new(address), "erp"));
    let manager = Manager::start_at(listen, data.path()).await;
    joining.await.expect("no panic").expect("joined in the end");
    manager.stop().await;
}

#[tokio::test]
async fn a_component_starts_without_manager_from_what_it_remembers() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let (_erp, _stop, _serving) = manager.echo("erp").await;
    let options = Options::new(&manager.address).with_data(data.path().join("engine"));
    let engine = join(options.clone(), SCRIPT_ENGINE).await.expect("joined");
    invoke(&engine).await.expect("answered");
    engine.release_applied(&engine.release().await);
    wait_for("all is on disk", async || {
        let file = |name: &str| std::fs::read(data.path().join("engine").join(name));
        let directory = file("directory.bin").unwrap_or_default();
        let knows_erp = directory.windows(ACTIONS.len()).any(|part| part == ACTIONS.as_bytes());
        file("release.bin").is_ok() && knows_erp && file("session.json").is_ok()
    })
    .await;
    drop(engine);
    manager.stop().await;
    let engine = join(options, SCRIPT_ENGINE).await.expect("joined from memory");
    assert_eq!(engine.release().await.digest(), release("<application/>").digest());
    assert_eq!(invoke(&engine).await.expect("answered"), "erp for script-engine");
}

#[tokio::test]
async fn a_drained_instance_leaves_while_no_call_fails() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let engine = manager.join(SCRIPT_ENGINE).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let (old, _old_stop, old_serving) = manager.echo("old").await;
    assert_eq!(invoke(&engine).await.expect("answered"), "old for script-engine");
    let (_new, _new_stop, _new_serving) = manager.echo("new").await;
    wait_for("both are known", async || {
        engine.directory().handle(ACTIONS).snapshot().offers().count() == 2
    })
    .await;
    let load = tokio::spawn(async move {
        let mut answers = BTreeMap::<String, usize>::new();
        let mut last_old = 0;
        for number in 0..400 {
            let answer = invoke(&engine).await.expect("no call fails");
            last_old = if answer.starts_with("old") { number } else { last_old };
            *answers.entry(answer).or_default() += 1;
        }
        (answers, last_old)
    });
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let instance = old.instance();
    let drained = registry.drain(proto::DrainRequest { instance }).await.expect("drained");
    assert!(drained.into_inner().revision > 0);
    old_serving.await.expect("no panic").expect("a clean end");
    let (answers, last_old) = load.await.expect("no call failed");
    assert_eq!(answers.values().sum::<usize>(), 400);
    assert!(answers.contains_key("new for script-engine"), "{answers:?}");
    assert!(last_old < 399, "the old one got work to the end");
    wait_for("the old one is gone", async || {
        components(&command_line).await.iter().all(|component| component.component != "old")
    })
    .await;
    let unknown = proto::DrainRequest { instance: "nobody".to_owned() };
    let status = registry.drain(unknown).await.expect_err("unknown");
    assert_eq!(code_of(&status).as_deref(), Some("CR0105"));
    manager.stop().await;
}

fn takes_all(_: &Release) -> Result<(), Vec<String>> {
    Ok(())
}

fn takes_none_that_is_evil(release: &Release) -> Result<(), Vec<String>> {
    let text = release.file("application.xml").map(|text| String::from_utf8_lossy(text));
    match text.is_some_and(|text| text.contains("evil")) {
        true => Err(vec!["application.xml:1:1: evil".to_owned()]),
        false => Ok(()),
    }
}

async fn publish(
    command_line: &Component,
    publication: proto::Publication,
    release: &Release,
) -> Result<proto::PublishResponse, Status> {
    use proto::publish_request::Message;
    let parts = release.parts();
    let parts =
        parts.map(|(path, content)| Message::Part(proto::GetReleaseResponse { path, content }));
    let messages = std::iter::once(Message::Publication(publication)).chain(parts);
    let requests: Vec<_> = messages.map(|it| proto::PublishRequest { message: Some(it) }).collect();
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    registry.publish(futures::stream::iter(requests)).await.map(Response::into_inner)
}

/// Two components that take releases, of which one takes no evil ones, and the command line.
async fn publishing(manager: &Manager) -> (Component, [JoinHandle<()>; 2]) {
    let (good, bad) = (manager.join("good").await, manager.join("bad").await);
    let good = tokio::spawn(async move { good.take_releases(takes_all, |()| ()).await });
    let bad =
        tokio::spawn(async move { bad.take_releases(takes_none_that_is_evil, |()| ()).await });
    let command_line = manager.join(COMMAND_LINE).await;
    wait_for("both work", async || {
        let listed = components(&command_line).await;
        listed.iter().filter(|it| !it.release_digest.is_empty()).count() == 2
    })
    .await;
    (command_line, [good, bad])
}

async fn in_force(command_line: &Component) -> Vec<String> {
    let listed = components(command_line).await;
    let with = listed.into_iter().filter(|it| it.component != COMMAND_LINE);
    with.map(|it| it.release_digest).collect()
}

#[tokio::test]
async fn a_release_comes_into_force_with_all_or_with_nobody_and_can_be_taken_back() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let (command_line, tasks) = publishing(&manager).await;
    let first = release("<application/>").digest().to_owned();
    let replacing =
        |digest: &str| proto::Publication { replaces: digest.to_owned(), is_rehearsal: false };

    let evil = release("<evil/>");
    let refused = publish(&command_line, replacing(&first), &evil).await.expect("answered");
    assert!(!refused.is_in_force && refused.replaced.is_empty());
    let mut said: Vec<_> =
        refused.answers.iter().map(|it| (it.component.as_str(), it.refusals.len())).collect();
    said.sort_unstable();
    assert_eq!(said, [("bad", 1), ("good", 0)]);
    assert_eq!(in_force(&command_line).await, [first.as_str(); 2], "nothing has changed");

    let better = release("<application version='2'/>");
    let rehearsal = proto::Publication { replaces: String::new(), is_rehearsal: true };
    let rehearsed = publish(&command_line, rehearsal, &better).await.expect("answered");
    assert!(!rehearsed.is_in_force && rehearsed.answers.iter().all(|it| it.refusals.is_empty()));
    assert_eq!(in_force(&command_line).await, [first.as_str(); 2]);

    let published = publish(&command_line, replacing(&first), &better).await.expect("answered");
    assert!(published.is_in_force && published.replaced == first);
    assert_eq!(in_force(&command_line).await, [better.digest(); 2], "when it is said, it is so");
    let again = publish(&command_line, replacing(""), &better).await.expect("answered");
    assert!(again.is_in_force && again.replaced.is_empty() && again.answers.is_empty());

    let stale = publish(&command_line, replacing(&first), &evil).await.expect_err("too late");
    assert_eq!(code_of(&stale).as_deref(), Some("CR0109"));

    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let back = registry.roll_back(proto::RollBackRequest { replaces: String::new() }).await;
    assert_eq!(back.expect("answered").into_inner().digest, first);
    assert_eq!(in_force(&command_line).await, [first.as_str(); 2]);
    tasks.iter().for_each(JoinHandle::abort);
    manager.stop().await;

    // what was put in force is what the next start finds
    let kept = caruso_service_manager::Options {
        release: None,
        ..options(([127, 0, 0, 1], 0).into(), &data.path().join("manager"))
    };
    let manager = ServiceManager::bind(kept).await.expect("it starts");
    let (address, stop) = (manager.address(), CancellationToken::new());
    let serving = tokio::spawn(manager.serve(stop.clone()));
    let component = join(Options::new(&address), "good").await.expect("joined");
    assert_eq!(component.release().await.digest(), first);
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn who_refused_the_first_release_takes_a_better_one() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let evil = caruso_service_manager::Options {
        release: Some(release("<evil/>")),
        ..options(([127, 0, 0, 1], 0).into(), &data.path().join("manager"))
    };
    let manager = ServiceManager::bind(evil).await.expect("it starts");
    let (address, stop) = (manager.address(), CancellationToken::new());
    let serving = tokio::spawn(manager.serve(stop.clone()));
    let bad = join(Options::new(&address), "bad").await.expect("joined");
    let taking =
        tokio::spawn(async move { bad.take_releases(takes_none_that_is_evil, |()| ()).await });
    let command_line = join(Options::new(&address), COMMAND_LINE).await.expect("joined");
    wait_for("it refuses", async || {
        components(&command_line).await.iter().any(|it| !it.release_refusals.is_empty())
    })
    .await;
    let better = release("<application/>");
    let published = publish(&command_line, proto::Publication::default(), &better).await;
    let published = published.expect("answered");
    assert!(published.is_in_force, "{published:?}");
    assert_eq!(published.answers[0].refusals, Vec::<String>::new(), "not what it said before");
    assert_eq!(in_force(&command_line).await, [better.digest()]);
    taking.abort();
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(data.path()).await;
    let command_line = manager.join(COMMAND_LINE).await;
    let nothing = Release::new(BTreeMap::new());
    let empty = publish(&command_line, proto::Publication::default(), &nothing).await;
    assert_eq!(code_of(&empty.expect_err("no files")).as_deref(), Some("CR0111"));
    let outside = [("../application.xml".to_owned(), "<application/>".into())];
    let outside = Release::new(BTreeMap::from(outside));
    let refused = publish(&command_line, proto::Publication::default(), &outside).await;
    assert_eq!(code_of(&refused.expect_err("outside")).as_deref(), Some("CR0111"));
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let back = registry.roll_back(proto::RollBackRequest::default()).await;
    assert_eq!(code_of(&back.expect_err("none before")).as_deref(), Some("CR0112"));
    let stranger = manager.join("erp").await;
    let denied = publish(&stranger, proto::Publication::default(), &release("<x/>")).await;
    assert_eq!(denied.expect_err("not theirs").code(), Code::PermissionDenied);
    manager.stop().await;
}
