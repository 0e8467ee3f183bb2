//! The storage manager among real components, with the release of the example application.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use caruso_api::storage::v1 as proto;
use caruso_component::permissions::names::{FRONT_OFFICE, SCRIPT_ENGINE};
use caruso_component::{Component, InterfaceChannel, Options, Release, code_of};
use caruso_service_manager::ServiceManager;
use caruso_storage_manager::{Address, DatabaseOptions, Installation};
use proto::storage_manager_client::StorageManagerClient;
use proto::value::Kind;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

const STORAGE: &str = "caruso.storage.v1.StorageManager";

/// Stops everything that a test has started.
struct World {
    address: String,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

/// All files of the example application, by path.
fn example() -> BTreeMap<String, Bytes> {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    let mut files = BTreeMap::new();
    add(&root, &root, &mut files);
    files
}

impl World {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().join("manager"),
            is_development: true,
            release: Some(Release::new(example())),
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.child_token()));
        let world = Self { address, stop, folder };
        world.storage_manager();
        world
    }

    fn storage_manager(&self) {
        let file = self.folder.path().join("utilities.sqlite");
        let database = DatabaseOptions { address: Address::of_file(&file), is_owned: true };
        let data = self.folder.path().join("storage-manager");
        let options = caruso_storage_manager::Options {
            component: Options::new(&self.address).with_data(&data),
            installation: Installation {
                databases: BTreeMap::from([("utilities".to_owned(), database)]),
                data,
                has_demo_data: true,
            },
        };
        tokio::spawn(caruso_storage_manager::run(options, self.stop.child_token()));
    }

    /// The wrapper of the example, until it is cancelled.
    fn billing(&self) -> CancellationToken {
        let data = self.folder.path().join("billing");
        let options = Options::new(&self.address).with_data(&data);
        let leave = self.stop.child_token();
        let of = caruso_legacy_wrappers::Installation::default();
        tokio::spawn(caruso_legacy_wrappers::run(options, "billing", of, leave.clone()));
        leave
    }

    async fn client(&self, name: &str) -> (Component, StorageManagerClient<InterfaceChannel>) {
        let options = Options::new(&self.address).with_data(self.folder.path().join(name));
        let component = Component::join(options, name, self.stop.child_token()).await;
        let component = component.expect("joined");
        let handle = component.directory().handle(STORAGE);
        let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
        offered.expect("the storage manager serves");
        let client = StorageManagerClient::new(component.caller(STORAGE));
        (component, client)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn value(kind: Kind) -> proto::Value {
    proto::Value { kind: Some(kind) }
}

fn code(status: &Status) -> (Code, String) {
    (status.code(), code_of(status).unwrap_or_default())
}

fn report(attributes: &[(&str, Kind)]) -> proto::ApplyRequest {
    let attributes =
        attributes.iter().map(|(name, kind)| ((*name).to_owned(), value(kind.clone())));
    let create = proto::Create {
        class: "FaultReport".to_owned(),
        attributes: attributes.collect::<BTreeMap<_, _>>(),
    };
    let operation = proto::operation::Operation::Create(create);
    proto::ApplyRequest {
        idempotency_key: "s1/report".to_owned(),
        operations: vec![proto::Operation { operation: Some(operation) }],
        reason: "script session s1".to_owned(),
        contact_id: "c1".to_owned(),
    }
}

fn kind<'a>(object: &'a proto::Object, name: &str) -> Option<&'a Kind> {
    object.attributes.get(name)?.kind.as_ref()
}

#[tokio::test]
async fn a_caller_is_found_and_a_fault_is_reported_once() {
    let world = World::start().await;
    let (_component, mut client) = world.client(SCRIPT_ENGINE).await;
    let request = proto::FindByNumberRequest { number: "0612345678".to_owned() };
    let found = client.find_by_number(request).await.expect("a number").into_inner();
    assert_eq!(found.normalized, "+31612345678");
    let customer = &found.objects[0];
    assert_eq!(kind(customer, "name"), Some(&Kind::Text("Eva de Vries".to_owned())));
    assert_eq!(kind(customer, "segment"), Some(&Kind::Choice("household".to_owned())));

    let connections = proto::QueryRequest {
        class: "Connection".to_owned(),
        filter: "customer.number == argument.key".to_owned(),
        arguments: BTreeMap::from([(
            "argument.key".to_owned(),
            value(Kind::Text(customer.key.clone())),
        )]),
        ..Default::default()
    };
    let page = client.query(connections).await.expect("sound").into_inner();
    assert_eq!(page.objects.len(), 2);

    let at = prost_types::Timestamp { seconds: 1_790_000_000, nanos: 5_000 };
    let request = report(&[
        ("customer", Kind::Reference(customer.key.clone())),
        ("connection", Kind::Reference(page.objects[0].key.clone())),
        ("kind", Kind::Choice("no_supply".to_owned())),
        ("urgency", Kind::Choice("high".to_owned())),
        ("reported_at", Kind::Instant(at)),
    ]);
    let first = client.apply(request.clone()).await.expect("sound").into_inner();
    assert_eq!(kind(&first.objects[0], "reported_at"), Some(&Kind::Instant(at)));
    let again = client.apply(request).await.expect("a repeat").into_inner();
    assert!(!first.is_repeat && again.is_repeat);
    assert_eq!(first.objects, again.objects);
}

