//! Identity among real components: log-in, tokens that others verify, phones.

use std::path::Path;
use std::time::Duration;

use caruso_api::identity::v1 as proto;
use caruso_api::monitor::v1 as monitor;
use caruso_component::permissions::names::{
    COMMAND_LINE, COMMUNICATION_SERVER, FRONT_OFFICE, MONITOR,
};
use caruso_component::{Caller, Component, Offered, Options, Release, Secret, code_of};
use caruso_identity::Demo;
use caruso_service_manager::ServiceManager;
use monitor::monitor_client::MonitorClient;
use monitor::monitor_server::{Monitor, MonitorServer};
use proto::identity_client::IdentityClient;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

const IDENTITY: &str = "caruso.identity.v1.Identity";
const PEOPLE: &str = "caruso.identity.v1.People";
const MONITOR_INTERFACE: &str = "caruso.monitor.v1.Monitor";

/// Stops everything that a test has started.
struct World {
    address: String,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        Self::start_with().await.0
    }

    /// Also gives what stops identity alone.
    async fn start_with() -> (Self, CancellationToken) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().join("manager"),
            is_development: true,
            release: Some(Release::new(Default::default())),
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.child_token()));
        let world = Self { address, stop, folder };
        let identity = world.identity();
        (world, identity)
    }

    fn identity(&self) -> CancellationToken {
        let stop = self.stop.child_token();
        let text = include_str!("../../../examples/utilities/demo.toml");
        let options = caruso_identity::Options {
            component: self.options(&self.folder.path().join("identity")),
            demo: Some(Demo::parse(text).expect("readable")),
        };
        tokio::spawn(caruso_identity::run(options, stop.clone()));
        stop
    }

    fn options(&self, data: &Path) -> Options {
        Options::new(&self.address).with_data(data)
    }

    async fn join(&self, name: &str) -> Component {
        let options = self.options(&self.folder.path().join(name));
        Component::join(options, name, self.stop.child_token()).await.expect("joined")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Patient enough for the seeding of the demo users, whose hashes take their time.
async fn identity_of(component: &Component) -> IdentityClient<caruso_component::InterfaceChannel> {
    let handle = component.directory().handle(IDENTITY);
    let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
    offered.expect("identity serves");
    IdentityClient::new(component.caller(IDENTITY))
}

/// Waits until identity is offered, or no longer is.
async fn wait_until(component: &Component, is_offered: bool) {
    let handle = component.directory().handle(IDENTITY);
    let mut changes = handle.changes();
    let waiting = async {
        while handle.snapshot().offers().next().is_some() != is_offered {
            changes.changed().await.expect("the component watches");
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it happens");
}

async fn log_in(
    component: &Component,
    user: &str,
    password: &str,
) -> Result<proto::LogInResponse, Status> {
    let request = proto::LogInRequest { user: user.to_owned(), password: password.to_owned() };
    Ok(identity_of(component).await.log_in(request).await?.into_inner())
}

struct Reports;

#[tonic::async_trait]
impl Monitor for Reports {
    type WatchStatusStream = tokio_stream::Pending<Result<monitor::WatchStatusResponse, Status>>;

    async fn watch_status(
        &self,
        _: Request<monitor::WatchStatusRequest>,
    ) -> Result<Response<Self::WatchStatusStream>, Status> {
        Ok(Response::new(tokio_stream::pending()))
    }

    async fn list_reports(
        &self,
        _: Request<monitor::ListReportsRequest>,
    ) -> Result<Response<monitor::ListReportsResponse>, Status> {
        Err(Status::unimplemented("nobody asks here"))
    }

    async fn run_report(
        &self,
        request: Request<monitor::RunReportRequest>,
    ) -> Result<Response<monitor::RunReportResponse>, Status> {
        let report = Caller::of(&request)?.user()?.name.clone();
        let table = Some(monitor::ReportTable { report, ..Default::default() });
        Ok(Response::new(monitor::RunReportResponse { table }))
    }

    async fn list_report_contacts(
        &self,
        _: Request<monitor::ListReportContactsRequest>,
    ) -> Result<Response<monitor::ListReportContactsResponse>, Status> {
        Err(Status::unimplemented("nobody asks here"))
    }

    async fn export_report(
        &self,
        _: Request<monitor::ExportReportRequest>,
    ) -> Result<Response<monitor::ExportReportResponse>, Status> {
        Err(Status::unimplemented("nobody asks here"))
    }
}

#[tokio::test]
async fn who_logs_in_is_known_to_every_component_by_a_token() {
    let world = World::start().await;
    let (office, reports) = tokio::join!(world.join(FRONT_OFFICE), world.join(MONITOR));
    let routes = Routes::default().add_service(MonitorServer::new(Reports));
    let serving = reports.clone();
    tokio::spawn(
        async move { serving.serve(routes, [Offered::interface(MONITOR_INTERFACE)]).await },
    );
    let sofie = log_in(&office, "sofie", "demo").await.expect("right password");
    let user = sofie.user.expect("with the user");
    assert_eq!((user.name.as_str(), user.display_name.as_str()), ("sofie", "Sofie Bakker"));
    assert_eq!(user.roles, [i32::from(proto::Role::Supervisor)]);

    let report = async |token: &str| {
        let caller = Caller::with_token(Secret::new(token.to_owned()));
        let channel = office.caller(MONITOR_INTERFACE).on_behalf_of(&caller);
        MonitorClient::new(channel).run_report(monitor::RunReportRequest::default()).await
    };
    let told = report(&sofie.token).await.expect("a supervisor may").into_inner();
    assert_eq!(told.table.expect("a table").report, "sofie");
    let anna = log_in(&office, "anna", "demo").await.expect("right password");
    assert_eq!(anna.user.expect("with the user").extension, "101");
    let refused = report(&anna.token).await.expect_err("an agent may not");
    assert_eq!(code_of(&refused).as_deref(), Some("CA0103"));
    let refused = report("nonsense").await.expect_err("no token");
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn wrong_passwords_are_refused_alike_and_slowed_down() {
    let world = World::start().await;
    let office = world.join(FRONT_OFFICE).await;
    let known = log_in(&office, "anna", "guess").await.expect_err("wrong password");
    let unknown = log_in(&office, "nobody", "demo").await.expect_err("no such user");
    assert_eq!(code_of(&known).as_deref(), Some("CI0101"));
    assert_eq!(known.message(), unknown.message());
    for _ in 0..4 {
        log_in(&office, "anna", "guess").await.expect_err("wrong password");
    }
    let slowed = log_in(&office, "anna", "demo").await.expect_err("too many failures");
    assert_eq!(code_of(&slowed).as_deref(), Some("CI0102"));
    log_in(&office, "bram", "demo").await.expect("others are not held up");
}

#[tokio::test]
async fn a_log_in_session_survives_a_restart_and_ends_at_log_out() {
    let (world, restart) = World::start_with().await;
    let office = world.join(FRONT_OFFICE).await;
    let anna = log_in(&office, "anna", "demo").await.expect("right password");
    let mut identity = identity_of(&office).await;
    let secret = anna.session_secret;
    let refresh = || proto::RefreshRequest { session_secret: secret.clone() };
    restart.cancel();
    wait_until(&office, false).await;
    world.identity();
    wait_until(&office, true).await;
    let fresh = identity.refresh(refresh()).await.expect("the session is open").into_inner();
    assert_eq!(fresh.user.expect("with the user").name, "anna");
    let log_out = proto::LogOutRequest { session_secret: secret.clone() };
    identity.log_out(log_out).await.expect("logged out");
    let mut other = IdentityClient::new(office.caller(IDENTITY));
    let over = other.refresh(refresh()).await.expect_err("the session is over");
    assert_eq!(code_of(&over).as_deref(), Some("CI0103"));
}

#[tokio::test]
async fn the_communication_server_learns_agents_and_secrets_of_phones() {
    let world = World::start().await;
    let server = world.join(COMMUNICATION_SERVER).await;
    let mut identity = identity_of(&server).await;
    let agents = identity.list_agents(proto::ListAgentsRequest {}).await.expect("listed");
    let agents = agents.into_inner().agents;
    let names: Vec<_> = agents.iter().map(|agent| (&*agent.name, &*agent.extension)).collect();
    assert_eq!(names, [("anna", "101"), ("bram", "102"), ("sofie", "103")]);
    let supervises = |agent: &proto::Agent| agent.only_supervises;
    assert!(agents.iter().all(|agent| (agent.team == "service") != supervises(agent)));
    let ask =
        |extension: &str| proto::GetDeviceCredentialRequest { extension: extension.to_owned() };
    let phone = identity.get_device_credential(ask("101")).await.expect("known");
    assert_eq!(phone.into_inner().secret, "phone-101");
    let unknown = identity.get_device_credential(ask("999")).await.expect_err("unknown");
    assert_eq!(code_of(&unknown).as_deref(), Some("CI0104"));
}

#[tokio::test]
async fn who_is_added_logs_in_and_who_is_removed_does_not() {
    let (world, identity) = World::start_with().await;
    let (office, console) = tokio::join!(world.join(FRONT_OFFICE), world.join(COMMAND_LINE));
    log_in(&office, "anna", "demo").await.expect("of the demo");
    let people = || proto::people_client::PeopleClient::new(console.caller(PEOPLE));
    let user = proto::UserRecord {
        name: "eva".to_owned(),
        display_name: "Eva Smit".to_owned(),
        roles: vec![proto::Role::Agent.into()],
        team: "service".to_owned(),
        extension: "104".to_owned(),
        skills: [("gas".to_owned(), 3)].into(),
    };
    let add = proto::AddUserRequest {
        user: Some(user.clone()),
        password: "correct horse".to_owned(),
        device_secret: "phone-104".to_owned(),
    };
    let added = people().add_user(add.clone()).await.expect("added").into_inner().user;
    assert_eq!(added, Some(user));
    let twice = people().add_user(add).await.expect_err("she is there");
    assert_eq!(code_of(&twice).as_deref(), Some("CI0105"));
    let session = log_in(&office, "eva", "correct horse").await.expect("she logs in");

    identity.cancel();
    wait_until(&office, false).await;
    world.identity();
    wait_until(&office, true).await;
    let again = proto::RefreshRequest { session_secret: session.session_secret.clone() };
    let refreshed = identity_of(&office).await.refresh(again.clone()).await;
    assert_eq!(refreshed.expect("after a restart").into_inner().user, session.user);

    let change = proto::ChangeUserRequest {
        name: "eva".to_owned(),
        skills: Some(proto::SkillList { skills: [("gas".to_owned(), 5)].into() }),
        password: Some("battery staple".to_owned()),
        ..Default::default()
    };
    let changed = people().change_user(change).await.expect("changed").into_inner().user;
    assert_eq!(changed.expect("she").skills["gas"], 5);
    let over = identity_of(&office).await.refresh(again).await.expect_err("a new password");
    assert_eq!(code_of(&over).as_deref(), Some("CI0103"));
    log_in(&office, "eva", "correct horse").await.expect_err("the old one");
    log_in(&office, "eva", "battery staple").await.expect("the new one");
    let remove = || proto::RemoveUserRequest { name: "eva".to_owned() };
    people().remove_user(remove()).await.expect("removed");
    people().remove_user(remove()).await.expect("a repeat does nothing");
    log_in(&office, "eva", "battery staple").await.expect_err("nobody");
    let listed = people().list_users(proto::ListUsersRequest {}).await.expect("listed");
    let names: Vec<String> = listed.into_inner().users.into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["admin", "anna", "bram", "sofie"]);
    let refused = proto::people_client::PeopleClient::new(office.caller(PEOPLE));
    let refused = refused.clone().list_users(proto::ListUsersRequest {}).await;
    assert_eq!(refused.expect_err("not for a desk").code(), Code::PermissionDenied);
}
