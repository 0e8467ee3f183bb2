//! The script engine among real components: service manager, storage manager, and an ERP that
//! speaks for itself, with the release of the example application.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use caruso_api::script::v1 as proto;
use caruso_api::storage::v1 as storage;
use caruso_api::wrapper::v1 as wrapper;
use caruso_component::permissions::names::{
    COMMAND_LINE, COMMUNICATION_SERVER, FRONT_OFFICE, SCRIPT_ENGINE,
};
use caruso_component::{Component, InterfaceChannel, Offered, Options, Release, code_of};
use caruso_script_engine::{INTERFACE, MESSAGES, Settings};
use caruso_service_manager::ServiceManager;
use caruso_storage_manager::{Address, DatabaseOptions, Installation};
use proto::message_dialogue_client::MessageDialogueClient;
use proto::script_engine_client::ScriptEngineClient;
use proto::turn::State as Turn;
use proto::view::State;
use storage::storage_manager_client::StorageManagerClient;
use storage::value::Kind;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use wrapper::actions_server::{Actions, ActionsServer};

const STORAGE: &str = "caruso.storage.v1.StorageManager";
const ACTIONS: &str = "caruso.wrapper.v1.Actions";

type Client = ScriptEngineClient<InterfaceChannel>;

/// Stops everything that a test has started.
struct World {
    address: String,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

fn add(root: &Path, folder: &Path, files: &mut BTreeMap<String, Bytes>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            add(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy();
            let content = std::fs::read(&path).expect("a readable file");
            files.insert(name.into_owned(), content.into());
        }
    }
}

/// All files of the example application.
fn example() -> Release {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    let mut files = BTreeMap::new();
    add(&root, &root, &mut files);
    Release::new(files)
}

/// A wrapper; the one called `erp` takes every order, any other none.
struct Wrapper(&'static str);

#[tonic::async_trait]
impl Actions for Wrapper {
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
        let request = request.into_inner();
        match (self.0, request.operation.as_str()) {
            ("erp", "create_service_order") => {}
            ("erp", "cancel_service_order") => {
                let (results, summary) = (BTreeMap::new(), "SO-7 is cancelled.".to_owned());
                return Ok(Response::new(wrapper::InvokeResponse { results, summary }));
            }
            _ => return Err(Status::invalid_argument("this is no operation here")),
        }
        let order = storage::Value { kind: Some(Kind::Text("SO-7".to_owned())) };
        let results = BTreeMap::from([("order".to_owned(), order)]);
        let summary = "The ERP has service order SO-7.".to_owned();
        Ok(Response::new(wrapper::InvokeResponse { results, summary }))
    }
}

