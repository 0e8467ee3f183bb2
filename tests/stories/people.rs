//! Somebody begins to work here while everything runs.

use caruso_tests::{Company, Desk, Installation, Plan};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_agent_is_added_and_logs_in_and_one_who_leaves_does_not_any_more() {
    let plan = Plan { company: Company::OwnFile, ..Plan::default() };
    let system = Installation::up(plan).await;
    let people = |arguments: &[&str]| {
        let output = system.run(&[&["--format", "json", "people"], arguments].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let eva = ["--display-name", "Eva Smit", "--role", "agent", "--team", "service"];
    let phone = ["--extension", "104", "--skill", "gas=3"];
    let (is_done, said, error) = people(&[&["add", "eva"], &eva[..], &phone[..]].concat());
    assert!(is_done, "{error}");
    let added: Value = serde_json::from_str(&said).expect("a document");
    assert_eq!((&added["team"], &added["skills"]["gas"]), (&"service".into(), &3.into()));
    let password = added["password"].as_str().expect("it is said once");
    assert!(added["device_secret"].as_str().is_some_and(|secret| secret.len() == 16));
    let desk = Desk::log_in_with(&system.http, "eva", password).await;
    drop(desk.expect("she logs in"));

    let (is_done, _, error) = people(&["add", "x", "--role", "agent", "--extension", "104"]);
    assert!(!is_done && error.contains("somebody has the extension 104 [CI0105]"), "{error}");
    let (is_done, _, error) = people(&["remove", "admin"]);
    assert!(!is_done && error.contains("the last administrator [CI0106]"), "{error}");
    let (is_done, said, _) = people(&["change", "eva", "--skill", "gas=5"]);
    assert!(is_done && said.contains("\"gas\":5") && said.contains("\"password\":null"), "{said}");

    assert!(people(&["remove", "eva"]).0);
    let gone = Desk::log_in_with(&system.http, "eva", password).await.expect_err("nobody");
    assert!(gone.message().contains("wrong name or password"), "{gone:?}");
    let (_, said, _) = people(&["list"]);
    assert!(said.contains("\"anna\"") && !said.contains("\"eva\""), "{said}");
}
