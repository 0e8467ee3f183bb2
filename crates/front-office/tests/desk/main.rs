//! The front office between a browser and its peers: real service manager, real HTTP, peers that
//! answer what a test says.

mod fake;
mod laid_aside;
mod recordings;
mod supervisors;

use std::sync::Arc;
use std::time::Duration;

use caruso_api::contact::v1 as contact;
use caruso_api::desk::v1 as desk;
use caruso_api::script::v1 as script;
use caruso_component::Component;
use caruso_front_office::{FrontOffice, Options};
use desk::desk_client::DeskClient;
use fake::{World, customer, lock};
use futures::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost_types::Timestamp;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status, Streaming};
use tonic_web::{GrpcWebCall, GrpcWebClientLayer, GrpcWebClientService};
use tower::Layer as _;

type Wire = GrpcWebClientService<Client<HttpConnector, GrpcWebCall<tonic::body::Body>>>;

/// Everything that runs for one test.
struct Stage {
    world: Arc<World>,
    address: String,
    manager: String,
    data: tempfile::TempDir,
    stop: CancellationToken,
    _peers: Vec<Component>,
}

impl Stage {
    async fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let (manager, world, peers) = fake::start(data.path()).await;
        let (address, stop) = front_office(&manager, data.path()).await;
        Self { world, address, manager, data, stop, _peers: peers }
    }

    /// The same again, as after a crash: only the data folder is left of the old one.
    async fn restart(&mut self) {
        self.stop.cancel();
        (self.address, self.stop) = front_office(&self.manager, self.data.path()).await;
    }

    async fn log_in(&self, user: &str) -> Browser {
        let mut wire = self.wire();
        let answer = wire.log_in(credentials(user, "demo")).await.expect("logged in");
        let header = answer.metadata().get("set-cookie").expect("a cookie");
        let cookie = header.to_str().expect("text").split(';').next().unwrap_or_default();
        let (cookie, token) = (cookie.to_owned(), answer.into_inner().token);
        Browser { wire, cookie, token }
    }

    fn wire(&self) -> DeskClient<Wire> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let origin = format!("{}/rpc", self.address).parse().expect("an address");
        DeskClient::with_origin(GrpcWebClientLayer::new().layer(client), origin)
    }

    async fn get(&self, path: &str) -> http::Response<hyper::body::Incoming> {
        let client: Client<_, String> = Client::builder(TokioExecutor::new()).build_http();
        let address = format!("{}{path}", self.address).parse().expect("an address");
        client.get(address).await.expect("an answer")
    }

    /// Puts a contact on anna's desk.
    fn contact(&self, state: contact::AgentState, number: &str) {
        let is_connected = state != contact::AgentState::Offered;
        let current = contact::CurrentContact {
            contact_id: "c1".to_owned(),
            calling_number: number.to_owned(),
            script: "fault-report".to_owned(),
            connected_at: is_connected.then(Timestamp::default),
            attributes: [("topic".to_owned(), "gas".to_owned())].into(),
            ..Default::default()
        };
        self.world.status.send_modify(|status| {
            status.state = state.into();
            status.contact = Some(current);
        });
    }
}

async fn front_office(manager: &str, data: &std::path::Path) -> (String, CancellationToken) {
    let component = caruso_component::Options::new(manager).with_data(data.join("front-office"));
    let options = Options { component, http: ([127, 0, 0, 1], 0).into() };
    let front_office = FrontOffice::bind(options).await.expect("a free port");
    let (address, stop) = (front_office.address(), CancellationToken::new());
    tokio::spawn(front_office.serve(stop.clone()));
    (address, stop)
}

fn credentials(user: &str, password: &str) -> desk::LogInRequest {
    desk::LogInRequest { user: user.to_owned(), password: password.to_owned() }
}

/// A browser that has logged in.
struct Browser {
    wire: DeskClient<Wire>,
    cookie: String,
    token: String,
}

impl Browser {
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token);
        let headers = request.metadata_mut();
        headers.insert("authorization", bearer.parse().expect("a header value"));
        headers.insert("cookie", self.cookie.parse().expect("a header value"));
        request
    }

    async fn watch(&mut self) -> Streaming<desk::WatchDeskResponse> {
        let request = self.request(desk::WatchDeskRequest {});
        self.wire.watch_desk(request).await.expect("a desk").into_inner()
    }
}

