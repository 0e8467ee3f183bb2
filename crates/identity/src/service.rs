//! Identity as a gRPC service.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caruso_api::identity::v1 as proto;
use caruso_component::token::{TokenSigner, USER_AUDIENCE, UserClaims, hex, now_seconds};
use caruso_component::{Component, Offered, Role, status};
use proto::identity_server::{Identity, IdentityServer};
use proto::people_server::PeopleServer;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

use crate::people::{People, Person, file, load, save};
use crate::sessions::{Session, Sessions};
use crate::throttle::Throttle;
use crate::users::Refusal;
use crate::{Demo, Error, password};

/// The interface this component offers.
const INTERFACE: &str = "caruso.identity.v1.Identity";
/// The same for administrators.
const PEOPLE: &str = "caruso.identity.v1.People";
/// Life of a user token in seconds; the browser refreshes it in good time.
const TOKEN_LIFE: u64 = 15 * 60;
/// Passwords checked at the same time: each takes 64 MiB.
const CHECKS: usize = 2;

/// What identity must be told to start.
#[derive(Debug)]
pub struct Options {
    /// As for every component; the data folder is needed.
    pub component: caruso_component::Options,
    /// People to take in while there is nobody yet.
    pub demo: Option<Demo>,
}

/// Runs identity until `shutdown`, or until it is drained.
///
/// # Errors
/// As [`Error`] says.
pub async fn run(options: Options, shutdown: CancellationToken) -> Result<(), Error> {
    let data = options.component.data.clone().ok_or(Error::NoData)?;
    let demo = options.demo;
    let opening = tokio::task::spawn_blocking(move || Service::open(data, demo.as_ref()));
    let service = opening.await.map_err(|error| Error::Hash(error.to_string()))??;
    let component = Component::join(options.component, "identity", shutdown).await?;
    let service = Arc::new(service);
    let routes = Routes::default()
        .add_service(IdentityServer::from_arc(Arc::clone(&service)))
        .add_service(PeopleServer::from_arc(service));
    Ok(component.serve(routes, [INTERFACE, PEOPLE].map(Offered::interface)).await?)
}

pub(crate) struct Service {
    people: Mutex<People>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    signer: TokenSigner,
    /// A hash no password has, for names nobody has.
    nobody: String,
    checks: Arc<Semaphore>,
    started: Instant,
    sessions_file: PathBuf,
    people_file: PathBuf,
}

impl Service {
    fn open(data: PathBuf, demo: Option<&Demo>) -> Result<Self, Error> {
        let signer = TokenSigner::load_or_create(&data.join("user-key"))?;
        let sessions_file = data.join("sessions.json");
        Ok(Self {
            people: Mutex::new(People::load(&data, demo)?),
            changing: tokio::sync::Mutex::default(),
            sessions: Mutex::new(load(&sessions_file)?.unwrap_or_default()),
            throttle: Mutex::default(),
            signer,
            nobody: password::of_nobody()?,
            checks: Arc::new(Semaphore::new(CHECKS)),
            started: Instant::now(),
            sessions_file,
            people_file: file(&data),
        })
    }

    /// Whether name and password fit; guesses are slowed down.
    async fn check(&self, name: &str, given: String) -> Result<Person, Status> {
        let wrong = || status(Code::Unauthenticated, "CI0101", "wrong name or password");
        if given.len() > password::LONGEST || name.len() > password::LONGEST {
            return Err(wrong());
        }
        {
            let mut throttle = lock(&self.throttle);
            let wait = throttle.wait(name, self.started.elapsed());
            if !wait.is_zero() {
                let seconds = wait.as_secs() + 1;
                let text = format!("too many failed attempts; try again in {seconds} s");
                return Err(status(Code::ResourceExhausted, "CI0102", text));
            }
            throttle.failed(name, self.started.elapsed());
        }
        let hash = self.people().password_of(name, &self.nobody);
        let is_right = self.work(move || password::is_right(&given, &hash)).await?;
        match self.person(name) {
            Some(person) if is_right => {
                lock(&self.throttle).succeeded(name);
                Ok(person)
            }
            _ => Err(wrong()),
        }
    }

