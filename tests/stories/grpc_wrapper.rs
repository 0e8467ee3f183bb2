//! A program that serves gRPC, in Python, is a wrapper like any other: it is tried, joins a running
//! system, is started again when it dies, and is drained.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caruso_api::storage::v1::{Value, value::Kind};
use caruso_api::wrapper::v1::actions_client::ActionsClient;
use caruso_api::wrapper::v1::objects_client::ObjectsClient;
use caruso_api::wrapper::v1::{GetRequest, InvokeRequest};
use caruso_component::permissions::names::{SCRIPT_ENGINE, STORAGE_MANAGER};
use caruso_component::{Component, Options};
use caruso_tests::{Copy, Process, python_with_grpc, run, until};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const ACTIONS: &str = "caruso.wrapper.v1.Actions";
const OBJECTS: &str = "caruso.wrapper.v1.Objects";
const DECLARED: &str = r#"  <wrapper name="orders" program="orders/none.py">
    <operation name="place_order">
      <parameter name="customer" type="text"/>
      <parameter name="text" type="text" required="no"/>
      <result name="order" type="text"/>
    </operation>
    <operation name="cancel_order"><parameter name="order" type="text"/></operation>
  </wrapper>

  <history"#;
const MODEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects wrapper="orders" country="NL">
  <class id="o" name="Order" key="number" writable="yes">
    <attribute id="o1" name="number" type="text" required="yes"/>
    <attribute id="o2" name="customer" type="text"/>
    <attribute id="o3" name="text" type="text"/>
    <attribute id="o4" name="state" type="text"/>
    <index attributes="customer"/>
  </class>
</business-objects>"#;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example() -> String {
    checkout().join("examples/grpc-wrapper/orders.py").display().to_string()
}

/// The example company, whose orders are held and made by a program of the machine.
fn company() -> Copy {
    let copy = Copy::new();
    copy.replace("application.xml", "  <history", DECLARED);
    fs::write(copy.path().join("objects/orders.xml"), MODEL).expect("writable");
    fs::create_dir(copy.path().join("orders")).expect("writable");
    let none = "raise SystemExit('the program of the machine is meant')";
    fs::write(copy.path().join("orders/none.py"), none).expect("writable");
    copy
}

/// The program `caruso`, for programs that find the contracts in `proto`.
fn caruso() -> Command {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.ancestors().nth(2).expect("tests stand in target/<profile>/deps");
    let mut command = Command::new(target.join("caruso"));
    command.args(["--format", "json"]).env("PYTHONPATH", checkout().join("proto"));
    command
}

#[test]
fn a_program_that_serves_grpc_passes_every_case_as_one_that_reads_lines_does() {
    let Some(python) = python_with_grpc() else { return };
    let copy = company();
    let examples = example().replace(".py", ".test.toml");
    let mut test = caruso();
    test.args(["wrapper", "test", "orders", "--strict", "--examples", &examples, "--app"]);
    test.arg(copy.path()).args(["--grpc", "--", &python, &example()]);
    let tried = test.output().expect("the program was built");
    let report: Json = serde_json::from_slice(&tried.stdout).expect("a report");
    let cases = report["cases"].as_array().expect("a list");
    let others: Vec<_> = cases.iter().filter(|case| case["outcome"] != "passed").collect();
    assert!(others.is_empty() && tried.status.success(), "{others:#?} {tried:?}");
    for name in ["describes", "wrong-type", "same-key-killed", "undo", "pages", "stale", "delete"] {
        assert!(cases.iter().any(|case| case["case"] == name), "{name}: {report:#}");
    }

    // one that reads lines serves nothing
    let mut test = caruso();
    test.args(["wrapper", "test", "orders", "--app"]).arg(copy.path());
    let silent = ["--grpc", "--", "sh", "-c", "echo no gRPC here >&2; exit 3"];
    let tried = test.args(silent).output().expect("the program was built");
    let said = String::from_utf8_lossy(&tried.stdout);
    assert!(!tried.status.success() && said.contains("exit status: 3"), "{said}");
    assert!(said.contains("no gRPC here"), "{said}");
}

