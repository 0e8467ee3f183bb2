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

/// A service manager with this release; its address, and its end.
async fn managing(
    release: Release,
    folder: &Path,
    stop: &CancellationToken,
) -> (String, JoinHandle<()>) {
    let options = caruso_service_manager::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.join("manager"),
        is_development: true,
        release: Some(release),
    };
    let manager = ServiceManager::bind(options).await.expect("a free port");
    let address = manager.address();
    let serving = manager.serve(stop.child_token());
    (address, tokio::spawn(async { serving.await.expect("a clean end") }))
}

#[tokio::test]
async fn a_program_of_this_machine_takes_the_place_of_that_in_the_release_and_is_started_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stop = CancellationToken::new();
    let mut files = example().files().clone();
    files.insert("erp/erp.py".into(), "raise SystemExit('not this one')".into());
    let (address, managing) = managing(Release::new(files), folder.path(), &stop).await;
    // works where it stands, is told what it is told, dies once after its first answer
    let place = tempfile::tempdir().expect("a temporary folder");
    let script = "pwd > place; echo \"$1\" > told; echo x >> starts
        [ \"$(wc -l < starts)\" -eq 1 ] || exec python3 \"$1\"
        head -n 2 | python3 \"$1\"";
    script_file(place.path(), "erp.sh", script);
    let program = crate::OwnProgram {
        file: "./erp.sh".into(),
        arguments: vec![erp::PROGRAM.into()],
        speaks: Speaks::Lines,
        folder: place.path().to_owned(),
    };
    let data = folder.path().join("erp");
    let leave = stop.child_token();
    let options = Options::new(&address).with_data(&data);
    let wrapper = tokio::spawn(crate::wrap(options, "erp", program, leave.clone()));

    let joined = Component::join(Options::new(&address), SCRIPT_ENGINE, stop.child_token());
    let engine = joined.await.expect("joined");
    let offer = timeout(PATIENCE, engine.directory().handle(ACTIONS).offered()).await;
    assert_eq!(offer.expect("this test needs python3").component, "erp");
    let mut client = ActionsClient::new(engine.caller(ACTIONS));
    let first = timeout(PATIENCE, client.invoke(order())).await.expect("in time");
    let first = first.expect("the ERP takes it").into_inner();
    let again = async {
        loop {
            let other = proto::InvokeRequest { idempotency_key: "other".into(), ..order() };
            if let Ok(done) = client.invoke(other).await {
                return done.into_inner();
            }
            tokio::task::yield_now().await;
        }
    };
    let second = timeout(PATIENCE, again).await.expect("it was started again");
    assert_ne!(first.results["order"], second.results["order"]);
    let kept = |name: &str| fs::read_to_string(place.path().join(name)).unwrap_or_default();
    assert_eq!(kept("starts"), "x\nx\n");
    assert!(kept("told").trim_end().ends_with("erp.py"), "{}", kept("told"));
    assert!(data.join("files/service-orders.csv").is_file(), "its data are the wrapper's");

    leave.cancel();
    let left = timeout(PATIENCE, wrapper).await.expect("in time").expect("no panic");
    left.expect("a clean end");
    stop.cancel();
    managing.await.expect("no panic");
}

#[tokio::test]
async fn the_script_engine_orders_a_technician_through_the_service_manager() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stop = CancellationToken::new();
    let (address, managing) = managing(example(), folder.path(), &stop).await;
    let data = folder.path().join("erp");
    let leave = stop.child_token();
    let options = Options::new(&address).with_data(&data);
    let wrapper = tokio::spawn(crate::run(options, "erp", Installation::default(), leave.clone()));

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
    managing.await.expect("no panic");
}
