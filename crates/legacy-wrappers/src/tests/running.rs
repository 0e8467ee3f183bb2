//! The component as a whole: with a real service manager and the example's release.

use std::collections::BTreeMap;

use caruso_api::storage::v1::{Value as ProtoValue, value::Kind};
use caruso_api::wrapper::v1 as proto;
use caruso_component::permissions::names::SCRIPT_ENGINE;
use caruso_component::{Component, Options, Release};
use caruso_service_manager::ServiceManager;
use proto::actions_client::ActionsClient;

use super::*;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/utilities");
const ACTIONS: &str = "caruso.wrapper.v1.Actions";

/// Everything of the example but its sound.
pub(super) fn example() -> Release {
    let mut files = BTreeMap::new();
    collect(Path::new(EXAMPLE), &mut files);
    Release::new(files.into_iter().map(|(path, content)| (path, content.into())).collect())
}

fn collect(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the example is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let name = path.strip_prefix(EXAMPLE).expect("below the example").to_string_lossy();
            files.insert(name.into_owned(), fs::read(&path).expect("readable"));
        }
    }
}

fn order() -> proto::InvokeRequest {
    let arguments = [
        ("customer", "100017"),
        ("connection", "871687110000012345"),
        ("kind", "meter"),
        ("urgency", "normal"),
    ];
    let text = |(name, value): (&str, &str)| {
        (name.to_owned(), ProtoValue { kind: Some(Kind::Text(value.to_owned())) })
    };
    proto::InvokeRequest {
        operation: "create_service_order".into(),
        arguments: arguments.map(text).into(),
        idempotency_key: "key".into(),
        actor: "anna".into(),
    }
}

#[tokio::test]
async fn the_script_engine_orders_a_technician_through_the_service_manager() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stop = CancellationToken::new();
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().join("manager"),
        is_development: true,
        release: Some(example()),
    };
    let manager = ServiceManager::bind(options).await.expect("a free port");
    let address = manager.address();
    let managing = tokio::spawn(manager.serve(stop.child_token()));
    let data = folder.path().join("erp");
    let leave = stop.child_token();
    let options = Options::new(&address).with_data(&data);
    let wrapper = tokio::spawn(crate::run(options, "erp", leave.clone()));

    let joined = Component::join(Options::new(&address), SCRIPT_ENGINE, stop.child_token());
    let engine = joined.await.expect("joined");
    let offer = timeout(PATIENCE, engine.directory().handle(ACTIONS).offered()).await;
    assert_eq!(offer.expect("this test needs python3").component, "erp");
    let mut client = ActionsClient::new(engine.caller(ACTIONS));
    let done = client.invoke(order()).await.expect("the ERP takes it").into_inner();
    assert_eq!(done.results["order"].kind, Some(Kind::Text("SO-10001".into())));
    let orders = fs::read_to_string(data.join("files/service-orders.csv")).expect("written");
    assert!(orders.contains("SO-10001"), "{orders}");

    leave.cancel();
    let left = timeout(PATIENCE, wrapper).await.expect("in time").expect("no panic");
    left.expect("a clean end");
    stop.cancel();
    managing.await.expect("no panic").expect("a clean end");
}
