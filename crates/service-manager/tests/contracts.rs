//! Contracts between real components and builds that have other ones.

use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_api::wrapper::v1 as wrapper;
use caruso_component::permissions::names::{COMMAND_LINE, SCRIPT_ENGINE};
use caruso_component::{Component, Offered, Options, REGISTRY, Release, code_of};
use caruso_service_manager::ServiceManager;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use proto::registry_client::RegistryClient;
use proto::session_request::Message as Up;
use proto::session_response::Message as Down;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::v1 as reflection;
use wrapper::actions_client::ActionsClient;
use wrapper::actions_server::{Actions, ActionsServer};

const ACTIONS: &str = "caruso.wrapper.v1.Actions";

/// A wrapper that answers nothing, or that it cannot now.
struct Short;

#[tonic::async_trait]
impl Actions for Short {
    async fn describe(
        &self,
        _: Request<wrapper::DescribeRequest>,
    ) -> Result<Response<wrapper::DescribeResponse>, Status> {
        Ok(Response::new(wrapper::DescribeResponse::default()))
    }

    async fn invoke(
        &self,
        _: Request<wrapper::InvokeRequest>,
    ) -> Result<Response<wrapper::InvokeResponse>, Status> {
        Err(Status::unavailable("not now"))
    }
}

async fn manager(folder: &tempfile::TempDir) -> (String, Running) {
    let manager = ServiceManager::bind(caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().to_owned(),
        is_development: true,
        release: Some(Release::new([("application.xml".to_owned(), "<a/>".into())].into())),
    });
    let manager = manager.await.expect("it starts");
    let (address, stop) = (manager.address(), CancellationToken::new());
    let task = tokio::spawn(manager.serve(stop.clone()));
    (address, Running { stop, task })
}

/// A service manager until it is stopped.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), caruso_service_manager::Error>>,
}

impl Running {
    async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("a clean end");
    }
}

async fn join(address: &str, name: &str) -> Component {
    let joined = Component::join(Options::new(address), name, CancellationToken::new()).await;
    joined.expect("joined")
}

/// A wrapper of this build.
async fn serve(address: &str, name: &str) -> Component {
    let component = join(address, name).await;
    let serving = component.clone();
    let routes = Routes::default().add_service(ActionsServer::new(Short));
    tokio::spawn(async move { serving.serve(routes, [Offered::interface(ACTIONS)]).await });
    component
}

/// A component of another build: it speaks what stands in the proto file, and has its own contract.
struct Other {
    up: mpsc::Sender<proto::SessionRequest>,
    down: Streaming<proto::SessionResponse>,
    client: RegistryClient<Channel>,
    token: String,
}

impl Other {
    async fn join(address: &str, name: &str) -> Self {
        Self::join_as(address, name, "2.0.0").await
    }

    async fn join_as(address: &str, name: &str, version: &str) -> Self {
        let endpoint = Channel::from_shared(address.to_owned()).expect("an address");
        let mut client = RegistryClient::new(endpoint.connect().await.expect("connected"));
        let (up, requests) = mpsc::channel(8);
        let hello = proto::Hello {
            component: name.to_owned(),
            version: version.to_owned(),
            ..Default::default()
        };
        let message = Some(Up::Hello(hello));
        up.send(proto::SessionRequest { message }).await.expect("open");
        let down = client.session(ReceiverStream::new(requests)).await.expect("open").into_inner();
        let mut other = Self { up, down, client, token: String::new() };
        let Down::Welcome(welcome) = other.next().await else { panic!("no welcome") };
        other.token = welcome.component_token;
        other
    }

    async fn next(&mut self) -> Down {
        let next = tokio::time::timeout(Duration::from_secs(10), self.down.message()).await;
        next.expect("in time").expect("open").expect("more").message.expect("a message")
    }

    async fn put(&mut self, set: &FileDescriptorSet) -> Result<String, Status> {
        let (interface, descriptor_set) = (ACTIONS.to_owned(), set.encode_to_vec());
        let mut request = Request::new(proto::PutContractRequest { interface, descriptor_set });
        let token = self.token.parse().expect("a token");
        request.metadata_mut().insert("x-caruso-component", token);
        Ok(self.client.put_contract(request).await?.into_inner().digest)
    }