/// Reads the desk until it is as a test expects it.
async fn until(
    stream: &mut Streaming<desk::WatchDeskResponse>,
    what: &str,
    holds: impl Fn(&desk::WatchDeskResponse) -> bool,
) -> desk::WatchDeskResponse {
    let reading = async {
        loop {
            let message = stream.message().await.expect("a live stream").expect("no end");
            if !message.is_unchanged && holds(&message) {
                return message;
            }
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(10), reading).await;
    read.unwrap_or_else(|_| panic!("still waiting for: {what}"))
}

/// Waits until the condition holds; fails the test after ten seconds.
async fn wait_for(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    waited.unwrap_or_else(|_| panic!("still waiting for: {what}"));
}

fn state_is(state: contact::AgentState) -> impl Fn(&desk::WatchDeskResponse) -> bool {
    move |desk| desk.status.as_ref().is_some_and(|status| status.state() == state)
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_a_right_one_gives_a_sealed_cookie() {
    let stage = Stage::start().await;
    let refused = stage.wire().log_in(credentials("anna", "wrong")).await;
    assert_eq!(refused.expect_err("wrong").code(), Code::Unauthenticated);
    let browser = stage.log_in("anna").await;
    assert!(!browser.cookie.contains("secret"), "{}", browser.cookie);
    let mut nobody = Request::new(desk::ResumeRequest {});
    assert!(stage.wire().resume(nobody).await.is_err(), "without a cookie");
    nobody = browser.request(desk::ResumeRequest {});
    let user = stage.wire().resume(nobody).await.expect("resumed").into_inner().user;
    assert_eq!(user.expect("a user").extension, "101");
}

#[tokio::test]
async fn a_log_in_survives_a_restart_of_the_front_office_and_ends_with_the_log_out() {
    let mut stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    stage.restart().await;
    browser.wire = stage.wire();
    let resumed = browser.wire.resume(browser.request(desk::ResumeRequest {})).await;
    browser.token = resumed.expect("resumed").into_inner().token;
    let out = browser.wire.log_out(browser.request(desk::LogOutRequest {})).await;
    let header = out.expect("logged out").metadata().get("set-cookie").cloned();
    assert!(header.is_some_and(|value| value.to_str().is_ok_and(|v| v.contains("Max-Age=0"))));
    assert_eq!(stage.world.told(), ["anna signs out", "nobody log-out"]);
    let again = browser.wire.resume(browser.request(desk::ResumeRequest {})).await;
    assert_eq!(again.expect_err("over").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn nobody_logs_out_of_a_contact() {
    let stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    stage.contact(contact::AgentState::Talking, "");
    let refused = browser.wire.log_out(browser.request(desk::LogOutRequest {})).await;
    assert_eq!(refused.expect_err("talking").code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn an_offer_shows_the_customer_with_what_belongs_to_them() {
    let stage = Stage::start().await;
    let eva = customer("100001", "Eva de Vries");
    lock(&stage.world.customers).insert("+31612345678".to_owned(), vec![eva]);
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    let ready = until(&mut desk, "ready", state_is(contact::AgentState::Ready)).await;
    assert!(ready.customers.is_empty() && ready.late.is_empty());

    stage.contact(contact::AgentState::Offered, "+31612345678");
    let offered = until(&mut desk, "the offer", state_is(contact::AgentState::Offered)).await;
    assert_eq!(offered.customers[0].title, "Eva de Vries", "the name comes with the offer");
    assert!(offered.script.is_none());
    let whole = if offered.late.is_empty() {
        offered
    } else {
        until(&mut desk, "all", |desk| desk.late.is_empty()).await
    };
    let related = &whole.customers[0].related;
    assert_eq!(related[0].class, "Parcel");
    assert_eq!(related[0].objects[0].attributes["number"], fake::text("100001"));
    assert!(stage.world.told().contains(&"anna identifies c1 as 100001".to_owned()));
}

fn complaint() -> desk::InterruptRequest {
    desk::InterruptRequest {
        session_id: "s1".to_owned(),
        sequence: 2,
        interrupt: "complaint".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn the_script_starts_with_the_conversation_and_is_there_again_after_a_reload() {
    let stage = Stage::start().await;
    let eva = customer("100001", "Eva de Vries");
    lock(&stage.world.customers).insert("+31612345678".to_owned(), vec![eva]);
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    stage.contact(contact::AgentState::Talking, "+31612345678");
    until(&mut desk, "the script", |desk| desk.script.is_some()).await;
    let started = "anna starts c1/fault-report/100001 for anna with customer topic";
    assert!(stage.world.told().contains(&started.to_owned()), "{:?}", stage.world.told());

    let answer = desk::AnswerRequest {
        session_id: "s1".to_owned(),
        step: "kind".to_owned(),
        value: "partial".to_owned(),
        override_reason: "seen".to_owned(),
        row: "1".to_owned(),
        ..Default::default()
    };
    let special = desk::AnswerRequest {
        value: String::new(),
        special: script::SpecialAnswer::Refused.into(),
        override_reason: String::new(),
        ..answer.clone()
    };
    browser.wire.answer(browser.request(answer)).await.expect("answered");
    until(&mut desk, "the answer", |d| d.script.as_ref().is_some_and(|v| v.sequence == 1)).await;
    browser.wire.answer(browser.request(special)).await.expect("answered");
    until(&mut desk, "the other", |d| d.script.as_ref().is_some_and(|v| v.sequence == 2)).await;
    let page = |city: &str| {
        let answer = |step: &str, value: &str| script::PageAnswer {
            step: step.to_owned(),
            value: value.to_owned(),
            ..Default::default()
        };
        desk::AnswerPageRequest {
            session_id: "s1".to_owned(),
            page: "address".to_owned(),
            row: "1".to_owned(),
            answers: vec![answer("street", "Laanstraat"), answer("city", city)],
            ..Default::default()
        }
    };
    let taken = browser.wire.answer_page(browser.request(page("Baarn"))).await.expect("answered");
    assert!(taken.into_inner().view.is_some());
    let refused = browser.wire.answer_page(browser.request(page(""))).await.expect("answered");
    assert_eq!(refused.into_inner().refused[0].step, "city");
    let begun = browser.wire.interrupt(browser.request(complaint())).await.expect("begun");
    assert!(begun.into_inner().view.is_some());
    let told = stage.world.told();
    for said in [
        "anna begins complaint at 2",
        "anna answers page address of 1: street=Laanstraat, city=Baarn",
        "anna answers kind of 1: partial, SPECIAL_ANSWER_UNSPECIFIED, because seen",
        "anna answers kind of 1: , SPECIAL_ANSWER_REFUSED, because ",
    ] {
        assert!(told.contains(&said.to_owned()), "{told:?}");
    }

    drop(desk);
    let mut desk = browser.watch().await;
    let again = until(&mut desk, "all again", |desk| desk.script.is_some()).await;
    assert_eq!(again.customer_key, "100001");
    assert_eq!(again.script.as_ref().expect("a script").sequence, 2);

    laid_aside::lays_aside(&stage, &mut desk).await;
    hangs_up(&stage, again).await;
    stage.world.status.send_modify(|status| {
        status.state = contact::AgentState::Ready.into();
        status.contact = None;
    });
    until(&mut desk, "an empty desk", |desk| desk.script.is_none()).await;
    let cancelled = async || stage.world.told().contains(&"anna cancels s1".to_owned());
    wait_for("the unfinished script is cancelled", cancelled).await;
}

/// The customer hangs up, which the script is told.
async fn hangs_up(stage: &Stage, desk: desk::WatchDeskResponse) {
    let contact = desk.status.and_then(|it| it.contact).expect("a call").contact_id;
    stage.world.status.send_modify(|status| {
        let contact = status.contact.as_mut().expect("the call");
        (contact.has_ended, contact.customer_hung_up) = (true, true);
        status.state = contact::AgentState::WrapUp.into();
    });
    let hung_up = format!("anna hangs up in s1 by {contact}/hung-up");
    let told = async || stage.world.told().contains(&hung_up);
    wait_for("the script knows that the customer hung up", told).await;
}

#[tokio::test]
async fn the_script_of_a_colleague_goes_on_with_who_takes_the_contact() {
    let stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    stage.contact(contact::AgentState::Talking, "+31612345678");
    stage.world.status.send_modify(|status| {
        let transfer = contact::Transfer { agent: "Bram Jansen".to_owned(), ..Default::default() };
        status.contact.get_or_insert_default().transfers = vec![transfer];
    });
    until(&mut desk, "the script", |desk| desk.script.is_some()).await;
    let taken = async || stage.world.told().iter().any(|it| it.ends_with("continues s1 with anna"));
    wait_for("the session is taken over", taken).await;
}

#[tokio::test]
async fn an_offer_does_not_wait_for_a_database_that_is_down() {
    let stage = Stage::start().await;
    let eva = customer("100001", "Eva de Vries");
    lock(&stage.world.customers).insert("+31612345678".to_owned(), vec![eva]);
    stage.world.is_storage_up.send_replace(false);
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    until(&mut desk, "ready", state_is(contact::AgentState::Ready)).await;
    stage.contact(contact::AgentState::Offered, "+31612345678");
    let offered = until(&mut desk, "the offer", state_is(contact::AgentState::Offered)).await;
    assert_eq!(offered.late, ["customers"]);
    stage.world.is_storage_up.send_replace(true);
    let found = until(&mut desk, "the customer", |desk| !desk.customers.is_empty()).await;
    assert_eq!(found.customer_key, "100001");
}

#[tokio::test]
async fn one_of_several_customers_is_chosen_by_the_agent_and_nobody_else_is_taken() {
    let stage = Stage::start().await;
    let shared = vec![customer("100001", "Eva de Vries"), customer("100002", "Jan de Vries")];
    lock(&stage.world.customers).insert("+31612345678".to_owned(), shared);
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    stage.contact(contact::AgentState::Talking, "+31612345678");
    let several = until(&mut desk, "both", |desk| desk.customers.len() == 2).await;
    assert_eq!((several.customer_key.as_str(), several.script), ("", None));
    let choose = |key: &str| desk::ChooseCustomerRequest {
        contact_id: "c1".to_owned(),
        customer_key: key.to_owned(),
    };
    let wrong = browser.wire.choose_customer(browser.request(choose("999"))).await;
    assert_eq!(wrong.expect_err("not shown").code(), Code::FailedPrecondition);
    browser.wire.choose_customer(browser.request(choose("100002"))).await.expect("chosen");
    let chosen = until(&mut desk, "the choice", |desk| desk.script.is_some()).await;
    assert_eq!(chosen.customer_key, "100002");
}

#[tokio::test]
async fn commands_reach_the_communication_server_in_the_agents_name() {
    let stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    let state = desk::SetStateRequest { is_ready: false, reason: "break".to_owned() };
    browser.wire.set_state(browser.request(state)).await.expect("set");
    let id = || "c1".to_owned();
    let accept = desk::AcceptRequest { contact_id: id() };
    browser.wire.accept(browser.request(accept)).await.expect("accepted");
    let decline = desk::DeclineRequest { contact_id: id() };
    browser.wire.decline(browser.request(decline)).await.expect("declined");
    let hold = desk::HoldRequest { contact_id: id() };
    browser.wire.hold(browser.request(hold)).await.expect("held");
    let retrieve = desk::RetrieveRequest { contact_id: id() };
    browser.wire.retrieve(browser.request(retrieve)).await.expect("retrieved");
    let listed = browser.wire.list_destinations(browser.request(desk::ListDestinationsRequest {}));
    let listed = listed.await.expect("listed").into_inner();
    assert_eq!((&*listed.queues[0].id, &*listed.outside[0].id), ("moving", "grid"));
    for to in [
        desk::transfer_request::To::Queue("moving".to_owned()),
        desk::transfer_request::To::Outside("grid".to_owned()),
    ] {
        let to = Some(to);
        let transfer = desk::TransferRequest { contact_id: id(), to, note: "moves".to_owned() };
        browser.wire.transfer(browser.request(transfer)).await.expect("passed on");
    }
    for session in ["s1", "theirs"] {
        let consult = desk::ConsultRequest {
            contact_id: id(),
            asked: Some(desk::consult_request::Asked::Colleague("bram".to_owned())),
            note: "which meter".to_owned(),
            script_session: session.to_owned(),
        };
        browser.wire.consult(browser.request(consult)).await.expect("asked");
    }
    let confer = desk::ConferRequest { contact_id: id() };
    browser.wire.confer(browser.request(confer)).await.expect("all three");
    let complete = desk::CompleteConsultationRequest { contact_id: id() };
    browser.wire.complete_consultation(browser.request(complete)).await.expect("completed");
    let end = desk::EndConsultationRequest { contact_id: id() };
    browser.wire.end_consultation(browser.request(end)).await.expect("ended");
    let hang_up = desk::HangUpRequest { contact_id: id() };
    browser.wire.hang_up(browser.request(hang_up)).await.expect("hung up");
    let dispose = desk::DisposeRequest {
        contact_id: id(),
        disposition: "fault-reported".to_owned(),
        note: "all well".to_owned(),
    };
    browser.wire.dispose(browser.request(dispose)).await.expect("disposed");
    assert_eq!(
        stage.world.told(),
        [
            "anna AGENT_STATE_NOT_READY break",
            "anna accepts",
            "anna declines",
            "anna holds",
            "anna retrieves",
            "anna transfers to Some(Queue(\"moving\")): moves",
            "anna transfers to Some(Outside(\"grid\")): moves",
            "anna asks bram with s1: which meter",
            "anna asks bram with : which meter",
            "anna confers",
            "anna completes",
            "anna ends the consultation",
            "anna hangs up",
            "anna disposes fault-reported: all well",
        ]
    );
}

#[tokio::test]
async fn the_desk_knows_the_reasons_and_numbers_of_the_application() {
    let stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    let mut desk = browser.watch().await;
    let is_whole =
        |desk: &desk::WatchDeskResponse| desk.has_demo && !desk.not_ready_reasons.is_empty();
    let told = until(&mut desk, "the release and the demo", is_whole).await;
    assert_eq!(told.not_ready_reasons[0].title, "Break");
    assert!(told.demo_numbers.contains(&"0305550100".to_owned()));
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nothing() {
    let stage = Stage::start().await;
    let mut browser = stage.log_in("anna").await;
    let mut request = browser.request(desk::ListContactsRequest::default());
    let foreign = "cross-site".parse().expect("a header value");
    request.metadata_mut().insert("sec-fetch-site", foreign);
    let refused: Status = browser.wire.list_contacts(request).await.expect_err("refused");
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    for (origin, cookie, expected) in
        [("http://evil.example", browser.cookie.as_str(), 403), (stage.address.as_str(), "", 401)]
    {
        let refused = connect(&stage, "/demo/call", origin, cookie).await;
        let Err(SocketError::Http(answer)) = refused else { panic!("{origin}: not refused") };
        assert_eq!(answer.status(), expected, "{origin}");
    }
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(
    stage: &Stage,
    path: &str,
    origin: &str,
    cookie: &str,
) -> Result<Socket, SocketError> {
    let address = format!("{}{path}", stage.address.replace("http", "ws"));
    let mut request = address.into_client_request().expect("an address");
    let value = |text: &str| HeaderValue::from_str(text).expect("a header value");
    request.headers_mut().insert("origin", value(origin));
    request.headers_mut().insert("cookie", value(cookie));
    tokio_tungstenite::connect_async(request).await.map(|(socket, _)| socket)
}

/// The next message that is no sign of life.
async fn next(socket: &mut Socket) -> Message {
    loop {
        let message = socket.next().await.expect("no end").expect("a live socket");
        if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
            return message;
        }
    }
}

#[tokio::test]
async fn a_simulated_customer_is_heard_and_hears() {
    let stage = Stage::start().await;
    let browser = stage.log_in("anna").await;
    let mut socket = connect(&stage, "/demo/call", &stage.address, &browser.cookie).await;
    let socket = socket.as_mut().expect("connected");
    let place = r#"{"type":"place","called":"0305550100","calling":"0612345678"}"#;
    socket.send(Message::text(place)).await.expect("sent");
    let talking = r#"{"type":"state","phase":"talking","cause":"0305550100"}"#;
    assert_eq!(next(socket).await, Message::text(talking));
    socket.send(Message::binary(vec![1; 320])).await.expect("sent");
    assert_eq!(next(socket).await, Message::binary(vec![1; 320]));
    socket.send(Message::text(r#"{"type":"hang-up"}"#)).await.expect("sent");
    let ended = r#"{"type":"state","phase":"ended","cause":"hung up"}"#;
    assert_eq!(next(socket).await, Message::text(ended));
}

#[tokio::test]
async fn a_demo_phone_is_at_the_extension_of_whoever_is_logged_in() {
    let stage = Stage::start().await;
    let browser = stage.log_in("anna").await;
    let mut socket = connect(&stage, "/demo/phone", &stage.address, &browser.cookie).await;
    let socket = socket.as_mut().expect("connected");
    socket.send(Message::text(r#"{"type":"register"}"#)).await.expect("sent");
    let idle = r#"{"type":"state","phase":"idle","cause":"101"}"#;
    assert_eq!(next(socket).await, Message::text(idle));
}

#[tokio::test]
async fn pages_carry_a_policy_that_lets_them_load_nothing_else() {
    let stage = Stage::start().await;
    let (first, second) = (stage.get("/").await, stage.get("/").await);
    let policy = |answer: &http::Response<hyper::body::Incoming>| {
        let header = answer.headers().get("content-security-policy").expect("a policy");
        header.to_str().expect("text").to_owned()
    };
    assert!(policy(&first).starts_with("default-src 'none'; script-src 'self';"));
    assert!(!policy(&first).contains("unsafe"));
    assert_ne!(policy(&first), policy(&second), "a fresh nonce each time");
    assert_eq!(first.headers()["cache-control"], "no-store");
    assert_eq!(stage.get("/nothing").await.status(), 404);
}