#[tokio::test]
async fn every_class_is_described_with_its_labels() {
    let world = World::start().await;
    let (_component, mut client) = world.client(FRONT_OFFICE).await;
    let described = client.describe(proto::DescribeRequest {}).await.expect("served").into_inner();
    assert!(described.release_digest.starts_with("sha256:"));
    let class = described.classes.iter().find(|class| class.name == "FaultReport");
    let class = class.expect("it is described");
    assert_eq!((class.label.as_str(), class.key.as_str()), ("Fault report", "number"));
    let attribute = |name: &str| class.attributes.iter().find(|it| it.name == name);
    let customer = attribute("customer").expect("it is described");
    assert_eq!((customer.r#type.as_str(), customer.is_required), ("reference", true));
    assert_eq!(customer.target_class, "Customer");
    let urgency = attribute("urgency").expect("it is described");
    assert_eq!((urgency.r#type.as_str(), urgency.values.len()), ("choice", 3));
    assert_eq!(urgency.values[2].label, "Emergency");
}

#[tokio::test]
async fn errors_carry_their_codes() {
    let world = World::start().await;
    let (_component, mut client) = world.client(SCRIPT_ENGINE).await;
    let get = |class: &str| proto::GetRequest { class: class.to_owned(), key: "7".to_owned() };
    let error = client.get(get("Customer")).await.expect_err("nobody has this key");
    assert_eq!(code(&error), (Code::NotFound, "CS0101".to_owned()));
    let error = client.get(get("Custmer")).await.expect_err("no such class");
    assert_eq!(code(&error), (Code::InvalidArgument, "CS0102".to_owned()));
    let query = |filter: &str| proto::QueryRequest {
        class: "Customer".to_owned(),
        filter: filter.to_owned(),
        ..Default::default()
    };
    let error = client.query(query("name = 'x'")).await.expect_err("one sign is missing");
    assert_eq!(code(&error), (Code::InvalidArgument, "CS0104".to_owned()));
    let request = proto::FindByNumberRequest { number: "anonymous".to_owned() };
    let error = client.find_by_number(request).await.expect_err("no number");
    assert_eq!(code(&error), (Code::InvalidArgument, "CS0105".to_owned()));
    let error = client.apply(report(&[])).await.expect_err("nothing is given");
    assert_eq!(code(&error), (Code::InvalidArgument, "CS0107".to_owned()));
    assert!(error.message().contains("FaultReport.customer: a value is required"));
    let update = proto::Update {
        class: "Customer".to_owned(),
        key: "100001".to_owned(),
        revision: "0".to_owned(),
        attributes: BTreeMap::new(),
    };
    let mut request = report(&[]);
    request.operations[0].operation = Some(proto::operation::Operation::Update(update));
    let error = client.apply(request).await.expect_err("it is no longer this one");
    assert_eq!(code(&error), (Code::Aborted, "CS0106".to_owned()));
}

#[tokio::test]
async fn what_a_wrapper_program_holds_is_read_like_all_else() {
    let world = World::start().await;
    let (component, mut client) = world.client(SCRIPT_ENGINE).await;
    let invoices = |filter: &str| proto::QueryRequest {
        class: "Invoice".to_owned(),
        filter: filter.to_owned(),
        link: Some(proto::Link { path: "customer".to_owned(), key: "100001".to_owned() }),
        order: vec![proto::Order { attribute: "issued_on".to_owned(), is_descending: true }],
        wants_count: true,
        ..Default::default()
    };
    // nobody has started it
    let away = client.query(invoices("")).await.expect_err("it is not there");
    assert_eq!(code(&away), (Code::Unavailable, "CS0103".to_owned()));
    assert_eq!(away.message(), "wrapper `billing` does not answer");

    let leave = world.billing();
    let handle = component.directory().handle("caruso.wrapper.v1.Objects");
    let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
    assert_eq!(offered.expect("this test needs python3").component, "billing");
    let page = client.query(invoices("")).await.expect("it answers").into_inner();
    assert_eq!(page.count, Some(3));
    let newest = &page.objects[0];
    assert_eq!(kind(newest, "amount"), Some(&Kind::Money("192.75 EUR".to_owned())));
    assert_eq!(kind(newest, "due_on"), Some(&Kind::Date("2026-09-22".to_owned())));
    assert_eq!(kind(newest, "status"), Some(&Kind::Choice("open".to_owned())));
    assert_eq!(kind(newest, "customer"), Some(&Kind::Reference("100001".to_owned())));
    let to_pay = client.query(invoices("status ne 'paid' and amount lt '190 EUR'")).await;
    let to_pay = to_pay.expect("it answers").into_inner();
    let keys: Vec<&str> = to_pay.objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["F2600118"]);

    let of_business = proto::QueryRequest {
        class: "Invoice".to_owned(),
        filter: "customer.name eq 'Apotheek Lindqvist' and status in ['open', 'reminded']"
            .to_owned(),
        ..Default::default()
    };
    let of_business = client.query(of_business).await.expect("it answers").into_inner();
    let newest = of_business.objects.last().expect("it has not paid");
    assert_eq!(kind(newest, "customer"), Some(&Kind::Reference("100006".to_owned())));
    assert_eq!((kind(newest, "due_on"), newest.unreadable.len()), (None, 0));

    leave.cancel();
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while client.query(invoices("")).await.is_ok() {
        assert!(tokio::time::Instant::now() < until, "it left");
    }
}

#[tokio::test]
async fn what_a_wrapper_program_holds_is_changed_once_and_by_its_rules() {
    let world = World::start().await;
    let (component, mut client) = world.client(SCRIPT_ENGINE).await;
    world.billing();
    let handle = component.directory().handle("caruso.wrapper.v1.Objects");
    let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
    assert_eq!(offered.expect("this test needs python3").component, "billing");
    let get = |key: &str| proto::GetRequest { class: "Invoice".to_owned(), key: key.to_owned() };
    let mut read = client.clone();
    let mut revision = async |key: &str| {
        let object = read.get(get(key)).await.expect("it is there").into_inner().object;
        object.expect("an object").revision
    };
    let put_off = |key: &str, revision: &str, until: &str| {
        let until = value(Kind::Date(until.to_owned()));
        proto::operation::Operation::Update(proto::Update {
            class: "Invoice".to_owned(),
            key: key.to_owned(),
            revision: revision.to_owned(),
            attributes: BTreeMap::from([("due_on".to_owned(), until)]),
        })
    };
    let unit = |key: &str, operations: &[proto::operation::Operation]| {
        let operations = operations.iter().cloned();
        let operations = operations.map(|it| proto::Operation { operation: Some(it) });
        let (idempotency_key, operations) = (key.to_owned(), operations.collect());
        proto::ApplyRequest { idempotency_key, operations, ..Default::default() }
    };
    let (open, paid) = (revision("F2600195").await, revision("F2600101").await);
    let later = put_off("F2600195", &open, "2026-10-22");
    let done = client.apply(unit("k1", std::slice::from_ref(&later))).await.expect("it is open");
    let done = done.into_inner();
    assert_eq!(kind(&done.objects[0], "due_on"), Some(&Kind::Date("2026-10-22".to_owned())));
    let again = client.apply(unit("k1", std::slice::from_ref(&later))).await.expect("a repeat");
    assert!(!done.is_repeat && again.into_inner().is_repeat);
    let now = client.get(get("F2600195")).await.expect("it is there").into_inner().object;
    assert_eq!(now.as_ref(), Some(&done.objects[0]));

    let delete = proto::operation::Operation::Delete(proto::Delete {
        class: "Invoice".to_owned(),
        key: "F2600101".to_owned(),
        revision: paid.clone(),
    });
    let now = revision("F2600195").await;
    let table = [
        (vec![later.clone()], Code::Aborted, "CS0106", "has changed since it was read"),
        (
            vec![put_off("F2600101", &paid, "2026-10-22")],
            Code::FailedPrecondition,
            "CS0119",
            "Invoice F2600101 is paid already.",
        ),
        (
            vec![delete],
            Code::FailedPrecondition,
            "CS0119",
            "Of an invoice, only the day on which it is due can be changed.",
        ),
        (
            vec![put_off("F2600195", &now, "2026-08-22")],
            Code::InvalidArgument,
            "CS0107",
            "An invoice cannot be due before it is issued.",
        ),
        (vec![later.clone(), later], Code::FailedPrecondition, "CS0117", "split the unit of work"),
    ];
    for (operations, expected, its_code, words) in table {
        let error = client.apply(unit("k2", &operations)).await.expect_err(words);
        assert_eq!(code(&error), (expected, its_code.to_owned()));
        assert!(error.message().contains(words), "{}", error.message());
    }
}