/// The application may have such a program, which is then started by `python3`.
#[test]
fn a_program_of_the_application_that_serves_grpc_is_tried_as_it_is_declared() {
    let Some(python) = python_with_grpc() else { return };
    let copy = company();
    copy.replace("application.xml", "orders/none.py\"", "orders/orders.py\" speaks=\"grpc\"");
    for file in ["orders.py", "orders.test.toml"] {
        let example = checkout().join("examples/grpc-wrapper").join(file);
        fs::copy(example, copy.path().join("orders").join(file)).expect("a copy");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = Path::new(&python).parent().map(Path::to_owned).into_iter();
    let path = std::env::join_paths(own.chain(std::env::split_paths(&path)));
    let mut test = caruso();
    test.args(["wrapper", "test", "orders", "--strict", "--app"]).arg(copy.path());
    let tried = test.env("PATH", path.expect("paths")).output().expect("the program was built");
    assert!(tried.status.success(), "{tried:?}");
}

fn order(key: &str) -> InvokeRequest {
    let customer = Value { kind: Some(Kind::Text("100001".into())) };
    InvokeRequest {
        operation: "place_order".into(),
        arguments: [("customer".to_owned(), customer)].into(),
        idempotency_key: key.into(),
        actor: "anna".into(),
    }
}

/// What `caruso services` says of the wrapper, once it serves.
fn serving(address: &str) -> Option<Json> {
    let output = run(&["--format", "json", "services", "--service-manager", address]);
    let directory: Json = serde_json::from_slice(&output.stdout).ok()?;
    let components = directory["components"].as_array()?;
    let orders = components.iter().find(|it| it["component"] == "orders")?;
    let offers = orders["offers"].as_array()?.len();
    (orders["state"] == "serving" && offers > 0).then(|| orders.clone())
}

async fn joined(address: &str, name: &str) -> Component {
    let joined = Component::join(Options::new(address), name, CancellationToken::new()).await;
    joined.expect("everybody may join in development")
}

/// A running system with the program as its wrapper.
struct System {
    wrapper: Process,
    _manager: Process,
    address: String,
    folder: TempDir,
    _copy: Copy,
}

impl System {
    async fn start(python: &str) -> Self {
        let (copy, folder) = (company(), tempfile::tempdir().expect("a temporary folder"));
        let data = folder.path().join("data");
        let mut manager = caruso();
        manager.args(["run", "service-manager", "--listen", "127.0.0.1:0", "--dev", "--data"]);
        manager.arg(&data).arg(copy.path());
        let manager = Process::start("manager", &mut manager, folder.path());
        let address = until("the service manager is ready", async || {
            let printed = manager.printed();
            let event: Json = serde_json::from_str(printed.lines().next()?).ok()?;
            event["service_manager"].as_str().map(str::to_owned)
        })
        .await;
        let mut wrap = caruso();
        wrap.args(["wrap", "orders", "--grpc", "--dev", "--service-manager", &address, "--data"]);
        // it says which process it is, so that it can be killed
        let script = "echo $$ > pid.new; mv pid.new pid; exec \"$0\" \"$1\"";
        wrap.arg(&data).args(["--", "sh", "-c", script, python, &example()]);
        let wrap = wrap.current_dir(folder.path());
        let wrapper = Process::start("wrapper", wrap, folder.path());
        until("the wrapper serves", async || serving(&address)).await;
        Self { wrapper, _manager: manager, address, folder, _copy: copy }
    }

    /// The process of the program.
    fn process(&self) -> Pid {
        let text = fs::read_to_string(self.folder.path().join("pid")).expect("it runs");
        text.trim().parse().ok().and_then(Pid::from_raw).expect("a process")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_serves_grpc_ends_with_its_host_however_that_ends() {
    let Some(python) = python_with_grpc() else { return };
    let mut system = System::start(&python).await;
    let process = system.process();
    test_kill_process(process).expect("it runs");
    system.wrapper.kill();
    until("the program has ended", async || test_kill_process(process).err()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_serves_grpc_is_called_started_again_and_drained() {
    let Some(python) = python_with_grpc() else { return };
    let mut system = System::start(&python).await;
    let address = system.address.clone();
    let engine = joined(&address, SCRIPT_ENGINE).await;
    engine.directory().handle(ACTIONS).offered().await;
    let mut actions = ActionsClient::new(engine.caller(ACTIONS));
    let first = actions.invoke(order("k1")).await.expect("it is placed").into_inner();
    assert_eq!(first.results["order"].kind, Some(Kind::Text("O-1".into())));
    let wrong = actions.invoke(InvokeRequest { operation: "other".into(), ..order("k2") }).await;
    let wrong = wrong.expect_err("there is no such operation");
    assert_eq!(wrong.code(), tonic::Code::InvalidArgument, "{wrong}");

    let before = system.process();
    kill_process(before, Signal::KILL).expect("it is ours");
    let again = until("it is started again", async || {
        let placed = actions.clone().invoke(order("k3")).await.ok()?;
        (system.process() != before).then(|| placed.into_inner())
    })
    .await;
    assert_eq!(again.results["order"].kind, Some(Kind::Text("O-2".into())));

    let storage = joined(&address, STORAGE_MANAGER).await;
    storage.directory().handle(OBJECTS).offered().await;
    let mut objects = ObjectsClient::new(storage.caller(OBJECTS));
    let keys = ["O-1", "O-2", "O-3"].map(str::to_owned).to_vec();
    let found =
        objects.get(GetRequest { class: "Order".into(), keys }).await.expect("they are read");
    let found = found.into_inner().objects;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].values["state"].kind, Some(Kind::Text("placed".into())));

    let serves = serving(&address).expect("it serves");
    let instance = serves["instance"].as_str().expect("an instance");
    let drained = run(&["services", "--service-manager", &address, "drain", instance]);
    assert!(drained.status.success(), "{drained:?}");
    let ended = until("the wrapper has left", async || system.wrapper.ended()).await;
    assert!(ended.success(), "{}", system.wrapper.complained());
}
