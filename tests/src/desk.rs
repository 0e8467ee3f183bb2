//! A person at the desk, without a browser: the same gRPC-Web as the pages use.

use std::collections::BTreeSet;
use std::time::Duration;

use caruso_api::contact::v1::{AgentState, Contact, CurrentContact};
use caruso_api::desk::v1 as wire;
use caruso_api::identity::v1::Role;
use caruso_api::monitor::v1 as monitor;
use caruso_api::script::v1::{View, view};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::{Request, Status as Refusal};
use tonic_web::{GrpcWebCall, GrpcWebClientLayer, GrpcWebClientService};
use tower::Layer as _;
use wire::WatchDeskResponse;
pub use wire::consult_request::Asked;
use wire::desk_client::DeskClient;
pub use wire::transfer_request::To;

use crate::wait::{PATIENCE, until};

type Wire = GrpcWebClientService<Client<HttpConnector, GrpcWebCall<tonic::body::Body>>>;

/// Somebody who has logged in. An agent is signed in as long as the desk is open.
#[derive(Debug)]
pub struct Desk {
    pub(crate) wire: DeskClient<Wire>,
    pub(crate) headers: [(&'static str, String); 2],
    desk: watch::Receiver<WatchDeskResponse>,
    watching: JoinHandle<()>,
}

/// The live status, and every state that was seen in it.
#[derive(Debug)]
pub struct Status {
    now: watch::Receiver<Seen>,
    watching: JoinHandle<()>,
}

/// What the live status has shown.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The latest.
    now: monitor::WatchStatusResponse,
    /// Every `agent NAME STATE` and `contact SEGMENT` so far.
    all: BTreeSet<String>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Desk {
    /// Logs in and, as an agent, opens the desk.
    ///
    /// # Panics
    /// When the log-in is refused.
    pub async fn log_in(http: &str, user: &str) -> Self {
        Self::log_in_with(http, user, "demo").await.expect("the demo's password")
    }

    /// The same with a password.
    ///
    /// # Errors
    /// It is not the user's.
    ///
    /// # Panics
    /// When the desk does not answer as it should.
    pub async fn log_in_with(http: &str, user: &str, password: &str) -> Result<Self, Refusal> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let origin = format!("{http}/rpc").parse().expect("an address");
        let mut wire = DeskClient::with_origin(GrpcWebClientLayer::new().layer(client), origin);
        let request = wire::LogInRequest { user: user.to_owned(), password: password.to_owned() };
        let answer = wire.log_in(request).await?;
        let cookie = answer.metadata().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|text| text.split(';').next()).unwrap_or_default().to_owned();
        let answer = answer.into_inner();
        let headers = [("cookie", cookie), ("authorization", format!("Bearer {}", answer.token))];
        let (tell, desk) = watch::channel(WatchDeskResponse::default());
        let is_agent = answer.user.is_some_and(|user| user.roles().any(|role| role == Role::Agent));
        let follow = follow(wire.clone(), headers.clone(), tell);
        let watching = tokio::spawn(async move {
            if is_agent {
                follow.await;
            }
        });
        Ok(Self { wire, headers, desk, watching })
    }

    /// The cookie of the session.
    pub fn cookie(&self) -> &str {
        let [(_, cookie), _] = &self.headers;
        cookie
    }

    fn request<T>(&self, message: T) -> Request<T> {
        request(&self.headers, message)
    }