    /// What the manager says to an offer of a contract of this name.
    async fn offer(&mut self, contract: &str) -> Down {
        let offers = vec![proto::OfferedInterface {
            interface: ACTIONS.to_owned(),
            address: "http://127.0.0.1:1".to_owned(),
            contract: contract.to_owned(),
            ..Default::default()
        }];
        let message = Some(Up::Offers(proto::Offers { offers }));
        self.up.send(proto::SessionRequest { message }).await.expect("open");
        loop {
            match self.next().await {
                Down::ReleaseAvailable(_) => {}
                answer => return answer,
            }
        }
    }
}

fn ours() -> FileDescriptorSet {
    let contract = caruso_api::contract(ACTIONS).expect("a proto file has it");
    FileDescriptorSet::decode(contract.descriptor_set).expect("a set")
}

/// Our contract with another message.
fn with(message: &str, change: impl Fn(&mut prost_types::DescriptorProto)) -> FileDescriptorSet {
    let mut set = ours();
    let all = set.file.iter_mut().flat_map(|file| &mut file.message_type);
    all.filter(|it| it.name() == message).for_each(change);
    assert_ne!(set, ours());
    set
}

async fn components(command_line: &Component) -> Vec<proto::Component> {
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let listed = registry.list_components(proto::ListComponentsRequest {}).await;
    listed.expect("listed").into_inner().components
}

/// Those of the interface that is tried.
async fn contracts(command_line: &Component) -> Vec<proto::Contract> {
    let mut registry = RegistryClient::new(command_line.caller(REGISTRY));
    let listed = registry.list_contracts(proto::ListContractsRequest {}).await;
    let all = listed.expect("listed").into_inner().contracts;
    all.into_iter().filter(|contract| contract.interface == ACTIONS).collect()
}

async fn wait_for(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    waited.unwrap_or_else(|_| panic!("still waiting for: {what}"));
}

#[tokio::test]
async fn who_offers_and_who_uses_an_interface_is_known_with_its_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _running) = manager(&folder).await;
    let erp = serve(&address, "erp").await;
    let engine = join(&address, SCRIPT_ENGINE).await;
    let mut actions = ActionsClient::new(engine.caller(ACTIONS));
    actions.describe(wrapper::DescribeRequest {}).await.expect("answered");
    let refused = actions.invoke(wrapper::InvokeRequest::default()).await;
    assert_eq!(refused.expect_err("not now").code(), Code::Unavailable);

    let command_line = join(&address, COMMAND_LINE).await;
    let all = contracts(&command_line).await;
    let [contract] = all.as_slice() else { panic!("one contract: {all:?}") };
    assert_eq!(contract.digest, caruso_api::contract(ACTIONS).expect("known").digest);
    assert_eq!((contract.interface.as_str(), contract.level), (ACTIONS, 1));
    assert_eq!(contract.offers, [format!("{}/{ACTIONS}", erp.instance())]);
    let consumers: Vec<&str> = contract.consumers.iter().map(|it| it.component.as_str()).collect();
    assert_eq!(consumers, [SCRIPT_ENGINE]);

    let mut uses = Vec::new();
    wait_for("the beat that tells of the calls", async || {
        let all = components(&command_line).await;
        let ours = all.into_iter().find(|it| it.component == SCRIPT_ENGINE);
        uses = ours.map(|component| component.uses).unwrap_or_default();
        !uses.is_empty()
    })
    .await;
    let told: Vec<(String, String, u64, u64)> = uses
        .into_iter()
        .map(|it| {
            let outcome = it.outcome.expect("one");
            assert_eq!(outcome.instance, erp.instance());
            (it.component, outcome.method, outcome.calls, outcome.failures)
        })
        .collect();
    let of =
        |method: &str, failures| ("erp".to_owned(), format!("/{ACTIONS}/{method}"), 1, failures);
    assert_eq!(told, [of("Describe", 0), of("Invoke", 1)]);
}