impl World {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().join("manager"),
            is_development: true,
            release: Some(example()),
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.child_token()));
        let world = Self { address, stop, folder };
        world.storage_manager();
        let options = world.options("script-engine");
        let engine =
            caruso_script_engine::run(options, Settings::default(), world.stop.child_token());
        tokio::spawn(engine);
        world
    }

    fn options(&self, name: &str) -> Options {
        Options::new(&self.address).with_data(self.folder.path().join(name))
    }

    fn storage_manager(&self) {
        let address = Address::of_file(&self.folder.path().join("utilities.sqlite"));
        let database = DatabaseOptions { address, is_owned: true };
        let options = caruso_storage_manager::Options {
            component: self.options("storage-manager"),
            installation: Installation {
                databases: BTreeMap::from([("utilities".to_owned(), database)]),
                data: self.folder.path().join("storage-manager"),
                has_demo_data: true,
            },
        };
        tokio::spawn(caruso_storage_manager::run(options, self.stop.child_token()));
    }

    async fn join(&self, name: &str) -> Component {
        let joined = Component::join(self.options(name), name, self.stop.child_token()).await;
        joined.expect("joined")
    }

    /// A wrapper of this name, which has nothing but its name to be told from others.
    async fn wrapper(&self, name: &'static str) {
        let component = self.join(name).await;
        let routes = Routes::new(ActionsServer::new(Wrapper(name)));
        tokio::spawn(async move { component.serve(routes, [Offered::interface(ACTIONS)]).await });
    }

    /// The engine as this component calls it, once everything that it needs serves.
    async fn client(&self, name: &str) -> (Component, Client) {
        let component = self.join(name).await;
        for interface in [INTERFACE, STORAGE] {
            let handle = component.directory().handle(interface);
            let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
            offered.expect("it serves");
        }
        let client = ScriptEngineClient::new(component.caller(INTERFACE));
        (component, client)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn answer(client: &mut Client, view: &proto::View, value: &str) -> proto::View {
    let request = proto::AnswerRequest {
        request_id: format!("answer to {} at {}", view.step, view.sequence),
        session_id: view.session_id.clone(),
        sequence: view.sequence,
        step: view.step.clone(),
        row: view.row.clone(),
        value: value.to_owned(),
        ..Default::default()
    };
    let answered = client.answer(request).await.expect("it is taken");
    answered.into_inner().view.expect("a view")
}

/// The first view of a session that is as wanted.
async fn until(
    client: &mut Client,
    view: &proto::View,
    is_wanted: impl Fn(&proto::View) -> bool,
) -> proto::View {
    let request = proto::WatchRequest { session_id: view.session_id.clone() };
    let mut views = client.watch(request).await.expect("watched").into_inner();
    let waiting = async {
        loop {
            let response = views.message().await.expect("it goes on").expect("it has no end");
            let view = response.view.expect("a view");
            if is_wanted(&view) {
                return view;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it comes to that")
}

fn start(script: &str, channel: proto::Channel, input: (&str, Kind)) -> proto::StartRequest {
    let (name, kind) = (input.0.to_owned(), Some(input.1));
    proto::StartRequest {
        request_id: format!("start of {script}"),
        script: script.to_owned(),
        channel: channel.into(),
        contact_id: "01990000-0000-7000-8000-000000000001".to_owned(),
        inputs: BTreeMap::from([(name, storage::Value { kind })]),
        ..Default::default()
    }
}

async fn begin(client: &mut Client, request: proto::StartRequest) -> proto::View {
    client.start(request).await.expect("it starts").into_inner().view.expect("a view")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_known_by_number_and_handed_to_the_queue_of_the_topic() {
    let world = World::start().await;
    let (_component, mut client) = world.client(COMMUNICATION_SERVER).await;
    let number = ("calling_number", Kind::Text("030-5550199".to_owned()));
    let view = begin(&mut client, start("main-menu", proto::Channel::Ivr, number)).await;
    let Some(State::Question(question)) = &view.state else { panic!("the menu asks") };
    assert!(question.no_input_after_ms > 0 && !question.default_value.is_empty());
    answer(&mut client, &view, "moving").await;
    let is_over = |view: &proto::View| matches!(view.state, Some(State::HandOff(_)));
    let view = until(&mut client, &view, is_over).await;
    let Some(State::HandOff(hand_off)) = view.state else { panic!("it waits for that") };
    assert_eq!(
        (hand_off.queue.as_str(), &hand_off.attributes["segment"][..]),
        ("moving", "business")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_report_reaches_the_storage_manager_and_the_right_wrapper() {
    let world = World::start().await;
    world.wrapper("another").await;
    world.wrapper("erp").await;
    let (component, mut client) = world.client(COMMUNICATION_SERVER).await;
    let customer = ("customer", Kind::Reference("100002".to_owned()));
    let view = begin(&mut client, start("fault-report", proto::Channel::Agent, customer)).await;
    let mut view = until(&mut client, &view, |view| view.sequence >= 3).await;
    for _ in 0..20 {
        let value = match (&view.state, view.step.as_str()) {
            (Some(State::Information(_)), _) => "".to_owned(),
            (Some(State::Question(_)), "kind") => "meter".to_owned(),
            (Some(State::Question(asked)), "connection") => asked.choices[0].value.clone(),
            (Some(State::Question(_)), _) => "".to_owned(),
            _ => break,
        };
        view = answer(&mut client, &view, &value).await;
    }
    let is_settled = |view: &proto::View| {
        let confirmed =
            view.actions.iter().filter(|it| it.state() == proto::ActionState::Confirmed);
        confirmed.count() == 2
    };
    let view = until(&mut client, &view, is_settled).await;
    assert_eq!(view.actions[0].result, "The ERP has service order SO-7.");
    let told = view.trail.iter().find(|it| it.step == "kind").expect("it was answered");
    assert_eq!(told.undone, ["Service order", "Fault report"]);
    let first = view.actions[1].result.rsplit(' ').next().expect("a number").to_owned();

    // it is something else after all, so that both are taken back and sent anew
    let request = proto::AnswerRequest {
        request_id: "change".to_owned(),
        session_id: view.session_id.clone(),
        sequence: view.sequence,
        step: "kind".to_owned(),
        value: "other".to_owned(),
        ..Default::default()
    };
    let view = client.answer(request).await.expect("it may be changed").into_inner().view;
    let is_anew = |view: &proto::View| {
        let states: Vec<_> = view.actions.iter().map(|it| it.state()).collect();
        let [undone, confirmed] =
            [proto::ActionState::Undone, proto::ActionState::Confirmed].map(|it| [it; 2]);
        states[..] == [undone, confirmed].concat()[..]
    };
    let view = until(&mut client, &view.expect("a view"), is_anew).await;
    assert_eq!(view.actions[0].result, "SO-7 is cancelled.");
    let view = answer(&mut client, &view, "").await;
    let Some(State::End(end)) = view.state else { panic!("the script is over") };
    assert_eq!(end.outcome, "reported");

    let written = view.actions[3].result.rsplit(' ').next().expect("a number").to_owned();
    drop(component);
    let options = Options::new(&world.address).with_data(world.folder.path().join("reader"));
    let engine = Component::join(options, SCRIPT_ENGINE, world.stop.child_token()).await;
    let engine = engine.expect("joined");
    let mut storage = StorageManagerClient::new(engine.caller(STORAGE));
    let request = storage::GetRequest { class: "FaultReport".to_owned(), key: written };
    let report = storage.get(request).await.expect("written").into_inner().object;
    let gone = storage::GetRequest { class: "FaultReport".to_owned(), key: first };
    assert_eq!(storage.get(gone).await.expect_err("taken back").code(), Code::NotFound);
    let report = report.expect("an object").attributes;
    let kind = |name: &str| report[name].kind.clone();
    assert_eq!(kind("service_order"), Some(Kind::Text("SO-7".to_owned())));
    assert_eq!(kind("urgency"), Some(Kind::Choice("high".to_owned())), "life support");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doubted_answer_is_kept_for_a_reason_and_a_special_one_is_none() {
    let world = World::start().await;
    let (_component, mut client) = world.client(COMMUNICATION_SERVER).await;
    let customer = ("customer", Kind::Reference("100002".to_owned()));
    let view = begin(&mut client, start("moving-house", proto::Channel::Agent, customer)).await;
    let mut view = until(&mut client, &view, |view| view.step == "moving_date").await;
    for value in ["2026-12-01", "3741 AB", "7", "Laanstraat", "Baarn"] {
        view = answer(&mut client, &view, value).await;
    }
    let Some(State::Question(asked)) = &view.state else { panic!("it asks for the connection") };
    let connection = asked.choices[0].value.clone();
    let view = answer(&mut client, &view, &connection).await;
    let Some(State::Question(asked)) = &view.state else { panic!("it asks for the reading") };
    assert_eq!((asked.r#type(), asked.decimals), (proto::QuestionType::Decimal, 3));
    let offered: Vec<_> = asked.specials.iter().map(|it| it.special()).collect();
    let specials = [proto::SpecialAnswer::DontKnow, proto::SpecialAnswer::NotApplicable];
    assert_eq!(offered, specials);

    let reading = proto::AnswerRequest {
        request_id: "reading".to_owned(),
        session_id: view.session_id.clone(),
        sequence: view.sequence,
        step: view.step.clone(),
        value: "250000.5".to_owned(),
        ..Default::default()
    };
    let doubted = client.answer(reading.clone()).await.expect_err("that is a lot");
    assert_eq!(doubted.code(), Code::OutOfRange);
    assert_eq!(code_of(&doubted).as_deref(), Some("CX0109"));
    let override_reason = "a bakery".to_owned();
    let kept = client.answer(proto::AnswerRequest { override_reason, ..reading.clone() }).await;
    let view = kept.expect("there is a reason").into_inner().view.expect("a view");
    let told = view.trail.iter().find(|it| it.step == "meter_reading").expect("it was answered");
    assert_eq!((told.value.as_str(), told.override_reason.as_str()), ("250000.5", "a bakery"));

    let unknown = proto::AnswerRequest {
        request_id: "unknown".to_owned(),
        sequence: view.sequence,
        value: String::new(),
        special: proto::SpecialAnswer::DontKnow.into(),
        ..reading
    };
    let view = client.answer(unknown).await.expect("it is allowed").into_inner();
    let view = view.view.expect("a view");
    let told = view.trail.iter().find(|it| it.step == "meter_reading").expect("it was answered");
    assert_eq!(told.special(), proto::SpecialAnswer::DontKnow);
    assert_eq!((told.value.as_str(), told.label.as_str()), ("", "don't know"));
    record_the_move(&mut client, view).await;
}

/// What is asked of the final bill is stored as it is meant, however it was typed.
async fn record_the_move(client: &mut Client, mut view: proto::View) {
    for value in ["nl91 abna 0417 1643 00", "true", "a@example.org", "06-12345678", ""] {
        view = answer(client, &view, value).await;
    }
    let is_recorded = |view: &proto::View| view.step == "content";
    let view = until(client, &view, is_recorded).await;
    let Some(State::Question(asked)) = &view.state else { panic!("it asks how it was") };
    assert_eq!(asked.r#type(), proto::QuestionType::Scale);
    assert_eq!((asked.minimum.as_str(), asked.highest.as_str()), ("1", "very"));
    let given = |step: &str| {
        let told = view.trail.iter().find(|it| it.step == step);
        told.map(|it| it.value.clone()).unwrap_or_default()
    };
    assert_eq!(given("refund_iban"), "NL91ABNA0417164300");
    assert_eq!(given("phone"), "+31612345678");
    let view = answer(client, &view, "4").await;
    let Some(State::End(end)) = view.state else { panic!("the script is over") };
    assert_eq!(end.outcome, "move-recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_is_recorded_by_messages_and_a_repeated_one_has_the_same_reply() {
    let world = World::start().await;
    let (component, mut watcher) = world.client(COMMUNICATION_SERVER).await;
    let mut messages = MessageDialogueClient::new(component.caller(MESSAGES));
    let kind = Some(Kind::Reference("100002".to_owned()));
    let begin = proto::BeginRequest {
        request_id: "mail-1".to_owned(),
        script: "moving-house".to_owned(),
        language: "nl-NL".to_owned(),
        inputs: BTreeMap::from([("customer".to_owned(), storage::Value { kind })]),
        ..Default::default()
    };
    let begun = messages.begin(begin.clone()).await.expect("it begins").into_inner();
    let turn = begun.turn.clone().expect("a turn");
    assert!(turn.messages[0].starts_with("Op welke dag krijgt u de sleutel"), "{turn:?}");
    assert_eq!((turn.state, &*turn.language), (Some(Turn::Asking(proto::Asking {})), "nl"));
    assert_eq!(messages.begin(begin).await.expect("again").into_inner(), begun);

    let session_id = begun.session_id;
    let texts = [
        "1 december",
        "3741 AB",
        "7",
        "Laanstraat",
        "Baarn",
        "overslaan",
        "zeg ik liever niet",
        "5",
    ];
    let mut last = proto::Turn::default();
    for (number, text) in texts.into_iter().enumerate() {
        let (message_id, text) = (format!("mail-{}", number + 2), text.to_owned());
        let reply = proto::ReplyRequest { session_id: session_id.clone(), message_id, text };
        let replied = messages.reply(reply.clone()).await.expect("it is taken").into_inner();
        last = replied.turn.clone().expect("a turn");
        let other = proto::ReplyRequest { text: "iets anders".to_owned(), ..reply };
        assert_eq!(messages.reply(other).await.expect("again").into_inner(), replied);
    }
    let end = Some(Turn::End(proto::End { outcome: "move-recorded".to_owned() }));
    assert_eq!(last.state, end);
    assert!(last.messages[0].starts_with("Het nummer van uw verhuizing is "), "{last:?}");
    let view = proto::View { session_id: session_id.clone(), ..Default::default() };
    let view = until(&mut watcher, &view, |_| true).await;
    assert_eq!(view.actions.len(), 1);
    assert_eq!(view.actions[0].state(), proto::ActionState::Confirmed);

    let unknown = proto::ReplyRequest { session_id: "x".to_owned(), ..Default::default() };
    let refused = messages.reply(unknown).await.expect_err("there is no such session");
    assert_eq!(code_of(&refused).as_deref(), Some("CX0106"));
    let unnamed = proto::ReplyRequest { session_id, ..Default::default() };
    let refused = messages.reply(unnamed).await.expect_err("a message has an id");
    assert_eq!(code_of(&refused).as_deref(), Some("CX0102"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_pages_have_the_sessions_of_the_web_and_no_others() {
    let world = World::start().await;
    let (_pages, mut pages) = world.client("self-service").await;
    let (_server, mut server) = world.client("communication-server").await;
    let wanted = |script: &str, channel| start(script, channel, ("x", Kind::Text("y".into())));

    let call = begin(&mut server, wanted("main-menu", proto::Channel::Ivr)).await;
    let watch = proto::WatchRequest { session_id: call.session_id.clone() };
    let unseen = pages.watch(watch).await.expect_err("it is a call");
    assert_eq!(code_of(&unseen).as_deref(), Some("CX0106"));
    let (session_id, reason) = (call.session_id, String::new());
    let unbroken = pages.cancel(proto::CancelRequest { session_id, reason }).await;
    assert_eq!(unbroken.expect_err("it is not granted").code(), Code::PermissionDenied);

    let web = begin(&mut pages, wanted("move-online", proto::Channel::Web)).await;
    assert_eq!(answer(&mut pages, &web, "100001").await.trail.len(), 1);
    for (client, script, channel) in [
        (&pages, "main-menu", proto::Channel::Ivr),
        (&server, "move-online", proto::Channel::Web),
        (&pages, "moving-house", proto::Channel::Web),
    ] {
        let request_id = format!("another start of {script}");
        let request = proto::StartRequest { request_id, ..wanted(script, channel) };
        let refused = client.clone().start(request).await;
        let refused = refused.expect_err("it does not run there, or not for them");
        assert_eq!(code_of(&refused).as_deref(), Some("CX0102"), "{script}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_works_with_scripts_without_being_granted_it() {
    let world = World::start().await;
    let (_component, mut client) = world.client(FRONT_OFFICE).await;
    let customer = ("customer", Kind::Reference("100002".to_owned()));
    let refused = client.start(start("fault-report", proto::Channel::Agent, customer)).await;
    assert_eq!(refused.expect_err("no user").code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_by_messages_and_its_history_tells_who_did_what() {
    let world = World::start().await;
    let (component, mut client) = world.client(COMMUNICATION_SERVER).await;
    let customer = ("customer", Kind::Reference("100002".to_owned()));
    let view = begin(&mut client, start("moving-house", proto::Channel::Agent, customer)).await;
    let view = until(&mut client, &view, |view| view.step == "moving_date").await;
    let view = answer(&mut client, &view, "2026-12-01").await;
    let to = |request_id: &str, channel: proto::Channel, actor: &str| proto::ContinueRequest {
        request_id: request_id.to_owned(),
        session_id: view.session_id.clone(),
        channel: channel.into(),
        language: "de-AT".to_owned(),
        actor: actor.to_owned(),
    };
    let moved = client.r#continue(to("c1", proto::Channel::Message, "")).await;
    let moved = moved.expect("it runs by messages").into_inner().view.expect("a view");
    assert_eq!((moved.step.as_str(), moved.language.as_str()), ("new_postal_code", "de"));
    assert_eq!(moved.trail.len(), view.trail.len());
    let refused = client.r#continue(to("c2", proto::Channel::Ivr, "")).await.expect_err("no keys");
    assert_eq!(code_of(&refused).as_deref(), Some("CX0102"));

    let mut messages = MessageDialogueClient::new(component.caller(MESSAGES));
    let reply = proto::ReplyRequest {
        session_id: view.session_id.clone(),
        message_id: "mail-7".to_owned(),
        text: "3741 AB".to_owned(),
    };
    let told = messages.reply(reply).await.expect("it is taken").into_inner();
    assert!(!told.turn.expect("a turn").messages.is_empty(), "the next question");

    let (_reader, mut reader) = world.client(COMMAND_LINE).await;
    let request = |after, page_size| proto::HistoryRequest {
        session_id: view.session_id.clone(),
        after,
        page_size,
    };
    let all = reader.history(request(0, 0)).await.expect("it is there").into_inner().happenings;
    let kinds: Vec<&str> = all.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds[0], "script.started");
    assert!(kinds.contains(&"script.continued"), "{kinds:?}");
    let answers: Vec<_> = all.iter().filter(|it| it.kind == "script.answered").collect();
    let told: Vec<_> = answers.iter().map(|it| (it.step.as_str(), it.value.as_str())).collect();
    assert_eq!(told, [("moving_date", "2026-12-01"), ("new_postal_code", "3741 AB")]);
    assert!(all.iter().all(|it| it.at.is_some() && !it.by.is_empty() && !it.is_erased));
    let rest = reader.history(request(all[1].position, 1)).await.expect("a page").into_inner();
    assert_eq!(rest.happenings, [all[2].clone()]);
    let unknown =
        proto::HistoryRequest { session_id: uuid::Uuid::nil().to_string(), ..request(0, 0) };
    let unknown = reader.history(unknown).await.expect_err("never begun");
    assert_eq!(code_of(&unknown).as_deref(), Some("CX0106"));
}
