//! Somebody looks into a running system, and calls what is in it by name.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use caruso_tests::{Desk, Installation, Plan, run, until};
use serde_json::{Value, json};

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn components_interfaces_and_calls_are_seen_and_called_by_name() {
    let system = Installation::up(Plan::default()).await;
    let _desk = Desk::log_in(&system.http, "anna").await;
    let services = |arguments: &[&str]| {
        let before = ["services", "--service-manager", &system.service_manager];
        run(&[&before, arguments].concat())
    };
    let document = |arguments: &[&str]| -> Value {
        let output = services(&[&["--format", "json"], arguments].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(&output)))
    };

    let listed = document(&[]);
    let components = listed["components"].as_array().expect("components");
    let storage = components.iter().find(|it| it["component"] == "storage-manager");
    let offer = &storage.expect("it serves")["offers"][0];
    assert_eq!(
        (&offer["interface"], &offer["level"]),
        (&json!("caruso.storage.v1.StorageManager"), &json!(1))
    );

    let sign_in = "caruso.contact.v1.Agents/SignIn";
    let users = until("the front office has told of its calls", async || {
        let users = document(&["who-uses", sign_in])["methods"][0]["users"].clone();
        users.as_array().is_some_and(|users| !users.is_empty()).then_some(users)
    })
    .await;
    assert_eq!(users[0]["component"], "front-office");
    assert!(users[0]["calls"]["calls"].as_u64().is_some_and(|calls| calls > 0), "{users}");
    let edges = document(&["graph"])["edges"].clone();
    let is_ours = |edge: &&Value| {
        edge["from"] == "front-office" && edge["interface"] == "caruso.contact.v1.Agents"
    };
    let edge = edges.as_array().expect("edges").iter().find(is_ours).expect("a call was told");
    assert_eq!(edge["to"], "communication-server");
    let field = told(&services(&["who-uses", "caruso.storage.v1.Value"]));
    assert!(field.contains("caruso.wrapper.v1.Actions/Invoke\n"), "{field}");

    let described = document(&["describe", "caruso.telephony.v1.Telephone"]);
    assert_eq!(described["contracts"][0]["offered_by"], json!(["communication-server 0.1.0"]));
    assert!(described["text"].as_str().is_some_and(|text| text.contains("rpc Describe(")));
    let component = told(&services(&["describe", "communication-server"]));
    assert!(component.contains("offers caruso.telephony.v1.Telephone at http"), "{component}");

    let telephone: Value = {
        let output = services(&["invoke", "caruso.telephony.v1.Telephone/Describe"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(&output)))
    };
    assert!(telephone.is_object(), "{telephone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_may_try_what_the_command_line_may_not() {
    let system = Installation::up(Plan::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    fs::write(&password, "demo\n").expect("written");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("ours");
    let password = password.to_str().expect("a plain path");
    let invoke = |method: &str, arguments: &[&str]| {
        let before = ["services", "--service-manager", &system.service_manager, "invoke", method];
        run(&[&before, arguments].concat())
    };
    let order = json!({
        "operation": "create_service_order",
        "idempotency_key": "by-hand-1",
        "arguments": {
            "customer": { "text": "100017" }, "connection": { "text": "871687120000000017" },
            "kind": { "text": "no_supply" }, "urgency": { "text": "normal" },
        },
    })
    .to_string();
    let actions = "caruso.wrapper.v1.Actions/Invoke";
    let erp = ["--component", "erp"];
    let alone = invoke(actions, &[&[order.as_str()], &erp[..]].concat());
    assert_eq!(alone.status.code(), Some(1));
    assert!(told(&alone).contains("command-line may not call /caruso.wrapper.v1.Actions/Invoke"));
    assert!(told(&alone).contains("[CA0103]"), "{}", told(&alone));
    for (user, is_done) in [("anna", false), ("admin", true)] {
        let by = ["--user", user, "--password-file", password];
        let output = invoke(actions, &[&[order.as_str()], &erp[..], &by[..]].concat());
        assert_eq!(output.status.success(), is_done, "{user}: {}", told(&output));
        if is_done {
            let answer: Value = serde_json::from_slice(&output.stdout).expect("a document");
            let number = answer["results"]["order"]["text"].as_str();
            assert!(number.is_some_and(|number| number.starts_with("SO-")), "{answer}");
        }
    }
    let by = ["--user", "admin", "--password-file", password];
    let listed = invoke("caruso.registry.v1.Registry/ListComponents", &[&["{}"], &by[..]].concat());
    assert!(told(&listed).contains("\"component\":\"storage-manager\""), "{}", told(&listed));
    for (method, request, words) in [
        (
            "caruso.wrapper.v1.Actions/Nothing",
            "{}",
            "no contract has caruso.wrapper.v1.Actions.Nothing",
        ),
        (actions, "{", "the request is no JSON"),
        (actions, r#"{"opration": "x"}"#, "the request is no caruso.wrapper.v1.InvokeRequest"),
        (actions, "{} {}", "takes one request, not 2"),
        ("nothing", "{}", "no contract has nothing"),
    ] {
        let output = invoke(method, &[request]);
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(told(&output).contains(words), "{method} {request}: {}", told(&output));
    }
}
