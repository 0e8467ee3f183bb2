//! Peers of the front office, each a component that joins a real service manager and answers what a
//! test says.

mod recordings;
mod reports;
mod script_engine;
mod storage_manager;

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use caruso_api::contact::v1 as contact;
use caruso_api::demo::v1 as demo;
use caruso_api::identity::v1 as identity;
use caruso_api::monitor::v1 as monitor;
use caruso_api::script::v1 as script;
use caruso_api::storage::v1 as storage;
use caruso_component::permissions::names;
use caruso_component::token::{TokenSigner, USER_AUDIENCE, UserClaims};
use caruso_component::{Caller, Component, Offered, Options, Release, Role, status};
use caruso_service_manager::ServiceManager;
use contact::agents_server::{Agents, AgentsServer};
use contact::contacts_server::{Contacts, ContactsServer};
use contact::recordings_server::RecordingsServer;
use demo::demo_server::{Demo, DemoServer};
use futures::{Stream, StreamExt as _};
use identity::identity_server::{Identity, IdentityServer};
use monitor::monitor_server::{Monitor, MonitorServer};
use prost_types::Timestamp;
use script::script_engine_server::ScriptEngineServer;
use storage::storage_manager_server::StorageManagerServer;
use storage::value::Kind;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status, Streaming};

pub(crate) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
type Answer<T> = Result<Response<T>, Status>;

/// What the peers answer, and what they were told.
#[derive(Debug)]
pub(crate) struct World {
    /// Every command, as "rpc by user: detail".
    pub(crate) told: Mutex<Vec<String>>,
    /// Customers by number.
    pub(crate) customers: Mutex<BTreeMap<String, Vec<storage::Object>>>,
    /// Whether the storage manager answers.
    pub(crate) is_storage_up: watch::Sender<bool>,
    /// Customer of each contact, as identified.
    pub(crate) identified: Mutex<BTreeMap<String, String>>,
    pub(crate) contacts: Mutex<Vec<contact::Contact>>,
    pub(crate) status: watch::Sender<contact::AgentStatus>,
    pub(crate) view: watch::Sender<script::View>,
    signer: TokenSigner,
}

impl World {
    fn new() -> Self {
        let ready = contact::AgentStatus {
            agent: "anna".to_owned(),
            state: contact::AgentState::Ready.into(),
            ..Default::default()
        };
        Self {
            told: Mutex::default(),
            customers: Mutex::default(),
            is_storage_up: watch::Sender::new(true),
            identified: Mutex::default(),
            contacts: Mutex::default(),
            status: watch::Sender::new(ready),
            view: watch::Sender::new(script::View::default()),
            signer: TokenSigner::from_seed([3; 32]),
        }
    }

    pub(crate) fn told(&self) -> Vec<String> {
        lock(&self.told).clone()
    }

