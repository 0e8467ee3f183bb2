//! A storage manager, a wrapper and a communication server of their own kind: they implement the
//! contracts, in memory, and can be down, silent, or lose their answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caruso_api::contact::v1::ReportRequest;
use caruso_api::contact::v1::conversations_server::ConversationsServer;
use caruso_api::storage::v1 as storage;
use caruso_api::wrapper::v1 as wrapper;
use caruso_component::{Release, status};
use caruso_dialogue::View;
use caruso_journal::Retry;
use caruso_script_engine::{By, Editions, Engine, Peers, Settings};
use storage::storage_manager_server::{StorageManager, StorageManagerServer};
use storage::value::Kind;
use tokio::sync::watch;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;
use wrapper::actions_server::{Actions, ActionsServer};

/// How a peer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it should.
    Up,
    /// It cannot be reached.
    Down,
    /// It answers only after the mode changed.
    Silent,
    /// It does what it is asked, and the answer is lost.
    LosesAnswers,
    /// It refuses for good.
    Refuses,
}

/// What the peers know; the same for all clones.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) storage: watch::Sender<Mode>,
    pub(crate) erp: watch::Sender<Mode>,
    pub(crate) contacts: watch::Sender<Mode>,
    /// Objects of the database.
    pub(crate) objects: Arc<Mutex<Vec<storage::Object>>>,
    /// Results by idempotency key.
    applied: Arc<Mutex<BTreeMap<String, storage::ApplyResponse>>>,
    pub(crate) orders: Arc<Mutex<BTreeMap<String, wrapper::InvokeRequest>>>,
    /// Where conversations stand, as told; repeats included.
    pub(crate) reports: Arc<Mutex<Vec<ReportRequest>>>,
    /// Calls that changed something, repeats included.
    pub(crate) attempts: Arc<Mutex<Vec<String>>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(text: &str) -> storage::Value {
    storage::Value { kind: Some(Kind::Text(text.to_owned())) }
}

fn object(class: &str, key: &str, values: &[(&str, Kind)]) -> storage::Object {
    let values = values
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), storage::Value { kind: Some(kind.clone()) }));
    storage::Object {
        class: class.to_owned(),
        key: key.to_owned(),
        revision: "1".to_owned(),
        attributes: values.collect(),
        ..Default::default()
    }
}

impl Default for World {
    /// Jansen has gas, Smit has not.
    fn default() -> Self {
        let (text, choice) = (|it: &str| Kind::Text(it.into()), |it: &str| Kind::Choice(it.into()));
        let customer = |number: &str, name: &str, phone: &str| {
            let segment = choice("household");
            let values = [("number", text(number)), ("name", text(name)), ("segment", segment)];
            let mut customer = object("Customer", number, &values);
            customer.attributes.insert("phone".into(), self::text(phone));
            customer
        };
        let connection = |ean: &str, medium: &str, customer: &str| {
            let customer = Kind::Reference(customer.to_owned());
            let values = [("ean", text(ean)), ("medium", choice(medium)), ("customer", customer)];
            object("Connection", ean, &values)
        };
        let objects = vec![
            customer("K-1", "Jansen", "+31612345678"),
            customer("K-2", "Smit", "+31687654321"),
            connection("871", "electricity", "K-1"),
            connection("872", "gas", "K-1"),
            connection("873", "electricity", "K-2"),
        ];
        Self {
            storage: watch::Sender::new(Mode::Up),
            erp: watch::Sender::new(Mode::Up),
            contacts: watch::Sender::new(Mode::Up),
            objects: Arc::new(Mutex::new(objects)),
            applied: Arc::default(),
            orders: Arc::default(),
            reports: Arc::default(),
            attempts: Arc::default(),
        }
    }
}

/// Waits out silence; `true` when the answer is to be lost.
pub(crate) async fn pass(mode: &watch::Sender<Mode>) -> Result<bool, Status> {
    let mut mode = mode.subscribe();
    let spoken = mode.wait_for(|mode| *mode != Mode::Silent).await;
    let mode = *spoken.map_err(|_| Status::unavailable("the test is over"))?;
    match mode {
        Mode::Up | Mode::Silent => Ok(false),
        Mode::LosesAnswers => Ok(true),
        Mode::Down => Err(Status::unavailable("down")),
        Mode::Refuses => {
            Err(status(Code::FailedPrecondition, "CW0102", "no orders for this customer"))
        }
    }
}

