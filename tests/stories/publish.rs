//! Another release comes into force while people talk: nobody is cut off, what does not fit is
//! refused by who cannot work with it, and the release before is a command away.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State, sound, until};
use serde_json::Value;

const MAIN: &str = "0305550100";
/// A number of the next release.
const LATER: &str = "0305550155";
const EVA: &str = "0612345678";
const CUSTOMER_HERTZ: u32 = 1_000;

/// What `caruso publish` prints, and whether it succeeded.
fn publish(system: &Installation, arguments: &[&str]) -> (Value, bool) {
    let output = system.run(&[&["--format", "json", "publish"], arguments].concat());
    let said = serde_json::from_slice(&output.stdout);
    (said.unwrap_or_else(|_| panic!("{output:?}")), output.status.success())
}

/// Who refuses it, with what they say.
fn refusals(said: &Value) -> Vec<(String, String)> {
    let answers = said["answers"].as_array().expect("answers").iter();
    let refusing = answers.filter(|it| it["refusals"].as_array().is_some_and(|it| !it.is_empty()));
    let told = refusing.map(|it| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&it["component"]), text(&it["refusals"][0]))
    });
    told.collect()
}

async fn calls(system: &Installation, number: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, number, EVA);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    customer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_comes_into_force_while_people_talk_and_goes_again() {
    let copy = Copy::new();
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let system = Installation::of_processes(plan).await;
    let application = copy.path().to_str().expect("a path of text");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    anna.become_ready().await;
    let customer = calls(&system, MAIN).await;
    anna.until_state(AgentState::Offered).await;
    phone.answer();
    let talks = anna.until_state(AgentState::Talking).await;
    let waiting = calls(&system, MAIN).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    until("another customer waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| !it.waiting.is_empty())
    })
    .await;

    // a column that the tables do not have
    let column = "name=\"notes\" column=\"MEMO\"";
    copy.replace("objects/customers.xml", column, "name=\"notes\" column=\"OTHER\"");
    let (said, is_published) = publish(&system, &[application]);
    assert!(!is_published && said["is_in_force"] == false, "{said}");
    let [(component, why)] = &refusals(&said)[..] else { panic!("{said}") };
    assert!(component == "storage-manager" && why.contains("OTHER"), "{said}");
    copy.replace("objects/customers.xml", "name=\"notes\" column=\"OTHER\"", column);

    copy.replace(
        "routing.xml",
        "<number called=\"0305550100 +31305550100\"",
        &format!("<number called=\"{LATER} 0305550100 +31305550100\""),
    );
    copy.replace(
        "routing.xml",
        "<disposition id=\"calls-back\">",
        "<disposition id=\"sent-to-web\"><title language=\"en\">Does it on the web</title>\
         </disposition><disposition id=\"calls-back\">",
    );
    copy.replace("scripts/moving-house.xml", "version=\"1.0.0\"", "version=\"1.1.0\"");
    let (rehearsed, could_be) = publish(&system, &[application, "--rehearse"]);
    assert!(could_be && rehearsed["is_in_force"] == false, "{rehearsed}");
    let (said, is_published) = publish(&system, &[application]);
    assert!(is_published && said["is_in_force"] == true, "{said}");
    let changes = &said["changes"];
    assert_eq!(changes[0]["path"], "routing.xml", "{changes}");
    assert_eq!(changes[1]["path"], "scripts/moving-house.xml", "{changes}");
    assert_eq!(changes[1]["version"], "1.1.0", "{changes}");

    // they still hear each other, and what is new counts for who talks already
    customer.speak(CUSTOMER_HERTZ);
    until("they hear each other", async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&talks.contact_id, "sent-to-web").await;
    let next = anna.until_state(AgentState::Offered).await;
    assert_ne!(next.contact_id, talks.contact_id, "who waits is next");
    phone.answer();
    anna.until_state(AgentState::Talking).await;
    waiting.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&next.contact_id, "sent-to-web").await;
    calls(&system, LATER).await.hang_up();

    let (back, is_published) = publish(&system, &["--back"]);
    assert!(is_published && back["digest"] == said["replaced"], "{back}");
    let nobody = Phone::open(system.sip.ip()).await;
    nobody.call(system.sip, LATER, EVA);
    nobody.until("nobody is there", |state| matches!(state, State::Ended(_))).await;
}