#[tokio::test]
async fn a_build_that_would_be_misread_is_not_let_in_and_hears_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _running) = manager(&folder).await;
    let _erp = serve(&address, "erp").await;
    let engine = join(&address, SCRIPT_ENGINE).await;
    let handle = engine.directory().handle(ACTIONS);
    let offered = tokio::time::timeout(Duration::from_secs(10), handle.offered()).await;
    assert!(!offered.expect("offered").lacks_something);

    let mut other = Other::join(&address, "crm").await;
    let strange = with("InvokeRequest", |message| {
        message.field[0].set_type(prost_types::field_descriptor_proto::Type::Bytes)
    });
    let digest = other.put(&strange).await.expect("kept");
    let Down::OffersRejected(rejected) = other.offer(&digest).await else { panic!("let in") };
    let place = "caruso.wrapper.v1.InvokeRequest.operation is bytes in place of string, but";
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        rejected.reasons,
        [
            format!("{place} erp {version} offers it as it was"),
            format!("{place} script-engine {version} uses it as it was"),
        ]
    );
    let names = |handle: &caruso_component::Handle| -> Vec<String> {
        handle.snapshot().offers().map(|offer| offer.component.clone()).collect()
    };
    assert_eq!(names(&handle), ["erp"]);

    // one that has more, and one that is not known yet
    let more = with("InvokeResponse", |message| {
        let mut field = message.field[1].clone();
        field.name = Some("details".to_owned());
        field.json_name = Some("details".to_owned());
        field.number = Some(9);
        message.field.push(field);
    });
    let unknown = "0".repeat(64);
    let wanted = Down::ContractsWanted(proto::ContractsWanted { digests: vec![unknown.clone()] });
    assert_eq!(other.offer(&unknown).await, wanted);
    let digest = other.put(&more).await.expect("kept");
    let Down::OffersAccepted(_) = other.offer(&digest).await else { panic!("not let in") };
    wait_for("both are offered", async || names(&handle).len() == 2).await;
    let command_line = join(&address, COMMAND_LINE).await;
    let levels: Vec<u32> = contracts(&command_line).await.iter().map(|it| it.level).collect();
    assert_eq!(levels, [2, 1, 0]);
}

#[tokio::test]
async fn a_consumer_goes_to_who_has_all_that_it_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _running) = manager(&folder).await;
    let engine = join(&address, SCRIPT_ENGINE).await;
    let handle = engine.directory().handle(ACTIONS);
    // an earlier build: it does not know a field of ours
    let mut older = Other::join(&address, "older").await;
    let less = with("InvokeResponse", |message| drop(message.field.pop()));
    let digest = older.put(&less).await.expect("kept");
    let Down::OffersAccepted(_) = older.offer(&digest).await else { panic!("not let in") };
    let first = tokio::time::timeout(Duration::from_secs(10), handle.offered()).await;
    assert_eq!(first.expect("offered").component, "older", "better than nobody");
    let _erp = serve(&address, "erp").await;
    wait_for("both are known", async || handle.snapshot().offers().count() == 2).await;
    let chosen = || handle.resolve(|target| target.offer().component.clone());
    assert_eq!([chosen(), chosen()], [Some("erp".to_owned()), Some("erp".to_owned())]);
}

#[tokio::test]
async fn what_is_no_contract_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _running) = manager(&folder).await;
    let mut other = Other::join(&address, "crm").await;
    let refused = other.put(&FileDescriptorSet::default()).await.expect_err("nothing in it");
    assert_eq!(
        (refused.code(), code_of(&refused).as_deref()),
        (Code::InvalidArgument, Some("CR0124"),)
    );
    assert!(refused.message().contains("has no service caruso.wrapper.v1.Actions"));
    let Down::OffersRejected(rejected) = other.offer("what?").await else { panic!("let in") };
    assert_eq!(rejected.reasons, ["`what?` is no digest"]);
}