    fn note<T>(&self, request: &Request<T>, what: impl std::fmt::Display) {
        let user = Caller::of(request).expect("guarded").user.clone();
        let name = user.map_or_else(|| "nobody".to_owned(), |user| user.name);
        lock(&self.told).push(format!("{name} {what}"));
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn text(value: &str) -> storage::Value {
    storage::Value { kind: Some(Kind::Text(value.to_owned())) }
}

pub(crate) fn customer(key: &str, name: &str) -> storage::Object {
    let attributes = [("number", key), ("name", name)];
    storage::Object {
        class: "Customer".to_owned(),
        key: key.to_owned(),
        attributes: attributes.map(|(name, value)| (name.to_owned(), text(value))).into(),
        ..Default::default()
    }
}

#[derive(Clone)]
struct Peer(Arc<World>);

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn user(name: &str) -> Option<identity::User> {
    let (role, extension) = match name {
        "anna" => (identity::Role::Agent, "101"),
        "sofie" => (identity::Role::Supervisor, ""),
        _ => return None,
    };
    Some(identity::User {
        name: name.to_owned(),
        display_name: name.to_uppercase(),
        roles: vec![role.into()],
        extension: extension.to_owned(),
    })
}

impl Peer {
    fn token(&self, name: &str, seconds: u64) -> (String, Option<Timestamp>) {
        let role = if name == "sofie" { Role::Supervisor } else { Role::Agent };
        let exp = now() + seconds;
        let token = self.0.signer.sign(&UserClaims {
            sub: name.to_owned(),
            roles: vec![role],
            sid: "s".to_owned(),
            aud: USER_AUDIENCE.to_owned(),
            iat: now(),
            exp,
        });
        let at = i64::try_from(exp).expect("this century");
        (token, Some(Timestamp { seconds: at, nanos: 0 }))
    }
}

#[tonic::async_trait]
impl Identity for Peer {
    async fn log_in(
        &self,
        request: Request<identity::LogInRequest>,
    ) -> Answer<identity::LogInResponse> {
        let identity::LogInRequest { user: name, password } = request.into_inner();
        let found = user(&name).filter(|_| password == "demo");
        let wrong = || status(Code::Unauthenticated, "CI0101", "wrong name or password");
        let user = Some(found.ok_or_else(wrong)?);
        // Shorter than the front office's margin: every use fetches a fresh one.
        let (token, token_expires_at) = self.token(&name, 20);
        let session_secret = format!("secret of {name}");
        let answer = identity::LogInResponse { token, token_expires_at, session_secret, user };
        Ok(Response::new(answer))
    }

    async fn refresh(
        &self,
        request: Request<identity::RefreshRequest>,
    ) -> Answer<identity::RefreshResponse> {
        let secret = request.into_inner().session_secret;
        let ended = || status(Code::Unauthenticated, "CI0103", "the session has ended");
        let is_out = self.0.told().iter().any(|told| told == "nobody log-out");
        let name = secret.strip_prefix("secret of ").filter(|_| !is_out).ok_or_else(ended)?;
        let (token, token_expires_at) = self.token(name, 600);
        let user = user(name);
        Ok(Response::new(identity::RefreshResponse { token, token_expires_at, user }))
    }

    async fn log_out(
        &self,
        request: Request<identity::LogOutRequest>,
    ) -> Answer<identity::LogOutResponse> {
        self.0.note(&request, "log-out");
        Ok(Response::new(identity::LogOutResponse {}))
    }

    async fn list_keys(
        &self,
        _: Request<identity::ListKeysRequest>,
    ) -> Answer<identity::ListKeysResponse> {
        let key = identity::VerificationKey {
            id: self.0.signer.key_id().to_owned(),
            public_key: self.0.signer.public_key().to_vec(),
        };
        Ok(Response::new(identity::ListKeysResponse { keys: vec![key] }))
    }

    async fn list_agents(
        &self,
        _: Request<identity::ListAgentsRequest>,
    ) -> Answer<identity::ListAgentsResponse> {
        let anna = identity::Agent {
            name: "anna".to_owned(),
            display_name: "Anna de Vries".to_owned(),
            ..Default::default()
        };
        Ok(Response::new(identity::ListAgentsResponse { agents: vec![anna] }))
    }

    async fn get_device_credential(
        &self,
        _: Request<identity::GetDeviceCredentialRequest>,
    ) -> Answer<identity::GetDeviceCredentialResponse> {
        Err(Status::not_found("no phone here"))
    }
}

#[tonic::async_trait]
impl Agents for Peer {
    type WatchStream = Answers<contact::WatchAgentResponse>;

    async fn sign_in(
        &self,
        request: Request<contact::SignInRequest>,
    ) -> Answer<contact::SignInResponse> {
        self.0.note(&request, "signs in");
        Ok(Response::new(contact::SignInResponse {}))
    }

    async fn set_state(
        &self,
        request: Request<contact::SetStateRequest>,
    ) -> Answer<contact::SetStateResponse> {
        let state = request.get_ref().state().as_str_name();
        let what = format!("{state} {}", request.get_ref().reason);
        self.0.note(&request, what);
        Ok(Response::new(contact::SetStateResponse {}))
    }

    async fn sign_out(
        &self,
        request: Request<contact::SignOutRequest>,
    ) -> Answer<contact::SignOutResponse> {
        if self.0.status.borrow().contact.is_some() {
            return Err(status(Code::FailedPrecondition, "CC0104", "a contact is on the desk"));
        }
        self.0.note(&request, "signs out");
        Ok(Response::new(contact::SignOutResponse {}))
    }

    async fn accept(
        &self,
        request: Request<contact::AcceptRequest>,
    ) -> Answer<contact::AcceptResponse> {
        self.0.note(&request, "accepts");
        Ok(Response::new(contact::AcceptResponse {}))
    }

    async fn take_up(
        &self,
        request: Request<contact::TakeUpRequest>,
    ) -> Answer<contact::TakeUpResponse> {
        self.0.note(&request, "takes up");
        Ok(Response::new(contact::TakeUpResponse {}))
    }

    async fn decline(
        &self,
        request: Request<contact::DeclineRequest>,
    ) -> Answer<contact::DeclineResponse> {
        self.0.note(&request, "declines");
        Ok(Response::new(contact::DeclineResponse {}))
    }

    async fn hang_up(
        &self,
        request: Request<contact::HangUpRequest>,
    ) -> Answer<contact::HangUpResponse> {
        self.0.note(&request, "hangs up");
        Ok(Response::new(contact::HangUpResponse {}))
    }

    async fn hold(&self, request: Request<contact::HoldRequest>) -> Answer<contact::HoldResponse> {
        self.0.note(&request, "holds");
        Ok(Response::new(contact::HoldResponse {}))
    }

    async fn retrieve(
        &self,
        request: Request<contact::RetrieveRequest>,
    ) -> Answer<contact::RetrieveResponse> {
        self.0.note(&request, "retrieves");
        Ok(Response::new(contact::RetrieveResponse {}))
    }

    async fn list_destinations(
        &self,
        _: Request<contact::ListDestinationsRequest>,
    ) -> Answer<contact::ListDestinationsResponse> {
        let moving = contact::QueueDestination { id: "moving".to_owned(), ..Default::default() };
        let grid = contact::OutsideDestination { id: "grid".to_owned(), ..Default::default() };
        let (queues, agents, outside) = (vec![moving], Vec::new(), vec![grid]);
        Ok(Response::new(contact::ListDestinationsResponse { queues, agents, outside }))
    }

    async fn transfer(
        &self,
        request: Request<contact::TransferRequest>,
    ) -> Answer<contact::TransferResponse> {
        let contact::TransferRequest { to, note, .. } = request.get_ref();
        self.0.note(&request, format!("transfers to {to:?}: {note}"));
        Ok(Response::new(contact::TransferResponse {}))
    }

    async fn dial(&self, request: Request<contact::DialRequest>) -> Answer<contact::DialResponse> {
        let contact::DialRequest { number, purpose } = request.get_ref();
        self.0.note(&request, format!("calls {number} about {purpose}"));
        Ok(Response::new(contact::DialResponse { contact_id: String::new() }))
    }

    async fn call_back(
        &self,
        request: Request<contact::CallBackRequest>,
    ) -> Answer<contact::CallBackResponse> {
        let what = format!("calls back {}", request.get_ref().contact_id);
        self.0.note(&request, what);
        Ok(Response::new(contact::CallBackResponse { contact_id: String::new() }))
    }

    async fn consult(
        &self,
        request: Request<contact::ConsultRequest>,
    ) -> Answer<contact::ConsultResponse> {
        use contact::consult_request::Asked;
        let contact::ConsultRequest { asked, note, script_session, .. } = request.get_ref();
        let missing = || Status::invalid_argument("whom?");
        let (Asked::Colleague(whom) | Asked::Outside(whom)) = asked.as_ref().ok_or_else(missing)?;
        self.0.note(&request, format!("asks {whom} with {script_session}: {note}"));
        Ok(Response::new(contact::ConsultResponse {}))
    }

    async fn complete_consultation(
        &self,
        request: Request<contact::CompleteConsultationRequest>,
    ) -> Answer<contact::CompleteConsultationResponse> {
        self.0.note(&request, "completes");
        Ok(Response::new(contact::CompleteConsultationResponse {}))
    }

    async fn confer(
        &self,
        request: Request<contact::ConferRequest>,
    ) -> Answer<contact::ConferResponse> {
        self.0.note(&request, "confers");
        Ok(Response::new(contact::ConferResponse {}))
    }

    async fn end_consultation(
        &self,
        request: Request<contact::EndConsultationRequest>,
    ) -> Answer<contact::EndConsultationResponse> {
        self.0.note(&request, "ends the consultation");
        Ok(Response::new(contact::EndConsultationResponse {}))
    }

    async fn dispose(
        &self,
        request: Request<contact::DisposeRequest>,
    ) -> Answer<contact::DisposeResponse> {
        let contact::DisposeRequest { disposition, note, .. } = request.get_ref();
        self.0.note(&request, format!("disposes {disposition}: {note}"));
        Ok(Response::new(contact::DisposeResponse {}))
    }

    async fn watch(&self, _: Request<contact::WatchAgentRequest>) -> Answer<Self::WatchStream> {
        let answers = WatchStream::new(self.0.status.subscribe())
            .map(|status| Ok(contact::WatchAgentResponse { status: Some(status) }));
        Ok(Response::new(Box::pin(answers)))
    }
}

#[tonic::async_trait]
impl Contacts for Peer {
    type WatchEventsStream = Answers<contact::WatchEventsResponse>;

    async fn watch_events(
        &self,
        _: Request<contact::WatchEventsRequest>,
    ) -> Answer<Self::WatchEventsStream> {
        Err(Status::unimplemented("not asked for by the front office"))
    }

    async fn list_abandoned(
        &self,
        _: Request<contact::ListAbandonedRequest>,
    ) -> Answer<contact::ListAbandonedResponse> {
        let gone = contact::Abandoned { contact_id: "c7".to_owned(), ..Default::default() };
        Ok(Response::new(contact::ListAbandonedResponse { entries: vec![gone] }))
    }

    type ExportStream = Answers<contact::ExportResponse>;

    async fn export(&self, _: Request<contact::ExportRequest>) -> Answer<Self::ExportStream> {
        Err(Status::unimplemented("not asked for by the front office"))
    }

    async fn list(
        &self,
        _: Request<contact::ListContactsRequest>,
    ) -> Answer<contact::ListContactsResponse> {
        let contacts = lock(&self.0.contacts).clone();
        Ok(Response::new(contact::ListContactsResponse { contacts }))
    }

    async fn get(
        &self,
        request: Request<contact::GetContactRequest>,
    ) -> Answer<contact::GetContactResponse> {
        let contact_id = request.into_inner().contact_id;
        let customer_key = lock(&self.0.identified).get(&contact_id).cloned().unwrap_or_default();
        let current = self.0.status.borrow().contact.clone().unwrap_or_default();
        let contact = contact::Contact {
            contact_id,
            customer_key,
            calling_number: current.calling_number,
            ..Default::default()
        };
        Ok(Response::new(contact::GetContactResponse { contact: Some(contact) }))
    }

    async fn identify(
        &self,
        request: Request<contact::IdentifyRequest>,
    ) -> Answer<contact::IdentifyResponse> {
        let contact::IdentifyRequest { contact_id, customer_key } = request.get_ref().clone();
        self.0.note(&request, format!("identifies {contact_id} as {customer_key}"));
        lock(&self.0.identified).insert(contact_id, customer_key);
        Ok(Response::new(contact::IdentifyResponse {}))
    }
}

#[tonic::async_trait]
impl Demo for Peer {
    type CallStream = Answers<demo::CallResponse>;
    type PhoneStream = Answers<demo::PhoneResponse>;

    /// Says what it was told, and gives sound back.
    async fn call(
        &self,
        request: Request<Streaming<demo::CallRequest>>,
    ) -> Answer<Self::CallStream> {
        use demo::{call_request::Message as Told, call_response::Message};
        let answers = request.into_inner().filter_map(async |told| {
            let message = match told.ok()?.message? {
                Told::Audio(sound) => Message::Audio(sound),
                Told::Place(place) => talking(&place.called_number),
                Told::Key(key) => talking(&key),
                Told::HangUp(_) => Message::State(demo::CallState {
                    phase: demo::Phase::Ended.into(),
                    cause: "hung up".to_owned(),
                }),
            };
            Some(Ok(demo::CallResponse { message: Some(message) }))
        });
        Ok(Response::new(Box::pin(answers)))
    }

    /// Says at which extension it was registered.
    async fn phone(
        &self,
        request: Request<Streaming<demo::PhoneRequest>>,
    ) -> Answer<Self::PhoneStream> {
        use demo::{phone_request::Message as Told, phone_response::Message};
        let answers = request.into_inner().filter_map(async |told| {
            let Told::Register(register) = told.ok()?.message? else { return None };
            let phase = demo::Phase::Idle.into();
            let state = demo::CallState { phase, cause: register.extension };
            Some(Ok(demo::PhoneResponse { message: Some(Message::State(state)) }))
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

fn talking(cause: &str) -> demo::call_response::Message {
    let phase = demo::Phase::Talking.into();
    demo::call_response::Message::State(demo::CallState { phase, cause: cause.to_owned() })
}

/// Starts a service manager with the example application, and all peers.
pub(crate) async fn start(data: &Path) -> (String, Arc<World>, Vec<Component>) {
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.join("manager"),
        is_development: true,
        release: Some(Release::new(example())),
    };
    let manager = ServiceManager::bind(options).await.expect("the manager starts");
    let address = manager.address();
    tokio::spawn(manager.serve(CancellationToken::new()));
    let world = Arc::new(World::new());
    let peer = || Peer(Arc::clone(&world));
    let route = |name, interfaces: &[&'static str], routes| {
        join(address.clone(), name, interfaces.to_vec(), routes)
    };
    let none = Routes::default;
    let components = tokio::join!(
        route(
            names::IDENTITY,
            &["caruso.identity.v1.Identity"],
            none().add_service(IdentityServer::new(peer())),
        ),
        route(
            names::COMMUNICATION_SERVER,
            &[
                "caruso.contact.v1.Agents",
                "caruso.contact.v1.Contacts",
                "caruso.contact.v1.Recordings",
            ],
            none()
                .add_service(AgentsServer::new(peer()))
                .add_service(ContactsServer::new(peer()))
                .add_service(RecordingsServer::new(peer())),
        ),
        route(
            names::STORAGE_MANAGER,
            &["caruso.storage.v1.StorageManager"],
            none().add_service(StorageManagerServer::new(peer())),
        ),
        route(
            names::SCRIPT_ENGINE,
            &["caruso.script.v1.ScriptEngine"],
            none().add_service(ScriptEngineServer::new(peer())),
        ),
        route(
            names::MONITOR,
            &["caruso.monitor.v1.Monitor"],
            none().add_service(MonitorServer::new(peer())),
        ),
        route(names::DEMO, &["caruso.demo.v1.Demo"], none().add_service(DemoServer::new(peer())),),
    );
    let (a, b, c, d, e, f) = components;
    (address, world, vec![a, b, c, d, e, f])
}

async fn join(
    manager: String,
    name: &'static str,
    interfaces: Vec<&'static str>,
    routes: Routes,
) -> Component {
    let joined = Component::join(Options::new(manager), name, CancellationToken::new()).await;
    let component = joined.expect("joined");
    let serving = component.clone();
    tokio::spawn(async move {
        serving.serve(routes, interfaces.into_iter().map(Offered::interface)).await
    });
    component
}

/// The files of the example application.
fn example() -> BTreeMap<String, bytes::Bytes> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    let (mut files, mut open) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("below the root");
                let content = std::fs::read(&path).expect("a file");
                files.insert(name.to_string_lossy().into_owned(), content.into());
            }
        }
    }
    files
}