impl World {
    pub(crate) fn peers(&self) -> Peers {
        let storage = Peers::peer(StorageManagerServer::new(self.clone()));
        let world = self.clone();
        Peers::new(storage, move |name| {
            assert_eq!(name, "erp");
            Peers::peer(ActionsServer::new(world.clone()))
        })
        .with_contacts(Peers::peer(ConversationsServer::new(self.clone())))
    }

    pub(crate) fn created(&self, class: &str) -> Vec<storage::Object> {
        lock(&self.objects).iter().filter(|it| it.class == class).cloned().collect()
    }

    fn find(&self, is_it: impl Fn(&storage::Object) -> bool) -> Vec<storage::Object> {
        lock(&self.objects).iter().filter(|it| is_it(it)).cloned().collect()
    }

    /// The object as it was, which must be as it was made.
    fn deleted(&self, delete: &storage::Delete) -> Option<storage::Object> {
        let mut objects = lock(&self.objects);
        let is_it = |it: &storage::Object| {
            (&it.class, &it.key, &it.revision) == (&delete.class, &delete.key, &delete.revision)
        };
        let at = objects.iter().position(is_it)?;
        Some(objects.remove(at))
    }

    fn apply_once(&self, request: storage::ApplyRequest) -> storage::ApplyResponse {
        if let Some(first) = lock(&self.applied).get(&request.idempotency_key) {
            return storage::ApplyResponse { is_repeat: true, ..first.clone() };
        }
        let mut response = storage::ApplyResponse::default();
        for operation in request.operations {
            let create = match operation.operation {
                Some(storage::operation::Operation::Create(create)) => create,
                Some(storage::operation::Operation::Delete(delete)) => {
                    response.objects.extend(self.deleted(&delete));
                    continue;
                }
                _ => panic!("scripts change nothing"),
            };
            let number = self.created(&create.class).len() + 1;
            let mut new = object(&create.class, &number.to_string(), &[]);
            new.attributes = create.attributes;
            lock(&self.objects).push(new.clone());
            response.objects.push(new);
        }
        lock(&self.applied).insert(request.idempotency_key, response.clone());
        response
    }
}

#[tonic::async_trait]
impl StorageManager for World {
    async fn describe(
        &self,
        _: Request<storage::DescribeRequest>,
    ) -> Result<Response<storage::DescribeResponse>, Status> {
        Err(Status::unimplemented("the engine knows the model from its release"))
    }

    async fn get(
        &self,
        request: Request<storage::GetRequest>,
    ) -> Result<Response<storage::GetResponse>, Status> {
        pass(&self.storage).await?;
        let request = request.into_inner();
        let mut found = self.find(|it| it.class == request.class && it.key == request.key);
        let missing = || status(Code::NotFound, "CS0101", "there is no such object");
        let object = Some(found.pop().ok_or_else(missing)?);
        Ok(Response::new(storage::GetResponse { object }))
    }

    async fn query(
        &self,
        request: Request<storage::QueryRequest>,
    ) -> Result<Response<storage::QueryResponse>, Status> {
        pass(&self.storage).await?;
        let request = request.into_inner();
        let storage::Link { path, key } =
            request.link.expect("objects of a customer are asked for");
        assert_eq!(path, "customer");
        let reference = Some(Kind::Reference(key));
        let leads_there = |it: &storage::Object| {
            it.attributes.get("customer").is_some_and(|value| value.kind == reference)
        };
        let objects = self.find(|it| it.class == request.class && leads_there(it));
        Ok(Response::new(storage::QueryResponse { objects, ..Default::default() }))
    }

    async fn find_by_number(
        &self,
        request: Request<storage::FindByNumberRequest>,
    ) -> Result<Response<storage::FindByNumberResponse>, Status> {
        pass(&self.storage).await?;
        let digits = request.into_inner().number;
        let Some(rest) = digits.strip_prefix('0') else {
            return Err(status(Code::InvalidArgument, "CS0105", "no telephone number"));
        };
        let normalized = format!("+31{rest}");
        let objects = self.find(|it| it.attributes.get("phone") == Some(&text(&normalized)));
        Ok(Response::new(storage::FindByNumberResponse { normalized, objects }))
    }

    async fn apply(
        &self,
        request: Request<storage::ApplyRequest>,
    ) -> Result<Response<storage::ApplyResponse>, Status> {
        let request = request.into_inner();
        lock(&self.attempts).push(request.idempotency_key.clone());
        let is_lost = pass(&self.storage).await?;
        let response = self.apply_once(request);
        if is_lost { Err(Status::unavailable("lost")) } else { Ok(Response::new(response)) }
    }

    async fn get_many(
        &self,
        _: Request<storage::GetManyRequest>,
    ) -> Result<Response<storage::GetManyResponse>, Status> {
        not_asked()
    }