/// What one component says, whatever it is, must not keep the directory from being read again.
#[tokio::test]
async fn what_a_component_says_of_itself_has_a_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, running) = manager(&folder).await;
    let long = "\u{1}".repeat(3_000_000);
    let mut other = Other::join_as(&address, "crm", &long).await;
    let release = proto::ReleaseAnswer { digest: long[..100].to_owned(), refusals: vec![long] };
    let message = Some(Up::ReleaseAnswer(release));
    other.up.send(proto::SessionRequest { message }).await.expect("open");
    let Down::OffersAccepted(_) = other.offer("").await else { panic!("not let in") };
    let command_line = join(&address, COMMAND_LINE).await;
    let listed = components(&command_line).await;
    let crm = listed.iter().find(|it| it.component == "crm").expect("listed");
    assert_eq!((crm.version.len(), crm.release_refusals[0].len()), (256, 1_000));
    running.stop().await;
    let (address, _running) = manager(&folder).await;
    let command_line = join(&address, COMMAND_LINE).await;
    assert!(components(&command_line).await.iter().any(|it| it.component == "crm"));
}

/// As tools do that call by names.
#[tokio::test]
async fn tools_find_every_contract_by_reflection_also_after_a_restart() {
    use reflection::server_reflection_request::MessageRequest as Asked;
    use reflection::server_reflection_response::MessageResponse as Answer;
    let folder = tempfile::tempdir().expect("a folder");
    let (address, running) = manager(&folder).await;
    let erp = serve(&address, "erp").await;
    let command_line = join(&address, COMMAND_LINE).await;
    let offered = async || contracts(&command_line).await.iter().any(|it| it.level == 1);
    wait_for("it is offered", offered).await;
    erp.leave().await;
    running.stop().await;
    let (address, _running) = manager(&folder).await;
    let command_line = join(&address, COMMAND_LINE).await;
    let channel = command_line.caller(REGISTRY);
    let mut client = reflection::server_reflection_client::ServerReflectionClient::new(channel);
    let ask = |asked| reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(asked),
    };
    let asked = [
        ask(Asked::ListServices(String::new())),
        ask(Asked::FileContainingSymbol(ACTIONS.to_owned())),
        ask(Asked::FileContainingSymbol("caruso.wrapper.v1.InvokeRequest.operation".to_owned())),
        ask(Asked::FileByFilename("caruso/storage/v1/storage_manager.proto".to_owned())),
        ask(Asked::FileContainingSymbol("caruso.wrapper.v1.Nothing".to_owned())),
    ];
    let answers = client.server_reflection_info(tokio_stream::iter(asked)).await.expect("answered");
    let answers: Vec<_> = answers.into_inner().collect().await;
    let answers: Vec<Answer> = answers
        .into_iter()
        .map(|answer| answer.expect("an answer").message_response.expect("one"))
        .collect();
    let Answer::ListServicesResponse(services) = &answers[0] else { panic!("{answers:?}") };
    let services: Vec<&str> = services.service.iter().map(|it| it.name.as_str()).collect();
    assert!(services.contains(&ACTIONS) && services.contains(&REGISTRY), "{services:?}");
    let files = |at: usize| -> Vec<String> {
        let Answer::FileDescriptorResponse(response) = &answers[at] else { panic!("{answers:?}") };
        let files = response.file_descriptor_proto.iter();
        let names = files.map(|bytes| {
            let file = prost_types::FileDescriptorProto::decode(bytes.as_slice()).expect("a file");
            file.name().to_owned()
        });
        names.collect()
    };
    let wrapper = "caruso/wrapper/v1/wrapper.proto";
    assert_eq!(files(1).first().map(String::as_str), Some(wrapper));
    assert!(files(1).contains(&"caruso/storage/v1/storage_manager.proto".to_owned()));
    assert_eq!(files(2), files(1));
    assert_eq!(files(3)[0], "caruso/storage/v1/storage_manager.proto");
    let Answer::ErrorResponse(error) = &answers[4] else { panic!("{answers:?}") };
    assert_eq!(error.error_code, i32::from(Code::NotFound));
}