    /// Work with a password, of which few are done at a time: each takes its memory.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Status> {
        let permit = Arc::clone(&self.checks).acquire_owned().await;
        let permit = permit.map_err(|_| Status::unavailable("identity is stopping"))?;
        let working = tokio::task::spawn_blocking(move || {
            let _one_of_few = permit;
            work()
        });
        working.await.map_err(|error| Status::internal(error.to_string()))
    }

    pub(crate) fn people(&self) -> MutexGuard<'_, People> {
        lock(&self.people)
    }

    fn person(&self, name: &str) -> Option<Person> {
        self.people().person(name).cloned()
    }

    /// Changes the people: on disk first, then for everybody who asks.
    pub(crate) async fn change<T>(
        &self,
        change: impl FnOnce(&mut People) -> Result<T, Refusal>,
    ) -> Result<T, Status> {
        let _alone = self.changing.lock().await;
        let mut people = self.people().clone();
        let done = change(&mut people).map_err(refused)?;
        let (file, written) = (self.people_file.clone(), people.clone());
        let writing = tokio::task::spawn_blocking(move || save(&file, &written)).await;
        let written = writing.map_err(|error| Status::internal(error.to_string()))?;
        written.map_err(|error| Status::internal(error.to_string()))?;
        *self.people() = people;
        Ok(done)
    }

    /// Ends all log-in sessions of a user.
    pub(crate) async fn end_sessions(&self, user: &str) {
        let had_some = lock(&self.sessions).close_all(user);
        if had_some {
            self.save_sessions().await;
        }
    }

    /// A token for the rest of its life, or of the session's where that is shorter.
    fn token(&self, session: &Session, person: &Person) -> (String, prost_types::Timestamp) {
        let now = now_seconds();
        let exp = (now + TOKEN_LIFE).min(session.ends_at());
        let token = self.signer.sign(&UserClaims {
            sub: session.user.clone(),
            roles: person.roles.clone(),
            sid: session.id.clone(),
            aud: USER_AUDIENCE.to_owned(),
            iat: now,
            exp,
        });
        let seconds = i64::try_from(exp).unwrap_or(i64::MAX);
        (token, prost_types::Timestamp { seconds, nanos: 0 })
    }

    /// A session that is not on disk is lost at a restart, which costs a log-in.
    async fn save_sessions(&self) {
        let sessions = lock(&self.sessions).clone();
        let file = self.sessions_file.clone();
        let saving = tokio::task::spawn_blocking(move || save(&file, &sessions));
        if let Ok(Err(error)) = saving.await {
            tracing::error!(%error, "log-in sessions cannot be written");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn refused(refusal: Refusal) -> Status {
    match refusal {
        Refusal::Taken(text) => status(Code::AlreadyExists, "CI0105", text),
        Refusal::Wrong(text) => status(Code::InvalidArgument, "CI0106", text),
        Refusal::Unknown(text) => status(Code::NotFound, "CI0107", text),
    }
}

/// The roles of a user, for the wire.
pub(crate) fn roles(person: &Person) -> Vec<i32> {
    let roles = person.roles.iter().map(|role| match role {
        Role::Agent => proto::Role::Agent,
        Role::Supervisor => proto::Role::Supervisor,
        Role::Administrator => proto::Role::Administrator,
    });
    roles.map(i32::from).collect()
}

fn user(name: &str, person: &Person) -> proto::User {
    proto::User {
        name: name.to_owned(),
        display_name: person.display_name.clone(),
        roles: roles(person),
        extension: person.extension.clone(),
    }
}

#[tonic::async_trait]
impl Identity for Service {
    async fn log_in(
        &self,
        request: Request<proto::LogInRequest>,
    ) -> Result<Response<proto::LogInResponse>, Status> {
        let proto::LogInRequest { user: name, password } = request.into_inner();
        let person = self.check(&name, password).await?;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| Status::internal(error.to_string()))?;
        let session_secret = hex(&bytes);
        let id = uuid::Uuid::now_v7().to_string();
        let session = lock(&self.sessions).open(now_seconds(), &name, id, &session_secret);
        self.save_sessions().await;
        let (token, expires_at) = self.token(&session, &person);
        tracing::info!(session.id = session.id, "log-in");
        Ok(Response::new(proto::LogInResponse {
            token,
            token_expires_at: Some(expires_at),
            session_secret,
            user: Some(user(&name, &person)),
        }))
    }

    async fn refresh(
        &self,
        request: Request<proto::RefreshRequest>,
    ) -> Result<Response<proto::RefreshResponse>, Status> {
        let over = || status(Code::Unauthenticated, "CI0103", "the log-in session has ended");
        let secret = &request.get_ref().session_secret;
        let seen = lock(&self.sessions).see(now_seconds(), secret);
        let (session, is_worth_writing) = seen.ok_or_else(over)?;
        let person = self.person(&session.user).ok_or_else(over)?;
        if is_worth_writing {
            self.save_sessions().await;
        }
        let (token, expires_at) = self.token(&session, &person);
        Ok(Response::new(proto::RefreshResponse {
            token,
            token_expires_at: Some(expires_at),
            user: Some(user(&session.user, &person)),
        }))
    }

    async fn log_out(
        &self,
        request: Request<proto::LogOutRequest>,
    ) -> Result<Response<proto::LogOutResponse>, Status> {
        let was_open = lock(&self.sessions).close(&request.get_ref().session_secret);
        if was_open {
            self.save_sessions().await;
        }
        Ok(Response::new(proto::LogOutResponse {}))
    }

    async fn list_keys(
        &self,
        _: Request<proto::ListKeysRequest>,
    ) -> Result<Response<proto::ListKeysResponse>, Status> {
        let key = proto::VerificationKey {
            id: self.signer.key_id().to_owned(),
            public_key: self.signer.public_key().to_vec(),
        };
        Ok(Response::new(proto::ListKeysResponse { keys: vec![key] }))
    }

    async fn list_agents(
        &self,
        _: Request<proto::ListAgentsRequest>,
    ) -> Result<Response<proto::ListAgentsResponse>, Status> {
        let people = self.people();
        let agents = people.agents().map(|(name, person)| proto::Agent {
            name: name.clone(),
            display_name: person.display_name.clone(),
            extension: person.extension.clone(),
            team: person.team.clone(),
            only_supervises: !person.roles.contains(&Role::Agent),
            skills: person
                .skills
                .iter()
                .map(|(name, level)| (name.clone(), u32::from(*level)))
                .collect(),
        });
        Ok(Response::new(proto::ListAgentsResponse { agents: agents.collect() }))
    }

    async fn get_device_credential(
        &self,
        request: Request<proto::GetDeviceCredentialRequest>,
    ) -> Result<Response<proto::GetDeviceCredentialResponse>, Status> {
        let unknown = || status(Code::NotFound, "CI0104", "there is no such extension");
        let secret = self.people().device_secret(&request.get_ref().extension).map(str::to_owned);
        let secret = secret.ok_or_else(unknown)?;
        Ok(Response::new(proto::GetDeviceCredentialResponse { secret }))
    }
}