    /// Waits until the desk is as a story expects it.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn until(
        &self,
        what: &str,
        holds: impl Fn(&WatchDeskResponse) -> bool,
    ) -> WatchDeskResponse {
        let mut desk = self.desk.clone();
        let waited = tokio::time::timeout(PATIENCE, desk.wait_for(|desk| holds(desk))).await;
        match waited {
            Ok(Ok(desk)) => desk.clone(),
            _ => panic!("{what}; but the desk shows {:#?}", *self.desk.borrow()),
        }
    }

    /// Waits for a state of the agent, and gives the contact in hand.
    pub async fn until_state(&self, state: AgentState) -> CurrentContact {
        let what = format!("the agent is {state:?}");
        let desk = self.until(&what, |desk| {
            desk.status.as_ref().is_some_and(|status| status.state() == state)
        });
        desk.await.status.and_then(|status| status.contact).unwrap_or_default()
    }

    /// Becomes ready, once the phone is registered.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn become_ready(&mut self) {
        self.until("the phone is registered", |desk| {
            desk.status.as_ref().is_some_and(|status| status.is_phone_registered)
        })
        .await;
        let request = self.request(wire::SetStateRequest { is_ready: true, ..Default::default() });
        self.wire.set_state(request).await.expect("an agent with a phone may be ready");
    }

    /// Takes a conversation that is offered.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn accept(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::AcceptRequest { contact_id: contact_id.to_owned() };
        self.wire.accept(self.request(request)).await.map(|_| ())
    }

    /// Goes on with a contact that was laid aside.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn take_up(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::TakeUpRequest { contact_id: contact_id.to_owned() };
        self.wire.take_up(self.request(request)).await.map(|_| ())
    }

    /// Declines the offer.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn decline(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::DeclineRequest { contact_id: contact_id.to_owned() };
        self.wire.decline(self.request(request)).await.map(|_| ())
    }

    /// Ends the conversation.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn hang_up(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::HangUpRequest { contact_id: contact_id.to_owned() };
        self.wire.hang_up(self.request(request)).await.map(|_| ())
    }

    /// Stops working.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn log_out(&mut self) -> Result<(), Refusal> {
        self.wire.log_out(self.request(wire::LogOutRequest {})).await.map(|_| ())
    }

    /// Calls a customer, and gives the contact.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn dial(&mut self, number: &str, purpose: &str) -> Result<String, Refusal> {
        let (number, purpose) = (number.to_owned(), purpose.to_owned());
        let request = self.request(wire::DialRequest { number, purpose });
        self.wire.dial(request).await.map(|answer| answer.into_inner().contact_id)
    }

    /// Puts the customer on hold.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn hold(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::HoldRequest { contact_id: contact_id.to_owned() };
        self.wire.hold(self.request(request)).await.map(|_| ())
    }

    /// Talks again with the customer on hold.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn retrieve(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::RetrieveRequest { contact_id: contact_id.to_owned() };
        self.wire.retrieve(self.request(request)).await.map(|_| ())
    }

    /// Where the contact can be passed on to.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn destinations(&mut self) -> wire::ListDestinationsResponse {
        let listed = self.wire.list_destinations(self.request(wire::ListDestinationsRequest {}));
        listed.await.expect("agents may").into_inner()
    }

    /// Passes the contact on.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn transfer(&mut self, contact_id: &str, to: To, note: &str) -> Result<(), Refusal> {
        let (contact_id, note) = (contact_id.to_owned(), note.to_owned());
        let request = wire::TransferRequest { contact_id, to: Some(to), note };
        self.wire.transfer(self.request(request)).await.map(|_| ())
    }

    /// Asks a colleague about the customer, with the script that is on the desk.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn consult(
        &mut self,
        contact_id: &str,
        colleague: &str,
        note: &str,
    ) -> Result<(), Refusal> {
        self.ask(contact_id, Asked::Colleague(colleague.to_owned()), note).await
    }

    /// Asks a colleague, or somebody outside, about the customer.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn ask(&mut self, contact_id: &str, asked: Asked, note: &str) -> Result<(), Refusal> {
        let session = self.desk.borrow().script.as_ref().map(|view| view.session_id.clone());
        let request = wire::ConsultRequest {
            contact_id: contact_id.to_owned(),
            asked: Some(asked),
            note: note.to_owned(),
            script_session: session.unwrap_or_default(),
        };
        self.wire.consult(self.request(request)).await.map(|_| ())
    }

    /// Gives the customer to the colleague who was asked.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn complete_consultation(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::CompleteConsultationRequest { contact_id: contact_id.to_owned() };
        self.wire.complete_consultation(self.request(request)).await.map(|_| ())
    }

    /// Lets the customer and the colleague hear each other.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn confer(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::ConferRequest { contact_id: contact_id.to_owned() };
        self.wire.confer(self.request(request)).await.map(|_| ())
    }

    /// Lets the colleague go.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn end_consultation(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let request = wire::EndConsultationRequest { contact_id: contact_id.to_owned() };
        self.wire.end_consultation(self.request(request)).await.map(|_| ())
    }

    /// Closes wrap-up.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn dispose(&mut self, contact_id: &str, disposition: &str) {
        let request = wire::DisposeRequest {
            contact_id: contact_id.to_owned(),
            disposition: disposition.to_owned(),
            note: "told by a story".to_owned(),
        };
        self.wire.dispose(self.request(request)).await.expect("a disposition of the queue");
    }

    /// Waits until the script asks this step, answers it, and gives what comes then.
    ///
    /// # Panics
    /// When another step comes, or the answer is not taken for longer than a restart may last.
    pub async fn answer(&mut self, step: &str, value: &str) -> View {
        let what = format!("the script asks {step}");
        let desk =
            self.until(&what, |desk| desk.script.as_ref().is_some_and(|view| view.step == step));
        let view = desk.await.script.expect("it asks");
        let request = wire::AnswerRequest {
            request_id: format!("{}.{}.{value}", view.session_id, view.sequence),
            session_id: view.session_id,
            sequence: view.sequence,
            step: step.to_owned(),
            value: value.to_owned(),
            ..Default::default()
        };
        until(&format!("{step} is answered"), async || {
            let answered = self.wire.clone().answer(self.request(request.clone())).await;
            match answered {
                Ok(answered) => answered.into_inner().view,
                Err(error) if error.code() == tonic::Code::Unavailable => None,
                Err(error) if error.code() == tonic::Code::DeadlineExceeded => None,
                Err(error) => panic!("{step}: {error}"),
            }
        })
        .await
    }

    /// Waits for the end of the script, and gives its outcome.
    pub async fn outcome(&self) -> String {
        let end = |desk: &WatchDeskResponse| match desk.script.as_ref()?.state.as_ref()? {
            view::State::End(end) => Some(end.outcome.clone()),
            _ => None,
        };
        let desk = self.until("the script ends", |desk| end(desk).is_some()).await;
        end(&desk).unwrap_or_default()
    }

    /// The latest contacts that this person may see, newest first.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn contacts(&mut self) -> Vec<Contact> {
        let request = self.request(wire::ListContactsRequest::default());
        let listed = self.wire.list_contacts(request).await;
        listed.expect("agents and supervisors may").into_inner().contacts
    }

    /// A report of today.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn table(&mut self, report: &str) -> monitor::ReportTable {
        let query = monitor::ReportQuery { report: report.to_owned(), ..Default::default() };
        let request = self.request(wire::RunReportRequest { query: Some(query) });
        let table = self.wire.run_report(request).await;
        table.expect("supervisors may").into_inner().table.expect("a table")
    }

    /// The ids of all reports.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn reports(&mut self) -> Vec<String> {
        let request = self.request(wire::ListReportsRequest {});
        let listed = self.wire.list_reports(request).await.expect("supervisors may").into_inner();
        let reports = listed.reports.expect("a list").reports;
        reports.into_iter().map(|it| it.id).collect()
    }

    /// A report of today as a file.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn exported(&mut self, report: &str, format: &str) -> Vec<u8> {
        let query = monitor::ReportQuery { report: report.to_owned(), ..Default::default() };
        let of = monitor::ExportReportRequest { query: Some(query), format: format.to_owned() };
        let request = self.request(wire::ExportReportRequest { of: Some(of) });
        let file = self.wire.export_report(request).await.expect("supervisors may").into_inner();
        file.file.expect("a file").content
    }

    /// The contacts behind the total of a column of a report of today.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn behind(
        &mut self,
        report: &str,
        column: &str,
    ) -> monitor::ListReportContactsResponse {
        let query = monitor::ReportQuery { report: report.to_owned(), ..Default::default() };
        let of = monitor::ListReportContactsRequest {
            query: Some(query),
            column: column.to_owned(),
            ..Default::default()
        };
        let request = self.request(wire::ListReportContactsRequest { of: Some(of) });
        let listed = self.wire.list_report_contacts(request).await.expect("supervisors may");
        listed.into_inner().contacts.expect("a list")
    }

    /// The report of incoming calls of today, a row a queue.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn report(&mut self) -> Vec<Incoming> {
        let table = self.table("incoming-calls").await;
        table.rows.iter().map(|row| Incoming::of(&table, row)).collect()
    }

    /// Watches the live status from now on.
    pub fn status(&self) -> Status {
        let (tell, now) = watch::channel(Seen::default());
        let watching = watch_status(self.wire.clone(), self.headers.clone(), tell);
        Status { now, watching: tokio::spawn(watching) }
    }
}