    type StreamStream = Nothing<storage::StreamResponse>;

    async fn stream(
        &self,
        _: Request<storage::StreamRequest>,
    ) -> Result<Response<Self::StreamStream>, Status> {
        not_asked()
    }

    async fn aggregate(
        &self,
        _: Request<storage::AggregateRequest>,
    ) -> Result<Response<storage::AggregateResponse>, Status> {
        not_asked()
    }

    async fn fetch(
        &self,
        _: Request<storage::FetchRequest>,
    ) -> Result<Response<storage::FetchResponse>, Status> {
        not_asked()
    }

    async fn validate(
        &self,
        _: Request<storage::ValidateRequest>,
    ) -> Result<Response<storage::ValidateResponse>, Status> {
        not_asked()
    }

    async fn history(
        &self,
        _: Request<storage::HistoryRequest>,
    ) -> Result<Response<storage::HistoryResponse>, Status> {
        not_asked()
    }

    type WatchStream = Nothing<storage::WatchResponse>;

    async fn watch(
        &self,
        _: Request<storage::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        not_asked()
    }
}

type Nothing<T> = futures::stream::Empty<Result<T, Status>>;

fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("not asked for by the engine"))
}

#[tonic::async_trait]
impl Actions for World {
    async fn describe(
        &self,
        _: Request<wrapper::DescribeRequest>,
    ) -> Result<Response<wrapper::DescribeResponse>, Status> {
        Err(Status::unimplemented("the engine knows the operations from its release"))
    }

    async fn invoke(
        &self,
        request: Request<wrapper::InvokeRequest>,
    ) -> Result<Response<wrapper::InvokeResponse>, Status> {
        let request = request.into_inner();
        lock(&self.attempts).push(request.idempotency_key.clone());
        let is_lost = pass(&self.erp).await?;
        let mut orders = lock(&self.orders);
        orders.entry(request.idempotency_key.clone()).or_insert(request);
        let number = format!("SO-{}", orders.len());
        if is_lost {
            return Err(Status::unavailable("lost"));
        }
        let summary = format!("The ERP has service order {number}.");
        let results = BTreeMap::from([("order".to_owned(), text(&number))]);
        Ok(Response::new(wrapper::InvokeResponse { results, summary }))
    }
}

/// The small application beside this file, with one text replaced.
pub(crate) fn release(from: &str, to: &str) -> Release {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/application");
    let mut files = BTreeMap::new();
    for below in ["", "objects/", "scripts/", "prompts/"] {
        for entry in std::fs::read_dir(root.join(below)).expect("a folder") {
            let path = entry.expect("a file").path();
            if let (true, Some(name)) = (path.is_file(), path.file_name()) {
                let content = std::fs::read(&path).expect("readable");
                let content = match String::from_utf8(content) {
                    Ok(text) => text.replace(from, to).into_bytes(),
                    Err(other) => other.into_bytes(),
                };
                files.insert(format!("{below}{}", name.to_string_lossy()), content.into());
            }
        }
    }
    Release::new(files)
}

/// Quick to try again, quick to go on without data.
pub(crate) fn settings() -> Settings {
    let (first, longest) = (Duration::from_millis(5), Duration::from_millis(50));
    Settings {
        read_within: Duration::from_millis(100),
        retry: Retry { first, longest, attempts: 2000 },
        ..Settings::default()
    }
}

/// An engine on the small application. The file may be held for a moment by one that was killed.
pub(crate) async fn open(folder: &Path, world: &World, settings: Settings) -> Engine {
    let until = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        let editions = Editions::open(folder.join("editions"));
        let opened = Engine::open(folder, editions, world.peers(), settings.clone()).await;
        match opened {
            Ok(engine) => {
                engine.editions().adopt(&release("", "")).expect("a sound application");
                return engine;
            }
            Err(error) if tokio::time::Instant::now() < until => {
                assert!(error.to_string().contains("in use"), "{error}");
                tokio::task::yield_now().await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) fn id(view: &View) -> Uuid {
    view.session.parse().expect("an id")
}

/// The first view of a session that is as wanted.
pub(crate) async fn until(
    engine: &Engine,
    session: Uuid,
    is_wanted: impl Fn(&View) -> bool,
) -> Arc<View> {
    let by = By::component("communication-server");
    let mut watched = engine.watch(session, by).await.expect("the session is there");
    let waiting = async {
        loop {
            let view = watched.next().await.expect("the engine runs");
            if is_wanted(&view) {
                return view;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it comes to that")
}
