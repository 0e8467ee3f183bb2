//! A new application runs as it was made: its number answers, what is asked for is written down,
//! and whoever wants to talk comes to the agent, who has the script.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Desk, Installation, Phone, Plan, State, run};

const NUMBER: &str = "0305550100";
const EVA: &str = "0612345678";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_application_answers_its_number_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let application = folder.path().join("my-company");
    let path = application.to_str().expect("a plain path");
    let made = run(&["new", path]);
    assert!(made.status.success(), "{made:?}");
    let again = run(&["new", path]);
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && said.contains("is there already"), "{said}");
    let checked = run(&["check", path]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("no findings"), "{checked:?}");
    let tested = run(&["script", "test", path]);
    assert!(tested.status.success(), "{tested:?}");

    let plan = Plan { application: application.clone(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let to = system.sip.to_string();
    let called = run(&["call", NUMBER, "--to", &to, "--from", EVA, "--dtmf", "1"]);
    assert!(called.status.success(), "{called:?}");
    let database = system.data().join("storage-manager/company.sqlite");
    let database = format!("sqlite:{}", database.display());
    let query = ["objects", "query", "Request", "customer.number eq '100001'"];
    let found = run(&[&query[..], &["--model", path, "--database", &database]].concat());
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(found.matches("call back").count(), 1, "{found}");

    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    anna.become_ready().await;
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, NUMBER, EVA);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    anna.until_state(AgentState::Offered).await;
    phone.answer();
    anna.until_state(AgentState::Talking).await;
    anna.answer("wish", "talk").await;
    assert_eq!(anna.outcome().await, "talked");
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
}