impl Status {
    /// Waits until this state was seen.
    ///
    /// # Panics
    /// When it was not in time.
    pub async fn until(&self, state: &str) {
        let mut now = self.now.clone();
        let seen = now.wait_for(|seen| seen.all.contains(state));
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        let is_seen = waited.is_ok_and(|seen| seen.is_ok());
        assert!(is_seen, "never `{state}`, but {:#?}", self.now.borrow().all);
    }

    /// Waits until so many contacts wait in a queue, as the latest status has it.
    ///
    /// # Panics
    /// When it was not in time.
    pub async fn until_waiting(&self, queue: &str, count: u32) {
        let mut now = self.now.clone();
        let is_so =
            |seen: &Seen| seen.now.queues.iter().any(|it| it.queue == queue && it.waiting == count);
        let waited = tokio::time::timeout(PATIENCE, now.wait_for(is_so)).await;
        let is_seen = waited.is_ok_and(|seen| seen.is_ok());
        assert!(is_seen, "not {count} wait in {queue}, but {:#?}", self.now.borrow().now);
    }

    /// Waits until no contact is in such a segment.
    ///
    /// # Panics
    /// When one still is.
    pub async fn until_gone(&self, segment: &str) {
        let mut now = self.now.clone();
        let is_gone = |seen: &Seen| seen.now.contacts.iter().all(|it| it.segment != segment);
        let waited = tokio::time::timeout(PATIENCE, now.wait_for(is_gone)).await;
        assert!(waited.is_ok_and(|seen| seen.is_ok()), "a contact is still in {segment}");
    }
}

