//! Components prove by certificates who they are, and a component of somebody else has a right of
//! its own to be here, which can be taken back.

use std::process::Output;

use caruso_tests::{Installation, Plan, until};
use serde_json::Value;

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(output)))
}

/// The components that are there under a name.
fn named(system: &Installation, name: &str) -> Option<Vec<Value>> {
    let directory = system.services()?;
    let all = directory["components"].as_array()?;
    Some(all.iter().filter(|it| it["component"] == name).cloned().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapper_of_somebody_else_is_let_in_by_its_own_token_and_shut_out_by_taking_it_back() {
    let mut system = Installation::of_processes(Plan::default()).await;
    let directory = system.services().expect("it serves");
    assert_eq!(directory["is_development"], false);
    for component in directory["components"].as_array().expect("a list") {
        for offer in component["offers"].as_array().expect("a list") {
            let is_for_browsers = ["caruso.desk.v1.Desk", "caruso.web.v1.Pages"]
                .contains(&offer["interface"].as_str().expect("a name"));
            let address = offer["address"].as_str().expect("an address");
            assert_eq!(address.starts_with("https://"), !is_for_browsers, "{offer}");
        }
    }

    let file = system.data().join("erp.token");
    let path = file.to_str().expect("a plain path");
    let token = |arguments: &[&str]| {
        system.run(&[&["--format", "json", "services", "token"], arguments].concat())
    };
    let create = ["create", "--component", "erp", "--out", path];
    let made = token(&create);
    let id = document(&made)["id"].as_str().expect("an id").to_owned();
    assert!(!told(&made).contains(&std::fs::read_to_string(&file).expect("written")));
    let again = token(&create);
    assert!(told(&again).contains("cannot make the file"), "nothing is written over");
    let wrong = token(&["create", "--component", "erp", "--uses", "0"]);
    assert!(told(&wrong).contains("[CR0119]"), "{}", told(&wrong));

    system.stop("erp");
    system.start_with("erp", &file);
    system.until_serves("erp").await;
    let token = |arguments: &[&str]| {
        system.run(&[&["--format", "json", "services", "token"], arguments].concat())
    };
    let listed = document(&token(&["list"]));
    let listed = &listed["join_tokens"][0];
    assert_eq!((&listed["id"], &listed["used"]), (&Value::from(&*id), &1.into()));
    assert_eq!(listed["state"], "used up");

    let revoked = token(&["revoke", &id]);
    assert!(revoked.status.success(), "{}", told(&revoked));
    until("it is gone", async || named(&system, "erp")?.is_empty().then_some(())).await;
    assert_eq!(document(&token(&["list"]))["join_tokens"][0]["state"], "revoked");
    let unknown = token(&["revoke", "ffffffff"]);
    assert!(told(&unknown).contains("[CR0121]"), "{}", told(&unknown));
    system.stop("erp");
    system.start_with("erp", &file);
    until("it is told why it is not let in", async || {
        system.log("erp").contains("the join token was revoked [CR0115]").then_some(())
    })
    .await;
    // the right of the installation's owner is another one
    system.stop("erp");
    system.start("erp");
    system.until_serves("erp").await;
}