pub(crate) fn request<T>(headers: &[(&'static str, String)], message: T) -> Request<T> {
    let mut request = Request::new(message);
    for (name, value) in headers {
        request.metadata_mut().insert(*name, value.parse().expect("a header value"));
    }
    request
}

/// Keeps the latest desk; opens the stream again where it breaks, as the pages do.
async fn follow(
    mut wire: DeskClient<Wire>,
    headers: [(&'static str, String); 2],
    tell: watch::Sender<WatchDeskResponse>,
) {
    loop {
        let Ok(stream) = wire.watch_desk(request(&headers, wire::WatchDeskRequest {})).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut stream = stream.into_inner();
        while let Ok(Some(message)) = stream.message().await {
            if !message.is_unchanged {
                tell.send_replace(message);
            }
        }
    }
}

async fn watch_status(
    mut wire: DeskClient<Wire>,
    headers: [(&'static str, String); 2],
    tell: watch::Sender<Seen>,
) {
    loop {
        let request = request(&headers, wire::WatchStatusRequest {});
        let Ok(stream) = wire.watch_status(request).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut stream = stream.into_inner();
        while let Ok(Some(message)) = stream.message().await {
            if let Some(status) = message.status {
                tell.send_modify(|seen| add(seen, status));
            }
        }
    }
}

fn add(seen: &mut Seen, status: monitor::WatchStatusResponse) {
    let agents = status.agents.iter().map(|it| format!("agent {} {}", it.agent, it.state));
    let contacts = status.contacts.iter().map(|it| format!("contact {}", it.segment));
    seen.all.extend(agents.chain(contacts));
    seen.now = status;
}

/// A row of the report of incoming calls.
#[derive(Debug)]
pub struct Incoming {
    /// The queue.
    pub queue: String,
    /// How many entered it.
    pub offered: u64,
    /// Of them, whom an agent answered.
    pub answered: u64,
    /// Who hung up.
    pub abandoned: u64,
    /// Who went elsewhere.
    pub flowed_out: u64,
    /// Who waits.
    pub still_waiting: u64,
    /// Time on hold, on average.
    pub average_hold_time: Option<Duration>,
    /// Time with a colleague who was asked, on average.
    pub average_consult_time: Option<Duration>,
}

impl Incoming {
    fn of(table: &monitor::ReportTable, row: &monitor::ReportRow) -> Self {
        let number = |column: &str| {
            let index = table.columns.iter().position(|it| it.id == column);
            row.values[index.expect("a column of this report")].number
        };
        let count = |column| number(column).expect("a count");
        let time = |column| number(column).map(Duration::from_millis);
        Self {
            queue: row.groups[0].id.clone(),
            offered: count("offered"),
            answered: count("answered"),
            abandoned: count("abandoned"),
            flowed_out: count("flowed-out"),
            still_waiting: count("still-waiting"),
            average_hold_time: time("average-hold-time"),
            average_consult_time: time("average-consult-time"),
        }
    }
}
